"""deploy/compose.yaml: what can be said of it without Docker. Images are pinned, files exist, ports
are open to this machine alone, programs know their flags, and the servers' files are valid."""

import os
import pathlib
import re
import subprocess
import unittest

import yaml

from support import emissions

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROMTOOL = os.environ.get("PROMTOOL", "promtool")
_KEYS = {"image", "build", "entrypoint", "command", "environment", "ports", "volumes", "depends_on",
         "healthcheck", "restart"}
_HEALTH_KEYS = {"test", "interval", "timeout", "retries", "disable"}
_CONDITIONS = {"service_healthy", "service_completed_successfully"}


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


class Compose(unittest.TestCase):
    def setUp(self):
        self.compose = read("compose.yaml")
        self.services = self.compose["services"]

    def each(self, key):
        return [(name, service, service.get(key)) for name, service in self.services.items()]

    def test_has_what_the_demo_has(self):
        for name in ("kafka", "backlogd", "prometheus", "alertmanager", "grafana"):
            self.assertIn(name, self.services)

    def test_says_nothing_unknown(self):
        self.assertEqual({key for key in self.compose if not key.startswith("x-")},
                         {"name", "services", "volumes"})
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertLessEqual(service.keys(), _KEYS)
                self.assertLessEqual(service.get("healthcheck", {}).keys(), _HEALTH_KEYS)
                for value in service.get("environment", {}).values():
                    self.assertIsInstance(value, str)
                command = service.get("command", [])
                self.assertIsInstance(command, list)
                self.assertTrue(all(isinstance(word, str) for word in command), command)

    def test_pins_images(self):
        ours = self.services["backlogd"]["image"]
        for name, _, image in self.each("image"):
            if image != ours:
                self.assertRegex(image, r"^[a-z0-9./-]+:v?\d+\.\d+\.\d+(-alpine)?$", name)
        self.assertTrue((DEPLOY / self.services["backlogd"]["build"]["context"] / "Dockerfile")
                        .is_file())

    def test_mounts_files_that_exist_and_volumes_that_are_declared(self):
        for _, _, volumes in self.each("volumes"):
            for volume in volumes or []:
                source, target, *mode = volume.split(":")
                self.assertTrue(target.startswith("/"), volume)
                if source.startswith("."):
                    self.assertTrue((DEPLOY / source).exists(), volume)
                    self.assertEqual(mode, ["ro"], volume)
                else:
                    self.assertIn(source, self.compose["volumes"])

    def test_opens_ports_of_loopback_only(self):
        published = []
        for _, _, ports in self.each("ports"):
            for port in ports or []:
                match = re.fullmatch(r"127\.0\.0\.1:(\d+):\d+", port)
                self.assertTrue(match, port)
                published.append(match[1])
        self.assertEqual(len(published), len(set(published)))

    def test_waits_for_services_that_can_become_so(self):
        for _, _, needed in self.each("depends_on"):
            for name, how in (needed or {}).items():
                self.assertIn(how["condition"], _CONDITIONS)
                if how["condition"] == "service_healthy" and name != "backlogd":  # the image's own
                    self.assertIn("test", self.services[name]["healthcheck"])

    def test_gives_our_programs_flags_that_they_know(self):
        known = {}
        for name, service, command in self.each("command"):
            if service["image"] != self.services["backlogd"]["image"]:
                continue
            program, arguments = "BACKLOGD_BINARY", command
            if service.get("entrypoint") == ["/usr/local/bin/backlogd-sim"]:
                program = "BACKLOGD_SIM_BINARY"
                self.assertIn(command[0], ("produce", "consume"))
            words = tuple(word for word in arguments if not word.startswith("--"))
            if (program, words) not in known:
                known[program, words] = "".join(
                    emissions.keep_run(subprocess.run(
                        [os.environ[program], *before, "--help"], capture_output=True, text=True,
                        check=True)).stdout for before in {(), words})
            for argument in arguments[len(words):]:
                flag = argument.partition("=")[0]
                self.assertRegex(known[program, words], rf"(?m)^\s+(-\w,)?{re.escape(flag)}\b",
                                 name)

    def test_creates_the_topics_of_its_load(self):
        created = set(re.findall(r"^create (\S+)", (DEPLOY / "create-topics.sh").read_text(),
                                 re.MULTILINE))
        for _, _, command in self.each("command"):
            for word in command or []:
                if word.startswith("--topic="):
                    self.assertIn(word.removeprefix("--topic="), created)


class Files(unittest.TestCase):
    def test_prometheus_is_valid_and_finds_its_rules_and_targets(self):
        said = subprocess.run([PROMTOOL, "check", "config", "--syntax-only",
                               DEPLOY / "prometheus.yml"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        config = read("prometheus.yml")
        compose = read("compose.yaml")
        targets = {volume.split(":")[1] for volume in compose["services"]["prometheus"]["volumes"]}
        self.assertLessEqual(set(config["rule_files"]), targets)
        hosts = re.findall(r'targets: \["([^:]+):', (DEPLOY / "prometheus.yml").read_text())
        self.assertLessEqual(set(hosts), compose["services"].keys())

    def test_grafana_is_given_a_data_source_and_the_folder_of_dashboards(self):
        source = read("grafana/datasources/prometheus.yaml")["datasources"][0]
        self.assertEqual((source["type"], source["url"]), ("prometheus", "http://prometheus:9090"))
        provider = read("grafana/dashboards/backlogd.yaml")["providers"][0]
        mounted = [volume.split(":") for volume in
                   read("compose.yaml")["services"]["grafana"]["volumes"]]
        # One by one: Grafana would also read the folder below, where they are for import by hand.
        for path in (ROOT / "dashboards").glob("*.json"):
            self.assertIn([f"../dashboards/{path.name}",
                           f"{provider['options']['path']}/{path.name}", "ro"], mounted)

    def test_alertmanager_routes_to_a_receiver_that_it_has(self):
        config = read("alertmanager.yml")
        self.assertIn(config["route"]["receiver"],
                      [receiver["name"] for receiver in config["receivers"]])


if __name__ == "__main__":
    unittest.main()
