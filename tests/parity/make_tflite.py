"""Makes TF Lite files of a stream SavedModel that was exported for one shape (make_pair.py --fixed), of every kind.

    python tests/parity/make_tflite.py build/a0/stream build/tflite

float32.tflite, float16.tflite and dynamic.tflite have their weights so; int8.tflite computes with integers between frames,
states and logits of float32, as the official files do; int8-all.tflite takes and gives integers too.
"""

import argparse
import os

import numpy as np
import tensorflow as tf

FRAMES = 8  # of the clip by which integers are calibrated


def frames(size, seed=0):
    """Blocks of colours that move: noise alone would calibrate for nothing that is seen."""
    rng = np.random.default_rng(seed)
    blocks = rng.uniform(0, 1, (12, 12, 3)).astype(np.float32)
    picture = np.kron(blocks, np.ones((size // 12 + 1, size // 12 + 1, 1), np.float32))
    for frame in range(FRAMES):
        yield np.roll(picture, 5 * frame, axis=1)[None, None, :size, :size]


def calibration(step, inputs):
    """What the step is fed for each frame of a clip, its states included."""
    fed = {name: tf.zeros(spec.shape, spec.dtype) for name, spec in inputs.items() if name != "image"}
    for frame in frames(inputs["image"].shape[3]):
        fed["image"] = tf.constant(frame)
        yield {name: value.numpy() for name, value in fed.items()}
        outputs = step(**fed)
        fed = {name: outputs[name] for name in fed if name != "image"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stream")
    parser.add_argument("out")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    model = tf.saved_model.load(args.stream)
    step = model.signatures["serving_default"]
    inputs = step.structured_input_signature[1]
    examples = list(calibration(step, inputs))

    def write(name, **settings):
        converter = tf.lite.TFLiteConverter.from_saved_model(args.stream, signature_keys=["serving_default"])
        for setting, value in settings.items():
            target, _, setting = setting.rpartition("__")
            setattr(getattr(converter, target) if target else converter, setting, value)
        with open(os.path.join(args.out, name + ".tflite"), "wb") as file:
            file.write(converter.convert())

    smaller = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    integers = {
        **smaller,
        "representative_dataset": lambda: (("serving_default", example) for example in examples),
        "target_spec__supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8],
    }
    write("float32")
    write("float16", **smaller, target_spec__supported_types=[tf.float16])
    write("dynamic", **smaller)
    write("int8", **integers)
    write("int8-all", **integers, inference_input_type=tf.int8, inference_output_type=tf.int8)


if __name__ == "__main__":
    main()
