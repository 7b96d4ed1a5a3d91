"""Every command of the documentation that needs a Kafka, run as it stands there but for names and
addresses. See docs/commands.md."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from support import doc_commands, emissions
from support.backlogd import parse_log_line
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.processes import spawn, stop, wait_until
from support.web_program import find_program

ROOT = doc_commands.ROOT
TOPIC, GROUP, QUEUE = "orders", "orders.billing", "orders-dlt"
PROGRAMS = {"backlogd": os.environ["BACKLOGD_BINARY"],
            "backlogd-dlq": os.environ["BACKLOGD_DLQ_BINARY"],
            "backlogd-sim": os.environ["BACKLOGD_SIM_BINARY"],
            "amtool": os.environ.get("AMTOOL") or find_program("amtool"),
            "prometheus": find_program("prometheus"),
            "alertmanager": find_program("prometheus-alertmanager", "alertmanager"),
            "python3": sys.executable, "curl": "curl"}
# Kafka's scripts, and what they run.
_TOOLS = "org.apache.kafka.tools."
TOOLS = {"kafka-acls": _TOOLS + "AclCommand", "kafka-configs": "kafka.admin.ConfigCommand",
         "kafka-console-consumer": _TOOLS + "consumer.ConsoleConsumer",
         "kafka-consumer-groups": _TOOLS + "consumer.group.ConsumerGroupCommand",
         "kafka-leader-election": _TOOLS + "LeaderElectionCommand",
         "kafka-log-dirs": _TOOLS + "LogDirsCommand",
         "kafka-reassign-partitions": _TOOLS + "reassign.ReassignPartitionsCommand",
         "kafka-topics": _TOOLS + "TopicCommand",
         "kafka-transactions": _TOOLS + "TransactionsCommand"}
# Words in capitals, and what they stand for here.
NAMES = {"TOPIC": TOPIC, "GROUP": GROUP, "PARTITION": "0", "OFFSET": "0", "BROKER": "1", "N": "6",
         "MILLISECONDS": "604800000", "CLIENT_ID": "a-client", "USER": "alice", "REASON": "format"}
_AUTHORIZER = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
               "super.users": "User:ANONYMOUS"}
_DEAD_LETTERS = 20  # half of them of each exception
# Written for a person who answers, or stops it.
_CHANGES = {"--for=30s": "--for=2s", "--rate 100": "--rate 100 --yes"}


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        kafka = cls.enterClassContext(KafkaCluster(settings=_AUTHORIZER))
        cls.servers = kafka.bootstrap_servers
        cls.driver = cls.enterClassContext(KafkaDriver(kafka.jars, cls.servers))
        cls.driver.create_topics([{"name": name, "partitions": count} for name, count in (
            (TOPIC, 3), (QUEUE, 1), ("usa.offer", 6))])
        cls.driver.produce([(TOPIC, 0, 10_000)])
        cls.driver.commit(GROUP, [(TOPIC, partition, 0) for partition in range(3)])
        cls.write_dead_letters()
        (cls.folder / "backlogd.yaml").write_text(
            f"clusters: [{{bootstrap_servers: '{cls.servers}'}}]\n")
        cls.left = {one for one in doc_commands.all_commands() if doc_commands.needs_kafka(one)}
        cls.ports = {}  # of the documentation, and where it is here

    @classmethod
    def write_dead_letters(cls):
        cls.driver.write_dead_letters(QUEUE, _DEAD_LETTERS, TOPIC, [
            "java.net.SocketTimeoutException", "com.fasterxml.jackson.JsonParseException"])

    def take(self, *begins):
        """The commands that begin so; each belongs to one test."""
        found = sorted(one for one in self.left if (one + " ").startswith(begins))
        self.assertTrue(found)
        self.left.difference_update(found)
        return found

    def here(self, command):
        """A command for this cluster, these ports and these names."""
        command = re.sub(r"\b(?:HOST|kafka-1|localhost):9092\b", self.servers, command)
        for port, address in self.ports.items():
            command = re.sub(rf"\b(?:HOST|localhost|127\.0\.0\.1):{port}\b", address, command)
        queue = {"TOPIC": QUEUE} if doc_commands.program(command) == "backlogd-dlq" else {}
        for name, value in {**NAMES, **queue}.items():
            command = re.sub(rf"(?<![\w-]){name}(?![\w-])", value, command)
        for text, other in _CHANGES.items():
            command = command.replace(text, other)
        return command.replace("=FILE", f"={self.folder}/backlogd.yaml")

    def words(self, command):
        """The words of a command without a pipe."""
        words = shlex.split(self.here(command))
        if words[0] == "PYTHONPATH=scripts":
            words = words[1:]
        name = pathlib.PurePath(words[0]).name
        if name.startswith("backlogd") and not re.search("config.file|bootstrap-servers", command):
            words.append(f"--kafka.bootstrap-servers={self.servers}")
        return [PROGRAMS.get(name, words[0]), *words[1:]]

    def run_it(self, command, status=0, seconds=120):
        """Its standard output."""
        said = emissions.keep_run(subprocess.run(
            self.words(command), cwd=self.folder, capture_output=True, text=True, check=False,
            timeout=seconds, stdin=subprocess.DEVNULL))
        self.assertEqual(said.returncode, status, f"{command}\n{said.stderr}{said.stdout}")
        return said.stdout

    def start(self, command, *further, **options):
        """(process, what it has written so far); it is ended with the test."""
        file = self.enterContext(tempfile.NamedTemporaryFile("w+"))
        process = spawn([*self.words(command), *further], cwd=self.folder, stdout=file,
                        stderr=file, **options)
        self.addCleanup(emissions.keep_file, "output", file.name)
        self.addCleanup(stop, process)
        return process, lambda: pathlib.Path(file.name).read_text(encoding="utf-8")

    def interrupt(self, process, text):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0, text())

    def test_kafkas_tools(self):
        for command in self.take("kafka-"):
            with self.subTest(command):
                first, sign, rest = re.fullmatch(r"([^|>]*)(?:([|>])(.*))?", command).groups()
                printed = self.run_tool(first)
                if sign:
                    self.pass_on(printed, self.here(rest.strip() if sign == "|" else f"tee {rest}"))

    def run_tool(self, command):
        """What one of Kafka's tools prints."""
        name, *arguments = self.words(command)
        printed = self.driver.tool(TOOLS[name], *arguments)
        self.assertNotRegex(printed, r"(?m)^(Error|Exception|usage)")
        return printed

    def pass_on(self, text, command):
        """To what follows in the shell, which shall have something to say."""
        done = subprocess.run(["sh", "-c", command], input=text, text=True, cwd=self.folder,
                              check=True, capture_output=True, timeout=30)
        self.assertTrue(done.stdout.strip(), text)

    def test_dead_letters(self):
        commands = self.take("backlogd-dlq", "build/release/src/backlogd-dlq")
        # In the order in which one would: what is handled is not there any more.
        order = ("list", "show", "redeliver", "log", "discard")
        for command in sorted(commands, key=lambda one: (order.index(one.split()[1]), one)):
            with self.subTest(command):
                writes = command.split()[1] in ("log", "discard") or "--transform" in command
                printed = self.run_it(command + (" --yes" if writes else ""))
                self.assertIn(QUEUE, printed + command)
                if "--transform" in command:
                    self.demand_currency("EUR")
                    self.write_dead_letters()
        self.assertTrue((self.folder / "orders-dlt.jsonl.gz").is_file())

    def demand_currency(self, currency):
        """Of what is left when one exception's have been redelivered."""
        values = [json.loads(record.value) for record in self.driver.read(TOPIC)
                  if record.value.startswith(b'{"number"')]
        mended = [value for value in values if "currency" in value]
        self.assertEqual({value["currency"] for value in mended}, {currency})
        self.assertEqual((len(values), len(mended)), (_DEAD_LETTERS, _DEAD_LETTERS // 2))

    def test_once(self):
        for command in self.take("build/release/src/backlogd --once", "backlogd --once"):
            with self.subTest(command):
                self.assertIn(f'group="{GROUP}"', self.run_it(command))

    def test_simulator(self):
        produce, = self.take("backlogd-sim produce --kafka.bootstrap-servers")
        process, text = self.start(produce.replace(":12093", ":0"))
        push = wait_until(lambda: re.search(r"listening on http://(\S+)/push", text()), 30,
                          "it listens")[1]
        with self.at_port("12093", push):
            self.assertIn("push success", self.run_it(*self.take("curl -d")))
        self.interrupt(process, text)
        consume, = self.take("backlogd-sim consume --topic=usa.offer")
        process, text = self.start(consume)
        self.driver.await_group("wps.file.consumer.group", members=2, partitions=6)
        self.interrupt(process, text)
        verify, = self.take("backlogd-sim verify")
        self.run_it(verify)
        self.assertTrue((self.folder / "results.xml").is_file())

    def test_first_alert(self):
        daemon, page = self.serve()
        self.first_notification()
        query, = self.take("amtool alert query")
        self.assertIn("BacklogdWatchdog", self.run_it(query))
        for command in self.take("amtool alert add"):
            self.run_it(command)
        create, = self.take("kafka-topics --bootstrap-server HOST:9092 --create")
        self.run_tool(create)
        produce, = self.take("backlogd-sim produce --topic=first-alert")
        consume, = self.take("backlogd-sim consume --topic=first-alert")
        process, text = self.start(produce)
        self.run_it(consume)
        self.interrupt(process, text)
        self.assertIn("first.alert", self.driver.list_groups())
        self.reload(daemon, page)

    def serve(self):
        """The daemon, as the README starts it, and what reads its log."""
        command, = self.take("build/release/src/backlogd --kafka.bootstrap-servers=HOST:9092")
        process, text = self.start(command, "--web.listen-address=127.0.0.1:0",
                                   "--web.enable-lifecycle")

        def lines(message):
            return [line for line in map(parse_log_line, text().splitlines())
                    if line["msg"] == message]

        self.ports["12092"] = wait_until(lambda: lines("listening"), 30, "listens")[0]["address"]
        self.addCleanup(self.ports.clear)
        return process, lines

    def reload(self, daemon, lines):
        for command in self.take("curl -X POST"):
            self.assertIn("reloaded", self.run_it(command))
        command, = self.take("kill -HUP")
        # Others may run a backlogd here; and kill is a word of the shell.
        subprocess.run(["sh", "-c", command.replace('"$(pidof backlogd)"', str(daemon.pid))],
                       check=True)
        wait_until(lambda: len(lines("configuration reloaded")) == 2, 30, "reloaded again")

    def first_notification(self):
        """Prometheus, Alertmanager and the receiver of the README, until the first message."""
        receive, = self.take("PYTHONPATH=scripts python3 -m support.receiver")
        prometheus, = self.take("prometheus ")
        alertmanager, = self.take("alertmanager ")
        for port in ("9090", "9093", "9095"):
            self.ports[port] = f"127.0.0.1:{free_port()}"
        self.copy_config()
        number = self.ports["9095"].split(":")[1]
        _, received = self.start(receive.replace("9095", number),
                                 env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")})
        self.start(alertmanager.replace("/tmp", str(self.folder)), "--cluster.listen-address=",
                   f"--web.listen-address={self.ports['9093']}")
        wait_until(lambda: self.answers(self.ports["9093"]), 60, "Alertmanager listens")
        self.start(prometheus.replace("/tmp", str(self.folder)),
                   f"--web.listen-address={self.ports['9090']}")
        wait_until(lambda: "FIRING   BacklogdWatchdog" in received(), 120,
                   "the first notification")

    @staticmethod
    def answers(address):
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=10) as response:
            return response.status == 200

    def copy_config(self):
        """The shipped files, with the ports of this test, and without long waits."""
        (self.folder / "config").mkdir()
        (self.folder / "alerts").symlink_to(ROOT / "alerts")
        for name in ("prometheus.yml", "first-alert.yml"):
            text = (ROOT / "config" / name).read_text(encoding="utf-8")
            for port, here in self.ports.items():
                text = text.replace(f"localhost:{port}", here)
            text = re.sub(r"(_interval|group_wait): (?:15|5)s", r"\1: 1s", text)
            (self.folder / "config" / name).write_text(text)

    @contextlib.contextmanager
    def at_port(self, port, address):
        self.ports[port] = address
        try:
            yield
        finally:
            del self.ports[port]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Complete(unittest.TestCase):
    """Loaded after Commands: classes are run in the order of their names."""

    def test_no_command_is_left(self):
        self.assertEqual(Commands.left, set())


if __name__ == "__main__":
    unittest.main()
