"""Three brokers, of which one is stopped or paused. Nothing is written and nobody commits
meanwhile, so that every number that is shown, carried or not, must be the one from before."""

import statistics
import threading

from kafka_case import CLUSTER, KafkaCase, configuration
from support.backlogd import Backlogd

_PAIR_FAMILIES = ["backlogd_group_partition_lag_records",
                  "backlogd_group_partition_committed_offset",
                  "backlogd_group_partition_effective_lag_records"]
_SUM_FAMILIES = ["backlogd_group_lag_records", "backlogd_group_max_lag_records",
                 "backlogd_group_topic_lag_records"]
_LOG_FAMILIES = [f"backlogd_partition_{name}_offset"
                 for name in ("log_start", "last_stable", "log_end")]
_STATE_FAMILIES = ["backlogd_group_state", "backlogd_group_members",
                   "backlogd_group_assigned_partitions"]
_FAMILIES = _PAIR_FAMILIES + _SUM_FAMILIES + _LOG_FAMILIES + _STATE_FAMILIES


class PollWatch(threading.Thread):
    """Keeps the first page after each poll that ends meanwhile."""

    def __init__(self, daemon):
        super().__init__()
        self.pages = []
        self._daemon = daemon
        self._ended = threading.Event()
        self._failure = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()
        if self._failure is not None:
            raise self._failure

    def run(self):
        seen = None
        while not self._ended.wait(0.05):
            try:
                page = self._daemon.scrape()
            except Exception as failure:  # raised where it is waited for
                self._failure = failure
                return
            poll = page.value("backlogd_poll_duration_seconds_count", kafka_cluster=CLUSTER)
            if poll != seen:
                self.pages.append(page)
                seen = poll


class Brokers(KafkaCase):
    NODES = 3

    def setUp(self):
        """Topics "on-1" to "on-3" live on one broker each, "spread" on all of them, with a
        partition each, "safe" on the first two. Every group has commits on all partitions."""
        self.addCleanup(self.heal)
        self.home = {self.unique(f"on-{node}"): node for node in (1, 2, 3)}
        self.spread, self.safe = self.unique("spread"), self.unique("safe")
        self.driver.create_topics(
            [{"name": name, "replicas": [[node], [node]]} for name, node in self.home.items()]
            + [{"name": self.spread, "replicas": [[1], [2], [3]]},
               {"name": self.safe, "replicas": [[1, 2], [2, 1]]}])
        self.partitions = [(name, p) for name in self.home for p in range(2)]
        self.partitions += [(self.spread, p) for p in range(3)]
        self.partitions += [(self.safe, p) for p in range(2)]
        self.driver.produce([(name, p, 10 + i) for i, (name, p) in enumerate(self.partitions)])
        self.groups = {}  # {name: coordinator}
        for name in (self.unique(f"group-{i}") for i in range(12)):
            self.driver.commit(name, [(topic, p, 3) for topic, p in self.partitions])
            self.groups[name] = self.driver.describe_group(name)["coordinator"]
        self.assertEqual(set(self.groups.values()), {1, 2, 3})
        self.before, _ = self.await_agreement(*self.groups)
        self.assertEqual(self.value(self.before, "up"), 1)

    def heal(self):
        """After a failure: every broker runs again, for the next test."""
        for number, node in self.kafka.nodes.items():
            if node.running:
                self.kafka.resume(number)
            else:
                self.kafka.start(number)

    def lost_with(self, node):
        """The partitions whose only replica is on the node."""
        lost = [(name, p) for name, p in self.partitions if self.home.get(name) == node]
        return lost + [(self.spread, node - 1)]

    def demand_nothing_wrong(self, page):
        """Whatever the page shows is what was there before."""
        for family in _FAMILIES:
            for labels, value in page.series(family):
                self.assertEqual(value, self.before.value(family, **labels), (family, labels))

    def demand_only_lost_missing(self, page, node):
        """What the node kept is absent, with the sums that it is a part of; all else is shown."""
        lost = self.lost_with(node)
        for family in _LOG_FAMILIES + _PAIR_FAMILIES[:1]:
            self.demand_missing(page, family, lambda labels: self.is_lost(labels, lost, node))
        self.demand_missing(page, "backlogd_group_state",
                            lambda labels: self.groups.get(labels["group"]) == node)
        topics = {name for name, _ in lost}
        self.demand_missing(page, "backlogd_group_topic_lag_records",
                            lambda labels: self.groups.get(labels["group"]) == node
                            or labels["topic"] in topics)
        for family in ("backlogd_group_lag_records", "backlogd_group_max_lag_records"):
            self.demand_missing(page, family, lambda labels: labels["group"] in self.groups)
        for group, coordinator in self.groups.items():
            wanted = len(self.partitions) if coordinator == node else len(lost)
            self.assertEqual(self.value(page, "group_unknown_partitions", group=group), wanted)
            # Part of its lag is not known, and so is its status; why is.
            self.assertEqual(page.series("backlogd_group_status", group=group), [])
            causes = page.by("backlogd_group_backlog_cause", "cause", group=group)
            self.assertEqual(causes, {} if coordinator == node else {"broker": 1})

    def is_lost(self, labels, lost, node):
        if self.groups.get(labels.get("group")) == node:
            return True
        return (labels["topic"], int(labels["partition"])) in lost

    def demand_missing(self, page, family, is_missing):
        """Of this test's series, those and only those are missing."""
        for labels, value in self.before.series(family):
            if labels.get("topic", labels.get("group")).startswith(self.unique("")):
                expected = None if is_missing(labels) else value
                self.assertEqual(page.value(family, **labels), expected, (family, labels))

    def check_outage(self, node, fail, recover):
        def settled(page):
            self.demand_nothing_wrong(page)
            self.demand_only_lost_missing(page, node)
            return self.tells_of_the_outage(page, node)

        with PollWatch(self.daemon) as watch:
            fail(node)
            self.daemon.wait(settled, 30, "what the broker kept is absent, and only that")
        for page in watch.pages:
            self.demand_nothing_wrong(page)
        self.demand_carried_for_three_polls(watch.pages, node)
        self.demand_steady(node, polls=3)
        recover(node)
        self.driver.await_leaders([*self.home, self.spread, self.safe])
        self.await_coordinators()
        page = self.daemon.await_polls(2, CLUSTER)
        self.assertEqual(self.value(page, "up"), 1, self.daemon.log()[-5:])
        for family in _FAMILIES:
            for labels, value in self.before.series(family):
                self.assertEqual(page.value(family, **labels), value, (family, labels))
        self.await_agreement(*self.groups)

    def demand_carried_for_three_polls(self, pages, node):
        """The lost log ends stay while at most two failed polls have not read them."""
        step = {"step": "log_end_offsets"}
        failed = [page for page in pages if self.value(page, "poll_step_success", **step) == 0]
        lost = [{"topic": topic, "partition": partition}
                for topic, partition in self.lost_with(node)]
        carried = 0
        for page in failed:
            shown = [self.value(page, "partition_log_end_offset", **of) for of in lost]
            if None not in shown:
                carried += 1
                self.assertGreater(self.value(page, "carried_values"), 0)
        # One more if the first failed poll could still read some of them.
        self.assertIn(carried, (2, 3))

    def tells_of_the_outage(self, page, node):
        failures = page.series("backlogd_poll_failures_total", kafka_cluster=CLUSTER)
        self.assertGreater(sum(value for _, value in failures), 0)
        topic = next(name for name, home in self.home.items() if home == node)
        self.assertEqual(self.value(page, "topic_partitions_without_leader", topic=topic), 2)
        self.assertEqual(self.value(page, "topic_partitions_without_leader", topic=self.safe), 0)
        self.assertEqual(self.value(page, "topic_partitions_under_replicated", topic=self.safe),
                         2 if node in (1, 2) else 0)
        return True

    def demand_steady(self, node, polls):
        """For so many polls, it stays that way."""
        for _ in range(polls):
            page = self.daemon.await_polls(1, CLUSTER)
            self.demand_nothing_wrong(page)
            self.demand_only_lost_missing(page, node)
            self.assertEqual(self.value(page, "up"), 0)

    def await_coordinators(self):
        for group in self.groups:
            self.driver.await_group(group, "Empty")

    def test_stopped(self):
        self.check_outage(3, self.kafka.stop, self.kafka.start)

    def test_killed(self):
        self.check_outage(2, lambda node: self.kafka.stop(node, kill=True), self.kafka.start)

    def test_paused(self):
        before = self.scrape_seconds()
        self.check_outage(1, self.kafka.pause, lambda node: self.resume_after_scrapes(node, before))

    def resume_after_scrapes(self, node, before):
        during = self.scrape_seconds()
        self.kafka.resume(node)
        self.assertLess(statistics.median(during), 3 * statistics.median(before) + 0.1)

    def scrape_seconds(self):
        """Of scrapes over three polls' time."""
        polled = self.daemon.await_polls
        seconds = []
        for _ in range(3):
            polled(1, CLUSTER)
            seconds += [self.daemon.request("/metrics").seconds for _ in range(10)]
        return seconds

    def test_others_are_watched_though_the_only_bootstrap_server_is_down(self):
        with Backlogd(configuration(self.kafka.nodes[1].address)) as daemon:
            daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster=CLUSTER) == 1, 30,
                        "up")
            self.kafka.stop(1, kill=True)
            page = daemon.await_polls(10, CLUSTER)
            for group, coordinator in self.groups.items():
                shown = len(page.series("backlogd_group_state", group=group))
                self.assertEqual(shown, 0 if coordinator == 1 else 1, group)

    def test_topic_deleted_while_its_coordinator_is_away(self):
        # Its commits stay behind: the coordinator never hears of the deletion.
        node = 3
        group = next(name for name, home in self.groups.items() if home == node)
        deleted = next(name for name, home in self.home.items() if home == 1)
        self.kafka.stop(node)
        self.driver.delete_topics([deleted])
        self.kafka.start(node)
        self.driver.await_leaders([self.spread, self.safe])
        self.await_coordinators()
        left = self.driver.committed(group)
        self.assertIn([deleted, 0, 3, ""], left, "the case itself: the commits were cleaned up")

        def forgotten(page):
            self.assertEqual(self.value(page, "up"), 1)
            self.assertEqual(self.value(page, "group_unknown_partitions", group=group), 0)
            lags = page.by("backlogd_group_partition_lag_records", "topic", "partition",
                           group=group)
            self.assertEqual(self.value(page, "group_lag_records", group=group),
                             sum(lags.values()))
            return not any(page.series(name, topic=deleted) for name in page.families)

        page = self.daemon.wait(forgotten, 20, "the deleted topic is forgotten")
        lag = sum(value for labels, value in self.before.series(
            "backlogd_group_partition_lag_records", group=group) if labels["topic"] != deleted)
        self.assertEqual(self.value(page, "group_lag_records", group=group), lag)
