"""What the tests of time lags have in common: records with chosen timestamps, and waiting for true
ages."""

from kafka_case import CLUSTER, KafkaCase
from record_ages import demand_ages, is_fresh, polls

FOREVER = {"retention.ms": "-1"}
COMPACTED = {"cleanup.policy": "compact", "segment.ms": "100",
              "min.cleanable.dirty.ratio": "0.01", "min.compaction.lag.ms": "0"}
_ANALYSIS = {"window": "8s", "isolation_rules": [{"groups": ".*-rc",
                                                  "isolation": "read_committed"}]}


def evenly(begin, end, count):
    """Timestamps in ms of so many records between two Unix times."""
    return [int(1000 * (begin + (end - begin) * i / count)) for i in range(count)]


class TimeLagCase(KafkaCase):
    SETTINGS = {"log.cleaner.backoff.ms": 200}
    SECTIONS = {"analysis": _ANALYSIS}

    @classmethod
    def write(cls, topic, timestamps, config=None):
        cls.driver.create_topic(topic, config={**FOREVER, **(config or {})})
        cls.driver.produce([(topic, 0, len(timestamps))], timestamp=timestamps)

    @classmethod
    def end_of(cls, topic, partition=0):
        return cls.driver.log_offsets([(topic, partition)])[topic, partition][2]

    @classmethod
    def compact(cls, topic, count):
        """Records roll the segment that holds the others, until those are compacted."""

        def compacted():
            cls.driver.produce([(topic, 0, 1)], keys=1)
            return cls.driver.count_records(topic, 0) < count

        cls.wait_until(compacted, 30, f"{topic} is compacted")

    def next_pages(self, count):
        """The page after each of so many polls that begin from now on."""
        page = self.daemon.await_polls(1, CLUSTER)
        for _ in range(count):
            yield page
            last = polls(page)
            page = self.daemon.wait(lambda page, last=last: polls(page) > last, 20, "another poll")

    def await_ages(self, *groups, within=3, written=None):
        """Demands true ages on a page of one of so many polls that begin from now on, and returns
        it. A page that carries an earlier poll's values does not count."""
        failure = None
        for page in self.next_pages(3 * within):
            try:
                for group in groups:
                    demand_ages(self.driver, page, group, written)
                return page
            except AssertionError as error:
                failure = error
                within -= is_fresh(page)
            if within == 0:
                break
        raise failure

    def lag_seconds(self, page, group):
        return self.value(page, "group_lag_seconds", group=group)
