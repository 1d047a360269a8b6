"""Exports trained weights as SavedModels with the official exporter, packs them in the official layout, and writes the
demo's clip, labels and list of hashes.

    python export.py build/base.weights.npz build/stream.weights.npz --out ../../cache/demo
"""

import argparse
import gzip
import hashlib
import io
import os
import tarfile
import tempfile

import numpy as np
import tensorflow as tf
from official.projects.movinet.tools import export_saved_model
from PIL import Image

import model as networks
from render import LABELS, render_clip

MANTISSA_BITS = 10  # of float32's 23: the rest is zero and compresses to nothing
CLIP_SEED = 20_000_003  # held out: training uses other seeds
CLIP_FRAMES, CLIP_SIZE, CLIP_DELAY = 16, 160, 120


def rounded(values):
    """`values` with MANTISSA_BITS of mantissa, rounded to nearest."""
    drop = 23 - MANTISSA_BITS
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + (1 << (drop - 1))) >> drop << drop).astype(np.uint32).view(np.float32)


def export(variation, weights_path, folder):
    """Writes the SavedModel of `variation` with the weights of train.py into `folder`."""
    model = networks.build(variation, len(LABELS), export=True)
    stored = np.load(weights_path)
    names = [weight.name for weight in model.weights]
    if names != list(stored["names"]):
        raise ValueError(f"{weights_path} does not hold the weights of the {variation} model")
    model.set_weights([rounded(stored[str(index)]) for index in range(len(names))])
    export_saved_model.export_saved_model(
        model, input_shape=(None, None, None, None, 3), export_path=folder,
        causal=networks.SETTINGS[variation]["causal"])


def pack(folder, path):
    """Packs a SavedModel as the official archives are: a gzipped tar with the model at its root."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in (".", "./saved_model.pb", "./variables", "./variables/variables.index",
                     "./variables/variables.data-00000-of-00001", "./assets"):
            entry = tar.gettarinfo(os.path.join(folder, name), name)
            entry.mtime = entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755 if entry.isdir() else 0o644
            with open(os.path.join(folder, name), "rb") if entry.isfile() else io.BytesIO() as content:
                tar.addfile(entry, content if entry.isfile() else None)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(plain.getvalue())


def write_clip(path):
    """The bundled clip: jumping jacks that no training step has seen."""
    frames = render_clip(CLIP_SEED, "jumping jacks", CLIP_FRAMES, CLIP_SIZE, clean=True)
    sheet = Image.fromarray(frames.reshape(-1, CLIP_SIZE, 3)).quantize(96, dither=Image.Dither.NONE)
    images = [Image.fromarray(frame).quantize(palette=sheet, dither=Image.Dither.NONE) for frame in frames]
    images[0].save(path, save_all=True, append_images=images[1:], duration=CLIP_DELAY, loop=0, optimize=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("stream")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    for variation, weights in (("base", args.base), ("stream", args.stream)):
        with tempfile.TemporaryDirectory() as folder:
            export(variation, weights, folder)
            pack(folder, os.path.join(args.out, f"demo-{variation}.tar.gz"))
        tf.keras.backend.clear_session()
    write_clip(os.path.join(args.out, "jumping-jacks.gif"))
    with open(os.path.join(args.out, "labels.txt"), "w") as file:
        file.write("".join(label + "\n" for label in LABELS))
    with open(os.path.join(args.out, "SHA256SUMS"), "w") as sums:
        for name in sorted(name for name in os.listdir(args.out) if name.endswith((".gz", ".gif", ".txt"))):
            with open(os.path.join(args.out, name), "rb") as file:
                sums.write(f"{hashlib.sha256(file.read()).hexdigest()}  {name}\n")


if __name__ == "__main__":
    main()
