"""The pipeline beside a script of plain numpy on the raw files that was written without looking at the package."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gaitstudy import pipeline
from gaitstudy.conventions import DatasetUnavailable
from gaitstudy.io import results
from gaitstudy.tables import cases
from gaitstudy.tables.agreement import own_skeleton_trial
from tests.oracles import foot_angle_by_numpy
from tests.recordings import needs

DATASET = "opencap-foot-angle"
ASKED = {"fpa_deg": 0.05, "kam1_nm": 0.1, "kam2_nm": 0.1, "kam_impulse_nms": 0.1}


def test_six_hertz_another_window_and_the_lab_frame_give_what_plain_numpy_gives() -> None:
    folder = needs(DATASET, "inputs/trc/static1.trc")[0].parents[2]
    theirs = foot_angle_by_numpy.outcomes(folder, cut_off=6.0, window=(30, 60))
    tables = []
    for trial in foot_angle_by_numpy.TRIALS:
        recording = own_skeleton_trial(DATASET, trial)
        curves = pipeline.stances(recording, cut_off=6.0, frame="lab", fpa_window=(30.0, 60.0), travel="trial")
        tables.append(pipeline.outcomes(curves).assign(trial=trial))
    ours = pd.concat(tables).dropna(subset="kam1_nm").set_index(["trial", "side"])[list(ASKED)]
    whole = theirs[theirs["whole"]].set_index(["trial", "side"])
    assert len(ours) == len(whole) == 13
    assert ((ours - whole[list(ASKED)]).abs().max() <= pd.Series(ASKED)).all()
    assert ((ours - whole[list(ASKED)]).abs().max() <= 1e-3).all()  # what is found: 2e-5


def test_without_recordings_other_choices_name_them_and_the_usual_ones_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAITSTUDY_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = {"inputs": [DATASET], "key": ["trial", "side"]}
    assert len(results.table("four_ways", cases.four_ways, **asked)) == 16  # type: ignore[arg-type]
    for change in ({"cut_off": 6.0}, {"fpa_window": (30.0, 60.0)}, {"frame": "lab"}):
        with pytest.raises(DatasetUnavailable, match=f"{next(iter(change))}=.*gaitstudy fetch {DATASET}"):
            results.table("four_ways", cases.four_ways, **asked, **change)  # type: ignore[arg-type]
