"""The dashboards in the repository are those that dashboards/src makes."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import catalog

_FOLDER = catalog.REPOSITORY / "dashboards"
_UIDS = {f"backlogd-{name}" for name in ("overview", "group", "topic", "dead-letters", "exporter")}


def _texts(folder):
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8")
            for where in (folder, folder / "import") for path in where.glob("*.json")}


class GeneratedDashboardsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        made = subprocess.run([sys.executable, "-B", _FOLDER / "src" / "generate.py", "--into",
                               folder], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise AssertionError(made.stderr)
        cls.made = _texts(folder)

    def test_they_are_what_is_committed(self):
        committed = _texts(_FOLDER)
        self.assertEqual(set(self.made), set(committed))
        for path, text in self.made.items():
            with self.subTest(path):
                self.assertTrue(text == committed[path],
                                "not what dashboards/src/generate.py writes: run it")

    def test_each_is_there_for_provisioning_and_for_import(self):
        self.assertEqual(set(self.made), {f"{uid}.json" for uid in _UIDS}
                         | {f"import/{uid}.json" for uid in _UIDS})
        for uid in _UIDS:
            with self.subTest(uid):
                self.assertEqual(json.loads(self.made[f"{uid}.json"])["uid"], uid)

    def test_import_asks_for_the_data_source_and_differs_in_nothing_else(self):
        for uid in _UIDS:
            with self.subTest(uid):
                asked = json.loads(self.made[f"import/{uid}.json"])
                asked_for, = asked.pop("__inputs")
                self.assertEqual((asked_for["type"], asked_for["pluginId"]),
                                 ("datasource", "prometheus"))
                required = {each["id"] for each in asked.pop("__requires")}
                self.assertLessEqual({panel["type"] for panel in asked["panels"]},
                                     required | {"row"})
                del asked["__elements"]
                source = asked["templating"]["list"][0]
                self.assertEqual(source["current"]["value"], f"${{{asked_for['name']}}}")
                source["current"] = {}
                self.assertEqual(asked, json.loads(self.made[f"{uid}.json"]))


if __name__ == "__main__":
    unittest.main()
