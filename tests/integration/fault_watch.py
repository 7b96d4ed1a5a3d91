"""Every page while something fails, held against what cannot be otherwise."""

import threading
import time

from kafka_case import CLUSTER
from record_ages import poll_time, polls

# What docs/operations.md promises: how many polls that begin after the cause is gone have ended when
# everything is right again.
RECOVERY_POLLS = 2
# Seconds that an age may be off: 5 % of 1,000, and a poll or two in which it was carried.
_AGE_SLACK = 55
_SEEN_LATE = 0.5  # seconds after its end until a poll is seen on a page
_LOG_NAMES = ("log_start", "last_stable", "log_end")


class Truth:
    """What holds on every page, whatever fails.

    `idle`: {(topic, partition): log end} of topics into which nothing is written; `parked`:
    {group: {(topic, partition): committed}} of groups that do nothing, on idle topics;
    `written_at`: Unix time of all idle records. Of one daemon: counters begin with it.
    `commits_go_forward`: while coordinators move, one that does not know yet that it is replaced
    answers with commits as they were.
    """

    def __init__(self, idle, parked, written_at, commits_go_forward=True):
        self._idle = idle
        self._parked = parked
        self._written_at = written_at
        self._commits_go_forward = commits_go_forward
        self._last = {}  # the highest value so far of whatever never goes back

    def check(self, page):
        """Raises AssertionError if the page says something wrong. Pages come in the order in which
        they were read: from one thread at a time."""
        self._demand_forward(page)
        self._demand_true(page)

    def _demand_true(self, page):
        self._demand_sane(page)
        self._demand_logs(page)
        for group, committed in self._parked.items():
            self._demand_pairs(page, group, committed)
            self._demand_sums(page, group, committed)
            self._demand_ages(page, group)

    def demand_all(self, page):
        """It says nothing wrong, whatever pages before it said, and nothing is absent."""
        self._demand_true(page)
        _equal(page.value("backlogd_up", kafka_cluster=CLUSTER), 1, "up")
        _equal(page.value("backlogd_carried_values", kafka_cluster=CLUSTER), 0, "carried values")
        for name in _LOG_NAMES:
            shown = page.by(f"backlogd_partition_{name}_offset", "topic", "partition")
            _equal([at for at in self._idle if (at[0], str(at[1])) not in shown], [], name)
        for group, committed in self._parked.items():
            of = {"kafka_cluster": CLUSTER, "group": group}
            lags = page.series("backlogd_group_partition_lag_records", **of)
            _equal(len(lags), len(committed), f"partitions of {group}")
            for name in ("group_lag_records", "group_max_lag_records", "group_lag_seconds"):
                if page.value(f"backlogd_{name}", **of) is None:
                    raise AssertionError(f"no {name} of {group}")
            _equal(page.by("backlogd_group_state", "state", **of), {"Empty": 1}, group)
            _equal(page.value("backlogd_group_unknown_partitions", **of), 0, group)

    def _demand_sane(self, page):
        for name in page.families:
            for labels, value in page.series(name):
                if value < 0:
                    raise AssertionError(f"{name}{labels}: {value}")

    def _demand_forward(self, page):
        """Counters, log ends and commits never go back."""
        names = [name for name, kind in page.families.items() if kind == "counter"]
        names.append("backlogd_partition_log_end_offset")
        if self._commits_go_forward:
            names.append("backlogd_group_partition_committed_offset")
        for name in names:
            for labels, value in page.series(name):
                key = (name, *sorted(labels.items()))
                if value < self._last.get(key, 0):
                    raise AssertionError(f"{name}{labels}: {value} after {self._last[key]}")
                self._last[key] = value

    def _demand_logs(self, page):
        for (topic, partition), end in self._idle.items():
            labels = {"kafka_cluster": CLUSTER, "topic": topic, "partition": partition}
            for name, true in zip(_LOG_NAMES, (0, end, end)):
                _absent_or(page.value(f"backlogd_partition_{name}_offset", **labels), true,
                           f"{name} of {topic}/{partition}")

    def _demand_pairs(self, page, group, committed):
        for (topic, partition), offset in committed.items():
            labels = {"kafka_cluster": CLUSTER, "group": group, "topic": topic,
                      "partition": partition}
            lag = self._idle[topic, partition] - offset
            for name, true in (("committed_offset", offset), ("lag_records", lag),
                               ("effective_lag_records", lag)):
                _absent_or(page.value(f"backlogd_group_partition_{name}", **labels), true,
                           f"{name} of {group} in {topic}/{partition}")

    def _demand_sums(self, page, group, committed):
        of = {"kafka_cluster": CLUSTER, "group": group}
        lags = {at: self._idle[at] - offset for at, offset in committed.items()}
        _absent_or(page.value("backlogd_group_lag_records", **of), sum(lags.values()), group)
        _absent_or(page.value("backlogd_group_max_lag_records", **of), max(lags.values()), group)
        _absent_or(page.value("backlogd_group_members", **of), 0, f"members of {group}")
        for topic in {topic for topic, _ in lags}:
            true = sum(lag for (name, _), lag in lags.items() if name == topic)
            _absent_or(page.value("backlogd_group_topic_lag_records", topic=topic, **of), true,
                       f"lag of {group} in {topic}")

    def _demand_ages(self, page, group):
        for level in ("group", "group_topic", "group_partition"):
            for labels, age in page.series(f"backlogd_{level}_lag_seconds", group=group):
                true = poll_time(page) - self._written_at
                if abs(age - true) > _AGE_SLACK:
                    raise AssertionError(f"{labels}: {age} s late, truly {true}")


class Recovery:
    """From a cause's end, at which it is made, to the page that has everything again."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._cured = time.monotonic()
        page = daemon.scrape()
        self._ended, self._spent = polls(page), _spent(page)
        self._begun = 0  # polls that began since, and have ended

    def wait(self, condition, seconds, what):
        """Waits as the daemon does; demands that RECOVERY_POLLS polls have been enough."""

        def holds(page):
            self._count(page)
            return condition(page)

        page = self._daemon.wait(holds, seconds, what)
        if self._begun > RECOVERY_POLLS:
            raise AssertionError(f"{what} only after {self._begun:g} polls that began since")
        return page

    def _count(self, page):
        ended, spent = polls(page), _spent(page)
        if ended == self._ended:
            return
        # The one that ran when the cause ended began before that, and does not count.
        began = time.monotonic() - (spent - self._spent)
        ran = self._begun == 0 and began < self._cured + _SEEN_LATE
        self._begun += ended - self._ended - ran
        self._ended, self._spent = ended, spent


def _spent(page):
    """Seconds in all polls that have ended."""
    return page.value("backlogd_poll_duration_seconds_sum", kafka_cluster=CLUSTER) or 0


class Watch(threading.Thread):
    """Scrapes all the time while its block runs, and hands every page to `check`; what that raises
    is raised at the block's end."""

    def __init__(self, daemon, check):
        super().__init__()
        self.pages = 0
        self.polls = set()
        self._daemon = daemon
        self._check = check
        self._ended = threading.Event()
        self._failure = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self._ended.set()
        self.join()
        if self._failure is not None and kind is None:
            raise self._failure

    def run(self):
        try:
            while not self._ended.wait(0.1):
                page = self._daemon.scrape()
                self._check(page)
                self.pages += 1
                self.polls.add(polls(page))
        except Exception as failure:  # raised where it is waited for
            self._failure = failure


def _absent_or(found, true, what):
    if found is not None:
        _equal(found, true, what)


def _equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: got {found}, expected {expected}")
