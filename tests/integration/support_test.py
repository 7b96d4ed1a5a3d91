"""The readers that the other tests trust: each must refuse what is wrong."""

import unittest

from support.backlogd import parse_log_line
from support.consumer_groups import UnreadableTable, read_groups, read_positions
from support.exposition import ExpositionError, parse

_GAUGE = "# HELP a Help.\n# TYPE a gauge\n"


class Exposition(unittest.TestCase):
    def test_reads_labels_and_values(self):
        page = parse((_GAUGE + r'a{group="q\" b\\ n\n,}",topic="é"} 3' + "\na 1.5e3\n").encode())
        self.assertEqual(page.value("a", group='q" b\\ n\n,}', topic="é"), 3)
        self.assertEqual(page.value("a"), 1500)
        self.assertIsNone(page.value("a", group="other"))
        self.assertEqual(page.families, {"a": "gauge"})

    def test_reads_open_metrics(self):
        page = parse(b"# TYPE a counter\n# HELP a Help.\na_total 2\n# EOF\n", open_metrics=True)
        self.assertEqual((page.families, page.value("a_total")), ({"a_total": "counter"}, 2))

    def test_reads_histograms(self):
        page = parse(b'# HELP h H.\n# TYPE h histogram\n'
                     b'h_bucket{le="+Inf"} 1\nh_sum 2\nh_count 1\n')
        self.assertEqual(page.value("h_bucket", le="+Inf"), 1)

    def test_refuses(self):
        cases = {
            "no line end": _GAUGE + "a 1",
            "no help": "# TYPE a gauge\na 1\n",
            "no type": "# HELP a Help.\na 1\n",
            "no sample": _GAUGE,
            "no sample before the next": _GAUGE + _GAUGE.replace(" a", " b") + "b 1\n",
            "of no family": "a 1\n",
            "of another family": _GAUGE + "b 1\n",
            "family twice": _GAUGE + "a 1\n" + _GAUGE.replace(" a", " b") + "b 1\n" + _GAUGE
                            + "a{x=\"1\"} 1\n",
            "type twice": _GAUGE + "# TYPE a gauge\na 1\n",
            "sample twice": _GAUGE + 'a{x="1",y="2"} 1\na{y="2",x="1"} 1\n',
            "label twice": _GAUGE + 'a{x="1",x="1"} 1\n',
            "label order": _GAUGE + 'a{topic="1",group="1"} 1\n',
            "bad escape": _GAUGE + 'a{x="\\t"} 1\n',
            "open quote": _GAUGE + 'a{x="1} 1\n',
            "no comma": _GAUGE + 'a{x="1"y="2"} 1\n',
            "NaN": _GAUGE + "a NaN\n",
            "infinite": _GAUGE + "a +Inf\n",
            "no number": _GAUGE + "a x\n",
            "timestamp": _GAUGE + "a 1 2\n",
            "blank line": _GAUGE + "a 1\n\n",
            "counter name": _GAUGE.replace("gauge", "counter") + "a 1\n",
        }
        for name, text in cases.items():
            with self.subTest(name), self.assertRaises(ExpositionError):
                parse(text.encode())
        with self.assertRaises(UnicodeDecodeError):
            parse(_GAUGE.encode() + b'a{x="\xff"} 1\n')
        with self.assertRaises(ExpositionError):
            parse((_GAUGE + "a 1\n").encode(), open_metrics=True)


class LogLine(unittest.TestCase):
    def test_reads_fields(self):
        fields = parse_log_line(r'ts=1Z level=info msg="poll \"x\"\n" a=b c="d e" f=""')
        self.assertEqual(fields, {"ts": "1Z", "level": "info", "msg": 'poll "x"\n', "a": "b",
                                  "c": "d e", "f": ""})

    def test_refuses(self):
        for line in ("", "%3|1700|FAIL|rdkafka: raw", 'level=info msg="a"',
                     'ts=1 level=info msg="a" text without key', 'ts=1 level=info msg="a',
                     'ts=1 level=info msg="a" b=1 b=2', 'ts=1  level=info msg="a"',
                     'ts=1 level=info msg="a" b=c"d'):
            with self.subTest(line), self.assertRaises(AssertionError):
                parse_log_line(line)


class FakeDriver:
    def __init__(self, groups, **texts):
        self._groups = groups
        self._texts = texts

    def list_groups(self):
        return self._groups

    def consumer_groups(self, *arguments):
        return self._texts[arguments[-1].strip("-").replace("-", "_")]


class Tables(unittest.TestCase):
    HEADER = ("GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST "
              "CLIENT-ID\n")

    def test_reads_names_that_hold_anything(self):
        groups = ["g", "a b\ng", "a b"]
        text = self.HEADER + "".join(f"{group}   t.x  0  3  10  7  -  -  -\n" for group in groups)
        rows = read_positions(FakeDriver(groups, all_groups=text))
        self.assertEqual({key: (row.committed, row.end, row.lag, row.assigned)
                          for key, row in rows.items()},
                         {(group, "t.x", 0): (3, 10, 7, False) for group in groups})

    def test_reads_missing_numbers(self):
        text = self.HEADER + "g  t  1  -  10  -  consumer-1  /127.0.0.1  client-1\n"
        row = read_positions(FakeDriver(["g"], all_groups=text))["g", "t", 1]
        self.assertEqual((row.committed, row.lag, row.assigned), (None, None, True))

    def test_reads_groups(self):
        driver = FakeDriver(
            ["g"], type="GROUP TYPE\ng  Classic\n",
            state="GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS\n"
                  "g  127.0.0.1:9092  (1)  range  Stable  2\n",
            members="GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS\n"
                    "g  c-1  /127.0.0.1  c  2\ng  c-2  /127.0.0.1  c  1\n")
        group = read_groups(driver)["g"]
        self.assertEqual((group.type, group.state, group.members, group.assigned_partitions),
                         ("Classic", "Stable", 2, 3))

    def test_refuses_what_is_no_table(self):
        text = self.HEADER + "\nError: Executing consumer group command failed due to ...\n"
        with self.assertRaises(UnreadableTable):
            read_positions(FakeDriver(["g"], all_groups=text))
