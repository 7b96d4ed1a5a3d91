"""Rules, each changed a little, and the part of the promtool tests that must notice it."""

import re
from typing import NamedTuple

_COMPARISONS = {">": (">=", "<"), "<": ("<=", ">"), ">=": (">", "<="), "<=": ("<", ">="),
                "==": ("!=",), "!=": ("==",)}
_NAME = re.compile(r"\b(?:backlogd[:_][\w:]+|up)\b")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Mutant(NamedTuple):
    rule: str  # the alert's name, or what is recorded
    change: str  # like "number 2: 1000 -> 1100"; unique within the rule
    at: tuple  # of the group, and of the rule in it
    mutated: dict  # the rule as it is then


def name_of(rule):
    return rule.get("alert") or rule["record"]


def seconds(duration):
    return sum(int(number) * _UNITS[unit]
               for number, unit in re.findall(r"(\d+)([smhd])", duration))


def duration(count):
    return next(f"{count // _UNITS[unit]}{unit}" for unit in "hms" if count % _UNITS[unit] == 0)


def _other_numbers(text):
    """A tenth more and less; 0 is mostly a count, of which the next is 1."""
    value = float(text)
    return [f"{other:.6g}" for other in ((value * 1.1, value * 0.9) if value else (1, -1))]


def _pieces(expression):
    """(kind, text) of all of it: number, comparison, window, or None for what stays as it is."""
    tokens = re.split(r'("[^"]*"|\[\w+\]|[<>=!]=?|\b[\w.:]+\b)', expression)
    depth, after = 0, ""
    for text in tokens:
        kind = None
        if depth == 0 and text in _COMPARISONS:
            kind = "comparison"
        elif re.fullmatch(r"\d+(\.\d+)?", text):
            kind = "number"
        elif re.fullmatch(r"\[\w+\]", text) or after == "offset" and re.fullmatch(r"\d\w+", text):
            kind = "window"
        if not text.startswith('"'):
            depth += text.count("{") - text.count("}")
        after = text.strip() or after
        yield kind, text


def _others(kind, text, interval):
    if kind == "number":
        return _other_numbers(text)
    if kind == "comparison":
        return _COMPARISONS[text]
    length = seconds(text)
    changed = [duration(length + step) for step in (interval, -interval) if length + step > 0]
    return [f"[{each}]" if text.startswith("[") else each for each in changed]


def _of_expression(expression, interval):
    pieces = list(_pieces(expression))
    count = {}
    for at, (kind, text) in enumerate(pieces):
        if kind is None:
            continue
        count[kind] = count.get(kind, 0) + 1
        for other in _others(kind, text, interval):
            texts = [each for _, each in pieces]
            texts[at] = other
            yield kind, f"{kind} {count[kind]}: {text} -> {other}", "".join(texts)


def _of_waits(rule, interval):
    """(change, key, value)"""
    wait = seconds(rule.get("for", "0m"))
    for other in (wait + interval, wait - interval):
        if other >= 0:
            yield f"for: {duration(wait)} -> {duration(other)}", "for", duration(other)
    if "keep_firing_for" in rule:
        kept = seconds(rule["keep_firing_for"])
        for other in (kept + interval, kept - interval):
            yield (f"keep_firing_for: {duration(kept)} -> {duration(other)}", "keep_firing_for",
                   duration(other))


def mutants(groups, interval_of, windows=False):
    """Of all rules, but for records that are there for their labels. `interval_of(name)`: seconds
    between the evaluations in the rule's tests."""
    for g, group in enumerate(groups):
        for r, rule in enumerate(group["rules"]):
            name = name_of(rule)
            if "record" in rule and rule["expr"].strip() == "vector(1)":
                continue
            interval = interval_of(name)
            for kind, change, expression in _of_expression(rule["expr"], interval):
                if kind != "window" or windows:
                    yield Mutant(name, change, (g, r), {**rule, "expr": expression})
            if "alert" in rule:
                for change, key, value in _of_waits(rule, interval):
                    yield Mutant(name, change, (g, r), {**rule, key: value})


def _names(rule):
    return set(_NAME.findall(rule["expr"] + " ".join(rule.get("annotations", {}).values())))


class Dependencies:
    """Which rules and series a rule needs, and which alerts need it."""

    def __init__(self, groups):
        self._asks = {}
        for rule in (rule for group in groups for rule in group["rules"]):
            self._asks.setdefault(name_of(rule), set()).update(_names(rule))
        self._alerts = {rule["alert"] for group in groups for rule in group["rules"]
                        if "alert" in rule}

    def needs(self, name):
        """All names that it asks for, and what they are made of, and itself."""
        found, new = set(), {name}
        while new:
            found |= new
            new = set().union(*(self._asks.get(each, set()) for each in new)) - found
        return found

    def alerts(self, name):
        """Those that tell of a change of the rule."""
        return {alert for alert in self._alerts if name in self.needs(alert)}


def _renamed(text, names, ending):
    return _NAME.sub(lambda found: found[0] + ending if found[0] in names else found[0], text)


def _copy(rule, names, ending):
    """With an ending to its name, and to those of `names` that it asks for."""
    key = "alert" if "alert" in rule else "record"
    copied = {**rule, key: rule[key] + ending, "expr": _renamed(rule["expr"], names, ending)}
    if "annotations" in rule:
        copied["annotations"] = {each: _renamed(text, names, ending)
                                 for each, text in rule["annotations"].items()}
    return copied


def rules_of(groups, alert, numbered):
    """What the alert needs, and for each (number, mutant) a copy of it called ALERT__NUMBER, with
    copies of the rules between the two."""
    needs = Dependencies(groups)
    names = needs.needs(alert)
    between = {mutant.rule: {name for name in names if mutant.rule in needs.needs(name)}
               for _, mutant in numbered}
    found = []
    for g, group in enumerate(groups):
        rules = []
        for r, rule in enumerate(group["rules"]):
            if name_of(rule) not in names:
                continue
            rules.append(rule)
            for number, mutant in numbered:
                if name_of(rule) in between[mutant.rule]:
                    changed = mutant.mutated if mutant.at == (g, r) else rule
                    rules.append(_copy(changed, between[mutant.rule], f"__{number}"))
        if rules:
            found.append({"name": group["name"], "rules": rules})
    return found


def _query_of(case, alert, ending):
    """What a query of ALERTS says where no other alert is; None if the alert is not in it."""
    samples = case["exp_samples"]
    if "by (alertname" in case["expr"]:
        samples = [each for each in samples if f'alertname="{alert}"' in each["labels"]]
    elif f'"{alert}"' not in case["expr"]:
        return None
    expression = re.sub(r'alertname(=~?|!=)"[^"]*",?', "", case["expr"])
    expression = expression.replace("ALERTS{", f'ALERTS{{alertname="{alert}{ending}",')
    samples = [{**each, "labels": each["labels"].replace(f'"{alert}"', f'"{alert}{ending}"')}
               for each in samples]
    return {**case, "expr": expression, "exp_samples": samples}


def _test_of(test, alert, names, endings):
    alerts = [{**case, "alertname": alert + ending} for case in test.get("alert_rule_test", [])
              if case["alertname"] == alert for ending in endings]
    queries = [_query_of(case, alert, ending) for case in test.get("promql_expr_test", [])
               for ending in endings]
    queries = list(filter(None, queries))
    if not alerts and not any(case["exp_samples"] for case in queries):
        return None
    series = [each for each in test["input_series"]
              if each["series"].partition("{")[0] in names]
    return {**test, "input_series": series, "alert_rule_test": alerts,
            "promql_expr_test": queries}


def file_of(file, alert, names, endings=("",)):
    """Of a promtool test file, the tests that concern the alert, for each of its copies; None if
    none does. The series are those called `names`."""
    tests = [_test_of(test, alert, names, endings) for test in file["tests"]]
    tests = list(filter(None, tests))
    return {**file, "rule_files": ["rules.yaml"], "tests": tests} if tests else None


def fires(file):
    """Whether one of its tests demands an alert."""
    return any(case.get("exp_alerts") or case.get("exp_samples") for test in file["tests"]
               for case in test["alert_rule_test"] + test["promql_expr_test"])
