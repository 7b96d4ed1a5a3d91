"""What Alertmanager's receivers talk to, on loopback: a mail server, and a web server that stands
for Slack, PagerDuty and WeCom. Both keep what they get."""

import email
import email.policy
import json
import socketserver

from support.servers import ThreadedServer
from support.sink import JsonSink, Sink

# What each of the services answers when it is content.
_CONTENT = json.dumps({"ok": True, "errcode": 0, "errmsg": "ok", "access_token": "token",
                       "status": "success"}).encode()


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
        self.server.owner.keep(email.message_from_bytes(content, policy=email.policy.default))


class WebSink(JsonSink):
    """Keeps (path, what the JSON says)."""

    CONTENT = _CONTENT

    def take(self, path, body):
        self.keep(path.partition("?")[0], body)
        return 202 if path.startswith("/pagerduty") else 200


class MailSink(Sink, ThreadedServer):
    """Keeps (email.message.EmailMessage,)."""

    def __init__(self):
        super().__init__(_MailHandler)
