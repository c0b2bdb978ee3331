"""Muscle signals beside measured loads: envelopes, quality of channels, correlations, and an imposed sweep."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gaitstudy.io import catalogue, motion, results
from gaitstudy.tables import co_contraction as K

RATE = 1000.0
TIME = np.arange(0, 4, 1 / RATE)


def channels(**values: np.ndarray) -> xr.DataArray:
    about = {"units": "as stored in the file", "long_name": "analog channels"}
    data = np.stack(list(values.values()), 1)
    return xr.DataArray(data, dims=("time", "channel"), coords={"time": TIME, "channel": list(values)}, attrs=about)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(len(TIME))


# ---- closed form ----


def test_the_envelope_of_a_tone_is_its_mean_size() -> None:
    loud = np.where((TIME > 1) & (TIME < 3), 2.0, 0.0) * np.sin(2 * np.pi * 97 * TIME)
    made = K._envelope(channels(a=loud + 5.0)).sel(channel="a")
    assert float(made.sel(time=slice(1.5, 2.5)).mean()) == pytest.approx(2 * 2 / np.pi, rel=0.01)
    assert float(made.sel(time=slice(0, 0.5)).max()) < 0.02 and float(made.min()) >= 0.0


def test_what_counts_as_a_muscle_signal() -> None:
    burst = np.where(np.sin(2 * np.pi * TIME) > 0.5, 1.0, 0.05)
    hum, drift = np.sin(2 * np.pi * 60 * TIME), np.sin(2 * np.pi * 2 * TIME)
    given = channels(
        muscle=0.1 * burst * noise(), unplugged=5e-4 * noise(1), mains=0.3 * hum + 0.1 * burst * noise(2),
        moved=drift + 0.02 * burst * noise(3), steady=0.1 * noise(4),
    )  # fmt: skip
    assert K._muscle_signals(given).to_dict() == {
        "muscle": True, "unplugged": False, "mains": False, "moved": False, "steady": False
    }  # fmt: skip


def test_indices_of_waves_by_hand() -> None:
    t = np.linspace(0, 1, 101)
    one, two = np.sin(np.pi * t) ** 2, 0.5 * np.cos(np.pi * t) ** 2
    found, flat = K._indices(one, two), K._indices(np.full(7, 0.3), np.full(7, 0.6))
    assert found == pytest.approx({"rudolph": 0.180410, "falconer": 0.327585}, abs=5e-7)
    assert flat == pytest.approx({"rudolph": 0.45, "falconer": 2 / 3})
    assert K._indices(two, one) == pytest.approx(found), "the order of the muscles does not matter"
    scaled = K._indices(3 * one, 3 * two)
    assert scaled == pytest.approx({"rudolph": 3 * found["rudolph"], "falconer": found["falconer"]})


def test_silence_is_zero_and_a_gap_is_a_gap() -> None:
    assert K._indices(np.zeros(5), np.zeros(5)) == {"rudolph": 0.0, "falconer": 0.0}
    assert K._indices(np.array([0.0, 0.4]), np.array([0.0, 0.4]))["rudolph"] == pytest.approx(0.4)
    assert np.isnan(list(K._indices(np.array([0.1, np.nan]), np.array([0.1, 0.2])).values())).all()


# ---- real data ----


def test_walks_with_the_implant() -> None:
    table = results.kept("co_contraction_implant")
    assert set(table["pair"]) == set(K.PAIRS) and (table.groupby("pair").size() == 5).all()
    assert table["falconer"].between(0, 1).all() and table["rudolph"].between(0, 1.2).all()
    assert (table["mean_force"] < table["peak_force"]).all() and table["peak_force"].between(2.0, 2.6).all()
    assert not table.loc[table["pair"].str.contains("lateral gastrocnemius"), "good"].any()


def test_young_people_and_what_they_cannot_show() -> None:
    young = results.kept("co_contraction_young")
    assert len(young) == 9 and young["person"].is_unique
    known = young[young["side"] != ""]
    assert len(known) == 8 and known[["rudolph", "falconer", "kam"]].notna().all(axis=None)
    assert (young.loc[young["side"] == "", "reason"] != "").all()


def test_the_stance_is_the_one_the_implant_saw() -> None:
    if not catalogue.present(K.implant.DATASET):
        pytest.skip(f"dataset not on this machine: {K.implant.DATASET}")
    for walk in K.implant.TRIALS:
        file = catalogue.locate(K.implant.DATASET, f"inputs/c3d/PS_ngait_og_{walk}.c3d")
        lasted = K.implant.walk(walk)[1]["foot_off"]
        start, end = K._left_stance(motion.read_c3d(file), lasted)
        assert end - start == pytest.approx(lasted, abs=0.01), walk
