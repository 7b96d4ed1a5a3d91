"""What our programs showed while tests ran: logs, output, answers to requests. It is kept in
BACKLOGD_EMISSIONS_DIR, if that is set, for the last test, which looks for secrets in it.

Of lines that differ in their digits alone the first is kept: pages of metrics would fill the disk.
"""

import contextlib
import os
import pathlib
import threading

_DIGITS = b"0123456789"
_PLANTED = "planted"


def folder():
    """Where the running test keeps what it sees; None if it need not."""
    name = os.environ.get("BACKLOGD_EMISSIONS_DIR")
    return pathlib.Path(name) if name else None


def begin():
    """To be called before a test that is searched: if it keeps nothing, that is found."""
    if folder() is not None:
        folder().mkdir(parents=True, exist_ok=True)


def withdraw():
    """Takes begin() back: it ran nothing."""
    if folder() is not None:
        with contextlib.suppress(OSError):  # something was kept
            folder().rmdir()


class _Keeper:
    """One file of this process for each kind of emission."""

    def __init__(self):
        self._lock = threading.Lock()
        self._seen = set()

    def keep(self, kind, content):
        place = folder()
        if place is None:
            return
        # A program ran: if nothing of it comes to lie there, that is found.
        place.mkdir(parents=True, exist_ok=True)
        if not content:
            return
        content = content.encode(errors="surrogateescape") if isinstance(content, str) else content
        lines = content.split(b"\n")
        shapes = content.translate(None, _DIGITS).split(b"\n")
        with self._lock:
            new = [line for line, shape in zip(lines, shapes) if self._is_new(kind, shape)]
            if new:
                with open(place / f"{kind}.{os.getpid()}", "ab") as file:
                    file.write(b"\n".join(new) + b"\n")

    def _is_new(self, kind, shape):
        key = hash((kind, shape))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


_KEEPER = _Keeper()


def keep(kind, content):
    """Keeps text or bytes; `kind` becomes part of a file's name: "log", "answer", ..."""
    _KEEPER.keep(kind, content)


def keep_file(kind, path):
    """Keeps what is in a file, if there is one."""
    with contextlib.suppress(OSError):
        keep(kind, pathlib.Path(path).read_bytes())


def keep_answer(headers, body):
    """Keeps the answer to a request of HTTP: its headers (pairs) and its body."""
    keep("headers", "".join(f"{name}: {value}\n" for name, value in headers))
    keep("answer", body)


def keep_run(done):
    """Keeps what a subprocess.CompletedProcess wrote; returns it."""
    keep("stdout", done.stdout)
    keep("stderr", done.stderr)
    return done


def plant(secret):
    """Remembers a secret that has not planted.MARKER in it, for the last test."""
    place = folder()
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
        with open(place / f"{_PLANTED}.{os.getpid()}", "a", encoding="ascii") as file:
            file.write(secret + "\n")


def plant_key(path):
    """Remembers the body of a private key in PEM, line by line."""
    if folder() is None:
        return
    for line in pathlib.Path(path).read_text(encoding="ascii").splitlines():
        if not line.startswith("-----") and len(line) >= 32:
            plant(line)


def planted_in(place):
    """The secrets that plant() remembered, of all tests below a folder."""
    return {secret for file in place.rglob(f"{_PLANTED}.*")
            for secret in file.read_text(encoding="ascii").split("\n") if secret}


def kept_in(place):
    """The files with what was emitted, below a folder."""
    return sorted(file for file in place.rglob("*")
                  if file.is_file() and not file.name.startswith(f"{_PLANTED}."))
