"""A Kafka broker with a listener that takes tokens (SASL/OAUTHBEARER), and the server that gives them.

Tokens are JWTs (RFC 7519) that openssl signs; the broker's own validator verifies signature and end, with
the key that it fetches from the server, and closes a connection when its token ends."""
import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time
import urllib.parse

from kafka_broker import KafkaBroker
from queue_broker import free_ports

LISTENER = "listener.name.tokens"
HANDLER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
# The one that it has without being asked takes any signature (4.1.0).
VALIDATOR = "org.apache.kafka.common.security.oauthbearer.BrokerJwtValidator"
MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
CLIENT = {"grant_type": "client_credentials", "client_id": "bridge",
          "client_secret": "open sesame of tokens", "scope": "kafka"}


def text_of(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """Gives a token at /token to CLIENT, and its key at /keys."""

    def __init__(self, folder):
        self.key, self.other_key = (pathlib.Path(folder) / name for name in ("key", "other"))
        for key in (self.key, self.other_key):
            subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True,
                           capture_output=True)
        self.status = 200           # of what asks for tokens
        self.is_forging = False     # signs by a key that the broker does not know
        self.lifetime_s = 3600
        self.tokens = []
        self.asked = 0
        self.changed = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send(200, outer.keys() if self.path == "/keys" else {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send(*outer.answer(dict(urllib.parse.parse_qsl(body))))

            def send(self, status, document):
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keys(self):
        modulus = subprocess.run(["openssl", "rsa", "-in", str(self.key), "-noout", "-modulus"],
                                 check=True, capture_output=True, text=True).stdout
        return {"keys": [{"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "e": "AQAB",
                          "n": text_of(bytes.fromhex(modulus.strip().split("=")[1]))}]}

    def answer(self, form):
        with self.changed:
            self.asked += 1
            self.changed.notify_all()
            if self.status != 200:
                return self.status, {"error": "invalid_client"}
            if form != CLIENT:
                return 400, {"error": "invalid_request"}
            self.tokens.append(self.token())
            return 200, {"access_token": self.tokens[-1], "token_type": "Bearer",
                         "expires_in": self.lifetime_s}

    def token(self):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "bridge", "iat": now,
                  "exp": now + self.lifetime_s, "scope": "kafka", "jti": str(len(self.tokens))}
        text = ".".join(text_of(json.dumps(part).encode())
                        for part in ({"alg": "RS256", "kid": "one", "typ": "JWT"}, claims))
        key = self.other_key if self.is_forging else self.key
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key)],
                                   input=text.encode(), check=True, capture_output=True).stdout
        return f"{text}.{text_of(signature)}"

    def wait_for(self, holds, limit_s=60):
        with self.changed:
            return self.changed.wait_for(lambda: holds(self), limit_s)

    def stop(self):
        self.server.shutdown()


class TokenBroker(KafkaBroker):
    """Beside its own listener, for the tests, it has one at `tokens`."""

    def __init__(self, folder, server):
        self.server = server
        super().__init__(folder)

    def configure(self):
        super().configure()
        port, = free_ports(1)
        self.tokens = f"127.0.0.1:{port}"
        path = self.folder / "server.properties"
        rows = []
        for row in path.read_text().splitlines():
            name = row.split("=")[0]
            if name in ("listeners", "advertised.listeners"):
                row += f",TOKENS://{self.tokens}"
            if name == "listener.security.protocol.map":
                row += ",TOKENS:SASL_PLAINTEXT"
            rows.append(row)
        path.write_text("\n".join(rows) + f"""
sasl.enabled.mechanisms=OAUTHBEARER
{LISTENER}.sasl.enabled.mechanisms=OAUTHBEARER
{LISTENER}.oauthbearer.sasl.jaas.config={MODULE} required;
{LISTENER}.oauthbearer.sasl.server.callback.handler.class={HANDLER}
{LISTENER}.oauthbearer.connections.max.reauth.ms=3600000
sasl.oauthbearer.jwks.endpoint.url={self.server.url}/keys
sasl.oauthbearer.jwt.validator.class={VALIDATOR}
""")

    def java(self, *arguments):
        command = super().java(*arguments)
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self.server.url}/keys"
        return [command[0], allowed, *command[1:]]
