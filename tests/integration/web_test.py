"""What is served, whatever Kafka does: the endpoints, several clusters, an end in time."""

import gzip
import signal
import socket
import statistics
import time

from kafka_case import CLUSTER, KafkaCase, configuration
from support import exposition
from support.backlogd import STOP_SECONDS, Backlogd

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class SilentKafka:
    """A port that accepts connections and never answers, as a paused broker does."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._listener.settimeout(20)
        self._accepted = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        return self

    def __exit__(self, *_):
        for connection in [self._listener, *self._accepted]:
            connection.close()

    def await_request(self):
        """Waits until a client has connected and asked something."""
        connection, _ = self._listener.accept()
        self._accepted.append(connection)
        connection.settimeout(20)
        assert connection.recv(1)


def nobody_listens():
    """An address that refuses connections."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{unused.getsockname()[1]}"


class Web(KafkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver.create_topic("orders", 3)
        cls.driver.produce([("orders", p, 10) for p in range(3)])
        cls.driver.commit("group", [("orders", p, 4) for p in range(3)])

    def setUp(self):
        self.page, _ = self.await_agreement("group")

    def clusters(self, timeout="1s", **addresses):
        return configuration(
            "", poll={"interval": timeout, "timeout": timeout},
            clusters=[{"name": name, "bootstrap_servers": address}
                      for name, address in addresses.items()])

    # Endpoints

    def test_metrics_as_text(self):
        for accept in (None, "", "*/*", "text/plain", "text/html, nonsense;q=x"):
            headers = {} if accept is None else {"Accept": accept}
            response = self.daemon.request("/metrics", headers=headers)
            self.assertEqual((response.status, response.headers["content-type"]), (200, _TEXT))
            self.assertNotIn("content-encoding", response.headers)
            exposition.parse(response.body)

    def test_metrics_as_open_metrics(self):
        accept = {"Accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3"}
        response = self.daemon.request("/metrics", headers=accept)
        self.assertEqual((response.status, response.headers["content-type"]), (200, _OPEN_METRICS))
        page = exposition.parse(response.body, open_metrics=True)
        text = self.daemon.scrape()
        self.assertEqual(list(page.families), list(text.families))
        lag = page.value("backlogd_group_lag_records", kafka_cluster=CLUSTER, group="group")
        self.assertEqual(lag, 18)

    def test_metrics_compressed(self):
        encoding = {"Accept-Encoding": "gzip"}
        self.daemon.request("/metrics", headers=encoding)  # such a client is there: from now on
        self.daemon.await_polls(1, CLUSTER)
        response = self.daemon.request("/metrics", headers=encoding)
        self.assertEqual(response.headers.get("content-encoding"), "gzip")
        self.assertEqual(int(response.headers["content-length"]), len(response.body))
        page = exposition.parse(gzip.decompress(response.body))
        self.assertEqual(page.value("backlogd_up", kafka_cluster=CLUSTER), 1)
        refused = self.daemon.request("/metrics", headers={"Accept-Encoding": "gzip;q=0"})
        self.assertNotIn("content-encoding", refused.headers)

    def test_head(self):
        for path in ("/metrics", "/-/healthy", "/-/ready", "/"):
            response = self.daemon.request(path, "HEAD")
            self.assertEqual((response.status, response.body), (200, b""), path)
            self.assertGreater(int(response.headers["content-length"]), 0, path)

    def test_health_and_landing_page(self):
        self.assertEqual(self.daemon.request("/-/healthy").status, 200)
        self.assertEqual(self.daemon.request("/-/ready").status, 200)
        landing = self.daemon.request("/")
        self.assertEqual(landing.headers["content-type"], "text/html; charset=utf-8")
        self.assertIn(b'href="./metrics"', landing.body)

    def test_other_paths_and_methods(self):
        for path in ("/metric", "/metrics/", "/-/", "/favicon.ico", "/../etc/passwd"):
            self.assertEqual(self.daemon.request(path).status, 404, path)
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            response = self.daemon.request("/metrics", method)
            self.assertEqual((response.status, response.headers.get("allow")), (405, "GET, HEAD"),
                             method)

    def test_requests_are_counted(self):
        def count(code):
            page = self.daemon.await_polls(1, CLUSTER)
            return page.value("backlogd_http_requests_total", code=code) or 0

        before = count(404)
        self.daemon.request("/nowhere")
        self.assertEqual(count(404), before + 1)

    # Clusters that do not answer

    def test_ready_once_the_first_poll_has_ended(self):
        with SilentKafka() as silent:
            with Backlogd(self.clusters("5s", silent=silent.address)) as daemon:
                silent.await_request()
                self.assertEqual(daemon.request("/-/ready").status, 503)
                self.assertEqual(daemon.request("/-/healthy").status, 200)
                page = daemon.scrape()
                self.assertIsNone(page.value("backlogd_up", kafka_cluster="silent"))
                self.wait_until(lambda: daemon.request("/-/ready").status == 200, 15, "ready")
                page = daemon.scrape()
                self.assertEqual(page.value("backlogd_up", kafka_cluster="silent"), 0)

    def test_several_clusters_and_dead_ones_that_delay_nothing(self):
        with SilentKafka() as silent:
            with Backlogd(self.clusters(living=self.kafka.bootstrap_servers, silent=silent.address,
                                        closed=nobody_listens())) as daemon:
                daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="living") == 1,
                            20, "the living cluster is up")
                daemon.await_polls(5, "living", seconds=30)
                page = daemon.wait(lambda page: page.by("backlogd_up", "kafka_cluster") ==
                                   {"living": 1, "silent": 0, "closed": 0}, 20, "one of three up")
                for dead in ("silent", "closed"):
                    failures = page.series("backlogd_poll_failures_total", kafka_cluster=dead)
                    self.assertGreater(sum(value for _, value in failures), 0)
                    self.assertEqual(page.series("backlogd_group_lag_records",
                                                 kafka_cluster=dead), [])
                lag = {"kafka_cluster": "living", "group": "group"}
                self.assertEqual(page.value("backlogd_group_lag_records", **lag), 18)
                read = page.value("backlogd_snapshot_timestamp_seconds", kafka_cluster="living")
                self.assertLess(time.time() - read, 10)

    def test_two_names_for_one_kafka(self):
        servers = self.kafka.bootstrap_servers
        with Backlogd(self.clusters(east=servers, west=servers)) as daemon:
            page = daemon.wait(
                lambda page: page.by("backlogd_group_lag_records", "kafka_cluster", group="group")
                == {"east": 18, "west": 18}, 20, "both clusters' series")
            ids = page.by("backlogd_cluster_info", "kafka_cluster", "cluster_id")
            self.assertEqual(len({cluster_id for _, cluster_id in ids}), 1)

    def test_series_are_withheld_when_nothing_is_read_any_more(self):
        self.addCleanup(self.kafka.resume, 1)
        self.kafka.pause(1)
        page = self.daemon.wait(
            lambda page: not page.series("backlogd_group_lag_records"), 15, "withheld series")
        self.assertEqual(self.value(page, "up"), 0)
        self.assertEqual(page.series("backlogd_partition_log_end_offset"), [])
        self.assertGreater(
            sum(value for _, value in page.series("backlogd_poll_failures_total")), 0)
        self.kafka.resume(1)
        self.daemon.wait(lambda page: self.value(page, "up") == 1, 20, "up again")
        self.await_agreement("group")

    def test_paused_broker_slows_no_scrape(self):
        def scrape_seconds():
            seconds = []
            until = time.monotonic() + 3  # three polls' time
            while time.monotonic() < until:
                seconds.append(self.daemon.request("/metrics").seconds)
            return seconds

        before = scrape_seconds()
        self.addCleanup(self.kafka.resume, 1)
        self.kafka.pause(1)
        during = scrape_seconds()
        self.kafka.resume(1)
        # A poll waits for a second.
        self.assertLess(statistics.median(during), 2 * statistics.median(before) + 0.1)
        self.assertLess(max(during), max(before) + 0.9)
        self.daemon.wait(lambda page: self.value(page, "up") == 1, 20, "up again")

    # The end

    def test_ends_in_time_in_the_middle_of_a_poll(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), SilentKafka() as silent:
                with Backlogd(self.clusters("60s", silent=silent.address)) as daemon:
                    silent.await_request()
                    self.assertLess(daemon.stop(number), STOP_SECONDS)
                    self.assertEqual(daemon.log()[-1]["level"], "info")

    def test_ends_in_time_when_the_broker_is_paused_or_gone(self):
        self.addCleanup(self.kafka.resume, 1)
        addresses = {"living": self.kafka.bootstrap_servers, "closed": nobody_listens()}
        with Backlogd(self.clusters("60s", **addresses)) as idle:
            idle.wait(lambda page: page.value("backlogd_up", kafka_cluster="living") == 1, 20, "up")
            with Backlogd(self.clusters("2s", **addresses)) as polling:
                polling.wait(lambda page: page.value("backlogd_up", kafka_cluster="living") == 1,
                             20, "up")
                self.kafka.pause(1)
                polling.wait(lambda page: page.value("backlogd_up", kafka_cluster="living") == 0,
                             20, "not up")
                self.assertLess(polling.stop(), STOP_SECONDS)
            self.assertLess(idle.stop(), STOP_SECONDS)
        self.kafka.resume(1)
        self.daemon.wait(lambda page: self.value(page, "up") == 1, 20, "up again")

    def test_json_log(self):
        with Backlogd(self.clusters(closed=nobody_listens()), ["--log.format=json"],
                      log_format="json") as daemon:
            daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="closed") == 0, 20,
                        "a failed poll")
            failed = [line for line in daemon.log() if line.get("kafka_cluster") == "closed"]
            self.assertTrue(failed)

    def test_failures_do_not_flood_the_log(self):
        with Backlogd(self.clusters(closed=nobody_listens())) as daemon:
            failed = {"kafka_cluster": "closed", "step": "metadata", "reason": "unreachable"}
            page = daemon.wait(
                lambda page: (page.value("backlogd_poll_failures_total", **failed) or 0) >= 12,
                30, "twelve failed polls")
            told = [line for line in daemon.log() if failed.items() <= line.items()]
            self.assertIn(len(told), range(1, 11))
            counted = page.by("backlogd_log_messages_total", "level")
            self.assertEqual(set(counted), {"debug", "info", "warn", "error"})
            self.assertGreater(counted["warn"], len(told))
