"""Asks a real Prometheus what the dashboards ask: every query of every panel, variable and
annotation, with the variables put in."""

import json
import pathlib
import re
import time
import urllib.error
import urllib.parse
from typing import NamedTuple, Optional
from urllib.request import urlopen

# The demo's story in which a query has data, by the title of its panel, or by that and the query's
# letter; "": none is sure to make some. What is not here has data as soon as there is a group that
# reads.
STORY_OF = {
    "Age of the oldest": "dead-letters",
    "Alerts that fire": "producer-surge",
    "Cause": "producer-surge",
    "Cause and advice": "producer-surge",
    "Failures by reason": "",
    "From source to queue to group/D": "dead-letters",
    "Growing fastest": "producer-surge",
    "Its dead-letter queues/C": "dead-letters",
    "Largest dead-letter queues/B": "dead-letters",
    "Latest groups/E": "producer-surge",
    "Latest groups/I": "producer-surge",
    "Lost records": "retention-overtakes",
    "Members against need": "producer-surge",
    "Members and capacity/D": "producer-surge",
    "Members and capacity/E": "producer-surge",
    "Members missing": "producer-surge",
    "Never committed": "never-committing",
    "Oldest": "dead-letters",
    "Steps that failed": "",
    "Topics with offline or under-replicated partitions": "",
    "Unknown lag": "",
    "Worst partitions/C": "producer-surge",
}
_TIMEOUT_SECONDS = 60
_POINTS = 600  # what Grafana asks for a panel that has no limit of its own
ALL = ".+"


class Query(NamedTuple):
    dashboard: str
    title: str  # of the panel; a variable's or annotation's begins with $ or @
    ref: str
    expr: str  # as it is written, with variables
    instant: bool
    points: int  # over time, at most
    story: Optional[str]  # in which it must have data; None: always; "": data are not demanded

    @property
    def looks_back(self):
        """Whether it shows what was, and not only what is."""
        return not self.instant or "[$__range]" in self.expr

    @property
    def name(self):
        return f"{self.dashboard}: {self.title} {self.ref}".rstrip()


def story_of(title, ref):
    return STORY_OF.get(f"{title}/{ref}", STORY_OF.get(title))


def _of_dashboard(name, content):
    for variable in content["templating"]["list"]:
        if variable["type"] == "query":
            yield Query(name, f"${variable['name']}", "", variable["definition"], True, 1, None)
    for annotation in content["annotations"]["list"]:
        yield Query(name, f"@{annotation['name']}", "", annotation["expr"], False,
                    _POINTS, "")
    for panel in content["panels"]:
        for target in panel.get("targets", []):
            title, ref = panel["title"], target["refId"]
            yield Query(name, title, ref, target["expr"], target["instant"],
                        panel.get("maxDataPoints", _POINTS), story_of(title, ref))


def queries(folder):
    """All queries of the dashboards in a folder."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        found += _of_dashboard(path.stem, json.loads(path.read_text(encoding="utf-8")))
    return found


def quiet(told, folder, telling=None):
    """What check() may find empty after the demo's stories `told`, while those in `telling` (all of
    `told`, unless it is said) are in their trouble."""
    return {f"{query.title}/{query.ref}" for query in queries(folder)
            if query.story is not None and query.story not in (
                told if query.looks_back or telling is None else telling)}


class _Prometheus:
    def __init__(self, url):
        self._url = url

    def ask(self, path, **parameters):
        """Its data. Raises ValueError with what it says."""
        request = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode(errors="replace")) from None
        return answer["data"]


class Asker:
    """Puts values in the place of variables: All, unless `chosen` has another. `now` is the end of
    the time range, by default the present."""

    def __init__(self, url, *, window="5m", rate_interval="10s", now=None, top=10, chosen=None):
        self._prometheus = _Prometheus(url)
        self._seconds = _seconds(window)
        self._now = now
        self._values = {name: ALL for name in ("job", "kafka_cluster", "group", "topic")}
        self._values |= {"__range": window, "__rate_interval": rate_interval, "top": str(top)}
        self._values |= chosen or {}

    def expand(self, expression):
        def value(match):
            if match[1] not in self._values:
                raise ValueError(f"no variable {match[0]}")
            return self._values[match[1]]
        return re.sub(r"\$([A-Za-z_]\w*)", value, expression)

    def _choose(self, variable, expression, now):
        """Takes the first of what a variable without All may be; its series has one label."""
        rows = self._prometheus.ask("query", query=expression, time=now)["result"]
        first = list(rows[0]["metric"].values()) if rows else [""]
        self._values.setdefault(variable, first[0])
        return len(rows)

    def results(self, query):
        """How many series, or values of a variable, the answer has. Variables without All must be
        asked for before what uses them."""
        expression = self.expand(query.expr)
        now = self._now or time.time()
        if values := re.fullmatch(r"label_values\((.+), (\w+)\)", expression):
            series = self._prometheus.ask("series", **{"match[]": values[1],
                                                       "start": now - self._seconds,
                                                       "end": now})
            return len({each[values[2]] for each in series if each.get(values[2])})
        if result := re.fullmatch(r"query_result\((.+)\)", expression):
            return self._choose(query.title[1:], result[1], now)
        if query.instant:
            return len(self._prometheus.ask("query", query=expression, time=now)["result"])
        return len(self._prometheus.ask(
            "query_range", query=expression, start=now - self._seconds, end=now,
            step=max(1, self._seconds // query.points))["result"])


def check(prometheus_url, dashboards_folder, quiet=frozenset(), *, all_broken=False, **settings):
    """What is wrong, as sentences: queries that Prometheus refuses, and those without data. Raises
    OSError where there is no Prometheus.

    `quiet`: titles of panels that may be empty, or "Title/B" for one query of a panel; a variable
    is "$name". `all_broken`: what no story of the demo is sure to fill has data, too, but for
    annotations. `settings`: see Asker.
    """
    asker = Asker(prometheus_url, **settings)
    problems = []
    for query in queries(dashboards_folder):
        try:
            count = asker.results(query)
        except ValueError as error:
            problems.append(f"{query.name}: {error}\n  {query.expr}")
            continue
        exempt = query.story == "" and (not all_broken or query.title.startswith("@"))
        may_be_empty = exempt or {query.title, f"{query.title}/{query.ref}"} & set(quiet)
        if count == 0 and not may_be_empty:
            problems.append(f"{query.name}: no data\n  {query.expr}")
    return problems


def _seconds(duration):
    number, unit = re.fullmatch(r"(\d+)([smh])", duration).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]
