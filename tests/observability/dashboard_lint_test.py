"""Each rule of dashboard_lint finds what it is there for."""

import copy
import unittest

import catalog
import dashboard as grafana
import dashboard_lint

_SELECTOR = 'backlogd_up{job=~"$job", instance=~"$instance"}'
_EXPR = f"max by (kafka_cluster) ({_SELECTOR})"


def _variable(content, name):
    return next(v for v in content["templating"]["list"] if v["name"] == name)


def _set_expr(expr):
    return lambda c: c["panels"][1]["targets"][0].update(expr=expr)


def _counter(call):
    return _set_expr(call.format(
        'backlogd_topic_records_produced_total{job=~"$job", instance=~"$instance"}'))


def _loki(expr):
    def ask(content):
        content["panels"][1]["targets"][0].update(
            expr=expr, datasource={"type": "loki", "uid": "$datasource"})
    return ask


# What breaks a rule, in a dashboard that breaks none.
_BREAKS = [
    ("template-datasource-rule", lambda c: _variable(c, "datasource").update(name="source")),
    ("template-datasource-rule", lambda c: _variable(c, "datasource").update(label="Source")),
    ("template-job-rule", lambda c: _variable(c, "job").update(name="task")),
    ("template-job-rule", lambda c: _variable(c, "job").update(multi=False)),
    ("template-job-rule", lambda c: _variable(c, "job").update(allValue=".*")),
    ("template-job-rule", lambda c: _variable(c, "job")["datasource"].update(uid="abc")),
    ("template-instance-rule", lambda c: _variable(c, "instance").update(label="Host")),
    ("template-label-promql-rule", lambda c: _variable(c, "topic")["query"].update(query="up")),
    ("template-on-time-change-reload-rule", lambda c: _variable(c, "group").update(refresh=1)),
    ("panel-datasource-rule", lambda c: c["panels"][1]["datasource"].update(uid="abc")),
    ("panel-title-description-rule", lambda c: c["panels"][1].update(description="")),
    ("panel-units-rule", lambda c: c["panels"][1]["fieldConfig"]["defaults"].update(unit="rec")),
    ("panel-no-targets-rule", lambda c: c["panels"][1].update(targets=[])),
    ("target-logql-rule", _loki("sum(count_over_time({[$__auto]))")),
    ("target-logql-rule", _loki("error")),
    ("target-logql-rule", _loki('rate({app="backlogd" |= "error" [$__auto])')),
    ("target-logql-auto-rule", _loki('rate({app="backlogd"}[5m])')),
    ("target-logql-auto-rule", _loki('rate({app="backlogd"}[$__rate_interval])')),
    ("target-promql-rule", _set_expr(f"sum({_SELECTOR}) +")),
    ("target-promql-rule", _set_expr(f"summ({_SELECTOR})")),
    ("target-promql-rule", _set_expr(f"rate({_SELECTOR})")),
    ("target-promql-rule", _set_expr("")),
    ("target-promql-rule", lambda c: c["panels"][1]["targets"][0].update(expr="", panelId=4711)),
    ("target-rate-interval-rule", _counter("rate({}[5m])")),
    ("target-rate-interval-rule", _set_expr(f"({_SELECTOR}[1h])")),
    ("target-job-rule", _set_expr(_EXPR.replace('job=~"$job"', 'job="$job"'))),
    ("target-instance-rule", _set_expr(_EXPR.replace('instance=~"$instance"', ""))),
    ("target-counter-agg-rule", _counter("sum({})")),
    ("target-counter-agg-rule", _counter("max_over_time({}[1h])")),
    ("uneditable-dashboard", lambda c: c.update(editable=True)),
]


class DashboardLintTest(unittest.TestCase):
    def setUp(self):
        self.dashboard = grafana.Dashboard(
            catalog.REPOSITORY / "dashboards" / "backlogd-overview.json")
        content = self.dashboard.json
        content["templating"]["list"].append(
            copy.deepcopy(_variable(content, "job")) | {"name": "instance", "label": "Instance"})
        content["panels"] = content["panels"][:2]  # a row and a panel
        content["panels"][1]["targets"][0]["expr"] = _EXPR

    def rules_broken(self):
        return {rule for rule, _ in dashboard_lint.problems(self.dashboard)}

    def test_finds_nothing_in_a_good_dashboard(self):
        self.assertEqual(self.rules_broken(), set())

    def test_takes_what_is_no_problem(self):
        good = copy.deepcopy(self.dashboard.json)
        shown = good["panels"][1]["id"]
        for fine in (_loki('sum(rate({app="backlogd"} |= "error" [$__auto]))'),
                     lambda c: c["panels"][1]["targets"][0].update(expr="", panelId=shown)):
            self.dashboard.json = copy.deepcopy(good)
            fine(self.dashboard.json)
            self.assertEqual(self.rules_broken(), set())

    def test_has_all_rules_of_the_linter(self):
        self.assertEqual(len(dashboard_lint.RULES), 17)

    def test_finds_each_kind_of_problem(self):
        good = copy.deepcopy(self.dashboard.json)
        for rule, break_it in _BREAKS:
            with self.subTest(rule):
                self.dashboard.json = copy.deepcopy(good)
                break_it(self.dashboard.json)
                self.assertEqual(self.rules_broken(), {rule})

    def test_every_rule_is_tested(self):
        self.assertEqual({rule for rule, _ in _BREAKS}, set(dashboard_lint.RULES))


if __name__ == "__main__":
    unittest.main()
