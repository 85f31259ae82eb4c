#!/usr/bin/env python3
"""What the real binary sends as CloudEvents, read by the SDK of CloudEvents, which refuses what is none: every
event is there with its id, source, type, subject, key and data.

http   binary, structured and batched
amqp   binary and structured, by way of the double of Service Bus and Microsoft's client
kafka  binary and structured, by way of a real broker

usage: cloudevents_test.py BINARY CASE…        (brings itself into the emulators' Python first)
"""
import http.server
import json
import os
import pathlib
import sys
import tempfile
import threading

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests" / "support"), str(SOURCE / "tests" / "peers")]
import cloud_emulators  # noqa: E402
from azure_amqp_test import KEY, LIMIT_S, Double  # noqa: E402
from cloud_test import World, check  # noqa: E402
from kafka_broker import KafkaBroker  # noqa: E402

EXTENSIONS = ("partitionkey", "traceparent")


def expected(binary, folder):
    listed = World(binary, tempfile.mkdtemp(dir=folder), {"out": "{kind: stdout, format: cloudevents}"}).run()
    check(listed.returncode == 0, listed.stderr)
    return {event["id"]: event for event in map(json.loads, listed.stdout.splitlines())}


def send(binary, folder, publishers):
    done = World(binary, tempfile.mkdtemp(dir=folder), publishers).run(SECRET=KEY)
    check(done.returncode == 0, done.stderr)


def compare(name, events, wanted):
    found = {event.get_id(): event for event in events}
    check(len(events) == len(found) == len(wanted), f"{name}: {len(events)} of {len(wanted)} events")
    for identity, event in wanted.items():
        read = found[identity]
        said = {"source": read.get_source(), "type": read.get_type(), "subject": read.get_subject(),
                "specversion": read.get_specversion(), "data": read.get_data(),
                **{word: read.get_extension(word) for word in EXTENSIONS}}
        check(said == {word: event.get(word) for word in said}, f"{name}: {said} instead of {event}")
    print(f"ok: {name}, {len(found)} events")


class Taker(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.taken.setdefault(self.path[1:], []).append((dict(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def over_http(binary, folder):
    from cloudevents.core.bindings.http import HTTPMessage, from_http_event
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    server.lock, server.taken, server.daemon_threads = threading.Lock(), {}, True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    send(binary, folder, {mode: f"{{kind: http, url: '{url}/{mode}', mode: {mode}}}"
                          for mode in ("binary", "structured", "batch")})
    wanted = expected(binary, folder)
    for mode in ("binary", "structured"):
        compare(f"http {mode}", [from_http_event(HTTPMessage(headers, body))
                                 for headers, body in server.taken[mode]], wanted)
    events = []
    for headers, body in server.taken["batch"]:
        check(headers["Content-Type"] == "application/cloudevents-batch+json", f"{headers}")
        # The SDK has no batches: their elements are structured events.
        events += [from_http_event(HTTPMessage({"content-type": "application/cloudevents+json"},
                                               json.dumps(one).encode())) for one in json.loads(body)]
    compare("http batch", events, wanted)


def over_amqp(binary, folder):
    from azure.servicebus import ServiceBusClient, ServiceBusReceiveMode, TransportType
    from cloudevents.core.bindings.amqp import AMQPMessage, from_amqp_event
    with Double(folder) as double:
        send(binary, folder, {name: double.publisher("azure-service-bus", f"entity: {name}, format: {form}")
                              for name, form in {"binary": "body", "structured": "cloudevents"}.items()})
        wanted = expected(binary, folder)
        text, options = double.client(TransportType.Amqp)
        with ServiceBusClient.from_connection_string(text, **options) as client:
            for name in ("binary", "structured"):
                with client.get_queue_receiver(name, max_wait_time=LIMIT_S, receive_mode=(
                        ServiceBusReceiveMode.RECEIVE_AND_DELETE)) as receiver:
                    messages = []
                    while len(messages) < len(wanted):
                        messages += receiver.receive_messages(len(wanted), max_wait_time=LIMIT_S)
                compare(f"amqp {name}", [from_amqp_event(AMQPMessage(
                    {"content-type": one.content_type},
                    {word.decode(): value.decode() if isinstance(value, bytes) else value
                     for word, value in (one.application_properties or {}).items()},
                    b"".join(one.body))) for one in messages], wanted)


def over_kafka(binary, folder):
    from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
    broker = KafkaBroker(pathlib.Path(folder) / "broker").start()
    try:
        send(binary, folder, {mode: f"{{kind: kafka, brokers: '{broker.address}', topic: {mode}, mode: {mode}}}"
                              for mode in ("binary", "structured")})
        wanted = expected(binary, folder)
        for mode in ("binary", "structured"):
            compare(f"kafka {mode}", [from_kafka_event(KafkaMessage(
                {word: value.encode() for word, value in headers.items()}, key.encode(), value.encode()))
                for _, _, key, headers, value in broker.consume(mode)], wanted)
    finally:
        broker.kill()


def main():
    python = cloud_emulators.python_folder() / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    cases = {"http": over_http, "amqp": over_amqp, "kafka": over_kafka}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-cloudevents-") as folder:
            cases[case](sys.argv[1], folder)


if __name__ == "__main__":
    main()
