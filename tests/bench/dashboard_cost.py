#!/usr/bin/env python3
"""How long the dashboards' queries take on a Prometheus that holds 3,000 groups, and how many
series they draw; with --rules, how long the expressions of the rules take.

Hours of samples are made up and read into blocks by promtool, so no Kafka is needed. Series by
partition are there for the last minutes only: over time only one group's are drawn.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from support.dashboard_queries import Asker, Query, queries  # noqa: E402
from support.processes import exit_on_signals  # noqa: E402
from support.web_program import WebProgram  # noqa: E402

TOPICS, PARTITIONS = 1000, 10
STEP_SECONDS, PARTITION_MINUTES = 60, 15
SLOW_SECONDS, MANY_SERIES = 2, 100
ATTEMPTS = 3
LONGEST_WINDOW_DAYS = 3
STATUSES = ("ok",) * 8 + ("catching_up", "falling_behind", "stalled", "stopped")
CAUSES = ("skew", "producer_surge", "consumer_slowdown", "underprovisioned", "unknown")
REASONS = ("format", "timeout", "business")

# Gauges of a group: the largest value.
_OF_GROUP = {
    "lag_records": 100000, "max_lag_records": 10000, "lag_seconds": 900, "members": 10,
    "assigned_partitions": 20, "unknown_partitions": 1, "drain_seconds": 7200,
    "retention_headroom_seconds": 604800, "member_capacity_records_per_second": 500,
    "members_needed": 12, "inflow_records_per_second": 900,
    "inflow_baseline_records_per_second": 900, "consumption_records_per_second": 900,
    "consumption_baseline_records_per_second": 900}
_OF_TOPIC = {"partitions": 20, "partitions_without_leader": 1,
             "partitions_under_replicated": 1, "retained_records": 1000000,
             "retention_seconds": 604800, "groups": 5}


class Samples:
    """Writes series with samples at every step, up to now, as OpenMetrics text."""

    def __init__(self, file, seconds, has_partitions):
        self._file = file
        end = int(time.time()) // STEP_SECONDS * STEP_SECONDS
        self.times = range(end - seconds, end + 1, STEP_SECONDS)
        self._has_partitions = has_partitions
        self.series = 0
        self._random = random.Random(7)

    def of_partition(self, name, labels, most):
        if self._has_partitions:
            self.gauge(name, labels, most, PARTITION_MINUTES)

    def gauge(self, name, labels, most, minutes=None):
        base = self._random.random() * most
        times = self.times[-minutes:] if minutes else self.times
        self._write(name, labels, ((at, base * (0.8 + 0.4 * ((at // 600) % 7) / 7))
                                   for at in times))

    def constant(self, name, labels, value, prefix="backlogd_"):
        self._write(name, labels, ((at, value) for at in self.times), prefix)

    def counter(self, name, labels, most_a_second):
        speed = self._random.random() * most_a_second
        self._write(name, labels, ((at, speed * (at - self.times[0])) for at in self.times))

    def now(self, name, labels):
        """A gauge that holds the time itself."""
        self._write(name, labels, ((at, at - 10) for at in self.times))

    def choose(self, among):
        return self._random.choice(among)

    def recorded(self, name, labels, value, days):
        """What a rule recorded at each step, for days."""
        times = range(self.times[-1] - days * 86400, self.times[-1] + 1, STEP_SECONDS)
        self._write(name, labels, ((at, value) for at in times), "backlogd:")

    def _write(self, name, labels, samples, prefix="backlogd_"):
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        series = f'{prefix}{name}{{{inside}}}'
        self._file.write("".join(f"{series} {value:.6g} {at}\n" for at, value in samples))
        self.series += 1


_CLUSTER = {"job": "backlogd", "instance": "a:12092", "kafka_cluster": "main"}


def _write_group(samples, number):
    group = _CLUSTER | {"group": f"team-{number % 50}.service-{number}"}
    for name, most in _OF_GROUP.items():
        samples.gauge(f"group_{name}", group, most)
    samples.now("group_last_commit_timestamp_seconds", group)
    samples.constant("group_state", group | {"type": "Classic", "state": "Stable"}, 1)
    samples.constant("group_status", group | {"status": samples.choose(STATUSES)}, 1)
    if number % 4 == 0:
        samples.constant("group_backlog_cause", group | {"cause": samples.choose(CAUSES)}, 1)
    for topic in (number % TOPICS, (number * 7 + 1) % TOPICS):
        read = group | {"topic": f"domain-{topic % 20}.events-{topic}"}
        samples.gauge("group_topic_lag_records", read, 50000)
        samples.gauge("group_topic_lag_seconds", read, 900)
        samples.counter("group_topic_records_consumed_total", read, 500)
        samples.counter("group_topic_lost_records_total", read, 0.01)
        samples.gauge("group_topic_uncommitted_partitions", read, 1)
        for partition in range(PARTITIONS):
            one = read | {"partition": partition}
            samples.of_partition("group_partition_lag_records", one, 10000)
            samples.of_partition("group_partition_lag_seconds", one, 900)


def _write_topic(samples, number):
    topic = _CLUSTER | {"topic": f"domain-{number % 20}.events-{number}"}
    for name, most in _OF_TOPIC.items():
        samples.gauge(f"topic_{name}", topic, most)
    samples.counter("topic_records_produced_total", topic, 500)
    for partition in range(PARTITIONS):
        for name in ("log_start_offset", "log_end_offset", "last_stable_offset"):
            samples.of_partition(f"partition_{name}", topic | {"partition": partition}, 1e6)


def _write_queue(samples, number):
    source = f"domain-{number % 20}.events-{number}"
    queue = _CLUSTER | {"topic": f"{source}.dlq"}
    samples.constant("dlq_info", queue | {"group": "", "source_topic": source,
                                          "convention": "suffix"}, 1)
    samples.gauge("dlq_retained_records", queue, 1000)
    samples.gauge("dlq_pending_records", queue | {"group": ""}, 1000)
    samples.counter("dlq_records_total", queue, 1)
    samples.counter("dlq_expired_records_total", queue, 0.1)
    samples.counter("dlq_scan_failures_total", queue, 0.01)
    samples.now("dlq_oldest_record_timestamp_seconds", queue)
    for reason in REASONS:
        samples.counter("dlq_classified_records_total",
                        queue | {"source_topic": source, "reason": reason}, 1)
    samples.counter("dlq_handled_records_total", queue | {"action": "redelivered"}, 1)


def _write_itself(samples):
    process = {key: _CLUSTER[key] for key in ("job", "instance")}
    samples.constant("build_info", process | {"version": "1", "revision": "x"}, 1)
    for name in ("up", "backlogd_up"):
        samples.constant(name, _CLUSTER, 1, "")
    samples.constant("config_reload_success", process, 1)
    samples.constant("config_reload_timestamp_seconds", process, samples.times[0])
    for step in ("metadata", "committed_offsets", "log_end_offsets"):
        for reason in ("timeout", "unauthorized", "authentication"):
            samples.counter("poll_failures_total", _CLUSTER | {"step": step, "reason": reason}, 0.01)
    samples.now("snapshot_timestamp_seconds", _CLUSTER)
    samples.now("last_success_timestamp_seconds", _CLUSTER)
    for family in range(60):
        samples.gauge("series", process | {"family": f"backlogd_family_{family}"}, 10000)
    for level in ("full", "group_partition", "topic_partition", "group_topic"):
        samples.gauge("series_dropped", _CLUSTER | {"level": level}, 10000)
    for broker in range(100):
        one = _CLUSTER | {"broker": broker}
        samples.gauge("kafka_request_rtt_seconds", one | {"quantile": "0.99"}, 1)
        samples.gauge("kafka_throttle_seconds", one, 1)
        for request in ("Fetch", "ListOffsets", "OffsetFetch"):
            samples.counter("kafka_requests_total", one | {"request": request}, 10)


def _write_recorded(samples, number):
    """What the recording rules made of a group."""
    group = {"kafka_cluster": "main", "group": f"team-{number % 50}.service-{number}"}
    is_late = samples.choose((0, 0, 0, 1))
    samples.recorded("group_late:bool", group, is_late, LONGEST_WINDOW_DAYS)
    samples.constant("group_lag_objective:seconds", group, 300, "backlogd:")
    for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d"):
        samples.constant(f"group_late:ratio_rate{window}", group, is_late, "backlogd:")


def write(path, groups, seconds, for_rules):
    with open(path, "w", encoding="utf-8") as file:
        samples = Samples(file, seconds, has_partitions=not for_rules)
        _write_itself(samples)
        for number in range(groups):
            _write_group(samples, number)
            if for_rules:
                _write_recorded(samples, number)
        for number in range(TOPICS):
            _write_topic(samples, number)
        for number in range(TOPICS // 2):
            _write_queue(samples, number)
        file.write("# EOF\n")
    return samples


class Stored(WebProgram):
    """A Prometheus that scrapes nothing and has what is in a folder."""

    NAMES = ("prometheus",)

    def __init__(self, blocks):
        super().__init__()
        self._blocks = blocks

    def prepare(self):
        (self.folder / "prometheus.yml").write_text("{}")

    def arguments(self):
        return [f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self._blocks}",
                "--storage.tsdb.retention.time=1y", f"--web.listen-address={self.address}"]


def _time(asker, query):
    begin = time.monotonic()
    count = asker.results(query)
    return time.monotonic() - begin, count


def measure(prometheus, hours, now):
    """Asks each query some times and prints the shortest: what else the machine does is not of
    interest, and the files of a Prometheus at work are in memory."""
    asker = Asker(prometheus.url, window=f"{hours}h", rate_interval="4m", now=now,
                  chosen={"partitions_of": "team-0.service-0"})
    slowest = collections.defaultdict(lambda: (0, ""))
    bad = []
    for query in queries(ROOT / "dashboards"):
        seconds, count = min(_time(asker, query) for _ in range(ATTEMPTS))
        print(f"{seconds:7.3f} s {count:6} series  {query.name}", flush=True)
        slowest[query.dashboard] = max(slowest[query.dashboard], (seconds, query.name))
        drawn = not query.title.startswith(("$", "@"))
        if seconds > SLOW_SECONDS or drawn and count > MANY_SERIES:
            bad.append(query.name)
    for dashboard, (seconds, name) in slowest.items():
        print(f"slowest of {dashboard}: {seconds:.3f} s, {name}")
    for name in bad:
        print(f"over {SLOW_SECONDS} s or {MANY_SERIES} series: {name}")
    return not bad


def rule_queries():
    """The expressions of all rules, with their names."""
    text = (ROOT / "alerts" / "backlogd.rules.yaml").read_text(encoding="utf-8")
    for group in yaml.safe_load(text)["groups"]:
        for rule in group["rules"]:
            name = rule.get("alert") or rule["record"]
            yield Query(group["name"], name, "", rule["expr"], True, 1, None)


def measure_rules(prometheus, now):
    """Asks what each rule asks, as an evaluation at the end of the samples would."""
    asker = Asker(prometheus.url, now=now)
    total, slow = collections.Counter(), []
    for query in rule_queries():
        seconds, count = min(_time(asker, query) for _ in range(ATTEMPTS))
        print(f"{seconds:7.3f} s {count:6} series  {query.name}", flush=True)
        total[query.dashboard] += seconds
        if seconds > SLOW_SECONDS:
            slow.append(query.name)
    for group, seconds in total.items():
        print(f"all of {group}: {seconds:.3f} s")
    for name in slow:
        print(f"over {SLOW_SECONDS} s: {name}")
    return not slow


def make_blocks(blocks, options):
    with tempfile.TemporaryDirectory() as folder:
        text = pathlib.Path(folder, "text")
        samples = write(text, options.groups, options.hours * 3600, options.rules)
        print(f"{options.groups} groups, {samples.series} series, "
              f"{text.stat().st_size / 1e6:.0f} MB of text", flush=True)
        promtool = os.environ.get("PROMTOOL", "promtool")
        # The text is read once for each block: few of them, where there are days of samples.
        length = ["--max-block-duration=200h"] if options.rules else []
        subprocess.run([promtool, "tsdb", "create-blocks-from", *length, "openmetrics", text,
                        blocks], check=True, stdout=subprocess.DEVNULL)


def last_sample(blocks):
    return max(json.loads(meta.read_text())["maxTime"]
               for meta in blocks.glob("*/meta.json")) // 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, metavar="FOLDER",
                        help="keep the samples there; if it exists, use those that are there")
    parser.add_argument("--rules", action="store_true",
                        help="measure rules: the samples hold what was recorded for 3 days, and no "
                        "partitions")
    parser.add_argument("--groups", type=int, default=3000)
    parser.add_argument("--hours", type=int, default=3)
    options = parser.parse_args()
    exit_on_signals()
    with tempfile.TemporaryDirectory() as folder:
        blocks = options.data or pathlib.Path(folder, "blocks")
        if not blocks.exists():
            make_blocks(blocks, options)
        with Stored(blocks) as prometheus:
            if options.rules:
                return 0 if measure_rules(prometheus, last_sample(blocks)) else 1
            return 0 if measure(prometheus, options.hours, last_sample(blocks)) else 1


if __name__ == "__main__":
    sys.exit(main())
