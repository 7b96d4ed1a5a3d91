"""Dead letters for tests: the real ones of tests/data/dead_letters, and ones made to measure."""

import dataclasses
import json
import os
import pathlib

from support.records import Record

REASONS = ("retries_exhausted", "format", "business", "timeout", "permission", "unknown")
ACTIONS = ("reviewed", "redelivered", "logged", "discarded")
# One exception for each reason, in the order of REASONS.
EXCEPTIONS = ("java.net.ConnectException", "com.fasterxml.jackson.core.JsonParseException",
              "java.lang.IllegalArgumentException", "java.net.SocketTimeoutException",
              "java.lang.SecurityException", "shop.OddException")
_REAL = pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"]) / "tests/data/dead_letters/real.jsonl"


def spring(topic, exception, source, offset=0, message="odd", **fields):
    """A dead letter of Spring's; `fields` are those of Record."""
    headers = [
        ("kafka_dlt-original-topic", source.encode()),
        ("kafka_dlt-original-partition", fields.get("partition", 0).to_bytes(4, "big")),
        ("kafka_dlt-original-offset", offset.to_bytes(8, "big")),
        ("kafka_dlt-exception-fqcn", exception.encode()),
        ("kafka_dlt-exception-message", message.encode()),
    ]
    return Record(topic, headers=fields.pop("headers", []) + headers, **fields)


def one_of_each(topic, source, **fields):
    """Six dead letters: one for each of REASONS, in order."""
    return [spring(topic, exception, source, i, **fields)
            for i, exception in enumerate(EXCEPTIONS)]


@dataclasses.dataclass
class Real:
    """What a framework wrote: into a dead-letter queue, or a retry topic on its way there."""
    record: Record
    reason: str  # that was caused on purpose
    source_topic: str
    group: str
    is_dead: bool
    is_plain: bool  # it says its reason, and did not die before in another queue


def real():
    """All of them, in the order in which they were written."""
    with open(_REAL, encoding="utf-8") as lines:
        return [_real(json.loads(line)) for line in lines]


def _real(line):
    headers = [(name, _bytes(value)) for name, value in line["headers"]]
    return Real(Record(line["topic"], b"{}", headers=headers), line["expected_reason"],
                line["source_topic"], line["source_group"], line["role"] == "dlq",
                line["knowable"] == "yes" and not line["redriven"])


def _bytes(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return None if value is None else value.encode()
