"""A server of others with a web page: found, started on a free port of loopback in a folder of its
own, ended, and what it wrote forgotten."""

import contextlib
import http.client
import os
import pathlib
import shutil
import tempfile
import urllib.request

from support.jvm import cache_folder
from support.processes import ReservedPort, spawn, stop, uninterrupted, wait_until

_START_SECONDS = 60
_ATTEMPTS = 3


def find_program(*names):
    """The path of the first that is installed, or that scripts/setup unpacked; None if none is."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath),
                            str(cache_folder() / "monitoring" / "usr" / "bin")])
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


class WebProgram:
    """From __enter__ to __exit__. A subclass says what is run.

    The port is free when it is chosen, and somebody may take it before the program does: then
    another one is tried.
    """

    NAMES = ()  # of the program
    READY = "/-/ready"
    STOP_SECONDS = 5

    def __init__(self):
        self.folder = None
        self.address = None  # host:port
        self._process = None

    def prepare(self):
        """Writes what the program reads into `folder`."""

    def arguments(self):
        """The command line after the program's name, for `folder` and `address`."""
        raise NotImplementedError

    def __enter__(self):
        program = find_program(*self.NAMES)
        if program is None:
            raise RuntimeError(f"{self.NAMES[0]} is not here: run scripts/setup --for demo")
        try:
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"backlogd-{self.NAMES[0]}-"))
            self._start(program)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"http://{self.address}"

    def close(self):
        with uninterrupted():
            self._end()
            if self.folder is not None:
                shutil.rmtree(self.folder, ignore_errors=True)

    def demand_running(self):
        """Raises RuntimeError if it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.NAMES[0]} ended with status {self._process.returncode}:\n"
                               f"{self._log()[-2000:]}")

    def get(self, path, seconds=5):
        """The body of the answer. Raises OSError when there is none, or not a good one."""
        with urllib.request.urlopen(self.url + path, timeout=seconds) as response:
            return response.read()

    def page(self, *paths):
        """The URL of the first of these pages that it has; of the last, if it has none: what is
        built in differs between Debian's programs and others."""
        for path in paths[:-1]:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.get(path)
                return self.url + path
        return self.url + paths[-1]

    def _start(self, program):
        for attempt in range(_ATTEMPTS):
            port = ReservedPort()
            self.address = f"127.0.0.1:{port.number}"
            self.prepare()
            port.close()
            with open(self.folder / "log", "wb") as log:
                self._process = spawn([program, *self.arguments()], cwd=self.folder, stdout=log,
                                      stderr=log)
            try:
                wait_until(self._is_ready, _START_SECONDS, f"{self.NAMES[0]} is ready")
                return
            except RuntimeError:
                if attempt == _ATTEMPTS - 1 or "address already in use" not in self._log():
                    raise

    def _is_ready(self):
        self.demand_running()
        try:
            self.get(self.READY)
        except http.client.HTTPException as error:
            raise OSError(error) from None
        return True

    def _log(self):
        return (self.folder / "log").read_text(errors="replace")

    def _end(self):
        if self._process is not None:
            stop(self._process, self.STOP_SECONDS)
