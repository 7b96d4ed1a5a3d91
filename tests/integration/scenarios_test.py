"""What the daemon says, poll by poll, of groups to which something happens: status, cause, and how
late they are. All stories run at once, with polls a second apart and a window of ten; the numbers
of polls that they allow are about twice what the rules need, for busy machines."""

import math
import os
import pathlib
import re

from kafka_case import KafkaCase
from record_ages import poll_time
from scenario import Scenario, play

# The window of a group that begins to recover still shows what happened before.
_RECOVERING = ["falling_behind", "catching_up"]
_STORIES = {}


def _story(tell):
    _STORIES[tell.__name__] = tell
    return tell


def _in_normal_times(driver, name, inflow, members, speed, partitions=4, config=None):
    """A group that keeps up; returns scenario, producer and members."""
    scenario = Scenario(driver, name, partitions, config)
    scenario.commit(0)
    producer = scenario.produce(inflow)
    return scenario, producer, scenario.consume(members, speed)


@_story
def producers_surge(driver, name):
    # A partition each: a member of several would drain them one by one, in its own order.
    group, producer, _ = _in_normal_times(driver, name, inflow=40, members=2, speed=50,
                                          partitions=2)
    page = yield from group.normal_times()
    driver.set_rate(producer, 200)
    page = yield from group.until("falling_behind", "producer_surge", within=25)
    # Until the backlog is older than the window.
    while group.value(page, "lag_seconds") < 12:
        page = yield from group.stays(2)
    usual = group.value(page, "inflow_baseline_records_per_second")
    assert 0.7 * 40 <= usual <= 1.3 * 40, usual
    assert group.value(page, "inflow_records_per_second") > 2 * usual
    assert group.value(page, "drain_seconds") is None
    # The surge ends, and the members drain what it left.
    driver.set_rate(producer, 40)
    calm = poll_time(page) + 12  # when nothing of the surge is in the window
    page = yield from group.until("catching_up", within=25)
    while poll_time(page) < calm:
        page = yield from group.stays(1)
    drain = group.value(page, "drain_seconds")
    begun = poll_time(page)
    page = yield from group.until("ok", within=90)
    took = poll_time(page) - begun
    assert abs(took - drain) <= 0.3 * drain + 6, (took, drain)


@_story
def consumer_slows_to_a_third(driver, name):
    group, _, members = _in_normal_times(driver, name, inflow=60, members=2, speed=60)
    yield from group.normal_times()
    driver.set_rate(members, 10)
    yield from group.until("falling_behind", "consumer_slowdown", within=25)
    page = yield from group.stays(3)
    assert (group.value(page, "consumption_records_per_second")
            < 0.75 * group.value(page, "consumption_baseline_records_per_second"))
    driver.set_rate(members, 300)
    yield from group.until("ok", within=40, via=_RECOVERING)


@_story
def consumer_hangs(driver, name):
    group, _, members = _in_normal_times(driver, name, inflow=60, members=2, speed=100)
    yield from group.normal_times()
    driver.pause(members, member=0)  # its session lives on
    yield from group.until("stalled", "consumer_stopped", within=30, via=["falling_behind"])
    page = yield from group.stays(3)
    # Its half of the partitions, and since then.
    assert list(group.partition_statuses(page).values()) == ["stalled"] * 2
    assert group.value(page, "lag_seconds") >= 7.5
    assert group.value(page, "members") == 2
    driver.resume(members, member=0)
    yield from group.until("ok", within=40, via=_RECOVERING)


@_story
def all_members_leave(driver, name):
    group, _, members = _in_normal_times(driver, name, inflow=60, members=2, speed=100,
                                         config={"retention.ms": "3600000"})
    yield from group.normal_times()
    driver.stop(members)
    yield from group.until("stopped", "consumer_stopped", within=20, via=["falling_behind"])
    page = yield from group.stays(3)
    assert set(group.partition_statuses(page).values()) == {"stopped"}
    age = group.value(page, "lag_seconds")
    assert age >= 4, age
    headroom = group.value(page, "retention_headroom_seconds")
    assert abs(headroom - (3600 - age)) <= 1, (headroom, age)
    # Nobody was there and somebody is: what was says nothing of what comes, and neither do we yet.
    group.consume(2, records_per_second=300)
    yield from group.until("ok", within=40, via=[None, *_RECOVERING])


@_story
def one_partition_is_stuck(driver, name):
    group, _, members = _in_normal_times(driver, name, inflow=60, members=2, speed=100)
    yield from group.normal_times()
    driver.set_stuck(members, [(name, 1)])
    yield from group.until("stalled", "consumer_stopped", within=30, via=["falling_behind"])
    page = yield from group.stays(3)
    assert group.partition_statuses(page) == {1: "stalled"}
    driver.set_stuck(members, [])
    yield from group.until("ok", within=40, via=_RECOVERING)


@_story
def one_key_is_hot(driver, name):
    group = Scenario(driver, name)
    group.commit(0)
    group.produce(120, keys=40, hot_share=0.7)
    group.consume(4, records_per_second=50)
    yield from group.until("falling_behind", "skew", within=30, via=["ok"])
    page = yield from group.stays(3)
    ends = group.ends()
    assert group.partition_statuses(page) == {ends.index(max(ends)): "falling_behind"}


@_story
def more_members_than_partitions(driver, name):
    group = Scenario(driver, name, partitions=2)
    group.write(100)
    group.commit(0)
    group.produce(160)
    group.consume(3, records_per_second=40)
    yield from group.until("falling_behind", "too_few_partitions", within=30, via=["ok"])
    page = yield from group.stays(3)
    assert group.value(page, "members") == 3
    assert group.value(page, "members_needed") == 2  # a third one would be idle


@_story
def too_few_members(driver, name):
    group = Scenario(driver, name)
    group.write(20)
    group.commit(0)
    group.produce(100)
    group.consume(1, records_per_second=40)
    yield from group.until("falling_behind", "underprovisioned", within=30, via=["ok"])
    page = yield from group.stays(5)
    # Until the backlog is older than the window.
    while group.value(page, "lag_seconds") < 14:
        page = yield from group.stays(2)
    capacity = group.value(page, "member_capacity_records_per_second")
    assert 0.7 * 40 <= capacity <= 1.3 * 40, capacity
    needed = (100 + group.value(page, "lag_records") / 60) / 40  # drain_time: 60s
    found = group.value(page, "members_needed")
    assert math.ceil(needed / 1.3) <= found <= math.ceil(needed / 0.7), (found, needed)
    group.consume(3, records_per_second=40)
    yield from group.until("catching_up", within=40)


@_story
def offsets_are_reset_back(driver, name):
    group = Scenario(driver, name, partitions=2)
    group.write(1500)
    group.commit(1500)
    group.produce(40)
    members = group.consume(1, records_per_second=100)
    yield from group.normal_times()
    driver.stop(members)
    group.commit(0)
    members = group.consume(1, records_per_second=100)
    page = yield from group.until("rewound", within=10)
    age = group.value(page, "lag_seconds")
    page = yield from group.stays(5)
    assert age > 10, age
    driver.set_rate(members, 2000)
    yield from group.until("ok", within=60, via=["catching_up"])


@_story
def offsets_are_reset_forward(driver, name):
    group = Scenario(driver, name)
    group.write(200)
    group.commit(0)
    yield from group.until("stopped", "consumer_stopped", within=20)
    yield from group.stays(3)
    group.commit(200)
    page = yield from group.until("ok", within=8)
    page = yield from group.stays(5)
    assert group.value(page, "lag_seconds") == 0


@_story
def retention_overtakes_a_group_without_members(driver, name):
    group = Scenario(driver, name, partitions=2)
    group.write(1000)
    group.commit(0)
    yield from group.until("stopped", "consumer_stopped", within=20)
    driver.delete_records(name, 1, 500)
    page = yield from group.until("losing_data", "consumer_stopped", within=6)
    assert group.partition_statuses(page) == {0: "stopped", 1: "losing_data"}
    driver.delete_records(name, 0, 700)
    page = yield from group.stays(10)
    assert set(group.partition_statuses(page).values()) == {"losing_data"}
    assert group.value(page, "topic_lost_records_total", topic=name) == 1200
    group.commit(1000)
    yield from group.until("ok", within=25)


@_story
def retention_overtakes_a_slow_group(driver, name):
    group = Scenario(driver, name, partitions=2)
    group.write(100)
    group.commit(0)
    group.produce(120)
    members = group.consume(1, records_per_second=40)
    yield from group.until("falling_behind", "underprovisioned", within=30, via=["ok"])
    driver.pause(members)  # lest they jump over the loss before anybody sees it
    for partition, end in enumerate(group.ends()):
        driver.delete_records(name, partition, end - 10)
    yield from group.until("losing_data", "underprovisioned", within=6)
    driver.resume(members)
    driver.set_rate(members, 400)
    page = yield from group.until("ok", within=40, via=_RECOVERING)
    assert group.value(page, "topic_lost_records_total", topic=name) > 100


@_story
def nothing_is_produced_at_night(driver, name):
    group, producer, _ = _in_normal_times(driver, name, inflow=60, members=2, speed=100)
    yield from group.normal_times()
    driver.pause(producer)
    yield from group.stays(3)
    page = yield from group.stays(20)
    assert group.value(page, "lag_seconds") == 0
    assert group.value(page, "drain_seconds") == 0
    usual = group.value(page, "inflow_baseline_records_per_second")
    assert 0.7 * 60 <= usual <= 1.3 * 60, usual
    driver.resume(producer)
    yield from group.stays(12)


@_story
def rebalances_of_kip_848(driver, name):
    group = Scenario(driver, name)
    group.commit(0)
    group.produce(60)
    group.consume(1, records_per_second=150, protocol="consumer")
    yield from group.normal_times()
    for _ in range(6):
        joined = group.consume(2, records_per_second=150, protocol="consumer")
        yield from _two_polls_of_a_live_group(group)
        driver.stop(joined)
        yield from _two_polls_of_a_live_group(group)
    yield from group.until("ok", within=20, via=["catching_up"])


def _two_polls_of_a_live_group(group):
    for _ in range(2):
        page = yield from group.next_page()
        if group.now.status not in ("ok", "falling_behind", "catching_up"):
            group.fail("in a rebalance that is shorter than a window")


@_story
def consumer_never_commits(driver, name):
    group = Scenario(driver, name)
    group.write(20)
    group.produce(20)
    group.consume(1, records_per_second=100, commits=False)
    yield from group.until("not_committing", within=20)
    page = yield from group.stays(5)
    assert group.value(page, "lag_seconds") is None


@_story
def nobody_reads_and_nothing_waits(driver, name):
    group = Scenario(driver, name)
    group.write(10)
    group.commit(10)
    yield from group.until("ok", within=5)
    page = yield from group.stays(20)
    assert group.value(page, "lag_seconds") == 0


class Scenarios(KafkaCase):
    SECTIONS = {"analysis": {"window": "10s", "drain_time": "60s"}}
    DRIVER_HEAP = "512m"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.failures, cls.families = play(cls.daemon, {
            name: tell(cls.driver, name) for name, tell in _STORIES.items()})

    def test_every_metric_of_groups_was_seen(self):
        golden = (pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"]) / "tests/golden/full.prom")
        named = set(re.findall(r"^# TYPE (backlogd_group_\S+) ", golden.read_text(), re.MULTILINE))
        self.assertGreater(len(named), 25)
        self.assertEqual(named - self.families, set())


def _test_of(story):
    def test(self):
        if story in self.failures:
            raise self.failures[story]

    return test


for _name in _STORIES:
    setattr(Scenarios, f"test_{_name}", _test_of(_name))
