"""A video through `compare` against its parts and against the same steps in Python, on the same models, in one run.

    python tools/bench/video.py PROGRAM PAIR VIDEO...

PAIR holds base/ and stream/. For each VIDEO, of which every sixth frame is taken (30 frames a second, 5 for the models):
the wall time of ffmpeg alone decoding it to nothing, of `compare` on the chosen frames as an .npz, of `compare` on the
video, medians of pairs that take turns, and once of mediapy, tf.image.resize and both models in Python. Runs in an
environment of tools/install.sh, with an ffmpeg that mediapy understands (before 9) in MOVINET_TF_FFMPEG or on PATH.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = 172
EVERY = 6
RUNS = 7


def python_steps(video, pair):
    """The tutorial's steps, on a video: read, choose, resize, base on the clip, stream frame by frame."""
    import mediapy
    import tensorflow as tf
    import tensorflow_hub as hub

    mediapy.set_ffmpeg(ffmpeg())
    frames = tf.image.resize(mediapy.read_video(video)[::EVERY], (SIZE, SIZE)) / 255
    base = hub.load(os.path.join(pair, "base")).signatures["serving_default"]
    base(image=frames[tf.newaxis])
    model = hub.load(os.path.join(pair, "stream"))
    states = model.signatures["init_states"](input_shape=tf.constant([1, 1, SIZE, SIZE, 3]))
    step = model.signatures["call"]
    for frame in frames:
        states = step(image=frame[tf.newaxis, tf.newaxis], **states)
        states.pop("logits")


def ffmpeg():
    return os.environ.get("MOVINET_TF_FFMPEG") or "ffmpeg"


def seconds(command, **more):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return time.perf_counter() - began


def chosen_frames(video, archive):
    """The chosen frames, as an archive that `compare` takes for the same clip."""
    import mediapy
    import numpy as np

    mediapy.set_ffmpeg(ffmpeg())
    np.savez(archive, video=np.asarray(mediapy.read_video(video)[::EVERY]), fps=30 / EVERY)


def main():
    program, pair, *videos = sys.argv[1:]
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    models = ["--base", os.path.join(pair, "base"), "--stream", os.path.join(pair, "stream")]
    subprocess.run([program, "-q", "prepare", *models[1::2], "--size", str(SIZE)], check=True, stdout=subprocess.DEVNULL)
    print(f"{'':<16}{'ffmpeg alone':>13}{'chosen .npz':>13}{'video':>9}{'of their sum':>14}{'Python':>9}   ratio")
    for video in videos:
        with tempfile.TemporaryDirectory() as folder:
            archive = os.path.join(folder, "chosen.npz")
            subprocess.run([sys.executable, __file__, "--chosen", video, archive], check=True, env=environment)
            commands = [
                [ffmpeg(), "-nostdin", "-i", video, "-vcodec", "rawvideo", "-pix_fmt", "rgb24", "-f", "rawvideo", "-y",
                 "/dev/null"],
                [program, "-q", "compare", archive, *models],
                [program, "-q", "compare", video, *models, "--sampling", "model", "--fps", str(30 / EVERY)],
            ]
            runs = [[seconds(command) for command in commands] for _ in range(RUNS)]
            alone, npz, here = (statistics.median(times) for times in zip(*runs))
            share = statistics.median(both / (one + other) for one, other, both in runs)
            python = seconds([sys.executable, __file__, "--python", video, pair], env=environment)
            print(f"{os.path.basename(video):<16}{alone:>11.2f} s{npz:>11.2f} s{here:>7.2f} s{share:>12.0%}  {python:>7.1f} s"
                  f"{python / here:>6.1f} x", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--python":
        python_steps(*sys.argv[2:])
    elif sys.argv[1] == "--chosen":
        chosen_frames(*sys.argv[2:])
    else:
        main()
