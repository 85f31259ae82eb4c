#!/usr/bin/env python3
"""The real binary against emulators of cloud services, read by the providers' own SDKs: every record
is there once, with its id, and signatures hold.

aws    moto, which verifies signatures: SQS FIFO, SNS (by a subscribed queue), Kinesis, EventBridge (by
       a rule to a queue); and with a wrong secret nothing gets in
azure  Azurite: Queue Storage by Shared Key

usage: cloud_test.py BINARY CASE…        (brings itself into the emulators' Python first)
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
import cloud_emulators  # noqa: E402
import secret_hunt  # noqa: E402

REGION = "eu-central-1"
RECORDS = 100
RECORD_SIZE = 200
RUN_LIMIT_S = 120


def check(holds, message):
    if not holds:
        sys.exit(f"FAILED: {message}")


class World:
    """A folder with a file of account records and a bridge to the publishers."""

    def __init__(self, binary, folder, publishers):
        self.binary, self.folder = binary, pathlib.Path(folder)
        sample = SOURCE / "mappings" / "account"
        shutil.copytree(sample, self.folder / "account")
        (self.folder / "in").mkdir()
        data = (sample / "sample" / "account.dat").read_bytes()[:RECORDS * RECORD_SIZE]
        (self.folder / "in" / "account.dat").write_bytes(data)
        self.bridge = self.folder / "bridge.yaml"
        self.bridge.write_text(
            "state: state\ndelivery: {retry_initial_ms: 5, retry_max_ms: 200}\nadapters:\n"
            "  accounts: {kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no,"
            " settle_time_ms: 0}\npublishers:\n" +
            "".join(f"  {name}: {options}\n" for name, options in publishers.items()) +
            f"routes:\n  - {{from: accounts, mappings: [account/account.yaml],"
            f" to: [{', '.join(publishers)}]}}\n")

    def run(self, *more, **environment):
        """One run; its secrets are nowhere in what it has said and written."""
        whole = {**os.environ, **environment}
        secrets = secret_hunt.Secrets().add_all_of(self.bridge, whole)
        done = subprocess.run(
            [self.binary, "run", str(self.bridge), "--until-idle", *more], text=True,
            timeout=RUN_LIMIT_S, capture_output=True, env=whole)
        secret_hunt.hunt(secrets, self.binary, self.bridge, whole, done.stderr.encode())
        return done

    def expected(self):
        """The ids of the events, as the bridge itself writes them to a pipe."""
        listed = World(self.binary, tempfile.mkdtemp(dir=self.folder),
                       {"out": "{kind: stdout, format: cloudevents}"}).run()
        check(listed.returncode == 0, listed.stderr)
        return sorted(json.loads(line)["id"] for line in listed.stdout.splitlines())


def same(name, found, expected):
    check(sorted(found) == expected, f"{name}: {len(found)} found, {len(set(found))} different, "
                                     f"{len(expected)} expected")
    print(f"ok: {name}, {len(found)} events")


def drained(sqs, url):
    messages = []
    while True:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                  MessageAttributeNames=["All"],
                                  AttributeNames=["All"]).get("Messages", [])
        if not got:
            return messages
        messages += got
        sqs.delete_message_batch(QueueUrl=url, Entries=[
            {"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(got)])


def make_services(client):
    sqs, sns, kinesis, events = (client(name) for name in ("sqs", "sns", "kinesis", "events"))
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("topic", "bus")}
    arn = lambda name: f"arn:aws:sqs:{REGION}:123456789012:{name}"  # noqa: E731
    urls["fifo"] = sqs.create_queue(QueueName="a.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    topic = sns.create_topic(Name="accounts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("topic"),
                  Attributes={"RawMessageDelivery": "true"})
    kinesis.create_stream(StreamName="accounts", ShardCount=1)
    events.create_event_bus(Name="accounts")
    events.put_rule(Name="all", EventBusName="accounts",
                    EventPattern=json.dumps({"account": ["123456789012"]}))
    events.put_targets(Rule="all", EventBusName="accounts",
                       Targets=[{"Id": "1", "Arn": arn("bus")}])
    return urls, topic


def records_of(kinesis):
    shard = kinesis.describe_stream(StreamName="accounts")["StreamDescription"]["Shards"][0]
    at = kinesis.get_shard_iterator(StreamName="accounts", ShardId=shard["ShardId"],
                                    ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = []
    while True:
        got = kinesis.get_records(ShardIterator=at)
        records += got["Records"]
        at = got["NextShardIterator"]
        if not got["Records"]:
            return records


def aws(binary, folder):
    with cloud_emulators.Moto() as moto:
        keys, client = moto.signed_user(REGION)
        urls, topic = make_services(client)
        common = (f"endpoint: '{moto.url}', region: {REGION}, access_key_id: "
                  f"{keys['AccessKeyId']}, secret_access_key: '${{env:SECRET}}'")
        world = World(binary, folder, {
            "queue": f"{{kind: aws-sqs, queue_url: '{urls['fifo']}', {common}}}",
            "topic": f"{{kind: aws-sns, topic_arn: '{topic}', {common}}}",
            "stream": f"{{kind: aws-kinesis, stream: accounts, {common}}}",
            "bus": f"{{kind: aws-eventbridge, bus: accounts, {common}}}"})
        wrong = world.run("--give-up-after", "1", SECRET="shut/sesame+EXAMPLE")
        check(wrong.returncode == 4 and "SignatureDoesNotMatch" in wrong.stderr,
              f"a wrong secret: {wrong.returncode}\n{wrong.stderr}")
        done = world.run(SECRET=keys["SecretAccessKey"])
        check(done.returncode == 0, done.stderr)
        expected = world.expected()
        sqs = client("sqs")
        fifo = drained(sqs, urls["fifo"])
        same("sqs", [one["MessageAttributes"]["ce-id"]["StringValue"] for one in fifo], expected)
        check(all(one["Attributes"]["MessageDeduplicationId"] ==
                  one["MessageAttributes"]["ce-id"]["StringValue"] for one in fifo), "deduplication")
        same("sns", [one["MessageAttributes"]["ce-id"]["StringValue"]
                     for one in drained(sqs, urls["topic"])], expected)
        same("kinesis", [json.loads(one["Data"])["id"] for one in records_of(client("kinesis"))],
             expected)
        same("eventbridge", [json.loads(one["Body"])["detail"]["id"]
                             for one in drained(sqs, urls["bus"])], expected)


def azure(binary, folder):
    from azure.storage.queue import QueueClient
    with cloud_emulators.Azurite("queue", pathlib.Path(folder) / "azurite") as azurite:
        queue = QueueClient(azurite.url, "accounts",
                            credential={"account_name": azurite.ACCOUNT,
                                        "account_key": azurite.KEY})
        queue.create_queue()
        world = World(binary, folder, {
            "queue": f"{{kind: azure-queue, account: devstoreaccount1, queue: accounts, endpoint: "
                     f"'{azurite.url}', key: '${{env:SECRET}}'}}"})
        wrong = world.run("--give-up-after", "1", SECRET=base64.b64encode(b"shut/sesame+EXAMPLE").decode())
        check(wrong.returncode == 4 and "answered 403" in wrong.stderr, wrong.stderr)
        done = world.run(SECRET=azurite.KEY)
        check(done.returncode == 0, done.stderr)
        found = []
        for message in queue.receive_messages(messages_per_page=32, visibility_timeout=600):
            found.append(json.loads(base64.b64decode(message.content))["id"])
        same("queue storage", found, world.expected())


def main():
    python = cloud_emulators.python_folder() / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    cases = {"aws": aws, "azure": azure}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-cloud-") as folder:
            cases[case](sys.argv[1], folder)


if __name__ == "__main__":
    main()
