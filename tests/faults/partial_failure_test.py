#!/usr/bin/env python3
"""The real binary against services whose answer of 200 says that some of a batch's entries failed.

A fifth of all entries fail for the service's own reasons, one event by the sender's fault. Every
other event is there once: what was accepted beside a failure is not sent again, and the events of a
key are in the file's order. The one is a dead letter, and nothing else is.

usage: partial_failure_test.py BINARY [sqs|sns|kinesis|eventbridge…]
"""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402

PERCENT = 20
RECORDS = 300
PUBLISHERS = {
    "sqs": "kind: aws-sqs, queue_url: 'https://sqs.eu-central-1.amazonaws.com/1/a.fifo'",
    "sns": "kind: aws-sns, topic_arn: 'arn:aws:sns:eu-central-1:1:a.fifo'",
    "kinesis": "kind: aws-kinesis, stream: a, batch_events_max: 50",
    "eventbridge": "kind: aws-eventbridge, bus: a"}
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BRIDGE = """\
state: state
log: {{summary_interval_ms: 100}}
delivery: {{retry_initial_ms: 1, retry_max_ms: 50}}
adapters:
  accounts: {{kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0}}
publishers:
  service: {{{publisher}}}
routes:
  - {{from: accounts, mappings: [account.yaml], to: [service]}}
"""


def lay_out(folder, publisher):
    sample = SOURCE / "mappings" / "account"
    (folder / "in").mkdir()
    data = (sample / "sample" / "account.dat").read_bytes()
    (folder / "in" / "account.dat").write_bytes(data[:RECORDS * 200])
    shutil.copy(sample / "account.cpy", folder)
    mapping = (sample / "account.yaml").read_text().split("examples:")[0]
    # Few keys, so that their order is at stake.
    check("key: ACCT-ID " in mapping, "the sample's key has another name")
    (folder / "account.yaml").write_text(mapping.replace("key: ACCT-ID ", "key: ACCT-PRODUCT "))
    bridge = folder / "bridge.yaml"
    bridge.write_text(BRIDGE.format(publisher=publisher))
    return bridge


def run(binary, bridge):
    return Process(binary, "run", bridge, "--until-idle", env={**os.environ, "SECRET": SECRET})


def expected(binary, folder):
    """Ids and keys of the file's events, in its order."""
    folder.mkdir()
    bridge = lay_out(folder, "kind: stdout, format: cloudevents")
    done = subprocess.run([binary, "run", bridge, "--until-idle"], capture_output=True, text=True,
                          timeout=LIMIT_S)
    check(done.returncode == 0, done.stderr)
    return [(event["id"], event["partitionkey"]) for event in map(json.loads, done.stdout.splitlines())]


def taken(log):
    """Ids of what the service took, in its order."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return [entry.get("attributes", {}).get("ce-id") or json.loads(entry["body"])["id"]
            for entry in entries]


def by_key(ids, keys):
    groups = collections.defaultdict(list)
    for identity in ids:
        groups[keys[identity]].append(identity)
    return groups


def one_case(binary, name, folder):
    events = expected(binary, folder / "expected")
    keys = dict(events)
    check(len(set(keys.values())) < len(keys) / 10, "too many keys to tell an order by")
    blamed = events[len(events) // 2][0]
    log = folder / "taken"
    double = subprocess.Popen([sys.executable, SOURCE / "tests/support/aws_double.py", "--log", log],
                              stderr=subprocess.PIPE, text=True)
    try:
        url = "http://" + double.stderr.readline().split()[-1] + "/"
        urllib.request.urlopen(url + "control", json.dumps(
            {"percent": PERCENT, "blamed": blamed}).encode()).close()
        (folder / "run").mkdir()
        bridge = lay_out(folder / "run", PUBLISHERS[name] + f", endpoint: '{url}', region: "
                         "eu-central-1, access_key_id: AKIDEXAMPLE, secret_access_key: '${env:SECRET}'")
        process = run(binary, bridge)
        code = process.end()
        check(code == 2, f"{name} ended with {code}:\n" + "".join(process.lines[-10:]))
    finally:
        double.kill()
    found = taken(log)
    wanted = [identity for identity, _ in events if identity != blamed]
    check(len(found) == len(set(found)), f"{name}: {len(found) - len(set(found))} taken twice")
    check(sorted(found) == sorted(wanted), f"{name}: {len(found)} taken of {len(wanted)}")
    check(by_key(found, keys) == by_key(wanted, keys), f"{name}: the order of a key")
    letters = process.events("dead_letter")
    check([letter["id"] for letter in letters] == [blamed], f"{name}: dead letters {letters}")
    retried = process.events("stopped")[0]["retried"]
    check(retried > len(wanted) * PERCENT / 200, f"{name}: only {retried} were sent again")
    print(f"ok: {name}, {len(found)} events of {len(set(keys.values()))} keys, {retried} sent again")


def main():
    for name in sys.argv[2:] or PUBLISHERS:
        with tempfile.TemporaryDirectory(prefix="copybridge-partial-") as folder:
            one_case(sys.argv[1], name, pathlib.Path(folder))


if __name__ == "__main__":
    main()
