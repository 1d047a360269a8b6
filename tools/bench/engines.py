"""The same models by this program and by its peers at their best, in pairs, in one sitting.

    python tools/bench/engines.py PROGRAM PEERS PAIR [FIXED_PAIR] [--size 172] [--rounds 7]

PAIR holds base/ and stream/ (tests/parity/make_pair.py makes one), FIXED_PAIR the same made with --fixed SIZE, for Google's
converter, which takes a stream model of fixed shape only. PEERS is the python of an environment with
tools/bench/peers.txt; this script runs in one of tools/install.sh.

Stream, a frame, one thread: this program after `prepare`; beside it LiteRT on the converter's file, its states swapped,
by LiteRT's Python and by this program's engine. Base, a clip, all cores: this program after `prepare`; beside it OpenVINO
in float32 on the graph that TensorFlow freezes. Each round runs all of them, one after another, each in a process of its
own; the ratio of a peer is the median of its rounds' ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

STEPS, CLIPS = 200, 20
LENGTHS = (13, 50)


def convert(stream, to):
    """Google's converter on a stream model of fixed shape."""
    import tensorflow as tf

    with open(to, "wb") as file:
        file.write(tf.lite.TFLiteConverter.from_saved_model(stream).convert())


def freeze(base, to):
    """A base model as one graph of constants, as TensorFlow freezes it, without the marks for XLA, which OpenVINO refuses."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = tf.saved_model.load(base)  # it owns the variables
    frozen = convert_variables_to_constants_v2(model.signatures["serving_default"], lower_control_flow=False)
    graph = frozen.graph.as_graph_def()
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        for node in nodes:
            node.attr.pop("_XlaMustCompile", None)
    for function in graph.library.function:
        function.attr.pop("_XlaMustCompile", None)
    with open(to, "wb") as file:
        file.write(graph.SerializeToString())


def litert(file):
    """Median seconds of a step by LiteRT's own Python: one thread, the states' buffers swapped after each."""
    import numpy as np
    from ai_edge_litert.compiled_model import CompiledModel, CpuOptions, HardwareAccelerator, Options

    options = Options(hardware_accelerators=HardwareAccelerator.CPU, cpu_options=CpuOptions(num_threads=1))
    model = CompiledModel.from_file(file, options=options)
    signature = model.get_signature_by_index(0)
    details = model.get_input_tensor_details(model.get_signature_by_index(0)["key"])
    names, outputs = signature["inputs"], signature["outputs"]
    takes = dict(zip(names, model.create_input_buffers(0)))
    gives = dict(zip(outputs, model.create_output_buffers(0)))
    for name, buffer in takes.items():
        buffer.write(np.zeros(details[name]["shape"], details[name]["dtype"]))
    image = np.random.default_rng(1).random(details["image"]["shape"], np.float32)
    each = []
    for _ in range(STEPS):
        takes["image"].write(image)
        began = time.perf_counter()
        model.run_by_index(0, [takes[name] for name in names], [gives[name] for name in outputs])
        each.append(time.perf_counter() - began)
        for name in outputs:
            if name in takes:
                takes[name], gives[name] = gives[name], takes[name]
    print(json.dumps(statistics.median(each[1:])))


def openvino(graph, frames, size):
    """Median seconds of a clip by OpenVINO's own Python, on all cores."""
    import numpy as np
    import openvino as ov

    settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    model = ov.Core().compile_model(graph, "CPU", settings)
    request = model.create_infer_request()
    clip = ov.Tensor(np.random.default_rng(1).random((1, frames, size, size, 3), np.float32))
    each = []
    for _ in range(CLIPS + 1):
        began = time.perf_counter()
        request.infer([clip], share_inputs=True)
        each.append(time.perf_counter() - began)
    print(json.dumps(statistics.median(each[1:])))


def run(command):
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout) if done.stdout else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "peers", "pair"):
        parser.add_argument(name)
    parser.add_argument("fixed", nargs="?")
    parser.add_argument("--size", type=int, default=172)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    base, stream = os.path.join(args.pair, "base"), os.path.join(args.pair, "stream")
    this = [sys.executable, __file__]

    with tempfile.TemporaryDirectory() as folder:
        import numpy as np

        clips = {}
        for frames in LENGTHS:
            clips[frames] = os.path.join(folder, f"{frames}.npy")
            shape = (frames, args.size, args.size, 3)
            np.save(clips[frames], np.random.default_rng(1).integers(0, 256, shape, np.uint8))
        prepared = subprocess.run([args.program, "-q", "prepare", base, stream, "--size", str(args.size)],
                                  stdout=subprocess.DEVNULL)
        assert prepared.returncode == 0
        frozen, converted = os.path.join(folder, "base.pb"), os.path.join(folder, "stream.tflite")
        run([*this, "--freeze", base, frozen])

        def here(clip, *arguments):
            figures = run([args.program, "-q", "bench", clip, *arguments, "--frames", STEPS, "--clips", CLIPS, "--json"])
            return figures[0]["p50"], figures[0]["engine"]

        rows = []
        if args.fixed:
            run([*this, "--convert", os.path.join(args.fixed, "stream"), converted])
            peers = {
                "LiteRT's Python": lambda: run([args.peers, __file__, "--litert", converted]),
                "converter's file, here": lambda: here(clips[50], "--stream", converted)[0],
            }
            own = lambda: here(clips[50], "--stream", stream, "--engine", "fastest")
            rows.append(("stream, a frame", own, peers))
        for frames in LENGTHS:
            peers = {"OpenVINO's Python": lambda f=frames: run([args.peers, __file__, "--openvino", frozen, f, args.size])}
            own = lambda f=frames: here(clips[f], "--base", base, "--size", args.size, "--engine", "fastest")
            rows.append((f"base, {frames} frames", own, peers))

        print(f"{'':<18}{'here':>22}  {'beside':<26}{'':>10}   here / beside")
        for what, own, peers in rows:
            rounds = []
            for _ in range(args.rounds):
                (seconds, engine), beside = own(), {name: peer() for name, peer in peers.items()}
                rounds.append((seconds, beside))
            ours = statistics.median(seconds for seconds, _ in rounds)
            for name in peers:
                theirs = statistics.median(beside[name] for _, beside in rounds)
                ratios = sorted(seconds / beside[name] for seconds, beside in rounds)
                print(f"{what:<18}{ours * 1e3:>8.2f} ms {engine:>10}  {name:<26}{theirs * 1e3:>7.2f} ms   "
                      f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--convert"]:
        convert(*sys.argv[2:])
    elif sys.argv[1:2] == ["--freeze"]:
        freeze(*sys.argv[2:])
    elif sys.argv[1:2] == ["--litert"]:
        litert(sys.argv[2])
    elif sys.argv[1:2] == ["--openvino"]:
        openvino(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
