"""A virtual person on a split-belt treadmill: what a laboratory would record of them, and the truth behind it."""

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

from gaitstudy.conventions import AXES, GRAVITY, SIDES, GaitStudyError, require_positive, variable
from gaitstudy.gait.events import strides as paired
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.load.contact import contact_inputs, reduced
from gaitstudy.simulate import ground, insole, laboratory, limbs
from gaitstudy.simulate.ground import Steps
from gaitstudy.simulate.templates import curve, value

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

    ``recording`` as a C3D file gives it; ``insoles`` dataset as ``io.wearables`` gives it; ``events`` columns ``time``
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
    steps, mass_height = _steps(walker, strides, rng), ground.CENTRE_OF_MASS_HEIGHT * walker.height
    ticks = round(steps.count * steps.period * PLATE_RATE)
    fine = np.arange(ticks) / PLATE_RATE
    share, cop = ground.load_share(steps, fine), ground.centre_of_pressure(steps, fine)
    middle = (share[..., None] * cop).sum(0).mean(0)  # the walker stays in the middle of the treadmill
    steps = replace(steps, forward=steps.forward - middle[0])
    cop = cop - [middle[0], 0.0]
    mass_at = ground.pendulum((share[..., None] * cop).sum(0), PLATE_RATE, mass_height)
    painful = SIDES.index(walker.painful_side)
    softened = walker.soft_step * share[painful]
    upward = ground.vertical_acceleration(steps, fine, ground.froude(walker.speed, walker.height), softened)
    force = ground.forces(walker.mass, mass_height, share, cop, mass_at, upward)
    roll = -np.radians(walker.pelvic_drop) * (share[1] - share[0])
    lean = np.radians(walker.trunk_lean) * (share[1] - share[0]) + walker.trunk_follows * roll
    lean = lean + np.radians(walker.painful_lean) * ground.OUTWARD[painful] * share[painful]
    pelvis_at = mass_at[:, 1] - TRUNK_SHARE * TRUNK_LEVER * walker.height * np.sin(lean)
    knots = np.append(np.arange(0, ticks, 5), ticks) / PLATE_RATE
    at = np.arange(0, ticks + 1, 5) % ticks
    hips_at = CubicSpline(knots, np.column_stack([mass_at[:, 0], pelvis_at, roll])[at], bc_type="periodic")
    start = round(0.4 * steps.period * MARKER_RATE)  # between two contacts
    frames = np.arange(start, start + round((strides + 1.0) * steps.period * MARKER_RATE))
    time = frames / MARKER_RATE
    with np.errstate(invalid="ignore"):  # a leg out of reach gives NaN, which is refused below
        legs = limbs.solve(steps, _body(walker, steps.length), hips_at, time)
    _require_possible(walker, legs, steps)
    plate_from = start * PLATE_RATE // MARKER_RATE
    plate_ticks = np.arange(plate_from, plate_from + len(frames) * PLATE_RATE // MARKER_RATE) % ticks
    coarse = plate_ticks[:: PLATE_RATE // MARKER_RATE]
    loads = laboratory.belts(
        (plate_from + np.arange(len(plate_ticks))) / PLATE_RATE, force[:, plate_ticks], cop[:, plate_ticks]
    )
    tips = (np.interp(time, fine, angle, period=ticks / PLATE_RATE) for angle in (lean, roll))
    marks = laboratory.markers(legs, next(tips), walker.height, time, steps.length, next(tips))
    sides = laboratory.true_legs(legs, marks)
    on_frames = loads.isel(time=slice(None, None, PLATE_RATE // MARKER_RATE)).assign_coords(time=time)
    local = ground.pressure_in_foot(steps, time)
    pressed = np.where((share[:, coarse] > 0)[..., None], local, np.nan)
    unbalanced = _unbalanced(force, cop, mass_at, mass_height, upward, coarse)
    recording = Recording(
        "simulated", laboratory.disturbed(marks, marker_noise, lost, rng), laboratory.noisy(loads, force_noise, rng),
        subject={"bodymass": walker.mass, "height": 1000 * walker.height},
    )  # fmt: skip
    numbers = {
        "speed": walker.speed, "stride_time": steps.period, "double_support": steps.double, "foot_length": steps.length,
        "mean_vertical_force": float(force[..., 1].sum(0).mean() / (walker.mass * GRAVITY)),
    }  # fmt: skip
    return Simulation(
        recording, laboratory.events(steps, force[..., 1], PLATE_RATE, time), sides, on_frames, numbers,
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


def _steps(walker: Walker, strides: int, rng: np.random.Generator) -> Steps:
    count = strides + 2
    frames = round(count * ground.stride_period(walker.speed) * MARKER_RATE)
    drawn = {k: walker.variability * s * rng.standard_normal((2, count)) for k, s in SPREADS.items()}
    return Steps(
        period=frames / MARKER_RATE / count,
        count=count,
        double=ground.double_support(walker.speed, walker.height),
        warp=walker.asymmetry / 2,
        speed=walker.speed,
        length=value("foot_length") * walker.height,
        forward=drawn["forward"],
        outward=walker.step_width / 2 + drawn["outward"],
        angle=walker.foot_progression_angle + drawn["angle"],
        shift=walker.pressure_shift + drawn["shift"],
    )


def _body(walker: Walker, length: float) -> limbs.Body:
    hip = float(laboratory.hip_in_pelvis(walker.height)[2])
    along, up, medial = (length * value(f"ankle_{k}") for k in ("along", "height", "across"))
    shank, thigh = limbs.SHANK * walker.height, limbs.THIGH * walker.height
    inward = walker.leg_rotation * (walker.natural_angle - walker.foot_progression_angle)
    stiff = walker.stiff_knee * (np.array(SIDES) == walker.painful_side)
    body = limbs.Body(shank, thigh, hip, walker.varus, inward, (along, up, medial), length, (stiff[0], stiff[1]))
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


def _require_possible(walker: Walker, legs: limbs.Legs, steps: Steps) -> None:
    """Refuse legs stretched beyond their length and feet below the belt: what comes of steps too long for the body."""
    apart = np.abs(np.linalg.norm(legs.hip - legs.knee, axis=-1) - limbs.THIGH * walker.height)
    stretched = ~(apart < STRETCH)  # not a number is out of reach, too
    toe = legs.heel + steps.length * legs.foot[:, :, 0]
    sunk = max(-float(np.nanmin(point[..., 1])) for point in (legs.heel, toe))
    if stretched.any() or sunk > SINK:
        raise GaitStudyError(
            f"walker: expected steps that the legs can make, found {walker.speed * steps.period / 2:.2f} m (speed "
            f"{walker.speed:.3g} m/s, asymmetry {walker.asymmetry:.2g}) on legs of "
            f"{ground.LEG_LENGTH * walker.height:.2f} m (height {walker.height:.3g} m): a leg beyond its length in "
            f"{int(stretched.sum())} of {stretched.size} frames, a foot {1000 * max(sunk, 0):.0f} mm below the belt. "
            "Give a lower speed, a taller person, or less asymmetry or pelvic drop."
        )


def _truth(
    walker: Walker, legs: dict[str, xr.Dataset], loads: xr.Dataset, pressed: np.ndarray, unbalanced: np.ndarray
) -> xr.Dataset:
    """Moments and contact forces of both knees from noise-free legs and forces, (side, time), and what is known."""
    inputs = [contact_inputs(legs[side], loads, side, walker.mass, sex=walker.sex) for side in SIDES]
    both = [{**own.variables, **reduced(own, walker.mass, walker.height).variables} for own in inputs]
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
