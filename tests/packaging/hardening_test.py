"""The programs as they were built: read-only relocations, position-independent, stack protector,
fortified libc calls; in our code and in librdkafka, which becomes a part of it."""

import json
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = [pathlib.Path(os.environ[name]) for name in
            ("BACKLOGD_BINARY", "BACKLOGD_DLQ_BINARY", "BACKLOGD_SIM_BINARY")]
BUILD = pathlib.Path(os.environ["BACKLOGD_BUILD_DIR"])
FLAGS = ("-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=3")


def readelf(*arguments):
    return subprocess.run(["readelf", "--wide", *map(str, arguments)], capture_output=True,
                          text=True, check=True).stdout


def weaknesses(program):
    """What is wrong with it, in words."""
    header, segments = readelf("--file-header", program), readelf("--program-headers", program)
    dynamic = readelf("--dynamic", program)
    symbols = readelf("--dyn-syms", program)
    flags = " ".join(re.findall(r"\(FLAGS(?:_1)?\)\s+(.*)", dynamic))
    stack = re.search(r"GNU_STACK\s.*\s([RWE ]{2,4})\s", segments)
    found = []
    if not re.search(r"Type:\s+DYN", header) or "PIE" not in flags:
        found.append("no PIE")
    if "GNU_RELRO" not in segments or not re.search(r"\bBIND_NOW\b|\bNOW\b", flags):
        found.append("no full RELRO")
    if not stack or "E" in stack[1]:
        found.append("an executable stack")
    if "__stack_chk_fail" not in symbols:
        found.append("no stack protector")
    if not re.search(r"__\w+_chk(@|\s)", symbols.replace("__stack_chk", "")):
        found.append("no fortified call")
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        found.append("a search path of the build machine")
    return found


class Hardening(unittest.TestCase):
    def test_each_program_has_it(self):
        for program in PROGRAMS:
            with self.subTest(program.name):
                self.assertEqual(weaknesses(program), [])

    def test_each_source_is_compiled_with_it(self):
        commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
        ours = [entry for entry in commands if entry["file"].startswith(f"{ROOT / 'src'}/")]
        self.assertGreater(len(ours), 100)
        for entry in ours:
            for flag in FLAGS:
                self.assertIn(flag, entry["command"].split(), entry["file"])

    def test_librdkafka_is_compiled_with_it(self):
        built = re.search(r"(\S+/librdkafka\.a)\b",
                          (BUILD / "build.ninja").read_text(encoding="utf-8"))
        if not built:  # the system's own: its distribution's flags
            return
        symbols = readelf("--symbols", built[1])
        self.assertGreater(symbols.count("__stack_chk_fail"), 20)
        self.assertRegex(symbols, r"UND __(snprintf|memcpy|vsnprintf)_chk")

    def test_finds_what_is_missing(self):
        weak = BUILD / "tests" / "weak_program"
        weak.parent.mkdir(exist_ok=True)
        subprocess.run(["cc", "-x", "c", "-", "-no-pie", "-fno-stack-protector", "-Wl,-z,norelro",
                        "-Wl,-z,execstack", "-Wl,-rpath,/tmp", "-o", weak],
                       input="int main(void) { return 0; }", text=True, check=True)
        self.assertEqual(weaknesses(weak),
                         ["no PIE", "no full RELRO", "an executable stack", "no stack protector",
                          "no fortified call", "a search path of the build machine"])
        weak.unlink()


if __name__ == "__main__":
    unittest.main()
