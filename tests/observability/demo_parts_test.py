"""The demo's parts that need no Kafka: compressed rules, stories, screen, receiver, Grafana."""

import http.client
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest
from unittest import mock

from support import demo, grafana
from support.compressed_rules import Least, UnknownRule, compress
from support.demo_load import Load
from support.demo_screen import Screen
from support.demo_table import rows, table, width
from support.exposition import parse
from support.kafka_driver import DriverError
from support.receiver import Notification, Receiver
from support.stories import STORIES, AwaitMembers, Start
from support.story_teller import Programme

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = (ROOT / "alerts/backlogd.rules.yaml").read_text(encoding="utf-8")
FIRING = Notification("firing", {"alertname": "A", "group": "g\x1b[2J"},
                      {"summary": "Sad.", "description": "Very sad."}, 0)
LEAST = Least(range=10, wait=2, interval=1)
# Serves /api/health as grafana-server does, on the port of the configuration that it is given.
_FAKE_GRAFANA = """#!/usr/bin/env python3
import configparser, http.server, sys
settings = configparser.ConfigParser()
settings.read(next(a for a in sys.argv if a.startswith("--config="))[len("--config="):])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
server = settings["server"]
http.server.HTTPServer((server["http_addr"], int(server["http_port"])), Handler).serve_forever()
"""


def page_of(*groups):
    text = "# HELP backlogd_group_state S.\n# TYPE backlogd_group_state gauge\n"
    for group in groups:
        labels = f'kafka_cluster="c",group="{group}",state="Stable"'
        text += f"backlogd_group_state{{{labels}}} 1\n"
    return parse(text.encode())


class CompressedRules(unittest.TestCase):
    def test_divides_durations_with_a_lower_bound(self):
        rule = ("- alert: A\n  expr: |\n    rate(a[{}]) > max_over_time(b[{}] offset {})\n"
                "  for: {}\n")
        self.assertEqual(compress(rule.format("5m", "1h30m", "15m", "1d"), 60, LEAST),
                         rule.format("10000ms", "90000ms", "15000ms", "1440000ms"))

    def test_divides_the_interval_of_a_group(self):
        for interval, divided in ("5m", "5000ms"), ("1m", "1000ms"), ("15s", "1000ms"):
            with self.subTest(interval):
                group = "groups:\n  - name: a\n    interval: {}\n    rules:\n"
                self.assertEqual(compress(group.format(interval), 60, LEAST),
                                 group.format(divided))

    def test_recorded_names_and_texts_stay_as_they_are(self):
        rule = ("- record: a:b:ratio_rate1h\n  expr: |\n    avg_over_time(a:b:bool[{}])\n"
                "  labels:\n    words: for 5m\n- alert: A\n  expr: |\n"
                "    a:b:ratio_rate1h and a:b:bool offset {}\n"
                "  annotations:\n    advice_zh: >-\n      {{{{ 5m }}}}\n")
        self.assertEqual(compress(rule.format("1h", "3d"), 60, LEAST),
                         rule.format("60000ms", "4320000ms"))

    def test_divides_numbers_that_are_seconds(self):
        for before, after in (
                ("a_seconds > 600", "a_seconds > 10"),
                ("time() - max(a_timestamp_seconds) > 86400",
                 "time() - max(a_timestamp_seconds) > 1440"),
                ("max by (x) (a_seconds{b=\"c > 9\"}) >= bool 2 * 3600",
                 "max by (x) (a_seconds{b=\"c > 9\"}) >= bool 120"),
                ("a_seconds > 90", "a_seconds > 2"),  # not below the least wait
                ("a_seconds <= 0", "a_seconds <= 0"),
                ("(max(a_seconds) or b == 0) > 600", "(max(a_seconds) or b == 0) > 10"),
                ("a_seconds > 600 and b > 600", "a_seconds > 10 and b > 600"),
                ("b > 600 unless a_seconds > 600", "b > 600 unless a_seconds > 10"),
                ("|\n    b > 600\n    and a_seconds > 600",
                 "|\n    b > 600\n    and a_seconds > 10"),
                ("b_records > 600", "b_records > 600"),
                ("a_seconds > 2 * b_seconds", "a_seconds > 2 * b_seconds"),
                ("b_records > 10 * sum(b_records) / 96", "b_records > 10 * sum(b_records) / 96"),
                ("predict_linear(a[1h], 2 * 3600) <= 0", "predict_linear(a[60000ms], 120) <= 0"),
                ("predict_linear(a[1h], b) <= 0", None),
                ("600 < a_seconds", None)):
            if after is None:
                with self.subTest(before), self.assertRaises(UnknownRule):
                    compress(f"  expr: {before}\n", 60, LEAST)
                continue
            with self.subTest(before):
                self.assertEqual(compress(f"  expr: {before}\n", 60, LEAST), f"  expr: {after}\n")

    def test_divides_what_a_rule_records_as_seconds(self):
        for name, number in (("a:b:seconds", 5), ("a:b:ratio", 300)):
            with self.subTest(name):
                rule = f"- record: {name}\n  expr: 300 * group by (x) (c)\n"
                self.assertEqual(compress(rule, 60, LEAST), rule.replace("300", str(number)))

    def test_refuses_what_it_does_not_know(self):
        for text in ("  limit: 5\n", "  expr: a[5m:1m]\n", "  for: soon\n", "nonsense\n",
                     "  expr: a offset -5m\n", "  expr: a[$range]\n"):
            with self.subTest(text), self.assertRaises(UnknownRule):
                compress(text, 60, LEAST)

    def test_ours_stay_valid_and_lose_no_rule(self):
        text = compress(RULES, demo.ALERTS_FASTER, demo.LEAST)
        for kind in ("alert:", "record:", "interval:"):
            self.assertEqual(text.count(kind), RULES.count(kind))
        self.assertNotRegex(text, r"(for: |interval: |\[)\d+[mhd]\b")
        for number in ("86400", "3600", " > 300", "300 *"):
            self.assertIn(number, RULES)
            self.assertNotIn(number, text)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            said = subprocess.run([os.environ.get("PROMTOOL", "promtool"), "check", "rules",
                                   file.name], capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)


class RecordedLoad:
    def __init__(self):
        self.running = {}

    def start(self, worker, command, flags):
        self.running[worker] = (command, *flags)

    def stop(self, worker):
        self.running.pop(worker, None)


class DriverWithMembersThatLinger:
    """The group cannot be deleted the first two times."""

    def __init__(self):
        self.refused = 2
        self.deleted = []

    def create_topics(self, topics, wait):
        pass

    def await_leaders(self, topics):
        pass

    def delete_topics(self, names):
        self.deleted += names

    def delete_groups(self, names):
        if self.refused:
            self.refused -= 1
            raise DriverError("delete_groups: GroupNotEmptyException: The group is not empty.")
        self.deleted += names


class Deletion(unittest.TestCase):
    def test_waits_for_members_that_could_not_leave(self):
        driver = DriverWithMembersThatLinger()
        with Load(driver, "127.0.0.1:1", [STORIES[0]]) as load:
            load.create_topics()
        self.assertEqual(driver.deleted, [STORIES[0].group, *STORIES[0].topics])


class Stories(unittest.TestCase):
    def test_have_names_and_alerts_that_exist(self):
        self.assertEqual(len({story.name for story in STORIES}), 8)
        for story in STORIES:
            with self.subTest(story.name):
                self.assertRegex(story.label, r"^[^\n]{20,90}\.$")
                if story.alert:
                    self.assertIn(f"- alert: {story.alert.name}\n", RULES)
                    self.assertIn(story.alert.value, {story.group, *story.topics})

    def test_share_no_topic_group_or_worker(self):
        for of in (lambda story: [story.group], lambda story: list(story.topics),
                   lambda story: {act.worker for act in story.calm + story.trouble + story.cure
                                  if not isinstance(act, AwaitMembers)}):
            names = [name for story in STORIES for name in of(story)]
            self.assertEqual(len(names), len(set(names)), names)

    def test_read_and_write_their_own_topics(self):
        for story in STORIES:
            for act in story.calm + story.trouble + story.cure:
                if isinstance(act, Start):
                    topic = next(flag for flag in act.flags if flag.startswith("--topic="))
                    self.assertIn(topic.removeprefix("--topic="), story.topics)

    def test_are_told_one_after_the_other_and_never_wait_for_ever(self):
        now = [0.0]
        load = RecordedLoad()
        programme = Programme(STORIES, load, list, lambda: now[0])
        programme.begin()
        titles = []
        for _ in range(1000):
            now[0] += 1
            programme.go_on(page_of("g"))
            if not titles or titles[-1] != programme.title():
                titles.append(programme.title())
        self.assertTrue(titles[0].startswith("calm times"), titles)
        for number, story in enumerate(STORIES, 1):
            self.assertEqual(titles[number], f"{number}/8 {story.name}: {story.label}")
        self.assertTrue(titles[9].startswith("all told (8 of 8)"), titles)
        self.assertNotIn("surge", load.running)


class Receiving(unittest.TestCase):
    def post(self, receiver, body):
        connection = http.client.HTTPConnection(receiver.url.split("/")[2], timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", "/", body)
        return connection.getresponse().status

    def test_keeps_and_tells_what_arrives(self):
        told = []
        with Receiver(told.append) as receiver:
            alert = {"status": "resolved", "labels": {"alertname": "A"}, "annotations": {}}
            self.assertEqual(self.post(receiver, json.dumps({"alerts": [alert]})), 200)
            for bad in ("", "{}", "[]", '{"alerts": [{}]}', '{"alerts": [1]}'):
                self.assertEqual(self.post(receiver, bad), 400, bad)
            self.assertEqual([each.alert for each in receiver.received()], ["A"])
            self.assertEqual(told, receiver.received())

    def test_shows_a_line_that_a_terminal_does_not_obey(self):
        self.assertRegex(FIRING.line(),
                         r"^\d\d:\d\d:\d\d FIRING   A g\\x1b\[2J: Sad\. Very sad\.$")


class Showing(unittest.TestCase):
    def test_table_obeys_the_size_of_the_terminal(self):
        names = [f"{'g' * 100}-{number:03}" for number in range(50)] + ["组" * 90, "g" * 90]
        lines = list(table(list(rows(page_of(*names), "c")), lines=10, columns=80))
        self.assertEqual(len(lines), 10)
        self.assertEqual(lines[-1], "... and 44 groups more")
        for line in lines[1:-1]:
            self.assertRegex(line, r"^(g+|组+)… +Stable +\? +\? +\? +\?$")
            self.assertEqual(width(line) + len("STATUS  CAUSE") - len("?"), 80, line)

    def test_table_escapes_what_a_terminal_would_obey(self):
        lines = list(table(list(rows(page_of("a\x1b[2Jb\u202ec\\n"), "c"))))
        self.assertIn("a\\x1b[2Jb\\u202ec\\n", lines[1])

    def test_screen_obeys_the_size_of_the_terminal(self):
        screen = Screen({"metrics": "http://x"}, in_place=True)
        screen.title("1/8 a: b")
        for _ in range(20):
            screen.notify(FIRING)
        found = list(rows(page_of(*(f"g{number}" for number in range(8))), "c"))
        for lines, columns in ((24, 80), (40, 200), (10, 40), (5, 20)):
            with self.subTest(lines=lines, columns=columns):
                shown = screen.lines("k (up)", found, columns, lines)
                self.assertLessEqual(len(shown), lines - 1)
                self.assertLessEqual(max(map(width, shown)), columns)
        self.assertIn("NOTIFICATIONS", screen.lines("k (up)", found, 80, 24))


class InstalledGrafana(unittest.TestCase):
    def test_is_started_with_our_data_source_and_dashboards(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = folder / "grafana-server"
        program.write_text(_FAKE_GRAFANA)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        path = os.pathsep.join([str(folder), os.environ["PATH"]])
        self.enterContext(mock.patch.dict(os.environ, {"PATH": path, "TMPDIR": str(folder)}))
        self.enterContext(mock.patch.object(tempfile, "tempdir", None))
        self.assertTrue(grafana.Grafana.is_installed())
        with grafana.Grafana("http://127.0.0.1:1", ROOT / "dashboards") as running:
            source = json.loads(
                (running.folder / "provisioning/datasources/prometheus.yaml").read_text())
            self.assertEqual(source["datasources"][0]["url"], "http://127.0.0.1:1")
            provider = json.loads(
                (running.folder / "provisioning/dashboards/backlogd.yaml").read_text())
            shown = pathlib.Path(provider["providers"][0]["options"]["path"])
            self.assertEqual({each.name for each in shown.iterdir()},
                             {each.name for each in (ROOT / "dashboards").glob("*.json")})
        self.assertEqual([each.name for each in folder.iterdir()], ["grafana-server"])

    def test_is_not_missed_where_it_is_not(self):
        self.enterContext(mock.patch.object(shutil, "which", return_value=None))
        self.assertFalse(grafana.Grafana.is_installed())


if __name__ == "__main__":
    unittest.main()
