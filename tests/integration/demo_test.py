"""What scripts/demo runs: it shows a backlog, ends when told to, and leaves nothing behind."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
import uuid

from support.demo_table import rows, table, width
from support.exposition import parse
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import DriverError, KafkaDriver
from support.processes import ReservedPort, spawn, stop, wait_until

DEMO = pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"]) / "scripts/support/demo.py"
TOPICS = ["orders", "payments", "usa.offer"]
GROUPS = {"orders.shipping", "payments.audit", "wps.file.consumer.group"}
_ROW = re.compile(r"  (\S+)  +(\S+)  +(\S+)  +(\S+)  +(\S+)  +(\S+)(?:  +(\S+))?")


class Demo:
    """One run, all of whose processes carry a mark and whose folders are in one of its own."""

    def __init__(self, test, *arguments):
        self._mark = f"BACKLOGD_DEMO_TEST={uuid.uuid4()}"
        self.folder = pathlib.Path(test.enterContext(tempfile.TemporaryDirectory()))
        self.output = test.enterContext(open(self.folder.with_suffix(".out"), "w+"))
        test.addCleanup(self.folder.with_suffix(".out").unlink)
        key, value = self._mark.split("=")
        self.process = spawn([sys.executable, "-B", str(DEMO), *arguments],
                             stdout=self.output, stderr=subprocess.STDOUT,
                             env={**os.environ, key: value, "TMPDIR": str(self.folder)})
        test.addCleanup(stop, self.process)

    def text(self):
        return self.folder.with_suffix(".out").read_text()

    def end(self, seconds=50):
        """Its exit status."""
        return self.process.wait(seconds)

    def processes(self):
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # has ended
                pass
        return found

    def url(self):
        found = re.search(r"^metrics: (http://\S+/metrics)$", self.text(), re.MULTILINE)
        return found and found.group(1)

    def tables(self):
        """[{group: (state, members, lag, age, status, cause)}, ...] as printed."""
        parts = self.text().split("  GROUP ")[1:]
        return [{match[1]: match.groups()[1:] for match in map(_ROW.fullmatch, part.splitlines())
                 if match} for part in parts]


class DemoCase(unittest.TestCase):
    def demand_nothing_left(self, demo):
        self.assertEqual(demo.processes(), [])
        self.assertEqual(list(demo.folder.iterdir()), [])

    def run_demo(self, *arguments):
        demo = Demo(self, *arguments)
        return demo, demo.end()


class Embedded(DemoCase):
    def test_shows_three_groups_and_ends_by_itself(self):
        demo, status = self.run_demo("--for", "8s")
        self.assertEqual(status, 0, demo.text())
        self.assertRegex(demo.url(), r"http://127\.0\.0\.1:\d+/metrics")
        shown = demo.tables()[-1]
        self.assertEqual(set(shown), GROUPS, demo.text())
        state, members, *_ = shown["wps.file.consumer.group"]
        # On a slow machine its two members may still be finding each other.
        self.assertIn(state, ("Stable", "PreparingRebalance", "CompletingRebalance"))
        self.assertEqual(members, "2")
        self.assertEqual(shown["payments.audit"][:2], ("Empty", "0"))
        self.assertRegex(shown["wps.file.consumer.group"][2], "^[1-9]")
        self.assertIn("(up)", demo.text())
        self.demand_nothing_left(demo)

    def test_says_what_is_wrong_until_interrupted_and_leaves_nothing(self):
        demo = Demo(self)
        wait_until(demo.tables, 50, "a table")
        for group, status in (("wps.file.consumer.group", "falling_behind"),
                              ("payments.audit", "stopped"), ("orders.shipping", "ok")):
            wait_until(lambda: status in demo.tables()[-1].get(group, ()), 60,
                       f"{group} is {status}")
        with urllib.request.urlopen(demo.url(), timeout=10) as response:
            self.assertIn(b"backlogd_up", response.read())
        self.assertGreaterEqual(len(demo.processes()), 4)  # demo, Kafka, driver, backlogd
        self.assertNotEqual(list(demo.folder.iterdir()), [])
        demo.process.send_signal(signal.SIGINT)
        self.assertEqual(demo.end(), 128 + signal.SIGINT, demo.text())
        self.assertNotIn("Traceback", demo.text())
        self.demand_nothing_left(demo)

    def test_hang_up_while_starting_leaves_nothing(self):
        demo = Demo(self)
        wait_until(lambda: len(demo.processes()) > 1, 20, "Kafka starts")
        demo.process.send_signal(signal.SIGHUP)
        self.assertEqual(demo.end(), 128 + signal.SIGHUP, demo.text())
        self.demand_nothing_left(demo)


class Foreign(DemoCase):
    """A cluster that is not the demo's."""

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())
        cls.driver = cls.enterClassContext(KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers))

    def existing_topics(self):
        found = []
        for topic in TOPICS:
            try:
                self.driver.leaders([topic])
                found.append(topic)
            except DriverError as error:
                self.assertIn("UnknownTopicOrPartition", str(error))
        return found

    def test_refuses_names_that_exist(self):
        self.driver.create_topic("orders")
        self.addCleanup(self.driver.delete_topics, ["orders"])
        self.driver.produce([("orders", 0, 7)])
        demo, status = self.run_demo("--kafka", self.kafka.bootstrap_servers, "--for", "5s")
        self.assertEqual(status, 1, demo.text())
        self.assertIn("has orders already", demo.text())
        self.assertEqual(self.existing_topics(), ["orders"])
        self.assertEqual(self.driver.log_offsets([("orders", 0)]), {("orders", 0): (0, 7, 7)})
        self.demand_nothing_left(demo)

    def test_deletes_what_it_created(self):
        demo = Demo(self, "--kafka", self.kafka.bootstrap_servers, "--for", "2s")
        wait_until(demo.tables, 40, "a table")
        self.assertEqual(self.existing_topics(), TOPICS)
        self.assertEqual(set(self.driver.list_groups()), GROUPS)
        self.assertEqual(demo.end(), 0, demo.text())
        self.assertEqual(self.existing_topics(), [])
        self.assertEqual(self.driver.list_groups(), [])
        self.demand_nothing_left(demo)


class Addresses(DemoCase):
    def test_says_what_cannot_be_reached(self):
        port = ReservedPort()
        self.addCleanup(port.close)
        demo, status = self.run_demo("--kafka", f"127.0.0.1:{port.number}")
        self.assertEqual((status, demo.text()),
                         (1, f"demo: cannot reach 127.0.0.1:{port.number}: Connection refused\n"))

    def test_refuses_what_is_no_address(self):
        for address in ("host", "host:0", "host:65536", ":9092", "a:1,", "::1:9092", "[x]:1"):
            with self.subTest(address):
                demo, status = self.run_demo("--check", "--kafka", address)
                self.assertEqual(status, 2, demo.text())
                self.assertIn("is not HOST:PORT", demo.text())


class Table(unittest.TestCase):
    def found(self, *groups):
        text = "# HELP backlogd_group_state S.\n# TYPE backlogd_group_state gauge\n"
        for group in groups:
            labels = f'kafka_cluster="c",group="{group}",state="Stable"'
            text += f"backlogd_group_state{{{labels}}} 1\n"
        return list(rows(parse(text.encode()), "c"))

    def test_obeys_the_size_of_the_terminal(self):
        names = [f"{'g' * 100}-{number:03}" for number in range(50)] + ["组" * 90, "g" * 90]
        lines = list(table(self.found(*names), lines=10, columns=80))
        self.assertEqual(len(lines), 10)
        self.assertEqual(lines[-1], "... and 44 groups more")
        for line in lines[1:-1]:
            self.assertRegex(line, r"^(g+|组+)… +Stable +\? +\? +\? +\?$")
            self.assertEqual(width(line) + len("STATUS  CAUSE") - len("?"), 80, line)

    def test_escapes_what_a_terminal_would_obey(self):
        lines = list(table(self.found("a\x1b[2Jb\u202ec\\n")))
        self.assertIn("a\\x1b[2Jb\\u202ec\\n", lines[1])


if __name__ == "__main__":
    unittest.main()
