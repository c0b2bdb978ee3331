"""The 107 people: published numbers, from the file and from means and covariances alone."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import lars_path

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io import catalogue, results
from gaitstudy.stats import moments
from gaitstudy.studies import toe_in_people as people

REFERENCE = catalogue.data_folder() / "reference" / "toe_in_regression.csv"
FOUR = ["pelvic list", "knee adduction", "CoP in the foot, sideways", "tibia angle"]
LISTED = list(people.PREDICTORS)
needs_files = pytest.mark.skipif(not catalogue.present(people.DATASET), reason=f"{people.DATASET} is not here")


@pytest.fixture(scope="module")
def kept() -> moments.Moments:
    return people.from_table(results.kept("toe_in_moments"))


# ---- closed form, on files made here ----


def written(folder: Path, changes: np.ndarray, reduction: np.ndarray) -> Path:
    for name, values in zip(people.FILES, (changes, reduction), strict=True):
        np.savetxt(folder / name, values, delimiter=",")
    return folder


def located(folder: Path, dataset: str, name: str) -> Path:
    return folder / name


def test_counts_and_moments_of_a_small_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(1).normal(size=(20, 12))
    y = np.repeat([-0.25, 0.0, 0.15, 0.25], 5)
    monkeypatch.setattr(catalogue, "locate", partial(located, written(tmp_path, x, y)))
    row = people.summary().set_index("variable").loc[people.OUTCOME]
    assert (row["n"], row["mean"], row["above_zero"], row["largest"]) == (20, pytest.approx(0.0375), 10, 0.25)
    assert people.not_reduced(row)["value"] == 0.5
    bins = people.histogram()
    assert bins.loc[bins["people"] > 0, ["low", "people"]].to_numpy().tolist() == [
        [-0.3, 5],
        [0.0, 5],
        [0.1, 5],
        [0.2, 5],
    ]
    found = people.from_table(people.covariances())
    assert found.n == 20 and list(found.mean.index) == [*LISTED, people.OUTCOME]
    assert found.covariance.to_numpy() == pytest.approx(np.cov(np.column_stack([x, y]).T), abs=1e-12)


def test_a_wrong_file_is_refused_with_everything_wrong_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    y = np.ones(4)
    y[1] = np.nan
    monkeypatch.setattr(catalogue, "locate", partial(located, written(tmp_path, np.ones((5, 11)), y)))
    with pytest.raises(TrialFormatError, match="3 problems") as error:
        people.read()
    assert "expected 12 columns, found the shape (5, 11)" in str(error.value) and "found 1;" in str(error.value)


# ---- published numbers ----


def test_the_reduction_is_the_published_one() -> None:
    table = results.kept("toe_in_summary").set_index("variable")
    row = table.loc[people.OUTCOME]
    assert row["n"] == 107 and row["above_zero"] == 83
    for column, value, digits in (("mean", 0.199348, 6), ("sd", 0.292261, 6), ("smallest", -0.58165, 5),
                                  ("largest", 1.2422, 4)):  # fmt: skip
        assert round(row[column], digits) == value
    assert round(people.mean_reduction(row)["t"].iloc[0], 4) == 7.0556
    angle = table.loc["foot progression angle"]
    assert (round(angle["mean"], 3), round(angle["sd"], 2)) == (-9.622, 0.50)
    bins = results.kept("toe_in_histogram")
    assert bins["people"].sum() == 107 and bins.loc[bins["low"] >= 0, "people"].sum() == 83


def test_the_lasso_is_the_published_one(kept: moments.Moments) -> None:
    path = moments.lasso_path(kept, people.OUTCOME, LISTED)
    assert round(path["penalty"].iloc[0], 6) == 0.128051
    sets = moments.active_sets(path)
    entered = [name for text in sets["entered"] for name in text.split("; ") if name]
    assert entered[:5] == ["tibia angle", "knee adduction", "CoP in the foot, sideways", "pelvic list", "trunk sway"]
    assert entered[5:7] == ["knee separation", "knee flexion"]  # the former leaves again
    assert "knee separation" in set(sets["left"])
    own = sets[sets["kept"] == "; ".join(FOUR)].iloc[0]
    assert (round(own["low"], 4), round(own["high"], 4)) == (0.0359, 0.0651)
    chosen = results.kept("toe_in_cross_validation")
    assert list(chosen["seed"]) == list(range(1, 11))
    assert chosen["penalty_1se"].mean() == pytest.approx(0.0448, abs=0.005)
    assert moments.kept_at(sets, chosen["penalty_1se"].mean()) == FOUR


def test_the_regressions_are_the_published_ones(kept: moments.Moments) -> None:
    table = moments.regression(kept, people.OUTCOME, FOUR)
    assert table["estimate"].round(5).tolist() == [0.19935, -0.07434, 0.11331, 0.07203, 0.09200]
    assert [float(f"{p:.3g}") for p in table["p"][1:]] == [0.00161, 2.69e-6, 0.00163, 8.71e-5]
    assert table["drop"][1:].round(4).tolist() == [0.0534, 0.1335, 0.0533, 0.0884]
    assert (round(table.attrs["r2"], 4), round(table.attrs["adjusted_r2"], 4)) == (0.4423, 0.4204)
    every = moments.regression(kept, people.OUTCOME, LISTED).attrs
    assert (round(every["r2"], 4), round(every["adjusted_r2"], 4)) == (0.5310, 0.4711)
    pair = kept.covariance.loc["step width", "CoP separation"]
    both = np.sqrt([kept.covariance.loc[n, n] for n in ("step width", "CoP separation")])
    assert round(pair / both.prod(), 3) == 0.967


def test_published_shares_are_those_of_the_table() -> None:
    shares = people.published_shares()
    assert shares["people"].tolist() == [70, 23, 57] and (shares["n"] == 107).all()


# ---- independent program ----


def test_the_regressions_are_those_of_r(kept: moments.Moments) -> None:
    same_as_r(pd.read_csv(REFERENCE), kept)


@needs_files
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="Rscript is not here")
def test_the_reference_is_what_r_gives_now(kept: moments.Moments, tmp_path: Path) -> None:
    script = Path(__file__).parent / "oracles" / "toe_in_regression.R"
    folder = catalogue.locate(people.DATASET, people.FILES[0]).parent
    subprocess.run(["Rscript", str(script), str(folder), str(tmp_path / "r.csv")], check=True, capture_output=True)
    same_as_r(pd.read_csv(tmp_path / "r.csv"), kept)


def same_as_r(other: pd.DataFrame, kept: moments.Moments) -> None:
    for model, names in (("four", FOUR), ("all", LISTED)):
        mine = moments.regression(kept, people.OUTCOME, names)
        own = other[other["model"] == model]
        assert [LISTED.index(n) + 1 for n in mine["term"][1:]] == own["column"].tolist()[1:]
        for column in ("estimate", "se", "t", "p", "low", "high"):
            assert mine[column].to_numpy() == pytest.approx(own[column].to_numpy(), rel=1e-9, abs=1e-12)
        assert mine.attrs["adjusted_r2"] == pytest.approx(own["adjusted_r2"].iloc[0], rel=1e-11)


# ---- the real file ----


@needs_files
def test_means_and_covariances_alone_give_what_the_file_gives(kept: moments.Moments) -> None:
    rows = people.read()
    fresh = moments.moments(rows)
    z = ((rows[LISTED] - rows[LISTED].mean()) / rows[LISTED].std()).to_numpy()
    y = rows[people.OUTCOME].to_numpy()
    design = np.column_stack([np.ones(len(y)), z])
    for names in (FOUR, LISTED):
        columns = [0, *(LISTED.index(n) + 1 for n in names)]
        slopes = np.linalg.lstsq(design[:, columns], y, rcond=None)[0]
        mine = moments.regression(kept, people.OUTCOME, names)
        assert np.abs(mine["estimate"].to_numpy() - slopes).max() < 1e-9
        pd.testing.assert_frame_equal(mine, moments.regression(fresh, people.OUTCOME, names), rtol=0, atol=1e-9)
    penalties, _, path = lars_path(z, y - y.mean(), method="lasso")
    mine = moments.lasso_path(kept, people.OUTCOME, LISTED)
    assert np.abs(mine["penalty"].to_numpy() - penalties).max() < 1e-9
    assert np.abs(mine[LISTED].to_numpy() - path.T).max() < 1e-9


@needs_files
@pytest.mark.parametrize("name", ["summary", "histogram", "covariances", "cross_validation"])
def test_the_stored_tables_are_what_the_file_gives(name: str) -> None:
    keys = {"summary": ("toe_in_summary", ["variable"]), "histogram": ("toe_in_histogram", ["low"]),
            "covariances": ("toe_in_moments", ["variable", "other"]),
            "cross_validation": ("toe_in_cross_validation", ["seed"])}[name]  # fmt: skip
    results.table(keys[0], getattr(people, name), inputs=[people.DATASET], key=keys[1])


def test_no_row_of_a_person_is_kept() -> None:
    for name in ("toe_in_summary", "toe_in_histogram", "toe_in_moments", "toe_in_cross_validation"):
        assert len(results.kept(name)) != 107
