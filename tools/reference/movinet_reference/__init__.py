"""The reference that movinet-tf is measured against: the tutorial's steps in Python TensorFlow.

The tutorial's own streaming loop appends the first frame's logits again and again (`all_logits.append(logits)` where
`result` is meant); here each frame's are kept.
"""

import functools

import numpy as np
import tensorflow as tf

IMAGE = "image"


def read_video(clip, size, dtype=tf.float32):
    """The clip as the tutorial gives it to a model: float32 RGB in [0, 1], (frames, size, size, 3). With `dtype` uint8,
    for models that take bytes: the resized frames, rounded, a half to the even."""
    frames = tf.image.resize(tf.io.decode_gif(tf.io.read_file(clip)), (size, size))
    return tf.cast(tf.round(frames), tf.uint8) if dtype == tf.uint8 else frames / 255


def image_type(folder):
    """What the model is fed: float32, or uint8."""
    types = {spec.dtype for signature in _load(folder).signatures.values()
             for spec in signature.structured_input_signature[1].values() if spec.shape.rank == 5}
    return tf.uint8 if tf.uint8 in types else tf.float32


def base_logits(folder, video):
    """Logits (classes) of the base model for the whole clip. Of several outputs, that called `logits` is taken."""
    model = _load(folder)
    signature = model.signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    outputs = signature(**{name: video[tf.newaxis]})
    (logits,) = [outputs["logits"]] if "logits" in outputs else outputs.values()
    return logits.numpy()[0]


def stream_logits(folder, video, between=lambda step, states: states):
    """Logits (steps, classes) of the stream model after each step: a frame, or as many as the model is fixed to; frames
    left over at the end are not fed. `between` may change the states after a step."""
    model = _load(folder)
    step = _step_signature(model)
    inputs = step.structured_input_signature[1]
    taken = inputs[IMAGE].shape[1] or 1
    names = {_plain(name): name for name in inputs if name != IMAGE}
    states = _first_states(model, step, video.shape)
    rows = []
    for number in range(len(video) // taken):
        frames = video[number * taken:(number + 1) * taken]
        feeds = {names[_plain(name)]: state for name, state in states.items()}
        states = dict(step(image=frames[tf.newaxis], **feeds))
        (key,) = [name for name in states if _plain(name) not in names]
        rows.append(states.pop(key).numpy()[0])
        states = between(number, states)
    return np.stack(rows)


@functools.cache
def _load(folder):
    return tf.saved_model.load(folder)


def _first_states(model, step, shape):
    """States for a clip of `shape` of which nothing was seen yet; a model of fixed shapes starts from zeros."""
    if "init_states" in model.signatures:
        return model.signatures["init_states"](input_shape=tf.constant([1, 1, *shape[1:]], tf.int32))
    specs = step.structured_input_signature[1]
    return {name: tf.zeros(spec.shape, spec.dtype) for name, spec in specs.items() if name != IMAGE}


def _step_signature(model):
    """The signature that takes an image and states, whatever it is called."""
    for signature in model.signatures.values():
        inputs = signature.structured_input_signature[1]
        if IMAGE in inputs and len(inputs) > 1:
            return signature
    raise ValueError("no signature takes an image and states: is this a stream model?")


def _plain(name):
    return name.replace("/", "_")


def record(clip, base, stream, size, output):
    """Writes `video` in [0, 1], `base_logits` and `stream_logits`, all float32, to the NPZ file `output`. `base` or
    `stream` may be None."""
    arrays = {"video": read_video(clip, size).numpy()}
    if base:
        arrays["base_logits"] = base_logits(base, read_video(clip, size, image_type(base)))
    if stream:
        arrays["stream_logits"] = stream_logits(stream, read_video(clip, size, image_type(stream)))
    np.savez(output, **arrays)
