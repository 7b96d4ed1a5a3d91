"""Links from a group or topic to its own dashboard. They keep time and variables, and set those
that they are about."""

import urllib.parse

from grafana_foundation_sdk.builders import dashboard

GROUP, TOPIC, DEAD_LETTERS = "backlogd-group", "backlogd-topic", "backlogd-dead-letters"
_TITLES = {GROUP: "Group ", TOPIC: "Topic ", DEAD_LETTERS: "Dead letters of "}
_KEPT = ("datasource", "job", "kafka_cluster", "group", "topic", "top")
# Which label says what a dashboard is about.
OF_LABEL = {"group": (GROUP, "group"), "topic": (TOPIC, "topic"), "source_topic": (TOPIC, "topic"),
            "kafka_cluster": ("backlogd-overview", None)}


def _url(uid, chosen):
    """`chosen`: what variables are set to, as Grafana's own expressions; others are kept."""
    parameters = [f"var-{name}=${{{chosen[name]}:percentencode}}" if name in chosen
                  else f"${{{name}:queryparam}}" for name in _KEPT]
    return f"/d/{urllib.parse.quote(uid)}?{'&'.join(parameters)}&${{__url_time_range}}"


def from_cell(label):
    uid, variable = OF_LABEL[label]
    chosen = {"kafka_cluster": "__data.fields.kafka_cluster"}
    if variable:
        chosen[variable] = f"__data.fields.{label}"
    title = "Show ${__value.text}"
    found = [{"title": title, "url": _url(uid, chosen)}]
    if variable == "topic":
        found.append({"title": "Its dead letters", "url": _url(DEAD_LETTERS, chosen)})
    return found


def from_series(uid):
    label = "group" if uid == GROUP else "topic"
    field = f"__field.labels.{label}"
    chosen = {"kafka_cluster": "__field.labels.kafka_cluster", label: field}
    return [dashboard.DashboardLink(f"{_TITLES[uid]}${{{field}}}").url(_url(uid, chosen))]
