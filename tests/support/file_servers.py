#!/usr/bin/env python3
"""Servers of files on loopback: ProFTPD (FTP, FTPS explicit and implicit) and OpenSSH's sshd (SFTP).

Each serves one folder to one user, without being installed as a service: configuration, keys and
certificates are made below the folder given.

usage: file_servers.py start FOLDER | stop FOLDER
`start` writes FOLDER/servers.json: for each of ftp, ftps, implicit and sftp its URL, and what a
client needs.
"""
import base64
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

LIMIT_S = 30
USER = "bridge"
PASSWORD = "Sesam-offne-dich"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **options)


def wait_for_port(port, process, log):
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended: {log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no answer from port {port}: {log.read_text()}")


class FileServers:
    """Started processes and what a bridge file needs to reach them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.root = self.folder / "files"
        self.root.mkdir(parents=True, exist_ok=True)
        self.processes = []
        self.make_certificate()

    def make_certificate(self):
        config = self.folder / "openssl.cnf"
        config.write_text("[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n"
                          "[dn]\nCN=localhost\n"
                          "[ext]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n"
                          "basicConstraints=critical,CA:TRUE\n")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", self.folder / "server.key", "-out", self.folder / "server.pem",
            "-config", config)
        (self.folder / "server.key").chmod(0o600)

    def start_process(self, port, *command):
        log = self.folder / f"{port}.log"
        process = subprocess.Popen([str(part) for part in command], stdout=log.open("w"),
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        self.processes.append(process)
        wait_for_port(port, process, log)
        return process

    def start_proftpd(self, tls="none", extra=""):
        """tls: none, explicit or implicit. Returns the port; its process is the last one."""
        port = free_port()
        owner = pwd.getpwuid(os.getuid()).pw_name
        passwd = self.folder / "ftpd.passwd"
        secret = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, text=True,
                                capture_output=True).stdout.strip()
        passwd.write_text(f"{USER}:{secret}:{os.getuid()}:{os.getgid()}::{self.root}:/bin/sh\n")
        passwd.chmod(0o600)
        lines = [
            "ServerType standalone", "ServerName test", "DefaultServer on", f"Port {port}",
            "DefaultAddress 127.0.0.1", "SocketBindTight on", "UseIPv6 off", f"User {owner}",
            "Group " + "root" if os.getuid() == 0 else "", "RootLogin on", "RequireValidShell off",
            f"AuthUserFile {passwd}", "AuthOrder mod_auth_file.c", "AuthPAM off",
            f"DefaultRoot {self.root}", "UseReverseDNS off", "Umask 022",
            "AllowOverwrite on", "AllowStoreRestart on", "AllowRetrieveRestart on",
            f"PidFile {self.folder}/{port}.pid", f"ScoreboardFile {self.folder}/{port}.score",
            f"SystemLog {self.folder}/{port}.system", "WtmpLog off", "TransferLog none",
            f"DelayTable {self.folder}/{port}.delay", "DelayEngine off", extra]
        if tls != "none":
            lines = ["ModulePath /usr/lib/proftpd", "LoadModule mod_tls.c"] + lines + [
                "TLSEngine on", f"TLSRSACertificateFile {self.folder}/server.pem",
                f"TLSRSACertificateKeyFile {self.folder}/server.key", "TLSRequired on",
                f"TLSLog {self.folder}/{port}.tls",
                "TLSOptions " + ("UseImplicitSSL" if tls == "implicit" else "NoSessionReuseRequired")]
        config = self.folder / f"proftpd-{port}.conf"
        config.write_text("\n".join(lines) + "\n")
        self.start_process(port, "/usr/sbin/proftpd", "-n", "-q", "-c", config)
        return port

    def start_sshd(self):
        port = free_port()
        keys = self.folder / "ssh"
        if not keys.is_dir():
            keys.mkdir()
            run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", keys / "user")
            run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", keys / "host")
            shutil.copy(keys / "user.pub", keys / "authorized_keys")
        config = self.folder / f"sshd-{port}.conf"
        config.write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {keys}/host\nUsePAM no\n"
            f"PidFile none\nAuthorizedKeysFile {keys}/authorized_keys\nStrictModes no\n"
            "PasswordAuthentication no\nPermitRootLogin prohibit-password\n"
            "PubkeyAcceptedAlgorithms +ssh-rsa\nSubsystem sftp internal-sftp\n")
        pathlib.Path("/run/sshd").mkdir(parents=True, exist_ok=True)
        self.start_process(port, "/usr/sbin/sshd", "-D", "-e", "-f", config)
        kind, key = (keys / "host.pub").read_text().split()[:2]
        self.known_hosts = keys / f"known_hosts-{port}"
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
        digest = hashlib.sha256(base64.b64decode(key)).digest()
        self.host_key = base64.b64encode(digest).decode().rstrip("=")
        return port

    def options(self, kind):
        """Options of adapter and publisher, as a dictionary, for a server that is started."""
        password = "${file:" + str(self.folder / "password") + "}"
        (self.folder / "password").write_text(PASSWORD + "\n")
        login = {"user": USER, "password": password}
        if kind == "sftp":
            port = self.start_sshd()
            return {"url": f"sftp://127.0.0.1:{port}", "user": pwd.getpwuid(os.getuid()).pw_name,
                    "client_key": str(self.folder / "ssh/user"),
                    "known_hosts": str(self.known_hosts)}
        if kind == "ftp":
            return {"url": f"ftp://127.0.0.1:{self.start_proftpd()}", "insecure": "yes", **login}
        if kind == "list":
            port = self.start_proftpd(extra="<Limit MLSD MLST>\nDenyAll\n</Limit>")
            return {"url": f"ftp://127.0.0.1:{port}", "insecure": "yes", **login}
        tls = "implicit" if kind == "implicit" else "explicit"
        port = self.start_proftpd(tls)
        scheme = "ftps" if kind == "implicit" else "ftp"
        return {"url": f"{scheme}://127.0.0.1:{port}", "ca_bundle": str(self.folder / "server.pem"),
                **login}

    def path_of(self, kind, name):
        """How a client of the kind calls a file below `root`."""
        return f"{self.root}/{name}" if kind == "sftp" else f"/{name}"

    def stop(self):
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(LIMIT_S)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()
        self.processes = []


def main():
    action, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if action == "stop":
        for pid in json.loads((folder / "servers.json").read_text())["pids"]:
            try:
                os.killpg(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        return
    shutil.rmtree(folder, ignore_errors=True)
    servers = FileServers(folder)
    described = {kind: servers.options(kind) for kind in ("ftp", "ftps", "implicit", "list", "sftp")}
    described["root"] = str(servers.root)
    described["pids"] = [process.pid for process in servers.processes]
    (folder / "servers.json").write_text(json.dumps(described, indent=1))


if __name__ == "__main__":
    main()
