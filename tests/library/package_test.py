#!/usr/bin/env python3
"""The codec as others get it: package_test.py BUILD_DIR. Installs it, builds a project of its own
against the package, runs its C++ and C programs, calls the C functions from Python, and looks at
what the shared library exports."""
import ctypes
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
COPYBOOK = b"       01  R.\n           05  ID PIC 9(2).\n           05  T PIC X.\n"
BAD_DIGIT = "zoned: ID at offset 0, byte 1: 0x40 is not a digit"


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{command} ends with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}:\nexpected {expected!r}\nactual   {actual!r}")


def check_programs(prefix, build):
    run("cmake", "-S", str(HERE / "consumer"), "-B", str(build), f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_BUILD_TYPE=Debug")
    run("cmake", "--build", str(build))
    expect("the C++ program", run(str(build / "consumer")),
           '{"id":1,"t":"A"}\nrecord 2: ' + BAD_DIGIT + "\nF0F1C1\n")
    out = run(str(build / "consumer_c")).splitlines()
    expect("the C program", out, [
        "1 options:1:8: error: 'recfm' must be one of " + out[0].split("one of ")[1],
        "version 0.1.0", '0 {"ID":1,"T":"A"} 16', "3 16", "1 bad", "2 9", '{"ID":1,"T":"A"}',
        '{"ID":3,"T":"C"}', "3 records, 1 errors", "record 2: " + BAD_DIGIT,
        "framing: the stream ends at byte 10, within the record at byte 9: found 1 bytes, "
        "expected 3 (LRECL); its 10 bytes are whole records of 5 (LRECL and a line end); "
        "short_last (--short-records accept) takes a short last record",
        "0 36 3 0", "1 record, 1 error",
        "line 2: /ID: the value has more digits than PIC 9(2)", "0 3 0",
        "1 /ID: the member is missing"])


def check_python(library):
    codec = ctypes.CDLL(str(library))
    codec.copybridge_compile.restype = ctypes.c_void_p
    codec.copybridge_decoder_new.restype = ctypes.c_void_p
    codec.copybridge_decoder_new.argtypes = [ctypes.c_void_p]
    codec.copybridge_decode.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t,
                                        ctypes.c_int, ctypes.POINTER(ctypes.c_size_t)]
    codec.copybridge_json_lines.restype = ctypes.c_char_p
    codec.copybridge_json_lines.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    codec.copybridge_free.argtypes = codec.copybridge_decoder_free.argtypes = [ctypes.c_void_p]
    options = b'{"recfm": "VB", "bdw": "no", "fields": {"T": {"mask": "all"}}}'
    compiled = codec.copybridge_compile(COPYBOOK, len(COPYBOOK), options, len(options), None)
    decoder = codec.copybridge_decoder_new(compiled)
    consumed = ctypes.c_size_t()
    stream = bytes.fromhex("00070000F0F1C1" "00070000F0F2C2" "0007")
    expect("the status", codec.copybridge_decode(decoder, stream, len(stream), 0,
                                                 ctypes.byref(consumed)), 0)
    expect("the bytes consumed", consumed.value, 14)
    expect("the lines", codec.copybridge_json_lines(decoder, None),
           b'{"ID":1,"T":"*"}\n{"ID":2,"T":"*"}\n')
    codec.copybridge_decoder_free(decoder)
    codec.copybridge_free(compiled)
    check_python_encodes(codec)


def check_python_encodes(codec):
    codec.copybridge_encoder_new.restype = codec.copybridge_records.restype = ctypes.c_void_p
    codec.copybridge_encoder_new.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    codec.copybridge_records.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)]
    codec.copybridge_encode.argtypes = codec.copybridge_decode.argtypes
    codec.copybridge_encoder_free.argtypes = [ctypes.c_void_p]
    options = b'{"recfm": "VB", "bdw": "no"}'
    compiled = codec.copybridge_compile(COPYBOOK, len(COPYBOOK), options, len(options), None)
    encoder = codec.copybridge_encoder_new(compiled, None)
    lines = b'{"ID":1,"T":"A"}\n{"T":"B","ID":2}'
    consumed, size = ctypes.c_size_t(), ctypes.c_size_t()
    codec.copybridge_encode(encoder, lines, len(lines), 1, ctypes.byref(consumed))
    records = codec.copybridge_records(encoder, ctypes.byref(size))
    expect("the records", ctypes.string_at(records, size.value).hex(),
           "00070000f0f1c100070000f0f2c2")
    codec.copybridge_encoder_free(encoder)
    codec.copybridge_free(compiled)


def check_exports(library):
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", str(library)).splitlines()]
    strange = [name for name in names if not name.startswith("copybridge_")]
    if strange or len(names) < 21:
        sys.exit(f"exported: {names}")


def main():
    build = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        prefix = folder / "prefix"
        run("cmake", "--install", str(build), "--component", "codec", "--prefix", str(prefix))
        headers = sorted(str(p.relative_to(prefix / "include")) for p in prefix.rglob("*.h"))
        expect("the headers", headers, ["copybridge/codec.h", "copybridge_codec.h"])
        library = next(prefix.rglob("libcopybridge_codec.so"))
        check_exports(library)
        check_python(library)
        check_programs(prefix, folder / "build")
    finally:
        shutil.rmtree(folder)


main()
