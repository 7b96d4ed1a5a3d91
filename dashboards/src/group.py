"""One or a few groups: what is wrong, since when, why, and what to do."""

import frame
import links
import queries as q
import words
from panels import (
    FEW_POINTS, Column, Line, Says, heatmap, lines, stat, table, timeline, words as mapped)

_LAG, _DELAY = "backlogd_group_lag_records", "backlogd_group_lag_seconds"
_NAME = "{{kafka_cluster}} {{group}}"
_KEYS = {"kafka_cluster": "Cluster", "group": "Group"}
_SOON = ("red", ("orange", 3600), ("green", 21600))
_CAUSE_WORDS = {name: (text, color) for name, (text, color, _) in words.CAUSES.items()}


def _now():
    return [
        stat(Says("Delay", "Age of the oldest record that a chosen group has not read and still "
                  "can.", "Not known"),
             f"max({q.best(_DELAY)})", "s", ("green", ("orange", 60), ("red", 300))),
        stat(Says("Delay against the objective", "The delay as a share of what the group may have: "
                  f"5 minutes, or what the recording rule {q.OBJECTIVE} says. Of the worst group.",
                  "Not known"),
             f"max({q.objective_used()})", "percentunit", ("green", ("orange", 0.5), ("red", 1))),
        stat(Says("Records waiting", "Records that the chosen groups have not read, summed.",
                  "Not known"), f"sum({q.best(_LAG)})", steps=("text",)),
        stat(Says("Drained in", "Time until the backlog of the slowest of the chosen groups is "
                  "gone at the present speed; 0 if they keep up.", "Does not shrink, or not known"),
             f"max({q.best('backlogd_group_drain_seconds')})", "s",
             ("green", ("orange", 3600), ("red", 21600))),
        stat(Says("Retention headroom", "Least time after which a record that a chosen group has "
                  "not read may be deleted.", "Nothing waiting, or never deleted"),
             f"min({q.best('backlogd_group_retention_headroom_seconds', how='min')})", "s", _SOON),
        stat(Says("Since the last commit", "Time since a committed offset of any chosen group was "
                  "seen to move.", "No commit seen"),
             f"time() - max({q.best('backlogd_group_last_commit_timestamp_seconds')})", "s",
             ("green", ("orange", 300), ("red", 1800))),
        stat(Says("Members", "Members of the chosen groups, summed. Red: nobody reads.",
                  "Not known"),
             f"sum({q.best('backlogd_group_members')})", "none", ("red", ("green", 1))),
        stat(Says("Members missing", "Members that the chosen groups lack to read what is written "
                  "now and to drain their backlogs in analysis.drain_time.",
                  "Capacity of a member not known yet"),
             f"sum(clamp_min({q.best('backlogd_group_members_needed')} - "
             f"{q.best('backlogd_group_members')}, 0))", "none", ("green", ("orange", 1))),
        stat(Says("Records lost", "Records that were deleted before a chosen group read them, in "
                  "the time range shown.", "Not counted (needs detail topic)"),
             f"sum({q.grown('backlogd_group_topic_lost_records_total')})", decimals=0),
        stat(Says("Partitions with unknown lag", "Partitions of the chosen groups whose lag is not "
                  "known now.", "Not known"),
             f"sum({q.best('backlogd_group_unknown_partitions', how='min')})",
             steps=("green", ("orange", 1))),
        stat(Says("Partitions without a commit", "Partitions assigned to members of the chosen "
                  "groups that were never committed.", "Not known (needs detail topic)"),
             f"sum({q.best('backlogd_group_topic_uncommitted_partitions', q.OF_GROUP_TOPIC)})",
             steps=("green", ("orange", 1))),
        stat(Says("Groups chosen", "Groups that this page is about. Choose one above, or follow a "
                  "link to it.", "No group known"),
             f"count({q.best('backlogd_group_state', q.OF_GROUP)})", steps=("text",)),
    ]


def _timelines():
    causes = (f"max by ({q.OF_GROUP}) (count_over_time(backlogd_group_backlog_cause{{{q.GROUP}}}"
              "[$__range] @ end()))")
    status = q.numbered("backlogd_group_status", "status", words.STATUSES, q.most_troubled())
    cause = q.numbered("backlogd_group_backlog_cause", "cause", words.CAUSES, causes)
    return [
        timeline(Says("Status", "What was wrong with the chosen groups, and when: those that were "
                      "not well for longest. The status is the worst of the group's partitions'. A "
                      "gap: not known.", "No status known of a chosen group"),
                 Line(status, _NAME),
                 mapped(dict(enumerate(words.STATUSES.values())))),
        timeline(Says("Cause", "Why the chosen groups had a backlog that grew or stayed: those "
                      "that had one for longest. A gap: no such backlog.",
                      "No backlog that grows or stays"),
                 Line(cause, _NAME),
                 mapped(dict(enumerate(_CAUSE_WORDS.values()))), size=(24, 6)),
    ]


def _advice():
    rank = q.best("backlogd_group_backlog_cause")
    cause = q.best("backlogd_group_backlog_cause", f"{q.OF_GROUP}, cause", q.GROUP)
    advice = f'label_replace({cause}, "advice", "$1", "cause", "(.+)")'
    status = q.best("backlogd_group_status", f"{q.OF_GROUP}, status", q.GROUP)
    first = {name: (text, None) for name, (_, _, text) in words.CAUSES.items()}
    return table(
        Says("Cause and advice", "Why the backlogs of the chosen groups grow or stay, and what to "
             "do first. Empty when none does. In full: docs/runbooks/causes.",
             "No backlog that grows or stays"), _KEYS,
        [Column("Cause", q.among_top(cause, rank, q.OF_GROUP), label="cause",
                words=mapped(_CAUSE_WORDS)),
         Column("What to do first", q.among_top(advice, rank, q.OF_GROUP), label="advice",
                words=mapped(first)),
         Column("Status", q.among_top(status, rank, q.OF_GROUP), label="status",
                words=mapped(words.STATUSES))], sort="Group", ascending=True, size=(24, 7))


def _lags():
    name = "{{kafka_cluster}} {{group}}: {{topic}}"
    drain, headroom = "backlogd_group_drain_seconds", "backlogd_group_retention_headroom_seconds"
    return [
        lines(Says("Delay by topic", "Age of the oldest record of a topic that a group has not "
                   "read and still can, where it was highest; dashed: what the latest of these "
                   "groups may have.", "Not known (needs detail topic)"),
              [Line(q.highest("backlogd_group_topic_lag_seconds", q.OF_GROUP_TOPIC), name),
               Line(q.least_objective(q.peak(_DELAY)), "least objective", dashed=True)],
              "s", to=links.TOPIC),
        lines(Says("Lag by topic", "Records of a topic that a group has not read, where they were "
                   "most. A gap: not known.", "Not known (needs detail topic)"),
              [Line(q.highest("backlogd_group_topic_lag_records", q.OF_GROUP_TOPIC), name)],
              to=links.TOPIC),
        lines(Says("Time until drained", "Time until a group's backlog is gone at the speed of "
                   "that moment, where it was longest. A gap: it did not shrink, or that was not "
                   "known.", "Does not shrink, or not known"),
              [Line(q.highest(drain), _NAME)], "s"),
        lines(Says("Time until records are lost", "Retention headroom: least time after which a "
                   "record that a group has not read may be deleted, where it was shortest. A gap: "
                   "nothing was waiting, or nothing is ever deleted.",
                   "Nothing waiting, or never deleted"),
              [Line(q.chosen(headroom, f"-1 * {q.peak(headroom, how='min')}", how="min"), _NAME)],
              "s", steps=("red", ("transparent", 3600))),
    ]


def _speeds():
    inflow, read = (f"backlogd_group_{each}_records_per_second" for each in
                    ("inflow", "consumption"))
    commit, rank = "backlogd_group_last_commit_timestamp_seconds", q.peak(inflow)
    baselines = [q.chosen(f"backlogd_group_{each}_baseline_records_per_second", rank)
                 for each in ("inflow", "consumption")]
    consumed = "backlogd_group_topic_records_consumed_total"
    return [
        lines(Says("Produced against consumed", "Records a second written for a group (dashed) and "
                   "read by it, where most were written. While the line is below the dashed one, "
                   "the backlog grows.", "No speed known of a chosen group"),
              [Line(q.chosen(inflow, rank), f"{_NAME}: written", dashed=True),
               Line(q.chosen(read, rank), f"{_NAME}: read")], "mps"),
        lines(Says("In normal times", "Records a second written for a group (dashed) and read by "
                   "it while its status was ok: what the panel beside is held against.",
                   "Not learned yet"),
              [Line(baselines[0], f"{_NAME}: written", dashed=True),
               Line(baselines[1], f"{_NAME}: read")], "mps"),
        lines(Says("Commits", "Records a second by which committed offsets advance, by topic, "
                   "where they advanced most.", "Nothing counted (needs detail topic)"),
              [Line(q.chosen_speed(consumed, q.grown_in_all(consumed)),
                    "{{kafka_cluster}} {{group}}: {{topic}}")], "mps", to=links.TOPIC,
              points=FEW_POINTS),
        lines(Says("Time since the last commit", "How long a group's committed offsets have not "
                   "moved, for those that waited longest at the end of the time range. It also "
                   "grows while nothing is written.", "No commit seen"),
              [Line(f"time() - {q.chosen(commit, '-1 * ' + q.peak(commit))}", _NAME)], "s"),
    ]


def _members():
    members, needed = "backlogd_group_members", "backlogd_group_members_needed"
    assigned = "backlogd_group_assigned_partitions"
    rank = q.best(assigned)
    state = q.best("backlogd_group_state", f"{q.OF_GROUP}, type, state", q.GROUP)
    return [
        lines(Says("Members against need", "Members of a group, and those that it would need "
                   "(dashed) to read what is written and drain its backlog in analysis.drain_time, "
                   "where most are needed.", "Capacity of a member not known yet"),
              [Line(q.highest(needed), f"{_NAME}: needed", dashed=True),
               Line(q.chosen(members, q.peak(needed)), f"{_NAME}: members")], "none"),
        lines(Says("Members against assigned partitions", "Members of the chosen groups and the "
                   "watched partitions that they are assigned, both summed. Choose one group: with "
                   "more members than partitions some have nothing to do, and adding more does not "
                   "help.", "No members known of a chosen group"),
              [Line(q.of_top_clusters(f"sum by (kafka_cluster) ({q.best(members)})"),
                    "{{kafka_cluster}}: members"),
               Line(q.of_top_clusters(f"sum by (kafka_cluster) ({q.best(assigned)})"),
                    "{{kafka_cluster}}: assigned partitions", dashed=True)], "none",
              points=FEW_POINTS),
        table(Says("Members and capacity", "The chosen groups with the most assigned partitions: "
                   "state, members, what one of them can read, and how many are needed.",
                   "No members known of a chosen group"), _KEYS,
              [Column("Assigned partitions", q.top(rank), "none"),
               Column("State", q.among_top(state, rank, q.OF_GROUP), label="state"),
               Column("Members", q.among_top(q.best(members), rank), "none",
                      steps=("red", ("text", 1))),
               Column("Needed", q.among_top(q.best(needed), rank), "none"),
               Column("Reads, each member", q.among_top(
                   q.best("backlogd_group_member_capacity_records_per_second"), rank), "mps"),
               Column("Written", q.among_top(
                   q.best("backlogd_group_inflow_records_per_second"), rank), "mps"),
               Column("Read", q.among_top(
                   q.best("backlogd_group_consumption_records_per_second"), rank), "mps")]),
    ]


def _partitions():
    lag = "backlogd_group_partition_lag_records"
    # No pattern: Grafana does not escape the value of a variable that has only one.
    one = f'{q.CLUSTER}, group="$partitions_of", topic=~"$topic"'
    rank = q.best(lag, q.OF_PARTITION)
    status = (f"max by ({q.OF_PARTITION}, status) (backlogd_group_partition_status"
              f"{{{q.GROUP_TOPIC}}} and on ({q.OF_PARTITION}) {q.top(rank)})")
    worst = "backlogd_group_max_lag_records"
    share = (f"{q.chosen(worst, q.peak(worst))} / ({q.chosen(_LAG, q.peak(worst))} > 0)")
    return [
        heatmap(Says("Skew: lag by partition", "Records waiting in each partition of the group "
                     "chosen as Partitions of: at most 100, those with the largest lags. One dark "
                     "row among light ones is a hot key or a stuck partition.",
                     "Not known (needs detail partition)"),
                Line(f"{q.best(lag, 'kafka_cluster, topic, partition', one)} and topk(100, "
                     f"{q.peak(lag, 'kafka_cluster, topic, partition', one)})",
                     "{{topic}}/{{partition}}")),
        lines(Says("Share of the worst partition", "How much of a group's backlog is in one "
                   "partition, for the largest backlogs. 100 %: all of it, which members cannot "
                   "share.", "No backlog"),
              [Line(share, _NAME)], "percentunit"),
        table(Says("Worst partitions", "The partitions of the chosen groups with the most records "
                   "waiting, now.", "Not known (needs detail partition)"),
              {**_KEYS, "topic": "Topic", "partition": "Partition"},
              [Column("Lag", q.top(rank)),
               Column("Delay", q.chosen("backlogd_group_partition_lag_seconds", rank,
                                        q.OF_PARTITION), "s"),
               Column("Status", status, label="status", words=mapped(words.STATUSES))],
              size=(12, 9)),
    ]


def _lost():
    lost = q.grown("backlogd_group_topic_lost_records_total")
    missing = q.best("backlogd_group_topic_uncommitted_partitions", q.OF_GROUP_TOPIC)
    unknown = q.best("backlogd_group_unknown_partitions", how="min")
    keys = {**_KEYS, "topic": "Topic"}
    return [
        table(Says("Lost records", "Which of the chosen groups lost how many records of which "
                   "topic in the time range shown: they were deleted before the group committed "
                   "them.", "No loss counted (needs detail topic)"),
              keys, [Column("Lost", f"{q.top(lost)} > 0", steps=("red",))], size=(8, 8)),
        table(Says("Never committed", "Chosen groups whose members are assigned partitions that "
                   "were never committed. A consumer with enable.auto.commit=false that never "
                   "calls commit looks like this.", "None reported (needs detail topic)"),
              keys, [Column("Partitions", f"{q.top(missing)} > 0", "none")], size=(8, 8)),
        table(Says("Unknown lag", "Chosen groups with partitions whose lag is not known now: the "
                   "broker or the group's coordinator did not answer, or the partition has no "
                   "leader.", "No unknown lag reported"),
              _KEYS, [Column("Partitions", f"{q.top(unknown)} > 0", "none")], size=(8, 8)),
    ]


def build():
    board = frame.new("backlogd-group", "group", "A consumer group: its status, why it has a "
                      "backlog, what to do, when that is gone, and when records are lost.")
    board = board.with_variable(frame.worst_group())
    board = frame.with_row(board, "Now", *_now())
    board = frame.with_row(board, "What is wrong", *_timelines(), _advice())
    board = frame.with_row(board, "Lag", *_lags())
    board = frame.with_row(board, "Speed and commits", *_speeds())
    board = frame.with_row(board, "Members", *_members())
    board = frame.with_row(board, "Partitions", *_partitions())
    return frame.with_row(board, "Losses and gaps", *_lost())
