"""A virtual randomised trial: people drawn from ``trial_model``, one trial as its table or thousands as arrays.

Nothing here is evidence about patients: a trial simulated from these assumptions returns these assumptions. It shows
what an analysis does, and whether it finds a truth that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy import special

from gaitstudy.conventions import GaitStudyError, labelled
from gaitstudy.io.trial_table import COLUMNS
from gaitstudy.simulate.trial_model import SCALE, VISITS, YEAR, Model, model

DROPOUTS = ("none", "at random", "not at random")
"""Why people leave: nobody does; by the pain last seen (missing at random); by the pain that is then not seen."""
ARMS = np.array(["sham", "intervention"])
_ITEMS = {"WOMAC_pain": 20, "WOMAC_function": 68, "KOOS": 36}
"""Points of each score before it is put on 0-100; KOOS as its pain subscale has, general knowledge, not verified."""


class Trials(NamedTuple):
    """Many simulated trials and their truth.

    ``arm`` (participant,): 0 sham, 1 intervention. ``seen`` and ``complete``: arrays (trial, participant, visit), with
    and without the missing values: ``pain`` NRS points, ``kam`` %BW*Ht at the target angle (week 1 in the place of week
    2), ``kam_change`` % of natural, ``fpa_error`` deg, ``adherence`` %; and (trial, participant): ``kam_natural``
    %BW*Ht, ``t1rho_baseline`` and ``t1rho_change`` ms. ``truth``: expected values without missing data.
    """

    arm: np.ndarray
    seen: xr.Dataset
    complete: xr.Dataset
    truth: pd.DataFrame


class Cohort(NamedTuple):
    """One simulated trial: ``table`` as a file in the 89-column schema holds it, ``truth``, and ``parameters``."""

    table: pd.DataFrame
    truth: pd.DataFrame
    parameters: Mapping[str, float]


def simulate_trials(
    count: int,
    n_per_arm: int = 34,
    seed: int = 0,
    effects: Mapping[str, float] | None = None,
    dropout: str = "at random",
) -> Trials:
    """Return many simulated trials at once: pain (NRS points), KAM (%BW*Ht, %), T1rho (ms), and the truth.

    Parameters
    ----------
    count : trials. n_per_arm : people in each arm. seed : of everything drawn.
    effects : changed parameters of ``trial_model``, by name; ``trial_model.NO_EFFECT`` makes the arms alike.
    dropout : one of ``DROPOUTS``; at random, leaving depends on the pain last seen, else on the pain not seen.

    Raises
    ------
    GaitStudyError : an unknown parameter or way of dropping out, or no trial or no person asked for.
    """
    made, drawn, gone = _trial(count, n_per_arm, np.random.default_rng(seed), effects, dropout)
    complete = _dataset({k: drawn[k] for k in _NAMES}, n_per_arm)
    seen = complete.copy()
    for name in complete.data_vars:
        last = gone[..., -1] if name == "t1rho_change" else np.zeros(gone.shape[:2], bool)
        hidden = gone if "visit" in complete[name].dims else last
        seen[name] = complete[name].where(~hidden).assign_attrs(complete[name].attrs)
    return Trials(_arms(n_per_arm), seen, complete, made.truth)


def cohort(
    seed: int = 0, n_per_arm: int = 34, effects: Mapping[str, float] | None = None, dropout: str = "at random"
) -> Cohort:
    """Return one simulated trial in the 89-column schema (units: ``trial_table.VARIABLES``, deg, ms), and the truth.

    Parameters
    ----------
    seed, n_per_arm, effects, dropout : as for ``simulate_trials``.

    Raises
    ------
    GaitStudyError : as ``simulate_trials``.
    """
    rng = np.random.default_rng(seed)
    made, drawn, gone = _trial(1, n_per_arm, rng, effects, dropout)
    one = {name: values[0] for name, values in drawn.items()}
    columns = _people(made.values, 2 * n_per_arm, rng) | _columns(made.values, one, gone[0], rng)
    columns["group"] = np.array(["C", "I"])[_arms(n_per_arm)]
    table = pd.DataFrame({name: columns[name] for name in COLUMNS})
    order = rng.permutation(len(table))
    return Cohort(table.iloc[order].reset_index(drop=True), made.truth, made.values)


# ---- within the room: draws ----

_NAMES = {
    "pain": ("NRS points", "medial knee pain"),
    "kam": ("%BW*Ht", "larger peak of the knee adduction moment at the target foot angle"),
    "kam_change": ("%", "change of the same from the natural foot angle at week 1"),
    "fpa_error": ("deg", "foot angle less target, overshoot positive"),
    "adherence": ("%", "adherence"),
    "kam_natural": ("%BW*Ht", "larger peak of the knee adduction moment, natural foot angle, week 1"),
    "t1rho_baseline": ("ms", "T1rho of the medial femoral cartilage, week 1"),
    "t1rho_change": ("ms", "change of the same to week 52"),
}


def _arms(n_per_arm: int) -> np.ndarray:
    return np.repeat([0, 1], n_per_arm)


def _trial(
    count: int, n_per_arm: int, rng: np.random.Generator, effects: Mapping[str, float] | None, dropout: str
) -> tuple[Model, dict[str, np.ndarray], np.ndarray]:
    """Return the model, everything drawn, and what is missing, (trial, participant, visit)."""
    problems = [f"{name}: expected 1 or more, found {n}" for name, n in (("count", count), ("n_per_arm", n_per_arm))
                if n < 1]  # fmt: skip
    if dropout not in DROPOUTS:
        problems.append(f"dropout: expected one of {', '.join(DROPOUTS)}, found {dropout!r}")
    if problems:
        raise GaitStudyError("; ".join(problems) + ".")
    made = model(effects)
    drawn = _draw(made, (count, 2 * n_per_arm), _arms(n_per_arm) == 1, rng)
    return made, drawn, _missing(drawn["pain"], made.values, dropout, rng)


def _within(rng: np.random.Generator, people: tuple[int, int], share: float) -> np.ndarray:
    """Return standard normal draws, (trial, participant, visit), that share a part of their variance per person."""
    own, visit = rng.standard_normal((*people, 1)), rng.standard_normal((*people, len(VISITS)))
    return np.sqrt(share) * own + np.sqrt(1 - share) * visit


def _draw(m: Model, people: tuple[int, int], treated: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return what happens to everybody, nothing missing."""
    p, time = m.values, np.array(VISITS) / YEAR
    later = np.arange(len(VISITS)) > 0
    turned = treated[:, None]
    size = np.where(rng.random(people) < p["target_10"], 10.0, 5.0)
    bias = np.where(turned, p["fpa_bias"], 0.0)
    error = bias + m.error_sd * _within(rng, people, p["fpa_within"])
    logit = m.adherence_logit + p["adherence_spread"] * _within(rng, people, p["adherence_within"])
    adherence = special.expit(logit)
    kept = np.where(later, adherence, 1.0)  # at the first visit the target is walked under guidance
    by_angle = np.where(turned, m.slope * (size[..., None] + error) * kept, 0.0)
    lasting = p["kam_person_sd"] * rng.standard_normal((*people, 1)) * later
    wobble = lasting + p["kam_visit_sd"] * rng.standard_normal((*people, len(VISITS)))
    load = by_angle + wobble
    change = p["kam_sham"] * time * later + load
    log_sd = np.sqrt(np.log1p((p["kam_sd"] / p["kam_mean"]) ** 2))
    natural = p["kam_mean"] * np.exp(log_sd * rng.standard_normal(people) - log_sd**2 / 2)
    own = p["pain_person_sd"] * rng.standard_normal((*people, 1))
    trend = p["pain_trend_sd"] * rng.standard_normal((*people, 1)) * time * later
    visit = p["pain_visit_sd"] * rng.standard_normal((*people, len(VISITS)))
    latent = m.latent[treated.astype(int)] + p["pain_per_load"] * load * later + own + trend + visit
    direct = np.where(treated, m.t1rho_direct, 0.0)
    t1rho = p["t1rho_sham"] + direct + p["t1rho_per_load"] * load[..., later].mean(-1)
    return {
        "pain": np.clip(np.rint(latent), *SCALE) + 0.0,  # no minus zero
        "kam": natural[..., None] * (1 + change / 100),
        "kam_change": change,
        "fpa_error": error,
        "adherence": 100 * adherence,
        "kam_natural": natural,
        "t1rho_baseline": p["t1rho_mean"] + p["t1rho_sd"] * rng.standard_normal(people),
        "t1rho_change": t1rho + p["t1rho_change_sd"] * rng.standard_normal(people),
        "latent": latent,
        "treated": np.broadcast_to(treated, people),
    }


def _missing(pain: np.ndarray, p: Mapping[str, float], dropout: str, rng: np.random.Generator) -> np.ndarray:
    """Return what is not seen, (trial, participant, visit): people who left, and visits left out; never the first."""
    missing = np.zeros(pain.shape, bool)
    if dropout == "none":
        return missing
    skipped = rng.random(pain.shape) < p["missed"]
    skipped[..., 0] = False
    base = special.logit(p["dropout"])
    left, last = np.zeros(pain.shape[:2], bool), pain[..., 0]
    for visit in range(1, pain.shape[-1]):
        tells = last if dropout == "at random" else pain[..., visit]
        hazard = special.expit(base + p["dropout_pain"] * (tells - p["pain_mean"]))
        left = left | (rng.random(left.shape) < hazard)
        missing[..., visit] = left | skipped[..., visit]
        last = np.where(missing[..., visit], last, pain[..., visit])
    return missing


def _dataset(arrays: Mapping[str, np.ndarray], n_per_arm: int) -> xr.Dataset:
    """Return arrays as a labelled dataset."""
    coords: dict[str, Any] = {"visit": list(VISITS)}
    made = {
        name: labelled(
            values, ("trial", "participant", "visit")[: values.ndim], units=_NAMES[name][0], long_name=_NAMES[name][1],
            coords=coords if values.ndim == 3 else None,
        )
        for name, values in arrays.items()
    }  # fmt: skip
    return xr.Dataset(made).assign_coords(arm=("participant", ARMS[_arms(n_per_arm)]))


def _people(p: Mapping[str, float], people: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return who the people are: the columns without a visit, in the table's units."""
    grade = rng.choice([1, 2, 3], people, p=[p["kl_1"], p["kl_2"], 1 - p["kl_1"] - p["kl_2"]])
    return {
        "subject": np.array([f"S{k:04d}" for k in rng.permutation(people) + 1]),
        "age": np.clip(np.round(p["age_mean"] + p["age_sd"] * rng.standard_normal(people)), 18, 110),
        "KL": grade,
        "gender": np.where(rng.random(people) < p["women"], "F", "M"),
        "alignment": p["alignment_mean"] + p["alignment_sd"] * rng.standard_normal(people),
        "FPA_natural_wk01": p["fpa_mean"] + p["fpa_sd"] * rng.standard_normal(people),
    }


def _columns(
    p: Mapping[str, float], drawn: Mapping[str, np.ndarray], gone: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the columns with visits, and the imaging ones, of one trial: (participant,) each, NaN where missing."""
    people, latent = len(gone), drawn["latent"]
    wide = (people, len(VISITS))
    scores = {}
    for name in ("NRS_lat", "NRS_PF"):
        own = np.sqrt(0.5) * (rng.standard_normal((people, 1)) + rng.standard_normal(wide))
        other = p["other_pain_mean"] + p["other_pain_share"] * (latent - p["pain_mean"]) + p["other_pain_sd"] * own
        scores[name] = np.clip(np.rint(other), *SCALE) + 0.0
    for name, points in _ITEMS.items():
        score = p["score_per_pain"] * latent + p["score_sd"] * rng.standard_normal(wide)
        worse = np.clip(np.rint(score / 100 * points), 0, points) * 100 / points + 0.0
        scores[name] = 100 - worse if name == "KOOS" else worse
    log_sd = np.sqrt(np.log1p((p["steps_sd"] / p["steps_mean"]) ** 2))
    steps = p["steps_mean"] * np.exp(log_sd * rng.standard_normal((people, 1)) - log_sd**2 / 2)
    scores["steps"] = np.round(steps * np.exp(0.1 * rng.standard_normal(wide)))
    bmi = np.clip(p["bmi_mean"] + p["bmi_sd"] * rng.standard_normal((people, 1)), 15, 60)
    start = np.datetime64("2000-01-03") + rng.integers(0, 700, people)
    days: np.ndarray = 7 * (np.array(VISITS) - VISITS[0]) + rng.integers(-3, 4, wide) * (np.arange(len(VISITS)) > 0)
    dates = (start[:, None] + days).astype(str).astype(object)
    measured = {
        **scores, "NRS_med": drawn["pain"], "KAM_peak_target_FPA": drawn["kam"], "BMI": bmi + 0 * gone,
        "Compliance": drawn["adherence"], "FPA_error": drawn["fpa_error"], "date": dates,
    }  # fmt: skip
    columns: dict[str, np.ndarray] = {"KAM_peak_natural_FPA_wk01": drawn["kam_natural"]}
    for name, variable in COLUMNS.items():
        if variable.name in measured:
            visit = VISITS.index(max(int(name[-2:]), VISITS[0]))
            nothing: Any = None if variable.kind == "date" else np.nan
            columns[name] = np.where(gone[:, visit], nothing, measured[variable.name][:, visit])
    regions = {
        "T1rho_med": (drawn["t1rho_baseline"], drawn["t1rho_change"]),
        "T1rho_lat": _region(p, "t1rho", people, rng),
        "T2_med": _region(p, "t2", people, rng, p["t2_between"] * drawn["treated"]),
        "T2_lat": _region(p, "t2", people, rng),
    }
    for name, (baseline, change) in regions.items():
        seen: np.ndarray = np.where(gone[:, -1], np.nan, change)
        columns[f"{name}_wk01"], columns[f"{name}_wk52"] = baseline, baseline + seen
        columns[f"{name}_voxelwise_delta"] = seen + p["voxelwise_sd"] * rng.standard_normal(people)
    return {name: c.round(4) if c.dtype == float else c for name, c in columns.items()}


def _region(
    p: Mapping[str, float], name: str, people: int, rng: np.random.Generator, effect: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return baseline and one-year change of a relaxation time, (participant,), ms."""
    baseline, noise = rng.standard_normal((2, people))
    mean, spread = p[f"{name}_mean"], p[f"{name}_sd"]
    return mean + spread * baseline, p[f"{name}_sham"] + effect + p[f"{name}_change_sd"] * noise
