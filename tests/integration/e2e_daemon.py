"""Troubles of the daemon itself: a configuration that is wrong, and more series than it may have."""

import os
import re
import signal

from support.story_teller import CLUSTER

WORDS = {
    "configuration-broken": (None, {
        "BacklogdReloadFailed": r"last attempt of an instance of backlogd to load its configuration",
    }),
}
OVER_BUDGET = {
    "over-budget": (CLUSTER, {
        "BacklogdSeriesMany": rf"leaves about \d.* series of cluster {CLUSTER} out of its page",
    }),
}
# Not counted by the budget.
_OF_ITSELF = re.compile(r"backlogd_(poll|kafka_request|config|build|series|up|carried)|process_")


class DaemonTroubles:
    """What it is told by SIGHUP. `configuration`: its own, which it started with."""

    def __init__(self, daemon, configuration):
        self._daemon = daemon
        self._configuration = configuration

    def break_configuration(self):
        self._reload("clusters: [")

    def mend_configuration(self):
        self._reload(self._configuration)

    def narrow_budget(self):
        """To less than what is on the page of the stories' cluster, which has the most."""
        page = self._daemon.scrape()
        count = sum(len(page.series(name, kafka_cluster=CLUSTER))
                    for name in page.families if not _OF_ITSELF.match(name))
        self._reload({**self._configuration, "metrics": {"series_budget": count - 1}})

    def _reload(self, configuration):
        self._daemon.configure(configuration)
        os.kill(self._daemon.pid, signal.SIGHUP)
