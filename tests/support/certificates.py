"""Certificates for tests, made by openssl: an authority, a server on loopback, clients."""
import pathlib
import subprocess


class Authority:
    """Keeps its files in `folder`; `ca` is its certificate."""

    def __init__(self, folder, name="test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                 f"/CN={name}", "-keyout", self.key, "-out", self.ca)

    def run(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    def issue(self, name, hosts=""):
        """(certificate, key) of that common name; `hosts`: DNS:…,IP:… where it is a server's."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, more = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        more.write_text(f"subjectAltName={hosts}\n" if hosts else "")
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                 "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.key,
                 "-CAcreateserial", "-days", "30", "-extfile", more, "-out", certificate)
        return certificate, key
