"""The status page in a real browser, and the JSON beside it: of a real daemon on a real Kafka."""

import html
import json
import os
import struct
import subprocess
import tempfile
import unittest
import urllib.parse

import browser
from kafka_case import CLUSTER, KafkaCase

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>'&"
DARK = "--blink-settings=preferredColorScheme=0"


class Browser:
    """Headless Chromium with a profile of its own; loads one page and ends."""

    def __init__(self, folder):
        self._folder = folder

    def _run(self, *arguments):
        return subprocess.run(
            [browser.PROGRAM, *browser.switches(self._folder), *arguments],
            check=True, capture_output=True, timeout=60).stdout

    def dom(self, url, *arguments):
        return self._run("--dump-dom", *arguments, url).decode()

    def screenshot(self, url, size, *arguments):
        """The PNG and its (width, height)."""
        file = f"{self._folder}/shot.png"
        self._run(f"--screenshot={file}", "--window-size={},{}".format(*size), *arguments, url)
        with open(file, "rb") as png:
            data = png.read()
        os.remove(file)
        return data, struct.unpack(">II", data[16:24])


class StatusPage(KafkaCase):
    @classmethod
    def prepare(cls):
        cls.driver.create_topic("orders", 2)
        cls.driver.produce([("orders", p, 10) for p in range(2)])
        for group in (HOSTILE, "billing"):
            cls.driver.commit(group, [("orders", 0, 4), ("orders", 1, 10)])

    def setUp(self):
        self.await_agreement("billing")

    def get(self, path, **parameters):
        response = self.daemon.request(path + "?" + urllib.parse.urlencode(parameters))
        return response.status, json.loads(response.body)

    def url(self, path, **parameters):
        return f"http://{self.daemon.address}{path}?{urllib.parse.urlencode(parameters)}"

    # JSON

    def test_json_says_what_the_metrics_say(self):
        status, groups = self.get("/api/v1/groups", search="BILL")
        self.assertEqual((status, groups["total"]), (200, 1))
        self.assertEqual((groups["groups"][0]["group"], groups["groups"][0]["lag_records"]),
                         ("billing", 6))
        status, group = self.get("/api/v1/group", cluster=CLUSTER, name=HOSTILE)
        self.assertEqual((status, group["group"]), (200, HOSTILE))
        rows = {row["partition"]: row["lag_records"] for row in group["partitions"]["rows"]}
        self.assertEqual(rows, {0: 6, 1: 0})
        self.assertEqual(group["history"][-1]["lag_records"], 6)
        clusters = self.get("/api/v1/clusters")[1]["clusters"]
        self.assertEqual([(c["cluster"], c["up"], c["groups"]) for c in clusters],
                         [(CLUSTER, True, 2)])
        for path in ("topics", "dead-letters", "health"):
            self.assertEqual(self.get(f"/api/v1/{path}")[0], 200, path)

    def test_json_says_what_is_wrong(self):
        for path, parameters, status in [("groups", {"limit": "x"}, 400),
                                         ("groups", {"what": "x"}, 400),
                                         ("clusters", {"what": "x"}, 400),
                                         ("what", {}, 404),
                                         ("group", {"cluster": CLUSTER}, 400),
                                         ("group", {"cluster": CLUSTER, "name": "x"}, 404)]:
            found, body = self.get(f"/api/v1/{path}", **parameters)
            self.assertEqual((found, list(body)), (status, ["error"]), path)
        self.assertIn("/api/v1/groups", self.get("/api/what")[1]["error"])

    # A browser

    @classmethod
    def chromium(cls):
        browser.demand()
        if not hasattr(cls, "_browser"):
            folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="backlogd-browser-"))
            cls._browser = Browser(folder)
        return cls._browser

    def assert_harmless(self, dom):
        self.assertIn("· backlogd</title>", dom)
        self.assertIn(html.escape("<script>document.title='run'</script>'&", quote=False), dom)
        self.assertEqual(dom.count("<script"), 1)
        self.assertIn('<script src="refresh.js" defer', dom)
        self.assertNotIn("<img", dom)

    def test_hostile_names_are_text_and_chinese_is_spoken(self):
        chromium = self.chromium()
        dom = chromium.dom(self.url("/"), "--accept-lang=zh-CN", "--lang=zh-CN")
        self.assert_harmless(dom)
        self.assertIn('<html lang="zh-CN">', dom)
        self.assertIn("消费组", dom)
        dom = chromium.dom(self.url("/group", cluster=CLUSTER, name=HOSTILE, lang="en"))
        self.assert_harmless(dom)
        self.assertIn('<html lang="en">', dom)
        self.assertIn("<svg", dom)
        self.assertIn("orders", dom)

    def test_fits_a_phone_in_light_and_dark(self):
        chromium = self.chromium()
        light, size = chromium.screenshot(self.url("/"), (390, 844))
        dark, dark_size = chromium.screenshot(self.url("/"), (390, 844), DARK)
        self.assertEqual((size, dark_size), ((390, 844), (390, 844)))
        self.assertGreater(min(len(light), len(dark)), 5000)  # a blank page has less
        self.assertNotEqual(light, dark)


if __name__ == "__main__":
    unittest.main()
