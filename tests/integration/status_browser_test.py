"""The status page of 5,000 groups in a real browser: what is clicked, and what can be read."""

import os
import subprocess
import tempfile
import unittest
import urllib.parse

import browser

SERVER = os.environ["BACKLOGD_STATUS_SERVER"]
PATHS = ("./", "./?limit=5&offset=2500&search=group", "group?cluster=east&name=group-04990",
         "topics", "dead-letters", "daemon", "group?cluster=east&name=none")

# Text whose contrast is below what WCAG AA demands of its size.
LOW_CONTRAST = """(() => {
  const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const over = (color, [r, g, b]) => {
    paint.fillStyle = `rgb(${r}, ${g}, ${b})`;
    paint.fillRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const groundOf = (element) => element
    ? over(getComputedStyle(element).backgroundColor, groundOf(element.parentElement))
    : [255, 255, 255];
  const part = (value) => value <= 0.04045 * 255
    ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const found = new Set();
  let seen = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const isText = [...element.childNodes].some((n) => n.nodeType == 3 && n.data.trim());
    if (!isText && !element.matches("input") || element.closest("svg, option")) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const [a, b] = [light(over(style.color, ground)), light(ground)];
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    ++seen;
    if (contrast < (isLarge ? 3 : 4.5)) {
      found.add(`${element.localName}.${element.className} ${contrast.toFixed(2)}`);
    }
  }
  return [seen, ...found];
})()"""

# What is wider than the screen, or than what it is in.
TOO_WIDE = """(() => {
  const width = document.documentElement.clientWidth;
  const found = [document.documentElement.scrollWidth > width ? "the page" : ""];
  for (const element of document.body.querySelectorAll("main *, footer")) {
    if (element.closest("thead, caption")) continue;
    if (element.getBoundingClientRect().right > width + 0.5) found.push(element.outerHTML);
  }
  return found.filter(Boolean).map((text) => text.slice(0, 200));
})()"""

NAMES = "[...document.querySelectorAll('tbody')[0].querySelectorAll('th')].map(e => e.innerText)"
HASTEN = "(() => { const t = setTimeout; window.setTimeout = (f, ms) => t(f, ms / 100); })()"


class StatusPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        browser.demand()
        server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.stdin.close)
        cls.addClassCleanup(server.stdout.close)
        cls.base = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        cls.folder = cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="backlogd-browser-", ignore_cleanup_errors=True))
        cls.page = cls.enterClassContext(browser.Page(cls.folder))

    def setUp(self):
        self.page.resize(1280, 900)
        self.page.prefer("light")

    def go(self, path, **parameters):
        more = urllib.parse.urlencode(parameters)
        self.page.go(urllib.parse.urljoin(self.base, path) + (more and "?" + more))

    def test_nothing_is_wider_than_a_phone(self):
        self.page.resize(390, 844)
        names = self.hostile_name()
        for path in PATHS:
            self.check_width(path)
        self.check_width("group", cluster="east", name=names)
        self.check_width("./", lang="zh")

    def test_no_page_is_wider_than_a_desktop(self):
        for path in PATHS:  # a table may be: it is within a box that scrolls
            self.go(path)
            with self.subTest(path):
                self.assertEqual(self.page.run("document.documentElement.scrollWidth"), 1280)

    def hostile_name(self):
        """The name of the longest group, as a link on the first page has it."""
        self.go("./", status="unknown")
        link = self.page.run("document.querySelector('tbody th a').href")
        name = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query, errors="surrogateescape")
        self.assertGreater(len(name["name"][0]), 240)
        return os.fsencode(name["name"][0])

    def check_width(self, path, **parameters):
        self.go(path, **parameters)
        with self.subTest(path, **parameters):
            self.assertEqual(self.page.run("document.documentElement.clientWidth"), 390)
            self.assertEqual(self.page.run(TOO_WIDE), [])

    def test_text_stands_out_from_its_ground(self):
        for scheme in ("light", "dark"):
            self.page.prefer(scheme)
            for path in PATHS:
                self.go(path)
                seen, *low = self.page.run(LOW_CONTRAST)
                with self.subTest(path, scheme=scheme):
                    self.assertGreater(seen, 10)
                    self.assertEqual(low, [])

    def test_leads_through_5000_groups(self):
        self.go("./")
        self.assertIn("1–50 of 5,000", self.page.run("document.body.innerText"))
        first = self.page.run(NAMES)
        self.assertEqual(len(first), 50)
        self.page.click("a[rel=next]")
        self.assertIn("51–100 of 5,000", self.page.run("document.body.innerText"))
        self.assertFalse(set(first) & set(self.page.run(NAMES)))
        self.page.click("a[rel=prev]")
        self.assertEqual(self.page.run(NAMES), first)

    def test_finds_and_sorts(self):
        self.go("./")
        self.page.type("input[name=search]", "GROUP-012")
        self.page.run("document.querySelector('select[name=sort]').value = 'lag'")
        self.page.click("form button")
        names = self.page.run(NAMES)
        self.assertEqual(names[:2], ["group-01299", "group-01298"])
        self.assertIn("1–50 of 100", self.page.run("document.body.innerText"))
        self.page.click("tbody th a")
        self.assertEqual(self.page.run("document.querySelector('h1').innerText"), "group-01299")
        self.go("./")
        self.page.click(".tile.stopped")
        self.assertEqual(set(self.page.run(
            "[...document.querySelectorAll('tbody')[0].querySelectorAll('.status')]"
            ".map(e => e.innerText)")), {"Stopped"})

    def test_changes_its_language_and_keeps_the_question(self):
        self.go("./", search="group-012", lang="en")
        names = self.page.run(NAMES)
        self.page.click(".languages a[lang=zh-CN]")
        self.assertEqual(self.page.run("document.documentElement.lang"), "zh-CN")
        self.assertEqual(self.page.run(NAMES), names)
        self.page.click("tbody th a")
        self.assertEqual(self.page.run("document.documentElement.lang"), "zh-CN")
        self.page.click(".languages a[lang=en]")
        self.assertEqual(self.page.run("document.documentElement.lang"), "en")
        self.assertEqual(self.page.run("document.querySelector('h1').innerText"), names[0])

    def test_loads_anew_but_not_while_somebody_types(self):
        with tempfile.TemporaryDirectory(prefix="backlogd-browser-",
                                         ignore_cleanup_errors=True) as folder, \
                browser.Page(folder) as page:
            page.before_each_page(HASTEN)  # 300 ms for 30 s
            page.go(self.base)
            page.run("window.isOld = true")
            page.await_new()
            page.type("input[name=search]", "half")
            page.run("window.isOld = true; document.activeElement?.blur();"
                     "window.times = 0; setInterval(() => ++window.times, 1)")
            page.wait("window.times > 500")
            self.assertEqual(page.run("document.querySelector('input[name=search]').value"), "half")
            self.assertTrue(page.run("window.isOld"))
            page.run("document.querySelector('input[name=search]').value = ''")
            page.await_new()


if __name__ == "__main__":
    unittest.main()
