#!/usr/bin/env python3
"""The real binary against stores of objects, read by the providers' own SDKs where there is a server
for them: each event is in one object, once, whatever happens to the bridge.

s3     moto, which verifies signatures; objects in one request and in parts
blob   Azurite by Shared Key; in one request and in blocks
shared the same by a shared access signature
lake   a double of Data Lake Storage Gen2: append, flush, rename
slow   the same, where it takes its time
gcs    a double of Google Cloud Storage; in one request and resumable

Of each store: what an untroubled run leaves; then the bridge is killed at every crash point of an
object's way, and the run after it makes exactly the object that `state` says, of the same bytes, so
that all objects hold what those of the untroubled run do; killed at random, still each event is there once;
a name that somebody else has taken is left alone; a wrong key gets nothing in.

usage: object_store_test.py BINARY CASE…        (brings itself into the emulators' Python first)
"""
import collections
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
import cloud_emulators  # noqa: E402
import secret_hunt  # noqa: E402
from object_shelf import objects_of  # noqa: E402

REGION = "eu-central-1"
EVENTS_OF_SAMPLE = 950
RUN_LIMIT_S = 300
RANDOM_KILLS = 4
POINTS = ["object_built:1", "object_claimed:1", "object_claimed:3", "object_uploaded:1",
          "object_uploaded:4", "object_manifest_put:2", "object_recorded:1", "object_recorded:3",
          "publish_confirmed:2", "before_checkpoint:2", "after_checkpoint:3"]
POINTS_IN_PARTS = ["object_part_sent:1", "object_part_sent:5", "object_uploaded:1"]

BRIDGE = """\
state: state
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, refused_retry_ms: 500, drain_limit_ms: 1000}}
adapters:
  accounts: {{kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0,
              batch_records_max: 250, batches_in_flight_max: 200}}
publishers:
  store: {{{options}, path: "{{name}}/{{sequence}}", format: cloudevents}}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [store]}}
"""
SMALL = "compression: gzip, roll_records: 300, manifest: yes"
ONE_PART, OBJECT = 5 << 20, 12_000_000
LONGEST_LINE = 2000
LARGE = f"roll_bytes: {OBJECT}"


def check(holds, message):
    if not holds:
        sys.exit(f"FAILED: {message}")


class S3:
    def __init__(self, _):
        self.server = cloud_emulators.Moto()
        keys, client = self.server.signed_user(REGION)
        self.secret, self.client = keys["SecretAccessKey"], client("s3")
        self.options = (f"kind: aws-s3, region: {REGION}, endpoint: '{self.server.url}', "
                        f"access_key_id: {keys['AccessKeyId']}, "
                        f"secret_access_key: '${{env:SECRET}}', part_bytes: {ONE_PART}")
        self.refusal = "SignatureDoesNotMatch"

    def make(self, bucket):
        self.client.create_bucket(Bucket=bucket,
                                  CreateBucketConfiguration={"LocationConstraint": REGION})
        return f"bucket: {bucket}"

    def put(self, bucket, name, data):
        self.client.put_object(Bucket=bucket, Key=name, Body=data)

    def get(self, bucket, name):
        return self.client.get_object(Bucket=bucket, Key=name)["Body"].read()

    def objects(self, bucket):
        listed = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                for one in listed}

    def check_parts(self, bucket):
        for name, data in self.objects(bucket).items():
            tag = self.client.head_object(Bucket=bucket, Key=name)["ETag"].strip('"')
            parts = -(-len(data) // ONE_PART)
            check(tag.endswith(f"-{parts}") or parts == 1, f"{name} is not of {parts} parts: {tag}")
        left = self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        check(not left, f"{len(left)} uploads were left behind")


class Blob:
    def __init__(self, folder, is_shared=False):
        from azure.storage.blob import BlobServiceClient
        self.server = cloud_emulators.Azurite("blob", pathlib.Path(folder) / "azurite")
        self.client = BlobServiceClient(self.server.url, credential={
            "account_name": self.server.ACCOUNT, "account_key": self.server.KEY})
        self.secret, self.refusal = self.server.KEY, "answered 403"
        self.who = "key: '${env:SECRET}'"
        if is_shared:
            self.share()
        self.options = (f"kind: azure-blob, account: {self.server.ACCOUNT}, endpoint: "
                        f"'{self.server.url}', block_bytes: {ONE_PART}, {self.who}")

    def share(self):
        from azure.storage.blob import generate_account_sas, ResourceTypes, AccountSasPermissions
        self.secret = generate_account_sas(
            self.server.ACCOUNT, self.server.KEY, resource_types=ResourceTypes(object=True),
            permission=AccountSasPermissions(read=True, create=True, write=True),
            expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1))
        self.who = "sas_token: '${env:SECRET}'"

    def make(self, bucket):
        self.client.create_container(bucket)
        return f"container: {bucket}"

    def put(self, bucket, name, data):
        self.client.get_blob_client(bucket, name).upload_blob(data)

    def get(self, bucket, name):
        return self.client.get_blob_client(bucket, name).download_blob().readall()

    def objects(self, bucket):
        container = self.client.get_container_client(bucket)
        return {one.name: container.download_blob(one.name).readall()
                for one in container.list_blobs()}

    def check_parts(self, bucket):
        container = self.client.get_container_client(bucket)
        for one in container.list_blobs():
            committed, left = container.get_blob_client(one.name).get_block_list("all")
            blocks = -(-one.size // ONE_PART)
            check(len(committed) == blocks or blocks == 1, f"{one.name} has {len(committed)} blocks")
            check(not left, f"{one.name} has blocks that are not committed")


class Double:
    """A double whose buckets are one folder each: it is started for every one."""

    def __init__(self, folder):
        self.folder, self.doubles, self.refusal = pathlib.Path(folder), [], "answered 40"

    def start(self, script, bucket, *more):
        process = subprocess.Popen(
            [sys.executable, str(SOURCE / "tests/support" / script), "--folder",
             str(self.folder / "doubles" / bucket), *more], stderr=subprocess.PIPE, text=True)
        self.doubles.append(process)
        return int(process.stderr.readline().rpartition(":")[2])

    def put(self, bucket, name, data):
        sys.exit(f"FAILED: nothing is put to a double: {bucket} {name}")

    def get(self, bucket, name):
        return self.objects(bucket)[name]

    def objects(self, bucket):
        return objects_of(self.folder / "doubles" / bucket / self.INSIDE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for double in self.doubles:
            double.kill()
            double.wait()


class Lake(Double):
    INSIDE = ""

    def __init__(self, folder, slow_s=0):
        super().__init__(folder)
        self.slow_s = slow_s
        self.secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        self.options = f"kind: azure-blob, write: data-lake, block_bytes: {ONE_PART}"
        self.server = self

    def make(self, bucket):
        port = self.start("azure_store_double.py", bucket, "--slow-s", str(self.slow_s))
        return (f"account: a, container: {bucket}, endpoint: 'http://127.0.0.1:{port}/lake/a', "
                "key: '${env:SECRET}'")


class Gcs(Double):
    INSIDE = "objects"

    def __init__(self, folder):
        super().__init__(folder)
        self.secret = ""
        self.options = f"kind: gcp-storage, piece_bytes: {ONE_PART}"
        self.server = self

    def make(self, bucket):
        (self.folder / "doubles" / bucket).mkdir(parents=True)
        port = self.start("gcp_double.py", bucket)
        return (f"bucket: {bucket}, endpoint: 'http://127.0.0.1:{port}', credentials_file: "
                f"'{self.folder / 'doubles' / bucket / 'account.json'}'")


def objects_alone(objects):
    return {name: data for name, data in objects.items() if not name.endswith(".manifest.json")}


def ids_in(objects):
    """The ids that each object holds, in order. Source and time of an event are its folder's own."""
    texts = {name: gzip.decompress(data) if name.endswith(".gz") else data
             for name, data in objects_alone(objects).items()}
    return {name: [json.loads(line)["id"] for line in text.splitlines()]
            for name, text in texts.items()}


class Bridge:
    """The binary in a folder of its own, with the bridge file in it and the secret of its store."""
    GIVE_UP_S, LIMIT_S = 1, RUN_LIMIT_S

    def __init__(self, binary, folder, name, secret):
        self.binary, self.name, self.secret = binary, name, secret
        self.folder = pathlib.Path(folder) / name
        self.bridge = self.folder / "bridge.yaml"

    def start(self, crash_at=None, secret=None, give_up_s=None):
        environment = {**os.environ, "SECRET": secret or self.secret}
        if crash_at:
            environment["COPYBRIDGE_CRASH_AT"] = crash_at
        return subprocess.Popen(
            [self.binary, "run", str(self.bridge), "--until-idle",
             "--give-up-after", str(give_up_s or self.GIVE_UP_S)],
            env=environment, stderr=(self.folder / "log").open("a"))

    def log(self):
        return (self.folder / "log").read_text()

    def end(self, process):
        try:
            return process.wait(timeout=self.LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            sys.exit("FAILED: the bridge did not end:\n" + self.log()[-3000:])

    def finish(self):
        code = self.end(self.start())
        check(code == 0, f"{self.name} ended with {code}:\n{self.log()[-3000:]}")
        whole = {**os.environ, "SECRET": self.secret}
        secrets = secret_hunt.Secrets().add_all_of(self.bridge, whole)
        secret_hunt.hunt(secrets, self.binary, self.bridge, whole, b"")


class World(Bridge):
    """A folder with a file of account records and a bridge to a bucket of its own."""

    def __init__(self, binary, folder, store, bucket, shape, copies):
        super().__init__(binary, folder, bucket, store.secret)
        self.store = store
        self.events = EVENTS_OF_SAMPLE * copies
        (self.folder / "in").mkdir(parents=True)
        sample = (SOURCE / "mappings/account/sample/account.dat").read_bytes()
        (self.folder / "in/account.dat").write_bytes(sample * copies)
        self.bridge.write_text(BRIDGE.format(
            options=f"{store.options}, {store.make(bucket)}, {shape}",
            mapping=SOURCE / "mappings/account/account.yaml"))

    def claims(self):
        """Name and SHA-256 of what is to be uploaded, as the run before left it."""
        with sqlite3.connect(self.folder / "state/copybridge.db") as state:
            return dict(state.execute("SELECT name, sha256 FROM object_claims WHERE is_stored = 0"))

    def objects(self):
        return self.store.objects(self.name)

    def check_once(self):
        objects = self.objects()
        counts = collections.Counter(one for ids in ids_in(objects).values() for one in ids)
        repeated = [one for one, count in counts.items() if count > 1]
        check(not repeated, f"{self.name}: {len(repeated)} came more than once: {repeated[:3]}")
        check(len(counts) == self.events, f"{self.name}: {len(counts)} of {self.events} are there")
        return objects

    def check_manifests(self, objects):
        for name, data in objects_alone(objects).items():
            said = json.loads(objects[name + ".manifest.json"])["objects"]
            check(said[0]["name"] == name and said[0]["bytes"] == len(data) and
                  said[0]["sha256"] == hashlib.sha256(data).hexdigest() and
                  said[0]["records"] == len(gzip.decompress(data).splitlines()),
                  f"the manifest of {name} says {said}")


def same(objects, expected, what):
    found, wanted = ids_in(objects), ids_in(expected)
    check(found == wanted and objects.keys() == expected.keys(),
          f"{what}: other objects than those of an untroubled run: " +
          ", ".join(sorted(name for name in found.keys() | wanted.keys()
                           if found.get(name) != wanted.get(name))))


def killed(make, points, expected, store):
    for number, point in enumerate(points):
        world = make(f"kill-{len(expected)}-{number}")
        code = world.end(world.start(point))
        check(code == -signal.SIGKILL, f"{point} was not reached ({code}):\n{world.log()[-2000:]}")
        claims = world.claims()
        world.finish()
        objects = world.check_once()
        for name, sha256 in claims.items():
            found = hashlib.sha256(objects[name]).hexdigest()
            check(found == sha256, f"{point}: {name} is not what state says")
        if point.startswith("object_claimed"):
            check(claims, f"{point}: no claim was in state")
        same(objects, expected, point)
        check("object_differs" not in world.log(), world.log()[-2000:])
    print(f"ok: killed at {', '.join(points)}")


def random_kills(make):
    draw = random.Random(20261127)
    world = make("random")
    kills = 0
    for _ in range(RANDOM_KILLS):
        process = world.start()
        try:
            process.wait(timeout=draw.uniform(0.2, 1.2))
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        world.end(process)
    world.finish()
    world.check_once()
    check(kills > 0, "no run lived long enough to be killed")
    print(f"ok: {kills} kills at random")


def taken_names(make, store):
    world = make("taken")
    anothers = gzip.compress(b"")
    store.put("taken", "store/00000002.jsonl.gz", anothers)
    world.finish()
    objects = world.check_once()
    check(objects["store/00000002.jsonl.gz"] == anothers, "another's object was changed")
    check("object_name_taken" in world.log(), world.log())
    world = make("taken-later")
    check(world.end(world.start("object_claimed:1")) == -signal.SIGKILL, world.log()[-2000:])
    name, = world.claims()
    store.put("taken-later", name, anothers)
    world.finish()
    objects = world.check_once()
    check(objects[name] == anothers, "another's object was changed")
    check("object_name_taken" in world.log(), world.log())
    print("ok: names that were taken, one after it was claimed")


def refused(make, store):
    world = make("refused")
    code = world.end(world.start(secret="d3Jvbmc="))
    check(code == 4 and store.refusal in world.log(), f"a wrong key: {code}\n{world.log()}")
    check(not world.objects(), "a wrong key let something in")
    world.finish()
    world.check_once()
    check(store.secret not in world.log(), "the secret is in the log")
    print("ok: a wrong key")


def hold_to_account(binary, folder, store):
    small = lambda name: World(binary, folder, store, name, SMALL, 3)  # noqa: E731
    large = lambda name: World(binary, folder, store, name, LARGE, 40)  # noqa: E731
    world = small("whole")
    world.finish()
    expected = world.check_once()
    world.check_manifests(expected)
    check(len(objects_alone(expected)) == -(-world.events // 300), sorted(expected))
    print(f"ok: {world.events} events in {len(objects_alone(expected))} objects")
    killed(small, POINTS, expected, store)
    world = large("parts")
    world.finish()
    expected = world.check_once()
    check(any(len(data) > 2 * ONE_PART for data in expected.values()), "no object is large")
    killed(large, POINTS_IN_PARTS, expected, store)
    random_kills(large)
    if isinstance(store, Double):
        return
    store.check_parts("parts")
    taken_names(small, store)
    refused(small, store)


def s3(binary, folder):
    store = S3(folder)
    with store.server:
        hold_to_account(binary, folder, store)


def blob(binary, folder):
    store = Blob(folder)
    with store.server:
        hold_to_account(binary, folder, store)


def shared(binary, folder):
    store = Blob(folder, is_shared=True)
    with store.server:
        world = World(binary, folder, store, "shared", LARGE, 40)
        world.finish()
        world.check_once()
        check(store.secret[:20] not in world.log(), "the signature is in the log")
    print("ok: a shared access signature")


def lake(binary, folder):
    with Lake(folder) as store:
        hold_to_account(binary, folder, store)


def slow(binary, folder):
    """However long the store takes for one object, the next is filled meanwhile."""
    with Lake(folder, slow_s=0.5) as store:
        world = World(binary, folder, store, "slow", LARGE, 100)
        world.finish()
        sizes = [len(data) for _, data in sorted(world.check_once().items())]
    check(len(sizes) > 5 and min(sizes[:-1]) > OBJECT - LONGEST_LINE, f"not full: {sizes}")
    print(f"ok: {len(sizes) - 1} full objects at a slow store")


def gcs(binary, folder):
    with Gcs(folder) as store:
        hold_to_account(binary, folder, store)


def main():
    python = cloud_emulators.python_folder() / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    cases = {"s3": s3, "blob": blob, "shared": shared, "lake": lake, "slow": slow, "gcs": gcs}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-objects-") as folder:
            cases[case](sys.argv[1], folder)


if __name__ == "__main__":
    main()
