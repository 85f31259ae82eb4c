#!/usr/bin/python3
"""What the Avro writer makes of decoded records is, read by Apache's own library with the schema that
`copybridge schema` prints, what decode prints: avro_values_test.py AVRO_SAMPLES. Ends with 77 (skipped)
where the library is not installed."""
import decimal
import io
import json
import subprocess
import sys
from decimal import Decimal

try:
    import avro.io
    import avro.schema
    from avro_values import as_avro
except ImportError as missing:
    print(f"skipped: {missing}; tools/install-packages test installs it")
    sys.exit(77)

SEEDS = 2000
decimal.getcontext().prec = 100


def main(samples):
    done = subprocess.run([samples, "1", str(SEEDS)], capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        sys.exit(f"avro_samples: {done.stderr}")
    events = 0
    kinds = set()
    for line in done.stdout.split("\n")[:-1]:
        sample = json.loads(line)
        schema = json.loads(sample["schema"])
        reader = avro.io.DatumReader(avro.schema.parse(sample["schema"]))
        for event in sample["events"]:
            wanted = as_avro(json.loads(event["json"], parse_float=Decimal), schema)
            source = io.BytesIO(bytes.fromhex(event["avro"]))
            found = reader.read(avro.io.BinaryDecoder(source))
            if found != wanted or source.read():
                sys.exit(f"{sample['copybook']}\n{sample['schema']}\n{event}\n{found}\n{wanted}")
            events += 1
        kinds.update(word for word in ("decimal", "int", "long", "float", "double",
                                       "string", "array", "null", "boolean")
                     if f'"{word}"' in sample["schema"])
    if events < 3 * SEEDS or len(kinds) != 9:
        sys.exit(f"the samples are too few to say anything: {events} events, {kinds}")
    print(f"{events} events of {SEEDS} layouts")


if __name__ == "__main__":
    main(sys.argv[1])
