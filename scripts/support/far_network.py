"""Two network namespaces with a bad line between them: packets get lost and arrive late. Works
where a process may make namespaces and TUN devices, and touches no network of the machine.

    with FarNetwork() as far:      # this process is in a network of its own from here on
        with far.entered():        # sockets and children that are made here are at the far end
            ...
        far.loss, far.delay = 0.1, 0.2
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time

NEAR_ADDRESS = "10.255.77.1"
_FAR_ADDRESS = "10.255.77.2"
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_OWN = "/proc/thread-self/ns/net"
_LIBC = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This machine does not permit it; says what."""


class FarNetwork:
    """`loss`: share of the packets, each way; `delay`: seconds, each way."""

    def __init__(self):
        self.loss = 0.0
        self.delay = 0.0
        self.lost = 0  # packets so far
        self._stack = contextlib.ExitStack()
        self._far = None
        self._ended = threading.Event()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._stack = stack
            try:
                self._build(stack)
            except OSError as error:
                raise Unavailable(f"no network of its own: {error}") from None
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    @contextlib.contextmanager
    def entered(self):
        """This thread, and what it makes, is at the far end."""
        with _kept() as near:
            _enter(self._far)
            try:
                yield
            finally:
                _enter(near)

    def _build(self, stack):
        stack.callback(_enter, stack.enter_context(_kept()))
        _leave_network()
        near = self._device(stack, NEAR_ADDRESS)
        with _kept() as here:
            try:
                _leave_network()
                self._far = os.open(_OWN, os.O_RDONLY)
                stack.callback(os.close, self._far)
                far = self._device(stack, _FAR_ADDRESS)
            finally:
                _enter(here)
        line = threading.Thread(target=self._carry, args=(near, far), daemon=True)
        line.start()
        stack.callback(line.join)
        stack.callback(self._ended.set)

    @staticmethod
    def _device(stack, address):
        device = os.open("/dev/net/tun", os.O_RDWR)
        stack.callback(os.close, device)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", b"line", _IFF_TUN_NO_PI))
        for command in ("link set lo up", f"addr add {address}/30 dev line", "link set line up"):
            done = subprocess.run(["ip", *command.split()], capture_output=True, text=True,
                                  check=False)
            if done.returncode != 0:
                raise OSError(f"ip {command}: {done.stderr.strip()}")
        return device

    def _carry(self, near, far):
        other = {near: far, far: near}
        under_way = []  # (when it arrives, number, device, packet)
        number = 0
        while not self._ended.is_set():
            wait = under_way[0][0] - time.monotonic() if under_way else 0.1
            for device in select.select([near, far], [], [], min(max(0, wait), 0.1))[0]:
                packet = os.read(device, 65536)
                if random.random() < self.loss:
                    self.lost += 1
                    continue
                number += 1
                arrival = time.monotonic() + self.delay
                heapq.heappush(under_way, (arrival, number, other[device], packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, device, packet = heapq.heappop(under_way)
                os.write(device, packet)


@contextlib.contextmanager
def _kept():
    network = os.open(_OWN, os.O_RDONLY)
    try:
        yield network
    finally:
        os.close(network)


def _enter(network):
    _demand(_LIBC.setns(network, _CLONE_NEWNET), "setns")


def _leave_network():
    _demand(_LIBC.unshare(_CLONE_NEWNET), "unshare")


def _demand(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
