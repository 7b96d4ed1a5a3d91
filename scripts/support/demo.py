"""The demo behind scripts/demo: Kafka, load, backlogd, and a table of what it says."""

import argparse
import contextlib
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.backlogd import Backlogd  # noqa: E402
from support.kafka_cluster import KafkaCluster, kafka_jars, kafka_version  # noqa: E402
from support.kafka_driver import DriverError, KafkaDriver  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402

TOPICS = {"usa.offer": 6, "orders": 3, "payments": 3}
KEEPS_UP, TOO_SLOW, STOPPED = "orders.shipping", "wps.file.consumer.group", "payments.audit"
CLUSTER = "demo"
POLL_SECONDS = 2
PLAIN_EVERY_SECONDS = 5


def duration(text):
    match = re.fullmatch(r"(\d+)(s|m|h)", text)
    if not match or int(match.group(1)) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration such as 60s or 5m")
    return int(match.group(1)) * {"s": 1, "m": 60, "h": 3600}[match.group(2)]


def address(text):
    if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s,]+):\d+(,([^:\s,]+):\d+)*", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not HOST:PORT")
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


def existing(driver):
    """Those of the demo's names that the cluster has already."""
    names = {KEEPS_UP, TOO_SLOW, STOPPED} & set(driver.list_groups())
    for topic in TOPICS:
        with contextlib.suppress(DriverError):  # no such topic
            driver.leaders([topic])
            names.add(topic)
    return sorted(names)


def start_load(driver):
    """Topics, producers, and three groups: one keeps up, one is too slow, one will be stopped."""
    driver.create_topics([{"name": name, "partitions": count} for name, count in TOPICS.items()])
    driver.start_producer("offers", "usa.offer", records_per_second=300)
    driver.start_producer("orders", "orders", records_per_second=50)
    driver.start_producer("payments", "payments", records_per_second=20)
    driver.start_members("shipping", KEEPS_UP, ["orders"])
    driver.start_members("files", TOO_SLOW, ["usa.offer"], count=2, max_poll_records=20,
                         records_per_second=50)
    driver.start_members("audit", STOPPED, ["payments"])


def delete_load(driver):
    for worker in ("offers", "orders", "payments", "shipping", "files", "audit"):
        with contextlib.suppress(DriverError):  # not started, or stopped before
            driver.stop(worker)
    for delete, names in ((driver.delete_groups, [KEEPS_UP, TOO_SLOW, STOPPED]),
                          (driver.delete_topics, list(TOPICS))):
        for name in names:
            with contextlib.suppress(DriverError):  # not created
                delete([name])


def stop_a_group(driver, daemon):
    """Stops one group, once it has read something."""
    labels = {"kafka_cluster": CLUSTER, "group": STOPPED}
    daemon.wait(lambda page: page.value("backlogd_group_lag_records", **labels) is not None, 60,
                f"{STOPPED} has read something")
    driver.stop("audit")


def text_of(value):
    """Unknown is not 0."""
    return "?" if value is None else f"{value:,.0f}"


def rows(page, before):
    """A line a group, the largest lag first. `before` is the page seen last, or None."""
    states = {labels["group"]: labels["state"] for labels, _ in
              page.series("backlogd_group_state", kafka_cluster=CLUSTER)}
    lags = page.by("backlogd_group_lag_records", "group", kafka_cluster=CLUSTER)
    old = before.by("backlogd_group_lag_records", "group", kafka_cluster=CLUSTER) if before else {}
    members = page.by("backlogd_group_members", "group", kafka_cluster=CLUSTER)
    for group in sorted(states, key=lambda name: (-lags.get(name, -1), name)):
        change = lags[group] - old[group] if group in lags and group in old else None
        yield (group, states[group], text_of(members.get(group)), text_of(lags.get(group)),
               "" if change is None else f"{change:+,.0f}")


def table(page, before, height=None):
    head = ("GROUP", "STATE", "MEMBERS", "LAG (RECORDS)", "CHANGE")
    lines = [head, *rows(page, before)]
    left_out = 0
    if height and len(lines) > height:
        left_out = len(lines) - height
        lines = lines[:height]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for group, state, *numbers in lines:
        cells = [group.ljust(widths[0]), state.ljust(widths[1])]
        cells += [number.rjust(width) for number, width in zip(numbers, widths[2:])]
        yield "  ".join(cells).rstrip()
    if left_out:
        yield f"... and {left_out} groups more"


def up_text(page):
    up = page.value("backlogd_up", kafka_cluster=CLUSTER)
    return {None: "first poll runs", 1: "up"}.get(up, "NOT up: see backlogd_poll_failures_total")


def show(daemon, seconds, kafka):
    """Prints until `seconds` have passed: in place on a terminal, else every few seconds."""
    in_place = sys.stdout.isatty()
    url = f"http://{daemon.address}/metrics"
    deadline = time.monotonic() + seconds if seconds else None
    before = None
    idle = threading.Event()  # never set: its wait() is a rest that a signal ends
    if not in_place:
        print(f"metrics: {url}", flush=True)
    while deadline is None or time.monotonic() < deadline:
        page = daemon.scrape()
        lines = list(table(page, before, height=30))
        if in_place:
            title = f"backlogd watches {kafka} ({up_text(page)})    metrics: {url}"
            print("\x1b[H\x1b[J" + "\n".join([title, "", *lines, "", "Ctrl-C ends it."]),
                  flush=True)
        else:
            print(f"{time.strftime('%H:%M:%S')} {kafka} ({up_text(page)})", *lines,
                  sep="\n  ", flush=True)
        before = page
        rest = POLL_SECONDS if in_place else PLAIN_EVERY_SECONDS
        idle.wait(rest if deadline is None else max(0, min(rest, deadline - time.monotonic())))


def run(options):
    with contextlib.ExitStack() as stack:
        kafka = options.kafka
        if not kafka:
            print(f"demo: starting Kafka {kafka_version()}", flush=True)
            kafka = stack.enter_context(KafkaCluster()).bootstrap_servers
        driver = None
        if not options.no_load:
            print("demo: starting producers and consumer groups", flush=True)
            driver = stack.enter_context(KafkaDriver(kafka_jars(kafka_version()), kafka))
            found = existing(driver)
            if found:
                raise DriverError(f"{kafka} has {', '.join(found)} already, and the demo would "
                                  "write there: use --no-load to only watch")
            if options.kafka:
                stack.callback(delete_load, driver)
            start_load(driver)
        daemon = stack.enter_context(Backlogd({
            "clusters": [{"name": CLUSTER, "bootstrap_servers": kafka}],
            "poll": {"interval": f"{POLL_SECONDS}s", "timeout": f"{POLL_SECONDS}s"}}))
        if driver:
            stop_a_group(driver, daemon)
        show(daemon, options.seconds, kafka)


def main():
    options = arguments()
    if options.check:
        return 0
    exit_on_signals()
    try:
        run(options)
    except (DriverError, RuntimeError, FileNotFoundError, AssertionError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
