"""Receives Alertmanager's notifications on a free port of loopback, tells each as it arrives, and
keeps them.

As a program, `python3 -m support.receiver PORT`, it prints them, on all addresses of its container.
"""

import dataclasses
import sys
import threading
import time

from support.demo_table import printable
from support.sink import JsonSink


@dataclasses.dataclass(frozen=True)
class Notification:
    status: str  # firing or resolved
    labels: dict
    annotations: dict
    at: float  # seconds of the clock

    @property
    def alert(self):
        return self.labels.get("alertname", "?")

    @property
    def what(self):
        """What it is about: the group, the topic, else the cluster."""
        return next((self.labels[key] for key in ("group", "topic", "kafka_cluster")
                     if key in self.labels), "?")

    def line(self):
        """The notification in one line, safe for a terminal."""
        words = " ".join(self.annotations.get(key, "") for key in ("summary", "description"))
        clock = time.strftime("%H:%M:%S", time.localtime(self.at))
        if self.status != "firing":
            words = "is over"
        return printable(f"{clock} {self.status.upper():8} {self.alert} {self.what}: "
                         f"{' '.join(words.split())}")


class Receiver(JsonSink):
    """`tell(notification)` is called in the thread that received it."""

    def __init__(self, tell=lambda notification: None, address=("127.0.0.1", 0)):
        super().__init__(address)
        self._tell = tell
        self._received = []
        self._messages = []

    def take(self, path, body):
        self.receive(body)
        return 200

    def received(self):
        """All so far, in order."""
        with self._lock:
            return list(self._received)

    def messages(self):
        """The bodies so far, in order: each is one message about one alert or several."""
        with self._lock:
            return list(self._messages)

    def receive(self, message):
        """A body as Alertmanager posts it. Raises KeyError or TypeError if it is none."""
        found = [Notification(alert["status"], dict(alert["labels"]), dict(alert["annotations"]),
                              time.time()) for alert in message["alerts"]]
        with self._lock:
            self._received += found
            self._messages.append(message)
        for each in found:
            self._tell(each)


if __name__ == "__main__":
    with Receiver(lambda notification: print(notification.line(), flush=True),
                  ("", int(sys.argv[1]))):
        threading.Event().wait()
