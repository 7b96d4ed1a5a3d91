"""A Grafana that shows our dashboards over one Prometheus, where grafana-server is installed."""

import json
import pathlib
import shutil

from support.web_program import WebProgram, find_program

_HOMES = ("/usr/share/grafana", "/usr/local/share/grafana", "/opt/grafana")


class Grafana(WebProgram):
    """Everybody may look without logging in; it listens on loopback only."""

    NAMES = ("grafana-server",)
    READY = "/api/health"

    def __init__(self, prometheus_url, dashboards):
        super().__init__()
        self._prometheus_url = prometheus_url
        self._dashboards = pathlib.Path(dashboards)

    @staticmethod
    def is_installed():
        return find_program(*Grafana.NAMES) is not None

    def prepare(self):
        provisioning = self.folder / "provisioning"
        for name in ("datasources", "dashboards"):
            (provisioning / name).mkdir(parents=True, exist_ok=True)
        shown = self.folder / "dashboards"
        shown.mkdir(exist_ok=True)
        for path in self._dashboards.glob("*.json"):  # not what is below: it is for import by hand
            shutil.copy(path, shown)
        self._write(provisioning / "datasources" / "prometheus.yaml", {
            "apiVersion": 1, "datasources": [
                {"name": "Prometheus", "uid": "prometheus", "type": "prometheus",
                 "access": "proxy", "url": self._prometheus_url, "isDefault": True,
                 "jsonData": {"timeInterval": "1s"}}]})
        self._write(provisioning / "dashboards" / "backlogd.yaml", {
            "apiVersion": 1, "providers": [
                {"name": "backlogd", "type": "file",
                 "options": {"path": str(self.folder / "dashboards")}}]})
        port = self.address.rsplit(":", 1)[1]
        (self.folder / "grafana.ini").write_text(
            f"[server]\nhttp_addr = 127.0.0.1\nhttp_port = {port}\n"
            f"[paths]\ndata = {self.folder}/data\nlogs = {self.folder}/data/log\n"
            f"plugins = {self.folder}/data/plugins\nprovisioning = {provisioning}\n"
            "[auth.anonymous]\nenabled = true\norg_role = Viewer\n"
            "[analytics]\nreporting_enabled = false\ncheck_for_updates = false\n")

    def arguments(self):
        home = next((path for path in _HOMES if pathlib.Path(path).is_dir()), None)
        return [f"--config={self.folder}/grafana.ini",
                *([f"--homepath={home}"] if home else [])]

    @staticmethod
    def _write(path, content):
        path.write_text(json.dumps(content))  # JSON is YAML
