"""Other exporters, for tests/bench/cluster_bench.py: how each is started, and where it answers."""

import contextlib
import os
import pathlib
import socket
import sys
import tempfile

from support.kafka_cluster import kafka_jars
from support.processes import spawn, stop, wait_until

POLL_SECONDS = 15  # of those that poll by themselves
_KLAG = """[exporter]
poll_interval = "{seconds}s"
http_port = {port}
http_host = "127.0.0.1"
granularity = "partition"
[exporter.timestamp_sampling]
enabled = false
[[clusters]]
name = "bench"
bootstrap_servers = "{kafka}"
[clusters.consumer_properties]
[clusters.labels]
"""
_BURROW = """[general]
pidfile = "{folder}/burrow.pid"
stdout-logfile = ""
[logging]
level = "error"
[zookeeper]
servers = ["{zookeeper}"]
timeout = 6
root-path = "/burrow"
[client-profile.bench]
kafka-version = "2.0.0"
[cluster.bench]
class-name = "kafka"
servers = ["{kafka}"]
client-profile = "bench"
topic-refresh = 60
offset-refresh = {seconds}
[consumer.bench]
class-name = "kafka"
cluster = "bench"
servers = ["{kafka}"]
client-profile = "bench"
[storage.default]
class-name = "inmemory"
[httpserver.default]
address = "127.0.0.1:{port}"
"""
_ZOOKEEPER = """dataDir={folder}
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def await_listening(port, name):
    def listens():
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True

    wait_until(listens, 60, f"{name} listens")


@contextlib.contextmanager
def running(command, environment=None):
    with tempfile.TemporaryFile() as log:
        process = spawn(command, env={**os.environ, **(environment or {})}, stdout=log, stderr=log)
        try:
            yield process
        except AssertionError:
            log.seek(0)
            print(log.read().decode(errors="replace")[-2000:], file=sys.stderr)
            raise
        finally:
            stop(process)


def kafka_exporter(program, kafka, port, _):
    return [program, f"--kafka.server={kafka}", "--kafka.version=3.9.0",
            f"--web.listen-address=127.0.0.1:{port}"], {}


def kminion(program, kafka, port, _):
    return [program], {"KAFKA_BROKERS": kafka, "EXPORTER_HOST": "127.0.0.1",
                       "EXPORTER_PORT": str(port), "LOGGER_LEVEL": "error"}


def klag_exporter(program, kafka, port, folder):
    file = folder / "klag.toml"
    file.write_text(_KLAG.format(seconds=POLL_SECONDS, port=port, kafka=kafka))
    return [program, "--config", str(file)], {}


def burrow(program, kafka, port, folder, zookeeper=""):
    (folder / "burrow.toml").write_text(_BURROW.format(
        folder=folder, zookeeper=zookeeper, kafka=kafka, seconds=POLL_SECONDS, port=port))
    return [program, "--config-dir", str(folder)], {}


_COMMANDS = {"kafka_exporter": kafka_exporter, "kminion": kminion, "klag_exporter": klag_exporter}
NAMES = (*_COMMANDS, "burrow")


def zookeeper_says(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"srvr")
        return connection.recv(4096)


@contextlib.contextmanager
def zookeeper(folder):
    """One server, of the jars of Kafka 3.9; yields host:port."""
    port = free_port()
    file = folder / "zoo.cfg"
    file.write_text(_ZOOKEEPER.format(folder=folder / "data", port=port))
    command = ["java", "-Xmx128m", "-cp", f"{kafka_jars('3.9.1')}/*",
               "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(file)]
    with running(command):
        wait_until(lambda: b"Mode" in zookeeper_says(port), 120, "ZooKeeper serves")
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def peer(name, program, kafka):
    """Runs a peer against the cluster; yields (process id, URL of what Prometheus would scrape)."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        if name == "burrow":
            servers = stack.enter_context(zookeeper(folder))
            command, environment = burrow(program, kafka, port, folder, servers)
        else:
            command, environment = _COMMANDS[name](program, kafka, port, folder)
        process = stack.enter_context(running(command, environment))
        await_listening(port, name)
        # Burrow of before 1.3 has no metrics: all that it says of a group stands for them.
        path = "/v3/kafka/bench/consumer/group-0000/lag" if name == "burrow" else "/metrics"
        yield process.pid, f"http://127.0.0.1:{port}{path}"
