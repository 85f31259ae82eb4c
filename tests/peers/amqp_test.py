#!/usr/bin/python3
"""The adapter and the publisher amqp against Qpid Proton's Python client, by way of a real broker
(rabbitmq or artemis) and without it.

source     messages of every kind as the client writes them become the records and attributes they must
           become; what is no record is a dead letter here and on the broker's dead-letter queue
publisher  what the bridge sends is what docs/amqp.md says, as the client reads it
traces     W3C Trace Context goes from a message to a message, malformed ones do not
login      PLAIN and EXTERNAL over TLS, a list whose first server is away; a wrong password, an
           authority that is not trusted and a certificate of another host are refused
proxy      adapter and publisher reach the broker through an HTTP proxy's tunnels, and wait where it refuses
once       Artemis drops what a killed bridge sends again, by `id_property: _AMQ_DUPL_ID`
counted    what another consumer failed on has its delivery count (artemis)
outcomes   a peer that releases, modifies and rejects, gives little credit and takes small messages
suspects   a peer that counts deliveries: a message with a count is under way alone, so that what kills the bridge
           with it is no other one; counts move nothing, the one that kills alone is rejected, once

usage: amqp_test.py BINARY BROKER [CASE…]
"""
import json
import pathlib
import signal
import sys
import tempfile
import threading
import uuid

from proton import Condition, Delivery, Message, int32, symbol, ulong
from proton.handlers import MessagingHandler
from proton.reactor import Container

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests/support"), str(SOURCE / "tests/faults")]
import amqp_peer  # noqa: E402
import connect_proxy  # noqa: E402
from bridge_process import Process, check  # noqa: E402
from certificates import Authority  # noqa: E402
from queue_broker import USERS, kinds  # noqa: E402

MAPPING = """\
name: note
copybook: note.cpy
codepage: ISO-8859-1
event:
  type: com.example.note
  subject: "note/{NO}"
  key: NO
  attributes: {messageid: "{@amqp-message-id}", color: "{@amqp-property-color}",
               number: "{@amqp-property-number}", hint: "{@amqp-annotation-x-opt-hint}",
               correlation: "{@amqp-correlation-id}", durable: "{@amqp-durable}"}
"""
DEAD_PORT = 1
OUT = "{kind: file, path: out.jsonl, format: cloudevents}"


def write(folder, adapter, publisher, more=""):
    (folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(6).\n")
    (folder / "note.yaml").write_text(MAPPING)
    (folder / "bridge.yaml").write_text(
        "state: state\nlog: {format: json, level: debug}\n"
        "delivery: {retry_initial_ms: 5, retry_max_ms: 50}\n"
        f"adapters: {{in: {adapter}}}\npublishers: {{out: {publisher}}}\n"
        f"routes: [{{from: in, mappings: [note.yaml], to: [out]{more}}}]\n")
    return folder / "bridge.yaml"


def run(binary, path, *words, env=None):
    process = Process(binary, "run", path, *(words or ("--until-idle", "--give-up-after", "30")),
                      env=env)
    code = process.end()
    check(code in (0, 2), f"it ended with {code}:\n" + "".join(process.lines[-20:]))
    return process


def events_of(folder):
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def records(folder, count):
    (folder / "in").mkdir()
    (folder / "in/notes.dat").write_bytes(b"".join(b"%06d" % i for i in range(count)))
    return "{kind: file, path: in/*.dat, recfm: F, lrecl: 6, settle_time_ms: 0}"


def source(binary, broker, folder):
    common = {"properties": {"color": "red", "number": int32(-7)}, "durable": True,
              "annotations": {symbol("x-opt-hint"): "h"}, "correlation_id": ulong(42)}
    some = uuid.uuid4()
    sent = [Message(id="one", body=b"000001", inferred=True, **common),
            Message(id=some, body=b"000002", inferred=True, **common),
            Message(id=ulong(3), body="000003", **common),
            Message(id=b"\xff", body=b"000004", **common),
            Message(body=b"000005", inferred=True, **common),
            Message(id="bad", body={"a": "map"}, **common),
            Message(id="seq", body=[1, 2], inferred=True, **common)]
    peer = amqp_peer.connect(broker.port)
    sender = peer.create_sender(broker.address("notes-source"))
    for message in sent:
        sender.send(message)
    path = write(folder, f"{{kind: amqp, servers: 'amqp://127.0.0.1:{broker.port}',"
                 f" address: {broker.address('notes-source')}}}",
                 OUT)
    process = run(binary, path)
    got = {event["data"]["NO"]: event for event in events_of(folder)}
    check(sorted(got) == [f"{i:06}" for i in range(1, 6)], f"records {sorted(got)}")
    ids = [got[f"{i:06}"].get("messageid", "") for i in range(1, 6)]
    sent_ids = ["one", str(some), "3", "FF", ""]
    check(ids == sent_ids if broker.keeps_message_ids else
          (ids[0], ids[4]) == ("one", ""), f"ids {ids}")
    for event in got.values():
        check(event["color"] == "red" and event["number"] == "-7", f"{event}")
    letters = process.events("dead_letter")
    check(len(letters) == 2, f"{len(letters)} dead letters")
    moved = amqp_peer.take(peer, broker.address("dead"), 2)
    check(sorted(str(message.id) for message in moved) == ["bad", "seq"],
          f"on the dead-letter queue: {[m.id for m in moved]}")
    peer.close()
    return f"{len(got)} records, 2 dead letters"


def publisher(binary, broker, folder):
    server = f"servers: 'amqp://127.0.0.1:{broker.port}'"
    forms = {"binary": "", "structured": ", mode: structured",
             "plain": ", mode: plain, body: text, id_property: ID, properties: {from: bridge}"}
    adapter = records(folder, 3)
    peer = amqp_peer.connect(broker.port)
    for form, more in forms.items():
        (folder / form).mkdir()
        path = write(folder, adapter.replace("settle_time_ms: 0", "settle_time_ms: 0, after: keep"),
                     f"{{kind: amqp, {server}, address: {broker.address(form)}{more}}}")
        path.write_text(path.read_text().replace("state: state", f"state: state-{form}"))
        run(binary, path)
        messages = amqp_peer.take(peer, broker.address(form), 3)
        check(len(messages) == 3, f"{form}: {len(messages)} messages")
        for number, message in enumerate(messages):
            body = json.loads(amqp_peer.body_of(message))
            name = f"{number:06}"
            check(message.durable and message.id.endswith("/note"), f"{form}: id {message.id}")
            properties = message.properties or {}
            if form == "structured":
                check(message.content_type == "application/cloudevents+json" and
                      body["data"] == {"NO": name} and body["id"] == message.id, f"{body}")
                continue
            check(message.content_type == "application/json" and body == {"NO": name}, f"{body}")
            if form == "binary":
                check(properties["cloudEvents_id"] == message.id and
                      properties["cloudEvents_subject"] == f"note/{name}" and
                      properties["cloudEvents_specversion"] == "1.0", f"{properties}")
            else:
                check(properties["ID"] == message.id and properties["from"] == "bridge" and
                      isinstance(message.body, str), f"{properties} {message.body!r}")
    peer.close()
    return "binary, structured, plain"


def traces(binary, broker, folder):
    parent, state = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1,other=x y"
    sent = {"000001": {"traceparent": parent, "tracestate": state},
            "000002": {"traceparent": parent.replace("-b7", "-B7"), "tracestate": state},
            "000003": {"cloudEvents:traceparent": parent}, "000004": {}}
    peer = amqp_peer.connect(broker.port)
    sender = peer.create_sender(broker.address("traced"))
    for body, properties in sent.items():
        sender.send(Message(id=body, body=body.encode(), inferred=True, properties=properties))
    server = f"servers: 'amqp://127.0.0.1:{broker.port}'"
    run(binary, write(folder, f"{{kind: amqp, {server}, address: {broker.address('traced')}}}",
                      f"{{kind: amqp, {server}, address: {broker.address('binary')}}}",
                      ", trace_context: start"))
    got = {message.properties["cloudEvents_subject"][5:]: message.properties
           for message in amqp_peer.take(peer, broker.address("binary"), len(sent))}
    peer.close()
    for body, properties in got.items():
        check(properties["traceparent"] == properties["cloudEvents_traceparent"], f"{properties}")
        is_kept = body in ("000001", "000003")
        check((properties["traceparent"] == parent) == is_kept, f"{body}: {properties}")
        expected = state if body == "000001" else None
        check(properties.get("tracestate") == expected == properties.get("cloudEvents_tracestate"),
              f"{body}: {properties}")
    check(len({properties["traceparent"] for properties in got.values()}) == 3, f"{got}")
    return "2 passed on, 2 begun"


def login(binary, broker, folder, authority):
    certificate, key = authority.issue("certified")
    stranger = Authority(folder / "stranger", "stranger")
    secrets = {"GOOD": USERS["bridge"], "WRONG": "shut/sesame+broker"}
    tls = f"servers: ['amqps://localhost:{DEAD_PORT}', 'amqps://localhost:{broker.tls_port}']"
    trusted = f"ca_bundle: {authority.ca}"
    ways = {
        "plain": (f"{tls}, {trusted}, user: bridge, password: '${{env:GOOD}}'", None),
        "external": (f"{tls}, {trusted}, client_certificate: {certificate}, client_key: {key}", None),
        "wrong_password": (f"{tls}, {trusted}, user: bridge, password: '${{env:WRONG}}'",
                           "Authentication failed"),
        "stranger": (f"{tls}, ca_bundle: {stranger.ca}, user: bridge, password: '${{env:GOOD}}'",
                     "certificate verify failed"),
        "other_host": (f"{tls}, {trusted}, user: bridge, password: '${{env:GOOD}}'"
                       .replace("localhost", "127.0.0.1"), "certificate verify failed"),
    }
    adapter = records(folder, 2).replace("settle_time_ms: 0", "settle_time_ms: 0, after: keep")
    for way, (options, refusal) in ways.items():
        path = write(folder, adapter, f"{{kind: amqp, {options}, address: {broker.address('login')}}}")
        path.write_text(path.read_text().replace("state: state", f"state: state-{way}"))
        if refusal is None:
            run(binary, path, env=secrets)
            continue
        process = Process(binary, "run", path, env=secrets)
        line = process.wait_for('"endpoint_refused"')
        process.end(signal.SIGTERM)
        check(refusal.lower() in line.lower(), f"{way}: {line}")
    peer = amqp_peer.connect(broker.port)
    left = amqp_peer.take(peer, broker.address("login"), 4)
    peer.close()
    check(len(left) == 4, f"{len(left)} messages by two logins")
    return ", ".join(ways)


class Moody(MessagingHandler):
    """Takes messages as their numbers say: the first time it releases, modifies, or ends the
    connection; rejects some for good."""

    def __init__(self):
        super().__init__(prefetch=0, auto_accept=False)
        self.seen, self.taken, self.ready = set(), [], threading.Event()

    def on_start(self, event):
        self.acceptor = event.container.listen("amqp://127.0.0.1:0")
        self.port = self.acceptor._selectable._delegate.getsockname()[1]
        self.container = event.container
        self.ready.set()

    def on_link_opening(self, event):
        event.link.source.copy(event.link.remote_source)
        event.link.target.copy(event.link.remote_target)
        event.link.max_message_size = 2000

    def on_link_opened(self, event):
        event.link.flow(3)

    def on_message(self, event):
        number = int(json.loads(amqp_peer.body_of(event.message))["NO"][:6])
        is_first = number not in self.seen
        self.seen.add(number)
        delivery = event.delivery
        if number == 7:
            delivery.local.condition = Condition("amqp:decode-error", "seven")
            delivery.update(Delivery.REJECTED)
        elif is_first and number % 5 == 1:
            delivery.update(Delivery.RELEASED)
        elif is_first and number % 5 == 2:
            delivery.update(Delivery.MODIFIED)
        elif is_first and number == 13:
            event.connection.close()
            return
        else:
            delivery.update(Delivery.ACCEPTED)
            self.taken.append(number)
        delivery.settle()
        event.link.flow(1)


def proxy(binary, broker, folder):
    return there_and_back(binary, folder, broker.port, f"kind: amqp, servers: 'amqp://127.0.0.1:{broker.port}',"
                          f" address: {broker.address('notes-through')}")


def there_and_back(binary, folder, port, client):
    """Records to the broker, and back, from an address of their own through a proxy that refuses them first."""
    # What the proxy knows and writes is not the bridge's.
    login, tunnels = folder.parent / "proxy-login", folder.parent / "proxy-tunnels"
    login.write_text("bridge:open-sesame")
    (folder / "password").write_text("shut-sesame")
    with connect_proxy.running(tunnels, "--login", login) as proxy_port:
        client += (f", interface: 127.0.0.2, proxy: 'http://127.0.0.1:{proxy_port}', proxy_user: bridge,"
                   f" proxy_password: '${{file:{folder}/password}}'")
        path = write(folder, records(folder, 50), f"{{{client}, mode: plain}}")
        refused = Process(binary, "run", path, "--until-idle", "--give-up-after", "1")
        check(refused.end() == 4, "it was let through:\n" + "".join(refused.lines[-5:]))
        check("answered 407 to CONNECT" in refused.events("endpoint_refused")[0]["reason"],
              "".join(refused.lines[-5:]))
        (folder / "password").write_text("open-sesame")
        run(binary, path)
        back = folder / "back"
        back.mkdir()
        path = write(back, f"{{{client}}}", OUT)
        (back / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(15).\n")
        run(binary, path)
    got = {json.loads(event["data"]["NO"])["NO"] for event in events_of(back)}
    check(got == {f"{i:06}" for i in range(50)}, f"{len(got)} records came back")
    asked = [json.loads(line) for line in tunnels.read_text().splitlines()]
    check(sum(one["status"] == 200 for one in asked) == 2, f"{asked}")
    check({(one["target"], one["from"]) for one in asked} == {(f"127.0.0.1:{port}", "127.0.0.2")}, f"{asked}")
    return f"{len(got)} records there and back through 2 tunnels, {len(asked) - 2} refused"


def outcomes(binary, _broker, folder):
    moody = Moody()
    container = Container(moody)
    thread = threading.Thread(target=container.run, daemon=True)
    thread.start()
    moody.ready.wait(30)
    adapter = records(folder, 30)
    path = write(folder, adapter,
                 f"{{kind: amqp, servers: 'amqp://127.0.0.1:{moody.port}', address: somewhere}}")
    process = run(binary, path)
    check(sorted(set(moody.taken)) == [i for i in range(30) if i != 7], f"taken {moody.taken}")
    letters = process.events("dead_letter")
    check(len(letters) == 1 and "seven" in letters[0]["reason"], f"dead letters {letters}")
    return f"{len(moody.taken)} taken, {len(moody.seen)} seen, 1 dead letter"


class Giver(MessagingHandler):
    """A queue that counts: what has no outcome when its connection ends comes again, with one more."""

    def __init__(self, counts):
        super().__init__(prefetch=0, auto_settle=False)
        self.counts, self.queue, self.given = dict(enumerate(counts)), list(range(len(counts))), {}
        self.outcomes, self.ready = {}, threading.Event()

    def on_start(self, event):
        acceptor = event.container.listen("amqp://127.0.0.1:0")
        self.port = acceptor._selectable._delegate.getsockname()[1]
        self.ready.set()

    def on_link_opening(self, event):
        event.link.source.copy(event.link.remote_source)
        event.link.target.copy(event.link.remote_target)

    def on_sendable(self, event):
        while event.sender.credit and self.queue:
            number = self.queue.pop(0)
            count = self.counts[number]
            message = Message(id=f"m{number}", body=b"%06d" % number, inferred=True, delivery_count=count,
                              first_acquirer=count == 0)
            self.given[event.sender.send(message)] = number

    def on_accepted(self, event):
        self.note(event, "accepted")

    def on_rejected(self, event):
        self.note(event, "rejected")

    def note(self, event, outcome):
        self.outcomes.setdefault(self.given.pop(event.delivery), []).append(outcome)
        event.delivery.settle()

    def on_disconnected(self, event):
        lost, self.given = sorted(self.given.values()), {}
        for number in lost:
            self.counts[number] += 1
        self.queue = lost + self.queue

    on_connection_closing = on_disconnected


def suspects(binary, _broker, folder):
    guilty, counts = 5, [0, 0, 0, 9, 0, 2, 0, 1, 1, 0]
    giver = Giver(counts)
    threading.Thread(target=Container(giver).run, daemon=True).start()
    giver.ready.wait(30)
    listener = Process(binary, "listen", "--port", "0", "--output", folder / "out.jsonl", "--quiet")
    url = "http://" + listener.wait_for("listening on").split()[2].rstrip(",;") + "/"
    path = write(folder, f"{{kind: amqp, servers: 'amqp://127.0.0.1:{giver.port}', address: notes}}",
                 f"{{kind: http, url: '{url}', mode: structured}}")
    starts = 0
    while True:
        starts += 1
        process = Process(binary, "run", path, "--until-idle", "--give-up-after", "30",
                          env={"COPYBRIDGE_ABORT_ON": f'record_decoded:"NO":"{guilty:06}"'})
        code = process.end()
        if starts == 1:
            seen = [int(event["data"]["NO"]) for event in events_of(folder)]
            check(seen == list(range(guilty)), f"when it was killed {seen} had been delivered")
        if code != -signal.SIGABRT:
            break
        check(starts < 6, "it is still killed")
    check(code == 2 and starts > 1, f"it ended with {code} at start {starts}:\n" + "".join(process.lines[-20:]))
    listener.end(signal.SIGTERM)
    ids = {}
    for event in events_of(folder):
        ids.setdefault(int(event["data"]["NO"]), set()).add(event["id"])
    check(sorted(ids) == [i for i in range(10) if i != guilty], f"{sorted(ids)} are delivered")
    check(all(len(known) == 1 for known in ids.values()), f"two ids: {ids}")
    check(giver.outcomes[guilty] == ["rejected"], f"the guilty one is {giver.outcomes[guilty]}")
    check(all(giver.outcomes[i] == ["accepted"] for i in ids), f"{giver.outcomes}")
    return f"{starts} starts"


def sent_again(binary, broker, folder, publisher_of):
    """A bridge that is killed sends some records again: how many messages are then on the queue `once`
    and, without an id for the broker, on `often`."""
    adapter = records(folder, 300).replace("settle_time_ms: 0", "settle_time_ms: 0, after: keep")
    for queue in ("once", "often"):
        path = write(folder, adapter, publisher_of(queue))
        path.write_text(path.read_text().replace("state: state", f"state: state-{queue}"))
        for place in ("publish_confirmed:1", "publish_confirmed:2"):
            process = Process(binary, "run", path, "--until-idle",
                              env={"COPYBRIDGE_CRASH_AT": place})
            check(process.end() == -signal.SIGKILL, "".join(process.lines[-10:]))
        run(binary, path)
    return broker.depth("once"), broker.depth("often")


def once(binary, broker, folder):
    def publisher_of(queue):
        more = ", id_property: _AMQ_DUPL_ID" if queue == "once" else ""
        return (f"{{kind: amqp, servers: 'amqp://127.0.0.1:{broker.port}',"
                f" address: {broker.address(queue)}{more}}}")
    dropping, keeping = sent_again(binary, broker, folder, publisher_of)
    check(dropping == 300 < keeping, f"{dropping} messages, {keeping} without an id")
    return f"300 messages, {keeping} without an id"


def counted(binary, broker, folder):
    peer = amqp_peer.connect(broker.port)
    amqp_peer.send(peer, broker.address("counted"), [b"000000"])
    receiver = peer.create_receiver(broker.address("counted"), credit=1)
    for _ in range(2):
        receiver.receive(amqp_peer.LIMIT_S)
        delivery = receiver.fetcher.unsettled.popleft()
        delivery.local.failed = True
        delivery.update(Delivery.MODIFIED)
        delivery.settle()
        receiver.flow(1)
    peer.close()
    peer = amqp_peer.connect(broker.port)
    amqp_peer.send(peer, broker.address("counted"), [b"000001", b"000002"])
    peer.close()
    path = write(folder, f"{{kind: amqp, servers: 'amqp://127.0.0.1:{broker.port}',"
                 f" address: {broker.address('counted')}}}", OUT)
    mapping = folder / "note.yaml"
    mapping.write_text(mapping.read_text().replace(
        "attributes: {", "attributes: {count: '{@amqp-delivery-count}', "))
    run(binary, path)
    counts = {event["data"]["NO"]: event.get("count", "0") for event in events_of(folder)}
    check(counts == {"000000": "2", "000001": "0", "000002": "0"}, f"{counts}")
    return f"{counts}"


CASES = {"source": source, "publisher": publisher, "traces": traces, "login": login, "proxy": proxy,
         "outcomes": outcomes,
         "suspects": suspects}
# What a broker has beside that.
MORE = {"rabbitmq": {}, "artemis": {"once": once, "counted": counted}}


def main():
    binary, kind, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    cases = CASES | MORE[kind]
    with tempfile.TemporaryDirectory(prefix="copybridge-amqp-") as name:
        base = pathlib.Path(name)
        authority = Authority(base / "authority")
        certificate, key = authority.issue("broker", "DNS:localhost")
        broker = kinds()[kind](
            base / "broker", durable=["dead", "notes-source", "binary", "structured", "plain", "login",
                                      "traced", "notes-through", "once", "often", "counted"],
            tls={"ca": authority.ca, "certificate": certificate, "key": key})
        try:
            broker.start()
            for case in wanted or cases:
                (base / case).mkdir()
                more = [authority] if case == "login" else []
                print(f"ok: {case}: {cases[case](binary, broker, base / case, *more)}", flush=True)
        finally:
            broker.kill()


if __name__ == "__main__":
    main()
