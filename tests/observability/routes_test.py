"""config/alertmanager.yml as amtool and Alertmanager see it: it is valid, and for every alert there
is, of every team and severity, it says who is told."""

import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import unittest

import alert_kinds
import catalog
import yaml
from support.alertmanager import (SHIPPED, Alertmanager, read_shipped, shipped_config,
                                  tells_the_end)
from support.web_program import find_program

_AMTOOL = os.environ.get("AMTOOL") or find_program("amtool") or "amtool"
_SEVERITIES = {"critical": "page", "warning": "chat", "info": "daily"}
# A team without routes of its own is the platform's.
_TEAMS = {None: "platform", "platform": "platform", "unheard-of": "platform",
          "payments": "payments", "orders": "orders"}


def amtool(*arguments):
    said = subprocess.run([_AMTOOL, *arguments], capture_output=True, text=True, check=False)
    return said.returncode, said.stdout, said.stderr


def receivers(about):
    status, said, error = amtool("config", "routes", "test", f"--config.file={SHIPPED}",
                                 *(f"{name}={value}" for name, value in about.items()))
    return said.split() if status == 0 else [error]


def _channel(config):
    return config.get("channel") or config.get("url") or config.get("url_file") or str(config)


_DOCS = (catalog.REPOSITORY / "docs" / "notifications.md").read_text(encoding="utf-8")
_KINDS = {"slack": "Slack", "pagerduty": "PagerDuty", "email": "mail", "wechat": "WeCom",
          "webhook": "webhook"}


def medium(kind, config):
    """What docs/notifications.md calls it."""
    return "DingTalk" if "dingtalk" in config.get("url", "") else _KINDS[kind]


def rows(heading):
    """Of the table below a heading: the cells of each row."""
    section = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#|\Z)", _DOCS, re.MULTILINE | re.DOTALL)
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def labels(case):
    alert, team, severity = case
    return alert_kinds.labels(alert, severity, **({"team": team} if team else {}))


def expected(alert, team, severity):
    if alert in alert_kinds.WATCHDOG:
        return ["dead-man"]
    owner = "platform" if alert in alert_kinds.CLUSTER else _TEAMS[team]
    return [f"{owner}-{_SEVERITIES[severity]}"]


class RoutesTest(unittest.TestCase):
    def test_files_are_valid(self):
        for path in (SHIPPED, SHIPPED.with_name("first-alert.yml"),
                     catalog.REPOSITORY / "deploy" / "alertmanager.yml"):
            with self.subTest(path.name):
                status, said, error = amtool("check-config", str(path))
                self.assertEqual(status, 0, said + error)

    def test_what_pages_a_team_stands_in_its_chat_too(self):
        receivers = {each["name"]: {kind: set(map(_channel, configs))
                                    for kind, configs in each.items() if kind != "name"}
                     for each in yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["receivers"]}
        for team in set(_TEAMS.values()):
            with self.subTest(team):
                page, chat = receivers[f"{team}-page"], receivers[f"{team}-chat"]
                self.assertTrue(chat)
                for kind, channels in chat.items():
                    self.assertLessEqual(channels, page.get(kind, set()))

    def test_every_alert_has_a_kind(self):
        self.assertEqual(set(alert_kinds.shipped()) - set(alert_kinds.ALL), set())
        self.assertEqual(len(alert_kinds.ALL), len(set(alert_kinds.ALL)))

    def test_every_alert_reaches_its_receiver(self):
        shipped = alert_kinds.shipped()
        cases = [(alert, None, shipped.get(alert, "warning")) for alert in alert_kinds.ALL]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for case, found in zip(cases, pool.map(lambda case: receivers(labels(case)), cases)):
                with self.subTest(case):
                    self.assertEqual(found, expected(*case))

    def test_every_alert_of_every_team_and_severity_reaches_its_receiver(self):
        cases = [(alert, team, severity) for alert in alert_kinds.ALL for team in _TEAMS
                 for severity in _SEVERITIES]
        nowhere = "http://127.0.0.1:9/"
        with Alertmanager(nowhere, shipped_config(nowhere, faster=0.1)) as alertmanager:
            alertmanager.post([{"labels": labels(case)} for case in cases])
            listed = json.loads(alertmanager.get("/api/v2/alerts", 30))
        found = {tuple(sorted(alert["labels"].items())): [one["name"] for one in alert["receivers"]]
                 for alert in listed}
        for case in cases:
            with self.subTest(case):
                self.assertEqual(found[tuple(sorted(labels(case).items()))], expected(*case))

    def test_every_receiver_says_whether_it_tells_the_end(self):
        for receiver in read_shipped()["receivers"]:
            for kind, configs in receiver.items():
                for config in configs if kind != "name" else []:
                    self.assertIn("send_resolved", config, receiver["name"])

    def test_the_end_is_told_where_the_trouble_was_unless_that_was_in_the_mail(self):
        for receiver in read_shipped()["receivers"]:
            kind = receiver["name"].rpartition("-")[2]
            with self.subTest(receiver["name"]):
                self.assertEqual(tells_the_end(receiver), kind in ("page", "chat"))
        told = {severity: end for severity, *_, end in rows("# Notifications")}
        self.assertEqual(told, {"critical": "told", "warning": "told", "none": "not told",
                                "info": "not told: the next mail leaves it out"})

    def test_the_docs_name_each_receiver_at_each_medium(self):
        names = [receiver["name"] for receiver in read_shipped()["receivers"]]
        documented = {}
        for kind, examples, _ in rows("## Receivers"):
            for example in re.findall(r"`([^`]+)`", examples):
                documented.setdefault(kind.split()[0], []).extend(
                    fnmatch.filter(names, example) or [example])
        used = {}
        for receiver in read_shipped()["receivers"]:
            for kind, configs in receiver.items():
                for config in configs if kind != "name" else []:
                    used.setdefault(medium(kind.removesuffix("_configs"), config),
                                    []).append(receiver["name"])
        self.assertEqual({kind: sorted(found) for kind, found in documented.items()},
                         {kind: sorted(found) for kind, found in used.items()})

    def test_teams_of_prometheus_have_routes(self):
        alerting = yaml.safe_load((catalog.REPOSITORY / "config" / "prometheus.yml")
                                  .read_text(encoding="utf-8"))["alerting"]
        teams = {rule["replacement"] for rule in alerting["alert_relabel_configs"]}
        self.assertEqual(teams, set(_TEAMS.values()))

    def test_secrets_are_in_files(self):
        text = pathlib.Path(SHIPPED).read_text(encoding="utf-8")
        for word in ("hooks.slack.com", "auth_password:", "routing_key:", "credentials:"):
            self.assertNotIn(word, text)


if __name__ == "__main__":
    unittest.main()
