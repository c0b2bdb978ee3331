"""Every C3D file of some folders, read by this package and by ezc3d: equal, or in what they differ, a line a file.

``python tests/oracles/c3d_against_ezc3d.py FOLDER ... [--out TABLE.csv]``. It needs ezc3d and this package. Files of
equal content are read once. ezc3d reads in a child process, with a time limit: it can crash, or ask for more memory
than there is, on files that are damaged.

Compared: positions (mm; a lost point is none in both, and so is one at exactly (0, 0, 0), which ezc3d keeps), analog
values, both rates, the first frame, labels, the number of events in the EVENT group. Beside them: whether ``read_c3d``
makes a recording of the file, with its message where it does not.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

LIMIT = 60
"""s, for ezc3d and one file."""


def by_ezc3d(path: str) -> dict[str, Any]:
    """Return what ezc3d reads of a file; one of which it cannot pair events is read without them."""
    import ezc3d

    read = ezc3d.c3d(path)
    parameters, header, data = read["parameters"], read["header"], read["data"]
    points = np.moveaxis(data["points"][:3], 0, -1).swapaxes(0, 1)
    lost = data["meta_points"]["residuals"][0].T < 0
    points[lost] = np.nan
    used = parameters.get("EVENT", {}).get("USED", {"value": []})["value"]
    return {
        "points": points,
        "analogs": data["analogs"][0].T,
        "point rate": header["points"]["frame_rate"],
        "analog rate": header["analogs"]["frame_rate"],
        "first frame": header["points"]["first_frame"] + 1,
        "labels": np.array([str(label) for label in labels_of(parameters["POINT"])][: points.shape[1]]),
        "events": int(used[0]) if len(used) else 0,
        "read": "",
    }


def labels_of(group: dict) -> list[str]:
    """Return LABELS, LABELS2, ... of ezc3d's parameters in one list."""
    names = [f"LABELS{part}" for part in ("", *range(2, 20))]
    return [label for name in names if name in group for label in group[name]["value"]]


def by_us(path: Path) -> dict[str, Any] | str:
    """Return what this package reads of a file, with what it says when making a recording of it, or its refusal."""
    from gaitstudy.conventions import TrialFormatError
    from gaitstudy.io.c3d import _read_raw, _stored_events
    from gaitstudy.io.motion import read_c3d

    try:
        raw = _read_raw(path)
    except TrialFormatError as error:
        return " ".join(error.problems)
    try:
        notes = read_c3d(path).notes
        said = "read" + "".join(f"; {note}" for note in notes)
    except TrialFormatError as error:
        said = "refused: " + " ".join(error.problems)
    return {
        "points": raw.points,
        "analogs": raw.analogs,
        "point rate": raw.rate,
        "analog rate": raw.rate * len(raw.analogs) / len(raw.points),
        "first frame": raw.first_frame,
        "labels": raw.labels,
        "events": len(_stored_events(raw.parameters)[0]),
        "read": said,
    }


def in_child(path: Path, folder: Path) -> dict[str, Any] | str:
    """Return what ezc3d reads, or the last line of what it says when it does not."""
    out = folder / "read.npz"
    out.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--read", str(path), str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer within {LIMIT} s"
    if not out.is_file():
        return (done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"])[-1]
    with np.load(out) as found:
        return dict(found)


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return in what two readings of a file differ."""
    found = []
    for name, tolerance in (("points", 1e-3), ("analogs", 1e-4)):
        one, other = ours[name], theirs[name]
        if name == "points" and one.shape == other.shape:
            other = np.where((other == 0).all(-1, keepdims=True) & np.isnan(one), np.nan, other)
        if one.shape != other.shape and one.size + other.size:
            found.append(f"{name}: {one.shape} and {other.shape}")
        elif one.size:
            scale = max(1.0, float(np.nanmax(np.abs(one), initial=0)))
            apart = ~np.isclose(one, other, rtol=1e-5, atol=tolerance * min(scale, 1.0), equal_nan=True)
            if apart.any():
                found.append(f"{name}: {apart.mean():.2%} of the values")
    for name in ("point rate", "analog rate", "first frame", "events"):
        if not np.isclose(ours[name], theirs[name], rtol=1e-6) and (name != "analog rate" or ours["analogs"].size):
            found.append(f"{name}: {ours[name]:g} and {theirs[name]:g}")
    named = [label.rsplit(":", 1)[-1].strip() for label in theirs["labels"].tolist()]
    same = [one == other or one.startswith("unlabelled") for one, other in zip(ours["labels"], named, strict=False)]
    if not all(same):
        found.append(f"labels: {len(same) - sum(same)}")
    return found


def compare(folders: list[Path]) -> pd.DataFrame:
    """Return one row a file: whether each program reads it, and in what they differ."""
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(p for f in folders for p in f.rglob("*") if p.suffix.lower() == ".c3d" and p.is_file()):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest in seen:
                continue
            seen.add(digest)
            ours, theirs = by_us(path), in_child(path, Path(folder))
            row = {"file": "/".join(path.parts[-3:]), "bytes": path.stat().st_size}
            row["ours"] = ours if isinstance(ours, str) else str(ours["read"])
            row["ezc3d"] = theirs if isinstance(theirs, str) else "read"
            both = not isinstance(ours, str) and not isinstance(theirs, str)
            row["differ"] = "; ".join(differences(ours, theirs)) if both else ""  # type: ignore[arg-type]
            row["equal"] = both and not row["differ"]
            rows.append(row)
            print(*(row[key] for key in ("file", "equal", "differ", "ours", "ezc3d")), sep=" | ", flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    """Compare the files of the folders named, or, as a child, read one."""
    if sys.argv[1:2] == ["--read"]:
        path, out = sys.argv[2:4]
        np.savez(out, **by_ezc3d(path))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, help="CSV to write")
    arguments = parser.parse_args()
    table = compare(arguments.folders)
    read = table["ours"].str.startswith(("read", "refused"))
    print(
        f"{len(table)} files; both read {int((read & (table['ezc3d'] == 'read')).sum())}, of which "
        f"{int(table['equal'].sum())} equal; ezc3d alone {int((~read & (table['ezc3d'] == 'read')).sum())}, "
        f"this package alone {int((read & (table['ezc3d'] != 'read')).sum())}."
    )
    print(f"Recordings made of {int(table['ours'].str.startswith('read').sum())}.")
    if arguments.out:
        table.to_csv(arguments.out, index=False)


if __name__ == "__main__":
    main()
