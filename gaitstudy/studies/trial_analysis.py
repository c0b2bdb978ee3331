"""The randomised trial's analyses: every defensible model of one outcome side by side, from one trial table.

The table is simulated, or supplied through ``GAITSTUDY_TRIAL_TABLE``; nothing here knows which. Differences are
intervention minus sham. A model that gives no number has a row that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from statsmodels.formula.api import mixedlm

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import trial_table
from gaitstudy.io.published import studies
from gaitstudy.stats import departures, longitudinal, mediation, missing, reference
from gaitstudy.stats.regression import adjusted_difference

SEED = 2025
"""Of imputations and bootstraps: the year of the trial's paper."""
COLUMNS = ["model", "estimate", "low", "high", "p", "df", "people", "status"]
IMPUTATIONS = 100
ORDER = ("sham", "intervention")
"""Arms, control first."""
MODELS = (
    "ANCOVA: change with baseline, people seen", "MMRM: unstructured, Kenward-Roger", "Welch: change, people seen",
    "multiple imputation within arms, ANCOVA", "jump to reference, Rubin's rules", "jump to reference, jackknife",
    "imputation, leavers worse, ANCOVA",
)  # fmt: skip


def course(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return ``trial_table.outcome`` (the outcome's unit, weeks) with the arms in order, the control first."""
    long = trial_table.outcome(table, name)
    return long.assign(arm=pd.Categorical(long["arm"], ORDER))


def wide(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return one outcome as an array, its arm, and the visits.

    Returns
    -------
    values : the outcome's unit, (participant, visit), baseline first, NaN where missing. treated : (participant,), 1 in
        the intervention. weeks : of the visits after baseline.
    """
    long = course(table, name)
    by_person = long.pivot(index="participant", columns="visit", values="value")
    first = long.drop_duplicates("participant").set_index("participant").loc[by_person.index]
    treated = (first["arm"] == ORDER[1]).to_numpy().astype(float)
    values = np.column_stack([first["baseline"].to_numpy(float), by_person.to_numpy(float)])
    return values, treated, [int(w) for w in by_person.columns]


def model(table: pd.DataFrame, name: str) -> longitudinal.RepeatedMeasures:
    """Return the mixed model for repeated measures of an outcome's change, with baseline by visit and arm by visit."""
    return longitudinal.mmrm(course(table, name), "change")


def side_by_side(table: pd.DataFrame, name: str, week: int = 52, worse: float = 0.0) -> pd.DataFrame:
    """Return the difference between the arms in the change of one outcome by every defensible model.

    Parameters
    ----------
    name : a quantity of ``trial_table.BASELINES``. week : of the comparison, the last visit.
    worse : the outcome's unit; by how much those of the intervention who left are made worse in the last model.

    Returns
    -------
    One row a model of ``MODELS``: ``model, estimate, low, high`` (95 %), ``p, df``, ``people`` behind the number, and
    ``status`` (empty, or why there is no number). An outcome with one visit after baseline has no MMRM.
    """
    values, treated, weeks = wide(table, name)
    last = weeks.index(week) + 1
    rows: list[tuple[str, Callable[[], dict[str, float]]]] = [
        (MODELS[0], lambda: _ancova(table, name, week)),
        (MODELS[1], lambda: _mmrm(table, name, week)),
        (MODELS[2], lambda: _welch(table, name, week)),
        (MODELS[3], lambda: _pooled(imputed(values, treated), treated, last)),
        (MODELS[4], lambda: _jumped(values, treated, last, reference.VARIANCES[0])),
        (MODELS[5], lambda: _jumped(values, treated, last, reference.VARIANCES[1])),
        (MODELS[6], lambda: _pooled(_shifted(values, treated, last, worse), treated, last)),
    ]
    found = []
    for label, work in rows if len(weeks) > 1 else [row for row in rows if row[0] != MODELS[1]]:
        try:
            found.append({"model": label, **work(), "status": ""})
        except StatisticsError as error:
            found.append({"model": label, "status": str(error)})
    return pd.DataFrame(found).reindex(columns=COLUMNS)


def imputed(values: np.ndarray, treated: np.ndarray, count: int = IMPUTATIONS) -> np.ndarray:
    """Return completed data (imputation, participant, visit), the outcome's unit: chained equations within each arm."""
    return missing.impute(values, imputations=count, groups=treated, seed=SEED)


def _jumped(values: np.ndarray, treated: np.ndarray, last: int, variance: str) -> dict[str, float]:
    known = values[~np.isnan(values[:, 0])]
    if len(known) < len(values):
        raise StatisticsError(f"jump to reference: {len(values) - len(known)} people have no baseline. Leave it out.")
    found = reference.differences(
        values, treated, 0.0, variance=variance, visit=last, imputations=IMPUTATIONS, seed=SEED
    )
    return found.iloc[0][["estimate", "low", "high", "p", "df", "people"]].to_dict()


def _gaps(values: np.ndarray, last: int) -> np.ndarray:
    """Return which values from the visit on are missing (participant, visit)."""
    gaps = np.isnan(values)
    gaps[:, :last] = False
    return gaps


def _shifted(values: np.ndarray, treated: np.ndarray, last: int, worse: float) -> np.ndarray:
    return departures.delta_adjusted(imputed(values, treated), _gaps(values, last), treated == 1, worse)


def _pooled(completed: np.ndarray, treated: np.ndarray, last: int) -> dict[str, float]:
    difference, error, df = adjusted_difference(completed[..., last], treated, [completed[..., 0]])
    row = missing.pool(difference, error, complete_df=df).iloc[0]
    return {**row[["estimate", "low", "high", "p", "df"]].to_dict(), "people": len(treated)}


def _ancova(table: pd.DataFrame, name: str, week: int) -> dict[str, float]:
    long = course(table, name)
    found = longitudinal.ancova(long[long["visit"] == week], "change")
    row = found[found["term"] == f"{ORDER[1]} - {ORDER[0]}"].iloc[0]
    return {**row[["estimate", "low", "high", "p", "df"]].to_dict(), "people": row["n"]}


def _welch(table: pd.DataFrame, name: str, week: int) -> dict[str, float]:
    long = course(table, name)
    row = longitudinal.welch_change(long[long["visit"] == week], "change").iloc[0]
    people = row["n"] + row["n_control"]
    return {**row[["estimate", "low", "high", "p", "df"]].to_dict(), "people": people}


def _mmrm(table: pd.DataFrame, name: str, week: int) -> dict[str, float]:
    fitted = model(table, name)
    found = longitudinal.contrasts(fitted)
    row = found[found["visit"] == week].iloc[0]
    return {**row[["estimate", "low", "high", "p", "df"]].to_dict(), "people": len(fitted.people)}


def beside_random_intercept(table: pd.DataFrame, name: str, week: int = 52) -> pd.DataFrame:
    """Return the same difference at one visit by the MMRM and by a random-intercept model with normal intervals.

    Returns
    -------
    ``model, estimate, se, low, high, p, df`` (missing: taken as endless), in the outcome's unit.
    """
    long = course(table, name).dropna(subset=["change", "baseline"])
    centred = long.assign(baseline=long["baseline"] - long["baseline"].mean(), week=pd.Categorical(long["visit"]))
    fitted = mixedlm("change ~ C(week) * baseline + C(week) * C(arm)", centred, groups=centred["participant"]).fit()
    column = f"C(arm)[T.{ORDER[1]}]"
    rows = np.zeros(len(fitted.fe_params))
    names = list(fitted.fe_params.index)
    for term in (column, f"C(week)[T.{week}]:{column}"):
        rows[names.index(term)] = 1.0
    test = fitted.t_test(rows[None])
    low, high = np.ravel(test.conf_int())
    own = longitudinal.contrasts(model(table, name))
    mmrm = own[own["visit"] == week].iloc[0]
    simple = {"model": "random intercept, normal interval", "estimate": np.ravel(test.effect)[0],
              "se": np.ravel(test.sd)[0], "low": low, "high": high, "p": float(test.pvalue), "df": np.nan}  # fmt: skip
    kept = ["estimate", "se", "low", "high", "p", "df"]
    return pd.DataFrame([{"model": MODELS[1], **mmrm[kept]}, simple])


def tipping(table: pd.DataFrame, name: str, deltas: Sequence[float], week: int = 52) -> pd.DataFrame:
    """Return ``departures.tipping_point`` of an outcome's difference: those of the intervention who left made worse.

    ``deltas`` are in the outcome's unit. Where nobody of the intervention left, the table has no rows and its
    ``attrs["tipping_point"]`` is NaN.
    """
    values, treated, weeks = wide(table, name)
    last = weeks.index(week) + 1
    gaps = _gaps(values, last)
    if not gaps[treated == 1].any():
        empty = pd.DataFrame(columns=["delta", "conclusion", "estimate", "low", "high", "p"])
        empty.attrs = {"tipping_point": float("nan"), "shifted": 0}
        return empty

    def analyse(completed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        difference, error, _ = adjusted_difference(completed[..., last], treated, [completed[..., 0]])
        return difference, error

    return departures.tipping_point(
        imputed(values, treated), gaps, treated == 1, analyse, deltas, complete_df=len(treated) - 3
    )


def mediated(table: pd.DataFrame, between: int = 25, week: int = 52) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how much of the arm's effect on pain goes through the knee adduction moment at an earlier visit.

    Returns
    -------
    ``mediation.mediation`` of arm (0, 1), KAM change in % of natural at week ``between``, and pain change at ``week``
    (NRS points), adjusted for both baselines; and ``mediation.mediation_sensitivity`` of the same.
    """
    pain, load = course(table, "NRS_med"), course(table, "KAM_peak_target_FPA")
    late = pain[pain["visit"] == week].set_index("participant")
    early = load[load["visit"] == between].set_index("participant").loc[late.index]
    arrays = (
        (late["arm"] == ORDER[1]).to_numpy().astype(float),
        (100 * early["change"] / early["baseline"]).to_numpy(float),
        late["change"].to_numpy(float),
        [late["baseline"].to_numpy(float), early["baseline"].to_numpy(float)],
    )
    weeks = (1, between, week)
    split = mediation.mediation(*arrays, weeks=weeks, seed=SEED)
    return split, mediation.mediation_sensitivity(*arrays, seed=SEED)


def headlines() -> pd.DataFrame:
    """Return what has been published of the trial's results: ``measure, value, unit, source, status, note``."""
    return studies("Uhlrich 2025")[["measure", "value", "unit", "source", "status", "note"]]


def published_value(measure: str) -> float:
    """Return one published number of the trial, in the unit of ``headlines``, by the start of its measure.

    Raises
    ------
    StatisticsError : none, or several, begin so.
    """
    rows = headlines()
    found = rows[rows["measure"].str.startswith(measure)]
    if len(found) != 1:
        raise StatisticsError(f"published: expected one measure that begins with {measure!r}, found {len(found)}.")
    return float(found["value"].iloc[0])
