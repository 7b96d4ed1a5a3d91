"""What the integration tests have in common: a cluster and a daemon that all tests of a module
share, and the comparison of the daemon's page with kafka-consumer-groups."""

import unittest

from support.backlogd import Backlogd
from support.consumer_groups import read_groups, read_positions
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import wait_until

CLUSTER = "it"
# States of KIP-848 groups that librdkafka cannot tell apart: it says Unknown, and so must we.
_UNTOLD_STATES = ("Assigning", "Reconciling")


def configuration(bootstrap_servers, **sections):
    """A configuration of one cluster, polled each second, with every series."""
    return {
        "clusters": [{"name": CLUSTER, "bootstrap_servers": bootstrap_servers}],
        "poll": {"interval": "1s", "timeout": "1s"},
        "metrics": {"detail": "full"},
        **sections,
    }


class Expected:
    """What the page must say of some groups: what Kafka's own tool says, in our words."""

    def __init__(self, driver, groups):
        # The tool asks anew for each group it is called for; for many, all at once is faster.
        asked = groups if len(groups) <= 3 else None
        described = read_groups(driver, asked)
        self.groups = {group: described[group] for group in groups}
        self.positions = {key: row for key, row in read_positions(driver, asked).items()
                          if key[0] in groups and not key[1].startswith("__")}
        self.logs = driver.log_offsets(sorted({key[1:] for key in self.positions}))

    def lags(self, group):
        """{(topic, partition): lag} of the partitions that the group has committed. A commit
        beyond the log end is a negative lag to the tool; nothing waits, so it is 0 to us."""
        return {(topic, partition): max(0, row.lag)
                for (of, topic, partition), row in self.positions.items()
                if of == group and row.committed is not None}

    def _effective_lags(self, group):
        return {key: max(0, self.logs[key][2] - max(self._committed(group)[key], self.logs[key][0]))
                for key in self.lags(group)}

    def _committed(self, group):
        return {(topic, partition): row.committed
                for (of, topic, partition), row in self.positions.items()
                if of == group and row.committed is not None}

    def _uncommitted(self, group):
        counts = {}
        for (of, topic, _), row in self.positions.items():
            if of == group:
                missing = row.assigned and row.committed is None
                counts[topic] = counts.get(topic, 0) + missing
        return counts

    def demand(self, page):
        """Raises AssertionError unless the page says the same, number by number."""
        for group, expected in self.groups.items():
            self._demand_group(page, group, expected)
            self._demand_partitions(page, group)
            self._demand_sums(page, group)
        for (topic, partition), offsets in self.logs.items():
            labels = {"kafka_cluster": CLUSTER, "topic": topic, "partition": partition}
            found = tuple(page.value(f"backlogd_partition_{name}_offset", **labels)
                          for name in ("log_start", "last_stable", "log_end"))
            _equal(found, offsets, f"start, last stable and end of {topic}/{partition}")

    def _demand_group(self, page, group, expected):
        found = page.by("backlogd_group_state", "type", "state", **_of(group))
        state = "Unknown" if expected.state in _UNTOLD_STATES else expected.state
        _equal(found, {(expected.type, state): 1}, f"type and state of {group!r}")
        _equal(_one(page, "members", group), expected.members, f"members of {group!r}")
        _equal(_one(page, "assigned_partitions", group), expected.assigned_partitions,
               f"assigned partitions of {group!r}")
        uncommitted = page.by("backlogd_group_topic_uncommitted_partitions", "topic", **_of(group))
        _equal(uncommitted, self._uncommitted(group), f"uncommitted partitions of {group!r}")

    def _demand_partitions(self, page, group):
        for name, expected in [("committed_offset", self._committed(group)),
                               ("lag_records", self.lags(group)),
                               ("effective_lag_records", self._effective_lags(group))]:
            found = {(topic, int(partition)): value for (topic, partition), value in
                     page.by(f"backlogd_group_partition_{name}", "topic", "partition",
                             **_of(group)).items()}
            _equal(found, expected, f"{name} of {group!r}")

    def _demand_sums(self, page, group):
        lags = self.lags(group)
        topics = {}
        for (topic, _), lag in lags.items():
            topics[topic] = topics.get(topic, 0) + lag
        _equal(page.by("backlogd_group_topic_lag_records", "topic", **_of(group)), topics,
               f"lag by topic of {group!r}")
        _equal(_one(page, "lag_records", group), sum(lags.values()) if lags else None,
               f"lag of {group!r}")
        _equal(_one(page, "max_lag_records", group), max(lags.values(), default=None),
               f"largest lag of {group!r}")
        _equal(_one(page, "unknown_partitions", group), 0, f"unknown partitions of {group!r}")


def _of(group):
    return {"kafka_cluster": CLUSTER, "group": group}


def _one(page, name, group):
    return page.value(f"backlogd_group_{name}", **_of(group))


def _equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: {_difference(found, expected)}")


def _difference(found, expected):
    if not isinstance(found, dict) or not isinstance(expected, dict):
        return f"got {found}, expected {expected}"
    keys = [key for key in found.keys() | expected.keys()
            if key not in found or key not in expected or found[key] != expected[key]]
    parts = [f"{key}: got {found.get(key)}, expected {expected.get(key)}"
             for key in sorted(keys)[:5]]
    return f"{len(keys)} of {len(expected)} differ: " + "; ".join(parts)


class KafkaCase(unittest.TestCase):
    """One cluster, one driver and one daemon for all tests of the class. A test uses names of its
    own, which unique() makes."""

    NODES = 1
    SETTINGS = {}  # of the brokers
    SECTIONS = {}  # of the daemon's configuration
    DRIVER_HEAP = "256m"

    @classmethod
    def prepare(cls):
        """What is to be done before the daemon starts."""

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster(cls.NODES, settings=cls.SETTINGS))
        cls.driver = cls.enterClassContext(
            KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers, cls.DRIVER_HEAP))
        cls.prepare()
        cls.daemon = cls.enterClassContext(
            Backlogd(configuration(cls.kafka.bootstrap_servers, **cls.SECTIONS),
                     ["--log.level=debug"]))

    def unique(self, name):
        return f"{self.id().rsplit('.', 1)[-1].removeprefix('test_')}.{name}"

    def await_agreement(self, *groups, seconds=20):
        """Waits until the page says of these groups what kafka-consumer-groups says; returns the
        page and the expectation. Asks the tool again now and then: a live group goes on."""

        def agree():
            expected = Expected(self.driver, groups)

            def agrees(page):
                expected.demand(page)
                return True

            return self.daemon.wait(agrees, 4, "the same numbers"), expected

        return wait_until(agree, seconds, f"agreement about {groups}")

    wait_until = staticmethod(wait_until)

    def value(self, page, name, **labels):
        return page.value(f"backlogd_{name}", kafka_cluster=CLUSTER, **labels)
