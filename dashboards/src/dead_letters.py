"""Dead-letter queues: what lies there, why it died, and whether anybody cares."""

import frame
import links
import queries as q
import words
from panels import FEW_POINTS, Column, Line, Says, lines, stat, table

_NAME = "{{kafka_cluster}} {{topic}}"
_PENDING, _CAME = "backlogd_dlq_pending_records", "backlogd_dlq_records_total"
_EXPIRED = "backlogd_dlq_expired_records_total"
_OLDEST = "backlogd_dlq_oldest_record_timestamp_seconds"
_SHARE = ("green", ("orange", 0.001), ("red", 0.01))


def _age(how="min"):
    return "time() - " + q.best(_OLDEST, q.OF_TOPIC, q.CLUSTER, how)


def _now():
    handled = q.of_queues(q.grown("backlogd_dlq_handled_records_total",
                                  "kafka_cluster, topic, action", q.CLUSTER))
    unread = q.best(_PENDING, q.OF_TOPIC, f'{q.CLUSTER}, group=""')
    nobody = f"count(({q.of_queues(unread)}) > 0) or vector(0)"
    return [
        stat(Says("Pending", "Dead letters of the chosen queues that nobody has handled.",
                  "No dead-letter queue known"),
             f"sum({q.queue(_PENDING)})", steps=("green", ("orange", 1))),
        stat(Says("Came in", "Dead letters that came in the time range shown.",
                  "No dead-letter queue known"),
             f"sum({q.of_queues(q.grown(_CAME, q.OF_TOPIC, q.CLUSTER))})",
             steps=("green", ("orange", 1)), decimals=0),
        stat(Says("Share of the source", "Dead letters for each record written to the topic they "
                  "come from, of the worst topic.", "Source not known, or nothing written"),
             f"max({q.share_of_source()})", "percentunit", _SHARE),
        stat(Says("Oldest", "Age of the oldest pending dead letter of the chosen queues.",
                  "None pending"),
             f"max({q.of_queues(_age())})", "s", ("green", ("orange", 3600), ("red", 86400))),
        stat(Says("Expired unhandled", "Dead letters that were deleted before anybody handled "
                  "them, in the time range shown.", "Not known"),
             f"sum({q.of_queues(q.grown(_EXPIRED, q.OF_TOPIC, q.CLUSTER))})", decimals=0),
        stat(Says("Handled", "Dead letters that backlogd-dlq handled in the time range shown.",
                  "Not known"), f"sum({handled})", steps=("text",), decimals=0),
        stat(Says("Queues", "Dead-letter queues of the chosen groups and topics.",
                  "No dead-letter queue known"),
             f"count(max by ({q.OF_TOPIC}) {q.QUEUES})", "none", ("text",), size=(8, 4)),
        stat(Says("Queues that nobody handles", "Queues with pending records that no group "
                  "reads.", "No dead-letter queue known"), nobody, "none",
             ("green", ("orange", 1)), size=(8, 4)),
        stat(Says("Failed scans", "Attempts to read a queue that failed, in the time range shown: "
                  "reasons may be missing.", "Not scanned (needs dead_letters.scan)"),
             "sum(" + q.of_queues(q.grown("backlogd_dlq_scan_failures_total", q.OF_TOPIC,
                                          q.CLUSTER)) + ")",
             steps=("green", ("orange", 1)), size=(8, 4), decimals=0),
    ]


def _where():
    pending = q.queue(_PENDING)
    info = f"max by (kafka_cluster, topic, source_topic, group, convention) {q.QUEUES_NOW}"
    return table(
        Says("From source to queue to group", "The chosen queues with the most pending records: "
             "which topic and group their records come from (empty if not known or several), what "
             "tells that it is a queue, and what lies there.", "No dead-letter queue known"),
        {"kafka_cluster": "Cluster", "source_topic": "Source", "topic": "Queue", "group": "Group"},
        [Column("Known by", f"{info} and on ({q.OF_TOPIC}) {q.top(pending)}", label="convention"),
         Column("Pending", q.top(pending), steps=("text", ("orange", 1))),
         Column("Retained", q.among_top(
             q.best("backlogd_dlq_retained_records", q.OF_TOPIC, q.CLUSTER), pending)),
         Column("Oldest", q.among_top(_age(), pending), "s",
                steps=("text", ("orange", 3600), ("red", 86400))),
         Column("Came in a second", q.among_top(q.speed(_CAME, q.OF_TOPIC, q.CLUSTER), pending),
                "mps"),
         Column("Expired in the time range", q.among_top(
             q.grown(_EXPIRED, q.OF_TOPIC, q.CLUSTER), pending), steps=("text", ("red", 1)))],
        sort="Pending")


def _arriving():
    classified = q.of_queues(q.speed("backlogd_dlq_classified_records_total",
                                     "kafka_cluster, topic, source_topic, reason", q.CLUSTER))
    most = q.of_queues(q.grown_in_all("backlogd_dlq_classified_records_total",
                                      "kafka_cluster, topic, source_topic, reason", q.CLUSTER))
    by_source = "sum by (kafka_cluster, source_topic)"
    came = q.of_queues(q.grown_in_all(_CAME, q.OF_TOPIC, q.CLUSTER))
    return [
        lines(Says("Inflow by reason", "Dead letters a second of the chosen queues, by why they "
                   "died.", "None read (needs dead_letters.scan)"),
              [Line(f"sum by (reason) ({classified})", "{{reason}}")], "mps", stacked=True,
              colors=words.REASONS, points=FEW_POINTS),
        lines(Says("Inflow by queue", "Dead letters a second, of the queues to which most came.",
                   "No dead-letter queue known"),
              [Line(q.among_top(q.queue_speed(_CAME), came), _NAME)], "mps",
              to=links.DEAD_LETTERS),
        lines(Says("Share of the source's traffic", "Dead letters for each record written to the "
                   "topic they come from, highest first. 1 % is much.",
                   "Source not known, or nothing written"),
              [Line(q.among_top(q.share_of_source(), q.share_of_source(q.grown_in_all)),
                    _NAME)], "percentunit",
              steps=("text", ("red", 0.01)), points=FEW_POINTS),
        lines(Says("Inflow by source", "Dead letters a second that backlogd has read, by the topic "
                   "they come from.", "None read (needs dead_letters.scan)"),
              [Line(q.among_top(f"{by_source} ({classified})", f"{by_source} ({most})"),
                    "{{kafka_cluster}} {{source_topic}}")], "mps", stacked=True,
              points=FEW_POINTS),
    ]


def _lying():
    handled = q.of_queues(q.speed("backlogd_dlq_handled_records_total",
                                  "kafka_cluster, topic, action", q.CLUSTER))
    expired = q.of_queues(q.grown_in_all(_EXPIRED, q.OF_TOPIC, q.CLUSTER))
    return [
        lines(Says("Depth", "Pending dead letters, of the queues that had the most.",
                   "No dead-letter queue known"),
              [Line(q.among_top(q.queue(_PENDING), q.queue_peak(_PENDING)), _NAME)],
              to=links.DEAD_LETTERS),
        lines(Says("Age of the oldest", "How long the oldest pending dead letter has been lying, "
                   "where that is longest.", "None pending"),
              [Line(q.among_top(q.of_queues(_age()),
                                f"-1 * ({q.queue_peak(_OLDEST, how='min')})"), _NAME)], "s",
              steps=("text", ("red", 86400))),
        lines(Says("Handled, by action", "Dead letters a second that backlogd-dlq has reviewed, "
                   "redelivered, logged or discarded.", "None handled"),
              [Line(f"sum by (action) ({handled})", "{{action}}")], "mps", stacked=True),
        lines(Says("Expired unhandled, over time", "Dead letters a second that were deleted before "
                   "anybody handled them, of the queues that lost the most.",
                   "No dead-letter queue known"),
              [Line(q.among_top(q.queue_speed(_EXPIRED), expired), _NAME)], "mps"),
    ]


def build():
    board = frame.new("backlogd-dead-letters", "dead letters", "Dead-letter queues: how many lie "
                      "there and since when, why they died, where they come from, and who handles "
                      "them. Topic: the queue, or the topic its records come from.")
    board = frame.with_row(board, "Now", *_now())
    board = frame.with_row(board, "Queues", _where())
    board = frame.with_row(board, "What comes", *_arriving())
    return frame.with_row(board, "What lies there", *_lying())
