"""backlogd-sim verify: passes on what is right, names what is not, and never hangs."""

import json
import pathlib
import tempfile
import xml.etree.ElementTree

from kafka_case import KafkaCase
from support.servers import WebHandler, WebServer
from support.sim import BacklogdSim, run


class Garbage(WebHandler):
    """Answers 200 to everything, but nothing that makes sense."""

    def do_POST(self):  # noqa: N802: the name is the library's
        self.body()
        self.answer(200, b"<html>&welcome")


class SimVerify(KafkaCase):
    SETTINGS = {"group.initial.rebalance.delay.ms": "0"}

    def setUp(self):
        self.topic = self.unique("offer")
        self.driver.create_topic(self.topic, 3)
        self.driver.produce([(self.topic, partition, 50) for partition in range(3)])

    def verify(self, *flags, status=0, seconds=60):
        """The report, which must end with that exit status."""
        result = run("verify", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                     f"--topic={self.topic}", "--output=json", *flags, seconds=seconds)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return json.loads(result.stdout)

    def verdicts(self, report):
        return {check["name"]: check["verdict"] for check in report["checks"]}

    def demand_no_group(self):
        left = [group for group in self.driver.list_groups() if "verify-" in group]
        self.assertEqual(left, [])

    def test_a_good_topic_passes_beside_real_traffic(self):
        self.driver.start_producer("traffic", self.topic, 200)
        try:
            report = self.verify("--partitions=3", "--replication=1")
        finally:
            self.driver.stop("traffic")
        self.assertEqual(set(self.verdicts(report).values()), {"passed"}, report)
        self.demand_no_group()

    def test_pushing_over_http_passes(self):
        with BacklogdSim("produce",
                         f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}") as producer:
            report = self.verify(f"--push-url={producer.url}")
        self.assertEqual(report["failed"], 0, report)
        self.assertEqual(report["passed"], 8, report)

    def test_what_is_wrong_is_named_in_every_format(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "junit.xml"
            report = self.verify("--partitions=4", "--replication=2", f"--junit={file}", status=1)
            root = xml.etree.ElementTree.parse(file).getroot()
        verdicts = self.verdicts(report)
        self.assertEqual([name for name, verdict in verdicts.items() if verdict == "failed"],
                         ["partition_count", "replication"])
        cases = {case.get("name"): case for case in root.iter("testcase")}
        self.assertEqual(set(cases), set(verdicts))
        self.assertEqual(root.get("failures"), "2")
        self.assertEqual(cases["partition_count"].find("failure").get("message"),
                         "has 3 partitions, not 4")
        self.assertIsNone(cases["content_is_kept"].find("failure"))
        result = run("verify", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                     f"--topic={self.topic}", "--partitions=4")
        self.assertIn("failed   partition_count", result.stdout)
        self.assertIn("has 3 partitions, not 4", result.stdout)

    def test_a_push_url_that_answers_garbage_fails(self):
        with WebServer(Garbage) as garbage, tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "junit.xml"
            report = self.verify(f"--push-url={garbage.url}push", f"--junit={file}", status=1)
            root = xml.etree.ElementTree.parse(file).getroot()
        verdicts = self.verdicts(report)
        self.assertEqual(verdicts["empty_consume_is_bounded"], "passed")
        self.assertEqual(verdicts["content_is_kept"], "failed")
        self.assertEqual(verdicts["group_resumes"], "skipped")
        case = root.find(".//testcase[@name='content_is_kept']/failure")
        self.assertIn("<html>&welcome", case.get("message"))
        self.demand_no_group()

    def test_nothing_is_waited_for_longer_than_the_timeout(self):
        result = run("verify", "--kafka.bootstrap-servers=127.0.0.1:1", "--timeout=2s",
                     seconds=15)
        self.assertEqual(result.returncode, 1)
        self.assertIn("127.0.0.1:1", result.stderr)
        result = run("verify", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                     f"--topic={self.unique('nowhere')}", seconds=15)
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is no topic", result.stderr)
