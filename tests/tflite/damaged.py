"""Damages TF Lite files by chance and gives them to the program: it must end by itself, with an answer or a line that says why.

    python tests/tflite/damaged.py PROGRAM FILE... [--count 200] [--seed 1] [--keep FOLDER]

Numbers, bits and bytes are changed, words exchanged, and files cut. What must not be: a signal, a panic, an exit code beyond 0, 3 and
4, an error of several lines, more than 20 seconds. Values cannot be told from others, so a changed weight is another answer with
exit code 0: how many, is told. Files that fail the test are kept in FOLDER.
"""

import argparse
import collections
import os
import random
import struct
import subprocess
import sys
import tempfile
import zipfile

CLIP = os.path.join(os.path.dirname(__file__), "../../cache/demo/jumping-jacks.gif")
NUMBERS = [0, 1, 2, 5, 100, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def small(word):
    """Whether it may be a place, a size or an index: values of weights are seldom so."""
    return word < 1 << 20 or word > 0xFFFFFF00


def damaged(whole, chance):
    content = bytearray(whole)
    if chance.random() < 0.1:
        return content[: chance.randrange(len(content))]
    words = len(content) // 4

    def word_at(place):
        return struct.unpack_from("<I", content, place)[0]

    def choose():
        tries = chance.choice([0, 64])
        places = (chance.randrange(words) * 4 for _ in range(tries))
        return next((place for place in places if small(word_at(place))), chance.randrange(words) * 4)

    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place, way = choose(), chance.randrange(5)
        if way == 0:
            struct.pack_into("<I", content, place, chance.choice(NUMBERS))
        elif way == 1:
            content[place + chance.randrange(4)] ^= 1 << chance.randrange(8)
        elif way == 2:
            struct.pack_into("<I", content, place, (word_at(place) + chance.choice([-4, -1, 1, 4, 8])) & 0xFFFFFFFF)
        elif way == 3:
            content[place + chance.randrange(4)] = chance.randrange(256)
        else:
            other = choose()
            content[place : place + 4] = content[other : other + 4]
    return content


def answer(program, model, folder):
    """How the program ended, what it told, and the answers that it gave."""
    recorded = os.path.join(folder, "answers.npz")
    line = [program, "--quiet", "verify", CLIP, "--stream", model, "--record", recorded]
    try:
        ended = subprocess.run(line, capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        return "too long", "", None
    answers = zipfile.ZipFile(recorded).read("stream_logits.npy") if ended.returncode == 0 else None
    return ended.returncode, ended.stderr.decode(errors="replace").strip(), answers


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("files", nargs="+")
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep")
    given = arguments.parse_args()
    chance, seen, failed = random.Random(given.seed), collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        wholes = []
        for path in given.files:
            with open(path, "rb") as file:
                wholes.append((path, file.read(), answer(given.program, path, folder)))
            assert wholes[-1][2][0] == 0, f"{path}: {wholes[-1][2]}"
        model = os.path.join(folder, "damaged.tflite")
        for number in range(given.count):
            path, whole, (_, _, right) = wholes[number % len(wholes)]
            content = damaged(whole, chance)
            with open(model, "wb") as file:
                file.write(content)
            code, told, answers = answer(given.program, model, folder)
            good = code == 0 or (code in (3, 4) and told.startswith("error: ") and "\n" not in told.split("\nhint: ")[0])
            if code != 0:
                seen[f"refused ({code})" if good else "failed"] += 1
            else:
                seen["the same answers" if answers == right else "other answers"] += 1
            if not good:
                failed += 1
                print(f"{path}, number {number} of seed {given.seed}: {code} {told}", file=sys.stderr)
                if given.keep:
                    name = f"{given.seed}-{number}-{os.path.basename(path)}"
                    with open(os.path.join(given.keep, name), "wb") as file:
                        file.write(content)
    print(f"{given.count} damaged TF Lite files: " + ", ".join(f"{count} {what}" for what, count in sorted(seen.items())))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
