"""deploy/systemd/backlogd.service, as far as can be said without a running systemd."""

import configparser
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import emissions

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy" / "systemd" / "backlogd.service"
PROGRAM = os.environ["BACKLOGD_BINARY"]
MOST_EXPOSED = 2.0


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True,
                          check=False, env={**os.environ, "SYSTEMD_COLORS": "0", "LC_ALL": "C"})


class Service(unittest.TestCase):
    def setUp(self):
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read(UNIT, encoding="utf-8")
        self.service = dict(parser["Service"])

    def test_is_exposed_little(self):
        said = analyze("security", "--offline=true", "--no-pager", UNIT)
        level = re.search(r"Overall exposure level for backlogd\.service: ([\d.]+)", said.stdout)
        self.assertTrue(level, said.stdout + said.stderr)
        self.assertLessEqual(float(level[1]), MOST_EXPOSED)
        # The threshold bites, or the one above says nothing: systemd counts in tenths.
        self.assertNotEqual(analyze("security", "--offline=true", "--threshold=5", UNIT).returncode,
                            0)

    def test_is_valid(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / UNIT.name
            copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/backlogd", PROGRAM),
                            encoding="utf-8")
            said = analyze("verify", "--man=no", copy)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        self.assertNotIn(UNIT.name + ":", said.stderr)

    def test_has_what_was_promised(self):
        # Without core dumps secrets stay in memory.
        for key, value in {"Type": "notify", "DynamicUser": "yes", "Restart": "on-failure",
                           "CapabilityBoundingSet": "", "NoNewPrivileges": "yes",
                           "LimitCORE": "0", "UMask": "0077"}.items():
            self.assertEqual(self.service.get(key), value, key)
        self.assertGreaterEqual(int(self.service["WatchdogSec"]), 30)
        self.assertIn("LoadCredential", self.service)
        self.assertIn("AF_UNIX", self.service["RestrictAddressFamilies"].split())
        self.assertNotIn("ProcSubset", self.service)

    def test_starts_what_the_package_installs_with_flags_that_exist(self):
        words = self.service["ExecStart"].split()
        self.assertEqual(words[0], "/usr/bin/backlogd")
        known = emissions.keep_run(subprocess.run([PROGRAM, "--help"], capture_output=True,
                                                  text=True, check=True)).stdout
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word.partition("=")[0], known)


if __name__ == "__main__":
    unittest.main()
