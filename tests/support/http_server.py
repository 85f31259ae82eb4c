"""A second implementation of an HTTP endpoint, for what `copybridge listen` cannot show.

Writes every request as one JSON line to --log and answers by its path: /status/N, /retry-date,
/silent (no answer), /stuck (headers, then nothing), /endless (a body without end), /redirect,
/auth (200 for `Bearer good-token`, else 401), /token (OAuth2 client credentials), /said (a body); anything
else 200.
"""
import argparse
import email.utils
import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse

FOREVER = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = {"method": self.command, "path": self.path, "headers": headers,
                "body": body.decode("utf-8")}
        with self.server.lock, open(self.server.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        self.by_path(body)

    do_POST = answer
    do_PUT = answer

    def by_path(self, body):
        status, headers = 200, {}
        if self.path.startswith("/status/"):
            status = int(self.path.split("?")[0].rsplit("/", 1)[1])
        elif self.path == "/retry-date":
            status = 503
            headers["Retry-After"] = email.utils.formatdate(time.time() + 30, usegmt=True)
        elif self.path == "/redirect":
            status, headers = 302, {"Location": "/elsewhere"}
        elif self.path == "/auth" and self.headers.get("Authorization") != "Bearer good-token":
            status = 401
        elif self.path == "/token":
            self.send_token(body)
            return
        elif self.path == "/said":
            self.send_text("status: SAVED")
            return
        elif self.path == "/silent":
            FOREVER.wait()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.path in ("/stuck", "/endless"):
            self.send_long()
            return
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_text(self, text, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def send_token(self, body):
        """The token is `good` once; later ones are numbered."""
        form = dict(urllib.parse.parse_qsl(body.decode()))
        expected = {"grant_type": "client_credentials", "client_id": "bridge",
                    "client_secret": "open sesame", "scope": "a b"}
        if form != expected:
            self.send_text('{"error": "invalid_client"}', 401)
            return
        with self.server.lock:
            self.server.tokens += 1
            name = "good-token" if self.server.tokens == 1 else f"token-{self.server.tokens}"
        self.send_text(json.dumps({"access_token": name, "token_type": "Bearer", "expires_in": 3600}))

    def send_long(self):
        self.send_header("Content-Length", "1000000000000")
        self.end_headers()
        self.wfile.flush()
        if self.path == "/stuck":
            FOREVER.wait()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--client-ca")
    parser.add_argument("--tls12", action="store_true", help="no newer TLS than 1.2")
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    server.log = options.log
    server.lock = threading.Lock()
    server.tokens = 0
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        if options.tls12:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(options.client_ca)
        # The handshake belongs to the connection's thread, not to the one that accepts.
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
