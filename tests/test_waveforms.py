"""Whole curves: thresholds against the closed form, published examples through spm1d, and what is refused."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import gammaln

from gaitstudy.conventions import StatisticsError
from gaitstudy.stats import waveforms

RNG = np.random.default_rng(7)
ROOT = np.sqrt(4 * np.log(2)) / (2 * np.pi)


def exceeded(z: float, kind: str, df: tuple[float, float], resels: float) -> float:
    """Probability that a smooth random field exceeds z anywhere: Worsley's densities, written anew here."""
    k, v = df
    if kind == "t":
        parts = stats.t.sf(z, v), ROOT * (1 + z**2 / v) ** (-(v - 1) / 2)
    else:
        scale = np.exp(gammaln((v + k - 1) / 2) - gammaln(v / 2) - gammaln(k / 2))
        slope = (k * z / v) ** ((k - 1) / 2) * (1 + k * z / v) ** (-(v + k - 2) / 2)
        parts = stats.f.sf(z, k, v), 2 * ROOT * np.sqrt(np.pi) * scale * slope
    return -np.expm1(-(parts[0] + resels * parts[1]))


def threshold(kind: str, df: tuple[float, float], resels: float, alpha: float = 0.05) -> float:
    return float(brentq(lambda z: exceeded(z, kind, df, resels) - alpha, 1.0, 200.0, xtol=1e-12))


def curves(people: int, seed: int, nodes: int = 101) -> np.ndarray:
    rough = np.random.default_rng(seed).standard_normal((people, nodes))
    return np.apply_along_axis(lambda v: np.convolve(v, np.hanning(25), "same"), 1, rough)


# ---- closed form ----


def test_the_closed_form_has_the_known_thresholds() -> None:
    assert threshold("t", (1, 8), 100 / 15) == pytest.approx(3.785605, abs=5e-6)
    assert threshold("F", (1, 8), 100 / 15) == pytest.approx(19.170758, abs=5e-5)
    assert threshold("t", (1, 9), 4.90871) == pytest.approx(3.40590, abs=5e-6)
    assert threshold("t", (1, 9), 4.90871, 0.025) == pytest.approx(3.93947, abs=5e-6)


def test_hotellings_threshold_is_that_of_its_f() -> None:
    p, m = 10.0, 39.0
    z = threshold("F", (p, m - p + 1), 7.17592)
    assert z * p * m / (m - p + 1) == pytest.approx(48.857, abs=0.02)


# ---- invariance ----


def test_units_and_order() -> None:
    pytest.importorskip("spm1d", reason="spm1d is not installed")
    a, b = curves(12, 1), curves(9, 2) + 1.0
    one, scaled, turned = (waveforms.t_two_sample(*pair) for pair in ((a, b), (1000 * a + 5, 1000 * b + 5), (b, a)))
    assert scaled.threshold == pytest.approx(one.threshold) and scaled.statistic == pytest.approx(one.statistic)
    assert turned.statistic == pytest.approx(-one.statistic)
    assert list(turned.clusters["sign"]) == [-s for s in one.clusters["sign"]]
    vectors = np.stack([a, curves(12, 3)], -1), np.stack([b, curves(9, 4)], -1)
    plain = waveforms.hotelling_two_sample(*vectors)
    mixed = waveforms.hotelling_two_sample(*(v @ np.array([[2.0, 1.0], [0.5, -3.0]]) for v in vectors))
    assert mixed.statistic == pytest.approx(plain.statistic), "T2 knows no units and no axes of the components"


def test_the_field_is_the_textbook_statistic_at_every_node() -> None:
    pytest.importorskip("spm1d", reason="spm1d is not installed")
    a, b, x = curves(12, 1), curves(9, 2), RNG.standard_normal(12)
    assert waveforms.t_two_sample(a, b).statistic == pytest.approx(stats.ttest_ind(a, b).statistic)
    unlike = waveforms.t_two_sample(a, 5 * b)
    assert unlike.df == (1.0, 19.0), "the pooled test's, whatever the spreads"
    assert unlike.threshold == pytest.approx(threshold("t", unlike.df, unlike.resels, 0.025), abs=1e-4)
    assert waveforms.t_paired(a[:9], b).statistic == pytest.approx(stats.ttest_rel(a[:9], b).statistic)
    assert waveforms.t_one_sample(a).statistic == pytest.approx(stats.ttest_1samp(a, 0.0).statistic)
    r = np.array([np.corrcoef(x, node)[0, 1] for node in a.T])
    assert waveforms.regression(a, x).statistic == pytest.approx(r * np.sqrt(10 / (1 - r**2)))


def test_noise_exceeds_the_threshold_as_often_as_it_says() -> None:
    """200 pairs of groups without a difference: 5 % should pass, 10 +- 3.1; bounds at about 3 of those."""
    pytest.importorskip("spm1d", reason="spm1d is not installed")
    passed = sum(len(waveforms.t_two_sample(curves(10, 2 * k), curves(10, 2 * k + 1)).clusters) > 0 for k in range(200))
    assert 1 <= passed <= 20


def test_clusters_start_and_end_where_the_curve_crosses_the_threshold() -> None:
    pytest.importorskip("spm1d", reason="spm1d is not installed")
    percent = np.arange(101.0)
    away = -14 * np.exp(-(((percent - 25) / 8) ** 2)) + 8 * np.exp(-(((percent - 75) / 6) ** 2))
    made = waveforms.t_one_sample(curves(12, 11) + away)
    size = np.abs(made.statistic)
    change = np.flatnonzero(np.diff((size > made.threshold).astype(int)))
    crossings = change + (made.threshold - size[change]) / (size[change + 1] - size[change])
    assert made.clusters[["start", "end"]].to_numpy().ravel() == pytest.approx(crossings, abs=1e-6)
    assert made.clusters["sign"].tolist() == [-1.0, 1.0]
    assert made.largest == pytest.approx(-made.statistic.min()) and made.largest > made.statistic.max()
    assert waveforms.summary([made])["p"].item() == made.clusters["p"].iloc[0] < made.clusters["p"].iloc[1]


# ---- another program's numbers, real data ----


def test_published_examples() -> None:
    spm1d = pytest.importorskip("spm1d", reason="spm1d is not installed")
    shipped = spm1d.data
    besier = waveforms.hotelling_two_sample(*shipped.mv1d.hotellings2.Besier2009muscleforces().get_data())
    assert besier.threshold == pytest.approx(48.857, abs=5e-4)
    assert besier.df == (10.0, 39.0) and besier.n == (15, 26)
    assert list(besier.clusters["p"].round(3)) == [0.012]
    caravaggi = shipped.uv1d.tpaired.PlantarArchAngle().get_data()
    one, two = (waveforms.t_paired(*caravaggi, two_tailed=tails) for tails in (False, True))
    assert (one.threshold, two.threshold) == (pytest.approx(3.40590, abs=5e-6), pytest.approx(3.93947, abs=5e-6))
    assert float(one.clusters["p"].iloc[0]) == pytest.approx(0.03528, abs=5e-6)
    assert float(two.clusters["p"].iloc[0]) == pytest.approx(0.03730, abs=5e-6)
    assert (one.fwhm, one.resels) == (pytest.approx(20.37196, abs=5e-6), pytest.approx(4.90871, abs=5e-6))
    assert one.df == (1.0, 9.0) and one.largest == pytest.approx(6.55176, abs=5e-6)
    assert waveforms.regression(*shipped.uv1d.regress.SpeedGRF().get_data()).threshold == pytest.approx(
        3.39449, abs=5e-6
    )
    # the closed form gives the same threshold from smoothness and degrees of freedom alone
    for test, alpha in ((one, 0.05), (two, 0.025)):
        assert test.threshold == pytest.approx(threshold("t", test.df, test.resels, alpha), abs=1e-4)
    table = waveforms.summary([besier, one])
    assert table["n"].tolist() == ["15 + 26", "10"] and table["clusters"].tolist() == [1, 1]


# ---- what it refuses ----


def test_refusals() -> None:
    a, gap = curves(5, 1), curves(5, 2)
    gap[2, 3] = np.nan
    with pytest.raises(StatisticsError, match="second: expected no missing values, found 1"):
        waveforms.t_two_sample(a, gap)
    with pytest.raises(StatisticsError, match="the same people twice, found 5 and 4"):
        waveforms.t_paired(a, a[:4])
    with pytest.raises(StatisticsError, match=r"expected \(person, node, component\)"):
        waveforms.hotelling_two_sample(a, a)
    with pytest.raises(StatisticsError, match="more people than components"):
        waveforms.hotelling_two_sample(np.ones((3, 20, 8)), np.ones((3, 20, 8)))
    with pytest.raises(StatisticsError, match="curves of one length"):
        waveforms.t_two_sample(a, a[:, :50])
    with pytest.raises(StatisticsError, match="5 known and different values of x"):
        waveforms.regression(a, np.ones(5))
    with pytest.raises(StatisticsError, match="three curves or more"):
        waveforms.regression(a[:2], np.array([1.0, 2.0]))
    with pytest.raises(StatisticsError, match="three nodes or more, found 1"):
        waveforms.t_one_sample(a[:, :1])
    with pytest.raises(StatisticsError, match="follow from each other"):
        waveforms.hotelling_two_sample(np.stack([a, 2 * a], -1), np.stack([curves(6, 3), 2 * curves(6, 3)], -1))
    with pytest.raises(StatisticsError, match="alpha: expected between 0 and 1"):
        waveforms.t_one_sample(a, alpha=5)


def test_curves_tied_at_a_node_are_refused() -> None:
    pytest.importorskip("spm1d", reason="spm1d is not installed")
    a = curves(5, 1)
    tied = a.copy()
    tied[:, 0] = 0.0
    for test in (lambda: waveforms.t_one_sample(tied), lambda: waveforms.t_paired(a, a)):
        with pytest.raises(StatisticsError, match="expected people who differ at every node"):
            test()


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "spm1d":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StatisticsError, match=r"expected the package spm1d, found none\. Install gaitstudy\[spm1d\]"):
        waveforms.t_two_sample(curves(5, 1), curves(5, 2))
