"""A double of Azure's services over HTTP, strict where they are: built from the REST references of
Service Bus (Send Message Batch, Shared Access Signatures), Event Hubs (Send batch events), Event Grid
(post to a custom topic, publish to a namespace topic), Queue Storage (Put Message, Shared Key),
Cosmos DB (Create a document, access control), and Microsoft Entra (client credentials).

The first part of a path is the service: /bus/ENTITY/messages, /hub/NAME/messages, /grid/api/events,
/grid/topics/NAME:publish, /queue/ACCOUNT/NAME/messages, /cosmos/dbs/D/colls/C/docs,
/TENANT/oauth2/v2.0/token, /msi. Every signature is recomputed with the key below. What was taken is
written to --log, one JSON line for each event. POST /control takes {"answer": [status, body,
headers]}, the next answer.
"""
import argparse
import base64
import email.utils
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DECODED = base64.b64decode(KEY)
TOKENS = {"https://servicebus.azure.net": "bus-token", "https://eventhubs.azure.net": "hub-token",
          "https://eventgrid.azure.net": "grid-token", "https://storage.azure.com": "storage-token",
          "https://contoso.documents.azure.com": "cosmos-token+/="}


class Refusal(Exception):
    def __init__(self, status, text=""):
        super().__init__(text)
        self.status, self.text = status, text


def mac(key, text):
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_one()

    def do_POST(self):
        self.handle_one()

    def handle_one(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.names = {name.lower(): value for name, value in self.headers.items()}
        headers = {}
        with self.server.lock:
            try:
                status, text = self.by_path()
            except Refusal as refusal:
                status, text = refusal.status, refusal.text
            if self.server.answer and not self.path.startswith("/control"):
                status, text, headers = self.server.answer
                self.server.answer = None
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def by_path(self):
        self.url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(self.url.query))
        if self.path == "/control":
            self.server.answer = json.loads(self.body)["answer"]
            return 200, ""
        if self.server.answer:
            return 200, ""
        if self.url.path.endswith("/oauth2/v2.0/token"):
            return self.entra()
        service = self.url.path.split("/")[1]
        return {"bus": self.bus, "hub": self.hub, "grid": self.grid, "queue": self.queue,
                "cosmos": self.cosmos, "msi": self.msi}[service]()

    def take(self, service, **entry):
        with open(self.server.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"service": service, **entry}, ensure_ascii=False) + "\n")

    # Who may.
    def entra(self):
        form = dict(urllib.parse.parse_qsl(self.body.decode()))
        by_secret = form.get("client_secret") == "open sesame"
        by_assertion = (form.get("client_assertion") == "a.federated.token" and form.get(
            "client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        if form.get("client_id") != "bridge" or not (by_secret or by_assertion):
            return 401, '{"error": "invalid_client"}'
        return 200, json.dumps({"access_token": TOKENS[form["scope"].removesuffix("/.default")],
                                "expires_in": 3599, "token_type": "Bearer"})

    def msi(self):
        own = self.names.get("x-identity-header") == "machine"
        if not own or self.query.get("api-version") != "2019-08-01":
            raise Refusal(400)
        return 200, json.dumps({"access_token": TOKENS[self.query["resource"]],
                                "expires_in": "86399"})

    def needs_token_or(self, resource, check):
        if self.names.get("authorization") == f"Bearer {TOKENS[resource]}":
            return
        check()

    def bus_signature(self, resource):
        match = re.fullmatch(r"SharedAccessSignature sr=([^&]+)&sig=([^&]+)&se=(\d+)&skn=(\w+)",
                             self.names.get("authorization", ""))
        if not match:
            raise Refusal(401)
        target, signature, expiry, policy = match.groups()
        good = mac(KEY.encode(), f"{target}\n{expiry}")
        whole = f"http://{self.names['host']}{self.url.path}"
        if (urllib.parse.unquote(signature) != good or policy != "send" or
                int(expiry) < time.time() or
                not whole.startswith(urllib.parse.unquote(target))):
            raise Refusal(401)

    # What they take.
    def messages(self, service, resource):
        self.needs_token_or(resource, lambda: self.bus_signature(resource))
        if self.names.get("content-type") != "application/vnd.microsoft.servicebus.json":
            raise Refusal(400, "content type")
        if len(self.body) > 262144:
            raise Refusal(403, "<Error><Code>403</Code><Detail>MessageSizeExceeded</Detail></Error>")
        messages = json.loads(self.body)
        keys = set()
        for message in messages:
            broker = message.get("BrokerProperties", {})
            keys.add((broker.get("SessionId"), broker.get("PartitionKey")))
            if any(len(broker.get(name, "")) > 128 for name in ("MessageId", "SessionId",
                                                                "PartitionKey")):
                raise Refusal(400, "too long")
            if not isinstance(message["Body"], str):
                raise Refusal(400, "body")
        if len(keys) > 1:
            raise Refusal(400, "one session or partition key in a batch")
        for message in messages:
            self.take(service, body=message["Body"], broker=message.get("BrokerProperties"),
                      user=message.get("UserProperties"), header=self.names.get("brokerproperties"))
        return 201, ""

    def bus(self):
        return self.messages("bus", "https://servicebus.azure.net")

    def hub(self):
        return self.messages("hub", "https://eventhubs.azure.net")

    def grid_signature(self):
        given = self.names.get("authorization", "")
        if self.names.get("aeg-sas-key") == KEY or given == f"SharedAccessKey {KEY}":
            return
        match = re.fullmatch(r"SharedAccessSignature (r=([^&]+)&e=([^&]+))&s=([^&]+)", given)
        if not match:
            raise Refusal(401)
        text, resource, expiry, signature = match.groups()
        end = time.strptime(urllib.parse.unquote(expiry), "%Y-%m-%dT%H:%M:%S")
        whole = f"http://{self.names['host']}{self.url.path}"
        if (urllib.parse.unquote(signature) != mac(DECODED, text) or
                urllib.parse.unquote(resource) != whole or end < time.gmtime()):
            raise Refusal(401)

    def grid(self):
        self.needs_token_or("https://eventgrid.azure.net", self.grid_signature)
        if not self.names["content-type"].startswith("application/cloudevents-batch+json"):
            raise Refusal(400)
        is_namespace = self.url.path.startswith("/grid/topics/")
        if self.query.get("api-version") != ("2024-06-01" if is_namespace else "2018-01-01"):
            raise Refusal(400)
        events = json.loads(self.body)
        if len(self.body) > 1048576 or len(events) > 5000:
            raise Refusal(413)
        for event in events:
            if event["specversion"] != "1.0" or not all(event[n] for n in ("id", "source", "type")):
                raise Refusal(400)
            self.take("grid", **event)
        return 200, "{}"

    def shared_key(self, account):
        sent = email.utils.parsedate_to_datetime(self.names.get("x-ms-date", ""))
        if abs(time.time() - sent.timestamp()) > 900:
            raise Refusal(403)
        value = lambda name: self.names.get(name, "")  # noqa: E731
        lines = [self.command, value("content-encoding"), value("content-language"),
                 str(len(self.body)) if self.body else "", value("content-md5"),
                 value("content-type"), "", value("if-modified-since"), value("if-match"),
                 value("if-none-match"), value("if-unmodified-since"), value("range")]
        lines += [f"{name}:{self.names[name]}" for name in sorted(self.names)
                  if name.startswith("x-ms-")]
        resource = f"/{account}{self.url.path}"
        for name in sorted(self.query):
            resource += f"\n{name.lower()}:{self.query[name]}"
        if value("authorization") != f"SharedKey {account}:{mac(DECODED, chr(10).join(lines + [resource]))}":
            raise Refusal(403, "<Error><Code>AuthenticationFailed</Code></Error>")

    def queue(self):
        account = self.url.path.split("/")[2]
        self.needs_token_or("https://storage.azure.com", lambda: self.shared_key(account))
        if "x-ms-version" not in self.names:
            raise Refusal(400)
        match = re.fullmatch(rb"<QueueMessage><MessageText>([^<]*)</MessageText></QueueMessage>",
                             self.body)
        if not match or len(match.group(1)) > 65536:
            raise Refusal(400)
        self.take("queue", body=base64.b64decode(match.group(1), validate=True).decode())
        return 201, ""

    def cosmos(self):
        resource = self.url.path.removeprefix("/cosmos/").removesuffix("/docs")
        text = f"post\ndocs\n{resource}\n{self.names['x-ms-date'].lower()}\n\n"
        good = {f"type=master&ver=1.0&sig={mac(DECODED, text)}",
                f"type=aad&ver=1.0&sig={TOKENS['https://contoso.documents.azure.com']}"}
        if (urllib.parse.unquote(self.names.get("authorization", "")) not in good or
                self.names.get("x-ms-version") != "2018-12-31"):
            raise Refusal(401)
        document = json.loads(self.body)
        keys = json.loads(self.names["x-ms-documentdb-partitionkey"])
        if keys != [document["partitionKey"]] or re.search(r"[/\\?#]", document["id"]):
            raise Refusal(400)
        if document["id"] in self.server.documents:
            raise Refusal(409)
        self.server.documents.add(document["id"])
        self.take("cosmos", **document)
        return 201, json.dumps(document)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.log, server.lock, server.answer = arguments.log, threading.Lock(), None
    server.documents = set()
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
