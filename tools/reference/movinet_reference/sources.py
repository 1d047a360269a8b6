"""Clips of every kind: their frames, and when each is shown.

GIFs by tf.io.decode_gif, videos by mediapy (which the tutorial imports, and which runs ffmpeg), folders of pictures by
tf.io.decode_image, arrays by NumPy. ffmpeg is the program that MOVINET_TF_FFMPEG names, or the one on PATH.
"""

import functools
import os
import re
import shutil
import subprocess
from fractions import Fraction

import numpy as np
import tensorflow as tf


def frames_of(path):
    """All frames, (frames, height, width, 3): uint8, or float32 in [0, 1] where an array holds that."""
    kind = kind_of(path)
    if kind == "gif":
        return tf.io.decode_gif(tf.io.read_file(path)).numpy()
    if kind == "folder":
        return np.stack([_picture(os.path.join(path, name)) for name in pictures_in(path)])
    if kind == "array":
        return _array(path)
    return _video(path)


def times_of(path):
    """When each frame is shown, in seconds since the first one, and how long all are shown together. `None` where the
    clip doesn't say: folders and arrays never do."""
    kind = kind_of(path)
    if kind in ("folder", "array"):
        return None
    times, last = _gif_times(path) if kind == "gif" else _video_times(path)
    total = times[-1] + last - times[0]
    return ([float(time - times[0]) for time in times], float(total)) if total else None


def kind_of(path):
    """`folder`, `array`, `gif` or `video`: by what it is, not by its name, arrays apart."""
    if os.path.isdir(path):
        return "folder"
    if path.lower().endswith((".npy", ".npz")):
        return "array"
    with open(path, "rb") as file:
        return "gif" if file.read(4) == b"GIF8" else "video"


def pictures_in(folder):
    """The names of a folder's pictures; numbers in them are counted, so that 10 comes after 9."""
    names = [name for name in os.listdir(folder) if name.lower().endswith((".png", ".jpg", ".jpeg", ".bmp"))]
    if not names:
        raise SystemExit(f"there are no pictures in '{folder}'")
    return sorted(names, key=lambda name: [(part.isdigit(), int(part) if part.isdigit() else 0, part)
                                           for part in re.split(r"([0-9]+)", name)])


def _picture(path):
    return tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False).numpy()


def _array(path):
    held = np.load(path)
    frames = held["video"] if path.lower().endswith(".npz") else held
    if frames.ndim != 4 or frames.shape[-1] != 3:
        raise SystemExit(f"'{path}' holds {frames.shape}, not (frames, height, width, 3)")
    return frames if frames.dtype == np.uint8 else frames.astype(np.float32)


def _gif_times(path):
    import PIL.Image
    import PIL.ImageSequence

    with PIL.Image.open(path) as image:
        delays = [frame.info.get("duration", 0) for frame in PIL.ImageSequence.Iterator(image)]
    begins = [sum(delays[:number]) for number in range(len(delays))]
    return [Fraction(begin, 1000) for begin in begins], Fraction(delays[-1], 1000)


def _ffmpeg():
    named = os.environ.get("MOVINET_TF_FFMPEG") or "ffmpeg"
    found = shutil.which(os.path.join(named, "ffmpeg") if os.path.isdir(named) else named)
    if not found:
        raise SystemExit(f"there is no program '{named}': install ffmpeg, or name it in MOVINET_TF_FFMPEG")
    return found


def _video(path):
    import mediapy

    mediapy.set_ffmpeg(_ffmpeg())
    try:
        frames = np.asarray(mediapy.read_video(os.path.abspath(path)))
    except RuntimeError as error:
        if "vsync" in str(error):
            raise SystemExit(f"mediapy cannot use '{_ffmpeg()}': it gives it -vsync, which ffmpeg 9 no longer knows; "
                             "name an older one in MOVINET_TF_FFMPEG") from error
        raise
    height, width = _decoded(path)[0]
    if frames[0].size != height * width * 3:
        raise SystemExit(f"mediapy takes '{path}' for {frames.shape[2]}x{frames.shape[1]}, but its frames are "
                         f"{width}x{height}: it believes the last of several video streams")
    # mediapy reads the size from what ffmpeg 5 prints, and so overlooks that ffmpeg turns a video from a phone.
    return frames.reshape(-1, height, width, 3)


@functools.lru_cache(maxsize=1)
def _decoded(path):
    """Height and width of the frames that mediapy reads, what ffmpeg says of each, and what it says on the way."""
    command = [_ffmpeg(), "-nostdin", "-i", f"file:{path}", "-map", "0:v:0", "-vf", "showinfo", "-vcodec", "rawvideo",
               "-pix_fmt", "rgb24", "-vsync", "vfr", "-f", "framecrc", "-"]
    run = subprocess.run(command, capture_output=True, check=True)
    kept = run.stdout.decode()
    width, height = map(int, re.search(r"#dimensions 0: (\d+)x(\d+)", kept).groups())
    return (height, width), kept, run.stderr.decode(errors="replace")


def _video_times(path):
    """Presentation times of the frames that mediapy reads, and how long the last one is shown: as long as the one before
    it, or one frame of the stream's rate."""
    _, kept, said = _decoded(path)
    base, rate = re.search(r"config in time_base: (\d+/\d+), frame_rate: (\d+/\d+)", said).groups()
    base = Fraction(base)
    shown = [int(pts) * base for pts in re.findall(r"\] n: *\d+ pts: *(-?\d+) ", said)]
    # ffmpeg leaves a frame out where two fall into one tick of the output: those that are left, by their ticks.
    tick = Fraction(re.search(r"#tb 0: (\d+/\d+)", kept).group(1))
    ticks = [int(line.split(",")[2]) * tick for line in kept.splitlines() if line.startswith("0,")]
    times = shown if len(shown) == len(ticks) else [min(shown, key=lambda time: abs(time - at)) for at in ticks]
    last = times[-1] - times[-2] if len(times) > 1 else 1 / Fraction(rate)
    return times, last
