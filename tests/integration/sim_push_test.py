"""backlogd-sim produce on real Kafka: what it acknowledges is in the topic, counted on both sides,
whatever the broker does meanwhile; schedules come at their rates, with their keys."""

import collections
import concurrent.futures
import json
import random
import signal
import time
import unittest

from support.backlogd import Backlogd
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import ReservedPort, wait_until
from support.sim import BacklogdSim, run

_PARTITIONS = 3


class SimPush(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())
        cls.driver = cls.enterClassContext(
            KafkaDriver(cls.kafka.jars, cls.kafka.bootstrap_servers))

    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[-1].removeprefix("test_")
        self.driver.create_topics([{"name": self.topic, "partitions": _PARTITIONS}])

    def sim(self, *flags):
        return self.enterContext(BacklogdSim(
            "produce", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
            "--output=json", *flags))

    def scheduled(self, *flags, status=0, seconds=60):
        """Runs a schedule to its end; returns the report."""
        done = run("produce", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                   f"--topic={self.topic}", "--output=json", *flags, seconds=seconds)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def ends(self):
        offsets = self.driver.log_offsets([(self.topic, p) for p in range(_PARTITIONS)])
        return sum(end for _, _, end in offsets.values())

    def values(self):
        """How often each value is in the topic."""
        return collections.Counter(record.value.decode() for record in self.driver.read(self.topic))

    def push_many(self, sim, clients, requests, max_num, while_running=lambda: None):
        """Each of the clients pushes so many times, with data of its own each time; returns
        {data: (status, answer)}."""

        def client(number):
            numbers = random.Random(number)
            return {f"{number}.{i}": sim.push(numbers.randint(1, max_num), self.topic,
                                              f"{number}.{i}") for i in range(requests)}

        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            running = [pool.submit(client, number) for number in range(clients)]
            while_running()
            return {data: answer for each in running for data, answer in each.result().items()}

    def demand_acknowledged(self, answers):
        """Each acknowledged record is in the topic, and none that nobody can account for; returns
        how many were acknowledged."""
        values = self.values()
        acknowledged = 0
        for data, (status, answer) in answers.items():
            sure, unknown = answer.get("acknowledged", 0), answer.get("unknown", 0)
            self.assertTrue(sure <= values[data] <= sure + unknown,
                            f"{values[data]} times in the topic: {status} {answer}")
            acknowledged += sure
        self.assertLessEqual(set(values), set(answers))
        return acknowledged

    # POST /push

    def test_good(self):
        sim = self.sim()
        status, answer = sim.push(1000, self.topic, "größe", key="k", headers={"trace": "1"})
        self.assertEqual((status, answer["msg"], answer["num"], answer["acknowledged"]),
                         (200, "push success", 1000, 1000))
        status, answer = sim.push(2, self.topic, "")
        self.assertEqual(status, 200)
        records = self.driver.read(self.topic)
        keyed = [record for record in records if record.key is not None]
        self.assertEqual(len(records), 1002)
        self.assertEqual({(record.value, record.key, tuple(record.headers)) for record in keyed},
                         {("größe".encode(), b"k", (("trace", b"1"),))})
        self.assertEqual(len({record.partition for record in keyed}), 1, "partitions of one key")
        sim.stop()
        self.assertEqual(sim_report(sim), {"requests": {"200": 2}, "acknowledged": 1002})

    def test_bad(self):
        sim = self.sim("--push.max-num=500", "--push.max-body-bytes=10KiB")
        good = {"num": 1, "topic": self.topic, "data": "x"}
        cases = [
            ("body", "num=5&topic=t"), ("body", b"\xff\xfe"), ("body", "[1]"), ("body", ""),
            ("body", json.dumps({**good, "data": "x" * 20_000})),
            ("num", without(good, "num")), ("topic", without(good, "topic")),
            ("data", without(good, "data")),
            *(("num", json.dumps({**good, "num": num}))
              for num in (0, -1, 501, 1.5, "5", None, True, 10 ** 30)),
            *(("topic", json.dumps({**good, "topic": topic}))
              for topic in ("", "a b", "..", "x" * 250, 5, "no.such.topic")),
            *(("data", json.dumps({**good, "data": data})) for data in (5, None, ["x"])),
            ("nun", json.dumps({**good, "nun": 1})),
        ]
        for param, text in cases:
            status, answer = sim.push_text(text)
            self.assertEqual((status, answer["msg"], answer["param"]),
                             (403, "params error", param), text[:100])
            self.assertTrue(answer["error"])
        self.assertEqual(self.ends(), 0)
        self.assertEqual(sim.request("GET", "/push").status, 405)
        self.assertEqual(sim.request("GET", "/nowhere").status, 404)
        self.assertEqual(sim.request("GET", "/-/healthy").status, 200)
        self.assertEqual(sim.push(500, self.topic, "x")[0], 200)
        self.assertEqual(self.ends(), 500)

    def test_concurrent(self):
        sim = self.sim()
        answers = self.push_many(sim, 8, 40, 50)
        self.assertEqual({status for status, _ in answers.values()}, {200})
        self.assertEqual(self.demand_acknowledged(answers), self.ends())
        sim.stop()
        self.assertEqual(sim_report(sim), {"requests": {"200": 320}, "acknowledged": self.ends()})

    def test_throttled(self):
        sim = self.sim("--push.max-records-per-second=100")
        self.assertEqual(sim.push(300, self.topic, "x")[0], 200, "more than a second's worth")
        response = sim.request("POST", "/push", json.dumps(
            {"num": 1, "topic": self.topic, "data": "x"}))
        self.assertEqual(response.status, 429)
        self.assertIn(response.headers["retry-after"], ("1", "2", "3"))
        began = time.monotonic()
        wait_until(lambda: sim.push(1, self.topic, "x")[0] == 200, 10, "a bucket that fills")
        self.assertGreater(time.monotonic() - began, 1)
        self.assertEqual(self.ends(), 301)

    def test_back_pressure(self):
        group = "held.back"
        daemon = self.enterContext(Backlogd({
            "clusters": [{"bootstrap_servers": self.kafka.bootstrap_servers}],
            "poll": {"interval": "1s", "timeout": "1s"}}))
        sim = self.sim(f"--push.back-pressure.url=http://{daemon.address}/metrics",
                       f"--push.back-pressure.group={group}",
                       "--push.back-pressure.max-lag-records=100",
                       "--push.back-pressure.interval=1s")
        self.driver.commit(group, [(self.topic, p, 0) for p in range(_PARTITIONS)])
        self.assertEqual(sim.push(200, self.topic, "x")[0], 200)

        def status():
            return sim.push(1, self.topic, "x")

        held = wait_until(lambda: status()[0] == 429 and status(), 15, "push is held back")
        self.assertIn(f"group {group} has yet to read", held[1]["error"])
        before = self.ends()
        self.assertEqual(status()[0], 429)
        self.assertEqual(self.ends(), before)
        self.driver.commit(group, [(self.topic, p, self.driver.log_offsets(
            [(self.topic, p)])[self.topic, p][2]) for p in range(_PARTITIONS)])
        wait_until(lambda: status()[0] == 200, 15, "the backlog is worked off")
        self.driver.commit(group, [(self.topic, p, 0) for p in range(_PARTITIONS)])
        wait_until(lambda: status()[0] == 429, 15, "push is held back again")
        daemon.stop()
        wait_until(lambda: status()[0] == 200, 15, "an unknown backlog holds nothing back")
        wait_until(lambda: "the backlog is unknown" in sim.err(), 15, "the log says so")

    def test_queue_is_full(self):
        sim = self.sim("--queue-records=50", "--push.timeout=3s")
        answers = {"before": sim.push(10, self.topic, "before")}
        self.kafka.pause(1)
        try:
            answers["full"] = sim.push(100, self.topic, "full")
        finally:
            self.kafka.resume(1)
        status, answer = answers["full"]
        self.assertEqual((status, answer["msg"], answer["accepted"], answer["acknowledged"]),
                         (503, "broker busy", 50, 0), answer)
        answers["after"] = wait_until(
            lambda: (pushed := sim.push(100, self.topic, "after"))[0] == 200 and pushed, 30,
            "push is possible again")
        values = self.values()
        self.assertEqual(values["before"], 10)
        self.assertLessEqual(values["full"], 50)
        self.assertGreaterEqual(values["after"], 100)
        sim.stop()

    def test_broker_dies(self):
        sim = self.sim("--push.timeout=5s")
        outage = {}

        def die():
            time.sleep(0.5)  # in the middle of them; whenever it is, the numbers must be right
            self.kafka.stop(1, kill=True)
            outage["outage"] = sim.push(50, self.topic, "outage")
            self.kafka.start(1)

        answers = {**self.push_many(sim, 8, 40, 200, die), **outage}
        recovered = wait_until(
            lambda: (pushed := sim.push(50, self.topic, "recovered"))[0] == 200 and pushed, 40,
            "push is possible again")
        self.assertEqual(outage["outage"][0], 503, outage)
        acknowledged = self.demand_acknowledged({**answers, "recovered": recovered})
        sim.stop()
        self.assertGreaterEqual(sim.report()["acknowledged"], acknowledged)
        self.assertLessEqual(sim.report()["acknowledged"], self.ends())

    def test_stops_in_the_middle(self):
        sim = self.sim("--queue-records=50")
        self.assertEqual(sim.push(1, self.topic, "first")[0], 200)
        self.kafka.pause(1)
        try:
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                pushed = pool.submit(sim.push, 30, self.topic, "pushed")
                time.sleep(0.5)  # for it to be accepted; were it not, it would be refused below
                sim.signal(signal.SIGTERM)
                time.sleep(0.2)
                self.assertTrue(sim.running(), "waits for acknowledgements")
                self.kafka.resume(1)
                status, answer = pushed.result(30)
        finally:
            self.kafka.resume(1)
        self.assertEqual((status, answer["acknowledged"]), (200, 30), answer)
        sim.stop()
        self.assertEqual(sim_report(sim), {"requests": {"200": 2}, "acknowledged": 31})
        self.assertEqual(self.values()["pushed"], 30)

    # Schedules

    def test_rate(self):
        report = self.scheduled("--schedule=constant", "--rate=400", "--for=4s")
        self.assertAlmostEqual(report["acknowledged"], 1600, delta=60)
        self.assertEqual(report["acknowledged"], self.ends())
        self.assertEqual((report["failed"], report["unknown"], report["fault"]), (0, 0, None))
        self.assertLess(report["latency_ms"]["p50"], 1000)

    def test_hot_keys_in_the_past(self):
        began = time.time()
        report = self.scheduled("--schedule=poisson", "--rate=5000", "--records=5000",
                                "--keys=zipf", "--key-count=100", "--zipf-exponent=1.5",
                                "--value-bytes=5", "--max-value-bytes=9", "--seed=1",
                                "--timestamp-behind=1h")
        self.assertEqual(report["acknowledged"], 5000)
        records = self.driver.read(self.topic)
        self.assertEqual({len(record.value) for record in records}, {5, 6, 7, 8, 9})
        keys = collections.Counter(record.key.decode() for record in records)
        weights = [rank ** -1.5 for rank in range(1, 101)]
        for rank in (0, 1, 2):
            self.assertAlmostEqual(keys[f"key-{rank}"], 5000 * weights[rank] / sum(weights),
                                   delta=200)
        age = began - records[0].timestamp / 1000
        self.assertAlmostEqual(age, 3600, delta=60)

    def test_transactions(self):
        report = self.scheduled("--schedule=constant", "--rate=2000", "--records=1000",
                                "--transaction-records=50", "--abort-rate=0.4", "--seed=1")
        self.assertEqual(report["acknowledged"], 1000)
        self.assertGreater(report["aborted"], 0)
        self.assertEqual(sum(self.values().values()), 1000 - report["aborted"])

    def test_stopped_by_a_signal(self):
        sim = self.enterContext(BacklogdSim(
            "produce", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
            f"--topic={self.topic}", "--schedule=burst", "--rate=100", "--peak-rate=1000",
            "--period=2s", "--burst-length=1s", "--output=json"))
        wait_until(lambda: self.ends() > 200, 20, "records")
        sim.stop(signal.SIGINT)
        self.assertEqual(sim.report()["acknowledged"], self.ends())

    # What is not there

    def test_no_topic(self):
        done = run("produce", f"--kafka.bootstrap-servers={self.kafka.bootstrap_servers}",
                   "--topic=no.such.topic", "--schedule=constant")
        self.assertEqual(done.returncode, 1)
        self.assertIn("topic no.such.topic: there is none of that name", done.stderr)

    def test_no_cluster(self):
        port = ReservedPort()
        self.addCleanup(port.close)
        for flags in ([], ["--schedule=constant"]):
            done = run("produce", f"--kafka.bootstrap-servers=127.0.0.1:{port.number}",
                       "--timeout=2s", "--web.listen-address=127.0.0.1:0", *flags, seconds=15)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is --kafka.bootstrap-servers right", done.stderr)


def without(request, param):
    return json.dumps({key: value for key, value in request.items() if key != param})


def sim_report(sim):
    return {key: sim.report()[key] for key in ("requests", "acknowledged")}
