"""Shrinkage: closed forms, invariance, R, and people whose truth is known."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitstudy.conventions import StatisticsError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.stats import shrinkage

SEED = 11
ORACLE = Path(__file__).parent / "oracles" / "shrinkage.R"


def drawn(people: int, seed: int = SEED, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truths, values and sampling covariances of simulated people."""
    rng = np.random.default_rng(seed)
    between = spread * np.array([[1.0, 0.5, -0.3], [0.5, 0.8, 0.1], [-0.3, 0.1, 0.6]])
    truth = rng.multivariate_normal([2.0, 1.0, -1.0], between, people, method="cholesky")
    root = 0.4 * rng.normal(size=(people, 3, 3))
    sampling = root @ root.transpose(0, 2, 1) + 0.3 * np.eye(3)
    noise = (np.linalg.cholesky(sampling) @ rng.standard_normal((people, 3, 1)))[..., 0]
    return truth, truth + noise, sampling


# ---- closed form ----


def test_the_same_sampling_for_all_gives_the_covariance_less_the_sampling() -> None:
    _, values, _ = drawn(50)
    same = np.broadcast_to(0.3 * np.eye(3), (50, 3, 3))
    found = shrinkage.between_people(values, same)
    assert found.status == shrinkage.CONVERGED
    np.testing.assert_allclose(found.between, np.cov(values.T) - 0.3 * np.eye(3), atol=1e-5)
    np.testing.assert_allclose(found.mean, values.mean(0), atol=1e-9)
    np.testing.assert_allclose(found.error, np.cov(values.T) / 50, atol=1e-6)


def test_one_quantity_is_drawn_to_the_mean_by_its_reliability() -> None:
    known = shrinkage.People(np.array([1.0]), np.array([[3.0]]), np.zeros((1, 1)), 0, "supplied", 0.0)
    values, sampling = np.array([[5.0], [1.0]]), np.array([[[1.0]], [[9.0]]])
    mean, covariance = shrinkage.shrink(values, sampling, known)
    np.testing.assert_allclose(mean[:, 0], [1 + 4 * 3 / 4, 1.0])
    np.testing.assert_allclose(covariance[:, 0, 0], [3 / 4, 9 / 4])
    _, estimated = shrinkage.shrink(values, sampling, known._replace(error=np.array([[2.0]])))  # a mean with variance 2
    np.testing.assert_allclose(estimated[:, 0, 0], [3 / 4 + 2 / 16, 9 / 4 + 2 * 9 / 16])


def test_the_root_is_symmetric_whatever_the_rank_and_turns_with_the_covariance() -> None:
    turn = np.linalg.qr(np.random.default_rng(SEED).normal(size=(4, 4)))[0]
    for sizes in ([4.0, 3, 2, 1], [4, 1, 1, 1], [4, 4, 0, 0], [0, 0, 0, 0]):
        found = shrinkage.root((turn * sizes) @ turn.T)
        np.testing.assert_allclose(found, (turn * np.sqrt(sizes)) @ turn.T, atol=1e-12)
        np.testing.assert_allclose(found, found.T, atol=1e-12)


def test_nothing_between_people_gives_everyone_the_mean() -> None:
    rng = np.random.default_rng(SEED)
    values, sampling = rng.normal(size=(60, 2)), np.broadcast_to(4 * np.eye(2), (60, 2, 2))  # far less than expected
    found = shrinkage.between_people(values, sampling)
    assert np.abs(found.between).max() < 1e-4 and found.status == shrinkage.CONVERGED
    np.testing.assert_allclose(shrinkage.shrink(values, sampling, found)[0], values.mean(0) + 0 * values, atol=1e-3)


def test_between_tests_of_equal_numbers_is_the_pooled_covariance_less_the_sampling() -> None:
    rng = np.random.default_rng(SEED)
    values = rng.normal(size=(400, 3, 2)) * 2
    sampling = np.broadcast_to(np.eye(2), (400, 3, 2, 2))
    found = shrinkage.between_tests(values, sampling)
    pooled = np.mean([np.cov(v.T) for v in values], axis=0)
    np.testing.assert_allclose(found, pooled - np.eye(2), rtol=1e-9)
    values[:200, 2] = np.nan
    again = shrinkage.between_tests(values, sampling)
    assert np.abs(again - found).max() < 0.5


def test_positive_takes_away_only_what_is_below_zero() -> None:
    np.testing.assert_allclose(shrinkage._positive(np.diag([2.0, -1.0])), np.diag([2.0, 0.0]))
    whole = np.array([[2.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(shrinkage._positive(whole), whole)


# ---- invariance ----


def test_units_and_mixtures_of_quantities_carry_over() -> None:
    _, values, sampling = drawn(60)
    mix = np.array([[1000.0, 0, 0], [1.0, -1.0, 0], [0, 0.2, 3.0]])
    plain = shrinkage.between_people(values, sampling)
    mixed = shrinkage.between_people(values @ mix.T + 5, mix @ sampling @ mix.T)
    np.testing.assert_allclose(mixed.between, mix @ plain.between @ mix.T, rtol=1e-4, atol=1e-4 * 1000)
    here = shrinkage.shrink(values, sampling, plain)[0] @ mix.T + 5
    np.testing.assert_allclose(shrinkage.shrink(values @ mix.T + 5, mix @ sampling @ mix.T, mixed)[0], here, rtol=1e-3)


def test_the_more_certain_a_person_the_less_is_taken_off() -> None:
    _, values, sampling = drawn(60)
    people = shrinkage.between_people(values, sampling)
    sure, _ = shrinkage.shrink(values, 1e-9 * sampling, people)
    np.testing.assert_allclose(sure, values, atol=1e-6)
    unsure, _ = shrinkage.shrink(values, 1e9 * sampling, people)
    np.testing.assert_allclose(unsure, people.mean + 0 * values, atol=1e-6)


def test_the_fit_ends_where_the_slope_is_nought_however_it_got_there() -> None:
    _, values, sampling = drawn(12, spread=0.05)  # so little between people that some direction has nothing
    one = shrinkage.between_people(values, sampling)
    assert np.linalg.eigvalsh(one.between)[0] < 1e-12
    order = [2, 0, 1]  # another way there: the root of the same covariance in another order
    two = shrinkage.between_people(values[:, order], sampling[:, order][:, :, order])
    assert one.status == two.status == shrinkage.CONVERGED
    np.testing.assert_allclose(two.between, one.between[np.ix_(order, order)], atol=1e-12)
    np.testing.assert_allclose(two.mean, one.mean[order], atol=1e-12)


# ---- an independent program ----


def against(folder: Path) -> None:
    table, expected = (pd.read_csv(folder / f"{name}.csv") for name in ("shrinkage_input", "shrinkage"))
    values = table[["y1", "y2", "y3"]].to_numpy()
    sampling = table[[f"s{i}{j}" for i in (1, 2, 3) for j in (1, 2, 3)]].to_numpy().reshape(-1, 3, 3)
    found = shrinkage.between_people(values, sampling)
    r = {what: rows["value"].to_numpy() for what, rows in expected.groupby("what", sort=False)}
    assert found.log_likelihood == pytest.approx(r["log likelihood"][0], abs=1e-6)
    np.testing.assert_allclose(found.mean, r["mean"], atol=1e-5)
    np.testing.assert_allclose(found.between, r["between"].reshape(3, 3), atol=1e-4)
    np.testing.assert_allclose(found.error, r["error"].reshape(3, 3), atol=1e-5)
    np.testing.assert_allclose(r["ML between"], r["nlme ML between"], atol=1e-4)  # R's two ways agree
    assert r["ML log likelihood"][0] == pytest.approx(r["nlme ML log likelihood"][0], abs=1e-6)
    people = shrinkage.shrink(values, sampling, found)[0]
    np.testing.assert_allclose(people, r["predicted"].reshape(3, -1).T, atol=1e-4)


def test_r_gives_the_same() -> None:
    against(data_folder() / "reference")


def test_r_gives_the_same_live(tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed; compared with committed numbers instead")
    have = "quit(status = !all(sapply(c('nlme', 'boot'), requireNamespace, quietly = TRUE)))"
    if subprocess.run(["Rscript", "-e", have], capture_output=True).returncode:
        pytest.skip("R has not both of nlme and boot; compared with committed numbers instead")
    subprocess.run(["Rscript", str(ORACLE), str(tmp_path), "10"], check=True, capture_output=True)
    against(tmp_path)


# ---- people whose truth is known ----


def test_truth_is_found_and_intervals_hold_it() -> None:
    truth, values, sampling = drawn(4000)
    people = shrinkage.between_people(values, sampling)
    mean, covariance = shrinkage.shrink(values, sampling, people)
    assert ((mean - truth) ** 2).mean() < 0.8 * ((values - truth) ** 2).mean()
    z = (truth - mean) / np.sqrt(np.einsum("pii->pi", covariance))
    covered = (np.abs(z) < 1.96).mean()
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4000)
    slope = np.polyfit(mean[:, 0], truth[:, 0], 1)[0]
    assert slope == pytest.approx(1, abs=0.05) and np.polyfit(values[:, 0], truth[:, 0], 1)[0] < 0.9


# ---- what cannot be used ----


def test_everything_wrong_is_said() -> None:
    _, values, sampling = drawn(10)
    with pytest.raises(StatisticsError, match="at least 6 people for 3 quantities"):
        shrinkage.between_people(values[:5], sampling[:5])
    with pytest.raises(StatisticsError, match="tested twice or more, found none"):
        shrinkage.between_tests(np.zeros((5, 1, 2)), np.zeros((5, 1, 2, 2)))
