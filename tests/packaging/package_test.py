"""cmake --install and the Debian package, as cpack makes it of this build. Installing, starting,
upgrading and removing it: scripts/check-package."""

import gzip
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import unittest

import yaml

from support import emissions

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["BACKLOGD_BUILD_DIR"])
VERSION = os.environ["BACKLOGD_VERSION"]
PROGRAMS = ["backlogd", "backlogd-dlq", "backlogd-sim"]


def run(*arguments, **options):
    return emissions.keep_run(subprocess.run([*map(str, arguments)], capture_output=True, text=True,
                                             check=True, **options)).stdout


def pack(folder, **environment):
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", folder,
        env={**os.environ, **environment})
    package, = pathlib.Path(folder).glob("*.deb")
    return package


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        folder = pathlib.Path(cls.scratch.name)
        cls.package = pack(folder / "first", LC_ALL="C", TZ="UTC")
        cls.root, cls.control = folder / "root", folder / "control"
        run("dpkg-deb", "--extract", cls.package, cls.root)
        run("dpkg-deb", "--control", cls.package, cls.control)
        cls.fields = dict(re.findall(r"^([A-Z][\w-]+): (.*)$",
                                     run("dpkg-deb", "--field", cls.package), re.MULTILINE))
        cls.listing = [line.split(None, 5) for line in
                       run("dpkg-deb", "--contents", cls.package).splitlines()]

    def test_has_the_fields_that_dpkg_needs(self):
        self.assertEqual((self.fields["Package"], self.fields["Version"], self.fields["Section"]),
                         ("backlogd", VERSION, "net"))
        self.assertEqual(self.package.name, f"backlogd_{VERSION}_{self.fields['Architecture']}.deb")
        depends = self.fields["Depends"]
        for library in ("libc6", "libmicrohttpd12", "libssl3", "libyaml-cpp", "init-system-helpers"):
            self.assertIn(library, depends)
        self.assertNotIn("rdkafka", depends)  # it is inside
        for program in ("krb5-user", "libsasl2-modules-gssapi-mit"):  # for Kerberos
            self.assertIn(program, self.fields["Suggests"])
        run("dpkg", "--validate-version", VERSION)

    def test_has_everything(self):
        for name in [*(f"usr/bin/{program}" for program in PROGRAMS),
                     *(f"usr/share/man/man1/{program}.1.gz" for program in PROGRAMS),
                     *(f"usr/share/bash-completion/completions/{program}" for program in PROGRAMS),
                     "usr/lib/systemd/system/backlogd.service", "etc/backlogd/backlogd.yaml",
                     "etc/default/backlogd", "usr/share/backlogd/alerts/backlogd.rules.yaml",
                     "usr/share/backlogd/alerts/templates/backlogd.tmpl",
                     "usr/share/backlogd/dashboards/backlogd-overview.json",
                     "usr/share/doc/backlogd/copyright", "usr/share/doc/backlogd/changelog.gz",
                     "usr/share/doc/backlogd/docs/architecture.md"]:
            self.assertTrue((self.root / name).is_file(), name)
        self.assertEqual(list((self.root / "etc/backlogd/credentials").iterdir()), [])

    def test_belongs_to_root_and_only_programs_can_be_run(self):
        for mode, owner, *_, name in self.listing:
            self.assertEqual(owner, "root/root", name)
            if name == "./etc/backlogd/credentials/":
                self.assertEqual(mode, "drwx------")
            elif mode.startswith("d") or name.startswith("./usr/bin/"):
                self.assertEqual(mode[1:], "rwxr-xr-x", name)
            else:
                self.assertEqual(mode, "-rw-r--r--", name)
            self.assertRegex(name, r"^\./((usr|etc)/.*)?$")

    def test_keeps_configuration(self):
        listed = (self.control / "conffiles").read_text(encoding="utf-8").split()
        there = sorted(f"/{path.relative_to(self.root)}"
                       for path in (self.root / "etc").rglob("*") if path.is_file())
        self.assertEqual(sorted(listed), there)

    def test_programs_are_small_and_say_the_version(self):
        for program in PROGRAMS:
            path = self.root / "usr" / "bin" / program
            self.assertNotIn(".debug_info", run("readelf", "--sections", "--wide", path))
            self.assertTrue(run(path, "--version").startswith(f"{program} {VERSION} (revision "))

    def test_configuration_is_good_and_points_at_what_is_there(self):
        path = self.root / "etc/backlogd/backlogd.yaml"
        run(self.root / "usr/bin/backlogd", "--check-config", f"--config.file={path}")
        for name in re.findall(r"/usr/\S+", path.read_text(encoding="utf-8")):
            self.assertTrue((self.root / name.lstrip("/")).is_file(), name)
        yaml.safe_load((self.root / "usr/share/doc/backlogd/examples/backlogd.yaml").read_text())

    def test_unit_is_that_of_the_repository(self):
        self.assertEqual((self.root / "usr/lib/systemd/system/backlogd.service").read_text(),
                         (ROOT / "deploy/systemd/backlogd.service").read_text())

    def test_scripts_of_the_maintainer_are_shell(self):
        for name in ("postinst", "prerm", "postrm"):
            path = self.control / name
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o755)
            run("sh", "-n", path)
            run("shellcheck", "--severity=style", path)

    def test_checksums_are_right(self):
        run("md5sum", "--check", "--quiet", self.control / "md5sums", cwd=self.root)

    def test_compressed_files_have_no_date(self):
        for path in self.root.rglob("*.gz"):
            self.assertEqual(path.read_bytes()[4:8], b"\0\0\0\0", path)
            self.assertTrue(gzip.decompress(path.read_bytes()))

    def test_is_the_same_bytes_again_elsewhere_and_later(self):
        with tempfile.TemporaryDirectory() as folder:
            second = pack(folder, LC_ALL="C.UTF-8", TZ="Asia/Shanghai")
            self.assertEqual(second.read_bytes(), self.package.read_bytes())


class Installation(unittest.TestCase):
    def test_by_cmake_into_a_prefix_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder) / "opt"
            run("cmake", "--install", BUILD, "--prefix", prefix)
            said = run(prefix / "bin" / "backlogd", "--check-config",
                       f"--config.file={prefix}/etc/backlogd/backlogd.yaml")
            self.assertIn("is fine", said)
            unit = (prefix / "lib/systemd/system/backlogd.service").read_text(encoding="utf-8")
            self.assertIn(f"ExecStart={prefix}/bin/backlogd --config.file={prefix}/etc/backlogd/",
                          unit)
            self.assertIn(f"EnvironmentFile=-{prefix}/etc/default/backlogd", unit)
            self.assertNotRegex(unit, r"(?m)^(?!#).*[=:-]/etc/")
            for program in PROGRAMS:
                self.assertTrue((prefix / "share/man/man1" / f"{program}.1").is_file())


class Version(unittest.TestCase):
    """cmake/Version.cmake, in trees with tags, without, and without git."""

    def version(self, tree):
        script = tree / "say.cmake"
        script.write_text("set(PROJECT_SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR})\n"
                          "include(${CMAKE_CURRENT_LIST_DIR}/cmake/Version.cmake)\n"
                          "message(\"${BACKLOGD_VERSION} ${BACKLOGD_REVISION}\")\n")
        said = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=True)
        return said.stderr.split()

    def test_is_of_the_tag(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder) / "tree"
            (tree / "cmake").mkdir(parents=True)
            for name in ("cmake/Version.cmake", "cmake/version.txt", ".gitattributes"):
                (tree / name).write_bytes((ROOT / name).read_bytes())
            self.assertEqual(self.version(tree), ["0.0.0~unknown", "unknown"])

            def git(*words):
                return run("git", "-C", tree, "-c", "user.name=x", "-c", "user.email=x@x", *words,
                           env={**os.environ, "GIT_COMMITTER_DATE": "2026-01-31T12:00:00Z",
                                "GIT_AUTHOR_DATE": "2026-01-31T12:00:00Z"}).strip()

            def archived():
                with tempfile.TemporaryDirectory() as other:
                    subprocess.run(f"git -C {tree} archive HEAD | tar -x -C {other}", shell=True,
                                   check=True)
                    return self.version(pathlib.Path(other))
            git("init", "--quiet")
            git("add", "cmake", ".gitattributes")
            git("commit", "--quiet", "-m", "one")
            revision = git("rev-parse", "--short=12", "HEAD")
            wanted = [f"0.0.0~git20260131.{revision}", revision]
            self.assertEqual((self.version(tree), archived()), (wanted, wanted))
            git("tag", "v1.2.3")
            self.assertEqual((self.version(tree), archived()),
                             (["1.2.3", revision], ["1.2.3", revision]))
            git("commit", "--quiet", "--allow-empty", "-m", "two")
            revision = git("rev-parse", "--short=12", "HEAD")
            wanted = [f"1.2.3+1.g{revision}", revision]
            self.assertEqual((self.version(tree), archived()), (wanted, wanted))
            for older, newer in (("0.0.0~git20260131.f", "0.0.1"), ("1.2.3", wanted[0]),
                                 (wanted[0], "1.2.4")):
                subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=True)


if __name__ == "__main__":
    unittest.main()
