"""Records what TensorFlow makes of each GIF: one SHA-256 of the float32 video for each size, or the word `error`.

    python tests/parity/record_clips.py CLIP... > tests/parity/clips.txt
"""

import hashlib
import os
import sys

import tensorflow as tf

SIZES = (1, 37, 96, 172, 224)


def main():
    print(f"# tf.io.decode_gif + tf.image.resize + / 255, TensorFlow {tf.__version__}: clip, size, frames, sha256")
    for path in sorted(sys.argv[1:], key=os.path.basename):
        name = os.path.basename(path)
        try:
            frames = tf.io.decode_gif(tf.io.read_file(path))
        except tf.errors.InvalidArgumentError:
            print(f"{name} error")
            continue
        for size in SIZES:
            video = (tf.image.resize(frames, (size, size)) / 255).numpy()
            assert video.dtype == "float32" and video.shape[1:] == (size, size, 3)
            print(name, size, len(video), hashlib.sha256(video.tobytes()).hexdigest())


if __name__ == "__main__":
    main()
