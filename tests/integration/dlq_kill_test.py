"""backlogd-dlq is killed at any moment, again and again, and once more beside a twin: no record is
lost and none is there twice."""

import collections
import contextlib
import gzip
import json
import os
import pathlib
import random
import signal
import tempfile
import unittest

from dead_letters import spring
from support import emissions
from support.dlq_tool import DlqTool
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import stop, uninterrupted, wait_until

_PARTITIONS = 3
_KILLS = 25
_FORMAT, _TIMEOUT = ("com.fasterxml.jackson.core.JsonParseException",
                     "java.net.SocketTimeoutException")


def number_of(record):
    return int(record.value)


@contextlib.contextmanager
def kept_output():
    """A file for what a program writes; kept for the test that looks for secrets there."""
    with tempfile.TemporaryFile("w+") as said:
        try:
            yield said
        finally:
            said.seek(0)
            emissions.keep("output", said.read())


class Killed(unittest.TestCase):
    SEED = 20260101

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())
        cls.driver = cls.enterClassContext(
            KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers))
        cls.tool = DlqTool(cls.kafka.bootstrap_servers, "--yes")

    def setUp(self):
        self.random = random.Random(self.SEED)
        self.source = self.id().rsplit(".", 1)[-1].removeprefix("test_")
        self.queue = f"{self.source}-dlq"
        self.driver.create_topics([{"name": topic, "partitions": _PARTITIONS}
                                   for topic in (self.source, self.queue)])

    def fill(self, count, exception_of=lambda number: _TIMEOUT):
        """Record i has the value i and lies in partition i % 3, as it did in the source topic."""
        self.driver.write([spring(self.queue, exception_of(i), self.source, i // _PARTITIONS,
                                  partition=i % _PARTITIONS, key=b"key-%d" % (i % _PARTITIONS),
                                  value=b"%d" % i) for i in range(count)])

    def sent(self):
        """How much was ever written to the source topic, committed or not."""
        offsets = self.driver.log_offsets([(self.source, p) for p in range(_PARTITIONS)])
        return sum(end for _, _, end in offsets.values())

    def kill_again_and_again(self, kills, grown, most, *arguments):
        """Kills the tool each time when `grown()` has become larger by a random number up to
        `most`, or (one of four) while it sets itself up, when it has so many threads. Returns how
        often it was killed: it may have finished before."""
        for kill in range(kills):
            with kept_output() as said:
                process = self.tool.start(*arguments, stdout=said, stderr=said)
                moment = self.random_moment(process, grown, most)
                try:
                    wait_until(lambda: process.poll() is not None or moment(), 60,
                               f"kill {kill} of {arguments}", interval=0.002)
                    if process.poll() is not None:
                        said.seek(0)
                        self.assertEqual(process.returncode, 0, said.read())
                        return kill
                finally:
                    with uninterrupted():
                        process.kill()
                        process.wait()
        return kills

    def random_moment(self, process, grown, most):
        if self.random.random() < 0.25:
            threads = self.random.randint(1, 12)
            return lambda: len(os.listdir(f"/proc/{process.pid}/task")) >= threads
        target = grown() + self.random.randint(0, most)
        return lambda: grown() > target

    def demand_each_once(self, count, among=lambda number: True):
        found = self.driver.read(self.source)
        numbers = [number_of(record) for record in found]
        twice = [number for number, times in collections.Counter(numbers).items() if times > 1]
        self.assertEqual(twice, [], "there twice")
        self.assertEqual(sorted(numbers), [i for i in range(count) if among(i)])
        for record in found:
            self.assertEqual(number_of(record) % _PARTITIONS, record.partition)
        for partition in range(_PARTITIONS):
            here = [number_of(each) for each in found if each.partition == partition]
            self.assertEqual(here, sorted(here), f"order of partition {partition}")

    def demand_progress(self, action, count):
        """What the group's commits say."""
        rows = self.driver.committed(f"backlogd-dlq.{self.queue}")
        ends = self.driver.log_offsets([(self.queue, p) for p in range(_PARTITIONS)])
        self.assertEqual({(topic, partition): offset for topic, partition, offset, _ in rows},
                         {key: end for key, (_, _, end) in ends.items()})
        counts = [word.split("=") for *_, text in rows for word in text.split() if "=" in word]
        self.assertEqual(sum(int(value) for key, value in counts if key == action), count)

    def test_redeliver(self):
        count = 6000
        self.fill(count)
        arguments = ["redeliver", self.queue, "--rate=4000", "--batch=100"]
        kills = self.kill_again_and_again(_KILLS, self.sent, 250, *arguments)
        self.assertEqual(kills, _KILLS)
        self.tool.run("redeliver", self.queue)
        self.demand_each_once(count)
        self.demand_progress("redelivered", count)

    def test_redeliver_some_and_then_the_others(self):
        count = 3000

        def is_timeout(number):
            return number // 200 % 2 == 0

        self.fill(count, lambda number: _TIMEOUT if is_timeout(number) else _FORMAT)
        arguments = ["redeliver", self.queue, "--reason=timeout", "--rate=3000", "--batch=50"]
        self.kill_again_and_again(12, self.sent, 100, *arguments)
        self.tool.run(*arguments[:3])
        self.demand_each_once(count, is_timeout)
        self.kill_again_and_again(12, self.sent, 100, "redeliver", self.queue, "--rate=3000",
                                  "--batch=50")
        self.tool.run("redeliver", self.queue)
        self.demand_once_unordered(count)
        self.demand_progress("redelivered", count)

    def demand_once_unordered(self, count):
        numbers = sorted(number_of(record) for record in self.driver.read(self.source))
        self.assertEqual(numbers, list(range(count)))

    def test_two_at_once(self):
        count = 4000
        self.fill(count)
        arguments = ["redeliver", self.queue, "--batch=100", "--rate=1000"]
        with kept_output() as errors:
            first = self.tool.start(*arguments, stdout=errors, stderr=errors)
            try:
                wait_until(lambda: self.sent() > 300, 60, "the first one is at work")
                self.tool.run("redeliver", self.queue)
                status = first.wait(60)
            finally:
                stop(first)
            errors.seek(0)
            self.assertEqual((status, "fenced" in (text := errors.read())), (1, True), text)
        self.demand_each_once(count)
        self.demand_progress("redelivered", count)

    def test_asked_to_end(self):
        count = 3000
        self.fill(count)
        for number in (signal.SIGINT, signal.SIGTERM):
            with kept_output() as said:
                process = self.tool.start("redeliver", self.queue, "--rate=1000", stdout=said,
                                          stderr=said)
                try:
                    target = self.sent() + 200
                    wait_until(lambda: self.sent() > target, 60, "it is at work")
                    process.send_signal(number)
                    self.assertEqual(process.wait(10), 130)
                finally:
                    stop(process)
        self.tool.run("redeliver", self.queue)
        self.demand_each_once(count)
        self.demand_progress("redelivered", count)

    def test_the_broker_dies(self):
        count = 6000
        self.fill(count)
        with kept_output() as said:
            process = self.tool.start("--timeout=5s", "redeliver", self.queue, "--rate=2000",
                                      "--batch=100", stdout=said, stderr=said)
            try:
                wait_until(lambda: self.sent() > 500, 60, "it is at work")
                self.kafka.stop(1, kill=True)
                self.kafka.start(1)
                process.wait(90)
            finally:
                stop(process)
        self.driver.await_leaders([self.source, self.queue], 60)
        self.tool.run("redeliver", self.queue)
        self.demand_each_once(count)
        self.demand_progress("redelivered", count)

    def check_log(self, name, read):
        count = 10_000
        self.fill(count)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        file = folder / name

        def size():
            return file.stat().st_size if file.exists() else 0

        self.kill_again_and_again(_KILLS // 2, size, 20_000, "log", self.queue, f"--file={file}",
                                  "--batch=200")
        self.tool.run("log", self.queue, f"--file={file}")
        with read(file) as lines:
            found = [json.loads(line) for line in lines]
        places = [(line["partition"], line["offset"]) for line in found]
        self.assertEqual(len(places), len(set(places)), "there twice")
        self.assertEqual(len(places), count)
        self.demand_progress("logged", count)

    def test_log(self):
        self.check_log("letters.jsonl", lambda file: open(file, encoding="utf-8"))

    def test_log_zipped(self):
        self.check_log("letters.jsonl.gz", lambda file: gzip.open(file, "rt", encoding="utf-8"))
