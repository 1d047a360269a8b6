"""Small video classifiers with seeded weights that make lively logits: they differ over classes and clips."""

import numpy as np
import tensorflow as tf

SIZE = 64
FRAMES = 16  # of the bundled clip: models fixed to a number of frames are run on it
CLASSES = 5


def settle(logits, kernel, bias, size=SIZE, frames=FRAMES):
    """Scales the last layer so that `logits` vary over classes and clips: over clips of noise in several colours each has
    a spread of 3."""
    rng = np.random.default_rng(1)
    clips = rng.uniform(0, 1, (12, 1, 1, 1, 3)) * rng.uniform(0, 1, (12, frames, size, size, 3))
    values = np.asarray(logits(tf.constant(clips, tf.float32)))
    scale = 3 / values.std(0)
    kernel.assign(np.asarray(kernel) * scale)
    bias.assign((np.asarray(bias) - values.mean(0)) * scale + rng.normal(0, 2, values.shape[1]))


def keras_classifier(library, shape, declared=True, size=SIZE):
    """A video classifier of `library`, Keras 2 or 3, for clips of `shape`; its input is declared or left to the first layer."""
    library.utils.set_random_seed(int(library.__version__[0]))
    layers = library.layers
    told = {} if declared else {"input_shape": shape}
    model = library.Sequential([
        *([library.Input(shape)] if declared else []),
        layers.Conv3D(8, 3, strides=(1, 2, 2), padding="same", activation="relu", **told),
        layers.MaxPooling3D((1, 2, 2)),
        layers.Conv3D(16, 3, padding="same", activation="relu"),
        layers.GlobalAveragePooling3D(),
        layers.Dense(CLASSES),
    ])
    settle(model, *model.weights[-2:], size=size)
    return model


class Plain(tf.Module):
    """Two convolutions and a matrix, without Keras."""

    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(1)
        self.first = tf.Variable(rng.normal(0, 0.2, (3, 3, 3, 3, 8)), dtype=tf.float32)
        self.second = tf.Variable(rng.normal(0, 0.1, (3, 3, 3, 8, 16)), dtype=tf.float32)
        self.head = tf.Variable(rng.normal(0, 0.3, (16, CLASSES)), dtype=tf.float32)
        self.bias = tf.Variable(np.zeros(CLASSES), dtype=tf.float32)
        settle(self.logits, self.head, self.bias)

    def logits(self, video):
        seen = tf.nn.relu(tf.nn.conv3d(video, self.first, [1, 1, 2, 2, 1], "SAME"))
        seen = tf.nn.relu(tf.nn.conv3d(seen, self.second, [1, 1, 2, 2, 1], "SAME"))
        return tf.reduce_mean(seen, [1, 2, 3]) @ self.head + self.bias
