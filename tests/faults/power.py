"""A power failure of a bridge under test: what it wrote and did not sync is gone.

tests/faults/power_shim.cc notes what was there before; fail() puts it back.
"""
import os
import pathlib
import shutil
import struct

HEADER = struct.Struct("<c7xQQQQ")


class Power:
    def __init__(self, shim, under):
        self.shim, self.under = shim, pathlib.Path(under).resolve()
        self.journal = self.under.parent / (self.under.name + "-power")
        self.undone = {"W": 0, "R": 0, "U": 0}
        self.begin()

    def begin(self):
        shutil.rmtree(self.journal, ignore_errors=True)
        self.journal.mkdir()

    def environment(self, ignores=None):
        """For a bridge; syncs of paths with `ignores` in them count for nothing."""
        told = {"LD_PRELOAD": str(self.shim), "COPYBRIDGE_POWER_UNDER": str(self.under),
                "COPYBRIDGE_POWER_JOURNAL": str(self.journal)}
        return {**told, "COPYBRIDGE_POWER_IGNORES": ignores} if ignores else told

    def notes(self):
        path = self.journal / "journal"
        data = path.read_bytes() if path.exists() else b""
        at = 0
        while at + HEADER.size <= len(data):
            kind, inode, offset, old_size, size = HEADER.unpack_from(data, at)
            at += HEADER.size
            if at + size > len(data):
                return  # The kill came while it was noted: nothing had been done yet.
            yield kind.decode(), inode, offset, old_size, data[at:at + size]
            at += size

    def fail(self):
        """Takes back everything since the last sync, the newest first."""
        notes = list(self.notes())
        synced, names_synced = {}, {}
        for index, (kind, inode, _, _, rest) in enumerate(notes):
            if kind == "S":
                synced[inode] = index
                names_synced[rest.decode()] = index
        for index, (kind, inode, offset, old_size, rest) in reversed(list(enumerate(notes))):
            if kind == "W" and index > synced.get(inode, -1):
                self.undo_write(inode, offset, old_size, rest)
            if kind in ("R", "U"):
                names = rest.decode().split("\0")
                if index > names_synced.get(os.path.dirname(names[0]), -1):
                    self.undo_name(kind, names)
        self.begin()

    def undo_write(self, inode, offset, old_size, old):
        for folder in (self.under, self.journal):
            for path in folder.rglob("*"):
                if path.is_file() and path.stat().st_ino == inode:
                    with path.open("r+b") as file:
                        file.seek(offset)
                        file.write(old)
                        file.truncate(old_size)
                    self.undone["W"] += 1
                    return

    def undo_name(self, kind, names):
        if kind == "R":
            old, new, kept = names
            if not os.path.exists(new):
                return  # It was not done.
            os.rename(new, old)
            if kept:
                os.rename(kept, new)
        else:
            name, kept = names
            if os.path.exists(name) or not kept:
                return
            os.rename(kept, name)
        self.undone[kind] += 1

    def close(self):
        shutil.rmtree(self.journal, ignore_errors=True)
