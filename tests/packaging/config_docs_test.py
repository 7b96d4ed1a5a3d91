"""docs/configuration.md is what scripts/config-docs makes of the references, and those are read right."""

import pathlib
import subprocess
import sys
import unittest

import yaml

from support import config_page

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCES = ("backlogd.yaml", "sim.yaml")


def leaves(node, path=()):
    """The paths of all keys that hold no further keys."""
    if isinstance(node, list) and node and isinstance(node[0], dict):
        node = node[0]
    if not isinstance(node, dict) or not node:
        return {".".join(path): node}
    found = {}
    for name, value in node.items():
        found |= leaves(value, (*path, name))
    return found


class Page(unittest.TestCase):
    def test_is_up_to_date(self):
        said = subprocess.run([sys.executable, "-B", ROOT / "scripts/config-docs", "--check"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stderr)

    def test_has_each_key_with_its_default(self):
        for name in REFERENCES:
            text = (ROOT / "config" / name).read_text(encoding="utf-8")
            with self.subTest(name):
                read = {key.path: yaml.safe_load(key.default)
                        for key in config_page.keys(text) if key.default}
                self.assertEqual(read, leaves(yaml.safe_load(text)))


class Reference(unittest.TestCase):
    def test_comments_and_examples_belong_to_their_keys(self):
        keys = config_page.keys("# Head.\n\n# Of it.\na:\n  - # One,\n    # two.\n    b: 5s\n"
                                "    # e.g. 6s\n    c: 1\n\n# Alone.\nd: []\n")
        self.assertEqual([(key.path, key.default, key.comment, key.example) for key in keys],
                         [("a", "", "Of it.", ""), ("a.b", "5s", "One, two.", "6s"),
                          ("a.c", "1", "", ""), ("d", "[]", "Alone.", "")])

    def test_what_nothing_explains_is_refused(self):
        for text in ("a: 1\n", "# A.\na:\n  b: 1\n", "# A.\n- b\n"):
            with self.subTest(text), self.assertRaises(ValueError):
                config_page.keys("# Head.\n\n" + text)

    def test_types_are_told(self):
        for default, kind in (("true", "boolean"), ("15s", "duration"), ("16MiB", "size"),
                              ("7", "number"), ("[]", "list"), ("{}", "mapping"), ("info", "text")):
            self.assertEqual(config_page.kind(default), kind)


if __name__ == "__main__":
    unittest.main()
