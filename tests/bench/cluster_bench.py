#!/usr/bin/env python3
"""Measures the whole daemon against a real Kafka on this machine: poll, scrape, memory, requests.

    BACKLOGD_BINARY=build/release/src/backlogd tests/bench/cluster_bench.py [--size L|XL]...
        [--polls 20] [--scrapes 50] [--peer NAME=PROGRAM]... [--peer-seconds 120]

Cluster L: 2,000 partitions, 200 groups, 40,000 (group, partition) pairs; XL: 5,000 groups, 139,600
pairs. The groups have no members, so that no poll describes any. With peers (kafka_exporter,
kminion, klag_exporter, burrow) it compares instead: backlogd and each of them, alone with the same
cluster, scraped each 15 s. docs/benchmarks.md and docs/comparison.md have the figures, and how to read them.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

import peers  # noqa: E402
from support.backlogd import Backlogd  # noqa: E402
from support.kafka_cluster import KafkaCluster  # noqa: E402
from support.kafka_driver import KafkaDriver  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402

TOPICS, PARTITIONS = 100, 20
POLL_SECONDS = 2
SCRAPE_SECONDS = 15  # when compared with peers
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def topic(number):
    return f"topic-{number % TOPICS:03d}"


def commits(first_topic, topics):
    return [(topic(first_topic + t), p, 0) for t in range(topics) for p in range(PARTITIONS)]


def fill(driver, size):
    """L: 200 groups on 10 topics each. XL: 4,800 more on one, of which 180 on two."""
    driver.create_topics([{"name": topic(t), "partitions": PARTITIONS} for t in range(TOPICS)])
    driver.produce([(topic(t), p, 10) for t in range(TOPICS) for p in range(PARTITIONS)])
    for group in range(200):
        driver.commit(f"group-{group:04d}", commits(group * 10, 10))
    for group in range(200, 5000 if size == "XL" else 200):
        driver.commit(f"group-{group:04d}", commits(group, 2 if group < 380 else 1))


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def memory_mb(pid):
    """(resident now, resident at most), in MB."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    kib = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return tuple(int(kib[key]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM"))


def scrape_seconds(url, *options):
    """What curl says of one scrape: (seconds, bytes)."""
    out = subprocess.run(["curl", "-sf", "-o", "/dev/null", "-w", "%{time_total} %{size_download}",
                          *options, url], capture_output=True, text=True, check=True)
    seconds, size = out.stdout.split()
    return float(seconds), int(size)


def say(what, values, unit="ms", factor=1e3):
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"  {what:42} median {middle * factor:9.1f} {unit}   "
          f"({low * factor:.1f} .. {high * factor:.1f}, n={len(values)})", flush=True)


def poll_sums(page):
    return (page.value("backlogd_poll_duration_seconds_sum", kafka_cluster="bench"),
            page.value("backlogd_poll_duration_seconds_count", kafka_cluster="bench") or 0)


def requests(page):
    return sum(value for _, value in page.series("backlogd_kafka_requests_total"))


def watch_polls(daemon, polls):
    """[(wall, CPU) of each poll], [(step, seconds)] of the last; nobody scrapes pages meanwhile
    but this, once a poll."""
    found = []
    page = daemon.await_polls(1, "bench")
    for _ in range(polls):
        before, cpu = poll_sums(page), cpu_seconds(daemon.pid)
        page = daemon.wait(lambda now, count=before[1]: poll_sums(now)[1] > count, 60, "a poll")
        after = poll_sums(page)
        found.append(((after[0] - before[0]) / (after[1] - before[1]),
                      (cpu_seconds(daemon.pid) - cpu) / (after[1] - before[1])))
    steps = page.by("backlogd_poll_step_duration_seconds", "step", kafka_cluster="bench")
    return found, sorted(steps.items(), key=lambda item: -item[1])


def cpu_per_poll(daemon, polls):
    """CPU of a poll while nobody scrapes: the process alone over whole periods."""
    cpu, since = cpu_seconds(daemon.pid), time.monotonic()
    threading.Event().wait(polls * POLL_SECONDS)
    periods = (time.monotonic() - since) / POLL_SECONDS
    return (cpu_seconds(daemon.pid) - cpu) / periods


def measure_backlogd(kafka, options):
    config = {"clusters": [{"name": "bench", "bootstrap_servers": kafka.bootstrap_servers}],
              "poll": {"interval": f"{POLL_SECONDS}s", "timeout": f"{POLL_SECONDS}s"}}
    with Backlogd(config) as daemon:
        url = f"http://{daemon.address}/metrics"
        daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster="bench") == 1, 60, "up")
        page = daemon.await_polls(2, "bench")
        pairs = len(page.series("backlogd_group_partition_lag_records"))
        series = sum(value for _, value in page.series("backlogd_series"))
        print(f"backlogd: {pairs} pairs, {series:.0f} series", flush=True)
        alone = cpu_per_poll(daemon, options.polls)
        found, steps = watch_polls(daemon, options.polls)
        say("poll, wall", [wall for wall, _ in found])
        print(f"  {'poll, CPU while nobody scrapes':42} mean   {alone * 1e3:9.1f} ms")
        print("  steps of the last poll: " +
              ", ".join(f"{step} {seconds * 1e3:.0f} ms" for step, seconds in steps))
        plain = [scrape_seconds(url) for _ in range(options.scrapes)]
        say("scrape, plain", [seconds for seconds, _ in plain])
        memory = memory_mb(daemon.pid)
        print(f"  memory before any gzip: {memory[0]:.0f} MB resident, {memory[1]:.0f} MB at most")
        gzip = ["-H", "Accept-Encoding: gzip"]
        scrape_seconds(url, *gzip)  # announces that somebody wants it
        daemon.await_polls(2, "bench")
        with_gzip = cpu_per_poll(daemon, options.polls)
        print(f"  {'poll, CPU with compression':42} mean   {with_gzip * 1e3:9.1f} ms "
              f"(+{(with_gzip - alone) * 1e3:.1f})")
        packed = [scrape_seconds(url, *gzip) for _ in range(options.scrapes)]
        say("scrape, gzip", [seconds for seconds, _ in packed])
        print(f"  page: {plain[-1][1] / 1e6:.2f} MB plain, {packed[-1][1] / 1e6:.2f} MB gzip")
        memory = memory_mb(daemon.pid)
        print(f"  memory: {memory[0]:.0f} MB resident, {memory[1]:.0f} MB at most")
        measure_requests(daemon, url, options.polls)


def measure_requests(daemon, url, polls):
    """Requests to Kafka a poll, without and with ten scrapers."""

    def per_poll():
        before = daemon.await_polls(2, "bench")
        after = daemon.await_polls(polls, "bench")
        return (requests(after) - requests(before)) / (poll_sums(after)[1] - poll_sums(before)[1])

    alone = per_poll()
    done = threading.Event()

    def scrape():
        while not done.wait(0.5):
            scrape_seconds(url, "-H", "Accept-Encoding: gzip")

    scrapers = [threading.Thread(target=scrape, daemon=True) for _ in range(10)]
    for scraper in scrapers:
        scraper.start()
    crowded = per_poll()
    done.set()
    for scraper in scrapers:
        scraper.join()
    print(f"  requests to Kafka a poll: {alone:.1f} with one scraper, {crowded:.1f} with eleven")


def side_by_side(name, pid, url, kafka, seconds):
    """What a program and the broker cost while Prometheus scrapes it each 15 s, as one does."""
    broker = next(iter(kafka.nodes.values())).pid
    before, waits = [cpu_seconds(pid), cpu_seconds(broker)], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        waits.append(scrape_seconds(url, "--max-time", "300"))
        threading.Event().wait(max(0, SCRAPE_SECONDS - waits[-1][0]))
    minutes = (time.monotonic() - end + seconds) / 60
    own, brokers = ((cpu_seconds(each) - cpu) / minutes
                    for each, cpu in zip((pid, broker), before, strict=True))
    print(f"{name}: page {waits[-1][1] / 1e6:.2f} MB", flush=True)
    say("scrape", [wait for wait, _ in waits])
    print(f"  CPU a minute: {own:.2f} s; the broker's, all it does: {brokers:.2f} s")
    print("  memory: {:.0f} MB resident, {:.0f} MB at most".format(*memory_mb(pid)), flush=True)


def compare(kafka, options):
    """backlogd and each peer alone with the cluster, one after the other."""
    broker = next(iter(kafka.nodes.values())).pid
    cpu = cpu_seconds(broker)
    threading.Event().wait(SCRAPE_SECONDS)
    idle = (cpu_seconds(broker) - cpu) * 60 / SCRAPE_SECONDS
    print(f"broker alone: CPU a minute {idle:.2f} s", flush=True)
    config = {"clusters": [{"name": "bench", "bootstrap_servers": kafka.bootstrap_servers}],
              "poll": {"interval": f"{peers.POLL_SECONDS}s", "timeout": "10s"}}
    with Backlogd(config) as daemon:
        daemon.await_polls(2, "bench")
        side_by_side("backlogd", daemon.pid, f"http://{daemon.address}/metrics", kafka,
                     options.peer_seconds)
    for item in options.peer:
        name, program = item.split("=", 1)
        with peers.peer(name, program, kafka.bootstrap_servers) as (pid, url):
            threading.Event().wait(2 * peers.POLL_SECONDS)  # its start is not what it costs
            side_by_side(name, pid, url, kafka, options.peer_seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", action="append", choices=["L", "XL"])
    parser.add_argument("--polls", type=int, default=20)
    parser.add_argument("--scrapes", type=int, default=50)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    parser.add_argument("--peer-seconds", type=int, default=120)
    options = parser.parse_args()
    for item in options.peer:
        name, sign, _ = item.partition("=")
        if not sign or name not in peers.NAMES:
            parser.error(f"--peer {item}: not NAME=PROGRAM with one of {', '.join(peers.NAMES)}")
    exit_on_signals()
    for size in options.size or ["L", "XL"]:
        with KafkaCluster(heap="2g", settings={"offsets.topic.num.partitions": 50}) as kafka, \
                KafkaDriver(kafka.jars, kafka.bootstrap_servers) as driver:
            fill(driver, size)
            print(f"== cluster {size}: {TOPICS * PARTITIONS} partitions, "
                  f"{len(driver.list_groups())} groups", flush=True)
            if options.peer:
                compare(kafka, options)
            else:
                measure_backlogd(kafka, options)


if __name__ == "__main__":
    main()
