"""Trains one variation of the demo model on rendered clips and writes its weights.

    python train.py base --steps 2500 --out build/base.weights.npz
"""

import argparse
import multiprocessing
import os
import time

import numpy as np

from render import LABELS, random_clip

FRAMES, CROP = 12, 8
HELD_OUT = 10_000_000  # seeds from here on are never trained on


def _render(seed):
    clip, label = random_clip(seed, FRAMES, _render.size)
    return clip, label


def _set_size(size):
    _render.size = size


def rendered(count, size, first_seed, cache):
    """`count` clips (count, FRAMES, size, size, 3) uint8 and labels, rendered once and kept in the folder `cache`."""
    path = os.path.join(cache, f"clips-{first_seed}-{count}-{size}.npz")
    if not os.path.exists(path):
        clips = np.empty((count, FRAMES, size, size, 3), np.uint8)
        labels = np.empty(count, np.int32)
        with multiprocessing.Pool(initializer=_set_size, initargs=(size,)) as pool:
            for index, (clip, label) in enumerate(
                    pool.imap(_render, range(first_seed, first_seed + count), chunksize=32)):
                clips[index], labels[index] = clip, label
        os.makedirs(cache, exist_ok=True)
        np.savez(path + ".part.npz", clips=clips, labels=labels)
        os.replace(path + ".part.npz", path)
    stored = np.load(path)
    return stored["clips"], stored["labels"]


def augmented(rng, clip):
    """One 8-frame view of a 12-frame clip: crop in time, mirror, permuted colour channels, brightness."""
    start = rng.integers(0, FRAMES - CROP + 1)
    view = clip[start:start + CROP]
    if rng.random() < 0.5:
        view = view[:, :, ::-1]
    if rng.random() < 0.5:
        view = view[..., rng.permutation(3)]
    view = view.astype(np.float32) / 255
    return np.clip(view * rng.uniform(0.8, 1.2) + rng.uniform(-0.1, 0.1), 0, 1)


def batches(clips, labels, batch, seed):
    """Endless batches of augmented clips, in an order drawn from `seed`."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(clips))
        for at in range(0, len(order) - batch + 1, batch):
            chosen = order[at:at + batch]
            yield np.stack([augmented(rng, clips[i]) for i in chosen]), labels[chosen]


def accuracy(model, clips, labels):
    right = 0
    for at in range(0, len(clips), 20):
        logits = model({"image": clips[at:at + 20].astype(np.float32) / 255}, training=False)
        right += int((np.argmax(logits, 1) == labels[at:at + 20]).sum())
    return right / len(clips)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variation", choices=["base", "stream"])
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--clips", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", default="build")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    clips, labels = rendered(args.clips, args.size, 0, args.cache)
    held_clips, held_labels = rendered(600, args.size, HELD_OUT, args.cache)

    import tensorflow as tf  # after the rendering: its threads and a forked pool do not mix
    import tf_keras
    import model as networks
    tf_keras.utils.set_random_seed(args.seed)
    networks.train_conv3d_as_2d()
    model = networks.build(args.variation, len(LABELS))
    model.build([None, None, None, None, 3])
    schedule = tf_keras.optimizers.schedules.CosineDecay(
        1e-4, args.steps, warmup_target=3e-3, warmup_steps=min(150, args.steps // 10))
    optimizer = tf_keras.optimizers.AdamW(schedule, weight_decay=1e-3, clipnorm=1.0)

    @tf.function
    def step(images, targets):
        with tf.GradientTape() as tape:
            logits = model({"image": images}, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1, tf.int32), targets), tf.float32))
        return loss, right

    @tf.function
    def settle(images):
        model({"image": images}, training=True)

    source = batches(clips, labels, args.batch, args.seed)
    began, mean_loss, mean_right = time.time(), 0.0, 0.0
    for number in range(1, args.steps + 1):
        loss, right = step(*next(source))
        mean_loss += float(loss) / 50
        mean_right += float(right) / 50
        if number % 50 == 0:
            print(f"{args.variation} step {number}/{args.steps} loss {mean_loss:.3f} accuracy {mean_right:.3f} "
                  f"{(time.time() - began) / number:.3f} s/step", flush=True)
            mean_loss = mean_right = 0.0
        if number % 500 == 0:
            print(f"{args.variation} held-out {accuracy(model, held_clips[:200], held_labels[:200]):.3f}", flush=True)
            save(model, args.out)
    for _ in range(200):  # batch-norm statistics of the final weights
        settle(next(source)[0])
    score = accuracy(model, held_clips, held_labels)
    save(model, args.out)
    print(f"{args.variation} held-out accuracy {score:.4f} on {len(held_labels)} clips", flush=True)


def save(model, path):
    """Writes the weights in the order of `model.weights`, names beside them."""
    names = np.array([weight.name for weight in model.weights])
    np.savez(path, names=names, **{str(index): value for index, value in enumerate(model.get_weights())})


if __name__ == "__main__":
    main()
