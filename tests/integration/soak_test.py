"""The daemon while topics, dead-letter queues and groups come and go all the time: it keeps nothing
of what is gone. For as many polls of each of its clusters as BACKLOGD_SOAK_POLLS says, at the
shortest interval there is; for 17 rounds at least."""

import os
import pathlib

from kafka_case import CLUSTER, KafkaCase
from record_ages import polls

_POLLS = int(os.environ.get("BACKLOGD_SOAK_POLLS", 0))
# One Kafka that is watched four times: four polls a second.
_CLUSTERS = (CLUSTER, "second", "third", "fourth")
_TOPICS = 4  # that come in each round, and go at its end
_GROUPS = 120
# Of the rounds, the first do not count: buffers grow to what the largest page needs, and each thread
# takes its first blocks.
_WARM_UP = 8
_LEAST_ROUNDS = _WARM_UP + 9
_LONG = "-with-a-name-that-takes-some-memory" * 4
# By which the memory of the last third of the rounds may exceed that of the middle one. Some is
# kept for a while: of topics by the library, of dead-letter queues up to a number. A daemon that
# kept all groups took 2,000 KiB more after three rounds.
_MEMORY_SLACK_KIB = 1536
# A sanitizer keeps what is freed for a while, to see who still uses it.
_SANITIZED = "BACKLOGD_SANITIZED" in os.environ
# Of so many rounds, the last sixth is held against the one before, with half the slack: both begin
# after the 15 minutes for which the library keeps what it was told of a topic.
_MANY_ROUNDS = 120
_PAGES = ("/", "/topics", "/dead-letters", "/daemon", f"/group?cluster={CLUSTER}&name=keeper",
          "/api/v1/groups", "/api/v1/topics")
# Of the daemon itself: one more kind of request, answer or failure is one more series.
_OF_ITS_OWN = ("request", "reason", "code", "quantile", "level", "family")
_PRINTED = 20


class Usage:
    """What the process takes: as /proc says, but for the descriptors, which the kernel shows to
    the process itself and to root, as it does of what writes no core dump."""

    def __init__(self, pid, page):
        status = dict(line.split(":\t", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        self.memory = int(status["VmRSS"].removesuffix(" kB"))  # KiB
        self.threads = int(status["Threads"])
        self.descriptors = int(page.value("process_open_fds"))

    def __str__(self):
        return f"{self.memory} KiB, {self.descriptors} descriptors, {self.threads} threads"


def _least(usages, what, parts):
    """The least of each part of the rounds: what a page that is being made takes is not kept."""
    values = [getattr(usage, what) for usage in usages]
    size = len(values) // parts
    return [min(values[i * size:(i + 1) * size]) for i in range(parts)]


def _shown(page):
    """All series but those that tell how the daemon is doing, or come with what it has learned of
    a group that stays."""
    return {(name, *sorted(labels.items())) for name in page.families
            for labels, _ in page.series(name)
            if not any(label in labels for label in _OF_ITS_OWN)
            and labels.get("group") not in ("live", "keeper")}


class Soak(KafkaCase):
    SETTINGS = {"log.segment.delete.delay.ms": 1000}

    @classmethod
    def prepare(cls):
        servers = cls.kafka.bootstrap_servers
        cls.SECTIONS = {"dead_letters": {"scan": True},
                        "clusters": [{"name": name, "bootstrap_servers": servers}
                                     for name in _CLUSTERS]}
        cls.driver.create_topics([{"name": name, "partitions": 3} for name in ("kept", "kept-dlt")])
        cls.driver.produce([(name, p, 5) for name in ("kept", "kept-dlt") for p in range(3)])
        cls.driver.commit("keeper", [("kept", p, 2) for p in range(3)])
        cls.driver.start_producer("writer", "kept", 20)
        cls.driver.start_members("readers", "live", ["kept"], count=2)
        cls.driver.await_group("live", "Stable", members=2, partitions=3)

    def test_nothing_is_kept_of_what_is_gone(self):
        self.daemon.wait(self.all_are_shown, 120, "all clusters")
        self.go(*self.come("first"))
        self.daemon.await_polls(5, CLUSTER)
        before = self.daemon.wait(self.names_nothing_gone, 60, "all are gone")
        usages = []
        done = 0
        while done < _POLLS or len(usages) < _LEAST_ROUNDS:
            these = self.come(len(usages))
            self.daemon.await_polls(1, CLUSTER)
            self.look()
            self.go(*these)
            page = self.daemon.wait(self.names_nothing_gone, 60, "all are gone")
            done = int(polls(page) - polls(before))
            usages.append(Usage(self.daemon.pid, page))
            if len(usages) % _PRINTED == 1:
                print(f"{done} polls, {len(usages)} rounds: {usages[-1]}", flush=True)
        print(f"{done} polls, {len(usages)} rounds: {usages[-1]} in the end")
        self.assertEqual(_shown(page), _shown(before))
        self.demand_flat(usages)

    def all_are_shown(self, page):
        shown = page.by("backlogd_group_lag_records", "kafka_cluster", group="keeper")
        return len(shown) == len(_CLUSTERS)

    def names_nothing_gone(self, page):
        return not any(_LONG in text for name in page.families
                       for labels, _ in page.series(name) for text in labels.values())

    def come(self, number):
        topics = [f"orders-{number}-{i}{_LONG}" + (".DLT" if i % 2 else "")
                  for i in range(_TOPICS)]
        self.driver.create_topics([{"name": name, "partitions": 2} for name in topics])
        self.driver.produce([(name, 0, 3) for name in topics])
        groups = [f"group-{number}-{i}{_LONG}" for i in range(_GROUPS)]
        self.driver.commit_all(groups, [(name, 0, 1) for name in topics])
        return topics, groups

    def go(self, topics, groups):
        self.driver.delete_groups(groups)
        self.driver.delete_topics(topics)

    def look(self):
        """What readers do."""
        for path in _PAGES:
            self.assertEqual(self.daemon.request(path).status, 200, path)
        answer = self.daemon.request("/metrics", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(answer.status, 200)

    def demand_flat(self, usages):
        usages = usages[_WARM_UP:]
        count = 6 if len(usages) >= _MANY_ROUNDS else 3
        for what in ("memory", "descriptors", "threads"):
            print(f"{what}, least of each of {count} parts: {_least(usages, what, count)}")
        *_, before, last = _least(usages, "memory", count)
        if not _SANITIZED:
            self.assertLessEqual(last - before, _MEMORY_SLACK_KIB * 3 // count)
        for what in ("descriptors", "threads"):
            *_, before, last = _least(usages, what, count)
            self.assertLessEqual(last, before + 1, what)  # one connection of a reader
