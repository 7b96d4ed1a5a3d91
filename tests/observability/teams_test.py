"""config/prometheus.yml names the team of an alert: asked of a real Prometheus."""

import json
import unittest

import catalog
import yaml
from support.alertmanager import Alertmanager
from support.processes import wait_until
from support.prometheus import Prometheus
from support.receiver import Receiver

_RELABELLING = yaml.safe_load((catalog.REPOSITORY / "config" / "prometheus.yml")
                              .read_text(encoding="utf-8"))["alerting"]["alert_relabel_configs"]
_SECONDS = 50
# (labels of an alert, its team)
_CASES = [
    ({"group": "payments.audit"}, "payments"),
    ({"topic": "billing.invoices"}, "payments"),
    ({"topic": "orders.dlq"}, "orders"),
    ({"group": "orders.shipping", "topic": "payments.in"}, "orders"),
    ({"group": "orders.shipping", "topic": "other"}, "orders"),
    ({"group": "my.payments.audit"}, "platform"),
    ({"group": "paymentsaudit"}, "platform"),
    ({"kafka_cluster": "production"}, "platform"),
    ({"group": "other", "team": "own"}, "own"),
]


class _Prometheus(Prometheus):
    def prepare(self):
        super().prepare()
        path = self.folder / "prometheus.yml"
        config = json.loads(path.read_text())
        config["alerting"]["alert_relabel_configs"] = _RELABELLING
        path.write_text(json.dumps(config))


class TeamsTest(unittest.TestCase):
    def test_come_from_the_names_of_groups_and_topics(self):
        rules = {"groups": [{"name": "cases", "rules": [
            {"alert": f"Case{at}", "expr": "vector(1)", "labels": labels}
            for at, (labels, _) in enumerate(_CASES)]}]}
        with Receiver() as receiver, Alertmanager(receiver.url) as alertmanager, \
                _Prometheus("127.0.0.1:9", json.dumps(rules), [alertmanager.address]):
            wait_until(lambda: len(receiver.received()) >= len(_CASES), _SECONDS, "all alerts")
            teams = {one.alert: one.labels["team"] for one in receiver.received()}
        for at, (labels, team) in enumerate(_CASES):
            with self.subTest(labels):
                self.assertEqual(teams[f"Case{at}"], team)


if __name__ == "__main__":
    unittest.main()
