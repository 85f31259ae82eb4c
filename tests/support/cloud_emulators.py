#!/usr/bin/env python3
"""Emulators of cloud services on loopback for the tests: moto (AWS, it verifies signatures) and Azurite
(Azure Storage), and the providers' own SDKs to look into them.

pip and npm bring what tests/peers/cloud pins by hash; it lies outside the clone, in
~/.cache/copybridge/peers.

usage: cloud_emulators.py fetch
"""
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

PEER = pathlib.Path(__file__).resolve().parents[1] / "peers" / "cloud"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
START_LIMIT_S = 60
# The first calls make the user that later ones are signed by.
CALLS_WITHOUT_SIGNATURE = 3


def brought(name, pins, bring, peer=PEER):
    """The folder that `bring` fills, whole or not at all, for these pins of the peer's folder."""
    key = hashlib.sha256(b"".join((peer / pin).read_bytes() for pin in pins)).hexdigest()[:16]
    folder = CACHE / "copybridge" / "peers" / f"{name}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            bring(folder)
            (folder / ".whole").touch()
    return folder


def bring_python(folder, peer=PEER):
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "-q", "--require-hashes",
                    "--only-binary", ":all:", "-r", str(peer / "requirements.txt")], check=True)


def bring_node(folder):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PEER / name, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)


def python_folder():
    return brought("cloud-python", ["requirements.txt"], bring_python)


def node_folder():
    return brought("cloud-node", ["package.json", "package-lock.json"], bring_node)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Emulator:
    """A process that listens on `port` of 127.0.0.1."""

    def __init__(self, command, port, **environment):
        self.port = port
        self.process = subprocess.Popen(command, env={**os.environ, **environment},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + START_LIMIT_S
        while not self.is_listening():
            if self.process.poll() is not None or time.monotonic() > limit:
                self.stop()
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)

    def is_listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Moto(Emulator):
    def __init__(self):
        port = free_port()
        super().__init__([str(python_folder() / "bin" / "moto_server"), "-H", "127.0.0.1", "-p",
                          str(port)], port,
                         INITIAL_NO_AUTH_ACTION_COUNT=str(CALLS_WITHOUT_SIGNATURE))
        self.url = f"http://127.0.0.1:{port}/"

    def signed_user(self, region):
        """Keys of a user who may everything, and what makes clients with them; from here on every
        signature is verified."""
        import boto3
        options = {"endpoint_url": self.url, "region_name": region}
        iam = boto3.client("iam", aws_access_key_id="x", aws_secret_access_key="x", **options)
        iam.create_user(UserName="bridge")
        keys = iam.create_access_key(UserName="bridge")["AccessKey"]
        policy = {"Version": "2012-10-17",
                  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="bridge", PolicyName="all", PolicyDocument=json.dumps(policy))
        options.update(aws_access_key_id=keys["AccessKeyId"],
                       aws_secret_access_key=keys["SecretAccessKey"])
        return keys, lambda service: boto3.client(service, **options)


class Azurite(Emulator):
    """One service of it: `queue` or `blob`."""

    # Published by Microsoft for the emulator; it opens nothing else.
    KEY = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/"
           "KBHBeksoGMGw==")
    ACCOUNT = "devstoreaccount1"

    def __init__(self, service, folder):
        port = free_port()
        main = node_folder() / "node_modules" / "azurite" / "dist" / "src" / service / "main.js"
        super().__init__(["node", str(main), f"--{service}Host", "127.0.0.1", f"--{service}Port",
                          str(port), "--location", str(folder), "--skipApiVersionCheck", "--silent",
                          "--disableTelemetry"], port)
        self.url = f"http://127.0.0.1:{port}/{self.ACCOUNT}"


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit(__doc__)
    print(f"cloud: {python_folder()}, {node_folder()}")
