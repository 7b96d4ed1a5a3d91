"""How late groups are, in seconds, in what is older than the daemon, which reads no record: against the
timestamps of the records themselves. record_ages.py says how near is near enough."""

import json
import pathlib
import random
import tempfile
import time

from kafka_case import CLUSTER, configuration
from record_ages import POLL_SECONDS, demand_ages, demand_no_ages, is_near, poll_time
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
