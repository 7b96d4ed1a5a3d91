"""What all dashboards have in common: variables that narrow each other down, links among them, and
marks where alerts fired."""

import json

import panels
from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

# Grafana 10 to 13 read it; 42 is the last of its kind.
SCHEMA_VERSION = 39
TAG = "backlogd"

_CLUSTER = 'job=~"$job", kafka_cluster=~"$kafka_cluster"'
# Asked of series of which there are few: one for each group or topic, none for a partition.
_QUERIES = {
    "job": ("Job", "label_values(backlogd_build_info, job)"),
    "kafka_cluster": ("Cluster", 'label_values(backlogd_up{job=~"$job"}, kafka_cluster)'),
    "group": ("Group", f"label_values(backlogd_group_state{{{_CLUSTER}}}, group)"),
    "topic": ("Topic", f"label_values(backlogd_topic_partitions{{{_CLUSTER}}}, topic)"),
}
_TOPS = ("10", "20", "50")


def new(uid, title, description, *, hidden=()):
    """An empty dashboard. Variables among `hidden` are not used by its panels: they only keep what
    was chosen on the others."""
    board = (dashboard.Dashboard(f"backlogd: {title}").uid(uid).description(description)
             .tags([TAG, "kafka"]).readonly().timezone("browser").refresh("1m")
             .time("now-3h", "now").tooltip(models.DashboardCursorSync.CROSSHAIR)
             .fiscal_year_start_month(0).live_now(False).week_start("")
             .link(dashboard.DashboardLink("backlogd").type(models.DashboardLinkType.DASHBOARDS)
                   .tags([TAG]).as_dropdown(True).include_vars(True).keep_time(True)
                   .icon("external link"))
             .annotation(_alerts())
             .with_variable(dashboard.DatasourceVariable("datasource").label("Data source")
                            .type("prometheus")))
    for name in _QUERIES:
        board = board.with_variable(_query_variable(name, name in hidden))
    return board.with_variable(_top("top" in hidden))


def _alerts():
    return (dashboard.AnnotationQuery().name("Alerts").datasource(panels.SOURCE).enable(True)
            .hide(False).icon_color("red")
            .expr('max by (alertname, kafka_cluster) (ALERTS{alertname=~"Backlogd.+", '
                  'alertname!="BacklogdWatchdog", alertstate="firing"})'))


def _hide(is_hidden):
    return models.VariableHide.HIDE_VARIABLE if is_hidden else models.VariableHide.DONT_HIDE


def _query_variable(name, is_hidden):
    label, query = _QUERIES[name]
    return (dashboard.QueryVariable(name).label(label).datasource(panels.SOURCE)
            .query({"query": query, "refId": f"variable-{name}"}).hide(_hide(is_hidden))
            .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(models.VariableSort.ALPHABETICAL_ASC).multi(True).include_all(True)
            .all_value(".+").regex("")
            .current(models.VariableOption(selected=True, text=["All"], value=["$__all"])))


def worst_group():
    """One group for the heat map, which would be too much for all: first the one with the largest
    backlog among those chosen."""
    query = (f'query_result(topk($top, max by (group) (backlogd_group_max_lag_records{{{_CLUSTER}, '
             'group=~"$group"})))')
    return (dashboard.QueryVariable("partitions_of").label("Partitions of")
            .description("The group that the heat map shows").datasource(panels.SOURCE)
            .query({"query": query, "refId": "variable-partitions_of"})
            .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(models.VariableSort.DISABLED).multi(False).include_all(False)
            .regex(r'/group="([^"]+)"/'))


def _top(is_hidden):
    options = [models.VariableOption(selected=number == _TOPS[0], text=number, value=number)
               for number in _TOPS]
    return (dashboard.CustomVariable("top").label("Top").values(",".join(_TOPS))
            .description("How many groups, topics or partitions a panel shows at most")
            .hide(_hide(is_hidden)).multi(False).include_all(False).options(options)
            .current(options[0]))


def with_row(board, title, *shown):
    board = board.with_row(dashboard.Row(title))
    for panel in shown:
        board = board.with_panel(panel)
    return board


def to_json(board):
    """As Grafana's own JSON model, with what the builders leave out."""
    content = json.loads(JSONEncoder().encode(board.build()))
    del content["style"]  # which Grafana gave up
    content |= {"id": None, "schemaVersion": SCHEMA_VERSION, "timepicker": {}}
    for number, panel in enumerate(content["panels"], 1):
        panel["id"] = number
        panel.pop("repeatDirection", None)
        defaults = panel.get("fieldConfig", {}).get("defaults", {})
        if "links" in defaults:  # of which the builders make links of a dashboard
            defaults["links"] = [{key: link[key] for key in ("title", "url", "targetBlank")}
                                 for link in defaults["links"]]
    for variable in content["templating"]["list"]:
        for name in ("id", "auto", "auto_min", "auto_count"):  # of variables of other types
            variable.pop(name, None)
        for name, nothing in (("current", {}), ("options", []), ("regex", "")):
            variable.setdefault(name, nothing)  # as Grafana itself saves them
        if variable["type"] == "query":
            variable["definition"] = variable["query"]["query"]
    for annotation in content["annotations"]["list"]:
        annotation |= {"step": "60s", "titleFormat": "{{alertname}}",
                       "textFormat": "{{kafka_cluster}}", "useValueForTime": False}
    return content
