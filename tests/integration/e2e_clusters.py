"""Troubles of whole clusters: brokers lost, questions refused, a broker that hangs now and then, a
password changed. Each has a cluster of its own, next to the one of the stories, watched by the same
daemon."""

from support import planted
from support.kafka_cluster import KafkaCluster
from support.kafka_driver import KafkaDriver
from support.locked_cluster import LockedCluster
from support.story_teller import CLUSTER

TRIO = "trio"
VAULT = "vault"
_LOST = 3
_PASSWORD = planted.KAFKA_PASSWORD
# A broker that comes back is found soon.
_PROPERTIES = {"reconnect.backoff.max.ms": "500"}
# {story: (cluster, {alert: words of its description})}
WORDS = {
    "broker-lost": (TRIO, {
        "BacklogdPartitionsWithoutLeader": r"Cluster trio has \d+ partitions? without a leader",
        "BacklogdPartitionsUnderReplicated": r"Cluster trio has \d+ partitions? with fewer in-sync",
        "BacklogdBrokerLimits": r"In cluster trio 1 consumer group cannot keep up because partitions",
        "BacklogdLagUnknown": r"In 1 partition the lag of group customs\.desk-\d of cluster trio",
    }),
    "question-refused": (CLUSTER, {
        "BacklogdPollRefused": r"Cluster demo left about \d.* \(reason unauthorized\)",
    }),
    "flapping": (VAULT, {
        "BacklogdPollFailing": r"Only \d.*% of the polls of cluster vault by an instance",
    }),
    "password-changed": (VAULT, {
        "BacklogdAuthenticationFailing": r"Cluster vault refused backlogd's credentials about \d",
        "BacklogdDataStale": r"Nothing has been read from cluster vault for \d",
    }),
}


class Clusters:
    """All of them. What is refused is refused by the stories' cluster, which `load` knows."""

    def __init__(self, stack, load):
        self._load = load
        self._trio = stack.enter_context(KafkaCluster(nodes=3))
        self._vault = stack.enter_context(LockedCluster(_PASSWORD))
        self._driver = stack.enter_context(
            KafkaDriver(self._trio.jars, self._trio.bootstrap_servers))
        self._group = None
        self._flapping = self._hangs = False
        self._prepare()

    def configuration(self):
        return [{"name": TRIO, "bootstrap_servers": self._trio.bootstrap_servers,
                 "properties": _PROPERTIES},
                {"name": VAULT, "bootstrap_servers": self._vault.bootstrap_servers,
                 "properties": {**_PROPERTIES, **self._vault.client_settings(_PASSWORD)}}]

    def _prepare(self):
        """The second partition of "customs" loses its only replica. Its group has read all."""
        self._driver.create_topics([
            {"name": "customs", "replicas": [[1], [_LOST]]},
            {"name": "shipments", "replicas": [[1, _LOST], [2, _LOST]]}])
        self._driver.produce([("customs", 0, 10), ("customs", 1, 10)])
        self._load.do(lambda kafka: kafka.create_topic("sealed"))
        for number in range(9):  # until one is not lost with the broker
            self._group = f"customs.desk-{number}"
            self._driver.commit(self._group, [("customs", 0, 10), ("customs", 1, 10)])
            if self._driver.describe_group(self._group)["coordinator"] != _LOST:
                break
            self._driver.delete_groups([self._group])

    def begin_trouble(self):
        self._flapping = True
        self._load.do(lambda kafka: kafka.permit_only("sealed", ["WRITE"]))
        self._trio.stop(_LOST)
        # Its group has work now, and nobody does it.
        self._driver.produce([("customs", 0, 500)])

    def go_on(self, scrape, is_told):
        """The broker that hangs does so until a poll has failed, goes on until one has not, and so
        on, until that is told. Its password is changed then."""
        if not self._flapping:
            return
        up = scrape().value("backlogd_up", kafka_cluster=VAULT)
        if is_told("BacklogdPollFailing", VAULT):
            self._flapping = False
            self._vault.resume(1)
            self._vault.change_password(planted.NEW_KAFKA_PASSWORD)
        elif self._hangs and up == 0:
            self._vault.resume(1)
            self._hangs = False
        elif not self._hangs and up == 1:
            self._vault.pause(1)
            self._hangs = True

    def begin_cure(self):
        self._vault.change_password(_PASSWORD)
        self._trio.nodes[_LOST].start()
        self._load.do(lambda kafka: kafka.permit_only("sealed", ["ALL"]))
        self._driver.commit(self._group, [("customs", 0, 510)])
