"""backlogd itself: whether what it shows can be trusted, and what it costs."""

import frame
import queries as q
from panels import Column, Line, Says, lines, stat, table, words as mapped

_JOB = 'job=~"$job"'
_STEP, _BROKER = "kafka_cluster, step", "kafka_cluster, broker"
_LEVEL = "kafka_cluster, level"


def _own(metric):
    """Of each of backlogd's processes, that of which it shows most first."""
    return f"max by (instance) ({q.of_backlogd(metric + '{' + _JOB + '}')})"


def _own_speed(metric):
    rate = f"rate({metric}{{{_JOB}}}[$__rate_interval])"
    return f"max by (instance) ({q.of_backlogd(rate)})"


def _each(expression, legend="{{instance}}"):
    return Line(f"{expression} and on (instance) topk($top, max by (instance) (max_over_time("
                f"backlogd_build_info{{{_JOB}}}[$__range] @ end())))", legend)


def _now():
    seen = f"last_over_time(backlogd_build_info{{{_JOB}}}[$__range])"
    failures = q.grown("backlogd_poll_failures_total", "kafka_cluster, step, reason", q.CLUSTER)
    return [
        stat(Says("Targets that are down", "Processes of backlogd that Prometheus has scraped in "
                  "the time range and cannot scrape now.", "Never scraped"),
             f"sum(up{{{_JOB}}} == bool 0 and on (job) {seen})", "none", size=(3, 4)),
        stat(Says("Clusters not answering", "Chosen clusters of which not every broker and "
                  "partition answered in the last poll.", "No poll known"),
             f"sum({q.best('backlogd_up', q.OF_CLUSTER)} == bool 0)", "none", size=(3, 4)),
        stat(Says("Since the last full poll", "Time since every broker and partition answered, of "
                  "the cluster that waits longest.", "No full poll yet"),
             f"max(time() - {q.best('backlogd_last_success_timestamp_seconds', q.OF_CLUSTER)})",
             "s", ("green", ("orange", 60), ("red", 300))),
        stat(Says("Failures", "Questions that Kafka left unanswered in the time range shown.",
                  "None counted"), f"sum({failures})", steps=("green", ("orange", 1)),
             decimals=0, size=(3, 4)),
        stat(Says("Series", "Series on the page of backlogd's largest process. How many are too "
                  "many, metrics.series_budget says for each cluster: see what is left out.",
                  "Not known"),
             f"max(sum by (instance) (backlogd_series{{{_JOB}}}))", steps=("text",)),
        stat(Says("Series left out", "Series that metrics.series_budget keeps off the page, of all "
                  "chosen clusters: detail of the largest groups and topics. Sums stay right.",
                  "Not known"),
             f"sum({q.best('backlogd_series_dropped', _LEVEL, q.CLUSTER)})",
             steps=("green", ("orange", 1)), size=(3, 4)),
        stat(Says("Configuration", "Whether the last attempt to load the configuration succeeded, "
                  "in every process.", "Not known"),
             f"min(min by (instance) (backlogd_config_reload_success{{{_JOB}}}))", "none",
             ("red", ("green", 1)),
             mappings=mapped({0: ("Refused", "red"), 1: ("Loaded", "green")})),
    ]


def _polls():
    bucket = "backlogd_poll_duration_seconds_bucket"
    failures, by = "backlogd_poll_failures_total", "kafka_cluster, step, reason"
    failing = q.speed(failures, by, q.CLUSTER)
    failed = f"sum by (step, reason) ({q.grown_in_all(failures, by, q.CLUSTER)})"
    steps = q.best("backlogd_poll_step_duration_seconds", _STEP, q.CLUSTER)
    quantiles = [Line(q.of_top_clusters(
                      f"histogram_quantile({share}, sum by (kafka_cluster, le) "
                      f"(rate({bucket}{{{q.CLUSTER}}}[$__rate_interval])))"),
                      f"{{{{kafka_cluster}}}}: {name}")
                 for share, name in ((0.5, "median"), (0.99, "99th percentile"))]
    return [
        lines(Says("Poll duration", "How long polls of a cluster take, estimated from a histogram. "
                   "A poll is cut off at the configured timeout (10 s unless configured).",
                   "No poll known"), quantiles, "s", steps=("text", ("red", 10))),
        lines(Says("Poll duration by step", "Time that each step took in the last poll; of the "
                   "slowest steps of all clusters.", "No poll known"),
              [Line(q.among_top(steps, q.peak("backlogd_poll_step_duration_seconds", _STEP,
                                              q.CLUSTER)), "{{kafka_cluster}}: {{step}}")],
              "s", stacked=True),
        lines(Says("Failures by reason", "Questions a second that Kafka left unanswered, by step "
                   "of the poll and reason. Nothing is drawn while all are answered.",
                   "No failures"),
              [Line(q.among_top(f"sum by (step, reason) ({failing}) > 0", failed),
                    "{{step}}: {{reason}}")], "cps",
              steps=("text", ("red", 1))),
        lines(Says("Freshness", "Age of the newest data of each cluster, and time since every "
                   "broker and partition answered (dashed).", "Nothing read"),
              [Line(q.of_top_clusters(
                        f"time() - {q.best('backlogd_snapshot_timestamp_seconds', q.OF_CLUSTER)}"),
                    "{{kafka_cluster}}: data"),
               Line(q.of_top_clusters("time() - " + q.best(
                        "backlogd_last_success_timestamp_seconds", q.OF_CLUSTER)),
                    "{{kafka_cluster}}: full poll", dashed=True)],
              "s", steps=("text", ("red", 300))),
        lines(Says("Carried values", "Values that the last poll could not read and that are still "
                   "shown as one of the two polls before read them. Normally 0.",
                   "Not known of a chosen cluster"),
              [Line(q.highest("backlogd_carried_values", q.OF_CLUSTER), "{{kafka_cluster}}")],
              steps=("text", ("orange", 1))),
        table(Says("Steps that failed", "Steps of the last poll in which something was not "
                   "answered, or that an earlier failure prevented.", "All steps succeed"),
              {"kafka_cluster": "Cluster", "step": "Step"},
              [Column("Failed", q.top(q.best("backlogd_poll_step_success", _STEP, q.CLUSTER)
                                      + " == 0"), "bool_yes_no",
                      words=mapped({0: ("Yes", "red")}))],
              size=(12, 9), sort="Step", ascending=True),
    ]


def _kafka():
    sent, by = "backlogd_kafka_requests_total", "kafka_cluster, broker, request"
    requests = q.speed(sent, by, q.CLUSTER)
    rtt, throttle = "backlogd_kafka_request_rtt_seconds", "backlogd_kafka_throttle_seconds"
    slow = f'{q.CLUSTER}, quantile="0.99"'
    return [
        lines(Says("Requests to Kafka", "Requests a second that backlogd sends, by Kafka's name.",
                   "None sent"),
              [Line(q.among_top(f"sum by (request) ({requests})",
                                f"sum by (request) ({q.grown_in_all(sent, by, q.CLUSTER)})"),
                    "{{request}}")], "reqps", stacked=True),
        lines(Says("Kafka's latency", "Round trip of requests by broker: the 99th percentile, of "
                   "the slowest brokers. A gap: nothing was asked.", "Nothing asked"),
              [Line(q.highest(rtt, _BROKER, slow), "{{kafka_cluster}} {{broker}}")], "s",
              steps=("text", ("red", 1))),
        lines(Says("Throttling", "Longest time for which a broker throttled a request of backlogd, "
                   "of the brokers that did it most. Normally 0.", "Not known"),
              [Line(q.highest(throttle, _BROKER, q.CLUSTER), "{{kafka_cluster}} {{broker}}")], "s",
              steps=("text", ("orange", 0.1))),
        table(Says("Brokers", "Brokers by their latency: median and 99th percentile of the round "
                   "trip, requests a second, throttling.", "Nothing asked"),
              {"kafka_cluster": "Cluster", "broker": "Broker"},
              [Column("99th percentile", q.top(q.best(rtt, _BROKER, slow)), "s",
                      steps=("text", ("red", 1))),
               Column("Requests", f"sum by ({_BROKER}) ({requests}) and topk($top, "
                      f"{q.best(rtt, _BROKER, slow)})", "reqps"),
               Column("Throttled", q.among_top(q.best(throttle, _BROKER, q.CLUSTER),
                                               q.best(rtt, _BROKER, slow)), "s",
                      steps=("text", ("orange", 0.1)))], size=(12, 9)),
    ]


def _process():
    family = "max by (family) (backlogd_series{job=~\"$job\"})"
    return [
        lines(Says("Series by family", "The families with the most series on the page.",
                   "Not known"),
              [Line(f"{family} and topk($top, max by (family) (max_over_time(backlogd_series"
                    '{job=~"$job"}[$__range] @ end())))', "{{family}}")], stacked=True),
        lines(Says("Series left out by level", "Series of each cluster that metrics.series_budget "
                   "keeps off the page, by level of detail: full goes first, group_topic last. "
                   "Normally 0.", "Not known"),
              [Line(q.highest("backlogd_series_dropped", _LEVEL, q.CLUSTER),
                    "{{kafka_cluster}}: {{level}}")], steps=("text", ("orange", 1)),
              stacked=True),
        lines(Says("HTTP requests", "Requests a second that backlogd answered, by status code.",
                   "None answered"),
              [Line('sum by (code) (rate(backlogd_http_requests_total{job=~"$job"}'
                    "[$__rate_interval]))", "{{code}}")], "reqps", stacked=True),
        lines(Says("Log messages", "Events a second that backlogd logged, by level.",
                   "None counted"),
              [Line('sum by (level) (rate(backlogd_log_messages_total{job=~"$job"}'
                    "[$__rate_interval]))", "{{level}}")], "cps", stacked=True),
        lines(Says("Memory", "Resident memory of each process of backlogd.", "Not scraped"),
              [_each(_own("process_resident_memory_bytes"))], "bytes", size=(8, 8)),
        lines(Says("CPU", "CPU that each process of backlogd takes: 100 % is one core.",
                   "Not scraped"),
              [_each(_own_speed("process_cpu_seconds_total"))], "percentunit", size=(8, 8)),
        lines(Says("Open files", "File descriptors that are open, as a share of what each process "
                   "may open.", "Not scraped"),
              [_each(f"max by (instance) ({_share_of_files()})")],
              "percentunit", steps=("text", ("red", 0.8)), size=(8, 8)),
        table(Says("Processes", "Which version of backlogd runs where, since when, and when its "
                   "configuration was loaded.", "Not scraped"),
              {"instance": "Process", "revision": "Revision"},
              [Column("Started", "topk($top, max by (instance) ("
                      + q.of_backlogd('process_start_time_seconds{job=~"$job"}') + ") * 1000)",
                      "dateTimeFromNow"),
               Column("Configuration loaded", "topk($top, max by (instance) "
                      '(backlogd_config_reload_timestamp_seconds{job=~"$job"}) * 1000)',
                      "dateTimeFromNow"),
               Column("Version", "topk($top, max by (instance, version, revision) "
                      '(backlogd_build_info{job=~"$job"}))', label="version")], size=(24, 9)),
    ]


def _share_of_files():
    return q.of_backlogd('process_open_fds{job=~"$job"} / process_max_fds{job=~"$job"}')


def build():
    board = frame.new("backlogd-exporter", "exporter", "backlogd itself: whether it reads all of "
                      "Kafka in time, how fresh its data are, and what it costs.",
                      hidden=("group", "topic"))
    board = frame.with_row(board, "Now", *_now())
    board = frame.with_row(board, "Polls", *_polls())
    board = frame.with_row(board, "Kafka", *_kafka())
    return frame.with_row(board, "Process", *_process())
