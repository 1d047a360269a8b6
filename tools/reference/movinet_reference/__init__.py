"""The reference that movinet-tf is measured against: the tutorial's steps in Python TensorFlow, or those of another rule
of sampling.

The tutorial's own streaming loop appends the first frame's logits again and again (`all_logits.append(logits)` where
`result` is meant); here each frame's are kept.
"""

import functools

import numpy as np
import tensorflow as tf

from movinet_reference import sampling as rules
from movinet_reference import sources

IMAGE = "image"


def read_video(clip, size, dtype=tf.float32, sampling="tutorial", fps=None, begin=None, end=None, **options):
    """The clip as a rule of sampling gives it to a model: float32 RGB in [0, 1], (frames, height, width, 3), with several
    `views` (views, frames, height, width, 3). With `dtype` uint8, for models that take bytes: rounded, a half to the even.

    `fps`, `begin` and `end` choose frames by the times at which they are shown; `options` are those of
    `sampling.cut`."""
    frames = _frames(clip)[_indices(clip, sampling, size, fps, begin, end)]
    if dtype != tf.uint8:
        return rules.cut(sampling, frames, size, **options)
    if sampling in ("tutorial", "model") and frames.dtype == np.uint8:
        return rules.squashed_bytes(frames, size)
    return tf.cast(tf.round(rules.cut(sampling, frames, size, **options) * 255), tf.uint8)


def _indices(clip, sampling, size, fps, begin, end):
    """Of all frames of a clip, those that come before the rule: by `begin` and `end`, then by the rate."""
    rate = fps or rules.rate_of(sampling, size)
    timed = begin is not None or end is not None
    if rate is None and not timed:
        return slice(None)
    times = sources.times_of(clip)
    if times is not None:
        return rules.chosen(*times, rate, begin, end)
    # What nothing times is taken as it is by the one rule that counts frames; the others need times.
    if sampling == "kinetics" and fps is None and not timed:
        return slice(None)
    raise SystemExit(f"'{clip}' doesn't say when its frames are shown: neither a rate nor a part of it can be taken")


_frames = functools.lru_cache(maxsize=1)(sources.frames_of)


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


def record(clip, base, stream, size, output, sampling="tutorial", **options):
    """Writes `video` in [0, 1], `base_logits` and `stream_logits`, all float32, and the name `sampling` of the rule to the
    NPZ file `output`. `base` or `stream` may be None. With several views every array has them in front: softmax a view and
    their mean give the probabilities that the published accuracies were counted by. `options` are those of `read_video`."""
    arrays = {"sampling": np.bytes_(sampling),
              "video": read_video(clip, size, sampling=sampling, **options).numpy()}
    for name, folder, logits in (("base_logits", base, base_logits), ("stream_logits", stream, stream_logits)):
        if folder:
            video = read_video(clip, size, image_type(folder), sampling=sampling, **options)
            several = options.get("views", 1) > 1
            arrays[name] = np.stack([logits(folder, view) for view in video]) if several else logits(folder, video)
    np.savez(output, **arrays)
