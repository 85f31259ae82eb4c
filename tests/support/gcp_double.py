"""A double of Google Cloud's services, strict where they are: built from the REST reference of Pub/Sub
(projects.topics.publish), the JSON API of Cloud Storage (Objects: insert, multipart and resumable
uploads, Objects: get, request preconditions), "Using OAuth 2.0 for server to server applications" (JWT assertions), the
token exchange of the Security Token Service, IAM's generateAccessToken, and the page on the metadata
server.

Writes a service account's file and a federation's to --folder; assertions are verified by openssl with the account's
public key. What was taken is written to FOLDER/taken, one JSON line for each message; objects that are
whole lie in FOLDER/objects; every bucket is there. POST /control takes {"answer": [status, body]},
the next answer of Pub/Sub or Cloud Storage.
"""
import argparse
import base64
import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.parse

from object_shelf import Shelf

SCOPE = "https://www.googleapis.com/auth/pubsub"
TOKENS = {SCOPE: "good", "https://www.googleapis.com/auth/devstorage.read_write": "good-storage"}
PIECE_UNIT = 262_144


def refusal(status, reason):
    return status, {"error": {"code": status, "errors": [{"reason": reason}]}}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.do_POST()

    def do_PUT(self):
        self.do_POST()

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.more = {}
        with self.server.lock:
            status, answer = self.by_path()
        text = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in self.more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def by_path(self):
        if self.path == "/control":
            self.server.answer = json.loads(self.body)["answer"]
            return 200, {}
        if self.path == "/token":
            return self.assertion()
        if self.path == "/sts":
            return self.exchange()
        if self.path == "/impersonate":
            wanted = json.loads(self.body)["scope"] == [SCOPE]
            good = wanted and self.headers.get("Authorization") == "Bearer federated"
            return (200, {"accessToken": "good", "expireTime": "2099-01-01T00:00:00Z"}) if good else (403, {})
        if self.path.startswith("/computeMetadata/v1/instance/service-accounts/default/token"):
            good = self.headers.get("Metadata-Flavor") == "Google"
            return (200, {"access_token": "good", "expires_in": 3599}) if good else (403, {})
        if "/storage/v1/b/" in self.path:
            return self.scripted() or self.storage()
        return self.publish()

    def scripted(self):
        answer, self.server.answer = self.server.answer, None
        return answer

    def storage(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if self.headers.get("Authorization") != "Bearer good-storage":
            return refusal(401, "required")
        if not url.path.startswith("/upload/"):
            name = urllib.parse.unquote(url.path.split("/")[6])
            found = self.server.shelf.details.get(name)
            return (200, {"metadata": found["metadata"]}) if found else refusal(404, "notFound")
        if query.get("ifGenerationMatch") != "0":
            return refusal(400, "invalid")
        if query["uploadType"] == "multipart":
            return self.whole()
        if query["uploadType"] == "resumable":
            return self.piece(query["upload_id"]) if "upload_id" in query else self.begin(query)
        return refusal(400, "invalid")

    def insert(self, said, data):
        if self.server.shelf.has(said["name"]):
            return refusal(412, "conditionNotMet")
        self.server.shelf.put(said["name"], data, metadata=said["metadata"])
        return 200, {"name": said["name"]}

    def whole(self):
        kind, _, boundary = self.headers["Content-Type"].partition("; boundary=")
        parts = self.body.split(b"--" + boundary.encode())
        if kind != "multipart/related" or len(parts) != 4 or parts[3] != b"--\r\n":
            return refusal(400, "badContent")
        heads, bodies = zip(*(part[2:-2].split(b"\r\n\r\n", 1) for part in parts[1:3]))
        if not all(head.startswith(b"Content-Type: ") for head in heads):
            return refusal(400, "badContent")
        return self.insert(json.loads(bodies[0]), bodies[1])

    def begin(self, query):
        said = json.loads(self.body)
        if self.server.shelf.has(said["name"]):
            return refusal(412, "conditionNotMet")
        name = f"session-{len(self.server.sessions)}"
        self.server.sessions[name] = {"said": said, "data": b""}
        self.more = {"Location": f"http://{self.headers['Host']}{self.path}&upload_id={name}"}
        return 200, {}

    def piece(self, name):
        session = self.server.sessions[name]
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", self.headers.get("Content-Range", ""))
        first, last, size = map(int, match.groups())
        is_last = last + 1 == size
        if (first != len(session["data"]) or last + 1 - first != len(self.body) or
                not (is_last or len(self.body) % PIECE_UNIT == 0)):
            return refusal(400, "invalid")
        session["data"] += self.body
        if is_last:
            return self.insert(session["said"], session["data"])
        self.more = {"Range": f"bytes=0-{last}"}
        return 308, {}

    def assertion(self):
        form = dict(urllib.parse.parse_qsl(self.body.decode()))
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return 400, {"error": "unsupported_grant_type"}
        header, claims, signature = form["assertion"].split(".")
        folder = self.server.folder
        (folder / "signed").write_text(f"{header}.{claims}")
        (folder / "signature").write_bytes(decoded(signature))
        verified = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", folder / "public.pem", "-signature",
             folder / "signature", folder / "signed"], capture_output=True)
        said = json.loads(decoded(claims))
        now = time.time()
        good = (verified.returncode == 0 and json.loads(decoded(header))["alg"] == "RS256" and
                said["iss"] == "bridge@contoso.iam.gserviceaccount.com" and said["scope"] in TOKENS and
                said["aud"].endswith("/token") and abs(said["iat"] - now) < 300 and
                0 < said["exp"] - said["iat"] <= 3600)
        if not good:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": TOKENS[said["scope"]], "expires_in": 3599}

    def exchange(self):
        form = dict(urllib.parse.parse_qsl(self.body.decode()))
        good = (form.get("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange" and
                form.get("subject_token") == "a.federated.token" and
                form.get("subject_token_type") == "urn:ietf:params:oauth:token-type:jwt" and
                form.get("audience") == "//iam.googleapis.com/pool")
        return (200, {"access_token": "federated", "expires_in": 3599}) if good else (400, {"error": "invalid_grant"})

    def publish(self):
        if self.server.answer:
            return self.scripted()
        if self.path != "/v1/projects/contoso/topics/orders:publish":
            return 404, {"error": {"code": 404, "status": "NOT_FOUND"}}
        if self.headers.get("Authorization") != "Bearer good":
            return 401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}
        messages = json.loads(self.body)["messages"]
        keys = {message.get("orderingKey", "") for message in messages}
        sizes = [value for message in messages for value in message["attributes"].values()]
        if (not 1 <= len(messages) <= 1000 or len(self.body) > 10_000_000 or len(keys) > 1 or
                any(len(value.encode()) > 1024 for value in [*sizes, *keys])):
            return 400, {"error": {"code": 400, "status": "INVALID_ARGUMENT"}}
        with open(self.server.folder / "taken", "a", encoding="utf-8") as log:
            for message in messages:
                data = base64.b64decode(message["data"], validate=True).decode("latin-1")
                log.write(json.dumps({**message, "data": data}) + "\n")
        return 200, {"messageIds": [str(number) for number in range(len(messages))]}


def write_credentials(folder, origin):
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                    "-out", folder / "private.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "private.pem", "-pubout", "-out",
                    folder / "public.pem"], check=True)
    (folder / "account.json").write_text(json.dumps({
        "type": "service_account", "private_key_id": "k1",
        "private_key": (folder / "private.pem").read_text(),
        "client_email": "bridge@contoso.iam.gserviceaccount.com", "token_uri": f"{origin}/token"}))
    (folder / "subject").write_text(json.dumps({"token": "a.federated.token"}))
    (folder / "federation.json").write_text(json.dumps({
        "type": "external_account", "audience": "//iam.googleapis.com/pool",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": f"{origin}/sts",
        "service_account_impersonation_url": f"{origin}/impersonate",
        "credential_source": {"file": str(folder / "subject"),
                              "format": {"type": "json", "subject_token_field_name": "token"}}}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.folder, server.lock, server.answer = arguments.folder, threading.Lock(), None
    server.shelf, server.sessions = Shelf(arguments.folder / "objects"), {}
    write_credentials(arguments.folder, f"http://127.0.0.1:{server.server_address[1]}")
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
