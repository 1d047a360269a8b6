"""Differences planted in the reference, each of which `verify` must find and point at; and one in a model, which
`verify --bisect` must trace to its layer.

    python tests/parity/planted.py PROGRAM CLIP PAIR SIZE FOLDER
"""

import contextlib
import functools
import json
import os
import subprocess
import sys

import movinet_reference as reference
import numpy as np
import tensorflow as tf

ZEROED_AFTER = 5
BLOCK = "block2_layer0"


@contextlib.contextmanager
def weight_changed(model, name=""):
    """One weight of the variable whose name holds `name` is larger by a thousandth meanwhile."""
    functions = [model.signatures[key] for key in model.signatures]
    variable = next(v for f in functions for v in f.variables if name in v.name and "kernel" in v.name)
    good = variable.numpy()
    bad = good.copy()
    bad.reshape(-1)[0] += 1e-3
    variable.assign(bad)
    yield
    variable.assign(good)


def main():
    program, clip, pair, size, folder = sys.argv[1:]
    base, stream = os.path.join(pair, "base"), os.path.join(pair, "stream")
    models = ["--base", base, "--stream", stream, "--size", size]
    video = reference.read_video(clip, int(size))
    # Each is loaded, and compiled, once.
    load = tf.saved_model.load = functools.cache(tf.saved_model.load)

    def verify(name, seen, base_logits, stream_logits):
        path = os.path.join(folder, "planted.npz")
        np.savez(path, video=np.asarray(seen), base_logits=base_logits, stream_logits=stream_logits)
        command = [program, "-q", "verify", clip, "--against", path, *models, "--atol", "0", "--rtol", "0"]
        junit = os.path.join(folder, "planted.xml")
        run = subprocess.run([*command, "--json", "-", "--junit", junit], capture_output=True, text=True)
        assert run.returncode == (0 if name == "nothing" else 1), (name, run)
        verdict = json.loads(run.stdout)
        failed = [check["output"] for check in verdict["checks"] if not check["passed"]]
        with open(junit) as file:
            assert file.read().count("<failure") == len(failed), name
        print(f"-- planted: {name}: {', '.join(failed) or 'equal'} {verdict['hints']}")
        return failed, {check["output"]: check for check in verdict["checks"]}, verdict["hints"]

    def both(seen):
        return reference.base_logits(base, seen), reference.stream_logits(stream, seen)

    base_good, stream_good = both(video)
    assert verify("nothing", video, base_good, stream_good)[0] == []

    with weight_changed(load(base)), weight_changed(load(stream)):
        base_bad, stream_bad = both(video)
    failed, _, _ = verify("a weight of base", video, base_bad, stream_good)
    assert failed == ["base_logits"]
    failed, checks, _ = verify("a weight of stream", video, base_good, stream_bad)
    assert failed == ["stream_logits"] and checks["stream_logits"]["first_beyond"]["frame"] == 0

    def zero(frame, states):
        if frame != ZEROED_AFTER:
            return states
        return {key: tf.zeros_like(state) if "stream_buffer" in key and BLOCK in key else state
                for key, state in states.items()}

    failed, checks, _ = verify("a state zeroed", video, base_good, reference.stream_logits(stream, video, zero))
    assert failed == ["stream_logits"] and checks["stream_logits"]["first_beyond"]["frame"] == ZEROED_AFTER + 1

    order = np.arange(len(video))
    order[[2, 9]] = order[[9, 2]]
    swapped = tf.gather(video, order)
    _, checks, hints = verify("two frames exchanged", swapped, *both(swapped))
    assert checks["video"]["first_beyond"]["frame"] == 2
    assert hints == ["frame 2 of the reference is frame 9 here, frame 9 of the reference is frame 2 here"]

    turned = video[..., ::-1]
    failed, _, hints = verify("BGR", turned, *both(turned))
    assert len(failed) == 3 and "BGR" in hints[0]

    raw = video * 255
    failed, _, hints = verify("no division by 255", raw, *both(raw))
    assert len(failed) == 3 and "255" in hints[0]

    # The same model with one weight of one layer changed: its buffer is the first state to differ.
    changed = os.path.join(folder, "changed")
    model = load(stream)
    with weight_changed(model, f"{BLOCK}/bneck/expansion"):
        tf.saved_model.save(model, changed, signatures=dict(model.signatures))
    command = [program, "-q", "verify", clip, "--bisect", changed, *models, "--atol", "0", "--rtol", "0"]
    run = subprocess.run([*command, "--json", "-"], capture_output=True, text=True)
    assert run.returncode == 1, run
    parting = json.loads(run.stdout)
    assert parting["frame"] == 0 and BLOCK in parting["states"][0]["state"], parting
    print(f"-- planted in {BLOCK}: parted at frame 0, first in {parting['states'][0]['state']}")
    same = subprocess.run([program, "-q", "verify", clip, "--bisect", stream, *models], capture_output=True, text=True)
    assert same.returncode == 0, same


if __name__ == "__main__":
    main()
