"""Child processes that never outlive us, and waiting for conditions instead of for time."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_LIBC = ctypes.CDLL(None, use_errno=True)


class Timeout(AssertionError):
    """A condition did not come true in time."""


def wait_until(condition, seconds, what, interval=0.05):
    """Calls `condition` until it returns something true, and returns that.

    Raises Timeout, which names `what` was waited for and the last thing that `condition` raised
    as an AssertionError or OSError: both count as "not yet".
    """
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            result = condition()
            if result:
                return result
            last = None
        except (AssertionError, OSError) as error:
            last = error
        if time.monotonic() >= deadline:
            reason = f": {last}" if last is not None else ""
            raise Timeout(f"not within {seconds} s: {what}{reason}")
        time.sleep(interval)


def spawn(command, **options):
    """Starts `command` in a session of its own (Ctrl-C reaches only us); the kernel kills it when
    the calling thread dies, however it dies. Options are those of subprocess.Popen."""
    parent = os.getpid()

    def die_with_parent():
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # died before prctl was called
            os._exit(1)

    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, preexec_fn=die_with_parent, start_new_session=True, **options)


def stop(process, seconds=10.0):
    """Ends a process of ours, paused or not: SIGTERM, then SIGKILL. Returns its exit status."""
    if process.poll() is None:
        process.terminate()
        process.send_signal(signal.SIGCONT)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


@contextlib.contextmanager
def uninterrupted():
    """Holds the signals that end us back until the block has ended: for cleaning up."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def exit_on_signals():
    """Makes SIGINT, SIGTERM, SIGHUP and SIGQUIT raise SystemExit, so that every `with` block cleans
    up. For mains."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    for number in _ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, leave)


class ReservedPort:
    """A free loopback port, chosen by the system and kept from others until close().

    The socket is bound but does not listen, so a program that sets SO_REUSEADDR, as Java does, can
    listen on the port meanwhile, and again after a restart.
    """

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()
