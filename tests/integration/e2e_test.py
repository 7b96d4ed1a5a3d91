"""All kinds of trouble: load by backlogd-sim, real Kafka, Prometheus and Alertmanager, our alerts in
compressed time. While all is well nothing arrives. For each story backlogd says what is wrong, its
notification arrives once, in the right words, and goes when the trouble is over; then the cluster
goes away, and backlogd itself."""

import argparse
import contextlib
import os
import signal
import time
import unittest

from e2e_stories import FURTHER_STORIES
from support import dashboard_queries, demo
from support.alertmanager import Alertmanager, shipped_config
from support.kafka_cluster import KafkaCluster
from support.processes import wait_until
from support.receiver import Receiver
from support.stories import STORIES
from support.story_teller import CLUSTER, Telling

CALM_SECONDS = 90
HEALTHY_SECONDS = 120  # four hours, for the alerts
# A cluster that is slow to answer for a moment is the machine's trouble.
_OF_THE_MACHINE = {"BacklogdClusterNotUp", "BacklogdPollFailing"}
TROUBLE_SECONDS = 90
CURE_SECONDS = 90
ABSENCE_SECONDS = 60
TOLD = STORIES + FURTHER_STORIES


def is_about(story, notification):
    return (notification.labels.get("group") == story.group
            or notification.labels.get("topic") in story.topics)


class EndToEnd(unittest.TestCase):
    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        self.kafka = stack.enter_context(KafkaCluster())
        kafka = self.kafka.bootstrap_servers
        self.stage = demo.Stage(argparse.Namespace(kafka=None, seconds=None), kafka,
                                [self.kafka.demand_running])
        self.load = demo.start_load(stack, self.stage, TOLD)
        self.stage.daemon = demo.start_daemon(stack, kafka)
        # What people are told, by the configuration that we ship.
        self.people = stack.enter_context(Receiver())
        shipped = stack.enter_context(Alertmanager(
            self.people.url, shipped_config(self.people.url, demo.ALERTS_FASTER)))
        # Each notification by itself.
        self.receiver, self.prometheus = demo.start_alerting(stack, self.stage, shipped.address)
        self.tellings = {story.name: Telling(story, self.load) for story in TOLD}

    def test_trouble_is_notified_once_and_goes_and_nothing_else_is(self):
        for telling in self.tellings.values():
            telling.begin_calm()
        self.until(self.is_calm, CALM_SECONDS, "calm")
        before = self.failed_polls()
        self.demand_silence()
        for telling in self.tellings.values():
            telling.begin_trouble()
        self.until(self.is_told, TROUBLE_SECONDS, "told")
        self.demand_data_on_dashboards()
        for telling in self.tellings.values():
            telling.begin_cure()
        self.until(self.is_over, CURE_SECONDS, "over")
        self.demand_notifications(quiet=self.failed_polls() == before)
        self.demand_messages_to_people()
        self.load.stop_all()
        self.demand_absence_is_told(
            lambda: self.kafka.pause(1), lambda: self.kafka.resume(1), "BacklogdClusterNotUp")
        self.demand_absence_is_told(
            lambda: os.kill(self.stage.daemon.pid, signal.SIGSTOP),
            lambda: os.kill(self.stage.daemon.pid, signal.SIGCONT), "BacklogdDown")

    def demand_data_on_dashboards(self):
        """Every query of every panel and variable is answered, with data where there must be."""
        folder = demo.ROOT / "dashboards"
        quiet = dashboard_queries.quiet({story.name for story in TOLD}, folder)
        self.assertEqual(dashboard_queries.check(self.prometheus.url, folder, quiet), [])

    def failed_polls(self):
        return sum(value for _, value in
                   self.stage.daemon.scrape().series("backlogd_poll_failures_total"))

    def until(self, holds, seconds, what):
        """Lets all stories go on until each has been so once."""
        waiting = dict(self.tellings)
        deadline = time.monotonic() + seconds
        while waiting:
            page = self.go_on()
            for name in [name for name, telling in waiting.items() if holds(telling, page)]:
                del waiting[name]
            if waiting and time.monotonic() > deadline:
                self.fail(f"not {what} within {seconds} s: " + "; ".join(
                    f"{name} (said {telling.said})" for name, telling in waiting.items())
                    + "\n" + self.story())
            time.sleep(demo.POLL_SECONDS / 2)

    def go_on(self):
        for demand in self.stage.watched:
            demand()
        page = self.stage.daemon.scrape()
        for telling in self.tellings.values():
            telling.go_on(page)
        return page

    def is_calm(self, telling, page):
        return telling.is_calm(page)

    def is_told(self, telling, _page):
        story = telling.story
        if story.alert is None:
            return telling.seen
        arrived = {each.alert for each in self.receiver.received() if is_about(story, each)}
        return telling.seen and {story.alert.name, *story.alert.also} <= arrived

    def is_over(self, telling, _page):
        return (telling.story.alert is None
                or telling.arrived(self.receiver.received(), "resolved"))

    def demand_silence(self):
        """Under load, and with all that happened until now."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while time.monotonic() < deadline:
            self.go_on()
            self.assertEqual([each.line() for each in self.receiver.received()
                              if each.alert not in {"BacklogdWatchdog", *_OF_THE_MACHINE}], [])
            time.sleep(demo.POLL_SECONDS / 2)

    def about_our_load(self):
        """Notifications of groups and topics."""
        return [each for each in self.receiver.received() if {"group", "topic"} & each.labels.keys()]

    def demand_notifications(self, quiet):
        """Not `quiet`: a poll that failed on a busy machine hides a series for a moment, so that
        its alert may go and come back."""
        received = self.receiver.received()
        for name, telling in self.tellings.items():
            its = [each for each in received if telling.is_its(each)]
            with self.subTest(name):
                times = bool(telling.story.alert) * (1 if quiet else max(1, len(its) // 2))
                self.assertEqual([each.status for each in its], ["firing", "resolved"] * times,
                                 self.story())
                for each in its:
                    self.assertEqual(each.labels["kafka_cluster"], CLUSTER)
                    self.assertIn(each.labels["severity"], ("warning", "critical"))
                    self.assertIn(telling.story.alert.value, each.annotations["description"])
                    self.assertRegex(each.annotations["description"], telling.story.alert.words)
        in_trouble = [story for story in TOLD if story.alert]
        others = [each.line() for each in self.about_our_load()
                  if not any(is_about(story, each) for story in in_trouble)]
        self.assertEqual(others, [])

    def demand_messages_to_people(self):
        """Whatever was muted or put into one message: they hear of each trouble."""
        told = self.people.received()
        for story in TOLD:
            with self.subTest(story.name):
                self.assertEqual(any(is_about(story, each) for each in told), bool(story.alert))

    def demand_absence_is_told(self, leave, come_back, alert):
        """Once, and once that it is over."""
        def statuses():
            return [each.status for each in self.receiver.received() if each.alert == alert]

        before = statuses()
        leave()
        try:
            wait_until(lambda: statuses() == [*before, "firing"], ABSENCE_SECONDS, alert)
        finally:
            come_back()
        wait_until(lambda: statuses() == [*before, "firing", "resolved"], ABSENCE_SECONDS,
                   f"{alert} is over")

    def story(self):
        return "\n".join(each.line() for each in self.receiver.received())


if __name__ == "__main__":
    unittest.main()
