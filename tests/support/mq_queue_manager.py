"""A queue manager of the double of IBM MQ for tests in Python: started, killed, started again."""
import os
import pathlib
import subprocess


class QueueManager:
    """Its definition, journal and socket lie in `folder`."""

    def __init__(self, program, folder, definition):
        self.program = str(program)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "queue_manager.yaml").write_text(definition)
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, str(self.folder)], text=True,
                                        stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        if line != "started\n":
            raise RuntimeError(f"the queue manager did not start: {line}")
        os.environ["COPYBRIDGE_MQ_FOLDER"] = str(self.folder)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def restart(self):
        self.kill()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
