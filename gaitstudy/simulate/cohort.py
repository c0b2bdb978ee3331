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

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.trial_table import COLUMNS
from gaitstudy.simulate.trial_model import SCALE, VISITS, YEAR, Model, model

DROPOUTS = ("none", "at random", "not at random")
"""Why people leave: nobody does; by the pain last seen (missing at random); by the pain that is then not seen."""
ARMS = np.array(["sham", "intervention"])
_ITEMS = {"WOMAC_pain": 20, "WOMAC_function": 68, "KOOS": 36}
"""Points of each score before it is put on 0-100; KOOS as its pain subscale has, general knowledge, not verified."""
_OUTCOMES = {
    "pain": ("NRS points", "medial knee pain"),
    "kam": ("%BW*Ht", "larger peak of the knee adduction moment at the target foot angle"),
    "kam_change": ("%", "change of the same from the natural foot angle at week 1"),
    "fpa_error": ("deg", "foot angle less target, overshoot positive"),
    "adherence": ("%", "adherence"),
    "kam_natural": ("%BW*Ht", "larger peak of the knee adduction moment, natural foot angle, week 1"),
    "t1rho_baseline": ("ms", "T1rho of the medial femoral cartilage, week 1"),
    "t1rho_change": ("ms", "change of the same to week 52"),
}
"""Unit and meaning of what ``simulate_trials`` returns."""


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
    GaitStudyError : an unknown parameter or way of dropping out.
    """
    rng, m, arm = np.random.default_rng(seed), model(effects), np.repeat([0, 1], n_per_arm)
    drawn = _draw(m, (count, len(arm)), arm == 1, rng)
    missing = _missing(drawn["pain"], m.values, dropout, rng)
    coords = {"visit": list(VISITS), "arm": ("participant", ARMS[arm])}
    complete, seen = xr.Dataset(coords=coords), xr.Dataset(coords=coords)
    for name, (unit, meaning) in _OUTCOMES.items():
        values, about = drawn[name], {"units": unit, "long_name": meaning}
        dims = ("trial", "participant", "visit")[: values.ndim]
        hidden = missing if "visit" in dims else missing[..., -1] & (name == "t1rho_change")
        complete[name] = dims, values, about
        seen[name] = dims, np.where(hidden, np.nan, values), about
    return Trials(arm, seen, complete, m.truth)


def cohort(
    seed: int = 0, n_per_arm: int = 34, effects: Mapping[str, float] | None = None, dropout: str = "at random"
) -> pd.DataFrame:
    """Return one simulated trial in the 89-column schema (units: ``trial_table.VARIABLES``, deg, ms).

    Its truth is ``trial_model.model(effects).truth``.

    Parameters
    ----------
    seed, n_per_arm, effects, dropout : as for ``simulate_trials``.

    Raises
    ------
    GaitStudyError : as ``simulate_trials``.
    """
    rng, m, arm = np.random.default_rng(seed), model(effects), np.repeat([0, 1], n_per_arm)
    drawn = _draw(m, (1, len(arm)), arm == 1, rng)
    missing = _missing(drawn["pain"], m.values, dropout, rng)[0]
    one = {name: values[0] for name, values in drawn.items()}
    columns = _people(m.values, len(arm), rng) | _columns(m.values, one, missing, rng)
    columns["group"] = np.array(["C", "I"])[arm]
    table = pd.DataFrame({name: columns[name] for name in COLUMNS})
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def _within(rng: np.random.Generator, people: tuple[int, int], share: float) -> np.ndarray:
    """Return standard normal draws, (trial, participant, visit), that share a part of their variance per person."""
    person, visit = rng.standard_normal((*people, 1)), rng.standard_normal((*people, len(VISITS)))
    return np.sqrt(share) * person + np.sqrt(1 - share) * visit


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
    person = p["pain_person_sd"] * rng.standard_normal((*people, 1))
    trend = p["pain_trend_sd"] * rng.standard_normal((*people, 1)) * time * later
    visit = p["pain_visit_sd"] * rng.standard_normal((*people, len(VISITS)))
    latent = m.latent[treated.astype(int)] + p["pain_per_load"] * load * later + person + trend + visit
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
    if dropout not in DROPOUTS:
        raise GaitStudyError(f"dropout: expected one of {', '.join(DROPOUTS)}, found {dropout!r}.")
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


def _people(p: Mapping[str, float], people: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return who the people are: the columns without a visit, in the table's units."""
    kl = rng.choice([1, 2, 3], people, p=[p["kl_1"], p["kl_2"], 1 - p["kl_1"] - p["kl_2"]])
    return {
        "subject": np.array([f"S{k:04d}" for k in rng.permutation(people) + 1]),
        "age": np.clip(np.round(p["age_mean"] + p["age_sd"] * rng.standard_normal(people)), 18, 110),
        "KL": kl,
        "gender": np.where(rng.random(people) < p["women"], "F", "M"),
        "alignment": p["alignment_mean"] + p["alignment_sd"] * rng.standard_normal(people),
        "FPA_natural_wk01": p["fpa_mean"] + p["fpa_sd"] * rng.standard_normal(people),
    }


def _columns(
    p: Mapping[str, float], drawn: Mapping[str, np.ndarray], missing: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the columns with visits, and the imaging ones, of one trial: (participant,) each, NaN where missing."""
    people, latent = len(missing), drawn["latent"]
    wide = (people, len(VISITS))
    measured = {
        "NRS_med": drawn["pain"], "KAM_peak_target_FPA": drawn["kam"], "Compliance": drawn["adherence"],
        "FPA_error": drawn["fpa_error"],
    }  # fmt: skip
    for name in ("NRS_lat", "NRS_PF"):
        noise = np.sqrt(0.5) * (rng.standard_normal((people, 1)) + rng.standard_normal(wide))
        other = p["other_pain_mean"] + p["other_pain_share"] * (latent - p["pain_mean"]) + p["other_pain_sd"] * noise
        measured[name] = np.clip(np.rint(other), *SCALE) + 0.0
    for name, points in _ITEMS.items():
        score = p["score_per_pain"] * latent + p["score_sd"] * rng.standard_normal(wide)
        worse = np.clip(np.rint(score / 100 * points), 0, points) * 100 / points + 0.0
        measured[name] = 100 - worse if name == "KOOS" else worse
    log_sd = np.sqrt(np.log1p((p["steps_sd"] / p["steps_mean"]) ** 2))
    steps = p["steps_mean"] * np.exp(log_sd * rng.standard_normal((people, 1)) - log_sd**2 / 2)
    measured["steps"] = np.round(steps * np.exp(0.1 * rng.standard_normal(wide)))
    bmi = np.clip(p["bmi_mean"] + p["bmi_sd"] * rng.standard_normal((people, 1)), 15, 60)
    measured["BMI"] = np.broadcast_to(bmi, wide)
    start = np.datetime64("2000-01-03") + rng.integers(0, 700, people)
    days: np.ndarray = 7 * (np.array(VISITS) - VISITS[0]) + rng.integers(-3, 4, wide) * (np.arange(len(VISITS)) > 0)
    measured["date"] = (start[:, None] + days).astype(str).astype(object)
    columns: dict[str, np.ndarray] = {"KAM_peak_natural_FPA_wk01": drawn["kam_natural"]}
    for name, variable in COLUMNS.items():
        if variable.name in measured:
            visit = VISITS.index(max(int(name[-2:]), VISITS[0]))
            nothing: Any = None if variable.kind == "date" else np.nan
            columns[name] = np.where(missing[:, visit], nothing, measured[variable.name][:, visit])
    images = {"T1rho_med": (drawn["t1rho_baseline"], drawn["t1rho_change"])}
    for region, effect in (("T1rho_lat", 0.0), ("T2_med", p["t2_between"] * drawn["treated"]), ("T2_lat", 0.0)):
        time, (baseline, noise) = region[:-4].lower(), rng.standard_normal((2, people))
        change = p[f"{time}_sham"] + effect + p[f"{time}_change_sd"] * noise
        images[region] = p[f"{time}_mean"] + p[f"{time}_sd"] * baseline, change
    for region, (baseline, change) in images.items():
        seen: np.ndarray = np.where(missing[:, -1], np.nan, change)
        columns[f"{region}_wk01"], columns[f"{region}_wk52"] = baseline, baseline + seen
        columns[f"{region}_voxelwise_delta"] = seen + p["voxelwise_sd"] * rng.standard_normal(people)
    return {name: c.round(4) if c.dtype == float else c for name, c in columns.items()}
