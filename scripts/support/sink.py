"""Servers that keep what is sent to them: what receivers of notifications are made of."""

import json
import threading

from support.servers import WebHandler, WebServer


class Sink:
    """What makes a server one; it comes before the server among the bases."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._lock = threading.Lock()
        self._kept = []

    def keep(self, *what):
        with self._lock:
            self._kept.append(what)

    def kept(self):
        """All so far, in order."""
        with self._lock:
            return list(self._kept)


class _JsonHandler(WebHandler):
    def do_GET(self):
        self.answer(200, self.server.owner.CONTENT)

    def do_POST(self):
        body = self.body()
        sink = self.server.owner
        try:
            answer = sink.take(self.path, json.loads(body)), sink.CONTENT
        except (ValueError, KeyError, TypeError, AttributeError):
            answer = 400, b""
        self.answer(*answer)


class JsonSink(Sink, WebServer):
    """A web server that takes JSON."""

    CONTENT = b""  # what it answers

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(_JsonHandler, address)

    def take(self, path, body):
        """Called in the thread of the connection; returns the status to answer. What is no message
        raises ValueError, KeyError, TypeError or AttributeError, and is answered by 400."""
        self.keep(path, body)
        return 200
