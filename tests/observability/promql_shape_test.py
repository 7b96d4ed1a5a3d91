"""Whether a picture has room for all series of an expression, and where a rank makes room."""

import unittest

import catalog
import dashboard as grafana
import promql_shape
import promtool

_LAG = "max by (kafka_cluster, group) (backlogd_group_lag_records)"
_PEAK = ("max by (kafka_cluster, group) (max_over_time("
         "backlogd_group_lag_records[$__range] @ end()))")
_UP = "max by (kafka_cluster) (backlogd_up)"
_BUCKETS = "rate(backlogd_poll_duration_seconds_bucket[5m])"
_NO_ROOM = [
    "backlogd_group_lag_records",
    _LAG,
    "max without (instance, job, pod) (backlogd_group_lag_records)",
    f"-{_LAG}",
    f"abs({_LAG}) > 0",
    f"topk(1000, {_LAG})",
    f"topk(scalar(count({_LAG})), {_LAG})",
    f"topk by (group) ($top, {_LAG})",
    f"topk($top, {_LAG}) by (group)",
    # A rank that is somewhere in it, and does not bind what is drawn.
    f"{_LAG} and on (kafka_cluster) topk($top, {_UP})",
    f"{_LAG} and ignoring (group) topk($top, {_UP})",
    f"{_LAG} unless topk($top, {_LAG})",
    f"{_LAG} or topk($top, {_LAG})",
    f"topk($top, {_LAG}) or {_LAG}",
    f"{_LAG} > scalar(topk(1, {_LAG}))",
    f"{_LAG} * on (kafka_cluster) group_left () topk($top, {_UP})",
    f"topk($top, {_UP}) * on (kafka_cluster) group_right () {_LAG}",
    f"{_LAG} / on () group_left () topk(1, sum(backlogd_group_lag_records))",
    "max by (kafka_cluster, group, topic) (backlogd_group_topic_lag_records "
    f"and on (kafka_cluster, group) topk($top, {_LAG}))",
    f'label_replace({_LAG}, "name", "$1", "group", "(.+)")',
    f"max by (kafka_cluster) (topk by (kafka_cluster) ($top, {_LAG}))",
    f"histogram_quantile(0.9, sum by (kafka_cluster, le) ({_BUCKETS}))",
    # Labels that have few values, but together too many.
    "sum by (step, reason) (rate(backlogd_poll_failures_total[5m]))",
    # What says something of a queue names no queue.
    "count by (source_topic) (backlogd_dlq_info)",
    f"max by (group, source_topic) (backlogd_dlq_info) and on (group) topk($top, {_LAG})",
    *(f"count by ({label}) ({metric})" for label, metric in (
        ("request", "backlogd_kafka_requests_total"), ("family", "backlogd_series"),
        ("broker", "backlogd_broker_info"), ("rack", "backlogd_broker_info"),
        ("address", "backlogd_broker_info"), ("cluster_id", "backlogd_cluster_info"),
        ("version", "backlogd_build_info"), ("revision", "backlogd_build_info"),
        ("alertname", "ALERTS"), ("instance", "up"), ("job", "up"), ("pod", "up"),
        ("partition", "backlogd_group_partition_lag_records"))),
]
_HAS_ROOM = [
    "sum(backlogd_group_lag_records)",
    "vector(0)",
    f"topk($top, {_LAG})",
    f"bottomk($top, {_LAG}) > 0",
    f"max by (kafka_cluster, group) (topk($top, {_LAG}))",
    f"{_LAG} and topk($top, {_LAG})",
    f"{_LAG} / on (kafka_cluster, group) topk($top, {_LAG})",
    f"topk($top, {_LAG}) or vector(0)",
    "max by (kafka_cluster, group, topic) (backlogd_group_topic_lag_records and on "
    "(kafka_cluster, group, topic) topk(100, backlogd_group_topic_lag_records))",
    "max by (kafka_cluster, group, status) (backlogd_group_status) "
    f"and on (kafka_cluster, group) topk($top, {_LAG})",
    f"histogram_quantile(0.9, sum by (le) ({_BUCKETS}))",
    "sum by (reason) (rate(backlogd_poll_failures_total[5m] offset 1h))",
    'max by (group) (backlogd_group_lag_records{group="$partitions_of"})',
]


class PromqlShapeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = catalog.read_samples()

    def test_finds_what_has_no_room(self):
        for expression in _NO_ROOM:
            with self.subTest(expression):
                self.assertFalse(self.has_room(expression))

    def test_takes_what_has_room(self):
        for expression in _HAS_ROOM:
            with self.subTest(expression):
                self.assertTrue(self.has_room(expression))

    def test_a_rank_that_changes_binds_nothing_over_time(self):
        for expression, binds in ((f"topk($top, {_LAG})", False),
                                  (f"{_LAG} and topk($top, {_LAG})", False),
                                  (f"{_LAG} and topk($top, time() - {_LAG})", False),
                                  (f"{_LAG} and topk($top, {_PEAK})", True),
                                  (f"{_LAG} and topk($top, {_PEAK} or {_LAG})", False)):
            with self.subTest(expression):
                self.assertTrue(self.has_room(expression))
                self.assertEqual(self.has_room(expression, over_time=True), binds)

    def test_the_cases_are_valid(self):
        valid, says = promtool.check_expressions({
            f"case_{at}": grafana.expand(case) for at, case in enumerate(_NO_ROOM + _HAS_ROOM)})
        self.assertTrue(valid, says)

    def test_refuses_what_it_cannot_read(self):
        for expression in ("lag{", 'label_join(up, "a", "", "b")', "sum(up", "up up", '{a="b"}'):
            with self.subTest(expression), self.assertRaises((ValueError, KeyError)):
                self.has_room(expression)

    def has_room(self, expression, over_time=False):
        return promql_shape.has_room(grafana.expand(expression), self.samples, over_time)


if __name__ == "__main__":
    unittest.main()
