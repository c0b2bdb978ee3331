"""Steps on a plate with the leg that made them, from real files."""

from __future__ import annotations

import numpy as np
import pytest

from gaitstudy.conventions import GRAVITY
from gaitstudy.io import catalogue
from gaitstudy.studies.agreement import OWN_SKELETON
from gaitstudy.studies.landed_steps import Landed, carried_step, recorded_steps
from tests.recordings import needs


def steps(source: str) -> list[Landed]:
    if source == "p3m6-walk":
        if not catalogue.present(source):
            pytest.skip(f"{source} is not here")
        return [carried_step(source, OWN_SKELETON[source]["trials"][0])]
    return list(recorded_steps(needs(source, "btk/PiG_Motion3_FF.c3d")[0]))


@pytest.mark.parametrize("source", ["p3m6-walk", "plug-in-gait-kinetics"])
def test_a_step_carries_the_body_from_touch_to_lift(source: str) -> None:
    found = steps(source)
    assert found
    for step in found:
        vertical = step.loads["force"].sel(plate=step.plate, axis="y")
        assert 0.4 < step.end - step.start < 1.0
        assert 0.95 < float(vertical.sel(time=slice(step.start, step.end)).max()) / (step.mass * GRAVITY) < 1.4
        ends = vertical.sel(time=[step.start, step.end], method="nearest").values / (step.mass * GRAVITY)
        assert (
            np.abs(ends)[int(step.start == 0.0) :] < 0.3
        ).all()  # a file that begins in the step has no first contact
        assert step.moments["knee_adduction_moment"].attrs["units"] == "N m"
