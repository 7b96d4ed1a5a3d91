"""backlogd-sim capacity on real Kafka: it finds the limit of a consumer whose limit is known, says
how many members an inflow takes, and leaves nothing behind."""

import html.parser
import json
import pathlib
import signal
import tempfile
import unittest

from support.kafka_cluster import KafkaCluster
from support.kafka_driver import DriverError, KafkaDriver
from support.processes import wait_until
from support.sim import BacklogdSim, run

_LIMIT = 200  # records a second of one member, for a record takes it 5 ms
_VOID = {"meta", "br", "hr", "img", "input", "link"}


class _Balanced(html.parser.HTMLParser):
    """Demands that every tag is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        found = self.open.pop() if self.open else None
        assert found == tag, f"</{tag}> closes <{found}>, line {self.getpos()[0]}"


class SimCapacity(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())
        cls.driver = cls.enterClassContext(
            KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers))

    def flags(self, *more):
        return [f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}", "--output=json",
                "--handling-ms=5", "--inflow=300", "--partitions=6", "--backlog=2000",
                "--repeats=2", *more]

    def demand_nothing_left(self, report):
        wait_until(lambda: not self.is_there(report["topic"]), 20, "the topic's deletion")
        groups = [str(group) for group in self.driver.list_groups()]
        self.assertEqual([name for name in groups if "backlogd-capacity" in name], [])

    def is_there(self, topic):
        try:
            self.driver.leaders([topic])
        except DriverError:
            return False
        return True

    def demand_limit(self, report):
        self.assertAlmostEqual(report["consumer"]["records_per_second"], _LIMIT,
                               delta=_LIMIT / 10)

    def test_finds_the_limit_and_the_members_and_tells_both_in_words(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "capacity.html")
            done = run("capacity", *self.flags("--run=1500ms", f"--html={page}"), seconds=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            text = page.read_text()
        report = json.loads(done.stdout)
        self.assertTrue(report["complete"], report["ended"])
        self.demand_limit(report)
        self.assertEqual(report["members"]["needed"], 2, done.stderr)
        self.assertEqual(report["bottleneck"], "consumer")
        self.assertIn("you need 2 members", " ".join(report["words"]))
        self.assertGreater(report["producer"]["records_per_second"], 500)
        self.assertGreater(report["push"]["records_per_second"], 500)
        self.assertEqual([drain["members"] for drain in report["drains"]], [1, 2])
        self.assertGreater(len(report["producers"]), 1)
        self.assertGreater(len(report["consumers"]), 1)
        # Whether the broker is the limit is seen in what it does to both.
        for step in report["producers"] + report["consumers"]:
            self.assertIsNotNone(step["throttle_ms"], step)
        self.assertIn("capacity_hints", report["hint"])
        self.assertIn("1 consumer: ", done.stderr)
        self.demand_page(text)
        self.demand_nothing_left(report)

    def demand_page(self, text):
        page = _Balanced()
        page.feed(text)
        page.close()
        self.assertEqual(page.open, [])
        self.assertIn("svg", page.seen)
        self.assertNotIn("script", page.seen)
        self.assertNotIn("http://", text.replace("http://www.w3.org/2000/svg", ""))
        self.assertNotIn("https://", text)

    def test_finds_the_limit_again_in_the_time_it_is_given(self):
        for _ in range(2):
            done = run("capacity", *self.flags("--run=1s", "--for=7s"), seconds=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)
            self.assertFalse(report["complete"])
            self.demand_limit(report)
            self.demand_nothing_left(report)

    def test_measures_on_a_topic_of_the_operator_and_leaves_it(self):
        self.driver.create_topic("own", partitions=2)
        self.driver.produce([["own", 0, 100]])
        done = run("capacity", *self.flags("--topic=own", "--run=1s", "--for=4s"), seconds=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["topic"], report["partitions"]), ("own", 2))
        self.assertEqual(self.driver.log_offsets([("own", 0)])[("own", 0)][0], 0)

    def test_leaves_nothing_behind_when_interrupted(self):
        with BacklogdSim("capacity", *self.flags("--run=30s")) as sim:
            wait_until(lambda: any("backlogd-capacity" in str(group)
                                   for group in self.driver.list_groups()), 20, "a group")
            sim.stop(signal.SIGINT)
            report = sim.report()
        self.assertFalse(report["complete"])
        self.demand_nothing_left(report)

    def test_says_clearly_that_a_topic_is_not_there(self):
        done = run("capacity", *self.flags("--topic=nowhere"), seconds=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
