"""Dead-letter queues as the daemon shows them: found, counted, judged, pending, lost."""

import time

from dead_letter_case import (CLUSTER, DeadLetterCase, by_reason, classified, handled, info,
                              pending, zeroes)
from dead_letters import ACTIONS, REASONS, one_of_each, real, spring

# (queue, source topic, group, convention) of the real records' topics.
_REAL_QUEUES = [
    ("connect-errors", "customers", "connect-crm-sink", "configured"),
    ("dead-letter-topic-counts", "counts", "", "quarkus"),
    ("dead-letter-topic-deliveries", "deliveries", "", "quarkus"),
    ("dlq-audit-sink", "audit", "connect-audit-sink", "connect"),
    ("dlq-stock-sink", "stock-events", "connect-stock-sink", "connect"),
    ("error.tickets.support", "tickets", "support", "spring-cloud-stream"),
    ("fees-dlt", "fees", "", "spring"),
    ("fraud-scorer-dlq", "clicks", "fraud-scorer", "generic"),
    ("invoices.DLT", "invoices", "", "spring"),
    ("mails-poison", "mails", "", "generic"),
    ("orders-dlt", "orders", "", "spring"),
    ("payments.DLT", "payments", "", "spring"),
    ("returns-dlq", "returns", "", "generic"),
    ("session-builder-dead-letters", "visits", "session-builder", "generic"),
    ("shipments-dlt", "shipments", "", "spring"),
    ("shipments-unreadable-dlt", "shipments", "", "spring"),
    ("tap-counter-dlq", "taps", "tap-counter", "generic"),
]


class RealQueues(DeadLetterCase):
    """The topics, groups and records of a shop whose frameworks met real faults. Every record lies
    there once before the daemon starts."""

    SECTIONS = {"dead_letters": {"scan": True, "queues": [
        {"topic": "connect-errors", "source_topic": "customers", "group": "connect-crm-sink"}]}}

    @classmethod
    def prepare(cls):
        cls.real = real()
        topics = {each.record.topic for each in cls.real}
        cls.driver.create_topics([{"name": topic, "partitions": 1} for topic in
                                  sorted(topics | {each.source_topic for each in cls.real})])
        for group, topic in {(each.group, each.source_topic) for each in cls.real}:
            cls.driver.commit(group, [(topic, 0, 0)])
        cls.driver.write([each.record for each in cls.real])

    def dead_in(self, topic):
        return [each for each in self.real if each.is_dead and each.record.topic == topic]

    def test_1_are_found_with_what_they_belong_to(self):
        page = self.await_info("tap-counter-dlq")
        found = [(labels["topic"], labels["source_topic"], labels["group"], labels["convention"])
                 for labels, value in page.series("backlogd_dlq_info") if value == 1]
        self.assertEqual(sorted(found), _REAL_QUEUES)

    def test_2_count_from_zero_however_much_lies_there(self):
        page = self.daemon.await_polls(2, CLUSTER)
        for topic, source, _, _ in _REAL_QUEUES:
            with self.subTest(topic):
                self.assertEqual(self.of(page, "retained_records", topic), len(self.dead_in(topic)))
                self.assertEqual(pending(page, topic), {"": len(self.dead_in(topic))})
                self.assertEqual(classified(page, topic), zeroes(source))
                self.assertEqual(handled(page, topic), dict.fromkeys(ACTIONS, 0))
                for counter in ("records_total", "expired_records_total", "scan_failures_total"):
                    self.assertEqual(self.of(page, counter, topic), 0, counter)

    def test_3_say_why_their_records_died(self):
        self.driver.write([each.record for each in self.real])
        for topic, *_ in _REAL_QUEUES:
            count = len(self.dead_in(topic))
            page = self.await_page(f"{count} records of {topic}", lambda page, topic=topic: sum(
                classified(page, topic).values()) == len(self.dead_in(topic)))
            self.assertEqual(self.of(page, "records_total", topic), count)
            self.demand_reasons(page, topic)

    def demand_reasons(self, page, topic):
        found = by_reason(page, topic)
        for reason in REASONS:
            certain = sum(each.is_plain and each.reason == reason for each in self.dead_in(topic))
            self.assertGreaterEqual(found.get(reason, 0), certain, (topic, reason, found))
        sources = {source for (source, _), count in classified(page, topic).items() if count}
        for source in sources - {each.source_topic for each in self.dead_in(topic)}:
            self.assertRegex(source, "^$|-repartition$", topic)

    def test_4_no_retry_topic_is_one(self):
        page = self.daemon.scrape()
        for topic in ("invoices-retry", "returns_retry_300", "shipments-retry-200", "orders"):
            for name in page.families:
                if name.startswith("backlogd_dlq_"):
                    self.assertEqual(page.series(name, topic=topic), [], name)


class Queues(DeadLetterCase):
    SECTIONS = {"dead_letters": {"scan": True, "queues": [
        {"topic": "(only_the_configured.*)-dlq", "source_topic": r"\1",
         "handling_group": "janitor"}]}}

    def test_the_first_record_is_counted_once(self):
        source, queue = self.queue()
        page = self.daemon.scrape()
        self.assertEqual(self.of(page, "records_total", queue), 0)
        self.assertEqual(classified(page, queue), zeroes(source))
        self.driver.write([spring(queue, "java.net.SocketTimeoutException", source)])
        self.await_reasons(queue, {"timeout": 1})
        page = self.daemon.await_polls(2, CLUSTER)
        self.assertEqual(self.of(page, "records_total", queue), 1)
        self.assertEqual(classified(page, queue), {**zeroes(source), (source, "timeout"): 1})

    def test_each_reason_in_each_partition(self):
        source, queue = self.queue(partitions=3)
        self.driver.write([letter for partition in range(3)
                           for letter in one_of_each(queue, source, partition=partition)])
        page = self.await_reasons(queue, dict.fromkeys(REASONS, 3))
        self.assertEqual(classified(page, queue),
                         {(source, reason): 3 for reason in REASONS})

    def test_records_of_a_new_queue_are_counted_from_zero(self):
        source = self.unique("orders")
        queue = f"{source}-dlq"
        self.driver.create_topics([{"name": source, "partitions": 1},
                                   {"name": queue, "partitions": 1}])
        self.driver.write(one_of_each(queue, source))
        page = self.first_page_of(queue)
        self.assertEqual(self.of(page, "records_total", queue), 0)
        self.assertEqual(classified(page, queue), zeroes(source))
        self.await_reasons(queue, dict.fromkeys(REASONS, 1))
        self.await_value("records_total", queue, 6)

    def test_partitions_that_come_later(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        self.await_reasons(queue, dict.fromkeys(REASONS, 1))
        self.driver.add_partitions(queue, 2)
        self.driver.write(one_of_each(queue, source, partition=1))
        self.await_reasons(queue, dict.fromkeys(REASONS, 2))
        self.await_value("records_total", queue, 12)

    def test_a_queue_that_is_created_again(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        self.await_reasons(queue, dict.fromkeys(REASONS, 1))
        self.driver.delete_topics([queue])
        self.await_page("no queue", lambda page: not info(page, queue))
        self.driver.create_topic(queue)
        self.driver.write(one_of_each(queue, source)[:2])
        page = self.await_value("retained_records", queue, 2)
        before = sum(by_reason(page, queue).values())
        self.assertIn(before, (0, 2, 6, 8))
        self.driver.write(one_of_each(queue, source)[:1])
        self.await_value("retained_records", queue, 3)
        page = self.daemon.await_polls(2, CLUSTER)
        self.assertIn(sum(by_reason(page, queue).values()), (3, 9))

    def test_everything_is_pending_while_nobody_handles(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        self.await_pending(queue, {"": 6})
        self.await_value("retained_records", queue, 6)

    def test_pending_is_the_lag_of_who_handles(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        group, other = self.unique("fixer"), self.unique("other")
        self.driver.commit(group, [(queue, 0, 2)])
        self.await_pending(queue, {group: 4})
        self.driver.commit(other, [(queue, 0, 0)])
        self.await_pending(queue, {group: 4, other: 6})
        self.driver.commit(group, [(queue, 0, 6)])
        self.await_pending(queue, {group: 0, other: 6})
        self.driver.delete_groups([group, other])
        self.await_pending(queue, {"": 6})

    def test_a_spring_listener_that_only_commits_handles_nothing(self):
        source, queue = self.queue(suffix="-dlt")
        self.driver.write(one_of_each(queue, source))
        group = f"{self.unique('billing')}-dlt"
        self.driver.commit(group, [(queue, 0, 6)])
        self.await_page("the group", lambda page: self.value(
            page, "group_lag_records", group=group) == 0)
        self.await_pending(queue, {"": 6})

    def test_only_the_configured_group_handles(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        self.driver.commit("looks-on", [(queue, 0, 6)])
        self.await_page("the group", lambda page: self.value(
            page, "group_lag_records", group="looks-on") == 0)
        page = self.await_pending(queue, {"": 6})
        self.assertEqual(info(page, queue), [(source, "", "configured")])
        self.driver.commit("janitor", [(queue, 0, 1)])
        self.await_pending(queue, {"janitor": 5})

    def test_our_own_group_handles_and_is_no_consumer(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        own = f"backlogd-dlq.{queue}"
        self.driver.commit(own, [(queue, 0, 3, "backlogd-dlq 1 redelivered=2 discarded=1")])
        page = self.await_pending(queue, {own: 3})
        self.assertEqual(handled(page, queue),
                         {"reviewed": 0, "redelivered": 2, "logged": 0, "discarded": 1})
        for name in page.families:
            if not name.startswith("backlogd_dlq_"):
                self.assertEqual(page.series(name, group=own), [], name)

    def test_a_commit_with_foreign_words_handles(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        own = f"backlogd-dlq.{queue}"
        self.driver.commit(own, [(queue, 0, 3, "backlogd-dlq 99 \u2028 redelivered=-1 ahead=~")])
        page = self.await_pending(queue, {own: 3})
        self.assertEqual(sum(handled(page, queue).values()), 0)

    def test_oldest_pending_record(self):
        source, queue = self.queue(config={"retention.ms": "-1"})
        now = time.time()
        times = [int(1000 * (now - hours * 3600)) for hours in (90, 50, 49, 2)]
        self.assertIsNone(self.of(self.daemon.scrape(), "oldest_record_timestamp_seconds", queue))
        self.driver.write([spring(queue, "a.B", source, timestamp=written) for written in times])
        self.await_oldest(queue, times[0])
        for committed, written in enumerate(times):
            self.driver.commit(self.unique("fixer"), [(queue, 0, committed)])
            self.await_oldest(queue, written)
        self.driver.commit(self.unique("fixer"), [(queue, 0, 4)])
        self.await_value("oldest_record_timestamp_seconds", queue, None)

    def await_oldest(self, queue, written):
        def reached(page):
            found = self.of(page, "oldest_record_timestamp_seconds", queue)
            self.assertIsNotNone(found)
            self.assertAlmostEqual(found, written / 1000, delta=1)
            return True

        return self.await_page(f"the oldest record of {queue}", reached)

    def test_expired_unhandled(self):
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source))
        self.driver.commit(self.unique("fixer"), [(queue, 0, 2)])
        self.await_pending(queue, {self.unique("fixer"): 4})
        self.driver.delete_records(queue, 0, 2)
        self.await_value("retained_records", queue, 4)
        self.assertEqual(self.of(self.daemon.scrape(), "expired_records_total", queue), 0)
        self.driver.delete_records(queue, 0, 5)
        self.await_value("expired_records_total", queue, 3)
        self.await_pending(queue, {self.unique("fixer"): 1})

    def test_expired_by_retention(self):
        source, queue = self.queue(config={"retention.ms": "-1"})
        hour_ago = int(1000 * (time.time() - 3600))
        self.driver.write(one_of_each(queue, source, timestamp=hour_ago))
        self.await_value("retained_records", queue, 6)
        self.driver.alter_topic(queue, {"retention.ms": "60000"})
        page = self.await_value("expired_records_total", queue, 6)
        self.assertEqual(self.of(page, "retained_records", queue), 0)
        self.assertEqual(by_reason(page, queue), dict.fromkeys(REASONS, 1))

    def test_the_queue_of_a_queue(self):
        source, queue = self.queue()
        self.driver.create_topic(f"{queue}-dlq")
        page = self.await_info(f"{queue}-dlq")
        self.assertEqual(info(page, queue), [(source, "", "generic")])
        self.assertEqual(info(page, f"{queue}-dlq"), [(queue, "", "generic")])
        self.driver.write([spring(f"{queue}-dlq", "java.lang.SecurityException", queue)])
        page = self.await_reasons(f"{queue}-dlq", {"permission": 1})
        self.assertEqual(classified(page, f"{queue}-dlq")[queue, "permission"], 1)
        self.assertEqual(by_reason(page, queue), {})

    def test_nothing_is_counted_twice_after_a_restart(self):
        source, queue = self.queue()
        letters = one_of_each(queue, source)
        topics = [f"{source}.*"]
        with self.another_daemon(topics, scan=True) as daemon:
            self.first_page_of(queue, daemon)
            daemon.await_polls(1, CLUSTER)
            self.driver.write(letters[:2])
            self.await_reasons(queue, dict.fromkeys(REASONS[:2], 1), daemon=daemon)
        self.driver.write(letters[2:4])
        with self.another_daemon(topics, scan=True) as daemon:
            page = self.first_page_of(queue, daemon)
            self.assertEqual(classified(page, queue), zeroes(source))
            self.assertEqual(self.of(page, "records_total", queue), 0)
            daemon.await_polls(1, CLUSTER)
            self.driver.write(letters[4:])
            self.await_reasons(queue, dict.fromkeys(REASONS[4:], 1), daemon=daemon)
            page = daemon.await_polls(2, CLUSTER)
            self.assertEqual(by_reason(page, queue), dict.fromkeys(REASONS[4:], 1))
            self.assertEqual(self.of(page, "records_total", queue), 2)
            self.assertEqual(self.of(page, "retained_records", queue), 6)

    def test_without_scan_nothing_is_judged(self):
        source, queue = self.queue()
        with self.another_daemon([f"{source}.*"]) as daemon:
            self.first_page_of(queue, daemon)
            daemon.await_polls(1, CLUSTER)
            self.driver.write(one_of_each(queue, source))

            def counted(page):
                return self.of(page, "records_total", queue) == 6

            page = self.await_page("six records", counted, daemon=daemon)
            self.assertEqual(pending(page, queue), {"": 6})
            self.assertIsNotNone(self.of(page, "oldest_record_timestamp_seconds", queue))
            self.assertEqual(page.series("backlogd_dlq_classified_records_total"), [])
            self.assertEqual(page.series("backlogd_dlq_scan_failures_total"), [])
