"""A JSON schema of the daemon's configuration, out of its reference: see config_page."""

import re

import yaml

from support import config_page

_DURATION = r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"
_NAME = r"^[-._a-zA-Z0-9]+$"
# By what config_page calls a kind; a key without a value is as if it were absent.
_KINDS = {
    "boolean": {"type": ["boolean", "null"]},
    "duration": {"type": ["string", "null"], "minLength": 1, "pattern": _DURATION},
    "size": {"type": ["integer", "string", "null"], "pattern": "^[0-9]+([KMG]iB)?$"},
    "number": {"type": ["integer", "null"], "minimum": 0},
    "mapping": {"type": ["object", "null"], "propertyNames": {"pattern": _NAME},
                "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    "text": {"type": ["string", "null"]},
}


def of(text):
    """The schema of files of which `text` is the reference."""
    return _mapping(yaml.safe_load(text), {key.path: key for key in config_page.keys(text)}, ())


def _mapping(node, keys, path):
    return {"type": ["object", "null"], "additionalProperties": False,
            "properties": {name: _any(value, keys, (*path, name)) for name, value in node.items()}}


def _any(node, keys, path):
    if isinstance(node, list) and node and isinstance(node[0], dict):
        return _list({**_mapping(node[0], keys, path), "type": "object"})
    if isinstance(node, dict) and node:
        return _mapping(node, keys, path)
    key = keys[".".join(path)]
    return _list(_item(key, keys)) if isinstance(node, list) else _value(key)


def _list(items):
    return {"type": ["array", "null"], "items": items}


def _item(key, keys):
    """What stands in a list that is empty by default, as the example shows it with each key."""
    example = yaml.safe_load(key.example or key.default)
    if not example or not isinstance(example[0], dict):
        return {"type": "string"}
    section = key.path.rpartition(".")[0]
    found = {}
    for name, value in example[0].items():
        like = keys.get(f"{section}.{name}")  # a rule for some groups of what is said there for all
        number = isinstance(value, (int, float))
        found[name] = (_value(like) if like else
                       {"type": ["number", "null"], "minimum": 0} if number else _KINDS["text"])
    return {"type": "object", "additionalProperties": False, "properties": found}


def _value(key):
    words = _words(key)
    return {"enum": [*words, None]} if words else _KINDS[config_page.kind(key.default)]


def _words(key):
    """Those of which the value is one, if the comment begins with them: "logfmt or json: why"."""
    match = re.match(r"((?:\w+, )*\w+ or \w+): ", key.comment)
    words = re.split(", | or ", match[1]) if match else []
    return words if key.default in words else []
