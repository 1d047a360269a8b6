"""Records what TensorFlow makes of GIFs that are cut or changed: of every beginning, and of every byte changed.

    python tests/parity/record_damage.py CLIP... > tests/parity/damage.txt

One line for each length (`cut`: so many bytes from the beginning) or place (`changed`: the byte there with the bit
`place % 8` turned over), but only where the outcome is another than that of the line before: the number of frames and a
hash of their pixels, or `error`.
"""

import hashlib
import os
import sys

import tensorflow as tf

# Larger clips are cut only: of data, almost every byte has an outcome of its own. So are those that differ in what is
# behind the same frames.
LARGEST_CHANGED = 420
ONLY_CUT = "junk-"


def outcome(content):
    try:
        frames = tf.io.decode_gif(content).numpy()
    except tf.errors.InvalidArgumentError:
        return "error"
    count, height, width, _ = frames.shape
    return f"{count} {width}x{height} {hashlib.sha256(frames.tobytes()).hexdigest()[:12]}"


def changed(content, place):
    return content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1:]


def main():
    print(f"# tf.io.decode_gif, TensorFlow {tf.__version__}: clip, how, from which length or place on, frames, size, sha256")
    for path in sorted(sys.argv[1:], key=os.path.basename):
        with open(path, "rb") as file:
            content = file.read()
        ways = {"cut": [content[:length] for length in range(len(content) + 1)]}
        if len(content) <= LARGEST_CHANGED and not os.path.basename(path).startswith(ONLY_CUT):
            ways["changed"] = [changed(content, place) for place in range(len(content))]
        for way, variants in ways.items():
            before = None
            for at, variant in enumerate(variants):
                now = outcome(variant)
                if now != before:
                    print(os.path.basename(path), way, at, now)
                before = now


if __name__ == "__main__":
    main()
