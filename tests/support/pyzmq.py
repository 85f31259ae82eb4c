"""The binding of ZeroMQ for Python, with a libzmq of its own: pip brings what tests/peers/zeromq pins by
hash."""
import os
import pathlib
import sys

import cloud_emulators

PEER = pathlib.Path(__file__).resolve().parents[1] / "peers" / "zeromq"


def python_folder():
    return cloud_emulators.brought("zeromq-python", ["requirements.txt"],
                                   lambda folder: cloud_emulators.bring_python(folder, PEER), PEER)


def enter():
    """Starts the program again in a Python that has it."""
    try:
        import zmq  # noqa: F401
    except ImportError:
        python = python_folder() / "bin" / "python"
        os.execv(python, [str(python), *sys.argv])
