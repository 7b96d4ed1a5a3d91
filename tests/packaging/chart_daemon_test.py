"""The daemon, run as the chart's manifests say, with their files where they mount them: each probe
gets from it what a kubelet wants to see."""

import contextlib
import http.client
import pathlib
import socket
import ssl
import tempfile
import unittest

import yaml

from rendered_chart import container, for_each_file, of_kind, pod, values_of
from support import emissions, planted
from support.backlogd import binary, parse_json_log_line, parse_log_line
from support.certificates import Certificates
from support.processes import spawn, stop, wait_until

MOUNTS = "/etc/backlogd"
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
USERS = {"basic_auth_users": {"prometheus": planted.WEB_PASSWORD_HASH}}
TLS = {"cert_file": "tls.crt", "key_file": "tls.key"}
# What is in the Secret backlogd-web of the values files.
WEB = {"secured": {**USERS, "tls_server_config": TLS},
       "mutual": {"tls_server_config": {**TLS, "client_ca_file": "ca.crt",
                                        "client_auth_type": "RequireAndVerifyClientCert"}}}


class Probes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = cls.enterClassContext(Certificates())
        made.authority("ca")
        made.certificate("server", signed_by="ca")
        cls.pems = {file: made.path(name).read_text() for file, name in (
            ("ca.crt", "ca.pem"), ("tls.crt", "server.pem"), ("tls.key", "server.key"))}

    @for_each_file
    def test_pass(self, name):
        with self.daemon(name) as address:
            for probe in PROBES:
                if probe in container(name):
                    wait_until(lambda probe=probe: passes(container(name)[probe], address), 60,
                               f"{probe} passes")

    def test_each_way_of_asking_is_tried(self):
        asked = {tuple(container(name)[probe].keys() & {"httpGet", "tcpSocket"})
                 for name in WEB for probe in PROBES}
        self.assertEqual(asked, {("httpGet",), ("tcpSocket",)})

    def test_are_turned_away_where_they_are_not_open(self):
        settings = ("secured", "webConfig.openProbes=false")
        with self.daemon(*settings) as address:
            probe = container(*settings)["livenessProbe"]
            self.assertEqual(ask(probe["httpGet"], address), 401)

    @contextlib.contextmanager
    def daemon(self, name, *settings):
        """The address of the container's program, which runs with its flags and files."""
        with tempfile.TemporaryDirectory() as folder:
            self.mount(folder, name, *settings)
            words = [word.replace(MOUNTS, folder) for word in container(name, *settings)["args"]]
            words = [word for word in words if not word.startswith("--web.listen-address=")]
            log = pathlib.Path(folder) / "log"
            with open(log, "wb") as file:
                process = spawn([binary(), *words, "--web.listen-address=127.0.0.1:0"],
                                stdout=file, stderr=file)
            try:
                yield wait_until(lambda: listening(process, log), 30, "the daemon listens")
            finally:
                stop(process)
                emissions.keep_file("log", log)

    def mount(self, folder, name, *settings):
        """Writes what the volumes hold below MOUNTS into `folder` instead."""
        volumes = {volume["name"]: volume for volume in pod(name, *settings)["volumes"]}
        for mount in container(name, *settings)["volumeMounts"]:
            if not mount["mountPath"].startswith(MOUNTS):
                continue
            place = pathlib.Path(mount["mountPath"].replace(MOUNTS, folder))
            files = self.files(name, volumes[mount["name"]], *settings)
            if "subPath" in mount:
                files, place = {place.name: files[mount["subPath"]]}, place.parent
            place.mkdir(parents=True, exist_ok=True)
            for file, text in files.items():
                (place / file).write_text(text.replace(MOUNTS, folder), encoding="utf-8")

    def files(self, name, volume, *settings):
        """{name: text} of a volume."""
        if "configMap" in volume:
            found, = (one for one in of_kind("ConfigMap", name, *settings)
                      if one["metadata"]["name"] == volume["configMap"]["name"])
            return {file: without_kafka(text) for file, text in found["data"].items()}
        secrets = {"backlogd-config": {"backlogd.yaml": without_kafka("{}")},
                   "backlogd-kafka": {"password": planted.KAFKA_PASSWORD, **self.pems},
                   "backlogd-web": {"web.yaml": yaml.safe_dump(WEB.get(name)), **self.pems}}
        files = secrets[volume["secret"]["secretName"]]
        wanted = volume["secret"].get("items", [{"key": key, "path": key} for key in files])
        return {item["path"]: files[item["key"]] for item in wanted}


def without_kafka(text):
    """A configuration whose brokers refuse at once: probes do not need them."""
    config = yaml.safe_load(text)
    for cluster in config.setdefault("clusters", [{}]):
        cluster["bootstrap_servers"] = "127.0.0.1:1"
    config.setdefault("poll", {})["timeout"] = "1s"
    return yaml.safe_dump(config)


def listening(process, log):
    text = log.read_text(encoding="utf-8")
    if process.poll() is not None:
        raise RuntimeError(f"the daemon ended with status {process.returncode}:\n{text}")
    lines = [(parse_json_log_line if line.startswith("{") else parse_log_line)(line)
             for line in text.split("\n")[:-1]]
    return next((line["address"] for line in lines if line["msg"] == "listening"), None)


def passes(probe, address):
    """What the kubelet would say."""
    if "tcpSocket" in probe:
        with socket.create_connection(split(address), timeout=10):
            return True
    return 200 <= ask(probe["httpGet"], address) < 400


def ask(get, address):
    """The status of the answer, whoever signed the certificate: so does the kubelet ask."""
    connection = http.client.HTTPConnection(*split(address), timeout=10)
    if get["scheme"] == "HTTPS":
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(*split(address), timeout=10, context=context)
    with contextlib.closing(connection):
        connection.request("GET", get["path"])
        answer = connection.getresponse()
        emissions.keep_answer(answer.getheaders(), answer.read())
        return answer.status


def split(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


if __name__ == "__main__":
    unittest.main()
