"""The leg under the markers: joint centres and segment axes, from static trials, joint widths, or the file itself.

What each marker stands for is told by a marker map, to which a file's labels are fitted.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitstudy.conventions import AXES, SIDES, MarkerError, require_dims, side_sign, variable
from gaitstudy.io.files import printable

JOINTS = ("hip", "knee", "ankle")
HIPS = ("harrington", "hara")
"""Regressions for the hip's centre."""
SEGMENTS = ("foot", "shank", "thigh")
MEASURES = {"kneewidth": (50.0, 200.0), "anklewidth": (30.0, 150.0), "leglength": (300.0, 1300.0)}
"""mm; what a person's joint widths and leg length can be."""
RADIUS = 0.007
"""m; of a marker."""
MAPS = Path(__file__).parent / "markers"
NEEDED = {
    "static": ("knee_lateral", "knee_medial", "ankle_lateral", "ankle_medial", "shank"),
    "chord": ("asis", "psis or sacrum", "knee_lateral", "ankle_lateral", "thigh", "shank"),
    "given": (
        "knee_centre", "ankle_centre",
        "tibia_origin with tibia_anterior with tibia_proximal or knee_lateral with knee_medial",
    ),
}  # fmt: skip
"""Roles each way of placing the knee needs beside heel and toe."""
CLUSTERS = ("thigh", "shank")
"""Roles that several markers share."""
NEEDED_ONCE = ("heel", "toe", "asis")
"""Roles without which no row of a trial can be made."""


def _chord_centre(proximal: np.ndarray, lateral: np.ndarray, wand: np.ndarray, offset: float) -> np.ndarray:
    """Return a joint centre from one lateral marker: at a right angle to the proximal joint, in the wand's plane.

    Parameters
    ----------
    proximal : m, (time, axis), the joint centre above (hip for the knee, knee for the ankle).
    lateral : m, (time, axis), the marker on the joint's outer side.
    wand : m, (time, axis), a marker of the segment in between, on the outer side.
    offset : m; half the joint's width plus the marker's radius.

    Returns
    -------
    m, (time, axis): ``offset`` away from the marker; NaN where the marker is nearer to the joint above.

    References
    ----------
    Davis RB, Ounpuu S, Tyburski D, Gage JR (1991) Hum Mov Sci 10:575, doi 10.1016/0167-9457(91)90046-Z.
    """
    up = proximal - lateral
    length = np.linalg.norm(up, axis=-1, keepdims=True)
    along = up / length
    outward = wand - lateral
    outward = unit(outward - (outward * along).sum(-1, keepdims=True) * along)
    share = np.where(length > offset, offset / length, np.nan)
    return lateral + offset * (share * along - np.sqrt(1 - share**2) * outward)


def hip_offset(method: str, *, leg_length: float, pelvis_width: float, pelvis_depth: float) -> np.ndarray:
    """Return where the right hip's centre lies from the middle of the front pelvic markers.

    Parameters
    ----------
    method : ``"harrington"`` (width, depth and leg length) or ``"hara"`` (leg length alone).
    leg_length, pelvis_width, pelvis_depth : m; width between the anterior spines, depth from their middle to
        that of the posterior ones.

    Returns
    -------
    m, (axis,): forward, up, to the right, in the pelvis's own axes.

    Raises
    ------
    MarkerError : another method.

    References
    ----------
    Harrington ME et al. (2007) J Biomech 40:595, doi 10.1016/j.jbiomech.2006.02.003;
    Hara R et al. (2016) Sci Rep 6:37707, doi 10.1038/srep37707.

    Examples
    --------
    >>> (1000 * hip_offset("harrington", leg_length=0.88, pelvis_width=0.24, pelvis_depth=0.15)).round(2).tolist()
    [-45.9, -80.7, 88.3]
    """
    leg = 1000 * leg_length
    if method == "hara":
        return np.array([11 - 0.063 * leg, -9 - 0.078 * leg, 8 + 0.086 * leg]) / 1000
    if method != "harrington":
        raise MarkerError(f"hip centre: expected one of {', '.join(HIPS)}, found '{method}'.")
    width, depth = 1000 * pelvis_width, 1000 * pelvis_depth
    return np.array([-0.24 * depth - 9.9, -0.16 * width - 0.04 * leg - 7.1, 0.28 * depth + 0.16 * width + 7.9]) / 1000


def _hip_centre(
    markers: xr.DataArray,
    names: Mapping[str, Mapping[str, Any]],
    side: str,
    leg_length: float,
    method: str,
) -> np.ndarray:
    """Return one hip's centre from the pelvic markers, m, (time, axis).

    Parameters
    ----------
    markers : m, (time, marker, axis).
    names : a marker map with ``asis`` and ``psis`` (or ``sacrum``) on both sides.
    leg_length : m. method : as in ``hip_offset``. The regressions are for points on the skin; the markers' radius is
        not taken off.
    """
    left, right = (find(markers, names[s]["asis"], "anterior spine").values for s in SIDES)
    there = set(markers["marker"].values)
    spines = [names[s].get("psis") for s in SIDES]
    if not set(spines) <= there and names[side].get("sacrum") in there:
        spines = [names[side]["sacrum"]]
    back = np.mean([find(markers, str(name), "posterior spine").values for name in spines], axis=0)
    middle = (left + right) / 2
    rightward = unit(right - left)
    upward = unit(np.cross(rightward, middle - back))
    axes = np.stack([np.cross(upward, rightward), upward, rightward], -2)
    width = float(np.nanmean(np.linalg.norm(right - left, axis=-1)))
    depth = float(np.nanmean(np.linalg.norm(middle - back, axis=-1)))
    offset = hip_offset(method, leg_length=leg_length, pelvis_width=width, pelvis_depth=depth)
    return middle + np.einsum("tji,j->ti", axes, offset * [1, 1, side_sign(side)])


def _segment_axes(proximal: np.ndarray, distal: np.ndarray, rightward: np.ndarray) -> np.ndarray:
    """Return a long segment's axes: y from distal to proximal, x forward of the plane with ``rightward``, z right.

    Parameters
    ----------
    proximal, distal : m, (time, axis). rightward : (time, axis), roughly to the walker's right, any length.

    Returns
    -------
    (time, direction, axis): unit vectors in the lab; right-handed on both sides of the body.
    """
    y = unit(proximal - distal)
    x = unit(np.cross(y, rightward))
    return np.stack([x, y, np.cross(x, y)], -2)


def _foot_axes(heel: np.ndarray, toe: np.ndarray, ankle: np.ndarray) -> np.ndarray:
    """Return the foot's axes, (time, direction, axis), from points in m: x to the toe, y to the ankle, z right."""
    x = unit(toe - heel)
    z = unit(np.cross(x, ankle - heel))
    return np.stack([x, np.cross(z, x), z], -2)


def gather_leg(
    side: str, time: np.ndarray, points: Mapping[str, np.ndarray], axes: Mapping[str, np.ndarray]
) -> xr.Dataset:
    """Gather one leg as a dataset; hip and thigh are NaN where they are not known.

    Parameters
    ----------
    time : s. points : m, (time, axis): ``knee, ankle, heel, toe`` and where it is known ``hip``. axes : (time,
        direction, axis): ``shank`` and where it is known ``thigh``.

    Returns
    -------
    Dataset with ``centre`` (time, joint, axis) m, ``axes`` (time, segment, direction, axis), ``heel`` and ``toe``
    (time, axis) m, all in the lab frame; attribute ``side``.
    """
    heel, toe, ankle, shank = (*(points[name] for name in ("heel", "toe", "ankle")), axes["shank"])
    centres = np.stack([points.get("hip", np.full_like(ankle, np.nan)), points["knee"], ankle], 1)
    turned = np.stack([_foot_axes(heel, toe, ankle), shank, axes.get("thigh", np.full_like(shank, np.nan))], 1)
    parts = {
        "centre": (centres, ("time", "joint", "axis"), "m", "joint centre"),
        "axes": (turned, ("time", "segment", "direction", "axis"), "1", "segment axis"),
        "heel": (heel, ("time", "axis"), "m", "heel"),
        "toe": (toe, ("time", "axis"), "m", "toe"),
    }
    lab = list(AXES)
    return xr.Dataset(
        {name: variable(v, dims, units=u, frame="lab", long_name=text) for name, (v, dims, u, text) in parts.items()},
        {"time": time, "joint": list(JOINTS), "axis": lab, "segment": list(SEGMENTS), "direction": lab},
        attrs={"side": side},
    )


def leg_from_markers(
    markers: xr.DataArray,
    names: Mapping[str, Mapping[str, Any]],
    side: str,
    *,
    static: xr.DataArray | None = None,
    subject: Mapping[str, float] | None = None,
    hip: str = "harrington",
) -> xr.Dataset:
    """Build one leg of a dynamic trial in the way its marker map asks for.

    Parameters
    ----------
    markers : m, (time, marker, axis), filtered.
    names : a marker map; ``names["method"]["knee"]`` is ``"static"`` (medial and lateral landmarks of a static
        trial carried by the clusters, or of this trial where it has them), ``"chord"`` (one lateral marker and
        the joint's width) or ``"given"`` (centres and tibial axes stored in the file).
    side : which leg. static : markers of the static trial.
    subject : numbers of the file for ``chord``: ``lkneewidth``, ``ranklewidth``, ``lleglength`` ..., all in mm.
    hip : method of ``hip_offset`` where no hip centre is in the file.

    Notes
    -----
    The shank's sideways axis goes through the epicondyles (``static``, and ``given`` without stored axes: the proximal
    tibia), through the ankle marker (``chord``, as in Plug-in Gait: the distal tibia), or is the stored one. Moments
    in "the tibia" differ with it. Wand offsets and tibial torsion of the file are not applied.

    Raises
    ------
    MarkerError : what is missing, in which trial, and what to do.

    References
    ----------
    The source of each way stands with it in this module.
    """
    require_dims(markers, ("time", "marker", "axis"), "markers")
    roles, how, rightward = names[side], names["method"]["knee"], side_sign(side)
    if how == "given":
        points, shank, across = _stored_leg(markers, roles, rightward)
    elif how == "chord":
        points, shank, across = _leg_by_chord(markers, names, side, subject or {}, hip)
    else:
        points, shank, across = _leg_by_clusters(markers, names, side, static, hip)
    points |= {r: find(markers, roles[r], r).values for r in ("heel", "toe")}
    axes = {"shank": shank}
    if "hip" in points:
        axes["thigh"] = _segment_axes(points["hip"], points["knee"], across)
    return gather_leg(side, markers["time"].values, points, axes)


_Leg = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]
"""Joint centres (m, (time, axis)), the shank's axes, and what points to the right across the thigh."""


def _stored_leg(markers: xr.DataArray, roles: Mapping[str, Any], rightward: float) -> _Leg:
    centres = [joint for joint in JOINTS if f"{joint}_centre" in roles]
    points = {joint: find(markers, roles[f"{joint}_centre"], f"{joint} centre").values for joint in centres}
    if "tibia_origin" in roles:
        origin, front, top = (find(markers, roles[f"tibia_{r}"]).values for r in ("origin", "anterior", "proximal"))
        y = unit(top - origin)
        z = unit(np.cross(unit(front - origin), y))
        shank = np.stack([np.cross(y, z), y, z], -2)
    else:
        width = find(markers, roles["knee_lateral"]).values - find(markers, roles["knee_medial"]).values
        shank = _segment_axes(points["knee"], points["ankle"], rightward * width)
    return points, shank, shank[:, 2]


def _leg_by_clusters(
    markers: xr.DataArray, names: Mapping[str, Mapping[str, Any]], side: str, static: xr.DataArray | None, hip: str
) -> _Leg:
    roles, rightward = names[side], side_sign(side)
    wanted = [roles[r] for r in ("knee_lateral", "knee_medial", "ankle_lateral", "ankle_medial")]
    if static is None:
        absent = [w for w in wanted if w not in markers["marker"].values]
        if absent:
            raise MarkerError(
                f"expected knee and ankle markers {wanted} in the trial or a static trial that carries them, "
                f"found no {absent}. Give the static trial with static= (--static)."
            )
        marks = thigh = markers.sel(marker=wanted).transpose("time", "marker", "axis").values
    else:
        marks = _carry(static, markers, roles["shank"], wanted)
        seen = [m for m in roles.get("thigh", []) if m in markers["marker"].values and m in static["marker"].values]
        thigh = _carry(static, markers, seen, wanted) if len(seen) > 2 else marks
    knee_out, knee_in, ankle_out, ankle_in = (marks[:, k] for k in range(4))
    points = {"knee": (knee_out + knee_in) / 2, "ankle": (ankle_out + ankle_in) / 2}
    if roles.get("hip_centre") in markers["marker"].values:
        points["hip"] = find(markers, roles["hip_centre"]).values
    elif "asis" in roles:
        standing = markers if static is None else static
        path = [find(standing, roles[r], r).mean("time").values for r in ("asis", "knee_medial", "ankle_medial")]
        length = float(sum(np.linalg.norm(b - a) for a, b in pairwise(path)))
        points["hip"] = _hip_centre(markers, names, side, length, hip)
    shank = _segment_axes(points["knee"], points["ankle"], rightward * (knee_out - knee_in))
    return points, shank, rightward * (thigh[:, 0] - thigh[:, 1])


def _leg_by_chord(
    markers: xr.DataArray, names: Mapping[str, Mapping[str, Any]], side: str, subject: Mapping[str, float], hip: str
) -> _Leg:
    size = {}
    for measure, (low, high) in MEASURES.items():
        size[measure] = subject.get(f"{side[0]}{measure}", float("nan"))
        if not low <= size[measure] <= high:
            raise MarkerError(
                f"chord method: expected the subject's {side[0]}{measure} of {low:g}-{high:g} mm, found "
                f"{size[measure]:g}. Store it in mm in the C3D file's PROCESSING group, or use a static trial with "
                "medial markers."
            )
    roles, rightward = names[side], side_sign(side)
    knee_half, ankle_half = (size[k] / 2000 + RADIUS for k in ("kneewidth", "anklewidth"))
    centre = _hip_centre(markers, names, side, size["leglength"] / 1000, hip)
    knee_out, ankle_out = (find(markers, roles[r], r).values for r in ("knee_lateral", "ankle_lateral"))
    thigh_wand, shank_wand = (find(markers, roles[r][0], r).values for r in CLUSTERS)
    knee = _chord_centre(centre, knee_out, thigh_wand, knee_half)
    ankle = _chord_centre(knee, ankle_out, shank_wand, ankle_half)
    shank = _segment_axes(knee, ankle, rightward * (ankle_out - ankle))
    return {"hip": centre, "knee": knee, "ankle": ankle}, shank, rightward * (knee_out - knee)


def marker_map(name: str | Path) -> dict[str, dict[str, Any]]:
    """Read which of a file's markers plays which role, for both sides.

    Parameters
    ----------
    name : the name of a shipped map (a file of ``load/markers``) or the path of a TOML file of the same form.

    Returns
    -------
    ``{"left": {role: marker or list of markers}, "right": {...}, "method": {"knee": ..., "title": ...}}``

    Raises
    ------
    MarkerError : no such map, one of another form, or one that lacks a role; the first problem.
    """
    shipped = sorted(path.stem for path in MAPS.glob("*.toml"))
    path = MAPS / f"{name}.toml" if str(name) in shipped else Path(name)
    about = f"marker map {printable(path.name)}"
    if not path.is_file():
        raise MarkerError(
            f"marker map: expected one of {', '.join(shipped)} or a TOML file, found '{printable(name)}'."
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise MarkerError(f"{about}: expected a TOML file, found '{printable(error)}'. Correct it.") from None
    for part in ("letter", "role", *SIDES):
        if not isinstance(content.setdefault(part, {}), dict):
            raise MarkerError(f"{about}: expected [{part}] to be a table, found a value. Correct it.")
    knee = str(content.get("knee", "static"))
    if knee not in NEEDED:
        raise MarkerError(f"{about}: expected knee = one of {', '.join(NEEDED)}, found '{printable(knee, 20)}'.")

    def marker(value: Any, role: str, letter: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise MarkerError(
                f"{about}: expected a marker's name for {printable(role, 30)} (a list of them for "
                f"{' and '.join(CLUSTERS)}), found another value. Correct it."
            )
        return value.replace("{S}", letter)

    result: dict[str, dict[str, Any]] = {}
    for side, usual in zip(SIDES, "LR", strict=True):
        letter = str(content["letter"].get(side, usual))
        result[side] = {}
        for role, value in {**content["role"], **content[side]}.items():
            several = value if role in CLUSTERS and isinstance(value, list) else [value]
            named = [marker(each, role, letter) for each in several or [""]]
            result[side][role] = named if role in CLUSTERS else named[0]
        for choice in ("heel", "toe", *NEEDED[knee]):
            if not any(set(group.split(" with ")) <= set(result[side]) for group in choice.split(" or ")):
                raise MarkerError(f"{about}: {side}: expected a marker for {choice}, found none. Add it to the map.")
    result["method"] = {"knee": knee, "title": printable(content.get("title", path.stem))}
    return result


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


def _fit_pose(reference: np.ndarray, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rigid motion that brings reference points nearest to the observed ones, in every frame.

    Parameters
    ----------
    reference : m, (marker, axis). observed : m, (time, marker, axis); lost markers are NaN.

    Returns
    -------
    rotation (time, 3, 3) and translation (time, axis) with ``observed = rotation @ reference + translation``. Fewer
    than three markers, or three in a line: NaN.

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
    return rotation, centre - np.einsum("tij,tj->ti", rotation, model_centre)


def _carry(static: xr.DataArray, markers: xr.DataArray, cluster: Sequence[str], landmarks: Sequence[str]) -> np.ndarray:
    """Return landmarks seen only in the static trial, carried through a dynamic one by a cluster of markers.

    Parameters
    ----------
    static, markers : m, (time, marker, axis); the static trial is averaged over its frames.
    cluster : markers on the segment; those present in both trials are used.
    landmarks : markers of the static trial.

    Returns
    -------
    m, (time, landmark, axis).

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
    reference = static.mean("time").sel(marker=common).transpose("marker", "axis").values
    points = np.stack([find(static, name, "landmark").mean("time").values for name in landmarks])
    observed = markers.sel(marker=common).transpose("time", "marker", "axis").values
    rotation, translation = _fit_pose(reference, observed)
    return np.einsum("tij,mj->tmi", rotation, points) + translation[:, None]


def fit_labels(markers: xr.DataArray, names: Mapping[str, Mapping[str, Any]]) -> tuple[xr.DataArray, list[str]]:
    """Return markers under the names that a marker map has for them, and notes on what was changed.

    A prefix that all labels share up to ``_ - .`` is taken off where the map's names are found so, and labels that
    differ from a name of the map by upper and lower case alone get that name. Markers that share one label (called
    NAME#k by the readers) get no name of the map, as nobody can tell which is meant.

    Parameters
    ----------
    markers : m, (time, marker, axis). names : a marker map.

    Raises
    ------
    MarkerError : a heel, toe or front pelvic marker of the map occurs twice.
    """
    wanted = {
        name
        for side in SIDES
        for value in names[side].values()
        for name in ([value] if isinstance(value, str) else value)
    }
    by_case = {name.casefold(): name for name in wanted}

    def known(labels: list[str]) -> int:
        return len({label.casefold() for label in labels} & set(by_case))

    labels, notes = [str(label) for label in markers["marker"].values], []
    named = [label for label in labels if re.match("[A-Za-z]", label) and not label.startswith("unlabelled_")]
    prefix = re.sub(r"[^_.\-]*$", "", os.path.commonprefix(named)) if len(named) > 2 else ""  # noqa: RUF071
    bare = [label.removeprefix(prefix) for label in labels]
    if prefix and known(bare) > known(labels):
        labels = bare
        notes.append("A prefix shared by all marker labels was taken off to find the names of the marker map.")
    if len(by_case) == len(wanted):
        folded = [label.casefold() for label in labels]
        other = [
            by_case[fold] if fold in by_case and folded.count(fold) == 1 else label
            for fold, label in zip(folded, labels, strict=True)
        ]
        if other != labels:
            labels = other
            notes.append("Marker labels were matched to the marker map without regard to upper and lower case.")
    copied = {label.rpartition("#")[0] for label in labels if re.search(r"#\d+$", label)}
    needed = copied & {str(names[side].get(role)) for side in SIDES for role in NEEDED_ONCE}
    if needed:
        raise MarkerError(
            f"expected each marker of the map once, found {', '.join(sorted(needed))} more than once. Rename or delete "
            "the copies."
        )
    renamed = markers.assign_coords(marker=labels)
    return renamed.assign_attrs(units="m", frame="lab", long_name="marker position"), notes
