"""Makes a base and a stream SavedModel of the official architecture with seeded weights, for parity checks.

    python tests/parity/make_pair.py a0 build/a0 --classes 600

Fresh weights give flat outputs, so the batch-norm scales and shifts are drawn at random, their statistics settled on
noise, and the last layer enlarged: every logit then depends on every layer.
"""

import argparse
import os
import sys

import numpy as np
import tensorflow as tf
import tf_keras
from official.projects.movinet.tools import export_saved_model

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/demo-model"))
import model as networks  # noqa: E402  (the official settings are written down once, there)


def enliven(model, variation, seed):
    """Gives `model` weights under which its outputs vary."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name.endswith("gamma:0"):
            weight.assign(rng.uniform(0.7, 1.3, weight.shape))
        elif weight.name.endswith("beta:0"):
            weight.assign(rng.normal(0, 0.3, weight.shape))
    shape = [1, 4, 64, 64, 3]
    for _ in range(4):
        inputs = {"image": tf.constant(rng.uniform(0, 1, shape), tf.float32)}
        if variation == "stream":
            inputs.update(model.init_states(shape))
        model(inputs, training=True)
    kernels = [weight for weight in model.weights if weight.name.endswith("kernel:0")]
    kernels[-1].assign(kernels[-1] * 6)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["t0", "a0", "a1", "a2", "a3", "a4", "a5"])
    parser.add_argument("out")
    parser.add_argument("--classes", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fixed", type=int, metavar="PIXELS", help="fix batch, frames and size, as for TF Lite: the "
                        "stream model then has its step as serving_default and no init_states")
    args = parser.parse_args()
    for variation in ("base", "stream"):
        tf_keras.utils.set_random_seed(args.seed)
        model = networks.build(variation, args.classes, export=True, model_id=args.model)
        enliven(model, variation, args.seed)
        streaming = networks.SETTINGS[variation]["causal"]
        shape = (1, 1, args.fixed, args.fixed, 3) if args.fixed and streaming else (None, None, None, None, 3)
        export_saved_model.export_saved_model(
            model, input_shape=shape, export_path=os.path.join(args.out, variation), causal=streaming,
            bundle_input_init_states_fn=not args.fixed)
        tf_keras.backend.clear_session()


if __name__ == "__main__":
    main()
