"""What of the Helm chart can be proved without helm: its copies, its documentation, its schema."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "backlogd"
TEXT = (CHART / "values.yaml").read_text(encoding="utf-8")
VALUES = yaml.safe_load(TEXT)
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
REFERENCE = yaml.safe_load((ROOT / "config" / "backlogd.yaml").read_text(encoding="utf-8"))
# What Kubernetes or the reader defines: the schema lets anything in.
PASSED_ON = {"config", "podSecurityContext", "containerSecurityContext", "resources"}


def keys(values, schema, path=()):
    """Each key as (path, in the values, in the schema), down to where Kubernetes takes over."""
    properties = schema.get("properties", {})
    for key in sorted(values.keys() | properties.keys()):
        yield (*path, key), key in values, key in properties
        inner = values.get(key)
        if isinstance(inner, dict) and inner and key not in PASSED_ON:
            yield from keys(inner, properties.get(key, {}), (*path, key))


class Files(unittest.TestCase):
    def test_copies_and_schema_are_those_of_the_repository(self):
        said = subprocess.run([sys.executable, ROOT / "scripts" / "helm-files", "--check"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stderr)


class Version(unittest.TestCase):
    """Of what is released next: the tag of the image, unless image.tag says otherwise."""

    def test_is_the_same_everywhere(self):
        cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
        version = re.search(r"^project\(backlogd VERSION (\S+)", cmake, re.MULTILINE)[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
        self.assertEqual(chart["appVersion"], version)
        guide = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
        shown = re.findall(r"backlogd:(\d\S*?)(?=[\s`])|VERSION=(\S+)", guide)
        self.assertGreaterEqual(len(shown), 3)
        self.assertEqual({first or second for first, second in shown}, {version})


class Values(unittest.TestCase):
    def test_are_those_of_the_schema(self):
        extra = {("global",)} | {
            (probe, key) for key in ("initialDelaySeconds", "successThreshold", "tcpSocket")
            for probe in ("livenessProbe", "readinessProbe", "startupProbe")}
        for path, in_values, in_schema in keys(VALUES, SCHEMA):
            if path not in extra:
                self.assertTrue(in_values and in_schema, ".".join(path))

    def test_schema_refuses_what_it_does_not_know(self):
        def walk(schema, path):
            if "properties" in schema:
                self.assertIs(schema.get("additionalProperties"), False, path)
            for key, inner in schema.get("properties", {}).items():
                walk(inner, (*path, key))
            if "items" in schema:
                walk(schema["items"], (*path, "[]"))
        walk(SCHEMA, ())

    def test_each_is_documented(self):
        lines = TEXT.splitlines()
        for number, line in enumerate(lines):
            match = re.match(r"( *)([a-zA-Z]+):", line)
            if not match or len(match[1]) > 2:
                continue
            above = lines[number - 1].strip()
            section = next((earlier for earlier in reversed(lines[:number])
                            if re.match(r"[a-zA-Z]+:", earlier)), "") if match[1] else ""
            own = PASSED_ON | {"livenessProbe", "readinessProbe", "startupProbe"}
            if section.rstrip(":") not in own:
                self.assertTrue(above.startswith("#"), f"values.yaml:{number + 1}: {line}")

    def test_values_files_of_the_tests_use_each_key(self):
        used = set()
        for path in (CHART / "ci").glob("*.yaml"):
            used |= (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).keys()
        rest = set(VALUES) - used
        # Their defaults are what matters, or what they mean is Kubernetes' own.
        self.assertLessEqual(rest, {
            "fullnameOverride", "revisionHistoryLimit", "envFrom", "podSecurityContext",
            "containerSecurityContext", "resources", "terminationGracePeriodSeconds",
            "nodeSelector", "tolerations", "affinity"})


class SchemaOfTheConfiguration(unittest.TestCase):
    """What scripts/helm-files writes of config/backlogd.yaml."""

    CONFIG = SCHEMA["properties"]["config"]

    def at(self, path):
        found = self.CONFIG
        for name in path.split("."):
            found = found["items"] if name == "[]" else found["properties"][name]
        return found

    def test_knows_what_the_daemon_knows(self):
        self.assertEqual(self.CONFIG["properties"].keys(), REFERENCE.keys())
        for path, keys in (("clusters.[].topics", {"include", "exclude", "internal"}),
                           ("metrics.detail_rules.[]", {"groups", "topics", "detail"}),
                           ("dead_letters.queues.[]",
                            {"topic", "source_topic", "group", "handling_group"})):
            self.assertEqual(self.at(path)["properties"].keys(), keys)

    def test_has_words_where_there_is_a_choice(self):
        for path, words in {
                "log.level": ["debug", "info", "warn", "error"], "log.format": ["logfmt", "json"],
                "metrics.detail": ["group", "topic", "partition", "full"],
                "metrics.detail_rules.[].detail": ["group", "topic", "partition", "full"],
                "analysis.isolation_rules.[].isolation":
                    ["read_uncommitted", "read_committed"]}.items():
            self.assertEqual(self.at(path), {"enum": [*words, None]}, path)

    def test_leaves_properties_to_librdkafka(self):
        for name in ("properties", "property_files"):
            self.assertEqual(self.at(f"clusters.[].{name}")["additionalProperties"],
                             {"type": ["string", "number", "boolean", "null"]})


class Keda(unittest.TestCase):
    """deploy/keda/scaledobject.yaml"""

    def setUp(self):
        path = ROOT / "deploy" / "keda" / "scaledobject.yaml"
        self.text = path.read_text(encoding="utf-8")
        self.object = yaml.safe_load(self.text)

    def test_is_that_of_the_documentation(self):
        guide = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
        shown = re.search(r"```yaml\n(apiVersion: keda\.sh.*?)```", guide, re.DOTALL)[1]
        self.assertEqual(yaml.safe_load(shown), self.object)

    def test_never_takes_unknown_for_zero(self):
        spec = self.object["spec"]
        self.assertEqual((self.object["apiVersion"], self.object["kind"]),
                         ("keda.sh/v1alpha1", "ScaledObject"))
        self.assertGreaterEqual(spec["minReplicaCount"], 1)
        self.assertGreater(spec["maxReplicaCount"], spec["minReplicaCount"])
        self.assertEqual(spec["fallback"]["behavior"], "currentReplicasIfHigher")
        trigger, = spec["triggers"]
        self.assertEqual((trigger["type"], trigger["metricType"]), ("prometheus", "AverageValue"))
        self.assertEqual(trigger["metadata"]["ignoreNullValues"], "false")
        self.assertNotIn("vector(0)", trigger["metadata"]["query"])
        # KEDA's metadata are texts, all of them.
        for value in trigger["metadata"].values():
            self.assertIsInstance(value, str)

    def test_asks_for_a_metric_that_exists(self):
        query = self.object["spec"]["triggers"][0]["metadata"]["query"]
        name = re.search(r"backlogd_\w+", query)[0]
        self.assertIn(f"`{name}`", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
