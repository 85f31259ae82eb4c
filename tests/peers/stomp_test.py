#!/usr/bin/python3
"""The adapter and the publisher stomp against stomp.py by way of a real broker (rabbitmq or
artemis), and against a peer that speaks the older versions.

source     binary bodies and headers with every escape become records and attributes; what is no record is a
           dead letter here and on the broker's dead-letter queue
publisher  what the bridge sends is what docs/stomp.md says, as the client reads it
traces     W3C Trace Context goes from a message to a message, malformed ones do not
login      TLS with a list whose first server is away; a wrong passcode, an authority that is not
           trusted and a certificate of another host are refused
proxy      adapter and publisher reach the broker through an HTTP proxy's tunnels, from the address
           of `interface`, and wait where the proxy refuses
cut        a proxy cuts the connection again and again: nothing is lost, and nothing comes twice
ahead      while an endpoint is away the broker sends as many messages ahead as the prefetch says
versions   a peer of STOMP 1.0, 1.1 and 1.2 gets heart-beats, and the acknowledgements of its version
silent     a peer that promises heart-beats and sends none is lost

usage: stomp_test.py BINARY BROKER [CASE…]
"""
import collections
import json
import pathlib
import signal
import socket
import sys
import tempfile
import threading

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests/support"), str(SOURCE / "tests/faults")]
import stomp_peer  # noqa: E402
from amqp_test import DEAD_PORT, events_of, records, run, there_and_back, write  # noqa: E402
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from certificates import Authority  # noqa: E402
from queue_broker import USERS, kinds  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

OUT = "{kind: file, path: out.jsonl, format: cloudevents}"
PREFETCH = 40
ODD = "a:b\\c\nd"
ATTRIBUTES = ("attributes: {odd: '{@stomp-odd}', messageid: '{@stomp-amqp-message-id}',"
              " destination: '{@stomp-destination}'}")


def adapter(port, queue, more=""):
    return f"{{kind: stomp, servers: 'stomp://127.0.0.1:{port}', destination: {queue}{more}}}"


def write_source(folder, *words):
    path = write(folder, *words)
    mapping = (folder / "note.yaml").read_text()
    (folder / "note.yaml").write_text(mapping[:mapping.index("attributes:")] + ATTRIBUTES + "\n")
    return path


def source(binary, broker, folder):
    peer = stomp_peer.Peer(broker.stomp_port)
    peer.send(broker.destination("notes-source"), [b"%06d" % i for i in range(50)], odd=ODD)
    peer.send(broker.destination("notes-source"), [b"\x00\n\x00"])
    path = write_source(folder, adapter(broker.stomp_port, broker.destination("notes-source")), OUT)
    process = run(binary, path)
    got = events_of(folder)
    check([event["data"]["NO"] for event in got] == [f"{i:06}" for i in range(50)], "the records")
    check(all(event["odd"] == ODD and event["messageid"] for event in got), f"{got[0]}")
    check(len({event["id"] for event in got}) == 50, "ids are not of their own")
    letters = process.events("dead_letter")
    check(len(letters) == 1, f"{len(letters)} dead letters")
    expected = [b"\x00\n\x00"] if broker.nack_moves else []
    moved = peer.take(broker.destination("dead"), len(expected))
    check([stomp_peer.body_of(frame) for frame in moved] == expected, f"dead-letter queue: {moved}")
    check(broker.depth("notes-source") == 0, "a message is left")
    peer.close()
    return "50 records, 1 dead letter"


def publisher(binary, broker, folder):
    adapter_of_file = records(folder, 3)
    for form, more in {"binary": "", "structured": ", mode: structured",
                       "plain": ", mode: plain, headers: {from: 'a:b'}, group_header: JMSXGroupID",
                       }.items():
        path = write(folder, adapter_of_file,
                     f"{{kind: stomp, servers: 'stomp://127.0.0.1:{broker.stomp_port}',"
                     f" destination: {broker.destination(form)}{more}}}")
        path.write_text(path.read_text().replace("state: state", f"state: state-{form}"))
        run(binary, path)
        peer = stomp_peer.Peer(broker.stomp_port)
        frames = peer.take(broker.destination(form), 3)
        peer.close()
        check(len(frames) == 3, f"{form}: {len(frames)} messages")
        for number, frame in enumerate(frames):
            headers, body = frame.headers, json.loads(stomp_peer.body_of(frame))
            name, identity = f"{number:06}", headers["amqp-message-id"]
            check(headers["persistent"] == "true" and identity.endswith("/note"), f"{headers}")
            if form == "structured":
                check(headers["content-type"] == "application/cloudevents+json" and
                      body["id"] == identity and body["data"] == {"NO": name}, f"{body}")
                continue
            check(headers["content-type"] == "application/json" and body == {"NO": name}, f"{body}")
            if form == "binary":
                check(headers["cloudEvents_id"] == identity and
                      headers["cloudEvents_subject"] == f"note/{name}", f"{headers}")
            else:
                # Artemis shows a group under its own name.
                group = headers.get("JMSXGroupID", headers.get("_AMQ_GROUP_ID"))
                check(headers["from"] == "a:b" and group == name, f"{headers}")
    return "binary, structured, plain"


def traces(binary, broker, folder):
    parent, state = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1,other=x"
    peer = stomp_peer.Peer(broker.stomp_port)
    source_queue, queue = broker.destination("traced"), broker.destination("traced-out")
    peer.send(source_queue, [b"000001"], traceparent=parent, tracestate=state)
    peer.send(source_queue, [b"000002"], traceparent=parent.replace("-b7", "-B7"))
    peer.close()
    run(binary, write_source(folder, adapter(broker.stomp_port, source_queue),
                             f"{{kind: stomp, servers: 'stomp://127.0.0.1:{broker.stomp_port}',"
                             f" destination: {queue}}}", ", trace_context: start"))
    peer = stomp_peer.Peer(broker.stomp_port)
    got = {json.loads(stomp_peer.body_of(frame))["NO"]: frame.headers for frame in peer.take(queue, 2)}
    peer.close()
    kept, begun = got["000001"], got["000002"]
    check(kept["traceparent"] == parent == kept["cloudEvents_traceparent"], f"{kept}")
    check(kept["tracestate"] == state, f"{kept}")
    check(begun["traceparent"] == begun["cloudEvents_traceparent"] and
          begun["traceparent"][3:35] != parent[3:35] and "tracestate" not in begun, f"{begun}")
    return "1 passed on, 1 begun"


def login(binary, broker, folder, authority):
    stranger = Authority(folder / "stranger", "stranger")
    secrets = {"GOOD": USERS["bridge"], "WRONG": "shut/sesame+broker"}
    tls = f"servers: ['stomps://localhost:{DEAD_PORT}', 'stomps://localhost:{broker.stomp_tls_port}']"
    good = "user: bridge, password: '${env:GOOD}'"
    ways = {
        "tls": (f"{tls}, ca_bundle: {authority.ca}, {good}", None),
        "wrong_passcode": (f"{tls}, ca_bundle: {authority.ca}, {good}".replace("GOOD", "WRONG"),
                           broker.refusal),
        "stranger": (f"{tls}, ca_bundle: {stranger.ca}, {good}", "certificate verify failed"),
        "other_host": (f"{tls}, ca_bundle: {authority.ca}, {good}".replace("localhost", "127.0.0.1"),
                       "certificate verify failed"),
    }
    adapter_of_file = records(folder, 2)
    for way, (options, refusal) in ways.items():
        path = write(folder, adapter_of_file, "{kind: stomp, "
                     f"{options}, destination: {broker.destination('login')}}}")
        path.write_text(path.read_text().replace("state: state", f"state: state-{way}"))
        if refusal is None:
            run(binary, path, env=secrets)
            continue
        process = Process(binary, "run", path, env=secrets)
        line = process.wait_for('"endpoint_refused"')
        process.end(signal.SIGTERM)
        check(refusal.lower() in line.lower(), f"{way}: {line}")
    return ", ".join(ways)


def proxy(binary, broker, folder):
    return there_and_back(binary, folder, broker.stomp_port,
                          f"kind: stomp, servers: 'stomp://127.0.0.1:{broker.stomp_port}',"
                          f" destination: {broker.destination('notes-through')}")


def cut(binary, broker, folder):
    peer = stomp_peer.Peer(broker.stomp_port)
    bodies = [b"%06d" % i for i in range(300)]
    peer.send(broker.destination("cut"), bodies)
    proxy = TcpProxy(broker.stomp_port, [60, 1500, 2500, 3500, 4500])
    path = write_source(folder, adapter(proxy.port, broker.destination("cut"),
                                        ", batch_records_max: 20"), OUT)
    run(binary, path)
    check(proxy.cuts >= 3, f"{proxy.cuts} cuts")
    proxy.close()
    left = peer.take(broker.destination("cut"), 0)
    check(not left, f"{len(left)} messages are left")
    peer.close()
    count = collections.Counter(event["data"]["NO"] for event in events_of(folder))
    check(count.keys() == {body.decode() for body in bodies}, f"{len(count)} records")
    check(max(count.values()) == 1, "records came twice though the bridge lived")
    return f"300 records, {proxy.cuts} cuts"


def ahead(binary, broker, folder):
    peer = stomp_peer.Peer(broker.stomp_port)
    peer.send(broker.destination("ahead"), [b"%06d" % i for i in range(100)])
    path = write_source(folder, adapter(broker.stomp_port, broker.destination("ahead"),
                                        f", prefetch: {PREFETCH}, batches_in_flight_max: {PREFETCH}"),
                        f"{{kind: http, url: 'http://127.0.0.1:{DEAD_PORT}/'}}")
    # However few come at a time.
    path.write_text(path.read_text().replace("level: debug", "summary_interval_ms: 100").replace(
        "delivery: {", f"delivery: {{window_batches: {PREFETCH}, "))
    process = Process(binary, "run", path)
    with process.changed:
        done = process.changed.wait_for(lambda: any(
            event["read"] >= PREFETCH for event in process.events("summary")), LIMIT_S)
    process.end(signal.SIGKILL)
    check(done, f"{process.events('summary')[-1]}")
    left = peer.take(broker.destination("ahead"), 100)
    check(len(left) == 100, f"{len(left)} messages are left")
    peer.close()
    return f"{PREFETCH} messages"


class Old:
    """A peer that answers as one version does and sends three messages; keeps what it hears."""

    def __init__(self, version, beats="0,0"):
        self.version, self.beats = version, beats
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard, self.changed = b"", threading.Condition()
        self.connections = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        said = b""
        while data := peer.recv(4096):
            with self.changed:
                self.heard += data
                self.changed.notify_all()
            said += data
            while b"\0" in said:
                frame, said = said.split(b"\0", 1)
                answer = self.answer(frame.lstrip(b"\n").decode())
                peer.sendall(answer)
                if frame.lstrip(b"\n").startswith(b"DISCONNECT"):
                    return peer.close()

    def answer(self, frame):
        headers = dict(line.split(":", 1) for line in frame.split("\n")[1:] if ":" in line)
        if frame.startswith("CONNECT"):
            version = "" if self.version == "1.0" else f"version:{self.version}\n"
            return f"CONNECTED\n{version}heart-beat:{self.beats}\n\n\0".encode()
        receipt = f"RECEIPT\nreceipt-id:{headers['receipt']}\n\n\0" if "receipt" in headers else ""
        if frame.startswith("SUBSCRIBE"):
            for number in range(3):
                ack = f"ack:a{number}\n" if self.version == "1.2" else ""
                receipt += (f"MESSAGE\nsubscription:{headers['id']}\nmessage-id:m{number}\n{ack}"
                            f"destination:q\n\n{number:06}\0\n")
        return receipt.encode()

    def wait_for(self, text):
        with self.changed:
            check(self.changed.wait_for(lambda: text in self.heard, LIMIT_S),
                  f"{self.version}: no {text} in {self.heard}")


def versions(binary, _broker, folder):
    for version, word in {"1.0": b"message-id:m2", "1.1": b"message-id:m2\nsubscription:copybridge",
                          "1.2": b"id:a2"}.items():
        (folder / version).mkdir()
        old = Old(version, "0,200")
        path = write_source(folder / version, adapter(old.port, "q", ", heart_beat_send_ms: 100"), OUT)
        process = Process(binary, "run", path)
        old.wait_for(b"ACK\n" + word)
        # It sends nothing else by itself.
        old.wait_for(b"\0\n\n\n")
        check(process.end(signal.SIGTERM) == 0, "the end:\n" + "".join(process.lines[-10:]))
        old.wait_for(b"DISCONNECT\n")
        check(len(events_of(folder / version)) == 3, "the records")
    return "1.0, 1.1, 1.2"


def silent(binary, _broker, folder):
    old = Old("1.2", "300,0")
    path = write_source(folder, adapter(old.port, "q", ", heart_beat_receive_ms: 300"), OUT)
    process = Process(binary, "run", path)
    line = process.wait_for('"source_lost"')
    process.end(signal.SIGTERM)
    check("no heart-beat" in line, line)
    return "lost after twice the time"


CASES = {"source": source, "publisher": publisher, "traces": traces, "login": login, "proxy": proxy, "cut": cut, "ahead": ahead,
         "versions": versions, "silent": silent}


def main():
    binary, kind, wanted = sys.argv[1], sys.argv[2], sys.argv[3:] or list(CASES)
    with tempfile.TemporaryDirectory(prefix="copybridge-stomp-") as name:
        base = pathlib.Path(name)
        authority = Authority(base / "authority")
        certificate, key = authority.issue("broker", "DNS:localhost")
        broker = kinds()[kind](
            base / "broker", durable=["dead", "notes-source", "binary", "structured", "plain",
                                      "login", "cut", "ahead", "traced", "traced-out", "notes-through"],
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
