"""How rules are changed to see whether a test notices, and that the reasons given are of use."""

import unittest

import mutate_alerts
import rule_mutants

_GROUPS = [{"name": "records", "rules": [
    {"record": "backlogd:part:ratio", "expr": "backlogd_up * 0.5"}]},
    {"name": "alerts", "rules": [
        {"alert": "Late", "for": "5m", "keep_firing_for": "1h",
         "annotations": {"summary": "backlogd:part:ratio"},
         "expr": 'backlogd:part:ratio{x="> 1"} > bool 1000 and backlogd_a[15m] == 0'},
        {"alert": "Other", "expr": "backlogd_b offset 1d <= 14.4"}]}]
_FILE = {"evaluation_interval": "1m", "tests": [
    {"name": "one", "input_series": [{"series": 'backlogd_up{a="b"}', "values": "0x60"},
                                     {"series": 'backlogd_b{a="b"}', "values": "1x60"}],
     "alert_rule_test": [{"alertname": "Late", "eval_time": "1m", "exp_alerts": []},
                         {"alertname": "Other", "eval_time": "1m", "exp_alerts": []}],
     "promql_expr_test": [{"expr": 'count by (alertname) (ALERTS{alertname!="W",a="b"})',
                           "eval_time": "1m",
                           "exp_samples": [{"labels": '{alertname="Late"}', "value": 1.0},
                                           {"labels": '{alertname="Other"}', "value": 1.0}]}]},
    {"name": "two", "input_series": [], "alert_rule_test": [
        {"alertname": "Other", "eval_time": "1m", "exp_alerts": []}]}]}


def changes(rule, **more):
    return [each.change for each in rule_mutants.mutants(_GROUPS, lambda name: 60, **more)
            if each.rule == rule]


class MutantsTest(unittest.TestCase):
    def test_numbers_comparisons_and_waits_change_a_little(self):
        self.assertEqual(changes("Late"), [
            "comparison 1: > -> >=", "comparison 1: > -> <",
            "number 1: 1000 -> 1100", "number 1: 1000 -> 900",
            "comparison 2: == -> !=", "number 2: 0 -> 1", "number 2: 0 -> -1",
            "for: 5m -> 6m", "for: 5m -> 4m",
            "keep_firing_for: 1h -> 61m", "keep_firing_for: 1h -> 59m"])
        self.assertEqual(changes("Other"), [
            "comparison 1: <= -> <", "comparison 1: <= -> >=",
            "number 1: 14.4 -> 15.84", "number 1: 14.4 -> 12.96", "for: 0h -> 1m"])
        self.assertEqual(changes("backlogd:part:ratio"),
                         ["number 1: 0.5 -> 0.55", "number 1: 0.5 -> 0.45"])

    def test_windows_change_if_that_is_asked_for(self):
        self.assertIn("window 1: [15m] -> [16m]", changes("Late", windows=True))
        self.assertIn("window 1: 1d -> 1439m", changes("Other", windows=True))

    def test_a_mutant_is_a_copy_with_a_number_and_so_is_what_stands_between(self):
        mutant = next(each for each in rule_mutants.mutants(_GROUPS, lambda name: 60)
                      if each.rule == "backlogd:part:ratio")
        records, alerts = rule_mutants.rules_of(_GROUPS, "Late", [(3, mutant)])
        self.assertEqual([(rule["record"], rule["expr"]) for rule in records["rules"]], [
            ("backlogd:part:ratio", "backlogd_up * 0.5"),
            ("backlogd:part:ratio__3", "backlogd_up * 0.55")])
        _, late = alerts["rules"]
        self.assertEqual(late["alert"], "Late__3")
        self.assertTrue(late["expr"].startswith("backlogd:part:ratio__3{"))
        self.assertEqual(late["annotations"], {"summary": "backlogd:part:ratio__3"})

    def test_tests_are_reduced_to_what_concerns_the_alert(self):
        names = rule_mutants.Dependencies(_GROUPS).needs("Late")
        one, = rule_mutants.file_of(_FILE, "Late", names, ["", "__3"])["tests"]
        self.assertEqual([each["series"] for each in one["input_series"]], ['backlogd_up{a="b"}'])
        self.assertEqual([case["alertname"] for case in one["alert_rule_test"]],
                         ["Late", "Late__3"])
        first, second = one["promql_expr_test"]
        self.assertEqual(second["expr"],
                         'count by (alertname) (ALERTS{alertname="Late__3",a="b"})')
        self.assertEqual(first["exp_samples"], [{"labels": '{alertname="Late"}', "value": 1.0}])
        self.assertEqual(second["exp_samples"],
                         [{"labels": '{alertname="Late__3"}', "value": 1.0}])


class ShippedRulesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.judge = mutate_alerts.Judge(mutate_alerts.read_groups())
        cls.mutants = list(rule_mutants.mutants(mutate_alerts.read_groups(), cls.judge.interval))

    def test_what_is_kept_exists_and_has_a_reason(self):
        kept = mutate_alerts.read_kept()
        self.assertEqual(kept.keys() - {each[:2] for each in self.mutants}, set())
        for key, reason in kept.items():
            self.assertGreater(len(reason), 20, key)

    def test_a_change_is_noticed_and_none_is_not(self):
        changed = next(each for each in self.mutants if each.rule == "BacklogdReloadFailed")
        g, r = changed.at
        as_it_is = changed._replace(mutated=mutate_alerts.read_groups()[g]["rules"][r])
        self.assertEqual(self.judge.survivors("BacklogdReloadFailed", [changed, as_it_is]),
                         [as_it_is])


if __name__ == "__main__":
    unittest.main()
