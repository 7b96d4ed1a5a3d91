"""The Helm chart, rendered by helm for each values file of deploy/helm/backlogd/ci: helm's own
judgement, Kubernetes' and the operator's types, and what must fit together."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import yaml

from rendered_chart import (CHART, ROOT, container, for_each_file, helm, objects, of_kind, pod,
                            rendered, values_of)
from support import doc_commands, emissions, planted, program_help

STRICT = os.environ["CHART_STRICT"]
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


class EachValuesFile(unittest.TestCase):
    @for_each_file
    def test_helm_approves(self, name):
        said = helm("lint", "--strict", CHART, "--values", CHART / "ci" / f"{name}-values.yaml")
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    @for_each_file
    def test_kubernetes_types_have_each_field(self, name):
        """But that of grafana-operator, which `Monitoring` compares as a whole."""
        found = [one for one in objects(name) if one["kind"] != "GrafanaDashboard"]
        said = subprocess.run([STRICT], input=yaml.safe_dump_all(found), capture_output=True,
                              text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(int(said.stdout), len(found))

    @for_each_file
    def test_names_and_labels_are_allowed_and_unique(self, name):
        seen = set()
        for found in objects(name):
            meta = found["metadata"]
            self.assertTrue(NAME.fullmatch(meta["name"]), meta["name"])
            identity = found["kind"], meta.get("namespace"), meta["name"]
            self.assertNotIn(identity, seen)
            seen.add(identity)
            for key, value in meta.get("labels", {}).items():
                self.assertTrue(LABEL_KEY.fullmatch(key), key)
                self.assertIsInstance(value, str)
                self.assertTrue(LABEL_VALUE.fullmatch(value), value)

    @for_each_file
    def test_selectors_meet_the_pods_and_nothing_that_may_change(self, name):
        deployment, = of_kind("Deployment", name)
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        selectors = [deployment["spec"]["selector"]["matchLabels"]]
        selectors += [s["spec"]["selector"] for s in of_kind("Service", name)]
        selectors += [s["spec"]["selector"]["matchLabels"] for kind in
                      ("PodMonitor", "PodDisruptionBudget") for s in of_kind(kind, name)]
        selectors += [s["spec"]["podSelector"]["matchLabels"]
                      for s in of_kind("NetworkPolicy", name)]
        for selector in selectors:
            self.assertLessEqual(selector.items(), labels.items())
            self.assertEqual(selector.keys(),
                             {"app.kubernetes.io/name", "app.kubernetes.io/instance"})
        for monitor in of_kind("ServiceMonitor", name):
            service, = of_kind("Service", name)
            self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(),
                                 service["metadata"]["labels"].items())
            self.assertLessEqual(set(monitor["spec"].get("targetLabels", [])),
                                 service["metadata"]["labels"].keys())

    @for_each_file
    def test_ports_meet(self, name):
        port, = container(name)["ports"]
        self.assertIn(f"--web.listen-address=:{port['containerPort']}", container(name)["args"])
        service, = of_kind("Service", name)
        self.assertEqual(service["spec"]["ports"][0]["targetPort"], port["name"])
        ends = [("endpoints", s) for s in of_kind("ServiceMonitor", name)]
        ends += [("podMetricsEndpoints", s) for s in of_kind("PodMonitor", name)]
        for key, monitor in ends:
            end, = monitor["spec"][key]
            self.assertEqual(end["port"], port["name"])
            self.assertEqual(monitor["spec"]["namespaceSelector"]["matchNames"], ["kafka"])
            self.assertEqual(end["relabelings"][0],
                             {"targetLabel": "job", "replacement": "backlogd"})
        for policy in of_kind("NetworkPolicy", name):
            self.assertEqual(policy["spec"]["ingress"][0]["ports"][0]["port"], port["name"])

    @for_each_file
    def test_probes_ask_what_is_served(self, name):
        tls = values_of(name).get("webConfig", {}).get("tls", False)
        for probe, path in {"startupProbe": "/-/healthy", "livenessProbe": "/-/healthy",
                            "readinessProbe": "/-/ready"}.items():
            found = container(name).get(probe, {})
            if "httpGet" in found:
                asked = found["httpGet"]
                self.assertEqual((asked["path"], asked["port"], asked["scheme"]),
                                 (path, "http", "HTTPS" if tls else "HTTP"))
            elif found:
                self.assertEqual(found["tcpSocket"], {"port": "http"})
        for monitor in of_kind("ServiceMonitor", name):
            self.assertEqual(monitor["spec"]["endpoints"][0]["scheme"],
                             "https" if tls else "http")

    @for_each_file
    def test_pods_have_no_rights(self, name):
        spec = pod(name)
        self.assertIs(spec["automountServiceAccountToken"], False)
        for account in of_kind("ServiceAccount", name):
            self.assertIs(account["automountServiceAccountToken"], False)
        context = spec["securityContext"]
        self.assertIs(context["runAsNonRoot"], True)
        self.assertGreater(context["runAsUser"], 0)
        self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
        for one in spec["containers"]:
            self.assertEqual(one["securityContext"],
                             {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                              "capabilities": {"drop": ["ALL"]}})

    @for_each_file
    def test_mounts_have_volumes(self, name):
        self.assertEqual({mount["name"] for mount in container(name)["volumeMounts"]},
                         {volume["name"] for volume in pod(name)["volumes"]})

    @for_each_file
    def test_the_program_takes_the_flags_and_the_configuration(self, name):
        program = os.environ["BACKLOGD_BINARY"]
        known = program_help.of(program, "backlogd").flags
        names = {name for flag in known for name in flag.names}
        self.assertLessEqual({flag.partition("=")[0] for flag in container(name)["args"]}, names)
        for found in of_kind("ConfigMap", name):
            if "backlogd.yaml" in found["data"]:
                self.assert_good(program, found["data"]["backlogd.yaml"])

    def assert_good(self, program, text):
        with tempfile.TemporaryDirectory() as folder:
            secrets = pathlib.Path(folder) / "secrets" / "kafka"
            secrets.mkdir(parents=True)
            (secrets / "password").write_text(planted.KAFKA_PASSWORD, encoding="utf-8")
            text = "\n".join(line for line in text.splitlines() if "ssl.ca.location" not in line)
            text = text.replace("/etc/backlogd", folder)
            path = pathlib.Path(folder) / "backlogd.yaml"
            path.write_text(text, encoding="utf-8")
            said = emissions.keep_run(
                subprocess.run([program, "--check-config", f"--config.file={path}"],
                               capture_output=True, text=True, check=False))
        self.assertEqual(said.returncode, 0, said.stderr)


class Monitoring(unittest.TestCase):
    def test_rules_are_ours_but_for_what_was_left_out(self):
        ours = yaml.safe_load((ROOT / "alerts" / "backlogd.rules.yaml").read_text(encoding="utf-8"))
        rule, = of_kind("PrometheusRule", "operator")
        *groups, extra = rule["spec"]["groups"]
        self.assertEqual(extra["name"], "ours")
        for group in ours["groups"]:
            group["rules"] = [r for r in group["rules"] if r.get("alert") != "BacklogdDeadLetters"]
        self.assertEqual(groups, [group for group in ours["groups"] if group["rules"]])

    def test_dashboards_are_ours_and_found_by_the_sidecar_and_the_operator(self):
        found = [m for m in of_kind("ConfigMap", "operator") if "backlogd.yaml" not in m["data"]]
        self.assertEqual(len(found), len(list((ROOT / "dashboards").glob("*.json"))))
        for config_map in found:
            self.assertEqual(config_map["metadata"]["labels"]["grafana_dashboard"], "1")
            (name, text), = config_map["data"].items()
            self.assertEqual(json.loads(text), json.loads((ROOT / "dashboards" / name).read_text()))
            named = config_map["metadata"]["name"]
            dashboard, = [one for one in of_kind("GrafanaDashboard", "operator")
                          if one["metadata"]["name"] == named]
            self.assertEqual(dashboard["spec"], {
                "instanceSelector": {"matchLabels": {"dashboards": "grafana"}}, "folder": "Kafka",
                "allowCrossNamespaceImport": False,
                "configMapRef": {"name": named, "key": name}})
            self.assertEqual(dashboard["metadata"].get("namespace"),
                             config_map["metadata"].get("namespace"))

    def test_nothing_of_the_operator_is_made_unasked(self):
        self.assertEqual({found["kind"] for found in objects("default")},
                         {"ServiceAccount", "ConfigMap", "Service", "Deployment"})

    def test_monitors_ask_where_the_metrics_are(self):
        monitors = ("serviceMonitor.enabled=true", "podMonitor.enabled=true")
        for settings, path in (
                ((), "/metrics"), (("config.web.telemetry_path=/lag",), "/lag"),
                (("existingConfigSecret=mine", "config.web.telemetry_path=/lag"), "/metrics"),
                (("existingConfigSecret=mine", "extraArgs[0]=--web.telemetry-path=/a"), "/a"),
                (("config.web.telemetry_path=/lag", "extraArgs[0]=--web.telemetry-path=/a"), "/a")):
            with self.subTest(settings):
                service, = of_kind("ServiceMonitor", "default", *settings, *monitors)
                pods, = of_kind("PodMonitor", "default", *settings, *monitors)
                self.assertEqual((service["spec"]["endpoints"][0]["path"],
                                  pods["spec"]["podMetricsEndpoints"][0]["path"]), (path, path))


class Guide(unittest.TestCase):
    """docs/packaging.md: the commands from the sources to a release."""

    def test_what_helm_is_told_to_run_was_built_and_pushed(self):
        text = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
        commands = list(doc_commands.commands(text))
        command, = (one for one in commands if one.startswith("helm upgrade --install"))
        words = shlex.split(command.replace("helm upgrade --install", "template"))
        said = helm(*(CHART if word == "deploy/helm/backlogd" else word for word in words),
                    "--kube-version", "1.34.0")
        self.assertEqual(said.returncode, 0, said.stderr)
        image, = re.findall(r'image: "(.*)"', said.stdout)
        for begin in ("docker build ", "docker push "):
            self.assertTrue([one for one in commands if one.startswith(begin)
                             and image in shlex.split(one)], begin + image)


class Refusals(unittest.TestCase):
    def test_of_values_that_are_wrong(self):
        for setting in ("replicas=2", "replicaCount=-1", "port=80", "image.pullPolicy=Sometimes",
                        "serviceMonitor.interval=often", "config.clusters=null",
                        "secrets[0].name=kafka", "podDisruptionBudget.maxUnavailable=some",
                        "image.digest=latest", "extraArgs[0]=log.level"):
            with self.subTest(setting):
                said = helm("template", "rel", CHART, "--kube-version", "1.34.0", "--set", setting)
                self.assert_refused(said)

    def test_of_a_configuration_that_the_daemon_would_refuse(self):
        for setting in ("config.polll.interval=5s", "config.clusterz[0].name=a",
                        "config.clusters[0].bootstrap_server=a:1"):
            with self.subTest(setting):
                self.assert_refused(helm("template", "rel", CHART, "--kube-version", "1.34.0",
                                         "--set", setting))
        for name in ("unknown_section", "unknown_key_nested", "dead_letters_queue_unknown_key",
                     "isolation_rule_unknown_key", "cluster_is_a_text", "list_is_a_map",
                     "item_is_nothing", "duration_without_unit", "dead_letters_scan_bytes_unit",
                     "capacity_hint_infinite", "choice_unknown", "property_is_a_map"):
            text = (ROOT / "tests/data/config" / f"{name}.bad.yaml").read_text(encoding="utf-8")
            with self.subTest(name):
                self.assert_refused(self.with_config(text))

    def test_not_of_the_reference_with_its_examples(self):
        text = (ROOT / "config" / "backlogd.yaml").read_text(encoding="utf-8")
        for written in (text, re.sub(r"(: )(?:\[\]|\{\}|\[\S+\])\n *# e\.g\. ", r"\1", text)):
            self.assertEqual(self.with_config(written).returncode, 0, written)

    def with_config(self, text):
        with tempfile.TemporaryDirectory() as folder:
            values = pathlib.Path(folder) / "values.yaml"
            values.write_text(json.dumps({"config": {"clusters": [{}], **yaml.safe_load(text)}}),
                              encoding="utf-8")
            return helm("template", "rel", CHART, "--kube-version", "1.34.0", "--values", values)

    def assert_refused(self, said):
        self.assertNotEqual(said.returncode, 0)
        self.assertRegex(said.stderr, r"values don't meet the specifications")


class Releases(unittest.TestCase):
    def test_names_stay_within_limits(self):
        for found in objects("operator", release="r" * 53):
            self.assertLessEqual(len(found["metadata"]["name"]), 63)

    def test_a_change_of_the_configuration_rolls_the_pods(self):
        def checksum(*settings):
            template = of_kind("Deployment", "default", *settings)[0]["spec"]["template"]
            return template["metadata"]["annotations"]["checksum/config"]
        self.assertNotEqual(checksum(), checksum("config.poll.interval=30s"))
        self.assertEqual(checksum(), checksum("replicaCount=2"))

    def test_the_packaged_chart_is_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            said = helm("package", CHART, "--destination", folder)
            self.assertEqual(said.returncode, 0, said.stderr)
            archive, = pathlib.Path(folder).glob("backlogd-*.tgz")
            values = CHART / "ci" / "operator-values.yaml"
            said = helm("template", "rel", archive, "--namespace", "kafka", "--kube-version",
                        "1.34.0", "--values", values)
        self.assertEqual(said.stdout, rendered("operator"))


if __name__ == "__main__":
    unittest.main()
