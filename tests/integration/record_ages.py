"""How old the oldest record is that a group has not read: what the page says, held against the
timestamps that stand in the log. The page must show committed offsets (detail: full)."""

from kafka_case import CLUSTER

POLL_SECONDS = 1
# The daemon tells a record's age from log ends that it saw one poll apart, or to within 5 %. The
# second second is for what is between: a poll on a busy machine begins late, and a log end is read
# some time after the poll began.
SLACK_SECONDS = 1
_JUST_NOW = 0.001  # more than 0, which says that nothing waits


def tolerance(age):
    return max(POLL_SECONDS + SLACK_SECONDS, 0.05 * age)


def poll_time(page):
    """Unix time of the poll that the page shows."""
    return page.value("backlogd_snapshot_timestamp_seconds", kafka_cluster=CLUSTER)


def polls(page):
    """How many polls have ended."""
    return page.value("backlogd_poll_duration_seconds_count", kafka_cluster=CLUSTER) or 0


def is_fresh(page):
    """Whether nothing on the page was carried over from an earlier poll."""
    return (page.value("backlogd_carried_values", kafka_cluster=CLUSTER) == 0
            and page.value("backlogd_up", kafka_cluster=CLUSTER) == 1)


def ages_on(page, group):
    """{(topic, partition): seconds} as the page says."""
    return _by_partition(page, "lag_seconds", group)


def true_ages(driver, page, group, written=None):
    """The same by the log: at the page's time, of the first record that is there at or after the
    page's committed offset; 0 where nothing waits. `written`: {(topic, partition): Unix time}, of
    that record where its timestamp lies."""
    waiting = _by_partition(page, "effective_lag_records", group)
    committed = _by_partition(page, "committed_offset", group)
    asked = [(*at, int(committed[at])) for at, records in waiting.items() if records > 0]
    times = {at: 0 for at in waiting}
    for position, found in zip(asked, driver.record_times(asked) if asked else []):
        if found is None:
            raise AssertionError(f"{position} waits and cannot be read")
        time = (written or {}).get(position[:2], found[1] / 1000)
        times[position[:2]] = max(_JUST_NOW, poll_time(page) - time)
    return times


def demand_ages(driver, page, group, written=None):
    """Raises AssertionError unless the page says each partition's true age, and of topics and the
    group the worst; returns the group's."""
    found = ages_on(page, group)
    expected = true_ages(driver, page, group, written)
    if not expected:
        raise AssertionError(f"{group}: no effective lags on the page")
    wrong = [f"{topic}/{partition}: {found.get((topic, partition))}, truly {age:.3f}"
             for (topic, partition), age in expected.items()
             if not is_near(found.get((topic, partition)), age)]
    if wrong or found.keys() != expected.keys():
        raise AssertionError(f"{group}: {len(wrong)} of {len(expected)} ages wrong: "
                             f"{'; '.join(wrong[:5])}")
    _demand_worst(page, group, found)
    return max(found.values())


def is_near(found, age):
    if found is None or found < 0:
        return False
    # That nothing waits is certain.
    return found == 0 if age == 0 else abs(found - age) <= tolerance(age)


def demand_no_ages(page, group):
    """Raises AssertionError if the page claims to know how late the group is."""
    for level in ("group", "group_topic", "group_partition"):
        name = f"backlogd_{level}_lag_seconds"
        found = page.series(name, kafka_cluster=CLUSTER, group=group)
        if found:
            raise AssertionError(f"{name} of {group}: {found}")


def _demand_worst(page, group, ages):
    topics = {}
    for (topic, _), age in ages.items():
        topics[topic] = max(age, topics.get(topic, 0))
    found = page.by("backlogd_group_topic_lag_seconds", "topic", kafka_cluster=CLUSTER, group=group)
    if found != topics:
        raise AssertionError(f"{group}: by topic {found}, by partition {topics}")
    worst = page.value("backlogd_group_lag_seconds", kafka_cluster=CLUSTER, group=group)
    if worst != max(ages.values()):
        raise AssertionError(f"{group}: {worst}, by partition {max(ages.values())}")


def _by_partition(page, name, group):
    found = page.by(f"backlogd_group_partition_{name}", "topic", "partition",
                    kafka_cluster=CLUSTER, group=group)
    return {(topic, int(partition)): value for (topic, partition), value in found.items()}
