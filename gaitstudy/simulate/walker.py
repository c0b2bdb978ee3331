"""A virtual person on a split-belt treadmill: what a laboratory would record of them, and the truth behind it.

Forces, in their order: a smooth share of the load passes from foot to foot; the net centre of pressure is the mean of
both feet's, weighted with it; the centre of mass swings over it as the bounded motion of an inverted pendulum; each
foot's force points from its centre of pressure towards the same height above the mass's place. The feet's forces then
add up to mass times (acceleration + g) exactly.

Legs: the knee's bend is given at every instant. In early stance the foot lies flat and the standing leg carries the
pelvis at the height its bend allows; while the heel rises, the pelvis passes to the height of the next standing leg and
the foot's pitch follows; in swing the ankle's height follows. So no leg is ever stretched beyond its length, and every
curve has two derivatives. Each leg is solved as a right one: x forward, y up, z outwards; arrays are (time, 3), in m.

What is copied from real people (path of the pressure, rise and fall of the force, bend of the knee) is in
``templates``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import fft
from scipy.interpolate import CubicSpline

from gaitstudy.conventions import AXES, GRAVITY, SIDES, GaitStudyError, labelled, pick, require_positive, variable
from gaitstudy.gait.events import THRESHOLD
from gaitstudy.gait.events import strides as paired
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import wrench
from gaitstudy.load.contact import contact_inputs, reduced
from gaitstudy.load.skeleton import gather_leg, hip_offset
from gaitstudy.simulate import insole
from gaitstudy.simulate.templates import curve, early_pitch, smooth_step, value

MARKER_RATE, PLATE_RATE = 100, 1000
"""Hz."""
TRUNK_SHARE, TRUNK_LEVER = 0.678, 0.626 * 0.288
"""Of body mass; of body height, from the hips to the mass of head, arms and trunk; Winter DA (2009), table 4.1."""
STRETCH, SINK = 1e-6, 0.010
"""m; how far a thigh may differ from its length (rounding), and heel or toes come below the belt (a rolling forefoot
gives up to 4 mm): beyond, the walker is refused."""
SPREADS = {"angle": 1.5, "outward": 0.010, "forward": 0.010, "shift": 0.001}
"""From stride to stride at a variability of 1: toe-out (deg), step width and place of the foot (m), pressure in the
foot (m). Assumptions, not measured."""
ASSUMPTIONS = (
    ("imposed", "speed, cadence (walk ratio), double support, step width, foot angle, alignment, trunk lean, pelvic "
                "drop: inputs"),
    ("imposed", "bend of the knee over the stride, path of the pressure along and across the foot, rise and fall of "
                "the vertical force: templates from nine young people"),
    ("imposed", "a foot turned in or out turns about its middle, and the leg turns with it about the hip-ankle line by "
                "a stated share of the angle (1: ankle and foot give nothing)"),
    ("imposed", "the knee is moved inwards by turning the leg about the hip-ankle line, by the same angle throughout"),
    ("imposed", "pain on one side: a knee that bends less under load, a trunk leaned over that foot and a flatter rise "
                "and fall of the force while it stands, each in proportion to the share of the load on that foot; its "
                "shorter stance is the asymmetry of contact times"),
    ("imposed", "a foot type moves no joint; it only changes where the sole touches the insole"),
    ("imposed", "variability: parameters drawn at each contact and blended in swing; time is never stretched"),
    ("imposed", "each foot presses its own belt, however narrow the step; an adult's cadence for all leg lengths"),
    ("imposed", "a pelvis that does not turn, and drops on the swing side by what is asked (0 unless said), rolling on "
                "the standing hip; its height follows the legs and not the centre of mass"),
    ("imposed", "the trunk tips with the dropping pelvis by a stated share (1: as one piece; 0: it stays upright)"),
    ("computed", "centre of mass over the feet (inverted pendulum), and from it the direction of each foot's force"),
    ("computed", "hips, ankles and knees; joint moments by inverse dynamics; contact force by the `reduced` muscles"),
    ("not balanced", "the body's angular momentum; the moment left over about the centre of mass is reported"),
)  # fmt: skip
"""What the walker is given and what it works out: (kind, statement)."""


@dataclass(frozen=True)
class Walker:
    """One virtual person and their way of walking.

    ``mass`` kg, ``height`` m, ``sex`` for segment inertia (or None), ``speed`` m/s; ``foot_progression_angle`` deg,
    toe-out positive; ``step_width`` m, between the middles of the feet; ``varus`` deg, frontal alignment of the knee,
    knock knees negative; ``trunk_lean`` deg, towards the standing leg, at its largest; ``pelvic_drop`` deg, of the
    swing side, at its largest, and ``trunk_follows`` the share of it that the trunk tips with; ``foot_type`` of
    ``insole.FOOT_TYPES``; ``pressure_shift`` m, centre of pressure in the foot, medially; ``knee_medialisation`` m, of
    the knee, at the template's first peak of knee flexion; ``natural_angle`` deg, toe-out at which the leg faces
    forward, and ``leg_rotation`` the share of a change from it that the whole leg turns with; ``asymmetry`` share by
    which the time from left to right contact is longer than half the stride: the left foot then stands longer and the
    right one shorter, and a negative one does the reverse. Pain on ``painful_side`` is what follows, none at 0:
    ``stiff_knee`` share of that knee's bend left out under full load, ``painful_lean`` deg, trunk towards that side
    while its foot stands, ``soft_step`` share of the rise and fall of the vertical force left out while it stands.
    ``variability`` 0 for equal strides, 1 for ``SPREADS``; ``seed`` of all that is drawn.
    """

    mass: float = 75.0
    height: float = 1.75
    sex: str | None = None
    speed: float = 1.2
    foot_progression_angle: float = 7.0
    step_width: float = 0.11
    varus: float = 0.0
    trunk_lean: float = 0.0
    pelvic_drop: float = 0.0
    trunk_follows: float = 1.0
    foot_type: str = "normal"
    pressure_shift: float = 0.0
    knee_medialisation: float = 0.0
    natural_angle: float = 7.0
    leg_rotation: float = 1.0
    asymmetry: float = 0.0
    painful_side: str = "right"
    stiff_knee: float = 0.0
    painful_lean: float = 0.0
    soft_step: float = 0.0
    variability: float = 0.0
    seed: int = 0


PEOPLE_SEED = 2015
"""Of the four virtual people: the year of the article on the treadmill study. Drawn once; nobody was replaced."""


def drawn_from() -> pd.DataFrame:
    """Return mean, SD, unit and source of what differs between virtual people, by quantity; women as a share."""
    return pd.read_csv(catalogue.data_folder() / "published" / "virtual_people.csv").set_index("quantity")


def people(count: int = 4, seed: int = PEOPLE_SEED) -> list[Walker]:
    """Return virtual people drawn from normal distributions (``drawn_from``, units there), one by one."""
    rng = np.random.default_rng(seed)
    table, drawn = drawn_from(), []
    normal = table.dropna(subset="sd")
    for k in range(count):
        size: dict[str, Any] = {name: float(rng.normal(row["mean"], row["sd"])) for name, row in normal.iterrows()}
        sex = "female" if rng.random() < table.loc["women", "mean"] else "male"
        natural = size["foot_progression_angle"]
        drawn.append(Walker(**size, sex=sex, natural_angle=natural, variability=1.0, seed=seed + k))
    return drawn


LIMITS = {
    "speed": (0.5, 1.8, "m/s"), "foot_progression_angle": (-35, 45, "deg"), "step_width": (0, 0.35, "m"),
    "varus": (-12, 12, "deg"), "trunk_lean": (-20, 20, "deg"), "pelvic_drop": (-6, 12, "deg"),
    "trunk_follows": (0, 1, ""), "pressure_shift": (-0.02, 0.02, "m"),
    "knee_medialisation": (-0.1, 0.1, "m"), "asymmetry": (-0.2, 0.2, "of half the stride"),
    "natural_angle": (-35, 45, "deg"), "leg_rotation": (0, 1, ""), "variability": (0, 3, ""),
    "stiff_knee": (0, 1, "of the bend"), "painful_lean": (-20, 20, "deg"), "soft_step": (0, 1, "of the rise and fall"),
}  # fmt: skip

DISTURBANCES = {"marker_noise": (0.1, "m"), "lost": (0.5, "of the frames"), "force_noise": (100.0, "N")}
"""Largest noise and loss that are taken for a laboratory's."""


@dataclass(frozen=True)
class Simulation:
    """A simulated recording and its truth.

    ``recording`` as a C3D file gives it; ``insoles`` dataset as ``io.insoles`` gives it; ``events`` columns ``time``
    (s), ``event``, ``side``, ``touch`` (s; when the load starts or ends to pass, before it crosses the threshold);
    ``legs`` by side, noise-free, as ``load.skeleton`` gives them; ``loads`` on the markers' clock; ``truth`` dataset
    over (side, time): ``knee_adduction_moment, knee_flexion_moment`` N m, ``medial_contact_force,
    lateral_contact_force, total_contact_force`` N, ``centre_of_pressure`` m in the foot, (side, time, foot_axis),
    and over (time,) what is left of the moment about the centre of mass; ``numbers``: the scalars of the walk.
    Insoles and truth are worked out when they are first read.
    """

    recording: Recording
    events: pd.DataFrame
    legs: dict[str, xr.Dataset]
    loads: xr.Dataset
    numbers: dict[str, float]
    make_insoles: Callable[[], xr.Dataset] = field(repr=False)
    make_truth: Callable[[], xr.Dataset] = field(repr=False)

    @cached_property
    def insoles(self) -> xr.Dataset:
        """Return what the insoles give, kPa."""
        return self.make_insoles()

    @cached_property
    def truth(self) -> xr.Dataset:
        """Return the truth, in the units named above."""
        return self.make_truth()


def simulate(
    walker: Walker, strides: int = 60, *, marker_noise: float = 0.0, lost: float = 0.0, force_noise: float = 0.0
) -> Simulation:
    """Return what a laboratory would record of a virtual person, and the truth.

    Parameters
    ----------
    walker : the person. strides : whole strides of each foot that the recording holds.
    marker_noise : m, SD of each marker's coordinates from frame to frame. lost : share of frames that each marker is
        lost in gaps of 20 to 80 ms. force_noise : N, SD of the plates' force and, per m, of their moments.

    Raises
    ------
    GaitStudyError : an input out of range, by name; a knee that cannot be moved so far; steps too long for the legs.
    """
    _check(walker, strides, {"marker_noise": marker_noise, "lost": lost, "force_noise": force_noise})
    rng = np.random.default_rng(walker.seed)
    steps, mass_height = _steps(walker, strides, rng), CENTRE_OF_MASS_HEIGHT * walker.height
    ticks = round(steps.count * steps.period * PLATE_RATE)
    fine = np.arange(ticks) / PLATE_RATE
    share, cop = _load_share(steps, fine), _centre_of_pressure(steps, fine)
    middle = (share[..., None] * cop).sum(0).mean(0)  # the walker stays in the middle of the treadmill
    steps = replace(steps, forward=steps.forward - middle[0])
    cop = cop - [middle[0], 0.0]
    mass_at = _pendulum((share[..., None] * cop).sum(0), PLATE_RATE, mass_height)
    painful = SIDES.index(walker.painful_side)
    softened = walker.soft_step * share[painful]
    upward = _vertical_acceleration(steps, fine, _froude(walker.speed, walker.height), softened)
    force = _forces(walker.mass, mass_height, share, cop, mass_at, upward)
    roll = -np.radians(walker.pelvic_drop) * (share[1] - share[0])
    lean = np.radians(walker.trunk_lean) * (share[1] - share[0]) + walker.trunk_follows * roll
    lean = lean + np.radians(walker.painful_lean) * OUTWARD[painful] * share[painful]
    pelvis_at = mass_at[:, 1] - TRUNK_SHARE * TRUNK_LEVER * walker.height * np.sin(lean)
    knots = np.append(np.arange(0, ticks, 5), ticks) / PLATE_RATE
    at = np.arange(0, ticks + 1, 5) % ticks
    hips_at = CubicSpline(knots, np.column_stack([mass_at[:, 0], pelvis_at, roll])[at], bc_type="periodic")
    start = round(0.4 * steps.period * MARKER_RATE)  # between two contacts
    frames = np.arange(start, start + round((strides + 1.0) * steps.period * MARKER_RATE))
    time = frames / MARKER_RATE
    with np.errstate(invalid="ignore"):  # a leg out of reach gives NaN, which is refused below
        legs = _solve(steps, _body(walker, steps.length), hips_at, time)
    _require_possible(walker, legs, steps)
    plate_from = start * PLATE_RATE // MARKER_RATE
    plate_ticks = np.arange(plate_from, plate_from + len(frames) * PLATE_RATE // MARKER_RATE) % ticks
    coarse = plate_ticks[:: PLATE_RATE // MARKER_RATE]
    loads = _belts((plate_from + np.arange(len(plate_ticks))) / PLATE_RATE, force[:, plate_ticks], cop[:, plate_ticks])
    tips = (np.interp(time, fine, angle, period=ticks / PLATE_RATE) for angle in (lean, roll))
    marks = _markers(legs, next(tips), walker.height, time, steps.length, next(tips))
    sides = _true_legs(legs, marks)
    on_frames = loads.isel(time=slice(None, None, PLATE_RATE // MARKER_RATE)).assign_coords(time=time)
    local = _pressure_in_foot(steps, time)
    pressed = np.where((share[:, coarse] > 0)[..., None], local, np.nan)
    unbalanced = _unbalanced(force, cop, mass_at, mass_height, upward, coarse)
    recording = Recording(
        "simulated", _disturbed(marks, marker_noise, lost, rng), _noisy(loads, force_noise, rng),
        subject={"bodymass": walker.mass, "height": 1000 * walker.height},
    )  # fmt: skip
    numbers = {
        "speed": walker.speed, "stride_time": steps.period, "double_support": steps.double, "foot_length": steps.length,
        "mean_vertical_force": float(force[..., 1].sum(0).mean() / (walker.mass * GRAVITY)),
    }  # fmt: skip
    return Simulation(
        recording, _events(steps, force[..., 1], PLATE_RATE, time), sides, on_frames, numbers,
        partial(insole.insole_samples, time, force[:, coarse, 1], local, steps.length, walker.foot_type),
        partial(_truth, walker, sides, on_frames, pressed, unbalanced),
    )  # fmt: skip


def stances(simulation: Simulation, side: str, by: str = "time") -> np.ndarray:
    """Return when the whole stances of a foot start and end, s, (stance, 2): by the threshold, or by ``touch``."""
    found = paired(simulation.events.assign(time=simulation.events[by]))
    return found.loc[found["side"] == side, ["ic_time", "fo_time"]].to_numpy(float)


def _check(walker: Walker, strides: int, disturbance: dict[str, float]) -> None:
    require_positive(walker.mass, "mass", "kg", 2, 350)
    require_positive(walker.height, "height", "m", 0.5, 2.6)
    problems = [
        f"{name}: expected {low:g} to {high:g} {unit}, found {getattr(walker, name):g}"
        for name, (low, high, unit) in LIMITS.items()
        if not low <= getattr(walker, name) <= high
    ]
    problems += [
        f"{name}: expected 0 to {most:g} {unit}, found {disturbance[name]:g}"
        for name, (most, unit) in DISTURBANCES.items()
        if not 0 <= disturbance[name] <= most
    ]
    if walker.foot_type not in insole.FOOT_TYPES:
        problems.append(f"foot_type: expected one of {', '.join(insole.FOOT_TYPES)}, found '{walker.foot_type}'")
    if walker.painful_side not in SIDES:
        problems.append(f"painful_side: expected one of {', '.join(SIDES)}, found '{walker.painful_side}'")
    if strides < 1:
        problems.append(f"strides: expected 1 or more, found {strides}")
    if problems:
        raise GaitStudyError(f"walker: {'; '.join(problems)}. Give values in these ranges.")


def _steps(walker: Walker, strides: int, rng: np.random.Generator) -> _Steps:
    count = strides + 2
    frames = round(count * _stride_period(walker.speed) * MARKER_RATE)
    drawn = {k: walker.variability * s * rng.standard_normal((2, count)) for k, s in SPREADS.items()}
    return _Steps(
        period=frames / MARKER_RATE / count,
        count=count,
        double=_double_support(walker.speed, walker.height),
        warp=walker.asymmetry / 2,
        speed=walker.speed,
        length=value("foot_length") * walker.height,
        forward=drawn["forward"],
        outward=walker.step_width / 2 + drawn["outward"],
        angle=walker.foot_progression_angle + drawn["angle"],
        shift=walker.pressure_shift + drawn["shift"],
    )


def _body(walker: Walker, length: float) -> _Body:
    hip = float(_hip_in_pelvis(walker.height)[2])
    along, up, medial = (length * value(f"ankle_{k}") for k in ("along", "height", "across"))
    shank, thigh = SHANK * walker.height, THIGH * walker.height
    inward = walker.leg_rotation * (walker.natural_angle - walker.foot_progression_angle)
    stiff = walker.stiff_knee * (np.array(SIDES) == walker.painful_side)
    body = _Body(shank, thigh, hip, walker.varus, inward, (along, up, medial), length, (stiff[0], stiff[1]))
    if not walker.knee_medialisation:
        return body
    bend = curve("knee_flexion", np.linspace(0, 0.4, 401)).max()
    leg = body.hip_from_ankle(np.array([bend]))[0]
    lever = body.shank * np.sqrt(1 - (leg[1] / np.linalg.norm(leg)) ** 2)
    if not abs(walker.knee_medialisation) < 0.95 * lever:
        raise GaitStudyError(
            f"walker: expected a knee medialisation below {0.95 * lever:.3f} m, as a knee bent by {bend:.0f} deg can "
            f"make about the hip-ankle line, found {walker.knee_medialisation:g} m. Give less."
        )
    return replace(body, turn=inward + float(np.degrees(np.arcsin(walker.knee_medialisation / lever))))


def _require_possible(walker: Walker, legs: _Legs, steps: _Steps) -> None:
    """Refuse legs stretched beyond their length and feet below the belt: what comes of steps too long for the body."""
    apart = np.abs(np.linalg.norm(legs.hip - legs.knee, axis=-1) - THIGH * walker.height)
    stretched = ~(apart < STRETCH)  # not a number is out of reach, too
    toe = legs.heel + steps.length * legs.foot[:, :, 0]
    sunk = max(-float(np.nanmin(point[..., 1])) for point in (legs.heel, toe))
    if stretched.any() or sunk > SINK:
        raise GaitStudyError(
            f"walker: expected steps that the legs can make, found {walker.speed * steps.period / 2:.2f} m (speed "
            f"{walker.speed:.3g} m/s, asymmetry {walker.asymmetry:.2g}) on legs of "
            f"{LEG_LENGTH * walker.height:.2f} m (height {walker.height:.3g} m): a leg beyond its length in "
            f"{int(stretched.sum())} of {stretched.size} frames, a foot {1000 * max(sunk, 0):.0f} mm below the belt. "
            "Give a lower speed, a taller person, or less asymmetry or pelvic drop."
        )


def _truth(
    walker: Walker, legs: dict[str, xr.Dataset], loads: xr.Dataset, pressed: np.ndarray, unbalanced: np.ndarray
) -> xr.Dataset:
    """Moments and contact forces of both knees from noise-free legs and forces, (side, time), and what is known."""
    inputs = [contact_inputs(legs[side], loads, side, walker.mass, sex=walker.sex) for side in SIDES]
    both = [{**own.variables, **reduced(own).variables} for own in inputs]
    curves = {
        name: xr.Variable(("side", "time"), np.stack([own[name].values for own in both]), first.attrs)
        for name, first in both[0].items()
        if name != "time"
    }
    curves["centre_of_pressure"] = variable(
        pressed, ("side", "time", "foot_axis"), units="m", frame="foot",
        long_name="centre of pressure, medial positive",
    )  # fmt: skip
    curves["unbalanced_moment"] = variable(
        unbalanced, ("time", "axis"), units="N m", frame="lab",
        long_name="moment of the ground about the centre of mass, not balanced",
    )  # fmt: skip
    coords = {"side": list(SIDES), "time": loads["time"].values, "foot_axis": ["along", "across"], "axis": list(AXES)}
    return xr.Dataset(curves, coords, inputs[0].attrs)


def _unbalanced(
    force: np.ndarray, cop: np.ndarray, mass_at: np.ndarray, height: float, upward: np.ndarray, ticks: np.ndarray
) -> np.ndarray:
    """Moment of both feet's forces about the centre of mass at the given ticks of the loop, N m, (time, axis)."""
    every = PLATE_RATE // MARKER_RATE
    turn = 2 * np.pi * MARKER_RATE * fft.rfftfreq(len(upward) // every, 1.0)
    turn[0] = np.inf
    rise = fft.irfft(fft.rfft(upward[::every]) / -(turn**2), len(upward) // every)[ticks // every]
    centre = np.stack([mass_at[ticks, 0], height + rise, mass_at[ticks, 1]], -1)
    point = np.stack([cop[:, ticks, 0], 0 * cop[:, ticks, 0], cop[:, ticks, 1]], -1)
    return np.cross(point - centre, force[:, ticks]).sum(0)


# ---- feet on the belts ----

WALK_RATIO = 0.0063
"""m per (step/min): step length over cadence; Sekiya N, Nagasaki H (1998) Gait Posture 7:225."""
CENTRE_OF_MASS_HEIGHT = 0.57
"""Of body height; general knowledge, unsourced."""
LEG_LENGTH = 0.53
"""Of body height, hip to ground; Winter DA (2009), fig. 4.1."""
NEWTON = 6
"""Steps that find the phase of a time to rounding, for any warp that the walker's limits allow."""
OUTWARD = np.array([-1.0, 1.0])
"""z of the lab, towards the outside of the left and of the right foot."""


@dataclass(frozen=True)
class _Steps:
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


def _stride_period(speed: float) -> float:
    """Return the time of a stride (s) at a speed (m/s), from the walk ratio."""
    return 120.0 / np.sqrt(60.0 * speed / WALK_RATIO)


def _froude(speed: float, height: float) -> float:
    """Return the Froude number (no unit) of a speed (m/s) for a body height (m)."""
    return speed**2 / (GRAVITY * LEG_LENGTH * height)


def _double_support(speed: float, height: float) -> float:
    """Return the share of the stride between one foot's contact and the other's leaving, at a speed (m/s)."""
    return value("double_support_level") + value("double_support_per_froude") * _froude(speed, height)


def _load_share(steps: _Steps, time: np.ndarray) -> np.ndarray:
    """Return the share (0-1) of the vertical force on each foot, (side, time); they add up to 1. Times in s."""
    return _own_share(steps, steps.phases(time) % 1.0)


def _own_share(steps: _Steps, within: np.ndarray) -> np.ndarray:
    """Return the share (0-1) of the vertical force on one foot, at shares of the stride (0-1) since its contact."""
    return smooth_step(within / steps.double) * (1.0 - smooth_step((within - 0.5) / steps.double))


def _vertical_acceleration(
    steps: _Steps, time: np.ndarray, amount: float, softened: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return the centre of mass's upward acceleration, m/s^2, (time,), its mean over all strides taken off.

    ``amount`` is the Froude number, to which the template's harmonics are proportional; ``softened`` the share (0-1)
    of them that is left out at each time.
    """
    step = (2.0 * steps.phase(time, 0)) % 1.0
    made = GRAVITY * amount * curve("vertical_force", step) * (1.0 - softened)
    return made - made.mean()


def _foot_axes(steps: _Steps, side: int, stride: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a planted foot's forward and medial unit vectors in (x, z) of the lab, (stride, 2)."""
    angle = np.radians(steps.place("angle", side, stride))
    out = OUTWARD[side] * np.sin(angle)
    forward = np.stack([np.cos(angle), out], -1)
    return forward, np.stack([np.sin(angle), -OUTWARD[side] * np.cos(angle)], -1)


def _heel(steps: _Steps, side: int, stride: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return where a planted heel rests on the belt, m, (time, 2): x and z; the foot turns about its middle."""
    forward, _ = _foot_axes(steps, side, stride)
    x = steps.place("forward", side, stride) - steps.speed * (time - steps.contact(side, stride))
    z = OUTWARD[side] * steps.place("outward", side, stride)
    return np.stack([x, z], -1) - 0.5 * steps.length * forward


def _pressure_in_foot(steps: _Steps, time: np.ndarray) -> np.ndarray:
    """Return each foot's centre of pressure from its heel, m, (side, time, 2): along the foot, and medially."""
    return _in_foot(steps, steps.phases(time))


def _in_foot(steps: _Steps, phase: np.ndarray) -> np.ndarray:
    """The same at both feet's phases, (side, time)."""
    share = np.clip((phase % 1.0) / (0.5 + steps.double), 0.0, 1.0)
    along, across = (steps.length * curve(name, share) for name in ("cop_along", "cop_across"))
    moved = [steps.place("shift", side, np.floor(phase[side])) for side in (0, 1)]
    return np.stack([along, across + np.stack(moved)], -1)


def _centre_of_pressure(steps: _Steps, time: np.ndarray) -> np.ndarray:
    """Return each foot's centre of pressure in the lab, m, (side, time, 2): x and z; in swing it means nothing."""
    phase, found = steps.phases(time), []
    local = _in_foot(steps, phase)
    for side in (0, 1):
        stride = np.floor(phase[side])
        forward, medial = _foot_axes(steps, side, stride)
        found.append(_heel(steps, side, stride, time) + local[side, :, :1] * forward + local[side, :, 1:] * medial)
    return np.stack(found)


def _pendulum(net: np.ndarray, rate: float, height: float) -> np.ndarray:
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


def _forces(
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


# ---- legs ----

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
class _Body:
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
class _Legs:
    """Both legs over time, lab frame, m: ``hip, knee, ankle`` (side, time, axis), ``foot`` axes and ``shank`` axes
    (side, time, direction, axis; forward, up, to the walker's right), ``heel`` the heel's point on the sole."""

    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    shank: np.ndarray
    foot: np.ndarray
    heel: np.ndarray


class _Planted:
    """A standing foot and the leg above it, as functions of time (s) and stride number."""

    def __init__(self, steps: _Steps, body: _Body, side: int, hips_at: CubicSpline) -> None:
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
        return bend * (1 - self.body.stiff[self.side] * _own_share(self.steps, within))

    def hip_place(self, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the hip's x and outward z, and how far it lies above the middle of both, m: the pelvis rolls."""
        x, z, roll = np.moveaxis(self.hips_at(time), -1, 0)
        out, half = OUTWARD[self.side], self.body.hip
        return x, out * z + half * np.cos(roll), -out * half * np.sin(roll)

    def heel(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the heel's point on the ground, m, z outwards."""
        x, z = np.moveaxis(_heel(self.steps, self.side, stride, time), -1, 0)
        return np.stack([x, 0 * x, OUTWARD[self.side] * z], -1)

    def heading(self, stride: np.ndarray) -> np.ndarray:
        """Return the foot's toe-out angle, rad."""
        return np.radians(self.steps.place("angle", self.side, stride))

    def early(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the toes' rise about contact, rad."""
        return early_pitch(self.phase(time, stride), self.contact_pitch, self.flat_after)

    def early_ankle(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the ankle while the foot turns about its heel and lies flat, m."""
        axes = _sole_axes(self.heading(stride), self.early(time, stride))
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
        flat, tilted = _sole_axes(heading, 0 * pitch), _sole_axes(heading, pitch)
        forward = (self.body.length - radius * pitch)[:, None] * flat[:, 0]
        axle = self.heel(time, stride) + forward + [0.0, radius, 0.0]
        spoke = np.array([along - self.body.length, up - radius, -medial])
        return axle + np.einsum("d,tda->ta", spoke, tilted)

    def late_pitch(self, time: np.ndarray, stride: np.ndarray, middle: np.ndarray) -> np.ndarray:
        """Return the foot's pitch (rad, heel up negative) that lets the leg reach, the hips' middle so high (m)."""
        x, z, rise = self.hip_place(time)
        away = np.stack([x, middle + rise, z], -1) - self.heel(time, stride)
        flat = _sole_axes(self.heading(stride), np.zeros(len(time)))
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


def _sole_axes(heading: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return a foot's axes, (time, direction, 3), z outwards: heading in rad toe-out, pitch in rad toes up."""
    c, s, up, level = np.cos(heading), np.sin(heading), np.sin(pitch), np.cos(pitch)
    zero = np.zeros_like(c)
    forward = np.stack([level * c, up, level * s], -1)
    upward = np.stack([-up * c, level, -up * s], -1)
    return np.stack([forward, upward, np.stack([-s, zero, c], -1)], 1)


def _lifts(planted: list[_Planted]) -> list[np.ndarray]:
    """What the leg to come adds at its contact to the hips' height: (3, stride) of the left and of the right foot."""
    steps = planted[0].steps
    strides = np.arange(-BEFORE, steps.count + BEFORE)
    return [
        _state(partial(_gap, own, other, strides, strides + side), steps.contact(1 - side, strides + side))
        for side, (own, other) in enumerate((planted, planted[::-1]))
    ]


def _hip_heights(planted: list[_Planted], lifts: list[np.ndarray], time: np.ndarray) -> np.ndarray:
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
        height[mine] = own.hip_height(now, stride) + _quintic(u, span, np.zeros_like(lift), lift)
    return height


def _longest_rise(gap: np.ndarray, speed: np.ndarray, acceleration: np.ndarray) -> np.ndarray:
    """Longest time (s) in which a fifth-order path can rise to this end (m, m/s, m/s^2) without sinking first."""
    under = np.maximum(16 * speed**2 - 20 * acceleration * gap, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        longest = np.where(under > 0, 20 * gap / (4 * speed + np.sqrt(under)), np.inf)
    return np.where(longest > 0, longest, np.inf)


def _gap(own: _Planted, other: _Planted, stride: np.ndarray, coming: np.ndarray, time: np.ndarray) -> np.ndarray:
    """How much higher the leg to come carries the hips than the standing one with its foot flat, m."""
    return other.hip_height(time, np.resize(coming, len(time))) - own.hip_height(time, np.resize(stride, len(time)))


def _quintic(u: np.ndarray, span: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
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


def _solve(steps: _Steps, body: _Body, hips_at: CubicSpline, time: np.ndarray) -> _Legs:
    """Return both legs at the given times.

    Parameters
    ----------
    steps : of ``ground``. body : lengths and angles. hips_at : x and z of the middle of the hips, m, and the pelvis's
        roll to the right, rad. time : s.
    """
    planted = [_Planted(steps, body, side, hips_at) for side in (0, 1)]
    heights = partial(_hip_heights, planted, _lifts(planted))
    middle = heights(time)
    sides = [_one_leg(own, heights, time, middle) for own in planted]
    return _Legs(*(np.stack([s[k] for s in sides]) for k in range(6)))


def _one_leg(
    own: _Planted, heights: Callable[[np.ndarray], np.ndarray], time: np.ndarray, middle: np.ndarray
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
    foot = _sole_axes(heading, pitch)
    along, up, medial = body.foot
    heel = ankle - np.einsum("d,tda->ta", np.array([along, up, -medial]), foot)
    mirror = np.array([1.0, 1.0, OUTWARD[side]])
    turn = np.array([1.0, 1.0, OUTWARD[side]])[:, None]  # the third axis goes to the right on both sides
    return [hip * mirror, knee * mirror, ankle * mirror, shank * mirror * turn, foot * mirror * turn, heel * mirror]


def _swing(
    own: _Planted, heights: Callable[[np.ndarray], np.ndarray], time: np.ndarray, stride: np.ndarray
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
    path = _quintic(u, span, states[0][:, where], states[1][:, where])
    early, level = u < LEVEL_AT, np.zeros((3, len(u)))
    pitch = np.where(
        early,
        _quintic(np.minimum(u / LEVEL_AT, 1), LEVEL_AT * span, states[0][:, where, 2], level),
        _quintic(np.maximum((u - LEVEL_AT) / (1 - LEVEL_AT), 0), (1 - LEVEL_AT) * span, level, states[1][:, where, 2]),
    )
    first, last = own.heading(numbers), own.heading(numbers + 1)
    return path[:, :2], pitch, first[where] + (last - first)[where] * smooth_step(u)


def _state(path: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Position, speed and acceleration of a path at the given times, by central differences."""
    before, now, after = np.split(path(np.concatenate([at - NUDGE, at, at + NUDGE])), 3)
    return np.stack([now, (after - before) / (2 * NUDGE), (after - 2 * now + before) / NUDGE**2])


def _shank_axes(body: _Body, flexion: np.ndarray, leg: np.ndarray) -> np.ndarray:
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


# ---- the laboratory ----

PELVIS_WIDTH, PELVIS_DEPTH = 0.137, 0.086
"""Of body height: between the front spines, and from there to the back; general knowledge, unsourced."""
KNEE_WIDTH, ANKLE_WIDTH = 0.10, 0.07
"""m, between the markers on either side; general knowledge, unsourced."""
NECK = 0.288 + 0.05
"""Of body height, from the hips to the marker on the seventh vertebra; general knowledge, unsourced."""
GAP = (2, 8)
"""Frames; shortest and longest gap of a marker."""


def _hip_in_pelvis(height: float) -> np.ndarray:
    """Return where the right hip lies from the middle of the front spines, m, (axis,), for a body height in m."""
    return hip_offset(
        "harrington", leg_length=LEG_LENGTH * height, pelvis_width=PELVIS_WIDTH * height,
        pelvis_depth=PELVIS_DEPTH * height,
    )  # fmt: skip


def _markers(
    legs: _Legs, lean: np.ndarray, height: float, time: np.ndarray, length: float, roll: np.ndarray | float = 0.0
) -> xr.DataArray:
    """Return the markers' true paths, m, (time, marker, axis), lab frame.

    Parameters
    ----------
    legs : both legs. lean : rad, (time,), of the trunk to the right. height : m. time : s. length : m, of the foot.
    roll : rad, (time,), of the pelvis to the right.
    """
    middle = legs.hip.mean(0)
    hip = _hip_in_pelvis(height)
    zero, s, c = 0 * lean, np.sin(roll) + 0 * lean, np.cos(roll) + 0 * lean
    ahead, above, right = (np.stack(a, -1) for a in ((zero + 1, zero, zero), (zero, c, s), (zero, -s, c)))
    front = middle - hip[0] * ahead - hip[1] * above
    wide, deep = PELVIS_WIDTH * height / 2, PELVIS_DEPTH * height
    paths: dict[str, np.ndarray] = {}
    for side, letter, out in zip((0, 1), "LR", OUTWARD, strict=True):
        shank, foot = legs.shank[side], legs.foot[side]
        thigh = legs.hip[side] - legs.knee[side]
        across = out * shank[:, 2]
        paths |= {
            f"{letter}ASI": front + out * wide * right,
            f"{letter}PSI": front - deep * ahead + out * 0.4 * wide * right,
            f"{letter}THI": legs.knee[side] + 0.4 * thigh + 0.08 * across,
            f"{letter}KNE": legs.knee[side] + KNEE_WIDTH / 2 * across,
            f"{letter}KNM": legs.knee[side] - KNEE_WIDTH / 2 * across,
            f"{letter}TIB": (legs.knee[side] + legs.ankle[side]) / 2 + 0.06 * across,
            f"{letter}ANK": legs.ankle[side] + ANKLE_WIDTH / 2 * across,
            f"{letter}ANM": legs.ankle[side] - ANKLE_WIDTH / 2 * across,
            f"{letter}HEE": legs.heel[side] + length * value("heel_height") * foot[:, 1],
            f"{letter}TOE": legs.heel[side] + length * (foot[:, 0] + value("toe_height") * foot[:, 1]),
        }
    paths["C7"] = middle + NECK * height * np.stack([0 * lean, np.cos(lean), np.sin(lean)], -1)
    return labelled(
        np.stack(list(paths.values()), 1), ("time", "marker", "axis"), units="m", frame="lab",
        long_name="simulated marker position", coords={"time": time, "marker": list(paths), "axis": list(AXES)},
    )  # fmt: skip


def _true_legs(legs: _Legs, marks: xr.DataArray) -> dict[str, xr.Dataset]:
    """Return both legs as ``load.skeleton`` builds them, from the true joint centres and axes (m), by side."""
    result = {}
    for k, side in enumerate(SIDES):
        letter = side[0].upper()
        up = legs.hip[k] - legs.knee[k]
        up = up / np.linalg.norm(up, axis=-1, keepdims=True)
        forward = np.cross(up, legs.shank[k, :, 2])
        forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
        thigh = np.stack([forward, up, np.cross(forward, up)], 1)
        heel, toe = (pick(marks, marker=f"{letter}{end}") for end in ("HEE", "TOE"))
        points = {"hip": legs.hip[k], "knee": legs.knee[k], "ankle": legs.ankle[k], "heel": heel, "toe": toe}
        axes = {"shank": legs.shank[k], "thigh": thigh}
        result[side] = gather_leg(side, marks["time"].values, points, axes)
    return result


def _belts(time: np.ndarray, force: np.ndarray, cop: np.ndarray) -> xr.Dataset:
    """Return the ground reactions of both belts.

    Parameters
    ----------
    time : s. force : N, (side, time, axis). cop : m, (side, time, 2), x and z of the lab.

    Returns
    -------
    Dataset of ``io.plates.wrench`` with the plates ``left`` and ``right``, each 2 m by .5 m.
    """
    point = np.stack([cop[..., 0], 0 * cop[..., 0], cop[..., 1]], -1)
    moment = np.cross(point, force)
    edge = np.array([[1.0, 0, 0.25], [-1.0, 0, 0.25], [-1.0, 0, -0.25], [1.0, 0, -0.25]])
    corners = np.stack([edge + [0, 0, out * 0.25] for out in OUTWARD])
    return wrench(time, list(SIDES), np.moveaxis(force, 0, 1), np.moveaxis(moment, 0, 1), np.zeros(2), corners)


def _events(steps: _Steps, vertical: np.ndarray, rate: int, time: np.ndarray) -> pd.DataFrame:
    """Return when each foot's true vertical force crosses the threshold of contact, and when it touches.

    Parameters
    ----------
    vertical : N, (side, tick), of one loop of the steps. rate : Hz, of it. time : s, of the recording.

    Returns
    -------
    ``time`` (s), ``event``, ``side``, ``touch`` (s; when the load starts or ends to pass), by time.
    """
    ticks = vertical.shape[1]
    rows = []
    for side, name in enumerate(SIDES):
        numbers = np.arange(-1, steps.count + 1)
        touch = {"initial_contact": steps.contact(side, numbers), "foot_off": steps.off(side, numbers)}
        now = vertical[side]
        then = np.roll(now, -1)
        for event, rising in (("initial_contact", True), ("foot_off", False)):
            at = np.flatnonzero(
                (now <= THRESHOLD) & (then > THRESHOLD) if rising else (now > THRESHOLD) & (then <= THRESHOLD)
            )
            crossing = (at + (THRESHOLD - now[at]) / (then[at] - now[at])) / rate
            crossing = np.concatenate([crossing, crossing + ticks / rate])
            for moment in crossing[(crossing >= time[0]) & (crossing <= time[-1])]:
                nearest = touch[event][np.argmin(np.abs(touch[event] - moment))]
                rows.append((moment, event, name, nearest))
    table = pd.DataFrame(rows, columns=["time", "event", "side", "touch"])
    return table.sort_values("time", kind="stable", ignore_index=True)


def _disturbed(marks: xr.DataArray, noise: float, lost: float, rng: np.random.Generator) -> xr.DataArray:
    """Return markers as cameras give them.

    Parameters
    ----------
    marks : m, (time, marker, axis). noise : m, SD of each coordinate, independent from frame to frame.
    lost : share of frames in which a marker is lost, in gaps of ``GAP`` frames. rng : draws them.
    """
    seen = marks.copy(data=marks.values + (noise * rng.standard_normal(marks.shape) if noise else 0.0))
    gaps = round(lost * marks.sizes["time"] / np.mean(GAP)) if lost else 0
    for k in range(marks.sizes["marker"] if gaps else 0):
        for start in rng.integers(GAP[1], marks.sizes["time"] - 2 * GAP[1], gaps):
            seen.values[start : start + rng.integers(GAP[0], GAP[1] + 1), k] = np.nan
    return seen


def _noisy(loads: xr.Dataset, noise: float, rng: np.random.Generator) -> xr.Dataset:
    """Return ground reactions with independent noise: SD in N on each force, and in N m on each moment."""
    if not noise:
        return loads
    changed = {k: loads[k] + noise * rng.standard_normal(loads[k].shape) for k in ("force", "moment")}
    return loads.assign({k: v.assign_attrs(loads[k].attrs) for k, v in changed.items()})
