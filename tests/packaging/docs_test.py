"""docs/packaging.md: its commands are run here, or by a test that is named here."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
BUILD = os.environ["BACKLOGD_BUILD_DIR"]
# Begin of a command, and what proves it. Those that need what a test has not are proved elsewhere.
ELSEWHERE = {
    "scripts/setup --for build": ".ci/run",
    "cmake --preset release": "scripts/check-dockerfile",
    "cmake --build --preset release": "scripts/check-dockerfile",
    "cpack --config": "package_test.py",
    "apt-get install ./build/package/backlogd_": "scripts/check-package",
    "systemctl restart backlogd": "scripts/check-package, without systemd",
    "journalctl --unit=backlogd": "nothing of ours",
    "systemd-analyze security backlogd.service": "service_test.py",
    "docker build -t backlogd .": "scripts/check-dockerfile",
    "docker run --rm": "scripts/check-dockerfile",
    "helm upgrade --install backlogd deploy/helm/backlogd": "chart_test.py",
}


def commands():
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        yield from block.strip().splitlines()


class Commands(unittest.TestCase):
    def test_each_is_proved_here_or_elsewhere(self):
        found, used = 0, set()
        for command in commands():
            begin = next((begin for begin in ELSEWHERE if command.startswith(begin)), None)
            if begin:
                used.add(begin)
            elif command.startswith("backlogd --check-config"):
                found += 1
                self.check_config(command)
            elif command.startswith("cmake --install build/release --prefix /opt/backlogd"):
                found += 1
                self.install(command)
            else:
                self.fail(f"no test runs: {command}")
        self.assertEqual((found, used), (2, set(ELSEWHERE)))

    def check_config(self, command):
        command = command.replace("backlogd ", os.environ["BACKLOGD_BINARY"] + " ", 1)
        command = command.replace("/etc/backlogd", str(ROOT / "deploy/systemd"))
        subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)

    def install(self, command):
        with tempfile.TemporaryDirectory() as folder:
            command = command.replace("build/release", BUILD).replace("/opt", folder)
            subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)
            program = pathlib.Path(folder) / "backlogd" / "bin" / "backlogd"
            subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)
            self.assertTrue((program.parents[1] / "etc/backlogd/backlogd.yaml").is_file())

    def test_flags_of_docker_and_the_programs_are_those_that_exist(self):
        known = subprocess.run([os.environ["BACKLOGD_BINARY"], "--help"], capture_output=True,
                               text=True, check=True).stdout
        for flag in re.findall(r"backlogd (--[\w.-]+)=", TEXT):
            self.assertIn(flag, known)


class Claims(unittest.TestCase):
    def test_examples_of_the_chart_are_all_named(self):
        named = set(re.findall(r"`([a-z]+-values\.yaml)`", TEXT))
        self.assertEqual(named, {path.name for path in
                                 (ROOT / "deploy/helm/backlogd/ci").glob("*.yaml")})

    def test_credentials_are_where_the_unit_puts_them(self):
        unit = (ROOT / "deploy/systemd/backlogd.service").read_text(encoding="utf-8")
        folder = re.search(r"(?m)^LoadCredential=(\w+):", unit)[1]
        self.assertIn(f"/run/credentials/backlogd.service/{folder}_kafka-password", TEXT)


if __name__ == "__main__":
    unittest.main()
