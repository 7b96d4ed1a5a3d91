"""docs/troubleshooting.md: each line that can be logged, each reason and each step, and no other."""

import re
import unittest

import catalog

SOURCES = catalog.REPOSITORY / "src"
PAGE = (catalog.REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
# A call that logs, up to what it logs: a text in pieces, or the name of one.
_CALL = re.compile(r"(?:log\w*(?:\(\))?\.|->)Write\(\s*([\w:]+),\s*((?:\"[^\"\n]*\"\s*)+|\w+)", re.DOTALL)
_PIECE = re.compile(r'"([^"\n]*)"')
_LEVELS = {"kDebug": "debug", "kInfo": "info", "kWarning": "warn", "kError": "error"}
# Names of texts, and the texts that they can stand for: found in the same file.
_NAMED = {
    "kMessage": re.compile(r'kMessage = ("[^"\n]*")'),
    "reason": re.compile(r'ReplaceHandle\((?:[^";]*\? *)?("[^"\n]+")'),
}
# Calls whose level is not written there, but worked out.
_ANY_LEVEL = "info, warn, error, debug"


def logged(text):
    """{(levels, line)} of a source file; raises KeyError for a name that nobody explained."""
    found = set()
    for level, what in _CALL.findall(text):
        levels = _LEVELS.get(level.removeprefix("LogLevel::"), _ANY_LEVEL)
        if what.startswith('"'):
            found.add((levels, "".join(_PIECE.findall(what))))
        else:
            found |= {(levels, one.strip('"')) for one in _NAMED[what].findall(text)}
    return found


def of_sources(rooms):
    return {line for room in rooms for file in sorted((SOURCES / room).glob("*.cc"))
            for line in logged(file.read_text(encoding="utf-8"))}


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]


def rows(title):
    """The cells of each row of a section's table, without those of its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def words(function, file):
    """What a C++ function `ToText` of an enumeration returns."""
    body = (SOURCES / file).read_text(encoding="utf-8").split(function, 1)[1]
    return re.findall(r'case \w+::\w+: return "(\w+)";', body.split("\n}\n", 1)[0])


class Log(unittest.TestCase):
    ROOMS = ("app", "http", "kafka", "snapshot", "analysis", "exposition", "status", "config")

    def test_each_line_of_the_daemon_is_explained_with_its_level(self):
        told = {(level, line.strip("`")) for level, line, *_ in rows("The log")}
        self.assertEqual(told, of_sources(self.ROOMS))

    def test_each_line_of_the_other_programs_is_explained(self):
        told = {line.strip("`") for program, line, *_ in rows("The other programs")}
        library = {line for _, line in of_sources(("kafka",))}
        self.assertEqual(told - library, {line for _, line in of_sources(("sim", "dlq", "cli"))})
        self.assertLessEqual(told & library, {"A librdkafka property is not ours to change"})

    def test_no_call_is_overlooked(self):
        for file in sorted(SOURCES.glob("*/*.cc")):
            text = file.read_text(encoding="utf-8")
            with self.subTest(file.name):
                named = len(re.findall(r"(?:log\w*(?:\(\))?\.|->)Write\(", text))
                # poll_log_ is no log, but what writes to one.
                self.assertEqual(named, len(_CALL.findall(text))
                                 + len(re.findall(r"poll_log_\.Write\(\*", text)))

    def test_calls_are_read(self):
        for text, found in (
                ('log.Write(LogLevel::kInfo, "a b", {});', {("info", "a b")}),
                ('with.log.Write(\n    LogLevel::kError,\n    "a "\n    "b",\n', {("error", "a b")}),
                ('x.log().Write(LogLevel::kDebug, "a"', {("debug", "a")}),
                ('static_cast<Log*>(closure)->Write(LogLevel::kError, "a"', {("error", "a")}),
                ('log_.Write(shown, "a"', {(_ANY_LEVEL, "a")}),
                ('kMessage = "m";\nlog_.Write(LogLevel::kWarning, kMessage,', {("warn", "m")})):
            with self.subTest(text):
                self.assertEqual(logged(text), found)
        with self.assertRaises(KeyError):
            logged("log.Write(LogLevel::kInfo, other,")


class Labels(unittest.TestCase):
    def test_each_reason_is_explained(self):
        told = [reason.strip("`") for reason, *_ in rows("Reasons")]
        self.assertEqual(told, words("ToText(ErrorKind", "base/result.cc"))

    def test_each_step_is_explained_with_the_right_it_needs(self):
        told = {step.strip("`"): right for step, _, _, right in rows("Steps")}
        self.assertEqual(sorted(told), sorted(words("ToText(Step", "snapshot/cluster_snapshot.cc")))
        # The daemon names the right in its log.
        source = (SOURCES / "app/poll_log.cc").read_text(encoding="utf-8")
        body = source.split("RightFor(", 1)[1].split("\n}\n", 1)[0]
        self.assertEqual(set(told.values()), set(re.findall(r'return "([^"]+)"', body)))

    def test_nothing_is_without_a_meaning(self):
        for title in ("Reasons", "Steps", "The log", "The other programs", "Answers to a scraper"):
            meaning = 2 if title in ("The log", "The other programs") else 1
            for row in rows(title):
                with self.subTest(row[0]):
                    self.assertGreater(len(row[meaning].split()), 1)


if __name__ == "__main__":
    unittest.main()
