"""A bridge of the tests as a process, and the file of records that it reads.

When it has ended, whatever its bridge file refers to as a secret is looked for in all that it has said and
written (tests/support/secret_hunt.py)."""
import json
import pathlib
import subprocess
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import secret_hunt  # noqa: E402

LIMIT_S = 60


def fail(message):
    print("FAILED:", message)
    sys.exit(1)


def check(condition, message):
    if not condition:
        fail(message)


class Process:
    """A child whose standard error is read line by line, without waiting for ever."""

    def __init__(self, *command, env=None):
        self.command, self.environment = [str(part) for part in command], env
        self.secrets = secret_hunt.Secrets()
        self.note_secrets()
        self.lines = []
        self.changed = threading.Condition()
        self.has_ended = False
        self.child = subprocess.Popen(self.command, stderr=subprocess.PIPE,
                                      stdout=subprocess.DEVNULL, text=True, env=env)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.child.stderr:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def wait_for(self, text):
        """The first line with `text` in it; fails where the process ends or says nothing."""
        def found():
            return next((line for line in self.lines if text in line), None)
        with self.changed:
            self.changed.wait_for(lambda: found() or self.has_ended, LIMIT_S)
            if not found():
                fail(f"no line with {text}:\n" + "".join(self.lines[-20:]))
            return found()

    def events(self, name):
        return [line for line in map(json.loads, self.lines) if line["event"] == name]

    def end(self, signal_number=None):
        """The exit code, after a signal or by itself."""
        if signal_number:
            self.child.send_signal(signal_number)
        try:
            code = self.child.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            fail("the process did not end:\n" + "".join(self.lines[-20:]))
        self.thread.join()
        if self.secrets.values:
            self.hunt_secrets()
        return code

    def note_secrets(self):
        if self.command[1:2] == ["run"]:
            self.secrets.add_all_of(self.command[2], self.environment)

    def hunt_secrets(self):
        try:
            self.note_secrets()
            secret_hunt.hunt(self.secrets, self.command[0], self.command[2], self.environment,
                             "".join(self.lines).encode())
        except secret_hunt.Leak as leak:
            fail(str(leak))


def number(value):
    return bytes(0xF0 + int(digit) for digit in f"{value:06}")
