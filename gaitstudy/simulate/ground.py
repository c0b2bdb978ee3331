"""The virtual walker's feet on the belts: when they stand, where they press, how hard, and where the body's mass is.

Equations in their order: a smooth share of the load passes from foot to foot; the net centre of pressure is the mean of
both feet's, weighted with it; the centre of mass swings over it as the bounded motion of an inverted pendulum; each
foot's force points from its centre of pressure towards the same height above the mass's place. The feet's forces then
add up to mass times (acceleration + g) exactly.

The path of the pressure and the rise and fall of the vertical force are the templates' (``templates``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from gaitstudy.conventions import GRAVITY
from gaitstudy.simulate.templates import curve, smooth_step, value

WALK_RATIO = 0.0063
"""m per (step/min): step length over cadence; Sekiya N, Nagasaki H (1998) Gait Posture 7:225."""
CENTRE_OF_MASS_HEIGHT = 0.57
"""Of body height; general knowledge, unsourced."""
LEG_LENGTH = 0.53
"""Of body height, hip to ground; Winter DA (2009), fig. 4.1."""
NEWTON = 6
"""Steps that find the phase of a time to rounding, for any warp that the walker's limits allow."""
SIDES = ("left", "right")
OUTWARD = np.array([-1.0, 1.0])
"""z of the lab, towards the outside of the left and of the right foot."""


@dataclass(frozen=True)
class Steps:
    """Where and when the feet stand. Arrays are (side, stride): the left foot first, all in m, s and degrees.

    ``period`` s, of a stride; ``count`` strides, after which everything repeats; ``double`` share of the stride;
    ``warp`` strides by which the right foot's contact is later than half the stride: the time of a phase is moved by
    its sine squared, so that the opposite warp is the mirror image; ``speed`` m/s; ``length`` m, heel to toe;
    ``forward``, ``outward`` m: middle of the foot at contact and its distance from the line of travel; ``angle`` deg,
    toe-out; ``shift`` m: how far medially the pressure is moved in the foot.
    """

    period: float
    count: int
    double: float
    warp: float
    speed: float
    length: float
    forward: np.ndarray
    outward: np.ndarray
    angle: np.ndarray
    shift: np.ndarray

    def phases(self, time: np.ndarray) -> np.ndarray:
        """Return both feet's phases in strides since their first contact, (side, time), at times in s."""
        left = self.phase(time, 0)
        return np.stack([left, left - 0.5])

    def phase(self, time: np.ndarray, side: int) -> np.ndarray:
        """Return a foot's phase in strides since its first contact, at times in s."""
        cycle = np.asarray(time, float) / self.period
        if self.warp:
            at = cycle
            for _ in range(NEWTON):
                over = at + self.warp * np.sin(np.pi * at) ** 2 - cycle
                at = at - over / (1 + self.warp * np.pi * np.sin(2 * np.pi * at))
            cycle = at
        return cycle - 0.5 * side

    def when(self, side: int, stride: np.ndarray, phase: float) -> np.ndarray:
        """Return when a foot is at a phase (0-1) of the given strides, s."""
        at = phase + 0.5 * side
        at += self.warp * np.sin(np.pi * at) ** 2
        return (np.asarray(stride, float) + at) * self.period

    def contact(self, side: int, stride: np.ndarray) -> np.ndarray:
        """Return when a foot touches the belt, s."""
        return self.when(side, stride, 0.0)

    def off(self, side: int, stride: np.ndarray) -> np.ndarray:
        """Return when a foot leaves the belt, s: its load has passed to the other foot."""
        return self.when(side, stride, 0.5 + self.double)

    def place(self, name: str, side: int, stride: np.ndarray) -> np.ndarray:
        """Return one of the arrays by stride, repeating itself, in its own unit."""
        return np.asarray(getattr(self, name))[side, np.asarray(stride, int) % self.count]


def stride_period(speed: float) -> float:
    """Return the time of a stride (s) at a speed (m/s), from the walk ratio."""
    return 120.0 / np.sqrt(60.0 * speed / WALK_RATIO)


def froude(speed: float, height: float) -> float:
    """Return the Froude number (no unit) of a speed (m/s) for a body height (m)."""
    return speed**2 / (GRAVITY * LEG_LENGTH * height)


def double_support(speed: float, height: float) -> float:
    """Return the share of the stride between one foot's contact and the other's leaving, at a speed (m/s)."""
    return value("double_support_level") + value("double_support_per_froude") * froude(speed, height)


def load_share(steps: Steps, time: np.ndarray) -> np.ndarray:
    """Return the share (0-1) of the vertical force on each foot, (side, time); they add up to 1. Times in s."""
    return own_share(steps, steps.phases(time) % 1.0)


def own_share(steps: Steps, within: np.ndarray) -> np.ndarray:
    """Return the share (0-1) of the vertical force on one foot, at shares of the stride (0-1) since its contact."""
    return smooth_step(within / steps.double) * (1.0 - smooth_step((within - 0.5) / steps.double))


def vertical_acceleration(
    steps: Steps, time: np.ndarray, amount: float, softened: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return the centre of mass's upward acceleration, m/s^2, (time,), its mean over all strides taken off.

    ``amount`` is the Froude number, to which the template's harmonics are proportional; ``softened`` the share (0-1)
    of them that is left out at each time.
    """
    step = (2.0 * steps.phase(time, 0)) % 1.0
    made = GRAVITY * amount * curve("vertical_force", step) * (1.0 - softened)
    return made - made.mean()


def foot_axes(steps: Steps, side: int, stride: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a planted foot's forward and medial unit vectors in (x, z) of the lab, (stride, 2)."""
    angle = np.radians(steps.place("angle", side, stride))
    out = OUTWARD[side] * np.sin(angle)
    forward = np.stack([np.cos(angle), out], -1)
    return forward, np.stack([np.sin(angle), -OUTWARD[side] * np.cos(angle)], -1)


def heel(steps: Steps, side: int, stride: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return where a planted heel rests on the belt, m, (time, 2): x and z; the foot turns about its middle."""
    forward, _ = foot_axes(steps, side, stride)
    x = steps.place("forward", side, stride) - steps.speed * (time - steps.contact(side, stride))
    z = OUTWARD[side] * steps.place("outward", side, stride)
    return np.stack([x, z], -1) - 0.5 * steps.length * forward


def pressure_in_foot(steps: Steps, time: np.ndarray) -> np.ndarray:
    """Return each foot's centre of pressure from its heel, m, (side, time, 2): along the foot, and medially."""
    return _in_foot(steps, steps.phases(time))


def _in_foot(steps: Steps, phase: np.ndarray) -> np.ndarray:
    """The same at both feet's phases, (side, time)."""
    share = np.clip((phase % 1.0) / (0.5 + steps.double), 0.0, 1.0)
    along, across = (steps.length * curve(name, share) for name in ("cop_along", "cop_across"))
    moved = [steps.place("shift", side, np.floor(phase[side])) for side in (0, 1)]
    return np.stack([along, across + np.stack(moved)], -1)


def centre_of_pressure(steps: Steps, time: np.ndarray) -> np.ndarray:
    """Return each foot's centre of pressure in the lab, m, (side, time, 2): x and z; in swing it means nothing."""
    phase, found = steps.phases(time), []
    local = _in_foot(steps, phase)
    for side in (0, 1):
        stride = np.floor(phase[side])
        forward, medial = foot_axes(steps, side, stride)
        found.append(heel(steps, side, stride, time) + local[side, :, :1] * forward + local[side, :, 1:] * medial)
    return np.stack(found)


def pendulum(net: np.ndarray, rate: float, height: float) -> np.ndarray:
    """Return the bounded motion of a mass over a moving support, by its spectrum.

    Parameters
    ----------
    net : m, (time, 2), the net centre of pressure over a whole period. rate : Hz. height : m, of the centre of mass.

    Returns
    -------
    m, (time, 2): the periodic solution of c'' = (g / h)(c - p).
    """
    stiffness = GRAVITY / height
    turn = 2 * np.pi * rate * fft.rfftfreq(len(net), 1.0)
    spectrum = fft.rfft(net.T) * (stiffness / (stiffness + turn**2))
    return fft.irfft(spectrum, len(net)).T


def forces(
    mass: float, height: float, share: np.ndarray, cop: np.ndarray, mass_at: np.ndarray, upward: np.ndarray
) -> np.ndarray:
    """Return the force under each foot, N, (side, time, axis).

    Parameters
    ----------
    mass : kg. height : m, of the centre of mass. share : (side, time). cop : m, (side, time, 2).
    mass_at : m, (time, 2), the centre of mass. upward : m/s^2, (time,).
    """
    vertical = mass * share * (GRAVITY + upward)
    across = mass * GRAVITY / height * share[..., None] * (mass_at - cop)
    return np.stack([across[..., 0], vertical, across[..., 1]], -1)
