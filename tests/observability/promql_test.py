import unittest

import promql

_SAMPLES = {"lag": {"job", "group", "topic"}, "read_total": {"job", "group"}}


class PromqlTest(unittest.TestCase):
    def test_finds_selectors_with_what_surrounds_them(self):
        query = promql.read('sum by (group) (rate(read_total{job=~"a|b", topic!="}"}[5m])) > 1.5e3')
        self.assertEqual(
            query.selectors,
            [promql.Selector("read_total", {"job": '=~"a|b"', "topic": '!="}"'}, "5m", "rate")])

    def test_a_plain_selector_has_no_function(self):
        self.assertEqual(promql.read("(lag)").selectors, [promql.Selector("lag", {}, None, None)])
        self.assertEqual(promql.read("lag").selectors, [promql.Selector("lag", {}, None, None)])

    def test_tells_labels_functions_and_words_from_metrics(self):
        query = promql.read(
            "topk(3, max without (job) (lag) and on (group) read_total unless ignoring (topic) "
            "max_over_time(lag[1h] @ end())) * on (group) group_left (topic) lag offset 5m")
        self.assertEqual([s.metric for s in query.selectors], ["lag", "read_total", "lag", "lag"])
        self.assertEqual(query.grouped, {"job", "group", "topic"})

    def test_names_what_is_not_in_the_catalog(self):
        for expression, problem in {
                "lagg": "no metric 'lagg'",
                'lag{grup="a"}': "lag has no label 'grup'",
                'rate(read_total{topic="a"}[5m])': "read_total has no label 'topic'",
                "sum by (partition) (lag)": "groups by 'partition', which no metric in it has",
                '{topic="a"}': "no metric ''"}.items():
            with self.subTest(expression):
                self.assertEqual(list(promql.problems(expression, _SAMPLES)), [problem])

    def test_finds_nothing_wrong_with_what_is_in_the_catalog(self):
        self.assertEqual(
            list(promql.problems('sum by (group) (lag{topic="a"}) > 0 unless read_total == 0',
                                 _SAMPLES)), [])


if __name__ == "__main__":
    unittest.main()
