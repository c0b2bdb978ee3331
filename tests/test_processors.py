"""Seeded simulations and fits give the same numbers on every processor.

OpenBLAS and NumPy choose their kernels by the processor; in a fresh process both can be told to take those of another.
From kernel to kernel the last digits differ, and with them whatever has no unique answer: signs and bases of
eigenvectors, where a search ends, and the order in which quick sorts and partitions leave ties.
"""

from __future__ import annotations

import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN, OTHERS = "this processor", ("Haswell", "Nehalem")
"""Haswell has AVX2, as AMD's have that OpenBLAS calls Zen; Nehalem has not; none has AVX-512."""
BLAS, LOOPS = "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"


# ---- what is computed: each returns tables, and draws or fits ----


def foot_angles() -> list[pd.DataFrame]:
    from gaitstudy.foot_angle import choose, measured, prior
    from gaitstudy.io.step_table import checked
    from gaitstudy.simulate import foot_angles

    walks = foot_angles.walk(foot_angles.people(20, 1, kfm=True), 4, 1, 1, angles=True)
    alike = foot_angles.people(20, 1, {"own_share": 0.0})  # their covariance is singular
    steps = foot_angles.walk(foot_angles.people(30, 2), 8, 2, 2)
    means = measured(checked(steps, exclude=True))
    known = prior(means)
    choices, effects = choose(means, known)
    people = [alike.truth.reshape(20, -1), known.people.between]
    return [walks, choices, effects, *map(pd.DataFrame, people)]


def foot_angle_choice() -> list[pd.DataFrame]:
    from gaitstudy.tables.foot_angle_choice import cohort

    hard = (5, 1, (20252, 5, 1, 34)), (20, 1, (20252, 20, 1, 41), 50)  # people hardly differ in some directions
    return [cohort(*design) for design in (*hard, (20, 2, (7,), 25))]


def trial() -> list[pd.DataFrame]:
    from gaitstudy.io import trial_table
    from gaitstudy.simulate.cohort import cohort
    from gaitstudy.stats import longitudinal, missing, reference

    drawn = cohort(3)
    course = trial_table.outcome(trial_table.source(drawn), "NRS_med")
    wide = course.pivot(index="participant", columns="visit", values="value")
    first = course.groupby("participant")[["baseline", "arm"]].first()
    values = np.column_stack([first["baseline"], wide])
    treated = (first["arm"] == "intervention").to_numpy(float)
    filled = missing.impute(values, imputations=5, groups=treated, seed=1)
    jumped = pd.DataFrame([of(values, treated, 0.0) for of in (reference.rubin, reference.jackknife)])
    course["arm"] = pd.Categorical(course["arm"], ["sham", "intervention"])
    model = longitudinal.mmrm("change ~ baseline * visit + arm * visit", course)
    return [drawn, longitudinal.contrasts(model), pd.DataFrame(filled.reshape(5, -1)), jumped]


def many_trials() -> list[pd.DataFrame]:
    from gaitstudy.stats import contrasts, mixed
    from gaitstudy.tables import trial_coverage, trial_power

    rng = np.random.default_rng(4)
    x = np.broadcast_to(np.eye(3), (12, 3, 3))
    found = mixed.fit(rng.standard_normal((5, 12, 3)), x, "compound symmetry")  # equal variances, no best basis
    joint = pd.DataFrame(contrasts.joint(found, np.eye(3)))
    power = trial_power.power(trial_power.Plan(n_per_arm=20), count=20, seed=2)
    return [joint, power, trial_coverage.coverage(4, 5)]


def imputation() -> list[pd.DataFrame]:
    from gaitstudy.stats import reference
    from gaitstudy.stats.missing import impute

    rng = np.random.default_rng(5)
    values = rng.integers(0, 11, (68, 4)).astype(float)  # many people are alike
    values[:, 1:] += values[:, :1]
    values[rng.random((68, 4)) < [0, 0, 0.2, 0.3]] = np.nan
    filled = [impute(values, imputations=5, seed=1)]
    left = values.copy()
    left[np.isnan(left[:, 2]), 3] = np.nan  # who leaves does not come back
    filled.append(reference.imputed(left, np.arange(68) % 2, 0, imputations=5, seed=1))
    return [pd.DataFrame(f.reshape(5, -1)) for f in filled]


def walking() -> list[pd.DataFrame]:
    from gaitstudy.gait.foot_imu import foot_walk
    from gaitstudy.load.skeleton import _fit_pose
    from gaitstudy.simulate.foot_sensor import foot_sensor
    from gaitstudy.simulate.walker import Walker, simulate

    walk = simulate(Walker(seed=3), 5, marker_noise=0.001, lost=0.01, force_noise=1.0)
    signals = foot_sensor(walk, "left", noise=(1.0, 0.05))
    strides, _ = foot_walk(signals["acceleration"], signals["angular_rate"], "left")
    flat = np.random.default_rng(6).normal(0, 0.06, (4, 3)) * [1.0, 1.0, 0.0]
    seen = flat @ np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]).T
    pose = _fit_pose(flat, seen[None])  # markers in a plane: one singular value is nought
    numbers = [walk.recording.markers.values.ravel(), pose[0].ravel()]
    return [strides, *map(pd.DataFrame, numbers)]


WORK: tuple[Callable[[], list[pd.DataFrame]], ...] = (
    foot_angles, foot_angle_choice, trial, many_trials, imputation, walking
)  # fmt: skip


# ---- in child processes ----


def libraries() -> dict[str, str]:
    """Return the linear algebra that NumPy and SciPy run, and the processor whose kernels it takes."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return {library["internal_api"]: library.get("architecture", "") for library in blas}


def test_every_processor_gives_the_same_numbers(tmp_path: Path) -> None:
    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip(f"the kernels named here are not those of {platform.machine()}")
    if set(libraries()) != {"openblas"}:
        pytest.skip(f"the linear algebra here is {', '.join(libraries())}, not OpenBLAS")
    own = {k: v for k, v in os.environ.items() if k not in (BLAS, LOOPS)} | {"OPENBLAS_NUM_THREADS": "1"}
    extensions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    settings = {OWN: own}
    for name in OTHERS:
        beyond = [e for e in extensions if name == "Nehalem" or "AVX512" in e or e == "X86_V4"]
        settings[name] = own | {BLAS: name, LOOPS: " ".join(beyond)}
    command = [sys.executable, "-W", "ignore", "-m", "tests.test_processors"]
    running = {n: subprocess.Popen([*command, str(tmp_path / n)], cwd=ROOT, env=env) for n, env in settings.items()}
    assert {n: child.wait() for n, child in running.items()} == dict.fromkeys(settings, 0)
    made = {n: pickle.loads((tmp_path / n).read_bytes()) for n in settings}
    kernels = {n: results.pop("libraries")["openblas"] for n, results in made.items()}
    assert kernels["Haswell"] == "Haswell" and kernels["Nehalem"] == "Nehalem", kernels
    problems = []
    for name, work in product(OTHERS, made[OWN]):
        for k, (here, there) in enumerate(zip(made[OWN][work], made[name][work], strict=True)):
            try:
                pd.testing.assert_frame_equal(there, here, rtol=1e-6, atol=1e-9)  # texts and whole numbers: equal
            except AssertionError as error:
                problems.append(f"{name}, {work}, table {k}: {error}")
    assert not problems, "\n".join(problems)


if __name__ == "__main__":
    results = {work.__name__: work() for work in WORK}
    Path(sys.argv[1]).write_bytes(pickle.dumps(results | {"libraries": libraries()}))
