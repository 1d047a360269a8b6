"""Renders clips of a figure doing an action: body, clothes, scene, camera and noise all drawn from one seed."""

import cv2
import numpy as np

from actions import ACTIONS, JOINTS, LABELS, VIEWS, skeleton

cv2.setNumThreads(1)  # the training keeps the cores busy already


def _build(rng):
    """Lengths of a body in units of its height."""
    scale = lambda value, spread: value * rng.uniform(1 - spread, 1 + spread)
    return {
        "torso": scale(0.30, 0.08), "shoulders": scale(0.105, 0.15), "hips": scale(0.055, 0.2),
        "upper_arm": scale(0.17, 0.08), "forearm": scale(0.19, 0.08), "thigh": scale(0.245, 0.08),
        "shin": scale(0.25, 0.08), "head": scale(0.068, 0.15), "limb": scale(0.032, 0.3), "belly": scale(1.0, 0.25),
    }


def _color(rng, low=0, high=256):
    color = rng.integers(low, high, 3).astype(float)
    return color + (color.mean() - color) * rng.uniform(0, 1)  # most of the world is not saturated


def _skin(rng):
    light, dark = np.array([240.0, 205, 180]), np.array([75.0, 45, 30])
    return light + (dark - light) * rng.uniform(0, 1) + rng.normal(0, 8, 3)


def _noise(rng, size, cells, color):
    """Smooth noise of `cells` cells a side, brighter and darker than zero, (size, size, 3)."""
    coarse = rng.normal(0, 1, (cells, cells, 3 if color else 1)).astype(np.float32)
    fine = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    return fine.reshape(size, size, -1)


def _background(rng, size, clutter):
    """A scene without the figure, (size, size, 3) float32 in 0..255: sky and ground, a room, or plain texture.

    `clutter` in [0, 1] says how full and how noisy it is.
    """
    image = np.empty((size, size, 3), np.float32)
    top, bottom = _color(rng, 60, 256), _color(rng)
    kind = rng.integers(0, 4)
    ramp = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    image[:] = top + (_color(rng, 60, 256) - top) * ramp
    if kind < 3:
        horizon = int(size * rng.uniform(0.25, 0.85))
        if kind == 0:  # outdoors: a bright sky above grass, sand or road
            image[:horizon] = rng.uniform(170, 255) + rng.normal(0, 10, 3)
            bottom = np.array([90.0, 110, 60]) + rng.normal(0, 30, 3)
        image[horizon:] = bottom + (_color(rng) - bottom) * 0.4 * ramp[: size - horizon]
        for _ in range(int(rng.integers(0, 14) * clutter)):  # trees and houses on the horizon
            x, w, h = rng.integers(0, size), rng.integers(4, size // 4), rng.integers(3, size // 6)
            color = tuple(_color(rng, 0, 200))
            if rng.random() < 0.5:
                cv2.ellipse(image, (int(x), horizon - int(h) // 2), (int(w) // 2 + 1, int(h)), 0, 0, 360, color, -1)
            else:
                cv2.rectangle(image, (int(x), horizon - int(h)), (int(x + w), horizon), color, -1)
    for _ in range(int(rng.integers(0, 7) * clutter)):  # furniture, posters, windows
        x, y = rng.integers(0, size, 2)
        w, h = rng.integers(3, size // 3, 2)
        if rng.random() < 0.6:
            cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), tuple(_color(rng)), -1)
        else:
            cv2.line(image, (int(x), int(y)), (int(x + w), int(y + 3 * (h - size // 6))), tuple(_color(rng)),
                     int(rng.integers(1, 6)))
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 3.0))
    for cells in (6, 24, size // 3, size):
        image += _noise(rng, size, cells, rng.random() < 0.5) * rng.gamma(1.0, 8.0) * clutter
    if kind == 0:  # grass is lively
        image[horizon:] += _noise(rng, size, size // 2, False)[horizon:] * rng.uniform(5, 40) * clutter
    return np.clip(image, 0, 255)


class _Body:
    """One person's looks, and how to draw them at given joints."""

    def __init__(self, rng):
        self.build = _build(rng)
        self.skin, self.shirt, self.trousers = _skin(rng), _color(rng), _color(rng)
        if rng.random() < 0.35:  # dark sportswear is common
            self.shirt, self.trousers = _color(rng, 10, 80), _color(rng, 10, 80)
        self.shoes = _color(rng)
        self.hair = _skin(rng) * 0.4 if rng.random() < 0.8 else self.skin
        self.sleeves, self.legs = rng.random(), rng.random()
        self.odd_leg = rng.random() < 0.15
        self.shade = rng.uniform(0.75, 1.0)

    def _capsule(self, image, a, b, width, color, taper=0.75):
        """A limb from a to b: round at both ends, thinner at b."""
        shift, one = 4, 16
        wide, thin = max(width, 0.6), max(width * taper, 0.5)
        along = np.array(b) - np.array(a)
        length = np.hypot(*along) or 1.0
        normal = np.array([-along[1], along[0]]) / length
        quad = np.array([a + normal * wide, b + normal * thin, b - normal * thin, a - normal * wide])
        cv2.fillConvexPoly(image, np.round(quad * one).astype(np.int32), color, cv2.LINE_AA, shift)
        for point, radius in ((a, wide), (b, thin)):
            cv2.circle(image, tuple(np.round(point * one).astype(int).tolist()), int(radius * one), color, -1,
                       cv2.LINE_AA, shift)

    def draw(self, image, points, depth, unit):
        """Draws the body: `points` (15, 2) in pixels, `depth` (15,) toward the viewer, `unit` pixels a height."""
        limb = self.build["limb"] * unit
        at = lambda name: points[JOINTS[name]]
        near = lambda name: depth[JOINTS[name]]
        pieces = []
        for side, tone in (("left", 1.0), ("right", self.shade)):
            sleeve = self.shirt if self.sleeves > 0.25 else self.skin
            cuff = self.shirt if self.sleeves > 0.75 else self.skin
            leg = self.trousers
            calf = self.trousers if self.legs > 0.5 or (self.odd_leg and side == "left") else self.skin
            arm_depth = (near(f"{side}_elbow") + near(f"{side}_hand")) / 2 + 0.02
            leg_depth = (near(f"{side}_knee") + near(f"{side}_foot")) / 2 - 0.03
            pieces.append((arm_depth, [
                (f"{side}_shoulder", f"{side}_elbow", limb * 1.05, sleeve * tone, 0.8),
                (f"{side}_elbow", f"{side}_hand", limb * 0.8, cuff * tone, 0.75)], f"{side}_hand", self.skin * tone))
            pieces.append((leg_depth, [
                (f"{side}_hip", f"{side}_knee", limb * 1.6, leg * tone, 0.75),
                (f"{side}_knee", f"{side}_foot", limb * 1.15, calf * tone, 0.65)], f"{side}_foot", self.shoes * tone))
        pieces.append((0.0, None, None, None))
        for _, limbs, end, end_color in sorted(pieces, key=lambda piece: piece[0]):
            if limbs is None:
                self._trunk(image, points, unit, limb)
                continue
            for a, b, width, color, taper in limbs:
                self._capsule(image, at(a), at(b), width, color.tolist(), taper)
            self._capsule(image, at(end), at(end), limb * (1.1 if "foot" in end else 0.85), end_color.tolist())

    def _trunk(self, image, points, unit, limb):
        at = lambda name: points[JOINTS[name]]
        waist = self.build["belly"] * limb * 1.7
        corners = [at("left_shoulder"), at("right_shoulder"), at("right_hip"), at("left_hip")]
        cv2.fillPoly(image, [np.round(np.array(corners) * 16).astype(np.int32)], self.shirt.tolist(), cv2.LINE_AA, 4)
        self._capsule(image, at("neck") * 0.88 + at("pelvis") * 0.12, at("pelvis"), waist, self.shirt.tolist(), 0.95)
        self._capsule(image, at("left_shoulder"), at("right_shoulder"), limb * 1.15, self.shirt.tolist(), 1.0)
        self._capsule(image, at("left_hip"), at("right_hip"), limb * 1.6, self.trousers.tolist(), 1.0)
        self._capsule(image, at("neck"), at("head"), limb * 0.8, self.skin.tolist(), 1.0)
        radius = self.build["head"] * unit
        up = at("head") - at("neck")
        up = up / (np.hypot(*up) or 1.0)
        self._capsule(image, at("head") + up * radius * 0.25, at("head") + up * radius * 0.3, radius, self.hair.tolist(), 1)
        self._capsule(image, at("head"), at("head") - up * radius * 0.25, radius * 0.92, self.skin.tolist(), 0.85)


def _props(image, props, points, unit, ground, color, under):
    """Draws what the action needs: what lies behind the body when `under`, the rest in front."""
    width = max(1, int(unit * 0.025))
    if under and props.get("bar"):
        y = int((points[JOINTS["left_hand"], 1] + points[JOINTS["right_hand"], 1]) / 2)
        cv2.line(image, (0, y), (image.shape[1], y), color, width, cv2.LINE_AA)
    if under and props.get("treadmill"):
        x = points[JOINTS["pelvis"], 0]
        facing = props["facing"]
        cv2.line(image, (int(x - unit * 0.45), ground), (int(x + unit * 0.45), ground), color, width * 3)
        post = int(x + facing * unit * 0.42)
        cv2.line(image, (post, ground), (post, int(ground - unit * 0.6)), color, width * 2)
        cv2.line(image, (post, int(ground - unit * 0.6)), (int(post - facing * unit * 0.15), int(ground - unit * 0.62)),
                 color, width * 2)
    if "rope" in props:
        behind = np.cos(props["rope"]) < 0
        if behind == under:
            left, right = points[JOINTS["left_hand"]], points[JOINTS["right_hand"]]
            sag = np.sin(props["rope"] - np.pi / 2) * unit * 0.75 + unit * 0.08
            t = np.linspace(0, 1, 16)[:, None]
            curve = left + (right - left) * t
            curve[:, 1] -= np.sin(np.pi * t[:, 0]) * sag
            middle = curve.mean(axis=0)
            curve[:, 0] = middle[0] + (curve[:, 0] - middle[0]) * (1 + 0.35 * np.sin(np.pi * t[:, 0]))
            cv2.polylines(image, [np.round(curve).astype(np.int32)], False, color, max(1, width // 2), cv2.LINE_AA)


def _motion(rng, action, frames, period):
    """Poses of `action` over `frames` frames, each cycle `period` frames long."""
    style = rng.uniform(0, 1, 4)
    phase = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(frames) / period
    phase = phase + 0.3 * np.sin(phase + rng.uniform(0, 6)) * rng.uniform(0, 1)  # people are not metronomes
    return [ACTIONS[action](p, style) for p in phase]


def render_clip(seed, action, frames=8, size=96, clean=False):
    """A clip of `action`: uint8 (frames, size, size, 3). The same seed gives the same clip.

    `clean` leaves out the compression artefacts and the sensor's noise (the bundled clip must compress well).
    """
    rng = np.random.default_rng(seed)
    # Clips from plain to cluttered: the plain ones are where the training finds its first foothold.
    clutter = rng.uniform(0, 1) ** 1.5
    body = _Body(rng)
    slow = {"cartwheeling": (7, 14), "lunge": (10, 20)}.get(action, (4.5, 12))
    poses = _motion(rng, action, frames, rng.uniform(*slow))
    center, spread = VIEWS[action]
    yaw = np.radians(center + rng.uniform(-spread, spread)) * rng.choice([-1, 1])
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    mirror = rng.choice([-1, 1])
    joints = np.array([skeleton(pose, body.build) for pose in poses]) * [mirror, 1, 1] @ turn.T

    # Frame the whole motion, sometimes cutting it off a little.
    canvas = max(size, 112)
    low, high = joints.min(axis=(0, 1)), joints.max(axis=(0, 1))
    head_room = body.build["head"] * 1.3
    extent = np.array([max(high[0] - low[0], 0.3) + 0.1, high[1] + head_room])
    if action in ("clapping", "waving hand") and rng.random() < 0.5:  # often filmed from the waist up
        low[1] = 0.35
        extent[1] -= low[1]
    unit = canvas * rng.uniform(0.95 - 0.35 * clutter, 1.0) / max(extent)
    middle_x = (low[0] + high[0]) / 2
    slack = np.maximum(canvas - extent * unit, 0)
    origin = np.array([canvas / 2 + rng.uniform(-0.45, 0.45) * slack[0],
                       canvas - slack[1] * rng.uniform(0.05, 0.9) - 0.03 * canvas])

    margin = canvas + 32
    scene = _background(rng, margin, clutter)
    drift, shake, zoom = rng.normal(0, 0.5, 2) * clutter, rng.gamma(1.0, 0.35) * clutter, rng.normal(0, 0.004)
    prop_color = tuple(_color(rng))
    cloth = _noise(rng, margin, margin // 3, False) * rng.uniform(0, 14)
    gain, bias, gamma = rng.uniform(0.6, 1.3), rng.uniform(-30, 40), rng.uniform(0.75, 1.35)
    tint = 1 + rng.normal(0, 0.06, 3)
    grain, quality = rng.gamma(1.0, 3.5) * clutter, int(rng.integers(25, 96))
    blur = max(0.0, rng.normal(0.3, 0.5))

    clip = np.empty((frames, size, size, 3), np.uint8)
    for index, (pose, joint) in enumerate(zip(poses, joints)):
        offset = 16 + drift * (index - frames / 2) + rng.normal(0, shake, 2)
        image = scene.copy()
        points = np.stack([origin[0] + (joint[:, 0] - middle_x) * unit, origin[1] - (joint[:, 1] - low[1]) * unit], 1)
        points += 16
        props = {**pose.props, "facing": np.sign(np.sin(yaw)) * mirror or 1}
        ground = int(origin[1] + 16)
        _props(image, props, points, unit, ground, prop_color, under=True)
        body.draw(image, points, joint[:, 2], unit)
        _props(image, props, points, unit, ground, prop_color, under=False)
        drawn = np.abs(image - scene).sum(axis=2, keepdims=True) > 3
        image = image + cloth * drawn
        scale = (size / canvas) * (1 + zoom * (index - frames / 2))
        warp = np.array([[scale, 0, size / 2 - scale * (offset[0] + canvas / 2)],
                         [0, scale, size / 2 - scale * (offset[1] + canvas / 2)]])
        image = cv2.warpAffine(image, warp, (size, size), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
                               borderMode=cv2.BORDER_REPLICATE)
        if blur > 0.2 and not clean:
            image = cv2.GaussianBlur(image, (0, 0), blur)
        image = 255 * np.clip((image * gain * tint + bias) / 255, 0, 1) ** gamma
        if not clean:
            image += rng.normal(0, grain, image.shape)
        image = np.clip(image, 0, 255).astype(np.uint8)
        if not clean and quality < 90:
            image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        clip[index] = image
    return clip


def random_clip(seed, frames=8, size=96):
    """A clip and its class index, both drawn from `seed`."""
    label = int(np.random.default_rng([seed, 1]).integers(len(LABELS)))
    return render_clip([seed, 2], LABELS[label], frames, size), label
