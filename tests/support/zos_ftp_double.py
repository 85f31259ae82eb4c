#!/usr/bin/env python3
"""What z/OS's FTP server has beyond RFC 959, over files of a folder, on loopback.

Data sets are FOLDER/ds/NAME with one record a line in hexadecimal; NAME may be a folder, of a
partitioned data set. The output of jobs is FOLDER/jobs/NAME.JOBID.OWNER. Names must be quoted,
SITE RDW and MODE B change what a RETR sends, TYPE E is EBCDIC as it is, TYPE A text.

usage: zos_ftp_double.py FOLDER     prints its port; commands stand in FOLDER/commands.log
Files of faults in FOLDER, each used up by one RETR: cut (a number: 451 after so many bytes), busy
(450), open (MODE B: the data connection stays open behind the file's end).
"""
import fnmatch
import pathlib
import re
import socketserver
import socket
import struct
import sys
import threading

PASSWORD = "SESAM#OF"
UNKNOWN_SITE = "200-Unrecognized parameter '{}' on SITE command."


def blocks_of(records):
    """RFC 959, 3.4.2: descriptor 128 ends a record, 64 the file."""
    data = b"".join(struct.pack(">BH", 0x80, len(record)) + record for record in records)
    return data + struct.pack(">BH", 0x40, 0)


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.state = {"filetype": "SEQ", "rdw": False, "type": "A", "mode": "S", "owner": "BRIDGE",
                      "job": "*", "cwd": "", "from": None}
        self.listener = None
        self.user = None
        self.reply("220-FTPDZ1 IBM FTP CS at double\r\n220 Connection will close if idle.")
        for line in self.rfile:
            command = line.decode("latin-1").rstrip("\r\n")
            with (self.server.root / "commands.log").open("a") as log:
                log.write((command if not command.startswith("PASS") else "PASS *") + "\n")
            verb, _, argument = command.partition(" ")
            method = getattr(self, "do_" + verb.lower(), None)
            if method is None:
                self.reply(f"500 unknown command {verb}")
            elif method(argument) == "quit":
                return

    def reply(self, text):
        self.wfile.write(text.encode("latin-1") + b"\r\n")
        self.wfile.flush()

    def do_user(self, name):
        self.user = name
        self.reply("331 Send password please.")

    def do_pass(self, password):
        if self.user == "BRIDGE" and password == PASSWORD:
            return self.reply("230 BRIDGE is logged on.  Working directory is \"BRIDGE.\".")
        self.reply("530 PASS command failed")

    def do_quit(self, _):
        self.reply("221 Quit command received. Goodbye.")
        return "quit"

    def do_pwd(self, _):
        self.reply("257 \"'BRIDGE.'\" is working directory.")

    def do_syst(self, _):
        self.reply("215 MVS is the operating system of this server. FTP Server is running on z/OS.")

    def do_noop(self, _):
        self.reply("200 OK")

    def do_cwd(self, name):
        self.state["cwd"] = name.strip("'")
        is_pds = (self.server.root / "ds" / self.state["cwd"]).is_dir()
        what = "is a partitioned data set" if is_pds else "is working directory"
        self.reply(f"250 The working directory {name} {what}")

    def do_site(self, words):
        unknown = []
        for word in words.split():
            name, _, value = word.upper().partition("=")
            if name == "RDW":
                self.state["rdw"] = True
            elif name == "NORDW":
                self.state["rdw"] = False
            elif name == "FILETYPE":
                self.state["filetype"] = value
            elif name == "JESJOBNAME":
                self.state["job"] = value
            elif name == "JESOWNER":
                self.state["owner"] = value
            elif name not in ("JESSTATUS", "LRECL", "RECFM", "CONDDISP", "SBDATACONN", "CYLINDERS"):
                unknown.append(word)
        for word in unknown:
            self.reply(UNKNOWN_SITE.format(word))
        self.reply("200 SITE command was accepted")

    def do_type(self, kind):
        if kind[:1].upper() not in "AEI":
            return self.reply("504 TYPE has unsupported type")
        self.state["type"] = kind[:1].upper()
        self.reply(f"200 Representation type is {kind}")

    def do_mode(self, mode):
        if mode.upper() not in ("S", "B"):
            return self.reply("504 MODE has unsupported mode")
        self.state["mode"] = mode.upper()
        self.reply(f"200 Data transfer mode is {'Block' if mode.upper() == 'B' else 'Stream'}")

    def open_listener(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        return self.listener.getsockname()[1]

    def do_epsv(self, _):
        self.reply(f"229 Entering Extended Passive Mode (|||{self.open_listener()}|)")

    def do_pasv(self, _):
        port = self.open_listener()
        self.reply(f"227 Entering Passive Mode (127,0,0,1,{port >> 8},{port & 255})")

    def connect(self):
        self.listener.settimeout(20)
        connection = self.listener.accept()[0]
        self.listener.close()
        return connection

    def do_size(self, name):
        self.reply(f"550 SIZE of {name} is not to be had: it is a data set")

    def do_mdtm(self, name):
        self.reply(f"550 MDTM of {name} is not to be had: it is a data set")

    def do_rest(self, _):
        self.reply("504 REST is not supported in this mode")

    # Listings

    def do_list(self, argument):
        lines = self.job_lines() if self.state["filetype"] == "JES" else self.file_lines(argument)
        connection = self.connect()
        if not lines:
            connection.close()
            return self.reply("550 No data sets found." if self.state["filetype"] != "JES"
                              else "550 No jobs found for JESOWNER")
        self.reply("125 List started OK")
        connection.sendall(("\r\n".join(lines) + "\r\n").encode())
        connection.close()
        self.reply("250 List completed successfully.")

    def file_lines(self, argument):
        root = self.server.root / "ds"
        pds = root / self.state["cwd"]
        if not argument and self.state["cwd"] and pds.is_dir():
            return [" Name     VV.MM   Created       Changed      Size  Init   Mod   Id"] + [
                f" {path.name:<8} 01.00 2026/11/20 2026/11/27 15:21     2     2     0 BRIDGE"
                for path in sorted(pds.iterdir())]
        pattern = argument.strip("'")
        regex = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^.]*").replace("%", "[^.]")
        lines = []
        for path in sorted(root.iterdir()):
            if not re.fullmatch(regex, path.name):
                continue
            kind = "PO" if path.is_dir() else "PS"
            if (self.server.root / "migrated" / path.name).exists():
                lines.append(f"Migrated                                                '{path.name}'")
            else:
                lines.append(f"WORK01 3390   2026/11/27  1    1  VB   32756 32760  {kind}  '{path.name}'")
        header = "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname"
        return [header] + lines if lines else []

    def job_lines(self):
        lines = []
        for path in sorted((self.server.root / "jobs").iterdir()):
            name, job, owner = path.name.split(".")
            if (fnmatch.fnmatch(name, self.state["job"])
                    and fnmatch.fnmatch(owner, self.state["owner"])):
                lines.append(f"{name:<8} {job} {owner:<8} OUTPUT A        RC=0000 1 spool files")
        return ["JOBNAME  JOBID    OWNER    STATUS CLASS"] + lines if lines else []

    # Transfers

    def path_of(self, name):
        if self.state["filetype"] == "JES":
            return next(iter((self.server.root / "jobs").glob(f"*.{name.partition('.')[0]}.*")), None)
        found = re.match(r"^'([A-Z0-9$#@.-]+)(?:\(([A-Z0-9$#@+-]+)\))?'$", name)
        if not found:
            return None
        path = self.server.root / "ds" / found[1]
        if found[2] == "+1":
            there = sorted((self.server.root / "ds").glob(f"{found[1]}.G*V00"))
            number = int(there[-1].name[-7:-3]) + 1 if there else 1
            return self.server.root / "ds" / f"{found[1]}.G{number:04}V00"
        return path / found[2] if found[2] else path

    def encoded(self, records):
        if self.state["mode"] == "B":
            return blocks_of(records)
        if self.state["rdw"]:
            return b"".join(struct.pack(">HH", len(record) + 4, 0) + record for record in records)
        if self.state["type"] == "A":
            return b"".join(record.decode("cp037").encode("latin-1") + b"\r\n" for record in records)
        return b"".join(records)

    def take_fault(self, name):
        path = self.server.root / name
        if not path.exists():
            return None
        text = path.read_text()
        path.unlink()
        return text

    def do_retr(self, name):
        path = self.path_of(name)
        connection = self.connect()
        if path is None or not path.is_file():
            connection.close()
            return self.reply(f"550 Data set {name} not found")
        if self.take_fault("busy") is not None:
            connection.close()
            return self.reply(f"450 Data set {name} is in use")
        data = self.encoded([bytes.fromhex(line) for line in path.read_text().split("\n") if line])
        cut = self.take_fault("cut")
        stays_open = self.take_fault("open") is not None
        self.reply(f"125 Sending data set {name} VARrecfm 32760")
        connection.sendall(data if cut is None else data[:int(cut)])
        if stays_open:
            self.reply("250 Transfer completed successfully.")
            self.server.kept.append(connection)
            return
        connection.close()
        self.reply("250 Transfer completed successfully." if cut is None
                   else "451 Transfer aborted due to file error.")

    def do_stor(self, name):
        path = self.path_of(name)
        connection = self.connect()
        if path is None:
            connection.close()
            return self.reply(f"501 Invalid data set name {name}.  Use MVS Dsname conventions.")
        self.reply(f"125 Storing data set {name}")
        data = b""
        while piece := connection.recv(65536):
            data += piece
        connection.close()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(record.hex() for record in self.decoded(data)) + "\n")
        self.reply("250 Transfer completed successfully.")

    def decoded(self, data):
        records, at = [], 0
        while self.state["mode"] == "B" and at < len(data):
            descriptor, size = struct.unpack_from(">BH", data, at)
            if descriptor & 0x80 or size:
                records.append(data[at + 3:at + 3 + size])
            at += 3 + size
        while self.state["mode"] == "S" and self.state["rdw"] and at < len(data):
            size = struct.unpack_from(">H", data, at)[0]
            records.append(data[at + 4:at + size])
            at += size
        return records or [data]

    def do_dele(self, name):
        path = self.path_of(name)
        if path is None or not path.exists():
            return self.reply(f"550 DELE fails: {name} does not exist.")
        path.unlink()
        self.reply(f"250 {name} deleted.")

    def do_rnfr(self, name):
        self.state["from"] = self.path_of(name)
        if self.state["from"] is None or not self.state["from"].exists():
            return self.reply(f"550 RNFR fails: {name} does not exist.")
        self.reply("350 RNFR accepted. Please supply new name for RNTO.")

    def do_rnto(self, name):
        target = self.path_of(name)
        if target is None or target.exists():
            return self.reply(f"550 RNTO fails: {name} exists or is no name.")
        self.state["from"].rename(target)
        self.reply(f"250 renamed to {name}")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    root = pathlib.Path(sys.argv[1])
    for name in ("ds", "jobs", "migrated"):
        (root / name).mkdir(parents=True, exist_ok=True)
    server = Server(("127.0.0.1", 0), Session)
    server.root, server.kept = root, []
    print(server.server_address[1], flush=True)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main()
