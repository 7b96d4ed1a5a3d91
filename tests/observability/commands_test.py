"""Every command of the documentation is run, or docs/commands.md says why not. Those that need no
Kafka are run here; tests/integration/docs_commands_test.py runs the others."""

import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import catalog
from support import doc_commands, emissions
from support.web_program import find_program

ROOT = doc_commands.ROOT
PROGRAMS = {"backlogd": os.environ["BACKLOGD_BINARY"],
            "backlogd-dlq": os.environ["BACKLOGD_DLQ_BINARY"],
            "backlogd-sim": os.environ["BACKLOGD_SIM_BINARY"],
            "amtool": os.environ.get("AMTOOL") or find_program("amtool") or "amtool"}
# Where what is installed lies in the sources.
INSTALLED = {"/etc/backlogd": "deploy/systemd", "/etc/alertmanager": "config",
             "=FILE": "=config/minimal.yaml"}


def run(command):
    for there, here in INSTALLED.items():
        command = command.replace(there, here)
    words = shlex.split(command)
    return emissions.keep_run(
        subprocess.run([PROGRAMS[doc_commands.program(command)], *words[1:]], cwd=ROOT,
                       capture_output=True, text=True, check=False, timeout=60))


def flags_of(command):
    """(helps that explain them, flags) where a command is one of our programs, or its image."""
    words = shlex.split(command)
    if command.startswith("docker run"):
        words = words[words.index("backlogd"):]
    program = PROGRAMS.get(pathlib.PurePath(words[0]).name)
    if program is None or words[0] == "amtool":
        return [], []
    flags = [word.split("=")[0] for word in words[1:] if word.startswith("--")]
    command = [[program, words[1]]] if not words[1].startswith("-") else []
    return [[program], *command], flags


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.found = doc_commands.all_commands()
        cls.listed = doc_commands.listed()

    def test_there_are_as_many_as_one_sees(self):
        self.assertGreater(len(self.found), 60)
        self.assertIn("scripts/demo", self.found)

    def test_each_is_run_or_listed_with_a_reason(self):
        for command, pages in self.found.items():
            with self.subTest(command, pages=pages):
                ways = [doc_commands.is_listed(command, self.listed) is not None,
                        doc_commands.needs_no_kafka(command), doc_commands.needs_kafka(command)]
                self.assertEqual(ways.count(True), 1, "not run by a test, and not listed")

    def test_nothing_is_listed_in_vain(self):
        for row in self.listed:
            with self.subTest(row.begin):
                used = [one for one in self.found if doc_commands.is_listed(one, [row])]
                self.assertTrue(used)
                self.assertTrue(row.why and row.checked)

    def test_what_checks_a_listed_one_exists(self):
        files = {path.name for path in (ROOT / "tests").rglob("*_test.*")}
        for row in self.listed:
            for name in re.findall(r"`((?:\w+/)*[\w-]+(?:_test\.(?:py|cc)))`", row.checked):
                with self.subTest(row.begin):
                    self.assertIn(pathlib.Path(name).name, files)
            for name in re.findall(r"`(scripts/[\w-]+)", row.checked):
                with self.subTest(row.begin):
                    self.assertTrue(os.access(ROOT / name, os.X_OK))

    def test_those_without_kafka_work(self):
        commands = [one for one in self.found if doc_commands.needs_no_kafka(one)]
        self.assertGreater(len(commands), 4)
        for command in commands:
            with self.subTest(command):
                said = run(command)
                self.assertEqual(said.returncode, 0, said.stderr + said.stdout)

    def test_scripts_and_presets_that_are_named_exist(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
        names = {one["name"] for one in presets["configurePresets"]}
        for command in self.found:
            with self.subTest(command):
                for script in re.findall(r"(?<!\S)scripts/[\w-]+", command):
                    self.assertTrue(os.access(ROOT / script, os.X_OK))
                for preset in re.findall(r"--preset (\S+)", command):
                    self.assertIn(preset, names)
                named = r"(?<![\w/])((?:config|deploy|dashboards)/[\w./-]+)"
                for file in re.findall(named, command):
                    self.assertTrue((ROOT / file).exists(), file)

    def test_those_in_sentences_have_flags_and_files_that_exist(self):
        checked = 0
        for page in doc_commands.pages():
            for command in doc_commands.inline(page.read_text(encoding="utf-8")):
                with self.subTest(command, page=page.name):
                    checked += self.check_inline(command)
        self.assertGreater(checked, 20)

    def check_inline(self, command):
        """How many flags it has, where it is a command of ours."""
        first = command.split()[0]
        if first.startswith("scripts/"):
            name = first.removeprefix("scripts/")
            files = [ROOT / first, *(ROOT / "scripts/support").glob(f"{name}.py")]
            said = "".join(one.read_text(encoding="utf-8") for one in files)
            flags = re.findall(r"(?<!\S)--[\w-]+", command)
            for flag in flags:
                self.assertTrue(re.search(rf"{flag}\b", said), flag)
            return len(flags)
        if pathlib.PurePath(first).name in PROGRAMS and "--" in command:
            helps, flags = flags_of(command)
            self.demand_flags(helps, flags)
            return len(flags)
        return 0

    @staticmethod
    @functools.cache
    def help_of(*program):
        return emissions.keep_run(subprocess.run([*program, "--help"], capture_output=True,
                                                 text=True, check=True)).stdout

    def demand_flags(self, helps, flags):
        said = "".join(self.help_of(*one) for one in helps)
        for flag in flags:
            found = re.search(rf"(?m)(?:^| |,){re.escape(flag)}(?:[ ,]|$)", said)
            self.assertTrue(found, flag)

    def test_flags_of_our_programs_are_those_that_exist(self):
        checked = 0
        for command in self.found:
            helps, flags = flags_of(command)
            checked += len(flags)
            with self.subTest(command):
                self.demand_flags(helps, flags)
        self.assertGreater(checked, 30)

    def test_what_kubernetes_is_asked_for_is_a_metric_of_ours(self):
        command, = (one for one in self.found if one.startswith("kubectl get --raw"))
        metric, labels = re.search(r"/(backlogd_\w+)\?labelSelector=([^\"]+)", command).groups()
        self.assertLessEqual(set(re.findall(r"(\w+)%3D", labels.replace("%2C", " "))),
                             catalog.read_samples()[metric])


class Reading(unittest.TestCase):
    def test_blocks_are_read_as_a_shell_reads_them(self):
        text = ("a\n```sh\none   # why\ntwo \\\n  --a 'b # c'\nthree |\n  four#five\n\n```\n"
                "   ```sh\n   six\n   ```\n```yaml\nno: 1\n```\n")
        self.assertEqual(list(doc_commands.commands(text)),
                         ["one", "two --a 'b # c'", "three | four#five", "six"])

    def test_a_new_command_would_be_noticed(self):
        rows = [doc_commands.Listed("docker run", "why", "what")]
        for command, listed in (("docker run x", True), ("docker runs", False), ("rm -r /", False)):
            with self.subTest(command):
                self.assertEqual(doc_commands.is_listed(command, rows) is not None, listed)
                self.assertFalse(doc_commands.needs_kafka(command)
                                 or doc_commands.needs_no_kafka(command))

    def test_a_wrong_configuration_fails(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("no_such_key: 1\n")
            file.flush()
            said = run(f"backlogd --check-config --config.file={file.name}")
            self.assertNotEqual(said.returncode, 0)


if __name__ == "__main__":
    unittest.main()
