"""Makes small SavedModels of the kinds that people have, with seeded weights: saved by Keras 2 and 3, around a hub layer,
by the Model Garden's serving export, with fixed shapes, and those that must be refused.

    python tests/parity/make_kinds.py build/kinds [KIND...]

Each kind is a folder with `base`, `stream`, or both. `kinds.txt` beside them has a line for each, the fields divided by
tabs: the kind, `works` or `refused`, the size of the frames, and what it is or why. record_kinds.py adds the numbers.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tarfile
import tempfile

import keras
import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras
from official.core import exp_factory
from official.projects.movinet.configs import movinet as movinet_configs
from official.projects.movinet.modeling import movinet_model  # noqa: F401  (the Garden knows MoViNet by this import)
from official.projects.movinet.tools import export_saved_model
from official.vision.serving import export_saved_model_lib
from small_networks import CLASSES, FRAMES, SIZE, Plain, keras_classifier, settle

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/demo-model"))
import model as networks  # noqa: E402  (the official settings are written down once, there)

DEMO = os.path.join(os.path.dirname(__file__), "../../cache/demo")
DEMO_CLASSES = 12
ANY_SHAPE = (None, None, None, None, 3)
SEED = 1
KINDS = {}


def kind(verdict, what, size=SIZE):
    """Enters a function under its name: it makes the models of a kind in the folder given."""
    def enter(make):
        KINDS[make.__name__.replace("_", "-")] = (make, verdict, size, what)
        return make
    return enter


def base(folder):
    return os.path.join(folder, "base")


def stream(folder):
    return os.path.join(folder, "stream")


# What several kinds are made from.


def save_plain(folder, shape, dtype=tf.float32, name="image", before=lambda video: video,
               outputs=lambda logits: {"logits": logits}):
    """Saves a Plain whose signature takes `shape`; `before` makes of it what the network takes."""
    module = Plain()
    module.serve = tf.function(lambda video: outputs(module.logits(tf.cast(before(video), tf.float32))))
    signature = module.serve.get_concrete_function(tf.TensorSpec(shape, dtype, name))
    tf.saved_model.save(module, base(folder), signatures=signature)


@contextlib.contextmanager
def demo():
    """A folder with the bundled pair, unpacked: an official export of 12 classes, trained."""
    with tempfile.TemporaryDirectory() as folder:
        for variation in ("base", "stream"):
            with tarfile.open(os.path.join(DEMO, f"demo-{variation}.tar.gz")) as tar:
                tar.extractall(os.path.join(folder, variation), filter="data")
        yield folder


def teach(model, variation):
    """Gives a network the demo's weights; its classes, however many, are mixtures of the demo's."""
    with demo() as pair:
        taught = networks.build(variation, DEMO_CLASSES, export=True)
        taught.load_weights(os.path.join(pair, variation, "variables/variables")).expect_partial()
    classes = model.weights[-1].shape[0]
    mixture = np.random.default_rng(SEED).normal(0, 0.7, (DEMO_CLASSES, classes))
    for weight, value in zip(model.weights, taught.get_weights(), strict=True):
        weight.assign(value if weight.shape == value.shape else value @ mixture)


def export(variation, folder, classes, shape=ANY_SHAPE):
    """The official export of the demo's network with other classes, as after fine-tuning. A stream model of a fixed
    `shape` has its step as serving_default and no init_states."""
    model = networks.build(variation, classes, export=True)
    teach(model, variation)
    export_saved_model.export_saved_model(
        model, input_shape=shape, export_path=os.path.join(folder, variation),
        causal=networks.SETTINGS[variation]["causal"], bundle_input_init_states_fn=shape == ANY_SHAPE)


def resave(model, folder, specs, function, name="serving_default", others=()):
    """Saves a loaded model with `function`, of a dict as `specs` are, as the signature `name`; `others` stay."""
    signatures = {other: model.signatures[other] for other in others}
    signatures[name] = tf.function(function).get_concrete_function(specs)
    tf.saved_model.save(model, folder, signatures=signatures)


# Saved by Keras.


@kind("works", "Keras 2, model.save: the input is called input_1")
def keras2_save(folder):
    keras_classifier(tf_keras, (None, None, None, 3)).save(base(folder))


@kind("works", "Keras 3, model.export: endpoints serve and serving_default")
def keras3_export(folder):
    keras_classifier(keras, (None, None, None, 3)).export(base(folder), verbose=False)


@kind("works", f"Keras 2, model.save, fixed to {FRAMES} frames of 96 pixels: the input is called conv3d_input", size=96)
def keras2_fixed_16(folder):
    keras_classifier(tf_keras, (FRAMES, 96, 96, 3), declared=False, size=96).save(base(folder))


@kind("works", f"Keras 3, model.export, fixed to {FRAMES} frames of 96 pixels", size=96)
def keras3_fixed_16(folder):
    keras_classifier(keras, (FRAMES, 96, 96, 3), size=96).export(base(folder), verbose=False)


@kind("works", "hub.KerasLayer of a base model under a Dense of 7 classes, model.save")
def hub_layer_7(folder):
    with demo() as pair:
        tf_keras.utils.set_random_seed(SEED)
        image = tf_keras.Input((None, None, None, 3), name="image")
        logits = hub.KerasLayer(base(pair), trainable=True)({"image": image})
        model = tf_keras.Model(image, tf_keras.layers.Dense(7)(logits))
        settle(model, *model.layers[-1].weights, frames=4)
        model.save(base(folder))


@kind("works", f"Model Garden's serving export: {FRAMES} frames of bytes; logits and probs")
def garden_uint8(folder):
    params = exp_factory.get_exp_config("movinet_kinetics600")
    params.override({"task": {
        "model": {"backbone": {"movinet": {"model_id": "t0", "activation": "simple_swish"}},
                  "norm_activation": {"use_sync_bn": False}, "activation": "simple_swish"},
        "train_data": {"num_classes": CLASSES, "feature_shape": [FRAMES, SIZE, SIZE, 3], "temporal_stride": 1,
                       "min_image_size": SIZE},
        "validation_data": {"feature_shape": [4 * FRAMES, SIZE, SIZE, 3]},  # as the Garden's own: longer than the training's
    }})
    module = export_saved_model_lib.video_classification.VideoClassificationModule(
        params=params, batch_size=1, input_image_size=[FRAMES, SIZE, SIZE])
    teach(module.model, "base")
    with tempfile.TemporaryDirectory() as parts:
        export_saved_model_lib.export_inference_graph(
            "image_tensor", 1, [FRAMES, SIZE, SIZE], params, None, parts, export_module=module,
            export_saved_model_subdir="saved_model")
        os.rename(os.path.join(parts, "saved_model"), base(folder))


# Official pairs, and what their owners do to them.


@kind("works", "a pair of 101 classes, any shape, as the hub's")
def stream_101(folder):
    export("base", folder, 101)
    export("stream", folder, 101)


@kind("works", "a stream model exported for 8 frames a step")
def stream_8_frames(folder):
    export("stream", folder, DEMO_CLASSES, (1, 8, SIZE, SIZE, 3))


@kind("refused", "a stream model exported for a batch of 2")
def stream_batch_2(folder):
    export("stream", folder, CLASSES, (2, 1, SIZE, SIZE, 3))


@kind("works", "a pair of one logit: binary")
def one_logit_pair(folder):
    export("base", folder, 1)
    export("stream", folder, 1)


@kind("works", "a pair of 12 classes with the softmax inside")
def softmax_pair(folder):
    def softened(signature, output):
        def function(inputs):
            outputs = signature(**inputs)
            return {**outputs, output: tf.nn.softmax(outputs[output])}
        return signature.structured_input_signature[1], function

    with demo() as pair:
        model = tf.saved_model.load(base(pair))
        resave(model, base(folder), *softened(model.signatures["serving_default"], "classifier_head"))
        model = tf.saved_model.load(stream(pair))
        resave(model, stream(folder), *softened(model.signatures["call"], "logits"), "call", ["init_states"])


@kind("refused", "a stream model whose states are a0, a1, ... going in and output_1, output_2, ... coming out")
def stream_nameless(folder):
    with demo() as pair:
        model = tf.saved_model.load(stream(pair))
        shape = (1, 1, SIZE, SIZE, 3)
        states = model.signatures["init_states"](input_shape=tf.constant(shape))
        new = {name: f"a{number}" for number, name in enumerate(sorted(states))}
        specs = {new[name]: tf.TensorSpec(state.shape, state.dtype, new[name]) for name, state in states.items()}

        def renamed(inputs):
            outputs = model.signatures["call"](image=inputs["image"], **{name: inputs[new[name]] for name in new})
            return outputs["logits"], *(outputs[name] for name in new)

        resave(model, stream(folder), {"image": tf.TensorSpec(shape, tf.float32, "image"), **specs}, renamed)


# Without Keras.


@kind("works", "tf.Module with logits and probs, both float; the input is called video")
def base_logits_probs(folder):
    save_plain(folder, ANY_SHAPE, name="video",
               outputs=lambda logits: {"logits": logits, "probs": tf.nn.softmax(logits)})


@kind("refused", "a base model of float16 frames")
def base_float16(folder):
    save_plain(folder, ANY_SHAPE, tf.float16)


@kind("refused", "a base model of float64 frames")
def base_float64(folder):
    save_plain(folder, ANY_SHAPE, tf.float64)


@kind("refused", "a base model for a batch of 2")
def base_batch_2(folder):
    save_plain(folder, (2, None, None, None, 3))


@kind("refused", "a base model of frames with the channels first: (1, 3, frames, height, width)")
def base_channels_first(folder):
    save_plain(folder, (1, 3, None, None, None), before=lambda video: tf.transpose(video, [0, 2, 3, 4, 1]))


@kind("refused", "a classifier of single images: four dimensions")
def image_classifier(folder):
    tf_keras.utils.set_random_seed(SEED)
    layers = tf_keras.layers
    tf_keras.Sequential([layers.Conv2D(8, 3, activation="relu", input_shape=(None, None, 3)),
                         layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)]).save(base(folder))


@kind("refused", "a classifier of texts")
def text_classifier(folder):
    module = tf.Module()
    module.words = tf.Variable(np.random.default_rng(SEED).normal(size=(1000, CLASSES)), dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def serve(text):
        words = tf.strings.to_hash_bucket_fast(tf.strings.split(text), 1000)
        return {"logits": tf.reduce_sum(tf.ragged.map_flat_values(lambda at: tf.gather(module.words, at), words), 1)}

    tf.saved_model.save(module, base(folder), signatures=serve)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("kinds", metavar="KIND", nargs="*", choices=[*KINDS, []], help="those alone")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "kinds.txt"), "w") as table:
        for name, (_, verdict, size, what) in KINDS.items():
            table.write(f"{name}\t{verdict}\t{size}\t{what}\n")
    for name in args.kinds or KINDS:
        print(name, flush=True)
        folder = os.path.join(args.out, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for library in (tf_keras, keras):
            library.backend.clear_session()
        KINDS[name][0](folder)


if __name__ == "__main__":
    main()
