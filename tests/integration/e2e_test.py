"""The demo's stories, all at once: load by backlogd-sim, real Kafka, Prometheus and Alertmanager,
our alerts in compressed time. For each story backlogd says what is wrong, its notification arrives
once, and goes when the trouble is over; a group that keeps up is never mentioned."""

import argparse
import contextlib
import time
import unittest

from support import demo
from support.kafka_cluster import KafkaCluster
from support.stories import STORIES
from support.story_teller import CLUSTER, Telling

CALM_SECONDS = 90
TROUBLE_SECONDS = 90
CURE_SECONDS = 90


class Stories(unittest.TestCase):
    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        kafka = stack.enter_context(KafkaCluster())
        self.stage = demo.Stage(argparse.Namespace(kafka=None, seconds=None),
                                kafka.bootstrap_servers, [kafka.demand_running])
        self.load = demo.start_load(stack, self.stage, STORIES)
        self.stage.daemon = demo.start_daemon(stack, kafka.bootstrap_servers)
        self.receiver = demo.start_alerting(stack, self.stage)
        self.tellings = {story.name: Telling(story, self.load) for story in STORIES}

    def test_each_trouble_is_said_and_notified_once_and_goes(self):
        for telling in self.tellings.values():
            telling.begin_calm()
        self.until(self.all_are_calm, CALM_SECONDS, "calm")
        before = self.failed_polls()
        for telling in self.tellings.values():
            telling.begin_trouble()
        self.until(self.is_told, TROUBLE_SECONDS, "told")
        for telling in self.tellings.values():
            telling.begin_cure()
        self.until(self.is_over, CURE_SECONDS, "over")
        self.demand_notifications(quiet=self.failed_polls() == before)

    def failed_polls(self):
        return sum(value for _, value in
                   self.stage.daemon.scrape().series("backlogd_poll_failures_total"))

    def all_are_calm(self, _, page):
        return all(telling.is_calm(page) for telling in self.tellings.values())

    def until(self, holds, seconds, what):
        """Lets all stories go on until each has been so once."""
        waiting = dict(self.tellings)
        deadline = time.monotonic() + seconds
        while waiting:
            for demand in self.stage.watched:
                demand()
            page = self.stage.daemon.scrape()
            for name, telling in self.tellings.items():
                telling.go_on(page)
                if name in waiting and holds(telling, page):
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                self.fail(f"not {what} within {seconds} s: " + "; ".join(
                    f"{name} (said {telling.said})" for name, telling in waiting.items())
                    + "\n" + self.story())
            time.sleep(demo.POLL_SECONDS / 2)

    def is_told(self, telling, _page):
        return telling.seen and (telling.story.alert is None
                                 or telling.arrived(self.receiver.received()))

    def is_over(self, telling, _page):
        return (telling.story.alert is None
                or telling.arrived(self.receiver.received(), "resolved"))

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
        # A cluster that is slow to answer is the machine's trouble; groups and topics are ours.
        others = [each.line() for each in received
                  if {"group", "topic"} & each.labels.keys()
                  and not any(telling.is_its(each) for telling in self.tellings.values())]
        self.assertEqual(others, [])

    def story(self):
        return "\n".join(each.line() for each in self.receiver.received())


if __name__ == "__main__":
    unittest.main()
