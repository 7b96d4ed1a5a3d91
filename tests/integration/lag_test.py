"""Groups without members: what was committed, what the log holds, and what happens to both."""

from kafka_case import KafkaCase


class Lag(KafkaCase):
    SETTINGS = {"log.cleaner.backoff.ms": 200}

    def test_many_topics_and_partitions(self):
        orders, payments = self.unique("orders"), self.unique("payments")
        group, other = self.unique("group"), self.unique("other")
        self.driver.create_topic(orders, 5)
        self.driver.create_topic(payments, 3)
        self.driver.produce([(orders, p, 100 * p + 1) for p in range(5)])
        self.driver.produce([(payments, p, 7) for p in range(3)])
        self.driver.commit(group, [(orders, p, 10 * p) for p in range(5)])
        self.driver.commit(group, [(payments, p, p) for p in range(3)])
        self.driver.commit(other, [(orders, p, 1) for p in range(5)])
        page, expected = self.await_agreement(group, other)
        # The oracle itself, once by hand.
        self.assertEqual(sum(expected.lags(group).values()), 905 + 18)
        self.assertEqual(self.value(page, "topic_groups", topic=orders), 2)
        self.assertEqual(self.value(page, "topic_groups", topic=payments), 1)
        self.assertEqual(self.value(page, "topic_retained_records", topic=orders), 1005)
        self.assertEqual(self.value(page, "topic_partitions", topic=orders), 5)

    def test_partly_committed(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, 4)
        self.driver.produce([(topic, p, 10) for p in range(4)])
        self.driver.commit(group, [(topic, 1, 3), (topic, 3, 10)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 7)
        self.assertEqual(
            sorted(page.by("backlogd_group_partition_lag_records", "partition", group=group)),
            ["1", "3"])

    def test_committed_beyond_the_log_end(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, 2)
        self.driver.produce([(topic, 0, 10), (topic, 1, 10)])
        self.driver.commit(group, [(topic, 0, 500), (topic, 1, 4)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 6)

    def test_committed_below_the_log_start(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic)
        self.driver.produce([(topic, 0, 100)])
        self.driver.commit(group, [(topic, 0, 10)])
        page, _ = self.await_agreement(group)
        lost = {"group": group, "topic": topic}
        self.assertEqual(self.value(page, "group_topic_lost_records_total", **lost), 0)
        self.driver.delete_records(topic, 0, 60)
        page, _ = self.await_agreement(group)
        pair = {"group": group, "topic": topic, "partition": 0}
        self.assertEqual(self.value(page, "group_partition_lag_records", **pair), 90)
        self.assertEqual(self.value(page, "group_partition_effective_lag_records", **pair), 40)
        self.assertEqual(self.value(page, "group_topic_lost_records_total", **lost), 50)
        self.driver.delete_records(topic, 0, 70)
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_topic_lost_records_total", **lost), 60)

    def test_offsets_reset_back(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic)
        self.driver.produce([(topic, 0, 100)])
        consumed = []
        for offset in (20, 80, 5, 15):
            self.driver.commit(group, [(topic, 0, offset)])
            page, _ = self.await_agreement(group)
            consumed.append(self.value(page, "group_topic_records_consumed_total",
                                       group=group, topic=topic))
        self.assertEqual(consumed, [0, 60, 60, 70])

    def test_records_produced_are_counted(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, 2)
        self.driver.commit(group, [(topic, 0, 0)])
        page, _ = self.await_agreement(group)
        before = self.value(page, "topic_records_produced_total", topic=topic)
        self.driver.produce([(topic, 0, 11), (topic, 1, 22)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "topic_records_produced_total", topic=topic) - before, 33)

    def test_deleted_topic(self):
        kept, deleted, group = self.unique("kept"), self.unique("deleted"), self.unique("group")
        self.driver.create_topics([{"name": kept, "partitions": 1},
                                   {"name": deleted, "partitions": 2}])
        self.driver.produce([(kept, 0, 10), (deleted, 0, 10)])
        self.driver.commit(group, [(kept, 0, 4), (deleted, 0, 1)])
        self.await_agreement(group)
        self.driver.delete_topics([deleted])
        page = self.daemon.wait(lambda page: self._series_of(page, deleted) == [], 10,
                                "no series of a deleted topic")
        self.assertEqual(self.value(page, "group_lag_records", group=group), 6)
        self.assertEqual(self.value(page, "group_unknown_partitions", group=group), 0)
        self.await_agreement(group)

    @staticmethod
    def _series_of(page, topic):
        return [name for name in page.families if page.series(name, topic=topic)]

    def check_topic_created_again(self, meanwhile):
        topic, group = self.unique("topic"), self.unique("group")
        counter = {"topic": topic}
        self.driver.create_topic(topic)
        self.driver.produce([(topic, 0, 50)])
        self.driver.commit(group, [(topic, 0, 40)])
        self.await_agreement(group)
        self.driver.produce([(topic, 0, 50)])
        self.driver.commit(group, [(topic, 0, 90)])
        page, _ = self.await_agreement(group)
        produced = self.value(page, "topic_records_produced_total", **counter)
        self.assertGreaterEqual(produced, 50)
        self.driver.delete_topics([topic])
        meanwhile(topic)
        self.driver.create_topic(topic, 2)
        self.driver.produce([(topic, 0, 30), (topic, 1, 5)])
        self.driver.commit(group, [(topic, 0, 10), (topic, 1, 5)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 20)
        of = {"group": group, "topic": topic}
        self.assertEqual(self.value(page, "group_topic_lost_records_total", **of), 0)
        again = self.value(page, "topic_records_produced_total", **counter)
        self.driver.produce([(topic, 0, 7)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "topic_records_produced_total", **counter), again + 7)
        return again - produced

    def test_topic_deleted_and_created_again_at_once(self):
        growth = self.check_topic_created_again(lambda topic: None)
        self.assertIn(growth, range(0, 36))  # the counter goes on

    def test_topic_deleted_and_created_again_later(self):
        self.check_topic_created_again(lambda topic: self.daemon.wait(
            lambda page: self._series_of(page, topic) == [], 10, "no series of a deleted topic"))

    def test_group_deleted(self):
        topic, group, other = self.unique("topic"), self.unique("group"), self.unique("other")
        self.driver.create_topic(topic)
        self.driver.commit(group, [(topic, 0, 0)])
        self.driver.commit(other, [(topic, 0, 0)])
        self.await_agreement(group, other)
        self.driver.delete_groups([group])
        page = self.daemon.wait(
            lambda page: not any(page.series(name, group=group) for name in page.families), 10,
            "no series of a deleted group")
        self.assertEqual(self.value(page, "topic_groups", topic=topic), 1)
        self.await_agreement(other)

    def test_compacted_topic(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, config={
            "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01",
            "min.compaction.lag.ms": "0"})
        self.driver.produce([(topic, 0, 1000)], keys=10)
        self.driver.commit(group, [(topic, 0, 500)])
        self.await_compaction(topic, 1000)
        page, _ = self.await_agreement(group)
        self.assertGreaterEqual(self.value(page, "group_lag_records", group=group), 500)
        self.assertIsNone(self.value(page, "topic_retention_seconds", topic=topic))

    def await_compaction(self, topic, count):
        """Records roll the segment that holds the others, until those are compacted."""

        def compacted():
            self.driver.produce([(topic, 0, 1)], keys=1)
            return self.driver.count_records(topic, 0) < count

        self.wait_until(compacted, 30, "the topic is compacted")

    def test_retention(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic, config={"retention.ms": "3600000"})
        self.driver.commit(group, [(topic, 0, 0)])
        self.daemon.wait(
            lambda page: self.value(page, "topic_retention_seconds", topic=topic) == 3600, 20,
            "the topic's retention")

    def test_names(self):
        topics = [self.unique(name) for name in ("a.b", "c-d", "e_f")]
        topics.append(self.unique("x" * 249)[:249])
        groups = ["with blanks and  two", 'quotes " and \'', "back\\slash \\n \\", "line\nend\r\n",
                  "emoji 🎉 ünïcödé", "{a=\"b\",c}", "#hash", "tab\there", "long-" + "g" * 500,
                  "wps.file.consumer.group", "NaN", "a,b;c", "\u2028 \u0085 \x7f"]
        groups = [f"{name}|" for name in groups]  # unlike the names of other tests
        self.driver.create_topics([{"name": topic, "partitions": 1} for topic in topics])
        self.driver.produce([(topic, 0, 20 + i) for i, topic in enumerate(topics)])
        for i, group in enumerate(groups):
            self.driver.commit(group, [(topic, 0, i) for topic in topics])
        page, _ = self.await_agreement(*groups)
        for i, group in enumerate(groups):
            self.assertEqual(self.value(page, "group_lag_records", group=group), 86 - 4 * i)

    def test_topic_and_partitions_created_while_the_daemon_runs(self):
        topic, group = self.unique("topic"), self.unique("group")
        self.driver.create_topic(topic)
        self.driver.produce([(topic, 0, 10)])
        self.driver.commit(group, [(topic, 0, 2)])
        page, _ = self.await_agreement(group)
        produced = self.value(page, "topic_records_produced_total", topic=topic)
        self.driver.add_partitions(topic, 3)
        self.driver.produce([(topic, 2, 6)])
        self.driver.commit(group, [(topic, 2, 1)])
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "topic_partitions", topic=topic), 3)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 13)
        self.assertGreaterEqual(
            self.value(page, "topic_records_produced_total", topic=topic), produced)

    def test_500_topics_in_one_group(self):
        topics = [self.unique(f"t{i:03}") for i in range(500)]
        group = self.unique("group")
        self.driver.create_topics([{"name": topic, "partitions": 1} for topic in topics])
        self.driver.produce([(topic, 0, i % 7) for i, topic in enumerate(topics)])
        self.driver.commit(group, [(topic, 0, 0) for topic in topics])
        page, _ = self.await_agreement(group, seconds=30)
        self.assertEqual(len(page.series("backlogd_group_topic_lag_records", group=group)), 500)
        self.driver.delete_topics(topics)

    def test_unwatched_topics_and_groups_have_no_series(self):
        page = self.daemon.scrape()
        for name in page.families:
            for labels, _ in page.series(name):
                self.assertFalse(labels.get("topic", "").startswith("__"), labels)
