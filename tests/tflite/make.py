"""Makes the TF Lite files of tests/litert.rs: networks of a few numbers, which see frames of 8x8 pixels.

    python tests/tflite/make.py tests/tflite

stream.tflite tells the mean colour of all frames by a running sum, as a MoViNet's head does, beside the frame before;
short.tflite is the same in integers, calibrated on clips of 4 frames, and integers.tflite takes and gives them too.
base.tflite takes a whole clip; flat.tflite has states without a dimension of frames; large.tflite has the frames and classes of an
official file, large-float16.tflite and large-int8.tflite its weights in other numbers too.
"""

import os
import sys

import numpy as np
import tensorflow as tf

SIZE, FRAMES, CLASSES = 8, 4, 5
BUFFER, SUM, COUNT = "state_block0_layer0_stream_buffer", "state_head_pool_buffer", "state_head_pool_frame_count"
rng = np.random.default_rng(1)
KERNEL = tf.constant(rng.normal(0, 0.5, (3, 3, 3, 4)), tf.float32)
HEAD = tf.constant(rng.normal(0, 3, (8, CLASSES)), tf.float32)


def features(frame):
    return tf.nn.relu6(tf.nn.conv2d(frame, KERNEL, 2, "SAME"))


def spec(*shape, dtype=tf.float32):
    return tf.TensorSpec(shape, dtype)


def step(buffer_shape, size=SIZE, head=HEAD):
    def call(image, **states):
        seen = features(tf.reshape(image, (1, size, size, 3)))
        before = tf.reshape(states[BUFFER], seen.shape)
        both = tf.reduce_mean(tf.concat([seen, before], -1), (1, 2))
        total = states[SUM] + tf.reshape(both, (1, 1, 1, 1, 8))
        count = states[COUNT] + 1
        mean = tf.reshape(total, (1, 8)) / tf.cast(count, tf.float32)
        return {"logits": mean @ head, BUFFER: tf.reshape(seen, buffer_shape), SUM: total, COUNT: count}

    return call


def module(call, **inputs):
    module = tf.Module()
    named = {name: tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in inputs.items()}
    module.call = tf.function(call, input_signature=None)
    return module, module.call.get_concrete_function(**named)


def states(buffer_shape):
    return {BUFFER: spec(*buffer_shape), SUM: spec(1, 1, 1, 1, 8), COUNT: spec(1, dtype=tf.int32)}


def clips(function, inputs, count):
    for _ in range(count):
        fed = {name: tf.zeros(spec.shape, spec.dtype) for name, spec in inputs.items() if name != "image"}
        for _ in range(FRAMES):
            fed["image"] = tf.constant(rng.uniform(0, 1, inputs["image"].shape), tf.float32)
            yield {name: value.numpy() for name, value in fed.items()}
            outputs = function(**fed)
            fed = {name: outputs[name] for name in fed if name != "image"}


def main():
    out = sys.argv[1]
    work = os.path.join(out, "work")

    def write(name, call, inputs, half=False, **settings):
        made, function = module(call, **inputs)
        tf.saved_model.save(made, work, signatures=function)
        converter = tf.lite.TFLiteConverter.from_saved_model(work, signature_keys=["serving_default"])
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        if settings:
            examples = list(clips(function, inputs, 20))
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (("serving_default", example) for example in examples)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
        for setting, value in settings.items():
            setattr(converter, setting, value)
        with open(os.path.join(out, name + ".tflite"), "wb") as file:
            file.write(converter.convert())

    deep, flat = (1, 1, 4, 4, 4), (1, 4, 4, 4)
    image = spec(1, 1, SIZE, SIZE, 3)
    write("stream", step(deep), {"image": image, **states(deep)})
    write("short", step(deep), {"image": image, **states(deep)}, inference_input_type=tf.float32)
    write("integers", step(deep), {"image": image, **states(deep)}, inference_input_type=tf.int8, inference_output_type=tf.int8)
    write("flat", step(flat), {"image": image, **states(flat)})
    write("base", lambda image: {"logits": tf.reduce_mean(features(image[0]), (0, 1, 2))[None]}, {"image": spec(1, FRAMES, SIZE, SIZE, 3)})
    large, head = (1, 1, 86, 86, 4), tf.constant(rng.normal(0, 3, (8, 600)), tf.float32)
    inputs = {"image": spec(1, 1, 172, 172, 3), **states(large)}
    write("large", step(large, 172, head), inputs)
    write("large-float16", step(large, 172, head), inputs, half=True)
    write("large-int8", step(large, 172, head), inputs, inference_input_type=tf.float32)
    tf.io.gfile.rmtree(work)


if __name__ == "__main__":
    main()
