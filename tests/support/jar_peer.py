"""Programs in Java that tests run against: the jars of tests/peers/NAME/pom.xml, brought by mvn and pinned
by their SHA-256 in tests/peers/NAME/jars.sha256; they lie outside the clone, in
~/.cache/copybridge/peers."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def is_as_pinned(folder, pins):
    """Whether the folder holds the jars of that list of hashes and names, and nothing else."""
    rows = (row.split() for row in pins.read_text().splitlines())
    return folder.is_dir() and {
        jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.iterdir()
    } == {name: digest for digest, name in rows}


def fetch(name):
    """The folder with the jars, brought first where it is not there."""
    pins = PEERS / name / "jars.sha256"
    key = hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    folder = CACHE / "copybridge" / "peers" / f"{name}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_as_pinned(folder, pins):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["mvn", "-q", "-B", "-f", str(PEERS / name / "pom.xml"), COPY_DEPENDENCIES,
                        "-DincludeScope=runtime", f"-DoutputDirectory={folder}"], check=True)
        if not is_as_pinned(folder, pins):
            raise RuntimeError(f"the jars in {folder} are not those of {pins}")
    return folder
