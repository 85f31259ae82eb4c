#!/usr/bin/env python3
"""IBM's own binding of the Message Queue Interface for Node, against the double or a real MQ.

npm brings the package of tests/peers/ibm_mq without running scripts and holds it to the hashes of
package-lock.json; it lies outside the clone, in ~/.cache/copybridge/peers.

usage: ibm_mq_binding.py fetch
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import npm_peer  # noqa: E402

PEER = pathlib.Path(__file__).resolve().parents[1] / "peers" / "ibm_mq"
LIMIT_S = 60


def fetch():
    """The folder of the package ibmmq, brought first where it is not there whole."""
    return npm_peer.fetch(PEER, "ibmmq") / "ibmmq"


class Binding:
    """Runs programs of Node with the client library of a folder and a queue manager's name."""

    def __init__(self, library_folder, q_mgr):
        self.package = fetch()
        self.library_folder = library_folder
        self.q_mgr = q_mgr

    def environment(self, **more):
        path = [str(self.library_folder), os.environ.get("LD_LIBRARY_PATH", "")]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, path)),
                "NODE_PATH": str(self.package.parent), **more}

    def run(self, script, *arguments, **environment):
        """The whole output of a script, and its exit code."""
        done = subprocess.run(["node", str(script), *arguments], text=True, timeout=LIMIT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", env=self.environment(**environment))
        return done.stdout, done.returncode

    def sample(self, name, *arguments):
        """The output of one of IBM's samples, as it is in the package."""
        return self.run(self.package / "samples" / f"{name}.js", *arguments)[0]


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit(__doc__)
    print(f"ibm-mq: the binding in {fetch()}")
