"""Simulated people who try five foot angles: what each angle does to each peak is known, and tests see it with error.

A person has a true mean peak for each condition. A test adds what is the day's: an offset common to all conditions
(markers are placed anew) and a wobble of each condition; each step adds noise that remembers the step before::

    peak (step)  =  natural - reduction (condition) + day's offset + day's wobble (condition) + step noise
    reduction    =  size x (slope of the person and direction + what is the modification's own)    size: 1 at 10 deg

Nothing here is evidence about patients. Every number is in ``parameters``, with its source or marked as an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import signal

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.step_table import CONDITIONS, PEAKS, TARGETS
from gaitstudy.simulate import parameters as assumed
from gaitstudy.stats import shrinkage


class Model(NamedTuple):
    """What the parameters amount to, over ``names``, pairs of condition and quantity, %BW*Ht.

    ``mean`` (name,); ``between`` (name, name), covariance of people's truths; ``day`` (name, name), covariance of one
    person's tests; ``values`` the parameters.
    """

    names: tuple[tuple[str, str], ...]
    mean: np.ndarray
    between: np.ndarray
    day: np.ndarray
    values: Mapping[str, float]


class People(NamedTuple):
    """Simulated people: ``truth`` (person, condition, quantity), true mean peaks, %BW*Ht; ``quantities``; ``noise``
    (person,), SD of a step relative to the mean person's; ``fpa`` (person,), natural angle, deg, toe-out positive;
    ``model`` they come from."""

    truth: np.ndarray
    quantities: tuple[str, ...]
    noise: np.ndarray
    fpa: np.ndarray
    model: Model


def parameters(changed: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the table of parameters, each in its unit (%BW*Ht, deg, steps or none), with the changes made.

    Raises
    ------
    GaitStudyError : as ``simulate.parameters.table``.
    """
    return assumed.table("virtual_foot_angles.csv", changed)


def model(changed: Mapping[str, float] | None = None, *, kfm: bool = False) -> Model:
    """Return mean and covariances of the true peaks, %BW*Ht, that the parameters imply.

    The spreads that sources give hold the error of their measurement; it is taken off: day and wobble from the natural
    peaks', wobble and the noise of ``steps_seen`` steps, twice each, from the toe-in reduction's.

    Parameters
    ----------
    changed : new values by name. kfm : also the knee flexion moment, %BW*Ht, unrelated to the rest.

    Raises
    ------
    GaitStudyError : an unknown parameter, or error that is larger than the spread it is part of.
    """
    p = dict(parameters(changed)[["name", "value"]].itertuples(index=False, name=None))
    reduction = p["toe_in_kam1_sd"] ** 2 - 2 * p["wobble_sd"] ** 2 - 2 * p["step_sd"] ** 2 * _inflation(p)
    natural = [p[f"{k}_sd"] ** 2 - p["day_sd"] ** 2 - p["wobble_sd"] ** 2 for k in PEAKS]
    if min(reduction, *natural) <= 0:
        raise GaitStudyError(
            "parameters: expected spreads between people above the error of measurement, found true variances of "
            f"{reduction:.3f} (toe-in), {natural[0]:.3f}, {natural[1]:.3f} (natural peaks). Lower the errors."
        )
    size = np.array([abs(TARGETS[c]) / 10 for c in CONDITIONS])
    size[np.isclose(size, 0.5)] = p["half"]
    toe_in = np.array([TARGETS[c] < 0 for c in CONDITIONS])
    slope = np.array([[p["toe_in_kam1"], 0.0], [p["toe_out_kam1"], p["toe_out_kam2"] / 100 * p["kam2_mean"]]])
    slope[0, 1] = p["toe_in_kam2"] * slope[1, 1]
    levels = np.array([p["kam1_mean"], p["kam2_mean"]])
    mean = levels - size[:, None] * np.where(toe_in[:, None], slope[0], slope[1])
    alike = np.array([[1, p["peak_correlation"]], [p["peak_correlation"], 1]])
    root = np.sqrt(natural)
    both = np.ones((len(size), len(size)))
    directions = np.where(toe_in[:, None] == toe_in, 1.0, p["direction_correlation"])
    shared = (1 - p["own_share"]) * directions + p["own_share"] * np.eye(len(size))
    peaks = np.array([[1, p["slope_correlation"]], [p["slope_correlation"], 1]])
    between = np.kron(both, alike * np.outer(root, root)) + np.kron(np.outer(size, size) * shared, reduction * peaks)
    days = p["day_sd"] ** 2 * np.array([[1, p["day_correlation"]], [p["day_correlation"], 1]])
    day = np.kron(both, days) + p["wobble_sd"] ** 2 * np.eye(2 * len(size))
    names = [(c, k) for c in CONDITIONS for k in PEAKS]
    if kfm:
        own = p["kfm_sd"] ** 2 * both + p["kfm_change_sd"] ** 2 * np.outer(size, size) * shared
        mean = np.column_stack([mean, np.full(len(size), p["kfm_mean"])])
        wobble = p["kfm_day_sd"] ** 2 * both + p["kfm_wobble_sd"] ** 2 * np.eye(len(size))
        between, day = _beside(between, own), _beside(day, wobble)
        names = [(c, k) for c in CONDITIONS for k in (*PEAKS, "kfm")]
    return Model(tuple(names), mean.ravel(), between, day, p)


def people(
    count: int, seed: int | np.random.Generator = 0, changed: Mapping[str, float] | None = None, *, kfm: bool = False
) -> People:
    """Return simulated people with their true peaks, %BW*Ht.

    Natural peaks and changes are normal; the few people with a true peak below a tenth of its mean are drawn again.

    Raises
    ------
    GaitStudyError : fewer than one person, or as ``model``.
    """
    if count < 1:
        raise GaitStudyError(f"count: expected 1 person or more, found {count}.")
    rng, made = np.random.default_rng(seed), model(changed, kfm=kfm)
    root = shrinkage.root(made.between)  # where modifications have nothing of their own its rank is short
    truth = np.empty((0, len(made.mean)))
    while len(truth) < count:
        drawn = made.mean + rng.standard_normal((count, len(made.mean))) @ root
        truth = np.concatenate([truth, drawn[(drawn > made.mean / 10).all(1)]])[:count]
    p, shape = made.values, (count, len(CONDITIONS), -1)
    noise = np.exp(p["step_spread"] * rng.standard_normal(count) - p["step_spread"] ** 2 / 2)
    fpa = p["fpa_mean"] + p["fpa_sd"] * rng.standard_normal(count)
    quantities = (*PEAKS, *(["kfm"] if kfm else []))
    return People(truth.reshape(shape), quantities, noise, fpa, made)


def walk(
    who: People, steps: int, tests: int = 1, seed: int | np.random.Generator = 0, *, angles: bool = False
) -> pd.DataFrame:
    """Return the steps that tests of these people record: a table as ``io.step_table`` describes it, %BW*Ht and deg.

    Parameters
    ----------
    steps : in each condition of each test. angles : also each step's foot progression angle, deg, toe-out positive; it
        misses the target, but the peaks do not know of it.

    Raises
    ------
    GaitStudyError : fewer than one step or test.
    """
    if steps < 1 or tests < 1:
        raise GaitStudyError(f"walk: expected 1 step and 1 test or more, found {steps} and {tests}.")
    rng, p = np.random.default_rng(seed), who.model.values
    count, conditions, size = who.truth.shape
    day = rng.standard_normal((count, tests, conditions * size)) @ np.linalg.cholesky(who.model.day).T
    means = who.truth[:, None] + day.reshape(count, tests, conditions, size)
    fresh = rng.standard_normal((count, tests, conditions, steps, size))
    fresh[..., 1] = p["step_correlation"] * fresh[..., 0] + np.sqrt(1 - p["step_correlation"] ** 2) * fresh[..., 1]
    memory = p["step_memory"]
    fresh[..., 1:, :] *= np.sqrt(1 - memory**2)  # the first step is drawn from the lasting spread
    noise = signal.lfilter([1.0], [1.0, -memory], fresh, axis=3)
    spread = who.noise[:, None] * np.array([p["step_sd"], p["step_sd"], p["kfm_step_sd"]][:size])
    values = means[:, :, :, None] + noise * spread[:, None, None, None]
    shape = values.shape[:-1]
    person, test, condition, step = (axis.ravel() for axis in np.indices(shape, sparse=False))
    table = pd.DataFrame({"person": person, "test": test + 1, "step": step + 1})
    table.insert(2, "condition", pd.Categorical.from_codes(condition, list(CONDITIONS)))
    table[list(who.quantities)] = values.reshape(-1, size)
    if angles:
        target = who.fpa[:, None, None, None] + np.array(list(TARGETS.values()))[:, None]
        miss = p["fpa_miss_sd"] * rng.standard_normal((*shape[:3], 1))
        table["fpa"] = (target + miss + p["fpa_step_sd"] * rng.standard_normal(shape)).ravel()
    return table


def _inflation(p: Mapping[str, float]) -> float:
    """Return the variance of the mean of ``steps_seen`` steps, in variances of one step."""
    lags, memory = np.arange(1, int(p["steps_seen"])), p["step_memory"]
    return float(1 + 2 * ((1 - lags / p["steps_seen"]) * memory**lags).sum()) / p["steps_seen"]


def _beside(two: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return a covariance of pairs by condition with a third, unrelated quantity put in beside each pair."""
    conditions = len(one)
    full = np.zeros((conditions, 3, conditions, 3))
    full[:, :2, :, :2] = two.reshape(conditions, 2, conditions, 2)
    full[:, 2, :, 2] = one
    return full.reshape(3 * conditions, 3 * conditions)
