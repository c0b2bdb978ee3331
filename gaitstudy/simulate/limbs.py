"""The virtual walker's legs: hips over the mass, ankles over the planted feet, knees bent as the template says.

The knee's bend is given at every instant. In early stance the foot lies flat and the standing leg carries the pelvis
at the height its bend allows; while the heel rises, the pelvis passes to the height of the next standing leg and the
foot's pitch follows; in swing the ankle's height follows. So no leg is ever stretched beyond its length, and every
curve has two derivatives.

Each leg is solved as a right one: x forward, y up, z outwards. Arrays are (time, 3), in m.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.interpolate import CubicSpline

from gaitstudy.simulate import ground
from gaitstudy.simulate.ground import OUTWARD, Steps
from gaitstudy.simulate.templates import curve, early_pitch, smooth_step, value

SHANK, THIGH = 0.246, 0.245
"""Of body height; Winter DA (2009), fig. 4.1."""
LEVEL_AT = 0.6
"""Share of swing at which the foot is level; general knowledge, unsourced."""
NUDGE = 1e-3
"""s; step of the numerical derivatives where swing joins stance."""
BEFORE = 2
"""Strides before the first and after the last in which a step may be asked for."""
LOWEST_HEEL, HIGHEST_HEEL, BISECTIONS = 0.2, -1.6, 36
"""rad; pitch between which the rising foot is sought, and how often the interval is halved."""


@dataclass(frozen=True)
class Body:
    """What the legs are made of: lengths in m, angles in degrees.

    ``shank``, ``thigh`` lengths; ``hip`` half the distance of the hip centres; ``varus`` frontal angle of the knee;
    ``turn`` how far the leg is turned about the hip-ankle line, knee inwards positive; ``foot`` along and up of the
    ankle from the heel on the ground, and medially; ``length`` heel to toe; ``stiff`` the share (0-1) of the bend that
    the left and the right knee leave out while all the load is on that leg.
    """

    shank: float
    thigh: float
    hip: float
    varus: float
    turn: float
    foot: tuple[float, float, float]
    length: float
    stiff: tuple[float, float] = (0.0, 0.0)

    def reach(self, flexion: np.ndarray) -> np.ndarray:
        """Return the hip-ankle distance, m, at a knee flexion in degrees."""
        return np.linalg.norm(self.hip_from_ankle(flexion), axis=-1)

    def hip_from_ankle(self, flexion: np.ndarray) -> np.ndarray:
        """Return the hip seen from the ankle in the shank's own axes, m, (time, 3), at a flexion in degrees."""
        bend, bow = np.radians(flexion), np.radians(self.varus)
        back, up = -np.sin(bend) * np.cos(bow), np.cos(bend) * np.cos(bow)
        inward = np.full_like(bend, -np.sin(bow))
        return np.stack([self.thigh * back, self.shank + self.thigh * up, self.thigh * inward], -1)


@dataclass(frozen=True)
class Legs:
    """Both legs over time, lab frame, m: ``hip, knee, ankle`` (side, time, axis), ``foot`` axes and ``shank`` axes
    (side, time, direction, axis; forward, up, to the walker's right), ``heel`` the heel's point on the sole."""

    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    shank: np.ndarray
    foot: np.ndarray
    heel: np.ndarray


class Planted:
    """A standing foot and the leg above it, as functions of time (s) and stride number."""

    def __init__(self, steps: Steps, body: Body, side: int, hips_at: CubicSpline) -> None:
        self.steps, self.body, self.side, self.hips_at = steps, body, side, hips_at
        self.contact_pitch, self.flat_after = np.radians(value("contact_pitch")), value("flat_after")

    def phase(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the share of the stride since this stride's contact, negative before it."""
        return self.steps.phase(time, self.side) - stride

    def flexion(self, time: np.ndarray) -> np.ndarray:
        """Return the knee's flexion, deg: the template's, whose foot off is brought to the walker's.

        From the other foot's contact on the template runs slower, and makes up for it in swing. A stiff knee leaves
        out a share of it in proportion to the load on the leg.
        """
        phase = self.steps.phase(time, self.side)
        within = phase - np.floor(phase)
        off = 0.5 + self.steps.double
        late = smooth_step((within - 0.5) / self.steps.double) * (1 - smooth_step((within - off) / (1 - off)))
        bend = curve("knee_flexion", phase - (off - value("foot_off")) * late)
        return bend * (1 - self.body.stiff[self.side] * ground.own_share(self.steps, within))

    def hip_place(self, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the hip's x and outward z, and how far it lies above the middle of both, m: the pelvis rolls."""
        x, z, roll = np.moveaxis(self.hips_at(time), -1, 0)
        out, half = OUTWARD[self.side], self.body.hip
        return x, out * z + half * np.cos(roll), -out * half * np.sin(roll)

    def heel(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the heel's point on the ground, m, z outwards."""
        x, z = np.moveaxis(ground.heel(self.steps, self.side, stride, time), -1, 0)
        return np.stack([x, 0 * x, OUTWARD[self.side] * z], -1)

    def heading(self, stride: np.ndarray) -> np.ndarray:
        """Return the foot's toe-out angle, rad."""
        return np.radians(self.steps.place("angle", self.side, stride))

    def early(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the toes' rise about contact, rad."""
        return early_pitch(self.phase(time, stride), self.contact_pitch, self.flat_after)

    def early_ankle(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the ankle while the foot turns about its heel and lies flat, m."""
        axes = sole_axes(self.heading(stride), self.early(time, stride))
        return self.heel(time, stride) + np.einsum("td,tda->ta", self._ankle_in_foot(time), axes)

    def _ankle_in_foot(self, time: np.ndarray) -> np.ndarray:
        along, up, medial = self.body.foot
        return np.broadcast_to([along, up, -medial], (len(time), 3))

    def hip_height(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return how high this leg carries the middle of the hips while its foot lies flat, m."""
        ankle = self.early_ankle(time, stride)
        x, z, rise = self.hip_place(time)
        level = (x - ankle[:, 0]) ** 2 + (z - ankle[:, 2]) ** 2
        return ankle[:, 1] + np.sqrt(self.body.reach(self.flexion(time)) ** 2 - level) - rise

    def late_ankle(self, time: np.ndarray, stride: np.ndarray, pitch: np.ndarray) -> np.ndarray:
        """Return the ankle while the foot rolls over its forefoot, m; pitch in rad, heel up negative.

        The forefoot is a rocker: its contact moves on from the toe marker as the heel rises.
        """
        along, up, medial = self.body.foot
        radius = value("rocker") * self.body.length
        heading = self.heading(stride)
        flat, tilted = sole_axes(heading, 0 * pitch), sole_axes(heading, pitch)
        forward = (self.body.length - radius * pitch)[:, None] * flat[:, 0]
        axle = self.heel(time, stride) + forward + [0.0, radius, 0.0]
        spoke = np.array([along - self.body.length, up - radius, -medial])
        return axle + np.einsum("d,tda->ta", spoke, tilted)

    def late_pitch(self, time: np.ndarray, stride: np.ndarray, middle: np.ndarray) -> np.ndarray:
        """Return the foot's pitch (rad, heel up negative) that lets the leg reach, the hips' middle so high (m)."""
        x, z, rise = self.hip_place(time)
        away = np.stack([x, middle + rise, z], -1) - self.heel(time, stride)
        flat = sole_axes(self.heading(stride), np.zeros(len(time)))
        ahead, above, beside = np.moveaxis(np.einsum("ta,tda->td", away, flat), -1, 0)
        along, up, medial = self.body.foot
        radius, length = value("rocker") * self.body.length, self.body.length
        back, high = along - length, up - radius
        reach = self.body.reach(self.flexion(time)) ** 2 - (beside + medial) ** 2
        low, top = np.full(len(time), LOWEST_HEEL), np.full(len(time), HIGHEST_HEEL)
        for _ in range(BISECTIONS):  # the more the heel rises, the nearer the ankle comes to the hip
            middle = (low + top) / 2
            c, s = np.cos(middle), np.sin(middle)
            level = ahead - (length - radius * middle + back * c - high * s)
            short = level**2 + (above - (radius + back * s + high * c)) ** 2 > reach
            low, top = np.where(short, middle, low), np.where(short, top, middle)
        return (low + top) / 2


def sole_axes(heading: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return a foot's axes, (time, direction, 3), z outwards: heading in rad toe-out, pitch in rad toes up."""
    c, s, up, level = np.cos(heading), np.sin(heading), np.sin(pitch), np.cos(pitch)
    zero = np.zeros_like(c)
    forward = np.stack([level * c, up, level * s], -1)
    upward = np.stack([-up * c, level, -up * s], -1)
    return np.stack([forward, upward, np.stack([-s, zero, c], -1)], 1)


def _lifts(planted: list[Planted]) -> list[np.ndarray]:
    """What the leg to come adds at its contact to the hips' height: (3, stride) of the left and of the right foot."""
    steps = planted[0].steps
    strides = np.arange(-BEFORE, steps.count + BEFORE)
    return [
        _state(partial(_gap, own, other, strides, strides + side), steps.contact(1 - side, strides + side))
        for side, (own, other) in enumerate((planted, planted[::-1]))
    ]


def hip_heights(planted: list[Planted], lifts: list[np.ndarray], time: np.ndarray) -> np.ndarray:
    """Return the height of the middle of the hips, m, (time,).

    The standing leg gives it while its foot lies flat; while its heel rises, a fifth-order path adds what the leg
    to come needs at its contact, in height, speed and acceleration: ``lifts`` by foot, (3, stride).
    """
    steps = planted[0].steps
    step = np.floor(2 * steps.phase(time, 0))  # even ones stand on the left
    height = np.empty(len(time))
    for side, own in enumerate(planted):
        mine = np.flatnonzero(step % 2 == side)
        now, stride = time[mine], (step[mine] - side) / 2
        lift = lifts[side][:, stride.astype(int) + BEFORE]
        start, end = steps.when(side, stride, value("heel_rise")), steps.contact(1 - side, stride + side)
        span = np.minimum(end - start, _longest_rise(*lift))
        u = np.clip(1 - (end - now) / span, 0.0, 1.0)
        height[mine] = own.hip_height(now, stride) + quintic(u, span, np.zeros_like(lift), lift)
    return height


def _longest_rise(gap: np.ndarray, speed: np.ndarray, acceleration: np.ndarray) -> np.ndarray:
    """Longest time (s) in which a fifth-order path can rise to this end (m, m/s, m/s^2) without sinking first."""
    under = np.maximum(16 * speed**2 - 20 * acceleration * gap, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        longest = np.where(under > 0, 20 * gap / (4 * speed + np.sqrt(under)), np.inf)
    return np.where(longest > 0, longest, np.inf)


def _gap(own: Planted, other: Planted, stride: np.ndarray, coming: np.ndarray, time: np.ndarray) -> np.ndarray:
    """How much higher the leg to come carries the hips than the standing one with its foot flat, m."""
    return other.hip_height(time, np.resize(coming, len(time))) - own.hip_height(time, np.resize(stride, len(time)))


def quintic(u: np.ndarray, span: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the fifth-order path between two states, each (3: position, velocity, acceleration, ...), 0 <= u <= 1.

    ``span`` is the path's duration in s; ``u`` (time,); states (3, time, ...) at each instant's own two ends.
    """
    extra = (1,) * (start.ndim - 2)
    u, span = u.reshape(-1, *extra), span.reshape(-1, *extra)
    p0, v0, a0 = start[0], start[1] * span, start[2] * span**2
    p1, v1, a1 = end[0], end[1] * span, end[2] * span**2
    gap = p1 - p0
    c3 = 10 * gap - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1
    c4 = -15 * gap + 8 * v0 + 7 * v1 + 1.5 * a0 - a1
    c5 = 6 * gap - 3 * v0 - 3 * v1 - 0.5 * a0 + 0.5 * a1
    return p0 + u * (v0 + u * (a0 / 2 + u * (c3 + u * (c4 + u * c5))))


def solve(steps: Steps, body: Body, hips_at: CubicSpline, time: np.ndarray) -> Legs:
    """Return both legs at the given times.

    Parameters
    ----------
    steps : of ``ground``. body : lengths and angles. hips_at : x and z of the middle of the hips, m, and the pelvis's
        roll to the right, rad. time : s.
    """
    planted = [Planted(steps, body, side, hips_at) for side in (0, 1)]
    heights = partial(hip_heights, planted, _lifts(planted))
    middle = heights(time)
    sides = [_one_leg(own, heights, time, middle) for own in planted]
    return Legs(*(np.stack([s[k] for s in sides]) for k in range(6)))


def _one_leg(
    own: Planted, heights: Callable[[np.ndarray], np.ndarray], time: np.ndarray, middle: np.ndarray
) -> list[np.ndarray]:
    body, steps, side = own.body, own.steps, own.side
    phase = steps.phase(time, side)
    stride = np.floor(phase)
    phase = phase - stride
    standing = phase < 0.5 + steps.double
    late = standing & (phase >= value("heel_rise"))
    heading, pitch, ankle = own.heading(stride), own.early(time, stride), own.early_ankle(time, stride)
    pitch[late] = own.late_pitch(time[late], stride[late], middle[late])
    ankle[late] = own.late_ankle(time[late], stride[late], pitch[late])
    swing = np.flatnonzero(~standing)
    level, tilt, turned = _swing(own, heights, time[swing], stride[swing])
    x, z, rise = own.hip_place(time)
    height, bend = middle + rise, own.flexion(time)
    reach = body.reach(bend)
    ankle[swing[:, None], [0, 2]] = level
    drop = reach[swing] ** 2 - (x[swing] - level[:, 0]) ** 2 - (z[swing] - level[:, 1]) ** 2
    ankle[swing, 1] = height[swing] - np.sqrt(drop)
    pitch[swing], heading[swing] = tilt, turned
    hip = np.stack([x, height, z], -1)
    shank = _shank_axes(body, bend, hip - ankle)
    knee = ankle + body.shank * shank[:, 1]
    foot = sole_axes(heading, pitch)
    along, up, medial = body.foot
    heel = ankle - np.einsum("d,tda->ta", np.array([along, up, -medial]), foot)
    mirror = np.array([1.0, 1.0, OUTWARD[side]])
    turn = np.array([1.0, 1.0, OUTWARD[side]])[:, None]  # the third axis goes to the right on both sides
    return [hip * mirror, knee * mirror, ankle * mirror, shank * mirror * turn, foot * mirror * turn, heel * mirror]


def _swing(
    own: Planted, heights: Callable[[np.ndarray], np.ndarray], time: np.ndarray, stride: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of the ankle (x, outward z), pitch and heading of the swinging foot, from foot off to the next contact."""
    steps, side = own.steps, own.side
    numbers, where = np.unique(stride, return_inverse=True)
    off, on = steps.off(side, numbers), steps.contact(side, numbers + 1)

    def leaving(at: np.ndarray) -> np.ndarray:
        again = np.resize(numbers, len(at))
        tilt = own.late_pitch(at, again, heights(at))
        return np.column_stack([own.late_ankle(at, again, tilt)[:, [0, 2]], tilt])

    def landing(at: np.ndarray) -> np.ndarray:
        following = np.resize(numbers + 1, len(at))
        return np.column_stack([own.early_ankle(at, following)[:, [0, 2]], own.early(at, following)])

    states = [_state(path, at) for path, at in ((leaving, off), (landing, on))]
    span = (on - off)[where]
    u = (time - off[where]) / span
    path = quintic(u, span, states[0][:, where], states[1][:, where])
    early, level = u < LEVEL_AT, np.zeros((3, len(u)))
    pitch = np.where(
        early,
        quintic(np.minimum(u / LEVEL_AT, 1), LEVEL_AT * span, states[0][:, where, 2], level),
        quintic(np.maximum((u - LEVEL_AT) / (1 - LEVEL_AT), 0), (1 - LEVEL_AT) * span, level, states[1][:, where, 2]),
    )
    first, last = own.heading(numbers), own.heading(numbers + 1)
    return path[:, :2], pitch, first[where] + (last - first)[where] * smooth_step(u)


def _state(path: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Position, speed and acceleration of a path at the given times, by central differences."""
    before, now, after = np.split(path(np.concatenate([at - NUDGE, at, at + NUDGE])), 3)
    return np.stack([now, (after - before) / (2 * NUDGE), (after - 2 * now + before) / NUDGE**2])


def _shank_axes(body: Body, flexion: np.ndarray, leg: np.ndarray) -> np.ndarray:
    """Axes of the shank, (time, direction, 3), from the hip-ankle vector: bent forwards, bowed and turned as asked."""
    own = body.hip_from_ankle(flexion)
    along = own / np.linalg.norm(own, axis=-1, keepdims=True)
    front = np.array([1.0, 0, 0]) - along[:, :1] * along
    front /= np.linalg.norm(front, axis=-1, keepdims=True)
    inner = np.stack([front, along, np.cross(front, along)], 1)  # rows: a frame of the leg, in the shank's axes
    up = leg / np.linalg.norm(leg, axis=-1, keepdims=True)
    ahead = np.array([1.0, 0, 0]) - up[:, :1] * up
    ahead /= np.linalg.norm(ahead, axis=-1, keepdims=True)
    out = np.cross(ahead, up)
    turn = np.radians(body.turn)
    ahead, out = np.cos(turn) * ahead - np.sin(turn) * out, np.sin(turn) * ahead + np.cos(turn) * out
    outer = np.stack([ahead, up, out], 1)  # the same frame in the lab
    return np.einsum("tki,tka->tia", inner, outer)
