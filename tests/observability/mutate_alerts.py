#!/usr/bin/env python3
"""Changes each number and comparison of each rule a little, and lists the changes that no promtool
test notices.

A change is a tenth of a threshold, `>=` for `>`, one evaluation more or less to wait. Only the
tests that name an alert which the rule is needed for are run, with the rules and series that these
need. Exits with 1 if something is not noticed that mutants_kept.yaml gives no reason for, or if
what has a reason there is noticed.
"""

import argparse
import collections
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import yaml

import catalog
import rule_mutants

_ALERTS = catalog.REPOSITORY / "alerts"
KEPT = pathlib.Path(__file__).with_name("mutants_kept.yaml")
_SECONDS = 900  # in all


def read_groups():
    text = (_ALERTS / "backlogd.rules.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["groups"]


def _read_tests(path):
    """As strings: 0x60 is no number, but 0 for an hour."""
    file = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    for test in file["tests"]:
        for case in test.get("promql_expr_test", []):
            case["exp_samples"] = [{**each, "value": float(each["value"])}
                                   for each in case["exp_samples"]]
    return file


def read_kept():
    """{(rule, change): reason}"""
    content = yaml.safe_load(KEPT.read_text(encoding="utf-8"))
    return {(rule, change): one["reason"] for rule, found in content.items()
            for one in found for change in one["changes"]}


class Judge:
    """Runs promtool. Threads may share it."""

    def __init__(self, groups):
        self._groups = groups
        self.dependencies = rule_mutants.Dependencies(groups)
        files = [_read_tests(path) for path in sorted(_ALERTS.glob("tests/*.test.yaml"))]
        self._files = sorted(files, key=lambda file: len(str(file)))  # the quickest first

    def interval(self, rule):
        """The shortest of those between evaluations in the tests in which it fires, in seconds."""
        return min((rule_mutants.seconds(file["evaluation_interval"])
                    for alert in self.dependencies.alerts(rule)
                    for file in self._unchanged(alert) if rule_mutants.fires(file)), default=60)

    @functools.cache
    def _unchanged(self, alert):
        return self._tests(alert)

    def _tests(self, alert, endings=("",)):
        """The parts of the test files that concern it, for each of its copies."""
        names = self.dependencies.needs(alert)
        found = (rule_mutants.file_of(file, alert, names, endings) for file in self._files)
        return list(filter(None, found))

    def survivors(self, alert, mutants):
        """Those that no test of the alert notices. All are asked about together, each as an alert
        with a number. ValueError if the tests fail with the rules as they are."""
        left = dict(enumerate(mutants, 1))
        for at in range(len(self._unchanged(alert))):
            noticed = True
            while noticed and left:
                endings = ["", *(f"__{number}" for number in left)]
                noticed, is_whole = self._noticed(alert, self._tests(alert, endings)[at], left)
                left = {number: each for number, each in left.items() if number not in noticed}
                noticed = noticed and not is_whole
        return list(left.values())

    def _noticed(self, alert, file, numbered):
        """Numbers of mutants that a test notices, and whether that is all of them: promtool ends a
        test early where a rule cannot be evaluated."""
        rules = rule_mutants.rules_of(self._groups, alert, list(numbered.items()))
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("rules.yaml", {"groups": rules}), ("test.yaml", file)):
                pathlib.Path(folder, name).write_text(json.dumps(content), encoding="utf-8")
            result = subprocess.run(
                [os.environ.get("PROMTOOL", "promtool"), "test", "rules", "test.yaml"], cwd=folder,
                check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=_SECONDS)
        broken = re.findall(r"rule: [\w:]+__(\d+), time", result.stdout)
        found = broken or re.findall(r"""(?:alertname: |alertname=\\")\w+__(\d+)(?:, time|\\")""",
                                     result.stdout)
        if result.returncode and not found or re.search(
                rf"""(?:alertname: |alertname=\\"){alert}(?:, time|\\")""", result.stdout):
            raise ValueError(f"{alert}: tests fail with the rules as they are:\n{result.stdout}")
        return {int(number) for number in found}, not broken


def survivors(judge, mutants):
    """Those that no test of any alert notices."""
    deadline = time.monotonic() + _SECONDS
    asked = {}
    for mutant in mutants:
        for alert in judge.dependencies.alerts(mutant.rule):
            asked.setdefault(alert, []).append(mutant)
    noticed = set()

    def ask(alert):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done in {_SECONDS} s")
        left = [each for each in asked[alert] if each[:2] not in noticed]
        alive = {each[:2] for each in judge.survivors(alert, left)}
        noticed.update(each[:2] for each in left if each[:2] not in alive)
        print(f"{alert}: {len(left)} changes, {len(alive)} not noticed", file=sys.stderr,
              flush=True)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, asked))
    return [mutant for mutant in mutants if mutant[:2] not in noticed]


def report(mutants, alive, kept):
    """Prints; returns whether all is as it should be."""
    tried = {(each.rule, each.change) for each in mutants}
    found = {(each.rule, each.change) for each in alive}
    for rule, change in sorted(found - kept.keys()):
        print(f"not noticed: {rule}: {change}")
    for rule, change in sorted(tried & kept.keys() - found):
        print(f"noticed, so that it needs no reason: {rule}: {change}")
    count = collections.Counter("kept" if key in kept else "new" for key in found)
    print(f"{len(tried)} changes, {len(tried) - len(found)} noticed, {count['kept']} not noticed "
          f"for a reason, {count['new']} without")
    return not count["new"] and not tried & kept.keys() - found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", help="names of alerts, or of what is recorded; all "
                        "unless said")
    parser.add_argument("--windows", action="store_true", help="change ranges and offsets too")
    options = parser.parse_args()
    groups = read_groups()
    judge = Judge(groups)
    mutants = [each for each in rule_mutants.mutants(groups, judge.interval, options.windows)
               if not options.rules or each.rule in options.rules]
    begin = time.monotonic()
    is_right = report(mutants, survivors(judge, mutants), read_kept())
    print(f"{time.monotonic() - begin:.0f} s")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
