"""search_emissions.py FOLDER: fails if a secret that tests planted is in what our programs emitted,
as it is or encoded, and names the files and lines; or if a test ran and kept nothing.
FOLDER has a folder a test. Needs support.emissions and support.planted."""

import base64
import html
import json
import pathlib
import re
import sys
import urllib.parse

from support import emissions, planted

_SHOWN = 4  # letters of a secret


def forms_of(secret):
    """How a secret may be written, alone or amid other text: a set of bytes."""
    raw = secret.encode()
    texts = {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret),
             html.escape(secret), json.dumps(secret)[1:-1], raw.hex(), raw.hex().upper()}
    return {text.encode() for text in texts} | _base64_forms(raw)


def _base64_forms(raw):
    """The letters of base64 that depend on nothing around it, wherever it begins."""
    forms = set()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        first = -(-before * 8 // 6)
        whole = (before + len(raw)) * 8 // 6
        forms.add(coded[first:whole])
    return forms | {form.replace(b"+", b"-").replace(b"/", b"_") for form in forms}


def find_secrets(place, secrets):
    """Yields file, number of line, secret. Secrets are looked for in one pass a file."""
    of_form = {form: secret for secret in secrets for form in forms_of(secret)}
    longest_first = sorted(of_form, key=len, reverse=True)
    pattern = re.compile(b"|".join(map(re.escape, longest_first)))
    for file in emissions.kept_in(place):
        content = file.read_bytes()
        for found in pattern.finditer(content):
            yield file, content.count(b"\n", 0, found.start()) + 1, of_form[found.group()]


def idle_tests(place):
    """The tests that began, and kept nothing of the programs they are to run."""
    return [test.name for test in sorted(place.glob("*"))
            if test.is_dir() and not any(file.stat().st_size for file in emissions.kept_in(test))]


def main(place):
    secrets = {planted.MARKER, *planted.OTHERS, *emissions.planted_in(place)}
    problems = [f"{file}:{line}: shows a secret that begins with {secret[:_SHOWN]!r}"
                for file, line, secret in find_secrets(place, secrets)]
    problems += [f"{place / test}: nothing was kept, so nothing was looked at"
                 for test in idle_tests(place)]
    files = emissions.kept_in(place)
    if not files:
        problems.append(f"{place}: no test kept what our programs emitted")
    print(*problems, sep="\n", file=sys.stderr)
    size = sum(file.stat().st_size for file in files)
    print(f"{len(files)} files, {size:,} bytes, {len(secrets)} secrets, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
