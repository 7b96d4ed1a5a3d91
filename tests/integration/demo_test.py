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

from support.kafka_cluster import KafkaCluster
from support.kafka_driver import DriverError, KafkaDriver
from support.processes import ReservedPort, spawn, stop, wait_until
from support.stories import STORIES

SOURCE = pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"])
TOPICS = ["invoices"]
GROUP = "invoices.archive"
DEMO = SOURCE / "scripts/support/demo.py"
ALONE = ("--scenario", "stopped-consumer")  # the quickest to tell
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

    def end(self, seconds=80):
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

    def url(self, name):
        found = re.search(rf"^{name}: (http://\S+)", self.text(), re.MULTILINE)
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
    def test_tells_every_story_and_ends_by_itself(self):
        demo, status = self.run_demo("--for", "6s")
        self.assertEqual(status, 0, demo.text())
        self.assertEqual(set(demo.tables()[0]) - {story.group for story in STORIES}, set())
        self.assertIn("== calm times", demo.text())
        self.assertIn("(up)", demo.text())
        self.demand_nothing_left(demo)

    def test_tells_one_story_until_interrupted_and_leaves_nothing(self):
        demo = Demo(self, *ALONE)
        wait_until(lambda: "== 1/1 stopped-consumer" in demo.text(), 90, "the story begins")
        wait_until(lambda: demo.tables()[-1].get(GROUP, ("",) * 6)[4] == "stopped", 60,
                   "the group is stopped")
        self.assertEqual(demo.tables()[-1][GROUP][:2], ("Empty", "0"))
        wait_until(lambda: re.search(rf"^notification: \S+ FIRING +BacklogdGroupWithoutMembers "
                                     rf"{GROUP}: ", demo.text(), re.MULTILINE), 60, "notified")
        for name in ("metrics", "Prometheus", "Alertmanager"):
            with urllib.request.urlopen(demo.url(name), timeout=10) as response:
                self.assertEqual(response.status, 200)
        # Demo, Kafka, driver, backlogd, its load, Prometheus, Alertmanager.
        self.assertGreaterEqual(len(demo.processes()), 7)
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
        self.driver.create_topic("invoices")
        self.addCleanup(self.driver.delete_topics, ["invoices"])
        self.driver.produce([("invoices", 0, 7)])
        demo, status = self.run_demo("--kafka", self.kafka.bootstrap_servers, "--for", "5s")
        self.assertEqual(status, 1, demo.text())
        self.assertIn("has invoices already", demo.text())
        self.assertEqual(self.existing_topics(), ["invoices"])
        self.assertEqual(self.driver.log_offsets([("invoices", 0)]), {("invoices", 0): (0, 7, 7)})
        self.demand_nothing_left(demo)

    def test_deletes_what_it_created(self):
        demo = Demo(self, "--kafka", self.kafka.bootstrap_servers, "--for", "8s", *ALONE)
        wait_until(lambda: GROUP in self.driver.list_groups(), 60, "the group is there")
        self.assertEqual(self.existing_topics(), TOPICS)
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

    def test_lists_its_stories(self):
        demo, status = self.run_demo("--scenario", "list")
        self.assertEqual(status, 0, demo.text())
        for story in STORIES:
            self.assertIn(f"{story.name} ", demo.text())

    def test_refuses_a_story_without_load(self):
        demo, status = self.run_demo("--check", "--kafka", "a:1", "--no-load", *ALONE)
        self.assertEqual(status, 2, demo.text())


if __name__ == "__main__":
    unittest.main()
