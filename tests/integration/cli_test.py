"""The command line: what ends by itself, its words and its exit status. One poll of a real
cluster, and the page that it prints."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from kafka_case import configuration
from support import backlogd, exposition, planted
from support.backlogd import Backlogd
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver

_SOURCE = pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"])


class CommandLine(unittest.TestCase):
    """Without Kafka."""

    def file(self, text):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        file = pathlib.Path(folder) / "backlogd.yaml"
        file.write_text(text)
        return str(file)

    def demand_failure(self, result, status, *words):
        self.assertEqual((result.returncode, result.stdout), (status, ""), result)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_version(self):
        result = backlogd.run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"\Abacklogd \d+\.\d+\.\d+\S* \(revision \w+\)\n\Z")

    def test_help_names_every_flag(self):
        result = backlogd.run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for flag in ("--config.file", "--kafka.bootstrap-servers", "--web.listen-address",
                     "--web.telemetry-path", "--web.enable-lifecycle", "--log.level", "--log.format", "--check-config",
                     "--once", "--version", "--help"):
            self.assertIn(flag, result.stdout)

    def test_wrong_usage(self):
        for arguments in (["--nonsense"], ["argument"], ["--log.level=loud"], ["--log.format=xml"],
                          ["--web.listen-address=nonsense"], ["--web.telemetry-path=metrics"],
                          ["--config.file"], ["--once", "--check-config"],
                          ["--kafka.bootstrap-servers="],
                          ["--kafka.bootstrap-servers=", "--check-config"],
                          ["--kafka.bootstrap-servers=a:b"],
                          ["--log.level=info", "--log.level=warn"]):
            with self.subTest(arguments):
                result = backlogd.run(*arguments)
                self.demand_failure(result, 2, "backlogd: ", arguments[0].split("=")[0])
                self.assertLessEqual(result.stderr.count("\n"), 2)

    def test_check_config(self):
        for file in (_SOURCE / "config" / "backlogd.yaml", _SOURCE / "config" / "minimal.yaml"):
            result = backlogd.run("--check-config", f"--config.file={file}")
            self.assertEqual((result.returncode, result.stderr), (0, ""), file)
        self.assertEqual(backlogd.run("--check-config").returncode, 0)

    def test_check_config_of_a_bad_file(self):
        file = self.file("poll:\n  interval: 0s\n")
        self.demand_failure(backlogd.run("--check-config", f"--config.file={file}"), 1,
                            f"{file}:2:", "poll.interval")
        file = self.file("clusters:\n- name: a\n  properties: {no.such.property: 1}\n")
        self.demand_failure(backlogd.run("--check-config", f"--config.file={file}"), 1,
                            f"{file}:3:34: clusters[0].properties.no.such.property: ")
        self.demand_failure(backlogd.run("--check-config", "--config.file=/nowhere.yaml"), 1,
                            "/nowhere.yaml")

    def test_secrets_stay_inside(self):
        secret = planted.KAFKA_PASSWORD
        for properties in (f"sasl.password: {secret}\n    no.such.property: x",
                           f"ssl.key.password: {secret}\n    security.protocol: nonsense"):
            file = self.file("clusters:\n- name: a\n  properties:\n    " + properties + "\n")
            for flag in ("--check-config", "--once"):
                result = backlogd.run(flag, f"--config.file={file}", "--log.level=debug")
                self.assertEqual(result.returncode, 1)
                self.assertNotIn(secret, result.stdout + result.stderr)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            result = backlogd.run(f"--web.listen-address={address}")
            self.assertEqual(result.returncode, 1)
            self.assertIn(address, result.stderr)

    def test_once_with_nobody_there(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{unused.getsockname()[1]}"
            result = backlogd.run("--once", f"--kafka.bootstrap-servers={address}",
                                  f"--config.file={self.file('poll: {interval: 2s, timeout: 2s}')}")
            silenced = backlogd.run("--once", f"--kafka.bootstrap-servers={address}",
                                    f"--config.file={self.file('poll: {interval: 1s}')}",
                                    "--log.level=error")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(silenced.returncode, 1)
        self.assertNotEqual(silenced.stderr, "")
        page = exposition.parse(result.stdout.encode())
        self.assertEqual(page.value("backlogd_up", kafka_cluster="default"), 0)
        lines = [backlogd.parse_log_line(line) for line in result.stderr.splitlines()]
        self.assertTrue(any(line.get("kafka_cluster") == "default" for line in lines), lines)


class AgainstKafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())
        driver = cls.enterClassContext(KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers))
        driver.create_topic("orders", 2)
        driver.create_topic("orders-dlt")
        driver.produce([("orders", 0, 10), ("orders", 1, 10), ("orders-dlt", 0, 1)])
        driver.commit("group", [("orders", 0, 4), ("orders", 1, 10)])
        driver.start_members("live", "live", ["orders"])
        driver.await_group("live", members=1, partitions=2)

    def test_works_with_nothing_but_the_address(self):
        result = backlogd.run("--once",
                              f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        page = exposition.parse(result.stdout.encode())
        of = {"kafka_cluster": "default", "group": "group"}
        self.assertEqual(page.value("backlogd_up", kafka_cluster="default"), 1)
        self.assertEqual(page.value("backlogd_group_lag_records", **of), 6)
        self.assertEqual(page.value("backlogd_group_partition_lag_records", topic="orders",
                                    partition=0, **of), 6)
        # Only with detail: full.
        self.assertEqual(page.series("backlogd_group_partition_committed_offset"), [])

    def test_details_by_pattern(self):
        series = {"group": 0, "topic": 1, "partition": 2, "full": 3}
        for detail, wanted in series.items():
            with self.subTest(detail):
                page = self.once(metrics={"detail_rules": [
                    {"groups": "gr.*", "detail": detail}, {"groups": ".*", "detail": "group"}]})
                of = {"group": "group"}
                found = [page.series("backlogd_group_topic_lag_records", **of),
                         page.series("backlogd_group_partition_lag_records", **of),
                         page.series("backlogd_group_partition_committed_offset", **of)]
                self.assertEqual([bool(family) for family in found],
                                 [index < wanted for index in range(3)])
                self.assertTrue(page.series("backlogd_group_lag_records", **of))
                self.assertEqual(page.series("backlogd_group_topic_lag_records", group="live"), [])

    def test_filters_by_pattern(self):
        cluster = {"name": "a", "bootstrap_servers": self.kafka.bootstrap_servers}
        page = self.once(clusters=[{**cluster, "groups": {"exclude": ["li.*"]}}])
        self.assertEqual(set(page.by("backlogd_group_members", "group")), {"group"})
        page = self.once(clusters=[{**cluster, "topics": {"internal": True},
                                    "groups": {"include": ["liv"]}}])  # anchored: matches none
        self.assertEqual(page.series("backlogd_group_members"), [])
        self.assertEqual(set(page.by("backlogd_topic_partitions", "topic")),
                         {"orders", "orders-dlt", "__consumer_offsets"})

    def once(self, **sections):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "backlogd.yaml"
            file.write_text(backlogd.to_yaml(
                configuration(self.kafka.bootstrap_servers, **sections)))
            result = backlogd.run("--once", f"--config.file={file}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return exposition.parse(result.stdout.encode())

    def test_every_metric_of_the_golden_files_is_real(self):
        with Backlogd(configuration(self.kafka.bootstrap_servers,
                                    dead_letters={"scan": True})) as daemon:
            daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="it") == 1, 20, "up")
            page = daemon.await_polls(5, "it")  # long enough for the slow rotations
        golden = {}
        for file in sorted((_SOURCE / "tests" / "golden").glob("*.prom")):
            # Families of other exporters are told in compatibility_test.
            shown = dict(re.findall(r"^# TYPE (backlogd_\S+|process_\S+) (\S+)$",
                                    file.read_text(), re.MULTILINE))
            order = [name for name in page.families if name in shown]
            # What a few polls of a quiet cluster cannot tell is missing; see scenarios_test.
            known = [name for name in shown if name in page.families]
            self.assertEqual(order, known, f"the order of {file.name}")
            self.assertEqual([name for name in shown if not name.startswith("backlogd_group_")],
                             [name for name in order if not name.startswith("backlogd_group_")])
            golden |= shown
        self.assertGreater(len(golden), 40)
        self.assertEqual(page.families, {name: golden.get(name) for name in page.families})

    def test_promtool_finds_nothing(self):
        with Backlogd(configuration(self.kafka.bootstrap_servers)) as daemon:
            daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="it") == 1, 20, "up")
            body = daemon.request("/metrics").body
        result = subprocess.run([os.environ["PROMTOOL"], "check", "metrics"], input=body,
                                capture_output=True)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, b""))
