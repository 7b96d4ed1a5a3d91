#!/usr/bin/env python3
"""Measures dead letters against a real Kafka on this machine: how fast the daemon judges a million
of them and whether its polls stay on time meanwhile, and how fast backlogd-dlq redelivers.

    BACKLOGD_BINARY=build/release/src/backlogd BACKLOGD_DLQ_BINARY=build/release/src/backlogd-dlq \\
        tests/bench/dlq_bench.py [--letters 1000000] [--redeliver 100000] [--runs 3]

docs/benchmarks.md has the figures and says how to read them.
"""

import argparse
import contextlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

from cluster_bench import cpu_seconds, memory_mb, say  # noqa: E402
from support.backlogd import Backlogd  # noqa: E402
from support.dlq_tool import DlqTool  # noqa: E402
from support.kafka_cluster import KafkaCluster  # noqa: E402
from support.kafka_driver import KafkaDriver  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402

EXCEPTIONS = ["java.net.SocketTimeoutException", "java.lang.SecurityException",
              "com.fasterxml.jackson.core.JsonParseException"]
PARTITIONS = 3


def create(driver, name):
    driver.create_topics([{"name": topic, "partitions": PARTITIONS}
                          for topic in (name, f"{name}-dlq")])


def judged(page, topic):
    return sum(value for _, value in page.series("backlogd_dlq_classified_records_total",
                                                 topic=topic))


def poll_seconds(page):
    return tuple(page.value(f"backlogd_poll_duration_seconds_{part}", kafka_cluster="bench") or 0
                 for part in ("sum", "count"))


def measure_scan(kafka, driver, letters, **settings):
    """The daemon finds so many dead letters at once."""
    name = f"orders-{len(settings)}"
    create(driver, name)
    config = {"clusters": [{"name": "bench", "bootstrap_servers": kafka.bootstrap_servers,
                            "topics": {"include": [f"{name}.*"]}}],
              "poll": {"interval": "1s", "timeout": "1s"},
              "dead_letters": {"scan": True, **settings}}
    with Backlogd(config) as daemon:
        page = daemon.wait(lambda page: page.series("backlogd_dlq_info"), 60, "the queue")
        driver.write_dead_letters(f"{name}-dlq", letters, name, EXCEPTIONS, PARTITIONS)
        # What was read while they were written belongs to no measurement.
        begun, cpu = time.monotonic(), cpu_seconds(daemon.pid)
        before = daemon.scrape()
        page, polls = watch(daemon, before, f"{name}-dlq", letters)
        seconds, cpu = time.monotonic() - begun, cpu_seconds(daemon.pid) - cpu
        count = letters - judged(before, f"{name}-dlq")
        print(f"scan of {count:.0f} dead letters, {settings or 'as configured by default'}:")
        print(f"  {seconds:.1f} s, {count / seconds:.0f} records/s, CPU {cpu:.1f} s "
              f"({cpu / count * 1e6:.1f} us a record)")
        say("poll, wall", polls)
        print("  memory: {:.0f} MB resident, {:.0f} MB at most".format(*memory_mb(daemon.pid)),
              flush=True)


def watch(daemon, page, topic, letters):
    """Until all of them are judged: the last page, and how long each poll took."""
    polls = []
    while judged(page, topic) < letters:
        before = poll_seconds(page)
        page = daemon.wait(lambda page, before=before: poll_seconds(page)[1] > before[1], 60,
                           "a poll")
        after = poll_seconds(page)
        polls.append((after[0] - before[0]) / (after[1] - before[1]))
    return page, polls


def measure_redelivery(kafka, driver, count, runs):
    tool = DlqTool(kafka.bootstrap_servers, "--yes")
    for command in (["redeliver"], ["log", "--file=/dev/null"]):
        rates = []
        for run in range(runs):
            name = f"payments-{command[0]}-{run}"
            create(driver, name)
            driver.write_dead_letters(f"{name}-dlq", count, name, EXCEPTIONS, PARTITIONS)
            begun = time.monotonic()
            tool.run(command[0], f"{name}-dlq", *command[1:], seconds=600)
            rates.append(count / (time.monotonic() - begun))
            if command[0] == "redeliver":
                found = sum(driver.count_records(name, p) for p in range(PARTITIONS))
                assert found == count, f"{found} of {count} arrived"
        say(f"{' '.join(command)} {count} records", rates, "records/s", 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_000_000)
    parser.add_argument("--redeliver", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    exit_on_signals()
    with contextlib.ExitStack() as stack:
        kafka = stack.enter_context(KafkaCluster(heap="1g"))
        driver = stack.enter_context(KafkaDriver(kafka.jars, kafka.bootstrap_servers))
        measure_scan(kafka, driver, options.letters)
        measure_scan(kafka, driver, options.letters, scan_records=1_000_000,
                     scan_bytes=1 << 30)
        measure_redelivery(kafka, driver, options.redeliver, options.runs)


if __name__ == "__main__":
    main()
