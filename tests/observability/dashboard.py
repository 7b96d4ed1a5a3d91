"""Reads a Grafana dashboard, and does to its expressions what Grafana does."""

import collections
import json
import re

# `title` is the panel's; `name` is unique in the dashboard, made of [a-z_0-9].
Target = collections.namedtuple("Target", "title name expr instant")

_ALL = {name: ".+" for name in ("$job", "$kafka_cluster", "$group", "$topic")}
_VARIABLES = _ALL | {"$__rate_interval": "5m", "$__range": "30m", "$top": "2",
                      "$partitions_of": "billing"}


class Dashboard:
    def __init__(self, path):
        self.name = path.name
        self.json = json.loads(path.read_text(encoding="utf-8"))

    @property
    def variables(self):
        return {variable["name"]: variable for variable in self.json["templating"]["list"]}

    @property
    def panels(self):
        return [panel for panel in self.json["panels"] if panel["type"] != "row"]

    def targets(self):
        for panel in self.panels:
            for target in panel["targets"]:
                yield Target(panel["title"], f"panel_{panel['id']}_{target['refId'].lower()}",
                             target["expr"], target["instant"])

    def expression(self, title, ref="A", chosen=None):
        """The expanded expression of one target."""
        panel, = [p for p in self.panels if p["title"] == title]
        target, = [t for t in panel["targets"] if t["refId"] == ref]
        return expand(target["expr"], chosen)


def expand(expression, chosen=None):
    """Puts values in the place of variables: All, unless `chosen` has another."""
    values = _VARIABLES | (chosen or {})
    for name in sorted(values, key=len, reverse=True):
        expression = expression.replace(name, values[name])
    left = re.search(r"\$[A-Za-z_]\w*", expression)
    if left:
        raise ValueError(f"unknown variable {left[0]} in {expression}")
    return expression
