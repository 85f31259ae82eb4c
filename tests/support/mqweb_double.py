#!/usr/bin/env python3
"""A double of the messaging REST API of IBM MQ's mqweb server, version 2: built from the reference
pages POST, GET and DELETE of /messaging/qmgr/{qmgrName}/queue/{queueName}/message and GET of
…/messagelist (IBM MQ 9.2 documentation), and "REST API error handling".

Messages lie in FOLDER/QUEUE, a file each: `NUMBER.json` with id, correlationId, format, body. POST
/control {"answers": N, "status": S, "method": M, "done": true} has the next N calls of that method
answered S, done before that or not; status 0 closes the connection.

usage: mqweb_double.py FOLDER [--user NAME --password WORD]
"""
import argparse
import base64
import http.server
import json
import os
import pathlib
import sys
import threading
import urllib.parse

PREFIX = "/ibmmq/rest/v2/messaging/qmgr/QM%2E1/queue/"
TEXT_TYPES = {"text/plain", "text/html", "text/xml", "application/json", "application/xml"}
HEX = set("0123456789abcdef")


class Queue:
    def __init__(self, folder):
        self.folder = folder

    def files(self):
        return sorted(self.folder.glob("*.json"))

    def put(self, body, correlation="0" * 48, form="MQSTR", message_id=None, **more):
        number = int(self.files()[-1].stem) + 1 if self.files() else 1
        part = self.folder / "part"
        message = {"id": message_id or os.urandom(24).hex(), "correlationId": correlation,
                   "format": form, "body": body, **more}
        part.write_text(json.dumps(message))
        part.rename(self.folder / f"{number:09d}.json")
        return message

    def find(self, wanted):
        """The first, or the first with that id: zeros are any."""
        for file in self.files():
            message = json.loads(file.read_text())
            if not wanted or not wanted.strip("0") or message["id"] == wanted:
                return file, message
        return None, None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_call("GET")

    def do_POST(self):
        self.handle_call("POST")

    def do_DELETE(self):
        self.handle_call("DELETE")

    def handle_call(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.server.lock:
            if self.path == "/control":
                self.server.control = json.loads(self.body)
                return self.answer(200)
            control = self.server.control
            if control and control["method"] == method:
                control["answers"] -= 1
                if control["answers"] <= 0:
                    self.server.control = None
                if control.get("done"):
                    self.by_path(method, lambda *_: None)
                if control["status"] == 0:
                    self.close_connection = True
                    return None
                return self.refuse(control["status"])
            return self.by_path(method, self.answer)

    def by_path(self, method, answer):
        path, _, query = self.path.partition("?")
        login = base64.b64encode(f"{self.server.user}:{self.server.password}".encode()).decode()
        if self.server.user and self.headers.get("Authorization") != f"Basic {login}":
            return self.refuse(401, answer)
        if "ibm-mq-rest-csrf-token" not in self.headers:
            return self.refuse(403, answer)
        name, _, what = path.removeprefix(PREFIX).partition("/")
        folder = self.server.folder / urllib.parse.unquote(name)
        if not path.startswith(PREFIX) or not folder.is_dir():
            return self.refuse(404, answer)
        arguments = dict(urllib.parse.parse_qsl(query))
        if what == "messagelist" and method == "GET":
            return self.list(Queue(folder), arguments, answer)
        if what != "message":
            return self.refuse(404, answer)
        if method == "POST":
            return self.put(Queue(folder), answer)
        return self.take(Queue(folder), arguments.get("messageId", ""), method, answer)

    def list(self, queue, arguments, answer):
        messages = [json.loads(file.read_text()) for file in queue.files()]
        messages = messages[:int(arguments.get("limit", len(messages)))]
        listed = [{"correlationId": message["correlationId"], "format": message["format"],
                   "messageId": message["id"]} for message in messages]
        return answer(200, json.dumps({"messages": listed}), "application/json;charset=utf-8")

    def take(self, queue, wanted, method, answer):
        if wanted and (len(wanted) != 48 or not set(wanted.lower()) <= HEX):
            return self.refuse(400, answer)
        file, message = queue.find(wanted.lower())
        if file is None:
            return answer(204)
        if message["format"] != "MQSTR":
            return self.refuse(501, answer)
        if method == "DELETE":
            file.unlink()
        return answer(200, message["body"], "text/plain;charset=utf-8", {
            "ibm-mq-md-messageId": message["id"], "ibm-mq-md-expiry": "unlimited",
            "ibm-mq-md-correlationId": message["correlationId"],
            "ibm-mq-md-persistence": message.get("persistence", "persistent")})

    def put(self, queue, answer):
        kind, _, charset = self.headers.get("Content-Type", "").partition(";")
        if kind not in TEXT_TYPES:
            return self.refuse(415, answer)
        correlation = self.headers.get("ibm-mq-md-correlationId", "0" * 48)
        good = (charset.replace(" ", "") == "charset=utf-8" and len(correlation) == 48 and
                set(correlation) <= HEX)
        if not good:
            return self.refuse(400, answer)
        message = queue.put(self.body.decode(), correlation,
                            persistence=self.headers.get("ibm-mq-md-persistence", "nonPersistent"),
                            replyTo=self.headers.get("ibm-mq-md-replyTo", ""))
        return answer(201, "", None, {"ibm-mq-md-messageId": message["id"]})

    def refuse(self, status, answer=None):
        error = {"error": [{"type": "rest", "messageId": f"MQWB0{status}E", "action": "",
                            "explanation": "", "message": f"refused with {status}"}]}
        return (answer or self.answer)(status, json.dumps(error), "application/json;charset=utf-8")

    def answer(self, status, body="", kind=None, headers=None):
        data = body.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status != 204:
            self.wfile.write(data)


def serve(folder, user="", password=""):
    """The server, listening on a free port; its queues are IN and OUT."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.folder, server.user, server.password = pathlib.Path(folder), user, password
    server.lock, server.control = threading.Lock(), None
    for name in ("IN", "OUT"):
        (server.folder / name).mkdir(parents=True, exist_ok=True)
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    server = serve(arguments.folder, arguments.user, arguments.password)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
