"""A bad line between the daemon and three brokers: a tenth of the packets gets lost, the others are
200 ms late, each way."""

import time
import unittest

from fault_watch import Recovery, Truth, Watch
from kafka_case import CLUSTER, configuration
from support.backlogd import Backlogd
from support.far_network import NEAR_ADDRESS, FarNetwork, Unavailable
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import ReservedPort


_RECORDS = 30
_PARKED_AT = 10


class FarBacklogd(Backlogd):
    """The daemon at the far end; it is asked there, so that answers are in time."""

    def __init__(self, network, config):
        super().__init__(config)
        self._network = network

    def start(self):
        with self._network.entered():
            super().start()

    def request(self, *arguments, **options):
        with self._network.entered():
            return super().request(*arguments, **options)


def _settings(node):
    port = node.ports.setdefault("line", ReservedPort()).number
    line = f"LINE://{NEAR_ADDRESS}:{port}"
    return {
        "offsets.topic.replication.factor": 3,
        "listeners": f"PLAINTEXT://{node.address},CONTROLLER://{node.controller_address},{line}",
        "advertised.listeners": f"PLAINTEXT://{node.address},{line}",
        "listener.security.protocol.map":
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LINE:PLAINTEXT",
    }


class BadLine(unittest.TestCase):
    def setUp(self):
        try:
            self.network = self.enterContext(FarNetwork())
        except Unavailable as reason:
            self.skipTest(str(reason))
        kafka = self.enterContext(KafkaCluster(3, settings=_settings))
        self.driver = self.enterContext(KafkaDriver(kafka.jars, kafka.bootstrap_servers))
        written_at = int(time.time()) - 1000
        self.driver.create_topic("idle", replicas=[[1, 2, 3], [2, 3, 1], [3, 1, 2]],
                                 config={"retention.ms": "-1"})
        partitions = [("idle", p) for p in range(3)]
        self.driver.produce([(*at, _RECORDS) for at in partitions], timestamp=1000 * written_at)
        parked = {f"parked-{i}": dict.fromkeys(partitions, _PARKED_AT) for i in range(12)}
        for group, committed in parked.items():
            self.driver.commit(group, [(*at, offset) for at, offset in committed.items()])
        self.true = Truth(dict.fromkeys(partitions, _RECORDS), parked, written_at)
        servers = ",".join(f"{NEAR_ADDRESS}:{node.ports['line'].number}"
                           for node in kafka.nodes.values())
        poll = {"interval": "5s", "timeout": "5s"}
        self.daemon = self.enterContext(
            FarBacklogd(self.network, configuration(servers, poll=poll)))

    def is_all_right(self, page):
        self.true.demand_all(page)
        return True

    def test_loss_and_delay(self):
        self.daemon.wait(self.is_all_right, 30, "all is well")
        with Watch(self.daemon, self.true.check) as watch:
            self.network.loss, self.network.delay = 0.1, 0.2
            self.daemon.await_polls(5, CLUSTER, seconds=60)
            self.assertGreater(self.network.lost, 10)
            self.network.loss = self.network.delay = 0
            Recovery(self.daemon).wait(self.is_all_right, 40, "all is well again")
        self.assertGreater(len(watch.polls), 4)
