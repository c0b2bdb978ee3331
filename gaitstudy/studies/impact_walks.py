"""How fast the force under the foot rises in real walks: by speed in ten people, by window and filter in our own.

Two sources. The ground reactions of Pataky (2008), as the package spm1d ships them: ten people, sixty walks each at
their slow, normal and fast speed (m/s known), 101 points of *stance*, in an unstated unit of force. No time is known,
so a rate can only be given per per cent of stance, and force only relative to the person's own mean. Since stance gets
shorter as people walk faster, a rate per second rises by more than a rate per per cent of stance.

And every plate contact of the project's own walks, where seconds and newtons are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal, stats

from gaitstudy import pipeline
from gaitstudy.gait import signals
from gaitstudy.io import catalogue
from gaitstudy.io.motion import Recording
from gaitstudy.load import impact
from gaitstudy.stats import waveforms
from gaitstudy.tables.agreement import OWN_SKELETON, participant
from gaitstudy.tables.walking_templates import trial_pelvis

STUDY = "Pataky 2008"
PEOPLE = tuple(range(10))
FILES = tuple(f"ex_grf_subj{k:03d}.npy" for k in PEOPLE)
SPEED_FILES = ("ex_grf_speeds.npy", "ex_grf_speeds_cond.npy")
PACES = {1: "slow", 2: "normal", 3: "fast"}
"""The file's numbers and the order of the mean speeds under them."""
PER_STANCE = "% of mean force per % of stance"
QUANTITIES = {
    "peak": ("largest force of the first half of stance", "% of mean force"),
    "rate_to_first": ("rise, 20 to 80 % of the time to the first local maximum", PER_STANCE),
    "rate_to_hump": ("rise, 20 to 80 % of the time to the largest value of the first half", PER_STANCE),
    "rate_early": ("rise over the first 12 % of stance", PER_STANCE),
}
"""What is taken from each of the sixty walks: meaning and unit. A heel-strike transient, where there is one, is the
first local maximum; whether it is also the largest value changes from walk to walk, and the second rate with it."""
RUNS = "Dorn2012.npz"
FILTERS: tuple[float | None, ...] = (None, 50.0, 15.0, signals.CUT_OFF)
"""Hz, low-pass cut-offs of the force; None as measured."""
PLUG_IN_GAIT = ("btk/PiG_Motion3_FF.c3d",)
"""The Plug-in Gait walk on plates whose contacts and mass are known beyond doubt."""
OWN = {"p3m6-walk": "p3m6", "gc5-instrumented-knee": "gc5"}
"""Walks whose mass comes from the table of participants, and their marker map. Those of ``opencap-foot-angle`` are left
out: their forces come at 100 Hz, too slow for an impact."""
INPUTS: tuple[tuple[str, str], ...] = (
    ("mcgill-foot-progression", "straight/*.c3d"),
    *(("plug-in-gait-kinetics", name) for name in PLUG_IN_GAIT),
    *(("p3m6-walk", f"inputs/c3d/Walking0{k}.c3d") for k in (1, 2, 4)),
    *(
        ("gc5-instrumented-knee", f"inputs/c3d/{trial}.c3d")
        for trial in OWN_SKELETON["gc5-instrumented-knee"]["trials"]
    ),
)


class Contact(NamedTuple):
    """One foot on one plate: ``force`` N, (time,), ``mass`` kg, ``start, end`` s, ``speed`` m/s of the walk."""

    dataset: str
    person: str
    trial: str
    side: str
    force: xr.DataArray
    mass: float
    start: float
    end: float
    speed: float


# ---- ten people, sixty walks each ----


def person_walks(person: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one person's vertical forces, speeds (m/s) and paces (1 slow to 3 fast), (walk, percent) and (walk,).

    Force is relative to the person's mean over all walks and all of stance (1 = that mean; its unit is unstated).

    Raises
    ------
    DatasetUnavailable : the package that ships them is not installed.

    References
    ----------
    Pataky TC et al. (2008) J Biomech 41:1987, doi 10.1016/j.jbiomech.2008.03.034.
    """
    force = np.load(catalogue.locate("spm1d", FILES[person]))
    speed, pace = (np.load(catalogue.locate("spm1d", name))[:, person] for name in SPEED_FILES)
    return force / force.mean(), speed.astype(float), pace.astype(int)


def rises() -> pd.DataFrame:
    """Return how each person's first peak and rise of force go with speed, one row a person.

    Columns: ``person, walks``; ``slowest, fastest``, ``speed_slow, speed_fast`` (means of the paces) m/s; means at slow
    and fast pace of ``QUANTITIES`` (``peak_slow`` ...) and their least-squares slope over all walks (``peak_slope``
    ..., per m/s); ``transient_slow, transient_fast``, % of walks with a local maximum in 3-12 % of stance;
    ``no_peak``, walks without any local maximum in the first half of stance.
    """
    rows = []
    for person in PEOPLE:
        force, speed, pace = person_walks(person)
        made = pd.DataFrame([_rise(walk) for walk in force]).assign(speed=speed)
        row: dict[str, Any] = {"person": person, "walks": len(force), "no_peak": int(made.pop("no_peak").sum())}
        row |= {"slowest": speed.min(), "fastest": speed.max()}
        means = made.groupby(pace).mean()
        row |= {f"{name}_{word}": means.loc[k, name] for name in made for k, word in PACES.items() if word != "normal"}
        row |= {f"{name}_slope": np.polyfit(speed, made[name], 1)[0] for name in QUANTITIES}
        rows.append(row)
    return pd.DataFrame(rows)


def over_people(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over the people of ``rises`` with 95 % t intervals, one row a quantity.

    Columns: ``what``, ``unit``, ``n``, ``mean, low, high``, ``smallest, largest`` of the people.
    """
    rows = {}
    for name, (_, unit) in QUANTITIES.items():
        rows[f"{name}, fast less slow", unit] = table[f"{name}_fast"] - table[f"{name}_slow"]
        rows[f"{name}, slope", f"{unit} per m/s"] = table[f"{name}_slope"]
    rows["transient, fast less slow", "% of walks"] = table["transient_fast"] - table["transient_slow"]
    rows["speed, fast less slow", "m/s"] = table["speed_fast"] - table["speed_slow"]
    made = []
    for (what, unit), values in rows.items():
        low, high = stats.ttest_1samp(values, 0.0).confidence_interval()
        row = {"what": what, "unit": unit, "n": len(values), "mean": values.mean(), "low": float(low)}
        made.append(row | {"high": float(high), "smallest": values.min(), "largest": values.max()})
    return pd.DataFrame(made)


def slope_field() -> pd.DataFrame:
    """Return where in stance the force rises with speed: one person's walks (the package's example), and all ten.

    Columns as ``waveforms.summary``, one row a cluster, with ``cluster`` (0: none), ``start, end`` (% of stance),
    ``sign`` and ``p``. ``one person``: regression over 60 walks of the first person, two-tailed, which speaks of
    that person; ``ten people``: each person's slope at every node, tested against zero.
    """
    tests = {"one person, 60 walks": waveforms.regression(*person_walks(0)[:2]), "ten people": _slopes_test()}
    tables = []
    for name, test in tests.items():
        blank = pd.DataFrame([dict.fromkeys(waveforms.COLUMNS, np.nan)])
        found = test.clusters if len(test.clusters) else blank
        about = waveforms.summary([test]).drop(columns="p").iloc[0].to_dict() | {"test": name}
        table = pd.DataFrame([about] * len(found)).assign(cluster=np.arange(len(found)) + (len(test.clusters) > 0))
        tables.append(table.join(found[["start", "end", "sign", "p"]]))
    return pd.concat(tables, ignore_index=True)


def slope_curves() -> pd.DataFrame:
    """Return each person's slope of force on speed at every node of stance: for a picture, never for a table.

    Columns: ``person, percent, slope`` (% of the person's mean force per m/s), ``mean`` over people.
    """
    slopes = 100 * _slopes()
    percent = np.linspace(0, 100, slopes.shape[1])
    tables = [
        pd.DataFrame({"person": k, "percent": percent, "slope": own, "mean": slopes.mean(0)})
        for k, own in enumerate(slopes)
    ]
    return pd.concat(tables, ignore_index=True)


def runs() -> pd.DataFrame:
    """Return the peak vertical force of the running steps that the package ships, N, by speed.

    Columns: ``speed`` m/s, ``steps`` (both feet), ``peak`` N, its smallest and largest step, and ``rate``, N per % of
    stance between 20 and 80 % of the time to the peak. The set states neither the number of people (one, by its
    forces) nor a mass nor a time.

    References
    ----------
    Dorn TW et al. (2012) J Exp Biol 215:1944, doi 10.1242/jeb.064527.
    """
    made = np.load(catalogue.locate("spm1d", RUNS))
    vertical = made["Y"][..., 1]
    rows = []
    for speed in np.unique(made["SPEED"]):
        own = vertical[made["SPEED"] == speed]
        rates = [_slope_to(step, int(step.argmax()), 100 / (len(step) - 1)) for step in own]
        row = {"speed": float(speed), "steps": len(own), "peak": own.max(1).mean()}
        row |= {"smallest": own.max(1).min(), "largest": own.max(1).max()}
        rows.append(row | {"rate": float(np.mean(rates))})
    return pd.DataFrame(rows)


# ---- the project's own plates ----


def plate_rates() -> pd.DataFrame:
    """Return every rate of every whole plate contact in the real walks at hand, by filter.

    Columns: ``dataset, person, trial, side, contact``; ``speed`` m/s, ``mass`` kg, ``stance`` s; ``filter`` Hz (0: as
    measured); ``peak`` BW, ``peak_time`` s and ``impact.RATES`` BW/s up to the first peak, ``fallback``;
    ``impact_peak`` BW and ``no_impact``: whether 3-12 % of stance has no local maximum.
    """
    rows = []
    for number, contact in enumerate(_plate_contacts()):
        about = {k: getattr(contact, k) for k in ("dataset", "person", "trial", "side", "speed", "mass")}
        about |= {"contact": number, "stance": contact.end - contact.start}
        for cut_off in FILTERS:
            force = contact.force if cut_off is None else signals.low_pass(contact.force, cut_off)
            span = np.array([contact.start]), np.array([contact.end])
            first = impact.loading(force, contact.mass, *span).iloc[0]
            early = impact.loading(force, contact.mass, *span, peak="impact").iloc[0]
            row = about | {"filter": cut_off or 0.0} | first.drop("start").to_dict()
            rows.append(row | {"impact_peak": early["peak"], "no_impact": bool(early["fallback"])})
    return pd.DataFrame(rows)


def by_filter(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over people of each rate (BW/s), one row a filter; contacts of one person are averaged first.

    Columns: ``filter`` (text), ``people``, ``contacts``, ``peak`` BW, ``impact.RATES``, ``with_impact`` (% of contacts
    with a local maximum in 3-12 % of stance).
    """
    rows = []
    for cut_off, own in table.groupby("filter", sort=False):
        each = own.groupby("person")[["peak", *impact.RATES]].mean()
        name = "as measured" if cut_off == 0 else f"{cut_off:g} Hz"
        row = {"filter": name, "people": len(each), "contacts": len(own), **each.mean().to_dict()}
        rows.append(row | {"with_impact": 100 * float((~own["no_impact"]).mean())})
    return pd.DataFrame(rows)


def by_person(table: pd.DataFrame, cut_off: float = 0.0) -> pd.DataFrame:
    """Return each person's mean speed, peak and rates at one filter: ``dataset, person, contacts, speed, mass`` ...

    ``table`` : of ``plate_rates``; ``cut_off`` : Hz, of its ``filter``, 0 as measured. Rates in BW/s.
    """
    own = table[table["filter"] == cut_off].groupby(["dataset", "person"], sort=False)
    made = own[["speed", "mass", "stance", "peak", *impact.RATES]].mean()
    made.insert(0, "contacts", own.size())
    return made.reset_index()


def speed_slope(people: pd.DataFrame, rate: str) -> dict[str, float]:
    """Return the slope of a rate of ``by_person`` on speed between people, BW/s per m/s: ``slope, low, high, n``.

    The interval is 95 %. Between people, size and age come along.
    """
    fit = stats.linregress(people["speed"], people[rate])
    half = stats.t.isf(0.025, len(people) - 2) * fit.stderr
    return {"slope": fit.slope, "low": fit.slope - half, "high": fit.slope + half, "n": len(people)}


def _plate_contacts() -> Iterator[Contact]:
    """Every whole contact of one foot alone with one plate."""
    vicon = [("mcgill-foot-progression", path) for path in catalogue.available(*INPUTS[0])]
    vicon += [(dataset, catalogue.locate(dataset, name)) for dataset, name in INPUTS[1:] if dataset not in OWN]
    for dataset, path in vicon:
        trial = pipeline.read(path)
        pelvis = trial_pelvis(trial)
        speed = float(np.ptp(pelvis.values) / np.ptp(pelvis["time"].values))
        person = f"{dataset} {path.stem[:5]}" if dataset == INPUTS[0][0] else dataset
        yield from _each(dataset, person, trial, speed)
    for dataset, name in INPUTS[1:]:
        if dataset not in OWN:
            continue
        mass = float(participant(dataset)["mass_kg"])
        trial = pipeline.read(catalogue.locate(dataset, name), OWN[dataset], mass=mass)
        yield from _each(dataset, dataset, trial, _travel(trial))


def _each(dataset: str, person: str, trial: Recording, speed: float) -> Iterator[Contact]:
    for row in pipeline.prepare(trial, cut_off=None).whole.itertuples():
        force = trial.ground_reaction["force"].sel(plate=row.plate, axis="y", drop=True)
        yield Contact(dataset, person, trial.name, str(row.side), force, trial.mass, row.start, row.end, speed)


def _travel(recorded: Recording) -> float:
    """Horizontal speed of the middle of all markers that are never lost, m/s: the trunk's and the feet's alike."""
    known = recorded.markers.dropna("marker", how="any").mean("marker").sel(axis=["x", "z"])
    ends = known.values[[0, -1]]
    return float(np.linalg.norm(ends[1] - ends[0]) / np.ptp(known["time"].values))


# ---- within the room ----


def _rise(force: np.ndarray) -> dict[str, float]:
    """``QUANTITIES`` of one relative curve over stance, whether it has a transient (100 or 0), and whether no peak."""
    percent = 100 / (len(force) - 1)
    half = int(impact.FIRST_HALF[1] / percent) + 1
    found = signal.find_peaks(force, prominence=impact.PROMINENCE)[0]
    found = found[found < half]
    hump = int(force[:half].argmax())
    low, high = (share / percent for share in impact.IMPACT)
    return {
        "peak": 100 * float(force[hump]),
        "rate_to_first": 100 * _slope_to(force, int(found[0]) if len(found) else hump, percent),
        "rate_to_hump": 100 * _slope_to(force, hump, percent),
        "rate_early": 100 * float(force[round(high)] - force[0]) / impact.IMPACT[1],
        "transient": 100.0 * bool(((found >= low) & (found <= high)).any()),
        "no_peak": float(not len(found)),
    }


def _slope_to(force: np.ndarray, at: int, percent: float) -> float:
    """Mean slope between 20 and 80 % of the time to a node, per per cent of stance."""
    ends = np.interp([0.2 * at, 0.8 * at], np.arange(len(force)), force)
    return float((ends[1] - ends[0]) / (0.6 * at * percent))


def _slopes() -> np.ndarray:
    """Each person's least-squares slope of relative force on speed at every node, (person, percent)."""
    made = []
    for person in PEOPLE:
        force, speed, _ = person_walks(person)
        away = speed - speed.mean()
        made.append(away @ force / (away @ away))
    return np.stack(made)


def _slopes_test() -> waveforms.FieldTest:
    slopes = _slopes()
    return waveforms.t_one_sample(slopes)
