"""Records what Python TensorFlow gives for the models that make_kinds.py made: `reference.npz` beside each that works, in
the form that `movinet-tf verify --against` reads.

    python tests/parity/record_kinds.py CLIP build/kinds [KIND...]
"""

import os
import sys

import movinet_reference as reference


def main():
    clip, out, *wanted = sys.argv[1:]
    with open(os.path.join(out, "kinds.txt")) as table:
        kinds = [line.rstrip("\n").split("\t") for line in table]
    for name, verdict, size, _ in kinds:
        if verdict != "works" or (wanted and name not in wanted):
            continue
        folders = [os.path.join(out, name, variation) for variation in ("base", "stream")]
        base, stream = (folder if os.path.isdir(folder) else None for folder in folders)
        reference.record(clip, base, stream, int(size), os.path.join(out, name, "reference.npz"))
        print(name, flush=True)


if __name__ == "__main__":
    main()
