"""A synthetic walk on a split-belt treadmill, as the C3D file a laboratory would hand over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import c3d
import numpy as np

from gaitstudy.conventions import GRAVITY

SEED = 11
SUBJECT = {"Bodymass": 75.0, "Height": 1750.0} | {
    f"{letter}{name}": size
    for letter in "LR"
    for name, size in (("KneeWidth", 105.0), ("AnkleWidth", 72.0), ("LegLength", 900.0))
}
"""kg and mm, by the names of Plug-in Gait."""
BELT, STRIDE, STANCE = 1.2, 1.15, 0.63
"""m/s; s; share of the stride."""


def foot_path(clock: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return phase (share of the stride since initial contact), forward position and height (m) of one heel.

    In stance the foot goes back with the belt, in swing it returns on a cubic with the belt's speed at both ends.
    """
    phase = (clock / STRIDE + (0.0 if side > 0 else 0.5)) % 1.0
    swing = np.clip((phase - STANCE) / (1 - STANCE), 0, 1)
    front = 0.5 * BELT * STANCE * STRIDE
    glide = BELT * STRIDE * (1 - STANCE)
    back = -front + swing**2 * (3 - 2 * swing) * 2 * front - glide * swing * (1 - swing) * (1 - 2 * swing)
    forward = np.where(phase < STANCE, front - BELT * STRIDE * phase, back)
    return phase, forward, 0.03 + 0.12 * np.sin(np.pi * swing) ** 2


def walker(clock: np.ndarray, noise: float) -> dict[str, np.ndarray]:
    """Return Plug-in Gait markers of a synthetic treadmill walker: mm, (time, axis), x forward, y left, z up."""
    rng = np.random.default_rng(SEED)
    sway = 0.02 * np.sin(2 * np.pi * clock / STRIDE)

    def point(x: Any, y: Any, z: Any) -> np.ndarray:
        place = np.stack(np.broadcast_arrays(x + 0 * clock, y, z), -1) * 1000
        return place + rng.normal(scale=noise, size=place.shape)

    marks = {}
    for letter, out in (("L", 1.0), ("R", -1.0)):  # out: to the left or right of the line of travel
        _, x, z = foot_path(clock, -out)
        ankle, knee = x + 0.05, 0.55 * (x + 0.05) + 0.08
        marks[f"{letter}HEE"] = point(x, out * 0.09, z)
        marks[f"{letter}TOE"] = point(x + 0.19, out * 0.115, z + 0.01)
        marks[f"{letter}ANK"] = point(ankle, out * 0.14, z + 0.06)
        marks[f"{letter}TIB"] = point((ankle + knee) / 2, out * 0.16, (z + 0.56) / 2)
        marks[f"{letter}KNE"] = point(knee, out * 0.155, 0.50)
        marks[f"{letter}THI"] = point((knee + 0.05) / 2, out * 0.18, 0.70)
        marks[f"{letter}ASI"] = point(0.08, out * 0.12 + sway, 0.95)
        marks[f"{letter}PSI"] = point(-0.09, out * 0.05 + sway, 0.97)
    return marks


def belt_channels(clock: np.ndarray, noise: float) -> np.ndarray:
    """Return Fx Fy Fz Mx My Mz (N, N mm) of the left and of the right belt, about their middles (x 0, y +-0.3 m)."""
    weight = SUBJECT["Bodymass"] * GRAVITY
    channels = []
    for out in (1.0, -1.0):
        phase, heel, _ = foot_path(clock, -out)
        stance = np.clip(phase / STANCE, 0, 1)
        size = np.where(phase < STANCE, weight, 0.0)
        up = size * 1.2 * (np.sin(np.pi * stance) + 0.25 * np.sin(3 * np.pi * stance))
        along, across = -0.2 * size * np.sin(2 * np.pi * stance), -out * 0.05 * size * np.sin(np.pi * stance)
        x, y = heel + 0.19 * stance, out * (0.1 - 0.3)
        channels += [along, across, up, 1000 * y * up, -1000 * x * up, 1000 * (x * across - y * along)]
    values = np.stack(channels, -1)
    return values + np.random.default_rng(SEED).normal(scale=noise, size=values.shape)


def write_capture(path: Path, duration: float, markers: int = 60, lost: float = 0.02) -> None:
    """Write a C3D file of a treadmill walk: markers at 100 Hz, two belts at 1 kHz, short gaps in every marker."""
    clock = np.arange(round(duration * 100)) / 100.0
    marks = walker(clock, noise=0.3)
    names = list(marks) + [f"M{k:03d}" for k in range(markers - len(marks))]
    rng = np.random.default_rng(SEED)
    points = np.zeros((len(clock), markers, 5), np.float32)
    points[:, : len(marks), :3] = np.stack(list(marks.values()), 1)
    points[:, len(marks) :, :3] = rng.normal(size=(markers - len(marks), 3)) * 300 + points[:, 12:13, :3]
    for k in range(markers):  # gaps of 50 ms
        for start in rng.integers(10, len(clock) - 20, int(lost * len(clock) / 5)):
            points[start : start + 5, k, 3] = -1
    forces = belt_channels(np.arange(10 * len(clock)) / 1000.0, noise=1.0).reshape(len(clock), 10, 12)
    writer = c3d.Writer(point_rate=100.0, analog_rate=1000.0)
    for point, force in zip(points, forces.transpose(0, 2, 1), strict=True):
        writer.add_frames((point, force))
    writer.set_point_labels(names)
    writer.set_analog_labels([f"{kind}{plate}" for plate in (1, 2) for kind in ("Fx", "Fy", "Fz", "Mx", "My", "Mz")])
    writer.set_screen_axis("+X", "+Z")
    plates = writer.get_create("FORCE_PLATFORM")
    edge = np.array([[900, 290, 0], [-900, 290, 0], [-900, -290, 0], [900, -290, 0]])
    corners = np.stack([edge + [0, 300, 0], edge - [0, 300, 0]]).astype(np.float32)
    for name, values in (
        ("USED", np.array([2], np.int16)),
        ("TYPE", np.array([2, 2], np.int16)),
        ("CHANNEL", np.arange(1, 13, dtype=np.int16).reshape(2, 6)),
        ("CORNERS", corners),
        ("ORIGIN", np.zeros((2, 3), np.float32)),
    ):
        # the file runs through the first index fastest
        plates.add_param(name, bytes_per_element=values.itemsize, bytes=values.tobytes(), dimensions=values.shape[::-1])
    person = writer.get_create("PROCESSING")
    for name, number in SUBJECT.items():
        person.add(name, "", 4, "<f", number)
    with path.open("wb") as handle:
        writer.write(handle)
