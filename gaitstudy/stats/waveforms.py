"""Whole curves tested at once, by random field theory: a thin adapter to the package spm1d (GPL-3, an extra).

Where spm1d departs from the textbook, what is done here:

- its two-sample t test with unequal variances returns the field of the pooled test: only equal variances are offered;
- the p value of a cluster cannot exceed alpha there, as only clusters above the threshold are looked at: read it as
  "below alpha", and as a size only far below;
- its permutation tests enumerate half of the relabellings and take the threshold as a linear percentile; repeated
  designs with one observation a cell take smoothness from approximate residuals, so that thresholds are too low. None
  of these is offered here (``stats.resampling`` permutes single numbers exactly).
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gaitstudy.conventions import StatisticsError

COLUMNS = ("start", "end", "extent_resels", "sign", "p")


class FieldTest(NamedTuple):
    """One test over a whole curve.

    ``statistic`` at every node, t or T2; ``threshold`` that smooth random curves with the same ``df`` (as the package
    counts them) and ``resels`` (length of the curve in units of its smoothness; ``fwhm`` in nodes) exceed anywhere with
    probability ``alpha``; ``clusters``: rows of ``COLUMNS``, ``start, end`` in per cent of the curve, ``p`` of a
    cluster of that extent; ``n`` curves in each group.
    """

    name: str
    statistic: np.ndarray
    threshold: float
    df: tuple[float, float]
    fwhm: float
    resels: float
    alpha: float
    two_tailed: bool
    clusters: pd.DataFrame
    n: tuple[int, ...]

    @property
    def largest(self) -> float:
        """The statistic's largest value over the curve, by size in a two-tailed test."""
        return float(np.abs(self.statistic).max() if self.two_tailed else self.statistic.max())


def hotelling_two_sample(first: np.ndarray, second: np.ndarray, *, alpha: float = 0.05) -> FieldTest:
    """Test whether two groups' mean vectors differ anywhere along the curve (Hotelling's T2, equal covariances).

    Parameters
    ----------
    first, second : (person, node, component), any unit. The test weighs components by their own spread and finds
        combinations that no single component shows; it is always two-sided.

    Raises
    ------
    StatisticsError : missing values, other shapes, too few people for the components, a node at which people do not
        differ or components depend on each other, alpha outside 0-1, or spm1d not installed.

    References
    ----------
    Pataky TC et al. (2013) J Biomech 46:2394, doi 10.1016/j.jbiomech.2013.07.031.
    """
    a, b = _checked({"first": first, "second": second}, 3)
    if len(a) + len(b) - 2 < a.shape[2] + 1:
        raise StatisticsError(
            f"hotelling_two_sample: expected more people than components, found {len(a)} + {len(b)} people and "
            f"{a.shape[2]} components. Leave components out."
        )
    residuals = np.concatenate([v - v.mean(0) for v in (a, b)]).swapaxes(0, 1)
    sizes = np.linalg.svd(residuals / np.maximum(residuals.std(1, keepdims=True), 1e-300), compute_uv=False)
    if (sizes[:, -1] <= 1e-7 * sizes[:, 0]).any():
        raise StatisticsError(
            "hotelling_two_sample: expected components that vary and do not follow from each other at any node, found "
            "others. Leave components, or nodes, out."
        )
    return _tested("two-sample T2", "hotellings2", (a, b), alpha, None, (len(a), len(b)))


def t_two_sample(first: np.ndarray, second: np.ndarray, *, alpha: float = 0.05, two_tailed: bool = True) -> FieldTest:
    """Test whether two groups' mean curves differ anywhere (pooled variance); positive where ``first`` is larger.

    Parameters
    ----------
    first, second : (person, node), one unit. two_tailed : False tests for ``first`` larger than ``second`` alone.

    Raises
    ------
    StatisticsError : as ``hotelling_two_sample``.
    """
    a, b = _checked({"first": first, "second": second}, 2)
    return _tested("two-sample t", "ttest2", (a, b, True), alpha, two_tailed, (len(a), len(b)))


def t_paired(first: np.ndarray, second: np.ndarray, *, alpha: float = 0.05, two_tailed: bool = True) -> FieldTest:
    """Test whether the same people's curves differ anywhere between two conditions; positive where ``first`` is larger.

    Parameters
    ----------
    first, second : (person, node), the same people in the same order. two_tailed : as ``t_two_sample``.

    Raises
    ------
    StatisticsError : as ``hotelling_two_sample``, or different numbers of people.
    """
    a, b = _checked({"first": first, "second": second}, 2)
    if len(a) != len(b):
        raise StatisticsError(f"t_paired: expected the same people twice, found {len(a)} and {len(b)} curves.")
    return _tested("paired t", "ttest_paired", (a, b), alpha, two_tailed, (len(a),))


def t_one_sample(curves: np.ndarray, *, alpha: float = 0.05, two_tailed: bool = True) -> FieldTest:
    """Test whether a mean curve differs from zero anywhere; positive where it lies above.

    Parameters
    ----------
    curves : (person, node), one curve each, any unit. two_tailed : as ``t_two_sample``.

    Raises
    ------
    StatisticsError : as ``hotelling_two_sample``.
    """
    (a,) = _checked({"curves": curves}, 2)
    return _tested("one-sample t", "ttest", (a, 0.0), alpha, two_tailed, (len(a),))


def regression(curves: np.ndarray, x: np.ndarray, *, alpha: float = 0.05, two_tailed: bool = True) -> FieldTest:
    """Test whether curves rise or fall with a number anywhere; positive where they rise.

    Parameters
    ----------
    curves : (observation, node). x : (observation,). Observations count as independent: several of one person make
        the test speak of that person's further walks, never of people.

    Raises
    ------
    StatisticsError : as ``hotelling_two_sample``, fewer than three curves, another number of x, or an x that does not
        vary.
    """
    (a,), b = _checked({"curves": curves}, 2), np.asarray(x, float)
    if b.shape != (len(a),) or len(a) < 3 or not np.isfinite(b).all() or not np.ptp(b) > 0:
        raise StatisticsError(
            f"regression: expected three curves or more and {len(a)} known and different values of x, found {b.shape}."
        )
    return _tested("regression t", "regress", (a, b), alpha, two_tailed, (len(a),))


def summary(tests: Sequence[FieldTest]) -> pd.DataFrame:
    """Return one row a test: ``test, n, df1, df2, threshold, largest, fwhm, resels, clusters, p``.

    ``p`` is the smallest of its clusters' p values, no unit; NaN without a cluster above the threshold.
    """
    rows = []
    for test in tests:
        row: dict[str, Any] = {"test": test.name, "n": " + ".join(map(str, test.n))}
        row |= {"df1": test.df[0], "df2": test.df[1], "threshold": test.threshold, "largest": test.largest}
        row |= {"fwhm": test.fwhm, "resels": test.resels, "clusters": len(test.clusters)}
        rows.append(row | {"p": test.clusters["p"].min() if len(test.clusters) else np.nan})
    return pd.DataFrame(rows)


def _tested(
    name: str, kind: str, given: tuple[Any, ...], alpha: float, two_tailed: bool | None, n: tuple[int, ...]
) -> FieldTest:
    """The package's inference as plain numbers; ``two_tailed`` None: a statistic without a direction."""
    if not 0 < alpha < 1:
        raise StatisticsError(f"alpha: expected between 0 and 1, found {alpha}.")
    try:
        test = getattr(_spm1d().stats, kind)(*given)
        undefined = int((~np.isfinite(test.z)).sum())
    except ValueError:  # its own refusal, or a matrix without inverse
        undefined = -1
    if undefined:
        raise StatisticsError(
            f"{name}: expected people who differ at every node, found {undefined if undefined > 0 else 'some'} nodes "
            "at which the statistic is not defined. Leave nodes out at which all curves are tied."
        )
    made = test.inference(alpha) if two_tailed is None else test.inference(alpha, two_tailed=two_tailed)
    percent = 100 / (len(made.z) - 1)
    rows = [
        (*(percent * float(end) for end in c.endpoints), float(c.extentR), float(np.sign(c.csign)), float(c.P))
        for c in made.clusters
    ]
    clusters = pd.DataFrame(rows, columns=list(COLUMNS), dtype=float)
    df, resels = (tuple(map(float, values)) for values in (made.df, made.resels))
    return FieldTest(
        name, np.asarray(made.z, float), float(made.zstar), (df[0], df[1]), float(made.fwhm), resels[1], alpha,
        bool(two_tailed), clusters, n,
    )  # fmt: skip


def _checked(given: dict[str, np.ndarray], dims: int) -> list[np.ndarray]:
    """Return curves as arrays of floats, or one error with everything that is wrong."""
    arrays = {name: np.asarray(values, float) for name, values in given.items()}
    wanted = "(person, node)" if dims == 2 else "(person, node, component)"
    problems = [
        f"{name}: expected {wanted} with two or more people, found shape {a.shape}"
        for name, a in arrays.items()
        if a.ndim != dims or len(a) < 2
    ]
    problems += [
        f"{name}: expected curves of three nodes or more, found {a.shape[1]}"
        for name, a in arrays.items()
        if a.ndim == dims and a.shape[1] < 3
    ]
    problems += [
        f"{name}: expected no missing values, found {int((~np.isfinite(a)).sum())}; leave these people out, and say so"
        for name, a in arrays.items()
        if not np.isfinite(a).all()
    ]
    if not problems and len({a.shape[1:] for a in arrays.values()}) > 1:
        problems = [f"expected curves of one length, found {[a.shape for a in arrays.values()]}"]
    if problems:
        raise StatisticsError("curves: " + "; ".join(problems) + ".")
    return list(arrays.values())


def _spm1d() -> ModuleType:
    try:
        import spm1d
    except ImportError as error:
        raise StatisticsError(
            "random field theory: expected the package spm1d, found none. Install gaitstudy[spm1d]."
        ) from error
    return spm1d
