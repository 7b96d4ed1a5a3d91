"""Writes the dashboards: for provisioning into dashboards/, for import by hand into
dashboards/import/."""

import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import sdk  # noqa: E402

_FOLDER = pathlib.Path(__file__).resolve().parent.parent
_INPUT = "DS_PROMETHEUS"
_LEAST_GRAFANA = "10.0.0"
_NAMES = {"heatmap": "Heatmap", "state-timeline": "State timeline",
          "stat": "Stat", "table": "Table", "timeseries": "Time series"}


def _boards():
    sdk.provide()
    import dead_letters
    import exporter
    import frame
    import group
    import overview
    import topic
    return [frame.to_json(module.build())
            for module in (overview, group, topic, dead_letters, exporter)]


def _to_import(content):
    """Whoever imports it is asked for the data source, which the variable then begins with."""
    types = sorted({panel["type"] for panel in content["panels"]} - {"row"})
    copy = json.loads(json.dumps(content))
    for variable in copy["templating"]["list"]:
        if variable["type"] == "datasource":
            variable["current"] = {"selected": True, "text": f"${{{_INPUT}}}",
                                   "value": f"${{{_INPUT}}}"}
    return {
        "__inputs": [{"name": _INPUT, "label": "Prometheus", "description": "",
                      "type": "datasource", "pluginId": "prometheus",
                      "pluginName": "Prometheus"}],
        "__elements": {},
        "__requires": [
            {"type": "grafana", "id": "grafana", "name": "Grafana", "version": _LEAST_GRAFANA},
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
            *({"type": "panel", "id": each, "name": _NAMES[each], "version": ""}
              for each in types)],
        **copy}


def files():
    """{path below dashboards/: text}"""
    written = {}
    for content in _boards():
        name = f"{content['uid']}.json"
        for path, each in ((name, content), (f"import/{name}", _to_import(content))):
            written[path] = json.dumps(each, indent=2, ensure_ascii=False) + "\n"
    return written


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=pathlib.Path, default=_FOLDER, metavar="FOLDER")
    into = parser.parse_args().into
    for path, text in files().items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, encoding="utf-8")
        print(into / path)


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(f"generate.py: {error}")
