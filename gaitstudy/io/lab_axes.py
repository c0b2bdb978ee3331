"""Which way a file's axes point: as it says, as the user says, or as plates and markers show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaitstudy.conventions import TrialFormatError
from gaitstudy.io.c3d import RawC3D, output_labels
from gaitstudy.io.files import LENGTHS, printable

FLOOR = 0.15
"""m; the lowest marker of a foot on the floor lies no further above it, and no marker further below."""
TALL, STEADY = 0.4, 0.1
"""m; a person's markers reach at least so high above the floor; the lowest of them stays as level as that."""


def turn_matrix(path: Path, raw: RawC3D, axes: tuple[str, str] | None) -> tuple[np.ndarray, list[str]]:
    """Return the file's directions that are forward, up and right, as rows, and a note where they were inferred.

    Parameters
    ----------
    axes : what the user says; it counts. Without it the file's POINT:X_SCREEN and Y_SCREEN count, unless they are
        absent or plates and markers show another axis up: then that one is, and forward is any horizontal axis.

    Raises
    ------
    TrialFormatError : axes that are none, or none at all and nothing shows which way is up.
    """
    named = axes or tuple((raw.texts("POINT", name) or [""])[0] for name in ("X_SCREEN", "Y_SCREEN"))
    forward, up = (_unit_vector(text) for text in named)
    declared = forward is not None and up is not None and not abs(forward @ up) > 0
    seen = None if axes else _seen_up(raw)
    notes = []
    if seen is not None and not (declared and up is not None and up @ seen > 0):
        forward = np.eye(3)[0] if forward is None or abs(forward @ seen) > 0 else forward
        forward, up = (np.eye(3)[1] if abs(forward @ seen) > 0 else forward), seen
        said = f", not {named[1].upper()} as POINT:Y_SCREEN says" if declared else ""
        notes.append(
            f"Axes inferred from plates and markers: {_name(up)} is up{said}. To override, give the axes that point "
            f"forward and up: --axes {_name(forward)}{_name(up)}."
        )
    if forward is None or up is None:
        return axes_matrix(path, named), notes
    return axes_matrix(path, (_name(forward), _name(up))), notes


def axes_matrix(path: str | Path, axes: Sequence[str]) -> np.ndarray:
    """Return the directions that are forward, up and right in a file's axes, as rows.

    Parameters
    ----------
    path : the file, for the message. axes : those of its axes that point forward and up, as ``("+X", "+Z")``.

    Raises
    ------
    TrialFormatError : not two axes that are perpendicular.
    """
    forward, up = (_unit_vector(text) for text in axes)
    if forward is None or up is None or abs(forward @ up) > 0:
        given = " and ".join(f"'{printable(text, 10)}'" for text in axes)
        raise TrialFormatError(
            path,
            f"expected two axes like '+X' and '+Z' that point forward and up, found {given}. Say which they are: "
            "axes=('+X', '+Z'), or --axes +X+Z on the command line.",
        )
    return np.stack([forward, up, np.cross(forward, up)])


def _seen_up(raw: RawC3D) -> np.ndarray | None:
    """Return the axis of the file that is up by plates and markers (a unit vector), or None where they do not tell.

    Plates lie level, and people stand on them. Without plates: a person's markers spread furthest along the vertical,
    the lowest of them stays on the floor, where a lab has its origin, the axis points away from it, and so does no
    other axis. What contradicts itself tells nothing.
    """
    scale = LENGTHS.get(raw.unit, 1e-3)
    points = raw.points[:, ~np.isin(raw.labels, output_labels(raw))] * scale
    few = points[:: max(len(points) // 200, 1)]
    few = few[np.isfinite(few).all(-1).sum(1) >= 3]
    if not len(few):
        return None
    axis, level = _plate_level(raw, scale)
    low, high = np.nanmin(few, 1), np.nanmax(few, 1)
    near, far = np.median(low, 0) - level, np.median(high, 0) - level
    up, down = ((-FLOOR <= a) & (a <= 2 * FLOOR) & (b >= TALL) for a, b in ((near, far), (-far, -near)))
    if axis is None:
        steady = up & (np.ptp(np.percentile(low, [5, 95], axis=0), axis=0) <= STEADY)
        axis = int(np.median(high - low, 0).argmax())
        return np.eye(3)[axis] if steady[axis] and steady.sum() == 1 else None
    return np.eye(3)[axis] * (1 if up[axis] else -1) if up[axis] != down[axis] else None


def _plate_level(raw: RawC3D, scale: float) -> tuple[int | None, float]:
    """Return the axis that is normal to all plates and their height along it (m), or None and 0."""
    corners = raw.numbers("FORCE_PLATFORM", "CORNERS") * scale
    corners = corners[: len(corners) // 12 * 12].reshape(-1, 4, 3)
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    area = np.linalg.norm(normal, axis=1)
    real = (area > 0.02) & np.isfinite(corners).all((1, 2))
    if not real.any():
        return None, 0.0
    normal = np.abs(normal[real] / area[real, None])
    axis = int(normal[0].argmax())
    if not (normal[:, axis] > 0.95).all():
        return None, 0.0
    return axis, float(np.median(corners[real][..., axis]))


def _unit_vector(text: str) -> np.ndarray | None:
    match = re.fullmatch(r"([+-]?)([xyz])", text.strip().lower())
    if not match:
        return None
    vector = np.zeros(3)
    vector["xyz".index(match[2])] = -1.0 if match[1] == "-" else 1.0
    return vector


def _name(vector: np.ndarray) -> str:
    axis = int(np.abs(vector).argmax())
    return ("-" if vector[axis] < 0 else "+") + "XYZ"[axis]
