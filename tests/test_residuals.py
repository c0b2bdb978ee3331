"""What a model leaves: residuals that are uncorrelated once scaled, covariances beside those seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats.longitudinal import mmrm
from gaitstudy.stats.residuals import covariances, residuals
from tests.test_longitudinal import trial


def test_scaled_residuals_have_unit_variance_and_no_correlation() -> None:
    rng = np.random.default_rng(3)
    people, visits = 4000, 3
    arm, baseline = np.arange(people) % 2, rng.normal(5, 1, people)
    root = np.array([[1.0, 0, 0], [1.5, 1, 0], [2, 1, 1.5]])
    outcome = baseline[:, None] + arm[:, None] + rng.normal(size=(people, visits)) @ root.T
    outcome[rng.uniform(size=outcome.shape) < 0.2] = np.nan
    table = pd.DataFrame(
        {
            "participant": np.repeat(np.arange(people), visits), "visit": np.tile([1, 2, 3], people),
            "arm": np.repeat(arm, visits), "baseline": np.repeat(baseline, visits), "outcome": outcome.ravel(),
        }
    )  # fmt: skip
    model = mmrm(table)
    found = residuals(model)
    assert len(found) == np.isfinite(outcome).sum()
    np.testing.assert_allclose(found["fitted"] + found["residual"], found["outcome"], rtol=1e-12)
    wide = found.pivot(index="participant", columns="visit", values="scaled")
    np.testing.assert_allclose(wide.dropna().cov(), np.eye(3), atol=4 * np.sqrt(2 / 2000))  # four standard errors
    np.testing.assert_allclose(model.covariance, root @ root.T, rtol=0.15)


def test_covariances_of_a_complete_trial_are_the_residuals_own() -> None:
    table = trial("complete")
    found = covariances(mmrm(table))
    assert found["people"].tolist() == [40] * 10
    np.testing.assert_allclose(found["empirical"] * 40 / 37, found["covariance"], rtol=1e-8)
    assert found.query("visit == other")["correlation"].tolist() == pytest.approx([1] * 4)


def test_pairs_are_counted_and_a_fit_without_a_number_has_no_residuals() -> None:
    table = trial("intermittent")
    wide = table.pivot(index="participant", columns="visit", values="outcome").notna().astype(int)
    pairs = wide.T @ wide
    for row in covariances(mmrm(table)).itertuples():
        assert row.people == pairs.loc[row.visit, row.other]
    with pytest.raises(StatisticsError, match="no number"):
        residuals(mmrm(trial("complete").query("participant < 's006'")))
