"""How late groups are, in seconds: the daemon, which reads no record, against the timestamps of the
records themselves. record_ages.py says how near is near enough."""

import json
import pathlib
import random
import tempfile
import time

from kafka_case import CLUSTER, configuration
from record_ages import (POLL_SECONDS, ages_on, demand_ages, demand_no_ages, is_fresh, is_near,
                         poll_time, polls)
from support import backlogd, exposition
from time_lag_case import COMPACTED, FOREVER, TimeLagCase, evenly

_HOUR = 3600


class OlderThanTheDaemon(TimeLagCase):
    """Records that were written before the daemon started, with what timestamps they say; each
    group stands at another one of them."""

    @classmethod
    def prepare(cls):
        cls.groups = []
        cls.now = time.time()
        cls.write_histories(cls.now)
        cls.write_many_partitions(cls.now)
        cls.write_logs_with_holes(cls.now)
        cls.write_lies(cls.now)

    @classmethod
    def stand(cls, topic, *offsets):
        """A group at each of these offsets."""
        for offset in offsets:
            cls.groups.append(f"{topic}.{offset}")
            cls.driver.commit(cls.groups[-1], [(topic, 0, offset)])

    @classmethod
    def write_histories(cls, now):
        cls.write("steady", evenly(now - 72 * _HOUR, now, 3000))
        cls.stand("steady", 0, 10, 1500, 2900, 2998, 3000)
        cls.groups.append("steady-rc")
        cls.driver.commit("steady-rc", [("steady", 0, 700)])
        for topic in ("shrinking", "again"):
            cls.write(topic, evenly(now - 72 * _HOUR, now, 3000))
        cls.write("recent", evenly(now - _HOUR, now, 3600))
        cls.stand("recent", 0, 1, 1800, 3300, 3595)
        cls.write("bursts", evenly(now - 50 * _HOUR, now - 50 * _HOUR + 10, 500)
                  + evenly(now - 2 * _HOUR, now - 2 * _HOUR + 10, 500))
        cls.stand("bursts", 0, 250, 499, 500, 750, 999, 1000)
        cls.write("pause", evenly(now - 60 * _HOUR, now - 30 * _HOUR, 1000)
                  + [int(1000 * (now - 600))])
        cls.stand("pause", 0, 500, 999, 1000)
        # The broker's clock, whatever the producer says.
        cls.write("append-time", [1000] * 300, {"message.timestamp.type": "LogAppendTime"})
        cls.stand("append-time", 0, 200)

    @classmethod
    def write_many_partitions(cls, now):
        cls.driver.create_topic("many", 30, config=FOREVER)
        for partition in range(30):
            cls.driver.produce([("many", partition, 60)], timestamp=evenly(
                now - _HOUR * (1 + partition * partition / 10), now - 60, 60))
        cls.groups.append("many")
        cls.driver.commit("many", [("many", p, 2 * p) for p in range(30)])

    @classmethod
    def write_logs_with_holes(cls, now):
        cls.write("overtaken", evenly(now - 72 * _HOUR, now, 3000))
        cls.driver.delete_records("overtaken", 0, 1500)
        cls.stand("overtaken", 10, 1499, 2000)
        # Of each key only the last record stays, of all records ten: the last ones.
        cls.driver.create_topic("compacted", config=COMPACTED)
        cls.driver.produce([("compacted", 0, 1000)], keys=10,
                           timestamp=evenly(now - 10 * _HOUR, now - _HOUR, 1000))
        cls.compact("compacted", 1000)
        cls.stand("compacted", 0, 500, 985)

    @classmethod
    def write_lies(cls, now):
        """No groups of cls.groups: what is true is another question."""
        any_time = {"message.timestamp.after.max.ms": str(10 * _HOUR * 1000)}
        cls.write("future", evenly(now + _HOUR, now + 2 * _HOUR, 100), any_time)
        cls.write("zero", [0] * 100)
        cls.write("descending", evenly(now - 600, now - 10 * _HOUR, 100))
        random_minutes = random.Random(4)
        cls.write("shuffled", [at + random_minutes.randrange(-60_000, 60_000)
                               for at in evenly(now - 10 * _HOUR, now - 120, 2000)])
        for topic in ("future", "zero", "descending", "shuffled"):
            cls.driver.commit(topic, [(topic, 0, 50)])
        cls.driver.commit("shuffled", [("shuffled", 0, 700)])

    def once(self):
        """The page of a daemon's one and only poll."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "backlogd.yaml"
            file.write_text(json.dumps(configuration(
                self.kafka.bootstrap_servers, **self.SECTIONS)))
            result = backlogd.run("--once", f"--config.file={file}")
        self.assertEqual(result.returncode, 0, result)
        return exposition.parse(result.stdout.encode())

    def test_first_poll(self):
        page = self.once()
        for group in self.groups:
            with self.subTest(group):
                demand_ages(self.driver, page, group)

    def test_polls_that_follow(self):
        self.await_ages(*self.groups)
        first = self.daemon.scrape()
        for page in self.next_pages(3):
            for group in self.groups:
                with self.subTest(group):
                    self.assertAlmostEqual(
                        self.lag_seconds(page, group) - self.lag_seconds(first, group),
                        0 if self.lag_seconds(first, group) == 0
                        else poll_time(page) - poll_time(first), delta=POLL_SECONDS)

    def test_offsets_reset_to_before_the_daemon_started(self):
        topic, group = "steady", self.unique("group")
        for offset in (3000, 100, 2500, 1, 2999, 3000):
            with self.subTest(offset):
                self.driver.commit(group, [(topic, 0, offset)])
                self.await_ages(group)

    def test_retention_overtakes_a_backlog(self):
        topic, group = "shrinking", self.unique("group")
        self.driver.commit(group, [(topic, 0, 10)])
        self.await_ages(group)
        for before in (500, 2000, 2990):
            with self.subTest(before):
                self.driver.delete_records(topic, 0, before)
                page = self.await_ages(group)
                self.assertLess(self.lag_seconds(page, group), (3010 - before) * 87)
        self.driver.delete_records(topic, 0, 3000)
        self.await_ages(group)

    def test_topic_created_again(self):
        topic, group = "again", self.unique("group")
        self.driver.commit(group, [(topic, 0, 10)])
        self.await_ages(group)
        for _ in range(2):
            self.driver.delete_topics([topic])
            self.write(topic, evenly(time.time(), time.time(), 50))
            self.driver.commit(group, [(topic, 0, 10)])
            self.await_ages(group, within=5)

    def check_lying_timestamps(self, topic, lie):
        """How late a group is in what is older than the daemon cannot be told, and is not; of what
        is written while the daemon watches it is known, whatever the records say."""
        for page in self.next_pages(4):
            demand_no_ages(page, topic)
            self.assertEqual(self.value(page, "group_lag_records", group=topic), 50)
        group, end = self.unique("group"), self.end_of(topic)
        self.driver.commit(group, [(topic, 0, end)])
        for page in self.next_pages(2):
            self.assertEqual(self.lag_seconds(page, group), 0)
        self.driver.produce([(topic, 0, 10)], timestamp=lie)
        written = {(topic, 0): time.time()}
        for _ in range(3):
            page = self.await_ages(group, written=written)
        self.assertGreater(self.lag_seconds(page, group), POLL_SECONDS)
        demand_no_ages(page, topic)

    def test_timestamps_of_the_future(self):
        self.check_lying_timestamps("future", int(1000 * (self.now + 3 * _HOUR)))

    def test_timestamps_of_1970(self):
        self.check_lying_timestamps("zero", 0)

    def test_timestamps_out_of_order(self):
        page = self.daemon.await_polls(2, CLUSTER)
        # A record is not older than the one before it.
        self.assertTrue(is_near(self.lag_seconds(page, "descending"), poll_time(page)
                                - (self.now - 600)), self.lag_seconds(page, "descending"))
        (_, written), = self.driver.record_times([("shuffled", 0, 700)])
        age = poll_time(page) - written / 1000
        self.assertLessEqual(abs(self.lag_seconds(page, "shuffled") - age), 0.05 * age + 120)


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
