"""Makes the tiny SavedModels that tests/models.rs runs, and Python's numbers for those that work.

    PYTHONPATH=tools/reference python tests/models/make.py tests/models/models.tar.gz

Each has a few weights: what matters is what its signatures take and give. `reference.npz` beside a model holds what
Python gives for the demo's clip at 32 pixels.
"""

import gzip
import io
import os
import sys
import tarfile
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

import movinet_reference as reference

CLIP = os.path.join(os.path.dirname(__file__), "../../cache/demo/jumping-jacks.gif")
SIZE = 32
ANY = (None, None, None, None, 3)
F32, I32, U8 = tf.float32, tf.int32, tf.uint8


def weights(classes):
    return np.random.default_rng(1).normal(0, 6, (3, classes)).astype("float32")


def color(image):
    return tf.reduce_mean(tf.cast(image, F32), [1, 2, 3])


def save(folder, signatures, *variables):
    """A SavedModel whose signatures are each a function and a dict from input names to (shape, type)."""
    module = tf.Module()
    module.variables_ = list(variables)
    made = {}
    for name, (call, inputs) in signatures.items():
        made[name] = _signature(call, {key: tf.TensorSpec(shape, dtype, key) for key, (shape, dtype) in inputs.items()})
        setattr(module, name, made[name])
    tf.saved_model.save(module, folder, signatures=made)


def _signature(call, specs):
    """A concrete function of arguments by these names: TensorFlow takes the names from the Python function."""
    source = ", ".join(specs)
    scope = {"call": call}
    exec(f"def signature({source}): return call({', '.join(f'{key}={key}' for key in specs)})", scope)  # noqa: S102
    return tf.function(scope["signature"], autograph=False).get_concrete_function(**specs)


def base(folder, classes=5, shape=ANY, dtype=F32, name="image", answer=lambda logits: {"logits": logits}, spare=()):
    kernel = tf.Variable(weights(classes))
    scale = 255.0 if dtype == U8 else 1.0

    def call(**inputs):
        return answer(color(inputs[name]) / scale @ kernel)

    save(folder, {"serving_default": (call, {name: (shape, dtype)})}, kernel, *spare)


def stream(folder, classes=5, shape=ANY, name="image", answer=lambda logits: logits, init=True, states=None,
           sums=lambda logits, count: logits):
    """A running mean of colours; `states` may add others: name -> (shape, function of the image and the state)."""
    kernel = tf.Variable(weights(classes))
    states = states or {}

    def call(**inputs):
        image = inputs[name]
        count = inputs["state/count"] + 1
        total = inputs["state/sum"] + color(image)
        logits = answer(total / tf.cast(count, F32)[:, None] @ kernel)
        more = {key: step(image, inputs[key]) for key, (_, step) in states.items()}
        return {"logits": sums(logits, count), "state/sum": total, "state/count": count, **more}

    def begin(input_shape):
        more = {key: tf.zeros([1 if dim is None else dim for dim in dims]) for key, (dims, _) in states.items()}
        return {"state/sum": tf.zeros([1, 3]), "state/count": tf.zeros([1], I32), **more}

    inputs = {name: (shape, F32), "state/sum": ((shape[0], 3), F32), "state/count": ((1,), I32)}
    inputs.update({key: (dims, F32) for key, (dims, _) in states.items()})
    plain = {key.replace("/", "_"): value for key, value in inputs.items()}

    def renamed(**given):
        by_plain = {key.replace("/", "_"): key for key in inputs}
        return call(**{by_plain[key]: value for key, value in given.items()})

    signatures = {"call": (renamed, plain)}
    if init:
        signatures["init_states"] = (begin, {"input_shape": ((5,), I32)})
    save(folder, signatures, kernel)


def edited(folder, make, edit):
    """What `make` makes, with its graph changed by `edit`."""
    make(folder)
    path = os.path.join(folder, "saved_model.pb")
    saved = saved_model_pb2.SavedModel()
    with open(path, "rb") as file:
        saved.ParseFromString(file.read())
    edit(saved.meta_graphs[0])
    with open(path, "wb") as file:
        file.write(saved.SerializeToString(deterministic=True))
    os.remove(os.path.join(folder, "fingerprint.pb"))


def calls_itself(meta, by_way_of=None):
    functions = {function.signature.name: function for function in meta.graph_def.library.function}
    (wrapper,) = [name for name in functions if "signature_wrapper" in name]
    for node in functions[wrapper].node_def:
        if "f" not in node.attr:
            continue
        if by_way_of:
            node.attr["f"].func.name = by_way_of
        else:
            node.attr["f"].func.name = wrapper
    if by_way_of:
        other = meta.graph_def.library.function.add()
        other.CopyFrom(functions[wrapper])
        other.signature.name = by_way_of
        for node in other.node_def:
            if "f" in node.attr:
                node.attr["f"].func.name = wrapper


def with_value(value, frames=0):
    """Logits of which class 2 is `value` from so many frames on."""
    def change(logits, count):
        odd = tf.one_hot(2, logits.shape[-1]) > 0
        return tf.where(odd & (count > frames)[:, None], value, logits)
    return change


INPUT_1 = {"name": "input_1", "answer": lambda logits: {"dense": logits}}
PROBS = {"answer": lambda logits: {"logits": logits, "probs": tf.nn.softmax(logits)}}
IMAGE_STATE = {"state/image": ((1, None, None, None, 3), lambda image, state: image)}
FLAT_STATE = {"state/flat": ((1, None), lambda image, state: tf.reshape(image, [1, -1]))}
ROWS_STATE = {"state/rows": ((None, None, None, 3), lambda image, state: image[0])}


def handing_on(states, read):
    """A stream whose answer is made of what the state holds: the frame before."""
    (key, (dims, step)), = states.items()

    def make(folder):
        kernel = tf.Variable(weights(5))
        plain = key.replace("/", "_")

        def call(**inputs):
            before = inputs[plain]
            return {"logits": read(before) @ kernel, key: step(inputs["image"], before)}

        def begin(input_shape):
            return {key: tf.zeros(read.zeros)}

        save(folder, {"call": (call, {"image": (ANY, F32), plain: (dims, F32)}),
                            "init_states": (begin, {"input_shape": ((5,), I32)})}, kernel)
    return make


def mean_of(zeros, axes):
    def read(state):
        return tf.reshape(tf.reduce_mean(state, axes), [1, 3])
    read.zeros = zeros
    return read


def flat_mean(state):
    return tf.reduce_mean(tf.reshape(state, [1, -1, 3]), 1)


flat_mean.zeros = (1, 3)

# Name, maker, whether Python's numbers are recorded (base, stream or neither).
MODELS = [
    ("base", base, "base"),
    ("stream", stream, "stream"),
    ("nan-base", lambda f: base(f, answer=lambda x: {"logits": with_value(np.nan)(x, tf.constant([9]))}), "base"),
    ("inf-base", lambda f: base(f, answer=lambda x: {"logits": with_value(np.inf)(x, tf.constant([9]))}), None),
    ("minus-inf-stream", lambda f: stream(f, sums=with_value(-np.inf, 0)), None),
    ("nan-stream-from-3", lambda f: stream(f, sums=with_value(np.nan, 3)), "stream"),
    ("nan-state", lambda f: stream(f, states={
        "state/spare": ((1, 2), lambda image, state: state + tf.constant([0.0, np.nan]))}), "stream"),
    ("hands-its-frame-on", handing_on(IMAGE_STATE, mean_of((1, 1, 1, 1, 3), [0, 1, 2, 3])), "stream"),
    ("hands-its-frame-on-flat", handing_on(FLAT_STATE, flat_mean), "stream"),
    ("hands-its-frame-on-in-part", handing_on(ROWS_STATE, mean_of((1, 1, 1, 3), [0, 1, 2])), "stream"),
    ("one-logit-base", lambda f: base(f, 1), "base"),
    ("one-logit-stream", lambda f: stream(f, 1), "stream"),
    ("one-probability-base", lambda f: base(f, 1, answer=lambda x: {"p": tf.sigmoid(x)}), "base"),
    ("softmax-base", lambda f: base(f, 40, answer=lambda x: {"probs": tf.nn.softmax(x)}), "base"),
    ("softmax-stream", lambda f: stream(f, 40, answer=tf.nn.softmax), "stream"),
    ("sigmoids-base", lambda f: base(f, answer=lambda x: {"scores": tf.sigmoid(x)}), "base"),
    ("huge-state", lambda f: stream(f, init=False, shape=(1, 1, None, None, 3), states={
        "state/huge": ((1, 100000, 100000, 100000), lambda image, state: state)}), None),
    ("no-classes-base", lambda f: base(f, 0), None),
    ("calls-itself", lambda f: edited(f, base, calls_itself), None),
    ("calls-itself-by-way-of-another", lambda f: edited(f, base, lambda g: calls_itself(g, "another")), None),
    ("input-1-base", lambda f: base(f, **INPUT_1), "base"),
    ("input-1-stream", lambda f: stream(f, name="input_1"), None),
    ("two-outputs-base", lambda f: base(f, name="video", **PROBS), "base"),
    ("bytes-base", lambda f: base(f, name="inputs", dtype=U8, **PROBS), "base"),
    ("nameless-outputs-base", lambda f: base(f, answer=lambda x: {"a": x, "b": -x}), None),
    ("half-precision-base", lambda f: base(f, dtype=tf.float16), None),
    ("channels-first-base", lambda f: base(f, shape=(1, 3, None, None, None)), None),
    ("still-base", lambda f: save(f, {"serving_default": (
        lambda image: {"logits": tf.reduce_mean(image, [1, 2])}, {"image": ((None, None, None, 3), F32)})}), None),
    ("four-frames-stream", lambda f: stream(f, shape=(1, 4, SIZE, SIZE, 3), init=False), "stream"),
    ("sixteen-frames-base", lambda f: base(f, shape=(None, 16, SIZE, SIZE, 3)), "base"),
    ("twelve-frames-base", lambda f: base(f, shape=(None, 12, SIZE, SIZE, 3)), None),
    ("fixed-size-stream", lambda f: stream(f, shape=(1, 1, SIZE, SIZE, 3), init=False), "stream"),
    ("batch-of-2-base", lambda f: base(f, shape=(2, None, None, None, 3)), None),
    ("batch-of-2-stream", lambda f: stream(f, shape=(2, 1, None, None, 3)), None),
    ("spare-variables-base", lambda f: base(f, spare=[tf.Variable(weights(5)), tf.Variable(weights(7))]), "base"),
]


def main():
    (out,) = sys.argv[1:]
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as work, tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, make, recorded in MODELS:
            folder = os.path.join(work, name)
            make(folder)
            if recorded:
                dtype = reference.image_type(folder)
                video = reference.read_video(CLIP, SIZE, dtype)
                numbers = reference.base_logits if recorded == "base" else reference.stream_logits
                np.savez(os.path.join(folder, "reference.npz"), **{f"{recorded}_logits": numbers(folder, video)})
            for path in sorted(os.path.join(at, file) for at, _, files in os.walk(folder) for file in files):
                info = tar.gettarinfo(path, os.path.relpath(path, work))
                info.mtime, info.uid, info.gid, info.uname, info.gname = 0, 0, 0, "", ""
                with open(path, "rb") as file:
                    tar.addfile(info, file)
            print(name, flush=True)
    with open(out, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        packed.write(buffer.getvalue())


if __name__ == "__main__":
    main()
