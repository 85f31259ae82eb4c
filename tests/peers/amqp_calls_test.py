#!/usr/bin/python3
"""Calls over HTTP to a program behind a queue of AMQP 1.0: the real binary, a real broker (rabbitmq or
artemis), a program
on Qpid Proton's Python binding, and curl. The cases are those of faults/calls_test.py.

usage: amqp_calls_test.py BINARY BROKER [CASE…]
"""
import pathlib
import shutil
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests/support"), str(SOURCE / "tests/faults")]
import calls_test  # noqa: E402
from queue_broker import kinds  # noqa: E402

QUEUES = ["REQUESTS", "REPLIES"]


class AmqpWorld(calls_test.World):
    def __init__(self, binary, broker, directory, copied="message-id"):
        super().__init__(binary, directory)
        self.broker = broker
        for queue in QUEUES:
            broker.purge(queue)
        self.responder = [SOURCE / "tests/support/amqp_responder.py", str(broker.port),
                          broker.address("REQUESTS"), copied]
        self.write_bridges(f"{{kind: amqp, servers: 'amqp://127.0.0.1:{broker.port}', mode: plain,"
                           f" address: {broker.address('REQUESTS')}, reply_to: {broker.address('REPLIES')}}}")

    def start_broker(self):
        self.broker.restart()

    def kill_broker(self):
        self.broker.kill_server()

    def depth(self, queue):
        return self.broker.depth(queue)


CASES = {case.__name__: (case, {}) for case in calls_test.COMMON}
CASES["correlation_id"] = (calls_test.answers, {"copied": "correlation-id"})


def main(binary, kind, names):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-amqp-calls-"))
    broker = kinds()[kind](folder, durable=QUEUES).start()
    try:
        calls_test.run_cases(lambda place, **options: AmqpWorld(binary, broker, place, **options),
                             {name: CASES[name] for name in names or CASES})
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
