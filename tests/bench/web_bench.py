#!/usr/bin/env python3
"""What well-behaved clients notice while others misbehave. Needs no Kafka:

  PYTHONPATH=scripts BACKLOGD_BINARY=build/release/src/backlogd tests/bench/web_bench.py
"""

import contextlib
import pathlib
import socket
import statistics
import threading
import time

from support.backlogd import Backlogd

SECONDS = 5


def connect(daemon, receive_buffer=0):
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(20)
    host, port = daemon.address.rsplit(":", 1)
    client.connect((host, int(port)))
    return client


def idle(daemon):
    return []


def half_open(daemon):
    clients = [connect(daemon) for _ in range(300)]
    for client in clients:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Half")
    return clients


def slow_readers(daemon):
    clients = [connect(daemon, 4096) for _ in range(100)]
    for client in clients:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
    return clients


def many(daemon):
    return [connect(daemon) for _ in range(1000)]


def flood(daemon, requests, stop):
    while not stop.is_set():
        with contextlib.suppress(OSError), connect(daemon) as client:
            client.sendall(requests)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass


FLOODS = {
    "oversized heads": b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "200 pipelined requests": b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 200,
    "bad methods": b"BREW /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20,
}
CROWDS = {"nobody": idle, "300 half-open connections": half_open,
          "100 readers that do not read": slow_readers, "1,000 connections": many}


def of_process(daemon, word):
    for line in pathlib.Path(f"/proc/{daemon.pid}/status").read_text().splitlines():
        if line.startswith(word + ":"):
            return int(line.split()[1])
    raise LookupError(word)


def measure(daemon, name):
    seconds = {"/-/healthy": [], "/metrics": []}
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for path, times in seconds.items():
            answer = daemon.request(path)
            assert answer.status == 200
            times.append(answer.seconds)
    columns = [f"{1000 * value:.1f} ms" for times in seconds.values()
               for value in (statistics.median(times), max(times))]
    memory = of_process(daemon, "VmRSS") / 1024
    print(f"| {name} | {' | '.join(columns)} | {memory:.0f} MiB | {of_process(daemon, 'Threads')} |",
          flush=True)


def main():
    print("| others | healthy, median | healthy, worst | metrics, median | metrics, worst | memory "
          "| threads |\n| --- | --- | --- | --- | --- | --- | --- |")
    with Backlogd({"clusters": [{"bootstrap_servers": "127.0.0.1:1"}]}) as daemon:
        for name, crowd in CROWDS.items():
            clients = crowd(daemon)
            measure(daemon, name)
            for client in clients:
                client.close()
        for name, requests in FLOODS.items():
            stop = threading.Event()
            thread = threading.Thread(target=flood, args=(daemon, requests, stop))
            thread.start()
            measure(daemon, name)
            stop.set()
            thread.join()


if __name__ == "__main__":
    main()
