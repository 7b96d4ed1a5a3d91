"""backlogd-sim: started with a command and flags, asked over HTTP, stopped, its report read."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from support import emissions
from support.backlogd import Response
from support.processes import spawn, stop, uninterrupted, wait_until

STOP_SECONDS = 40.0  # a stop waits for what is on its way to the broker
_TERM = signal.SIGTERM
_LISTENING = re.compile(r"^listening on http://(\S+)/push$", re.MULTILINE)


def binary():
    """Path of the program: BACKLOGD_SIM_BINARY."""
    return os.environ["BACKLOGD_SIM_BINARY"]


def run(command, *flags, seconds=60):
    """Runs a command to its end; returns subprocess.CompletedProcess with texts."""
    return emissions.keep_run(
        subprocess.run([binary(), command, *flags], capture_output=True, text=True,
                       timeout=seconds, stdin=subprocess.DEVNULL))


class BacklogdSim:
    """The program, from __enter__ to __exit__, which demands an orderly end.

    `command` is produce, consume, verify or capacity; `flags` are such as "--topic=usa.offer". A
    `produce` without a schedule serves POST /push on a free port of loopback.
    """

    def __init__(self, command, *flags):
        self.address = None  # host:port of POST /push, or None
        self._arguments = [command, *flags]
        self._serves = command == "produce" and not any(
            flag.startswith("--schedule") for flag in flags)
        if self._serves and not any(flag.startswith("--web.listen-address") for flag in flags):
            self._arguments.append("--web.listen-address=127.0.0.1:0")
        self._folder = None
        self._process = None
        self._stopped = False

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None and not self._stopped:
                self.stop()
        finally:
            self.kill()

    @property
    def pid(self):
        return self._process.pid

    @property
    def url(self):
        """Of POST /push."""
        return f"http://{self.address}/push"

    def start(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-sim-"))
        with open(self._folder / "out", "wb") as out, open(self._folder / "err", "wb") as err:
            self._process = spawn([binary(), *self._arguments], stdout=out, stderr=err)
        if self._serves:
            self.address = wait_until(self._listening_on, 20, "backlogd-sim listens")

    def running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds):
        """Waits for the end; returns the exit status. Raises AssertionError if there is none."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {seconds} s:\n{self.err()}") from None
        self._stopped = True
        return status

    def stop(self, number=_TERM, seconds=STOP_SECONDS, status=0):
        """Asks the program to end, which it must do in time and with that exit status. One that has
        ended by itself must have done so with that status. Returns what it wrote on stdout."""
        self._stopped = True
        if self.running():
            self.signal(number)
        found = self.wait(seconds)
        assert found == status, f"exit status {found}:\n{self.err()}\n{self.out()}"
        return self.out()

    def kill(self):
        """Ends the program without its help, and forgets what it wrote."""
        with uninterrupted():
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                stop(self._process)
            if self._folder is not None:
                for kind, file in (("stdout", "out"), ("stderr", "err")):
                    emissions.keep_file(kind, self._folder / file)
                shutil.rmtree(self._folder, ignore_errors=True)

    def out(self):
        return (self._folder / "out").read_text()

    def err(self):
        return (self._folder / "err").read_text()

    def report(self):
        """The report of a program that was started with --output=json and has ended."""
        return json.loads(self.out())

    def request(self, method, path, body=None, headers=None, seconds=60):
        """Asks over a connection of its own."""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=seconds)
        started = time.monotonic()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        seconds = time.monotonic() - started
        emissions.keep_answer(response.getheaders(), content)
        found = {key.lower(): value for key, value in response.getheaders()}
        return Response(response.status, found, content, seconds)

    def push(self, num, topic, data, seconds=60, **more):
        """POST /push; returns the status and the answer, which is JSON."""
        return self.push_text(json.dumps({"num": num, "topic": topic, "data": data, **more}),
                              seconds)

    def push_text(self, text, seconds=60):
        response = self.request("POST", "/push", text, {"Content-Type": "application/json"},
                                seconds)
        return response.status, json.loads(response.body)

    def _listening_on(self):
        if not self.running():
            raise RuntimeError(f"backlogd-sim ended with status {self._process.returncode}:\n"
                               f"{self.err()}\n{self.out()}")
        match = _LISTENING.search(self.err())
        return match.group(1) if match else None
