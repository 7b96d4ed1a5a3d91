"""What the tests of dead-letter queues have in common: the queues' series on the page."""

from dead_letters import REASONS
from kafka_case import CLUSTER, KafkaCase, configuration
from support.backlogd import Backlogd


def zeroes(source):
    """What no dead letter looks like: every reason is there."""
    return {(source, reason): 0 for reason in REASONS}


def classified(page, topic):
    """{(source topic, reason): records}"""
    return page.by("backlogd_dlq_classified_records_total", "source_topic", "reason",
                   kafka_cluster=CLUSTER, topic=topic)


def by_reason(page, topic):
    """{reason: records} of all source topics, without zeroes."""
    found = {}
    for (_, reason), records in classified(page, topic).items():
        if records:
            found[reason] = found.get(reason, 0) + records
    return found


def pending(page, topic):
    """{group that handles: records}"""
    return page.by("backlogd_dlq_pending_records", "group", kafka_cluster=CLUSTER, topic=topic)


def info(page, topic):
    """[(source topic, group, convention), ...]: one, if it is a queue."""
    return [(labels["source_topic"], labels["group"], labels["convention"])
            for labels, _ in page.series("backlogd_dlq_info", kafka_cluster=CLUSTER, topic=topic)]


def handled(page, topic):
    """{action: records}"""
    return page.by("backlogd_dlq_handled_records_total", "action", kafka_cluster=CLUSTER,
                   topic=topic)


class DeadLetterCase(KafkaCase):
    """A queue of a test is <unique name>-dlq beside its source topic, the unique name."""

    SECTIONS = {"dead_letters": {"scan": True}}

    def queue(self, name="orders", suffix="-dlq", partitions=1, config=None):
        """Creates a source topic and its queue, which the daemon must find; returns both names."""
        source = self.unique(name)
        self.driver.create_topics([
            {"name": source, "partitions": partitions},
            {"name": source + suffix, "partitions": partitions, "config": config or {}}])
        self.await_info(source + suffix)
        return source, source + suffix

    def await_info(self, *topics):
        return self.daemon.wait(lambda page: all(info(page, topic) for topic in topics), 20,
                                f"queues {topics}")

    def first_page_of(self, topic, daemon=None):
        """No page that was served before had the queue."""
        return self.await_page(f"first page with {topic}", lambda page: info(page, topic),
                               daemon=daemon)

    def of(self, page, name, topic):
        """The series of a queue that has no further labels."""
        return self.value(page, f"dlq_{name}", topic=topic)

    def await_page(self, what, condition, seconds=20, daemon=None):
        """The first page for which the condition holds: an assertion of its own may say so."""
        return (daemon or self.daemon).wait(condition, seconds, what)

    def await_value(self, name, topic, value, seconds=20):
        def reached(page):
            self.assertEqual(self.of(page, name, topic), value)
            return True

        return self.await_page(f"{name} of {topic}", reached, seconds)

    def await_reasons(self, topic, expected, seconds=20, daemon=None):
        def reached(page):
            self.assertEqual(by_reason(page, topic), expected)
            return True

        return self.await_page(f"reasons of {topic}", reached, seconds, daemon)

    def await_pending(self, topic, expected):
        def reached(page):
            self.assertEqual(pending(page, topic), expected)
            return True

        return self.await_page(f"what is pending of {topic}", reached)

    def another_daemon(self, topics, **dead_letters):
        """One more that watches these topics (patterns) only."""
        config = configuration(self.kafka.bootstrap_servers, dead_letters=dead_letters)
        config["clusters"][0]["topics"] = {"include": topics}
        return Backlogd(config, ["--log.level=debug"])
