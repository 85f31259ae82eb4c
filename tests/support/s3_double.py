"""A double of Amazon S3, strict where it is: built from the API references of PutObject, HeadObject,
CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload and
ListMultipartUploads, and from "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3
API reference: the payload's hash is signed and sent, the path is encoded once.

Buckets are the first part of a path and always there. Objects that are whole lie in --folder. POST
/control takes {"answer": [status, code]}, the next answer; with a status of 200 the body is an error
all the same, as an answer of CompleteMultipartUpload may be.
"""
import argparse
import hashlib
import http.server
import json
import re
import sys
import threading
import urllib.parse

import aws_double
from aws_double import Refusal
from object_shelf import Shelf

PART_MIN = 5 << 20


class Handler(aws_double.Handler):
    def do_HEAD(self):
        self.handle_one("HEAD")

    def do_DELETE(self):
        self.handle_one("DELETE")

    def handle_one(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.names = {name.lower(): value for name, value in self.headers.items()}
        self.method, self.more = method, {}
        with self.server.lock:
            try:
                status, text = self.answer()
            except Refusal as refusal:
                status = refusal.status
                text = f"<Error><Code>{refusal.code}</Code><Message>refused</Message></Error>"
        body = text.encode()
        self.send_response(status)
        for name, value in self.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(body)

    def answer(self):
        if self.path == "/control":
            self.server.next = json.loads(self.body)["answer"]
            return 200, ""
        if self.server.next:
            status, code = self.server.next
            self.server.next = None
            raise Refusal(status, code)
        if self.check_signature(self.server.world) != "s3":
            raise Refusal(403, "SignatureDoesNotMatch")
        if self.names.get("x-amz-content-sha256") != hashlib.sha256(self.body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch")
        url = urllib.parse.urlsplit(self.path)
        self.name = urllib.parse.unquote(url.path).split("/", 2)[2]
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        return self.object(query)

    def object(self, query):
        if self.method == "HEAD":
            return self.head()
        if self.method == "GET" and "uploads" in query:
            return 200, "<ListMultipartUploadsResult>" + "".join(
                f"<Upload><Key>{upload['name']}</Key><UploadId>{name}</UploadId></Upload>"
                for name, upload in self.server.uploads.items()
                if upload["name"].startswith(query["prefix"])) + "</ListMultipartUploadsResult>"
        if self.method == "POST" and "uploads" in query:
            name = f"upload/{len(self.server.uploads)}+{self.server.count}"
            self.server.count += 1
            self.server.uploads[name] = {"name": self.name, "parts": {}, "details": self.details()}
            return 200, f"<X><UploadId>{name}</UploadId></X>"
        if "uploadId" in query:
            return self.upload(query)
        if self.method == "PUT":
            self.check_free()
            self.server.shelf.put(self.name, self.body, **self.details())
            return 200, ""
        raise Refusal(405, "MethodNotAllowed")

    def details(self):
        return {name: value for name, value in self.names.items() if name.startswith("x-amz-meta-")}

    def check_free(self):
        if self.names.get("if-none-match") != "*":
            raise Refusal(400, "InvalidRequest")
        if self.server.shelf.has(self.name):
            raise Refusal(412, "PreconditionFailed")

    def head(self):
        if not self.server.shelf.has(self.name):
            raise Refusal(404, "NoSuchKey")
        self.more = self.server.shelf.details[self.name]
        return 200, ""

    def upload(self, query):
        upload = self.server.uploads.get(query["uploadId"])
        if upload is None or upload["name"] != self.name:
            raise Refusal(404, "NoSuchUpload")
        if self.method == "DELETE":
            del self.server.uploads[query["uploadId"]]
            return 204, ""
        if self.method == "PUT":
            tag = f'"{hashlib.md5(self.body).hexdigest()}"'
            upload["parts"][int(query["partNumber"])] = (tag, self.body)
            self.more = {"ETag": tag}
            return 200, ""
        self.check_free()
        named = re.findall(r"<Part><PartNumber>(\d+)</PartNumber><ETag>([^<]*)</ETag></Part>",
                           self.body.decode())
        parts = [upload["parts"].get(int(number), ("", b"")) for number, _ in named]
        if [tag for tag, _ in parts] != [tag for _, tag in named] or not parts:
            raise Refusal(400, "InvalidPart")
        if any(len(data) < PART_MIN for _, data in parts[:-1]):
            raise Refusal(400, "EntityTooSmall")
        self.server.shelf.put(self.name, b"".join(data for _, data in parts), **upload["details"])
        del self.server.uploads[query["uploadId"]]
        return 200, "<CompleteMultipartUploadResult/>"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.world, server.lock, server.next = aws_double.World(""), threading.Lock(), None
    server.shelf, server.uploads, server.count = Shelf(arguments.folder), {}, 0
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
