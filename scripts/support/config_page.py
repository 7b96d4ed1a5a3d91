"""A page about a configuration file, out of its reference: a YAML file in which a comment stands above
each key, and "# e.g." below shows how to fill it."""

import dataclasses
import re

_KEY = re.compile(r"( *)(- )?(\w+):(?: (.*))?$")
_TYPES = (("true|false", "boolean"), (r"\[.*\]", "list"), (r"\{.*\}", "mapping"),
          (r"\d+(ms|s|m|h|d)", "duration"), (r"\d+[KMG]iB", "size"), (r"\d+", "number"),
          ("", "list"))


@dataclasses.dataclass
class Key:
    path: str
    default: str  # empty: it holds further keys
    comment: str
    example: str = ""


def keys(text):
    """Each key of a reference, in order; the comment that heads the file belongs to none. A key
    without a comment shares that of the key above.

    Raises ValueError for a line that is neither key nor comment, and for a key that nothing explains."""
    found, parents, comment = [], [], []
    body = text.split("\n\n", 1)[1]
    for line in body.splitlines():
        stripped = line.strip().removeprefix("- #").removeprefix("#").strip()
        if not line.strip():
            comment = []
        elif line.strip().startswith("# e.g. "):
            found[-1].example = stripped.removeprefix("e.g. ")
            comment = []
        elif re.match(r" *(- )?#", line):
            comment.append(stripped)
        elif match := _KEY.match(line):
            indent = len(match[1]) + len(match[2] or "")
            parents = [(at, name) for at, name in parents if at < indent] + [(indent, match[3])]
            path = ".".join(name for _, name in parents)
            sibling = found and found[-1].default and _parent(found[-1].path) == _parent(path)
            if match[4] and not comment and not sibling:
                raise ValueError(f"not explained: {path}")
            found.append(Key(path, match[4] or "", " ".join(comment)))
            comment = []
        else:
            raise ValueError(f"not understood: {line}")
    return found


def _parent(path):
    return path.rpartition(".")[0]


def kind(default):
    return next((name for pattern, name in _TYPES if re.fullmatch(pattern, default)), "text")


def row(key):
    words = key.comment or "See the key above."
    example = f" For example: `{cell(key.example)}`" if key.example else ""
    return (f"| `{key.path}` | {kind(key.default)} | `{cell(key.default)}` "
            f"| {cell(words)}{example} |")


def cell(text):
    return text.replace("|", "\\|")


def tables(text):
    """A heading and a table for each key of the outermost level that holds others; those of that
    level that hold none share a table, the first."""
    sections = {}
    for key in keys(text):
        outermost = key.path.split(".")[0]
        sections.setdefault(outermost, []).append(key)
    alone = [one for group in sections.values() for one in group
             if "." not in one.path and one.default]
    lines = ["| key | type | default | meaning, and why |", "| --- | --- | --- | --- |"]
    yield from [*lines, *map(row, alone), ""] if alone else []
    for name, group in sections.items():
        inner = [one for one in group if one not in alone]
        if not inner:
            continue
        yield from (f"### {name}", "")
        for one in inner:
            if not one.default and one.comment:
                yield from (f"`{one.path}`: {one.comment}", "")
        yield from [*lines, *(row(one) for one in inner if one.default), ""]
