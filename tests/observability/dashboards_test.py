"""Dashboards: the linter's rules, our own, names against the catalog, and what panels show."""

import json
import re
import unittest

import catalog
import dashboard as grafana
import dashboard_lint
import promql
import promql_shape
import promtool

_FOLDER = catalog.REPOSITORY / "dashboards"
_CATALOG = (catalog.REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")
_STATUSES = ("ok", "catching_up", "falling_behind", "rewound", "not_committing", "stalled",
             "stopped", "losing_data")
_CAUSES = ("broker", "consumer_stopped", "skew", "producer_surge", "consumer_slowdown",
           "too_few_partitions", "underprovisioned", "unknown")
# What rules made of many series.
_NO_JOB = {"ALERTS", "ALERTS_FOR_STATE", "backlogd:group_lag_objective:seconds"}


class DashboardsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = catalog.read_samples()
        cls.dashboards = [grafana.Dashboard(path) for path in sorted(_FOLDER.glob("*.json"))]
        cls.panels = [panel for dashboard in cls.dashboards for panel in dashboard.panels]
        cls.targets = [target for dashboard in cls.dashboards for target in dashboard.targets()]

    def test_there_is_a_dashboard(self):
        self.assertTrue(self.targets)

    def test_keeps_the_linters_rules_but_for_those_with_a_reason(self):
        exclusions = dashboard_lint.read_exclusions(_FOLDER / ".lint")
        self.assertEqual(set(exclusions), {"template-instance-rule", "target-instance-rule",
                                           "target-job-rule"})
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                self.assertEqual([p for p in dashboard_lint.problems(dashboard)
                                  if not dashboard_lint.is_excluded(exclusions, *p)], [])
                for panel in exclusions["target-job-rule"]:
                    self.check_lacks_a_job_for_a_reason(dashboard, panel)

    def test_can_be_provisioned(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                content = dashboard.json
                self.assertNotIn("__inputs", content)
                self.assertNotIn("version", content)
                self.assertIsNone(content["id"])
                self.assertRegex(content["uid"], r"^[a-zA-Z0-9_-]{1,40}$")
                self.assertIn(content["schemaVersion"], (39, 40, 41))
                self.assertIn("backlogd", content["tags"])

    def test_variables_narrow_each_other_down(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                self.assertEqual(list(dashboard.variables)[:6],
                                 ["datasource", "job", "kafka_cluster", "group", "topic", "top"])
                asked = {}
                for name in ("job", "kafka_cluster", "group", "topic"):
                    variable = dashboard.variables[name]
                    self.assertTrue(variable["multi"] and variable["includeAll"])
                    self.assertEqual(variable["allValue"], ".+")
                    self.assertEqual(variable["query"]["query"], variable["definition"])
                    selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)",
                                                   variable["definition"]).groups()
                    self.assertEqual(label, name)
                    query = f"count by ({label}) ({selector})"
                    self.assertEqual(list(promql.problems(query, self.samples)), [])
                    asked[f"variable_{name}"] = grafana.expand(query)
                self.check_with_promtool(asked)

    def test_panels_say_what_they_show_even_when_it_is_nothing(self):
        for panel in self.panels:
            with self.subTest(panel["title"]):
                defaults = panel["fieldConfig"]["defaults"]
                self.assertGreater(len(panel["description"]), 40)
                self.assertTrue(defaults["noValue"])
                if panel["type"] == "stat":
                    steps = defaults["thresholds"]["steps"]  # a mere number has no colour
                    self.assertTrue(len(steps) > 1 or steps[0]["color"] == "text")

    def test_panels_stand_side_by_side(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                taken, ids = set(), set()
                for panel in dashboard.json["panels"]:
                    place = panel["gridPos"]
                    cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                             for y in range(place["y"], place["y"] + place["h"])}
                    self.assertLessEqual(place["x"] + place["w"], 24)
                    self.assertFalse(taken & cells, panel["title"])
                    self.assertNotIn(panel["id"], ids)
                    taken |= cells
                    ids.add(panel["id"])

    def test_names_are_in_the_catalog(self):
        for target in self.targets:
            with self.subTest(target.title, target=target.name):
                expression = grafana.expand(target.expr)
                self.assertEqual(list(promql.problems(expression, self.samples)), [])

    def test_annotations_ask_for_what_exists(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                for annotation in dashboard.json["annotations"]["list"]:
                    self.assertEqual(list(promql.problems(annotation["expr"], self.samples)), [])
                    self.check_with_promtool({"annotation": annotation["expr"]})

    def test_promtool_can_read_every_expression(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                self.check_with_promtool({target.name: grafana.expand(target.expr)
                                          for target in dashboard.targets()})

    def test_legends_and_columns_are_labels_of_the_result(self):
        for panel in self.panels:
            with self.subTest(panel["title"]):
                grouped = set()
                for target in panel["targets"]:
                    labels = promql.read(grafana.expand(target["expr"])).grouped
                    legend = set(re.findall(r"{{(\w+)}}", target.get("legendFormat", "")))
                    self.assertEqual(legend - labels, set())
                    grouped |= set(re.findall(r', "(\w+)", "\$1"', target["expr"]))
                    grouped |= labels | {"Time", "Value", f"Value #{target['refId']}"}
                for transformation in panel.get("transformations", []):
                    for columns in transformation["options"].values():
                        self.assertEqual(columns.keys() - grouped, set())

    def test_overrides_and_sorting_name_columns_that_are_shown(self):
        for panel in self.panels:
            with self.subTest(panel["title"]):
                if panel["type"] != "table":
                    continue
                names = set(panel["transformations"][-1]["options"]["renameByName"].values())
                for override in panel["fieldConfig"]["overrides"]:
                    self.assertIn(override["matcher"]["options"], names)
                for column in panel["options"]["sortBy"]:
                    self.assertIn(column["displayName"], names)

    def test_no_panel_shows_thousands_of_groups_or_topics(self):
        for target in self.targets:
            with self.subTest(target.title, target=target.name):
                self.assertTrue(promql_shape.has_room(grafana.expand(target.expr), self.samples,
                                                      over_time=not target.instant))

    def test_over_time_no_more_points_are_asked_for_than_thousands_of_groups_allow(self):
        for panel in self.panels:
            if panel["type"] in ("timeseries", "state-timeline", "heatmap"):
                with self.subTest(panel["title"]):
                    self.assertLessEqual(panel["maxDataPoints"], 200)

    def test_tables_are_paged(self):
        for panel in self.panels:
            if panel["type"] == "table":
                with self.subTest(panel["title"]):
                    self.assertTrue(panel["options"]["footer"]["enablePagination"])

    def test_groups_and_topics_in_tables_are_links(self):
        for panel in self.panels:
            if panel["type"] != "table":
                continue
            shown = panel["transformations"][-1]["options"]["renameByName"]
            linked = {override["matcher"]["options"]
                      for override in panel["fieldConfig"]["overrides"]
                      if "links" in [each["id"] for each in override["properties"]]}
            for label in ("group", "topic"):
                if label in shown:
                    with self.subTest(panel["title"], label=label):
                        self.assertIn(shown[label], linked)

    def test_links_lead_to_dashboards_and_keep_time_and_variables(self):
        uids = {dashboard.json["uid"] for dashboard in self.dashboards}
        found = re.findall(r'"url": "(/d/[^"]+)"', json.dumps([d.json for d in self.dashboards]))
        self.assertGreater(len(found), 20)
        for url in set(found):
            with self.subTest(url):
                uid, parameters = re.fullmatch(r"/d/([^?]+)\?(.+)", url).groups()
                self.assertIn(uid, uids)
                *variables, time = parameters.split("&")
                self.assertEqual(time, "${__url_time_range}")
                named = [re.match(r"var-(\w+)=\$\{__|\$\{(\w+):queryparam\}", each).groups()
                         for each in variables]
                self.assertEqual([one or other for one, other in named],
                                 ["datasource", "job", "kafka_cluster", "group", "topic", "top"])

    def test_dashboards_are_linked_by_their_tag(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard.name):
                link, = dashboard.json["links"]
                self.assertTrue(link["keepTime"] and link["includeVars"] and link["asDropdown"])
                self.assertLessEqual(set(link["tags"]), set(dashboard.json["tags"]))

    def test_what_the_daemon_says_in_words_has_words_here(self):
        for metric, names in (("backlogd_group_status", _STATUSES),
                              ("backlogd_group_backlog_cause", _CAUSES)):
            row, = [line for line in _CATALOG.splitlines() if line.startswith(f"| `{metric}`")]
            for name in names:
                self.assertIn(name, row)
            mapped = {name for panel in self.panels for text in [json.dumps(panel)]
                      for name in names if f'"{name}": {{"text"' in text}
            self.assertEqual(mapped, set(names))

    def test_only_instant_queries_rank_at_each_moment(self):
        for target in self.targets:
            with self.subTest(target.title, target=target.name):
                if "topk" in target.expr and not target.instant:
                    self.assertIn("[$__range] @ end()", target.expr)

    def check_lacks_a_job_for_a_reason(self, dashboard, title):
        for target in dashboard.targets():
            if target.title == title:
                for selector in promql.read(grafana.expand(target.expr)).selectors:
                    self.assertTrue("job" in selector.matchers or selector.metric in _NO_JOB)

    def check_with_promtool(self, expressions):
        valid, says = promtool.check_expressions(expressions)
        self.assertTrue(valid, says)


if __name__ == "__main__":
    unittest.main()
