"""The daemon, run as the chart's manifests say, with their files where they mount them: probes
pass, and what is asked for is found."""

import contextlib
import http.client
import os
import pathlib
import signal
import socket
import ssl
import tempfile
import types
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


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = cls.enterClassContext(Certificates())
        made.authority("ca")
        made.certificate("server", signed_by="ca")
        cls.pems = {file: made.path(name).read_text() for file, name in (
            ("ca.crt", "ca.pem"), ("tls.crt", "server.pem"), ("tls.key", "server.key"))}

    @contextlib.contextmanager
    def daemon(self, name, *settings):
        """The container's program, running with its flags and files: address, pid, log, folder."""
        with tempfile.TemporaryDirectory() as folder:
            self.mount(folder, name, *settings)
            words = [word.replace(MOUNTS, folder) for word in container(name, *settings)["args"]]
            words = [word for word in words if not word.startswith("--web.listen-address=")]
            log = pathlib.Path(folder) / "log of the daemon"
            with open(log, "wb") as file:
                process = spawn([binary(), *words, "--web.listen-address=127.0.0.1:0"],
                                stdout=file, stderr=file)
            try:
                address = wait_until(lambda: listening(process, log), 30, "the daemon listens")
                yield types.SimpleNamespace(address=address, pid=process.pid, log=log,
                                            folder=folder)
            finally:
                stop(process)
                emissions.keep_file("log", log)

    def mount(self, folder, name, *settings, config="{}"):
        """Writes what the volumes hold below MOUNTS into `folder` instead, as the kubelet does;
        again after a change. `config`: what the Secret of the configuration has."""
        volumes = {volume["name"]: volume for volume in pod(name, *settings)["volumes"]}
        for mount in container(name, *settings)["volumeMounts"]:
            if not mount["mountPath"].startswith(MOUNTS):
                continue
            place = pathlib.Path(mount["mountPath"].replace(MOUNTS, folder))
            files = self.files(name, volumes[mount["name"]], without_kafka(config), *settings)
            renew(place, {file: text.replace(MOUNTS, folder) for file, text in files.items()})

    def files(self, name, volume, config, *settings):
        """{name: text} of a volume."""
        if "configMap" in volume:
            found, = (one for one in of_kind("ConfigMap", name, *settings)
                      if one["metadata"]["name"] == volume["configMap"]["name"])
            return {file: without_kafka(text) for file, text in found["data"].items()}
        secrets = {"backlogd-config": {"backlogd.yaml": config},
                   "backlogd-kafka": {"password": planted.KAFKA_PASSWORD, **self.pems},
                   "backlogd-web": {"web.yaml": yaml.safe_dump(WEB.get(name)), **self.pems}}
        files = secrets[volume["secret"]["secretName"]]
        wanted = volume["secret"].get("items", [{"key": key, "path": key} for key in files])
        return {item["path"]: files[item["key"]] for item in wanted}


class Probes(Case):
    @for_each_file
    def test_pass(self, name):
        with self.daemon(name) as daemon:
            for probe in PROBES:
                if probe in container(name):
                    wait_until(lambda probe=probe: passes(container(name)[probe], daemon.address),
                               60, f"{probe} passes")

    def test_each_way_of_asking_is_tried(self):
        asked = {tuple(container(name)[probe].keys() & {"httpGet", "tcpSocket"})
                 for name in WEB for probe in PROBES}
        self.assertEqual(asked, {("httpGet",), ("tcpSocket",)})

    def test_are_turned_away_where_they_are_not_open(self):
        settings = ("secured", "webConfig.openProbes=false")
        with self.daemon(*settings) as daemon:
            probe = container(*settings)["livenessProbe"]
            self.assertEqual(ask(probe["httpGet"], daemon.address), 401)


class Configuration(Case):
    @for_each_file
    def test_is_mounted_so_that_it_can_change(self, name):
        # Kubernetes renews the files of a folder, never one that is mounted alone.
        mounts = container(name)["volumeMounts"]
        self.assertEqual([mount for mount in mounts if "subPath" in mount], [])
        # Nor can it be mounted into a folder that is itself mounted to be read only.
        places = [pathlib.PurePath(mount["mountPath"]) for mount in mounts]
        self.assertEqual([place for place in places if set(place.parents) & set(places)], [])

    def test_that_changes_in_its_secret_is_taken_by_a_reload(self):
        with self.daemon("other") as daemon:
            changed = without_kafka("{clusters: [{name: east}]}")
            self.mount(daemon.folder, "other", config=changed)
            os.kill(daemon.pid, signal.SIGHUP)
            line = wait_until(lambda: next((line for line in lines(daemon.log) if line["msg"] ==
                                            "configuration reloaded"), None), 30, "it is taken")
            self.assertEqual((line["clusters_added"], line["clusters_removed"]),
                             ("east", "default"))


class Metrics(Case):
    def test_are_where_the_monitor_asks(self):
        settings = ("default", "serviceMonitor.enabled=true", "config.web.telemetry_path=/lag")
        monitor, = of_kind("ServiceMonitor", *settings)
        end, = monitor["spec"]["endpoints"]
        with self.daemon(*settings) as daemon:
            self.assertEqual(ask({"path": end["path"], "scheme": end["scheme"].upper()},
                                 daemon.address), 200)


def renew(place, files):
    """A folder of links through ..data, which a rename leads to other files: as the kubelet does."""
    place.mkdir(parents=True, exist_ok=True)
    version = pathlib.Path(tempfile.mkdtemp(prefix="..", dir=place))
    for name, text in files.items():
        (version / name).write_text(text, encoding="utf-8")
        if not (place / name).is_symlink():
            (place / name).symlink_to(f"..data/{name}")
    (place / "..data_tmp").symlink_to(version.name)
    (place / "..data_tmp").rename(place / "..data")


def without_kafka(text):
    """A configuration whose brokers refuse at once: probes do not need them."""
    config = yaml.safe_load(text)
    for cluster in config.setdefault("clusters", [{}]):
        cluster["bootstrap_servers"] = "127.0.0.1:1"
    config.setdefault("poll", {})["timeout"] = "1s"
    return yaml.safe_dump(config)


def listening(process, log):
    if process.poll() is not None:
        raise RuntimeError(f"the daemon ended with status {process.returncode}:\n{log.read_text()}")
    return next((line["address"] for line in lines(log) if line["msg"] == "listening"), None)


def lines(log):
    """The fields of each line."""
    return [(parse_json_log_line if line.startswith("{") else parse_log_line)(line)
            for line in log.read_text(encoding="utf-8").split("\n")[:-1]]


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
