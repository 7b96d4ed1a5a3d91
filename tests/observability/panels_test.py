"""What the overview's panels show of a small world that two replicas of backlogd watch."""

import unittest

import catalog
import dashboard as grafana
import promtool

# Group: state, members, assigned partitions, largest lag, unknown partitions. Lags below.
_GROUPS = {
    "billing": ("Stable", 2, 6, 400, 0),
    "mail": ("Stable", 1, 6, 30, 0),
    "audit": ("Empty", 0, 0, 7, 0),
    "search": ("Stable", 1, 3, None, 3),
}
_LAGS = {"billing": "0+30x30", "mail": "60x30", "audit": "7x30"}


def _group_series(name):
    state, members, assigned, largest, unknown = _GROUPS[name]
    series = {
        f'backlogd_group_state{{group="{name}",type="Classic",state="{state}"}}': "1x30",
        f'backlogd_group_members{{group="{name}"}}': f"{members}x30",
        f'backlogd_group_assigned_partitions{{group="{name}"}}': f"{assigned}x30",
        f'backlogd_group_unknown_partitions{{group="{name}"}}': f"{unknown}x30",
    }
    if largest is not None:
        series[f'backlogd_group_max_lag_records{{group="{name}"}}'] = f"{largest}x30"
        series[f'backlogd_group_topic_lag_records{{group="{name}",topic="orders"}}'] = _LAGS[name]
        series[f'backlogd_group_lag_records{{group="{name}"}}'] = f"{_LAGS[name]}"
    return series


def _world():
    """Series of one replica, without the labels that all of them have."""
    series = {
        "backlogd_up{}": "1x30",
        "backlogd_snapshot_timestamp_seconds{}": "-10+60x30",
        "backlogd_carried_values{}": "0x29 4",
        'backlogd_poll_duration_seconds_bucket{le="1"}': "0+4x30",
        'backlogd_poll_duration_seconds_bucket{le="2"}': "0+4x30",
        'backlogd_poll_duration_seconds_bucket{le="+Inf"}': "0+4x30",
        'backlogd_poll_failures_total{step="metadata",reason="timeout"}': "0x30",
        'backlogd_poll_failures_total{step="list_groups",reason="unreachable"}': "0+30x30",
        'backlogd_group_topic_lost_records_total{group="billing",topic="orders"}': "0+2x30",
        'backlogd_group_topic_lost_records_total{group="mail",topic="orders"}': "5x30",
        'backlogd_group_topic_uncommitted_partitions{group="search",topic="orders"}': "3x30",
        'backlogd_group_topic_uncommitted_partitions{group="mail",topic="orders"}': "0x30",
        'backlogd_group_topic_records_consumed_total{group="billing",topic="orders"}': "0+60x30",
        'backlogd_group_topic_records_consumed_total{group="mail",topic="orders"}': "0+120x30",
        'backlogd_group_topic_records_consumed_total{group="audit",topic="orders"}': "0x30",
        'backlogd_topic_records_produced_total{topic="orders"}': "0+120x30",
        'backlogd_topic_records_produced_total{topic="unread"}': "0+600x30",
        'backlogd_topic_partitions_without_leader{topic="orders"}': "1x30",
        'backlogd_topic_partitions_without_leader{topic="unread"}': "0x30",
        'backlogd_topic_partitions_under_replicated{topic="orders"}': "2x30",
        'backlogd_topic_partitions_under_replicated{topic="unread"}': "1x30",
    }
    for name in _GROUPS:
        series |= _group_series(name)
    return series


def _scraped(series, instances):
    scraped = {}
    for name, values in series.items():
        for instance in instances:
            own = f'job="backlogd",instance="{instance}",kafka_cluster="main"'
            metric, labels = name.rstrip("}").split("{")
            scraped[f"{metric}{{{own},{labels}}}".replace(",}", "}")] = values
    return scraped


# Panel title and target: samples at the end of 30 minutes. Top is 2.
_MAIN = '{kafka_cluster="main"}'
_SHOWN = {
    ("Clusters", "A"): {_MAIN: 1},
    ("Age of the data", "A"): {_MAIN: 10},
    ("Records lost", "A"): {"{}": 60},
    ("Partitions with unknown lag", "A"): {"{}": 3},
    ("Partitions without a commit", "A"): {"{}": 3},
    ("Partitions without leader", "A"): {"{}": 1},
    ("Largest backlogs", "A"): {'{kafka_cluster="main",group="billing"}': 900,
                                '{kafka_cluster="main",group="mail"}': 60},
    ("Largest backlogs", "B"): {'{kafka_cluster="main",group="billing"}': 400,
                                '{kafka_cluster="main",group="mail"}': 30},
    ("Largest backlogs", "C"): {'{kafka_cluster="main",group="billing"}': 2,
                                '{kafka_cluster="main",group="mail"}': 1},
    ("Largest backlogs", "D"): {'{kafka_cluster="main",group="billing"}': 6,
                                '{kafka_cluster="main",group="mail"}': 6},
    ("Largest backlogs", "E"): {'{kafka_cluster="main",group="billing",state="Stable"}': 1,
                                '{kafka_cluster="main",group="mail",state="Stable"}': 1},
    ("Groups by state", "A"): {'{state="Stable"}': 3, '{state="Empty"}': 1},
    ("Lag of the largest backlogs", "A"): {'{kafka_cluster="main",group="billing"}': 900,
                                           '{kafka_cluster="main",group="mail"}': 60},
    # Only what somebody reads counts as produced.
    ("Produced against consumed", "A"): {_MAIN: 2},
    ("Produced against consumed", "B"): {'{kafka_cluster="main",group="mail"}': 2,
                                         '{kafka_cluster="main",group="billing"}': 1},
    ("Lag by topic", "A"): {'{kafka_cluster="main",group="billing",topic="orders"}': 900,
                            '{kafka_cluster="main",group="mail",topic="orders"}': 60},
    ("Members against assigned partitions", "A"): {_MAIN: 4},
    ("Members against assigned partitions", "B"): {_MAIN: 15},
    ("Lost records", "A"): {'{kafka_cluster="main",group="billing",topic="orders"}': 60},
    ("Unknown lag", "A"): {'{kafka_cluster="main",group="search"}': 3},
    ("Partitions without a commit, by topic", "A"): {
        '{kafka_cluster="main",group="search",topic="orders"}': 3},
    ("Offline and under-replicated partitions", "A"): {_MAIN: 1},
    ("Offline and under-replicated partitions", "B"): {_MAIN: 3},
    ("Topics with offline or under-replicated partitions", "A"): {
        '{kafka_cluster="main",topic="orders"}': 1},
    ("Topics with offline or under-replicated partitions", "B"): {
        '{kafka_cluster="main",topic="orders"}': 2, '{kafka_cluster="main",topic="unread"}': 1},
    ("Poll duration", "A"): {_MAIN: 0.5},
    ("Poll duration", "B"): {_MAIN: 0.99},
    # Each replica has failures of its own.
    ("Failures by reason", "A"): {'{step="list_groups",reason="unreachable"}': 1},
    ("Carried values", "A"): {_MAIN: 4},
}


class PanelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overview = grafana.Dashboard(catalog.REPOSITORY / "dashboards/backlogd-overview.json")

    def test_every_target_is_tested(self):
        targets = {(panel["title"], target["refId"])
                   for panel in self.overview.panels for target in panel["targets"]}
        self.assertEqual(set(_SHOWN), targets)

    def test_two_replicas_show_what_is_there_once(self):
        expected = {self.overview.expression(*where): shown for where, shown in _SHOWN.items()}
        self.check(_scraped(_world(), ["a", "b"]), expected)

    def test_one_replica_shows_the_same(self):
        expected = {self.overview.expression(*where): shown for where, shown in _SHOWN.items()
                    if where[0] != "Failures by reason"}
        self.check(_scraped(_world(), ["a"]), expected)

    def test_a_chosen_group_is_all_that_is_shown(self):
        chosen = {"$group": "mail"}
        mail = '{kafka_cluster="main",group="mail"}'
        self.check(_scraped(_world(), ["a"]), {
            self.overview.expression("Largest backlogs", "A", chosen): {mail: 60},
            self.overview.expression("Lag of the largest backlogs", "A", chosen): {mail: 60},
            self.overview.expression("Produced against consumed", "B", chosen): {mail: 2},
            self.overview.expression("Partitions with unknown lag", "A", chosen): {"{}": 0},
        })

    def test_a_chosen_topic_is_all_that_is_shown(self):
        world = _world() | {
            'backlogd_group_topic_lag_records{group="mail",topic="letters"}': "5x30"}
        expression = self.overview.expression("Lag by topic", "A", {"$topic": "letters"})
        self.check(_scraped(world, ["a", "b"]), {
            expression: {'{kafka_cluster="main",group="mail",topic="letters"}': 5}})

    def test_a_world_without_trouble_leaves_the_lists_empty(self):
        calm = {name: "0x30" for name in _world()}
        self.check(_scraped(calm, ["a", "b"]), {
            self.overview.expression(title): {}
            for title in ("Lost records", "Unknown lag", "Partitions without a commit, by topic",
                          "Topics with offline or under-replicated partitions",
                          "Failures by reason")})

    def check(self, series, expected):
        right, says = promtool.check_results(series, "30m", expected)
        self.assertTrue(right, says)


if __name__ == "__main__":
    unittest.main()
