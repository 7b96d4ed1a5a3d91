"""docs/migration.md: what it names exists, nothing that is served is missing, queries are valid."""

import re
import unittest

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
