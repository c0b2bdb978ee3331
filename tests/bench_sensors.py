"""Speed of what is made of a foot sensor beside the usual way of computing the same, called by ``bench``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from gaitstudy.gait.foot_imu import _gravity_at, _mounting, _moves, _stands
from gaitstudy.simulate.foot_sensor import foot_sensor
from gaitstudy.simulate.walker import Walker, simulate

if TYPE_CHECKING:
    from tests.bench import Row

SEED = 11
Turn = Callable[[np.ndarray, np.ndarray], np.ndarray]


def turned_by_rotation(axes: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Return an orientation, turned on by a rotation vector in its own axes, rad: one ``Rotation`` a sample."""
    return (Rotation.from_matrix(axes) * Rotation.from_rotvec(vector)).as_matrix()


def turned_by_rodrigues(axes: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Do the same by Rodrigues' formula, written out."""
    angle = np.sqrt(vector @ vector)
    if angle == 0.0:
        return axes
    x, y, z = vector / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return axes @ (np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)


def upright(gravity: np.ndarray) -> np.ndarray:
    """Return the foot's axes in the level whose x is where the foot points, from what it feels at rest."""
    up = gravity / np.linalg.norm(gravity)
    ahead = np.array([1.0, 0.0, 0.0]) - up[0] * up
    ahead /= np.linalg.norm(ahead)
    return np.array([ahead, up, np.cross(ahead, up)])


def loop(turned: Turn, force: np.ndarray, turning: np.ndarray, stands: np.ndarray, rate: float) -> np.ndarray:
    """Go move by move and sample by sample: orientation, its tilt taken out, velocity, its drift taken out, place."""
    first, last = stands[1, :-1], stands[0, 1:]
    begin, finish = _gravity_at(force, first, rate), _gravity_at(force, last, rate)
    size = np.linalg.norm(np.concatenate([begin, finish]), axis=1).mean()
    rates, step, ends = np.radians(turning), 1.0 / rate, []
    for k, (a, b) in enumerate(zip(first, last, strict=True)):
        course = [upright(begin[k])]
        for i in range(a, b):
            course.append(turned(course[-1], (rates[i] + rates[i + 1]) / 2 * step))
        shown = course[-1] @ (finish[k] / np.linalg.norm(finish[k]))
        tilt = np.cross(shown, [0.0, 1.0, 0.0])
        sine = np.linalg.norm(tilt)
        tilt = tilt / sine * np.arctan2(sine, shown[1])
        velocity, before, speeds = np.zeros(3), np.zeros(3), [np.zeros(3)]
        for n in range(b - a + 1):
            righted = turned(np.eye(3), n / (b - a) * tilt) @ course[n]
            moving = righted @ force[a + n] - np.array([0.0, size, 0.0])
            if n:
                velocity = velocity + (before + moving) / 2 * step
                speeds.append(velocity)
            before = moving
        place, earlier = np.zeros(3), np.zeros(3)
        for n in range(1, b - a + 1):
            now = speeds[n] - n / (b - a) * velocity
            place = place + (earlier + now) / 2 * step
            earlier = now
        ends.append(place)
    return np.array(ends)


def strap_down(strides: int = 200, share: int = 40) -> list[Row]:
    """Time where each stride of a foot sensor ends against loops over samples, timed on a share of the strides."""
    from tests.bench import best, compared  # at the call: bench imports this module

    signals = foot_sensor(simulate(Walker(variability=1.0, seed=SEED), strides), "left", noise=(0.05, 0.1), seed=SEED)
    force, turning = signals["acceleration"].values, signals["angular_rate"].values
    rate = float(1 / (signals["time"][1] - signals["time"][0]))
    stands = _stands(turning, rate)
    axes, _ = _mounting(force, turning, stands, rate)
    turning, force = turning @ axes.T, force @ axes.T
    ours, mine = best(lambda: _moves(force, turning, stands, rate), 10)
    few, made = stands[:, : share + 1], stands.shape[1] - 1
    part = _moves(force, turning, few, rate)["end"]
    np.testing.assert_allclose(part, mine["end"][:share], rtol=0, atol=1e-4)  # the size of gravity is the whole walk's
    rows = []
    for name, turned in (("a loop of scipy Rotations", turned_by_rotation), ("its leanest form", turned_by_rodrigues)):
        usual, theirs = best(partial(loop, turned, force, turning, few, rate), 2)
        np.testing.assert_allclose(theirs, part, rtol=0, atol=1e-9)
        task = (
            f"foot sensor, {made} strides at {rate:.0f} Hz from turning to place; v {name}, {share} strides scaled up"
        )
        rows.append(compared(task, usual * made / share, ours))
    return rows
