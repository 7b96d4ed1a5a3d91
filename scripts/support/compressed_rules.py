"""Alert rules for watching: the same rules, with every duration divided, so that what takes a
quarter of an hour takes seconds. Durations are those of PromQL (15m) and numbers that are seconds:
what an expression in seconds is compared with, how far predict_linear looks, and what a rule that
records seconds begins with. Not a YAML parser: a line that it does not know is an error."""

import math
import re
from typing import NamedTuple

_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = r"(?:\d+(?:ms|[smhdw]))+"
_ENTRY = re.compile(r"( *)(- )?([\w-]+):(?: (.*))?")
_BLOCKS = {"|", ">-"}
_WAITS = {"for", "keep_firing_for"}
_TEXTS = {"name", "alert", "record", "expr", "labels", "annotations", "rules", "groups",
          "severity", "summary", "description", "advice", "summary_zh", "description_zh", "advice_zh",
          "runbook_url", "dashboard_url", "cause", "words", "words_zh"}
# A range or an offset; a subquery [5m:1m] is refused, as nobody needs one yet.
_IN_EXPRESSION = re.compile(rf"(?:(?<=\[)|(?<=\boffset ))({_DURATION})(?=\]|[\s)]|$)")
_ANY_RANGE = re.compile(r"\[[^\]]*\]|\boffset\b")
_NUMBER = r"(?<![\w.:])\d+(?:\.\d+)?(?![\w.:])"
_PRODUCT = rf"{_NUMBER}(?:\s*\*\s*{_NUMBER})*"
_COMPARED = re.compile(rf"(?:[<>]=?|[!=]=)\s*(?:bool\s+)?({_PRODUCT})(?!\s*[*/+%^-])")
_TURNED = re.compile(rf"{_PRODUCT}\s*(?:[<>]=?|[!=]=)")
_HORIZON = re.compile(rf",\s*({_PRODUCT})\s*$")
_FACTOR = re.compile(rf"({_PRODUCT})\s*\*\s*group\b")
_SECONDS = re.compile(r"\w+[_:]seconds\b|\btime\(\)|\btimestamp\(")
_SET_OPERATOR = re.compile(r"(?:and|or|unless)\b")
_HIDDEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{[^}]*\}|\[[^\]]*\]')


class UnknownRule(ValueError):
    """The file says something that cannot be divided by what is known here."""


class Least(NamedTuple):
    """Seconds that no duration goes below."""
    range: float  # and offsets: they must hold several scrapes
    wait: float  # and numbers of seconds
    interval: float  # of a group: between two evaluations nothing is new


def compress(text, factor, least):
    """The rules with all durations divided by `factor`, but for what would be below `least`."""
    lines = text.splitlines()
    recorded = False  # the rule records seconds
    written = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            written.append(line)
            continue
        entry = _ENTRY.fullmatch(line)
        if not entry or entry[3] not in _WAITS | _TEXTS | {"interval"}:
            raise UnknownRule(f"line {at}: {line}")
        indent, dash, key, value = entry.groups()
        block = []
        if value in _BLOCKS:
            while at < len(lines) and _belongs(lines[at], len(indent)):
                block.append(lines[at])
                at += 1
        if key in ("record", "alert"):
            recorded = key == "record" and value.endswith(":seconds")
        if key in _WAITS or key == "interval":
            shortest = least.wait if key in _WAITS else least.interval
            line = f"{indent}{dash or ''}{key}: {_divided(value, factor, shortest)}"
        elif key == "expr":
            said = _seconds("\n".join([line, *block]), recorded, factor, least.wait)
            line, *block = _expression(said, factor, least.range)
        written += [line, *block]
    return "\n".join(written) + "\n"


def _belongs(line, indent):
    return not line.strip() or line.startswith(" " * (indent + 1))


def _seconds(text, recorded, factor, least):
    """The expression with its numbers of seconds divided; 0 stays 0."""
    shown = _HIDDEN.sub(lambda found: " " * len(found[0]), text)  # what is left is as long
    if _TURNED.search(shown):
        raise UnknownRule(f"a number that stands before a comparison: {text}")
    spans = [found.span(1) for found in _COMPARED.finditer(shown)
             if _SECONDS.search(_operand(shown, found.start()))]
    for found in re.finditer(r"\bpredict_linear\(", shown):
        end = _end_of_call(shown, found.end())
        horizon = _HORIZON.search(shown[found.end():end])
        if not horizon:
            raise UnknownRule(f"predict_linear without a plain number of seconds: {text}")
        spans.append(tuple(found.end() + at for at in horizon.span(1)))
    if recorded:
        spans += [found.span(1) for found in _FACTOR.finditer(shown)]
    for begin, end in sorted(set(spans), reverse=True):
        number = math.prod(float(each) for each in re.findall(_NUMBER, text[begin:end]))
        divided = max(number / factor, least) if number else 0
        text = f"{text[:begin]}{divided:.10g}{text[end:]}"
    return text


def _operand(text, end):
    """What stands left of a comparison at `end`, to the parenthesis or set operator before it."""
    depth = 0
    for at in range(end - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[at], 0)
        word = depth == 0 and not text[at - 1:at].isalnum() and _SET_OPERATOR.match(text, at)
        if depth < 0 or word:
            return text[at + 1:end]
    return text[:end]


def _end_of_call(text, begin):
    depth = 1
    for at in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise UnknownRule(f"a parenthesis that does not end: {text}")


def _expression(text, factor, least):
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
