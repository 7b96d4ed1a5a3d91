"""Stories of what befalls a consumer group, told side by side on one cluster under one daemon. A
story is a generator: it acts through its Scenario, and where it waits for what the daemon makes of
that, it yields to be sent the page of the next poll."""

import dataclasses
from typing import Optional

from kafka_case import CLUSTER
from record_ages import demand_ages, is_fresh, polls

# A slow member reads all of its partitions in turn. With what Kafka fetches by default it would
# read one of them for longer than a window here.
_SMALL_FETCHES = {"max.partition.fetch.bytes": 1000}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the page says of a group; None where it says nothing."""
    status: Optional[str]
    cause: Optional[str] = None

    def __str__(self):
        return f"{self.status}/{self.cause}" if self.cause else str(self.status)


def verdict_on(page, group):
    return Verdict(*(_the_one(page, name, label, group) for name, label in
                     (("status", "status"), ("backlog_cause", "cause"))))


def _the_one(page, name, label, group):
    found = page.by(f"backlogd_group_{name}", label, kafka_cluster=CLUSTER, group=group)
    if len(found) > 1 or set(found.values()) - {1}:
        raise AssertionError(f"{name} of {group}: {found}")
    return next(iter(found), None)


class Scenario:
    """One group, on one topic of its own, committed at the beginning of each partition."""

    def __init__(self, driver, name, partitions=4, config=None):
        self.driver = driver
        self.name = name  # of the group and of the topic
        self.partitions = partitions
        self._workers = 0
        self._poll = 0
        self.now = Verdict(None)
        self._record = []  # (poll, verdict, numbers) whenever the verdict changed
        driver.create_topic(name, partitions, config=config)

    # What is done

    def commit(self, offset):
        """In all partitions. REQUIRES: no members."""
        self.driver.commit(self.name, [(self.name, p, offset) for p in range(self.partitions)])

    def write(self, records):
        """So many into each partition."""
        self.driver.produce([(self.name, p, records) for p in range(self.partitions)])

    def produce(self, records_per_second, **options):
        """Starts a producer; returns its name."""
        producer = self._worker("producer")
        self.driver.start_producer(producer, self.name, records_per_second, **options)
        return producer

    def consume(self, members, records_per_second, **options):
        """Starts members, each with that speed; returns their name."""
        name = self._worker("member")
        self.driver.start_members(name, self.name, [self.name], members, settings=_SMALL_FETCHES,
                                  records_per_second=records_per_second, max_poll_records=10,
                                  **options)
        return name

    def ends(self):
        """The log end of each partition."""
        offsets = self.driver.log_offsets([(self.name, p) for p in range(self.partitions)])
        return [offsets[self.name, p][2] for p in range(self.partitions)]

    # What is seen

    def value(self, page, name, **labels):
        return page.value(f"backlogd_group_{name}", kafka_cluster=CLUSTER, group=self.name,
                          **labels)

    def partition_statuses(self, page):
        """{partition: status} of those that are not ok."""
        return {int(partition): status for partition, status in page.by(
            "backlogd_group_partition_status", "partition", "status", kafka_cluster=CLUSTER,
            group=self.name)}

    def until(self, status, cause=None, within=20, via=()):
        """The page that says so, at the latest the one of the `within`th poll that ends from now
        on, whose ages are true. Until then it says what it said before, or one of the statuses
        `via`."""
        allowed = {self.now.status, status, *via}
        begun = None
        while True:
            page = yield from self.next_page()
            begun = begun or self._poll - 1
            if self.now == Verdict(status, cause) and is_fresh(page):
                self._demand_ages(page)
                return page
            if self.now.status not in allowed:
                self.fail(f"neither {status} nor one of {allowed}")
            if self._poll - begun >= within:
                self.fail(f"not {Verdict(status, cause)} within {within} polls")

    def stays(self, count):
        """The page says the same in so many more polls, with true ages; returns the last one."""
        expected = self.now
        end = self._poll + count
        while self._poll < end:
            page = yield from self.next_page()
            if self.now != expected:
                self.fail(f"not {expected} for {count} polls")
            if is_fresh(page):
                self._demand_ages(page)
        return page

    def normal_times(self, within=40):
        """ok for so long that the daemon knows what is normal."""
        yield from self.until("ok", within=within)
        begun = self._poll
        while True:
            page = yield from self.next_page()
            if self.now.status not in ("ok", None):  # None: members begin, nothing is known yet
                self.fail("not ok in normal times")
            known = [self.value(page, f"{rate}_baseline_records_per_second")
                     for rate in ("inflow", "consumption")]
            if None not in known:
                return page
            if self._poll - begun >= within:
                self.fail(f"baselines {known}")

    def next_page(self):
        page = yield
        self._poll = polls(page)
        seen = verdict_on(page, self.name)
        if seen != self.now or not self._record:
            self.now = seen
            rates = ", ".join(f"{name} {self.value(page, name)}" for name in (
                "lag_records", "lag_seconds", "inflow_records_per_second",
                "inflow_baseline_records_per_second", "consumption_records_per_second",
                "consumption_baseline_records_per_second", "members"))
            self._record.append(f"poll {self._poll:.0f}: {seen}, partitions "
                                f"{self.partition_statuses(page)}, {rates}")
        return page

    def fail(self, what):
        story = "\n".join(self._record)
        raise AssertionError(f"{self.name}, poll {self._poll:.0f}: {what}; now {self.now}\n"
                             f"{story}")

    def _demand_ages(self, page):
        # A group that commits nothing has none.
        if page.series("backlogd_group_partition_lag_records", kafka_cluster=CLUSTER,
                       group=self.name):
            demand_ages(self.driver, page, self.name)

    def _worker(self, kind):
        self._workers += 1
        return f"{self.name}-{kind}-{self._workers}"


def play(daemon, stories):
    """Tells all the stories, {name: generator}; returns {name: what went wrong} and the names of
    all metrics that were seen."""
    failures = {}
    families = set()
    untold = dict(stories)
    for name in list(untold):
        _tell(untold, name, None, failures)
    last = 0
    while untold:
        page = daemon.wait(lambda page, last=last: polls(page) > last, 30, "another poll")
        last = polls(page)
        families |= page.families.keys()
        for name in list(untold):
            _tell(untold, name, page, failures)
    return failures, families


def _tell(untold, name, page, failures):
    try:
        untold[name].send(page)
    except StopIteration:
        del untold[name]
    except Exception as failure:  # of one story, which shall not end the others
        failures[name] = failure
        del untold[name]
