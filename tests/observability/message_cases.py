"""Alerts, with the annotations that ours have, for looking at the messages about them."""

# Of what is alone in its message. Several that began long ago are not waited for: they begin when
# they are posted, so that they are one message.
_START = "2026-01-05T03:04:00Z"
_END = "2026-01-05T03:18:30Z"
_RUNBOOKS = "https://github.com/backlogd/backlogd/blob/main/docs/runbooks/"
_DASHBOARDS = "https://grafana.example/d/"


def late(group, cluster="production", team="payments"):
    return {
        "labels": {"alertname": "BacklogdGroupLateBurn", "severity": "critical", "group": group,
                   "kafka_cluster": cluster, "team": team},
        "annotations": {
            "summary": "A consumer group is late, and soon all its allowance is used.",
            "description": f"Group {group} of cluster {cluster} is 25m late (allowed: 5m) and has "
                           "18.2k records waiting. Cause: its consumers are slower than usual.",
            "advice": "Look for what slows the consumers down; 4 members are needed, it has 2.",
            "summary_zh": "消费者组延迟过大,允许的迟到时间即将用尽。",
            "description_zh": f"集群 {cluster} 的消费者组 {group} 迟了 25m(允许 5m),"
                              "有 18.2k 条消息等待。原因:消费者比平时慢。",
            "advice_zh": "查明是什么拖慢了消费者;需要 4 个成员,现有 2 个。",
            "runbook_url": _RUNBOOKS + "BacklogdGroupLateBurn.md",
            "dashboard_url": f"{_DASHBOARDS}backlogd-group?var-kafka_cluster={cluster}"
                             f"&var-group={group}",
        },
    }


def bare(**labels):
    return {"labels": {"alertname": "BacklogdGroupStuck", "severity": "warning", **labels},
            "annotations": {}}


def about_cluster(name, severity, summary, summary_zh):
    return {
        "labels": {"alertname": name, "severity": severity, "kafka_cluster": "production"},
        "annotations": {
            "summary": summary, "summary_zh": summary_zh, "description": summary + " (3 of 120)",
            "description_zh": summary_zh + "(120 个中的 3 个)",
            "advice": f"Read the page of {name}.", "advice_zh": f"阅读 {name} 的手册。",
            "runbook_url": f"{_RUNBOOKS}{name}.md",
            "dashboard_url": _DASHBOARDS + "backlogd-overview?var-kafka_cluster=production"},
    }


def hostile():
    alert = late("<!channel> <b>&co</b> <https://evil.example|x> \"'\n*bold*")
    alert["annotations"]["dashboard_url"] = "https://grafana.example/d/x?var-group=%3Cb%3E&a=b"
    alert["annotations"]["runbook_url"] = "javascript:alert(1)"
    return alert


def alone(alert):
    return {**alert, "startsAt": _START}


def long(at):
    """Names as long as Kafka allows, of letters that take three bytes each."""
    alert = late(f"{at}" + "消费者组" * 60, "生产集群" * 20)
    texts = alert["annotations"]
    texts |= {key: "字" * 1000 for key in texts if "url" not in key and "summary" not in key}
    texts["dashboard_url"] = f"{_DASHBOARDS}backlogd-group?var-group=" + "%E6%B6%88" * 240
    return alert


def over(alert):
    """`endsAt` of what began when it was posted is the time at which that is told."""
    return {**alert, "endsAt": _END if "startsAt" in alert else None}


_ONE = alone(late("wps.file.consumer.group"))
MANY = [late(f"orders.consumer-{at:02}") for at in range(14)]
CLUSTER = [
    about_cluster("BacklogdDataStale", "critical",
                  "Nothing has been read from a Kafka cluster for minutes.",
                  "数分钟来没有从 Kafka 集群读到任何数据。"),
    about_cluster("BacklogdPartitionsWithoutLeader", "critical",
                  "Partitions have no leader and can be neither read nor written.",
                  "分区没有 leader,既不能读也不能写。"),
]
# What is posted first, and what is posted when that was told.
CASES = {
    "one": ([_ONE], []),
    "many": (MANY, []),
    "cluster": (CLUSTER, []),
    "resolved": ([_ONE], [over(_ONE)]),
    "partly": (MANY[:2], [over(MANY[0])]),
    "bare": ([alone(bare(group="orders.audit", kafka_cluster="production"))], []),
    "nameless": ([alone(bare())], []),
    "long": ([long(at) for at in range(4)], [over(long(0))]),
    "hostile": ([alone(hostile())], []),
}
