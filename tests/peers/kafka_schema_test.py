#!/usr/bin/env python3
"""Messages with the number of their schema, read from a real Kafka broker by Confluent's own client, which
takes the schema from the registry and validates the message against it.

at_least_once  every event of the samples, and the schema says what a field is
exactly_once   the same in transactions
refused        the registry is away, then refuses the schema (409): the events wait, the log says why,
               nothing becomes a dead letter; then it takes the schema
looked_up      schema_register: no: a schema that is not there is refused, one that is there is used

usage: kafka_schema_test.py BINARY at_least_once|exactly_once|refused|looked_up
"""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
sys.path.insert(0, str(SOURCE / "tests" / "faults"))
import schema_registry  # noqa: E402
from bridge_process import Process, check  # noqa: E402
from kafka_broker import KafkaBroker  # noqa: E402

EVENTS = 950
LIMIT_S = 60


class World:
    def __init__(self, binary):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-kafka-schema-"))
        self.registry = schema_registry.SchemaRegistry()
        self.broker = KafkaBroker(self.folder / "broker").start()
        self.broker.create_topic("accounts")
        self.environment = {**os.environ, "REGISTRY_SECRET": self.registry.PASSWORD}

    def run(self, more="", until_idle=("--until-idle",)):
        folder = self.folder / "bridge"
        folder.mkdir(exist_ok=True)
        (folder / "bridge.yaml").write_text(f"""\
state: state
log: {{format: json, summary_interval_ms: 2000}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200}}
adapters:
  in: {{kind: file, path: {SOURCE}/mappings/account/sample/account.dat, recfm: F, lrecl: 200,
       watch: no, settle_time_ms: 0}}
publishers:
  out: {{kind: kafka, brokers: "{self.broker.address}", topic: accounts,
        schema_registry: "{self.registry.url}/", schema_registry_user: {self.registry.USER},
        schema_registry_password: "${{env:REGISTRY_SECRET}}"{more}}}
routes:
  - {{from: in, mappings: [{SOURCE}/mappings/account/account.yaml], to: [out]}}
""")
        return Process(self.binary, "run", folder / "bridge.yaml", *until_idle,
                       env=self.environment)

    def read(self):
        """All messages, as the client understands them."""
        from confluent_kafka import Consumer, KafkaError
        from confluent_kafka.schema_registry import SchemaRegistryClient
        from confluent_kafka.schema_registry.json_schema import JSONDeserializer
        from confluent_kafka.serialization import MessageField, SerializationContext
        client = SchemaRegistryClient({
            "url": self.registry.url,
            "basic.auth.user.info": f"{self.registry.USER}:{self.registry.PASSWORD}"})
        understand = JSONDeserializer(None, schema_registry_client=client)
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
            found.append((dict(message.headers())["ce_id"].decode(),
                          understand(value, context)))
        consumer.close()
        return found

    def expect_all(self):
        found = self.read()
        check(len({identity for identity, _ in found}) == EVENTS == len(found),
              f"{len(found)} messages")
        expected = {identity: body for identity, body in self.read_with_file()}
        check(dict(found) == expected, "a message is altered")
        check(list(self.registry.subjects) == ["accounts-value"], str(self.registry.subjects))
        schema = json.loads(self.registry.schemas[0])
        check(schema["$schema"].endswith("2020-12/schema") and schema["type"] == "object",
              str(schema)[:200])

    def read_with_file(self):
        """What the bridge makes of the same records without a registry."""
        folder = self.folder / "plain"
        folder.mkdir()
        text = (self.folder / "bridge/bridge.yaml").read_text()
        first, last = text.index("  out:"), text.index("routes:")
        (folder / "bridge.yaml").write_text(
            text[:first] + "  out: {kind: file, path: 'out.jsonl', format: cloudevents}\n" + text[last:])
        check(Process(self.binary, "run", folder / "bridge.yaml", "--until-idle").end() == 0, "file")
        for line in (folder / "out.jsonl").read_text().splitlines():
            event = json.loads(line)
            yield event["id"], event["data"]

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


def main(binary, case):
    schema_registry.enter()
    world = World(binary)
    try:
        {"at_least_once": lambda world: delivered(world, ""),
         "exactly_once": lambda world: delivered(world, ", transactional_id: schemas"),
         "refused": refused, "looked_up": looked_up}[case](world)
    finally:
        world.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
