"""make_seeds.py FOLDER: what the fuzzers begin with, one file an input, in FOLDER/<target>."""

import json
import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).parent
REAL_RECORDS = HERE.parent / "data/dead_letters/real.jsonl"
MAX_HEADERS = 23
NULL = 255
PROGRESSES = [
    (0, ""),
    (7, "committed by somebody else"),
    (7, "backlogd-dlq 2 logged=1"),
    (7, "backlogd-dlq 1 reviewed=1 redelivered=12 logged=18446744073709551615 discarded=3"),
    (5, "backlogd-dlq 1 redelivered=12 ahead=AgMEAQ"),
    (5, "backlogd-dlq 1 ahead=gAGAAQ"),
    (0, "backlogd-dlq 1 ahead=_v________9_AQ"),
]


def known_names():
    """The names in dead_letter_fuzz.cc, in its order: an input names them by their places."""
    source = (HERE / "dead_letter_fuzz.cc").read_text()
    table = re.search(r"kNames\[\] = \{(.*?)\};", source, re.DOTALL)[1]
    return re.findall(r'"([^"]+)"', table)


def name_bytes(name, known):
    if name in known:
        return bytes([known.index(name)])
    text = name.encode()[:31]
    length = next(n for n in range(len(known), 255) if n % 32 == len(text))
    return bytes([length]) + text


def value_bytes(value):
    if value is None:
        return bytes([NULL])
    text = value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])
    if len(text) < NULL and len(text) % 8 != 7:
        return bytes([len(text)]) + text
    # A size whose remainder by 8 is 7 counts sixteen bytes each.
    size = min(len(text) // 16 // 8 * 8 + 7, 247)
    return bytes([size]) + text[: size * 16].ljust(size * 16)


def dead_letter_bytes(record, known):
    headers = record["headers"][:MAX_HEADERS]
    parts = [bytes([0, len(headers)])]
    for name, value in headers:
        parts += [name_bytes(name, known), value_bytes(value)]
    return b"".join(parts)


def seeds():
    """Yields target, name, bytes: of the real records, one a framework and reason."""
    known = known_names()
    for line in REAL_RECORDS.read_text().splitlines():
        record = json.loads(line)
        name = record["framework"] + "." + record["expected_reason"]
        yield "dead_letter", name, dead_letter_bytes(record, known)
    for i, (committed, text) in enumerate(PROGRESSES):
        yield "progress", str(i), struct.pack("=q", committed) + text.encode()


def main():
    for target, name, content in seeds():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
