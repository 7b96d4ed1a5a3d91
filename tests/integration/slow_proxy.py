"""A way to a broker that can be made slow."""

import contextlib
import socket
import threading


class SlowProxy:
    """Passes connections on to `target` (host:port, to be set before the first one comes); each
    piece of an answer comes `delay` seconds late."""

    def __init__(self):
        self.target = None
        self.delay = 0.0
        self._ending = threading.Event()
        self._sockets = []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self._ending.set()
        for each in [self._listener, *self._sockets]:
            _close(each)

    @staticmethod
    def _start(work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._connect(client)

    def _connect(self, client):
        host, port = self.target.rsplit(":", 1)
        try:
            broker = socket.create_connection((host, int(port)), timeout=20)
        except OSError:
            _close(client)
            return
        broker.settimeout(None)
        self._sockets += [client, broker]
        self._start(self._pass_on, client, broker, lambda: 0)
        self._start(self._pass_on, broker, client, lambda: self.delay)

    def _pass_on(self, source, sink, delay):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._ending.wait(delay())
                sink.sendall(piece)
        _close(source)
        _close(sink)


def _close(each):
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
