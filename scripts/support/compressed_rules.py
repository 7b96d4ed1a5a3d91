"""Alert rules for watching: the same rules, with every duration divided, so that what takes a
quarter of an hour takes seconds. Not a YAML parser: a line that it does not know is an error."""

import re

_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = r"(?:\d+(?:ms|[smhdw]))+"
_ENTRY = re.compile(r"( *)(- )?([\w-]+):(?: (.*))?")
_BLOCKS = {"|", ">-"}
_WAITS = {"for", "keep_firing_for"}
_TEXTS = {"name", "alert", "record", "expr", "labels", "annotations", "rules", "groups", "severity",
          "summary", "description", "advice", "summary_zh", "description_zh", "advice_zh",
          "runbook_url", "dashboard_url", "cause", "words", "words_zh"}
# A range or an offset; a subquery [5m:1m] is refused, as nobody needs one yet.
_IN_EXPRESSION = re.compile(rf"(?:(?<=\[)|(?<=\boffset ))({_DURATION})(?=\]|[\s)]|$)")
_ANY_RANGE = re.compile(r"\[[^\]]*\]|\boffset\b")


class UnknownRule(ValueError):
    """The file says something that cannot be divided by what is known here."""


def compress(text, factor, range_seconds, wait_seconds):
    """The rules with all durations divided by `factor`, but ranges and offsets at least
    `range_seconds` (they must hold several scrapes), and waits at least `wait_seconds`."""
    lines = text.splitlines()
    written = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            written.append(line)
            continue
        entry = _ENTRY.fullmatch(line)
        if not entry or entry[3] not in _WAITS | _TEXTS:
            raise UnknownRule(f"line {at}: {line}")
        indent, dash, key, value = entry.groups()
        block = []
        if value in _BLOCKS:
            while at < len(lines) and _belongs(lines[at], len(indent)):
                block.append(lines[at])
                at += 1
        if key in _WAITS:
            line = f"{indent}{dash or ''}{key}: {_divided(value, factor, wait_seconds)}"
        elif key == "expr":
            line, *block = _expression([line, *block], factor, range_seconds)
        written += [line, *block]
    return "\n".join(written) + "\n"


def _belongs(line, indent):
    return not line.strip() or line.startswith(" " * (indent + 1))


def _expression(lines, factor, least):
    text = "\n".join(lines)
    if len(_ANY_RANGE.findall(text)) != len(_IN_EXPRESSION.findall(text)):
        raise UnknownRule(f"a range that is not plain: {text}")
    return _IN_EXPRESSION.sub(
        lambda found: _divided(found[1], factor, least), text).split("\n")


def _divided(duration, factor, least):
    if not re.fullmatch(_DURATION, duration or ""):
        raise UnknownRule(f"not a duration: {duration}")
    total = sum(int(number) * _MS[unit]
                for number, unit in re.findall(r"(\d+)(ms|[smhdw])", duration))
    return f"{max(round(total / factor), round(least * 1000))}ms"
