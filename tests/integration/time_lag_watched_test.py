"""How late groups are, in seconds, in what is written while the daemon watches, which reads no record:
against the timestamps of the records themselves. record_ages.py says how near is near enough."""

import time

from kafka_case import CLUSTER
from record_ages import (POLL_SECONDS, ages_on, demand_ages, demand_no_ages, is_fresh, poll_time,
                         polls)
from time_lag_case import COMPACTED, FOREVER, TimeLagCase

_HOUR = 3600


class WhileTheDaemonWatches(TimeLagCase):
    """Records that are written under its eyes, with true timestamps."""

    @classmethod
    def prepare(cls):
        # A backlog that is as old as the class: its history becomes long enough to be thinned.
        cls.driver.create_topic("background", 2)
        cls.driver.start_producer("background", "background", 40)
        cls.driver.commit("background", [("background", 0, 0), ("background", 1, 0)])

    def setUp(self):
        self.started = []

    def tearDown(self):
        for name in self.started:
            self.driver.stop(name)

    def topic_and_group(self, partitions=1, config=None):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, partitions, config=config)
        self.driver.commit(group, [(topic, p, 0) for p in range(partitions)])
        self.await_ages(group)
        return topic, group

    def produce_steadily(self, topic, records_per_second):
        self.driver.start_producer(topic, topic, records_per_second)
        self.started.append(topic)

    def test_steady_producer_and_a_slow_member(self):
        topic, group = self.topic_and_group(2)
        self.produce_steadily(topic, 100)
        self.driver.start_members(group, group, [topic], records_per_second=50,
                                  max_poll_records=10, settings={"max.partition.fetch.bytes": 500})
        self.started.append(group)
        for page in self.next_pages(12):
            if is_fresh(page):
                demand_ages(self.driver, page, group)
        self.await_ages(group)

    def test_bursts(self):
        topic, group = self.topic_and_group(2)
        for burst in range(4):
            self.driver.produce([(topic, p, 500) for p in range(2)])
            self.await_ages(group)
            # The second half of this burst, then the first record of the next.
            for offset in (500 * burst + 250, 500 * burst + 500):
                self.driver.commit(group, [(topic, p, offset) for p in range(2)])
                self.await_ages(group)

    def test_producer_that_stops_and_goes_on(self):
        topic, group = self.topic_and_group()
        self.produce_steadily(topic, 100)
        self.daemon.await_polls(4, CLUSTER)
        self.driver.pause(topic)
        self.await_ages(group)
        self.daemon.await_polls(4, CLUSTER)
        end = self.end_of(topic)
        self.driver.resume(topic)
        self.daemon.await_polls(3, CLUSTER)
        for offset in (end // 2, end - 1, end, end + 100):
            with self.subTest(offset - end):
                self.driver.commit(group, [(topic, 0, offset)])
                self.await_ages(group)

    def test_idle_producer(self):
        topic, group = self.topic_and_group()
        self.driver.produce([(topic, 0, 1)])
        first = self.await_ages(group)
        for page in self.next_pages(6):
            demand_ages(self.driver, page, group)
            self.assertAlmostEqual(
                self.lag_seconds(page, group) - self.lag_seconds(first, group),
                poll_time(page) - poll_time(first), delta=0.1)
        self.driver.commit(group, [(topic, 0, 1)])
        self.assertEqual(self.lag_seconds(self.await_ages(group), group), 0)

    def test_explicit_timestamps_do_not_matter(self):
        topic, group = self.topic_and_group(config=FOREVER)
        for timestamp in (0, 1000, int(1000 * (time.time() - 50 * _HOUR))):
            with self.subTest(timestamp):
                written = {(topic, 0): time.time()}
                self.driver.produce([(topic, 0, 3)], timestamp=timestamp)
                self.await_ages(group, written=written)
                self.driver.commit(group, [(topic, 0, self.end_of(topic))])
                self.await_ages(group)

    def test_compaction_takes_the_next_record(self):
        topic, group = self.topic_and_group(config=COMPACTED)
        self.driver.produce([(topic, 0, 1000)], keys=10)
        before = self.await_ages(group)
        self.compact(topic, 1000)
        # What was waiting first is gone. Its age is still told: compaction left a later record with
        # the same key, so what it said waits on.
        for page in self.next_pages(2):
            self.assertAlmostEqual(
                self.lag_seconds(page, group) - self.lag_seconds(before, group),
                poll_time(page) - poll_time(before), delta=2 * POLL_SECONDS)

    def check_transaction(self, commit):
        topic, group, other = (self.unique(f"{name}-{commit}") for name in ("t", "group", "other"))
        isolated = f"{group}-rc"
        self.driver.create_topic(topic)
        self.driver.produce([(topic, 0, 10)])
        for name, offset in ((group, 10), (isolated, 10), (f"{other}-rc", 4)):
            self.driver.commit(name, [(topic, 0, offset)])
        self.await_ages(group, isolated, f"{other}-rc")
        self.driver.begin_transaction(topic, [(topic, 0, 6)])
        for page in self.next_pages(4):
            demand_ages(self.driver, page, group)
            demand_ages(self.driver, page, f"{other}-rc")
            self.assertEqual(ages_on(page, isolated), {(topic, 0): 0})
            self.assertEqual(self.value(page, "group_lag_records", group=isolated), 0)
            self.assertEqual(self.value(page, "group_lag_records", group=group), 6)
        self.driver.end_transaction(topic, commit)
        # What was written in the transaction is as old as it says, not as its end.
        page = self.await_ages(group, isolated, f"{other}-rc")
        self.assertGreater(self.lag_seconds(page, isolated), 4 * POLL_SECONDS)
        self.driver.commit(isolated, [(topic, 0, self.end_of(topic))])
        self.assertEqual(self.lag_seconds(self.await_ages(isolated), isolated), 0)

    def test_open_transaction_then_committed(self):
        self.check_transaction(commit=True)

    def test_open_transaction_then_aborted(self):
        self.check_transaction(commit=False)

    def test_unknown_is_absent(self):
        """A group that has committed nothing that can be read, and one of a topic that is gone."""
        topic, group = self.topic_and_group()
        member = self.unique("member")
        self.driver.start_members(member, member, [topic], commits=False)
        self.started.append(member)
        self.driver.await_group(member, members=1, partitions=1)
        self.driver.produce([(topic, 0, 5)])
        page = self.await_ages(group)
        demand_no_ages(page, member)
        self.driver.delete_topics([topic])
        page = self.daemon.wait(lambda page: not page.series(
            "backlogd_group_partition_lag_seconds", group=group), 15, "no age of a deleted topic")
        demand_no_ages(page, group)

    def test_z_backlog_longer_than_what_is_remembered_of_each_poll(self):
        page = self.daemon.wait(lambda page: polls(page) >= 90, 120, "a long history")
        self.await_ages("background")
        end = self.end_of("background")
        self.assertGreater(self.lag_seconds(page, "background"), 60)
        for eighths in range(1, 8):
            with self.subTest(eighths):
                self.driver.commit("background", [("background", p, end * eighths // 8)
                                                  for p in range(2)])
                self.await_ages("background")
