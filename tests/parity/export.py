"""Exported TF Lite files in Google's interpreter against the SavedModels they were made of:

    python tests/parity/export.py PROGRAM MODEL...

MODEL is the folder of a stream SavedModel, or a name. The interpreter is that of ai-edge-litert or, where it isn't installed, of
TensorFlow. 30 frames of noise: float32 and float16 stay near the reference engine's logits, int8 keeps its answers. What this
program's engine gives is the same to the last bit as ai-edge-litert, which is of its release; TensorFlow's is told.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter

    IS_OF_RELEASE = True
except ImportError:
    IS_OF_RELEASE = False
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    Interpreter = tensorflow.lite.Interpreter

FRAMES = 30
# Of the largest logit.
BOUNDS = {"float32": 2e-5, "float16": 1e-2}
# Frames whose first class int8 must keep.
KEPT = 29


def logits(path, frames):
    """What the file says of `frames` (frames, size, size, 3), float32."""
    interpreter = Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()  # before there is a runner, or the delegate isn't applied
    runner = interpreter.get_signature_runner("serving_default")
    inputs = runner.get_input_details()
    assert set(inputs) - {"image"} == set(runner.get_output_details()) - {"logits"}, "states don't pair"
    states = {name: np.zeros(it["shape"], it["dtype"]) for name, it in inputs.items() if name != "image"}
    rows = []
    for frame in frames:
        outputs = runner(image=frame[None, None], **states)
        states = {name: outputs[name] for name in states}
        rows.append(outputs["logits"][0])
    return np.array(rows)


def check(program, model, folder):
    lite = os.path.join(folder, "model.tflite")
    clip = os.path.join(folder, "noise.npy")
    recorded = os.path.join(folder, "reference.npz")
    own = os.path.join(folder, "own.npz")
    reference = None
    for weights in ("float32", "float16", "int8"):
        command = [program, "-q", "export", model, "--to", lite, "--weights", weights, "--json"]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        assert told["bytes"] == os.path.getsize(lite), told
        if reference is None:
            size = told["size"]
            noise = np.random.default_rng(1).integers(0, 256, (FRAMES, size, size, 3), dtype=np.uint8)
            np.save(clip, noise)
            subprocess.run([program, "-q", "verify", clip, "--record", recorded, "--stream", model, "--engine", "reference",
                            "--size", str(size)], check=True, stdout=subprocess.DEVNULL)
            reference = np.load(recorded)
        frames, expected = reference["video"], reference["stream_logits"]
        given = logits(lite, frames)
        subprocess.run([program, "-q", "verify", clip, "--record", own, "--stream", lite], check=True, stdout=subprocess.DEVNULL)
        apart = int((np.load(own)["stream_logits"] != given).any(axis=1).sum())
        assert given.shape == expected.shape, (given.shape, expected.shape)
        difference = np.abs(given - expected).max() / np.abs(expected).max()
        kept = int((given.argmax(1) == expected.argmax(1)).sum())
        operators = sum(told["operators"].values())
        print(f"{model}: {weights}, {told['bytes'] / 1e6:.1f} MB, {operators} operators: difference {difference:.1e} of the "
              f"largest logit, first class kept on {kept} of {FRAMES} frames; frames that differ from this program's in any bit: {apart}", flush=True)
        assert apart == 0 or not IS_OF_RELEASE, apart
        if weights in BOUNDS:
            assert difference <= BOUNDS[weights], difference
        else:
            assert kept >= KEPT, kept


def main():
    program, *models = sys.argv[1:]
    for model in models:
        with tempfile.TemporaryDirectory() as folder:
            check(program, model, folder)


if __name__ == "__main__":
    main()
