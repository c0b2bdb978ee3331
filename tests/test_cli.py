"""The command line: rows out, refusals without a traceback, and nothing overwritten or half written."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from gaitstudy import pipeline
from gaitstudy.cli import app
from gaitstudy.io import catalogue
from gaitstudy.pipeline import COLUMNS, EDGES, _process_trial, process
from tests.recordings import MAP, SUBJECT, needs, walk, write_c3d, write_pair

NAME = "Wilhelmina Quux"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walk with a person's name and birth date wherever a C3D file can hold them."""
    texts = {("SUBJECTS", "NAMES"): NAME, ("SUBJECT", "DOB"): "1957-08-31", ("PROCESSING", "PATIENT"): NAME}
    made = walk()
    labels = [f"{NAME}:{m}" for m in made.markers["marker"].values]
    path = tmp_path_factory.mktemp("cli") / "walk.c3d"
    return write_c3d(path, made, subject={**SUBJECT, "BIRTHYEAR": 1957.0}, texts=texts, labels=labels)


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def refused(*arguments: object) -> str:
    return " ".join(run(*arguments, code=1).stderr.split())


def test_process_prints_the_rows_of_the_pipeline_as_csv(trial: Path) -> None:
    result = run("process", trial)
    table = pd.read_csv(
        io.StringIO(result.stdout), keep_default_na=False, na_values={c: [""] for c in COLUMNS[2:-1]},
        dtype=dict.fromkeys(EDGES, "boolean"),
    )  # fmt: skip
    assert f"{int(table['kam1_edge'].sum())} kam1_edge and {int(table['kam2_edge'].sum())} kam2_edge" in result.stderr
    assert table["kam1_edge"].any(), "the walker's moment rises to mid-stance: its first peak is an edge"
    pd.testing.assert_frame_equal(table, _process_trial(trial), check_dtype=False, rtol=1e-5)
    assert "1 file(s), 5 rows, 2 with knee moments, 3 without" in " ".join(result.stderr.split())


def test_strides_with_moments_in_newton_metres_alone_count_as_strides_with_moments(tmp_path: Path) -> None:
    own = {name: value for name, value in SUBJECT.items() if name != "HEIGHT"}
    result = run("process", write_c3d(tmp_path / "walk.c3d", walk(), subject=own))
    assert "1 file(s), 5 rows, 2 with knee moments, 3 without" in " ".join(result.stderr.split())
    assert result.stdout.count("body height not given (--height): no %BW*Ht") == 2


def test_every_option_reaches_the_settings(tmp_path: Path) -> None:
    trc, mot = write_pair(tmp_path, walk())
    (tmp_path / "map.toml").write_text(MAP)
    options = {
        "forces": mot, "markers": tmp_path / "map.toml", "mass": 60, "height": 1.6, "side": "left", "frame": "lab",
        "method": "inverse dynamics", "cut-off": 12, "threshold": 25,
    }  # fmt: skip
    result = run("process", trc, *(part for name, value in options.items() for part in (f"--{name}", value)))
    expected = process(
        [trc], forces=mot, markers=str(tmp_path / "map.toml"), mass=60, height=1.6, side="left", frame="lab",
        method="inverse dynamics", cut_off=12, threshold=25,
    )  # fmt: skip
    assert (expected["reason_excluded"] == "").sum() == 1
    assert result.stdout == expected.to_csv(index=False, float_format="%.6g")


def test_axes_and_zero_are_read_from_their_short_forms(tmp_path: Path) -> None:
    path = write_c3d(tmp_path / "a.c3d", walk(), subject=SUBJECT, offset=9.0)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"+X", b"??"))
    assert "expected two axes like '+X' and '+Z'" in refused("process", path)
    given = run("process", path, "--axes", "+X+Z", "--zero", "0.0-1.2").stdout
    path.write_bytes(content)
    expected = _process_trial(path, zero=(0.0, 1.2))
    assert given == expected.to_csv(index=False, float_format="%.6g")
    assert "'--zero': expected two times in s like 0.0-0.5" in run("process", path, "--zero", "start", code=2).stderr


def test_the_persons_name_and_birth_date_are_in_no_output(trial: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.c3d"
    bad.write_bytes(trial.read_bytes()[:-90000])
    twice = tmp_path / "twice.c3d"
    twice.write_bytes(trial.read_bytes().replace(b"RHEE", b"LHEE"))
    out = tmp_path / "out.csv"
    results = [
        run("process", trial),
        run("process", bad, twice, trial, code=1),
        run("process", trial, "--out", out),
        run("process", trial, "--mass", 0, code=1),
        run("process", trial, "--markers", "gc5", code=1),
    ]
    assert NAME.encode() in trial.read_bytes()
    for text in [*(r.stdout + r.stderr for r in results), out.read_text()]:
        assert not any(secret in text for secret in ("Wilhelmina", "Quux", "1957"))


def test_out_holds_the_same_text_and_nothing_lies_beside_it(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    result = run("process", trial, "--out", out)
    assert result.stdout == "" and out.read_text() == run("process", trial).stdout
    assert list(tmp_path.iterdir()) == [out]


def test_out_is_not_replaced_unless_told_and_not_touched_by_a_refusal(trial: Path, tmp_path: Path) -> None:
    (out := tmp_path / "rows.csv").write_text("precious")
    assert "is there already. Choose another name, or add --force." in refused("process", trial, "--out", out)
    assert out.read_text() == "precious"
    refused("process", trial, "--out", out, "--force", "--side", "middle")
    assert out.read_text() == "precious"
    run("process", trial, "--out", out, "--force")
    assert out.read_text().startswith("file,side,stride,") and list(tmp_path.iterdir()) == [out]


def test_a_file_that_appears_meanwhile_is_not_replaced_either(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, real = tmp_path / "rows.csv", pipeline.process

    def slow(*arguments: Any, **settings: Any) -> pd.DataFrame:
        out.write_text("precious")
        return real(*arguments, **settings)

    monkeypatch.setattr(pipeline, "process", slow)
    assert "rows.csv: expected a new name, found a file" in refused("process", trial, "--out", out)
    assert out.read_text() == "precious" and list(tmp_path.iterdir()) == [out]


def test_a_failing_disk_leaves_no_half_written_rows(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out := tmp_path / "rows.csv").write_text("precious")

    def fails(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", fails)
    assert "expected to write it, found 'Input/output error'" in refused("process", trial, "--out", out, "--force")
    assert out.read_text() == "precious" and list(tmp_path.iterdir()) == [out]


def test_an_impossible_out_is_refused_before_any_work(trial: Path, tmp_path: Path) -> None:
    for out in (tmp_path / "no" / "rows.csv", trial / "rows.csv"):
        assert f"--out: expected a folder {out.parent}, found none" in refused("process", "missing.c3d", "--out", out)
    assert "found a folder" in refused("process", trial, "--out", tmp_path, "--force")


def test_bad_files_are_rows_and_messages_and_the_exit_code_tells(trial: Path, tmp_path: Path) -> None:
    (empty := tmp_path / "empty.c3d").touch()
    (other := tmp_path / "walk.csv").write_text("x")
    result = run("process", empty, trial, other, tmp_path / "none.trc", code=1)
    table = pd.read_csv(io.StringIO(result.stdout))
    assert table["file"].tolist() == ["empty.c3d", *["walk.c3d"] * 5, "walk.csv", "none.trc"]
    said = " ".join(result.stderr.split())
    for message in table.loc[table["file"] != "walk.c3d", "reason_excluded"]:
        assert message in said
    assert "empty.c3d: expected a .c3d file, found an empty one. Export the trial again." in said


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--side", "middle"], "--side: expected one of left, right, found 'middle'"),
        (["--frame", "moon"], "--frame: expected one of tibia, lab, joint coordinate system, found 'moon'"),
        (["--method", "magic"], "--method: expected one of lever arm, inverse dynamics, found 'magic'"),
        (["--mass", "0"], "mass: expected 2-350 kg, found 0. Give it in kg"),
        (["--height", "175"], "height: expected 0.5-2.6 m, found 175. Give it in m"),
        (["--markers", "none"], "marker map: expected one of"),
        (["--forces", "none.mot"], "none.mot: expected a file, found none there"),
    ],
)
def test_bad_options_are_one_message_without_a_traceback(trial: Path, options: list[str], part: str) -> None:
    assert part in refused("process", trial, *options)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_force_replaces_regular_files_only(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("precious")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "real.csv")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for out in (*(tmp_path / name for name in ("pipe", "link", "dangling")), os.devnull):
        assert "found a folder, a link, a pipe or a device" in refused("process", "none.c3d", "--out", out, "--force")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "link", "pipe", "real.csv"]
    assert (tmp_path / "real.csv").read_text() == "precious" and stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_nothing_that_steers_the_terminal_is_repeated(tmp_path: Path) -> None:
    said = run("process", tmp_path / "\x1b[2Jevil[red].c3d", code=1).stderr
    assert "\x1b" not in said and "evil[red].c3d" in said


def test_one_force_file_serves_one_trial(trial: Path) -> None:
    assert "--forces: expected one trial, found 2" in refused("process", trial, trial, "--forces", "a.mot")


def test_fetch_lists_the_datasets_and_refuses_unknown_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GAITSTUDY_DATA", raising=False)
    monkeypatch.setattr(catalogue, "_cache_folder", lambda: tmp_path)
    lines = [line for line in run("fetch").stdout.splitlines() if not line.startswith("spm1d ")]
    assert len(lines) > 10 and all("[" in line and "not here" in line for line in lines)
    assert "gc5-instrumented-knee" in refused("fetch", "gc5-instrumented-kne")
    rows = [("a", "there", ""), ("b", "failed", "no"), ("c", "failed", "no")]
    table = pd.DataFrame(rows, columns=["file", "status", "reason"])
    monkeypatch.setattr(catalogue, "fetch", lambda *_, **__: table)
    assert "2 of 3 files could not be fetched, first b: no." in refused("fetch", "opencap-foot-angle")


def test_check_asks_for_a_run_first(tmp_path: Path) -> None:
    assert "expected a run's evidence, found none" in refused("check", "--results", tmp_path)


def test_the_command_answers_from_a_shell_without_a_traceback(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "gaitstudy.cli", "process", str(tmp_path / "none.c3d")]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "none.c3d: expected a file, found none there. Check the path." in done.stdout


def test_an_installed_package_processes_a_file_without_the_repository(trial: Path, tmp_path: Path) -> None:
    package = Path(pipeline.__file__).parent
    shutil.copytree(package, tmp_path / "gaitstudy", ignore=shutil.ignore_patterns("__pycache__"))
    call = [sys.executable, "-m", "gaitstudy.cli", "process", str(trial), "--method", "inverse dynamics"]
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(io.StringIO(done.stdout))["kam1_nm"].notna().any()


def test_a_real_trial_goes_through_the_command() -> None:
    (path,) = needs("plug-in-gait-kinetics", "btk/PiG_Motion3_FF.c3d")
    table = pd.read_csv(io.StringIO(run("process", path).stdout))
    kept = table[table["reason_excluded"].isna()]
    assert sorted(kept["side"]) == ["left", "left", "right"]
    assert kept[["kam1_nm", "fpa_deg", "stance_time"]].notna().all(axis=None)
