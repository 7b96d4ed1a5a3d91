"""A Kafka broker that demands what a production cluster demands: TLS, client certificates, SASL
with four mechanisms, and ACLs. A token endpoint for OAUTHBEARER comes with it.

    with SecuredKafka() as kafka:
        kafka.cluster("sasl", "SCRAM-SHA-512")   # a cluster of the daemon's configuration

Its plain listener belongs to the tests' own driver, which may do everything.
"""

import base64
import contextlib
import json
import socket
import time

from support import planted
from support.certificates import Certificates
from support.kafka_cluster import KafkaCluster
from support.processes import ReservedPort
from support.servers import WebHandler, WebServer

USER = "monitor"  # may do everything
LEAST = "least"  # may do what the ACLs say
PASSWORD = planted.KAFKA_PASSWORD
CLIENT_SECRET = planted.CLIENT_SECRET
# Listener -> the protocol that it speaks.
_LISTENERS = {"TLS": "SSL", "MTLS": "SSL", "EXPIRED": "SSL", "SASL": "SASL_SSL"}
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


class SecuredKafka:
    """One node. `kafka` is the KafkaCluster, `certificates` its Certificates, and
    `token_endpoint` a TokenEndpoint."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._ports = {}

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self):
        self.certificates = self._stack.enter_context(Certificates())
        for authority in ("ca", "stranger"):
            self.certificates.authority(authority)
        self.certificates.certificate("broker", "ca")
        self.certificates.certificate("expired", "ca", expired=True)
        self.certificates.certificate(USER, "ca")
        self.certificates.certificate("nobody", "stranger")
        self.token_endpoint = self._stack.enter_context(TokenEndpoint())
        for listener in _LISTENERS:
            self._ports[listener] = ReservedPort()
            self._stack.callback(self._ports[listener].close)
        scram = [f"--add-scram={mechanism}=[name={user},password={PASSWORD}]"
                 for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512") for user in (USER, LEAST)]
        self.kafka = self._stack.enter_context(
            KafkaCluster(settings=self._settings, format_arguments=scram))

    def address(self, listener):
        return f"127.0.0.1:{self._ports[listener.upper()].number}"

    def cluster(self, name, listener, properties, files=None):
        """A cluster of the daemon's configuration."""
        return {"name": name, "bootstrap_servers": self.address(listener),
                "properties": properties, "property_files": files or {}}

    def tls(self, authority="ca"):
        """The properties of a client that trusts an authority."""
        return {"security.protocol": "SSL",
                "ssl.ca.location": str(self.certificates.path(f"{authority}.pem"))}

    def sasl(self, mechanism, user=USER):
        """The properties of a client without its password."""
        return {**self.tls(), "security.protocol": "SASL_SSL", "sasl.mechanism": mechanism,
                "sasl.username": user}

    def oauth(self, endpoint=None):
        """The properties of a client without its secret."""
        return {**self.tls(), "security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER",
                "sasl.oauthbearer.method": "oidc",
                "sasl.oauthbearer.client.id": USER,
                "sasl.oauthbearer.token.endpoint.url": endpoint or self.token_endpoint.url}

    def _settings(self, node):
        listeners = {"PLAINTEXT": node.address}
        listeners.update((name, self.address(name)) for name in _LISTENERS)
        protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **_LISTENERS}
        advertised = _joined(f"{name}://{address}" for name, address in listeners.items())
        return {
            "listeners": f"{advertised},CONTROLLER://{node.controller_address}",
            "advertised.listeners": advertised,
            "listener.security.protocol.map":
                _joined(f"{name}:{protocol}" for name, protocol in protocols.items()),
            "authorizer.class.name": _AUTHORIZER,
            "super.users": f"User:ANONYMOUS;User:{USER};User:CN={USER}",
            "connections.max.reauth.ms": 5000,
            "listener.name.mtls.ssl.client.auth": "required",
            **self._keystores(),
            **self._mechanisms(),
        }

    def _keystores(self):
        settings = {}
        for listener in _LISTENERS:
            prefix = f"listener.name.{listener.lower()}.ssl"
            holder = "expired" if listener == "EXPIRED" else "broker"
            for store, file in (("keystore", f"{holder}.both.pem"), ("truststore", "ca.pem")):
                settings[f"{prefix}.{store}.type"] = "PEM"
                settings[f"{prefix}.{store}.location"] = self.certificates.path(file)
        return settings

    @staticmethod
    def _mechanisms():
        users = " ".join(f'user_{user}="{PASSWORD}"' for user in (USER, LEAST))
        modules = {"plain": f"{_PLAIN} required {users};",
                   "scram-sha-256": f"{_SCRAM} required;",
                   "scram-sha-512": f"{_SCRAM} required;",
                   "oauthbearer": f"{_OAUTH} required unsecuredLoginStringClaim_sub=\"broker\";"}
        settings = {f"listener.name.sasl.{mechanism}.sasl.jaas.config": module
                    for mechanism, module in modules.items()}
        enabled = _joined(mechanism.upper() for mechanism in modules)
        return {**settings, "sasl.enabled.mechanisms": enabled}


class _TokenHandler(WebHandler):
    def do_POST(self):
        self.body()
        known = base64.b64encode(f"{USER}:{CLIENT_SECRET}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self.answer(401, json.dumps({"error": "invalid_client"}).encode())
            return
        endpoint = self.server.owner
        endpoint.tokens += 1
        self.answer(200, json.dumps({
            "access_token": _token(endpoint.SECONDS), "token_type": "Bearer",
            "expires_in": endpoint.SECONDS}).encode())


class TokenEndpoint(WebServer):
    """Gives tokens to who knows CLIENT_SECRET, as an identity provider does; `url` is where, and
    `tokens` how many it gave. The tokens are not signed: the broker is set up to take that."""

    SECONDS = 10  # that a token is good for

    def __init__(self, port=0):
        super().__init__(_TokenHandler, ("127.0.0.1", port))
        self.tokens = 0

    @property
    def url(self):
        return f"{super().url}token"


class SilentEndpoint:
    """A token endpoint that accepts and does not answer."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/token"
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Hangs up on all who wait. May be called twice."""
        self._listener.close()


def _token(seconds):
    now = int(time.time())
    parts = [{"alg": "none"}, {"sub": USER, "iat": now, "exp": now + seconds, "scope": "kafka",
                              "claim": planted.TOKEN_CLAIM}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in parts]
    return ".".join([*coded, ""])


def _joined(parts):
    return ",".join(parts)
