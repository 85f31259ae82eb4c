#!/usr/bin/env python3
"""Dead letters that go to a publisher.

accepted   each bad record is one event at the publisher, with its bytes and the reason, and nothing
           of it is in `state`
refused    an address that refuses everything: the dead letters are in `state`, listed and replayed,
           and the good records are delivered
away       a publisher that is away: the bridge waits, nothing is settled that nobody has, and when
           it is back everything is through
full       refused, and the state directory is full: no place answers, the bridge waits and goes on

usage: letters_test.py BINARY [CASE…]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from driver_test import LRECL, Endpoint, SmallDisk, World  # noqa: E402

RECORDS = 400
BAD = (7, 133, 400)


class LetterWorld(World):
    def __init__(self, binary, directory, letters_url, state="state"):
        self.endpoint = Endpoint()
        super().__init__(binary, directory, self.endpoint.url, RECORDS, state=state)
        data = bytearray((directory / "in/pay.dat").read_bytes())
        for bad in BAD:
            data[(bad - 1) * LRECL] = 0x40
        (directory / "in/pay.dat").write_bytes(data)
        text = self.bridge.read_text().replace(
            "routes:", "  letters: {kind: http, url: '" + letters_url + "', mode: batch,"
            " batch_events_max: 2, first_byte_timeout_ms: 300}\nroutes:")
        self.bridge.write_text("dead_letters: letters\n" + text)

    def start(self):
        return Process(self.binary, "run", self.bridge, "--until-idle", "--give-up-after", "60")

    def listed(self):
        done = subprocess.run([self.binary, "dead-letters", "list", self.bridge, "--json"],
                              capture_output=True, text=True, timeout=LIMIT_S, check=True)
        check("only what letters has refused is here" in done.stderr, f"list: {done.stderr}")
        return {json.loads(line)["id"] for line in done.stdout.splitlines()}

    def check_delivered(self):
        delivered = {identity for identity, _ in self.endpoint.taken}
        expected = {f"pays/1/{i}/pay" for i in range(1, RECORDS + 1) if i not in BAD}
        check(delivered == expected, f"{len(delivered)} of {len(expected)} delivered")

    def check_end(self, bridge, code=2):  # pylint: disable=arguments-renamed
        ended = bridge.end()
        check(ended == code, f"it ended with {ended}:\n" + "".join(bridge.lines[-20:]))
        last = bridge.events("stopped")[-1]
        check((last["delivered"], last["dead_lettered"]) == (RECORDS - len(BAD), len(BAD)),
              f"the figures: {last}")


def check_letters(letters):
    by_id = dict(letters.taken)
    check(by_id.keys() == {f"pays/1/{i}/pay@web" for i in BAD}, f"the letters: {by_id.keys()}")
    letter = by_id["pays/1/7/pay@web"]
    check(letter["id"] == "pays/1/7/pay" and letter["destination"] == "web"
          and letter["field"] == "NO" and letter["reason"], f"a letter: {letter}")
    check(letter["record_hex"] == (b"\x40\xF0\xF0\xF0\xF0\xF7" + b"\xC1" * (LRECL - 6)).hex().upper(),
          f"the bytes: {letter}")


def accepted(binary, directory):
    letters = Endpoint()
    world = LetterWorld(binary, directory, letters.url)
    world.check_end(world.start())
    check_letters(letters)
    check(world.listed() == set(), "a letter that the publisher has is in state as well")
    world.check_delivered()


def refused(binary, directory):
    letters = Endpoint(["forbid"])
    world = LetterWorld(binary, directory, letters.url)
    bridge = world.start()
    world.check_end(bridge)
    check(bridge.events("endpoint_refused"), "nobody was told")
    check(world.listed() == {f"pays/1/{i}/pay" for i in BAD}, f"listed: {world.listed()}")
    world.check_delivered()


def away(binary, directory):
    letters = Endpoint(["unavailable"])
    world = LetterWorld(binary, directory, letters.url)
    bridge = world.start()
    bridge.wait_for('"event":"endpoint_lost"')
    letters.wait_until(lambda it: it.requests >= 5)
    check(bridge.child.poll() is None, "the bridge ended")
    check(world.listed() == set(), "an outage moved a letter")
    letters.ways = ["accept"]
    world.check_end(bridge)
    check_letters(letters)
    world.check_delivered()


def full(binary, directory):
    with SmallDisk(directory / "small") as disk:
        if not disk.is_there:
            return
        letters = Endpoint(["forbid"])
        world = LetterWorld(binary, directory, letters.url, state="small/state")
        with world.endpoint.lock, letters.lock:
            bridge = world.start()
            bridge.wait_for('"event":"started"')
            disk.fill()
        bridge.wait_for('"event":"storage_lost"')
        check(bridge.child.poll() is None, "the bridge ended")
        disk.empty()
        world.check_end(bridge)
        check(world.listed() == {f"pays/1/{i}/pay" for i in BAD}, f"listed: {world.listed()}")
        world.check_delivered()


def main():
    cases = {"accepted": accepted, "refused": refused, "away": away, "full": full}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-letters-") as name:
            cases[case](sys.argv[1], pathlib.Path(name))
        print("ok:", case)


if __name__ == "__main__":
    main()
