#!/usr/bin/env python3
"""Passes HTTP requests on to a server and keeps them, for bare_client to send again.

FILE gets, for each request that was answered 2xx: `METHOD PATH HEADERS BODY-BYTES`, the header lines,
the body and an empty line.

usage: recording_proxy.py PORT FILE     says `listening on 127.0.0.1:N` on standard error
"""
import http.client
import http.server
import sys
import threading

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "accept", "accept-encoding"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        lines = [(name, value) for name, value in self.headers.items()
                 if name.lower() not in HOP_BY_HOP]
        for name, value in lines:
            upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        data = answer.read()
        upstream.close()
        if answer.status // 100 == 2 and self.command in ("POST", "PUT"):
            self.keep(lines, body)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = pass_on

    def keep(self, lines, body):
        kept = [f"{name}: {value}" for name, value in lines if name.lower() != "content-length"]
        with self.server.lock:
            self.server.file.write(f"{self.command} {self.path} {len(kept)} {len(body)}\n".encode())
            self.server.file.write("".join(line + "\n" for line in kept).encode())
            self.server.file.write(body + b"\n")
            self.server.file.flush()


def main(upstream, path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.upstream, server.lock = int(upstream), threading.Lock()
    with open(path, "wb") as server.file:
        print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
