"""Markers and what they stand for: marker maps, clusters carried from a static trial by least-squares pose."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitstudy.conventions import SIDES, MarkerError, labelled
from gaitstudy.io.files import printable

MAPS = Path(__file__).parent / "markers"
NEEDED_ALWAYS = ((("heel",),), (("toe",),))
NEEDED = {
    "static": ((("knee_lateral",),), (("knee_medial",),), (("ankle_lateral",),), (("ankle_medial",),), (("shank",),)),
    "chord": (
        (("asis",),), (("psis",), ("sacrum",)), (("knee_lateral",),), (("ankle_lateral",),), (("thigh",),),
        (("shank",),),
    ),
    "given": (
        (("knee_centre",),), (("ankle_centre",),),
        (("tibia_origin", "tibia_anterior", "tibia_proximal"), ("knee_lateral", "knee_medial")),
    ),
}  # fmt: skip
"""Roles each way of placing the knee needs; alternatives stand side by side."""


def marker_maps() -> list[str]:
    """Return the names of the marker maps that come with the package."""
    return sorted(path.stem for path in MAPS.glob("*.toml"))


def marker_map(name: str | Path) -> dict[str, dict[str, Any]]:
    """Read which of a file's markers plays which role, for both sides.

    Parameters
    ----------
    name : a shipped map (see ``marker_maps``) or the path of a TOML file of the same form.

    Returns
    -------
    ``{"left": {role: marker or list of markers}, "right": {...}, "method": {"knee": ..., "title": ...}}``

    Raises
    ------
    MarkerError : no such map, or it lacks the heel or the toe.
    """
    path = MAPS / f"{name}.toml" if str(name) in marker_maps() else Path(name)
    shown = printable(path.name)
    if not path.is_file():
        there = ", ".join(marker_maps())
        raise MarkerError(f"marker map: expected one of {there} or a TOML file, found '{printable(name)}'.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise MarkerError(
            f"marker map {shown}: expected a TOML file, found '{printable(error)}'. Correct it."
        ) from None
    if problems := _form_problems(content):
        raise MarkerError(f"marker map {shown}: {'; '.join(problems)}. Correct it.")
    letters = {"left": "L", "right": "R"} | content.get("letter", {})
    roles = content.get("role", {})

    def written(value: Any, letter: str) -> Any:
        return [written(v, letter) for v in value] if isinstance(value, list) else value.replace("{S}", letter)

    result: dict[str, dict[str, Any]] = {
        side: {role: written(value, letters[side]) for role, value in {**roles, **content.get(side, {})}.items()}
        for side in SIDES
    }
    knee = content.get("knee", "static")
    problems = [] if knee in NEEDED else [f"expected knee = one of {', '.join(NEEDED)}, found '{printable(knee, 20)}'"]
    for side in SIDES:
        lacking = [
            " or ".join(" with ".join(group) for group in choice)
            for choice in (*NEEDED_ALWAYS, *NEEDED.get(knee, ()))
            if not any(set(group) <= set(result[side]) for group in choice)
        ]
        problems += [f"{side}: expected a marker for {', '.join(lacking)}, found none"] if lacking else []
    if problems:
        raise MarkerError(f"marker map {shown}: {'; '.join(problems)}. Add them to the map.")
    result["method"] = {"knee": knee, "title": printable(content.get("title", path.stem))}
    return result


def _form_problems(content: dict[str, Any]) -> list[str]:
    """Return what is wrong with a marker map's form: roles are names or lists of names, letters and title are text."""
    problems = [
        f"expected [{part}] to be a table, found a value"
        for part in ("letter", "role", *SIDES)
        if not isinstance(content.get(part, {}), dict)
    ]
    problems += [
        f"expected {part} to be text, found another value" for part in ("knee", "title")
        if not isinstance(content.get(part, ""), str)
    ]  # fmt: skip
    if problems:
        return problems
    if not all(isinstance(letter, str) for letter in content.get("letter", {}).values()):
        problems.append("expected letters in [letter] to be text, found another value")
    for part in ("role", *SIDES):
        for role, value in content.get(part, {}).items():
            names = value if isinstance(value, list) else [value]
            if not names or not all(isinstance(name, str) and name.strip() for name in names):
                problems.append(f"expected a marker's name, or a list of them, for {printable(role, 30)} in [{part}]")
    return problems


def find(markers: xr.DataArray, name: str, role: str = "") -> xr.DataArray:
    """Return one marker's path, m, (time, axis), or say which is missing and which are there."""
    index = markers.get_index("marker")
    if name not in index:
        labels = [str(label) for label in markers["marker"].values]
        there = ", ".join(map(printable, difflib.get_close_matches(name, labels, n=6, cutoff=0.5) or labels[:6]))
        raise MarkerError(
            f"expected marker '{printable(name)}'{f' ({role})' if role else ''}, "
            f"found {markers.sizes['marker']} others: {there} ... "
            "Choose another map with markers= (--markers), or correct the label."
        )
    return markers.isel(marker=index.get_loc(name), drop=True)


def unit(vector: np.ndarray) -> np.ndarray:
    """Scale vectors of any unit, along the last axis, to length one."""
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def _fit_pose(reference: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rigid motion that brings reference points nearest to the observed ones, in every frame.

    Parameters
    ----------
    reference : m, (marker, axis). observed : m, (time, marker, axis); lost markers are NaN.

    Returns
    -------
    rotation (time, 3, 3) and translation (time, axis) with ``observed = rotation @ reference + translation``,
    and the root-mean-square distance left (m, (time,)). Fewer than three markers, or three in a line: NaN.

    References
    ----------
    Soderkvist I, Wedin PA (1993) J Biomech 26:1473, doi 10.1016/0021-9290(93)90098-Y.
    """
    there = np.isfinite(observed).all(-1) & np.isfinite(reference).all(-1)
    weight = there[..., None].astype(float)
    count = weight.sum(1)
    enough = count[:, 0] >= 3
    points = np.where(there[..., None], observed, 0.0)
    model = np.where(there[..., None], np.nan_to_num(reference), 0.0)
    count = np.maximum(count, 1)
    centre, model_centre = points.sum(1) / count, model.sum(1) / count
    product = np.einsum("tmi,tmj->tij", (points - centre[:, None]) * weight, (model - model_centre[:, None]) * weight)
    u, spread, vt = np.linalg.svd(product)
    enough &= spread[:, 1] > 1e-9 + 1e-6 * spread[:, 0]
    u[..., -1] *= np.sign(np.linalg.det(u @ vt))[:, None]
    rotation = u @ vt
    rotation[~enough] = np.nan
    translation = centre - np.einsum("tij,tj->ti", rotation, model_centre)
    left = points - (np.einsum("tij,tmj->tmi", rotation, model) + translation[:, None])
    residual = np.sqrt((np.where(there[..., None], left, 0.0) ** 2).sum((1, 2)) / count[:, 0])
    return rotation, translation, np.where(enough, residual, np.nan)


def carry(
    static: xr.DataArray, markers: xr.DataArray, cluster: Sequence[str], landmarks: Sequence[str]
) -> xr.DataArray:
    """Return landmarks seen only in the static trial, carried through a dynamic one by a cluster of markers.

    Parameters
    ----------
    static, markers : m, (time, marker, axis); the static trial is averaged over its frames.
    cluster : markers on the segment; those present in both trials are used.
    landmarks : markers of the static trial.

    Returns
    -------
    m, (time, marker, axis); ``attrs["residual_mm"]`` is the median misfit of the cluster.

    Raises
    ------
    MarkerError : fewer than three cluster markers in both trials, or a landmark missing from the static one.
    """
    common = [m for m in cluster if m in static["marker"].values and m in markers["marker"].values]
    if len(common) < 3:
        raise MarkerError(
            f"expected at least 3 of the cluster {list(cluster)} in the static and the dynamic trial, found {common}. "
            "Choose another static trial (--static) or marker map (--markers)."
        )
    mean = static.mean("time")
    reference = mean.sel(marker=common).transpose("marker", "axis").values
    points = np.stack([find(static, name, "landmark").mean("time").values for name in landmarks])
    observed = markers.sel(marker=common).transpose("time", "marker", "axis").values
    rotation, translation, residual = _fit_pose(reference, observed)
    carried = np.einsum("tij,mj->tmi", rotation, points) + translation[:, None]
    result = labelled(
        carried,
        ("time", "marker", "axis"),
        units="m",
        frame="lab",
        long_name="landmark carried by its cluster",
        coords={"time": markers["time"].values, "marker": list(landmarks)},
    )
    seen = residual[np.isfinite(residual)]
    result.attrs["residual_mm"] = float(np.median(seen) * 1000) if seen.size else float("nan")
    return result
