"""The metrics that backlogd serves, read from docs/metrics.md.

That page is generated from the catalog in src/exposition/metric_catalog.cc, and a unit test of that
room fails when the two differ.
"""

import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_ROW = re.compile(r"\| `(\w+)` \| (\w+) \| (.*?) \| .+ \|")
_TYPES = {"gauge", "counter", "histogram", "summary", "info"}
_SAMPLES = {"histogram": {"_bucket": {"le"}, "_sum": set(), "_count": set()},
            "summary": {"": {"quantile"}, "_sum": set(), "_count": set()}}

# Labels that a scrape adds to every series.
TARGET_LABELS = frozenset({"job", "instance", "pod"})
# Labels that say something of what the others name: one series of each.
SAID = {"backlogd_dlq_info": frozenset({"group", "source_topic", "convention"}),
        "backlogd_group_state": frozenset({"type", "state"}),
        "backlogd_group_status": frozenset({"status"}),
        "backlogd_group_backlog_cause": frozenset({"cause"}),
        "backlogd_build_info": frozenset({"version", "revision"})}
# What Prometheus itself writes.
_ALERT = {"alertname", "severity", "kafka_cluster", "group", "topic"}
_OWN = {"up": set(), "ALERTS": _ALERT | {"alertstate"}, "ALERTS_FOR_STATE": _ALERT,
        # What our rules record.
        "backlogd:group_lag_objective:seconds": {"kafka_cluster", "group"}}


def read_samples(page=REPOSITORY / "docs" / "metrics.md"):
    """The labels of each series that may be asked for, by the name that its samples carry."""
    samples = {name: labels | TARGET_LABELS for name, labels in _OWN.items()}
    families = 0
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        row = _ROW.fullmatch(line)
        if not row or row[2] not in _TYPES:
            raise ValueError(f"{page}: not a row of the catalog: {line}")
        families += 1
        labels = set(re.findall(r"`(\w+)`", row[3])) | TARGET_LABELS
        for suffix, more in _SAMPLES.get(row[2], {"": set()}).items():
            samples[row[1] + suffix] = labels | more
    if families == 0:
        raise ValueError(f"{page}: no metric in it")
    return samples
