"""Manual pages and completions: as the programs' flags are today, and fit for those who read them."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from support import program_help

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAN, SHELLS = ROOT / "docs" / "man", ROOT / "deploy" / "completions"
PROGRAMS = {pathlib.Path(os.environ[name]).name: os.environ[name] for name in
            ("BACKLOGD_BINARY", "BACKLOGD_DLQ_BINARY", "BACKLOGD_SIM_BINARY")}


def run(*arguments, **options):
    return subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False,
                          **options)


class Written(unittest.TestCase):
    def test_anew_after_the_last_change_of_a_flag(self):
        said = run(sys.executable, "-B", ROOT / "scripts" / "manuals",
                   pathlib.Path(PROGRAMS["backlogd"]).parent, "--check")
        self.assertEqual(said.returncode, 0, said.stderr)


class Help(unittest.TestCase):
    def test_is_read_whatever_the_version_of_the_library_that_writes_it(self):
        texts = ["Does this.\nUsage: x [OPTIONS] TOPIC\n\nPositionals:\n  TOPIC TEXT REQUIRED     "
                 "  The queue\n\nOptions:\n  --b WAY:INT in [1 - 9]\n                One or two (default "
                 "one)\n  --a WORD ... Excludes: --b\n                First,\n                second\n"
                 "  -h,--help     Print this\n",
                 "Does this.\n\n\nx [OPTIONS] TOPIC\n\n\nPOSITIONALS:\n  TOPIC TEXT REQUIRED     "
                 "  The queue\n\nOPTIONS:\n  --b WAY:INT in [1 - 9]  One or two (default one)\n  "
                 "--a WORD ... Excludes: --b\n              First, second\n  -h, --help    Print "
                 "this\n"]
        for text in texts:
            found = program_help.parse("x", text)
            self.assertEqual((found.summary, found.arguments[0].names, found.arguments[0].required),
                             ("Does this.", ["TOPIC"], True))
            self.assertEqual([(flag.names[0], flag.value, flag.text, flag.repeated)
                              for flag in found.flags[:2]],
                             [("--b", "WAY", "One or two (default one)", False),
                              ("--a", "WORD", "First, second", True)])
            self.assertEqual(found.flags[2].names, ["-h", "--help"])
            self.assertEqual(found.flags[0].choices, [])

    def test_choices_are_found(self):
        def choices(text):
            return program_help.Flag(["--x"], "WORD", text, False, False).choices
        self.assertEqual(choices("debug, info, warn or error (default info)"),
                         ["debug", "info", "warn", "error"])
        self.assertEqual(choices("Of the report: text or json (default text)"), ["text", "json"])
        self.assertEqual(choices("commit: note it (default); delete-records: delete it"),
                         ["commit", "delete-records"])
        self.assertEqual(choices("Address to serve on, \"host:port\" or \":port\""), [])
        self.assertEqual(choices("Brokers to ask first"), [])


class Manual(unittest.TestCase):
    def test_is_valid(self):
        for name in PROGRAMS:
            said = run("mandoc", "-T", "lint", "-W", "warning", MAN / f"{name}.1")
            # No date: the same sources give the same pages.
            rest = [line for line in said.stdout.splitlines() if "missing date" not in line]
            self.assertEqual(rest, [])

    def test_says_what_each_signal_of_the_guide_does(self):
        guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        page = (MAN / "backlogd.1").read_text(encoding="utf-8")
        section = re.search(r"^\.SH SIGNALS\n(.*?)^\.SH", page, re.MULTILINE | re.DOTALL)[1]
        self.assertEqual(set(re.findall(r"SIG[A-Z]+", section)),
                         set(re.findall(r"SIG[A-Z]+", guide)))

    def test_names_each_flag_of_each_command(self):
        for name, program in PROGRAMS.items():
            page = run("mandoc", "-T", "ascii", "-O", "width=200", MAN / f"{name}.1").stdout
            page = re.sub(r".\x08", "", page)
            for words in [(), *((c.name.split()[-1],) for c in
                                program_help.of(program, name).commands)]:
                text = run(program, *words, "--help").stdout
                for flag in re.findall(r"^  (?:-\w,)?(--[\w.-]+)", text, re.MULTILINE):
                    self.assertIn(flag, page, f"{name} {words}")


class Bash(unittest.TestCase):
    def complete(self, *words):
        script = f"""
          . {SHELLS}/bash/{words[0]}
          COMP_WORDS=("$@")
          COMP_CWORD=$(($# - 1))
          _{words[0].replace('-', '_')}
          printf '%s\\n' "${{COMPREPLY[@]}}" """
        said = run("bash", "-u", "-c", script, "bash", *words, cwd=ROOT / "config")
        self.assertEqual(said.stderr, "")
        return said.stdout.split()

    def test_completes(self):
        for words, wanted in [
                (("backlogd", "--log.l"), ["--log.level"]),
                (("backlogd", "--log.level", ""), ["debug", "info", "warn", "error"]),
                (("backlogd", "--log.level", "=", "w"), ["warn"]),
                (("backlogd", "--log.level", "="), ["debug", "info", "warn", "error"]),
                (("backlogd", "--config.file", "mini"), ["minimal.yaml"]),
                (("backlogd-dlq", "re"), ["redeliver"]),
                (("backlogd-dlq", "show", "--ful"), ["--full"]),
                (("backlogd-dlq", "list", "--ful"), []),
                (("backlogd-dlq", "show", "--reason", "ti"), ["timeout"]),
                (("backlogd-sim", "produce", "--keys", "z"), ["zipf"])]:
            self.assertEqual(self.complete(*words), wanted, words)


class Zsh(unittest.TestCase):
    def test_takes_them(self):
        for name in PROGRAMS:
            said = run("zsh", "-n", SHELLS / "zsh" / f"_{name}")
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            self.assertTrue((SHELLS / "zsh" / f"_{name}").read_text().startswith(f"#compdef {name}\n"))
            # compinit reads the first line; the function is loaded when it is first used.
            said = run("zsh", "-f", "-c", f"fpath=({SHELLS}/zsh $fpath); autoload -Uz compinit; "
                       f"compinit -D -u; print $_comps[{name}]; autoload -Uz +X _{name}")
            self.assertEqual((said.returncode, said.stdout), (0, f"_{name}\n"), said.stderr)


class Fish(unittest.TestCase):
    def complete(self, line):
        name = line.split()[0]
        said = run("fish", "--no-config", "-c",
                   f"source {SHELLS}/fish/{name}.fish; complete -C '{line}'", cwd=ROOT / "config")
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        return [found.split("\t")[0] for found in said.stdout.splitlines()]

    def test_completes(self):
        for line, wanted in [("backlogd --log.l", ["--log.level"]),
                             ("backlogd --log.level w", ["warn"]),
                             ("backlogd --config.file mini", ["minimal.yaml"]),
                             ("backlogd-dlq re", ["redeliver"]),
                             ("backlogd-dlq show --ful", ["--full"]),
                             ("backlogd-dlq list --ful", [])]:
            found = self.complete(line)
            self.assertEqual([word for word in found if word.startswith(wanted[0] if wanted else "--")],
                             wanted, line)


if __name__ == "__main__":
    unittest.main()
