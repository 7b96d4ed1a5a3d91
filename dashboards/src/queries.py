"""PromQL that the dashboards share.

Replicas of backlogd show the same, so everything is first aggregated over job, instance and pod. A
query whose result has a series for each group, topic or cluster is bounded by $top.
"""

CLUSTER = 'job=~"$job", kafka_cluster=~"$kafka_cluster"'
GROUP = f'{CLUSTER}, group=~"$group"'
TOPIC = f'{CLUSTER}, topic=~"$topic"'
GROUP_TOPIC = f'{GROUP}, topic=~"$topic"'

OF_CLUSTER = "kafka_cluster"
OF_GROUP = "kafka_cluster, group"
OF_TOPIC = "kafka_cluster, topic"
OF_GROUP_TOPIC = "kafka_cluster, group, topic"
OF_PARTITION = "kafka_cluster, group, topic, partition"

# Seconds that a group may be late where no recording rule says otherwise.
DEFAULT_OBJECTIVE = 300
OBJECTIVE = "backlogd:group_lag_objective:seconds"
_BY_DEFAULT = {OF_GROUP: GROUP, OF_TOPIC: TOPIC, OF_GROUP_TOPIC: GROUP_TOPIC, OF_CLUSTER: CLUSTER,
               OF_PARTITION: GROUP_TOPIC}


def best(metric, by=OF_GROUP, where=None, how="max"):
    """What the replicas say of it, once."""
    return f"{how} by ({by}) ({metric}{{{where or _BY_DEFAULT[by]}}})"


def speed(metric, by=OF_GROUP_TOPIC, where=None):
    """The rate of a counter a second, once."""
    return f"max by ({by}) (rate({metric}{{{where or _BY_DEFAULT[by]}}}[$__rate_interval]))"


def grown(metric, by=OF_GROUP_TOPIC, where=None, at=""):
    """The increase of a counter in the time range that is shown, once."""
    return f"max by ({by}) (increase({metric}{{{where or _BY_DEFAULT[by]}}}[$__range]{at}))"


def grown_in_all(metric, by=OF_GROUP_TOPIC, where=None):
    """The same for each moment: a rank over time."""
    return grown(metric, by, where, " @ end()")


def peak(metric, by=OF_GROUP, where=None, how="max"):
    """The most (or least) in the time range: one value, whichever moment is asked for."""
    return (f"{how} by ({by}) ({how}_over_time("
            f"{metric}{{{where or _BY_DEFAULT[by]}}}[$__range] @ end()))")


def top(expression):
    return f"topk($top, {expression})"


def among_top(expression, rank, on=None):
    """Those of a query whose `rank` is among the highest."""
    matching = f"and on ({on})" if on else "and"
    return f"{expression} {matching} topk($top, {rank})"


def chosen(metric, rank, by=OF_GROUP, where=None, how="max"):
    """Over time, those whose `rank` is among the highest: chosen first, and only then aggregated,
    because there may be thousands."""
    return (f"{how} by ({by}) ({metric}{{{where or _BY_DEFAULT[by]}}} "
            f"and on ({by}) topk($top, {rank}))")


def chosen_speed(metric, rank, by=OF_GROUP_TOPIC, where=None):
    return (f"max by ({by}) (rate({metric}{{{where or _BY_DEFAULT[by]}}}[$__rate_interval]) "
            f"and on ({by}) topk($top, {rank}))")


def highest(metric, by=OF_GROUP, where=None):
    """Over time, those with the highest peaks in the time range."""
    return chosen(metric, peak(metric, by, where), by, where)


def of_top_clusters(expression):
    """Of so many clusters, first those that did not answer in the time range."""
    return (f"{expression} and on ({OF_CLUSTER}) "
            f"topk($top, -1 * {peak('backlogd_up', OF_CLUSTER, how='min')})")


def objective():
    """Seconds that each group may be late."""
    ruled = f'{OBJECTIVE}{{kafka_cluster=~"$kafka_cluster", group=~"$group"}}'
    known = best("backlogd_group_lag_seconds")
    return (f"(max by ({OF_GROUP}) ({ruled}) "
            f"or clamp({known}, {DEFAULT_OBJECTIVE}, {DEFAULT_OBJECTIVE}))")


def least_objective(rank):
    """Over time, that of the groups of the highest `rank`; a number wherever a delay is known."""
    limits = f"{DEFAULT_OBJECTIVE}, {DEFAULT_OBJECTIVE}"
    known = f"clamp(backlogd_group_lag_seconds{{{GROUP}}}, {limits})"
    ruled = f'{OBJECTIVE}{{kafka_cluster=~"$kafka_cluster", group=~"$group"}}'
    best_of = f"topk($top, {rank})"
    return (f"min(max by ({OF_GROUP}) ({ruled} and on ({OF_GROUP}) {best_of}) "
            f"or max by ({OF_GROUP}) ({known} and on ({OF_GROUP}) {best_of}))")


def objective_used():
    return f"{best('backlogd_group_lag_seconds')} / {objective()}"


def numbered(metric, label, names, rank):
    """For a timeline, of the groups of the highest `rank`: the number of what `label` says, by its
    place in `names`. Numbers are put in after the choice: that way 3,000 groups cost little."""
    numbers = " or ".join(f'label_replace(vector({number}), "{label}", "{name}", "", "")'
                          for number, name in enumerate(names))
    some = f"{metric}{{{GROUP}}} and on ({OF_GROUP}) topk($top, {rank})"
    return f"max by ({OF_GROUP}) (({some}) * on ({label}) group_left () ({numbers}))"


def most_troubled():
    """Ranks groups by how long they were not well in the time range."""
    status = "backlogd_group_status"
    return (f'(max by ({OF_GROUP}) (count_over_time({status}{{{GROUP}, '
            f'status!~"ok|catching_up"}}[$__range] @ end())) '
            f"or 0 * max by ({OF_GROUP}) (count_over_time({status}{{{GROUP}}}"
            "[$__range] @ end())))")


# Dead-letter queues that have to do with the chosen groups and topics: the queue itself or the
# topic that its records come from. A queue whose group is not known has an empty one.
_QUEUE = f'{CLUSTER}, group=~"$group|"'
_OF_CHOSEN = (f'{_QUEUE}, topic=~"$topic"', f'{_QUEUE}, source_topic=~"$topic"')
_OF_CHOSEN_SOURCE = (f'{_QUEUE}, source_topic!="", topic=~"$topic"', _OF_CHOSEN[1])


def _infos(selectors):
    """Those of the time range's end: asked for once, whatever the moment."""
    return " or ".join(f"last_over_time(backlogd_dlq_info{{{each}}}[$__range] @ end())"
                       for each in selectors)


QUEUES = f"({_infos(_OF_CHOSEN)})"
QUEUES_NOW = "(" + " or ".join(f"backlogd_dlq_info{{{each}}}" for each in _OF_CHOSEN) + ")"


def of_queues(expression):
    return f"{expression} and on ({OF_TOPIC}) {QUEUES}"


def queue(metric, by=OF_TOPIC, how="max"):
    return of_queues(best(metric, by, CLUSTER, how))


def queue_speed(metric, by=OF_TOPIC):
    return of_queues(speed(metric, by, CLUSTER))


def queue_peak(metric, by=OF_TOPIC, how="max"):
    return of_queues(peak(metric, by, CLUSTER, how))


def share_of_source(count=speed):
    """Dead letters for each record written to the topic that they come from, by that topic.
    `count`: speed, or grown_in_all for a rank."""
    sources = f"max by (kafka_cluster, topic, source_topic) ({_infos(_OF_CHOSEN_SOURCE)})"
    dead = count("backlogd_dlq_records_total", OF_TOPIC, CLUSTER)
    arriving = (f"sum by (kafka_cluster, source_topic) ({sources} "
                f"* on ({OF_TOPIC}) group_left () {dead})")
    by_topic = f'label_replace({arriving}, "topic", "$1", "source_topic", "(.+)")'
    written = count("backlogd_topic_records_produced_total", OF_TOPIC, CLUSTER)
    return f"sum by ({OF_TOPIC}) ({by_topic}) / ({written} > 0)"


def of_backlogd(expression):
    """Of a metric that other programs have too, what backlogd's own processes say."""
    return f'{expression} and on (job, instance) backlogd_build_info{{job=~"$job"}}'
