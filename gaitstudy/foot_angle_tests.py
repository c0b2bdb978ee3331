"""What tests of five foot angles say: mean peaks with their uncertainty, and how people and tests differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.step_table import CONDITIONS, KEY, Steps
from gaitstudy.stats import shrinkage
from gaitstudy.stats.blocks import block_means

POOLING = 10.0
"""Blocks of steps that everyone's step noise counts for beside a person's own; an assumption."""


class Measured(NamedTuple):
    """Mean peaks of people's tests: ``names``, pairs of condition and quantity; ``people``, their labels; ``values``
    (person, test, name), %BW*Ht, NaN where a person had fewer tests; ``sampling`` (person, test, name, name), their
    covariance about the means of endlessly many steps of the same test; ``excluded``, what was left out."""

    names: tuple[tuple[str, str], ...]
    people: pd.Index
    values: np.ndarray
    sampling: np.ndarray
    excluded: pd.DataFrame


class Prior(NamedTuple):
    """How people and tests differ, %BW*Ht: ``people`` (mean and covariance of truths), ``between_tests`` (name, name),
    covariance of one person's tests, zero if unknown; ``basis``, what both come from."""

    names: tuple[tuple[str, str], ...]
    people: shrinkage.People
    between_tests: np.ndarray
    basis: str


def measured(steps: Steps, *, block: int | None = None, pooling: float = POOLING) -> Measured:
    """Return each test's mean peaks, %BW*Ht, with the covariance that the moving block bootstrap of its steps gives.

    Few steps tell little about their own scatter, so each person's is drawn towards everyone's: a mean over blocks, the
    person's own (of all conditions and tests) and ``pooling`` blocks of everyone's.

    Parameters
    ----------
    steps : from ``step_table.checked``.
    block : steps in a block; without it the cube root of their number, rounded up (``stats.blocks``).
    pooling : blocks; 0 takes each person's own scatter alone.
    """
    table, quantities = steps.table, list(steps.quantities)
    groups = table.groupby(KEY, observed=True, sort=True)
    series = groups.ngroup().to_numpy()
    means = block_means(table[quantities].to_numpy(float), series, block)
    person, labels = pd.factorize(groups["person"].first(), sort=True)
    firsts = groups.head(1)
    tests = (firsts.groupby("person", observed=True)["test"].rank("dense").to_numpy() - 1).astype(int)
    conditions = firsts["condition"].cat.codes.to_numpy()
    long_run = means.covariance * means.size[:, None, None]
    weight = np.bincount(person, means.blocks)
    own = np.zeros((len(labels), *long_run.shape[1:]))
    np.add.at(own, person, means.blocks[:, None, None] * long_run)
    everyone = own.sum(0) / weight.sum()
    scatter = (own + pooling * everyone) / (weight + pooling)[:, None, None]
    size, q = len(CONDITIONS) * len(quantities), len(quantities)
    values = np.full((len(labels), tests.max() + 1, len(CONDITIONS), q), np.nan)
    values[person, tests, conditions] = means.mean
    sampling = np.zeros((*values.shape, len(CONDITIONS), q))
    sampling[person, tests, conditions, :, conditions] = scatter[person] / means.size[:, None, None]
    names = tuple((c, k) for c in CONDITIONS for k in quantities)
    return Measured(
        names, pd.Index(labels, name="person"), values.reshape(*values.shape[:2], size),
        sampling.reshape(*values.shape[:2], size, size), steps.excluded,
    )  # fmt: skip


def between_tests(again: Measured) -> tuple[np.ndarray, int]:
    """Return by how much one person's mean peaks differ between tests, (name, name), (%BW*Ht)^2, and its degrees.

    Raises
    ------
    StatisticsError : nobody was tested twice.
    """
    return shrinkage.between_tests(again.values, again.sampling)


def prior(people: Measured, tests: np.ndarray | None = None) -> Prior:
    """Return how people and tests differ, %BW*Ht: what one person's measurement is weighed against.

    Parameters
    ----------
    people : at least two for each mean (20 people without KFM).
    tests : (name, name), (%BW*Ht)^2, covariance of one person's tests, from ``between_tests`` of other people. Without
        it these people's own if some were tested twice; else zero, and promises are about the day of the test alone.

    Raises
    ------
    StatisticsError : too few people, or the fit did not converge.
    """
    several = int((np.isfinite(people.values).all(-1).sum(1) > 1).sum())
    if tests is not None:
        basis = "between tests: supplied"
    elif several:
        (tests, _), basis = between_tests(people), f"between tests: {several} people tested again"
    else:
        size = len(people.names)
        tests, basis = np.zeros((size, size)), "between tests: unknown, a promise for the day of the test alone"
    fitted = shrinkage.between_people(*over_tests(people, tests))
    if fitted.status != shrinkage.CONVERGED:
        raise StatisticsError(f"prior: {fitted.status}. Measure more people, or supply a prior (prior_from_table).")
    return Prior(people.names, fitted, tests, f"between people: {fitted.people} people; {basis}")


def prior_table(of: Prior) -> pd.DataFrame:
    """Return a prior as a table to keep: ``condition, quantity, mean``, %BW*Ht, and both covariances side by side."""
    names = [" ".join(name) for name in of.names]
    table = pd.DataFrame(of.names, columns=["condition", "quantity"]).assign(mean=of.people.mean)
    parts = {"people": of.people.between + of.people.error, "tests": of.between_tests}
    columns = [pd.DataFrame(m, columns=[f"{k}: {n}" for n in names]) for k, m in parts.items()]
    return pd.concat([table, *columns], axis=1)


def prior_from_table(table: pd.DataFrame, basis: str) -> Prior:
    """Return a prior from a table as ``prior_table`` gives it, %BW*Ht: with it one person alone can be advised.

    Parameters
    ----------
    basis : whose numbers they are; shown with every result.

    Raises
    ------
    StatisticsError : columns missing, gaps, or matrices that are no covariances.
    """
    named = [(str(c), str(q)) for c, q in table[["condition", "quantity"]].itertuples(index=False)]
    names = [" ".join(name) for name in named]
    absent = [c for k in ("people", "tests") for c in (f"{k}: {n}" for n in names) if c not in table]
    if absent:
        raise StatisticsError(f"prior table: expected a column for each row, found none for {', '.join(absent[:3])}.")
    people, tests = (table[[f"{k}: {n}" for n in names]].to_numpy(float) for k in ("people", "tests"))
    mean = table["mean"].to_numpy(float)
    for what, m in (("people", people), ("tests", tests)):
        scale = np.abs(m).max() if np.isfinite(m).all() else np.nan
        if not (np.allclose(m, m.T, atol=1e-9 * scale) and np.linalg.eigvalsh(m)[0] >= -1e-9 * scale):
            raise StatisticsError(f"prior table: expected a covariance in the columns '{what}: ...', found none.")
    supplied = shrinkage.People(mean, people, np.zeros_like(people), 0, "supplied", float("nan"))
    return Prior(tuple(named), supplied, tests, basis)


def over_tests(people: Measured, tests: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's mean over tests, %BW*Ht, and its covariance about the truth: of the tests and of the steps.

    Parameters
    ----------
    tests : (name, name), (%BW*Ht)^2, covariance of one person's tests.

    Returns
    -------
    values : (person, name). sampling : (person, name, name).
    """
    there = np.isfinite(people.values).all(-1)
    count = there.sum(1)
    values = np.where(there[..., None], people.values, 0.0).sum(1) / count[:, None]
    steps = np.where(there[..., None, None], people.sampling, 0.0).sum(1) / (count**2)[:, None, None]
    return values, steps + tests / count[:, None, None]
