"""The demo's two networks: MoViNet t0, base and stream, with the official settings of either variation."""

import tensorflow as tf
import tf_keras
from official.projects.movinet.modeling import movinet, movinet_model
from official.vision.modeling.layers import nn_layers

SETTINGS = {
    "base": dict(causal=False, conv_type="3d", se_type="3d", activation="simple_swish", gating_activation="sigmoid"),
    "stream": dict(causal=True, conv_type="2plus1d", se_type="2plus3d", activation="hard_swish",
                   gating_activation="hard_sigmoid"),
}


def build(variation, classes, export=False, model_id="t0"):
    """A classifier of `variation`; with `export`, as the official exporter builds it (external states)."""
    settings = SETTINGS[variation]
    streaming = export and settings["causal"]
    shape = tf_keras.layers.InputSpec(shape=[None, None, None, None, 3])
    backbone = movinet.Movinet(model_id=model_id, input_specs=shape, use_sync_bn=False, norm_momentum=0.98,
                               use_external_states=streaming,
                               use_positional_encoding=settings["causal"] and model_id in ("a3", "a4", "a5"),
                               **settings)
    return movinet_model.MovinetClassifier(
        backbone, num_classes=classes, output_states=streaming, input_specs={"image": shape},
        activation=settings["activation"], dropout_rate=0.0 if export else 0.2)


def train_conv3d_as_2d():
    """Makes Conv3D compute as a sum over its temporal taps of two-dimensional convolutions.

    The official layer compiles each depthwise Conv3D with XLA, twenty times slower to train on a CPU. The weights
    mean the same, so a model trained this way is exported with the official layer (export.py does).
    """

    def call(self, inputs):
        _, stride, _ = self.strides
        kernel, taps = self.kernel, self.kernel_size[0]
        frames = tf.shape(inputs)[1]
        padded = tf.pad(inputs, [[0, 0], [(taps - 1) // 2, taps // 2], [0, 0], [0, 0], [0, 0]])
        total = 0.0
        for tap in range(taps):
            part = padded[:, tap:tap + frames]
            shape = tf.shape(part)
            flat = tf.reshape(part, tf.concat([[-1], shape[2:4], [inputs.shape[-1]]], 0))
            if self.groups == 1:
                total += tf.nn.conv2d(flat, kernel[tap], stride, "SAME")
            else:
                total += tf.nn.depthwise_conv2d(flat, tf.transpose(kernel[tap], [0, 1, 3, 2]), [1, stride, stride, 1],
                                                "SAME")
        shape = tf.concat([[-1, frames], tf.shape(total)[1:3], [kernel.shape[-1]]], 0)
        total = tf.reshape(total, shape)
        return tf.nn.bias_add(total, self.bias) if self.use_bias else total

    nn_layers.Conv3D.call = call
