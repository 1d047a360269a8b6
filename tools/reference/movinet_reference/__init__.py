"""The reference that movinet-tf is measured against: the tutorial's steps in Python TensorFlow.

The tutorial's own streaming loop appends the first frame's logits again and again (`all_logits.append(logits)` where
`result` is meant); here each frame's are kept.
"""

import numpy as np
import tensorflow as tf

IMAGE = "image"


def read_video(clip, size):
    """The clip as the tutorial gives it to a model: float32 RGB in [0, 1], (frames, size, size, 3)."""
    frames = tf.io.decode_gif(tf.io.read_file(clip))
    return tf.image.resize(frames, (size, size)) / 255


def base_logits(folder, video):
    """Logits (classes) of the base model for the whole clip."""
    model = tf.saved_model.load(folder)
    outputs = model.signatures["serving_default"](image=video[tf.newaxis])
    (logits,) = outputs.values()
    return logits.numpy()[0]


def stream_logits(folder, video, between=lambda frame, states: states):
    """Logits (frames, classes) of the stream model after each frame. `between` may change the states after a frame."""
    model = tf.saved_model.load(folder)
    step = _step_signature(model)
    names = {_plain(name): name for name in step.structured_input_signature[1] if name != IMAGE}
    states = _first_states(model, step, video.shape)
    rows = []
    for number, frame in enumerate(video):
        feeds = {names[_plain(name)]: state for name, state in states.items()}
        states = dict(step(image=frame[tf.newaxis, tf.newaxis], **feeds))
        (key,) = [name for name in states if _plain(name) not in names]
        rows.append(states.pop(key).numpy()[0])
        states = between(number, states)
    return np.stack(rows)


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
    """Writes `video`, `base_logits` and `stream_logits`, all float32, to the NPZ file `output`."""
    video = read_video(clip, size)
    np.savez(output, video=video.numpy(), base_logits=base_logits(base, video),
             stream_logits=stream_logits(stream, video))
