"""scripts/sbom, on a file system made up, and what the Dockerfile does with it."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATUS = """Package: libssl3t64
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.5.1-1+deb13u1
Maintainer: Debian OpenSSL Team <openssl@example.org>
Description: Secure Sockets Layer toolkit
 several lines

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.37-2+b5

"""


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.root = pathlib.Path(scratch.name)
        (cls.root / "var/lib/dpkg").mkdir(parents=True)
        (cls.root / "etc").mkdir()
        (cls.root / "var/lib/dpkg/status").write_text(STATUS, encoding="utf-8")
        (cls.root / "etc/os-release").write_text('ID=debian\nVERSION_ID="13"\n', encoding="utf-8")
        cls.document = json.loads(cls.write().stdout)

    @classmethod
    def write(cls, *more):
        return subprocess.run([sys.executable, "-B", ROOT / "scripts" / "sbom", "--root", cls.root,
                               "--version", "1.2.3+4.gabc", "--built-in", "librdkafka=2.14.2", *more],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "SOURCE_DATE_EPOCH": "1769860800"})

    def test_names_what_is_installed_and_what_is_built_in(self):
        self.assertEqual([(package["name"], package["versionInfo"])
                          for package in self.document["packages"]],
                         [("backlogd", "1.2.3+4.gabc"), ("librdkafka", "2.14.2"),
                          ("bash", "5.2.37-2+b5"), ("libssl3t64", "3.5.1-1+deb13u1")])
        ssl = self.document["packages"][3]
        self.assertEqual(ssl["externalRefs"][0]["referenceLocator"],
                         "pkg:deb/debian/libssl3t64@3.5.1-1+deb13u1?arch=amd64&distro=debian-13")
        self.assertEqual(ssl["supplier"], "Organization: Debian OpenSSL Team (openssl@example.org)")

    def test_has_what_spdx_demands(self):
        document = self.document
        self.assertEqual((document["spdxVersion"], document["dataLicense"], document["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertEqual(document["creationInfo"]["created"], "2026-01-31T12:00:00Z")
        self.assertRegex(document["documentNamespace"], r"^https://\S+/[0-9a-f]{64}$")
        identifiers = [package["SPDXID"] for package in document["packages"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        for package in document["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertTrue(package["downloadLocation"] and package["copyrightText"])
        related = {relation[key] for relation in document["relationships"]
                   for key in ("spdxElementId", "relatedSpdxElement")}
        self.assertEqual(related, {*identifiers, "SPDXRef-DOCUMENT"})
        self.assertIn({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                       "relatedSpdxElement": identifiers[0]}, document["relationships"])

    def test_is_the_same_each_time(self):
        self.assertEqual(self.write().stdout, self.write().stdout)

    def test_refuses_what_has_no_version(self):
        said = self.write("--built-in", "zlib")
        self.assertEqual(said.returncode, 2)
        self.assertIn("NAME=VERSION", said.stderr)


class Dockerfile(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    def test_image_has_an_sbom_and_is_nobody_in_particular(self):
        final = self.text[self.text.rindex("\nFROM "):]
        self.assertIn("COPY --from=sbom", final)
        self.assertRegex(final, r"\nUSER [1-9]\d*:[1-9]\d*\n")
        self.assertRegex(self.text, r"\nFROM debian:13-slim AS runtime\n")

    def test_chart_runs_as_the_same_user(self):
        user = re.search(r"\nUSER (\d+):", self.text)[1]
        values = (ROOT / "deploy/helm/backlogd/values.yaml").read_text(encoding="utf-8")
        self.assertIn(f"runAsUser: {user}\n", values)


if __name__ == "__main__":
    unittest.main()
