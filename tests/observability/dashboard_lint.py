"""The rules of Grafana's dashboard-linter, for classic dashboards, by their names.

Nothing of ours asks Loki. So its two rules know a target by its data source and check what can be
seen without a parser of LogQL; what they cannot judge they refuse.
"""

import re

import dashboard as grafana
import promql
import promtool

_ASKING = ("singlestat", "gauge", "table", "stat", "state-timeline", "timeseries")
_PANELS = ("stat", "graph", "table", "timeseries", "gauge", "singlestat")
# Those of the linter's long list that we use.
_UNITS = {"none", "short", "s", "percentunit", "bytes", "cps", "mps", "reqps", "bool_yes_no",
          "dateTimeFromNow"}
_JOB, _INSTANCE = ('=~"$job"', '=~"$instance"')


def problems(dashboard):
    """Pairs of a rule's name and what breaks it."""
    for rule, check in RULES.items():
        for problem in check(dashboard):
            yield rule, problem


def read_exclusions(path):
    """What a .lint file turns off: for each rule the panels, or None for all."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r'^  ([\w-]+):\n    reason: ".+"\n((?:    .*\n)*)', text, re.MULTILINE)
    return {rule: set(re.findall(r'- panel: "(.+)"', entries)) or None for rule, entries in found}


def is_excluded(exclusions, rule, problem):
    """`problem`: as problems() words it, with the panel's title first"""
    panels = exclusions.get(rule, set())
    return panels is None or problem.partition(": ")[0] in panels


def _promql_targets(dashboard):
    asking_loki = set(_logql_targets(dashboard))
    return [one for one in dashboard.targets() if (one.title, one.expr) not in asking_loki]


def _selectors(dashboard):
    for target in _promql_targets(dashboard):
        for selector in promql.read(target.expr.replace("$top", "10")).selectors:
            yield target, selector


def _template_datasource(dashboard):
    sources = [v for v in dashboard.variables.values() if v["type"] == "datasource"]
    if [(v["name"], v["label"], v["query"]) for v in sources] != [
            ("datasource", "Data source", "prometheus")]:
        yield f"one variable 'datasource', labelled 'Data source', is wanted, not {sources}"


def _template_variable(name):
    def check(dashboard):
        variable = dashboard.variables.get(name, {})
        wanted = {"type": "query", "label": name.capitalize(), "multi": True, "allValue": ".+"}
        for key, value in wanted.items():
            if variable.get(key) != value:
                yield f"{key} of variable {name} is {variable.get(key)!r}, not {value!r}"
        if variable.get("datasource", {}).get("uid") not in ("$datasource", "${datasource}"):
            yield f"variable {name} does not use the variable datasource"
    return check


def _queries(dashboard):
    return [v for v in dashboard.variables.values() if v["type"] == "query"]


def _template_label_promql(dashboard):
    for variable in _queries(dashboard):
        if not re.fullmatch(r"(label_names|label_values|metrics|query_result)\(.+\)",
                            variable["query"]["query"]):
            yield variable["query"]["query"]


def _template_reload(dashboard):
    for variable in _queries(dashboard):
        if variable["refresh"] != 2:
            yield f"variable {variable['name']} is not reloaded when the time range changes"


def _panel_datasource(dashboard):
    for panel in dashboard.panels:
        for source in [panel["datasource"]] + [t["datasource"] for t in panel["targets"]]:
            if source["uid"] not in ("$datasource", "${datasource}"):
                yield panel["title"]


def _panel_title_description(dashboard):
    for panel in dashboard.panels:
        if panel["type"] in _PANELS and not (panel.get("title") and panel.get("description")):
            yield f"panel {panel['id']}"


def _panel_units(dashboard):
    for panel in dashboard.panels:
        if panel["type"] in _PANELS and panel["fieldConfig"]["defaults"].get("unit") not in _UNITS:
            yield panel["title"]


def _panel_no_targets(dashboard):
    for panel in dashboard.panels:
        if panel["type"] in _PANELS and not panel.get("targets"):
            yield panel["title"]


def _logql_targets(dashboard):
    """(panel's title, expression) of each target that asks Loki."""
    for panel in dashboard.panels:
        for target in panel["targets"]:
            kinds = {source.get("type") for source in (panel["datasource"], target["datasource"])}
            if "loki" in kinds:
                yield panel["title"], target["expr"]


def _target_logql(dashboard):
    for title, expr in _logql_targets(dashboard):
        # Closed parentheses around a stream selector is all that is known of LogQL here.
        closed = all(expr.count(a) == expr.count(b) for a, b in ("()", "[]", "{}"))
        if not closed or not re.search(r'\{\s*\w+\s*(=|!=|=~|!~)\s*(".*"|`.*`)', expr):
            yield f"{title}: {expr}"


def _target_logql_auto(dashboard):
    for title, expr in _logql_targets(dashboard):
        for span in re.findall(r"\[([^\]]*)\]", expr):
            if span != "$__auto":
                yield f"{title}: [{span}]"


def _target_promql(dashboard):
    ids = {panel["id"] for panel in dashboard.panels}
    asked = {}
    for panel in dashboard.panels:
        if panel["type"] not in _ASKING:
            continue
        for target in panel["targets"]:
            if "loki" in (panel["datasource"].get("type"), target["datasource"].get("type")):
                continue
            if target["expr"]:
                asked[f"panel_{panel['id']}_{target['refId'].lower()}"] = (panel, target["expr"])
            elif target.get("panelId") not in ids:
                yield f"{panel['title']}: asks for nothing, and shows no other panel's data"
    yield from _unparsable(asked)


def _unparsable(asked):
    """What promtool cannot read; one by one only if it does not take all at once."""
    expanded = {name: grafana.expand(expr, {"$instance": ".+"})
                for name, (_, expr) in asked.items()}
    if not expanded or promtool.check_expressions(expanded)[0]:
        return
    for name, expr in expanded.items():
        if not promtool.check_expressions({name: expr})[0]:
            yield f"{asked[name][0]['title']}: {expr}"


def _target_rate_interval(dashboard):
    for target, selector in _selectors(dashboard):
        if selector.range is None or selector.range == "$__rate_interval":
            continue
        if selector.function in (None, "rate", "irate"):
            yield f"{target.title}: [{selector.range}]"


def _target_matcher(label, wanted):
    def check(dashboard):
        for target, selector in _selectors(dashboard):
            if selector.matchers.get(label) != wanted:
                yield f"{target.title}: {selector.metric}"
    return check


def _target_counter(dashboard):
    for target, selector in _selectors(dashboard):
        ranged = selector.range and selector.function in ("rate", "irate", "increase")
        if selector.metric.endswith("_total") and not ranged:
            yield f"{target.title}: {selector.metric}"


def _uneditable(dashboard):
    if dashboard.json.get("editable", False):
        yield "editable must be false"


RULES = {
    "template-datasource-rule": _template_datasource,
    "template-job-rule": _template_variable("job"),
    "template-instance-rule": _template_variable("instance"),
    "template-label-promql-rule": _template_label_promql,
    "template-on-time-change-reload-rule": _template_reload,
    "panel-datasource-rule": _panel_datasource,
    "panel-title-description-rule": _panel_title_description,
    "panel-units-rule": _panel_units,
    "panel-no-targets-rule": _panel_no_targets,
    "target-logql-rule": _target_logql,
    "target-logql-auto-rule": _target_logql_auto,
    "target-promql-rule": _target_promql,
    "target-rate-interval-rule": _target_rate_interval,
    "target-job-rule": _target_matcher("job", _JOB),
    "target-instance-rule": _target_matcher("instance", _INSTANCE),
    "target-counter-agg-rule": _target_counter,
    "uneditable-dashboard": _uneditable,
}
