"""Records as z/OS has them: the bytes come from GnuCOBOL, its text is translated to EBCDIC."""

import os
import struct
import subprocess

COBC = ["cobc", "-x", "-std=ibm", "-fsign=EBCDIC", "-ffold-copy=lower"]


def _ebcdic_table(code_page):
    """256 bytes: Latin-1 to the code page.

    HIGH-VALUES stay X'FF' in every code page, so the character that Latin-1 has there cannot be
    used in values.
    """
    table = subprocess.run(["iconv", "-f", "ISO-8859-1", "-t", code_page], check=True,
                           input=bytes(range(256)), capture_output=True).stdout
    assert len(table) == 256 and table[ord("{")] == 0xC0 and table[ord("}")] == 0xD0, code_page
    return table[:255] + b"\xff"


def _translate(record, record_map, table):
    """The record with its text bytes (T in the map) in EBCDIC, the others (B) as they are."""
    assert len(record) == len(record_map) and set(record_map) <= set(b"TB"), "map and record differ"
    return bytes(table[byte] if kind == ord("T") else byte
                 for byte, kind in zip(record, record_map))


def _split_fixed(data, size):
    assert len(data) % size == 0
    return [data[start:start + size] for start in range(0, len(data), size)]


def _split_variable(data):
    """GnuCOBOL's COB_VARSEQ_FORMAT=0: a big-endian length of the data alone, two bytes of zero."""
    records, start = [], 0
    while start < len(data):
        size, zero = struct.unpack_from(">HH", data, start)
        assert zero == 0
        records.append(data[start + 4:start + 4 + size])
        start += 4 + size
    return records


def write_records(program, copybooks, lines, code_page, work_dir, size=None):
    """Compiles and runs a COBOL program on value lines; its records in the code page.

    `size` is that of fixed-length records; without it they are variable.
    """
    binary = os.path.join(work_dir, "program")
    # cobc looks for copybooks in the current folder first.
    subprocess.run(COBC + ["-I", copybooks, "-o", binary, program], check=True, cwd=work_dir)
    files = {name: os.path.join(work_dir, name) for name in ("VALUES", "RECORDS", "MAPS")}
    with open(files["VALUES"], "w", encoding="iso-8859-1", newline="\n") as out:
        out.writelines(line + "\n" for line in lines)
    environment = dict(os.environ, COB_VARSEQ_FORMAT="0",
                       **{"DD_" + name: path for name, path in files.items()})
    subprocess.run([binary], check=True, env=environment)
    split = _split_variable if size is None else lambda data: _split_fixed(data, size)
    records, maps = (split(_read(files[name])) for name in ("RECORDS", "MAPS"))
    assert len(records) == len(maps) == len(lines), "a record is missing"
    table = _ebcdic_table(code_page)
    return [_translate(record, record_map, table) for record, record_map in zip(records, maps)]


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def with_rdws(records):
    """RECFM=V: before each record its RDW, whose length counts its own four bytes."""
    return b"".join(struct.pack(">HH", len(record) + 4, 0) + record for record in records)


def with_bdws(records, block_size):
    """RECFM=VB: as V, in blocks, each after a BDW that counts its own four bytes as well."""
    blocks, block = [], b""
    for record in records:
        described = with_rdws([record])
        if block and 4 + len(block) + len(described) > block_size:
            blocks.append(block)
            block = b""
        block += described
    blocks.append(block)
    return b"".join(struct.pack(">HH", len(block) + 4, 0) + block for block in blocks)


def with_lengths(records):
    """Length-prefixed: four bytes, big-endian, that do not count themselves."""
    return b"".join(struct.pack(">I", len(record)) + record for record in records)
