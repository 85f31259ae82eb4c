"""A TCP proxy on loopback that a test can make hold back what passes, or cut."""
import socket
import threading


def hang_up(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It is already.


class TcpProxy:
    """`cut_after`: each connection, as long as the list has entries, is cut once so many bytes have
    gone to the server."""

    def __init__(self, port, cut_after=()):
        self.target = ("127.0.0.1", port)
        self.cut_after = list(cut_after)
        self.holds = threading.Event()  # set: nothing goes back to the client
        self.changed = threading.Condition()
        self.connections = self.cuts = 0
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            limit = self.cut_after.pop(0) if self.cut_after else None
            self.sockets += [client, server]
            with self.changed:
                self.connections += 1
                self.changed.notify_all()
            for args in ((client, server, limit, False), (server, client, None, True)):
                threading.Thread(target=self.pump, args=args, daemon=True).start()

    def pump(self, source, sink, limit, is_answer):
        passed = 0
        try:
            while data := source.recv(4096):
                if is_answer and self.holds.is_set():
                    continue
                if limit is not None and passed + len(data) > limit:
                    sink.sendall(data[:limit - passed])
                    with self.changed:
                        self.cuts += 1
                        self.changed.notify_all()
                    break
                passed += len(data)
                sink.sendall(data)
        except OSError:
            pass
        hang_up(source, sink)

    def wait_for_connections(self, count, limit_s):
        with self.changed:
            return self.changed.wait_for(lambda: self.connections >= count, limit_s)

    def close(self):
        self.listener.close()
        for end in self.sockets:
            end.close()
