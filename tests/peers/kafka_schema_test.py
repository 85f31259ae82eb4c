#!/usr/bin/env python3
"""Messages with the number of their schema, read from a real Kafka broker by Confluent's own client, which
takes the schema from the registry and validates the message against it, or, where it is Avro, reads the
message by it.

at_least_once  every event of the samples, and the schema says what a field is
exactly_once   the same in transactions
refused        the registry is away, then refuses the schema (409): the events wait, the log says why,
               nothing becomes a dead letter; then it takes the schema
looked_up      schema_register: no: a schema that is not there is refused, one that is there is used
too_large      avro: an event whose JSON is larger than a message may be is sent where its Avro is not, one
               whose Avro is too large is a dead letter

usage: kafka_schema_test.py BINARY at_least_once|exactly_once|refused|looked_up|too_large json-schema|avro
"""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
from decimal import Decimal

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
sys.path.insert(0, str(SOURCE / "tests" / "faults"))
sys.path.insert(0, str(SOURCE / "tests" / "unit" / "schema"))
import schema_registry  # noqa: E402
from avro_values import as_avro  # noqa: E402
from bridge_process import Process, check  # noqa: E402
from kafka_broker import KafkaBroker  # noqa: E402

EVENTS = 950
LIMIT_S = 60


class World:
    def __init__(self, binary, form):
        self.binary = binary
        self.is_avro = form == "avro"
        self.options = ", schema_format: avro, schema_namespace: com.example" if self.is_avro else ""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-kafka-schema-"))
        self.registry = schema_registry.SchemaRegistry()
        self.broker = KafkaBroker(self.folder / "broker").start()
        self.broker.create_topic("accounts")
        self.environment = {**os.environ, "REGISTRY_SECRET": self.registry.PASSWORD}

    def run(self, more="", until_idle=("--until-idle",), source=None, mapping=None):
        """`source`: options of the records' file; the samples of accounts where none are given."""
        account = SOURCE / "mappings" / "account"
        source = source or f"path: {account}/sample/account.dat, recfm: F, lrecl: 200"
        mapping = mapping or account / "account.yaml"
        folder = self.folder / "bridge"
        folder.mkdir(exist_ok=True)
        (folder / "bridge.yaml").write_text(f"""\
state: state
log: {{format: json, summary_interval_ms: 2000}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200}}
adapters:
  in: {{kind: file, {source}, watch: no, settle_time_ms: 0}}
publishers:
  out: {{kind: kafka, brokers: "{self.broker.address}", topic: accounts,
        schema_registry: "{self.registry.url}/", schema_registry_user: {self.registry.USER},
        schema_registry_password: "${{env:REGISTRY_SECRET}}"{self.options}{more}}}
routes:
  - {{from: in, mappings: [{mapping}], to: [out]}}
""")
        return Process(self.binary, "run", folder / "bridge.yaml", *until_idle,
                       env=self.environment)

    def read(self):
        """All messages, as the client understands them."""
        from confluent_kafka import Consumer, KafkaError
        from confluent_kafka.schema_registry import SchemaRegistryClient
        from confluent_kafka.schema_registry.avro import AvroDeserializer
        from confluent_kafka.schema_registry.json_schema import JSONDeserializer
        from confluent_kafka.serialization import MessageField, SerializationContext
        client = SchemaRegistryClient({
            "url": self.registry.url,
            "basic.auth.user.info": f"{self.registry.USER}:{self.registry.PASSWORD}"})
        understand = AvroDeserializer(client) if self.is_avro else JSONDeserializer(
            None, schema_registry_client=client)
        content_type = b"application/avro" if self.is_avro else b"application/json"
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": "readers",
                             "auto.offset.reset": "earliest", "enable.partition.eof": True,
                             "isolation.level": "read_committed"})
        consumer.subscribe(["accounts"])
        found, ends = [], set()
        while len(ends) < 3:
            message = consumer.poll(LIMIT_S)
            check(message is not None, "the client reads nothing")
            if message.error():
                check(message.error().code() == KafkaError._PARTITION_EOF, str(message.error()))
                ends.add(message.partition())
                continue
            context = SerializationContext("accounts", MessageField.VALUE)
            value = message.value()
            check(value[0] == 0 and int.from_bytes(value[1:5], "big") == 70000, value[:6].hex())
            headers = dict(message.headers())
            check(headers["content-type"] == content_type, str(headers))
            found.append((headers["ce_id"].decode(), understand(value, context)))
        consumer.close()
        return found

    def expect_all(self):
        found = self.read()
        check(len({identity for identity, _ in found}) == EVENTS == len(found),
              f"{len(found)} messages")
        check(list(self.registry.subjects) == ["accounts-value"], str(self.registry.subjects))
        schema = json.loads(self.registry.schemas[0])
        expected = {identity: body for identity, body in self.read_with_file(schema)}
        check(dict(found) == expected, "a message is altered")
        if self.is_avro:
            check(schema["type"] == "record" and schema["namespace"] == "com.example",
                  str(schema)[:200])
            kinds = {str(field["type"]) for field in schema["fields"]}
            check(len(kinds) > 3 and any("decimal" in kind for kind in kinds), str(kinds))
        else:
            check(schema["$schema"].endswith("2020-12/schema") and schema["type"] == "object",
                  str(schema)[:200])

    def read_with_file(self, schema):
        """What the bridge makes of the same records without a registry; in Avro as values of its schema."""
        folder = self.folder / "plain"
        folder.mkdir()
        text = (self.folder / "bridge/bridge.yaml").read_text()
        first, last = text.index("  out:"), text.index("routes:")
        (folder / "bridge.yaml").write_text(
            text[:first] + "  out: {kind: file, path: 'out.jsonl', format: cloudevents}\n" + text[last:])
        check(Process(self.binary, "run", folder / "bridge.yaml", "--until-idle").end() == 0, "file")
        for line in (folder / "out.jsonl").read_text().splitlines():
            event = json.loads(line, parse_float=Decimal if self.is_avro else float)
            yield event["id"], as_avro(event["data"], schema) if self.is_avro else event["data"]

    def close(self):
        self.broker.kill()
        self.registry.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def delivered(world, more):
    bridge = world.run(more)
    check(bridge.end() == 0, "".join(bridge.lines[-10:]))
    world.expect_all()
    check(world.registry.asked == 1, f"the registry was asked {world.registry.asked} times")
    print(f"{EVENTS} events, validated by Confluent's client")


def refused(world):
    world.registry.status = 503
    bridge = world.run(until_idle=())
    bridge.wait_for("answered 503")
    world.registry.status = 409
    bridge.wait_for("not compatible")
    check(any('"event":"endpoint_refused"' in line and '"ERROR"' in line for line in bridge.lines),
          "no ERROR says so")
    check(not world.broker.consume("accounts"), "something was sent without a schema")
    world.registry.status = 200
    bridge.wait_for('"event":"file_ended"')
    check(bridge.end(signal.SIGTERM) == 0, "".join(bridge.lines[-10:]))
    check(not bridge.events("dead_letter"), "an event became a dead letter")
    world.expect_all()
    print(f"{EVENTS} events after refusals")


def looked_up(world):
    bridge = world.run(", schema_register: no")
    bridge.wait_for("has no such schema")
    bridge.end(signal.SIGTERM)
    check(not world.registry.schemas and not world.broker.consume("accounts"), "it was registered")
    check(world.run().end() == 0, "registering")
    asked = world.registry.asked
    shutil.rmtree(world.folder / "bridge")
    check(world.run(", schema_register: no").end() == 0, "looking up")
    check(world.registry.asked == asked + 1 and len(world.registry.schemas) == 1, "not looked up")
    check(len(world.read()) == 2 * EVENTS, "not all of both runs")
    print(f"{EVENTS} events by a schema that was there")


COPYBOOK = """\
       01  REPORT.
           05  REPORT-NUMBER PIC 9(3).
           05  REMARK PIC X(25000).
           05  MEASUREMENTS OCCURS 2000.
               10  A-NAME-THAT-IS-LONGER-THAN-IT PIC 9.
"""


def too_large(world):
    """Limits count what is sent."""
    (world.folder / "report.cpy").write_text(COPYBOOK)
    mapping = world.folder / "report.yaml"
    mapping.write_text("name: report\ncopybook: report.cpy\ncodepage: IBM-037\nevent: {type: t}\n")
    records = world.folder / "reports.dat"
    remarks = ("short", "x" * 25000, "")
    records.write_bytes(b"".join(
        f"{number:03}{remark:25000}{'7' * 2000}".encode("cp037") for number, remark in enumerate(remarks)))
    limit = ", properties: {message.max.bytes: 20000}"
    bridge = world.run(limit, source=f"path: {records}, recfm: F, lrecl: 27003", mapping=mapping)
    check(bridge.end() == 2, "".join(bridge.lines[-10:]))
    letters = bridge.events("dead_letter")
    check(len(letters) == 1 and "27" in str(letters) and "20000" in str(letters), str(letters))
    found = [value for _, value in world.read()]
    check([value["REMARK"] for value in found] == ["short", ""], str(found)[:200])
    check(all(len(value["MEASUREMENTS"]) == 2000 for value in found), "a table is altered")
    print("2 events of 70 kB as JSON are less than 20 kB as Avro, one is a dead letter")


def main(binary, case, form):
    schema_registry.enter()
    world = World(binary, form)
    try:
        {"at_least_once": lambda world: delivered(world, ""),
         "exactly_once": lambda world: delivered(world, ", transactional_id: schemas"),
         "refused": refused, "looked_up": looked_up, "too_large": too_large}[case](world)
    finally:
        world.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
