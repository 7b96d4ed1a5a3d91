"""Groups with members, of every kind that there is, and transactional producers."""

from kafka_case import KafkaCase
from support.kafka_driver import Unsupported


class Members(KafkaCase):
    # A paused poll loop must not be thrown out of its group while a test looks at it.
    SETTINGS = {"group.max.session.timeout.ms": 120000}

    def setUp(self):
        self.started = []

    def tearDown(self):
        for name in self.started:
            self.driver.stop(name)

    def start(self, group, topics, **options):
        name = f"member-{len(self.started)}-of-{group}"
        self.driver.start_members(name, group, topics, **options)
        self.started.append(name)
        return name

    def topic_with(self, records, partitions=3):
        topic = self.unique("topic")
        self.driver.create_topic(topic, partitions)
        self.driver.produce([(topic, p, records) for p in range(partitions)])
        return topic

    def check_members(self, protocol):
        topic, group = self.topic_with(10, partitions=4), self.unique("group")
        self.start(group, [topic], count=2, protocol=protocol)
        self.driver.await_group(group, members=2, partitions=4)
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_members", group=group), 2)
        self.assertEqual(self.value(page, "group_assigned_partitions", group=group), 4)
        self.start(group, [topic], protocol=protocol)
        self.driver.await_group(group, members=3, partitions=4)
        self.await_agreement(group)
        for name in self.started:
            self.driver.stop(name)
        self.started = []
        self.driver.await_group(group, "Empty", members=0)
        page, _ = self.await_agreement(group)
        kind = {"classic": "Classic", "consumer": "Consumer"}[protocol]
        self.assertEqual(self.value(page, "group_state", group=group, type=kind, state="Empty"), 1)
        self.assertEqual(self.value(page, "group_members", group=group), 0)

    def test_classic(self):
        self.check_members("classic")

    def test_kip_848(self):
        self.check_members("consumer")

    def test_live_member_reads_and_lags(self):
        for protocol in ("classic", "consumer"):
            with self.subTest(protocol):
                topic, group = self.unique(f"topic-{protocol}"), self.unique(f"group-{protocol}")
                self.driver.create_topic(topic, 2)
                self.driver.produce([(topic, p, 10) for p in range(2)])
                name = self.start(group, [topic], protocol=protocol, commits=False)
                self.driver.await_group(group, members=1, partitions=2)
                self.driver.commit_as_member(name, [(topic, 0, 4), (topic, 1, 10)])
                page, _ = self.await_agreement(group)
                self.assertEqual(self.value(page, "group_lag_records", group=group), 6)
                self.driver.produce([(topic, 1, 5)])
                self.driver.commit_as_member(name, [(topic, 0, 9)])
                page, _ = self.await_agreement(group)
                self.assertEqual(self.value(page, "group_lag_records", group=group), 6)
                consumed = self.value(page, "group_topic_records_consumed_total",
                                      group=group, topic=topic)
                self.assertEqual(consumed, 5)

    def test_group_without_commits(self):
        for protocol in ("classic", "consumer"):
            with self.subTest(protocol):
                topic, group = self.unique(f"topic-{protocol}"), self.unique(f"group-{protocol}")
                self.driver.create_topic(topic, 3)
                self.driver.produce([(topic, p, 10) for p in range(3)])
                name = self.start(group, [topic], protocol=protocol, commits=False)
                self.driver.await_group(group, members=1, partitions=3)
                page, _ = self.await_agreement(group)
                self.assertIsNone(self.value(page, "group_lag_records", group=group))
                uncommitted = {"group": group, "topic": topic}
                self.assertEqual(
                    self.value(page, "group_topic_uncommitted_partitions", **uncommitted), 3)
                self.driver.commit_as_member(name, [(topic, 1, 0)])
                page, _ = self.await_agreement(group)
                self.assertEqual(self.value(page, "group_lag_records", group=group), 10)
                self.assertEqual(
                    self.value(page, "group_topic_uncommitted_partitions", **uncommitted), 2)

    def test_static_members(self):
        for protocol in ("classic", "consumer"):
            with self.subTest(protocol):
                topic, group = self.unique(f"topic-{protocol}"), self.unique(f"group-{protocol}")
                self.driver.create_topic(topic, 3)
                self.driver.produce([(topic, p, 10) for p in range(3)])
                name = self.start(group, [topic], count=3, protocol=protocol, instance=group)
                self.driver.await_group(group, members=3, partitions=3)
                self.await_agreement(group)
                # They stay members until their session ends.
                self.driver.stop(name)
                self.started.remove(name)
                page, _ = self.await_agreement(group)
                self.assertEqual(self.value(page, "group_members", group=group), 3)

    def test_rebalance_that_does_not_end(self):
        topic, group = self.topic_with(10), self.unique("group")
        paused = self.start(group, [topic])
        self.driver.await_group(group, members=1, partitions=3)
        self.await_agreement(group)
        self.driver.pause(paused)
        self.start(group, [topic])
        self.driver.await_group(group, "PreparingRebalance")
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "group_state", group=group, type="Classic",
                                    state="PreparingRebalance"), 1)
        self.driver.resume(paused)
        self.driver.await_group(group, members=2, partitions=3)
        self.await_agreement(group)

    def test_member_of_several_topics_and_a_group_on_the_same(self):
        topics = [self.unique(name) for name in "abc"]
        self.driver.create_topics([{"name": topic, "partitions": 2} for topic in topics])
        self.driver.produce([(topic, p, 5) for topic in topics for p in range(2)])
        groups = [self.unique("one"), self.unique("two")]
        self.start(groups[0], topics, count=2)
        self.start(groups[1], topics[:2], protocol="consumer")
        self.driver.await_group(groups[0], members=2, partitions=6)
        self.driver.await_group(groups[1], members=1, partitions=4)
        self.await_agreement(*groups)

    def test_topic_deleted_under_a_live_member(self):
        kept, deleted, group = self.unique("kept"), self.unique("deleted"), self.unique("group")
        self.driver.create_topics([{"name": name, "partitions": 2} for name in (kept, deleted)])
        self.driver.produce([(name, p, 5) for name in (kept, deleted) for p in range(2)])
        name = self.start(group, [kept, deleted], commits=False)
        self.driver.await_group(group, members=1, partitions=4)
        self.driver.commit_as_member(name, [(t, p, 1) for t in (kept, deleted) for p in range(2)])
        self.await_agreement(group)
        self.driver.delete_topics([deleted])
        page = self.daemon.wait(
            lambda page: not any(page.series(name, topic=deleted) for name in page.families), 15,
            "no series of a deleted topic")
        self.assertEqual(self.value(page, "group_lag_records", group=group), 8)
        self.assertEqual(self.value(page, "group_unknown_partitions", group=group), 0)

    def test_share_group_is_no_consumer_group(self):
        topic, share, group = self.topic_with(10), self.unique("share"), self.unique("group")
        try:
            self.driver.start_share_members(share, share, [topic], count=2)
        except Unsupported as reason:
            self.skipTest(str(reason))
        self.started.append(share)
        self.wait_until(lambda: self.driver.list_share_groups().get(share) == "Stable", 30,
                        "a share group with members")
        self.driver.commit(group, [(topic, 0, 3)])
        page, _ = self.await_agreement(group)
        page = self.daemon.await_polls(4, "it")  # long enough to be described in rotation
        for name in page.families:
            self.assertEqual(page.series(name, group=share), [], name)
        self.assertEqual(self.value(page, "up"), 1)

    def check_transaction(self, commit):
        topic, group, name = self.topic_with(10), self.unique("group"), self.unique("transaction")
        self.driver.commit(group, [(topic, 0, 4), (topic, 1, 4)])
        self.driver.begin_transaction(name, [(topic, 0, 6)])
        page, _ = self.await_agreement(group)
        partition = {"topic": topic, "partition": 0}
        self.assertEqual(self.value(page, "partition_last_stable_offset", **partition), 10)
        self.assertEqual(self.value(page, "partition_log_end_offset", **partition), 16)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 12 + 6)
        self.driver.end_transaction(name, commit)
        self.wait_until(lambda: self.driver.log_offsets([(topic, 0)])[topic, 0] == (0, 17, 17), 10,
                        "the transaction's end in the log")
        page, _ = self.await_agreement(group)
        self.assertEqual(self.value(page, "partition_last_stable_offset", **partition), 17)
        self.assertEqual(self.value(page, "group_lag_records", group=group), 13 + 6)

    def test_transaction_open_then_aborted(self):
        self.check_transaction(commit=False)

    def test_transaction_open_then_committed(self):
        self.check_transaction(commit=True)
