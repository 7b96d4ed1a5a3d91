"""What an operator does to a daemon that runs, and what happens around it: reloads, clusters that
are dead or slow beside one that is fine, impatient and several readers, a daemon that is stopped for a while."""

import gzip
import os
import signal
import threading
import time

from kafka_case import CLUSTER, KafkaCase, configuration
from slow_proxy import SlowProxy
from support import exposition
from support.backlogd import Backlogd
from support.kafka_cluster import KafkaCluster
from web_test import SilentKafka, nobody_listens

_RELOAD = "/-/reload"


class Operations(KafkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver.create_topic("orders", 3)
        cls.driver.create_topic("bills", 1)
        cls.driver.produce([("orders", p, 10) for p in range(3)] + [("bills", 0, 5)])
        cls.driver.commit("group", [("orders", p, 4) for p in range(3)])
        cls.driver.commit("audit", [("bills", 0, 2)])

    def clusters(self, **addresses):
        return configuration("", clusters=[{"name": name, "bootstrap_servers": address}
                                           for name, address in addresses.items()])

    def started(self, config, *arguments):
        return self.enterContext(Backlogd(config, arguments))

    def lag(self, page, kafka_cluster, group="group"):
        return page.value("backlogd_group_lag_records", kafka_cluster=kafka_cluster, group=group)

    def await_lag(self, daemon, kafka_cluster, lag, group="group"):
        return daemon.wait(lambda page: self.lag(page, kafka_cluster, group) == lag, 30,
                           f"lag {lag} of {group} in {kafka_cluster}")

    def await_reload(self, daemon, success):
        return daemon.wait(
            lambda page: page.value("backlogd_config_reload_success") == success, 20, "a reload")

    # Reload

    def test_reload_is_off_over_http_unless_enabled(self):
        for method in ("POST", "PUT"):
            response = self.daemon.request(_RELOAD, method)
            self.assertEqual(response.status, 403)
            self.assertIn(b"Lifecycle API is not enabled", response.body)
        self.assertEqual(self.daemon.request(_RELOAD).status, 405)

    def test_reload_adds_changes_and_removes_clusters(self):
        servers = self.kafka.bootstrap_servers
        config = self.clusters(stays=servers, changes=servers, goes=servers)
        daemon = self.started(config, "--web.enable-lifecycle")
        for name in ("stays", "changes", "goes"):
            self.await_lag(daemon, name, 18)
        self.driver.create_topic(self.unique("counted"), 1)
        daemon.await_polls(2, "changes")
        self.driver.produce([(self.unique("counted"), 0, 9)])
        counted = {"topic": self.unique("counted")}

        def produced(page, name):
            return page.value("backlogd_topic_records_produced_total", kafka_cluster=name,
                              **counted)

        daemon.wait(lambda page: produced(page, "stays") == produced(page, "changes") == 9, 20,
                    "records counted")
        polls = daemon.scrape().value("backlogd_poll_duration_seconds_count", kafka_cluster="stays")
        config = self.clusters(comes=servers, stays=servers, changes=f"{servers},{servers}")
        config["clusters"][2]["groups"] = {"include": ["audit"]}
        daemon.configure(config)
        response = daemon.request(_RELOAD, "POST")
        self.assertEqual((response.status, response.body.decode()),
                         (200, "reloaded; clusters added: comes; changed: changes; removed: goes\n"))
        self.assertEqual([labels for labels, _ in daemon.scrape().series("backlogd_up")
                          if labels["kafka_cluster"] == "goes"], [])
        self.await_lag(daemon, "comes", 18)
        page = self.await_lag(daemon, "changes", 3, "audit")
        self.assertIsNone(self.lag(page, "changes"))
        self.assertNotIn('kafka_cluster="goes"', daemon.request("/metrics").body.decode())
        for name in ("stays", "changes"):
            self.assertEqual(produced(page, name), 9, name)
        self.assertEqual(page.value("backlogd_up", kafka_cluster="changes"), 1)
        self.assertEqual(self.lag(page, "stays"), 18)
        daemon.wait(lambda page: page.value("backlogd_poll_duration_seconds_count",
                                            kafka_cluster="stays") > polls, 20,
                    "polls that go on")

    def test_reload_by_signal_applies_the_log_and_names_what_it_cannot(self):
        config = self.clusters(one=self.kafka.bootstrap_servers)
        daemon = self.started(config)
        self.await_lag(daemon, "one", 18)
        self.assertNotIn("debug", {line["level"] for line in daemon.log()})
        daemon.configure({**config, "log": {"level": "debug"}, "web": {"telemetry_path": "/m"}})
        os.kill(daemon.pid, signal.SIGHUP)
        self.wait_until(lambda: any(line["level"] == "debug" for line in daemon.log()), 20,
                        "a line of debug")
        told = [line for line in daemon.log() if "cannot be reloaded" in line["msg"]]
        self.assertEqual([line["keys"] for line in told], ["web.telemetry_path"])
        self.assertEqual(daemon.request("/metrics").status, 200)

    def test_a_bad_file_changes_nothing_and_shows(self):
        config = self.clusters(one=self.kafka.bootstrap_servers)
        daemon = self.started(config, "--web.enable-lifecycle")
        self.await_lag(daemon, "one", 18)
        for text, word in (("poll: {interval: 0s}", "poll.interval"),
                           ("clusters: [{name: one, properties: {no.such: 1}}]", "no.such"),
                           ("clusters: [", "yaml")):
            daemon.configure(text)
            response = daemon.request(_RELOAD, "PUT")
            self.assertEqual(response.status, 500)
            self.assertIn("nothing has changed: ", response.body.decode())
            self.assertIn(word, response.body.decode())
            page = self.await_reload(daemon, 0)
            self.assertEqual(self.lag(page, "one"), 18)
        daemon.configure(config)
        self.assertEqual(daemon.request(_RELOAD, "POST").status, 200)
        self.await_reload(daemon, 1)
        failed = [line for line in daemon.log() if line["msg"].startswith("configuration not")]
        self.assertEqual({line["level"] for line in failed}, {"error"})

    def test_reloads_at_the_same_time_come_one_after_the_other(self):
        daemon = self.started(self.clusters(one=self.kafka.bootstrap_servers),
                              "--web.enable-lifecycle")
        self.await_lag(daemon, "one", 18)
        answers = []
        threads = [threading.Thread(
            target=lambda: answers.append(daemon.request(_RELOAD, "POST", seconds=60).status))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        os.kill(daemon.pid, signal.SIGHUP)
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 8)

    # Isolation

    def test_one_cluster_is_dead_one_hangs_one_is_slow_and_one_is_fine(self):
        proxy = self.enterContext(SlowProxy())
        slow = self.enterContext(KafkaCluster(
            settings={"advertised.listeners": f"PLAINTEXT://{proxy.address}"}))
        proxy.target = slow.bootstrap_servers
        silent = self.enterContext(SilentKafka())
        daemon = self.started(self.clusters(
            fine=self.kafka.bootstrap_servers, slow=proxy.address, hanging=silent.address,
            dead=nobody_listens()))
        daemon.wait(lambda page: page.by("backlogd_up", "kafka_cluster") ==
                    {"fine": 1, "slow": 1, "hanging": 0, "dead": 0}, 60, "two clusters up")
        proxy.delay = 1.5  # longer than a poll may take
        daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="slow") == 0, 30,
                    "the slow cluster is not up")
        daemon.await_polls(8, "fine", seconds=40)
        page = daemon.wait(lambda page: page.by("backlogd_up", "kafka_cluster") ==
                           {"fine": 1, "slow": 0, "hanging": 0, "dead": 0}, 20, "one of four up")
        self.assertEqual(self.lag(page, "fine"), 18)
        read = page.value("backlogd_snapshot_timestamp_seconds", kafka_cluster="fine")
        self.assertLess(time.time() - read, 10)
        # On a busy machine a question may come too late by itself.
        self.assertLessEqual(set(self.failures(page, "fine")), {"timeout"})
        self.assertIn("timeout", self.failures(page, "slow"))
        self.assertTrue(self.failures(page, "hanging"))
        self.assertIn("unreachable", self.failures(page, "dead"))
        daemon.wait(lambda page: page.value("backlogd_brokers", kafka_cluster="slow") is None, 30,
                    "nothing stale of the slow cluster")
        proxy.delay = 0
        daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="slow") == 1, 30,
                    "the slow cluster is up again")

    @staticmethod
    def failures(page, kafka_cluster):
        """Failed questions by reason, without those that are 0."""
        by_reason = {}
        for labels, count in page.series("backlogd_poll_failures_total",
                                         kafka_cluster=kafka_cluster):
            by_reason[labels["reason"]] = by_reason.get(labels["reason"], 0) + count
        return {reason: count for reason, count in by_reason.items() if count}

    # Readers

    def test_a_scrape_never_waits_however_impatient_its_prometheus(self):
        silent = self.enterContext(SilentKafka())
        config = self.clusters(hanging=silent.address)
        daemon = self.started({**config, "poll": {"interval": "60s", "timeout": "60s"}})
        silent.await_request()
        for timeout in ("0.001", "0", "-1", "nonsense", "10"):
            response = daemon.request(
                "/metrics", headers={"X-Prometheus-Scrape-Timeout-Seconds": timeout}, seconds=5)
            self.assertEqual(response.status, 200, timeout)
            exposition.parse(response.body)

    def test_two_prometheus_servers_see_the_same_pages(self):
        pages = ({}, {})  # of each reader, by poll: the pages it saw
        until = time.monotonic() + 6

        def read(seen, pause, headers):
            while time.monotonic() < until:
                body = self.daemon.request("/metrics", headers=headers).body
                if body.startswith(b"\x1f\x8b"):
                    body = gzip.decompress(body)
                poll = exposition.parse(body).value("backlogd_poll_duration_seconds_count",
                                                    kafka_cluster=CLUSTER)
                seen.setdefault(poll, set()).add(body)
                threading.Event().wait(pause)

        readers = [threading.Thread(target=read, args=(pages[0], 0.05, {})),
                   threading.Thread(target=read,
                                    args=(pages[1], 0.17, {"Accept-Encoding": "gzip"}))]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        both = pages[0].keys() & pages[1].keys()
        self.assertGreater(len(both), 1)
        for poll in pages[0].keys() | pages[1].keys():
            seen = pages[0].get(poll, set()) | pages[1].get(poll, set())
            self.assertEqual(len(seen), 1, f"pages of poll {poll}")

    # Time

    def test_a_process_that_was_stopped_and_goes_on(self):
        topic = self.unique("slept")
        self.driver.create_topic(topic, 1)
        self.driver.produce([(topic, 0, 10)])
        self.driver.commit("sleeper", [(topic, 0, 10)])
        daemon = self.started(self.clusters(one=self.kafka.bootstrap_servers))
        self.await_lag(daemon, "one", 0, "sleeper")
        os.kill(daemon.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, daemon.pid, signal.SIGCONT)
        self.driver.produce([(topic, 0, 7)])
        produced = time.time()
        self.wait_until(lambda: time.time() - produced > 4, 20, "four polls missed")
        os.kill(daemon.pid, signal.SIGCONT)
        page = daemon.await_polls(1, "one")
        self.assertEqual(self.lag(page, "one", "sleeper"), 7)
        self.assertEqual(page.value("backlogd_up", kafka_cluster="one"), 1)
        of = {"kafka_cluster": "one", "group": "sleeper"}
        page = daemon.wait(lambda page: page.value("backlogd_group_lag_seconds", **of) is not None,
                           20, "an age")
        read = page.value("backlogd_snapshot_timestamp_seconds", kafka_cluster="one")
        age = page.value("backlogd_group_lag_seconds", **of)
        self.assertLess(abs(read - produced - age), 3)
