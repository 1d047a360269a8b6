"""Frames and times of the videos that make_videos.sh made: videos.py FRAMES PROGRAM FOLDER FFMPEG

FRAMES is the program of examples/frames.rs. Its frames are those of mediapy.read_video byte for byte, with the same ffmpeg,
as far as mediapy can read the file and use the ffmpeg; and those of an ffmpeg that writes pictures with their sizes. Its
times are ffprobe's, of the same file. What PROGRAM, movinet-tf, shows to a model is what TensorFlow makes of these frames.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import unquote_to_bytes

import mediapy
import numpy as np
import tensorflow as tf
from movinet_reference import sampling

# Of frames as they are shown.
SIZE = 44
# ffprobe tells microseconds; half of one is lost at either end of a difference.
SLACK = 1.01e-6


def main(program, movinet_tf, folder, ffmpeg):
    mediapy.set_ffmpeg(ffmpeg)
    # Since ffmpeg 9 there is no -vsync, which mediapy gives.
    knows = subprocess.run([ffmpeg, "-v", "error", "-f", "lavfi", "-i", "color=s=2x2:d=0.1", "-vsync", "vfr", "-f", "null", "-"],
                           capture_output=True).returncode == 0
    faults, compared = [], {"mediapy": 0, "plain": 0}
    with open(os.path.join(folder, "videos.txt"), encoding="ascii") as table:
        rows = [line.rstrip("\n").split("\t") for line in table]
    for name, outcome, count, reference, _, _ in rows:
        if outcome not in ("frames", "warns") or reference not in compared:
            continue
        path = os.path.join(os.fsencode(os.path.abspath(folder)), unquote_to_bytes(name))
        reference = reference if knows else "plain"
        try:
            fault = check(program, movinet_tf, path, ffmpeg, count, reference)
        except subprocess.CalledProcessError as error:
            fault = f"ffmpeg itself ended with {error.returncode}"
            if error.returncode < 0:  # a fault of this build, which nothing can be compared with
                print(f"{name}: {fault}")
                continue
        except Exception as error:  # which file it was is what matters
            fault = f"{type(error).__name__}: {error}"
        compared["plain"] += 1
        compared["mediapy"] += reference == "mediapy"
        if fault:
            faults.append(f"{name}: {fault}")
    print(f"{compared['plain']} videos as ffmpeg writes pictures of them, {compared['mediapy']} of them as mediapy reads them")
    if faults or not all(compared[one] for one in ("plain", *["mediapy"] * knows)):
        raise SystemExit("\n".join(faults) or "nothing was compared")


def check(program, movinet_tf, path, ffmpeg, count, reference):
    """What is wrong with what the program reads of the file at `path`."""
    references = {"plain": by_pictures(path, ffmpeg)}
    run = subprocess.run([program, path], capture_output=True, env={**os.environ, "MOVINET_TF_FFMPEG": ffmpeg})
    said = run.stderr.decode(errors="replace").splitlines()
    if run.returncode:
        return "; ".join(said)
    width, height = map(int, said[0].split("x"))
    moments = [tuple(int(number) / 1e9 for number in line.split()) for line in said[1:] if line[0].isdigit()]
    frames = np.frombuffer(run.stdout, np.uint8).reshape(-1, height, width, 3)
    if len(frames) != len(moments):
        return f"{len(frames)} frames and {len(moments)} times"
    if count not in ("-", str(len(frames))):
        return f"{len(frames)} frames, not {count}"
    if reference == "mediapy":
        read = by_mediapy(path)
        # It reads the size of a turned video twice, the second time after it was turned, and then mistakes height for width.
        is_turned = read.shape[1:3] == (width, height)
        references["mediapy"] = read.reshape(frames.shape) if is_turned else read
    for name, expected in references.items():
        if frames.shape != expected.shape:
            return f"frames {frames.shape}, {name}'s {expected.shape}"
        if not np.array_equal(frames, expected):
            differ = [number for number, (one, other) in enumerate(zip(frames, expected)) if not np.array_equal(one, other)]
            return f"frames {differ} differ from {name}'s"
    if not np.array_equal(sampling.squash(tf.constant(frames), SIZE), shown(movinet_tf, path, ffmpeg)):
        return "what is shown to a model is not what TensorFlow makes of the frames"
    return wrong_times(moments, probed(path))


def shown(movinet_tf, path, ffmpeg):
    """What the program shows to a model of every frame."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([movinet_tf, "-q", "compare", "--model", "fake", "--size", str(SIZE), "--npz", "run.npz", "--", path],
                       cwd=folder, env={**os.environ, "MOVINET_TF_FFMPEG": ffmpeg}, stdout=subprocess.DEVNULL, check=True)
        return np.load(os.path.join(folder, "run.npz"))["video"]


def by_mediapy(path):
    # It gives names to ffmpeg as they are, which takes some for no names of files.
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "video")
        os.symlink(path, link)
        return np.asarray(mediapy.read_video(link))


def by_pictures(path, ffmpeg):
    """The frames as PPM files, which say their own sizes."""
    run = subprocess.run([ffmpeg, "-v", "quiet", "-nostdin", "-i", b"file:" + path, "-map", "0:V:0", "-fps_mode", "passthrough",
                          "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"], capture_output=True, check=True)
    frames, rest = [], run.stdout
    while rest:
        magic, size, largest, rest = rest.split(b"\n", 3)
        assert (magic, largest) == (b"P6", b"255")
        width, height = map(int, size.split())
        pixels, rest = rest[:width * height * 3], rest[width * height * 3:]
        frames.append(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
    return np.stack(frames)


def probed(path):
    """Times of the frames of the first stream that is a video; `None` where it has none."""
    command = [shutil.which("ffprobe"), "-v", "quiet", "-select_streams", "V:0", "-show_frames", "-show_entries",
               "frame=best_effort_timestamp_time", "-of", "json", b"file:" + path]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    times = [frame.get("best_effort_timestamp_time") for frame in found["frames"]]
    return None if None in times else [float(time) for time in times]


def wrong_times(moments, times):
    last = 0
    for number, (time, duration) in enumerate(moments):
        if number + 1 < len(moments) and abs(time + duration - moments[number + 1][0]) > 2e-9:
            return f"frame {number} lasts until {time + duration}, the next one begins at {moments[number + 1][0]}"
        if number and time <= last:
            return f"frame {number} is shown at {time}, after the one at {last}"
        last = time
    if times is None:
        return None
    # One that falls on another one in ffmpeg's unit of time is left out; the others keep their times.
    left = [time - times[0] for time in times]
    if len(left) == len(moments):
        wrong = [number for number, ((time, _), other) in enumerate(zip(moments, left)) if abs(time - other) > SLACK]
    else:
        wrong = [number for number, (time, _) in enumerate(moments) if min(abs(time - other) for other in left) > SLACK]
    if wrong:
        return f"times {[moments[number][0] for number in wrong][:4]} of frames {wrong[:4]}, ffprobe's {left[:8]}"
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
