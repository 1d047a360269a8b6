"""The tutorial's own steps in Python, TF Lite, and this program, on the same models, in one run.

    python tools/bench/notebook.py PROGRAM CLIP PAIR [FIXED_PAIR]

PAIR holds base/ and stream/ (tests/parity/make_pair.py makes one); FIXED_PAIR, made with --fixed, is for TF Lite, which
takes a stream model of fixed shape only. Runs in an environment of tools/install.sh. Prints the ratios that the README
quotes.
"""

import json
import os
import statistics
import subprocess
import sys
import time

SIZE = 172
FRAMES = 60


def notebook(clip, pair):
    """The tutorial: build a Keras model around each SavedModel, call it on the clip, then frame by frame."""
    import tensorflow as tf
    import tensorflow_hub as hub

    video = tf.image.resize(tf.io.decode_gif(tf.io.read_file(clip)), (SIZE, SIZE))[tf.newaxis] / 255
    times = {}

    encoder = hub.KerasLayer(os.path.join(pair, "base"), trainable=True)
    image = tf.keras.layers.Input(shape=[None, None, None, 3], dtype=tf.float32, name="image")
    model = tf.keras.Model(image, encoder(dict(image=image)))
    model(video)
    began = time.perf_counter()
    model(video)
    times["base"] = time.perf_counter() - began

    encoder = hub.KerasLayer(os.path.join(pair, "stream"), trainable=True)
    init_states = encoder.resolved_object.signatures["init_states"]
    states = init_states(tf.constant([0, 0, 0, 0, 3]))
    inputs = {name: tf.keras.layers.Input([size if size > 0 else None for size in state.shape[1:]],
                                          dtype=state.dtype, name=name) for name, state in states.items()}
    inputs["image"] = tf.keras.layers.Input(shape=[None, None, None, 3], dtype=tf.float32, name="image")
    model = tf.keras.Model(inputs, encoder(inputs))
    states = init_states(tf.shape(video))
    frames = tf.split(video, video.shape[1], axis=1)
    each = []
    for frame in frames:
        began = time.perf_counter()
        _, states = model({**states, "image": frame})
        each.append(time.perf_counter() - began)
    times["frame"] = statistics.median(each[1:])
    print(json.dumps(times))


def tflite(pair):
    """Median seconds a frame of the stream model under XNNPACK with one thread."""
    import numpy as np
    import tensorflow as tf

    model = tf.lite.TFLiteConverter.from_saved_model(os.path.join(pair, "stream")).convert()
    interpreter = tf.lite.Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()  # XNNPACK is applied here, or not at all
    runner = interpreter.get_signature_runner()
    feeds = {name: np.zeros(detail["shape"], detail["dtype"]) for name, detail in runner.get_input_details().items()}
    each = []
    for _ in range(FRAMES):
        feeds["image"] = np.random.default_rng(1).random(feeds["image"].shape, np.float32)
        began = time.perf_counter()
        outputs = runner(**feeds)
        each.append(time.perf_counter() - began)
        feeds.update({name: value for name, value in outputs.items() if name in feeds})
    print(json.dumps({"frame": statistics.median(each[1:])}))


def measured(command, **more):
    """Seconds, peak memory in MB and standard output of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **more)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - began, usage.ru_maxrss / 1024, output


def main():
    program, clip, pair, *fixed = sys.argv[1:]
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    models = ["--base", os.path.join(pair, "base"), "--stream", os.path.join(pair, "stream")]
    subprocess.run([program, "-q", "prepare", *models[1::2], "--size", str(SIZE)], check=True, stdout=subprocess.DEVNULL)

    whole, memory, output = measured([sys.executable, __file__, "--notebook", clip, pair], env=environment)
    python = json.loads(output)
    runs = [measured([program, "-q", "compare", clip, *models]) for _ in range(5)]
    ours, our_memory = statistics.median(run[0] for run in runs), max(run[1] for run in runs)
    bench = json.loads(subprocess.run(
        [program, "-q", "bench", clip, *models, "--engine", "prepared", "--frames", str(FRAMES), "--json"], check=True,
        capture_output=True).stdout)
    frame, base = bench[0]["p50"], bench[1]["p50"]

    print(f"{'':<34}{'beside':>10}{'here':>10}   ratio")
    row = lambda what, beside, here, unit: print(
        f"{what:<34}{beside:>8.4g} {unit}{here:>8.4g} {unit}{beside / here:>7.1f} x")
    row("compare, whole process / notebook", whole, ours, "s ")
    row("base, one clip / Python", python["base"] * 1e3, base * 1e3, "ms")
    row("stream, one frame / Python", python["frame"] * 1e3, frame * 1e3, "ms")
    if fixed:
        lite = json.loads(measured([sys.executable, __file__, "--tflite", fixed[0]], env=environment)[2])
        row("stream, one frame / TF Lite", lite["frame"] * 1e3, frame * 1e3, "ms")
    row("peak memory / notebook", memory, our_memory, "MB")


if __name__ == "__main__":
    if sys.argv[1] == "--notebook":
        notebook(*sys.argv[2:])
    elif sys.argv[1] == "--tflite":
        tflite(sys.argv[2])
    else:
        main()
