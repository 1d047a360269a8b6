"""Many clips through `classify` against a loop in Python, and against what decoding and the model take alone, in one run.

    python tools/bench/many.py PROGRAM STREAM CLIP FOLDER

Makes 100 clips of 10 s in FOLDER out of CLIP, encoded in different ways, once. STREAM is a stream model's folder, for frames of
172 pixels, 5 a second. Clips a minute, and processor time; runs in an environment of tools/install.sh, with an ffmpeg that mediapy
understands (before 9) in MOVINET_TF_FFMPEG or on PATH.
"""

import json
import os
import resource
import subprocess
import sys
import time

from video import ffmpeg

CLIPS, BY_PYTHON = 100, 20
SIZE, RATE = 172, 5
CODECS = [["-c:v", "libx264", "-preset", preset] for preset in ("ultrafast", "veryfast", "medium")]
CODECS.append(["-c:v", "mpeg4"])


def make(clip, folder):
    """The clips' names."""
    os.makedirs(folder, exist_ok=True)
    names = [os.path.join(folder, f"{number:03}.mp4") for number in range(CLIPS)]
    for number, name in enumerate(names):
        if not os.path.exists(name):
            quality = ["-crf", str(18 + number % 12)] if number % len(CODECS) < 3 else ["-q:v", str(2 + number % 8)]
            command = [ffmpeg(), "-v", "error", "-y", "-stream_loop", "-1", "-i", clip, "-t", "10", "-r", "30", "-an",
                       "-pix_fmt", "yuv420p", *CODECS[number % len(CODECS)], *quality, name + ".part.mp4"]
            subprocess.run(command, check=True)
            os.replace(name + ".part.mp4", name)
    return names


def spent(run):
    """Wall and processor time of children while `run` runs, and what it gives."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    given = run()
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, given


def classify(program, stream, names, *flags, cores=None):
    """The rows; `cores` are those that the workers may use, where not all."""
    command = [program, "-q", "classify", *names, "--stream", stream, "--size", str(SIZE), "--fps", str(RATE), "--sampling",
               "model", *flags]
    keep_to = cores and (lambda: os.sched_setaffinity(0, cores))
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, preexec_fn=keep_to).stdout
    return [json.loads(line) for line in output.splitlines()]


def decode(names):
    for name in names:
        subprocess.run([ffmpeg(), "-v", "error", "-i", name, "-f", "rawvideo", "-pix_fmt", "rgb24", "-y", "/dev/null"], check=True)


def by_python(stream, names):
    """Seconds of a clip, the model loaded and warm."""
    import mediapy
    import tensorflow as tf
    import tensorflow_hub as hub

    mediapy.set_ffmpeg(ffmpeg())
    model = hub.load(stream)
    step, first = model.signatures["call"], model.signatures["init_states"]

    def clip(name):
        frames = tf.image.resize(mediapy.read_video(name)[::30 // RATE], (SIZE, SIZE)) / 255
        states = first(input_shape=tf.constant([1, 1, SIZE, SIZE, 3]))
        for frame in frames:
            states = step(image=frame[tf.newaxis, tf.newaxis], **states)
            logits = states.pop("logits")
        return logits.numpy()

    clip(names[0])
    began = time.perf_counter()
    for name in names[:BY_PYTHON]:
        clip(name)
    return (time.perf_counter() - began) / BY_PYTHON


def main():
    program, stream, clip, folder = sys.argv[1:]
    names = make(clip, folder)
    classify(program, stream, names[:1])  # prepared, if it wasn't
    walls = {}
    for _ in range(3):
        for key, workers, cores in (
            ("one worker", ["--workers", "1"], None),
            ("two workers", ["--workers", "2"], None),
            ("default", [], None),
            ("one worker, one core", ["--workers", "1"], {0}),
        ):
            wall, processor, rows = spent(lambda: classify(program, stream, names, *workers, cores=cores))
            assert all(row["error"] is None for row in rows)
            walls.setdefault(key, []).append((wall, processor))
    frames = sum(row["frames"] for row in rows)
    for key, runs in walls.items():
        wall, processor = sorted(runs)[1]
        print(f"classify, {key:20} {60 * CLIPS / wall:7.1f} clips a minute, processor {processor:6.1f} s")
    one, two, default, alone = (sorted(runs)[1][0] for runs in walls.values())
    print(f"two workers against one: {one / two:.2f} x; against one on one core: {alone / two:.2f} x")
    decoding = spent(lambda: decode(names))[1]
    bench = subprocess.run([program, "-q", "bench", names[0], "--stream", stream, "--size", str(SIZE), "--engine", "prepared",
                            "--frames", "300", "--json"], check=True, stdout=subprocess.PIPE).stdout
    median = json.loads(bench)[0]["p50"]
    engine = frames * median
    processor = sorted(walls["one worker"])[1][1]
    print(f"decoding alone {decoding:.1f} s, model alone {engine:.1f} s ({frames} frames of {1000 * median:.2f} ms); "
          f"classify by one worker / both: {processor / (decoding + engine):.2f}")
    python = by_python(stream, names)
    print(f"Python: {60 / python:.1f} clips a minute; classify / Python: {python * CLIPS / default:.1f} x")


if __name__ == "__main__":
    main()
