"""The embedded Kafka leaves nothing behind, however its owner ends, and copes with a taken port."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import unittest
from unittest import mock

from support import kafka_cluster
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import ReservedPort, wait_until

_OWNER = """
import signal
from support.kafka_cluster import KafkaCluster
from support.processes import exit_on_signals
exit_on_signals()
with KafkaCluster() as kafka:
    print(kafka.nodes[1].pid, kafka.nodes[1].folder.parent, flush=True)
    signal.pause()
"""


def runs(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class TakenPort(ReservedPort):
    """The first one is a port that another program listens on."""
    taken = []

    def __init__(self):
        super().__init__()
        if not self.taken:
            listener = socket.create_server(("127.0.0.1", 0))
            self.taken.append(listener)
            self.number = listener.getsockname()[1]


class Cluster(unittest.TestCase):
    def start_owner(self):
        owner = subprocess.Popen([sys.executable, "-B", "-c", _OWNER], stdout=subprocess.PIPE,
                                 text=True, env=os.environ)
        self.addCleanup(owner.stdout.close)
        self.addCleanup(owner.wait)
        self.addCleanup(owner.kill)
        pid, folder = owner.stdout.readline().split()
        self.assertTrue(runs(pid) and pathlib.Path(folder).exists())
        return owner, pid, pathlib.Path(folder)

    def test_owner_is_told_to_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                owner, pid, folder = self.start_owner()
                owner.send_signal(number)
                self.assertEqual(owner.wait(20), 128 + number)
                self.assertFalse(runs(pid) or folder.exists())

    def test_owner_is_killed(self):
        owner, pid, folder = self.start_owner()
        owner.kill()
        wait_until(lambda: not runs(pid), 10, "the broker dies with its owner")
        subprocess.run(["rm", "-r", folder], check=True)

    def test_port_is_taken(self):
        with mock.patch.object(kafka_cluster, "ReservedPort", TakenPort):
            with KafkaCluster() as kafka:
                self.assertTrue(TakenPort.taken, "the case itself")
                self.assertTrue(kafka.nodes[1].is_serving())
        TakenPort.taken[0].close()

    def test_stopped_broker_keeps_its_port_and_data(self):
        with KafkaCluster() as kafka, KafkaDriver(kafka.jars, kafka.bootstrap_servers) as driver:
            driver.create_topic("orders")
            driver.produce([("orders", 0, 3)])
            address = kafka.bootstrap_servers
            kafka.stop(1, kill=True)
            kafka.start(1)
            self.assertEqual(kafka.bootstrap_servers, address)
            driver.await_leaders(["orders"])
            self.assertEqual(driver.log_offsets([("orders", 0)])["orders", 0], (0, 3, 3))
