"""Who may read: TLS, client certificates, users, by a web configuration. Needs no Kafka."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from support import emissions, planted
from support.backlogd import Backlogd, run
from support.processes import wait_until

_SOURCE = pathlib.Path(os.environ["BACKLOGD_SOURCE_DIR"])
_PASSWORD = planted.WEB_PASSWORD
_WRONG = planted.WRONG_WEB_PASSWORD
_HASH = planted.WEB_PASSWORD_HASH
_BAD_HASH = _HASH[:-1]


def openssl(*arguments, folder):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True,
                   timeout=60, stdin=subprocess.DEVNULL)


def make_authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt",
            folder=folder)


def make_certificate(folder, name, authority, names="DNS:localhost,IP:127.0.0.1",
                     purpose="serverAuth"):
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr", folder=folder)
    (folder / "extensions").write_text(f"subjectAltName={names}\nextendedKeyUsage={purpose}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey",
            f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions",
            "-out", f"{name}.crt", folder=folder)
    emissions.plant_key(folder / f"{name}.key")


class WebSecurity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-web-"))
        cls.addClassCleanup(shutil.rmtree, cls.certificates)
        make_authority(cls.certificates, "ca")
        make_authority(cls.certificates, "other")
        make_certificate(cls.certificates, "server", "ca")
        make_certificate(cls.certificates, "next", "ca", "DNS:next,IP:127.0.0.1")
        make_certificate(cls.certificates, "client", "ca", "DNS:prometheus.example", "clientAuth")
        make_certificate(cls.certificates, "stranger", "other", "DNS:prometheus.example",
                         "clientAuth")
        make_certificate(cls.certificates, "elsewhere", "ca", "DNS:elsewhere.example",
                         "clientAuth")
        make_certificate(cls.certificates, "no_client", "ca", "DNS:prometheus.example")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-web-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for file in self.certificates.iterdir():
            shutil.copy(file, self.folder)
        self.file = self.folder / "web.yml"

    def write(self, config):
        """Replaces the file as an editor does, in one step."""
        new = self.folder / "web.yml.new"
        new.write_text(config if isinstance(config, str) else json.dumps(config))
        new.rename(self.file)

    def serve(self, config, *arguments):
        self.write(config)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            kafka = f"127.0.0.1:{unused.getsockname()[1]}"
        daemon = Backlogd({"clusters": [{"bootstrap_servers": kafka}]},
                          [f"--web.config.file={self.file}", *arguments])
        daemon.login = f"bob:{_PASSWORD}"
        daemon.tls = self.context("client") if "tls_server_config" in config else None
        return daemon

    def tls(self, **more):
        return {"cert_file": "server.crt", "key_file": "server.key", **more}

    def context(self, client=None, version=None):
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        if version:
            context.minimum_version = context.maximum_version = version
        if client:
            context.load_cert_chain(self.folder / f"{client}.crt", self.folder / f"{client}.key")
        return context

    def ask(self, daemon, path="/metrics", login=None, tls=None):
        host, port = daemon.address.rsplit(":", 1)
        connection = (http.client.HTTPSConnection(host, int(port), timeout=20, context=tls)
                      if tls else http.client.HTTPConnection(host, int(port), timeout=20))
        headers = {}
        if login:
            headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.body = response.read()
            emissions.keep_answer(response.getheaders(), response.body)
            return response
        finally:
            connection.close()

    def status(self, daemon, *arguments, **more):
        return self.ask(daemon, *arguments, **more).status

    def refuses(self, daemon, tls):
        """True if the client is not let in."""
        try:
            self.ask(daemon, tls=tls)
        except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
            return True
        return False

    # Users

    def test_only_users_read(self):
        with self.serve({"basic_auth_users": {"alice@example.com": _HASH, "bob": _HASH}}) as daemon:
            cases = [(None, 401), (f"alice@example.com:{_PASSWORD}", 200),
                     (f"bob:{_PASSWORD}", 200),
                     (f"alice@example.com:{_WRONG}", 401), (f"carol:{_PASSWORD}", 401), (":", 401),
                     ("carol:fakepassword", 401), (f"bob:{_PASSWORD}\0x", 401), ("bob", 401),
                     ("bob:" + "x" * 1000, 401), (f"bob:{_PASSWORD}", 200)]
            for login, expected in cases:
                for path in ("/metrics", "/", "/-/healthy", "/no/such/page"):
                    with self.subTest(login, path=path):
                        status = self.status(daemon, path, login=login)
                        self.assertEqual(status == 401, expected == 401)
            answer = self.ask(daemon)
            self.assertEqual(answer.getheader("WWW-Authenticate"), "Basic")
            self.assertNotIn(b"backlogd_", answer.body)
            self.assertNotIn(planted.MARKER, daemon.log_text())
            self.assertNotIn("$2y", daemon.log_text())

    def test_probes_open_by_choice(self):
        with self.serve({"basic_auth_users": {"bob": _HASH}}, "--web.open-probes") as daemon:
            self.assertEqual(self.status(daemon, "/-/healthy"), 200)
            self.assertNotEqual(self.status(daemon, "/-/ready"), 401)
            self.assertEqual(self.status(daemon, "/metrics"), 401)
            self.assertEqual(self.status(daemon, "/-/healthy/"), 401)

    def test_many_wrong_logins_do_not_keep_out_who_is_known(self):
        costly = "$2y$12$" + _HASH[7:]
        with self.serve({"basic_auth_users": {"bob": _HASH, "carol": costly}},
                        "--web.open-probes") as daemon:
            self.assertEqual(self.status(daemon, login=f"bob:{_PASSWORD}"), 200)
            seen = []
            attackers = [threading.Thread(target=lambda n=n: seen.append(
                self.status(daemon, login=f"carol:{n}"))) for n in range(40)]
            for attacker in attackers:
                attacker.start()
            seconds = []
            while any(attacker.is_alive() for attacker in attackers):
                answer = daemon.request("/-/healthy")
                self.assertEqual(answer.status, 200)
                seconds.append(answer.seconds)
                self.assertEqual(self.status(daemon, login=f"bob:{_PASSWORD}"), 200)
            for attacker in attackers:
                attacker.join()
            self.assertLessEqual(set(seen), {401, 503})
            self.assertLess(max(seconds), 2)

    # The file

    def test_read_again_when_it_changes(self):
        with self.serve({"basic_auth_users": {"bob": _HASH}}) as daemon:
            self.assertEqual(self.status(daemon, login=f"bob:{_PASSWORD}"), 200)
            self.write({"basic_auth_users": {"carol": _HASH}})
            self.assertEqual(self.status(daemon, login=f"bob:{_PASSWORD}"), 401)
            self.assertEqual(self.status(daemon, login=f"carol:{_PASSWORD}"), 200)
            self.write({"basic_auth_user": {"carol": _HASH}})
            self.assertEqual(self.status(daemon, login=f"carol:{_PASSWORD}"), 500)
            self.assertEqual(self.status(daemon), 500)
            self.assertIn("basic_auth_users?", daemon.log_text())
            self.file.unlink()
            self.assertEqual(self.status(daemon, login=f"carol:{_PASSWORD}"), 500)
            self.write({})
            self.assertEqual(self.status(daemon), 200)
            self.write({"tls_server_config": self.tls()})
            self.assertEqual(self.status(daemon), 500)
            self.assertIn("restart", daemon.log_text())
            self.write({})
            self.assertEqual(self.status(daemon), 200)

    def test_bad_files_are_refused_at_the_start(self):
        key = (self.folder / "server.key").read_text()
        cases = [
            ({"basic_auth_users": {"bob": _BAD_HASH}}, "basic_auth_users.bob: must be a bcrypt"),
            ({"nonsense": {}}, "nonsense: unknown key"),
            ({"tls_server_config": {"cert_file": "server.crt"}}, "key_file: is missing"),
            ({"tls_server_config": self.tls(cert_file="no")}, "its file cannot be read"),
            ({"tls_server_config": {"cert_file": "next.crt", "key_file": "server.key"}},
             "belong to each other"),
            ({"tls_server_config": {"cert_file": "server.crt", "key": planted.KEY_PEM}},
             "cert_file: "),
            ({"tls_server_config": self.tls(client_ca_file="ca.crt")}, "client_auth_type: "),
            ({"tls_server_config": self.tls(client_allowed_sans=["a"])}, "client_allowed_sans: "),
            ({"tls_server_config": self.tls(cipher_suites=["TLS_NONE"])}, "cipher_suites: "),
            ({"tls_server_config": self.tls(curve_preferences=["P0"])}, "curve_preferences: "),
            ({"tls_server_config": self.tls(min_version="TLS13", max_version="TLS12")},
             "min_version: "),
            ({"http_server_config": {"headers": {"Server": "x"}}}, "headers.Server: "),
            ({"http_server_config": {"headers": {"X-Frame-Options": "no"}}}, "must be one of"),
            ({"rate_limit": {"interval": "1s"}}, "rate_limit.burst: "),
        ]
        for config, expected in cases:
            with self.subTest(expected):
                self.write(config)
                for more in ([], ["--check-config"]):
                    done = run(f"--web.config.file={self.file}", "--web.listen-address=127.0.0.1:0",
                               *more)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn(expected, done.stderr)
                    self.assertIn(str(self.file), done.stderr)
                    self.assertNotIn(planted.MARKER, done.stderr)
                    self.assertNotIn(_BAD_HASH[7:], done.stderr)
                    self.assertNotIn(key.split("\n")[1], done.stderr)

    def test_promtool_accepts_the_example_and_so_do_we(self):
        example = _SOURCE / "config/web.yml"
        text = example.read_text()
        # Nor does Debian 12's promtool know client_allowed_sans.
        tls = text.split("#rate_limit")[0].replace("#tls", "tls").replace("#  ", "  ")
        tls = tls.replace("  client_allowed_sans", "  #")
        for config in (text, tls):
            self.write(config.replace("clients.crt", "ca.crt"))
            subprocess.run([os.environ["PROMTOOL"], "check", "web-config", self.file], check=True,
                           capture_output=True, timeout=60)
            self.assertEqual(run(f"--web.config.file={self.file}", "--check-config").returncode, 0)
        with self.serve(example.read_text()) as daemon:
            answer = self.ask(daemon, login="prometheus:change me")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.getheader("X-Frame-Options"), "deny")

    def test_rate_limit(self):
        with self.serve({"rate_limit": {"interval": "1h", "burst": 3}}, "--web.open-probes") as daemon:
            self.assertEqual([self.status(daemon) for _ in range(5)], [200, 200, 200, 429, 429])
            self.assertEqual(self.status(daemon, "/-/healthy"), 200)

    # TLS

    def test_tls_and_a_new_certificate(self):
        with self.serve({"tls_server_config": self.tls()}) as daemon:
            self.assertEqual(self.status(daemon, tls=self.context()), 200)
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                self.ask(daemon)
            before = ssl.get_server_certificate(tuple(daemon.address.rsplit(":", 1)))
            for end in ("crt", "key"):
                (self.folder / f"next.{end}").replace(self.folder / f"server.{end}")
            after = ssl.get_server_certificate(tuple(daemon.address.rsplit(":", 1)))
            self.assertNotEqual(before, after)
            self.assertEqual(self.status(daemon, tls=self.context()), 200)
            (self.folder / "server.key").write_text(planted.KEY_BODY)
            self.assertEqual(self.status(daemon, tls=self.context()), 500)
            self.assertNotIn(planted.MARKER, daemon.log_text())

    def test_versions(self):
        one, two = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
        for least, most, lets_in in (("TLS12", "TLS13", {one, two}), ("TLS13", "TLS13", {two}),
                                     ("TLS12", "TLS12", {one})):
            config = {"tls_server_config": self.tls(min_version=least, max_version=most)}
            with self.subTest(least, most=most), self.serve(config) as daemon:
                self.assertEqual({version for version in (one, two) if not self.refuses(
                    daemon, self.context(version=version))}, lets_in)

    def test_cipher_suites_and_curves(self):
        suites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
        with self.serve({"tls_server_config": self.tls(
                cipher_suites=suites, curve_preferences=["CurveP384"])}) as daemon:
            for cipher, is_refused in (("ECDHE-ECDSA-AES256-GCM-SHA384", False),
                                       ("ECDHE-ECDSA-AES128-GCM-SHA256", True)):
                context = self.context(version=ssl.TLSVersion.TLSv1_2)
                context.set_ciphers(cipher)
                self.assertEqual(self.refuses(daemon, context), is_refused, cipher)
            context = self.context()
            context.set_ecdh_curve("prime256v1")
            self.assertTrue(self.refuses(daemon, context))

    def test_client_certificates(self):
        verify = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.crt"}
        everybody = {None, "client", "stranger", "elsewhere", "no_client"}
        cases = [
            (verify, {"client", "elsewhere"}),
            ({**verify, "client_allowed_sans": ["prometheus.example"]}, {"client"}),
            ({**verify, "client_auth_type": "VerifyClientCertIfGiven"},
             {None, "client", "elsewhere"}),
            ({"client_auth_type": "RequireAnyClientCert"}, everybody - {None}),
            ({"client_auth_type": "RequestClientCert"}, everybody),
            ({}, everybody),
        ]
        for config, lets_in in cases:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                with self.subTest(config, version=version), self.serve(
                        {"tls_server_config": self.tls(**config)}) as daemon:
                    self.assertEqual({client for client in everybody if not self.refuses(
                        daemon, self.context(client, version))}, lets_in)

    def test_curl_with_a_client_certificate_and_a_password(self):
        with self.serve({"tls_server_config": self.tls(
                client_auth_type="RequireAndVerifyClientCert", client_ca_file="ca.crt"),
                "basic_auth_users": {"bob": _HASH}}) as daemon:
            done = subprocess.run(
                ["curl", "-sS", "--noproxy", "*", "--cacert", "ca.crt", "--cert", "client.crt",
                 "--key", "client.key", "-u", f"bob:{_PASSWORD}", "-w", "%{http_code}", "-o",
                 "/dev/null", f"https://{daemon.address}/metrics"],
                cwd=self.folder, capture_output=True, text=True, timeout=60)
            emissions.keep_run(done)
            self.assertEqual(done.stdout, "200", done.stderr)


if __name__ == "__main__":
    unittest.main()
