"""All kinds of trouble: load by backlogd-sim, real Kafka, Prometheus, Alertmanager, and our alerts
in compressed time. While all is well nothing arrives. For each story backlogd says what is wrong,
its notification arrives once, in the right words, and goes when the trouble is over; then the
cluster goes away, and backlogd itself."""

import argparse
import contextlib
import os
import re
import signal
import time
import unittest

from e2e_alerts import ABSENCES, STORY_OF_ALERT, WITHOUT_STORY
from e2e_clusters import WORDS, Clusters
from e2e_daemon import OVER_BUDGET, DaemonTroubles
from e2e_daemon import WORDS as WORDS_OF_DAEMON
from e2e_people import People, ends_not_told, is_mail
from e2e_stories import FURTHER_STORIES, UNHANDLED
from support import dashboard_queries, demo
from support.backlogd import Backlogd
from support.kafka_cluster import PERMISSIONS, KafkaCluster
from support.processes import wait_until
from support.receiver import Notification
from support.stories import STORIES
from support.story_teller import CLUSTER, Telling

CALM_SECONDS = 120
HEALTHY_SECONDS = 150  # five hours, for the alerts
# A cluster that is slow to answer for a moment is the machine's trouble.
_OF_THE_MACHINE = {"BacklogdClusterNotUp", "BacklogdDataStale", "BacklogdLagUnknown",
                   "BacklogdPollFailing"}
TROUBLE_SECONDS = 240
CURE_SECONDS = 180
ABSENCE_SECONDS = 90
TOLD = STORIES + FURTHER_STORIES
WORDS_OF_ALL = WORDS | WORDS_OF_DAEMON


def names_of(story):
    """The alerts that must arrive."""
    return {story.alert.name, *story.alert.also} if story.alert else set()


def is_about(story, notification):
    return notification.labels.get("kafka_cluster") == CLUSTER and (
        notification.labels.get("group") == (story.group or None)
        and "group" in notification.labels
        or notification.labels.get("topic") in story.topics)


def is_in_turn(statuses):
    """Each firing is told once, and so is each end."""
    return statuses == ["firing", "resolved"] * (len(statuses) // 2) + ["firing"] * (
        len(statuses) % 2)


class EveryAlert(unittest.TestCase):
    def test_has_a_story_that_demands_it(self):
        rules = (demo.ROOT / "alerts/backlogd.rules.yaml").read_text(encoding="utf-8")
        self.assertEqual(sorted(re.findall(r"- alert: (\w+)", rules)),
                         sorted([*STORY_OF_ALERT, *WITHOUT_STORY]))
        demanded = {story.name: names_of(story) for story in TOLD}
        demanded |= {name: set(words) for name, (_, words) in (WORDS_OF_ALL | OVER_BUDGET).items()}
        demanded |= ABSENCES
        for alert, story in STORY_OF_ALERT.items():
            with self.subTest(alert):
                self.assertIn(alert, demanded[story])


# (who is told, what they were told of, and what of it is over): is an end not told?
_LATE, _BURN = ("BacklogdGroupLate", "warning", "a"), ("BacklogdGroupLateBurn", "critical", "a")
_ENDS = {
    "is told": ("platform-chat", [(_LATE, "firing"), (_LATE, "resolved")], False),
    "is not told": ("platform-chat", [(_LATE, "firing")], True),
    "of a page is not told": ("platform-page", [(_BURN, "firing")], True),
    "of a mail is not told": ("platform-daily", [(_LATE, "firing")], False),
    "is told, and then it is told anew": (
        "platform-chat", [(_LATE, "firing"), (_LATE, "resolved"), (_LATE, "firing")], True),
    "is muted": ("platform-chat", [(_LATE, "firing"), (_BURN, "firing"), (_BURN, "resolved")],
                 False),
    "is muted, and the end of that is not told": (
        "platform-chat", [(_LATE, "firing"), (_BURN, "firing")], True),
    "of another group": ("platform-chat", [
        (_LATE, "firing"), (("BacklogdGroupLateBurn", "critical", "b"), "resolved")], True),
    "is muted by what is less": (
        "platform-chat", [(_BURN, "firing"), (_LATE, "resolved")], True),
    "of the cluster is told": ("platform-chat", [
        (_LATE, "firing"), (("BacklogdDataStale", "critical", None), "resolved")], False),
}


class Ends(unittest.TestCase):
    def test_that_people_do_not_hear_are_found(self):
        for name, (receiver, statuses, is_missing) in _ENDS.items():
            messages = [{"receiver": receiver, "alerts": [
                {"labels": self.labels(*what), "status": status}]} for what, status in statuses]
            alone = [Notification("resolved", self.labels(*what), {}, 0) for what, _ in statuses]
            with self.subTest(name):
                self.assertEqual(bool(ends_not_told(alone, messages)), is_missing)

    def test_that_are_none_yet_are_not_missed(self):
        labels = self.labels(*_LATE)
        self.assertEqual(ends_not_told([Notification("firing", labels, {}, 0)], [
            {"receiver": "platform-chat", "alerts": [{"labels": labels, "status": "firing"}]}]), [])

    @staticmethod
    def labels(name, severity, group):
        return {"alertname": name, "severity": severity, "kafka_cluster": CLUSTER,
                **({"group": group} if group else {})}


class EndToEnd(unittest.TestCase):
    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        self.kafka = stack.enter_context(KafkaCluster(settings=PERMISSIONS))
        kafka = self.kafka.bootstrap_servers
        self.stage = demo.Stage(argparse.Namespace(kafka=None, seconds=None), kafka,
                                [self.kafka.demand_running])
        self.load = demo.start_load(stack, self.stage, TOLD)
        self.clusters = Clusters(stack, self.load)
        for act in (act for story in TOLD for act in story.before):
            self.load.do(act.act)
        configuration = demo.daemon_configuration(kafka, self.clusters.configuration())
        self.stage.daemon = stack.enter_context(Backlogd(configuration))
        self.daemon_troubles = DaemonTroubles(self.stage.daemon, configuration)
        self.people = People(stack)
        # Each notification by itself.
        self.receiver, self.prometheus = demo.start_alerting(stack, self.stage,
                                                                self.people.address)
        self.tellings = {story.name: Telling(story, self.load) for story in TOLD}

    def test_trouble_is_notified_once_and_goes_and_nothing_else_is(self):
        for telling in self.tellings.values():
            telling.begin_calm()
        self.until(self.is_calm, CALM_SECONDS, "calm")
        for telling in self.tellings.values():
            telling.begin_early()
        self.demand_silence()
        self.clusters.begin_trouble()
        self.daemon_troubles.break_configuration()
        for telling in self.tellings.values():
            telling.begin_trouble()
        self.until(self.is_told, TROUBLE_SECONDS, "told", brief=True)
        self.await_words(WORDS_OF_ALL)
        self.demand_data_on_dashboards()
        self.clusters.begin_cure()
        self.daemon_troubles.mend_configuration()
        for telling in self.tellings.values():
            if not telling.story.brief:
                telling.begin_cure()
        self.until(self.is_over, CURE_SECONDS, "over")
        # Detail that is left out would end an alert, and begin it again when it comes back.
        self.daemon_troubles.narrow_budget()
        self.await_words(OVER_BUDGET)
        self.daemon_troubles.mend_configuration()
        self.await_end_of_words()
        self.demand_notifications()
        self.demand_messages_to_people()
        self.load.stop_all()
        self.demand_absence_is_told(
            lambda: self.kafka.pause(1), lambda: self.kafka.resume(1), "cluster-gone", CLUSTER)
        self.demand_absence_is_told(
            lambda: os.kill(self.stage.daemon.pid, signal.SIGSTOP),
            lambda: os.kill(self.stage.daemon.pid, signal.SIGCONT), "daemon-gone", None)
        self.await_ends_told_to_people()
        self.assertEqual(self.statuses("BacklogdWatchdog", None), ["firing"])

    def demand_data_on_dashboards(self):
        """Every query of every panel and variable is answered, with data: all is broken."""
        folder = demo.ROOT / "dashboards"
        quiet = dashboard_queries.quiet({story.name for story in TOLD}, folder)
        self.assertEqual(dashboard_queries.check(self.prometheus.url, folder, quiet,
                                                 all_broken=True), [])

    def until(self, holds, seconds, what, brief=False):
        """Lets all stories go on until each has been so once. `brief`: those that are end then."""
        waiting = dict(self.tellings)
        deadline = time.monotonic() + seconds
        while waiting:
            page = self.go_on()
            for name in [name for name, telling in waiting.items() if holds(telling, page)]:
                telling = waiting.pop(name)
                if brief and telling.story.brief:
                    telling.begin_cure()
            if waiting and time.monotonic() > deadline:
                self.fail(f"not {what} within {seconds} s: " + "; ".join(
                    f"{name} (said {telling.said})" for name, telling in waiting.items())
                    + "\n" + self.story())
            time.sleep(demo.POLL_SECONDS / 2)

    def go_on(self):
        for demand in self.stage.watched:
            demand()
        page = self.stage.daemon.scrape()
        self.clusters.go_on(lambda: page, self.is_firing)
        for telling in self.tellings.values():
            telling.go_on(page)
        return page

    def is_firing(self, alert, cluster):
        return "firing" in self.statuses(alert, cluster)

    def is_calm(self, telling, page):
        return telling.is_calm(page)

    def is_told(self, telling, _page):
        story = telling.story
        arrived = {each.alert for each in self.about(story) if each.status == "firing"}
        return telling.seen and names_of(story) <= arrived

    def is_over(self, telling, _page):
        arrived = {each.alert for each in self.about(telling.story) if each.status == "resolved"}
        return names_of(telling.story) <= arrived

    def about(self, story):
        return [each for each in self.about_our_load() if is_about(story, each)]

    def statuses(self, alert, cluster):
        """What arrived of an alert, in order."""
        return [each.status for each in self.receiver.received()
                if each.alert == alert and each.labels.get("kafka_cluster") == cluster]

    def await_words(self, stories):
        """What is not about a group or topic. It may be over by now."""
        for story, (cluster, words) in stories.items():
            for alert, pattern in words.items():
                self.await_statuses(alert, cluster, ["firing"], story)
                self.assertRegex(next(
                    each.annotations["description"] for each in self.receiver.received()
                    if each.alert == alert and each.labels.get("kafka_cluster") == cluster), pattern)

    def await_end_of_words(self):
        for story, (cluster, words) in (WORDS_OF_ALL | OVER_BUDGET).items():
            for alert in words:
                self.await_statuses(alert, cluster, ["firing", "resolved"], story)
        for story, (cluster, words) in (WORDS_OF_ALL | OVER_BUDGET).items():
            for alert in words:
                self.assertEqual(self.statuses(alert, cluster), ["firing", "resolved"], story)

    def await_statuses(self, alert, cluster, statuses, what):
        """At least these; another one in their place is told at once."""
        def arrived():
            self.clusters.go_on(self.stage.daemon.scrape, self.is_firing)
            found = self.statuses(alert, cluster)
            common = min(len(found), len(statuses))
            self.assertEqual(found[:common], statuses[:common],
                             f"{alert} {what}\n{self.story()}")
            return len(found) >= len(statuses)

        wait_until(arrived, ABSENCE_SECONDS, f"{what}: {alert} {statuses[-1]}")

    def demand_silence(self):
        """Under load, and with all that happened until now."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while time.monotonic() < deadline:
            self.go_on()
            self.assertEqual([each.line() for each in self.receiver.received()
                              if each.alert not in {"BacklogdWatchdog", *_OF_THE_MACHINE}], [])
            time.sleep(demo.POLL_SECONDS / 2)

    def about_our_load(self):
        """Notifications of groups and topics of the stories' cluster."""
        return [each for each in self.receiver.received()
                if {"group", "topic"} & each.labels.keys()
                and each.labels["kafka_cluster"] == CLUSTER]

    def demand_notifications(self):
        for name, telling in self.tellings.items():
            story = telling.story
            its = {}
            for each in self.about(story):
                about = (each.alert, each.labels.get("group"), each.labels.get("topic"))
                its.setdefault(about, []).append(each.status)
                self.assertIn(each.labels["severity"], ("info", "warning", "critical"))
            with self.subTest(name):
                for about, statuses in its.items():
                    if about[0] in names_of(story):
                        self.assertEqual(statuses, ["firing", "resolved"], about)
                    self.assertTrue(is_in_turn(statuses), (about, statuses))
                    # What comes with it may come back once, while the backlog is worked off.
                    self.assertLessEqual(statuses.count("firing"), 2, (about, statuses))
                # What is over is told without a description.
                for each in (each for each in filter(telling.is_its, self.about(story))
                             if each.status == "firing"):
                    self.assertIn(story.alert.value, each.annotations["description"])
                    self.assertRegex(each.annotations["description"], story.alert.words)
        in_trouble = [story for story in TOLD if story.alert]
        others = [each.line() for each in self.about_our_load()
                  if each.alert not in _OF_THE_MACHINE
                  and not any(is_about(story, each) for story in in_trouble)]
        self.assertEqual(others, [])
        self.demand_nothing_else_of_clusters()

    def demand_nothing_else_of_clusters(self):
        """What is not about a group or topic is what was caused, and of the cluster it was caused
        in. (Of the broker that is lost the groups of its cluster know nothing, too.)"""
        caused = {(alert, cluster) for cluster, words in (WORDS_OF_ALL | OVER_BUDGET).values()
                  for alert in words}
        ours = {id(each) for each in self.about_our_load()}
        self.assertEqual([each.line() for each in self.receiver.received()
                          if id(each) not in ours
                          and each.alert not in {"BacklogdWatchdog", *_OF_THE_MACHINE}
                          and (each.alert, each.labels.get("kafka_cluster")) not in caused], [])

    def demand_messages_to_people(self):
        firing = self.people.firing()
        for story in TOLD:
            with self.subTest(story.name):
                its = [each for each in firing if is_about(story, each)]
                self.assertEqual(bool(its), bool(story.alert))
                for each in (each for each in its if each.alert in names_of(story)):
                    self.people.demand_said(self, each)
        self.await_ends_told_to_people()
        # What is good to know is in the mail of the morning, which is not taken back: what is over
        # is not in the next one.
        mailed = self.people.told(is_mail)
        self.assertEqual(set(mailed.values()), {"firing"})
        self.assertEqual({dict(labels)["severity"] for labels in mailed}, {"info"})
        self.assertIn(UNHANDLED.alert.name, {dict(labels)["alertname"] for labels in mailed})

    def await_ends_told_to_people(self):
        def know():
            self.assertEqual(self.people.ends_not_told(self.receiver.received()), [])
            return True

        wait_until(know, ABSENCE_SECONDS, "people hear the end of what they were told of")

    def demand_absence_is_told(self, leave, come_back, story, cluster):
        """Once, and once that it is over."""
        before = {alert: self.statuses(alert, cluster) for alert in ABSENCES[story]}
        leave()
        try:
            for alert, statuses in before.items():
                self.await_statuses(alert, cluster, [*statuses, "firing"], story)
        finally:
            come_back()
        for alert, statuses in before.items():
            self.await_statuses(alert, cluster, [*statuses, "firing", "resolved"], story)

    def story(self):
        return "\n".join(each.line() for each in self.receiver.received())


if __name__ == "__main__":
    unittest.main()
