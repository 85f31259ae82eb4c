#!/usr/bin/env python3
"""The real binary to the double of Service Bus and Event Hubs over AMQP 1.0 with TLS, and Microsoft's own
clients on the other side: they hold the double to account (what they send they read again), and read
what the bridge sent.

bus    azure-servicebus: a queue by partition key, and sessions
hubs   azure-eventhub: both partitions
web    the same in WebSockets: the client's and the bridge's
faults connections and links are lost, the service is busy, one event spoils its batch: it alone is a dead
       letter, and of each key events are first taken in order

usage: azure_amqp_test.py BINARY CASE…        (brings itself into the emulators' Python first)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests" / "support"), str(SOURCE / "tests" / "peers")]
import cloud_emulators  # noqa: E402
from certificates import Authority  # noqa: E402
from cloud_test import World, check, same  # noqa: E402

# Published with the double; it opens nothing else.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BATCH = 0x80013700
LIMIT_S = 60
QUIET_S = 3
SESSIONS = 3


class Double:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        authority = Authority(self.folder / "certificates")
        certificate, key = authority.issue("localhost", "DNS:localhost,IP:127.0.0.1")
        self.ca, self.log = authority.ca, self.folder / "taken"
        # Qpid Proton's binding is Debian's.
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(SOURCE / "tests/support/azure_amqp_double.py"), "--log",
             str(self.log), "--certificate", str(certificate), "--key", str(key)],
            stderr=subprocess.PIPE, text=True)
        self.port, self.control = (int(self.process.stderr.readline().rsplit(":", 1)[1])
                                   for _ in range(2))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, path, words=None):
        body = None if words is None else json.dumps(words).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control}/{path}", body) as answer:
            return json.loads(answer.read() or "null")

    def taken(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def publisher(self, kind, more, transport="amqp"):
        scheme = "amqps" if transport == "amqp" else "wss"
        return (f"{{kind: {kind}, namespace: contoso, transport: {transport}, policy: send, endpoint: "
                f"'{scheme}://localhost:{self.port}', ca_bundle: '{self.ca}', key: '${{env:SECRET}}', "
                f"{more}}}")

    def client(self, transport):
        """What makes a client of Microsoft's, and how it gets here."""
        return ("Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=send;"
                f"SharedAccessKey={KEY}",
                {"custom_endpoint_address": f"https://localhost:{self.port}",
                 "connection_verify": str(self.ca), "transport_type": transport,
                 "retry_total": 0})


def run(world):
    wrong = world.run("--give-up-after", "1", SECRET="shut/sesame+EXAMPLE")
    check(wrong.returncode == 4 and "InvalidSignature" in wrong.stderr,
          f"a wrong key: {wrong.returncode}\n{wrong.stderr}")
    done = world.run(SECRET=KEY)
    check(done.returncode == 0, done.stderr)


def body_of(message):
    return json.loads(b"".join(message.body))


def bus(binary, folder):
    from azure.servicebus import (ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode,
                                  TransportType)
    with Double(folder) as double:
        text, options = double.client(TransportType.Amqp)
        client = ServiceBusClient.from_connection_string(text, **options)

        def received(entity, count, **more):
            messages = []
            with client.get_queue_receiver(entity, max_wait_time=LIMIT_S, receive_mode=(
                    ServiceBusReceiveMode.RECEIVE_AND_DELETE), **more) as receiver:
                while len(messages) < count:
                    messages += receiver.receive_messages(count, max_wait_time=LIMIT_S)
                return messages + receiver.receive_messages(10, max_wait_time=QUIET_S)

        with client.get_queue_sender("peer") as sender:
            sender.send_messages([ServiceBusMessage(f"body {i}", message_id=f"id {i}",
                                                    partition_key="k") for i in range(3)])
        check([(one.message_id, one.partition_key, str(one)) for one in received("peer", 3)] ==
              [(f"id {i}", "k", f"body {i}") for i in range(3)], "what the client sent itself")

        world = World(binary, folder, {
            "queue": double.publisher("azure-service-bus", "entity: orders"),
            "sessions": double.publisher("azure-service-bus",
                                         "entity: session-orders, sessions: yes")})
        run(world)
        expected = world.expected()
        messages = received("orders", len(expected))
        same("service bus", [one.message_id for one in messages], expected)
        for one in messages:
            words = one.application_properties
            check(words[b"cloudEvents:id"].decode() == one.message_id and
                  words[b"cloudEvents:partitionkey"].decode() == one.partition_key and
                  one.content_type == "application/json" and body_of(one), f"{one!r}")
        entries = [one for one in double.taken() if one["entity"] == "session-orders"]
        same("sessions", [one["id"] for one in entries], expected)
        for session in sorted({one["session"] for one in entries})[:SESSIONS]:
            wanted = [one["id"] for one in entries if one["session"] == session]
            found = received("session-orders", len(wanted), session_id=session)
            check([one.message_id for one in found] == wanted and
                  all(one.session_id == session for one in found), f"session {session}")
        client.close()


def web(binary, folder):
    from azure.servicebus import (ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode,
                                  TransportType)
    with Double(folder) as double:
        text, options = double.client(TransportType.AmqpOverWebsocket)
        with ServiceBusClient.from_connection_string(text, **options) as client:
            with client.get_queue_sender("orders") as sender:
                sender.send_messages(ServiceBusMessage("body", message_id="of the client"))
            world = World(binary, folder, {
                "queue": double.publisher("azure-service-bus", "entity: orders", "amqp-websockets")})
            run(world)
            wanted, messages = sorted([*world.expected(), "of the client"]), []
            with client.get_queue_receiver("orders", max_wait_time=LIMIT_S, receive_mode=(
                    ServiceBusReceiveMode.RECEIVE_AND_DELETE)) as receiver:
                while len(messages) < len(wanted):
                    messages += receiver.receive_messages(len(wanted), max_wait_time=LIMIT_S)
        same("service bus in a WebSocket", [one.message_id for one in messages], wanted)
        status = double.ask("status")
        check(status["websockets"] == status["connections"] >= 4, f"{status}")


def hubs(binary, folder):
    from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient, TransportType
    with Double(folder) as double:
        text, options = double.client(TransportType.Amqp)

        def received(hub, count):
            events, enough = [], threading.Event()
            consumer = EventHubConsumerClient.from_connection_string(
                text, consumer_group="$Default", eventhub_name=hub, **options)

            def take(_, event):
                if event is not None:
                    events.append(event)
                elif len(events) >= count:
                    enough.set()
            thread = threading.Thread(target=consumer.receive, args=(take,), kwargs={
                "starting_position": "-1", "max_wait_time": QUIET_S})
            thread.start()
            check(enough.wait(LIMIT_S), f"{hub}: {len(events)} events of {count}")
            consumer.close()
            thread.join()
            return events

        with EventHubProducerClient.from_connection_string(text, eventhub_name="hub-peer",
                                                           **options) as producer:
            batch = producer.create_batch(partition_key="k")
            for i in range(3):
                batch.add(EventData(f"body {i}"))
            producer.send_batch(batch)
        check([(one.partition_key, one.body_as_str()) for one in received("hub-peer", 3)] ==
              [(b"k", f"body {i}") for i in range(3)], "what the client sent itself")

        world = World(binary, folder, {"hub": double.publisher("azure-event-hubs", "hub: hub")})
        run(world)
        expected = world.expected()
        events = received("hub", len(expected))
        same("event hubs", [one.properties[b"cloudEvents:id"].decode() for one in events], expected)
        check(all(one.properties[b"cloudEvents:partitionkey"] == one.partition_key and
                  one.body_as_json() for one in events), "partition keys")


FAULTS = [["lost", ""], ["released", ""], ["rejected", "com.microsoft:server-busy"],
          ["detach", "amqp:unauthorized-access"], ["rejected", "com.microsoft:timeout"],
          ["detach", "amqp:link:detach-forced"], ["modified", ""]]
KEYS = 4
RECORDS = 400


def faults(binary, folder):
    with Double(folder) as double:
        world = World(binary, folder, {
            "queue": double.publisher("azure-service-bus", "entity: session-orders, sessions: yes, "
                                      "batch_events_max: 20, credentials: entra, tenant_id: t, "
                                      "client_id: bridge, client_secret: '${env:ENTRA}', authority: "
                                      f"'http://127.0.0.1:{double.control}'")})
        # Few keys, so that batches are of several events.
        (world.folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(6).\n"
                                               "          05 GROUP-NO PIC X(1).\n")
        (world.folder / "account" / "account.yaml").write_text(
            "name: note\ncopybook: ../note.cpy\ncodepage: ISO-8859-1\nevent:\n"
            "  type: com.example.note\n  subject: \"{NO}\"\n  key: GROUP-NO\n")
        (world.folder / "in" / "account.dat").write_bytes(
            b"".join(b"%06d%d" % (i, i % KEYS) for i in range(RECORDS)))
        world.bridge.write_text(world.bridge.read_text().replace("lrecl: 200", "lrecl: 7"))
        secrets = {"SECRET": KEY, "ENTRA": "open sesame"}
        bad = f"{RECORDS // 2 + 1:06}"
        double.ask("control", {"bad_subject": bad, "answers": [
            answer for fault in FAULTS for answer in (fault, ["accepted", ""], ["accepted", ""])]})
        done = world.run("--give-up-after", "60", **secrets)
        check(done.returncode == 2, f"{done.returncode}: {done.stderr}")
        letters = [line for line in done.stderr.splitlines() if '"dead_letter"' in line]
        check(len(letters) == 1 and "amqp:decode-error" in letters[0], f"{letters}")
        first, batches = {}, 0
        for entry in double.taken():
            first.setdefault(entry["subject"], entry["session"])
            batches += entry["batch"] > 1
        check(sorted(first) == [f"{i:06}" for i in range(RECORDS) if f"{i:06}" != bad],
              f"{len(first)} of {RECORDS}")
        for key in range(KEYS):
            of_key = [subject for subject, session in first.items() if session == str(key)]
            check(of_key == sorted(of_key), f"key {key} is out of order")
        status = double.ask("status")
        check(batches and status["connections"] == 4 and len(double.taken()) > len(first), f"{status}")
        print(f"ok: faults, {len(first)} events, {len(double.taken())} taken on "
              f"{status['connections']} connections, 1 dead letter")


def main():
    python = cloud_emulators.python_folder() / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    cases = {"bus": bus, "web": web, "hubs": hubs, "faults": faults}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-azure-amqp-") as folder:
            cases[case](sys.argv[1], folder)


if __name__ == "__main__":
    main()
