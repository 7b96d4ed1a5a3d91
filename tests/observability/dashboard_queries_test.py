"""What support.dashboard_queries asks a Prometheus, and what it makes of the answers."""

import json
import pathlib
import tempfile
import unittest
import urllib.parse

import catalog
from support import dashboard_queries
from support.servers import WebHandler, WebServer
from support.stories import STORIES

_FOLDER = catalog.REPOSITORY / "dashboards"
_BOARD = {
    "templating": {"list": [
        {"name": "datasource", "type": "datasource"},
        {"name": "group", "type": "query", "definition": 'label_values(g{job=~"$job"}, group)'},
        {"name": "worst", "type": "query", "definition": "query_result(topk($top, g))"}]},
    "annotations": {"list": [{"name": "Alerts", "expr": "ALERTS"}]},
    "panels": [
        {"title": "Row"},
        {"title": "Lag", "targets": [
            {"refId": "A", "expr": 'rate(g{group=~"$group"}[$__rate_interval])', "instant": False},
            {"refId": "B", "expr": "empty", "instant": True},
            {"refId": "C", "expr": 'g{group="$worst"}', "instant": True}]}]}


class _Handler(WebHandler):
    def do_GET(self):
        path, _, parameters = self.path.partition("?")
        asked = dict(urllib.parse.parse_qsl(parameters))
        expression = asked.get("query") or asked["match[]"]
        prometheus = self.server.owner
        prometheus.asked.append((path.rsplit("/", 1)[1], expression))
        if expression in prometheus.refused:
            self.answer(400, b"parse error")
            return
        rows = [] if expression in prometheus.empty else [{"group": "a"}]
        data = rows if path.endswith("series") else {"result": [{"metric": row} for row in rows]}
        self.answer(200, json.dumps({"data": data}).encode())


class _FakePrometheus(WebServer):
    def __init__(self):
        super().__init__(_Handler)
        self.asked, self.empty, self.refused = [], set(), set()


class DashboardQueriesTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(_FakePrometheus())
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "board.json").write_text(json.dumps(_BOARD))

    def check(self, **more):
        return dashboard_queries.check(f"http://{self.server.address}", self.folder, **more)

    def test_all_is_asked_with_the_variables_put_in(self):
        self.assertEqual(self.check(rate_interval="8s", top=3), [])
        self.assertEqual(self.server.asked, [
            ("series", 'g{job=~".+"}'), ("query", "topk(3, g)"), ("query_range", "ALERTS"),
            ("query_range", 'rate(g{group=~".+"}[8s])'), ("query", "empty"),
            ("query", 'g{group="a"}')])

    def test_what_has_no_data_is_named(self):
        self.server.empty = {"empty", "ALERTS", 'g{job=~".+"}'}
        self.assertEqual([each.splitlines()[0] for each in self.check()],
                         ["board: $group: no data", "board: Lag B: no data"])

    def test_what_may_be_empty_is_not(self):
        self.server.empty = {"empty"}
        for quiet in ({"Lag"}, {"Lag/B"}):
            with self.subTest(quiet):
                self.assertEqual(self.check(quiet=quiet), [])
        self.assertEqual(len(self.check(quiet={"Lag/A"})), 1)

    def test_what_is_refused_is_a_problem_even_where_data_are_not_demanded(self):
        self.server.refused = {"ALERTS", "empty"}
        problems = self.check(quiet={"Lag"})
        self.assertEqual(len(problems), 2)
        self.assertIn("parse error", problems[0])

    def test_an_unknown_variable_is_a_problem(self):
        self.assertEqual(len(self.check(chosen={"job": "$other"})), 0)
        board = json.loads(json.dumps(_BOARD).replace("$group", "$nobody"))
        (self.folder / "board.json").write_text(json.dumps(board))
        self.assertIn("no variable $nobody", "".join(self.check()))


class StoriesTest(unittest.TestCase):
    def test_queries_of_stories_exist_and_so_do_the_stories(self):
        known = dashboard_queries.queries(_FOLDER)
        names = {query.title for query in known} | {f"{q.title}/{q.ref}" for q in known}
        self.assertEqual(dashboard_queries.STORY_OF.keys() - names, set())
        self.assertLessEqual(set(dashboard_queries.STORY_OF.values()),
                             {story.name for story in STORIES} | {""})

    def test_stories_that_are_not_told_leave_panels_quiet(self):
        told = {story.name for story in STORIES}
        some = dashboard_queries.quiet(told - {"dead-letters"}, _FOLDER)
        self.assertLess(dashboard_queries.quiet(told, _FOLDER), some)


if __name__ == "__main__":
    unittest.main()
