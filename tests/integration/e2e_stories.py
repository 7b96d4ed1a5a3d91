"""Stories besides those of the demo: too slow to be watched, or not one that a viewer would tell
from another."""

import time

from support.stories import Alert, Do, Start, Stop, Story

_COMMITTING = ("--commit=periodic", "--commit-interval=1s")


def _consume(worker, topic, group, members, handling_ms, *flags):
    return Start(worker, "consume", (f"--topic={topic}", f"--group={group}", f"--members={members}",
                                     f"--handling-ms={handling_ms}", "--batch=10", *_COMMITTING,
                                     *flags))


def _produce(topic, rate):
    """In the driver: a few records a second are not worth a process each."""
    return Do(lambda kafka: kafka.start_producer(topic, topic, rate))


HANGING_CONSUMER = Story(
    "hanging-consumer", "All members are there, and none of them gets on with its work.",
    "mails.sender", {"mails": (2, {})},
    calm=(_consume("sender", "mails", "mails.sender", 2, 1), _produce("mails", 20)),
    trouble=(_consume("sender", "mails", "mails.sender", 2, 1, "--fault.kind=hang",
                      "--fault.after=1s"),),
    cure=(_consume("sender", "mails", "mails.sender", 2, 1),),
    status="stalled", cause="consumer_stopped",
    alert=Alert("BacklogdGroupStuck", "group", "mails.sender",
                r"has \d.* records? waiting, .* nothing has shown that it reads any"))

# What is read again is read so slowly that it lasts, and so fast that the group gets on.
REWOUND = Story(
    "rewound", "Somebody sets the offsets of a group back to the beginning.",
    "ledger.reports", {"ledger": (1, {})},
    calm=(_consume("reports", "ledger", "ledger.reports", 1, 1), _produce("ledger", 20)),
    trouble=(Stop("reports"),
             Do(lambda kafka: kafka.await_group("ledger.reports", "Empty")),
             Do(lambda kafka: kafka.commit("ledger.reports", [("ledger", 0, 0)])),
             _consume("reports", "ledger", "ledger.reports", 1, 22)),
    cure=(_consume("reports", "ledger", "ledger.reports", 1, 0),),
    status="rewound",
    alert=Alert("BacklogdGroupRewound", "group", "ledger.reports",
                r"reads records again that it had read before"))

UNDERPROVISIONED = Story(
    "underprovisioned", "One member reads all it can, and more is written.",
    "thumbnails.render", {"thumbnails": (4, {})},
    calm=(),
    trouble=(_consume("render", "thumbnails", "thumbnails.render", 1, 10),
             _produce("thumbnails", 150)),
    cure=(_consume("render", "thumbnails", "thumbnails.render", 4, 0),),
    status="falling_behind", cause="underprovisioned",
    alert=Alert("BacklogdGroupUnderprovisioned", "group", "thumbnails.render",
                r"reads all it can with 1 member; it needs \d",
                ("BacklogdGroupLate",)))

# Nothing is lost for some 80 s.
RETENTION_NEARS = Story(
    "retention-nears", "A group reads so slowly that records will be deleted before it comes.",
    "backups.mirror", {"backups": (1, {"retention.ms": "75000", "segment.ms": "5000"})},
    calm=(),
    trouble=(_consume("mirror", "backups", "backups.mirror", 1, 330), _produce("backups", 30)),
    cure=(_consume("mirror", "backups", "backups.mirror", 1, 0),),
    status="falling_behind", brief=True,
    alert=Alert("BacklogdRetentionNear", "group", "backups.mirror",
                r"may be deleted in \d.* within 2 hours it begins to lose records"))

# A reader that breaks on half of its records, and then somebody who handles them.
ONE_REASON = Story(
    "one-reason", "Half of the records have a format that the consumer cannot read.",
    "tickets.billing", {"tickets": (2, {}), "tickets-dlt": (1, {})},
    calm=(_consume("billing", "tickets", "tickets.billing", 2, 1), _produce("tickets", 60)),
    trouble=(_consume("billing", "tickets", "tickets.billing", 2, 1, "--failures.rate=0.5",
                      "--failures.kinds=format", "--failures.retries=0"),),
    cure=(_consume("billing", "tickets", "tickets.billing", 2, 1),
          _consume("repair", "tickets-dlt", "tickets.repair", 1, 0)),
    alert=Alert("BacklogdDeadLettersOneReason", "topic", "tickets-dlt",
                r"\d+.*% of the records .* died of the same reason \(format\)",
                ("BacklogdDeadLetters", "BacklogdDeadLettersSurge", "BacklogdDeadLettersShare",
                 "BacklogdDeadLettersGrowing")))


def _bury(topic, count, age_seconds=0):
    return Do(lambda kafka: kafka.produce([(topic, 0, count)],
                                          timestamp=round((time.time() - age_seconds) * 1000)))


def _handle_all(topic, group, count):
    return Do(lambda kafka: kafka.commit(group, [(topic, 0, count)]))


UNHANDLED = Story(
    "unhandled", "Who handled a queue is gone, for six hours.",
    "", {"parcels-dlt": (1, {})},
    before=(_bury("parcels-dlt", 30), _handle_all("parcels-dlt", "parcels.repair", 30)),
    calm=(),
    early=(Do(lambda kafka: kafka.delete_groups(["parcels.repair"])),),
    cure=(_handle_all("parcels-dlt", "parcels.repair", 30),),
    alert=Alert("BacklogdDeadLettersUnhandled", "topic", "parcels-dlt",
                r"parcels-dlt .* holds 30 dead letters, .* no group has been there"))

OLD = Story(
    "old", "Dead letters lie for more than a day.",
    "", {"visas-dlt": (1, {})},
    calm=(),
    trouble=(_bury("visas-dlt", 5, age_seconds=1000),),
    cure=(_handle_all("visas-dlt", "visas.repair", 5),),
    alert=Alert("BacklogdDeadLettersOld", "topic", "visas-dlt",
                r"oldest dead letter in visas-dlt .* that nobody has handled is 1\dm .* old",
                ("BacklogdDeadLetters",)))

EXPIRED = Story(
    "expired", "Dead letters are deleted by age before anybody handles them.",
    "", {"faxes-dlt": (1, {"retention.ms": "8000", "segment.ms": "2000"})},
    calm=(),
    trouble=(_produce("faxes-dlt", 5),),
    cure=(Do(lambda kafka: kafka.stop("faxes-dlt")),),
    alert=Alert("BacklogdDeadLettersExpired", "topic", "faxes-dlt",
                r"\d.* records? of the dead-letter queue faxes-dlt .* expired unhandled",
                ("BacklogdDeadLetters",)))

FURTHER_STORIES = (HANGING_CONSUMER, REWOUND, UNDERPROVISIONED, RETENTION_NEARS, ONE_REASON,
                   UNHANDLED, OLD, EXPIRED)
