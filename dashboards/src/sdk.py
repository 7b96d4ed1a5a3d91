"""Makes grafana-foundation-sdk importable: that which scripts/setup put into the cache, of exactly
the version in requirements.txt, since another one may write other JSON."""

import os
import pathlib
import re
import sys

_REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def folder():
    """Where scripts/lib/dashboard_sdk.sh puts it."""
    version = re.search(r"==(\S+)", _REQUIREMENTS.read_text(encoding="utf-8"))[1]
    cache = os.environ.get("BACKLOGD_CACHE")
    if not cache:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        cache = os.path.join(home, "backlogd")
    return pathlib.Path(cache, "dashboard-sdk-" + version.replace("!", "-"))


def provide():
    """Raises RuntimeError when it is not there."""
    if not (folder() / "grafana_foundation_sdk").is_dir():
        raise RuntimeError(f"no grafana-foundation-sdk in {folder()}: run scripts/setup --for unit")
    if str(folder()) not in sys.path:
        sys.path.insert(0, str(folder()))
