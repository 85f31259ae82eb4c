"""A schema registry for the tests, after the API reference of Confluent's ("Schema Registry API
Reference": subjects, schemas, error codes), and the Python client of Confluent that holds it to account:
its deserializer reads from here what a message's number stands for.

The client is what tests/peers/kafka pins by hash."""
import base64
import http.server
import json
import os
import pathlib
import sys
import threading

import cloud_emulators

PEER = pathlib.Path(__file__).resolve().parents[1] / "peers" / "kafka"
TYPE = "application/vnd.schemaregistry.v1+json"


def enter():
    """Starts the program again in a Python that has the client."""
    try:
        import confluent_kafka.schema_registry.avro  # noqa: F401
        import confluent_kafka.schema_registry.json_schema  # noqa: F401
    except ImportError:
        python = cloud_emulators.brought(
            "kafka-python", ["requirements.txt"],
            lambda folder: cloud_emulators.bring_python(folder, PEER), PEER) / "bin" / "python"
        os.execv(python, [str(python), *sys.argv])


class SchemaRegistry:
    USER, PASSWORD = "registrar", "open sesame of schemas"

    def __init__(self):
        self.status = 200   # of what asks for a number
        self.schemas = []   # text; the number is 70000 and the place
        self.types = []     # and what they are: JSON, or Avro where nothing says so
        self.subjects = {}  # subject -> numbers
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send(*outer.get(self.path.split("?")[0], self.headers))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send(*outer.post(self.path.split("?")[0], self.headers, body))

            def send(self, status, document):
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", TYPE)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def is_known(self, headers):
        login = base64.b64encode(f"{self.USER}:{self.PASSWORD}".encode()).decode()
        return headers.get("Authorization") == f"Basic {login}"

    def get(self, path, headers):
        parts = path.strip("/").split("/")
        if not self.is_known(headers):
            return 401, {"error_code": 401, "message": "Unauthorized"}
        if parts[:2] == ["schemas", "ids"] and int(parts[2]) - 70000 < len(self.schemas):
            place = int(parts[2]) - 70000
            return 200, {**self.types[place], "schema": self.schemas[place]}
        return 404, {"error_code": 40403, "message": "Schema not found"}

    def post(self, path, headers, body):
        import fastavro
        self.asked += 1
        if self.status != 200:
            return self.status, {"error_code": self.status, "message": "scripted"}
        if not self.is_known(headers):
            return 401, {"error_code": 401, "message": "Unauthorized"}
        parts = path.strip("/").split("/")
        form = json.loads(body)
        kind = {name: form[name] for name in set(form) - {"schema"}}
        if parts[0] != "subjects" or headers["Content-Type"] != TYPE or "schema" not in form or (
                kind not in ({}, {"schemaType": "JSON"})):
            return 422, {"error_code": 422, "message": "no such request"}
        if kind:
            json.loads(form["schema"])
        else:
            fastavro.parse_schema(json.loads(form["schema"]))
        known = self.subjects.setdefault(parts[1], [])
        number = next((one for one in known if self.schemas[one - 70000] == form["schema"]), None)
        if len(parts) == 2:
            return (404, {"error_code": 40403, "message": "Schema not found"}) if number is None else (
                200, {"subject": parts[1], "id": number, "version": 1, "schema": form["schema"]})
        if number is None:
            number = 70000 + len(self.schemas)
            self.schemas.append(form["schema"])
            self.types.append(kind)
            known.append(number)
        return 200, {"id": number}

    def stop(self):
        self.server.shutdown()
