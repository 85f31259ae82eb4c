"""A double of Azure Storage's files and blobs, strict where it is: built from the REST references of
Data Lake Storage Gen2 (Path - Create, Update, Delete, Get Properties; a rename does not make the
folders above it) and of Blob Storage (Put Blob, Put Block, Put Block List, Get Blob Properties,
conditional headers), and from "Authorize with Shared Key".

A path is /blob/ACCOUNT/CONTAINER/NAME or /lake/ACCOUNT/FILESYSTEM/PATH; accounts and containers are
always there. What whoever lists sees, except in the folder _copybridge, lies in --folder: of a lake
also files that are not flushed yet. Signatures are recomputed, or a signature `?sig=shared` taken.
POST /control takes {"answer": [status, body, headers]}, the next answer.
"""
import argparse
import base64
import http.server
import re
import sys
import threading
import time

import azure_double
from azure_double import Refusal
from object_shelf import Shelf

HIDDEN = "_copybridge/"


class Handler(azure_double.Handler):
    def do_PUT(self):
        self.handle_one()

    def do_HEAD(self):
        self.handle_one()

    def do_PATCH(self):
        time.sleep(self.server.slow_s)
        self.handle_one()

    def do_DELETE(self):
        self.handle_one()

    def by_path(self):
        self.url = azure_double.urllib.parse.urlsplit(self.path)
        service = self.url.path.split("/")[1]
        if service not in ("blob", "lake"):
            return super().by_path()
        self.query = dict(azure_double.urllib.parse.parse_qsl(self.url.query, keep_blank_values=True))
        if self.server.answer:
            return 200, ""
        _, _, account, self.container, self.name = azure_double.urllib.parse.unquote(
            self.url.path).split("/", 4)
        if self.query.get("sig") != "shared":
            self.needs_token_or("https://storage.azure.com", lambda: self.shared_key(account))
        if "x-ms-version" not in self.names:
            raise Refusal(400)
        try:
            return self.blob() if service == "blob" else self.lake()
        except Refusal as refusal:
            self.server.answer = [refusal.status, "" if self.command == "HEAD" else refusal.text,
                                  {"x-ms-error-code": refusal.text}]
            raise

    def answer_with(self, status, headers):
        """An answer with headers, by the way that the base class has for them."""
        self.server.answer = [status, "", headers]
        return status, ""

    def needs_free(self, name, code):
        if self.names.get("if-none-match") != "*":
            raise Refusal(400, "InvalidHeaderValue")
        if self.server.shelf.has(name):
            raise Refusal(409, code)

    def details(self):
        return {name: value for name, value in self.names.items() if name.startswith("x-ms-meta-")}

    def blob(self):
        shelf, blocks = self.server.shelf, self.server.blocks
        if self.command == "HEAD":
            if not shelf.has(self.name):
                raise Refusal(404, "BlobNotFound")
            return self.answer_with(200, shelf.details[self.name])
        if self.command != "PUT":
            raise Refusal(405, "UnsupportedHttpVerb")
        if self.query.get("comp") == "block":
            block = self.query["blockid"]
            base64.b64decode(block, validate=True)
            if any(len(other) != len(block) for other in blocks.get(self.name, {})):
                raise Refusal(400, "InvalidBlobOrBlock")
            blocks.setdefault(self.name, {})[block] = self.body
            return 201, ""
        self.needs_free(self.name, "BlobAlreadyExists")
        if self.query.get("comp") == "blocklist":
            own = blocks.pop(self.name, {})
            named = re.findall(r"<Latest>([^<]*)</Latest>", self.body.decode())
            if not named or any(block not in own for block in named):
                raise Refusal(400, "InvalidBlockList")
            self.body = b"".join(own[block] for block in named)
        elif self.names.get("x-ms-blob-type") != "BlockBlob":
            raise Refusal(400, "MissingRequiredHeader")
        shelf.put(self.name, self.body, **self.details())
        return 201, ""

    # A lake's file: what is flushed, what is appended, its properties.
    def lake(self):
        files = self.server.files
        if self.command == "HEAD":
            return self.answer_with(200, {"x-ms-properties": self.existing()["properties"]})
        if self.command == "DELETE":
            return self.remove()
        if self.command == "PATCH":
            return self.update(self.existing())
        if "x-ms-rename-source" in self.names:
            return self.rename()
        is_new = self.name not in files and self.name not in self.server.folders
        if self.names.get("if-none-match") == "*" and not is_new:
            raise Refusal(409, "PathAlreadyExists")
        if self.query.get("resource") == "directory":
            self.make_folders(self.name)
            return 201, ""
        if self.query.get("resource") != "file" or self.body:
            raise Refusal(400, "InvalidQueryParameterValue")
        self.make_folders(self.name.rpartition("/")[0])
        files[self.name] = {"data": b"", "more": b"", "properties": self.names.get(
            "x-ms-properties", "")}
        self.show(self.name)
        return 201, ""

    def existing(self):
        if self.name not in self.server.files:
            raise Refusal(404, "PathNotFound")
        return self.server.files[self.name]

    def make_folders(self, path):
        while path:
            self.server.folders.add(path)
            path = path.rpartition("/")[0]

    def show(self, name):
        if not name.startswith(HIDDEN):
            self.server.shelf.put(name, self.server.files[name]["data"])

    def update(self, file):
        position = int(self.query["position"])
        if position != len(file["data"]) + len(file["more"]):
            if self.query["action"] == "append" or position > len(file["data"]) + len(file["more"]):
                raise Refusal(400, "InvalidFlushPosition")
        if self.query["action"] == "append":
            file["more"] += self.body
            return 202, ""
        if self.query["action"] != "flush" or self.body:
            raise Refusal(400, "InvalidQueryParameterValue")
        file["data"], file["more"] = file["data"] + file["more"], b""
        self.show(self.name)
        return 200, ""

    def rename(self):
        files, source = self.server.files, azure_double.urllib.parse.unquote(
            self.names["x-ms-rename-source"]).split("/", 2)
        if source[1] != self.container or source[2] not in files:
            raise Refusal(404, "SourcePathNotFound")
        if self.name.rpartition("/")[0] not in self.server.folders | {""}:
            raise Refusal(404, "RenameDestinationParentPathNotFound")
        self.needs_free(self.name, "PathAlreadyExists")
        files[self.name] = files.pop(source[2])
        self.show(self.name)
        return 201, ""

    def remove(self):
        start = self.name + "/"
        inside = [name for name in self.server.files if name.startswith(start)]
        if self.name not in self.server.folders | set(self.server.files):
            raise Refusal(404, "PathNotFound")
        if inside and self.query.get("recursive") != "true":
            raise Refusal(409, "DirectoryNotEmpty")
        for name in [*inside, self.name]:
            self.server.files.pop(name, None)
        self.server.folders = {folder for folder in self.server.folders
                               if folder != self.name and not folder.startswith(start)}
        return 200, ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--slow-s", type=float, default=0, help="how long a lake takes to append")
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.slow_s = arguments.slow_s
    server.lock, server.answer = threading.Lock(), None
    server.shelf, server.blocks, server.files, server.folders = Shelf(arguments.folder), {}, {}, set()
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
