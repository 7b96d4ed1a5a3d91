"""An Alertmanager that sends every notification to one address, at once."""

import json

from support.web_program import WebProgram


class Alertmanager(WebProgram):
    """`receiver` is the URL that notifications are posted to."""

    NAMES = ("prometheus-alertmanager", "alertmanager")

    def __init__(self, receiver):
        super().__init__()
        self._receiver = receiver

    def prepare(self):
        config = {
            # One notification for one trouble, and another one when it is over.
            "route": {"receiver": "demo", "group_by": ["..."], "group_wait": "1s",
                      "group_interval": "1s", "repeat_interval": "24h"},
            "receivers": [{"name": "demo", "webhook_configs": [
                {"url": self._receiver, "send_resolved": True}]}],
        }
        (self.folder / "alertmanager.yml").write_text(json.dumps(config))  # JSON is YAML

    def arguments(self):
        return [f"--config.file={self.folder}/alertmanager.yml",
                f"--storage.path={self.folder}/data",
                f"--web.listen-address={self.address}",
                "--cluster.listen-address="]  # alone
