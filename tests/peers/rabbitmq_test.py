#!/usr/bin/python3
"""The publisher rabbitmq against a real RabbitMQ, read by pika, a client in Python.

messages   what the bridge sends: properties, headers, body, in both formats
unroutable a routing key that no queue takes makes the route wait until there is a queue; one that is an
           event's own makes that event alone a dead letter; with `mandatory: no` the broker drops it
full       a queue that is full and rejects slows the bridge down, and nothing is lost or a dead letter
killed     the broker is killed while events are under way and comes back: each event is there, in the
           order of its key, repeats with their ids
login      PLAIN and EXTERNAL over TLS, a list whose first server is away; a wrong password, a virtual
           host that is not there, an authority that is not trusted and a certificate of another host are
           refused

usage: rabbitmq_test.py BINARY [CASE…]
"""
import json
import pathlib
import signal
import sys
import tempfile

import pika

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests/support"), str(SOURCE / "tests/faults"), str(SOURCE / "tests/peers")]
from amqp_test import events_of, records, run, write  # noqa: E402
from bridge_process import Process, check  # noqa: E402
from certificates import Authority  # noqa: E402
from rabbitmq_broker import USERS, RabbitMqBroker  # noqa: E402

DEAD_PORT = 1
MANY = 2000
LIMIT_S = 60


class Reader:
    """Takes messages off queues."""

    def __init__(self, broker):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", broker.port, heartbeat=0, socket_timeout=LIMIT_S, stack_timeout=LIMIT_S,
            connection_attempts=5))
        self.channel = self.connection.channel()

    def take(self, queue, count):
        """Waits for so many, and takes what else is there: pairs of properties and JSON bodies."""
        taken = []
        for method, properties, body in self.channel.consume(queue, inactivity_timeout=LIMIT_S):
            check(method is not None, f"{queue}: {len(taken)} messages, not {count}")
            taken.append((properties, json.loads(body)))
            self.channel.basic_ack(method.delivery_tag)
            if len(taken) == count:
                break
        self.channel.cancel()
        while (got := self.channel.basic_get(queue, auto_ack=True))[0]:
            taken.append((got[1], json.loads(got[2])))
        return taken

    def declare(self, queue):
        self.channel.queue_declare(queue, durable=True)

    def close(self):
        self.connection.close()


def options(broker, more):
    return f"{{kind: rabbitmq, servers: 'amqp://127.0.0.1:{broker.port}', {more}}}"


def kept(adapter):
    return adapter.replace("settle_time_ms: 0", "settle_time_ms: 0, after: keep")


def with_state(path, name):
    path.write_text(path.read_text().replace("state: state", f"state: state-{name}"))
    return path


def expected_ids(binary, folder, adapter):
    run(binary, with_state(write(folder, kept(adapter),
                                 "{kind: file, path: out.jsonl, format: cloudevents}"), "ids"))
    return {event["id"]: event["data"]["NO"] for event in events_of(folder)}


def messages(binary, broker, folder):
    adapter = records(folder, 3)
    reader = Reader(broker)
    for form in ("body", "cloudevents"):
        run(binary, with_state(write(folder, kept(adapter), options(
            broker, f"routing_key: sent, format: {form}"), ", trace_context: start"), form))
        taken = reader.take("sent", 3)
        check(len(taken) == 3, f"{form}: {len(taken)} messages")
        for number, (properties, body) in enumerate(taken):
            headers, name = properties.headers, f"{number:06}"
            check(properties.delivery_mode == 2 and properties.message_id.endswith("/note") and
                  properties.type == "com.example.note", f"{form}: {properties}")
            check(headers["traceparent"].startswith("00-"), f"{headers}")
            if form == "cloudevents":
                check(properties.content_type == "application/cloudevents+json" and
                      body["data"] == {"NO": name} and body["id"] == properties.message_id, f"{body}")
                continue
            check(properties.content_type == "application/json" and body == {"NO": name}, f"{body}")
            check(headers["cloudEvents_id"] == properties.message_id and
                  headers["cloudEvents_subject"] == f"note/{name}" and
                  headers["cloudEvents_traceparent"] == headers["traceparent"], f"{headers}")
    reader.close()
    return "body, cloudevents"


def unroutable(binary, broker, folder):
    adapter = records(folder, 3)
    reader = Reader(broker)
    for missing in ("routing_key: nobodys", "exchange: none-such, routing_key: x"):
        path = with_state(write(folder, kept(adapter), options(broker, missing)), missing[:8].strip(": "))
        bridge = Process(binary, "run", path)
        refused = json.loads(bridge.wait_for('"endpoint_refused"'))
        check(refused["level"] == "ERROR", f"{refused}")
        if "nobodys" in missing:
            check("NO_ROUTE" in refused["reason"], f"{refused}")
            reader.declare("nobodys")
            bridge.wait_for('"endpoint_recovered"')
        bridge.end(signal.SIGTERM)
        check(not bridge.events("dead_letter"), "an unroutable message is a dead letter")
    run(binary, with_state(write(folder, kept(adapter), options(
        broker, "routing_key: still-nobodys, mandatory: no")), "dropped"))
    # The key of an event is its number, and number 1 has no queue.
    for name in ("000000", "000002"):
        reader.declare(name)
    process = run(binary, with_state(write(folder, kept(adapter), options(
        broker, "route_by: key")), "own"))
    letters = process.events("dead_letter")
    check(len(letters) == 1 and "NO_ROUTE" in letters[0]["reason"], f"dead letters {letters}")
    for queue, name in {"nobodys": "000000", "000000": "000000", "000002": "000002"}.items():
        taken = reader.take(queue, 1)
        check(name in [body["NO"] for _, body in taken], f"{queue}: {taken}")
    reader.close()
    return "paused and recovered, 1 dead letter"


def full(binary, broker, folder):
    count = 60
    adapter = records(folder, count)
    path = write(folder, adapter, options(broker, "routing_key: small, requests_in_flight: 8"))
    bridge = Process(binary, "run", path, "--until-idle", "--give-up-after", "120")
    # Nothing is read before the queue has been full.
    bridge.wait_for('"endpoint_lost"')
    reader, bodies = Reader(broker), []
    while len(set(bodies)) < count:
        bodies += [body["NO"] for _, body in reader.take("small", 1)]
    reader.close()
    code = bridge.end()
    check(code == 0, f"it ended with {code}:\n" + "".join(bridge.lines[-10:]))
    check(sorted(set(bodies)) == [f"{i:06}" for i in range(count)], f"{len(set(bodies))} records")
    check(bridge.events("stopped")[-1]["retried"] > 0, "the queue was never full")
    return f"{len(bodies)} messages for {count} records"


def killed(binary, broker, folder):
    adapter = records(folder, MANY)
    ids = expected_ids(binary, folder, adapter)
    path = write(folder, adapter, options(broker, "routing_key: survives, requests_in_flight: 64"))
    # Killed when the first are confirmed: the bridge says so at debug level by its summary.
    path.write_text(path.read_text().replace("log: {", "log: {summary_interval_ms: 100, "))
    bridge = Process(binary, "run", path, "--until-idle", "--give-up-after", "120")
    bridge.wait_for('"summary"')
    broker.kill_server()
    bridge.wait_for('"endpoint_lost"')
    broker.restart()
    code = bridge.end()
    check(code == 0, f"it ended with {code}:\n" + "".join(bridge.lines[-10:]))
    reader = Reader(broker)
    taken = reader.take("survives", MANY)
    reader.close()
    found = {properties.message_id: body["NO"] for properties, body in taken}
    check(found == ids, f"{len(found)} different messages of {len(ids)}")
    return f"{len(taken)} messages for {MANY} records"


def login(binary, broker, folder, authority):
    certificate, key = authority.issue("certified")
    stranger = Authority(folder / "stranger", "stranger")
    secrets = {"GOOD": USERS["bridge"], "WRONG": "shut/sesame+broker"}
    tls = f"servers: ['amqps://localhost:{DEAD_PORT}', 'amqps://localhost:{broker.tls_port}']"
    trusted = f"ca_bundle: {authority.ca}"
    good = "user: bridge, password: '${env:GOOD}'"
    ways = {
        "plain": (f"{tls}, {trusted}, {good}", None),
        "external": (f"{tls}, {trusted}, client_certificate: {certificate}, client_key: {key}", None),
        "wrong_password": (f"{tls}, {trusted}, {good}".replace("GOOD", "WRONG"), "ACCESS_REFUSED"),
        "virtual_host": (f"{tls}, {trusted}, {good}, virtual_host: none", "vhost"),
        "stranger": (f"{tls}, ca_bundle: {stranger.ca}, {good}", "cert verification failed"),
        "other_host": (f"{tls}, {trusted}, {good}".replace("localhost", "127.0.0.1"), "hostname verification failed"),
    }
    adapter = kept(records(folder, 2))
    for way, (more, refusal) in ways.items():
        path = with_state(write(folder, adapter, f"{{kind: rabbitmq, {more}, routing_key: login}}"), way)
        if refusal is None:
            run(binary, path, env=secrets)
            continue
        bridge = Process(binary, "run", path, env=secrets)
        line = bridge.wait_for('"endpoint_refused"')
        bridge.end(signal.SIGTERM)
        check(refusal.lower() in line.lower(), f"{way}: {line}")
    reader = Reader(broker)
    left = reader.take("login", 4)
    reader.close()
    check(len(left) == 4, f"{len(left)} messages by two logins")
    return ", ".join(ways)


CASES = {"messages": messages, "unroutable": unroutable, "full": full, "killed": killed, "login": login}


def main():
    binary, wanted = sys.argv[1], sys.argv[2:] or list(CASES)
    with tempfile.TemporaryDirectory(prefix="copybridge-rabbitmq-") as name:
        base = pathlib.Path(name)
        authority = Authority(base / "authority")
        certificate, key = authority.issue("broker", "DNS:localhost")
        broker = RabbitMqBroker(
            base / "broker", durable=["sent", "survives", "login", "small"], full={"small": 5},
            tls={"ca": authority.ca, "certificate": certificate, "key": key})
        try:
            broker.start()
            for case in wanted:
                (base / case).mkdir()
                more = [authority] if case == "login" else []
                print(f"ok: {case}: {CASES[case](binary, broker, base / case, *more)}", flush=True)
        finally:
            broker.kill()


if __name__ == "__main__":
    main()
