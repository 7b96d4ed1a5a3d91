"""Small servers on loopback, with a thread for each connection."""

import http.server
import socketserver
import threading


class ThreadedServer:
    """Serves from __enter__ to __exit__. `handler` is a class of socketserver; its instances find
    this at self.server.owner."""

    SERVER = socketserver.ThreadingTCPServer

    def __init__(self, handler, address=("127.0.0.1", 0)):
        self._where = address, handler
        self._server = None
        self._thread = None

    def __enter__(self):
        self._server = self.SERVER(*self._where)
        self._server.daemon_threads = True
        self._server.owner = self
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


class WebHandler(http.server.BaseHTTPRequestHandler):
    """Says nothing on the screen, which is not ours."""

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class WebServer(ThreadedServer):
    """`handler` is a WebHandler."""

    SERVER = http.server.ThreadingHTTPServer

    @property
    def url(self):
        return f"http://{self.address}/"
