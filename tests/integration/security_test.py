"""The daemon against a broker that demands TLS, client certificates and SASL: each way in works,
each wrong credential is told as such and mends itself when its file does, and no secret is shown."""

import pathlib
import tempfile
import time
import unittest

from support import planted
from support.backlogd import Backlogd
from support.kafka_driver import KafkaDriver
from support.secured_kafka import (
    CLIENT_SECRET,
    PASSWORD,
    USER,
    SecuredKafka,
    SilentEndpoint,
    TokenEndpoint,
)

WRONG = planted.WRONG_KAFKA_PASSWORD
SECRETS = (PASSWORD, CLIENT_SECRET, WRONG)
_SECONDS = 60
_REMINDER = 20  # polls until the log repeats itself
_POLLS = 8  # in which it must not
# Cluster with a wrong credential -> what the log must say of it.
_WRONG = {
    "wrong-plain": "Invalid username or password",
    "wrong-scram": "invalid credentials",
    "wrong-secret": "invalid_client",
    "no-endpoint": "127.0.0.1 port 1",
    "silent-endpoint": "of sasl.oauthbearer.token.endpoint.url has not answered",
    "unknown-authority": "signed by an authority that ssl.ca.location does not name",
    "expired-broker": "expired",
    "no-certificate": "certificate",
    "unknown-certificate": "the broker trusts no authority that signed our certificate",
}
# It speaks TLS, and no SASL, with a listener for both: how that fails, differs from poll to poll.
_WITHOUT_SASL = "without-sasl"
_RIGHT = ("tls", "mtls", "plain", "scram-256", "scram-512", "oauth")
# Mended by a file, with what it is overwritten.
_MENDED = ("wrong-plain", "wrong-scram", "wrong-secret", "unknown-authority",
           "unknown-certificate")


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(SecuredKafka())
        cls.silent_endpoint = cls.enterClassContext(SilentEndpoint())
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        kafka = cls.broker.kafka
        with KafkaDriver(kafka.jars, kafka.bootstrap_servers) as driver:
            driver.create_topic("orders")
            driver.produce([("orders", 0, 7)])
            driver.commit("billing", [("orders", 0, 2)])
        config = {"clusters": [*cls._right_clusters(), *cls._wrong_clusters()],
                  "poll": {"interval": "2s", "timeout": "2s"}}
        cls.daemon = cls.enterClassContext(Backlogd(config, ["--log.level=debug"]))

    @classmethod
    def _right_clusters(cls):
        broker = cls.broker
        password = {"sasl.password": cls._file("password", PASSWORD)}
        secret = {"sasl.oauthbearer.client.secret": cls._file("secret", CLIENT_SECRET)}
        mutual = {**broker.tls(), **cls._certificate(USER, "mutual")}
        return [broker.cluster("tls", "tls", broker.tls()),
                broker.cluster("mtls", "mtls", mutual),
                broker.cluster("plain", "sasl", broker.sasl("PLAIN"), password),
                broker.cluster("scram-256", "sasl", broker.sasl("SCRAM-SHA-256"), password),
                broker.cluster("scram-512", "sasl", broker.sasl("SCRAM-SHA-512"), password),
                broker.cluster("oauth", "sasl", broker.oauth(), secret)]

    @classmethod
    def _wrong_clusters(cls):
        broker = cls.broker
        files = {name: cls._file(name, WRONG)
                 for name in ("wrong-plain", "wrong-scram", "wrong-secret")}
        secret = "sasl.oauthbearer.client.secret"
        authority = cls._copy("unknown-authority", "stranger.pem")
        unreachable = broker.oauth("http://127.0.0.1:1/token")
        unused = {secret: cls._file("unused", CLIENT_SECRET)}
        strange = {**broker.tls(), **cls._certificate("nobody", "unknown-certificate")}
        return [broker.cluster("wrong-plain", "sasl", broker.sasl("PLAIN"),
                               {"sasl.password": files["wrong-plain"]}),
                broker.cluster("wrong-scram", "sasl", broker.sasl("SCRAM-SHA-512"),
                               {"sasl.password": files["wrong-scram"]}),
                broker.cluster("wrong-secret", "sasl", broker.oauth(),
                               {secret: files["wrong-secret"]}),
                broker.cluster("no-endpoint", "sasl", unreachable, unused),
                broker.cluster("silent-endpoint", "sasl",
                               broker.oauth(cls.silent_endpoint.url), unused),
                broker.cluster(_WITHOUT_SASL, "sasl", broker.tls()),
                broker.cluster("unknown-authority", "tls",
                               {**broker.tls(), "ssl.ca.location": authority}),
                broker.cluster("expired-broker", "expired", broker.tls()),
                broker.cluster("no-certificate", "mtls", broker.tls()),
                broker.cluster("unknown-certificate", "mtls", strange)]

    @classmethod
    def _file(cls, name, content):
        """Writes it anew, as a whole, as those do who rotate secrets."""
        new = cls.folder / f"{name}.new"
        new.write_text(content)
        new.rename(cls.folder / name)
        return str(cls.folder / name)

    @classmethod
    def _copy(cls, name, certificate):
        return cls._file(name, cls.broker.certificates.path(certificate).read_text())

    @classmethod
    def _certificate(cls, holder, name):
        return {"ssl.certificate.location": cls._copy(f"{name}.pem", f"{holder}.pem"),
                "ssl.key.location": cls._copy(f"{name}.key", f"{holder}.key")}

    def test_each_way_in_works(self):
        for cluster in _RIGHT:
            with self.subTest(cluster):
                self._await_up(cluster)
                lag = self.daemon.scrape().value("backlogd_group_lag_records",
                                                 kafka_cluster=cluster, group="billing")
                self.assertEqual(lag, 5)

    def test_a_credential_that_is_replaced_is_taken_at_once(self):
        for cluster in ("plain", "mtls"):
            self._await_up(cluster)
        self._file("password", PASSWORD)
        self._certificate(USER, "mutual")
        for cluster in ("plain", "scram-256", "scram-512", "mtls"):
            with self.subTest(cluster):
                self.daemon.wait(lambda _, cluster=cluster: self._renewals(cluster), _SECONDS,
                                 "a new connection")
                self.daemon.await_polls(1, cluster)
                self._await_up(cluster)
        self.assertEqual(self._renewals("oauth") + self._renewals("tls"), 0)

    def _renewals(self, cluster):
        return sum(line["msg"] == "Credentials have changed: connecting anew"
                   and line["kafka_cluster"] == cluster for line in self.daemon.log())

    def test_a_session_outlives_its_token_and_its_password_check(self):
        # The broker demands new credentials each 5 s, and a token is good for 20 s.
        given = self.broker.token_endpoint.tokens
        self.daemon.wait(lambda _: self.broker.token_endpoint.tokens > given, _SECONDS,
                         "another token")
        self.daemon.await_polls(2, "oauth")
        for cluster in ("plain", "scram-256", "scram-512", "oauth"):
            self._await_up(cluster)
            failed = self.daemon.scrape().by("backlogd_poll_failures_total", "step",
                                             kafka_cluster=cluster, reason="authentication")
            self.assertEqual(sum(failed.values()), 0, cluster)

    def test_wrong_credentials(self):
        """First that they are told, then that they mend themselves: in this order."""
        for cluster, words in _WRONG.items():
            with self.subTest(cluster):
                self._demand_told(cluster, words)
        for cluster in (*_WRONG, _WITHOUT_SASL):
            with self.subTest(cluster):
                self._demand_told_once(cluster)
        self._demand_idle()
        self.silent_endpoint.close()
        self.enterContext(TokenEndpoint(self.silent_endpoint.port))
        self._file("wrong-plain", PASSWORD)
        self._file("wrong-scram", PASSWORD)
        self._file("wrong-secret", CLIENT_SECRET)
        self._copy("unknown-authority", "ca.pem")
        self._certificate(USER, "unknown-certificate")
        for cluster in (*_MENDED, "silent-endpoint"):
            with self.subTest(cluster):
                self._await_up(cluster)

    def _demand_told(self, cluster, words):
        page = self.daemon.wait(
            lambda seen: seen.value("backlogd_poll_failures_total", kafka_cluster=cluster,
                                    step="metadata", reason="authentication"),
            _SECONDS, "a failure")
        self.assertEqual(page.value("backlogd_up", kafka_cluster=cluster), 0)
        failures = [line for line in self._warnings(cluster)
                    if line["msg"] == "questions to Kafka failed"]
        # Where a broker is slow to refuse, the first poll may have heard nothing; but an endpoint
        # that is silent must not look as if the broker were.
        reasons = {line["reason"] for line in failures}
        self.assertIn("authentication", reasons, failures)
        if cluster == "silent-endpoint":
            self.assertEqual(reasons, {"authentication"}, failures)
        self.assertIn(words, " ".join(line["example"] for line in failures))

    def _demand_told_once(self, cluster):
        """Or again after many polls; librdkafka does not tell it too."""
        self.daemon.wait(lambda page: self._polls(page, cluster) >= _POLLS, _SECONDS, "some polls")
        lines = self._warnings(cluster)
        polls = int(self._polls(self.daemon.scrape(), cluster))
        reasons = {line["reason"] for line in lines if "reason" in line}
        tellings = len(reasons) * (1 + polls // _REMINDER)
        self.assertLessEqual(len(lines), 1 + tellings, lines)  # and that it is not up

    def _polls(self, page, cluster):
        return page.value("backlogd_poll_duration_seconds_count", kafka_cluster=cluster) or 0

    def _warnings(self, cluster):
        return [line for line in self.daemon.log()
                if line.get("kafka_cluster") == cluster and line["level"] in ("warn", "error")]

    def _demand_idle(self):
        """Sixteen clusters, most of them refused: no busy loop."""
        page = self.daemon.scrape()
        seconds = time.time() - page.value("process_start_time_seconds")
        self.assertLess(page.value("process_cpu_seconds_total") / seconds, 0.5)

    def _await_up(self, cluster):
        self.daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster=cluster) == 1,
                         _SECONDS, f"{cluster} is up")

    def tearDown(self):
        shown = self.daemon.log_text()
        for path in ("/metrics", "/", "/daemon", "/api/v1/clusters"):
            shown += self.daemon.request(path).body.decode()
        for secret in SECRETS:
            self.assertNotIn(secret, shown)


if __name__ == "__main__":
    unittest.main()
