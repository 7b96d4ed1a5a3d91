"""backlogd-dlq on a real Kafka, all but redeliver, and what a daemon beside it shows of its work."""

import gzip
import json
import time
import unittest

from dead_letters import EXCEPTIONS, REASONS, spring
from support.dlq_tool import DlqTool
from support.records import Record
from tool_case import ToolCase


class Tool(ToolCase):
    def test_dry_runs_and_unconfirmed_runs_write_nothing(self):
        source, queue = self.filled()
        file = self.folder() / "file"
        commands = [["redeliver", queue], ["log", queue, f"--file={file}"],
                    ["discard", queue, "--reason-for-discarding=old", f"--keep-copy={file}"],
                    ["discard", queue, "--reason-for-discarding=old", "--no-copy",
                     "--by=delete-records"]]
        for command in commands:
            with self.subTest(command):
                result = self.tool.run("--yes", "--dry-run", *command)
                self.assertIn("6", result.stdout + result.stderr)
                self.assertIn("--yes", self.tool.run(*command, status=2).stderr)
                self.assertFalse(file.exists())
        self.assertEqual(self.values(source), [])
        self.assertEqual(len(self.driver.read(queue)), 6)
        self.assertEqual(self.driver.committed(f"backlogd-dlq.{queue}"), [])

    def check_log(self, file, read):
        source, queue = self.filled(key=b"\xff", value=b'{"a": 1}')
        self.tool.run("--yes", "log", queue, f"--file={file}")
        self.driver.write([spring(queue, EXCEPTIONS[2], source, 9)])
        self.tool.run("--yes", "log", queue, f"--file={file}")
        with read(file) as lines:
            found = [json.loads(line) for line in lines]
        self.assertEqual([line["offset"] for line in found], list(range(7)))
        self.assertEqual([line["reason"] for line in found], [*REASONS, "business"])
        self.await_handled(queue, 0, logged=7)

    def test_log(self):
        self.check_log(self.folder() / "a.jsonl", lambda file: open(file, encoding="utf-8"))

    def test_log_zipped(self):
        self.check_log(self.folder() / "a.jsonl.gz",
                       lambda file: gzip.open(file, "rt", encoding="utf-8"))

    def test_discard_with_a_copy(self):
        _, queue = self.filled(value=b"v")
        file = self.folder() / "copy.jsonl.gz"
        self.tool.run("--yes", "discard", queue, "--reason-for-discarding=test data",
                      f"--keep-copy={file}", "--reason=unknown")
        self.await_handled(queue, 5, discarded=1)
        with gzip.open(file, "rt") as lines:
            line, = map(json.loads, lines)
        self.assertEqual((line["offset"], line["reason"]), (5, "unknown"))
        self.assertEqual(len(self.driver.read(queue)), 6)

    def test_records_of_a_topic_made_anew_are_copied_too(self):
        _, queue = self.queue()
        file = self.folder() / "copy.jsonl"
        discard = ["--yes", "discard", queue, "--reason-for-discarding=old", f"--keep-copy={file}"]
        for value in (b"of old", b"of new"):
            self.driver.write([Record(queue, value)])
            self.tool.run(*discard)
            self.tool.run(*discard, "--again")
            self.driver.delete_topics([queue])
            self.driver.create_topic(queue)
            # Kafka forgets commits on topics that are deleted, a little later.
            self.driver.delete_groups([f"backlogd-dlq.{queue}"])
        with open(file, encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        self.assertEqual([(record["offset"], record["value"]) for record in records],
                         [(0, "of old"), (0, "of new")])

    def test_a_log_that_ends_before_what_is_handled_is_refused(self):
        _, queue = self.filled()
        self.driver.commit(f"backlogd-dlq.{queue}", [(queue, 0, 1000)])
        for command in (["show", queue], ["redeliver", queue, "--dry-run"],
                        ["log", queue, "--leave-pending"], ["--yes", "redeliver", queue]):
            with self.subTest(command):
                result = self.tool.run(*command, status=1)
                self.assertIn("handled up to offset 1000, but ends at 6", result.stderr)
                self.assertEqual(result.stdout, "")
        row, = (row for row in self.tool.json_lines("list") if row["topic"] == queue)
        self.assertEqual((row["pending"], row["retained"]), (None, 6))
        self.assertIn("ends at 6", row["problem"])
        self.assertEqual(self.offsets(queue, "--all"), [0, 1, 2, 3, 4, 5])

    def test_files_of_others_are_left_as_they_are(self):
        _, queue = self.filled()
        file = self.folder() / "foreign"
        file.write_bytes(b"no line end")
        for command in (["log", queue, f"--file={file}"],
                        ["discard", queue, "--reason-for-discarding=x", f"--keep-copy={file}"]):
            self.assertIn(str(file), self.tool.run("--yes", *command, status=1).stderr)
            self.assertEqual(file.read_bytes(), b"no line end")
        self.assertEqual(self.offsets(queue), [0, 1, 2, 3, 4, 5])

    def test_discard_by_deleting(self):
        _, queue = self.filled()
        self.tool.run("--yes", "discard", queue, "--reason-for-discarding=test data", "--no-copy",
                      "--by=delete-records")
        self.assertEqual(self.driver.read(queue), [])
        page = self.await_handled(queue, 0, discarded=6)
        self.assertEqual(self.of(page, "expired_records_total", queue), 0)

    def test_missing_permissions_are_named(self):
        source, queue = self.filled()
        self.driver.permit_only(source, ["DESCRIBE"])
        result = self.tool.run("--yes", "redeliver", queue, status=1)
        self.assertIn("WRITE", result.stderr.upper())
        self.assertIn(source, result.stderr)
        self.driver.permit_only(queue, ["DESCRIBE"])
        for command in (["show", queue], ["redeliver", queue, f"--to={source}"]):
            result = self.tool.run("--yes", *command, status=1)
            self.assertIn("READ", result.stderr.upper())
            self.assertIn(queue, result.stderr)

    def test_unknown_topics(self):
        _, queue = self.queue()
        for command in ("show", "redeliver", "log"):
            result = self.tool.run("--yes", command, f"{queue}x", status=1)
            self.assertIn(f"{queue}x", result.stderr)
            self.assertIn("does not exist", result.stderr)

    def test_log_to_standard_output(self):
        _, queue = self.filled()
        result = self.tool.run("log", queue, "--leave-pending")
        self.assertEqual([json.loads(line)["offset"] for line in result.stdout.splitlines()],
                         list(range(6)))
        self.assertEqual(self.driver.committed(f"backlogd-dlq.{queue}"), [])

    def test_review(self):
        _, queue = self.filled()
        found = self.offsets(queue, "--yes", "--mark-reviewed", "--reason=unknown")
        self.assertEqual(found, [5])
        self.await_handled(queue, 5, reviewed=1)
        self.assertEqual(self.offsets(queue), [0, 1, 2, 3, 4])
        self.assertEqual(self.offsets(queue, "--all"), [0, 1, 2, 3, 4, 5])

    def test_says_what_lies_where(self):
        source, queue = self.filled(timestamp=int(1000 * (time.time() - 7200)))
        self.driver.commit(f"backlogd-dlq.{queue}", [(queue, 0, 2)])
        rows = self.tool.json_lines("list")
        row, = (row for row in rows if row["topic"] == queue)
        self.assertEqual((row["source_topic"], row["pending"]), (source, 4))
        text = self.tool.run("list").stdout
        line, = (line for line in text.splitlines() if queue in line.split())
        self.assertIn(source, line)

    def offsets(self, queue, *arguments):
        return [record["offset"] for record in self.tool.json_lines("show", queue, *arguments)]

    def test_filters(self):
        source, queue = self.queue()
        begin = int(time.time()) - 6 * 3600
        self.driver.write([
            spring(queue, exception, source if i < 4 else "elsewhere", i,
                   timestamp=1000 * (begin + 3600 * i), value=b"number %d" % i)
            for i, exception in enumerate(EXCEPTIONS)])
        at = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin + 3600 * i)) for i in range(6)]
        for arguments, expected in [
                ([], [0, 1, 2, 3, 4, 5]), (["--reason=timeout"], [3]),
                (["--reason=timeout", "--reason=unknown"], [3, 5]),
                ([f"--source-topic={source}"], [0, 1, 2, 3]), (["--source-topic=none"], []),
                (["--limit=2"], [0, 1]), (["--text=number 4"], [4]),
                (["--from-offset=4"], [4, 5]), (["--to-offset=1"], [0, 1]),
                (["--partition=0", "--from-offset=1", "--limit=1"], [1]),
                ([f"--since={at[4]}"], [4, 5]), ([f"--until={at[2]}"], [0, 1, 2]),
                ([f"--since={at[1]}", f"--until={at[4]}", "--reason=business"], [2]),
                (["--reason=business", "--source-topic=elsewhere"], [])]:
            with self.subTest(arguments):
                self.assertEqual(self.offsets(queue, *arguments), expected)
        record = self.tool.json_lines("show", queue, "--reason=business")[0]
        self.assertEqual((record["partition"], record["reason"]), (0, "business"))
        self.assertEqual(self.driver.committed(f"backlogd-dlq.{queue}"), [])

    def test_no_byte_of_a_record_reaches_the_terminal(self):
        source, queue = self.queue()
        self.driver.write([spring(queue, "a.B", source, key=b"\x1b[31mred\x07", value=b"\x1b[2J",
                                  headers=[("\u202eevil", b"\x1b]0;title\x07"), ("bin", b"\xff")]),
                           Record(queue, None)])
        text = self.tool.run("show", queue).stdout
        for bad in ("\x1b", "\x07", "\u202e"):
            self.assertNotIn(bad, text)
        self.assertIn("a.B", text)


class Usage(unittest.TestCase):
    """Without Kafka."""

    def test_wrong_usage(self):
        tool = DlqTool("127.0.0.1:1")
        for arguments in ([], ["nonsense"], ["show"], ["list", "topic"], ["--output=xml", "list"],
                          ["show", "t", "--limit=x"], ["show", "t", "--reason=none"],
                          ["show", "t", "--since=never"], ["redeliver", "t", "--rate=0"],
                          ["redeliver", "t", "--batch=0"],
                          ["show", "t", "--limit=0"], ["show", "t", "--since=1h", "--until=2h"],
                          ["show", "t", "--timeout=106751991d"],
                          ["redeliver", "t", "--rate=1e-300"],
                          ["show", "t", "--to-offset=9223372036854775807"],
                          ["redeliver", "t", "--nonsense"],
                          ["discard", "t", "--no-copy"],
                          ["discard", "t", "--reason-for-discarding=x"],
                          ["discard", "t", "--reason-for-discarding=x", "--no-copy",
                           "--keep-copy=f"],
                          ["discard", "t", "--reason-for-discarding=x", "--no-copy", "--by=magic"]):
            with self.subTest(arguments):
                result = tool.run(*arguments, status=2)
                self.assertEqual(result.stdout, "")
                self.assertTrue(result.stderr.startswith("backlogd-dlq: "), result.stderr)

    def test_no_cluster(self):
        result = DlqTool("127.0.0.1:1", "--timeout=1s").run("list", status=1)
        self.assertIn("127.0.0.1:1", result.stderr)
