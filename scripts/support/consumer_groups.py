"""What kafka-consumer-groups says, read from its tables: the oracle of the integration tests."""

import dataclasses
import re
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Position:
    """A row of --describe: a group's position in a partition. None where the tool prints "-"."""
    committed: Optional[int]
    end: Optional[int]
    lag: Optional[int]
    assigned: bool  # to a member


@dataclasses.dataclass(frozen=True)
class Group:
    """What --state, --members and --list --type say of a group, in Kafka's words."""
    type: str
    state: str
    members: int
    assigned_partitions: int


_HEADER = re.compile(r"^GROUP .*$", re.MULTILINE)
_REMARK = re.compile(r"^Consumer group '.*?' has no active members\.$",
                     re.MULTILINE | re.DOTALL)


class UnreadableTable(AssertionError):
    """The tool printed something else than its tables: an error, for example."""


def read_positions(driver, groups=None):
    """{(group, topic, partition): Position} of these groups, or of all at once."""
    names = driver.list_groups() if groups is None else groups
    rows = {}
    for group, fields in _describe(driver, groups, names, r"(\S+) +(\d+) +(\S+) +(\S+) +(\S+) +"
                                                          r"(\S+) +\S+ +\S+"):
        topic, partition, committed, end, lag, member = fields
        rows[group, topic, int(partition)] = Position(
            _number(committed), _number(end), _number(lag), member != "-")
    return {key: row for key, row in rows.items() if key[1] != "-"}


def read_groups(driver, groups=None):
    """{group: Group} of these groups, or of all at once."""
    names = driver.list_groups() if groups is None else groups
    types = {group: fields[0] for group, fields in
             _rows(driver.consumer_groups("--list", "--type"), names, r"(\w+)(?: +\w+)?",
                   strict=groups is None)}
    members = {}
    for group, (partitions,) in _describe(driver, groups, names, r"(?:\S+ +){3,4}(\d+)",
                                          "--members"):
        members.setdefault(group, []).append(int(partitions))
    states = _describe(driver, groups, names, r"\S+:\d+ +\(\d+\) +(?:\S+ +)?(\w+) +(\d+)",
                       "--state")
    found = {}
    for group, (state, count) in states:
        assigned = members.get(group, [])
        if len(assigned) != int(count):
            raise UnreadableTable(f"{group}: {count} members by --state, {assigned} by --members")
        found[group] = Group(types[group], state, int(count), sum(assigned))
    return found


def _describe(driver, groups, names, pattern, *options):
    if groups is None:
        return _rows(driver.consumer_groups("--describe", "--all-groups", *options), names, pattern)
    rows = []
    for group in groups:
        text = driver.consumer_groups("--describe", "--group", group, *options)
        rows += _rows(text, [group], pattern)
    return rows


def _rows(text, names, pattern, strict=True):
    """[(group, the pattern's parts), ...]. The names are told, because one may hold anything, line
    ends too; longer ones first, because one may end with a line that is another."""
    text = _HEADER.sub("", text)
    text = _REMARK.sub("", text)
    rows = []
    for name in sorted(names, key=len, reverse=True):
        row = re.compile(rf"^{re.escape(name)} +{pattern} *$", re.MULTILINE)
        rows += [(name, match.groups()) for match in row.finditer(text)]
        text = row.sub("", text)
    if strict and text.strip():
        raise UnreadableTable(text.strip())
    return rows


def _number(text):
    return None if text == "-" else int(text)
