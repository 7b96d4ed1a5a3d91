"""Asks promtool. Rule and test files are written as JSON, which is YAML too."""

import json
import os
import pathlib
import subprocess
import tempfile

_PROMTOOL = os.environ.get("PROMTOOL", "promtool")


def _run(files, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            pathlib.Path(folder, name).write_text(json.dumps(content), encoding="utf-8")
        result = subprocess.run([_PROMTOOL, *arguments], cwd=folder, text=True, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.returncode == 0, result.stdout


def check_expressions(expressions):
    """(True, ...) or (False, what promtool says). `expressions`: by a name made of [a-z_0-9]"""
    rules = [{"record": name, "expr": expression} for name, expression in expressions.items()]
    return _run({"rules.yaml": {"groups": [{"name": "expressions", "rules": rules}]}},
                "check", "rules", "rules.yaml")


def check_results(series, at, expected):
    """Evaluates expressions at time `at` over `series` (name: values, a minute apart).

    `expected`: by expression, the value of each sample, to three decimals, by its text, like
    '{group="a"}'. (True, ...) or (False, what promtool says).
    """
    cases = [{"expr": f"round({expression}, 0.001)", "eval_time": at,
              "exp_samples": [{"labels": labels, "value": value}
                              for labels, value in samples.items()]}
             for expression, samples in expected.items()]
    test = {"interval": "1m", "promql_expr_test": cases,
            "input_series": [{"series": name, "values": values}
                             for name, values in series.items()]}
    return _run({"test.yaml": {"evaluation_interval": "1m", "tests": [test]}},
                "test", "rules", "test.yaml")
