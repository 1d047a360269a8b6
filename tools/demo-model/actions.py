"""What the figure does: for each action, a pose as a function of the phase.

A pose is a handful of joint angles in degrees. `flex` swings a limb forward, `abd` swings it sideways, both
counted from hanging straight down; arms turn with the torso, legs with the pelvis. `skeleton` turns a pose into
joint positions in three dimensions, in units of the figure's height (x to the figure's left, y up, z forward).
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Pose:
    """Joint angles in degrees; a pair is (left, right), and each limb is a (flex, abd)."""

    upper_arms: tuple = ((0, 8), (0, 8))
    forearms: tuple = ((10, 6), (10, 6))
    thighs: tuple = ((0, 4), (0, 4))
    shins: tuple = ((0, 3), (0, 3))
    torso_pitch: float = 0.0
    torso_roll: float = 0.0
    head_pitch: float = 0.0
    body_pitch: float = 0.0
    body_roll: float = 0.0
    lift: float = 0.0
    shift: float = 0.0
    hang: bool = False
    props: dict = field(default_factory=dict)


def _both(limb):
    return (limb, limb)


def _swing(phase):
    """0 at phase 0, 1 at half a cycle, smooth."""
    return (1 - np.cos(phase)) / 2


def jumping_jacks(phase, style):
    s = _swing(phase)
    reach = 120 + 55 * style[0]
    arm = 12 + (reach - 12) * s
    # Real arms bend: some people clap above the head, some only throw their forearms up.
    upper = 12 + (min(reach, 90 + 80 * style[1]) - 12) * s
    leg = 3 + (14 + 14 * style[2]) * s
    hop = 0.05 * abs(np.sin(phase)) * style[3]
    return Pose(upper_arms=_both((8, upper)), forearms=_both((12 * (1 - s), arm)), thighs=_both((0, leg)),
                shins=_both((-10 * abs(np.sin(phase)), leg)), lift=hop)


def squat(phase, style):
    s = _swing(phase) * (0.75 + 0.25 * style[0])
    arms = (85 * (s if style[1] < 0.5 else 1.0), 6)
    if style[2] < 0.3:
        return Pose(upper_arms=_both((25, 45)), forearms=_both((80, -70)), thighs=_both((105 * s, 14)),
                    shins=_both((-35 * s, 5)), torso_pitch=38 * s)
    return Pose(upper_arms=_both(arms), forearms=_both((arms[0] + 8, 2)), thighs=_both((105 * s, 14)),
                shins=_both((-35 * s, 5)), torso_pitch=38 * s)


def lunge(phase, style):
    s = _swing(2 * phase)
    front, back = (80 * s, 4), (-25 * s, 4)
    shin_front, shin_back = (-6 * s, 3), (-85 * s, 3)
    left_leads = (phase % (2 * np.pi)) < np.pi or style[0] < 0.3
    order = (lambda a, b: (a, b)) if left_leads else (lambda a, b: (b, a))
    hands_on_hips = style[1] < 0.5
    upper, fore = ((-15, 40), (25, -45)) if hands_on_hips else ((5, 8), (12, 6))
    return Pose(upper_arms=_both(upper), forearms=_both(fore), thighs=order(front, back),
                shins=order(shin_front, shin_back), torso_pitch=6 * s)


def push_up(phase, style):
    s = _swing(phase)
    return Pose(upper_arms=_both((82 - 62 * s, 8 + 45 * s * style[0])), forearms=_both((84 + 14 * s, 4)),
                thighs=_both((0, 3)), shins=_both((0, 3)), body_pitch=68 + 15 * s, head_pitch=-25)


def situp(phase, style):
    s = _swing(phase)
    upper, fore = ((125, 40), (200, -30)) if style[0] < 0.6 else ((35, 15), (70, -40))
    return Pose(upper_arms=_both(upper), forearms=_both(fore), thighs=_both((50, 4)), shins=_both((-42, 3)),
                torso_pitch=-4 + 72 * s * (0.7 + 0.3 * style[1]), body_pitch=-88, head_pitch=12 * s)


def clapping(phase, style):
    s = _swing(phase)
    high = 20 + 40 * style[0]
    return Pose(upper_arms=_both((high, 14 + 14 * s)), forearms=_both((high + 50, -22 + 62 * s)),
                torso_pitch=4, head_pitch=5 * s)


def waving_hand(phase, style):
    swing = np.sin(phase)
    upper = (20 * style[0], 50 + 60 * style[1])
    fore = (15, 172 + (25 + 20 * style[2]) * swing)
    rest = ((0, 8), (12, 6)) if style[3] < 0.7 else ((-15, 40), (25, -45))
    return Pose(upper_arms=(upper, rest[0]), forearms=(fore, rest[1]), torso_roll=3 * swing)


def high_kick(phase, style):
    s = _swing(phase) ** 1.5
    kick = 95 + 45 * style[0]
    return Pose(upper_arms=((30, 25), (20 - 50 * s, 30)), forearms=((95, -10), (80 - 60 * s, 5)),
                thighs=((kick * s, 6), (-6 * s, 4)), shins=((kick * s - 30 * np.sin(phase) ** 2, 5), (-4, 3)),
                torso_pitch=-20 * s)


def pull_ups(phase, style):
    s = _swing(phase)
    wide = 14 + 22 * style[0]
    bent = style[1] < 0.5
    return Pose(upper_arms=_both((0, 172 - wide - (95 - wide) * s)), forearms=_both((0, 176 - 6 * s)),
                thighs=_both((18 * style[2], 3)), shins=_both((-70 if bent else -6, 2)), head_pitch=-12,
                hang=True, props={"bar": True})


def running_on_treadmill(phase, style):
    stride = 30 + 16 * style[0]
    left, right = np.sin(phase), -np.sin(phase)
    bend = lambda lead: 20 + 55 * max(0.0, np.cos(lead))
    return Pose(upper_arms=((-38 * left, 8), (-38 * right, 8)), forearms=((75 - 30 * left, 0), (75 - 30 * right, 0)),
                thighs=((10 + stride * left, 3), (10 + stride * right, 3)),
                shins=((10 + stride * left - bend(phase), 2), (10 + stride * right - bend(phase + np.pi), 2)),
                torso_pitch=8, lift=0.03 * abs(np.cos(phase)), props={"treadmill": True})


def skipping_rope(phase, style):
    hop = max(0.0, np.cos(phase))
    return Pose(upper_arms=_both((0, 18)), forearms=_both((30, 42 + 8 * np.sin(phase))), thighs=_both((6, 2)),
                shins=_both((-16 * hop, 2)), lift=(0.03 + 0.07 * style[0]) * hop, props={"rope": phase})


def cartwheeling(phase, style):
    turn = phase / (2 * np.pi)
    open_legs = 15 + 35 * style[0]
    return Pose(upper_arms=_both((0, 168)), forearms=_both((0, 172)), thighs=_both((0, open_legs)),
                shins=_both((0, open_legs)), body_roll=-360 * turn, shift=1.5 * turn)


# Names as in Kinetics-600, in its alphabetical order; the index in this list is the class.
ACTIONS = {
    "cartwheeling": cartwheeling,
    "clapping": clapping,
    "high kick": high_kick,
    "jumping jacks": jumping_jacks,
    "lunge": lunge,
    "pull ups": pull_ups,
    "push up": push_up,
    "running on treadmill": running_on_treadmill,
    "situp": situp,
    "skipping rope": skipping_rope,
    "squat": squat,
    "waving hand": waving_hand,
}
LABELS = list(ACTIONS)

# Yaw of the body in degrees (centre, spread): 0 looks into the camera, 90 is a side view.
VIEWS = {
    "push up": (75, 40), "situp": (80, 30), "running on treadmill": (70, 45), "high kick": (55, 45),
    "lunge": (50, 50), "squat": (35, 55), "cartwheeling": (0, 20), "waving hand": (0, 30), "clapping": (0, 35),
    "jumping jacks": (0, 30), "pull ups": (0, 35), "skipping rope": (0, 60),
}


def _rotate_x(points, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _rotate_z(points, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def _limb(flex, abd, side):
    flex, abd = np.radians(flex), np.radians(abd)
    return np.array([side * np.sin(abd), -np.cos(flex) * np.cos(abd), np.sin(flex) * np.cos(abd)])


def skeleton(pose, build):
    """Joint positions of `pose`, (14, 3), for a body with the lengths in `build`; the lowest joint stands on y = 0
    (or, where the figure hangs, the hands stay at one height).

    Order: pelvis, neck, head, and for left then right: shoulder, elbow, hand; then hip, knee, foot left and right is
    stored as hip-less pairs (knee, foot) after the hips; see JOINTS.
    """
    arms, shoulders = [], []
    for side, upper, fore in zip((1, -1), pose.upper_arms, pose.forearms):
        shoulder = np.array([side * build["shoulders"], build["torso"], 0])
        elbow = shoulder + build["upper_arm"] * _limb(*upper, side)
        hand = elbow + build["forearm"] * _limb(*fore, side)
        shoulders.append(shoulder)
        arms += [elbow, hand]
    neck = np.array([0, build["torso"] * 1.03, 0])
    nod = _rotate_x(np.array([[0, build["head"] * 1.5, build["head"] * 0.15]]), -pose.head_pitch)[0]
    upper_body = np.array([neck, neck + nod, *shoulders, *arms])
    upper_body = _rotate_z(_rotate_x(upper_body, -pose.torso_pitch), pose.torso_roll)
    legs, hips = [], []
    for side, thigh, shin in zip((1, -1), pose.thighs, pose.shins):
        hip = np.array([side * build["hips"], 0, 0])
        knee = hip + build["thigh"] * _limb(*thigh, side)
        foot = knee + build["shin"] * _limb(*shin, side)
        hips.append(hip)
        legs += [knee, foot]
    points = np.vstack([np.zeros((1, 3)), upper_body, hips, legs])
    points = _rotate_z(_rotate_x(points, -pose.body_pitch), pose.body_roll)
    if pose.hang:
        points[:, 1] -= (points[JOINTS["left_hand"], 1] + points[JOINTS["right_hand"], 1]) / 2 - 1.35
    else:
        points[:, 1] += pose.lift - points[:, 1].min()
    points[:, 0] += pose.shift
    return points


JOINTS = {name: index for index, name in enumerate(
    ["pelvis", "neck", "head", "left_shoulder", "right_shoulder", "left_elbow", "left_hand", "right_elbow",
     "right_hand", "left_hip", "right_hip", "left_knee", "left_foot", "right_knee", "right_foot"])}
