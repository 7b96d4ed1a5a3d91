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
# What the analysis says, where it says anything.
_MEASURES = {
    "lag_seconds": {"billing": 600, "mail": 30, "audit": 10},
    "drain_seconds": {"mail": 20},
    "retention_headroom_seconds": {"billing": 7200, "mail": 86400, "audit": 3600},
    "members_needed": {"billing": 4, "mail": 1},
    "inflow_records_per_second": {"billing": 3, "mail": 2, "audit": 0},
    "consumption_records_per_second": {"billing": 1, "mail": 2, "audit": 0},
}
_STATUSES = {"billing": "falling_behind", "mail": "ok", "audit": "stopped"}
_CAUSES = {"billing": "underprovisioned", "audit": "consumer_stopped"}


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
        series[f'backlogd_group_status{{group="{name}",status="{_STATUSES[name]}"}}'] = "1x30"
    if name in _CAUSES:
        series[f'backlogd_group_backlog_cause{{group="{name}",cause="{_CAUSES[name]}"}}'] = "1x30"
    for measure, values in _MEASURES.items():
        if name in values:
            series[f'backlogd_group_{measure}{{group="{name}"}}'] = f"{values[name]}x30"
    return series


def _dead_letter_series():
    return {
        'backlogd_dlq_info{group="billing",topic="orders-dlq",source_topic="orders",'
        'convention="suffix"}': "1x30",
        # Two groups handle the first; of the second nothing is known.
        'backlogd_dlq_info{group="",topic="lost-dlq",source_topic="",convention="suffix"}': "1x30",
        'backlogd_dlq_pending_records{group="fixer",topic="orders-dlq"}': "4x30",
        'backlogd_dlq_pending_records{group="logger",topic="orders-dlq"}': "9x30",
        'backlogd_dlq_pending_records{group="",topic="lost-dlq"}': "2x30",
        'backlogd_dlq_oldest_record_timestamp_seconds{topic="orders-dlq"}': "1200x30",
        'backlogd_dlq_classified_records_total{topic="orders-dlq",source_topic="orders",'
        'reason="format"}': "0+6x30",
    }


def _world():
    """Series of one replica, without the labels that all of them have."""
    series = {
        "backlogd_up{}": "1x30",
        "backlogd_snapshot_timestamp_seconds{}": "-10+60x30",
        'backlogd_group_topic_lost_records_total{group="billing",topic="orders"}': "0+2x30",
        'backlogd_group_topic_lost_records_total{group="mail",topic="orders"}': "5x30",
        'backlogd_group_topic_uncommitted_partitions{group="search",topic="orders"}': "3x30",
        'backlogd_group_topic_uncommitted_partitions{group="mail",topic="orders"}': "0x30",
        'backlogd_topic_records_produced_total{topic="orders"}': "0+120x30",
        'backlogd_topic_records_produced_total{topic="unread"}': "0+600x30",
        'backlogd_topic_partitions_without_leader{topic="orders"}': "1x30",
        'backlogd_topic_partitions_without_leader{topic="unread"}': "0x30",
    }
    for name in _GROUPS:
        series |= _group_series(name)
    return series | _dead_letter_series()


def _alerts():
    """As Prometheus records them: without job and instance."""
    labels = ('alertname="BacklogdGroupLate",severity="warning",kafka_cluster="main",'
              'group="billing"')
    return {f'ALERTS{{{labels},alertstate="firing"}}': "1x30",
            f"ALERTS_FOR_STATE{{{labels}}}": "600x30",
            'ALERTS{alertname="BacklogdDown",severity="critical",alertstate="pending"}': "1x30",
            'ALERTS{alertname="BacklogdWatchdog",severity="none",alertstate="firing"}': "1x30"}


def _scraped(series, instances):
    scraped = _alerts()
    for name, values in series.items():
        for instance in instances:
            own = f'job="backlogd",instance="{instance}",kafka_cluster="main"'
            metric, labels = name.rstrip("}").split("{")
            scraped[f"{metric}{{{own},{labels}}}".replace(",}", "}")] = values
    return scraped


def _of(**values):
    """Samples of groups of the cluster."""
    return {f'{{kafka_cluster="main",group="{name}"}}': value for name, value in values.items()}


def _with(label, **values):
    return {f'{{kafka_cluster="main",group="{name}",{label}="{value}"}}': 1
            for name, value in values.items()}


def _queues(**values):
    return {f'{{kafka_cluster="main",topic="{name}-dlq"}}': value
            for name, value in values.items()}


# Panel title and target: samples at the end of 30 minutes. Top is 2.
_MAIN = '{kafka_cluster="main"}'
_SHOWN = {
    ("Clusters", "A"): {_MAIN: 1},
    ("Age of the data", "A"): {_MAIN: 10},
    ("Firing alerts", "A"): {"{}": 1},
    ("Groups", "A"): {"{}": 4},
    ("Groups over their objective", "A"): {"{}": 1},
    ("Longest delay", "A"): {"{}": 600},
    ("Records waiting", "A"): {"{}": 967},
    ("Records lost", "A"): {"{}": 60},
    # Of the first queue, what the slower group has before it.
    ("Dead letters pending", "A"): {"{}": 11},
    ("Partitions with unknown lag", "A"): {"{}": 3},
    ("Partitions without a commit", "A"): {"{}": 3},
    ("Partitions without leader", "A"): {"{}": 1},
    ("Latest groups", "A"): _of(billing=600, mail=30),
    ("Latest groups", "B"): _of(billing=2, mail=0.1),
    ("Latest groups", "C"): _of(billing=900, mail=60),
    ("Latest groups", "D"): _with("status", billing="falling_behind", mail="ok"),
    ("Latest groups", "E"): _with("cause", billing="underprovisioned"),
    ("Latest groups", "F"): _of(mail=20),
    ("Latest groups", "G"): _of(billing=7200, mail=86400),
    ("Latest groups", "H"): _of(billing=2, mail=1),
    ("Latest groups", "I"): _of(billing=4, mail=1),
    ("Groups by status", "A"): {'{status="falling_behind"}': 1, '{status="ok"}': 1,
                                '{status="stopped"}': 1},
    ("Delay of the latest groups", "A"): _of(billing=600, mail=30),
    ("Lag of the largest backlogs", "A"): _of(billing=900, mail=60),
    ("Largest backlogs", "A"): _of(billing=900, mail=60),
    ("Largest backlogs", "B"): _of(billing=400, mail=30),
    ("Largest backlogs", "C"): _of(billing=2, mail=1),
    ("Largest backlogs", "D"): _of(billing=6, mail=6),
    ("Largest backlogs", "E"): _with("status", billing="falling_behind", mail="ok"),
    ("Growing fastest", "A"): _of(billing=2),
    ("Growing fastest", "B"): _of(billing=3),
    ("Growing fastest", "C"): _of(billing=1),
    ("Growing fastest", "D"): _with("cause", billing="underprovisioned"),
    ("Next to lose records", "A"): _of(audit=3600, billing=7200),
    ("Next to lose records", "B"): {},
    ("Next to lose records", "C"): _of(billing=60),
    ("Next to lose records", "D"): _with("status", audit="stopped", billing="falling_behind"),
    ("Producers against consumers", "A"): {_MAIN: 12},
    ("Producers against consumers", "B"): {_MAIN: 5},
    ("Producers against consumers", "C"): {_MAIN: 3},
    ("Dead letters by reason", "A"): {'{reason="format"}': 0.1},
    ("Largest dead-letter queues", "A"): _queues(orders=9, lost=2),
    ("Largest dead-letter queues", "B"): _queues(orders=600),
    ("Alerts that fire", "A"): {'{alertname="BacklogdGroupLate",severity="warning",'
                                'kafka_cluster="main",group="billing"}': 600000},
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
        expected = {self.overview.expression(*where): shown for where, shown in _SHOWN.items()}
        self.check(_scraped(_world(), ["a"]), expected)

    def test_a_chosen_group_is_all_that_is_shown(self):
        chosen = {"$group": "mail"}
        self.check(_scraped(_world(), ["a"]), {
            self.overview.expression("Largest backlogs", "A", chosen): _of(mail=60),
            self.overview.expression("Lag of the largest backlogs", "A", chosen): _of(mail=60),
            self.overview.expression("Latest groups", "B", chosen): _of(mail=0.1),
            self.overview.expression("Partitions with unknown lag", "A", chosen): {"{}": 0},
            # And queues of which nobody knows whose they are.
            self.overview.expression("Largest dead-letter queues", "A", chosen): _queues(lost=2),
        })

    def test_a_chosen_topic_shows_the_queue_of_its_dead_letters(self):
        self.check(_scraped(_world(), ["a", "b"]), {
            self.overview.expression("Largest dead-letter queues", "A", {"$topic": topic}):
                _queues(orders=9) for topic in ("orders", "orders-dlq")})

    def test_an_objective_of_ones_own_counts(self):
        own = _scraped(_world(), ["a"]) | {
            'backlogd:group_lag_objective:seconds{kafka_cluster="main",group="mail"}': "10x30"}
        self.check(own, {
            self.overview.expression("Groups over their objective"): {"{}": 2},
            self.overview.expression("Latest groups", "B"): _of(billing=2, mail=3)})

    def test_a_world_without_trouble_leaves_the_lists_empty(self):
        calm = {name: "0x30" for name in _world()}
        self.check(_scraped(calm, ["a", "b"]), {
            self.overview.expression("Growing fastest"): {},
            self.overview.expression("Groups over their objective"): {"{}": 0}})

    def check(self, series, expected):
        right, says = promtool.check_results(series, "30m", expected)
        self.assertTrue(right, says)


class OtherPanelsTest(unittest.TestCase):
    """Where more than a choice is made."""

    def show(self, name, expected, more=()):
        board = grafana.Dashboard(catalog.REPOSITORY / f"dashboards/backlogd-{name}.json")
        world = _scraped(_world() | dict(more), ["a", "b"])
        right, says = promtool.check_results(world, "30m", {
            board.expression(*where): shown for where, shown in expected.items()})
        self.assertTrue(right, says)

    def test_group(self):
        self.show("group", {
            # By their places in the list of statuses, and in that of causes.
            ("Status", "A"): _of(billing=2, audit=6),
            ("Cause", "A"): _of(billing=6, audit=1),
            ("Cause and advice", "B"): {
                '{kafka_cluster="main",group="billing",cause="underprovisioned",'
                'advice="underprovisioned"}': 1,
                '{kafka_cluster="main",group="audit",cause="consumer_stopped",'
                'advice="consumer_stopped"}': 1},
            ("Delay against the objective", "A"): {"{}": 2},
            ("Delay by topic", "B"): {"{}": 300},
            ("Members missing", "A"): {"{}": 2},
            ("Time until records are lost", "A"): _of(billing=7200, audit=3600),
            ("Share of the worst partition", "A"): _of(billing=0.444, mail=0.5),
        })

    def test_dead_letters(self):
        lost = 'backlogd_dlq_records_total{topic="lost-dlq"}'
        self.show("dead-letters", {
            ("Share of the source", "A"): {"{}": 0.05},
            ("Share of the source's traffic", "A"): {'{kafka_cluster="main",topic="orders"}': 0.05},
            ("Queues that nobody handles", "A"): {"{}": 1},
            ("Inflow by queue", "A"): _queues(orders=0.1, lost=1),
        }, {'backlogd_dlq_records_total{topic="orders-dlq"}': "0+6x30", lost: "0+60x30"})

    def test_topic(self):
        self.show("topic", {
            ("Its dead-letter queues", "A"): _queues(orders=9),
            ("Topics with offline or under-replicated partitions", "A"): {
                '{kafka_cluster="main",topic="orders"}': 1},
            ("Read, by group", "A"): {'{kafka_cluster="main",group="mail",topic="orders"}': 2},
        }, {'backlogd_group_topic_records_consumed_total{group="mail",topic="orders"}': "0+120x30"})

    def test_of_many_clusters_those_that_are_or_were_down_are_drawn_first(self):
        clusters = {"a-well": "1x30", "dead": "1x20 0x9", "was-dead": "1x5 0x5 1x19",
                    "z-well": "1x30"}
        world = {}
        for name, up in clusters.items():
            where = f'job="backlogd",instance="a",kafka_cluster="{name}"'
            world |= {f"backlogd_up{{{where}}}": up,
                      f"backlogd_snapshot_timestamp_seconds{{{where}}}": "0x30",
                      f"backlogd_last_success_timestamp_seconds{{{where}}}": "600x30",
                      f'backlogd_group_consumption_records_per_second{{{where},group="g"}}': "5x30"}
        for name, title, ref, value in (("exporter", "Freshness", "A", 1800),
                                        ("exporter", "Freshness", "B", 1200),
                                        ("overview", "Producers against consumers", "C", 5)):
            board = grafana.Dashboard(catalog.REPOSITORY / f"dashboards/backlogd-{name}.json")
            right, says = promtool.check_results(world, "30m", {board.expression(title, ref): {
                f'{{kafka_cluster="{cluster}"}}': value for cluster in ("dead", "was-dead")}})
            with self.subTest(title, ref=ref):
                self.assertTrue(right, says)

    def test_exporter(self):
        own = {"backlogd_build_info{}": "1x30", "process_cpu_seconds_total{}": "0+6x30",
               "process_open_fds{}": "10x30", "process_max_fds{}": "100x30", "up{}": "1x30",
               'backlogd_series_dropped{level="full"}': "0x20 500x10",
               'backlogd_series_dropped{level="group_partition"}': "0x20 30x10",
               'backlogd_series_dropped{level="topic_partition"}': "0x30"}
        self.show("exporter", {
            ("CPU", "A"): {'{instance="a"}': 0.1, '{instance="b"}': 0.1},
            ("Open files", "A"): {'{instance="a"}': 0.1, '{instance="b"}': 0.1},
            ("Targets that are down", "A"): {"{}": 0},
            ("Series left out", "A"): {"{}": 530},
            # Top is 2.
            ("Series left out by level", "A"): {
                '{kafka_cluster="main",level="full"}': 500,
                '{kafka_cluster="main",level="group_partition"}': 30}}, own)

    def test_the_budget_alone_says_how_many_series_are_too_many(self):
        board = grafana.Dashboard(catalog.REPOSITORY / "dashboards/backlogd-exporter.json")
        steps = {panel["title"]: [(step["value"], step["color"]) for step in
                                  panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
                 for panel in board.panels if panel["title"].startswith("Series")}
        self.assertEqual(steps["Series"], [(None, "text")])
        self.assertEqual(steps["Series left out"], [(None, "green"), (1, "orange")])
        self.assertEqual(steps["Series left out by level"], [(None, "text"), (1, "orange")])

    def test_other_programs_are_not_taken_for_backlogd(self):
        board = grafana.Dashboard(catalog.REPOSITORY / "dashboards/backlogd-exporter.json")
        others = {f'{name}{{job="x",instance="a"}}': "0+6x30" for name in (
            "process_cpu_seconds_total", "process_resident_memory_bytes", "up")}
        right, says = promtool.check_results(others, "30m", {
            board.expression(title): {} for title in ("CPU", "Memory", "Targets that are down")})
        self.assertTrue(right, says)


if __name__ == "__main__":
    unittest.main()
