"""What promtool cannot check of alerts/: names against the catalog, and our conventions."""

import re
import unittest

import catalog
import promql
import rule_file

_ALERTS = catalog.REPOSITORY / "alerts"
_RUNBOOKS = catalog.REPOSITORY / "docs" / "runbooks"
_RUNBOOK_URL = "https://github.com/backlogd/backlogd/blob/main/docs/runbooks/{}.md"
_SECTIONS = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = catalog.read_samples()
        cls.alerts = rule_file.read_alerts(_ALERTS / "backlogd.rules.yaml")
        cls.test_files = [path.read_text() for path in sorted(_ALERTS.glob("tests/*.test.yaml"))]

    def test_every_alert_of_the_file_was_read(self):
        text = (_ALERTS / "backlogd.rules.yaml").read_text()
        self.assertEqual(len(self.alerts), text.count("alert: "))
        self.assertEqual(len(self.alerts), len({alert["alert"] for alert in self.alerts}))

    def test_names_are_in_the_catalog(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                self.assertEqual(list(promql.problems(alert["expr"], self.samples)), [])

    def test_texts_use_labels_of_the_metrics(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                known = set()
                for selector in promql.read(alert["expr"]).selectors:
                    known |= self.samples[selector.metric]
                used = re.findall(r"\$labels\.(\w+)", alert["description"])
                self.assertEqual(set(used) - known, set())

    def test_has_what_a_reader_of_the_alert_needs(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                self.assertRegex(alert["alert"], r"^Backlogd([A-Z][a-z]+)+$")
                self.assertIn(alert["severity"], ("critical", "warning", "info"))
                self.assertRegex(alert["summary"], r"^[A-Z][^{}]*\.$")
                self.assertRegex(alert["description"], r"\.$")
                self.assertEqual(alert["runbook_url"], _RUNBOOK_URL.format(alert["alert"]))

    def test_two_replicas_give_one_alert(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                if alert["alert"] in ("BacklogdDown", "BacklogdAbsent"):
                    continue  # about the replicas themselves
                selectors = len(promql.read(alert["expr"]).selectors)
                self.assertEqual(alert["expr"].count("without (instance, pod"), selectors)

    def test_holds_no_topk_and_no_value_in_labels(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                self.assertNotIn("topk", alert["expr"])
                self.assertNotIn("$value", alert["severity"])

    def test_each_alert_is_tested_to_fire_and_to_be_silent(self):
        for alert in self.alerts:
            with self.subTest(alert["alert"]):
                expected = rf"alertname: {alert['alert']}\n +exp_alerts:(.*)"
                found = {one for text in self.test_files for one in re.findall(expected, text)}
                self.assertIn(" []", found)
                self.assertTrue(found - {" []"})

    def test_series_of_the_promtool_tests_exist(self):
        series = [line for text in self.test_files
                  for line in re.findall(r"^ +- series: (.+)$", text, re.MULTILINE)]
        self.assertTrue(series)
        for one in series:
            with self.subTest(one):
                self.assertEqual(list(promql.problems(one, self.samples)), [])
                selector, = promql.read(one).selectors
                whole = self.samples[selector.metric] - catalog.TARGET_LABELS
                self.assertEqual(whole - selector.matchers.keys(), set())

    def test_each_alert_has_a_runbook_and_each_runbook_an_alert(self):
        self.assertEqual(sorted(path.stem for path in _RUNBOOKS.glob("Backlogd*.md")),
                         sorted(alert["alert"] for alert in self.alerts))

    def test_runbooks_have_their_sections_and_name_what_exists(self):
        for page in sorted(_RUNBOOKS.glob("Backlogd*.md")):
            with self.subTest(page.name):
                text = page.read_text()
                self.assertTrue(text.startswith(f"# {page.stem}\n"))
                self.assertEqual(re.findall(r"^## .*", text, re.MULTILINE), _SECTIONS)
                for name in re.findall(r"\bbacklogd_\w+", text):
                    self.assertIn(name, self.samples)


if __name__ == "__main__":
    unittest.main()
