"""Servers on loopback that keep what is sent to them: what receivers of notifications are made of."""

import http.server
import json
import threading


class Sink:
    """Serves from __enter__ to __exit__, with a thread for each connection. `handler` is a class of
    socketserver; its instances find this at self.server.sink."""

    def __init__(self, server, handler, address=("127.0.0.1", 0)):
        self._of_server = server, handler, address
        self._lock = threading.Lock()
        self._kept = []
        self._server = None
        self._thread = None

    def __enter__(self):
        server, handler, address = self._of_server
        self._server = server(address, handler)
        self._server.daemon_threads = True
        self._server.sink = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,),
                                        daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    def keep(self, *what):
        with self._lock:
            self._kept.append(what)

    def kept(self):
        """All so far, in order."""
        with self._lock:
            return list(self._kept)


class _JsonHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(200, self.server.sink.CONTENT)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sink = self.server.sink
        try:
            answer = sink.take(self.path, json.loads(body)), sink.CONTENT
        except (ValueError, KeyError, TypeError, AttributeError):
            answer = 400, b""
        self._answer(*answer)

    def _answer(self, status, content):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Says nothing: the screen is not ours."""


class JsonSink(Sink):
    """A web server that takes JSON."""

    CONTENT = b""  # what it answers

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(http.server.ThreadingHTTPServer, _JsonHandler, address)

    def take(self, path, body):
        """Called in the thread of the connection; returns the status to answer. What is no message
        raises ValueError, KeyError, TypeError or AttributeError, and is answered by 400."""
        self.keep(path, body)
        return 200
