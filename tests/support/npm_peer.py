"""Packages of npm that tests hold us to account with, brought without running their scripts and held
to the hashes of a package-lock.json; they lie outside the clone, in ~/.cache/copybridge/peers."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))


def fetch(peer, name):
    """The folder node_modules of what `peer` locks, brought first where it is not there whole."""
    key = hashlib.sha256((peer / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / "copybridge" / "peers" / f"{name}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            fresh = folder.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(peer / file, fresh)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                            "--loglevel=error"], cwd=fresh, check=True, stdout=subprocess.DEVNULL)
            fresh.rename(folder)
    return folder / "node_modules"
