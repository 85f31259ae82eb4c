"""IMS Connect with the message exit HWSSMPL1, as far as a client sees it that takes output from a tpipe.

From IBM's tables of IMS 15, Communications and Connections (fixed and user portion of the IRM, CSM, RSM,
timer intervals, message control options): every field of what a client sends is looked at, and what is not
as it should be is in `mistakes`. A message is on its queue until it has its ACK; NAK and a lost connection
put it back in front. It speaks to whoever connects on loopback, and says no more than was asked for.

What it cannot show: whether an IMS that is there reads the tables likewise (security, OTMA's own limits and
timers, exits of the user's).

usage: ims_connect_double.py FILE   each line that is added to the file is a message for the client BRIDGE; FILE.done
                                    grows by a byte for each that is acknowledged; ends where the client
                                    sends what it should not
"""
import os
import pathlib
import socket
import struct
import sys
import threading
import time

FIXED = struct.Struct(">I H B B 8s H H B B B B 8s")  # LLLL, then 28 bytes
USER = struct.Struct(">B B B B 8s 8s 8s 8s 8s 8s")  # level 0: 80 bytes with the fixed ones
LEVEL_1 = struct.Struct(">8s 8s")
END_OF_MESSAGE = b"\0\4\0\0"
RETRIEVALS = {0x01: "single", 0x02: "auto", 0x04: "noauto", 0x10: "single-wait"}
NO_WAIT = 0xE9


def seconds(timer):
    """IRM_TIMER; None: for ever, 0: not at all."""
    if timer == 0xFF:
        return None
    if timer == NO_WAIT:
        return 0
    if timer <= 0x19:
        return timer / 100
    if timer <= 0x27:
        return 0.30 + (timer - 0x1A) * 0.05
    return timer - 0x27 if timer <= 0x63 else (timer - 0x62) * 60


class Hangup(Exception):
    pass


class Session:
    """One connection."""

    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.retrieval = None  # of the RESUME TPIPE that goes on
        self.wait_s = self.waits_since = None
        self.sent = None  # the message that has no answer
        self.is_dry = self.is_cancelled = False

    def serve(self):
        with self.connection:
            self.connection.settimeout(0.01)
            buffer = b""
            try:
                while not self.is_cancelled:
                    self.give()
                    try:
                        piece = self.connection.recv(65536)
                    except TimeoutError:
                        continue
                    if not piece:
                        break
                    buffer += piece
                    while len(buffer) >= 4 and len(buffer) >= (size := int.from_bytes(buffer[:4], "big")):
                        self.take(buffer[:size])
                        buffer = buffer[size:]
            except (OSError, Hangup):
                pass
            finally:
                self.server.leave(self)

    def say(self, message):
        self.connection.settimeout(20)
        self.connection.sendall(message)
        self.connection.settimeout(0.01)

    def say_status(self, return_code, reason_code):
        rsm = struct.pack(">HBB8sII", 20, 0, 0, self.server.text("*REQSTS*"), return_code, reason_code)
        self.say((4 + len(rsm)).to_bytes(4, "big") + rsm)

    def take(self, message):
        kind, timer, retrieval, cancels = self.server.read(message)
        if kind == "R":
            return self.resume(timer, retrieval, cancels)
        if self.sent is None:
            return self.server.mistakes.append(f"{kind} without a message")
        is_single = self.retrieval in ("single", "single-wait")
        if (timer != NO_WAIT) if is_single else (seconds(timer) != self.wait_s):
            self.server.mistakes.append(f"{kind} has IRM_TIMER {timer:02x} with {self.retrieval}")
        if kind == "A":
            self.server.acknowledged.append(self.sent)
            self.sent = None
        else:
            self.server.refusals += 1
            self.server.put_back(self)
        self.waits_since = time.monotonic()
        if is_single or kind == "N":
            self.retrieval = None

    def resume(self, timer, retrieval, cancels):
        self.server.resumes += 1
        if self.sent is not None:
            self.server.mistakes.append("RESUME TPIPE before the answer to a message")
        if status := self.server.next_status():
            self.say_status(*status)
            if status[0] != 40:
                raise Hangup
            return
        if not self.server.enter(self, cancels):
            self.say_status(8, 56)
            raise Hangup
        self.retrieval, self.waits_since, self.wait_s = retrieval, time.monotonic(), seconds(timer)
        self.is_dry = False

    def give(self):
        if self.retrieval is None or self.sent is not None:
            return
        if not self.is_dry:
            self.sent = self.server.next_message()
        if self.sent is not None:
            return self.server.send(self)
        self.is_dry = self.retrieval in ("single", "noauto")
        if self.wait_s is not None and time.monotonic() - self.waits_since >= self.wait_s:
            self.server.timeouts += 1
            self.waits_since = time.monotonic()
            if not self.server.is_silent:
                self.retrieval = None
                self.say_status(40, round(self.wait_s))


class ImsConnect:
    """`expected` has the fields of the client; `codepage` is Python's for the client's names, `tls` a context of
    ssl."""

    def __init__(self, expected, codepage="cp037", tls=None):
        self.expected, self.codepage, self.tls = expected, codepage, tls
        self.lock = threading.Lock()
        self.queue, self.acknowledged, self.mistakes, self.statuses = [], [], [], []
        self.resumes = self.refusals = self.returned = self.timeouts = 0
        self.session = None  # that takes messages
        self.is_silent = False  # nothing is said of IRM_TIMER
        self.disturb = None  # called with what is about to be sent; gives what is sent, or hangs up
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection = self.listener.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection.settimeout(20)
                connection = self.tls.wrap_socket(connection, server_side=True)
            Session(self, connection).serve()
        except OSError:
            connection.close()

    def text(self, name):
        return name.ljust(8).encode(self.codepage)

    def enter(self, session, cancels):
        """One connection of a client id; another one is ended where the new one says so."""
        with self.lock:
            if self.session not in (None, session):
                if not cancels:
                    return False
                self.session.is_cancelled = True
            self.session = session
        return True

    def leave(self, session):
        self.put_back(session)
        with self.lock:
            if self.session is session:
                self.session = None

    def put_back(self, session):
        with self.lock:
            if session.sent is not None:
                self.queue.insert(0, session.sent)
                self.returned += 1
            session.sent = None

    def next_message(self):
        with self.lock:
            return self.queue.pop(0) if self.queue else None

    def next_status(self):
        with self.lock:
            return self.statuses.pop(0) if self.statuses else None

    def add(self, *messages):
        """Each a list of segments' data, or one."""
        with self.lock:
            self.queue += [one if isinstance(one, list) else [one] for one in messages]

    def send(self, session):
        body = b"".join((4 + len(data)).to_bytes(2, "big") + b"\0\0" + data for data in session.sent)
        body += struct.pack(">HBB8s", 12, 0x20, 0, self.text("*CSMOKY*"))
        message = (4 + len(body)).to_bytes(4, "big") + body
        if self.disturb is not None:
            message = self.disturb(message, session)
        session.say(message)

    def read(self, message):
        """What is asked for: R, A or N, IRM_TIMER, the way of retrieval, whether other sessions end."""
        level = 1 if self.expected.get("tpipe") or self.expected.get("application") else 0
        (_, length, arch, f0, exit_id, nak, reserved, f5, timer, soct, es,
         client) = FIXED.unpack_from(message)
        (f1, f2, f3, f4, transaction, datastore, lterm, user, group,
         password) = USER.unpack_from(message, FIXED.size)
        kind = bytes([f4]).decode(self.codepage)
        fields = {"IRM_ARCH": (arch, level), "IRM_F0": (f0, 0), "IRM_NAK_RSNCDE": (nak, 0),
                  "reserved": (reserved, 0), "IRM_SOCT": (soct, 0x10), "IRM_ES": (es, 0),
                  "IRM_F1": (f1, 0), "IRM_F2": (f2, 0x40), "IRM_F3": (f3 & 0x7F, 0x01),
                  "IRM_ID": (exit_id, self.text("*SAMPL1*")), "end": (message[-4:], END_OF_MESSAGE),
                  "data": (len(message), 4 + length + 4), "IRM_LEN": (length, 104 if level else 80),
                  "IRM_TRNCOD": (transaction, self.text("")), "IRM_LTERM": (lterm, self.text("")),
                  "IRM_CLIENTID": (client, self.text(self.expected["client_id"])),
                  "IRM_IMSDESTID": (datastore, self.text(self.expected["datastore"])),
                  "IRM_RACF_USERID": (user, self.text(self.expected.get("user", ""))),
                  "IRM_RACF_GRPNAME": (group, self.text(self.expected.get("group", ""))),
                  "IRM_RACF_PW": (password, self.text(self.expected.get("password", ""))),
                  "IRM_F4": (kind in "RAN", True), "timer": (timer not in (0, *range(0x9F, 0xE9)), True),
                  "IRM_F5": (RETRIEVALS.get(f5), self.expected["retrieval"] if kind == "R" else None)}
        if level:
            application, tpipe = LEVEL_1.unpack_from(message, FIXED.size + USER.size)
            fields["IRM_APPL_NM"] = (application, self.text(self.expected.get("application", "")))
            fields["IRM_RT_ALTCID"] = (tpipe, self.text(self.expected.get("tpipe", "")))
            # Some layouts have it behind IRM_REROUT_NM.
            fields["IRM_RT_ALTCID + 8"] = (message[100:108], self.text(self.expected.get("tpipe", "")))
        self.mistakes += [f"{name} is {found}, not {wanted}" for name, (found, wanted) in fields.items()
                          if found != wanted]
        return kind, timer, RETRIEVALS.get(f5), bool(f3 & 0x80)


def main(file):
    ims = ImsConnect({"client_id": "BRIDGE", "datastore": "IMSA", "retrieval": "single-wait"})
    file.touch()
    print(f"listening on 127.0.0.1:{ims.port}", file=sys.stderr, flush=True)
    with file.open("rb") as lines, open(f"{file}.done", "ab", 0) as done:
        rest, told = b"", 0
        while not ims.mistakes:
            *whole, rest = (rest + lines.read()).split(b"\n")
            ims.add(*whole)
            told += done.write(b"." * (len(ims.acknowledged) - told))
            time.sleep(0.005)  # a look at a file of another process
    print(ims.mistakes, file=sys.stderr, flush=True)
    os._exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
