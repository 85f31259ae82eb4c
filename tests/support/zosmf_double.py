#!/usr/bin/env python3
"""What z/OSMF's REST files and jobs services answer, over files of a folder, on loopback.

Data sets are FOLDER/ds/NAME, a folder for a partitioned one; their records stand in them as z/OSMF's
record form has them (a length of four bytes before each). z/OS UNIX files are below FOLDER/fs, the
output of jobs is FOLDER/jobs/NAME.JOBID.OWNER/ID.DDNAME. The tests hold it to account with Zowe's
SDK (tests/peers/zosmf).

usage: zosmf_double.py FOLDER [--user USER --password PASSWORD] [--token TOKEN]
       prints its port; requests stand in FOLDER/requests.log, one JSON object a line.
Files of faults in FOLDER: migrated/NAME (how many requests are turned away before the data set is
there), cut (a number: the next read ends after so many bytes).
"""
import argparse
import base64
import fnmatch
import hashlib
import http.server
import json
import pathlib
import re
import struct
import sys
import time
import urllib.parse


def records_of(data):
    """Records of the stored form."""
    records, at = [], 0
    while at < len(data):
        size = struct.unpack_from(">I", data, at)[0]
        records.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return records


def etag_of(data):
    return hashlib.md5(data).hexdigest().upper()


def level(pattern):
    """A data set level as a regular expression: `*` within a qualifier, `**` over several."""
    parts = re.split(r"(\*\*|\*|%)", pattern.upper())
    words = {"**": ".*", "*": "[^.]*", "%": "[^.]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts) + r"(\..*)?$")


class Refusal(Exception):
    def __init__(self, status, category, rc, reason, message):
        super().__init__(message)
        self.status = status
        self.body = {"category": category, "rc": rc, "reason": reason, "message": message}


def missing(what):
    return Refusal(404, 4, 8, 0, f"{what} not found")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "zosmf-double"

    def log_message(self, *_):
        pass

    def handle_any(self):
        try:
            self.answer()
        except Refusal as refusal:
            self.send(refusal.status, json.dumps(refusal.body).encode(), "application/json")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_DELETE = do_POST = handle_any

    def send(self, status, body=b"", kind="application/octet-stream", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        cut = self.server.root / "cut"
        if self.command == "GET" and kind == "application/octet-stream" and cut.exists():
            limit = int(cut.read_text())
            cut.unlink()
            self.wfile.write(body[:limit])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        if status not in (204, 304):
            self.wfile.write(body)

    def send_json(self, value):
        self.send(200, json.dumps(value).encode(), "application/json; charset=UTF-8")

    def check_login(self):
        if "X-CSRF-ZOSMF-HEADER" not in self.headers:
            raise Refusal(400, 1, 4, 0, "the X-CSRF-ZOSMF-HEADER header is required")
        options = self.server.options
        sent = self.headers.get("Authorization", "")
        if options.token and sent == f"Bearer {options.token}":
            return
        expected = base64.b64encode(f"{options.user}:{options.password}".encode()).decode()
        if options.user and sent == f"Basic {expected}":
            return
        raise Refusal(401, 1, 8, 0, "not authenticated")

    def answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size)
        if self.headers.get("Transfer-Encoding") == "chunked":
            self.body = self.read_chunks()
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        with (self.server.root / "requests.log").open("a") as log:
            log.write(json.dumps({"method": self.command, "path": self.path,
                                  "headers": {k: v for k, v in self.headers.items()
                                              if k != "Authorization"}}) + "\n")
        self.check_login()
        path = urllib.parse.unquote(url.path)
        if not path.startswith("/zosmf/"):
            raise missing(path)
        area, _, rest = path[len("/zosmf/"):].partition("/")
        if area == "restjobs":
            return self.jobs(rest)
        if rest == "ds" and self.command == "GET":
            return self.list_data_sets()
        if rest.startswith("ds/"):
            return self.data_set(rest[3:])
        if rest == "fs" and self.command == "GET":
            return self.list_folder()
        if rest.startswith("fs/"):
            return self.unix_file(rest[3:])
        raise missing(path)

    def read_chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    # Data sets

    def list_data_sets(self):
        wanted = level(self.query["dslevel"])
        has_base = self.headers.get("X-IBM-Attributes", "").startswith("base")
        items = []
        for path in sorted((self.server.root / "ds").iterdir()):
            if not wanted.match(path.name):
                continue
            item = {"dsname": path.name}
            if has_base:
                is_migrated = (self.server.root / "migrated" / path.name).exists()
                item |= {"dsorg": "PO" if path.is_dir() else "PS", "recfm": "VB", "lrecl": "32756",
                         "blksz": "32760", "migr": "YES" if is_migrated else "NO",
                         "vol": "MIGRAT" if is_migrated else "WORK01", "cdate": "2026/11/27",
                         "rdate": "2026/11/27", "dev": "3390", "used": "1", "sizex": "1"}
                if is_migrated:
                    item = {"dsname": path.name, "migr": "YES", "vol": "MIGRAT"}
            items.append(item)
        self.send_json({"items": items, "returnedRows": len(items), "totalRows": len(items),
                        "JSONversion": 1})

    def data_set(self, name):
        if name.endswith("/member"):
            return self.list_members(name[:-len("/member")])
        if re.match(r"-\(.*?\)/", name):
            name = name.partition("/")[2]
        found = re.match(r"^([A-Z0-9$#@.-]+)(?:\(([A-Z0-9$#@+-]+)\))?$", name.upper())
        if not found:
            raise Refusal(400, 1, 4, 0, f"{name} is no data set name")
        path = self.server.root / "ds" / found[1]
        if found[2]:
            path = path / found[2]
        self.contents(name.upper(), path, is_data_set=True)

    def list_members(self, name):
        folder = self.server.root / "ds" / name.upper()
        if not folder.is_dir():
            raise missing(name)
        items = []
        for path in sorted(folder.iterdir()):
            item = {"member": path.name}
            if self.headers.get("X-IBM-Attributes", "").startswith("base"):
                time_s = time.gmtime(path.stat().st_mtime)
                item |= {"vers": 1, "mod": 0, "c4date": "2026/11/27",
                         "m4date": time.strftime("%Y/%m/%d", time_s),
                         "mtime": time.strftime("%H:%M", time_s),
                         "msec": time.strftime("%S", time_s), "user": "BRIDGE"}
            items.append(item)
        self.send_json({"items": items, "returnedRows": len(items), "JSONversion": 1})

    def recall(self, name):
        """A migrated data set: how often it is turned away before it is there."""
        path = self.server.root / "migrated" / name
        if not path.exists():
            return
        how = self.headers.get("X-IBM-Migrated-Recall", "wait")
        left = int(path.read_text())
        if how == "error":
            raise Refusal(500, 6, 8, 0, "the data set is migrated")
        if how == "wait" or left <= 1:
            path.unlink()
        else:
            path.write_text(str(left - 1))
        if how == "nowait":
            raise Refusal(500, 6, 8, 1, "the recall of the data set was requested")

    def allocate(self, name, path):
        request = json.loads(self.body)
        like = self.server.root / "ds" / request.get("like", "").upper()
        if "like" in request and not like.exists():
            raise missing(request["like"])
        if path.exists():
            raise Refusal(500, 4, 8, 0, f"{name} exists")
        if request.get("dsorg") == "PO" or ("like" in request and like.is_dir()):
            path.mkdir()
        else:
            path.write_bytes(b"")
        self.send(201)

    def contents(self, name, path, is_data_set):
        if self.command == "POST" and is_data_set:
            return self.allocate(name, path)
        if self.command == "PUT":
            return self.write(name, path, is_data_set)
        if not path.is_file():
            raise missing(name)
        if self.command == "DELETE":
            path.unlink()
            return self.send(204)
        if is_data_set:
            self.recall(name)
        stored = path.read_bytes()
        etag = etag_of(stored)
        if self.headers.get("If-None-Match", "").strip('"') == etag:
            return self.send(304, ETag=etag)
        kind = self.headers.get("X-IBM-Data-Type", "text").partition(";")[0]
        data = stored
        if is_data_set and kind == "binary":
            data = b"".join(records_of(stored))
        if is_data_set and kind == "text":
            data = b"".join(record + b"\n" for record in records_of(stored))
        headers = {"ETag": etag} if self.headers.get("X-IBM-Return-Etag") == "true" else {}
        found = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        if found and not is_data_set:
            begin = int(found[1])
            if begin >= len(data):
                return self.send(416, Content_Range=f"bytes */{len(data)}")
            headers["Content_Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
            return self.send(206, data[begin:], **headers)
        self.send(200, data, **headers)

    def write(self, name, path, is_data_set):
        if self.headers.get("Content-Type", "").startswith("application/json"):
            return self.rename(name, path, is_data_set)
        if path.exists() and "If-Match" in self.headers:
            if self.headers["If-Match"].strip('"') != etag_of(path.read_bytes()):
                raise Refusal(412, 1, 4, 0, "the ETag does not match")
        # What is there is written to: a data set, or any member of a partitioned one.
        is_allocated = path.exists() or path.parent.name != "ds"
        if is_data_set and not is_allocated or not path.parent.is_dir():
            raise missing(name)
        data = self.body
        kind = self.headers.get("X-IBM-Data-Type", "text").partition(";")[0]
        if is_data_set and kind == "binary":
            data = struct.pack(">I", len(data)) + data
        if is_data_set and kind == "record":
            # A record that is cut off is refused, and nothing is written.
            try:
                whole = sum(4 + len(record) for record in records_of(data))
            except struct.error:
                whole = -1
            if whole != len(data):
                raise Refusal(500, 4, 8, 0, "a record length does not fit")
        if is_data_set and kind == "text":
            lines = data.rstrip(b"\n").split(b"\n")
            data = b"".join(struct.pack(">I", len(line)) + line for line in lines)
        is_new = not path.exists()
        path.write_bytes(data)
        self.send(201 if is_new else 204, ETag=etag_of(data))

    def rename(self, name, path, is_data_set):
        request = json.loads(self.body)
        if request["request"] == "chtag" and path.is_file():
            return self.send(200, b"{}", "application/json")
        if is_data_set:
            source = self.server.root / "ds" / request["from-dataset"]["dsn"].upper()
        else:
            source = self.server.root / "fs" / request["from"].lstrip("/")
        if not source.exists():
            raise missing(source.name)
        if path.exists():
            raise Refusal(500, 4, 8, 0, f"{name} exists")
        path.parent.mkdir(parents=True, exist_ok=True)
        source.rename(path)
        self.send(200, b"{}", "application/json")

    # z/OS UNIX

    def inside(self, name):
        path = (self.server.root / "fs" / name.lstrip("/")).resolve()
        if not str(path).startswith(str((self.server.root / "fs").resolve())):
            raise missing(name)
        return path

    def list_folder(self):
        folder = self.inside(self.query["path"])
        if not folder.is_dir():
            raise missing(self.query["path"])
        items = [{"name": ".", "mode": "drwxr-xr-x", "size": 0, "uid": 0, "user": "BRIDGE", "gid": 0,
                  "group": "SYS1", "mtime": "2026-11-27T00:00:00"}]
        for path in sorted(folder.iterdir()):
            status = path.stat()
            kind = "d" if path.is_dir() else "-"
            items.append({"name": path.name, "mode": kind + "rw-r--r--", "size": status.st_size,
                          "uid": 0, "user": "BRIDGE", "gid": 0, "group": "SYS1",
                          "mtime": time.strftime("%Y-%m-%dT%H:%M:%S",
                                                 time.gmtime(status.st_mtime))})
        self.send_json({"items": items, "returnedRows": len(items), "totalRows": len(items),
                        "JSONversion": 1})

    def unix_file(self, name):
        self.contents("/" + name, self.inside(name), is_data_set=False)

    # Jobs

    def jobs(self, rest):
        parts = rest.split("/")[1:]
        root = self.server.root / "jobs"
        if not parts:
            owner, prefix = self.query.get("owner", "*"), self.query.get("prefix", "*")
            found = [path.name.split(".") for path in sorted(root.iterdir())]
            return self.send_json([
                {"jobname": name, "jobid": job, "owner": who, "status": "OUTPUT", "retcode": "CC 0000",
                 "type": "JOB", "class": "A", "subsystem": "JES2", "phase": 20,
                 "phase-name": "Job is on the hard copy queue",
                 "url": f"http://localhost/zosmf/restjobs/jobs/{name}/{job}",
                 "files-url": f"http://localhost/zosmf/restjobs/jobs/{name}/{job}/files"}
                for name, job, who in found
                if fnmatch.fnmatch(who, owner) and fnmatch.fnmatch(name, prefix)])
        folder = next(iter(root.glob(f"{parts[0]}.{parts[1]}.*")), None)
        if folder is None:
            raise Refusal(400, 6, 4, 10, f"No job found for reference: '{parts[0]}({parts[1]})'")
        spool = {int(path.name.split(".")[0]): path for path in sorted(folder.iterdir())}
        if len(parts) == 2 and self.command == "DELETE":
            for path in spool.values():
                path.unlink()
            folder.rmdir()
            if self.headers.get("X-IBM-Job-Modify-Version") == "2.0":
                return self.send_json({"jobid": parts[1], "jobname": parts[0], "owner": "BRIDGE",
                                       "status": "0", "message": "Request was successful."})
            return self.send(202, b"", "application/json")
        if parts[2:] == ["files"]:
            return self.send_json([
                {"jobname": parts[0], "jobid": parts[1], "id": number, "class": "A",
                 "ddname": path.name.split(".")[1], "stepname": "STEP1", "procstep": None,
                 "recfm": "VBA", "lrecl": 137, "byte-count": path.stat().st_size,
                 "record-count": len(records_of(path.read_bytes())), "subsystem": "JES2",
                 "job-correlator": "J", "records-url": f"http://localhost/{number}/records"}
                for number, path in spool.items()])
        if len(parts) == 5 and parts[2] == "files" and parts[4] == "records":
            data = spool[int(parts[3])].read_bytes()
            mode = self.query.get("mode", "text")
            if mode == "binary":
                data = b"".join(records_of(data))
            elif mode == "text":
                data = b"".join(record + b"\n" for record in records_of(data))
            return self.send(200, data)
        raise missing(rest)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--token", default="")
    options = parser.parse_args()
    for name in ("ds", "fs", "jobs", "migrated"):
        (options.folder / name).mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.root, server.options = options.folder, options
    print(server.server_address[1], flush=True)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
