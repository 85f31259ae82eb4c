"""Compiles and runs the programs of batches with GnuCOBOL."""

import os
import pathlib
import subprocess

from program import MODE_VARIABLE

COMPILE_SECONDS_MAX = 300
FLAGS = ["-x", "-O0", "-w", "-flarger-redefines-ok", "-fcomplex-odo"]


class CompileError(Exception):
    """What cobc says."""


class Run:
    """A compiled batch in a folder of its own."""

    def __init__(self, folder, profile):
        self.folder = pathlib.Path(folder)
        self.profile = profile

    def compile(self, text):
        (self.folder / "probe.cob").write_text(text)
        flags = FLAGS + [f"-std={self.profile.standard}"]
        flags.append("-fixed" if self.profile.fixed else "-free")
        flags.append("-fodoslide" if self.profile.slide else "-fno-odoslide")
        # Signs as z/OS has them, so that only characters are to be translated.
        if self.profile.ibm:
            flags.append("-fsign=EBCDIC")
        command = ["cobc", *flags, "-o", "probe", "probe.cob"]
        try:
            done = subprocess.run(
                command, cwd=self.folder, capture_output=True, timeout=COMPILE_SECONDS_MAX
            )
        except subprocess.TimeoutExpired:
            raise CompileError(f"did not end in {COMPILE_SECONDS_MAX} seconds") from None
        if done.returncode != 0:
            raise CompileError((done.stderr + done.stdout).decode("latin-1"))

    def run(self, mode):
        """The lines that the program shows."""
        environment = dict(os.environ, **{MODE_VARIABLE: mode})
        command = [str(self.folder / "probe")]
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, timeout=300
            )
        except subprocess.TimeoutExpired:
            return ["does not end"]
        lines = (done.stdout + done.stderr).decode("latin-1").splitlines()
        if done.returncode != 0:
            lines.append(f"ended with {done.returncode}")
        return lines

    def records(self, size):
        data = (self.folder / "out.dat").read_bytes()
        return [data[at : at + size] for at in range(0, len(data), size)]


def version():
    """The first line of `cobc --version`; empty where there is none."""
    try:
        done = subprocess.run(["cobc", "--version"], capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        return ""
    return done.stdout.splitlines()[0] if done.returncode == 0 else ""
