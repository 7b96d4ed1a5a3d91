"""The test of the test that looks for secrets: in each form they are found, and nothing else is."""

import base64
import contextlib
import io
import os
import pathlib
import tempfile
import unittest
import unittest.mock
import urllib.parse

import search_emissions
from support import emissions, planted

_SECRET = planted.URL_PASSWORD
_LOGIN = f"bob:{planted.WEB_PASSWORD}"


class Emissions(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.test = self.place / "one.test"
        self.enterContext(unittest.mock.patch.dict(
            os.environ, {"BACKLOGD_EMISSIONS_DIR": str(self.test)}))
        # A keeper that has seen nothing yet.
        self.enterContext(unittest.mock.patch.object(emissions, "_KEEPER", emissions._Keeper()))

    def search(self):
        """The exit status, and what was said."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            status = search_emissions.main(self.place)
        return status, said.getvalue()

    def test_what_is_clean_passes(self):
        emissions.keep("log", "level=info msg=fine\n")
        self.assertEqual(self.search()[0], 0)

    def test_each_form_is_found_with_its_place_and_not_repeated(self):
        forms = [_SECRET, urllib.parse.quote(f"a/{_SECRET}", safe=""), _SECRET.encode().hex(),
                 planted.WEB_PASSWORD_HASH, planted.KEY_PEM,
                 "$2y$12$" + planted.WEB_PASSWORD_HASH[7:]]
        for before in ("", "a", "ab", "abc"):
            raw = (before + _LOGIN).encode()
            forms += [base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()]
        for form in forms:
            with self.subTest(form):
                emissions.keep("log", f"level=info msg=fine\nlevel=warn example={form}\n")
                file = self.test / f"log.{os.getpid()}"
                status, said = self.search()
                self.assertEqual(status, 1)
                self.assertRegex(said, f"{file}:[23]: ")
                self.assertNotIn(_SECRET, said)
                self.assertNotIn(planted.WEB_PASSWORD_HASH, said)
                file.unlink()
                emissions._KEEPER.__init__()

    def test_a_key_is_found_by_one_of_its_lines(self):
        key = self.place / "server.key"
        line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"
        key.write_text(f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n")
        emissions.plant_key(key)
        key.unlink()
        emissions.keep("log", "-----BEGIN PRIVATE KEY-----")
        self.assertEqual(self.search()[0], 0)
        emissions.keep("answer", f"<p>{line}</p>")
        self.assertEqual(self.search()[0], 1)

    def test_nothing_emitted_is_a_failure(self):
        self.assertEqual(search_emissions.main(self.place / "nowhere"), 1)
        self.assertEqual(self.search()[0], 1)
        emissions.keep("log", "level=info msg=fine\n")
        self.assertEqual(self.search()[0], 0)
        with unittest.mock.patch.dict(os.environ, {
                "BACKLOGD_EMISSIONS_DIR": str(self.place / "idle.test")}):
            emissions.begin()
            status, said = self.search()
            self.assertEqual(status, 1)
            self.assertIn("idle.test", said)
            emissions.withdraw()
        self.assertEqual(self.search()[0], 0)
        emissions.withdraw()
        self.assertTrue(self.test.exists(), "what was kept stays")

    def test_lines_that_differ_in_digits_are_kept_once(self):
        for number in range(3):
            emissions.keep("answer", f"lag {number}\nlag{{topic=\"t{number}\"}} 1\n".encode())
        emissions.keep("log", "lag 7")
        kept = (self.test / f"answer.{os.getpid()}").read_text().splitlines()
        self.assertEqual(kept, ["lag 0", 'lag{topic="t0"} 1', ""])

    def test_nothing_is_kept_unless_asked_for(self):
        with unittest.mock.patch.dict(os.environ):
            del os.environ["BACKLOGD_EMISSIONS_DIR"]
            emissions.keep("log", "x")
            emissions.plant("x")
        self.assertFalse(self.test.exists())


if __name__ == "__main__":
    unittest.main()
