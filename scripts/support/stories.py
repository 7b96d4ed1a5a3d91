"""The demo's stories: which load makes which trouble, what backlogd must say of it, and which of
our alerts must arrive. Data only; story_teller.py tells them.

Rates are chosen for alerts that run 120 times faster than real ones, on a small machine.
"""

import dataclasses
from typing import Callable, Optional

REASONS = ("retries_exhausted", "format", "business", "timeout", "permission")


@dataclasses.dataclass(frozen=True)
class Start:
    """A backlogd-sim under a name; one of that name that runs is ended first."""
    worker: str
    command: str  # produce or consume
    flags: tuple


@dataclasses.dataclass(frozen=True)
class Stop:
    worker: str


@dataclasses.dataclass(frozen=True)
class AwaitMembers:
    """Goes on when the group has so many."""
    count: int


@dataclasses.dataclass(frozen=True)
class Do:
    """What no backlogd-sim does."""
    act: Callable  # of support.kafka_driver.KafkaDriver


@dataclasses.dataclass(frozen=True)
class Alert:
    name: str
    about: str  # the label that says what it is about: group or topic
    value: str
    words: str  # that its description holds, as a regular expression
    also: tuple = ()  # names of further alerts about the group or its topics that must arrive


@dataclasses.dataclass(frozen=True)
class Story:
    name: str
    label: str  # one sentence, for the screen
    group: str  # empty: it is about a topic that no group reads
    topics: dict  # {name: (partitions, settings)}
    calm: tuple  # what happens before the trouble; empty: the group is not there yet
    trouble: tuple = ()
    cure: tuple = ()
    status: Optional[str] = None  # that backlogd must say in the trouble; None: ok
    cause: Optional[str] = None
    alert: Optional[Alert] = None
    evidence: Callable = lambda value: True  # of value(name, **labels) of the group's series
    before: tuple = ()  # what was before backlogd looked
    early: tuple = ()  # what happens long before anybody is told of it
    brief: bool = False  # the cure begins when it is told, as it would become another trouble


# Progress shows in each second, also when a record takes long.
_COMMITTING = ("--commit=periodic", "--commit-interval=1s")


def _produce(worker, topic, rate, *flags):
    return Start(worker, "produce", (f"--topic={topic}", "--schedule=constant", f"--rate={rate}",
                                     *flags))


def _consume(worker, topic, group, members, handling_ms, *flags):
    return Start(worker, "consume", (f"--topic={topic}", f"--group={group}", f"--members={members}",
                                     f"--handling-ms={handling_ms}", "--batch=10",
                                     *(flags or _COMMITTING)))


def _growing(group):
    return Alert("BacklogdGroupLagGrowing", "group", group, r"\d.* records behind",
                 ("BacklogdGroupLate",))


KEEPS_UP = Story(
    "keeps-up", "Consumers that keep up: records come and go, and nobody is told.",
    "orders.shipping", {"orders": (3, {})},
    calm=(_consume("shipping", "orders", "orders.shipping", 2, 1),
          _produce("orders", "orders", 50)))

PRODUCER_SURGE = Story(
    "producer-surge", "A producer writes six times as much as usual, more than is consumed.",
    "wps.file.consumer.group", {"usa.offer": (4, {})},
    calm=(_consume("files", "usa.offer", "wps.file.consumer.group", 2, 5),
          _produce("offers", "usa.offer", 120)),
    trouble=(_produce("surge", "usa.offer", 600),),
    cure=(Stop("surge"),),
    status="falling_behind", cause="producer_surge", alert=_growing("wps.file.consumer.group"))

SLOW_CONSUMER = Story(
    "slow-consumer", "A new version of a consumer is rolled out that takes 60 ms for a record.",
    "payments.audit", {"payments": (4, {})},
    calm=(_consume("audit", "payments", "payments.audit", 2, 1),
          _produce("payments", "payments", 250)),
    trouble=(_consume("audit-slow", "payments", "payments.audit", 2, 60), AwaitMembers(4),
             Stop("audit")),
    cure=(_consume("audit", "payments", "payments.audit", 2, 1), AwaitMembers(4),
          Stop("audit-slow")),
    status="falling_behind", cause="consumer_slowdown", alert=_growing("payments.audit"))

STOPPED_CONSUMER = Story(
    "stopped-consumer", "All members of a group are gone, and its producer goes on.",
    "invoices.archive", {"invoices": (3, {})},
    calm=(_consume("archive", "invoices", "invoices.archive", 2, 1),
          _produce("invoices", "invoices", 10)),
    trouble=(Stop("archive"),),
    cure=(_consume("archive", "invoices", "invoices.archive", 2, 1),),
    status="stopped", cause="consumer_stopped",
    alert=Alert("BacklogdGroupWithoutMembers", "group", "invoices.archive",
                r"has \d.* records? waiting and no members",
                ("BacklogdGroupLate", "BacklogdGroupLateBurn")))

HOT_KEY = Story(
    "hot-key", "One key gets most records: its partition piles up while other members are idle.",
    "clicks.sessions", {"clicks": (4, {})},
    calm=(),
    trouble=(_consume("sessions", "clicks", "clicks.sessions", 4, 7),
             _produce("clicks", "clicks", 330, "--keys=zipf", "--zipf-exponent=3",
                      "--key-count=40")),
    cure=(_produce("clicks", "clicks", 20),),
    status="falling_behind", cause="skew", alert=_growing("clicks.sessions"))

NEVER_COMMITTING = Story(
    "never-committing", "A consumer reads everything and never commits: its lag is not known.",
    "sensors.alarms", {"sensors": (2, {})},
    calm=(),
    trouble=(_consume("alarms", "sensors", "sensors.alarms", 1, 0, "--commit=never"),
             _produce("sensors", "sensors", 20)),
    cure=(_consume("alarms", "sensors", "sensors.alarms", 1, 0),),
    status="not_committing",
    alert=Alert("BacklogdCommitsMissing", "group", "sensors.alarms",
                # Told as soon as one is seen.
                r"never committed an offset in [12] of the partitions of topic sensors"),
    evidence=lambda value: value("backlogd_group_topic_uncommitted_partitions",
                                 topic="sensors") == 2)

RETENTION_OVERTAKES = Story(
    "retention-overtakes", "Records are deleted by age before a slow group has read them.",
    "logs.search", {"logs": (1, {"retention.ms": "6000", "segment.ms": "2000"})},
    calm=(),
    trouble=(_consume("search", "logs", "logs.search", 1, 120), _produce("logs", "logs", 30)),
    cure=(_consume("search", "logs", "logs.search", 1, 1),),
    status="losing_data",
    alert=Alert("BacklogdRecordsLost", "group", "logs.search",
                r"lost about \d.* records? of topic logs "),
    evidence=lambda value: (value("backlogd_group_topic_lost_records_total", topic="logs")
                            or 0) > 0)

DEAD_LETTERS = Story(
    "dead-letters", "Records fail for all five reasons and end in a dead-letter queue.",
    "returns.refunds", {"returns": (2, {}), "returns-dlt": (1, {})},
    calm=(_consume("refunds", "returns", "returns.refunds", 2, 1),
          _produce("returns", "returns", 50)),
    trouble=(_consume("refunds-bad", "returns", "returns.refunds", 2, 1, *_COMMITTING,
                      "--failures.rate=0.1", "--failures.retry-backoff=20ms"), AwaitMembers(4),
             Stop("refunds")),
    cure=(_consume("refunds", "returns", "returns.refunds", 2, 1), AwaitMembers(4),
          Stop("refunds-bad")),
    alert=Alert("BacklogdDeadLetters", "topic", "returns-dlt", r"About \d.* records? .* died",
                ("BacklogdDeadLettersShare",)),
    evidence=lambda value: all(
        (value("backlogd_dlq_classified_records_total", topic="returns-dlt", reason=reason,
               source_topic="returns") or 0) > 0 for reason in REASONS))

STORIES = (KEEPS_UP, PRODUCER_SURGE, SLOW_CONSUMER, STOPPED_CONSUMER, HOT_KEY, NEVER_COMMITTING,
           RETENTION_OVERTAKES, DEAD_LETTERS)
