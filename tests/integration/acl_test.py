"""With exactly the ACLs that docs/kafka-access.md names, everything works; with one of them missing,
the log names it, and the rest works."""

import pathlib
import re
import unittest

from support.backlogd import Backlogd
from support.kafka_driver import KafkaDriver
from support.records import Record
from support.secured_kafka import LEAST, PASSWORD, SecuredKafka

_DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/kafka-access.md"
_ROW = re.compile(r"^\| `([A-Z_]+)` \| `([a-z]+)` \| `(.+?)` \|", re.MULTILINE)
_SECONDS = 60
# What the log must say, and what must still be on the page, without one of the rights.
_WITHOUT = {
    ("DESCRIBE", "cluster"): ("needs", "DESCRIBE on the cluster", "backlogd_group_lag_records"),
    ("DESCRIBE", "group"): ("needs", "DESCRIBE on the group", "backlogd_topic_partitions"),
    ("DESCRIBE", "topic"): ("needs", "DESCRIBE on", "backlogd_brokers"),
    ("DESCRIBE_CONFIGS", "topic"): ("needs", "DESCRIBE_CONFIGS on the topic",
                                    "backlogd_group_lag_records"),
    ("READ", "topic"): ("needs", "READ on the topic", "backlogd_group_lag_records"),
}


def documented():
    """[(operation, type, name), ...]: the rows of the table."""
    return _ROW.findall(_DOCUMENT.read_text())


class LeastPrivilege(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(SecuredKafka())
        kafka = cls.broker.kafka
        cls.driver = cls.enterClassContext(KafkaDriver(kafka.jars, kafka.bootstrap_servers))
        cls.driver.create_topic("orders")
        cls.driver.create_topic("orders.DLT")
        cls.driver.produce([("orders", 0, 7)])
        cls.driver.commit("billing", [("orders", 0, 2)])
        cls.rights = {(operation, kind): name for operation, kind, name in documented()}
        for right in cls.rights:
            cls._set(right, "grant")
        cluster = cls.broker.cluster("least", "sasl", {
            **cls.broker.sasl("SCRAM-SHA-512", LEAST), "sasl.password": PASSWORD})
        cls.daemon = cls.enterClassContext(
            Backlogd({"clusters": [cluster], "poll": {"interval": "1s", "timeout": "1s"},
                      "dead_letters": {"scan": True}}))

    @classmethod
    def _set(cls, right, act):
        operation, kind = right
        getattr(cls.driver, act)(f"User:{LEAST}", operation, kind, cls.rights[right])

    def _let_a_record_die(self):
        self.driver.write([Record("orders.DLT", b"v", headers=[
            ("kafka_dlt-exception-fqcn", b"java.lang.NullPointerException")])])
        self.dead += 1

    def _await_everything(self):
        def works(page):
            failed = page.by("backlogd_poll_step_success", "step", kafka_cluster="least")
            self.assertEqual({step for step, success in failed.items() if success != 1}, set())
            self.assertEqual(page.value("backlogd_up", kafka_cluster="least"), 1)
            self.assertEqual(page.value("backlogd_group_lag_records", kafka_cluster="least",
                                        group="billing"), 5)
            reasons = page.by("backlogd_dlq_classified_records_total", "source_topic", "reason",
                              kafka_cluster="least")
            self.assertEqual(sum(reasons.values()), self.dead)
            return True

        self.daemon.wait(works, _SECONDS, "everything works")

    def test_documented_rights_suffice_and_each_is_needed(self):
        self.assertEqual(set(self.rights), set(_WITHOUT))
        self.dead = 0
        self.daemon.wait(lambda page: page.series("backlogd_dlq_info"), _SECONDS, "the queue")
        self._let_a_record_die()
        self._await_everything()
        self.assertEqual([line for line in self.daemon.log() if "needs" in line], [])
        for right, (field, words, family) in _WITHOUT.items():
            with self.subTest(right):
                self._demand_told(right, field, words, family)
                self._await_everything()

    def _demand_told(self, right, field, words, family):
        before = len(self.daemon.log())
        self._set(right, "revoke")
        try:
            self._let_a_record_die()
            self.wait_for_log(before, field, words)
            page = self.daemon.await_polls(1, "least")
            self.assertTrue(page.series(family, kafka_cluster="least"), f"{family} is gone")
        finally:
            self._set(right, "grant")

    def wait_for_log(self, before, field, words):
        def told(_):
            return any(words in line.get(field, "") for line in self.daemon.log()[before:])

        self.daemon.wait(told, _SECONDS, f"the log names {words}")


if __name__ == "__main__":
    unittest.main()
