"""What promtool cannot check of alerts/: names against the catalog, and our conventions."""

import itertools
import re
import subprocess
import sys
import unittest

import yaml

import catalog
import promql
import rule_file

_ALERTS = catalog.REPOSITORY / "alerts"
_RUNBOOK_URL = "https://github.com/backlogd/backlogd/blob/main/docs/runbooks/{}.md"
_DASHBOARD_URL = re.compile(r"https://grafana\.example/d/backlogd-(\w+(?:-\w+)*)"
                            r"(?:\?(var-\w+=\{\{ \$labels\.\w+ \| urlquery \}\}&?)+)?")
_DASHBOARDS = {"overview", "group", "topic", "dead-letters", "exporter"}
_TEXTS = ["summary", "description", "advice"]
_QUERY = re.compile(r'with printf "([^"]+)"')
# What our rules record, and what users may: see alerts/backlogd.rules.yaml.
_GROUP = {"kafka_cluster", "group"}
_WORDS = {"words", "advice", "words_zh", "advice_zh"}
_RECORDED = {"backlogd:cause:words": {"cause", *_WORDS},
             "backlogd:group_cause:words": {*_GROUP, "cause", *_WORDS},
             "backlogd:group_lag_objective:seconds": _GROUP,
             "backlogd:group_lag_objective_override:seconds": _GROUP,
             "backlogd:group_tail_only:bool": _GROUP,
             "backlogd:group_late:bool": _GROUP,
             **{f"backlogd:group_late:ratio_rate{window}": _GROUP
                for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")},
             "backlogd:dlq_share_of_source:ratio_rate1h": {"kafka_cluster", "topic",
                                                           "source_topic"}}
# These have one alert for each replica, or look at none of backlogd's series.
_NOT_OF_A_CLUSTER = {"BacklogdDown", "BacklogdAbsent", "BacklogdWatchdog"}
# What they count is two or more, or has no plural of its own.
_ALWAYS_MANY = {"BacklogdGroupLagGrowing", "BacklogdDeadLettersSurge", "BacklogdDeadLettersGrowing",
                "BacklogdGroupUnderprovisioned", "BacklogdSeriesMany"}


def _minute(case):
    return int(re.fullmatch(r"(\d+)m", case["eval_time"])[1])


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = catalog.read_samples()
        cls.samples = {**cls.served, **_RECORDED}
        cls.alerts = rule_file.read_alerts(_ALERTS / "backlogd.rules.yaml")
        cls.records = rule_file.read_records(_ALERTS / "backlogd.rules.yaml")
        cls.test_files = [path.read_text() for path in sorted(_ALERTS.glob("tests/*.test.yaml"))]

    def test_every_alert_of_the_file_was_read(self):
        text = (_ALERTS / "backlogd.rules.yaml").read_text()
        self.assertEqual(len(self.alerts), text.count("alert: "))
        self.assertEqual(len(self.alerts), len({alert["alert"] for alert in self.alerts}))

    def test_every_alert_outlasts_a_moment_without_its_trouble(self):
        # Absent holds as long as nobody is there; the watchdog always.
        lacking = {alert["alert"] for alert in self.alerts if "keep_firing_for" not in alert}
        self.assertEqual(lacking, {"BacklogdAbsent", "BacklogdWatchdog"})

    def test_every_recording_rule_is_known_here(self):
        self.assertEqual({rule["record"] for rule in self.records},
                         _RECORDED.keys() - {"backlogd:group_lag_objective_override:seconds"})

    def test_every_cause_has_words(self):
        page = (catalog.REPOSITORY / "docs" / "runbooks" / "causes").glob("*[!N].md")
        self.assertEqual(sorted(rule["cause"] for rule in self.records if "cause" in rule),
                         sorted(path.stem for path in page))

    def test_names_are_in_the_catalog(self):
        for rule in self.alerts + self.records:
            with self.subTest(rule.get("alert") or rule["record"]):
                self.assertEqual(list(promql.problems(rule["expr"], self.samples)), [])

    def test_names_in_queries_of_annotations_are_in_the_catalog(self):
        found = {query for alert in self.alerts for text in alert.values()
                 for query in _QUERY.findall(text)}
        self.assertTrue(found)
        for query in found:
            with self.subTest(query):
                expression = query.replace("%q", '"x"')
                self.assertEqual(list(promql.problems(expression, self.samples)), [])

    def test_what_is_asked_for_may_be_absent(self):
        for alert in self.alerts:
            for key, text in alert.items():
                with self.subTest(alert["alert"], key=key):
                    self.assertEqual(text.count("| query"), text.count("{{ with printf "))
                    self.assertEqual(text.count("| first"), text.count("| query"))

    def test_texts_use_labels_of_the_metrics(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                known = set()
                for selector in promql.read(alert["expr"]).selectors:
                    known |= self.samples[selector.metric]
                used = re.findall(r"\$labels\.(\w+)", " ".join(alert.values()))
                self.assertEqual(set(used) - known, set())

    def test_has_what_a_reader_of_the_alert_needs(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                self.assertRegex(alert["alert"], r"^Backlogd([A-Z][a-z]+)+$")
                self.assertIn(alert["severity"], ("critical", "warning", "info", "none"))
                self.assertRegex(alert["summary"], r"^[A-Z b][^{}]*\.$")
                self.assertRegex(alert["summary_zh"], r"^[^{}]*。$")
                for key in ("description", "advice"):
                    self.assertRegex(alert[key], r"(\.|\{\{ end \}\})$")
                    self.assertRegex(alert[key + "_zh"], r"(。|\{\{ end \}\})$")
                self.assertEqual(alert["runbook_url"], _RUNBOOK_URL.format(alert["alert"]))

    def test_both_languages_say_the_same(self):
        for alert in self.alerts:
            for key in _TEXTS:
                with self.subTest(alert["alert"], key=key):
                    first, second = ([sorted(re.findall(pattern, alert[key + end]))
                                      for pattern in (r"\$\w+(?:\.\w+)?", _QUERY)]
                                     for end in ("", "_zh"))
                    self.assertEqual(first, second)

    def test_one_is_not_told_as_many(self):
        for alert in self.alerts:
            if alert["alert"] not in _ALWAYS_MANY:
                with self.subTest(alert["alert"]):
                    self.assertNotRegex(alert["description"] + alert["advice"],
                                        r"humanize \}\} (\w+ )?\w+s\b")

    def test_links_to_the_dashboard_that_shows_it(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                found = _DASHBOARD_URL.fullmatch(alert["dashboard_url"])
                self.assertTrue(found, alert["dashboard_url"])
                self.assertIn(found[1], _DASHBOARDS)

    def test_two_replicas_give_one_alert(self):
        test, = yaml.safe_load((_ALERTS / "tests" / "replicas.test.yaml").read_text())["tests"]
        expected = {rule["alert"] for rule in self.alerts} - _NOT_OF_A_CLUSTER
        for case in test["promql_expr_test"]:
            found = {re.search(r'"(\w+)"', one["labels"])[1]: one["value"]
                     for one in case["exp_samples"]}
            self.assertEqual(found, dict.fromkeys(expected, 1))

    def test_a_gap_is_tested_for_every_long_wait(self):
        text = "".join((_ALERTS / "tests" / name).read_text()
                       for name in ("gaps.test.yaml", "long_gaps.test.yaml"))
        for alert in self.alerts:
            if alert.get("for", "0m") in ("0m", "2m", "3m", "5m"):
                continue
            with self.subTest(alert["alert"]):
                self.assertRegex(text, rf'alertname="{alert["alert"]}"')

    def test_holds_no_topk_and_no_value_in_labels(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                self.assertNotIn("topk", alert["expr"])
                self.assertNotIn("$value", alert["severity"])

    def test_each_alert_is_tested_to_wait_to_fire_and_to_resolve(self):
        courses = {}  # by alert: for each test, whether it fires, in the order of time
        for text in self.test_files:
            for test in yaml.safe_load(text)["tests"]:
                for case in sorted(test.get("alert_rule_test", []), key=_minute):
                    course = courses.setdefault(case["alertname"], {}).setdefault(test["name"], [])
                    course.append(bool(case["exp_alerts"]))
        for alert in self.alerts:
            if alert["alert"] == "BacklogdWatchdog":
                continue
            with self.subTest(alert["alert"]):
                self.assertTrue(any([key for key, _ in itertools.groupby(course)][:3]
                                    == [False, True, False]
                                    for course in courses[alert["alert"]].values()))

    def test_series_of_the_promtool_tests_exist(self):
        series = [line for text in self.test_files
                  for line in re.findall(r"^ +- series: (.+)$", text, re.MULTILINE)]
        self.assertTrue(series)
        for one in series:
            with self.subTest(one):
                self.assertEqual(list(promql.problems(one, self.samples)), [])
                selector, = promql.read(one).selectors
                whole = set(self.samples[selector.metric]) - catalog.TARGET_LABELS
                self.assertEqual(whole - selector.matchers.keys(), set())

    def test_the_resource_for_the_operator_is_up_to_date(self):
        written = (_ALERTS / "prometheusrule.yaml").read_text(encoding="utf-8")
        script = catalog.REPOSITORY / "scripts" / "prometheusrule"
        self.assertEqual(subprocess.run([sys.executable, "-B", script, "--print"], check=True,
                                        stdout=subprocess.PIPE).stdout.decode(), written)
        resource = yaml.safe_load(written)
        self.assertEqual((resource["apiVersion"], resource["kind"]),
                         ("monitoring.coreos.com/v1", "PrometheusRule"))
        rules = yaml.safe_load((_ALERTS / "backlogd.rules.yaml").read_text(encoding="utf-8"))
        self.assertEqual(resource["spec"], rules)


if __name__ == "__main__":
    unittest.main()
