"""Kafka, load that makes trouble, backlogd, and Prometheus and Alertmanager with our alerts: a
story for each kind of backlog, one after the other, and what is said of it."""

import argparse
import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.alertmanager import Alertmanager  # noqa: E402
from support.backlogd import Backlogd  # noqa: E402
from support.compressed_rules import Least, compress  # noqa: E402
from support.demo_load import Load, existing  # noqa: E402
from support.demo_screen import Screen  # noqa: E402
from support.demo_table import Verdict, rows  # noqa: E402
from support.grafana import Grafana  # noqa: E402
from support.kafka_cluster import KafkaCluster, kafka_jars, kafka_version  # noqa: E402
from support.kafka_driver import DriverError, KafkaDriver  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402
from support.prometheus import SCRAPE_SECONDS, Prometheus  # noqa: E402
from support.receiver import Receiver  # noqa: E402
from support.stories import STORIES  # noqa: E402
from support.story_teller import CLUSTER, Programme  # noqa: E402

POLL_SECONDS = 2
WINDOW_SECONDS = 14  # so short that a verdict is there while somebody watches
PLAIN_EVERY_SECONDS = 5
REACH_SECONDS = 5
# In the alerts time runs faster. Ranges hold some scrapes and polls, waits outlast a rebalance.
ALERTS_FASTER = 120
LEAST = Least(range=5, wait=10, interval=SCRAPE_SECONDS)
# The objective of a group, 300 s, in that time; not below what polls and commits take.
OBJECTIVE_SECONDS = 6
_OBJECTIVE = """
  - name: demo-objective
    rules:
      - record: backlogd:group_lag_objective_override:seconds
        expr: {} * group by (kafka_cluster, group) (backlogd_group_lag_seconds)
"""
STORY_NAMES = [story.name for story in STORIES]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


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
    parser.add_argument("--scenario", metavar="NAME", choices=[*STORY_NAMES, "list", "help"],
                        help="tell this story only; 'list' lists them")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scenario and options.no_load:
        parser.error("--scenario makes load, and --no-load none")
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


def list_stories():
    for story in STORIES:
        print(f"{story.name:20}{story.label}")


class Stage:
    """What is shown while the time lasts. `watched` are called often, and raise if what the demo
    needs has ended."""

    def __init__(self, options, kafka, watched):
        self.options = options
        self.kafka = kafka
        self.watched = list(watched)
        self.urls = {}
        self.daemon = None
        self.programme = None
        self.screen = Screen(self.urls)

    def show(self):
        verdict = Verdict(CLUSTER)
        deadline = time.monotonic() + self.options.seconds if self.options.seconds else None
        idle = threading.Event()  # never set: its wait() is a rest that a signal ends
        next_table = 0
        rest = POLL_SECONDS / 2
        self.screen.begin()
        while deadline is None or time.monotonic() < deadline:
            for demand in self.watched:
                demand()
            page = self.daemon.scrape()
            if self.programme:
                self.programme.go_on(page)
                self.screen.title(self.programme.title())
            said = f"{self.kafka} ({verdict.of(page)})"
            if self.screen.in_place or time.monotonic() >= next_table:
                next_table = time.monotonic() + PLAIN_EVERY_SECONDS
                self.screen.show(said, list(rows(page, CLUSTER)))
            idle.wait(rest if deadline is None else max(0, min(rest, deadline - time.monotonic())))


def start_load(stack, stage, stories):
    """Creates topics; returns the Load that will fill them."""
    driver = stack.enter_context(KafkaDriver(kafka_jars(kafka_version()), stage.kafka))
    found = existing(driver, stories)
    if found:
        raise DriverError(f"{stage.kafka} has {', '.join(found)} already, and the demo would write "
                          "there: use --no-load to only watch")
    # The embedded one goes as a whole.
    load = stack.enter_context(Load(driver, stage.kafka, stories, keep=not stage.options.kafka))
    load.create_topics()
    stage.watched.append(load.demand_running)
    return load


def rules_in_compressed_time():
    """Our rules, with an objective of groups that fits: as an operator sets one."""
    rules = (ROOT / "alerts/backlogd.rules.yaml").read_text(encoding="utf-8")
    return (compress(rules, ALERTS_FASTER, LEAST)
            + _OBJECTIVE.format(OBJECTIVE_SECONDS))


def start_alerting(stack, stage, *alertmanagers):
    """Prometheus and Alertmanager, and Grafana where it is; returns who receives what they say, and
    the Prometheus. `alertmanagers` (host:port) are told of alerts, too."""
    print("demo: starting Prometheus and Alertmanager", flush=True)
    receiver = stack.enter_context(Receiver(stage.screen.notify))
    alertmanager = stack.enter_context(Alertmanager(receiver.url))
    prometheus = stack.enter_context(
        Prometheus(stage.daemon.address, rules_in_compressed_time(),
                   [alertmanager.address, *alertmanagers]))
    stage.watched += [alertmanager.demand_running, prometheus.demand_running]
    alerts = prometheus.page("/alerts", "/classic/alerts", "/api/v1/alerts")
    stage.urls.update({
        "Prometheus": f"{alerts} (alerts {ALERTS_FASTER} times faster than real ones)",
        "Alertmanager": alertmanager.page("/", "/api/v2/alerts")})
    if Grafana.is_installed():
        grafana = stack.enter_context(Grafana(prometheus.url, ROOT / "dashboards"))
        stage.watched.append(grafana.demand_running)
        stage.urls["Grafana"] = grafana.url
    return receiver, prometheus


def daemon_configuration(kafka, further_clusters=()):
    return {
        "clusters": [{"name": CLUSTER, "bootstrap_servers": kafka}, *further_clusters],
        "poll": {"interval": f"{POLL_SECONDS}s", "timeout": f"{POLL_SECONDS}s"},
        "analysis": {"window": f"{WINDOW_SECONDS}s"},
        "dead_letters": {"scan": True}}


def run(options):
    stories = [each for each in STORIES if options.scenario in (None, each.name)]
    with contextlib.ExitStack() as stack:
        kafka = options.kafka
        watched = []
        if kafka:
            demand_reachable(kafka)
        else:
            print(f"demo: starting Kafka {kafka_version()}", flush=True)
            cluster = stack.enter_context(KafkaCluster())
            kafka = cluster.bootstrap_servers
            watched.append(cluster.demand_running)
        stage = Stage(options, kafka, watched)
        load = None if options.no_load else start_load(stack, stage, stories)
        stage.daemon = stack.enter_context(Backlogd(daemon_configuration(kafka)))
        stage.urls["metrics"] = f"http://{stage.daemon.address}/metrics"
        stage.daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster=CLUSTER) is not None,
                          60, "the first poll ends")
        if load:
            receiver, _ = start_alerting(stack, stage)
            print("demo: starting producers and consumer groups", flush=True)
            stage.programme = Programme(stories, load, receiver.received, time.monotonic)
            stage.programme.begin()
        stage.show()


def main():
    options = arguments()
    sys.stdout.reconfigure(errors="backslashreplace")
    exit_on_signals()
    try:
        if options.scenario in ("list", "help"):
            list_stories()
        elif options.check:
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
