"""config/alertmanager.yml in a real Alertmanager: what is one message, what is muted by what, and
what is told when it is over."""

import datetime
import json
import unittest

import alert_kinds
from support.alertmanager import Alertmanager, shipped_config
from support.processes import wait_until
from support.receiver import Receiver

_SECONDS = 30
# What waits 30 s waits half a second: all of one posting is there by then.
_FASTER = 60


def alert(name, severity="warning", **where):
    return {"labels": alert_kinds.labels(name, severity, **where),
            "annotations": {"summary": "A sentence."}}


def over(one):
    return {**one, "endsAt": datetime.datetime.now(datetime.timezone.utc).isoformat()}


class _Running(unittest.TestCase):
    """One Alertmanager for all tests of a class; each test has a cluster of its own."""

    CLOCK = {}

    @classmethod
    def setUpClass(cls):
        cls.receiver = cls.enterClassContext(Receiver())
        cls.alertmanager = cls.enterClassContext(Alertmanager(
            cls.receiver.url, shipped_config(cls.receiver.url, _FASTER, **cls.CLOCK)))

    def post(self, *alerts):
        self.alertmanager.post(alerts)

    def told(self, cluster):
        """(receiver, status, number of alerts, their names) of each message about a cluster."""
        found = []
        for message in self.receiver.messages():
            labels = [one["labels"] for one in message["alerts"]]
            if any(one.get("kafka_cluster", "") == cluster for one in labels):
                found.append((message["receiver"], message["status"], len(labels),
                              sorted({one["alertname"] for one in labels})))
        return found

    def wait_for(self, cluster, *expected):
        wait_until(lambda: all(one in self.told(cluster) for one in expected), _SECONDS,
                   f"messages about {cluster}: {expected}")
        self.assertEqual(self.told(cluster), list(expected))

    def is_muted(self, labels):
        listed = json.loads(self.alertmanager.get("/api/v2/alerts"))
        one, = [one for one in listed if one["labels"] == labels]
        return bool(one["status"]["inhibitedBy"])


class Grouping(_Running):
    def test_five_hundred_late_groups_are_one_message_and_its_end_another(self):
        late = [alert("BacklogdGroupLate", group=f"audit-{at}", cluster="many")
                for at in range(500)]
        names = ["BacklogdGroupLate"]
        self.post(*late)
        self.wait_for("many", ("platform-chat", "firing", 500, names))
        self.post(*map(over, late))
        self.wait_for("many", ("platform-chat", "firing", 500, names),
                      ("platform-chat", "resolved", 500, names))

    def test_all_that_is_wrong_with_a_cluster_is_one_message(self):
        names = ["BacklogdPartitionsUnderReplicated", "BacklogdPollFailing", "BacklogdPollRefused"]
        self.post(*(alert(name, cluster="sick") for name in names))
        self.wait_for("sick", ("platform-chat", "firing", 3, names))

    def test_clusters_are_told_apart(self):
        self.post(*(alert("BacklogdGroupStuck", cluster=one) for one in ("left", "right")))
        for one in ("left", "right"):
            self.wait_for(one, ("platform-chat", "firing", 1, ["BacklogdGroupStuck"]))

    def test_teams_are_told_of_their_own(self):
        self.post(*(alert("BacklogdGroupStuck", cluster="shared", group=team, team=team)
                    for team in ("payments", "orders")))
        wait_until(lambda: len(self.told("shared")) == 2, _SECONDS, "two messages")
        self.assertEqual(sorted(one[0] for one in self.told("shared")),
                         ["orders-chat", "payments-chat"])

    def test_the_watchdog_is_told_again_and_again(self):
        self.post(alert("BacklogdWatchdog", "none"))
        wait_until(lambda: sum(one["receiver"] == "dead-man"
                               for one in self.receiver.messages()) >= 2, _SECONDS, "two messages")


# (what fires, what else fires, is the latter muted?): name, severity, group
_LATE = ("BacklogdGroupLate", "warning", "a")
_BURN = ("BacklogdGroupLateBurn", "critical", "a")
_STALE = ("BacklogdDataStale", "critical", None)
_NOT_UP = ("BacklogdClusterNotUp", "warning", None)
_NO_LEADER = ("BacklogdPartitionsWithoutLeader", "critical", None)
_DEAD = ("BacklogdDeadLetters", "warning", "a")
_EXPIRED = ("BacklogdDeadLettersExpired", "critical", "a")
_ALONE = ("BacklogdGroupWithoutMembers", "warning", "a")
_INHIBITIONS = [
    *((_STALE, (name, severity, "a"), True)
      for name in alert_kinds.GROUP + alert_kinds.DEAD_LETTERS
      for severity in ("critical", "warning")),
    *((_NOT_UP, (name, "warning", "a"), True)
      for name in alert_kinds.GROUP + alert_kinds.DEAD_LETTERS),
    (_NOT_UP, _BURN, False),
    (_STALE, _NOT_UP, True),
    (_STALE, ("BacklogdPollFailing", "warning", None), True),
    (_STALE, ("BacklogdBrokerLimits", "warning", None), True),
    (_STALE, ("BacklogdPollRefused", "warning", None), True),
    (_STALE, ("BacklogdPartitionsUnderReplicated", "warning", None), True),
    (_NOT_UP, ("BacklogdPollFailing", "warning", None), True),
    (_NOT_UP, ("BacklogdPartitionsUnderReplicated", "warning", None), False),
    *((_NO_LEADER, (name, "warning", None), True) for name in (
        "BacklogdPartitionsUnderReplicated", "BacklogdBrokerLimits", "BacklogdClusterNotUp",
        "BacklogdPollFailing")),
    *((_NO_LEADER, (name, "warning", "a"), True) for name in alert_kinds.GROUP
      if name not in ("BacklogdRetentionNear", "BacklogdRecordsLost")),
    (_NO_LEADER, _BURN, False),
    (_NO_LEADER, ("BacklogdRecordsLost", "critical", "a"), False),
    (_NO_LEADER, ("BacklogdRetentionNear", "critical", "a"), False),
    (_NO_LEADER, ("BacklogdPollRefused", "warning", None), False),
    (_NO_LEADER, _DEAD, False),
    (_NO_LEADER, _STALE, False),
    (("BacklogdAuthenticationFailing", "critical", None), _NOT_UP, True),
    (("BacklogdAuthenticationFailing", "critical", None), _STALE, True),
    (_STALE, ("BacklogdAuthenticationFailing", "critical", None), False),
    (_STALE, ("BacklogdPartitionsWithoutLeader", "critical", None), False),
    (("BacklogdAbsent", "critical", None), ("BacklogdDown", "warning", None), True),
    (("BacklogdDown", "warning", None), ("BacklogdReloadFailed", "warning", None), False),
    (_BURN, _LATE, True),
    (_BURN, ("BacklogdGroupLateBurnSlow", "warning", "a"), True),
    (_BURN, ("BacklogdGroupLagGrowing", "warning", "a"), True),
    (_BURN, ("BacklogdGroupLate", "warning", "b"), False),
    (_BURN, ("BacklogdRecordsLost", "critical", "a"), False),
    (_BURN, ("BacklogdLagUnknown", "warning", "a"), False),
    (_BURN, _DEAD, False),
    (_BURN, ("BacklogdPartitionsUnderReplicated", "warning", None), False),
    (_LATE, _BURN, False),
    (_ALONE, ("BacklogdGroupLagGrowing", "warning", "a"), True),
    (_ALONE, _LATE, True),
    (_ALONE, _BURN, False),
    (_ALONE, ("BacklogdGroupLate", "warning", "b"), False),
    (("BacklogdGroupStuck", "warning", "a"), _LATE, True),
    (_EXPIRED, _DEAD, True),
    (_EXPIRED, ("BacklogdDeadLetters", "warning", "b"), False),
    (_EXPIRED, _LATE, False),
    (_DEAD, ("BacklogdDeadLettersOld", "warning", "a"), False),
]


class Inhibition(_Running):
    def test_what_mutes_what(self):
        cases = [(source, target, muted, f"case-{at}")
                 for at, (source, target, muted) in enumerate(_INHIBITIONS)]
        self.post(*(self.alert_of(one, cluster) for source, target, _, cluster in cases
                    for one in (source, target)))
        for source, target, muted, cluster in cases:
            with self.subTest(f"{source} and {target}"):
                self.assertEqual(self.is_muted(self.alert_of(target, cluster)["labels"]), muted)

    @staticmethod
    def alert_of(what, cluster):
        name, severity, group = what
        return alert(name, severity, cluster=cluster, **({"group": group} if group else {}))

    def test_another_cluster_is_not_muted(self):
        self.post(alert("BacklogdDataStale", "critical", cluster="down"),
                  alert("BacklogdGroupLate", cluster="down"),
                  alert("BacklogdGroupLate", cluster="well"))
        for cluster, muted in (("down", True), ("well", False)):
            labels = alert("BacklogdGroupLate", cluster=cluster)["labels"]
            self.assertEqual(self.is_muted(labels), muted, cluster)

    def test_a_cluster_that_is_down_is_one_message(self):
        self.post(alert("BacklogdDataStale", "critical", cluster="dark"),
                  *(alert(name, "critical", group=f"{at}", cluster="dark")
                    for at in range(100) for name in ("BacklogdGroupLateBurn",
                                                      "BacklogdDeadLettersShare")))
        stale = ("platform-page", "firing", 1, ["BacklogdDataStale"])
        self.wait_for("dark", stale)
        self.post(alert("BacklogdGroupLateBurn", "critical", cluster="lit"))
        self.wait_for("lit", ("platform-page", "firing", 1, ["BacklogdGroupLateBurn"]))
        self.assertEqual(self.told("dark"), [stale])  # the others' wait is over, too


class DeadCluster(_Running):
    """What alerts/tests/outage.test.yaml sees fire, in its order."""

    turns = 0

    def post_and_pass(self, *alerts):
        """Posts, and waits until what has a turn after them was told."""
        type(self).turns += 1
        self.post(*alerts)
        cluster = f"turn-{self.turns}"
        for at in range(2):  # the second is told after a group_interval of the others
            self.post(alert("BacklogdGroupLateBurn", "critical", cluster=f"{cluster}-{at}"))
            self.wait_for(f"{cluster}-{at}",
                          ("platform-page", "firing", 1, ["BacklogdGroupLateBurn"]))

    def test_is_one_page_and_its_end(self):
        stale, not_up, group = (alert("BacklogdDataStale", "critical", cluster="gone"),
                                alert("BacklogdClusterNotUp", cluster="gone"),
                                alert("BacklogdLagUnknown", cluster="gone"))
        page = ("platform-page", "firing", 1, ["BacklogdDataStale"])
        self.post(stale)
        self.wait_for("gone", page)
        self.post_and_pass(not_up, group)
        self.post_and_pass(stale, not_up, group, alert("BacklogdPollFailing", cluster="gone"))
        self.assertEqual(self.told("gone"), [page])
        self.post_and_pass(*map(over, (not_up, group, alert("BacklogdPollFailing",
                                                            cluster="gone"))))
        self.post(over(stale))
        self.wait_for("gone", page, ("platform-page", "resolved", 1, ["BacklogdDataStale"]))

    def test_that_lets_nobody_in_is_one_page(self):
        refused = alert("BacklogdAuthenticationFailing", "critical", cluster="locked")
        page = ("platform-page", "firing", 1, ["BacklogdAuthenticationFailing"])
        self.post(refused)
        self.wait_for("locked", page)
        self.post_and_pass(alert("BacklogdDataStale", "critical", cluster="locked"))
        self.post_and_pass(alert("BacklogdClusterNotUp", cluster="locked"),
                           alert("BacklogdGroupStuck", cluster="locked"))
        self.assertEqual(self.told("locked"), [page])

    def test_without_leaders_is_one_page(self):
        lost = alert("BacklogdPartitionsWithoutLeader", "critical", cluster="headless")
        page = ("platform-page", "firing", 1, ["BacklogdPartitionsWithoutLeader"])
        self.post(lost)
        self.wait_for("headless", page)
        self.post_and_pass(*(alert(name, cluster="headless") for name in (
            "BacklogdPartitionsUnderReplicated", "BacklogdClusterNotUp", "BacklogdGroupLate",
            "BacklogdLagUnknown", "BacklogdBrokerLimits")))
        self.assertEqual(self.told("headless"), [page])


class Maintenance(_Running):
    CLOCK = {"maintenance": True, "mornings": False}

    def test_pages_are_told_and_all_else_waits(self):
        self.post(*(alert("BacklogdGroupStuck", severity, group=f"{team}-{severity}", team=team,
                          cluster="worked-on")
                    for team in ("payments", "orders")
                    for severity in ("critical", "warning", "info")),
                  alert("BacklogdPollFailing", cluster="worked-on"))
        wait_until(lambda: len(self.told("worked-on")) == 2, _SECONDS, "two pages")
        self.post(alert("BacklogdGroupStuck", "critical", cluster="marker"))
        self.wait_for("marker", ("platform-page", "firing", 1, ["BacklogdGroupStuck"]))
        self.assertEqual(sorted(one[0] for one in self.told("worked-on")),
                         ["orders-page", "payments-page"])


class Mornings(_Running):
    def test_all_that_is_good_to_know_of_a_cluster_is_one_mail(self):
        names = ["BacklogdGroupRewound", "BacklogdGroupUnderprovisioned"]
        self.post(*(alert(name, "info", cluster="quiet") for name in names))
        self.wait_for("quiet", ("platform-daily", "firing", 2, names))


if __name__ == "__main__":
    unittest.main()
