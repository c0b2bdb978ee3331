"""Speed and memory beside the usual way of computing the same, both checked for equal results in the same run.

    python3 run.py bench                  or, in the environment: python -m tests.bench
    python3 run.py bench --reproduce      also the whole study, from nothing and again, in a copy of the checkout

Ratios to the usual way are what is claimed; seconds and megabytes are budgets for two ordinary cores. Every number
is the best of several repeats. The capture is synthetic, made in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Console
from rich.table import Table

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, labelled
from gaitstudy.gait.pressure import MINIMUM_FORCE, centre_of_pressure_in_foot, medial_share
from gaitstudy.gait.signals import normalise_time
from gaitstudy.load.knee import ChainMotion, newton_euler
from gaitstudy.pipeline import _find_strides, read
from gaitstudy.simulate import walker
from tests import bench_sensors, bench_statistics, treadmill

ROOT = Path(__file__).resolve().parents[1]
SEED = 11
Arrays = tuple[np.ndarray, ...]
Tables = tuple[list[pd.DataFrame], pd.DataFrame]
XYZ = ("x", "y", "z")
QUANTITIES = ("com", "acceleration", "spin", "spin_up", "joint")
CHILD = """
import json, pathlib, sys, time
start = time.perf_counter()
from gaitstudy.pipeline import _process_trial
imported = time.perf_counter()
table = _process_trial(sys.argv[1])
done = time.perf_counter()
status = pathlib.Path("/proc/self/status")
if status.exists():  # the rusage of a child starts at its parent's peak
    peak = next(1024 * int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    try:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except ImportError:
        peak = float("nan")
strides = table[table["reason_excluded"] == ""].dropna(subset=["kam1_nm", "fpa_deg"]).groupby("side").size()
print(json.dumps([imported - start, done - imported, peak / 1e6, strides.to_dict()]))
"""


@dataclass
class Row:
    """One line of the table; texts are ready to print."""

    task: str
    usual: str = ""
    ours: str = ""
    ratio: str = ""
    asked: str = ""
    met: str = ""


def best(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the shortest time (s) of several calls, and the last result."""
    shortest, result = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def seconds(value: float) -> str:
    """Return a time with three digits, in s or ms."""
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def compared(task: str, usual: float, ours: float, asked: float | None = None) -> Row:
    """Return the row of a task timed both ways."""
    met = "" if asked is None else "yes" if usual / ours >= asked else "NO"
    wanted = "" if asked is None else f">= {asked:,.0f} x"
    return Row(task, seconds(usual), seconds(ours), f"{usual / ours:,.0f} x", wanted, met)


def limited(task: str, ours: float, limit: float | None = None, unit: str = "s") -> Row:
    """Return the row of a task with a budget, or with none."""
    text = seconds(ours) if unit == "s" else f"{ours:,.0f} {unit}"
    wanted = "" if limit is None else f"< {limit:,g} {unit}"
    return Row(task, ours=text, asked=wanted, met=wanted and ("yes" if ours < (limit or 0) else "NO"))


def random_chain(frames: int) -> Arrays:
    """Return arguments of ``newton_euler`` for a foot, shank and thigh of any motion."""
    rng = np.random.default_rng(SEED)
    axes = np.linalg.qr(rng.normal(size=(frames, 3, 3, 3)))[0]
    motion = [rng.normal(scale=s, size=(frames, 3, 3)) for s in (1.0, 5.0, 3.0, 30.0, 1.0)]  # as in QUANTITIES
    ground = rng.normal(scale=300, size=(2, frames, 3))
    return np.array([1.1, 3.4, 10.6]), rng.uniform(0.01, 0.2, (3, 3)), axes, *motion, *ground


def segment_load(
    mass: float, inertia: np.ndarray, axes: np.ndarray, below: Arrays, *motion: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return force and moment at one segment's proximal joint in one frame, from those acting on its other end."""
    com, acceleration, spin, spin_up, joint = motion
    force_below, moment_below, point = below
    tensor = (axes.T * inertia) @ axes
    force = mass * (acceleration + [0.0, GRAVITY, 0.0]) - force_below
    moment = tensor @ spin_up + np.cross(spin, tensor @ spin) - moment_below
    moment = moment - np.cross(point - com, force_below) - np.cross(joint - com, force)
    return force, moment


def loop_numpy(frames: int, chain: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Go frame by frame through arrays, from ankle to knee to hip."""
    mass, inertia, axes, *motion, ground_force, ground_moment = chain
    forces, moments = np.empty((frames, 3, 3)), np.empty((frames, 3, 3))
    for t in range(frames):
        below = (ground_force[t], ground_moment[t], np.zeros(3))
        for s in range(3):
            force, moment = segment_load(mass[s], inertia[s], axes[t, s], below, *(m[t, s] for m in motion))
            forces[t, s], moments[t, s] = force, moment
            below = (-force, -moment, motion[4][t, s])
    return forces, moments


def as_tables(chain: Arrays) -> Tables:
    """Return the chain as public gait code keeps it: a table a segment, a row a frame, a column a component."""
    axes, *motion = chain[2:8]
    segments = []
    for s in range(3):
        columns = {f"{q}_{a}": m[:, s, k] for q, m in zip(QUANTITIES, motion, strict=True) for k, a in enumerate(XYZ)}
        columns |= {f"axes_{a}{b}": axes[:, s, i, j] for i, a in enumerate(XYZ) for j, b in enumerate(XYZ)}
        segments.append(pd.DataFrame(columns))
    ground = zip(("force", "moment"), chain[8:], strict=True)
    return segments, pd.DataFrame({f"{q}_{a}": v[:, k] for q, v in ground for k, a in enumerate(XYZ)})


def loop_pandas(frames: int, chain: Arrays, tables: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Go frame by frame through tables: ``iloc`` for the frame, labels for the quantity; results in a table."""

    def vector(row: pd.Series, name: str) -> np.ndarray:
        return row.loc[[f"{name}_{a}" for a in XYZ]].to_numpy()

    (mass, inertia), (segments, ground), results = chain[:2], tables, []
    for t in range(frames):
        below = (vector(ground.iloc[t], "force"), vector(ground.iloc[t], "moment"), np.zeros(3))
        for s, segment in enumerate(segments):
            row = segment.iloc[t]
            axes = row.loc[[f"axes_{a}{b}" for a in XYZ for b in XYZ]].to_numpy().reshape(3, 3)
            motion = [vector(row, q) for q in QUANTITIES]
            force, moment = segment_load(mass[s], inertia[s], axes, below, *motion)
            results.append(pd.Series([*force, *moment]))
            below = (-force, -moment, motion[4])
    both = pd.DataFrame(results).to_numpy().reshape(frames, 3, 2, 3)
    return both[:, :, 0], both[:, :, 1]


def inverse_dynamics(frames: int = 20_000) -> list[Row]:
    """Time Newton-Euler for a foot, shank and thigh against both loops, which are timed on part of the frames."""
    chain = random_chain(frames)
    grouped = (*chain[:2], ChainMotion(*chain[2:8]), *chain[8:])
    tables, (ours, mine) = as_tables(chain), best(lambda: newton_euler(*grouped), 50)
    rows = []
    for name, sample, asked, loop in (
        ("pandas", 500, 1000.0, lambda: loop_pandas(500, chain, tables)),
        ("numpy", 2000, 200.0, lambda: loop_numpy(2000, chain)),
    ):
        usual, theirs = best(loop, 4)
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a[:sample], b, rtol=0, atol=1e-9)
        task = f"inverse dynamics, {frames:,} frames x 3 segments; v {name} loop, {sample:,} frames scaled up"
        rows.append(compared(task, usual * frames / sample, ours, asked))
    return rows


def one_signal(cut: np.ndarray) -> np.ndarray:
    """Bring one signal of one stride to 101 points, the way public gait code does."""
    return np.interp(np.linspace(0, 100, 101), np.linspace(0, 100, len(cut)), cut)


def time_normalisation(strides: int = 200, channels: int = 30) -> list[Row]:
    """Time 101 points a stride against ``np.interp`` signal by signal, and against the leanest loop of it."""
    clock = np.arange(strides * 112) / 100.0
    values = np.random.default_rng(SEED).normal(size=(len(clock), channels)).cumsum(0)
    by_channel = np.ascontiguousarray(values.T)
    first = 20 + 111 * np.arange(strides)
    last = first + np.random.default_rng(SEED).integers(103, 112, strides)
    percent = np.linspace(0, 1, 101)

    def usual() -> np.ndarray:
        spans = zip(first, last, strict=True)
        return np.array([[one_signal(values[a : b + 1, k]) for k in range(channels)] for a, b in spans])

    def lean() -> np.ndarray:
        at = clock[first, None] + percent * (clock[last] - clock[first])[:, None]
        return np.array([[np.interp(t, clock, signal) for signal in by_channel] for t in at])

    array = xr.DataArray(values, dims=("time", "channel"), coords={"time": clock})
    ours, mine = best(lambda: normalise_time(array, clock[first], clock[last]), 200)
    rows = []
    for name, asked, loop in (("np.interp loop", 25.0, usual), ("its leanest form, grids made once", None, lean)):
        theirs_time, theirs = best(loop, 7)
        np.testing.assert_allclose(mine.transpose("stride", "channel", "percent"), theirs, rtol=0, atol=1e-9)
        task = f"time normalisation, {strides} strides x {channels} channels; v {name}"
        rows.append(compared(task, theirs_time, ours, asked))
    return rows


def insole_rows(table: pd.DataFrame, place: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Go row by row through a table of pressures, kPa, the way public insole code does: centre and share of each."""
    medial = place[:, 1] > 0
    found = []
    for _, row in table.iterrows():
        load = 1e3 * row * area
        force = load.sum()
        enough = force >= MINIMUM_FORCE
        centre = [(load * place[:, k]).sum() / force if enough else np.nan for k in (0, 1)]
        found.append([*centre, load[medial].sum() / force if enough else np.nan])
    return np.array(found)


def insole_columns(table: pd.DataFrame, place: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Do the same with whole columns of the table."""
    load = 1e3 * table * area
    force = load.sum(axis=1)
    force = force.where(force >= MINIMUM_FORCE)
    sums = [
        load.mul(place[:, 0]).sum(axis=1),
        load.mul(place[:, 1]).sum(axis=1),
        load.loc[:, place[:, 1] > 0].sum(axis=1),
    ]
    return np.stack([(part / force).to_numpy() for part in sums], 1)


def insole(samples: int = 120_000, sensors: int = 99, share: int = 4_000) -> list[Row]:
    """Time centre of pressure and medial share of one insole against a row loop, timed on part of the samples."""
    rng = np.random.default_rng(SEED)
    place, area = rng.uniform([0, -0.05], [0.26, 0.05], (sensors, 2)), rng.uniform(1e-4, 2e-4, sensors)
    values = rng.uniform(0, 40, (samples, sensors)) * (rng.uniform(size=samples) > 0.4)[:, None]  # swing is empty
    pressed = labelled(values, ("time", "sensor"), units="kPa", long_name="pressure")
    position = labelled(place, ("sensor", "foot_axis"), units="m", long_name="place")
    cells = labelled(area, ("sensor",), units="m2", long_name="area")
    table = pd.DataFrame(values, columns=[f"s{k}" for k in range(sensors)])

    def both() -> np.ndarray:
        cop = centre_of_pressure_in_foot(pressed, position, cells).values
        return np.column_stack([cop, medial_share(pressed, position, cells).values])

    ours, mine = best(both, 10)
    size, rows = f"insole CoP and share, {samples:,} x {sensors}", []
    for name, count, asked, work in (
        (f"pandas row loop, {share:,} rows scaled up", share, 50.0, insole_rows),
        ("whole columns in pandas", samples, None, insole_columns),
    ):
        usual, theirs = best(partial(work, table.head(count), place, area), 3)
        np.testing.assert_allclose(mine[:count], theirs, rtol=1e-12, atol=1e-15)
        rows.append(compared(f"{size}; v {name}", usual * samples / count, ours, asked))
    return rows


def virtual_people(strides: int = 60) -> list[Row]:
    """Time four virtual people in three conditions, noise, gaps and insoles included, and their analysis."""
    walkers = [replace(w, pressure_shift=shift) for w in walker.people() for shift in (0.0, 0.008, -0.008)]
    noise = {"marker_noise": 0.001, "lost": 0.01, "force_noise": 1.0}
    made, recorded = best(lambda: [walker.simulate(w, strides, **noise) for w in walkers], 3)

    def analysis() -> None:
        for person, simulation in zip(walkers, recorded, strict=True):
            pipeline.stances(pipeline.read(simulation.recording, "walker", mass=person.mass, height=person.height))

    read, _ = best(analysis, 1)
    what = f"4 virtual people x 3 conditions x {strides} strides"
    return [limited(f"{what}, markers and insoles", made, 3.0), limited("their analysis, stride by stride", read)]


def run(*words: str) -> str:
    """Return what a fresh Python process prints."""
    return subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def captures(folder: Path, minutes: float = 10.0) -> list[Row]:
    """Process a long treadmill capture from file to rows, each time in a fresh process; and a short one."""
    long, short = folder / "long.c3d", folder / "short.c3d"
    treadmill.write_capture(long, 60 * minutes)
    treadmill.write_capture(short, 20)
    runs = [json.loads(run("-c", CHILD, str(long))) for _ in range(3)]
    strides = ", ".join(f"{n} {side}" for side, n in runs[0][3].items())
    size = f"{minutes:g}-minute capture, 60 markers 100 Hz, 2 plates 1 kHz"

    def read_and_events() -> None:
        _find_strides(read(long))

    command = ("-m", "gaitstudy.cli", "process", str(short))
    importing = "import time; t = time.perf_counter(); import gaitstudy; print(time.perf_counter() - t)"
    return [
        limited(f"{size}: file to rows (strides with a knee moment: {strides})", min(r[1] for r in runs), 10),
        limited(f"{size}: peak memory of the process", max(r[2] for r in runs), 1000, "MB"),
        limited(f"{size}: of it reading and events", best(read_and_events, 2)[0]),
        limited("import gaitstudy", min(float(run("-c", importing)) for _ in range(5)), 0.2),
        limited("import of all that processing needs", min(r[0] for r in runs)),
        limited("gaitstudy process, a 20 s capture, from the shell", best(lambda: run(*command), 3)[0]),
    ]


def reproduction(wanted: bool) -> list[Row]:
    """Time ``reproduce`` in a copy of the checkout: environment and all, then again."""
    budgets = {"reproduce, from nothing": 120, "reproduce, again": 30}
    if not wanted:
        return [Row(name, ours="see --reproduce", asked=f"< {limit} s") for name, limit in budgets.items()]
    left_behind = shutil.ignore_patterns(".venv", "results", "__pycache__", ".*_cache", ".hypothesis")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = shutil.copytree(ROOT, Path(folder) / "copy", ignore=left_behind)
        rows = []
        for name, limit in budgets.items():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, "run.py", "reproduce"], cwd=copy, capture_output=True, text=True)
            row = limited(name, time.perf_counter() - start, limit)
            if done.returncode != 0:
                print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
                row.met = f"failed ({done.returncode})"
            rows.append(row)
    return rows


def show(rows: list[Row]) -> None:
    """Print the rows as one table."""
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    grid = Table(*(f.name for f in fields(Row)))
    for column in grid.columns[1:]:
        column.justify = "right"
    for row in rows:
        grid.add_row(*(getattr(row, f.name) for f in fields(Row)))
    console.print(grid)


def main() -> int:
    """Read the command line, time everything, print the table; return 1 if something asked is not met."""
    parser = argparse.ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reproduce", action="store_true", help="also time the whole study, from nothing and again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = (
            inverse_dynamics()
            + time_normalisation()
            + insole()
            + bench_sensors.strap_down()
            + virtual_people()
            + bench_statistics.repeated_measures()
            + captures(Path(folder))
            + reproduction(given.reproduce)
        )
    show(rows)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, numpy {np.__version__}; best of several repeats")
    return 0 if all(row.met in ("", "yes") for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
