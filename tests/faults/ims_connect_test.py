#!/usr/bin/env python3
"""Messages of IMS by IMS Connect to the real binary, from a double that looks at every field of what the
client sends (tests/support/ims_connect_double.py).

Whatever is on the tpipe arrives, whichever side ends, and leaves the tpipe only when it is in the spool.
What IMS sends again has nothing that says so: with id_from content, or an item, it is one id at the endpoint.

usage: ims_connect_test.py BINARY [CASE…]
"""
import os
import pathlib
import random
import signal
import ssl
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bridge_process import LIMIT_S, check, number  # noqa: E402
from certificates import Authority  # noqa: E402
from ims_connect_double import Hangup, ImsConnect  # noqa: E402
from tcp_test import World  # noqa: E402

RECORDS = 100
FIELDS = {"client_id": "BRIDGE1", "datastore": "IMSA", "tpipe": "ORDERS", "user": "BRUSER",
          "group": "BRGROUP", "password": "S3CR3T#9", "application": "IMSAPPL", "retrieval": "single-wait"}
SECRET = {"IMS_PASSWORD": FIELDS["password"]}


def options(ims, *more):
    """Of the bridge, for what the double expects."""
    fields = "".join(f", ims_{name}: {value}" for name, value in ims.expected.items() if name != "password")
    password = ", ims_password: '${env:IMS_PASSWORD}'" if "password" in ims.expected else ""
    return ", ".join((f"servers: ['tcp://127.0.0.1:{ims.port}'], protocol: ims-connect{fields}{password}",
                      *more))


def wait_until(is_so, message):
    limit = time.monotonic() + LIMIT_S
    while not is_so():
        check(time.monotonic() < limit, message)
        time.sleep(0.01)  # a look at another thread


def end(ims, bridge, code=0):
    check(bridge.end(signal.SIGTERM) == code, "the bridge does not end well")
    check(not ims.mistakes, f"IMS Connect does not like: {ims.mistakes[:5]}")


def taking(world):
    """By every way of retrieval, in both code pages, in segments, in pieces of any size, with and without
    each optional field; IRM_TIMER runs out, and it is asked again."""
    chance, base = random.Random(3), 0
    few = {"client_id": "B", "datastore": "IMSB"}
    for retrieval in ("single-wait", "single", "noauto", "auto"):
        for fields, pages in ((FIELDS, ("cp037", "IBM-1047")), (few, ("latin-1", "ISO-8859-1")),
                              ({**few, "tpipe": "T"}, ("cp037", "IBM-037"))):
            ims = ImsConnect({**fields, "retrieval": retrieval}, pages[0])

            def in_pieces(message, session):
                while len(message) > 9:
                    size = chance.randint(1, 9)
                    session.say(message[:size])
                    message = message[size:]
                return message
            ims.disturb = in_pieces
            records = [number(at) for at in range(base, base + 20)]
            ims.add(*([record[:2], record[2:2], record[2:]] for record in records[:10]))
            bridge = world.start(options(ims, f"ims_codepage: {pages[1]}", "ims_timer_ms: 200"), **SECRET)
            world.wait_for(range(base + 10))
            wait_until(lambda: ims.timeouts > 1, "IRM_TIMER does not run out")
            ims.add(*records[10:])
            base += 20
            world.wait_for(range(base))
            wait_until(lambda: len(ims.acknowledged) == 20, "not every message has its ACK")
            end(ims, bridge)
            check(not bridge.events("source_lost"), "it is lost between two time-outs")
            check(ims.returned == 0, "a message is given twice")
    check(world.check_ids() == 0, "a record came twice")


def statuses(world):
    """What IMS Connect refuses is in the log with its codes, is tried again, and loses nothing; a session
    of the same client is taken over, or waited for."""
    ims = ImsConnect(FIELDS)
    ims.statuses += [(8, 40), (4, 9), (12, 3), (16, 26), (40, 1), (36, 2)]
    ims.add(*(number(at) for at in range(10)))
    bridge = world.start(options(ims), **SECRET)
    world.wait_for(range(10))
    bridge.wait_for("return code 8, reason code 40 (access is denied)")
    check(ims.resumes > 6, "a refusal ends it")
    end(ims, bridge)
    # Another connection has the client id still.
    for takes_over, wanted in (("yes", False), ("no", True)):
        ims = ImsConnect(FIELDS)
        ims.session = type("Session", (), {"is_cancelled": False, "connection": None})()
        other = ims.session
        ims.add(number(10))
        bridge = world.start(options(ims, f"ims_take_over: {takes_over}"), **SECRET)
        if wanted:
            bridge.wait_for("reason code 56 (the client id is in use)")
            check(not other.is_cancelled, "it ends the other one")
            ims.session = None
        wait_until(lambda: len(ims.acknowledged) == 1, "the message has no ACK")
        check(other.is_cancelled != wanted, "the other one is not ended")
        end(ims, bridge)


def lost(world):
    """The connection ends between a message and its ACK, and within messages: IMS gives it again."""
    chance, ims = random.Random(11), ImsConnect(FIELDS)

    def disturb(message, session):
        chosen = chance.random()
        if chosen < 0.1:
            session.say(message)
            raise Hangup
        if chosen < 0.2:
            session.say(message[:chance.randint(1, len(message) - 1)])
            raise Hangup
        return message
    ims.disturb = disturb
    ims.add(*(number(at) for at in range(RECORDS)))
    bridge = world.start(options(ims, "id_from: NO", "described_by: [note.yaml]"), **SECRET)
    wait_until(lambda: len(ims.acknowledged) == RECORDS, "not every message has its ACK")
    world.wait_for(range(RECORDS))
    end(ims, bridge)
    check(world.check_ids() > 0 and ims.returned > 0, "nothing was sent again: this has shown nothing")


def killed(world):
    """SIGKILL around every step of the spool, in front of and behind the ACK: nothing is lost, and what
    comes twice has one id."""
    ims = ImsConnect(FIELDS)
    ims.add(*(number(at) for at in range(RECORDS)))
    for point in ["spool_written:3", "spool_synced:3", "spool_settled:3", "publish_started:5",
                  "publish_confirmed:5", "spool_synced:1", "spool_written:1"]:
        bridge = world.start(options(ims, "id_from: content"), COPYBRIDGE_CRASH_AT=point, **SECRET)
        check(bridge.end() != 0, f"{point} is not reached")
    left = RECORDS - len(ims.acknowledged)
    check(0 < left < RECORDS, f"{left} messages are left for the bridge that is not killed")
    bridge = world.start(options(ims, "id_from: content"), **SECRET)
    wait_until(lambda: len(ims.acknowledged) == RECORDS, "not every message has its ACK")
    world.wait_for(range(RECORDS))
    end(ims, bridge)
    check(ims.acknowledged == [[number(at)] for at in range(RECORDS)], "their order is not kept")
    repeats = world.check_ids()
    check(repeats > 0 and ims.returned > 0, "nothing came twice: this has shown nothing")
    print(f"{RECORDS} messages, {repeats} came twice, {ims.returned} went back to the tpipe")


def broken(world):
    """LLLL that is too large, an LL that is none, an end that is missing: ERROR, exit code 3, no ACK; the
    message is on its queue still, and a sound one goes on."""
    ims = ImsConnect(FIELDS)
    wrong = [lambda message: b"\x7f" + message[1:],
             lambda message: message[:4] + b"\0\3" + message[6:],
             lambda message: (len(message) - 12).to_bytes(4, "big") + message[4:-12]]

    def disturb(message, _):
        return wrong.pop(0)(message) if wrong else message
    ims.disturb = disturb
    ims.add(number(0))
    bridge = world.start(options(ims, "record_bytes_max: 1000"), **SECRET)
    world.wait_for(range(1))
    wait_until(lambda: len(ims.acknowledged) == 1, "the message has no ACK")
    check(ims.returned == 3, f"the message was given back {ims.returned} times, not 3")
    bridge.wait_for('"connections_broken"')
    end(ims, bridge, 3)
    check(world.check_ids() == 0, "what is broken is delivered")


def silent(world):
    """IMS Connect says nothing when its timer has run out: the connection is dead, and another one is made."""
    ims = ImsConnect(FIELDS)
    ims.is_silent = True
    bridge = world.start(options(ims, "ims_timer_ms: 100", "idle_ms: 500"), **SECRET)
    wait_until(lambda: ims.resumes > 2, "it stays with the dead connection")
    bridge.wait_for("nothing came within idle_ms")
    ims.add(number(0))
    world.wait_for(range(1))
    end(ims, bridge)


def by_tls(world):
    """The password goes only to a server whose certificate is in order, and which sees the client's."""
    ours, others = Authority(world.directory / "ca"), Authority(world.directory / "other")
    shown, key = ours.issue("bridge")
    for authority, is_in in ((others, False), (ours, True)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, authority.issue("server", "IP:127.0.0.1")))
        context.load_verify_locations(str(ours.ca))
        context.verify_mode = ssl.CERT_REQUIRED
        ims = ImsConnect(FIELDS, tls=context)
        ims.add(number(0))
        bridge = world.start(options(ims, f"ca_bundle: {ours.ca}", f"client_certificate: {shown}",
                                     f"client_key: {key}").replace("tcp://", "tls://"), **SECRET)
        if is_in:
            world.wait_for(range(1))
            end(ims, bridge)
        else:
            bridge.wait_for('"source_lost"')
            end(ims, bridge)
            check(ims.resumes == 0 and not ims.acknowledged, "a server of another authority is trusted")


CASES = {case.__name__: case for case in (taking, statuses, lost, killed, broken, silent, by_tls)}


def main(binary, names):
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            world = World(binary, pathlib.Path(folder))
            try:
                CASES[name](world)
            finally:
                world.listener.end(signal.SIGTERM)
        print(f"{name}: {CASES[name].__doc__}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
