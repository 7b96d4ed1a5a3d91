"""Time lags of a log that loses its end: new records stand where others stood."""

from support.kafka_driver import DriverError
from time_lag_case import TimeLagCase


class AfterAnUncleanElection(TimeLagCase):
    NODES = 3
    SETTINGS = {"offsets.topic.replication.factor": 3, "broker.session.timeout.ms": 3000,
                "unclean.leader.election.enable": "true"}

    def group_at(self, topic, offset):
        """One whose coordinator stays."""
        for i in range(30):
            group = self.unique(f"group-{i}-at-{offset}")
            self.driver.commit(group, [(topic, 0, offset)])
            if self.driver.describe_group(group)["coordinator"] == 3:
                return group
        self.fail("node 3 coordinates no group")

    def leads(self, node, topic):
        try:
            return self.driver.leaders([topic])[topic] == [node]
        except DriverError:  # not known yet to the broker that was asked
            return False

    def ends_at(self, topic, offset):
        try:
            return self.end_of(topic) == offset
        except DriverError:  # the driver has not found the new leader yet
            return False

    def test_end_goes_back(self):
        topic = self.unique("topic")
        self.driver.create_topic(topic, replicas=[[1, 2]])
        self.driver.produce([(topic, 0, 500)])
        kept, lost = self.group_at(topic, 100), self.group_at(topic, 400)
        self.await_ages(kept, lost)
        self.kafka.stop(2)
        self.driver.produce([(topic, 0, 300)])
        self.driver.commit(lost, [(topic, 0, 600)])
        self.await_ages(kept, lost)
        self.kafka.stop(1, kill=True)
        self.kafka.start(2)
        self.wait_until(lambda: self.leads(2, topic), 90, "a leader that lags")
        self.wait_until(lambda: self.ends_at(topic, 500), 150, "the end that is left")
        self.daemon.wait(lambda page: self.lag_seconds(page, lost) == 0, 30, "nothing to read")
        self.driver.produce([(topic, 0, 200)])
        page = self.await_ages(kept, lost)  # offset 600 is a new record's
        self.assertLess(self.lag_seconds(page, lost) + 5, self.lag_seconds(page, kept))
