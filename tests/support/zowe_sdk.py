#!/usr/bin/env python3
"""Zowe's SDK for z/OSMF, an independent client that holds the double of z/OSMF to account.

usage: zowe_sdk.py fetch
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import npm_peer  # noqa: E402

PEER = pathlib.Path(__file__).resolve().parents[1] / "peers" / "zosmf"
LIMIT_S = 120


def fetch():
    return npm_peer.fetch(PEER, "zowe")


def run(script, *arguments):
    """The whole output of a script of the peer's folder; fails with it."""
    done = subprocess.run(["node", str(PEER / script), *map(str, arguments)], text=True,
                          timeout=LIMIT_S, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "NODE_PATH": str(fetch())})
    return done.returncode, done.stdout


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit(__doc__)
    print(f"zosmf: the SDK in {fetch()}")
