"""The demo behind scripts/demo: Kafka, load, backlogd, and a table of what it says."""

import argparse
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.backlogd import Backlogd  # noqa: E402
from support.demo_load import STOPPED, Load, existing  # noqa: E402
from support.demo_table import Verdict, cut, rows, table  # noqa: E402
from support.kafka_cluster import KafkaCluster, kafka_jars, kafka_version  # noqa: E402
from support.kafka_driver import DriverError, KafkaDriver  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402

CLUSTER = "demo"
POLL_SECONDS = 2
WINDOW_SECONDS = 20  # so short that a verdict is there while somebody watches
PLAIN_EVERY_SECONDS = 5
REACH_SECONDS = 5


def duration(text):
    match = re.fullmatch(r"(\d+)(s|m|h)", text)
    if not match or int(match.group(1)) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration such as 60s or 5m")
    return int(match.group(1)) * {"s": 1, "m": 60, "h": 3600}[match.group(2)]


def address(text):
    for item in text.split(","):
        match = re.fullmatch(r"(?:\[[0-9a-fA-F:]+\]|[^][:\s]+):([0-9]{1,5})", item)
        if not match or not 1 <= int(match.group(1)) <= 65535:
            raise argparse.ArgumentTypeError(f"'{item}' is not HOST:PORT")
    return text


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--for", dest="seconds", type=duration, metavar="60s",
                        help="end by itself after that time; default: at Ctrl-C")
    parser.add_argument("--kafka", type=address, metavar="HOST:PORT",
                        help="use this cluster instead of an embedded one. The demo's topics and "
                             "groups are created there, and deleted at the end")
    parser.add_argument("--no-load", action="store_true",
                        help="with --kafka: only watch, create nothing")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.no_load and not options.kafka:
        parser.error("--no-load goes with --kafka: the embedded Kafka would stay empty")
    return options


def demand_reachable(addresses):
    """Raises RuntimeError unless one of the addresses accepts a connection."""
    failed = []
    for item in addresses.split(","):
        host, port = item.rsplit(":", 1)
        try:
            socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
            return
        except (OSError, UnicodeError) as error:
            failed.append(f"{item}: {getattr(error, 'strerror', None) or error}")
    raise RuntimeError(f"cannot reach {'; '.join(failed)}")


def draw(title, found, url):
    """The whole screen; the title and the URL on any."""
    columns, lines = shutil.get_terminal_size()
    body = list(table(found, max(2, lines - 5), columns))
    text = [title, f"metrics: {url}", "", *body, "", "Ctrl-C ends it."][:max(2, lines - 1)]
    print("\x1b[H\x1b[J" + "\n".join(cut(line, columns) for line in text), flush=True)


def show(daemon, options, kafka, demand_kafka):
    """Prints until the time is over: in place on a terminal, else every few seconds."""
    in_place = sys.stdout.isatty()
    url = f"http://{daemon.address}/metrics"
    deadline = time.monotonic() + options.seconds if options.seconds else None
    verdict = Verdict(CLUSTER)
    idle = threading.Event()  # never set: its wait() is a rest that a signal ends
    if not in_place:
        print(f"metrics: {url}", flush=True)
    while deadline is None or time.monotonic() < deadline:
        demand_kafka()
        page = daemon.scrape()
        found = list(rows(page, CLUSTER))
        said = f"{kafka} ({verdict.of(page)})"
        if in_place:
            draw(f"backlogd watches {said}", found, url)
        else:
            print(f"{time.strftime('%H:%M:%S')} {said}", *table(found), sep="\n  ", flush=True)
        rest = POLL_SECONDS if in_place else PLAIN_EVERY_SECONDS
        idle.wait(rest if deadline is None else max(0, min(rest, deadline - time.monotonic())))


def start_load(stack, options, kafka):
    print("demo: starting producers and consumer groups", flush=True)
    driver = stack.enter_context(KafkaDriver(kafka_jars(kafka_version()), kafka))
    found = existing(driver)
    if found:
        raise DriverError(f"{kafka} has {', '.join(found)} already, and the demo would write "
                          "there: use --no-load to only watch")
    load = Load(driver)
    if options.kafka:  # the embedded one goes as a whole
        stack.enter_context(load)
    load.start()
    return load


def watch(daemon, load, demand_kafka):
    """Waits for the first poll; with load until the group that is to stop has read something."""
    labels = {"kafka_cluster": CLUSTER, "group": STOPPED}

    def seen(page):
        demand_kafka()
        if load:
            return page.value("backlogd_group_lag_records", **labels) is not None
        return page.value("backlogd_up", kafka_cluster=CLUSTER) is not None

    daemon.wait(seen, 60, f"{STOPPED} has read something" if load else "the first poll ends")
    if load:
        load.stop_a_group()


def run(options):
    with contextlib.ExitStack() as stack:
        kafka = options.kafka
        demand_kafka = lambda: None  # noqa: E731
        if kafka:
            demand_reachable(kafka)
        else:
            print(f"demo: starting Kafka {kafka_version()}", flush=True)
            cluster = stack.enter_context(KafkaCluster())
            kafka, demand_kafka = cluster.bootstrap_servers, cluster.demand_running
        load = None if options.no_load else start_load(stack, options, kafka)
        daemon = stack.enter_context(Backlogd({
            "clusters": [{"name": CLUSTER, "bootstrap_servers": kafka}],
            "poll": {"interval": f"{POLL_SECONDS}s", "timeout": f"{POLL_SECONDS}s"},
            "analysis": {"window": f"{WINDOW_SECONDS}s"}}))
        watch(daemon, load, demand_kafka)
        show(daemon, options, kafka, demand_kafka)


def main():
    options = arguments()
    sys.stdout.reconfigure(errors="backslashreplace")
    exit_on_signals()
    try:
        if options.check:
            if options.kafka:
                demand_reachable(options.kafka)
        else:
            run(options)
    except BrokenPipeError:  # as in `scripts/demo | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except (DriverError, RuntimeError, OSError, AssertionError, http.client.HTTPException,
            subprocess.SubprocessError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
