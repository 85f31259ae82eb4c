"""A real PostgreSQL of the tests' own: a cluster in a folder, reached by a socket there alone."""
import glob
import os
import pathlib
import pwd
import shutil
import subprocess

BINARIES = "/usr/lib/postgresql/*/bin"
SUPERUSER = "postgres"


def binaries():
    """The folder of its programs, or None where it is not installed."""
    found = sorted(glob.glob(BINARIES + "/postgres"))
    return pathlib.Path(found[-1]).parent if found else None


class PostgreSql:
    """Runs as the user postgres where the tests run as root, which it refuses."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user = pwd.getpwnam(SUPERUSER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", SUPERUSER, "-E", "UTF8",
                 "--locale=C", "--no-sync")
        self.start()

    def run(self, program, *arguments, **options):
        command = [str(binaries() / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}",
                       "--clear-groups", *command]
        return subprocess.run(command, check=True, capture_output=True, text=True,
                              cwd=self.folder, **options)

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        # Its children must not hold the pipes open that run() reads to their end.
        command = [str(binaries() / "pg_ctl"), "-D", str(self.data), "-w", "-l",
                   str(self.folder / "log"), "-o", options, "start"]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}",
                       "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def sql(self, text):
        """Runs statements; the rows of the last as lines with | between columns."""
        done = subprocess.run(
            [str(binaries() / "psql"), "-h", str(self.folder), "-U", SUPERUSER, "-X", "-q", "-A",
             "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres"],
            input=text, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def connection(self):
        return (f"Driver=PostgreSQL Unicode;Servername={self.folder};Database=postgres")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
