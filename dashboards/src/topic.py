"""One or a few topics: who reads them and how far behind, what is written, and what is kept."""

import frame
import links
import queries as q
import words
from panels import FEW_POINTS, Column, Line, Says, lines, stat, table, words as mapped

_NAME = "{{kafka_cluster}} {{topic}}"
_KEYS = {"kafka_cluster": "Cluster", "topic": "Topic"}
_RETAINED = "backlogd_topic_retained_records"
_PRODUCED = "backlogd_topic_records_produced_total"
_OFFLINE = "backlogd_topic_partitions_without_leader"
_THIN = "backlogd_topic_partitions_under_replicated"
# Of the queues whose records come from the chosen topics.
_DLQ = f'{q.CLUSTER}, source_topic=~"$topic"'


def _from_these(metric):
    return (f"{q.best(metric, q.OF_TOPIC, q.CLUSTER)} and on ({q.OF_TOPIC}) "
            f"backlogd_dlq_info{{{_DLQ}}}")


def _now():
    return [
        stat(Says("Partitions", "Partitions of the chosen topics, summed over them.",
                  "No topic known"),
             f"sum({q.best('backlogd_topic_partitions', q.OF_TOPIC)})", "none", ("text",)),
        stat(Says("Records a second", "Records written to the chosen topics in a second.",
                  "Not known"), f"sum({q.speed(_PRODUCED, q.OF_TOPIC)})", "mps", ("text",)),
        stat(Says("Retained records", "Records that can still be read from the chosen topics: log "
                  "end minus log start.", "Not known"),
             f"sum({q.best(_RETAINED, q.OF_TOPIC)})", steps=("text",)),
        stat(Says("Shortest retention", "Age at which records of a chosen topic are deleted, of "
                  "the topic that keeps them shortest.", "No limit, or not known"),
             f"min({q.best('backlogd_topic_retention_seconds', q.OF_TOPIC)})", "s", ("text",)),
        stat(Says("Longest delay of a reader", "Age of the oldest record of a chosen topic that a "
                  "chosen group has not read and still can.", "Not known (needs detail topic)"),
             f"max({q.best('backlogd_group_topic_lag_seconds', q.OF_GROUP_TOPIC)})", "s",
             ("green", ("orange", 60), ("red", 300))),
        stat(Says("Topics that nobody reads", "Chosen topics on which no watched group has "
                  "committed an offset.", "Not known"),
             f"sum({q.best('backlogd_topic_groups', q.OF_TOPIC)} == bool 0)",
             steps=("text",)),
        stat(Says("Partitions without leader", "Partitions of the chosen topics that nobody can "
                  "read or write now.", "Not known"), f"sum({q.best(_OFFLINE, q.OF_TOPIC)})",
             size=(8, 4)),
        stat(Says("Under-replicated partitions", "Partitions of the chosen topics with fewer "
                  "in-sync replicas than replicas.", "Not known"),
             f"sum({q.best(_THIN, q.OF_TOPIC)})", steps=("green", ("orange", 1)), size=(8, 4)),
        stat(Says("Dead letters pending", "Dead letters that came from the chosen topics and that "
                  "nobody has handled.", "No dead-letter queue known"),
             f"sum({_from_these('backlogd_dlq_pending_records')})",
             steps=("green", ("orange", 1)), size=(8, 4)),
    ]


def _readers():
    lag, delay = "backlogd_group_topic_lag_records", "backlogd_group_topic_lag_seconds"
    consumed = "backlogd_group_topic_records_consumed_total"
    rank = q.best(lag, q.OF_GROUP_TOPIC)
    status = q.best("backlogd_group_status", f"{q.OF_GROUP}, status", q.GROUP)
    name = "{{kafka_cluster}} {{group}}: {{topic}}"
    return [
        table(Says("Who reads it", "Groups that read the chosen topics, those that are furthest "
                   "behind. The status is that of the group, which may have it from another topic. "
                   "Groups whose lag is not known are missing.", "Not known (needs detail topic)"),
              {"kafka_cluster": "Cluster", "topic": "Topic", "group": "Group"},
              [Column("Lag", q.top(rank)),
               Column("Delay", q.among_top(q.best(delay, q.OF_GROUP_TOPIC), rank), "s",
                      steps=("text", ("orange", 60), ("red", 300))),
               Column("Read", q.among_top(q.speed(consumed), rank), "mps"),
               Column("Lost in the time range", q.among_top(
                   q.grown("backlogd_group_topic_lost_records_total"), rank),
                   steps=("text", ("red", 1))),
               Column("Status", f"{status} and on ({q.OF_GROUP}) {q.top(rank)}", label="status",
                      words=mapped(words.STATUSES))]),
        lines(Says("Delay by group", "Age of the oldest unread record of a chosen topic, where it "
                   "was highest.", "Not known (needs detail topic)"),
              [Line(q.highest(delay, q.OF_GROUP_TOPIC), name)], "s",
              steps=("text", ("red", q.DEFAULT_OBJECTIVE)), to=links.GROUP),
        lines(Says("Lag by group", "Records of a chosen topic that a group has not read, where "
                   "they were most.", "Not known (needs detail topic)"),
              [Line(q.highest(lag, q.OF_GROUP_TOPIC), name)], to=links.GROUP),
    ]


def _throughput():
    consumed = "backlogd_group_topic_records_consumed_total"
    return [
        lines(Says("Written", "Records a second written to the chosen topics, those with the most.",
                   "Not known"),
              [Line(q.chosen_speed(_PRODUCED, q.grown_in_all(_PRODUCED, q.OF_TOPIC),
                                   q.OF_TOPIC), _NAME)], "mps",
              to=links.DEAD_LETTERS, points=FEW_POINTS),
        lines(Says("Read, by group", "Records a second that groups read from the chosen topics, "
                   "those that read most.", "Nothing counted (needs detail topic)"),
              [Line(q.chosen_speed(consumed, q.grown_in_all(consumed)),
                    "{{kafka_cluster}} {{group}}: {{topic}}")], "mps", to=links.GROUP,
              points=FEW_POINTS),
    ]


def _kept():
    rank = q.best(_RETAINED, q.OF_TOPIC)
    ends, starts = (f"max by (kafka_cluster, topic, partition) "
                    f"(backlogd_partition_log_{each}_offset{{{q.TOPIC}}})"
                    for each in ("end", "start"))
    stable = ("max by (kafka_cluster, topic, partition) "
              f"(backlogd_partition_last_stable_offset{{{q.TOPIC}}})")
    kept = f"({ends} - {starts})"
    return [
        table(Says("Topics", "The chosen topics that keep the most records.", "No topic known"),
              _KEYS,
              [Column("Retained", q.top(rank)),
               Column("Partitions", q.among_top(
                   q.best("backlogd_topic_partitions", q.OF_TOPIC), rank), "none"),
               Column("Written", q.among_top(q.speed(_PRODUCED, q.OF_TOPIC), rank), "mps"),
               Column("Retention", q.among_top(
                   q.best("backlogd_topic_retention_seconds", q.OF_TOPIC), rank), "s"),
               Column("Groups", q.among_top(q.best("backlogd_topic_groups", q.OF_TOPIC), rank),
                      "none", steps=("orange", ("text", 1)))]),
        lines(Says("Retained records", "Records that can still be read, of the topics that kept "
                   "the most.", "Not known"),
              [Line(q.highest(_RETAINED, q.OF_TOPIC), _NAME)]),
        table(Says("Partitions", "The partitions of the chosen topics that keep the most records. "
                   "What is above the last stable offset belongs to open transactions.",
                   "Not known"),
              {**_KEYS, "partition": "Partition"},
              [Column("Retained", q.top(kept)),
               Column("Log start", q.among_top(starts, kept), "none"),
               Column("Log end", q.among_top(ends, kept), "none"),
               Column("In open transactions", q.among_top(f"{ends} - {stable}", kept))],
              size=(12, 9)),
    ]


def _trouble():
    offline, thin = (q.best(each, q.OF_TOPIC) for each in (_OFFLINE, _THIN))
    return [
        lines(Says("Offline and under-replicated partitions", "Partitions of the chosen topics "
                   "without leader, and those with fewer in-sync replicas than replicas.",
                   "Not known of a chosen topic"),
              [Line(q.of_top_clusters(f"sum by (kafka_cluster) ({offline})"),
                    "{{kafka_cluster}}: without leader"),
               Line(q.of_top_clusters(f"sum by (kafka_cluster) ({thin})"),
                    "{{kafka_cluster}}: under-replicated")],
              "none"),
        table(Says("Topics with offline or under-replicated partitions", "The chosen topics that "
                   "are affected most, now.", "None reported"),
              _KEYS,
              [Column("Without leader", f"{q.top(offline)} > 0", "none", steps=("red",)),
               Column("Under-replicated", f"{q.top(thin)} > 0", "none", steps=("orange",))],
              size=(12, 9)),
    ]


def _dead_letters():
    pending = _from_these("backlogd_dlq_pending_records")
    info = (f"max by (kafka_cluster, topic, source_topic) (backlogd_dlq_info{{{_DLQ}}})")
    oldest = q.best("backlogd_dlq_oldest_record_timestamp_seconds", q.OF_TOPIC, q.CLUSTER, "min")
    return table(
        Says("Its dead-letter queues", "Where records of the chosen topics go that cannot be "
             "handled, and how many lie there.", "No dead-letter queue known"),
        {"kafka_cluster": "Cluster", "topic": "Queue"},
        [Column("Pending", q.top(pending), steps=("text", ("orange", 1))),
         Column("Comes from", f"{info} and on ({q.OF_TOPIC}) {q.top(pending)}",
                label="source_topic"),
         Column("Oldest", q.among_top(f"time() - {oldest}", pending), "s"),
         Column("Came in a second", q.among_top(
             q.speed("backlogd_dlq_records_total", q.OF_TOPIC, q.CLUSTER), pending), "mps")])


def build():
    board = frame.new("backlogd-topic", "topic", "A topic: who reads it and how far behind, what "
                      "is written, what is kept and how long, and its dead-letter queues.")
    board = frame.with_row(board, "Now", *_now())
    board = frame.with_row(board, "Readers", *_readers())
    board = frame.with_row(board, "Throughput", *_throughput())
    board = frame.with_row(board, "What is kept", *_kept())
    return frame.with_row(board, "Trouble", *_trouble(), _dead_letters())
