"""Meta-analysis: closed forms, what must not change it, R's metafor, and what it refuses."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import catalogue
from gaitstudy.stats.evidence import INTERVALS, pool

REFERENCE = catalogue.data_folder() / "reference"
ORACLE = Path(__file__).parent / "oracles" / "meta_analysis.R"
TESTS = {"z": "Wald", "adhoc": "Hartung-Knapp, truncated"}
Y, SE = np.array([-0.1, -0.6, 0.2, -0.9]), np.array([0.1, 0.2, 0.15, 0.3])


# ---- closed form ----


def test_equal_errors_have_a_closed_form() -> None:
    """With one variance v for all, tau2 is the sample variance less v, and weights are equal."""
    found = pool(Y, np.full(4, 0.2)).iloc[0]
    assert found["tau2"] == pytest.approx(Y.var(ddof=1) - 0.04, rel=1e-12)
    assert found["estimate"] == pytest.approx(Y.mean(), rel=1e-12)
    low, high = stats.ttest_1samp(Y, 0).confidence_interval()  # Hartung-Knapp is then the one-sample t test
    assert (found["low"], found["high"]) == pytest.approx((low, high), rel=1e-12)
    assert found["p"] == pytest.approx(stats.ttest_1samp(Y, 0).pvalue, rel=1e-10)


def test_studies_closer_than_their_errors_have_no_variance_between() -> None:
    same = pool(np.array([-0.2, -0.21, -0.19]), np.full(3, 0.3), interval="Wald").iloc[0]
    fixed = combine_effects(np.array([-0.2, -0.21, -0.19]), np.full(3, 0.09)).summary_frame().loc["fixed effect"]
    assert same["tau2"] == 0 == same["i2"]
    assert same["low"] == pytest.approx(fixed["ci_low"], rel=1e-12)
    assert same["prediction_low"] == pytest.approx(same["low"])


def test_truncated_interval_is_never_narrower_than_unscaled() -> None:
    alike = (np.array([-0.2, -0.21, -0.19]), np.full(3, 0.3))
    cut, wald = (pool(*alike, interval=i).iloc[0] for i in ("Hartung-Knapp, truncated", "Wald"))
    assert wald["standard_error"] == pytest.approx(cut["standard_error"]) and cut["low"] < wald["low"]


# ---- invariance ----


def test_sign_scale_and_order() -> None:
    base = pool(Y, SE).iloc[0]
    order = np.array([2, 0, 3, 1])
    for factor, index in ((-1.0, order), (10.0, order[::-1])):
        other = pool(factor * Y[index], abs(factor) * SE[index]).iloc[0]
        assert other["estimate"] == pytest.approx(factor * base["estimate"], rel=1e-9)
        bounds = sorted([factor * base["low"], factor * base["high"]])
        assert [other["low"], other["high"]] == pytest.approx(bounds, rel=1e-9)
        assert other["tau2"] == pytest.approx(factor**2 * base["tau2"], rel=1e-9)
        assert (other["q"], other["i2"], other["p"]) == pytest.approx((base["q"], base["i2"], base["p"]), rel=1e-9)


def test_restricted_likelihood_is_at_its_top() -> None:
    tau2 = pool(Y, SE)["tau2"].item()

    def likelihood(t: float) -> float:
        w = 1 / (SE**2 + t)
        away = Y - w @ Y / w.sum()
        return float(-0.5 * (np.log(SE**2 + t).sum() + np.log(w.sum()) + w @ away**2))

    assert likelihood(tau2) >= max(likelihood(t) for t in np.linspace(0, 5, 20001))


def test_of_two_tops_of_the_likelihood_the_higher_is_taken() -> None:
    y, se = np.array([-0.3, -0.3, 0.5, -0.2, 1.0]), np.array([0.18, 0.26, 2.0, 0.05, 0.43])

    def likelihood(t: float) -> float:
        w = 1 / (se**2 + t)
        away = y - w @ y / w.sum()
        return float(-0.5 * (np.log(se**2 + t).sum() + np.log(w.sum()) + w @ away**2))

    other = np.array([likelihood(t) for t in (0.05, 0.103, 0.2)])
    assert other.argmax() == 1 and likelihood(0.0) > other[1], "there are two"
    assert pool(y, se, interval="Wald")["tau2"].item() == 0.0


# ---- an independent program: R's metafor ----


def beside() -> pd.DataFrame:
    """Ours and metafor's, one row a set, interval and number."""
    data, theirs = (pd.read_csv(REFERENCE / f"meta_analysis{part}.csv") for part in ("_input", ""))
    theirs = theirs[(theirs["method"] == "REML") & theirs["test"].isin(TESTS)]
    rows = []
    for row in theirs.to_dict("records"):
        own = data[data["set"] == row["set"]]
        found = pool(own["effect"].to_numpy(), own["standard_error"].to_numpy(), interval=TESTS[row["test"]]).iloc[0]
        names = ("estimate", "standard_error", "low", "high", "p", "prediction_low", "prediction_high", "tau2", "q",
                 "q_p", "i2")  # fmt: skip
        for name in names:
            rows.append({k: row[k] for k in ("set", "test")} | {"of": name, "ours": found[name],
                                                                          "theirs": row[name]})  # fmt: skip
    return pd.DataFrame(rows)


def test_pooling_agrees_with_metafor() -> None:
    table = beside()
    assert table["set"].nunique() == 6 and len(table) == 6 * 2 * 11
    assert (table["ours"].isna() == table["theirs"].isna()).all()
    off = (table["ours"] - table["theirs"]).abs() / table["theirs"].abs().clip(lower=1)
    worst = table.assign(off=off).nlargest(3, "off")
    assert off.max() < 1e-6, worst


def test_metafor_sets_hold_the_cases_asked_for() -> None:
    theirs = pd.read_csv(REFERENCE / "meta_analysis.csv").query("method == 'REML' and test == 'knha'").set_index("set")
    assert theirs.loc["made up, alike", "tau2"] == 0 and theirs.loc["made up, two studies", "studies"] == 2
    assert theirs.loc["dat.bcg, log risk ratio", "estimate"] == pytest.approx(-0.7145, abs=1e-4)


def test_metafor_itself_agrees(tmp_path: Path) -> None:
    code = "quit(status = !requireNamespace('metafor', quietly = TRUE))"
    if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", code], capture_output=True).returncode:
        pytest.skip("R with metafor is not there")
    subprocess.run(["Rscript", str(ORACLE), str(tmp_path)], check=True, capture_output=True)
    for part in ("_input", ""):
        name = f"meta_analysis{part}.csv"
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / name), pd.read_csv(REFERENCE / name), rtol=1e-7)


# ---- simulated, with a known truth ----


def test_hartung_knapp_covers_where_wald_does_not() -> None:
    rng = np.random.default_rng(5)
    covered = dict.fromkeys(INTERVALS, 0)
    for _ in range(400):
        se = rng.uniform(0.1, 0.4, 6)
        y = -0.3 + 0.3 * rng.normal(size=6) + se * rng.normal(size=6)
        for interval in covered:
            found = pool(y, se, interval=interval)
            covered[interval] += bool((found["low"] < -0.3).item() and (found["high"] > -0.3).item())
    chance = stats.norm.isf(0.005) * np.sqrt(0.95 * 0.05 / 400)
    assert abs(covered["Hartung-Knapp, truncated"] / 400 - 0.95) < chance < 0.95 - covered["Wald"] / 400


# ---- refusals ----


@pytest.mark.parametrize(
    ("effect", "error", "interval"),
    [
        ([0.5], [0.1], "Wald"), ([0.1, np.nan], [0.1, 0.1], "Wald"), ([0.1, 0.2], [0.0, 0.1], "Wald"),
        ([0.1, 0.2], [0.1, 0.1], "best"),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled_is_refused(effect: list[float], error: list[float], interval: str) -> None:
    with pytest.raises(StatisticsError):
        pool(np.array(effect), np.array(error), interval=interval)


# ---- an independent program: statsmodels ----


def test_with_two_studies_moments_and_restricted_likelihood_agree() -> None:
    theirs = combine_effects(Y[:2], SE[:2] ** 2, method_re="chi2")
    ours = pool(Y[:2], SE[:2], interval="Wald").iloc[0]
    assert ours["tau2"] == pytest.approx(theirs.tau2, rel=1e-9) and theirs.tau2 > 0
    assert ours["estimate"] == pytest.approx(theirs.summary_frame().loc["random effect", "eff"], rel=1e-9)
