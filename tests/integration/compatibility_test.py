"""The page under the names of other exporters, against what Kafka's own tools say: a group that
lags and has no commit in one partition, a group with members, a topic that nobody reads."""

import math
import os
import re
import subprocess

from kafka_case import CLUSTER, KafkaCase
from support.consumer_groups import read_groups, read_positions

_SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
_LABEL = re.compile(r'([a-z_]+)="([^"]*)"')
_NO_MEMBER = {"member_host": "unknown", "consumer_id": "unknown", "client_id": "unknown"}
_PEERS = ("kafka_", "kminion_", "burrow_")


def _key(name, labels):
    return name, tuple(sorted((label, str(value)) for label, value in labels.items()))


def series_of(text):
    """{(name, labels): value} of the samples of other exporters."""
    found = {}
    for line in text.splitlines():
        if not line.startswith(_PEERS):
            continue
        name, labels, value = _SAMPLE.fullmatch(line).groups()
        key = _key(name, dict(_LABEL.findall(labels or "")))
        if key in found:
            raise AssertionError(f"twice: {line}")
        found[key] = float(value)
    return found


class Expected(dict):
    """{(name, labels): value} as Kafka's tools say, in the words of each exporter."""

    def __init__(self, driver, groups, topics):
        super().__init__()
        self._positions = read_positions(driver, groups)
        partitions = [(topic, p) for topic, count in topics.items() for p in range(count)]
        self._logs = {key: (offsets[0], offsets[2])
                      for key, offsets in driver.log_offsets(partitions).items()}
        for topic, count in topics.items():
            self._add_topic(topic, count)
        for group, described in read_groups(driver, groups).items():
            self._add_group(group, described)
            for topic in topics:
                self._add_reads(group, topic, topics[topic])

    def _add(self, name, value, **labels):
        self[_key(name, labels)] = value

    def _add_topic(self, topic, count):
        logs = [self._logs[topic, p] for p in range(count)]
        self._add("kafka_topic_partitions", count, topic=topic)
        self._add("kminion_kafka_topic_low_water_mark_sum", sum(log[0] for log in logs),
                  topic_name=topic)
        self._add("kminion_kafka_topic_high_water_mark_sum", sum(log[1] for log in logs),
                  topic_name=topic)
        self._add("kminion_kafka_topic_info", 1, topic_name=topic, partition_count=count,
                  replication_factor=1, cleanup_policy="delete")
        for partition, (start, end) in enumerate(logs):
            labels = {"topic": topic, "partition": partition}
            minion = {"topic_name": topic, "partition_id": partition}
            self._add("kafka_topic_partition_current_offset", end, **labels)
            self._add("kafka_topic_partition_oldest_offset", start, **labels)
            for name, value in [("leader", 1), ("replicas", 1), ("in_sync_replica", 1),
                                ("leader_is_preferred", 1), ("under_replicated_partition", 0)]:
                self._add(f"kafka_topic_partition_{name}", value, **labels)
            self._add("kminion_kafka_topic_partition_high_water_mark", end, **minion)
            self._add("kminion_kafka_topic_partition_low_water_mark", start, **minion)
            self._add("kafka_partition_latest_offset", end, cluster_name=CLUSTER, **labels)
            self._add("kafka_partition_earliest_offset", start, cluster_name=CLUSTER, **labels)
            self._add("burrow_kafka_topic_partition_offset", end, cluster=CLUSTER, **labels)
            self._add("kafka_burrow_topic_partition_offset", end, cluster=CLUSTER, **labels)

    def _add_group(self, group, described):
        lags = [row.lag for (of, _, _), row in self._positions.items()
                if of == group and row.committed is not None]
        named = {"cluster_name": CLUSTER, "group": group}
        stable = described.state == "Stable"
        self._add("kafka_consumergroup_members", described.members, consumergroup=group)
        self._add("kminion_kafka_consumer_group_members", described.members, group_id=group)
        self._add("kminion_kafka_consumer_group_info", int(stable), group_id=group,
                  protocol="range" if stable else "", protocol_type="consumer" if stable else "",
                  state=described.state, coordinator_id=1)
        self._add("kafka_consumergroup_group_state", 3 if stable else 5, **named)
        self._add("kafka_consumergroup_group_sum_lag", sum(lags), **named)
        self._add("kafka_consumergroup_group_max_lag", max(lags), **named)
        self._add("burrow_kafka_consumer_lag_total", sum(lags), cluster=CLUSTER,
                  consumer_group=group)
        self._add("kafka_burrow_total_lag", sum(lags), cluster=CLUSTER, group=group)

    def _add_reads(self, group, topic, count):
        rows = [self._positions.get((group, topic, p)) for p in range(count)]
        rows = [row if row and row.committed is not None else None for row in rows]
        committed = [row for row in rows if row]
        if not committed:
            return
        offsets = sum(row.committed for row in committed)
        lag = sum(row.lag for row in committed)
        exporter = {"consumergroup": group, "topic": topic}
        minion = {"group_id": group, "topic_name": topic}
        # With a -1 for each partition without a commit.
        self._add("kafka_consumergroup_current_offset_sum", offsets - rows.count(None), **exporter)
        self._add("kafka_consumergroup_lag_sum", lag, **exporter)
        self._add("kminion_kafka_consumer_group_topic_offset_sum", offsets, **minion)
        self._add("kminion_kafka_consumer_group_topic_lag", lag, **minion)
        self._add("kafka_consumergroup_group_topic_sum_lag", lag, cluster_name=CLUSTER,
                  group=group, topic=topic)
        for partition, row in enumerate(rows):
            self._add("kafka_consumergroup_current_offset", row.committed if row else -1,
                      partition=partition, **exporter)
            self._add("kafka_consumergroup_lag", row.lag if row else -1, partition=partition,
                      **exporter)
            if row:
                self._add_pair(group, topic, partition, row)

    def _add_pair(self, group, topic, partition, row):
        place = {"topic": topic, "partition": partition}
        start, end = self._logs[topic, partition]
        self._add("kminion_kafka_consumer_group_topic_partition_lag", row.lag, group_id=group,
                  topic_name=topic, partition_id=partition)
        lag_exporter = {"cluster_name": CLUSTER, "group": group, **place}
        self._add("kafka_consumergroup_group_lag", row.lag, **lag_exporter, **_NO_MEMBER)
        self._add("kafka_consumergroup_group_offset", row.committed, **lag_exporter, **_NO_MEMBER)
        self._add("kafka_consumergroup_group_messages_lost", max(0, start - row.committed),
                  **lag_exporter)
        self._add("kafka_consumergroup_group_retention_margin", row.committed - start,
                  **lag_exporter)
        for name, group_label in [("burrow_kafka_consumer", "consumer_group"),
                                  ("kafka_burrow", "group")]:
            labels = {"cluster": CLUSTER, group_label: group, **place}
            self._add(f"{name}_partition_lag", row.lag, **labels)
            self._add("burrow_kafka_consumer_current_offset" if name.startswith("burrow") else
                      "kafka_burrow_partition_current_offset", row.committed, **labels)
        self._add("kafka_burrow_partition_max_offset", end, cluster=CLUSTER, group=group, **place)


class Compatibility(KafkaCase):
    SECTIONS = {"compatibility": ["kafka_exporter", "kminion", "kafka_lag_exporter", "burrow"]}

    def page(self):
        return self.daemon.request("/metrics").body.decode()

    def differences(self, expected):
        found = series_of(self.page())
        return [f"{key}: {found.get(key)}, Kafka says {value}" for key, value in expected.items()
                if found.get(key) != value]

    def demand(self, expected):
        different = self.differences(expected)
        self.assertFalse(different, f"{len(different)} of {len(expected)} differ: {different[:5]}")
        return True

    def start_shop(self):
        """Three members share two partitions, have read both, and read no more."""
        self.driver.start_members("shop", "shop", ["clicks"], count=3, protocol="classic")
        self.addCleanup(self.driver.stop, "shop")
        self.driver.await_group("shop", members=3, partitions=2)
        self.driver.produce([("clicks", p, 5) for p in range(2)])
        self.wait_until(lambda: sum(row.committed or 0 for row in
                                    read_positions(self.driver, ["shop"]).values()) == 10,
                        30, "shop has read all")
        self.driver.pause("shop")
        self.driver.produce([("clicks", 0, 3)])

    def test_says_what_kafka_says(self):
        topics = {"orders": 3, "clicks": 2, "unread": 1}
        for topic, count in topics.items():
            self.driver.create_topic(topic, count)
        self.driver.produce([("orders", p, 10 * (p + 1)) for p in range(3)] + [("unread", 0, 4)])
        self.driver.commit("billing", [("orders", 0, 4), ("orders", 1, 20)])
        self.driver.delete_records("orders", 0, 7)
        self.start_shop()
        expected = Expected(self.driver, ["billing", "shop"], topics)
        # The oracle itself, once by hand, and what the tools do not say.
        lag = "kafka_consumergroup_lag", {"consumergroup": "billing", "topic": "orders"}
        self.assertEqual([expected[_key(lag[0], {**lag[1], "partition": p})] for p in range(3)],
                         [6, 0, -1])
        for name, value in [("empty_members", 1), ("topic_members", 2),
                            ("topic_assigned_partitions", 2)]:
            topic = {"topic_name": "clicks"} if name.startswith("topic") else {}
            expected[_key(f"kminion_kafka_consumer_group_{name}",
                          {"group_id": "shop", **topic})] = value
        self.wait_until(lambda: self.demand(expected), 30, "what Kafka says")
        self.check_whole_page()

    def check_whole_page(self):
        text = self.page()
        found = series_of(text)
        self.assertEqual(found[_key("kafka_brokers", {})], 1)
        self.assertEqual(found[_key("kminion_exporter_up", {"version": "backlogd"})], 1)
        self.assertEqual(found[_key("kafka_lag_exporter_up", {})], 1)
        self.assertFalse([key for key, value in found.items() if math.isinf(value)])
        # Exit status 1: cannot be read; 3: names that are not of promtool's taste, all of theirs.
        checked = subprocess.run([os.environ["PROMTOOL"], "check", "metrics"], input=text,
                                 text=True, capture_output=True)
        self.assertEqual(checked.returncode, 3, checked.stderr)
        self.assertFalse([line for line in checked.stderr.splitlines() if line and
                          not line.startswith(_PEERS)])
