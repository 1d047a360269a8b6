"""Records what the rules of sampling give by their originals' own functions, for clips that are computed and so need no
files: a SHA-256 of the float32 video for each rule and clip, and where the arithmetic is delicate, many sizes and lengths.

    PYTHONPATH=tools/reference python tests/parity/record_sampling.py > tests/parity/sampling.txt
"""

import hashlib

import numpy as np
import tensorflow as tf
from movinet_reference import sampling
from official.vision.ops import preprocess_ops_3d

# Frames, height, width.
CLIPS = {"landscape": (40, 72, 128), "portrait": (40, 128, 72), "square": (40, 96, 96), "short": (3, 90, 160),
         "odd": (17, 57, 101), "small": (9, 20, 31)}
# Size; for kinetics also frames, stride, short side, views, for letterbox the first frame, frames, step.
PLAIN = {"tutorial": (64, 172, 224), "fit": (64, 172, 224), "letterbox": (64, 172, 224), "centre": (64, 172, 224)}
KINETICS = [(172, 8, 5, 192, 1), (224, 3, 2, 256, 1), (64, 5, 4, 72, 1), (64, 4, 3, 48, 3), (96, 6, 3, 107, 2)]
LETTERBOX = [(64, 0, 4, 15), (96, 2, 5, 3)]


def clip(name, kind):
    """Noise that another language can compute too: `bytes`, or `unit`, float32 in [0, 1)."""
    shape = (*CLIPS[name], 3)
    with np.errstate(over="ignore"):
        values = np.arange(np.prod(shape), dtype=np.uint32) * np.uint32(2654435761)
        values ^= values >> np.uint32(15)
        values *= np.uint32(2246822519)
        values ^= values >> np.uint32(13)
    made = (values >> np.uint32(24)).astype(np.uint8) if kind == "bytes" else (
        (values >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24))
    return made.reshape(shape)


def line(*fields, video):
    video = video.numpy()
    assert video.dtype == np.float32 and video.shape[-1] == 3
    print(*fields, "x".join(map(str, video.shape[:3])), hashlib.sha256(video.tobytes()).hexdigest())


def rules():
    for name in CLIPS:
        for kind in ("bytes", "unit"):
            frames = tf.constant(clip(name, kind))
            for rule, sizes in PLAIN.items():
                for size in sizes:
                    video = (sampling.letterbox(frames, size) if rule == "letterbox" else
                             sampling.cut(rule, frames, size))
                    line(rule, name, kind, size, "-", video=video)
            for size, *rest in KINETICS:
                line("kinetics", name, kind, size, ",".join(map(str, rest)),
                     video=sampling.kinetics(frames, size, *rest))
            for size, *rest in LETTERBOX:
                line("letterbox", name, kind, size, ",".join(map(str, rest)),
                     video=sampling.letterbox(frames, size, *rest))


def sizes():
    """Where the frame is in what the model sees: its first row and column, its height and width."""
    random = np.random.default_rng(13)
    common = [(1080, 1920), (720, 1280), (480, 640), (576, 720), (1920, 1080), (480, 854), (300, 300), (240, 320), (1, 2000)]
    drawn = [tuple(random.integers(1, 2200, 2)) for _ in range(240)]
    for height, width in common + drawn:
        for size in (172, 224) if (height, width) in common else (int(random.integers(16, 400)),):
            white = tf.ones([int(height), int(width), 3])
            shape = sampling.fit(white, size).shape if size * min(height, width) >= max(height, width) else None
            if shape:
                print("size fit", height, width, size, 0, 0, shape[0], shape[1])
                # A value of white may be a little off 1, black is 0.
                box = np.argwhere(tf.image.resize_with_pad(white, size, size).numpy()[..., 0] > 0.5)
                (top, left), (bottom, right) = box.min(0), box.max(0)
                print("size letterbox", height, width, size, top, left, bottom - top + 1, right - left + 1)


def indices():
    """Which frames kinetics takes of clips of many lengths."""
    random = np.random.default_rng(14)
    drawn = [(int(random.integers(1, 2000)), int(random.integers(1, 130)), int(random.integers(1, 9)),
              int(random.integers(1, 12))) for _ in range(240)]
    for total, count, stride, views in [(300, 50, 5, 1), (250, 50, 5, 1), (249, 50, 5, 1), (1, 50, 5, 10), *drawn]:
        clip = tf.range(total)
        taken = (preprocess_ops_3d.sample_linspace_sequence(clip, views, count, stride) if views > 1 else
                 preprocess_ops_3d.sample_sequence(clip, count, False, stride))
        print("indices", total, count, stride, views, hashlib.sha256(taken.numpy().astype("<u4").tobytes()).hexdigest()[:16])


if __name__ == "__main__":
    print(f"# By TensorFlow {tf.__version__} and tf-models-official: rule, clip, values, size, options, frames x height x width,"
          " sha256;")
    print("# 'size', rule, height, width, size, row, column, height, width; 'indices', frames, taken, stride, views, sha256")
    rules()
    sizes()
    indices()
