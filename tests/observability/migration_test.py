"""docs/migration.md: what it names exists, nothing that is served is missing, queries are valid."""

import re
import unittest

import yaml

import catalog
import promql
import promtool

_PAGE = catalog.REPOSITORY / "docs" / "migration.md"
# Served with everything on; tests/exposition/compatibility_test.cc holds it against the catalog.
_GOLDEN = catalog.REPOSITORY / "tests" / "golden" / "peers.prom"
_PEERS = re.compile(r"(?:kafka|kminion|burrow)_\w+")
_NAME = re.compile(r"`((?:backlogd|kminion|burrow_kafka|kafka_burrow|kafka_topic|kafka_broker|"
                   r"kafka_brokers|kafka_consumergroup|kafka_partition|kafka_lag_exporter)_\w+|"
                   r"kafka_brokers)`")
_SETTINGS = catalog.REPOSITORY / "tests" / "data" / "peers" / "settings.yaml"
# The head of the section, the column of the table of settings (the first of the section).
_COLUMNS = {"kafka_exporter": ("kafka_exporter", 0), "kminion": ("kminion", 0),
            "kafka-lag-exporter": ("kafka-lag-exporter and klag-exporter", 0),
            "klag-exporter": ("kafka-lag-exporter and klag-exporter", 1), "burrow": ("Burrow", 0)}
# What one row may answer as a whole. Each other setting stands in its row by its name.
_WHOLE = {"minion.endToEnd.*", "lookup-table.redis.*", "reporters.influxdb.*",
          "reporters.graphite.*", "KAFKA_LAG_EXPORTER_*", "exporter.otel.*",
          "exporter.timestamp_sampling.*", "exporter.leadership.*", "evaluator.NAME.*",
          "notifier.NAME.*"}
# kafka_exporter's words for mechanisms, and librdkafka's.
_MECHANISMS = {"plain": "PLAIN", "scram-sha256": "SCRAM-SHA-256", "scram-sha512": "SCRAM-SHA-512",
               "gssapi": "GSSAPI", "oauthbearer": "OAUTHBEARER"}
_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? \S+")


def read_peers():
    """The labels of each family of other exporters, by its name."""
    samples = {}
    for line in _GOLDEN.read_text(encoding="utf-8").splitlines():
        match = _SAMPLE.fullmatch(line)
        if match and _PEERS.fullmatch(match[1]):
            labels = set(re.findall(r'(\w+)="', match[2] or ""))
            samples[match[1]] = labels | catalog.TARGET_LABELS
    return samples


def rows_of_settings(text, peer):
    """The cells of each row of the first table of the peer's section."""
    head, _ = _COLUMNS[peer]
    section = re.search(rf"^## {head}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def named_settings(text, peer):
    """What the rows stand for: names, and patterns in which * is for any letters."""
    column = _COLUMNS[peer][1]
    return [name for row in rows_of_settings(text, peer)
            for name in re.findall(r"`([^`]+)`", row[column])]


def matches(named, setting):
    return re.fullmatch(re.escape(named).replace(r"\*", ".*"), setting) is not None


class SettingsTest(unittest.TestCase):
    """Each setting of the others has its row, and no row is of a setting that they have not."""

    @classmethod
    def setUpClass(cls):
        cls.text = _PAGE.read_text(encoding="utf-8")
        cls.settings = yaml.safe_load(_SETTINGS.read_text(encoding="utf-8"))

    def test_of_each_exporter_there_is_a_list(self):
        self.assertEqual(self.settings.keys(), _COLUMNS.keys())

    def test_each_has_its_row(self):
        for peer, settings in self.settings.items():
            named = named_settings(self.text, peer)
            for setting in settings:
                with self.subTest(peer, setting=setting):
                    self.assertTrue([name for name in named if matches(name, setting)])

    def test_few_stand_for_many(self):
        named = {name for peer in self.settings for name in named_settings(self.text, peer)}
        self.assertEqual({name for name in named if "*" in name}, _WHOLE)

    def test_no_row_is_of_another(self):
        for peer, settings in self.settings.items():
            # kminion takes each from the environment too.
            known = [*settings, *(name.upper().replace(".", "_") for name in settings)]
            for name in named_settings(self.text, peer):
                with self.subTest(peer, name=name):
                    self.assertTrue([setting for setting in known if matches(name, setting)])

    def test_each_row_says_what_to_do(self):
        for peer in self.settings:
            for row in rows_of_settings(self.text, peer):
                with self.subTest(peer, row=row):
                    self.assertTrue(row[-1])

    def test_mechanisms_are_told_in_librdkafkas_words(self):
        for word, ours in _MECHANISMS.items():
            self.assertIn(f"`{word}` is `{ours}`", self.text)
        self.assertIn("`awsiam`", self.text)


class MigrationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.own = catalog.read_samples()
        cls.peers = read_peers()
        text = _PAGE.read_text(encoding="utf-8")
        not_served = re.findall(r"^Not served: .*?(?=^$)", text, re.MULTILINE | re.DOTALL)
        cls.not_served = set(_NAME.findall("".join(not_served)))
        for paragraph in not_served:
            text = text.replace(paragraph, "")
        cls.text = text
        blocks = re.findall(r"^ *```promql\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
        cls.queries = []
        for block in blocks:
            lines = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
            cls.queries += ["\n".join(lines)] if lines[0].startswith(" ") else lines

    def test_every_metric_that_it_names_is_served(self):
        named = set(_NAME.findall(self.text))
        self.assertGreater(len(named), 80)
        self.assertEqual(named - self.own.keys() - self.peers.keys()
                         - {"backlogd_poll_duration_seconds", "kafka_lag_exporter"}, set())

    def test_every_metric_of_other_exporters_has_its_row(self):
        self.assertGreater(len(self.peers), 50)
        rows = "".join(line for line in self.text.splitlines(True) if line.startswith("| `"))
        self.assertEqual(self.peers.keys() - set(_NAME.findall(rows)), set())

    def test_what_changes_with_a_second_cluster_is_told_where_others_have_a_label_for_it(self):
        section = re.search(r"^## Several clusters.*?(?=^## )", self.text, re.M | re.S)[0]
        alone = {name for name, labels in self.peers.items()
                 if re.match("kafka_lag_exporter_|kafka_partition_|kafka_consumergroup_group_|"
                             "burrow_|kafka_burrow_", name)
                 and not labels & {"cluster_name", "cluster"}}
        self.assertEqual(alone, {"kafka_lag_exporter_up"})
        for name in alone:
            self.assertTrue(f"`{name}`" in section, name)

    def test_what_is_not_served_is_not(self):
        self.assertGreater(len(self.not_served), 3)
        # Of our own names, those in brackets are the ones to take instead.
        self.assertEqual(self.not_served & self.peers.keys(), set())

    def test_queries_are_valid_and_use_names_and_labels_that_exist(self):
        self.assertGreater(len(self.queries), 8)
        samples = {**self.own, **self.peers}
        for query in self.queries:
            with self.subTest(query):
                self.assertEqual(list(promql.problems(query, samples)), [])
        valid, why = promtool.check_expressions(
            {f"query_{i}": query for i, query in enumerate(self.queries)})
        self.assertTrue(valid, why)


if __name__ == "__main__":
    unittest.main()
