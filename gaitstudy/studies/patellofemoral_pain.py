"""Muscle forces of people with and without pain behind the kneecap, and what presses there in a virtual walker.

The measured part is Besier (2009), as the package spm1d ships it: ten muscle forces of 15 controls and 26 people with
patellofemoral pain, 100 nodes each, and their knee flexion. What the files do not say, and how it is read here:

- which group is which: the maintainer's later release of two muscles calls the first group controls;
- which muscle is which: that release names the first (semimembranosus) and the ninth (medial gastrocnemius), another
  calls the eighth a vastus; the other names are inferred from the usual order of the leg model's muscles and from the
  curves' course;
- which movement: the study had walking and running; vasti that peak at 300 to 650 N after a fifth of the curve, and a
  knee that bends to 25 deg and again at the end, are the stance of walking.

There is no foot type, no moment, no image of a kneecap and no cartilage in the set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from gaitstudy.conventions import GRAVITY, labelled
from gaitstudy.io import catalogue
from gaitstudy.load.patellofemoral import AREAS, patellofemoral_load
from gaitstudy.simulate.walker import Walker, simulate, stances
from gaitstudy.stats import waveforms

FORCES, FLEXION = "Besier2009muscleforces.npz", "Besier2009kneeflexion.npz"
STUDY = "Besier 2009"
MUSCLES = (
    "semimembranosus", "semitendinosus", "biceps femoris, long head", "biceps femoris, short head", "rectus femoris",
    "vastus medialis", "vastus intermedius", "vastus lateralis", "medial gastrocnemius", "lateral gastrocnemius",
)  # fmt: skip
"""In the file's order; all but the first, the eighth and the ninth are inferred (see the module)."""
VASTI = MUSCLES[5:8]
GROUPS = ("control", "pain")
EARLY = 50.0
"""Per cent of stance; the first peak of knee flexion lies before it."""
SIDE = "right"
BENDS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the template's knee bend under full load."""
SPEEDS = (0.8, 1.0, 1.2, 1.4, 1.6)
"""m/s."""


def muscle_forces() -> tuple[np.ndarray, np.ndarray]:
    """Return the forces of controls and of people with pain, N, (person, node, muscle), muscles as ``MUSCLES``.

    Raises
    ------
    DatasetUnavailable : the package that ships them is not installed.

    References
    ----------
    Besier TF et al. (2009) J Biomech 42:898, doi 10.1016/j.jbiomech.2009.01.032.
    """
    made = np.load(catalogue.locate("spm1d", FORCES))
    return made["YA"], made["YB"]


def force_peaks() -> pd.DataFrame:
    """Return the peak force of every muscle by group, N, and the difference, pain minus control, with its interval.

    Columns: ``muscle``; ``control, control_sd, pain, pain_sd``; ``difference, low, high`` (Welch, 95 %) and
    ``difference_pct``, % of the controls' mean; ``p`` and ``p_holm`` (ten muscles). The rows ``vasti`` and ``all ten
    muscles`` are peaks of sums of curves. ``n_control, n_pain`` people.
    """
    control, pain = muscle_forces()
    pick = {name: [k] for k, name in enumerate(MUSCLES)}
    pick |= {"vasti": [MUSCLES.index(name) for name in VASTI], "all ten muscles": list(range(len(MUSCLES)))}
    rows = []
    for muscle, columns in pick.items():
        a, b = (group[..., columns].sum(-1).max(1) for group in (control, pain))
        rows.append({"muscle": muscle, **_difference(a, b)})
    table = pd.DataFrame(rows)
    table["p_holm"] = np.nan
    table.loc[: len(MUSCLES) - 1, "p_holm"] = multipletests(table["p"][: len(MUSCLES)], method="holm")[1]
    return table


def vector_field() -> pd.DataFrame:
    """Return the test of all ten force curves at once and, after it, of each muscle alone.

    Columns: ``test`` (``all ten muscles`` or the muscle), ``statistic`` (T2 or t), ``alpha`` (.05; each muscle's is
    Sidak's for ten), ``df1, df2``, ``threshold``, ``largest``, ``fwhm`` (nodes), ``resels``, ``clusters``; one row for
    each ``cluster`` (0 if there is none) with ``start, end`` (% of the curve) and ``p``, and for t ``sign`` (1: more
    force with pain).
    """
    control, pain = muscle_forces()
    each = 1 - 0.95 ** (1 / len(MUSCLES))
    tests = {"all ten muscles": waveforms.hotelling_two_sample(pain, control)}
    tests |= {name: waveforms.t_two_sample(pain[..., k], control[..., k], alpha=each) for k, name in enumerate(MUSCLES)}
    return pd.concat([_rows(name, test) for name, test in tests.items()], ignore_index=True)


def knee_flexion() -> pd.DataFrame:
    """Return knee flexion by group, deg: its first peak and its mean over the curve, pain minus control.

    Columns as ``force_peaks``, with ``what`` for the muscle; a last row, ``curve``, holds the field test of the whole
    curves: ``largest`` t, ``threshold`` and ``clusters`` (NaN in the other rows).
    """
    made = np.load(catalogue.locate("spm1d", FLEXION))
    control, pain = (made["Y"][made["GROUP"] == k] for k in (0, 1))
    first = round(EARLY / 100 * control.shape[1])
    rows = [
        {"what": what, **_difference(*(f(group) for group in (control, pain)))}
        for what, f in (("first peak", lambda y: y[:, :first].max(1)), ("mean over the curve", lambda y: y.mean(1)))
    ]
    test = waveforms.t_two_sample(pain, control)
    people = {"n_control": len(control), "n_pain": len(pain)}
    field = {"largest": test.largest, "threshold": test.threshold, "clusters": float(len(test.clusters))}
    return pd.DataFrame([*rows, {"what": "curve", **people, **field}])


def force_curves() -> pd.DataFrame:
    """Return mean and standard deviation of every muscle's force by group, N: for a picture, never for a table.

    Columns: ``muscle, group, percent, mean, sd``.
    """
    tables = []
    for group, forces in zip(GROUPS, muscle_forces(), strict=True):
        percent = np.linspace(0, 100, forces.shape[1])
        for k, muscle in enumerate(MUSCLES):
            own = {"mean": forces[..., k].mean(0), "sd": forces[..., k].std(0, ddof=1)}
            tables.append(pd.DataFrame({"muscle": muscle, "group": group, "percent": percent, **own}))
    return pd.concat(tables, ignore_index=True)


def vector_curve() -> pd.DataFrame:
    """Return the T2 of all ten muscles over the curve and its threshold: for a picture, never for a table.

    Columns: ``percent, statistic, threshold`` (no unit).
    """
    control, pain = muscle_forces()
    test = waveforms.hotelling_two_sample(pain, control)
    percent = np.linspace(0, 100, len(test.statistic))
    return pd.DataFrame({"percent": percent, "statistic": test.statistic, "threshold": test.threshold})


def walker_stress(bends: Sequence[float] = BENDS, speeds: Sequence[float] = SPEEDS) -> pd.DataFrame:
    """Return what presses behind the virtual walker's right kneecap, as its knee bends more or less, and by speed.

    Parameters
    ----------
    bends : shares of the template's bend that the knee makes under full load, at 1.2 m/s. speeds : m/s, at full bend;
        the template's bend is the same at every speed, which real people's is not.

    Returns
    -------
    One row a walk: ``sweep`` (``bend`` or ``speed``), ``bend``, ``speed`` m/s; of early stance (0-50 %):
    ``peak_flexion`` deg (imposed), ``moment`` N m (largest external flexion moment, computed), ``force`` in BW,
    ``stress_quartic, stress_cubic`` MPa (largest), ``out_of_range`` instants left out.
    """
    walks = [("bend", float(b), Walker().speed) for b in bends] + [("speed", 1.0, float(s)) for s in speeds]
    return pd.DataFrame([{"sweep": sweep, "bend": b, "speed": s, **_stress(b, s)} for sweep, b, s in walks])


def walker_path(bends: Sequence[float] = BENDS) -> pd.DataFrame:
    """Return flexion (deg) and stress (MPa, both areas) of the walker's right knee over early stance, by its bend.

    Columns: ``bend, percent`` (of stance), ``flexion, moment`` (N m), ``force`` (N), ``quartic, cubic`` (MPa).
    """
    tables = [_path(float(bend), Walker().speed)[0].assign(bend=float(bend)) for bend in bends]
    return pd.concat(tables, ignore_index=True)


def stress_by_flexion(moments: Sequence[float] = (25.0, 50.0)) -> pd.DataFrame:
    """Return stress by flexion at a constant external flexion moment, both areas: ``moment, flexion, form, stress``.

    Parameters
    ----------
    moments : N m. Flexion runs over 0-90 deg; stress in MPa.
    """
    x = np.arange(0.0, 91.0)
    angle = labelled(x, ("time",), units="deg", long_name="knee flexion")
    tables = []
    for size in moments:
        moment = labelled(np.full(len(x), float(size)), ("time",), units="N m", long_name="knee flexion moment")
        for form in AREAS:
            stress = patellofemoral_load(moment, angle, form)["patellofemoral_stress"].values
            tables.append(pd.DataFrame({"moment": size, "flexion": x, "form": form, "stress": stress}))
    return pd.concat(tables, ignore_index=True)


def _path(bend: float, speed: float) -> tuple[pd.DataFrame, int]:
    """The right knee of a walk over early stance, and how many of its instants are out of range."""
    walker = Walker(speed=speed, painful_side=SIDE, stiff_knee=1 - bend)
    simulation = simulate(walker, 2)
    truth = simulation.truth.sel(side=SIDE, drop=True)
    start, end = stances(simulation, SIDE)[0]
    here = truth.sel(time=slice(start, start + EARLY / 100 * (end - start)))
    made = {form: patellofemoral_load(here["knee_flexion_moment"], here["knee_flexion_angle"], form) for form in AREAS}
    first = made[AREAS[0]]
    table = pd.DataFrame({"percent": 100 * (here["time"].values - start) / (end - start)})
    table["flexion"], table["moment"] = here["knee_flexion_angle"].values, here["knee_flexion_moment"].values
    table["force"] = first["patellofemoral_force"].values
    for form, loads in made.items():
        table[form] = loads["patellofemoral_stress"].values
    return table, int(first.attrs["out_of_range"])


def _stress(bend: float, speed: float) -> dict[str, float]:
    path, lost = _path(bend, speed)
    row = {"peak_flexion": path["flexion"].max(), "moment": path["moment"].max()}
    row |= {"force": path["force"].max() / (Walker().mass * GRAVITY)}
    return row | {f"stress_{form}": path[form].max() for form in AREAS} | {"out_of_range": lost}


def _difference(control: np.ndarray, pain: np.ndarray) -> dict[str, float]:
    """Means, spreads and Welch's difference, pain minus control, one value a person."""
    test = stats.ttest_ind(pain, control, equal_var=False)
    low, high = test.confidence_interval()
    mean = float(control.mean())
    row = {"control": mean, "control_sd": control.std(ddof=1), "pain": pain.mean(), "pain_sd": pain.std(ddof=1)}
    row |= {"difference": pain.mean() - mean, "low": float(low), "high": float(high)}
    row |= {"difference_pct": 100 * (pain.mean() / mean - 1), "p": float(test.pvalue)}
    return row | {"n_control": len(control), "n_pain": len(pain)}


def _rows(name: str, test: waveforms.FieldTest) -> pd.DataFrame:
    """One row a cluster of a field test, or one row that has none."""
    vector = test.name.endswith("T2")
    blank = pd.DataFrame([dict.fromkeys(waveforms.COLUMNS, np.nan)])
    found = test.clusters if len(test.clusters) else blank
    table = pd.DataFrame({"test": name, "statistic": "T2" if vector else "t", "alpha": test.alpha}, index=found.index)
    table = table.assign(df1=test.df[0], df2=test.df[1], threshold=test.threshold, largest=test.largest)
    table = table.assign(fwhm=test.fwhm, resels=test.resels, clusters=len(test.clusters))
    table["cluster"] = np.arange(1, len(found) + 1) if len(test.clusters) else 0
    return table.join(found[["start", "end", "p"]]).assign(sign=np.nan if vector else found["sign"])
