"""backlogd-dlq redeliver on a real Kafka: what arrives, where, how often, and what stays."""

import json
import time

from dead_letters import EXCEPTIONS, one_of_each, spring
from support.records import Record
from tool_case import ToolCase

_OWN_HEADERS = ("backlogd-dlq-topic", "backlogd-dlq-partition", "backlogd-dlq-offset",
                "backlogd-dlq-redeliveries")


class Redeliver(ToolCase):
    def test_a_record_arrives_as_it_was(self):
        source, queue = self.queue(partitions=2)
        own = [("trace", b"\x00\xff"), ("trace", None), ("empty", b""), ("trace", b"3")]
        letters = [
            spring(queue, EXCEPTIONS[0], source, headers=own, key=b"\xff\x00", value=b"\x80\x01"),
            spring(queue, EXCEPTIONS[0], source, 1, key=None, value=None),
            spring(queue, EXCEPTIONS[0], source, 2, key=b"", value=b""),
            spring(queue, EXCEPTIONS[0], source, 0, partition=1, key=b"k", value=b"{}"),
        ]
        self.driver.write(letters)
        self.tool.run("--yes", "redeliver", queue)
        found = self.driver.read(source)
        self.assertEqual(sorted((each.partition, each.offset) for each in found),
                         [(0, 0), (0, 1), (0, 2), (1, 0)])
        found.sort(key=lambda record: (record.partition, record.offset))
        for record, letter in zip(found, letters):
            self.assertEqual((record.key, record.value, record.partition),
                             (letter.key, letter.value, letter.partition))
            kept = [header for header in record.headers if header[0] not in _OWN_HEADERS]
            self.assertEqual(kept, letter.headers)
        self.assertEqual({name: found[1].header(name) for name in _OWN_HEADERS},
                         {"backlogd-dlq-topic": [queue.encode()], "backlogd-dlq-partition": [b"0"],
                          "backlogd-dlq-offset": [b"1"], "backlogd-dlq-redeliveries": [b"1"]})
        self.await_handled(queue, 0, redelivered=4)

    def test_headers_that_would_make_the_next_failure_final_are_gone(self):
        source, queue = self.queue()
        state = [("retry_topic-attempts", (4).to_bytes(4, "big")),
                 ("retry_topic-original-timestamp", (1).to_bytes(8, "big")),
                 ("retry_topic-backoff-timestamp", (1).to_bytes(8, "big")),
                 ("kafka_deliveryAttempt", (3).to_bytes(4, "big"))]
        self.driver.write([spring(queue, EXCEPTIONS[0], source, headers=state + [("own", b"1")])])
        self.tool.run("--yes", "redeliver", queue)
        record, = self.driver.read(source)
        self.assertEqual([name for name, _ in state if record.header(name)], [])
        self.assertEqual(record.header("own"), [b"1"])

    def test_timestamps(self):
        source, queue = self.queue()
        written = int(1000 * (time.time() - 3600))
        self.driver.write([spring(queue, EXCEPTIONS[0], source, timestamp=written)])
        self.tool.run("--yes", "redeliver", queue, "--keep-timestamp")
        self.driver.write([spring(queue, EXCEPTIONS[0], source, timestamp=written)])
        self.tool.run("--yes", "redeliver", queue)
        kept, new = self.driver.read(source)
        self.assertEqual(kept.timestamp, written)
        self.assertGreater(new.timestamp, written + 3_000_000)

    def test_to_another_topic_and_by_where_the_headers_say(self):
        source, queue = self.queue()
        other, third = self.unique("other"), self.unique("third")
        self.driver.create_topics([{"name": topic, "partitions": 1} for topic in (other, third)])
        self.driver.write([spring(queue, EXCEPTIONS[0], other, value=b"1")])
        self.tool.run("--yes", "redeliver", queue)
        self.assertEqual((self.values(other), self.values(source)), ([b"1"], []))
        self.driver.write([spring(queue, EXCEPTIONS[0], other, value=b"2")])
        self.tool.run("--yes", "redeliver", queue, f"--to={third}")
        self.assertEqual((self.values(other), self.values(third)), ([b"1"], [b"2"]))

    def test_again_and_again_but_not_for_ever(self):
        source, queue = self.queue()
        self.driver.write([spring(queue, EXCEPTIONS[0], source, value=b"1")])
        for times in (1, 2):
            self.tool.run("--yes", "redeliver", queue)
            *_, last = self.driver.read(source)
            self.assertEqual(last.header("backlogd-dlq-redeliveries"), [b"%d" % times])
            last.topic = queue
            self.driver.write([last])
        self.tool.run("--yes", "redeliver", queue, "--max-redeliveries=2")
        self.assertEqual(len(self.driver.read(source)), 2)
        self.await_handled(queue, 1, redelivered=2)

    def test_some_and_the_rest_later(self):
        source, queue = self.filled()
        self.tool.run("--yes", "redeliver", queue, "--reason=business")
        self.await_handled(queue, 5, redelivered=1)
        self.tool.run("--yes", "redeliver", queue, "--reason=timeout", "--reason=format")
        self.await_handled(queue, 3, redelivered=3)
        self.tool.run("--yes", "redeliver", queue, "--limit=2")
        self.await_handled(queue, 1, redelivered=5)
        self.tool.run("--yes", "redeliver", queue)
        self.await_handled(queue, 0, redelivered=6)
        found = [record.header("backlogd-dlq-offset")[0] for record in self.driver.read(source)]
        self.assertEqual(found, [b"2", b"1", b"3", b"0", b"4", b"5"])

    def test_only_what_is_committed(self):
        source, queue = self.queue()
        letters = one_of_each(queue, source)
        name = self.unique("tx")
        self.driver.write_one_by_one(name, letters[:2])
        self.driver.write_one_by_one(name, letters, commit=False)
        self.driver.write_one_by_one(name, letters[2:4])
        self.tool.run("--yes", "redeliver", queue)
        self.assertEqual(len(self.driver.read(source)), 4)
        self.await_handled(queue, 0, redelivered=4)

    def test_what_is_left_after_some_expired(self):
        source, queue = self.filled()
        self.tool.run("--yes", "redeliver", queue, "--reason=format", "--reason=unknown")
        self.driver.delete_records(queue, 0, 4)
        page = self.await_handled(queue, 1, redelivered=2)
        self.assertEqual(self.of(page, "expired_records_total", queue), 3)
        self.tool.run("--yes", "redeliver", queue)
        found = [record.header("backlogd-dlq-offset")[0] for record in self.driver.read(source)]
        self.assertEqual(found, [b"1", b"5", b"4"])
        self.await_handled(queue, 0, redelivered=3)

    def test_once_more_what_was_redelivered(self):
        source, queue = self.filled()
        self.tool.run("--yes", "redeliver", queue)
        self.tool.run("--yes", "redeliver", queue, "--again", "--reason=timeout")
        self.assertEqual(len(self.driver.read(source)), 7)
        self.await_handled(queue, 0, redelivered=7)

    def test_partitions_are_those_that_java_clients_choose(self):
        source, queue = self.queue(partitions=5)
        other = self.unique("other")
        self.driver.create_topic(other, 5)
        keys = [b"%d-%s" % (i, b"\xff" * (i % 5)) for i in range(40)]
        self.driver.write([Record(other, b"v", key, partition=None) for key in keys])
        letters = [Record(queue, b"v", key, [("x-original-topic", source.encode())])
                   for key in keys]
        self.driver.write(letters)
        self.tool.run("--yes", "redeliver", queue)
        places = {topic: {record.key: record.partition for record in self.driver.read(topic)}
                  for topic in (source, other)}
        self.assertEqual(places[source], places[other])

    def test_mended_on_the_way(self):
        source, queue = self.queue()
        self.driver.write([spring(queue, EXCEPTIONS[1], source, key=b"%d" % i,
                                  value=b'{"amount": "%d"}' % i, headers=[("own", b"\xff")])
                           for i in range(4)])
        script = self.folder() / "mend.py"
        script.write_text(
            "import json, sys\n"
            "record = json.load(sys.stdin)\n"
            "value = json.loads(record['value'])\n"
            "if value['amount'] != '2':\n"
            "    record['value'] = json.dumps({'amount': int(value['amount'])})\n"
            "    print(json.dumps(record))\n")
        self.tool.run("--yes", "redeliver", queue, f"--transform=python3 {script}")
        found = self.driver.read(source)
        self.assertEqual([json.loads(record.value)["amount"] for record in found], [0, 1, 3])
        self.assertEqual([record.key for record in found], [b"0", b"1", b"3"])
        self.assertEqual(found[0].header("own"), [b"\xff"])
        self.await_handled(queue, 1, redelivered=3)

    def test_a_transformation_that_fails_sends_nothing(self):
        source, queue = self.filled()
        result = self.tool.run("--yes", "redeliver", queue, "--transform=exit 7", status=1)
        self.assertIn("7", result.stderr)
        self.assertEqual(self.values(source), [])
