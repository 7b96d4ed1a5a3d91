"""Our programs with every kind of secret that they can be given, in right places and in wrong ones:
none is shown. Needs no Kafka; with a real one, security_test.py does the same."""

import base64
import json
import os
import pathlib
import signal
import socket
import tempfile
import unittest

from search_emissions import forms_of
from support import backlogd, dlq_tool, planted, sim
from support.backlogd import Backlogd
from support.processes import spawn, stop, wait_until

_FORMS = forms_of(planted.MARKER) | {planted.WEB_PASSWORD_HASH.encode()}
_SASL = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "u"}
_URL = f"http://user:{planted.URL_PASSWORD}@127.0.0.1:1"
# Properties, each with a secret, that librdkafka or we refuse.
_PROPERTIES = [
    {"sasl.pasword": planted.KAFKA_PASSWORD},
    {"no.such.property": "x", "sasl.password": planted.KAFKA_PASSWORD},
    {"security.protocol": "SSL", "ssl.key.pem": planted.KEY_PEM},
    {"security.protocol": "SSL", "ssl.key.pem": planted.KEY_PEM,
     "ssl.key.password": planted.KEY_PASSWORD},
    {"security.protocol": "SSL", "ssl.key.location": planted.KEY_PEM},
    {"security.protocol": "SSL", "ssl.key.location": "/nowhere.key",
     "ssl.key.password": planted.KEY_PASSWORD},
    {"security.protocol": "SSL", "ssl.keystore.location": "/nowhere.p12",
     "ssl.keystore.password": planted.KEYSTORE_PASSWORD},
    {"security.protocol": "SSL", "ssl.certificate.pem": planted.KEY_PEM},
    {**_SASL, "sasl.jaas.config": f'x required password="{planted.KAFKA_PASSWORD}";'},
]
# What is wrong is beside the secret, or is the secret.
_TEXTS = [
    "clusters:\n- name: a\n  properties: {sasl.password: \"%s}\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n    sasl.password: [%s]\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n    sasl.password: {%s: x}\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n    sasl.password: *%s\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n    sasl.password: &%s x\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n    sasl.password: !%s x\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties: sasl.password=%s\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  properties:\n  - sasl.password=%s\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- name: a\n  property_files: {sasl.password: %s}\n" % planted.KAFKA_PASSWORD,
    "clusters:\n- bootstrap_servers: SASL_SSL://u:%s@kafka:9092\n" % planted.URL_PASSWORD,
    "clusters:\n- name: a\n  properties:\n   sasl.username: u\n  sasl.password: %s\n"
    % planted.KAFKA_PASSWORD,
]


def core_limits(pid):
    """Soft and hard."""
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max core file size"):
            return line.split()[4:6]
    return None


class Secrets(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        unused = self.enterContext(socket.socket())
        unused.bind(("127.0.0.1", 0))
        self.nobody = f"127.0.0.1:{unused.getsockname()[1]}"

    def write(self, name, content):
        (self.folder / name).write_text(content)
        return str(self.folder / name)

    def demand_hidden(self, shown, what):
        shown = shown if isinstance(shown, bytes) else shown.encode(errors="surrogateescape")
        found = [form for form in _FORMS if form in shown]
        self.assertFalse(found, f"{what} shows a secret")

    def demand_refused(self, text, what):
        """By the daemon, whatever it is to do."""
        file = self.write("bad.yaml", text)
        for actions in (["--check-config"], ["--once", "--log.level=debug"]):
            done = backlogd.run(f"--config.file={file}", *actions)
            self.demand_hidden(done.stdout + done.stderr, f"{what} {actions}")
            self.assertEqual(done.returncode, 1, f"{what} {actions}")

    def test_configurations_that_are_refused(self):
        for number, properties in enumerate(_PROPERTIES):
            with self.subTest(number):
                self.demand_refused(backlogd.to_yaml(
                    {"clusters": [{"bootstrap_servers": self.nobody, "properties": properties}]}),
                    f"properties {number}")
        for number, text in enumerate(_TEXTS):
            with self.subTest(text=number):
                self.demand_refused(text, f"text {number}")

    def config(self, password):
        file = self.write("password", password)
        oidc = {**_SASL, "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc",
                "sasl.oauthbearer.client.id": "u",
                "sasl.oauthbearer.client.secret": planted.CLIENT_SECRET,
                "sasl.oauthbearer.token.endpoint.url": f"{_URL}/token"}
        clusters = [("file", _SASL, {"sasl.password": file}),
                    ("inline", {**_SASL, "sasl.password": password, "debug": "broker"}, {}),
                    ("oidc", oidc, {}),
                    ("no-url", {**oidc, "sasl.oauthbearer.token.endpoint.url": f"no{_URL}"}, {}),
                    ("no-method", {**_SASL, "sasl.mechanism": "OAUTHBEARER",
                                   "sasl.oauthbearer.config": planted.CLIENT_SECRET}, {})]
        return {"clusters": [{"name": name, "bootstrap_servers": self.nobody,
                              "properties": properties, "property_files": files}
                             for name, properties, files in clusters],
                "poll": {"interval": "1s", "timeout": "1s"}}

    def test_the_daemon_as_it_runs(self):
        web = self.write("web.yml", json.dumps(
            {"basic_auth_users": {"bob": planted.WEB_PASSWORD_HASH}}))
        with Backlogd(self.config(planted.KAFKA_PASSWORD),
                      [f"--web.config.file={web}", "--log.level=debug",
                       "--web.enable-lifecycle"]) as daemon:
            self.look_at_pages(daemon)
            self.demand_hidden(pathlib.Path(f"/proc/{daemon.pid}/cmdline").read_bytes(), "a title")
            daemon.configure(self.config(planted.NEW_KAFKA_PASSWORD))
            self.ask(daemon, "/-/reload", planted.WEB_PASSWORD, "POST")
            daemon.configure(_TEXTS[0])
            answer = self.ask(daemon, "/-/reload", planted.WEB_PASSWORD, "POST")
            self.assertNotEqual(answer.status, 200)
            pathlib.Path(web).write_text(f"basic_auth_users: {{bob: {planted.WEB_PASSWORD}}}\n")
            self.ask(daemon, "/metrics", planted.WEB_PASSWORD)
            daemon.stop(signal.SIGINT)
            self.demand_hidden(daemon.log_text(), "the log")

    def look_at_pages(self, daemon):
        wait_until(lambda: b'kafka_cluster="oidc"' in self.ask(
            daemon, "/metrics", planted.WEB_PASSWORD).body, 60, "a poll has ended")
        for password in (planted.WEB_PASSWORD, planted.WRONG_WEB_PASSWORD):
            for page in backlogd.PAGES:
                self.ask(daemon, page, password)

    def ask(self, daemon, path, password, method="GET"):
        coded = base64.b64encode(f"bob:{password}".encode()).decode()
        answer = daemon.request(path, method, headers={"Authorization": f"Basic {coded}"})
        self.demand_hidden(answer.body + str(answer.headers).encode(), path)
        return answer

    def test_none_writes_a_core_dump(self):
        """Though the limits that they begin with let them."""
        kafka = {"bootstrap_servers": self.nobody}
        one = self.write("backlogd.yaml", backlogd.to_yaml({"clusters": [kafka]}))
        for command in (
                [backlogd.binary(), f"--config.file={one}", "--web.listen-address=127.0.0.1:0"],
                [dlq_tool.binary(), f"--config.file={one}", "--timeout=60s", "list"],
                [sim.binary(), "produce", f"--kafka.bootstrap-servers={self.nobody}",
                 "--web.listen-address=127.0.0.1:0"]):
            with self.subTest(command[0]), tempfile.TemporaryFile() as log:
                process = spawn(["sh", "-c", 'ulimit -c "$(ulimit -H -c)" && exec "$@"', "sh",
                                 *command], stdout=log, stderr=log)
                try:
                    wait_until(lambda pid=process.pid: core_limits(pid) == ["0", "0"], 20,
                               "no core dump is allowed")
                    process.send_signal(signal.SIGABRT)
                    self.assertFalse(os.WCOREDUMP(os.waitpid(process.pid, 0)[1]))
                finally:
                    stop(process)

    def test_the_tools(self):
        config = {"clusters": self.config(planted.KAFKA_PASSWORD)["clusters"][:2]}
        file = self.write("backlogd.yaml", backlogd.to_yaml(config))
        done = dlq_tool.run(f"--config.file={file}", "--kafka.cluster=inline", "--timeout=2s",
                            "list")
        self.demand_hidden(done.stdout + done.stderr, "backlogd-dlq")
        self.assertNotEqual(done.returncode, 0)
        kafka = config["clusters"][1]
        kafka.pop("name")
        file = self.write("sim.yaml", backlogd.to_yaml(
            {"kafka": kafka, "timeout": "2s",
             "produce": {"push": {"back_pressure": {"url": f"{_URL}/metrics",
                                                    "max_lag_records": 1}}}}))
        for more in ([], ["--for=1s"]):
            done = sim.run("produce", f"--config.file={file}", "--web.listen-address=127.0.0.1:0",
                           *more)
            self.demand_hidden(done.stdout + done.stderr, f"backlogd-sim {more}")


if __name__ == "__main__":
    unittest.main()
