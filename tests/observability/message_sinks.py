"""What Alertmanager's receivers talk to, on loopback: a mail server, and a web server that stands
for Slack, PagerDuty and WeCom. Both keep what they get."""

import email
import email.policy
import http.server
import json
import socketserver
import threading

# What each of the services answers when it is content.
_CONTENT = json.dumps({"ok": True, "errcode": 0, "errmsg": "ok", "access_token": "token",
                       "status": "success"}).encode()


class _Sink:
    def __init__(self, server, handler):
        sink = self

        class Handler(handler):
            def keep(self, *what):
                with sink._lock:
                    sink._kept.append(what)

        self._lock = threading.Lock()
        self._kept = []
        self._server = server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,),
                                        daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    def kept(self):
        with self._lock:
            return list(self._kept)


class _WebHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.keep(self.path.partition("?")[0], json.loads(body))
        self.answer()

    def answer(self):
        self.send_response(202 if self.path.startswith("/pagerduty") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(_CONTENT)))
        self.end_headers()
        self.wfile.write(_CONTENT)

    def log_message(self, *_):
        """Says nothing."""


class _MailHandler(socketserver.StreamRequestHandler):
    """SMTP, as far as a client needs it that is content with everything."""

    def handle(self):
        self.say("220 sink")
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"DATA":
                self.say("354 go on")
                self.receive()
            if command == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())

    def receive(self):
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
        self.keep(email.message_from_bytes(content, policy=email.policy.default))


class WebSink(_Sink):
    """Keeps (path, what the JSON says)."""

    def __init__(self):
        super().__init__(http.server.ThreadingHTTPServer, _WebHandler)


class MailSink(_Sink):
    """Keeps (email.message.EmailMessage,)."""

    def __init__(self):
        super().__init__(socketserver.ThreadingTCPServer, _MailHandler)
