"""The leg under the markers: joint centres and segment axes, from static trials, joint widths, or the file itself.

What each marker stands for is told by a marker map, to which a file's labels are fitted.
"""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitstudy.conventions import AXES, SIDES, MarkerError, labelled, require_dims, side_sign, variable
from gaitstudy.io.files import printable

JOINTS = ("hip", "knee", "ankle")
HIPS = ("harrington", "hara")
"""Regressions for the hip's centre."""
SEGMENTS = ("foot", "shank", "thigh")
MEASURES = {"kneewidth": (50.0, 200.0), "anklewidth": (30.0, 150.0), "leglength": (300.0, 1300.0)}
"""mm; what a person's joint widths and leg length can be."""
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


def hip_offset(
    method: str, *, leg_length: float, pelvis_width: float | None = None, pelvis_depth: float | None = None
) -> np.ndarray:
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
    MarkerError : another method, or a measure it needs is missing.

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
    if method != "harrington" or pelvis_width is None or pelvis_depth is None:
        raise MarkerError(
            f"hip centre: expected 'harrington' with pelvis width and depth, or 'hara'; found '{method}'."
        )
    width, depth = 1000 * pelvis_width, 1000 * pelvis_depth
    return np.array([-0.24 * depth - 9.9, -0.16 * width - 0.04 * leg - 7.1, 0.28 * depth + 0.16 * width + 7.9]) / 1000


def _hip_centre(
    markers: xr.DataArray,
    names: Mapping[str, Mapping[str, Any]],
    side: str,
    leg_length: float,
    method: str = "harrington",
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
    side: str,
    time: np.ndarray,
    points: Mapping[str, np.ndarray],
    axes: Mapping[str, np.ndarray],
    method: str,
    tibia: str = "not stated",
) -> xr.Dataset:
    """Gather one leg as a dataset; hip and thigh are NaN where they are not known.

    Parameters
    ----------
    time : s. points : m, (time, axis): ``knee, ankle, heel, toe`` and where it is known ``hip``. axes : (time,
        direction, axis): ``shank`` and where it is known ``thigh``. method, tibia : what is told by the attributes.

    Returns
    -------
    Dataset with ``centre`` (time, joint, axis) m, ``axes`` (time, segment, direction, axis), ``heel`` and ``toe``
    (time, axis) m, all in the lab frame; attributes ``side``, ``method`` and ``tibia``: what gave the shank
    its sideways direction.
    """
    heel, toe, ankle, shank = (*(points[name] for name in ("heel", "toe", "ankle")), axes["shank"])
    centres = np.stack([points.get("hip", np.full_like(ankle, np.nan)), points["knee"], ankle], 1)
    turned = np.stack([_foot_axes(heel, toe, ankle), shank, axes.get("thigh", np.full_like(shank, np.nan))], 1)
    made = {
        "centre": (centres, ("time", "joint", "axis"), "m", "joint centre"),
        "axes": (turned, ("time", "segment", "direction", "axis"), "1", "segment axis"),
        "heel": (heel, ("time", "axis"), "m", "heel"),
        "toe": (toe, ("time", "axis"), "m", "toe"),
    }
    lab = list(AXES)
    return xr.Dataset(
        {name: variable(v, dims, units=u, frame="lab", long_name=text) for name, (v, dims, u, text) in made.items()},
        {"time": time, "joint": list(JOINTS), "axis": lab, "segment": list(SEGMENTS), "direction": lab},
        attrs={"side": side, "method": method, "tibia": tibia},
    )


def leg_from_markers(
    markers: xr.DataArray,
    names: Mapping[str, Mapping[str, Any]],
    side: str,
    *,
    static: xr.DataArray | None = None,
    subject: Mapping[str, float] | None = None,
    hip: str = "harrington",
    marker_radius: float = 0.007,
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
    marker_radius : m.

    Notes
    -----
    The shank's sideways axis goes through the epicondyles (``static``, and ``given`` without stored axes: the proximal
    tibia), through the ankle marker (``chord``, as in Plug-in Gait: the distal tibia), or is the stored one. Moments
    in "the tibia" differ with it. Wand offsets and tibial torsion of the file are not applied.

    Raises
    ------
    MarkerError : what is missing, in which trial, and what to do.
    """
    require_dims(markers, ("time", "marker", "axis"), "markers")
    roles = names[side]
    heel, toe = (find(markers, roles[r], r).values for r in ("heel", "toe"))
    how = names["method"]["knee"]
    rightward = side_sign(side)
    if how == "given":
        knee, ankle = (find(markers, roles[r], r.replace("_", " ")).values for r in ("knee_centre", "ankle_centre"))
        centre = find(markers, roles["hip_centre"], "hip centre").values if "hip_centre" in roles else None
        if "tibia_origin" in roles:
            origin, front, top = (find(markers, roles[f"tibia_{r}"]).values for r in ("origin", "anterior", "proximal"))
            y = unit(top - origin)
            z = unit(np.cross(unit(front - origin), y))
            shank, tibia = np.stack([np.cross(y, z), y, z], -2), "stored in the file"
        else:
            width = find(markers, roles["knee_lateral"]).values - find(markers, roles["knee_medial"]).values
            shank, tibia = _segment_axes(knee, ankle, rightward * width), "epicondyles"
        thigh = None if centre is None else _segment_axes(centre, knee, shank[:, 2])
        return _gathered(markers, side, (centre, knee, ankle, heel, toe), (shank, thigh), how, tibia)
    if how == "chord":
        return _leg_by_chord(markers, names, side, subject or {}, hip, marker_radius)
    spots = ("knee_lateral", "knee_medial", "ankle_lateral", "ankle_medial")
    lacking = [r for r in spots if r not in roles]
    if lacking:
        raise MarkerError(
            f"marker map: expected {', '.join(spots)}, found no {', '.join(lacking)}. Add them to the map."
        )
    wanted = [roles[r] for r in spots]
    if static is None:
        absent = [w for w in wanted if w not in markers["marker"].values]
        if absent:
            raise MarkerError(
                f"expected knee and ankle markers {wanted} in the trial or a static trial that carries them, "
                f"found no {absent}. Give the static trial with static= (--static)."
            )
        marks = markers.sel(marker=wanted).transpose("time", "marker", "axis")
        thigh_marks = marks
    else:
        marks = _carry(static, markers, roles["shank"], wanted)
        seen = [m for m in roles.get("thigh", []) if m in markers["marker"].values and m in static["marker"].values]
        thigh_marks = _carry(static, markers, seen, wanted) if len(seen) > 2 else marks
    knee_out, knee_in, ankle_out, ankle_in = (marks.values[:, k] for k in range(4))
    knee, ankle = (knee_out + knee_in) / 2, (ankle_out + ankle_in) / 2
    shank = _segment_axes(knee, ankle, rightward * (knee_out - knee_in))
    centre = None
    if roles.get("hip_centre") in markers["marker"].values:
        centre = find(markers, roles["hip_centre"]).values
    elif "asis" in roles:
        length = _leg_length(static if static is not None else markers, roles)
        centre = _hip_centre(markers, names, side, length, hip)
    thigh = None
    if centre is not None:
        thigh = _segment_axes(centre, knee, rightward * (thigh_marks.values[:, 0] - thigh_marks.values[:, 1]))
    return _gathered(markers, side, (centre, knee, ankle, heel, toe), (shank, thigh), how, "epicondyles")


def _leg_length(markers: xr.DataArray, roles: Mapping[str, Any]) -> float:
    """Distance from the anterior spine over the inner knee to the inner ankle, of the static trial."""
    path = [find(markers, roles[r], r).mean("time").values for r in ("asis", "knee_medial", "ankle_medial")]
    return float(sum(np.linalg.norm(b - a) for a, b in pairwise(path)))


def _leg_by_chord(
    markers: xr.DataArray,
    names: Mapping[str, Mapping[str, Any]],
    side: str,
    subject: Mapping[str, float],
    hip: str,
    marker_radius: float,
) -> xr.Dataset:
    needed = {k: f"{side[0]}{k}" for k in MEASURES}
    absent = [key for key in needed.values() if not subject.get(key, 0) > 0]
    if absent:
        raise MarkerError(
            f"chord method: expected the subject's {', '.join(needed.values())} (mm), found no {', '.join(absent)}. "
            "Store them in the C3D file's PROCESSING group, or use a static trial with medial markers."
        )
    for measure, (low, high) in MEASURES.items():
        if not low <= subject[needed[measure]] <= high:
            raise MarkerError(
                f"chord method: expected {needed[measure]} of {low:g}-{high:g} mm, found {subject[needed[measure]]:g}. "
                "Correct it in the C3D file's PROCESSING group; it must be in mm."
            )
    roles = names[side]
    knee_half, ankle_half = (subject[needed[k]] / 2000 + marker_radius for k in ("kneewidth", "anklewidth"))
    centre = _hip_centre(markers, names, side, subject[needed["leglength"]] / 1000, hip)
    knee_out, ankle_out = (find(markers, roles[r], r).values for r in ("knee_lateral", "ankle_lateral"))
    thigh_wand, shank_wand = (find(markers, roles[r][0], r).values for r in ("thigh", "shank"))
    knee = _chord_centre(centre, knee_out, thigh_wand, knee_half)
    ankle = _chord_centre(knee, ankle_out, shank_wand, ankle_half)
    rightward = side_sign(side)
    shank = _segment_axes(knee, ankle, rightward * (ankle_out - ankle))
    thigh = _segment_axes(centre, knee, rightward * (knee_out - knee))
    heel, toe = (find(markers, roles[r], r).values for r in ("heel", "toe"))
    return _gathered(markers, side, (centre, knee, ankle, heel, toe), (shank, thigh), "chord", "ankle marker")


def _gathered(
    markers: xr.DataArray, side: str, points: Sequence[Any], axes: Sequence[Any], method: str, tibia: str
) -> xr.Dataset:
    """Gather hip, knee, ankle, heel and toe, and the axes of shank and thigh; hip and thigh may be None."""
    named = zip((*JOINTS, "heel", "toe", "shank", "thigh"), (*points, *axes), strict=True)
    known = {name: value for name, value in named if value is not None}
    return gather_leg(side, markers["time"].values, known, known, method, tibia)


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


def _carry(
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
    text, coords = "landmark carried by its cluster", {"time": markers["time"].values, "marker": list(landmarks)}
    result = labelled(carried, ("time", "marker", "axis"), units="m", frame="lab", long_name=text, coords=coords)
    seen = residual[np.isfinite(residual)]
    result.attrs["residual_mm"] = float(np.median(seen) * 1000) if seen.size else float("nan")
    return result


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
    wanted = {name for side in SIDES for value in names[side].values() for name in _flat(value)}
    found = [str(label) for label in markers["marker"].values]
    labels, notes = list(found), []
    named = [label for label in found if re.match("[A-Za-z]", label) and not label.startswith("unlabelled_")]
    shared = [letters[0] for letters in itertools.takewhile(lambda one: len(set(one)) == 1, zip(*named, strict=False))]
    prefix = re.sub(r"[^_.\-]*$", "", "".join(shared)) if len(named) > 2 else ""
    bare = [label.removeprefix(prefix) for label in labels]
    if prefix and _known(bare, wanted) > _known(labels, wanted):
        labels = bare
        notes.append("A prefix shared by all marker labels was taken off to find the names of the marker map.")
    by_case = {name.casefold(): name for name in wanted}
    folded = [label.casefold() for label in labels]
    if len(by_case) == len(wanted):
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


def _known(labels: list[str], wanted: set[str]) -> int:
    return len({label.casefold() for label in labels} & {name.casefold() for name in wanted})


def _flat(value: Any) -> list[str]:
    return [name for part in value for name in _flat(part)] if isinstance(value, list) else [str(value)]
