"""Runbooks: none is missing, in either language, and every example in them is one that works."""

import re
import unittest

import catalog
import links_test
import promql
import promtool
import rule_file

_FOLDER = catalog.REPOSITORY / "docs" / "runbooks"
_CAUSES = _FOLDER / "causes"
_SECTIONS = {".md": ["Meaning", "Impact", "Diagnosis", "Mitigation"],
             ".zh-CN.md": ["含义", "影响", "诊断", "缓解"]}
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_ALERTS = catalog.REPOSITORY / "docs" / "alerts.md"
# A page of docs/ that tells how to scale: its examples have queries too.
_SCALING = catalog.REPOSITORY / "docs" / "scaling.md"


def translation(page):
    """The other page of a pair."""
    name = page.name
    return page.with_name(name.replace(".zh-CN.md", ".md") if ".zh-CN." in name
                          else name.replace(".md", ".zh-CN.md"))


def links(page, text):
    """Where the links of a page lead, whatever its language: to which file, and which of its
    headings, by number."""
    for link in links_test.links(text):
        path, _, anchor = link.partition("#")
        if anchor and "://" not in link:
            target = page.parent / path if path else page
            anchor = links_test.anchors(target.read_text(encoding="utf-8")).index(anchor)
        yield path.replace(".zh-CN.md", ".md"), anchor


def code(text):
    """What stands between backticks in a line."""
    return {" ".join(one.split()) for one in re.findall(r"`([^`]+)`", _BLOCK.sub("", text))}


def words(source, function):
    """What ToText(`function`'s enum) may say, read from the table in its source."""
    text = (catalog.REPOSITORY / "src" / "analysis" / source).read_text(encoding="utf-8")
    table = re.search(rf"ToText\({function} \w+\) {{.*?kNames = {{(.*?)}};", text, re.DOTALL)
    return re.findall(r'"(\w+)"', table[1])


def blocks(text, language):
    """The contents of the fenced blocks of a language, without their indent."""
    for found, content in _BLOCK.findall(text):
        if found == language:
            yield re.sub(rf"^{re.match(' *', content)[0]}", "", content, flags=re.MULTILINE)


def queries(block):
    """The expressions of a block: each begins at the margin, and may go on in indented lines."""
    return re.findall(r"^\S.*(?:\n .*)*", block, re.MULTILINE)


def yaml_queries(block):
    """The expressions in an example of YAML, where each is on one line."""
    found = re.findall(r"^[ -]*(?:query|metricsQuery): '?(.*?)'?$", block, re.MULTILINE)
    return [one.replace("<<.Series>>", "backlogd_group_members_needed")
            .replace("<<.LabelMatchers>>", 'group="orders"') for one in found]


def without_comments(text):
    return re.sub(r"[ \t]+#.*$", "", text, flags=re.MULTILINE)


class RunbooksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = catalog.read_samples()
        cls.causes = words("cause.cc", "Cause")
        cls.statuses = words("status.cc", "Status")
        cls.rules = rule_file.read_alerts(catalog.REPOSITORY / "alerts" / "backlogd.rules.yaml")
        cls.alerts = [alert["alert"] for alert in cls.rules]
        cls.pages = {page: page.read_text(encoding="utf-8")
                     for page in [*sorted(_FOLDER.rglob("*.md")), _SCALING]}

    def test_each_cause_has_a_page_in_each_language_and_no_other_has(self):
        self.assertGreater(len(self.causes), 1)
        self.assertEqual(sorted(page.name for page in _CAUSES.iterdir()),
                         sorted(cause + end for cause in self.causes for end in _SECTIONS))

    def test_pages_of_causes_have_their_title_their_sections_and_their_translation(self):
        for cause in self.causes:
            for end, sections in _SECTIONS.items():
                with self.subTest(cause + end):
                    text = self.pages[_CAUSES / (cause + end)]
                    self.assertRegex(text, rf"^# .*\b{cause}\b")
                    self.assertEqual(re.findall(r"^## (.*)", text, re.MULTILINE), sections)
                    other, = _SECTIONS.keys() - {end}
                    self.assertIn(f"]({cause + other})", text)

    def test_each_alert_has_a_page_in_each_language_and_no_other_has(self):
        self.assertEqual(sorted(page.name for page in _FOLDER.glob("Backlogd*")),
                         sorted(alert + end for alert in self.alerts for end in _SECTIONS))

    def test_pages_of_alerts_have_their_title_their_sections_and_their_translation(self):
        for alert in self.alerts:
            for end, sections in _SECTIONS.items():
                with self.subTest(alert + end):
                    text = self.pages[_FOLDER / (alert + end)]
                    other, = _SECTIONS.keys() - {end}
                    self.assertTrue(text.startswith(f"# {alert}\n"))
                    self.assertEqual(re.findall(r"^## (.*)", text, re.MULTILINE), sections)
                    self.assertIn(f"]({alert + other})", text)
                    self.assertIn(f"](README{end})", text)

    def test_the_list_of_alerts_is_complete(self):
        listed = re.findall(r"^\| \[(\w+)\]\(runbooks/\1\.md\) \| (\w+) \|",
                            _ALERTS.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual(listed, [(rule["alert"], rule["severity"]) for rule in self.rules])

    def test_a_translation_has_the_same_examples(self):
        for page, *texts in self.pairs():
            with self.subTest(page.name):
                first, second = ([(language, without_comments(block))
                                  for language, block in _BLOCK.findall(text)] for text in texts)
                self.assertEqual(first, second)
                self.assertEqual(*map(code, texts))

    def test_a_translation_has_the_same_links(self):
        for page, *texts in self.pairs():
            with self.subTest(page.name):
                first, second = (sorted(links(one, text), key=str)
                                 for one, text in zip((page, translation(page)), texts))
                self.assertEqual(first, second)

    def test_links_stay_in_the_language(self):
        for page, text in self.pages.items():
            with self.subTest(page.name):
                paths = [link.partition("#")[0] for link in links_test.links(text)]
                targets = {(page.parent / path).resolve() for path in paths
                           if path.endswith(".md") and "://" not in path}
                strangers = {one for one in targets - {translation(page)}
                             if (".zh-CN." in one.name) != (".zh-CN." in page.name)
                             and translation(one).exists()}
                self.assertEqual(strangers, set())

    def test_other_alerts_are_links(self):
        for page, text in self.pages.items():
            if page.parent in (_FOLDER, _CAUSES):
                with self.subTest(page.name):
                    named = {one for one in self.alerts if re.search(rf"\b{one}\b", text)}
                    linked = {path.split("/")[-1].removesuffix(".md")
                              for path, _ in links(page, text)}
                    self.assertEqual(named - linked - {page.name.split(".")[0]}, set())

    def pairs(self):
        """(page, its text, that of its translation) of each."""
        pages = [page for page in self.pages
                 if page != _SCALING and not page.name.endswith(".zh-CN.md")]
        self.assertGreater(len(pages), len(self.alerts) + len(self.causes))
        return [(page, self.pages[page], self.pages[translation(page)]) for page in pages]

    def test_the_index_names_each_cause_status_and_alert(self):
        for end in _SECTIONS:
            text = self.pages[_FOLDER / ("README" + end)]
            entries = re.findall(r"^\| (?:\[(\w+)\]\(([^)]+)\)|`(\w+)`) \|", text, re.MULTILINE)
            expected = [(cause, f"causes/{cause}{end}", "") for cause in self.causes]
            expected += [("", "", status) for status in self.statuses]
            expected += [(alert, alert + end, "") for alert in self.alerts]
            with self.subTest(end):
                self.assertEqual(sorted(entries), sorted(expected))

    def test_causes_and_statuses_stand_in_their_order(self):
        for end in _SECTIONS:
            text = self.pages[_FOLDER / ("README" + end)]
            with self.subTest(end):
                self.assertEqual(re.findall(r"\(causes/(\w+).*\) \|.*\|.*\|$", text, re.MULTILINE),
                                 self.causes)
                self.assertEqual(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE), self.statuses)

    def test_every_query_is_valid(self):
        found = self._queries()
        self.assertGreater(len(found), 2 * len(self.causes))
        valid, why = promtool.check_expressions(
            {f"query_{i}": query for i, (_, query) in enumerate(found)})
        self.assertTrue(valid, why)

    def test_every_query_uses_names_and_values_that_exist(self):
        values = {"status": self.statuses, "cause": self.causes}
        for page, query in self._queries():
            with self.subTest(page.name, query=query):
                self.assertEqual(list(promql.problems(query, self.samples)), [])
                for selector in promql.read(query).selectors:
                    for label in values.keys() & selector.matchers.keys():
                        used = re.findall(r"\w+", selector.matchers[label])
                        self.assertEqual(set(used) - set(values[label]), set())

    def test_every_metric_that_is_named_exists(self):
        for page, text in self.pages.items():
            with self.subTest(page.name):
                used = set(re.findall(r"\bbacklogd_\w+", text))
                self.assertEqual(used - self.samples.keys(), set())

    def test_scaling_asks_for_nothing_where_members_do_not_help(self):
        query, = [one for block in blocks(self.pages[_SCALING], "promql") for one in queries(block)]
        series = {'backlogd_group_members_needed{kafka_cluster="default", group="orders"}': "5 5",
                  'backlogd_group_backlog_cause{kafka_cluster="default", group="orders", '
                  'cause="underprovisioned"}': "1 _",
                  'backlogd_group_backlog_cause{kafka_cluster="default", group="orders", '
                  'cause="skew"}': "_ 1"}
        for at, expected in (("0m", {"{}": 5}), ("1m", {})):
            with self.subTest(at):
                right, why = promtool.check_results(series, at, {query: expected})
                self.assertTrue(right, why)

    def test_examples_of_yaml_are_plain(self):
        examples = list(blocks(self.pages[_SCALING], "yaml"))
        self.assertTrue(examples)
        for line in "".join(examples).splitlines():
            with self.subTest(line):
                self.assertRegex(line, r"^$|^ *# |^---$|^(  )*(- )?[\w./-]+:( \S.*)?$")

    def _queries(self):
        found = []
        for page, text in self.pages.items():
            found += [(page, one) for block in blocks(text, "promql") for one in queries(block)]
            found += [(page, one) for block in blocks(text, "yaml") for one in yaml_queries(block)]
        return found


class ReadingTest(unittest.TestCase):
    def test_a_query_goes_on_in_indented_lines(self):
        block, = blocks("a\n   ```promql\n   up\n     > 0\n   sum(up)\n   ```\nb\n", "promql")
        self.assertEqual(queries(block), ["up\n  > 0", "sum(up)"])

    def test_queries_are_found_in_yaml(self):
        text = "- seriesQuery: a\n  metricsQuery: 'max(b)'\nx:\n  query: c\n"
        self.assertEqual(yaml_queries(text), ["max(b)", "c"])


if __name__ == "__main__":
    unittest.main()
