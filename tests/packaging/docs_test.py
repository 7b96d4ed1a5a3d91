"""docs/packaging.md: what it says is so."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import doc_commands, emissions

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
BUILD = os.environ["BACKLOGD_BUILD_DIR"]
# A password among the words of a command, where every user of the machine can read it.
SECRET_WORD = re.compile(r"(?:\s-u|--user)[ =]\S+:\S|\w+://[^\s/:]+:[^\s/@]+@"
                         r"|--[\w.-]*(?:password|passphrase|secret|token)[\w.-]*[= ]\S")


class Commands(unittest.TestCase):
    """The one that is proved here; see docs/commands.md for the others."""

    def test_installs_below_any_prefix(self):
        command, = (one for one in doc_commands.commands(TEXT) if one.startswith("cmake --install"))
        with tempfile.TemporaryDirectory() as folder:
            command = command.replace("build/release", BUILD).replace("/opt", folder)
            subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)
            program = pathlib.Path(folder) / "backlogd" / "bin" / "backlogd"
            emissions.keep_run(subprocess.run([program, "--version"], check=True,
                                              capture_output=True))
            self.assertTrue((program.parents[1] / "etc/backlogd/backlogd.yaml").is_file())


class Secrets(unittest.TestCase):
    def test_no_command_of_the_documentation_has_one_in_it(self):
        texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.y*ml"),
                 *ROOT.glob("config/*"), *ROOT.glob("deploy/**/*.service")]
        self.assertGreater(len(texts), 40)
        for text in texts:
            for line in text.read_text(encoding="utf-8").splitlines():
                self.assertNotRegex(line, SECRET_WORD, text)

    def test_one_would_be_found(self):
        for line in ("curl -u bob:word http://x", "a --kafka.password=word", "http://bob:word@x/"):
            self.assertRegex(line, SECRET_WORD)


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
