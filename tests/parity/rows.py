"""Rows of `classify` against `compare`, to the last bit, by every engine, for any number of workers, after a clip that fails:

    python tests/parity/rows.py PROGRAM WORK BASE STREAM CLIP [FLAGS]

WORK is a folder for what is written on the way; FLAGS are of both commands.
"""

import json
import os
import subprocess
import sys

import numpy as np

NETWORKS = {"stream": ["stream_logits"], "base": ["base_logits"], "both": ["stream_logits", "base_logits"]}
# Engine, network, workers. Each worker of the reference compiles by itself, which takes long.
RUNS = [("reference", "both", "1"), ("prepared", "base", "1"), ("prepared", "stream", "2"), ("prepared", "both", "2"),
        ("prepared", "both", "4"), ("litert", "both", "2"), ("openvino", "both", "2"), ("openvino", "base", "1"),
        ("fastest", "both", "2")]


def final(array, name, views):
    """What a row tells of an output: of the stream model, what it says after the last frame; of several views, of each."""
    rows = array.reshape((views, -1, array.shape[-1]))
    return rows[:, -1] if name == "stream_logits" else rows.reshape((-1, array.shape[-1]))


def main():
    program, work, base, stream, clip, *flags = sys.argv[1:]
    views = int(flags[flags.index("--views") + 1]) if "--views" in flags else 1
    # A TF Lite form takes frames of one size.
    size = flags[flags.index("--size"):][:2] if "--size" in flags else []
    subprocess.run([program, "-q", "prepare", base, stream, *size], check=True, stdout=subprocess.DEVNULL)
    archive, missing = os.path.join(work, "rows.npz"), os.path.join(work, "missing.mp4")
    for engine in ["reference", "prepared", "litert", "openvino", "fastest"]:
        shared = ["--base", base, "--stream", stream, "--engine", engine, *flags]
        compared = subprocess.run([program, "-q", "compare", clip, *shared, "--npz", archive, "--json", "-"], check=True,
                                  stdout=subprocess.PIPE)
        compared = json.loads(compared.stdout)
        tops = {"stream_logits": compared["stream"]["final"]["top"], "base_logits": compared["base"]["top"]}
        arrays = np.load(archive)
        for _, network, workers in (run for run in RUNS if run[0] == engine):
            command = [program, "-q", "classify", clip, missing, clip, clip, *shared, "--network", network, "--logits",
                       "--workers", workers]
            done = subprocess.run(command, stdout=subprocess.PIPE)
            assert done.returncode == 1, done
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            assert [row["error"] and row["error"]["kind"] for row in rows] == [None, "missing", None, None], rows
            for row in rows[:1] + rows[2:]:
                for name, logits, top in zip(NETWORKS[network], ["logits", "base_logits"], ["top", "base_top"]):
                    expected = final(arrays[name], name, views).ravel()
                    assert np.array_equal(np.float32(row[logits]), expected), (engine, network, workers, name)
                    assert row[top] == tops[name], (engine, network, workers, name)
                assert row["frames"] == compared["clip"]["frames"], row
    print(f"rows are as compared: {os.path.basename(clip)} {' '.join(flags)}")


if __name__ == "__main__":
    main()
