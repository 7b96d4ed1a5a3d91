"""What each alert is about, which decides who is told of it. A new alert needs a place here."""

import yaml

import catalog

RULES = catalog.REPOSITORY / "alerts" / "backlogd.rules.yaml"

GROUP = [f"Backlogd{name}" for name in (
    "GroupLagGrowing", "GroupLate", "GroupLateBurn", "GroupLateBurnSlow", "GroupStuck",
    "GroupWithoutMembers", "GroupRewound", "GroupUnderprovisioned", "CommitsMissing",
    "RetentionNear", "RecordsLost", "LagUnknown")]
DEAD_LETTERS = [f"BacklogdDeadLetters{name}" for name in (
    "", "Surge", "Share", "Old", "Growing", "Expired", "OneReason", "Unhandled")]
CLUSTER = [f"Backlogd{name}" for name in (
    "PartitionsWithoutLeader", "PartitionsUnderReplicated", "ClusterNotUp", "DataStale",
    "BrokerLimits", "PollRefused", "PollFailing", "AuthenticationFailing", "SeriesMany")]
EXPORTER = [f"Backlogd{name}" for name in ("ReloadFailed", "Down", "Absent")]
WATCHDOG = ["BacklogdWatchdog"]
ALL = GROUP + DEAD_LETTERS + CLUSTER + EXPORTER + WATCHDOG


def shipped():
    """{name: severity} of alerts/backlogd.rules.yaml."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule["labels"]["severity"]
            for group in groups for rule in group["rules"] if "alert" in rule}


def labels(name, severity, group="orders.audit", cluster="production", **others):
    """As Prometheus would send them."""
    own = {"alertname": name, "severity": severity}
    if name in GROUP:
        own |= {"kafka_cluster": cluster, "group": group}
    elif name in DEAD_LETTERS:
        own |= {"kafka_cluster": cluster, "topic": group + ".dlq"}
    elif name in CLUSTER:
        own |= {"kafka_cluster": cluster}
    elif name == "BacklogdDown":
        own |= {"job": "backlogd", "instance": "localhost:12092"}
    return own | others
