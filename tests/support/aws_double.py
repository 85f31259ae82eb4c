"""A double of AWS's messaging services, strict where they are: built from the API references of
Amazon SQS (SendMessageBatch), SNS (PublishBatch), Kinesis (PutRecords), EventBridge (PutEvents), STS
(AssumeRole, AssumeRoleWithWebIdentity), from "Signing AWS API requests" and from the EC2 guide's
page on instance metadata.

Every signature is recomputed. What was taken is written to --log, one JSON line for each entry.
POST /control takes {"entries": [[index, code, sender_fault], …]}, which fail in the next request,
or {"answer": [status, code]}, the next answer as a whole, or {"keys": "expired"}: temporary keys
given out so far are not taken any more, or {"percent": p, "blamed": id}: from then on p of a hundred
entries fail for the service's own reasons, and that event by the sender's fault, or as malformed.

keys: AKIDEXAMPLE with the secret of AWS's own examples; STS and the metadata services give others.
"""
import argparse
import base64
import calendar
import hashlib
import hmac
import http.server
import json
import random
import re
import sys
import threading
import time
import urllib.parse

OWN_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION = "eu-central-1"


class Refusal(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, method, url, headers, names, body, when, scope):
    day, region, service, _ = scope.split("/")
    # All services but S3 sign the path as encoded once more.
    path = url.path if service == "s3" else urllib.parse.quote(url.path or "/", safe="/")
    query = sorted(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    request = "\n".join([
        method, path,
        "&".join(f"{urllib.parse.quote(k, safe='~')}={urllib.parse.quote(v, safe='~')}"
                 for k, v in query),
        "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names), ";".join(names),
        hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = digest(key, part)
    return digest(key, text).hex()


class World:
    def __init__(self, log):
        self.log = log
        self.lock = threading.Lock()
        self.keys = {"AKIDEXAMPLE": (OWN_SECRET, "", True)}
        self.given = 0
        self.failing = []
        self.percent, self.blamed, self.random = 0, "", random.Random(20261127)
        self.answer = None
        self.seen = {}

    def give_keys(self):
        self.given += 1
        name = f"ASIA{self.given}"
        self.keys[name] = (f"secret-{self.given}", f"session-{self.given}", True)
        return name, *self.keys[name][:2]

    def expire(self):
        self.keys = {name: (secret, token, not token) for name, (secret, token, _) in
                     self.keys.items()}

    def take(self, service, **entry):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"service": service, **entry}) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_one("GET")

    def do_PUT(self):
        self.handle_one("PUT")

    def do_POST(self):
        self.handle_one("POST")

    def handle_one(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.names = {name.lower(): value for name, value in self.headers.items()}
        self.method = method
        world = self.server.world
        with world.lock:
            try:
                status, kind, text = self.by_path(world)
            except Refusal as refusal:
                status, kind, text = self.refusal(refusal)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refusal(self, refusal):
        if "x-amz-target" in self.names:
            text = {"__type": f"com.amazonaws#{refusal.code}", "message": "refused"}
            return refusal.status, "application/x-amz-json-1.1", json.dumps(text)
        return refusal.status, "text/xml", (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal.code}</Code>"
            "<Message>refused</Message></Error></ErrorResponse>")

    def by_path(self, world):
        if self.path == "/control":
            return self.control(world, json.loads(self.body))
        if self.path.startswith("/latest/") or self.path.startswith("/container"):
            return self.metadata(world)
        if world.answer:
            status, code = world.answer
            world.answer = None
            raise Refusal(status, code)
        if b"AssumeRoleWithWebIdentity" in self.body:
            return self.sts(world)
        service = self.check_signature(world)
        if service == "sts":
            return self.sts(world)
        return {"sqs": self.sqs, "sns": self.sns, "kinesis": self.kinesis,
                "events": self.events}[service](world)

    def control(self, world, what):
        world.failing = what.get("entries", world.failing)
        world.answer = what.get("answer")
        world.percent, world.blamed = what.get("percent", 0), what.get("blamed", "")
        if what.get("keys") == "expired":
            world.expire()
        return 200, "text/plain", ""

    # Who may.
    def check_signature(self, world):
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), SignedHeaders=([^,]+), "
                             r"Signature=([0-9a-f]{64})", self.names.get("authorization", ""))
        if not match:
            raise Refusal(403, "MissingAuthenticationToken")
        name, scope, signed, found = match.groups()
        if name not in world.keys:
            raise Refusal(403, "UnrecognizedClientException")
        secret, token, is_good = world.keys[name]
        if not is_good:
            raise Refusal(403, "ExpiredTokenException")
        if token != self.names.get("x-amz-security-token", ""):
            raise Refusal(403, "UnrecognizedClientException")
        names = signed.split(";")
        needed = {"host", "x-amz-date"} | {n for n in self.names if n.startswith("x-amz-")}
        if names != sorted(names) or not needed <= set(names) or scope.split("/")[1] != REGION:
            raise Refusal(403, "IncompleteSignatureException")
        when = self.names["x-amz-date"]
        age = time.time() - calendar.timegm(time.strptime(when, "%Y%m%dT%H%M%SZ"))
        if abs(age) > 300:
            raise Refusal(403, "RequestTimeTooSkewed")
        url = urllib.parse.urlsplit(self.path)
        if signature(secret, self.method, url, self.names, names, self.body, when, scope) != found:
            raise Refusal(403, "SignatureDoesNotMatch")
        return scope.split("/")[2]

    def metadata(self, world):
        if self.path == "/latest/api/token":
            if self.method != "PUT" or "x-aws-ec2-metadata-token-ttl-seconds" not in self.names:
                raise Refusal(400, "BadRequest")
            return 200, "text/plain", "session-of-metadata"
        if self.path.startswith("/latest/"):
            if self.names.get("x-aws-ec2-metadata-token") != "session-of-metadata":
                raise Refusal(401, "Unauthorized")
            if self.path.endswith("/security-credentials/"):
                return 200, "text/plain", "bridge-role"
            if not self.path.endswith("/bridge-role"):
                raise Refusal(404, "NotFound")
        elif self.names.get("authorization") != "container-token":
            raise Refusal(401, "Unauthorized")
        name, secret, token = world.give_keys()
        return 200, "application/json", json.dumps(
            {"Code": "Success", "AccessKeyId": name, "SecretAccessKey": secret, "Token": token,
             "Expiration": "2099-01-01T00:00:00Z"})

    def sts(self, world):
        form = dict(urllib.parse.parse_qsl(self.body.decode()))
        if form["Action"] == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"] != "a.web.token":
            raise Refusal(400, "InvalidIdentityToken")
        name, secret, token = world.give_keys()
        return 200, "text/xml", (
            f"<{form['Action']}Response><{form['Action']}Result><Credentials><AccessKeyId>{name}"
            f"</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}"
            "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            f"</{form['Action']}Result></{form['Action']}Response>")

    # What they take.
    def json_body(self, target, version):
        if (self.names.get("x-amz-target") != target or
                self.names.get("content-type") != f"application/x-amz-json-{version}"):
            raise Refusal(400, "UnknownOperationException")
        return json.loads(self.body)

    def failure_of(self, world, index, identity):
        for failing, code, sender_fault in world.failing:
            if failing == index:
                return code, sender_fault
        if world.blamed and identity == world.blamed:
            return "MalformedDetail", True
        if world.random.randrange(100) < world.percent:
            return world.random.choice(["InternalFailure", "ThrottlingException"]), False
        return None

    def batch(self, world, service, entries, entries_max, bytes_max):
        """Entries of (id, message, attributes, group, deduplication): what was taken, what failed."""
        if not 1 <= len(entries) <= entries_max:
            raise Refusal(400, "TooManyEntriesInBatchRequest")
        if len({entry[0] for entry in entries}) != len(entries):
            raise Refusal(400, "BatchEntryIdsNotDistinct")
        size = sum(len(message.encode()) + sum(len(n) + len(v.encode()) + 6 for n, v in attributes.items())
                   for _, message, attributes, _, _ in entries)
        if size > bytes_max:
            raise Refusal(400, "BatchRequestTooLong")
        taken, failed = [], []
        for index, (name, message, attributes, group, once) in enumerate(entries):
            failure = self.failure_of(world, index, attributes.get("ce-id"))
            if len(attributes) > 10 or not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name):
                failure = failure or ("InvalidParameterValue", True)
            if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in message):
                failure = failure or ("InvalidMessageContents", True)
            if failure:
                failed.append((name, *failure))
                continue
            taken.append(name)
            if once is None or once not in world.seen:
                world.take(service, body=message, attributes=attributes, group=group, once=once)
            world.seen[once] = True
        world.failing = []
        return taken, failed

    def sqs(self, world):
        request = self.json_body("AmazonSQS.SendMessageBatch", "1.0")
        is_fifo = request["QueueUrl"].endswith(".fifo")
        entries = [(entry["Id"], entry["MessageBody"],
                    {name: value["StringValue"] for name, value in
                     entry.get("MessageAttributes", {}).items()},
                    entry.get("MessageGroupId"), entry.get("MessageDeduplicationId"))
                   for entry in request["Entries"]]
        if any((entry[3] is not None) != is_fifo for entry in entries):
            raise Refusal(400, "MissingParameter")
        taken, failed = self.batch(world, "sqs", entries, 10, 262144)
        return 200, "application/x-amz-json-1.0", json.dumps({
            "Successful": [{"Id": name, "MessageId": "m", "MD5OfMessageBody": "0"} for name in taken],
            "Failed": [{"Id": name, "Code": code, "SenderFault": fault} for name, code, fault in
                       failed]})

    def sns(self, world):
        form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
        if form.get("Action") != "PublishBatch" or form.get("Version") != "2010-03-31":
            raise Refusal(400, "InvalidAction")
        entries = []
        for number in range(1, 12):
            start = f"PublishBatchRequestEntries.member.{number}."
            if start + "Id" not in form:
                break
            attributes = {}
            for at in range(1, 12):
                entry = f"{start}MessageAttributes.entry.{at}."
                if entry + "Name" in form:
                    attributes[form[entry + "Name"]] = form[entry + "Value.StringValue"]
            entries.append((form[start + "Id"], form[start + "Message"], attributes,
                            form.get(start + "MessageGroupId"),
                            form.get(start + "MessageDeduplicationId")))
        taken, failed = self.batch(world, "sns", entries, 10, 262144)
        members = lambda items: "".join(f"<member>{item}</member>" for item in items)  # noqa: E731
        return 200, "text/xml", (
            "<PublishBatchResponse><PublishBatchResult><Failed>" +
            members(f"<Id>{name}</Id><Code>{code}</Code><SenderFault>{str(fault).lower()}</SenderFault>"
                    for name, code, fault in failed) + "</Failed><Successful>" +
            members(f"<Id>{name}</Id><MessageId>m</MessageId>" for name in taken) +
            "</Successful></PublishBatchResult></PublishBatchResponse>")

    def results(self, world, service, entries):
        results = []
        for index, entry in enumerate(entries):
            failure = self.failure_of(world, index, json.loads(entry["body"])["id"]
                                      if world.blamed else "")
            if failure:
                results.append({"ErrorCode": failure[0], "ErrorMessage": "failed"})
            else:
                world.take(service, **entry)
                results.append({"SequenceNumber": "1", "ShardId": "0", "EventId": "e"})
        world.failing = []
        return results, sum("ErrorCode" in result for result in results)

    def kinesis(self, world):
        request = self.json_body("Kinesis_20131202.PutRecords", "1.1")
        records = [{"body": base64.b64decode(record["Data"], validate=True).decode("latin-1"),
                    "key": record["PartitionKey"]} for record in request["Records"]]
        if not 1 <= len(records) <= 500 or not (request.get("StreamName") or request.get("StreamARN")):
            raise Refusal(400, "ValidationException")
        if any(not 1 <= len(record["key"]) <= 256 for record in records):
            raise Refusal(400, "ValidationException")
        results, failed = self.results(world, "kinesis", records)
        return 200, "application/x-amz-json-1.1", json.dumps(
            {"FailedRecordCount": failed, "Records": results})

    def events(self, world):
        request = self.json_body("AWSEvents.PutEvents", "1.1")
        if not 1 <= len(request["Entries"]) <= 10:
            raise Refusal(400, "ValidationException")
        for entry in request["Entries"]:
            if not isinstance(json.loads(entry["Detail"]), dict):
                raise Refusal(400, "MalformedDetail")
        results, failed = self.results(world, "events", [
            {"body": entry["Detail"], "source": entry["Source"], "type": entry["DetailType"],
             "bus": entry["EventBusName"]} for entry in request["Entries"]])
        return 200, "application/x-amz-json-1.1", json.dumps(
            {"FailedEntryCount": failed, "Entries": results})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.world = World(arguments.log)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
