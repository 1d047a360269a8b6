"""The rules of sampling by name: which frames of a clip a model sees, and how they are cut. Each is built of its
original's own functions; docs/sampling.md says where they come from."""

import bisect
import math

import tensorflow as tf

# Frames a second that the members of the family were trained on, by the size of their frames.
MODEL_FPS = {172: 5, 224: 5, 256: 12, 290: 8, 320: 12}
# How the members were evaluated, by the size of their frames: frames, stride, pixels of the short side.
EVALUATION = {172: (50, 5, 192), 224: (50, 5, 256), 256: (120, 2, 288), 290: (80, 3, 320), 320: (120, 2, 368)}
# frames_from_video_file has frame_step=15; the tutorial that uses it with MoViNet takes 8 frames.
LETTERBOX = (8, 15)
# Times are compared as floats.
SLACK = 1e-9


def evaluation(size):
    """Frames, stride and short side for a model of `size`: those of the smallest member that is not smaller, or of the
    largest; the short side in proportion."""
    member = min((known for known in EVALUATION if known >= size), default=max(EVALUATION))
    frames, stride, short = EVALUATION[member]
    return frames, stride, (size * short + member // 2) // member


def rate_of(rule, size):
    """Frames a second that a rule takes by itself; `None` for every frame."""
    if rule == "model" and size not in MODEL_FPS:
        raise SystemExit(f"no official model has frames of {size} pixels: say at which rate by --fps")
    return {"kinetics": 25, "centre": 5, "model": MODEL_FPS.get(size)}.get(rule)


def chosen(times, total, rate, begin=None, end=None):
    """Indices of the frames that are shown from `begin` to before `end` (seconds since the first frame), and of those at
    `rate`: at 0, 1 / rate, 2 / rate ... since `begin` the one that is on screen."""
    begin, bound = begin or 0, math.inf if end is None else end
    end = min(bound, total)
    within = [index for index, time in enumerate(times) if begin - SLACK <= time < bound - SLACK]
    if not within:
        raise SystemExit(f"no frame is shown from {begin} to {end} seconds")
    if rate is None:
        return within
    since = [times[index] - begin for index in within]
    ticks = max(1, math.floor((end - begin) * rate + 0.5))
    return [within[max(0, bisect.bisect_right(since, tick / rate + SLACK) - 1)] for tick in range(ticks)]


def squash(frames, size):
    """The tutorial's way."""
    resized = tf.image.resize(frames, (size, size))
    return resized / 255 if frames.dtype == tf.uint8 else resized


def squashed_bytes(frames, size):
    """The tutorial's way for models that take bytes: rounded, a half to the even."""
    return tf.cast(tf.round(tf.image.resize(frames, (size, size))), tf.uint8)


def kinetics(frames, size, count, stride, short, views):
    """The way of the official evaluation, (views * count, size, size, 3)."""
    # The other rules do without the package tf-models-official.
    from official.vision.dataloaders import video_input
    from official.vision.ops import preprocess_ops_3d

    if frames.dtype == tf.uint8:
        return video_input.process_image(
            frames, is_training=False, num_frames=count, stride=stride, num_test_clips=views, min_resize=short,
            crop_size=size, zero_centering_image=False)
    # The same steps for what is in [0, 1] already, which the original doesn't know.
    if views > 1:
        frames = preprocess_ops_3d.sample_linspace_sequence(frames, views, count, stride)
    else:
        frames = preprocess_ops_3d.sample_sequence(frames, count, False, stride)
    frames = tf.cast(preprocess_ops_3d.resize_smallest(frames * 255, short), tf.uint8)
    return preprocess_ops_3d.normalize_image(preprocess_ops_3d.crop_image(frames, size, size), False)


def fit(frames, size):
    """The way of the Model Garden's notebook that plots a stream's predictions."""
    frames = tf.cast(frames, tf.float32) / 255. if frames.dtype == tf.uint8 else frames
    return tf.image.resize(frames, [size, size], preserve_aspect_ratio=True)


def letterbox(frames, size, start=0, count=None, step=None):
    """The way of TensorFlow's tutorials on video: format_frames of every frame, or with `count` and `step` what
    frames_from_video_file returns."""
    if count is None:
        wanted = range(len(frames))
    else:
        wanted = [start + number * step for number in range(count)]
    seen = [tf.image.resize_with_pad(tf.image.convert_image_dtype(frames[index], tf.float32), size, size)
            if index < len(frames) else tf.zeros([size, size, 3]) for index in wanted]
    return tf.stack(seen)


def centre(frames, size):
    """The phone sample's way."""
    side = min(frames.shape[1:3])
    return squash(tf.image.resize_with_crop_or_pad(frames, side, side), size)


RULES = ("tutorial", "model", "kinetics", "fit", "letterbox", "centre")


def cut(rule, frames, size, views=1, count=None, stride=None, start=0):
    """Frames, uint8 or float32 in [0, 1], as a model of `size` sees them by a rule: float32 in [0, 1]. By `kinetics` with
    several views (views, frames, size, size, 3), else (frames, height, width, 3)."""
    frames = tf.convert_to_tensor(frames)
    if rule == "kinetics":
        own_count, own_stride, short = evaluation(size)
        count, stride = count or own_count, stride or own_stride
        seen = kinetics(frames, size, count, stride, short, views)
        return tf.reshape(seen, [views, count, size, size, 3]) if views > 1 else seen
    if rule == "letterbox":
        return letterbox(frames, size, start, count or LETTERBOX[0], stride or LETTERBOX[1])
    return {"tutorial": squash, "model": squash, "fit": fit, "centre": centre}[rule](frames, size)
