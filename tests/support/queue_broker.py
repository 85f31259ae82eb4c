"""What the brokers of AMQP 1.0 and STOMP have in common for the tests, and which there are."""
import os
import pathlib
import shutil
import signal
import socket
import time

START_LIMIT_S = 90
# Users and their passwords; a certificate's common name `certified` logs in as that user.
USERS = {"guest": "guest", "bridge": "open/sesame+broker", "certified": "none"}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def end(process):
    """SIGKILL to the process and what it has started: they are a session of their own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


class QueueBroker:
    """One broker with all its data in `folder`; keeps its ports over restarts. Has durable queues, of which
    those named notes… have `dead` as their dead-letter queue. A kind of broker has `configure`, which
    chooses ports and writes the configuration, `spawn`, `address` and `destination` (what a queue is
    called in AMQP and STOMP), `depth` and `purge` of a queue, `keeps_message_ids`: of every type in AMQP, `nack_moves`: to the dead-letter queue in STOMP,
    and `refusal`: what its STOMP says to a wrong passcode."""

    def __init__(self, folder, tls=None, durable=()):
        """`tls`: {"ca", "certificate", "key"}: listeners with TLS beside the plain ones, which ask
        for a certificate."""
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tls, self.durable = tls, durable
        self.processes = []
        self.configure()

    def start(self):
        """Starts it and waits until it answers; tried twice, the second time on other ports."""
        for attempt in (1, 2):
            self.spawn()
            if self.answers():
                return self
            self.kill()
            if attempt == 1:
                shutil.rmtree(self.folder / "data", ignore_errors=True)
                self.configure()
        raise RuntimeError("the broker did not start:\n" + self.log()[-3000:])

    def log(self):
        return (self.folder / "broker.log").read_text(errors="replace")

    def answers(self):
        """Waits for its listener of STOMP, which comes after the one of AMQP: both answer by then."""
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline and self.processes[-1].poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.stomp_port), 2) as stomp:
                    stomp.settimeout(5)
                    stomp.sendall(b"CONNECT\naccept-version:1.2\nhost:/\n"
                                  b"login:guest\npasscode:guest\n\n\0")
                    if stomp.recv(9) == b"CONNECTED":
                        return True
            except OSError:
                pass
            time.sleep(0.1)
        return False

    def restart(self):
        """Starts it again on what it had written, after kill_server()."""
        self.spawn()
        if not self.answers():
            raise RuntimeError("the broker did not come back:\n" + self.log()[-3000:])

    def kill_server(self):
        end(self.processes.pop())

    def kill(self):
        while self.processes:
            end(self.processes.pop())


def stop_left_running(folder):
    """Stops the broker of that folder, of this run or one that was cut off."""
    try:
        for word in (folder / "pids").read_text().split():
            environment = pathlib.Path(f"/proc/{word}/environ").read_text(errors="replace")
            command = pathlib.Path(f"/proc/{word}/cmdline").read_text()
            if str(folder) in environment + command or "epmd" in command:
                os.killpg(int(word), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


def start_and_leave(kind, folder, **more):
    """For tests that are not in Python: `address` in the folder has the ports of AMQP and STOMP."""
    stop_left_running(folder)
    broker = kind(folder, **more).start()
    (folder / "pids").write_text(" ".join(str(process.pid) for process in broker.processes))
    (folder / "address").write_text(f"{broker.port} {broker.stomp_port}\n")


def kinds():
    from artemis_broker import ArtemisBroker
    from rabbitmq_broker import RabbitMqBroker
    return {"rabbitmq": RabbitMqBroker, "artemis": ArtemisBroker}
