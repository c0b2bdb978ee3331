"""The treadmill study on four virtual people: foot pressure inside, natural and outside, and what the knee carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, GaitStudyError
from gaitstudy.gait import signals
from gaitstudy.gait.foot import foot_progression_angle, mean_over_stance, outside_foot
from gaitstudy.gait.pressure import centre_of_pressure_in_foot
from gaitstudy.io import catalogue
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.io.published import studies
from gaitstudy.load import contact, knee
from gaitstudy.simulate.walker import Simulation, Walker, simulate, stances
from gaitstudy.studies.knee_load import knee_load
from gaitstudy.tables import toe_in_people
from gaitstudy.tables.cases import ingredients

SEED = 2015
"""Of the four people: the year of the source. Drawn once; nobody was replaced."""
SHIFT = 0.008
"""m; how far the virtual people move the pressure in the foot, inwards and outwards. An assumption: the source gives
no distance."""
CONDITIONS = {"natural": 0.0, "pressure inside": SHIFT, "pressure outside": -SHIFT}
CLOSEST = (
    "Regenexx 2015", "Dowling 2010", "Ferrigno 2016", "He 2019", "Erhart-Hledik 2017", "Erhart 2010", "Kutzner 2011",
    "Kinney 2013", "Pizzolato 2017",
)  # fmt: skip
"""The source, and the eight published designs nearest to it."""
PRESSED = (15.0, 85.0)
"""Per cent of stance over which the place of the pressure is averaged."""
NOISE = {"marker_noise": 0.001, "lost": 0.01, "force_noise": 1.0}
"""Of the virtual laboratory: 1 mm, 1 % of frames, 1 N. Assumptions."""


def drawn_from() -> pd.DataFrame:
    """Return mean, SD, unit and source of what differs between the virtual people, by quantity; women as a share."""
    return pd.read_csv(catalogue.data_folder() / "published" / "virtual_people.csv").set_index("quantity")


def people(count: int = 4, seed: int = SEED) -> list[Walker]:
    """Return virtual people drawn from normal distributions (``drawn_from``), each independent of the others."""
    rng = np.random.default_rng(seed)
    table, drawn = drawn_from(), []
    for k in range(count):
        own: dict[str, Any] = {name: float(rng.normal(mean, sd)) for name, mean, sd in _spread(table)}
        sex = "female" if rng.random() < table.loc["women", "mean"] else "male"
        natural = own["foot_progression_angle"]
        drawn.append(Walker(**own, sex=sex, natural_angle=natural, variability=1.0, seed=seed + k))
    return drawn


def _spread(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    """Quantity, mean and SD of what is drawn, in the table's order."""
    normal = table[table["sd"].notna()]
    return list(zip(normal.index, normal["mean"], normal["sd"], strict=True))


def people_table(walkers: Sequence[Walker]) -> pd.DataFrame:
    """Return who the virtual people are, one row each, units in the column names."""
    units = drawn_from()["unit"].drop("women").to_dict()
    rows = [
        {"person": k + 1, "sex": w.sex} | {f"{n} ({u})": asdict(w)[n] for n, u in units.items()}
        for k, w in enumerate(walkers)
    ]
    return pd.DataFrame(rows)


@catalogue.remembered()
def recordings(strides: int) -> dict[tuple[int, str], Simulation]:
    """Return the virtual laboratory's recordings by person (1, 2, ...) and condition."""
    return {
        (k + 1, name): simulate(replace(w, pressure_shift=shift, seed=w.seed + 100 * c), strides, **NOISE)
        for k, w in enumerate(people())
        for c, (name, shift) in enumerate(CONDITIONS.items())
    }


def study(strides: int = 60) -> pd.DataFrame:
    """Return every stride of every person and condition, by the functions that real recordings go through.

    Columns: ``person, condition, side, stride``; ``fpa`` deg; ``pressure_plate, pressure_insole`` mm, place of the
    pressure across the foot, medial positive; ``kam1, kam2`` %BW*Ht; first peak of the medial contact force in BW by
    every estimator of ``contact.from_moments``, and the simulation's own, ``truth``.
    """
    walkers = people()
    tables = [
        _strides(simulation, walkers[person - 1]).assign(person=person, condition=condition)
        for (person, condition), simulation in recordings(strides).items()
    ]
    table = pd.concat(tables, ignore_index=True)
    first = ["person", "condition", "side", "stride"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def _strides(simulation: Simulation, walker: Walker) -> pd.DataFrame:
    walk = pipeline.prepare(pipeline.read(simulation.recording, "walker", mass=walker.mass, height=walker.height))
    cop, _ = centre_of_pressure(walk.loads)
    tables = []
    for side in SIDES:
        own, leg = walk.whole[walk.whole["side"] == side], walk.legs[side]
        start, end = own["start"].to_numpy(), own["end"].to_numpy()
        sole = simulation.insoles.sel(side=side, drop=True)
        across = {
            "pressure_plate": outside_foot(cop.sel(plate=side, drop=True), leg["heel"], leg["toe"], side)["beside"],
            "pressure_insole": centre_of_pressure_in_foot(sole["pressure"], sole["position"], sole["area"]).sel(
                foot_axis="across", drop=True
            ),
        }
        inputs = contact.contact_inputs(leg, walk.loads, side, walker.mass, sex=walker.sex)
        moment = signals.normalise_time(
            knee.normalise_moment(inputs["knee_adduction_moment"], walker.mass, walker.height), start, end
        )
        new = {"peak1": "kam1", "peak2": "kam2", "edge1": "kam1_edge", "edge2": "kam2_edge"}
        table = knee.peaks(moment)[list(new)].rename(columns=new)
        table.insert(0, "fpa", mean_over_stance(foot_progression_angle(leg["heel"], leg["toe"], side), start, end))
        for name, curve in across.items():
            table.insert(1, name, 1000 * mean_over_stance(curve, start, end, PRESSED).values)
        forces = {
            name: each.function(inputs, walker.mass, walker.height)["medial_contact_force"]
            for name, each in sorted(contact.from_moments().items())
        } | {"truth": simulation.truth["medial_contact_force"].sel(side=side, drop=True)}
        for name, force in forces.items():
            curves = signals.normalise_time(force, start, end)
            found = knee.peaks(curves)
            table[name], table[f"{name}_edge"] = found["peak1"] / (walker.mass * GRAVITY), found["edge1"]
        tables.append(table.rename_axis("stride").reset_index().assign(side=side))
    return pd.concat(tables, ignore_index=True)


def toe_in_pressure() -> pd.DataFrame:
    """Return how the pressure's medial shift and the change of the first peak go together in 107 people with toe-in.

    One row: ``n``, ``r`` and its 95 % interval (Fisher's z). The change is toe-in less natural, so that a negative
    ``r`` says: the further the pressure moved inwards, the more the moment fell.
    """
    people = toe_in_people.read()
    found = stats.pearsonr(people[toe_in_people.PRESSURE], -people[toe_in_people.OUTCOME])
    low, high = found.confidence_interval()
    return pd.DataFrame([{"n": len(people), "r": found.statistic, "low": low, "high": high}])


def closest_studies() -> pd.DataFrame:
    """Return what the published studies nearest to the treadmill study report, %: ``label, value, low, high, n, kind``.

    Rows of ``data/published/studies.csv``. A size that is not available is missing, and so is one that counts people:
    the label says how many.
    """
    table = studies()
    own = table[table["study"].isin(CLOSEST)].copy()
    own["kind"] = np.where(own["measure"].str.contains("force|compartment"), "force or pressure in the knee", "moment")
    people = own["n"].map(lambda n: "n not stated here" if np.isnan(n) else f"n = {n:g}")
    counted = own["unit"] == "people"
    found = own["measure"] + own["value"].map(": {:g}".format).where(counted, "")
    own["label"] = own["study"] + " (" + people + "): " + found + "\n" + own["manipulation"]
    own["value"] = own["value"].where(~counted)
    order = pd.Categorical(own["study"], CLOSEST, ordered=True)
    return own.assign(order=order).sort_values("order", kind="stable")[["label", "value", "low", "high", "n", "kind"]]


def average_contact(simulation: Simulation, side: str = "right") -> xr.Dataset:
    """Return what the true knee moment of one foot's mean stance is made of (``cases.ingredients``)."""
    legs, loads = simulation.legs[side], simulation.loads
    each = [ingredients(legs, loads, side, start, end) for start, end in stances(simulation, side)]
    mean = xr.concat(each, "stance").mean("stance")
    for name in mean.data_vars:
        mean[name].attrs = each[0][name].attrs
    return mean


def change_of_moment(condition: str, walker: Walker, frame: str = "lab") -> pd.DataFrame:
    """Return what the change of one noise-free person's first peak is made of, N m: ``condition, part, change``."""
    plain = replace(walker, variability=0.0)
    before, after = (
        average_contact(simulate(replace(plain, pressure_shift=CONDITIONS[c]), 2)) for c in ("natural", condition)
    )
    split = knee.decompose_peak_change(knee.decompose_moment_change(before, after, "right", frame), (5.0, 50.0))
    return pd.DataFrame({"condition": condition, "part": split.index, "change": split.to_numpy()})


def slopes(walker: Walker, shift: float = 0.001) -> pd.DataFrame:
    """Return what one small medial shift of the pressure does to the first peak, N m per mm, held and re-solved.

    ``held``: forces and posture as they were, lab frame; ``re-solved``: the body moves over its new support, lab
    frame, and in tibial axes.
    """
    plain = replace(walker, variability=0.0)
    sims = [simulate(replace(plain, pressure_shift=walker.pressure_shift + s), 2) for s in (0.0, shift)]
    before, after = (average_contact(s) for s in sims)
    moved = before.assign(centre_of_pressure=after["centre_of_pressure"])
    rows = []
    for what, other, frame in (
        ("forces and posture held", moved, "lab"), ("body re-solved", after, "lab"), ("body re-solved", after, "tibia"),
    ):  # fmt: skip
        split = knee.decompose_moment_change(before, other, "right", frame).sel(percent=slice(5.0, 50.0))
        change = float(split["after"].max() - split["before"].max())
        rows.append({"what": what, "frame": frame, "slope": change / (1000 * shift)})
    return pd.DataFrame(rows)


def pressure_knee_map(walker: Walker, pressure: Sequence[float], medialisation: Sequence[float]) -> pd.DataFrame:
    """Return the change of the first medial force peak by shift of the pressure and of the knee, the body re-solved.

    Parameters
    ----------
    walker : variability is left out. pressure, medialisation : mm, medial positive.

    Returns
    -------
    ``cop_shift, knee_shift`` mm; ``change``, % of the natural peak, with the frontal moment in the axes of the tibia,
    which turns inwards with the knee, and ``change_lab``, with the moment in the axes of the lab, which does not.
    """
    plain = replace(walker, variability=0.0)
    base = knee_load(plain)["medial"]
    rows = []
    for shift in pressure:
        for inwards in medialisation:
            moved = replace(plain, pressure_shift=shift / 1000, knee_medialisation=inwards / 1000)
            tibia, lab = 100 * (knee_load(moved)["medial"] / base - 1)
            rows.append({"cop_shift": shift, "knee_shift": inwards, "change": tibia, "change_lab": lab})
    return pd.DataFrame(rows)


def needed_shift(table: pd.DataFrame, columns: Sequence[str], asked: float) -> pd.DataFrame:
    """Return how far the knee must come inwards for a change, by shift of the pressure.

    Parameters
    ----------
    table : of ``pressure_knee_map`` or ``yardstick.unloading_map``. columns : of it, %, falling as the knee comes in.
    asked : %, for example -18.

    Returns
    -------
    ``cop_shift`` mm and the columns, mm of the knee, between the walked ones on a straight line; NaN beyond them.
    """
    rows = []
    for shift, own in table.sort_values("knee_shift", kind="stable").groupby("cop_shift"):
        row: dict[str, Any] = {"cop_shift": shift}
        for column in columns:
            fallen = -own[column].to_numpy()
            if not (np.diff(fallen) > 0).all():
                raise GaitStudyError(
                    f"needed_shift: expected '{column}' to fall as the knee comes in, found it to rise at a pressure "
                    f"shift of {shift:g} mm. Use a smaller range."
                )
            row[column] = np.interp(-asked, fallen, own["knee_shift"], left=np.nan, right=np.nan)
        rows.append(row)
    return pd.DataFrame(rows)
