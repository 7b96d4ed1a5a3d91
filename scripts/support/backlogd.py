"""The daemon under observation: started with a configuration, scraped, stopped, its log read."""

import base64
import contextlib
import dataclasses
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

from support import emissions, exposition
from support.processes import spawn, stop, uninterrupted, wait_until

# What the daemon promises after SIGTERM; where sanitizers look for leaks at the end, more.
STOP_SECONDS = float(os.environ.get("BACKLOGD_STOP_SECONDS", "1"))
# Looked at before the end of each daemon.
PAGES = ("/", "/group", "/topics", "/dead-letters", "/daemon", "/metrics", "/-/ready",
          *(f"/api/v1/{name}" for name in ("clusters", "groups", "group", "topics", "dead-letters",
                                           "health", "none")))
_LOG_FIELD = re.compile(r' ?([a-z_]+)=("(?:[^"\\\x00-\x1f]|\\["\\nrt]|\\u[0-9a-f]{4})*"'
                        r'|[!#-<>-\[\]-~]+)')


def binary():
    """Path of the program: BACKLOGD_BINARY."""
    return os.environ["BACKLOGD_BINARY"]


def run(*arguments, seconds=30):
    """Runs the program to its end; returns subprocess.CompletedProcess with texts."""
    return emissions.keep_run(subprocess.run([binary(), *arguments], capture_output=True, text=True,
                                             timeout=seconds, stdin=subprocess.DEVNULL))


def to_yaml(config):
    """A configuration's text."""
    return json.dumps(config)  # JSON is YAML


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # by lower-case name
    body: bytes
    seconds: float


def parse_log_line(line):
    """The fields of a line of logfmt. Raises AssertionError if it is not one of ours."""
    fields = {}
    position = 0
    while position < len(line):
        match = _LOG_FIELD.match(line, position)
        if not match or (position == 0) == match.group().startswith(" "):
            raise AssertionError(f"not logfmt at column {position + 1}: {line!r}")
        key, value = match.groups()
        if key in fields:
            raise AssertionError(f"{key} twice: {line!r}")
        fields[key] = json.loads(value) if value.startswith('"') else value
        position = match.end()
    if list(fields)[:3] != ["ts", "level", "msg"]:
        raise AssertionError(f"does not start with ts, level, msg: {line!r}")
    return fields


def parse_json_log_line(line):
    """The same for a line of JSON."""
    try:
        fields = json.loads(line)
    except ValueError:
        raise AssertionError(f"not JSON: {line!r}") from None
    if list(fields)[:3] != ["ts", "level", "msg"]:
        raise AssertionError(f"does not start with ts, level, msg: {line!r}")
    return fields


class Backlogd:
    """The daemon, from __enter__ to __exit__, which demands an orderly end.

    `config` is what the file says, as a dictionary; it listens on a free port of loopback.
    `environment`: variables beside ours.
    """

    def __init__(self, config, arguments=(), log_format="logfmt", environment=None):
        self.address = None  # host:port it serves on
        # What its pages are read with at its end, where they are not open to all: "user:password",
        # an ssl.SSLContext.
        self.login = self.tls = None
        self._arguments = arguments
        self._parse_log_line = {"logfmt": parse_log_line, "json": parse_json_log_line}[log_format]
        self._config = config
        self._environment = {**os.environ, **(environment or {})}
        self._folder = None
        self._process = None
        self._stopped = False

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None and not self._stopped:
                self.stop()
        finally:
            self._clean_up()

    @property
    def pid(self):
        return self._process.pid

    @property
    def _log_file(self):
        return self._folder / "log"

    def start(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-test-"))
        (self._folder / "backlogd.yaml").write_text(to_yaml(self._config))
        with open(self._log_file, "ab") as log:
            self._process = spawn([binary(), f"--config.file={self._folder}/backlogd.yaml",
                                   "--web.listen-address=127.0.0.1:0", *self._arguments],
                                  stdout=log, stderr=log, env=self._environment)
        self.address = wait_until(self._listening_on, 20, "the daemon listens")

    def configure(self, config):
        """Writes another configuration (or text) to the daemon's file, for a reload."""
        text = config if isinstance(config, str) else to_yaml(config)
        (self._folder / "backlogd.yaml").write_text(text)

    def stop(self, number=signal.SIGTERM):
        """Asks the daemon to end. It must do so with exit status 0, having written nothing but
        lines of log, and soon: beside other tests it may take some times STOP_SECONDS; tests of
        the end itself hold it to that, by the seconds returned. At most once."""
        self._demand_running()
        self._keep_pages()
        self._stopped = True
        started = time.monotonic()
        self._process.send_signal(number)
        try:
            status = self._process.wait(10 * STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs long after signal {number}") from None
        seconds = time.monotonic() - started
        assert status == 0, f"exit status {status}:\n{self.log_text()}"
        assert seconds <= 5 * STOP_SECONDS, f"took {seconds:.3f} s to end"
        self.log()
        return seconds

    def log_text(self):
        return self._log_file.read_text()

    def log(self):
        """The log so far: each line's fields. Raises AssertionError if a line is not ours."""
        return [self._parse_log_line(line) for line in self.log_text().split("\n")[:-1]]

    def request(self, path, method="GET", headers=None, seconds=10):
        """Asks over a connection of its own. Raises AssertionError if the daemon has died."""
        self._demand_running()
        connection = self._connection(seconds)
        started = time.monotonic()
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        seconds = time.monotonic() - started
        emissions.keep_answer(response.getheaders(), body)
        found = {key.lower(): value for key, value in response.getheaders()}
        return Response(response.status, found, body, seconds)

    def _connection(self, seconds):
        host, port = self.address.rsplit(":", 1)
        if self.tls is not None:
            return http.client.HTTPSConnection(host, int(port), timeout=seconds, context=self.tls)
        return http.client.HTTPConnection(host, int(port), timeout=seconds)

    def scrape(self):
        """/metrics, read strictly: an exposition.Page."""
        response = self.request("/metrics")
        assert response.status == 200, response.status
        return exposition.parse(response.body)

    def wait(self, condition, seconds, what):
        """Scrapes until condition(page) is true or returns without an AssertionError for the last
        time; returns that page."""

        def holds():
            page = self.scrape()
            return page if condition(page) else None

        return wait_until(holds, seconds, what)

    def await_polls(self, count, kafka_cluster, seconds=60):
        """Waits until so many polls that begin from now on have ended; returns the page."""
        # The one that runs now began before.
        wanted = self._polls(self.scrape(), kafka_cluster) + count + 1
        return self.wait(lambda page: self._polls(page, kafka_cluster) >= wanted, seconds,
                         f"{count} more polls of {kafka_cluster}")

    @staticmethod
    def _polls(page, kafka_cluster):
        return page.value("backlogd_poll_duration_seconds_count", kafka_cluster=kafka_cluster) or 0

    def _listening_on(self):
        self._demand_running()
        for fields in self.log():
            if fields["msg"] == "listening":
                return fields["address"]
        return None

    def _demand_running(self):
        if self._process.poll() is not None:
            raise RuntimeError(
                f"the daemon ended with status {self._process.returncode}:\n{self.log_text()}")

    def _keep_pages(self):
        """For the last test; no matter if they cannot be had, as of one that hangs."""
        if emissions.folder() is None:
            return
        login = base64.b64encode((self.login or "").encode()).decode()
        headers = {"Authorization": f"Basic {login}"} if self.login else {}
        with contextlib.suppress(OSError, http.client.HTTPException):
            for page in PAGES:
                self.request(page, headers=headers, seconds=2)

    def _clean_up(self):
        with uninterrupted():
            if self._process is not None:
                self._process.kill()
                stop(self._process)
            if self._folder is not None:
                emissions.keep_file("log", self._log_file)
                shutil.rmtree(self._folder, ignore_errors=True)
