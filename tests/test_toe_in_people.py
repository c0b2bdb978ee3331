"""The 107 people: published numbers, and made-up rows that stand for them where only means and covariances are here."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import lars_path
from statsmodels.api import OLS, add_constant

from gaitstudy.io import catalogue, results
from gaitstudy.tables import toe_in_people as people

REFERENCE = catalogue.data_folder() / "reference" / "toe_in_regression.csv"
FOUR = ["pelvic list", "knee adduction", "CoP in the foot, sideways", "tibia angle"]
LISTED = list(people.PREDICTORS)
needs_files = pytest.mark.skipif(not catalogue.present(people.DATASET), reason=f"{people.DATASET} is not here")


@pytest.fixture(scope="module")
def stand_in() -> pd.DataFrame:
    return people.with_moments(results.kept("toe_in_moments"))


# ---- closed form, on files made here ----


def located(folder: Path, dataset: str, name: str) -> Path:
    return folder / name


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, changes: np.ndarray, reduction: np.ndarray) -> None:
    for name, values in zip(people.FILES, (changes, reduction), strict=True):
        np.savetxt(folder / name, values, delimiter=",")
    monkeypatch.setattr(catalogue, "locate", partial(located, folder))


def test_counts_and_moments_of_a_small_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.random.default_rng(1).normal(size=(20, 12)), np.repeat([-0.25, 0.0, 0.15, 0.25], 5)
    written(tmp_path, monkeypatch, x, y)
    row = people.summary().set_index("variable").loc[people.OUTCOME]
    assert (row["n"], row["mean"], row["above_zero"], row["largest"]) == (20, pytest.approx(0.0375), 10, 0.25)
    bins = people.histogram()
    assert bins.loc[bins["people"] > 0, ["low", "people"]].to_numpy().tolist() == [
        [-0.3, 5], [0.0, 5], [0.1, 5], [0.2, 5],
    ]  # fmt: skip
    same = people.with_moments(people.covariances())
    assert list(same) == [*LISTED, people.OUTCOME] and len(same) == 20
    assert same.to_numpy().mean(0) == pytest.approx(np.column_stack([x, y]).mean(0), abs=1e-12)
    assert same.cov().to_numpy() == pytest.approx(np.cov(np.column_stack([x, y]).T), abs=1e-12)


def test_a_query_chooses_the_people_of_every_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(1).normal(size=(40, 12))
    x[:, 4] = np.abs(x[:, 4]) * np.repeat([-1, 1], 20)
    written(tmp_path, monkeypatch, x, x[:, 0] / 5)
    few = "`step width` < 0"
    assert people.summary(few)["n"].tolist() == [20] * 13 and people.histogram(few)["people"].sum() == 20
    assert people.covariances(few)["n"].unique().tolist() == [20]
    found = people.cross_validation(few, seeds=(1,), folds=4)
    assert found["kept"].tolist() == ["trunk sway"] and len(people.cross_validation(seeds=(1, 2), folds=4)) == 2


# ---- published numbers ----


def test_the_reduction_is_the_published_one() -> None:
    table = results.kept("toe_in_summary").set_index("variable")
    row = table.loc[people.OUTCOME]
    assert row["n"] == 107 and row["above_zero"] == 83
    for column, value, digits in (("mean", 0.199348, 6), ("sd", 0.292261, 6), ("smallest", -0.58165, 5),
                                  ("largest", 1.2422, 4)):  # fmt: skip
        assert round(row[column], digits) == value
    angle = table.loc["foot progression angle"]
    assert (round(angle["mean"], 3), round(angle["sd"], 2)) == (-9.622, 0.50)
    bins = results.kept("toe_in_histogram")
    assert bins["people"].sum() == 107 and bins.loc[bins["low"] >= 0, "people"].sum() == 83


def test_the_lasso_is_the_published_one(stand_in: pd.DataFrame) -> None:
    z, y = (stand_in[LISTED] / stand_in[LISTED].std(), stand_in[people.OUTCOME])
    penalties, _, path = lars_path((z - z.mean()).to_numpy(), (y - y.mean()).to_numpy(), method="lasso")
    used = np.abs(path) > 1e-9
    four = [k for k in range(len(penalties)) if [LISTED[i] for i in np.flatnonzero(used[:, k])] == FOUR]
    assert round(penalties[0], 6) == 0.128051
    assert (round(penalties[four[-1]], 4), round(penalties[four[0] - 1], 4)) == (0.0359, 0.0651)
    chosen = results.kept("toe_in_cross_validation")
    assert list(chosen["seed"]) == list(range(1, 11)) and chosen["kept"].mode().tolist() == ["; ".join(FOUR)]
    assert chosen["penalty_1se"].mean() == pytest.approx(0.0448, abs=0.005)


# ---- independent program ----


def test_regressions_of_the_made_up_rows_are_those_of_r_on_the_people(stand_in: pd.DataFrame) -> None:
    same_as_r(pd.read_csv(REFERENCE), stand_in)


@needs_files
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="Rscript is not here")
def test_the_reference_is_what_r_gives_now(tmp_path: Path) -> None:
    script = Path(__file__).parent / "oracles" / "toe_in_regression.R"
    folder = catalogue.locate(people.DATASET, people.FILES[0]).parent
    subprocess.run(["Rscript", str(script), str(folder), str(tmp_path / "r.csv")], check=True, capture_output=True)
    same_as_r(pd.read_csv(tmp_path / "r.csv"), people.read())


def same_as_r(other: pd.DataFrame, rows: pd.DataFrame) -> None:
    z = (rows[LISTED] - rows[LISTED].mean()) / rows[LISTED].std()
    for model, names in (("four", FOUR), ("all", LISTED)):
        fit, own = OLS(rows[people.OUTCOME], add_constant(z[names])).fit(), other[other["model"] == model]
        assert [LISTED.index(n) + 1 for n in names] == own["column"].tolist()[1:]
        found = {"estimate": fit.params, "se": fit.bse, "t": fit.tvalues, "p": fit.pvalues}
        for column, values in found.items():
            assert values.to_numpy() == pytest.approx(own[column].to_numpy(), rel=1e-9, abs=1e-12)
        assert fit.rsquared_adj == pytest.approx(own["adjusted_r2"].iloc[0], rel=1e-11)


def test_no_row_of_a_person_is_kept() -> None:
    for name in ("toe_in_summary", "toe_in_histogram", "toe_in_moments", "toe_in_cross_validation"):
        assert len(results.kept(name)) != 107
