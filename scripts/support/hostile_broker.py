"""A broker that hands on what members of groups send, as Kafka does: bytes that nobody looked at. It
knows one topic, and groups of one member each; and of Kafka's protocol what a poll of the daemon
asks for, in old versions."""

import contextlib
import socketserver
import struct

from support.servers import ThreadedServer

TOPIC = "orders"
PARTITIONS = 3
_END = 100  # of each log
# Request -> the versions that are answered.
_VERSIONS = {2: (1, 1), 3: (8, 8), 9: (2, 2), 10: (0, 0), 15: (0, 0), 16: (0, 0), 18: (0, 0)}
_UNSUPPORTED_VERSION = 35


def text(value):
    """A string as it is sent; of bytes too."""
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">h", len(value)) + value


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def byte_array(value):
    return struct.pack(">i", len(value)) + value


def assignment(*places):
    """What a member is assigned, as the consumer protocol says it: (topic, partitions)."""
    topics = [text(topic) + array([struct.pack(">i", n) for n in numbers])
              for topic, numbers in places]
    return struct.pack(">h", 0) + array(topics) + byte_array(b"")


class _Reader:
    def __init__(self, data):
        self._data = data

    def take(self, size):
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def number(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def text(self):
        return self.take(max(0, self.number(">h"))).decode()

    def items(self, read):
        return [read() for _ in range(self.number(">i"))]


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(ConnectionError):
            while len(size := self.rfile.read(4)) == 4:
                self._answer(self.rfile.read(struct.unpack(">i", size)[0]))

    def _answer(self, request):
        key, version, correlation = struct.unpack(">hhi", request[:8])
        body = _Reader(request[8:])
        body.text()  # the client's id
        answer = self.server.owner.answer(key, version, body)
        self.wfile.write(byte_array(struct.pack(">i", correlation) + answer))


class HostileBroker(ThreadedServer):
    """`assignments`: group -> what its member is assigned, as bytes."""

    def __init__(self, assignments):
        super().__init__(_Handler)
        self.described = set()  # the groups that somebody asked about
        self._assignments = assignments

    def answer(self, key, version, body):
        if key == 18:
            return self._versions(_UNSUPPORTED_VERSION if version > 0 else 0)
        return {2: self._list_offsets, 3: self._metadata, 9: self._no_commits,
                10: self._coordinator, 15: self._describe, 16: self._list}[key](body)

    @staticmethod
    def _versions(error):
        return struct.pack(">h", error) + array(
            [struct.pack(">hhh", key, *versions) for key, versions in _VERSIONS.items()])

    def _place(self):
        host, port = self._server.server_address
        return struct.pack(">i", 1) + text(host) + struct.pack(">i", port)

    def _metadata(self, body):
        # None asked for is none; a negative number of them is all.
        asked = body.number(">i")
        topics = [body.text() for _ in range(asked)]
        topic = [self._topic()] if asked < 0 or TOPIC in topics else []
        return (struct.pack(">i", 0) + array([self._place() + struct.pack(">h", -1)])
                + text("hostile") + struct.pack(">i", 1) + array(topic) + struct.pack(">i", 0))

    @staticmethod
    def _topic():
        one = array([struct.pack(">i", 1)])
        partitions = [struct.pack(">hiii", 0, number, 1, 0) + one + one + array([])
                      for number in range(PARTITIONS)]
        return (struct.pack(">h", 0) + text(TOPIC) + b"\0" + array(partitions)
                + struct.pack(">i", 0))

    def _coordinator(self, _):
        return struct.pack(">h", 0) + self._place()

    def _list(self, _):
        return struct.pack(">h", 0) + array(
            [text(group) + text("consumer") for group in self._assignments])

    def _no_commits(self, _):
        return array([]) + struct.pack(">h", 0)

    @staticmethod
    def _list_offsets(body):
        body.number(">i")
        topics = body.items(lambda: (body.text(), body.items(
            lambda: (body.number(">i"), body.number(">q")))))
        return array([text(topic) + array(
            [struct.pack(">ihqq", number, 0, -1, 0 if time == -2 else _END)
             for number, time in partitions]) for topic, partitions in topics])

    def _describe(self, body):
        groups = body.items(body.text)
        self.described.update(groups)
        return array([self._description(group) for group in groups])

    def _description(self, group):
        member = (text("member") + text("client") + text("/127.0.0.1") + byte_array(b"")
                  + byte_array(self._assignments[group]))
        return (struct.pack(">h", 0) + text(group) + text("Stable") + text("consumer")
                + text("range") + array([member]))
