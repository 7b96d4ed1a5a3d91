"""An Alertmanager that sends every notification to one address, at once; or by the routes, groups
and inhibitions of config/alertmanager.yml, sooner than they say."""

import json
import pathlib
import re
import urllib.request

from support.web_program import WebProgram

_ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = _ROOT / "config" / "alertmanager.yml"
_WAITS = ("group_wait", "group_interval", "repeat_interval")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_LEAST_MS = 100
_NEVER = [{"years": ["2000"]}]
_ALWAYS = [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]


class Alertmanager(WebProgram):
    """`receiver` is the URL that notifications are posted to; `config`, if any, is used instead."""

    NAMES = ("prometheus-alertmanager", "alertmanager")

    def __init__(self, receiver, config=None):
        super().__init__()
        self._config = config or {
            # One notification for one trouble, and another one when it is over.
            "route": {"receiver": "demo", "group_by": ["..."], "group_wait": "1s",
                      "group_interval": "1s", "repeat_interval": "24h"},
            "receivers": [{"name": "demo", "webhook_configs": [
                {"url": receiver, "send_resolved": True}]}],
        }

    def prepare(self):
        (self.folder / "alertmanager.yml").write_text(json.dumps(self._config))  # JSON is YAML

    def arguments(self):
        return [f"--config.file={self.folder}/alertmanager.yml",
                f"--storage.path={self.folder}/data",
                f"--web.listen-address={self.address}",
                "--cluster.listen-address="]  # alone

    def post(self, alerts):
        """Tells it of alerts, as Prometheus does: [{"labels": ..., "annotations": ...}, ...]."""
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", json.dumps(alerts).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            response.read()


def read_shipped():
    """config/alertmanager.yml as it is."""
    import yaml  # not on a machine that only runs the demo

    return yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))


def shipped_config(receiver_url, faster=120, maintenance=False, mornings=True, slack_url=None):
    """The shipped configuration, in which each receiver posts to `receiver_url` instead, and each
    wait is divided by `faster`. Its routes, groups and inhibitions are as they are.

    The clock decides nothing: it is `maintenance`, and it is one of the `mornings`, as the
    arguments say. Which receiver a message is of says its field "receiver".

    To `slack_url` each receiver posts, too, what the first of them that has Slack says there.
    """
    config = read_shipped()
    config["global"] = {"resolve_timeout": config["global"]["resolve_timeout"]}
    config["templates"] = [str(_ROOT / "alerts" / "templates" / "*.tmpl")]
    _hasten(config["route"], faster)
    now = {"maintenance": maintenance, "mornings": mornings}
    for interval in config["time_intervals"]:
        interval["time_intervals"] = _ALWAYS if now[interval["name"]] else _NEVER
    slack = next(each["slack_configs"][0] for each in config["receivers"]
                 if "slack_configs" in each)
    said = {**slack, "api_url": slack_url} if slack_url else None
    config["receivers"] = [_posting(receiver, receiver_url, said)
                           for receiver in config["receivers"]]
    return config


def _posting(receiver, url, slack):
    """One of the same name in its place, which tells of ends if it does."""
    tells = {"send_resolved": tells_the_end(receiver)}
    said = {"slack_configs": [{**slack, **tells}]} if slack else {}
    return {"name": receiver["name"], "webhook_configs": [{"url": url, **tells}], **said}


def tells_the_end(receiver):
    return any(one["send_resolved"] for kind, configs in receiver.items() if kind != "name"
               for one in configs)


def _hasten(route, faster):
    for key in set(_WAITS) & route.keys():
        number, unit = re.fullmatch(r"(\d+)(ms|[smhd])", route[key]).groups()
        milliseconds = round(int(number) * _SECONDS[unit] * 1000 / faster)
        route[key] = f"{max(milliseconds, _LEAST_MS)}ms"
    for below in route.get("routes", []):
        _hasten(below, faster)
