"""What happens to clusters in production, to one of three brokers under load. Every page meanwhile
is right in what it shows; soon afterwards it shows everything again."""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from fault_watch import Recovery, Truth, Watch
from kafka_case import CLUSTER, KafkaCase, configuration
from record_ages import poll_time, tolerance
from support import backlogd
from support.backlogd import Backlogd
from support.kafka_driver import DriverError
from support.processes import ReservedPort

_NODES = (1, 2, 3)
_RECORDS = 30
_PARKED_AT = 10
_WALL_CLOCK = pathlib.Path(backlogd.__file__).parent / "wall_clock.c"
# A slow machine's brokers need a while for 1,000 topics.
_POLL = {"interval": "2s", "timeout": "2s"}


def _name_of(node):
    return f"broker-{node}.test"


def _library(name):
    """One that Debian's packages install, for LD_PRELOAD."""
    return next(str(path) for path in pathlib.Path("/usr/lib").rglob(name))


def _rotated(partition, shift, count):
    return [(partition + shift + i) % 3 + 1 for i in range(count)]


class Faults(KafkaCase):
    """Topic "idle" has three replicas, "single" one, both are old and silent; "live" is written and
    read all the time."""

    NODES = 3
    SECTIONS = {"poll": _POLL}
    behind_since = None  # Unix time
    hosts = dict.fromkeys(_NODES, "127.0.0.1")  # where each broker's name leads

    @classmethod
    def settings_of(cls, node):
        """Each broker has a second listener, which it calls by a name."""
        named = node.ports.setdefault("named", ReservedPort()).number
        plain, controller = node.address, node.controller_address
        return {
            "offsets.topic.replication.factor": 3, "min.insync.replicas": 1,
            "broker.session.timeout.ms": 3000, "auto.leader.rebalance.enable": "false",
            "listeners": f"PLAINTEXT://{plain},CONTROLLER://{controller},"
                         f"NAMED://{cls.hosts[node.number]}:{named}",
            "advertised.listeners": f"PLAINTEXT://{plain},NAMED://{_name_of(node.number)}:{named}",
            "listener.security.protocol.map":
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,NAMED:PLAINTEXT",
        }

    @classmethod
    def setUpClass(cls):
        cls.SETTINGS = cls.settings_of
        super().setUpClass()

    @classmethod
    def prepare(cls):
        cls.written_at = int(time.time()) - 1000
        cls.driver.create_topics(
            [{"name": name, "replicas": [_rotated(p, 0, count) for p in range(3)],
              "config": {"retention.ms": "-1"}}
             for name, count in (("idle", 3), ("live", 3), ("single", 1))])
        cls.partitions = [(name, p) for name in ("idle", "single") for p in range(3)]
        cls.driver.produce([(*at, _RECORDS) for at in cls.partitions],
                           timestamp=1000 * cls.written_at)
        parked = {f"parked-{i}": dict.fromkeys(cls.partitions[:3 if i % 2 else 6], _PARKED_AT)
                  for i in range(12)}
        for group, committed in parked.items():
            cls.driver.commit(group, [(*at, offset) for at, offset in committed.items()])
        cls.parked = parked
        cls.driver.start_producer("writer", "live", 100)
        cls.driver.start_members("readers", "live-group", ["live"], count=2)
        cls.driver.await_group("live-group", "Stable", members=2, partitions=3)

    def truth(self, **options):
        return Truth(dict.fromkeys(self.partitions, _RECORDS), self.parked, self.written_at,
                     **options)

    def setUp(self):
        self.addCleanup(self.heal)
        self.true = self.truth()
        self.daemon.wait(self.is_all_right, 40, "all is well before")

    def heal(self):
        for number, node in self.kafka.nodes.items():
            if not node.running:
                self.kafka.start(number)
        self.await_health()

    def is_all_right(self, page):
        self.true.demand_all(page)
        self.assertGreater(self.value(page, "group_members", group="live-group"), 0)
        self.assertIsNotNone(self.value(page, "group_lag_records", group="live-group"))
        return True

    def await_health(self):
        """Until Kafka itself is as before."""
        self.driver.await_leaders(["idle", "single", "live"])
        self.driver.await_in_sync(["idle", "single", "live", "__consumer_offsets"])
        for group in self.parked:
            self.driver.await_group(group, "Empty")
        self.driver.await_group("live-group", "Stable", partitions=3)

    def demand_recovery(self, daemon=None):
        """The cause is gone: everything is right by the end of the second poll that begins now.
        Returns that page."""
        return Recovery(daemon or self.daemon).wait(self.is_all_right, 30, "all is well again")

    def demand_counted(self):
        """Records that were written and read while the daemon watched count, once each."""

        def counted(page):
            ends = page.by("backlogd_partition_log_end_offset", "partition", topic="live")
            commits = page.by("backlogd_group_partition_committed_offset", "partition",
                              group="live-group")
            self.assertEqual((len(ends), len(commits)), (3, 3))
            self.assertEqual(self.value(page, "carried_values"), 0)
            produced = self.value(page, "topic_records_produced_total", topic="live")
            consumed = self.value(page, "group_topic_records_consumed_total", group="live-group",
                                  topic="live")
            return sum(ends.values()) - produced, sum(commits.values()) - consumed

        pages = []
        self.daemon.wait(lambda page: pages.append(counted(page)) or True, 20, "all are shown")
        return pages[-1]

    def endure(self, fault):
        """Carries out `fault` and awaits that Kafka is healthy; all pages meanwhile are right."""
        uncounted = self.demand_counted()
        with Watch(self.daemon, self.true.check) as watch:
            fault()
            self.await_health()
        self.assertGreater(len(watch.polls), 1)
        self.demand_recovery()
        self.assertEqual(self.demand_counted(), uncounted)
        self.await_agreement("parked-0", "parked-1")

    # The tests

    def test_rolling_restart(self):
        def restart():
            for node in _NODES:
                self.kafka.stop(node)
                self.kafka.start(node)
                self.driver.await_in_sync(["idle", "single", "live", "__consumer_offsets"])

        self.endure(restart)

    def test_leaders_move_and_partitions_are_reassigned(self):
        """Each partition of "single" moves to every broker."""
        topics = [("idle", 3), ("live", 3), ("single", 1)]
        partitions = [(name, p) for name, _ in topics for p in range(3)]

        def move():
            for shift in (1, 2, 3):
                self.driver.reassign([(name, p, _rotated(p, shift, count))
                                      for name, count in topics for p in range(3)])
                self.driver.elect_preferred(partitions)
                self.await_leaders_at(shift)
                self.daemon.await_polls(1, CLUSTER)

        self.endure(move)

    def await_leaders_at(self, shift):
        leaders = [_rotated(p, shift, 1)[0] for p in range(3)]
        self.wait_until(lambda: all(found == leaders for found in self.driver.leaders(
            ["idle", "live", "single"]).values()), 30, "leaders have moved")

    def test_coordinators_move(self):
        coordinators = set()

        def coordinator():
            try:
                return self.driver.describe_group("parked-0")["coordinator"]
            except DriverError:
                return None

        def move():
            for shift in (1, 2, 3):
                self.driver.reassign([("__consumer_offsets", p, _rotated(p, shift, 3))
                                      for p in range(6)])
                self.driver.elect_preferred([("__consumer_offsets", p) for p in range(6)])
                self.daemon.await_polls(1, CLUSTER)
                coordinators.add(self.wait_until(coordinator, 20, "a coordinator"))

        # A broker that is replaced lists its groups and answers, with commits as they were, until it
        # has unloaded them, which Kafka does by and by once it is a follower. Of two that answer the
        # daemon asks the one that leads by the metadata; while the metadata name the former one,
        # nothing tells that it is.
        self.true = self.truth(commits_go_forward=False)
        self.endure(move)
        self.assertEqual(coordinators, set(_NODES))

    def test_controller_is_lost(self):
        def lose():
            controller = self.driver.controller()
            self.kafka.stop(controller, kill=True)
            self.wait_until(lambda: self.driver.controller() != controller, 30,
                            "another controller")
            self.daemon.await_polls(4, CLUSTER)
            self.kafka.start(controller)

        self.endure(lose)

    def folder(self):
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_clock_jumps(self):
        """The machine's clock, and not the brokers', an hour forward, back, five minutes back; and an
        hour forward while the process is stopped, as when the machine was suspended: the steady clock
        stood still. Ages are what they are by the machine's clock."""
        clock = self.folder() / "clock"

        def set_clock(seconds):
            (clock.parent / "new").write_text(f"{seconds:+}\n")
            (clock.parent / "new").rename(clock)

        set_clock(0)
        library = clock.parent / "wall_clock.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, _WALL_CLOCK], check=True)
        environment = {"LD_PRELOAD": str(library), "WALL_CLOCK_FILE": str(clock)}
        config = configuration(self.kafka.bootstrap_servers, poll=_POLL)
        self.true = self.truth()
        with Backlogd(config, environment=environment) as daemon:
            daemon.wait(self.is_all_right, 30, "all is well")
            for seconds, suspended in ((3600, False), (0, False), (-300, False), (0, False),
                                       (3600, True)):
                with (Watch(daemon, lambda page, at=seconds: self.check_after_jump(page, at)),
                      Watch(daemon, self.true.check)):
                    with self.stopped(daemon) if suspended else contextlib.nullcontext():
                        set_clock(seconds)
                    self.demand_time(daemon, seconds)
                if seconds < 0:
                    self.fall_behind(daemon)

    def demand_time(self, daemon, ahead):
        """A poll sees the clock as it is now; soon everything is right by it."""
        self.wait_until(lambda: abs(time.time() + ahead - poll_time(daemon.scrape())) < 5, 20,
                        f"the clock has jumped to {ahead:+} s")
        Recovery(daemon).wait(self.is_on_time, 20, "all is well again")

    @contextlib.contextmanager
    def stopped(self, daemon):
        os.kill(daemon.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(daemon.pid, signal.SIGCONT)

    def fall_behind(self, daemon):
        """A group reads no further from now on; the daemon sees its backlog grow."""
        self.addCleanup(self.driver.delete_groups, ["behind"])
        logs = self.driver.log_offsets([("live", p) for p in range(3)])
        self.behind_since = time.time()
        self.driver.commit("behind", [(*at, end) for at, (_, _, end) in logs.items()])
        daemon.wait(lambda page: self.value(page, "group_lag_seconds", group="behind"), 20,
                    "a backlog")

    def check_after_jump(self, page, ahead):
        """A group that reads everything at once is not late. What was written before the jump is
        as old as its timestamps say, by a clock that is so many seconds ahead of the brokers'."""
        age = self.value(page, "group_lag_seconds", group="live-group")
        if age is not None and age >= 10:
            self.assertGreater(ahead, 0)
            self.assertLessEqual(abs(age - ahead), tolerance(ahead), f"{age} s late")
        # One whose backlog the daemon saw grow while its clock was slow, once that is right.
        age = self.value(page, "group_lag_seconds", group="behind")
        if age is not None and abs(time.time() - poll_time(page)) < 100:
            self.assertLess(abs(poll_time(page) - self.behind_since - age), 10, f"{age} s behind")

    def is_on_time(self, page):
        """A group that reads everything at once is not late."""
        age = self.value(page, "group_lag_seconds", group="live-group")
        self.assertIsNotNone(age)
        self.assertLess(age, 10)
        return self.is_all_right(page)

    def test_names_lead_elsewhere(self):
        """A broker comes back at another address, and its name leads there only then."""
        file = self.folder() / "hosts"

        def publish():
            text = "".join(f"{host} {_name_of(node)}\n" for node, host in self.hosts.items())
            (file.parent / "new").write_text(text)
            (file.parent / "new").rename(file)

        publish()
        moved = 3
        port = self.kafka.nodes[1].ports["named"].number
        environment = {"LD_PRELOAD": _library("libnss_wrapper.so"), "NSS_WRAPPER_HOSTS": str(file)}
        self.true = self.truth()
        with Backlogd(configuration(f"{_name_of(1)}:{port}", poll=_POLL),
                      environment=environment) as daemon:
            daemon.wait(self.is_all_right, 30, "all is well")
            with Watch(daemon, self.true.check):
                self.kafka.stop(moved)
                self.hosts[moved] = "127.0.0.2"
                self.kafka.reconfigure(moved)
                self.kafka.start(moved)
                self.await_health()
                page = daemon.await_polls(1, CLUSTER)
                self.assertEqual(self.value(page, "up"), 0, "the old name led to the broker")
                publish()
                self.demand_recovery(daemon)

    def test_topic_deletion_storm(self):
        topics = [f"storm-{i:03}" for i in range(1000)]
        self.driver.create_topics([{"name": name, "replicas": [[i % 3 + 1]]}
                                   for i, name in enumerate(topics)])
        self.driver.produce([(name, 0, 2) for name in topics])
        self.driver.commit("storm", [(name, 0, 0) for name in topics] + [("idle", 0, _PARKED_AT)])
        kept = _RECORDS - _PARKED_AT
        self.daemon.wait(lambda page: self.value(page, "group_lag_records", group="storm")
                         == 2000 + kept, 40, "all topics are shown")

        def check(page):
            self.true.check(page)
            by_topic = page.by("backlogd_group_topic_lag_records", "topic", group="storm")
            left = {name: lag for name, lag in by_topic.items() if name != "idle"}
            self.assertLessEqual(set(left.values()), {2})
            self.assertIn(by_topic.get("idle"), (None, kept))
            total = self.value(page, "group_lag_records", group="storm")
            if total is not None:
                self.assertEqual(total, 2 * len(left) + kept)

        with Watch(self.daemon, check):
            for i in range(0, 1000, 250):
                self.driver.delete_topics(topics[i:i + 250])
            Recovery(self.daemon).wait(self.storm_is_over, 30, "no topic is left")
        self.driver.delete_groups(["storm"])

    def storm_is_over(self, page):
        self.is_all_right(page)
        self.assertEqual([labels for name in page.families for labels, _ in page.series(name)
                          if labels.get("topic", "").startswith("storm-")], [])
        return self.value(page, "group_lag_records", group="storm") == _RECORDS - _PARKED_AT
