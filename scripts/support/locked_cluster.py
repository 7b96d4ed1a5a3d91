"""A Kafka cluster that asks for a password, which can be changed."""

from support.kafka_cluster import KafkaCluster


class LockedCluster(KafkaCluster):
    """One node that lets in the user "backlogd" alone, who has the password that is set."""

    USER = "backlogd"

    def __init__(self, password):
        super().__init__()
        self._password = password

    def change_password(self, password):
        """Restarts the node, and does not wait for it."""
        self._password = password
        node = self.nodes[1]
        node.stop()
        self._configure(node)
        node.start()

    def client_settings(self, password):
        return {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
                "sasl.username": self.USER, "sasl.password": password}

    def _properties(self, node):
        listener = f"SASL_PLAINTEXT://{node.address}"
        users = {"broker": "itself", self.USER: self._password}
        known = " ".join(f'user_{user}="{password}"' for user, password in users.items())
        return {
            **super()._properties(node),
            "listeners": f"{listener},CONTROLLER://{node.controller_address}",
            "advertised.listeners": listener,
            "listener.security.protocol.map":
                "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
            "security.inter.broker.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config":
                "org.apache.kafka.common.security.plain.PlainLoginModule required "
                f'username="broker" password="itself" {known};',
        }
