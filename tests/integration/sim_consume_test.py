"""backlogd-sim consume, as Kafka and the daemon see it: what it commits, how it leaves the group,
its faults and its dead letters."""

import os
import signal
import unittest

from dead_letter_case import DeadLetterCase
from kafka_case import CLUSTER
from support.processes import wait_until
from support.sim import BacklogdSim, run

REASONS = ("retries_exhausted", "format", "business", "timeout", "permission")
_KAFKA_4 = not os.environ["BACKLOGD_KAFKA_VERSION"].startswith("3.")


class SimConsume(DeadLetterCase):
    # The tests wait for no more than they must.
    SETTINGS = {"group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "1000"}

    def filled(self, records, partitions=2, name="offer"):
        """A topic of this test with so many records in each partition, and a group's name."""
        topic = self.unique(name)
        self.driver.create_topic(topic, partitions)
        self.driver.produce([(topic, partition, records) for partition in range(partitions)])
        return topic, self.unique("group")

    def consume(self, topic, group, *flags):
        return BacklogdSim("consume", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                           f"--topic={topic}", f"--group={group}", "--output=json", *flags)

    def committed(self, group):
        return sum(offset for _, _, offset, _ in self.driver.committed(group))

    def await_committed(self, group, records, seconds=20):
        wait_until(lambda: self.committed(group) >= records, seconds, f"commits of {group}")

    def await_lag(self, group, lag):
        def shown(page):
            self.assertEqual(page.value("backlogd_group_lag_records", kafka_cluster=CLUSTER,
                                        group=group), lag)
            return True

        self.daemon.wait(shown, 20, f"lag of {group}")

    def test_each_mode_commits_what_it_says(self):
        topic, group = self.filled(300)
        for mode, expected in (("record", 600), ("batch", 600), ("periodic", 600), ("never", 0)):
            with self.subTest(mode):
                name = f"{group}.{mode}"
                with self.consume(topic, name, f"--commit={mode}", "--records=600") as sim:
                    self.assertEqual(sim.wait(30), 0, sim.err())
                    report = sim.report()
                self.assertEqual(report["handled"], 600)
                self.assertEqual(report["committed"], expected)
                self.assertEqual(self.committed(name), expected)
                if expected:
                    self.await_lag(name, 0)

    def test_says_what_the_group_will_never_grant(self):
        topic, group = self.filled(1)
        with self.consume(topic, group, "--session-timeout=1h", "--max-poll-interval=1h") as sim:
            self.assertEqual(sim.wait(30), 1, sim.err())
            self.assertIn("Invalid session timeout", sim.err())

    def test_a_periodic_commit_comes_when_it_is_due(self):
        topic, group = self.filled(5)
        with self.consume(topic, group, "--commit=periodic", "--commit-interval=1h") as sim:
            self.driver.await_group(group, partitions=2)
            self.assertEqual(self.committed(group), 0)
            with self.consume(topic, group + "2", "--commit=periodic",
                              "--commit-interval=200ms"):
                self.await_committed(group + "2", 10)
            self.assertEqual(self.committed(group), 0)
            sim.stop()
        self.assertEqual(self.committed(group), 10)

    def demand_exactly_once(self, number, *flags):
        topic, group = self.filled(3000, partitions=4)
        with self.consume(topic, group, "--members=3", "--handling-ms=1", "--batch=50",
                          *flags) as sim:
            self.driver.await_group(group, members=3, partitions=4)
            self.await_committed(group, 500)
            sim.stop(number)
            first = sim.report()
        self.assertEqual(self.driver.describe_group(group)["state"], "Empty")
        self.assertEqual(first["committed"], first["handled"])
        self.assertEqual(first["not_committed"], 0)
        self.assertEqual(self.committed(group), first["handled"])
        self.assertLess(first["handled"], 12000, "stopped under load")
        left = 12000 - first["handled"]
        with self.consume(topic, group, "--members=2", f"--records={left}", *flags) as sim:
            self.assertEqual(sim.wait(30), 0, sim.err())
            second = sim.report()
        self.assertEqual(second["handled"], left)
        self.assertEqual(self.committed(group), 12000)
        self.await_lag(group, 0)

    def test_a_stop_under_load_loses_and_repeats_nothing(self):
        self.demand_exactly_once(signal.SIGTERM)

    @unittest.skipUnless(_KAFKA_4, "KIP-848")
    def test_the_same_with_the_new_protocol(self):
        self.demand_exactly_once(signal.SIGINT, "--protocol=consumer")

    def test_each_record_is_handled_once_though_the_run_is_stopped(self):
        topic, group = self.filled(500, partitions=3)
        flags = ["--failures.rate=1", "--failures.kinds=business", "--failures.retries=0"]
        handled = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.consume(topic, group, "--members=2", *flags) as sim:
                self.await_committed(group, handled + 1)
                sim.stop(number)
                handled += sim.report()["handled"]
            self.assertEqual(self.committed(group), handled)
        if handled < 1500:
            with self.consume(topic, group, f"--records={1500 - handled}", *flags) as sim:
                self.assertEqual(sim.wait(40), 0, sim.err())
        # A dead letter says which record it was.
        places = [(dict(letter.headers)["kafka_dlt-original-partition"],
                   dict(letter.headers)["kafka_dlt-original-offset"])
                  for letter in self.driver.read(f"{topic}-dlt")]
        self.assertEqual(len(places), 1500)
        self.assertEqual(len(set(places)), 1500)

    def test_a_crashed_member_is_missed_and_comes_back(self):
        topic, group = self.filled(20_000)
        with self.consume(topic, group, "--handling-ms=1", "--members=2", "--fault.kind=crash",
                          "--fault.members=1", "--fault.after=1s", "--fault.length=5s",
                          "--session-timeout=2s") as sim:
            self.driver.await_group(group, members=2)
            self.driver.await_group(group, members=1, partitions=2, seconds=20)
            self.driver.await_group(group, members=2, partitions=2, seconds=20)
            sim.stop()
            report = sim.report()
        self.assertGreater(report["handled"], report["committed"])
        self.assertLessEqual(self.committed(group), report["committed"])

    def test_a_hanging_member_is_thrown_out(self):
        topic, group = self.filled(20_000)
        with self.consume(topic, group, "--handling-ms=1", "--members=2", "--fault.kind=hang",
                          "--fault.members=1", "--fault.after=1s", "--fault.length=3s",
                          "--session-timeout=2s", "--max-poll-interval=2s") as sim:
            self.driver.await_group(group, members=2, partitions=2)
            self.driver.await_group(group, members=1, partitions=2, seconds=20)
            self.driver.await_group(group, members=2, partitions=2, seconds=20)
            sim.stop()

    def test_dead_letters_are_what_they_were_meant_to_be(self):
        styles = {"spring": "{topic}-dlt", "connect": "dlq-{group}",
                  "streams": "{group}-{topic}-dlq"}
        for style, name in styles.items():
            with self.subTest(style):
                topic, group = self.filled(50, name=style)
                queue = name.format(topic=topic, group=f"{group}.{style}")
                flags = ["--failures.rate=1", f"--failures.style={style}", "--records=100",
                         "--failures.retry-backoff=1ms"]
                with self.consume(topic, f"{group}.{style}", *flags) as sim:
                    self.assertEqual(sim.wait(30), 0, sim.err())
                    report = sim.report()
                self.assertEqual(report["dead_letters"]["topic"], queue)
                self.assertEqual(report["dead_letters"]["by_reason"], dict.fromkeys(REASONS, 20))
                self.assertEqual(report["committed"], 100)
                self.await_reasons(queue, dict.fromkeys(REASONS, 20), 30)

    def test_what_is_not_there_is_said(self):
        servers = f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}"
        result = run("consume", servers, f"--topic={self.unique('nowhere')}")
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is none of that name", result.stderr)
        result = run("consume", "--kafka.bootstrap-servers=127.0.0.1:1", "--timeout=2s",
                     seconds=15)
        self.assertEqual(result.returncode, 1)
        self.assertIn("127.0.0.1:1", result.stderr)
