"""The Helm chart as helm renders it."""

import functools
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "backlogd"
HELM = os.environ["HELM"]
# Of the values files in the folder ci.
FILES = sorted(path.stem.removesuffix("-values") for path in (CHART / "ci").glob("*.yaml"))


def helm(*arguments):
    return subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, check=False)


@functools.cache
def rendered(name, *settings, release="rel"):
    values = () if name is None else ("--values", CHART / "ci" / f"{name}-values.yaml")
    said = helm("template", release, CHART, "--namespace", "kafka", "--kube-version", "1.34.0",
                *values, *(word for setting in settings for word in ("--set", setting)))
    if said.returncode:
        raise AssertionError(said.stderr)
    return said.stdout


def values_of(name):
    return yaml.safe_load((CHART / "ci" / f"{name}-values.yaml").read_text(encoding="utf-8"))


@functools.cache
def objects(*arguments, **options):
    """To be read only: the same for all who ask."""
    return [found for found in yaml.safe_load_all(rendered(*arguments, **options)) if found]


def of_kind(kind, *arguments, **options):
    return [found for found in objects(*arguments, **options) if found["kind"] == kind]


def pod(*arguments, **options):
    """The specification of the deployment's pods."""
    return of_kind("Deployment", *arguments, **options)[0]["spec"]["template"]["spec"]


def container(*arguments, **options):
    return pod(*arguments, **options)["containers"][0]


def for_each_file(test):
    @functools.wraps(test)
    def run(self):
        for name in FILES:
            with self.subTest(name):
                test(self, name)
    return run
