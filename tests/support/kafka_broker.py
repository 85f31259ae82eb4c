#!/usr/bin/env python3
"""A real Kafka broker (KRaft, one node) on loopback for the tests.

Its jars are those of tests/peers/kafka (jar_peer.py).

usage: kafka_broker.py fetch
       kafka_broker.py start FOLDER    leaves it running; its address is in FOLDER/address
       kafka_broker.py stop FOLDER
"""
import base64
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import jar_peer
from queue_broker import free_ports

START_LIMIT_S = 90


def cluster_id():
    """One that no other broker has: 16 bytes in base64, which begins with no dash."""
    return "C" + base64.urlsafe_b64encode(os.urandom(16)).decode()[1:22]


class KafkaBroker:
    """One broker with all its data in `folder`; keeps its address over restarts."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.jars = jar_peer.fetch("kafka")
        self.process = None
        self.configure()

    def configure(self):
        self.port, controller = free_ports(2)
        self.address = f"127.0.0.1:{self.port}"
        (self.folder / "server.properties").write_text(f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://{self.address}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={self.folder}/data
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
""")

    def java(self, *arguments):
        return ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                f"{self.jars}/*", *arguments, str(self.folder / "server.properties")]

    def start(self):
        """Starts it and waits until it answers; tried twice, the second time on other ports."""
        for attempt in (1, 2):
            if not (self.folder / "data").exists():
                subprocess.run(self.java("kafka.tools.StorageTool", "format", "-t",
                                         cluster_id(), "-c"),
                               check=True, capture_output=True)
            log = (self.folder / "broker.log").open("a")
            self.process = subprocess.Popen(self.java("kafka.Kafka"), stdout=log, stderr=log)
            if self.answers():
                return self
            self.kill()
            if attempt == 1:
                shutil.rmtree(self.folder / "data", ignore_errors=True)
                self.configure()
        raise RuntimeError("the broker did not start:\n"
                           + (self.folder / "broker.log").read_text()[-3000:])

    def answers(self):
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            listed = subprocess.run(["kcat", "-b", self.address, "-L", "-m", "2"],
                                    capture_output=True, text=True)
            if listed.returncode == 0 and "1 brokers:" in listed.stdout:
                return True
            time.sleep(0.2)
        return False

    def restart(self):
        """Starts it again on what it had written, after kill()."""
        log = (self.folder / "broker.log").open("a")
        self.process = subprocess.Popen(self.java("kafka.Kafka"), stdout=log, stderr=log)
        if not self.answers():
            raise RuntimeError("the broker did not come back")

    def create_topic(self, name):
        """Creates a topic of three partitions: the broker does so when it is first asked for."""
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            listed = subprocess.run(["kcat", "-b", self.address, "-L", "-t", name],
                                    capture_output=True, text=True)
            if f'topic "{name}" with 3 partitions' in listed.stdout:
                return
            time.sleep(0.1)
        raise RuntimeError(f"no topic {name}: {listed.stdout}{listed.stderr}")

    def consume(self, topic, isolation="read_committed"):
        """All messages of a topic as (partition, offset, key, headers, value), by partition."""
        form = "%p\x1f%o\x1f%k\x1f%h\x1f%s\x1e"
        read = subprocess.run(["kcat", "-b", self.address, "-t", topic, "-C", "-e", "-q", "-o",
                               "beginning", "-X", f"isolation.level={isolation}", "-f", form],
                              capture_output=True, text=True, timeout=120)
        if read.returncode != 0:
            raise RuntimeError(f"kcat: {read.stderr}")
        messages = []
        for row in read.stdout.split("\x1e")[:-1]:
            partition, offset, key, headers, value = row.split("\x1f")
            pairs = dict(pair.split("=", 1) for pair in headers.split(",") if "=" in pair)
            messages.append((int(partition), int(offset), key, pairs, value))
        return messages

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def stop_left_running(folder):
    """Stops the broker of that folder, of this run or one that was cut off."""
    try:
        pid = int((folder / "pid").read_text())
        if str(folder) in pathlib.Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


def start_and_leave(folder):
    stop_left_running(folder)
    broker = KafkaBroker(folder).start()
    (folder / "pid").write_text(str(broker.process.pid))
    (folder / "address").write_text(broker.address + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["fetch"]:
        print(f"kafka: jars in {jar_peer.fetch('kafka')}")
    elif len(sys.argv) == 3 and sys.argv[1] in ("start", "stop"):
        act = start_and_leave if sys.argv[1] == "start" else stop_left_running
        act(pathlib.Path(sys.argv[2]).resolve())
    else:
        sys.exit(__doc__)
