"""Reads a rule file as ours are written: a small part of YAML, and an error for the rest."""

import re

_ENTRY = re.compile(r"( *)(- )?([\w-]+):(?: (.*))?")
_BLOCK_SIGNS = {"|", ">-"}


def read_alerts(path):
    """A list of {"alert": name, "expr": ..., "for": ..., "severity": ..., "summary": ..., ...}."""
    return [rule for rule in _read_rules(path) if "alert" in rule]


def read_records(path):
    """A list of {"record": name, "expr": ..., and the labels that it sets}."""
    return [rule for rule in _read_rules(path) if "record" in rule]


def _read_rules(path):
    rules = []
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line)
        if not entry:
            raise ValueError(f"{path}:{at}: cannot read: {line}")
        indent, _, key, value = entry.groups()
        if value in _BLOCK_SIGNS:
            value, at = _read_block(lines, at, len(indent), value)
        if key in ("alert", "record"):
            rules.append({})
        if rules and value is not None:
            if key in rules[-1] and key != "name":
                raise ValueError(f"{path}:{at}: a second {key} of {rules[-1]}")
            rules[-1][key] = value
    return rules


def _read_block(lines, at, indent, sign):
    block = []
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith(" " * (indent + 1))):
        block.append(lines[at].strip())
        at += 1
    return ("\n" if sign == "|" else " ").join(block).strip(), at
