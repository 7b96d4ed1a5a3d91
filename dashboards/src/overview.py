"""Which groups are in trouble, how much, and whether that can be trusted."""

import frame
import links
import queries as q
import words
from panels import FEW_POINTS, Column, Line, Says, lines, stat, table, words as mapped

_STATUS = mapped(words.STATUSES)
_CAUSE = mapped({name: (text, color) for name, (text, color, _) in words.CAUSES.items()})
_KEYS = {"kafka_cluster": "Cluster", "group": "Group"}
_LAG, _DELAY = "backlogd_group_lag_records", "backlogd_group_lag_seconds"
_FIRING = ('alertname=~"Backlogd.+", alertname!="BacklogdWatchdog", '
           'kafka_cluster=~"$kafka_cluster|"')
_ALERT = "alertname, severity, kafka_cluster, group, topic"
_USED = ("green", ("orange", 0.5), ("red", 1))


def _status_of(rank):
    status = q.best("backlogd_group_status", f"{q.OF_GROUP}, status", q.GROUP)
    return Column("Status", q.among_top(status, rank, q.OF_GROUP), label="status", words=_STATUS)


def _cause_of(rank):
    cause = q.best("backlogd_group_backlog_cause", f"{q.OF_GROUP}, cause", q.GROUP)
    return Column("Cause", q.among_top(cause, rank, q.OF_GROUP), label="cause", words=_CAUSE)


def _now():
    return [
        stat(Says("Clusters", "Whether every broker and partition that was asked in the last poll "
                  "answered. With several replicas of backlogd the best answer counts.",
                  "No poll known"),
             q.of_top_clusters(q.best("backlogd_up", q.OF_CLUSTER)), "none",
             ("red", ("green", 1)),
             name="{{kafka_cluster}}", mappings=mapped({
                 0: ("Not answering completely", "red"), 1: ("Complete", "green")})),
        stat(Says("Age of the data", "Time since the newest data of the cluster was read. It "
                  "normally stays below twice the poll interval (15 s unless configured). After "
                  "three missed polls the cluster's series are withheld.",
                  "Nothing read, or not scraped"),
             q.of_top_clusters(
                 f"time() - {q.best('backlogd_snapshot_timestamp_seconds', q.OF_CLUSTER)}"), "s",
             ("green", ("orange", 60), ("red", 300)), name="{{kafka_cluster}}"),
        stat(Says("Firing alerts", "Alerts of backlogd that fire now for the chosen clusters, or "
                  "for none in particular. Listed below. 0 also where its rules are not loaded.",
                  "Not known"),
             f'count(max by ({_ALERT}) (ALERTS{{{_FIRING}, alertstate="firing"}})) or vector(0)'),
        stat(Says("Groups", "Watched groups among the chosen ones, whatever their status.",
                  "No group known"),
             f"count({q.best('backlogd_group_state', q.OF_GROUP)})", steps=("text",)),
        stat(Says("Groups over their objective", "Chosen groups whose oldest unread record is "
                  "older than the group's objective: 5 minutes, or what the recording rule "
                  f"{q.OBJECTIVE} says.", "No delay known"),
             f"sum({q.best(_DELAY)} > bool {q.objective()})"),
        stat(Says("Longest delay", "Age of the oldest record that a chosen group has not read and "
                  "still can.", "No delay known"),
             f"max({q.best(_DELAY)})", "s", ("green", ("orange", 60), ("red", 300))),
        stat(Says("Records waiting", "Records that the chosen groups have not read, summed.",
                  "No lag known"), f"sum({q.best(_LAG)})", steps=("text",)),
        stat(Says("Records lost", "Records that were deleted before a chosen group read them, in "
                  "the time range shown.", "Not counted (needs detail topic)"),
             f"sum({q.grown('backlogd_group_topic_lost_records_total')})", decimals=0),
        stat(Says("Dead letters pending", "Dead letters of the chosen groups and topics that "
                  "nobody has handled.", "No dead-letter queue known"),
             f"sum({q.queue('backlogd_dlq_pending_records')})",
             steps=("green", ("orange", 1))),
        stat(Says("Partitions with unknown lag", "Partitions of the chosen groups whose lag is not "
                  "known now. A group that has one shows no lag at all rather than a sum that "
                  "leaves it out.", "Not known of a chosen group"),
             f"sum({q.best('backlogd_group_unknown_partitions', how='min')})",
             steps=("green", ("orange", 1))),
        stat(Says("Partitions without a commit", "Partitions assigned to members of the chosen "
                  "groups that were never committed. Their lag cannot be known, and a restart "
                  "reads them again or skips them.", "Not known (needs detail topic)"),
             f"sum({q.best('backlogd_group_topic_uncommitted_partitions', q.OF_GROUP_TOPIC)})",
             steps=("green", ("orange", 1))),
        stat(Says("Partitions without leader", "Partitions of the chosen topics that nobody can "
                  "read or write now.", "Not known of a chosen topic"),
             f"sum({q.best('backlogd_topic_partitions_without_leader', q.OF_TOPIC)})"),
    ]


def _groups_by_status():
    by_status = ("sum by (status) ("
                 + q.best("backlogd_group_status", f"{q.OF_GROUP}, status", q.GROUP) + ")")
    return lines(
        Says("Groups by status", "How many of the chosen groups have which status, the worst of "
             "their partitions'. Groups whose status is not known are missing.",
             "No status known of a chosen group"),
        [Line(by_status, "{{status}}")], stacked=True, size=(8, 10), points=FEW_POINTS,
        colors={name: color for name, (_, color) in words.STATUSES.items()})


def _late():
    rank = q.best(_DELAY)
    return table(
        Says("Latest groups", "The chosen groups by time lag, worst first: the age of the oldest "
             "record not read, how much of the objective that is, how long until the backlog is "
             "gone, and how long until unread records may be deleted. Groups whose time lag is not "
             "known are missing.", "No chosen group has a known delay"),
        _KEYS,
        [Column("Delay", q.top(rank), "s"),
         Column("Of objective", q.among_top(q.objective_used(), rank), "percentunit", steps=_USED),
         Column("Records", q.among_top(q.best(_LAG), rank)),
         _status_of(rank), _cause_of(rank),
         Column("Drained in", q.among_top(q.best("backlogd_group_drain_seconds"), rank), "s"),
         Column("Retention headroom", q.among_top(
             q.best("backlogd_group_retention_headroom_seconds", how="min"), rank), "s",
             steps=("red", ("orange", 3600), ("text", 21600))),
         Column("Members", q.among_top(q.best("backlogd_group_members"), rank), "none",
                steps=("red", ("text", 1))),
         Column("Members needed", q.among_top(q.best("backlogd_group_members_needed"), rank),
                "none")],
        size=(16, 10))


def _largest():
    rank = q.best(_LAG)
    return table(
        Says("Largest backlogs", "The chosen groups with the most records waiting, now. Groups "
             "whose lag is not known are missing here and counted above.",
             "No chosen group has a known lag"),
        _KEYS,
        [Column("Lag", q.top(rank)),
         Column("Largest in one partition",
                q.among_top(q.best("backlogd_group_max_lag_records"), rank)),
         Column("Members", q.among_top(q.best("backlogd_group_members"), rank), "none",
                steps=("red", ("text", 1))),
         Column("Assigned partitions",
                q.among_top(q.best("backlogd_group_assigned_partitions"), rank), "none"),
         _status_of(rank)], size=(12, 9))


def _growing():
    inflow = q.best("backlogd_group_inflow_records_per_second")
    consumption = q.best("backlogd_group_consumption_records_per_second")
    growth = f"({inflow} - {consumption} > 0)"
    return table(
        Says("Growing fastest", "The chosen groups that read the most slower than is written: by "
             "how many records a second their backlogs grow. Empty when none grows.",
             "None grows, or speeds are not known"),
        _KEYS,
        [Column("Growth", q.top(growth), "mps"),
         Column("Written", q.among_top(inflow, growth), "mps"),
         Column("Read", q.among_top(consumption, growth), "mps"),
         _cause_of(growth)], size=(12, 9))


def _at_risk():
    headroom = q.best("backlogd_group_retention_headroom_seconds", how="min")
    soonest = f"-1 * {headroom}"
    return table(
        Says("Next to lose records", "The chosen groups whose unread records are deleted first, "
             "and whether their backlog is gone before. Empty when nothing is waiting or nothing "
             "is ever deleted.", "No unread record is going to be deleted"),
        _KEYS,
        [Column("Retention headroom", f"bottomk($top, {headroom})", "s",
                steps=("red", ("orange", 3600), ("text", 21600))),
         Column("Drained in", q.among_top(q.best("backlogd_group_drain_seconds"), soonest), "s"),
         Column("Lost in the time range", f"sum by ({q.OF_GROUP}) ("
                + q.grown("backlogd_group_topic_lost_records_total")
                + f") and topk($top, {soonest})", steps=("text", ("red", 1))),
         _status_of(soonest)], size=(12, 9), ascending=True)


def _over_time():
    return [
        lines(Says("Delay of the latest groups", "Age of the oldest unread record, over time, for "
                   "those chosen groups that were latest within the time range. A gap: not known.",
                   "No chosen group has a known delay"),
              [Line(q.highest(_DELAY), "{{kafka_cluster}} {{group}}")], "s",
              steps=("text", ("red", q.DEFAULT_OBJECTIVE)), to=links.GROUP),
        lines(Says("Lag of the largest backlogs", "Records waiting, over time, for those chosen "
                   "groups that had the largest backlogs within the time range. A gap: not known.",
                   "No chosen group has a known lag"),
              [Line(q.highest(_LAG), "{{kafka_cluster}} {{group}}")], to=links.GROUP),
    ]


def _traffic():
    groups_read = ("sum by (kafka_cluster) ("
                   + q.best("backlogd_group_consumption_records_per_second") + ")")
    to_read = f"sum by (kafka_cluster) ({q.best('backlogd_group_inflow_records_per_second')})"
    produced = ("sum by (kafka_cluster) ("
                + q.speed("backlogd_topic_records_produced_total", q.OF_TOPIC) + ")")
    by_reason = q.of_queues(q.speed("backlogd_dlq_classified_records_total",
                                    "kafka_cluster, topic, source_topic, reason", q.CLUSTER))
    return [
        lines(Says("Producers against consumers", "Records a second: written to the chosen topics; "
                   "written for the chosen groups (dashed; what two groups read counts twice); "
                   "read by them. While the last is below the dashed line, backlogs grow.",
                   "No speed known of a chosen group"),
              [Line(q.of_top_clusters(produced), "{{kafka_cluster}}: written"),
               Line(q.of_top_clusters(to_read), "{{kafka_cluster}}: to be read", dashed=True),
               Line(q.of_top_clusters(groups_read), "{{kafka_cluster}}: read")], "mps",
              points=FEW_POINTS),
        lines(Says("Dead letters by reason", "Dead letters a second of the chosen groups and "
                   "topics, by why they died.", "None read (needs dead_letters.scan)"),
              [Line(f"sum by (reason) ({by_reason})", "{{reason}}")], "mps", stacked=True,
              colors=words.REASONS, points=FEW_POINTS),
    ]


def _alerts_and_queues():
    since = (f"(max by ({_ALERT}) (ALERTS_FOR_STATE{{{_FIRING}}}) and max by ({_ALERT}) "
             f'(ALERTS{{{_FIRING}, alertstate="firing"}})) * 1000')
    pending = q.queue("backlogd_dlq_pending_records")
    return [
        table(Says("Largest dead-letter queues", "The dead-letter queues of the chosen groups and "
                   "topics with the most pending records.", "No dead-letter queue known"),
              {"kafka_cluster": "Cluster", "topic": "Queue"},
              [Column("Pending", q.top(pending), steps=("text", ("orange", 1))),
               Column("Oldest", q.among_top(
                   "time() - " + q.best("backlogd_dlq_oldest_record_timestamp_seconds", q.OF_TOPIC,
                                        q.CLUSTER, "min"), pending), "s")], size=(12, 9)),
        table(Says("Alerts that fire", "Alerts of backlogd that fire now, for the chosen clusters "
                   "or for none in particular, the newest first; since when their condition holds.",
                   "No alert fires, or the rules are not loaded"),
              {"alertname": "Alert", "severity": "Severity", **_KEYS, "topic": "Topic"},
              [Column("Since", q.top(since), "dateTimeFromNow")]),
    ]


def build():
    board = frame.new("backlogd-overview", "overview", "Consumer groups of Apache Kafka: who is "
                      "late, who falls behind, who loses records, and whether that can be trusted.")
    board = frame.with_row(board, "Now", *_now())
    board = frame.with_row(board, "Groups", _late(), _groups_by_status(), *_over_time(), _largest(),
                           _growing(), _at_risk())
    board = board.with_panel(_traffic()[0])
    return frame.with_row(board, "Dead letters and alerts", _traffic()[1],
                          *_alerts_and_queues())

