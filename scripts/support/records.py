"""Whole records, as the driver writes and reads them."""

import base64
import dataclasses
from typing import Optional


@dataclasses.dataclass
class Record:
    """Keys, values and values of headers are bytes or None, which is null. `partition` None: by the
    key; `timestamp` in ms, None: now. A record that is to be written has no offset."""
    topic: str
    value: Optional[bytes] = b""
    key: Optional[bytes] = None
    headers: list = dataclasses.field(default_factory=list)  # [(name, value), ...]
    partition: Optional[int] = 0
    timestamp: Optional[int] = None
    offset: Optional[int] = None

    def header(self, name):
        """The header's values, in order."""
        return [value for key, value in self.headers if key == name]

    def to_item(self):
        """What the driver understands."""
        return {"topic": self.topic, "partition": self.partition, "timestamp": self.timestamp,
                "key": _encoded(self.key), "value": _encoded(self.value),
                "headers": [(name, _encoded(value)) for name, value in self.headers]}


def from_row(topic, row):
    """Of the driver's answer."""
    partition, offset, timestamp, key, value, headers = row
    return Record(topic, _decoded(value), _decoded(key),
                  [(name, _decoded(header)) for name, header in headers],
                  partition, timestamp, offset)


def _encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def _decoded(text):
    return None if text is None else base64.b64decode(text)
