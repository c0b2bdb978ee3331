"""What flat feet, high arches, insoles and ways of walking would do to the knee, if they did what is put in here.

The walker's foot type moves no joint and no pressure: it only lets more or less of the arch touch. Whatever a foot does
to a knee must therefore come through links that are stated and put in: pressure moved in the foot, a leg that turns
with it, a foot turned out. Each is walked alone and all together, in both directions. That flat feet do any of this is
an assumption of this project; what the knee then carries is computed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gaitstudy.gait import footprint, pressure
from gaitstudy.io import catalogue
from gaitstudy.io.published import one_row
from gaitstudy.simulate.insole import FOOT_TYPES, STATIONS
from gaitstudy.simulate.knee_load import (
    Change,
    crossing,
    knee_load,
    published_spread,
    spread,
    standardised,
    still_people,
    sweep,
    walked,
)
from gaitstudy.simulate.walker import Walker, people, stances
from gaitstudy.tables.insole_feet import LOADED

SIDE = "right"
POSTURE = {"pressure": 5.0, "leg": 5.0, "foot": 5.0}
"""mm, deg, deg: what a flat foot of size 1 is assumed to do: pressure medially in the foot, leg turned inwards about
the hip-ankle line, foot turned out under it. A high arch is the reverse. No source: chosen small enough for feet
that nobody would call injured."""
SIZES = (-1.0, 0.0, 1.0)
SHIFTS = tuple(float(mm) for mm in range(-8, 9, 4))
"""mm, of the pressure in the foot, medially: the range swept."""
WEDGES = "Arnold 2016 (meta-analysis)"
MANY, MANY_SEED = 30, 2016
"""Virtual people, drawn as the four are, over whom the spread of KAM1 is taken beside the published one."""


def press(walker: Walker, shift: float) -> Walker:
    """Return the person with the pressure moved medially in the foot by ``shift`` mm."""
    return replace(walker, pressure_shift=walker.pressure_shift + shift / 1000)


def turn_leg(walker: Walker, angle: float) -> Walker:
    """Return the person with the whole leg turned inwards about the hip-ankle line by ``angle`` deg, foot as it was."""
    return replace(walker, natural_angle=walker.natural_angle + angle)


def turn_foot(walker: Walker, angle: float) -> Walker:
    """Return the person with the foot turned out by ``angle`` deg about its middle, leg as it was."""
    out = walker.foot_progression_angle + angle
    return replace(walker, foot_progression_angle=out, natural_angle=walker.natural_angle + angle)


def all_links(walker: Walker, size: float) -> Walker:
    """Return the person with all links of ``POSTURE`` at once; size 1: a flat foot, -1: a high arch."""
    turned = turn_leg(press(walker, POSTURE["pressure"] * size), POSTURE["leg"] * size)
    return turn_foot(turned, POSTURE["foot"] * size)


LINKS: dict[str, Change] = {
    "pressure medially": lambda w, size: press(w, POSTURE["pressure"] * size),
    "leg turned inwards": lambda w, size: turn_leg(w, POSTURE["leg"] * size),
    "foot turned out": lambda w, size: turn_foot(w, POSTURE["foot"] * size),
    "all three": all_links,
}
"""What a flat foot (size 1) or a high arch (size -1) is assumed to do, alone and together."""

GAITS: dict[str, Change] = {
    "pelvis drops 5 deg": lambda w, k: replace(w, pelvic_drop=5.0 * k),
    "trunk leans 5 deg away": lambda w, k: replace(w, trunk_lean=-5.0 * k),
    "toes turned in 10 deg": lambda w, k: replace(w, foot_progression_angle=w.foot_progression_angle - 10 * k),
    "toes turned out 10 deg": lambda w, k: replace(w, foot_progression_angle=w.foot_progression_angle + 10 * k),
    "steps 50 mm narrower": lambda w, k: replace(w, step_width=w.step_width - 0.05 * k),
    "steps 50 mm wider": lambda w, k: replace(w, step_width=w.step_width + 0.05 * k),
    "this foot stands longer": lambda w, k: replace(w, asymmetry=-0.06 * k),
    "this foot stands shorter": lambda w, k: replace(w, asymmetry=0.06 * k),
}
"""Ways in which a walk may be called abnormal. Sizes are choices, large enough to be seen; the leg turns with the
foot."""

POSTURES: dict[str, Change] = {
    "trunk leans 5 deg over the foot": lambda w, k: replace(w, trunk_lean=5.0 * k),
    "toes turned in 10 deg": GAITS["toes turned in 10 deg"],
    "leg turned inwards 5 deg": lambda w, k: turn_leg(w, 5.0 * k),
    "steps 50 mm wider": GAITS["steps 50 mm wider"],
}
"""Changed postures that are meant to relieve the inner side."""


def by_size() -> pd.DataFrame:
    """Return the knee's load by size of the assumed foot posture, each link alone and all together.

    Columns of ``knee_load.sweep``; ``setting`` is the link, ``value`` the size (1 flat, -1 high arch).
    """
    return pd.concat([sweep(name, change, SIZES) for name, change in LINKS.items()], ignore_index=True)


def by_way(ways: dict[str, Change]) -> pd.DataFrame:
    """Return the knee's load with each way of walking of ``GAITS`` or ``POSTURES``: as ``sweep``, ``value`` is 1."""
    return pd.concat([sweep(name, change, [1.0]) for name, change in ways.items()], ignore_index=True)


@catalogue.remembered()
def by_pressure() -> pd.DataFrame:
    """Return the knee's load by shift of the pressure, mm, medially: columns of ``knee_load.sweep``."""
    return sweep("pressure medially (mm)", press, SHIFTS)


def by_foot_type(walker: Walker | None = None, shifts: tuple[float, ...] = (-5.0, 0.0, 5.0)) -> pd.DataFrame:
    """Return what the insole sees and what the knee carries, by foot type and shift of the pressure, one person.

    Parameters
    ----------
    walker : noise-free; the first of the four without it. shifts : mm, medial positive.

    Returns
    -------
    ``foot_type, shift`` (mm), those of ``insole_shape``, ``kam1`` (%BW*Ht) and ``medial`` (BW), tibial axes.
    """
    person, rows = walker or still_people()[0], []
    for foot_type in FOOT_TYPES:
        for shift in shifts:
            own = press(replace(person, foot_type=foot_type), shift)
            load = knee_load(own, SIDE).set_index("frame").loc["tibia"]
            row = {"foot_type": foot_type, "shift": shift, **insole_shape(own)}
            rows.append(row | {"kam1": load["kam1"], "medial": load["medial"]})
    return pd.DataFrame(rows)


def insole_shape(walker: Walker) -> dict[str, float]:
    """Return arch index (0-1) and CPEI (%, lateral positive) of one noise-free stance on the simulated insole.

    ``arch_*`` by the largest pressure (kPa) above which a sensor touches, the toes left out: all that lies ahead of the
    middle between the insole's forefoot and its toes. ``moved`` mm: by how much at most the insole had to move the
    pressure to fit its sole.
    """
    simulation = walked(walker)
    start, end = stances(simulation, SIDE)[0]
    sole = simulation.insoles.sel(side=SIDE, drop=True)
    peak = sole["pressure"].sel(time=slice(start, end)).max("time", keep_attrs=True)
    edge = footprint.outline(peak, sole["position"], sole["area"])
    toes = sole["position"].sel(foot_axis="along") > simulation.numbers["foot_length"] * np.mean(STATIONS[-2:])
    cop = pressure.centre_of_pressure_in_foot(sole["pressure"], sole["position"], sole["area"])
    excursion = pressure.centre_of_pressure_excursion_index(
        cop.sel(time=slice(start, end)), float(edge["length"]), float(edge["forefoot_width"]), float(edge["heel"]),
        edge["medial_border"].values,
    )  # fmt: skip
    return {
        **{
            f"arch_{level:g}": float(footprint.arch_index(peak, sole["position"], sole["area"], toes, level))
            for level in LOADED
        },
        "cpei": float(excursion),
        "moved": 1000 * simulation.insoles.attrs["centre_moved"],
    }


def pooled_wedge() -> pd.Series:
    """Return the published pooled effect of lateral wedges on the first peak: ``effect, low, high`` (SMD), ``n``.

    Raises
    ------
    StatisticsError : ``data/published/effects.csv`` has not exactly one such row.
    """
    return one_row(study=WEDGES, outcome="KAM1", unit="SMD")


@catalogue.remembered()
def spreads_between_people() -> pd.DataFrame:
    """Return the SD between people that turns a change of KAM1 into an SMD: ``of, sd`` (%BW*Ht), ``people, data``.

    The published one is ``knee_load.published_spread``; the other is that of ``MANY`` virtual people, nearly all of
    it from their assumed alignment.
    """
    published = published_spread()
    drawn = [replace(w, variability=0.0) for w in people(MANY, MANY_SEED)]
    own = [float(knee_load(w, SIDE)["kam1"].iloc[0]) for w in drawn]
    return pd.DataFrame(
        [
            {"of": "Shakoor 2010, barefoot", "sd": published["sd"], "people": int(published["n"]), "data": "published"},
            {"of": "virtual people", "sd": float(np.std(own, ddof=1)), "people": MANY, "data": "simulated"},
        ]
    )


def wedge() -> pd.DataFrame:
    """Return the change of KAM1 with a lateral shift of the pressure, as SMD by both spreads.

    Columns of ``knee_load.spread``: ``setting`` names the SD, ``value`` is mm laterally, ``load`` is ``smd``, over
    the four people; a wedge that lowers the load is negative.
    """
    table, tables = by_pressure(), []
    for row in spreads_between_people().itertuples():
        own = standardised(table, row.sd).assign(setting=f"SD of {row.of}", value=0.0 - table["value"])
        tables.append(spread(own[own["value"] >= 0], ["smd"]))
    return pd.concat(tables, ignore_index=True)


def wedge_crossings() -> pd.DataFrame:
    """Return which lateral shift of the pressure would make the pooled effect of wedges, and what else comes with it.

    Columns: ``sd, frame``; ``shift``, mm laterally, at the pooled effect; ``shift_low, shift_high`` at the ends of its
    interval; ``medial`` % change of the first medial force peak at ``shift``, mean over the four people. NaN beyond
    what was walked.
    """
    pooled, curves, rows = pooled_wedge(), wedge(), []
    force = spread(by_pressure(), ["medial_change"])
    for (setting, frame), own in curves.groupby(["setting", "frame"], sort=False):
        own = own.sort_values("value")
        shift, low, high = (crossing(own["value"], own["mean"], pooled[k]) for k in ("effect", "high", "low"))
        line = force[force["frame"] == frame].sort_values("value")
        medial = float(np.interp(-shift, line["value"], line["mean"])) if np.isfinite(shift) else np.nan
        row = {"sd": setting, "frame": frame, "shift": shift, "shift_low": low, "shift_high": high}
        rows.append(row | {"medial": medial})
    return pd.DataFrame(rows)
