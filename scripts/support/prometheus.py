"""A Prometheus that scrapes one backlogd each second and evaluates rules as often."""

import json
import urllib.parse

from support.web_program import WebProgram

SCRAPE_SECONDS = 1


class Prometheus(WebProgram):
    """`rules` is the text of a file of rules; `alertmanagers` are host:port."""

    NAMES = ("prometheus",)

    def __init__(self, backlogd, rules, alertmanagers):
        super().__init__()
        self._backlogd = backlogd
        self._rules = rules
        self._alertmanagers = alertmanagers

    def prepare(self):
        (self.folder / "rules.yaml").write_text(self._rules)
        interval = f"{SCRAPE_SECONDS}s"
        config = {
            "global": {"scrape_interval": interval, "scrape_timeout": interval,
                       "evaluation_interval": interval},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [
                {"static_configs": [{"targets": self._alertmanagers}]}]},
            "scrape_configs": [{"job_name": "backlogd",
                                "static_configs": [{"targets": [self._backlogd]}]}],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML

    def arguments(self):
        return [f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/data",
                "--rules.alert.resend-delay=1s",  # Alertmanager may have started later
                f"--web.listen-address={self.address}"]

    def query(self, expression):
        """What it answers now: [(labels, value), ...]."""
        body = self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return [(row["metric"], float(row["value"][1]))
                for row in json.loads(body)["data"]["result"]]
