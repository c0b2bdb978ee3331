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
``TEMPLATES``; the list of all that is imposed and all that is computed stands in section 2 of page 03.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import fft
from scipy.interpolate import CubicSpline

from gaitstudy.conventions import AXES, GRAVITY, SIDES, GaitStudyError, labelled, pick, variable
from gaitstudy.gait.events import THRESHOLD
from gaitstudy.gait.events import strides as paired
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.io.plates import wrench
from gaitstudy.load.contact import contact_inputs, reduced
from gaitstudy.load.skeleton import gather_leg, hip_offset, unit
from gaitstudy.simulate import insole

MARKER_RATE, PLATE_RATE = 100, 1000
"""Hz."""
EVERY = PLATE_RATE // MARKER_RATE
TRUNK_SHARE, TRUNK_LEVER = 0.678, 0.626 * 0.288
"""Of body mass; of body height, from the hips to the mass of head, arms and trunk; Winter DA (2009), table 4.1."""
STRETCH, SINK = 1e-6, 0.010
"""m; how far a thigh may differ from its length (rounding), and heel or toes come below the belt (a rolling forefoot
gives up to 4 mm): beyond, the walker is refused."""
SPREADS = {"angle": 1.5, "outward": 0.010, "forward": 0.010, "shift": 0.001}
"""From stride to stride at a variability of 1: toe-out (deg), step width and place of the foot (m), pressure in the
foot (m). Assumptions, not measured."""


def _within(usual: float, low: float, high: float, units: str = "") -> Any:
    """An input of ``Walker``: what it is unless it is given, its smallest and largest value, and its unit."""
    return field(default=usual, metadata={"limits": (low, high, units)})


@dataclass(frozen=True)
class Walker:
    """One virtual person and their way of walking.

    ``mass`` kg, ``height`` m, ``sex`` for segment inertia (or None), ``speed`` m/s; ``foot_progression_angle`` deg,
    toe-out positive; ``step_width`` m, between the middles of the feet; ``varus`` deg, frontal alignment of the knee,
    knock knees negative; ``trunk_lean`` deg, towards the standing leg, at its largest; ``pelvic_drop`` deg, of the
    swing side, at its largest, and ``trunk_follows`` the share of it that the trunk tips with; ``foot_type`` of
    ``insole.FOOT_TYPES``; ``pressure_shift`` m, centre of pressure in the foot, medially; ``knee_medialisation`` m, of
    the knee, at the template's first peak of knee flexion; ``natural_angle`` deg, toe-out at which the leg faces
    forward: it turns with the foot by the difference; ``asymmetry`` share by which the time from left to right contact
    is longer than half the stride: the left foot then stands longer and the right one shorter, and a negative one does
    the reverse. Pain in the right knee is what follows, none at 0: ``stiff_knee`` share of its bend left out under full
    load, ``painful_lean`` deg, trunk towards that side while its foot stands, ``soft_step`` share of the rise and fall
    of the vertical force left out while it stands. ``variability`` 0 for equal strides, 1 for ``SPREADS``; ``seed`` of
    all that is drawn.
    """

    mass: float = _within(75.0, 2, 350, "kg")
    height: float = _within(1.75, 0.5, 2.6, "m")
    sex: str | None = None
    speed: float = _within(1.2, 0.5, 1.8, "m/s")
    foot_progression_angle: float = _within(7.0, -35, 45, "deg")
    step_width: float = _within(0.11, 0, 0.35, "m")
    varus: float = _within(0.0, -12, 12, "deg")
    trunk_lean: float = _within(0.0, -20, 20, "deg")
    pelvic_drop: float = _within(0.0, -6, 12, "deg")
    trunk_follows: float = _within(1.0, 0, 1)
    foot_type: str = "normal"
    pressure_shift: float = _within(0.0, -0.02, 0.02, "m")
    knee_medialisation: float = _within(0.0, -0.1, 0.1, "m")
    natural_angle: float = _within(7.0, -35, 45, "deg")
    asymmetry: float = _within(0.0, -0.2, 0.2, "of half the stride")
    stiff_knee: float = _within(0.0, 0, 1, "of the bend")
    painful_lean: float = _within(0.0, -20, 20, "deg")
    soft_step: float = _within(0.0, 0, 1, "of the rise and fall")
    variability: float = _within(0.0, 0, 3)
    seed: int = 0


LIMITS: dict[str, tuple[float, float, str]] = {
    **{each.name: each.metadata["limits"] for each in fields(Walker) if each.metadata},
    "strides": (1, np.inf, ""), "marker_noise": (0, 0.1, "m"), "lost": (0, 0.5, "of the frames"),
    "force_noise": (0, 100, "N"),
}  # fmt: skip
"""Smallest and largest of each input of ``Walker`` and ``simulate``, and its unit."""


def people(count: int = 4, seed: int = 2015, variability: float = 1.0) -> list[Walker]:
    """Return virtual people drawn one by one from the normal distributions of ``data/published/virtual_people.csv``.

    Parameters
    ----------
    count : people with their height in m, mass in kg, speed in m/s and the other inputs that the file names.
    seed : of the draws; by default the year of the article on the treadmill study (drawn once, nobody was replaced).
    variability : of their strides, see ``Walker``; 0 for equal ones.
    """
    rng = np.random.default_rng(seed)
    table = pd.read_csv(catalogue.data_folder() / "published" / "virtual_people.csv").set_index("quantity")
    normal, drawn = table.dropna(subset="sd"), []
    for k in range(count):
        size: dict[str, Any] = {name: float(rng.normal(row["mean"], row["sd"])) for name, row in normal.iterrows()}
        sex = "female" if rng.random() < table.loc["women", "mean"] else "male"
        natural = size["foot_progression_angle"]
        drawn.append(Walker(**size, sex=sex, natural_angle=natural, variability=variability, seed=seed + k))
    return drawn


@dataclass(frozen=True)
class Simulation:
    """A simulated recording and its truth.

    ``recording`` as a C3D file gives it; ``insoles`` dataset as ``io.insoles`` gives it, kPa; ``events`` columns
    ``time`` (s), ``event``, ``side``, ``touch`` (s; when the load starts or ends to pass, before it crosses the
    threshold); ``legs`` by side, noise-free, as ``load.skeleton`` gives them; ``loads`` on the markers' clock;
    ``truth`` dataset over (side, time): all of ``contact.contact_inputs`` and ``contact.reduced``, such as
    ``knee_adduction_moment, knee_flexion_moment`` N m, ``medial_contact_force, lateral_contact_force,
    total_contact_force`` N, and ``centre_of_pressure`` m in the foot, (side, time, foot_axis); ``numbers``: the scalars
    of the walk, ``speed`` m/s, ``stride_time`` s, ``double_support`` share of the stride, ``foot_length`` m,
    ``mean_vertical_force`` BW, and ``unbalanced_moment`` N m, the most that is left about the centre of mass.
    """

    recording: Recording
    insoles: xr.Dataset
    events: pd.DataFrame
    legs: dict[str, xr.Dataset]
    loads: xr.Dataset
    truth: xr.Dataset
    numbers: dict[str, float]


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
    GaitStudyError : an input out of range, by name; steps, or a shift of the knee, that the legs do not allow.
    """
    noise = {"marker_noise": marker_noise, "lost": lost, "force_noise": force_noise}
    given = {**asdict(walker), **noise, "strides": strides}
    for name, (low, high, units) in LIMITS.items():
        if not low <= given[name] <= high:
            raise GaitStudyError(
                f"walker: expected {name} from {low:g} to {high:g} {units}, found {given[name]:g}. Change it."
            )
    rng = np.random.default_rng(walker.seed)
    steps = _Steps(walker, strides, rng)
    share, cop, mass_at, upward, force = _forces(walker, steps)
    middle = np.array([(share[..., None] * cop).sum(0).mean(0)[0], 0.0])  # of the treadmill: the walker stays there
    steps.forward, cop, mass_at = steps.forward - middle[0], cop - middle, mass_at - middle
    roll = -np.radians(walker.pelvic_drop) * (share[1] - share[0])
    lean = np.radians(walker.trunk_lean) * (share[1] - share[0]) + walker.trunk_follows * roll
    lean = lean + np.radians(walker.painful_lean) * share[1]
    pelvis_at = mass_at[:, 1] - TRUNK_SHARE * TRUNK_LEVER * walker.height * np.sin(lean)
    fine = np.arange(len(roll) + 1) / PLATE_RATE
    places = np.column_stack([mass_at[:, 0], pelvis_at, roll])[::5]
    hips_at = CubicSpline(fine[::5], np.vstack([places, places[:1]]), bc_type="periodic")

    start = round(0.4 * steps.period * MARKER_RATE)  # between two contacts
    frames = np.arange(start, start + round((strides + 1.0) * steps.period * MARKER_RATE))
    time, coarse = frames / MARKER_RATE, frames * EVERY
    seen = slice(coarse[0], coarse[-1] + EVERY)
    with np.errstate(invalid="ignore"):  # a leg out of reach gives NaN, which is refused
        legs = _solve(walker, steps, hips_at, time)
    loads = _belts(fine[seen], force[:, seen], cop[:, seen])
    on_frames = loads.isel(time=slice(None, None, EVERY)).assign_coords(time=time)
    markers = _markers(legs, walker.height, steps.length, time, lean[coarse], roll[coarse])
    sides = _true_legs(legs, markers)
    local = _pressure_in_foot(steps, time)
    pressed = np.where((share[:, coarse] > 0)[..., None], local, np.nan)
    unbalanced = _unbalanced(force, cop, mass_at, CENTRE_OF_MASS_HEIGHT * walker.height, upward)[coarse // EVERY]
    recording = Recording(
        "simulated", _disturbed(markers, marker_noise, lost, rng),
        loads.assign({
            k: loads[k].copy(data=loads[k] + force_noise * rng.standard_normal(loads[k].shape))
            for k in ("force", "moment")
        }),
        subject={"bodymass": walker.mass, "height": 1000 * walker.height},
    )  # fmt: skip
    numbers = {
        "speed": walker.speed, "stride_time": steps.period, "double_support": steps.double, "foot_length": steps.length,
        "mean_vertical_force": float(force[..., 1].sum(0).mean() / (walker.mass * GRAVITY)),
        "unbalanced_moment": float(np.abs(unbalanced).max()),
    }  # fmt: skip
    return Simulation(
        recording, insole.insole_samples(time, force[:, coarse, 1], local, steps.length, walker.foot_type),
        _events(steps, force[..., 1], time), sides, on_frames, _truth(walker, sides, on_frames, pressed),
        numbers,
    )  # fmt: skip


def stances(simulation: Simulation, side: str, by: str = "time") -> np.ndarray:
    """Return when the whole stances of a foot start and end, s, (stance, 2): by the threshold, or by ``touch``."""
    found = paired(simulation.events.assign(time=simulation.events[by]))
    return found.loc[found["side"] == side, ["ic_time", "fo_time"]].to_numpy(float)


def _truth(walker: Walker, legs: dict[str, xr.Dataset], loads: xr.Dataset, pressed: np.ndarray) -> xr.Dataset:
    """Moments and contact forces of both knees from noise-free legs and forces, (side, time), and what is known."""
    inputs = [contact_inputs(legs[side], loads, side, walker.mass, sex=walker.sex) for side in SIDES]
    both = [own.assign(reduced(own)) for own in inputs]
    truth = xr.concat(both, pd.Index(SIDES, name="side"), combine_attrs="override")
    truth["centre_of_pressure"] = variable(
        pressed, ("side", "time", "foot_axis"), units="m", frame="foot",
        long_name="centre of pressure, medial positive",
    )  # fmt: skip
    return truth.assign_coords(foot_axis=["along", "across"])


def _unbalanced(
    force: np.ndarray, cop: np.ndarray, mass_at: np.ndarray, height: float, upward: np.ndarray
) -> np.ndarray:
    """Moment of both feet's forces about the centre of mass over the loop, 100 Hz, N m, (time, axis)."""
    force, cop, mass_at, upward = force[:, ::EVERY], cop[:, ::EVERY], mass_at[::EVERY], upward[::EVERY]
    turn = 2 * np.pi * MARKER_RATE * fft.rfftfreq(len(upward), 1.0)
    turn[0] = np.inf
    rise = fft.irfft(fft.rfft(upward) / -(turn**2), len(upward))
    centre = np.stack([mass_at[:, 0], height + rise, mass_at[:, 1]], -1)
    return np.cross(_on_the_belt(cop) - centre, force).sum(0)


def _on_the_belt(place: np.ndarray) -> np.ndarray:
    """Points of the belt's surface from their x and z, m."""
    return np.stack([place[..., 0], 0 * place[..., 0], place[..., 1]], -1)


# ---- what is copied from real people ----

TEMPLATES = "walker_templates.csv"
"""In ``data/derived`` (made by ``tables.walking_templates.fit``); under its whole name, by which the hash of the code
behind a table finds what it reads."""


@cache
def _templates() -> dict[tuple[str, str, int], float]:
    """Return every stored number by curve, term (cos, sin, value) and order."""
    rows = pd.read_csv(catalogue.data_folder() / "derived" / TEMPLATES).set_index(["curve", "term", "order"])["value"]
    return {(str(name), str(term), int(order)): float(number) for (name, term, order), number in rows.items()}


def _value(name: str) -> float:
    """Return one proportion of the templates, in the unit that the stored table gives."""
    return _templates()[name, "value", 0]


def _curve(name: str, share: np.ndarray) -> np.ndarray:
    """Return a template curve, the sum of its harmonics, in the unit that the stored table gives.

    Parameters
    ----------
    name : ``knee_flexion`` (deg) over the stride, ``vertical_force`` over the step, ``cop_along``, ``cop_across``
        (heel-to-toe lengths) over stance. share : 0-1 of stride, step or stance, any shape.
    """
    waves, amounts = {"cos": np.cos, "sin": np.sin}, _templates()
    angle = (np.pi if name.startswith("cop") else 2 * np.pi) * np.asarray(share, float)
    result = np.full(angle.shape, amounts[name, "cos", 0])
    for (of, term, order), amount in amounts.items():
        if of == name and order:
            result += amount * waves[term](order * angle)
    return result


def _smooth_step(u: np.ndarray) -> np.ndarray:
    """Return 0 below 0, 1 above 1 and between them a rise whose first two derivatives vanish at both ends (no unit)."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


def _early_pitch(phase: np.ndarray, at_contact: float, flat_after: float) -> np.ndarray:
    """Return how far the toes are up about initial contact, in the unit of ``at_contact``.

    Parameters
    ----------
    phase : share of the stride since contact; negative before it. at_contact : toe-up angle at contact.
    flat_after : share of the stride after which the foot is flat.
    """
    return 2 * at_contact * (1 - _smooth_step((phase / flat_after + 1) / 2))


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


class _Steps:
    """Where and when the feet of a walker stand. Arrays are (side, stride): the left foot first, all in m, s, degrees.

    ``period`` s, of a stride; ``count`` strides, after which everything repeats; ``double`` share of the stride;
    ``warp`` strides by which the right foot's contact is later than half the stride: the time of a phase is moved by
    its sine squared, so that the opposite warp is the mirror image; ``speed`` m/s; ``length`` m, heel to toe;
    ``forward``, ``outward`` m: middle of the foot at contact and its distance from the line of travel; ``angle`` deg,
    toe-out; ``shift`` m: how far medially the pressure is moved in the foot; ``off``: the phase (0-1) at which a foot
    leaves the belt, its load having passed to the other one.
    """

    def __init__(self, walker: Walker, strides: int, rng: np.random.Generator) -> None:
        self.count, self.warp, self.speed = strides + 2, walker.asymmetry / 2, walker.speed
        frames = round(self.count * 120.0 / np.sqrt(60.0 * walker.speed / WALK_RATIO) * MARKER_RATE)
        self.period = frames / MARKER_RATE / self.count
        self.double = _value("double_support_level") + _value("double_support_per_froude") * _froude(walker)
        self.off, self.length = 0.5 + self.double, _value("foot_length") * walker.height
        drawn = {k: walker.variability * s * rng.standard_normal((2, self.count)) for k, s in SPREADS.items()}
        self.forward, self.outward = drawn["forward"], walker.step_width / 2 + drawn["outward"]
        self.angle = walker.foot_progression_angle + drawn["angle"]
        self.shift = walker.pressure_shift + drawn["shift"]

    def phase(self, time: np.ndarray, side: int) -> np.ndarray:
        """Return a foot's phase in strides since its first contact, at times in s."""
        cycle = at = np.asarray(time, float) / self.period
        for _ in range(NEWTON if self.warp else 0):
            over = at + self.warp * np.sin(np.pi * at) ** 2 - cycle
            at = at - over / (1 + self.warp * np.pi * np.sin(2 * np.pi * at))
        return at - 0.5 * side

    def when(self, side: int, stride: np.ndarray, phase: float = 0.0) -> np.ndarray:
        """Return when a foot is at a phase (0-1) of the given strides, s: 0 is its contact with the belt."""
        at = phase + 0.5 * side
        at += self.warp * np.sin(np.pi * at) ** 2
        return (np.asarray(stride, float) + at) * self.period

    def place(self, name: str, side: int, stride: np.ndarray) -> np.ndarray:
        """Return one of the arrays by stride, repeating itself, in its own unit."""
        return np.asarray(getattr(self, name))[side, np.asarray(stride, int) % self.count]

    def share(self, phase: np.ndarray) -> np.ndarray:
        """Return the share (0-1) of the vertical force on a foot at its phase; both feet's add up to 1."""
        within = phase % 1.0
        return _smooth_step(within / self.double) * (1.0 - _smooth_step((within - 0.5) / self.double))


def _froude(walker: Walker) -> float:
    return walker.speed**2 / (GRAVITY * LEG_LENGTH * walker.height)


def _forces(walker: Walker, steps: _Steps) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the forces under the feet over one loop of the steps, 1000 Hz, and what they follow from.

    Returns
    -------
    share of the load, (side, time); centre of pressure in the lab, m, (side, time, 2: x and z), of no meaning in swing;
    centre of mass, m, (time, 2: x and z), and its upward acceleration, m/s^2, (time,); force, N, (side, time, axis).
    """
    time = np.arange(round(steps.count * steps.period * PLATE_RATE)) / PLATE_RATE
    share = np.stack([steps.share(steps.phase(time, side)) for side in (0, 1)])
    local, places = _pressure_in_foot(steps, time), []
    for side in (0, 1):
        stride = np.floor(steps.phase(time, side))
        forward, _, right = np.moveaxis(_foot_axes(np.radians(steps.place("angle", side, stride)), 0 * time), 1, 0)
        place = _heel(steps, side, stride, time) + local[side, :, :1] * forward - local[side, :, 1:] * right
        places.append(place[:, [0, 2]] * [1.0, OUTWARD[side]])
    cop = np.stack(places)
    height = CENTRE_OF_MASS_HEIGHT * walker.height
    mass_at = _pendulum((share[..., None] * cop).sum(0), PLATE_RATE, height)
    wave = GRAVITY * _froude(walker) * _curve("vertical_force", (2.0 * steps.phase(time, 0)) % 1.0)
    upward = wave * (1.0 - walker.soft_step * share[1])
    upward -= upward.mean()
    across = walker.mass * GRAVITY / height * share[..., None] * (mass_at - cop)
    vertical = walker.mass * share * (GRAVITY + upward)
    return share, cop, mass_at, upward, np.stack([across[..., 0], vertical, across[..., 1]], -1)


def _pressure_in_foot(steps: _Steps, time: np.ndarray) -> np.ndarray:
    """Return each foot's centre of pressure from its heel, m, (side, time, 2): along the foot, and medially."""
    found = []
    for side in (0, 1):
        phase = steps.phase(time, side)
        share = np.clip((phase % 1.0) / steps.off, 0.0, 1.0)
        along, across = (steps.length * _curve(name, share) for name in ("cop_along", "cop_across"))
        found.append(np.stack([along, across + steps.place("shift", side, np.floor(phase))], -1))
    return np.stack(found)


def _heel(steps: _Steps, side: int, stride: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return where a planted heel rests on the belt, m, (time, 3), z outwards; the foot turns about its middle."""
    heading = np.radians(steps.place("angle", side, stride))
    x = steps.place("forward", side, stride) - steps.speed * (time - steps.when(side, stride))
    z = steps.place("outward", side, stride)
    half = 0.5 * steps.length
    return np.stack([x - half * np.cos(heading), 0 * x, z - half * np.sin(heading)], -1)


def _foot_axes(heading: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return a foot's axes, (time, direction, 3), z outwards: heading in rad toe-out, pitch in rad toes up."""
    c, s, up, level = np.cos(heading), np.sin(heading), np.sin(pitch), np.cos(pitch)
    forward = np.stack([level * c, up, level * s], -1)
    upward = np.stack([-up * c, level, -up * s], -1)
    return np.stack([forward, upward, np.stack([-s, 0 * c, c], -1)], 1)


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

Height = Callable[[np.ndarray], np.ndarray]
"""Of the middle of the hips, m, at times in s."""


class _Leg:
    """One leg as functions of time (s) and stride number: planted, or on its way to the next contact.

    ``hips_at`` gives x and z of the middle of the hips, m, and the pelvis's roll to the right, rad.
    """

    def __init__(self, walker: Walker, steps: _Steps, side: int, hips_at: CubicSpline) -> None:
        self.steps, self.side, self.hips_at, self.length = steps, side, hips_at, steps.length
        self.shank, self.thigh = SHANK * walker.height, THIGH * walker.height
        self.half = float(_hip_in_pelvis(walker.height)[2])
        self.varus, self.stiff = np.radians(walker.varus), walker.stiff_knee * side
        self.along, self.up, self.medial = (steps.length * _value(f"ankle_{k}") for k in ("along", "height", "across"))
        self.radius = _value("rocker") * steps.length
        self.contact_pitch, self.flat_after = np.radians(_value("contact_pitch")), _value("flat_after")
        bend = _curve("knee_flexion", np.linspace(0, 0.4, 401)).max()
        lever = self.shank * np.sqrt(1 - unit(self.hip_from_ankle(np.array([bend])))[0, 1] ** 2)
        self.turn = np.radians(walker.natural_angle - walker.foot_progression_angle)
        self.turn += np.arcsin(walker.knee_medialisation / lever)

    def flexion(self, time: np.ndarray) -> np.ndarray:
        """Return the knee's flexion, deg: the template's, whose foot off is brought to the walker's.

        From the other foot's contact on the template runs slower, and makes up for it in swing. A stiff knee leaves
        out a share of it in proportion to the load on the leg.
        """
        phase = self.steps.phase(time, self.side)
        within, off = phase % 1.0, self.steps.off
        late = _smooth_step((within - 0.5) / self.steps.double) * (1 - _smooth_step((within - off) / (1 - off)))
        bend = _curve("knee_flexion", phase - (off - _value("foot_off")) * late)
        return bend * (1 - self.stiff * self.steps.share(phase))

    def hip_from_ankle(self, flexion: np.ndarray) -> np.ndarray:
        """Return the hip seen from the ankle in the shank's own axes, m, (time, 3), at a flexion in degrees."""
        bend = np.radians(flexion)
        back, up = -np.sin(bend) * np.cos(self.varus), np.cos(bend) * np.cos(self.varus)
        inward = np.full_like(bend, -np.sin(self.varus))
        return np.stack([self.thigh * back, self.shank + self.thigh * up, self.thigh * inward], -1)

    def reach(self, time: np.ndarray) -> np.ndarray:
        """Return the hip-ankle distance, m."""
        return np.linalg.norm(self.hip_from_ankle(self.flexion(time)), axis=-1)

    def hip_place(self, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the hip's x and outward z, and how far it lies above the middle of both, m: the pelvis rolls."""
        x, z, roll = np.moveaxis(self.hips_at(time), -1, 0)
        out = OUTWARD[self.side]
        return x, out * z + self.half * np.cos(roll), -out * self.half * np.sin(roll)

    def heading(self, stride: np.ndarray) -> np.ndarray:
        """Return the foot's toe-out angle, rad."""
        return np.radians(self.steps.place("angle", self.side, stride))

    def early_pitch(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the toes' rise about contact, rad."""
        return _early_pitch(self.steps.phase(time, self.side) - stride, self.contact_pitch, self.flat_after)

    def early_ankle(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return the ankle while the foot turns about its heel and lies flat, m."""
        axes = _foot_axes(self.heading(stride), self.early_pitch(time, stride))
        return _heel(self.steps, self.side, stride, time) + [self.along, self.up, -self.medial] @ axes

    def hip_height(self, time: np.ndarray, stride: np.ndarray) -> np.ndarray:
        """Return how high this leg carries the middle of the hips while its foot lies flat, m."""
        ankle = self.early_ankle(time, stride)
        x, z, rise = self.hip_place(time)
        level = (x - ankle[:, 0]) ** 2 + (z - ankle[:, 2]) ** 2
        return ankle[:, 1] + np.sqrt(self.reach(time) ** 2 - level) - rise

    def late_ankle(self, time: np.ndarray, stride: np.ndarray, pitch: np.ndarray) -> np.ndarray:
        """Return the ankle while the foot rolls over its forefoot, m; pitch in rad, heel up negative.

        The forefoot is a rocker: its contact moves on from the toe marker as the heel rises.
        """
        heading = self.heading(stride)
        forward = (self.length - self.radius * pitch)[:, None] * _foot_axes(heading, 0 * pitch)[:, 0]
        axle = _heel(self.steps, self.side, stride, time) + forward + [0.0, self.radius, 0.0]
        return axle + [self.along - self.length, self.up - self.radius, -self.medial] @ _foot_axes(heading, pitch)

    def late_pitch(self, time: np.ndarray, stride: np.ndarray, middle: np.ndarray) -> np.ndarray:
        """Return the foot's pitch (rad, heel up negative) that lets the leg reach, the hips' middle so high (m)."""
        x, z, rise = self.hip_place(time)
        away = np.stack([x, middle + rise, z], -1) - _heel(self.steps, self.side, stride, time)
        flat = _foot_axes(self.heading(stride), np.zeros(len(time)))
        ahead, above, beside = np.moveaxis(np.einsum("ta,tda->td", away, flat), -1, 0)
        back, high = self.along - self.length, self.up - self.radius
        reach = self.reach(time) ** 2 - (beside + self.medial) ** 2
        low, top = np.full(len(time), LOWEST_HEEL), np.full(len(time), HIGHEST_HEEL)
        for _ in range(BISECTIONS):  # the more the heel rises, the nearer the ankle comes to the hip
            pitch = (low + top) / 2
            c, s = np.cos(pitch), np.sin(pitch)
            level = ahead - (self.length - self.radius * pitch + back * c - high * s)
            short = level**2 + (above - (self.radius + back * s + high * c)) ** 2 > reach
            low, top = np.where(short, pitch, low), np.where(short, top, pitch)
        return (low + top) / 2

    def swing(self, time: np.ndarray, stride: np.ndarray, heights: Height) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Place of the ankle (x, outward z), pitch and heading of the foot, from foot off to the next contact."""
        numbers, where = np.unique(stride, return_inverse=True)
        off, on = self.steps.when(self.side, numbers, self.steps.off), self.steps.when(self.side, numbers + 1)

        def leaving(at: np.ndarray, stride: np.ndarray) -> np.ndarray:
            pitch = self.late_pitch(at, stride, heights(at))
            return np.column_stack([self.late_ankle(at, stride, pitch)[:, [0, 2]], pitch])

        def landing(at: np.ndarray, stride: np.ndarray) -> np.ndarray:
            return np.column_stack([self.early_ankle(at, stride)[:, [0, 2]], self.early_pitch(at, stride)])

        first, last = _state(leaving, off, numbers)[:, where], _state(landing, on, numbers + 1)[:, where]
        span = (on - off)[where]
        u = (time - off[where]) / span
        level = np.zeros((3, len(u)))
        pitch = np.where(
            u < LEVEL_AT,
            _quintic(np.minimum(u / LEVEL_AT, 1), LEVEL_AT * span, first[..., 2], level),
            _quintic(np.maximum((u - LEVEL_AT) / (1 - LEVEL_AT), 0), (1 - LEVEL_AT) * span, level, last[..., 2]),
        )
        x, z = (_quintic(u, span, first[..., k], last[..., k]) for k in (0, 1))
        before, after = self.heading(numbers)[where], self.heading(numbers + 1)[where]
        return np.column_stack([x, z]), pitch, before + (after - before) * _smooth_step(u)

    def shank_axes(self, flexion: np.ndarray, leg: np.ndarray) -> np.ndarray:
        """Axes of the shank, (time, direction, 3), from the hip-ankle vector: bent forwards, bowed and turned."""

        def frame(along: np.ndarray) -> np.ndarray:
            up = unit(along)
            ahead = unit([1.0, 0, 0] - up[:, :1] * up)
            return np.stack([ahead, up, np.cross(ahead, up)], 1)

        inner, (ahead, up, out) = frame(self.hip_from_ankle(flexion)), np.moveaxis(frame(leg), 1, 0)
        c, s = np.cos(self.turn), np.sin(self.turn)
        outer = np.stack([c * ahead - s * out, up, s * ahead + c * out], 1)  # the same frame in the lab
        return np.einsum("tki,tka->tia", inner, outer)

    def solve(self, time: np.ndarray, heights: Height) -> dict[str, np.ndarray]:
        """Return the joints, m, and the axes of shank and foot in the lab frame, of ``_solve``."""
        phase = self.steps.phase(time, self.side)
        stride, middle = np.floor(phase), heights(time)
        standing = phase - stride < self.steps.off
        late = standing & (phase - stride >= _value("heel_rise"))
        heading, pitch, ankle = self.heading(stride), self.early_pitch(time, stride), self.early_ankle(time, stride)
        pitch[late] = self.late_pitch(time[late], stride[late], middle[late])
        ankle[late] = self.late_ankle(time[late], stride[late], pitch[late])
        swing = np.flatnonzero(~standing)
        level, pitch[swing], heading[swing] = self.swing(time[swing], stride[swing], heights)
        x, z, rise = self.hip_place(time)
        hip = np.stack([x, middle + rise, z], -1)
        drop = self.reach(time[swing]) ** 2 - ((hip[swing][:, [0, 2]] - level) ** 2).sum(-1)
        ankle[swing] = np.column_stack([level[:, 0], hip[swing, 1] - np.sqrt(drop), level[:, 1]])
        shank, foot = self.shank_axes(self.flexion(time), hip - ankle), _foot_axes(heading, pitch)
        heel = ankle - [self.along, self.up, -self.medial] @ foot
        found = {"hip": hip, "knee": ankle + self.shank * shank[:, 1], "ankle": ankle, "heel": heel}
        found |= {"shank": shank, "foot": foot}
        found = {name: values * [1.0, 1.0, OUTWARD[self.side]] for name, values in found.items()}
        for axes in (found["shank"], found["foot"]):
            axes[:, 2] *= OUTWARD[self.side]  # the third axis goes to the right on both sides
        return found


def _solve(walker: Walker, steps: _Steps, hips_at: CubicSpline, time: np.ndarray) -> dict[str, np.ndarray]:
    """Return both legs at the given times (s), in the lab frame.

    Returns
    -------
    ``hip, knee, ankle, heel`` m, (side, time, axis), the heel's point on the sole; ``shank, foot`` their axes, (side,
    time, direction, axis; forward, up, to the walker's right).

    Raises
    ------
    GaitStudyError : legs stretched beyond their length, or feet below the belt.
    """
    pair = [_Leg(walker, steps, side, hips_at) for side in (0, 1)]
    heights = partial(_hip_heights, pair, _lifts(pair))
    both = [leg.solve(time, heights) for leg in pair]
    legs = {name: np.stack([leg[name] for leg in both]) for name in both[0]}
    stretch = np.abs(np.linalg.norm(legs["hip"] - legs["knee"], axis=-1) - pair[0].thigh).max()
    toe = legs["heel"] + steps.length * legs["foot"][:, :, 0]
    lowest = min(legs["heel"][..., 1].min(), toe[..., 1].min())
    if not (stretch < STRETCH and lowest > -SINK):  # not a number is out of reach, too
        raise GaitStudyError(
            f"walker: expected steps that the legs can make, found {walker.speed * steps.period / 2:.2f} m (speed "
            f"{walker.speed:.3g} m/s, asymmetry {walker.asymmetry:.2g}) on legs of {LEG_LENGTH * walker.height:.2f} m "
            f"(height {walker.height:.3g} m). Give a lower speed, a taller person, or less asymmetry, pelvic drop or "
            "knee medialisation."
        )
    return legs


def _lifts(pair: list[_Leg]) -> list[np.ndarray]:
    """What the leg to come adds at its contact to the hips' height: (3, stride) of the left and of the right foot."""
    steps, found = pair[0].steps, []
    strides = np.arange(-BEFORE, steps.count + BEFORE)
    for side, (own, other) in enumerate((pair, pair[::-1])):
        at = steps.when(1 - side, strides + side)
        found.append(_state(other.hip_height, at, strides + side) - _state(own.hip_height, at, strides))
    return found


def _hip_heights(pair: list[_Leg], lifts: list[np.ndarray], time: np.ndarray) -> np.ndarray:
    """Return the height of the middle of the hips, m, (time,).

    The standing leg gives it while its foot lies flat; while its heel rises, a fifth-order path adds what the leg
    to come needs at its contact, in height, speed and acceleration: ``lifts`` by foot, (3, stride). The path is as
    long as it can be without sinking first.
    """
    steps = pair[0].steps
    step = np.floor(2 * steps.phase(time, 0))  # even ones stand on the left
    height = np.empty(len(time))
    for side, leg in enumerate(pair):
        mine = np.flatnonzero(step % 2 == side)
        now, stride = time[mine], (step[mine] - side) / 2
        lift = lifts[side][:, stride.astype(int) + BEFORE]
        gap, speed, acceleration = lift
        start, end = steps.when(side, stride, _value("heel_rise")), steps.when(1 - side, stride + side)
        under = np.maximum(16 * speed**2 - 20 * acceleration * gap, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            longest = np.where(under > 0, 20 * gap / (4 * speed + np.sqrt(under)), np.inf)
        span = np.minimum(end - start, np.where(longest > 0, longest, np.inf))
        u = np.clip(1 - (end - now) / span, 0.0, 1.0)
        height[mine] = leg.hip_height(now, stride) + _quintic(u, span, np.zeros_like(lift), lift)
    return height


def _quintic(u: np.ndarray, span: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the fifth-order path between two states, each (3: position, velocity, acceleration; time), 0 <= u <= 1.

    ``span`` is the path's duration in s; ``u`` (time,); states at each instant's own two ends.
    """
    scale = np.stack([span**0, span, span**2])
    (p0, v0, a0), (p1, v1, a1) = start * scale, end * scale
    gap = p1 - p0
    c3 = 10 * gap - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1
    c4 = -15 * gap + 8 * v0 + 7 * v1 + 1.5 * a0 - a1
    c5 = 6 * gap - 3 * v0 - 3 * v1 - 0.5 * a0 + 0.5 * a1
    return p0 + u * (v0 + u * (a0 / 2 + u * (c3 + u * (c4 + u * c5))))


def _state(path: Callable[[np.ndarray, np.ndarray], np.ndarray], at: np.ndarray, stride: np.ndarray) -> np.ndarray:
    """Position, speed and acceleration of a path of the given strides at the given times, by central differences."""
    times = np.concatenate([at - NUDGE, at, at + NUDGE])
    before, now, after = np.split(path(times, np.tile(stride, 3)), 3)
    return np.stack([now, (after - before) / (2 * NUDGE), (after - 2 * now + before) / NUDGE**2])


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
    legs: dict[str, np.ndarray], height: float, length: float, time: np.ndarray, lean: np.ndarray, roll: np.ndarray
) -> xr.DataArray:
    """Return the markers' true paths, m, (time, marker, axis), lab frame.

    Parameters
    ----------
    legs : of ``_solve``. height, length : m, of body and foot. time : s. lean, roll : rad, (time,), of trunk and pelvis
        to the right.
    """
    middle, offset = legs["hip"].mean(0), _hip_in_pelvis(height)
    zero, s, c = 0 * roll, np.sin(roll), np.cos(roll)
    ahead, above, right = np.array([1.0, 0.0, 0.0]), np.stack([zero, c, s], -1), np.stack([zero, -s, c], -1)
    front = middle - offset[0] * ahead - offset[1] * above
    wide, deep = PELVIS_WIDTH * height / 2, PELVIS_DEPTH * height
    paths: dict[str, np.ndarray] = {}
    for side, letter, out in zip((0, 1), "LR", OUTWARD, strict=True):
        hip, knee, ankle, heel, shank, foot = (
            legs[name][side] for name in ("hip", "knee", "ankle", "heel", "shank", "foot")
        )
        across = out * shank[:, 2]
        paths |= {
            f"{letter}ASI": front + out * wide * right,
            f"{letter}PSI": front - deep * ahead + out * 0.4 * wide * right,
            f"{letter}THI": knee + 0.4 * (hip - knee) + 0.08 * across,
            f"{letter}KNE": knee + KNEE_WIDTH / 2 * across,
            f"{letter}KNM": knee - KNEE_WIDTH / 2 * across,
            f"{letter}TIB": (knee + ankle) / 2 + 0.06 * across,
            f"{letter}ANK": ankle + ANKLE_WIDTH / 2 * across,
            f"{letter}ANM": ankle - ANKLE_WIDTH / 2 * across,
            f"{letter}HEE": heel + length * _value("heel_height") * foot[:, 1],
            f"{letter}TOE": heel + length * (foot[:, 0] + _value("toe_height") * foot[:, 1]),
        }
    paths["C7"] = middle + NECK * height * np.stack([zero, np.cos(lean), np.sin(lean)], -1)
    return labelled(
        np.stack(list(paths.values()), 1), ("time", "marker", "axis"), units="m", frame="lab",
        long_name="simulated marker position", coords={"time": time, "marker": list(paths), "axis": list(AXES)},
    )  # fmt: skip


def _true_legs(legs: dict[str, np.ndarray], markers: xr.DataArray) -> dict[str, xr.Dataset]:
    """Return both legs as ``load.skeleton`` builds them, from the true joint centres and axes (m), by side."""
    found = {}
    for k, side in enumerate(SIDES):
        points = {name: legs[name][k] for name in ("hip", "knee", "ankle")}
        points |= {name: pick(markers, marker=side[0].upper() + name[:3].upper()) for name in ("heel", "toe")}
        shank, up = legs["shank"][k], unit(points["hip"] - points["knee"])
        forward = unit(np.cross(up, shank[:, 2]))
        axes = {"shank": shank, "thigh": np.stack([forward, up, np.cross(forward, up)], 1)}
        found[side] = gather_leg(side, markers["time"].values, points, axes)
    return found


def _belts(time: np.ndarray, force: np.ndarray, cop: np.ndarray) -> xr.Dataset:
    """Return the ground reactions of both belts, plates ``left`` and ``right`` of 2 m by .5 m (``io.plates.wrench``).

    Parameters
    ----------
    time : s. force : N, (side, time, axis). cop : m, (side, time, 2), x and z of the lab.
    """
    moment = np.cross(_on_the_belt(cop), force)
    edge = np.array([[1.0, 0, 0.25], [-1.0, 0, 0.25], [-1.0, 0, -0.25], [1.0, 0, -0.25]])
    corners = np.stack([edge + [0, 0, out * 0.25] for out in OUTWARD])
    return wrench(time, list(SIDES), np.moveaxis(force, 0, 1), np.moveaxis(moment, 0, 1), np.zeros(2), corners)


def _events(steps: _Steps, vertical: np.ndarray, time: np.ndarray) -> pd.DataFrame:
    """Return when each foot's true vertical force crosses the threshold of contact, and when it touches.

    Parameters
    ----------
    vertical : N, (side, tick), of one loop of the steps at 1000 Hz. time : s, of the recording.

    Returns
    -------
    ``time`` (s), ``event``, ``side``, ``touch`` (s; when the load starts or ends to pass), by time.
    """
    tables = []
    for side, name in enumerate(SIDES):
        now = vertical[side]
        change = np.diff((now > THRESHOLD).astype(int))
        for event, rise, phase in (("initial_contact", 1, 0.0), ("foot_off", -1, steps.off)):
            at = np.flatnonzero(change == rise)
            crossing = (at + (THRESHOLD - now[at]) / (now[at + 1] - now[at])) / PLATE_RATE
            touch = steps.when(side, np.floor(steps.phase(crossing, side)), phase)
            tables.append(pd.DataFrame({"time": crossing, "event": event, "side": name, "touch": touch}))
    table = pd.concat(tables)
    return table[table["time"].between(time[0], time[-1])].sort_values("time", kind="stable", ignore_index=True)


def _disturbed(markers: xr.DataArray, noise: float, lost: float, rng: np.random.Generator) -> xr.DataArray:
    """Return markers as cameras give them.

    Parameters
    ----------
    markers : m, (time, marker, axis). noise : m, SD of each coordinate, independent from frame to frame.
    lost : share of frames in which a marker is lost, in gaps of ``GAP`` frames. rng : draws them.
    """
    seen = markers.copy(data=markers.values + noise * rng.standard_normal(markers.shape))
    frames = markers.sizes["time"]
    gaps = round(lost * frames / np.mean(GAP))
    for k in range(markers.sizes["marker"] if gaps else 0):
        for start in rng.integers(GAP[1], frames - 2 * GAP[1], gaps):
            seen.values[start : start + rng.integers(GAP[0], GAP[1] + 1), k] = np.nan
    return seen
