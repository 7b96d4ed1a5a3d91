"""docs/packaging.md: what it says is so."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from support import doc_commands, emissions, planted
from support.backlogd import Backlogd
from support.certificates import Certificates

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
BUILD = os.environ["BACKLOGD_BUILD_DIR"]
# A password among the words of a command, where every user of the machine can read it.
SECRET_WORD = re.compile(r"(?:\s-u|--user)[ =]\S+:\S|\w+://[^\s/:]+:[^\s/@]+@"
                         r"|--[\w.-]*(?:password|passphrase|secret|token)[\w.-]*[= ]\S")


class Commands(unittest.TestCase):
    """The one that is proved here; see docs/commands.md for the others."""

    def test_installs_below_any_prefix(self):
        command, = (one for one in doc_commands.commands(TEXT) if one.startswith("cmake --install"))
        with tempfile.TemporaryDirectory() as folder:
            command = command.replace("build/release", BUILD).replace("/opt", folder)
            subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)
            program = pathlib.Path(folder) / "backlogd" / "bin" / "backlogd"
            emissions.keep_run(subprocess.run([program, "--version"], check=True,
                                              capture_output=True))
            self.assertTrue((program.parents[1] / "etc/backlogd/backlogd.yaml").is_file())


class HealthChecks(unittest.TestCase):
    """The commands that take the place of the image's HEALTHCHECK, as Docker runs them."""

    @classmethod
    def setUpClass(cls):
        cls.made = cls.enterClassContext(Certificates())
        cls.made.authority("ca")
        cls.made.certificate("server", signed_by="ca")
        runs = [shlex.split(one) for one in doc_commands.commands(TEXT)
                if one.startswith("docker run") and "--health-cmd=" in one]
        cls.checks = [(next(word for word in words if word.startswith("--health-cmd="))[13:],
                       [word for word in words if word == "--web.open-probes"]) for words in runs]

    def test_pass_with_tls_and_a_password_and_with_client_certificates(self):
        users = {"basic_auth_users": {"prometheus": planted.WEB_PASSWORD_HASH}}
        mutual = {"client_ca_file": "ca.pem", "client_auth_type": "RequireAndVerifyClientCert"}
        for (check, flags), web in zip(self.checks, (
                {**users, "tls_server_config": self.tls()},
                {"tls_server_config": self.tls(**mutual)}), strict=True):
            with self.subTest(check), self.daemon(web, flags) as address:
                self.assertEqual(self.run_check(check, address), 0)

    def test_the_image_has_what_they_call(self):
        image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        self.assertRegex(image.split("AS runtime")[1], r"\bopenssl\b")

    def test_fail_when_nobody_listens(self):
        for check, _ in self.checks:
            with self.subTest(check):
                self.assertNotEqual(self.run_check(check, "127.0.0.1:1"), 0)

    def test_that_of_tls_wants_a_good_answer(self):
        check, _ = self.checks[0]
        with self.daemon({"basic_auth_users": {"prometheus": planted.WEB_PASSWORD_HASH},
                          "tls_server_config": self.tls()}, []) as address:
            self.assertNotEqual(self.run_check(check, address), 0)

    def tls(self, **others):
        return {"cert_file": "server.pem", "key_file": "server.key", **others}

    @contextlib.contextmanager
    def daemon(self, web, flags):
        """The address of one with this web configuration."""
        file = self.made.path("web.json")  # JSON is YAML
        file.write_text(json.dumps(web), encoding="utf-8")
        config = {"clusters": [{"bootstrap_servers": "127.0.0.1:1"}]}
        with Backlogd(config, [f"--web.config.file={file}", *flags]) as daemon:
            yield daemon.address

    @staticmethod
    def run_check(check, address):
        host, port = address.split(":")
        here = re.sub(r"127\.0\.0\.1([:/])12092", rf"{host}\g<1>{port}", check)
        return subprocess.run(["sh", "-c", here], capture_output=True, check=False,
                              timeout=30).returncode


class Secrets(unittest.TestCase):
    def test_no_command_of_the_documentation_has_one_in_it(self):
        texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.y*ml"),
                 *ROOT.glob("config/*"), *ROOT.glob("deploy/**/*.service")]
        self.assertGreater(len(texts), 40)
        for text in texts:
            for line in text.read_text(encoding="utf-8").splitlines():
                self.assertNotRegex(line, SECRET_WORD, text)

    def test_one_would_be_found(self):
        for line in ("curl -u bob:word http://x", "a --kafka.password=word", "http://bob:word@x/"):
            self.assertRegex(line, SECRET_WORD)


class Claims(unittest.TestCase):
    def test_the_size_of_the_image_is_said_where_it_is_checked(self):
        """By scripts/check-dockerfile, which is no part of the tests."""
        script = (ROOT / "scripts" / "check-dockerfile").read_text(encoding="utf-8")
        pattern, = re.findall(r'stated = int\(re\.search\(r"(.*?)"', script)
        self.assertEqual(len(re.findall(pattern, TEXT)), 1)

    def test_examples_of_the_chart_are_all_named(self):
        named = set(re.findall(r"`([a-z]+-values\.yaml)`", TEXT))
        self.assertEqual(named, {path.name for path in
                                 (ROOT / "deploy/helm/backlogd/ci").glob("*.yaml")})

    def test_credentials_are_where_the_unit_puts_them(self):
        unit = (ROOT / "deploy/systemd/backlogd.service").read_text(encoding="utf-8")
        folder = re.search(r"(?m)^LoadCredential=(\w+):", unit)[1]
        self.assertIn(f"/run/credentials/backlogd.service/{folder}_kafka-password", TEXT)
        named = re.findall(r"/run/credentials/backlogd\.service/(\w+)_", TEXT)
        self.assertEqual(set(named), {folder})

    def test_who_is_told_that_files_are_read_again_is_told_of_the_credentials_that_are_not(self):
        # systemd copies them when it starts the service.
        for page in ("packaging", "security", "kafka-access", "troubleshooting", "operations",
                     "runbooks/BacklogdAuthenticationFailing",
                     "runbooks/BacklogdAuthenticationFailing.zh-CN"):
            text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
            self.assertTrue("`systemctl restart backlogd`" in text, page)

    def test_kerberos_is_said_to_need_what_neither_package_nor_image_brings(self):
        packages = ("libsasl2-modules-gssapi-mit", "krb5-user")
        for page in ("migration", "kafka-access", "packaging"):
            text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
            for package in packages:
                self.assertTrue(f"`{package}`" in text, f"{page}: {package}")
        cmake = (ROOT / "cmake/Installation.cmake").read_text(encoding="utf-8")
        suggested = re.search(r'CPACK_DEBIAN_PACKAGE_SUGGESTS\s+"(.*)"', cmake)[1].split(", ")
        self.assertLessEqual(set(packages), set(suggested))
        image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        for package in packages:  # if it comes to have them, the pages above are wrong
            self.assertNotIn(package, image)

    def test_a_web_configuration_and_its_key_can_be_credentials(self):
        example = re.search(r"```yaml\n(# /etc/backlogd/credentials/web\.yml.*?)```", TEXT,
                            re.DOTALL)[1]
        with Certificates() as made, tempfile.TemporaryDirectory() as folder:
            made.authority("ca")
            made.certificate("server", signed_by="ca")
            place = pathlib.Path(folder)
            (place / "credentials_web.yml").write_text(example, encoding="utf-8")
            for name, file in (("web.crt", "server.pem"), ("web.key", "server.key")):
                (place / f"credentials_{name}").write_bytes(made.path(file).read_bytes())
            flag = re.search(r"--web\.config\.file=/run/credentials/backlogd\.service/\S+(?=\")",
                             TEXT)[0]
            said = emissions.keep_run(subprocess.run(
                [os.environ["BACKLOGD_BINARY"], "--check-config",
                 flag.replace("/run/credentials/backlogd.service", folder)],
                capture_output=True, text=True, check=False))
            self.assertEqual(said.returncode, 0, said.stderr)


if __name__ == "__main__":
    unittest.main()
