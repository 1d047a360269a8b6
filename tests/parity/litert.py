"""Shows a clip to TF Lite files by LiteRT's Python of the same release, and compares with the program, bit for bit.

    python tests/parity/litert.py target/release/movinet-tf CLIP FILE.tflite...

Python is fed the frames that the program recorded, so that only the engine is compared: after every frame the logits have to
be the same numbers. Integers that a file takes and gives are quantised here as its own numbers say.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def quantised(value, detail):
    scale, zero_point = detail["quantization"]
    if not scale:
        return value.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    # As TF Lite rounds: halves away from zero.
    number = value.astype(np.float32) / np.float32(scale)
    integer = np.sign(number) * np.floor(np.abs(number) + np.float32(0.5)) + zero_point
    return np.clip(integer, limits.min, limits.max).astype(detail["dtype"])


def numbers(value, detail):
    scale, zero_point = detail["quantization"]
    return (value.astype(np.int32) - zero_point).astype(np.float32) * np.float32(scale) if scale else value


def logits(path, video):
    """What the file says after each frame, `(frames, classes)`."""
    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()  # without this the runner below does without XNNPACK
    runner = interpreter.get_signature_runner("serving_default")
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    states = {
        name: quantised(np.zeros(detail["shape"], np.float32), detail)
        for name, detail in inputs.items() if name != "image"
    }
    for frame in video:
        given = runner(image=quantised(frame[None, None], inputs["image"]), **states)
        yield numbers(given["logits"], outputs["logits"])[0]
        for name, detail in inputs.items():
            if name != "image":
                same = detail["quantization"] == outputs[name]["quantization"]
                states[name] = given[name] if same else quantised(numbers(given[name], outputs[name]), detail)


def main():
    program, clip, *files = sys.argv[1:]
    failed = False
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "record.npz")
            subprocess.run([program, "-q", "verify", clip, "--record", record, "--stream", path], check=True)
            with np.load(record) as recorded:
                video, ours = recorded["video"], recorded["stream_logits"]
        theirs = np.stack(list(logits(path, video)))
        equal = ours.shape == theirs.shape and (ours.view(np.int32) == theirs.view(np.int32)).all()
        worst = np.abs(ours - theirs).max() if ours.shape == theirs.shape else "another shape"
        print(f"{os.path.basename(path)}: {len(ours)} frames, {'equal' if equal else f'DIFFERENT by {worst}'}")
        failed |= not equal
    sys.exit(failed)


if __name__ == "__main__":
    main()
