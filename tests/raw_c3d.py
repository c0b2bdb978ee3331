"""C3D files byte by byte, in every byte order, with whatever a test wants their header and parameters to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BLOCK = 512
PROCESSORS = {"pc": 84, "dec": 85, "mips": 86}
Value = Sequence[str] | np.ndarray


def raw_c3d(
    points: np.ndarray,
    analogs: np.ndarray | None = None,
    parameters: Mapping[tuple[str, str], Value] | None = None,
    *,
    order: str = "pc",
    scale: float = -1.0,
    rate: float = 100.0,
    first: int = 1,
    last: int | None = None,
    says: Mapping[int, int] | None = None,
    copies: Sequence[tuple[str, str, Value]] = (),
    tail: bytes = b"",
) -> bytes:
    """Return a C3D file of points (time, point, axis; NaN is lost) and analog values (time, sample, channel).

    ``scale`` below zero writes reals, above it integers in that unit. ``says`` gives header words other values than the
    data have, by their number from 1. ``parameters`` of strings or numbers (int16 or float32, first index fastest)
    replace or extend the usual ones, None takes one away; ``copies`` come after them as they are. ``tail`` follows the
    last frame.
    """
    frames, count = points.shape[:2]
    analogs = np.zeros((frames, 1, 0)) if analogs is None else analogs
    per_frame, channels = analogs.shape[1:]
    usual: dict[tuple[str, str], Any] = {
        ("POINT", "USED"): np.int16([count]),
        ("POINT", "FRAMES"): np.array([frames % 65536], "u2").view("i2"),
        ("POINT", "SCALE"): np.float32([scale]),
        ("POINT", "RATE"): np.float32([rate]),
        ("POINT", "UNITS"): ["mm"],
        ("POINT", "LABELS"): [f"P{k + 1}" for k in range(count)],
        ("ANALOG", "USED"): np.int16([channels]),
        ("ANALOG", "RATE"): np.float32([rate * per_frame]),
    } | dict(parameters or {})
    listed = [(*key, value) for key, value in usual.items() if value is not None] + list(copies)
    groups = list(dict.fromkeys(group for group, _, _ in listed))
    records = [_group(name, k + 1, order) for k, name in enumerate(groups)]
    records += [_parameter(name, groups.index(group) + 1, value, order) for group, name, value in listed]
    section = bytes([1, 80, 0, PROCESSORS[order]]) + b"".join(records) + b"\0\0"
    blocks = -(-len(section) // BLOCK)
    section = section[:2] + bytes([blocks]) + section[3:]
    last = min(first + frames - 1, 65535) if last is None else last
    words = {2: count, 3: per_frame * channels, 4: first, 5: last, 9: 2 + blocks, 10: per_frame * bool(channels)}
    words |= dict(says or {})
    header = bytearray(BLOCK)
    header[:2] = bytes([2, 80])
    for word, value in words.items():
        header[2 * word - 2 : 2 * word] = _integers([value], order, "u2")
    header[12:16], header[20:24] = _reals([scale], order), _reals([rate], order)
    stored = np.concatenate([points, np.zeros((frames, count, 1))], -1)
    lost = ~np.isfinite(stored).all(-1)
    stored[lost] = [0, 0, 0, -1]
    if scale > 0:
        stored[~lost] /= scale
    table = np.concatenate([stored.reshape(frames, -1), analogs.reshape(frames, -1)], 1)
    data = _integers(np.rint(table).astype(np.int64), order, "i2") if scale > 0 else _reals(table, order)
    return bytes(header) + section.ljust(blocks * BLOCK, b"\0") + data + (tail or bytes(-len(data) % BLOCK))


def _integers(values: Any, order: str, kind: str) -> bytes:
    return np.asarray(values).astype(kind).astype((">" if order == "mips" else "<") + kind).tobytes()


def _reals(values: Any, order: str) -> bytes:
    if order != "dec":
        return np.asarray(values).astype(">f4" if order == "mips" else "<f4").tobytes()
    words = (np.asarray(values, "f4") * np.float32(4)).ravel().view("u4")
    return ((words << 16) | (words >> 16)).astype("<u4").tobytes()


def _group(name: str, number: int, order: str) -> bytes:
    return bytes([len(name), 256 - number]) + name.encode() + _integers([3], order, "i2") + b"\0"


def _parameter(name: str, group: int, value: Value, order: str) -> bytes:
    if isinstance(value, np.ndarray):
        kind = 4 if value.dtype.kind == "f" else 2
        shape = value.shape
        flat = value.ravel(order="F")
        content = _reals(flat, order) if kind == 4 else _integers(flat, order, "i2")
    else:
        width = max([len(text.encode()) for text in value], default=0)
        kind, shape = 255, (width, len(value))
        content = b"".join(text.encode().ljust(width) for text in value)
    body = bytes([kind, len(shape), *shape]) + content + b"\0"
    return bytes([len(name), group]) + name.encode() + _integers([len(body) + 2], order, "i2") + body
