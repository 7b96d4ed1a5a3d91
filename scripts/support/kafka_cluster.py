"""A real Kafka cluster in a temporary folder: KRaft, each node broker and controller in one.

    with KafkaCluster(nodes=3) as kafka:
        print(kafka.bootstrap_servers)
        kafka.pause(2)

Kafka's jars come from the cache that scripts/setup fills.
"""

import base64
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import uuid

from support.jvm import java_command, kafka_jars, kafka_version
from support.processes import ReservedPort, Timeout, spawn, stop, uninterrupted, wait_until

_START_SECONDS = 90
# Settings of a cluster in which everybody may do everything, until somebody is permitted something.
PERMISSIONS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}
# Length, request 18 in version 0, correlation id, no client id: every broker knows it.
_API_VERSIONS_REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)


class KafkaNode:
    """One JVM. `running` is True from start() to stop(), paused or not."""

    def __init__(self, number, folder, jars, heap):
        self.number = number
        self.folder = folder
        self.ports = {"broker": ReservedPort(), "controller": ReservedPort()}
        self.log_file = folder / "server.log"
        self._jars = jars
        self._heap = heap
        self._process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.ports['broker'].number}"

    @property
    def controller_address(self):
        return f"127.0.0.1:{self.ports['controller'].number}"

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def run_tool(self, main_class, *arguments):
        """Starts one of Kafka's programs with this node's folder and classes."""
        command = java_command(self._jars, main_class, arguments, self._heap, "WARN")
        with open(self.log_file, "ab") as log:
            return spawn(command, cwd=self.folder, stdout=log, stderr=log)

    def start(self):
        assert not self.running, f"node {self.number} runs already"
        self._process = self.run_tool("kafka.Kafka", str(self.folder / "server.properties"))

    def stop(self, kill=False):
        """Ends the JVM, in order or by SIGKILL, and waits for its end."""
        if self._process is None:
            return
        if kill:
            self._process.kill()
        stop(self._process, seconds=20)

    def signal(self, number):
        self._process.send_signal(number)

    def close(self):
        self.stop(kill=True)
        for port in self.ports.values():
            port.close()

    def demand_running(self):
        """Raises RuntimeError if the JVM has ended."""
        if not self.running:
            raise RuntimeError(f"Kafka node {self.number} ended:\n{self.log_tail()}")

    def is_serving(self):
        """Whether it answers requests. Raises RuntimeError if the JVM has ended."""
        self.demand_running()
        with socket.create_connection(self.address.split(":"), timeout=1) as connection:
            connection.sendall(_API_VERSIONS_REQUEST)
            return len(connection.recv(8)) > 0

    def log_tail(self, characters=3000):
        return self.log_file.read_text(errors="replace")[-characters:]


class KafkaCluster:
    """A cluster of 1 or 3 nodes, numbered from 1. With 3, two make a quorum, so that one may be
    stopped or paused. The context manager leaves no process and no folder.

    `settings` are further lines of server.properties, for all nodes, or a function that makes those
    of a node; `format_arguments` are further ones of Kafka's storage tool.
    """

    def __init__(self, nodes=1, version=None, settings=None, heap="320m", format_arguments=()):
        assert nodes in (1, 3)
        self.version = version or kafka_version()
        self.jars = kafka_jars(self.version)
        self.nodes = {}
        self._count = nodes
        self._settings = settings or {}
        self._format_arguments = format_arguments
        self._heap = heap
        self._folder = None

    def __enter__(self):
        try:
            self._start_retrying()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def bootstrap_servers(self):
        return ",".join(node.address for node in self.nodes.values())

    @property
    def at_least_4(self):
        return int(self.version.split(".")[0]) >= 4

    def pause(self, number):
        """SIGSTOP: connections stay open, nothing is answered."""
        self.nodes[number].signal(signal.SIGSTOP)

    def resume(self, number):
        self.nodes[number].signal(signal.SIGCONT)

    def stop(self, number, kill=False):
        """Ends one node: in order, or as a power failure would."""
        self.nodes[number].stop(kill)

    def start(self, number):
        """Starts a stopped node on its old port and data, and waits until it serves."""
        self.nodes[number].start()
        self._await_serving([self.nodes[number]])

    def reconfigure(self, number):
        """Writes a stopped node's settings anew: `settings` may say something else by now."""
        self._configure(self.nodes[number])

    def demand_running(self):
        """Raises RuntimeError if a node has ended."""
        for node in self.nodes.values():
            node.demand_running()

    def close(self):
        with uninterrupted():
            for node in self.nodes.values():
                node.close()
            self.nodes = {}
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def _start_retrying(self):
        for attempt in range(3):
            self._folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-kafka-"))
            try:
                self._create_nodes()
                self._format()
                for node in self.nodes.values():
                    node.start()
                self._await_serving(self.nodes.values())
                return
            except RuntimeError as error:
                if attempt == 2 or "Address already in use" not in str(error):
                    raise
                self.close()

    def _create_nodes(self):
        for number in range(1, self._count + 1):
            folder = self._folder / f"node-{number}"
            folder.mkdir()
            self.nodes[number] = KafkaNode(number, folder, self.jars, self._heap)
        for node in self.nodes.values():
            self._configure(node)

    def _configure(self, node):
        lines = (f"{key}={value}\n" for key, value in self._properties(node).items())
        (node.folder / "server.properties").write_text("".join(lines))

    def _format(self):
        """Formats the nodes' folders, all at once."""
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # In one argument: an id may begin with a dash.
        arguments = ["format", f"--cluster-id={cluster_id}", "--config", "server.properties",
                     *self._format_arguments]
        if self._count == 1:
            arguments.append("--standalone")
        runs = [(node, node.run_tool("kafka.tools.StorageTool", *arguments))
                for node in self.nodes.values()]
        for node, process in runs:
            try:
                status = process.wait(_START_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise Timeout(f"not in {_START_SECONDS} s: format node {node.number}") from error
            if status != 0:
                raise RuntimeError(f"cannot format node {node.number}:\n{node.log_tail()}")

    def _await_serving(self, nodes):
        for node in nodes:
            wait_until(node.is_serving, _START_SECONDS, f"Kafka node {node.number} serves")

    def _properties(self, node):
        properties = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "listeners": f"PLAINTEXT://{node.address},CONTROLLER://{node.controller_address}",
            "advertised.listeners": f"PLAINTEXT://{node.address}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": node.folder / "data",
            "broker.rack": f"rack-{node.number}",
            **self._quorum(),
            **_SMALL_AND_FAST,
        }
        if self.at_least_4:
            properties.update(_SHARE_GROUPS)
        else:
            properties.update(_KIP_848_PREVIEW)
        more = self._settings
        properties.update(more(node) if callable(more) else more)
        return properties

    def _quorum(self):
        if self._count == 1:
            return {"controller.quorum.bootstrap.servers": self.nodes[1].controller_address}
        voters = ",".join(f"{number}@{node.controller_address}"
                          for number, node in self.nodes.items())
        return {"controller.quorum.voters": voters}


_SMALL_AND_FAST = {
    "num.partitions": 1,
    "default.replication.factor": 1,
    "offsets.topic.num.partitions": 6,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 3,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.consumer.heartbeat.interval.ms": 500,
    "group.consumer.min.heartbeat.interval.ms": 500,
    "auto.create.topics.enable": "false",
    "log.retention.check.interval.ms": 500,
    "log.initial.task.delay.ms": 500,
    "file.delete.delay.ms": 100,
    "log.flush.offset.checkpoint.interval.ms": 1000,
    "log.cleaner.dedupe.buffer.size": 4194304,
    "log.cleaner.threads": 1,
    "log.segment.bytes": 16777216,
    "log.index.size.max.bytes": 1048576,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "group.coordinator.threads": 1,
    "background.threads": 2,
    "controlled.shutdown.enable": "true",
}
_SHARE_GROUPS = {
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 2,
}
_KIP_848_PREVIEW = {
    "group.coordinator.rebalance.protocols": "classic,consumer",
    "unstable.feature.versions.enable": "true",
}
