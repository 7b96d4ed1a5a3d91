"""Certificates for tests, made by openssl in a temporary folder; all files are PEM.

    with Certificates() as made:
        made.authority("ca")
        made.certificate("server", signed_by="ca")
        made.path("server.pem"), made.path("server.key")
"""

import pathlib
import shutil
import subprocess
import tempfile

from support import emissions

_EXTENSIONS = "subjectAltName=IP:127.0.0.1,DNS:localhost"
_EXPIRED = ("20200101000000Z", "20200102000000Z")


class Certificates:
    """A folder of keys and certificates; the context manager removes it."""

    def __init__(self):
        self._folder = None

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-certificates-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self._folder, ignore_errors=True)

    def path(self, name):
        return self._folder / name

    def authority(self, name):
        """NAME.pem and NAME.key: an authority that signs itself."""
        self._openssl("req", "-x509", *self._new_key(name), "-days", "30",
                      "-subj", f"/CN={name}", "-out", f"{name}.pem")

    def certificate(self, name, signed_by, expired=False):
        """NAME.pem, NAME.key and NAME.both.pem (key and certificate): of 127.0.0.1 and localhost,
        with NAME as its common name; it ended years ago if `expired`."""
        self._openssl("req", *self._new_key(name), "-subj", f"/CN={name}",
                      "-addext", _EXTENSIONS, "-out", f"{name}.csr")
        (self.path(f"{signed_by}.cnf")).write_text(_AUTHORITY.format(name=signed_by))
        self.path("index.txt").touch()
        dates = ["-startdate", _EXPIRED[0], "-enddate", _EXPIRED[1]] if expired else ["-days", "30"]
        self._openssl("ca", "-batch", "-notext", "-config", f"{signed_by}.cnf",
                      *dates, "-in", f"{name}.csr", "-out", f"{name}.pem")
        emissions.plant_key(self.path(f"{name}.key"))
        both = self.path(f"{name}.key").read_text() + self.path(f"{name}.pem").read_text()
        self.path(f"{name}.both.pem").write_text(both)

    def _new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
                "-keyout", f"{name}.key"]

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self._folder, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")


_AUTHORITY = """\
[ca]
default_ca = this
[this]
new_certs_dir = .
database = index.txt
certificate = {name}.pem
private_key = {name}.key
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
