"""docs/packaging.md: what it says is so."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import doc_commands

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
BUILD = os.environ["BACKLOGD_BUILD_DIR"]


class Commands(unittest.TestCase):
    """The one that is proved here; see docs/commands.md for the others."""

    def test_installs_below_any_prefix(self):
        command, = (one for one in doc_commands.commands(TEXT) if one.startswith("cmake --install"))
        with tempfile.TemporaryDirectory() as folder:
            command = command.replace("build/release", BUILD).replace("/opt", folder)
            subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)
            program = pathlib.Path(folder) / "backlogd" / "bin" / "backlogd"
            subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)
            self.assertTrue((program.parents[1] / "etc/backlogd/backlogd.yaml").is_file())


class Claims(unittest.TestCase):
    def test_examples_of_the_chart_are_all_named(self):
        named = set(re.findall(r"`([a-z]+-values\.yaml)`", TEXT))
        self.assertEqual(named, {path.name for path in
                                 (ROOT / "deploy/helm/backlogd/ci").glob("*.yaml")})

    def test_credentials_are_where_the_unit_puts_them(self):
        unit = (ROOT / "deploy/systemd/backlogd.service").read_text(encoding="utf-8")
        folder = re.search(r"(?m)^LoadCredential=(\w+):", unit)[1]
        self.assertIn(f"/run/credentials/backlogd.service/{folder}_kafka-password", TEXT)


if __name__ == "__main__":
    unittest.main()
