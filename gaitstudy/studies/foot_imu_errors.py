"""How far a foot sensor's strides lie from motion capture's, and from the truth where the sensor is simulated.

One constant a foot is allowed for the foot angle: the mean difference of its straight strides, or of those in the other
half of the walk, or of all but the one it is used on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gaitstudy.conventions import SIDES
from gaitstudy.gait.foot_imu import foot_walk
from gaitstudy.simulate.foot_sensor import foot_sensor, true_strides
from gaitstudy.simulate.walker import Walker, simulate
from gaitstudy.stats.reliability import bland_altman
from gaitstudy.stats.resampling import bootstrap

ASKED = {
    "stride time, bias": ("ms", 5.0),
    "stride time, mean absolute error": ("ms", 15.0),
    "foot angle, SD after one constant a foot": ("deg", 3.0),
}
"""At most, set before any error was computed."""
RATE = 204.8
"""Hz, of the simulated sensor unless it is varied."""
OFFSETS, RATES, NOISE = (0.0, 0.25, 0.5, 1.0, 2.0), (51.2, 102.4, 204.8, 409.6), (0.0, 0.5, 1.0, 2.0, 4.0)
"""deg/s, Hz and deg/s: what ``simulated_errors`` tries."""
ACCELERATION_NOISE = 0.05
"""m/s2 of the acceleration's noise for each deg/s of the turning's (own choice)."""
MOUNTED = (80.0, -120.0, 40.0)
"""deg; how the simulated sensor sits on the foot: anyhow."""
QUANTITIES = {
    "stride_time": ("stride time", "ms", 1000.0),
    "stride_length": ("stride length", "mm", 1000.0),
    "foot_progression_angle": ("foot progression angle", "deg", 1.0),
}


def only(table: pd.DataFrame, kind: str = "straight") -> pd.DataFrame:
    """Return the strides of one kind, or all that both instruments have (``all``), numbered anew."""
    matched = table["kind"] != "unmatched" if kind == "all" else table["kind"] == kind
    return table[matched].reset_index(drop=True)


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of ``strides`` with ``*_difference``, sensor less motion capture, in the unit of ``QUANTITIES``.

    ``foot_progression_angle_difference`` is as it comes; ``angle_error`` is less the constant of its foot from all
    straight strides, ``angle_error_other_half`` less the constant from the straight strides of the other half.
    """
    result = table.copy()
    for key, (_, _, scale) in QUANTITIES.items():
        result[f"{key}_difference"] = scale * (table[f"{key}_imu"] - table[f"{key}_mocap"])
    found = constants(result).set_index(["side", "from"])["constant"]
    raw = result["foot_progression_angle_difference"]
    other = {"out": "back", "back": "out"}
    result["angle_error"] = raw - [found[s, "all"] for s in result["side"]]
    result["angle_error_other_half"] = raw - [
        found[s, other[h]] for s, h in zip(result["side"], result["half"], strict=True)
    ]
    return result


def constants(table: pd.DataFrame) -> pd.DataFrame:
    """Return the constant of each foot: mean difference of foot angles over straight strides, and how sure it is.

    Parameters
    ----------
    table : of ``strides``.

    Returns
    -------
    ``side``; ``from``: all straight strides, or those on the way out or back; ``strides``; ``constant, sd, error``
    deg, the last its standard error.
    """
    straight = only(table)
    raw = straight["foot_progression_angle_imu"] - straight["foot_progression_angle_mocap"]
    rows = []
    for side in SIDES:
        for part in ("all", "out", "back"):
            own = raw[(straight["side"] == side) & ((straight["half"] == part) | (part == "all"))]
            sd = float(own.std(ddof=1))
            row = {"side": side, "from": part, "strides": len(own), "constant": float(own.mean())}
            rows.append(row | {"sd": sd, "error": sd / len(own) ** 0.5})
    return pd.DataFrame(rows)


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Return errors of all quantities by kind of stride and side: bias, mean absolute error, SD, worst.

    Foot angles after the constant of each foot (from all straight strides); stride times also against this package's
    own rule on the markers. Columns ``quantity, unit, kind, side, strides, bias, absolute, sd, worst``.
    """
    given = differences(table)
    given["own_rule"] = 1000 * (table["stride_time_imu"] - table["stride_time_markers"])
    measured = {
        "stride time": ("stride_time_difference", "ms"),
        "stride time, own rule on the markers": ("own_rule", "ms"),
        "stride length": ("stride_length_difference", "mm"),
        "foot angle after one constant": ("angle_error", "deg"),
        "foot angle, constant from the other half": ("angle_error_other_half", "deg"),
    }
    rows = []
    for quantity, (column, unit) in measured.items():
        for kind in ("straight", "turning"):
            for side in (*SIDES, "both"):
                own = only(given, kind)
                error = own.loc[(own["side"] == side) | (side == "both"), column].dropna()
                row = {"quantity": quantity, "unit": unit, "kind": kind, "side": side, "strides": len(error)}
                row |= {"bias": error.mean(), "absolute": error.abs().mean(), "sd": error.std(ddof=1)}
                rows.append(row | {"worst": error.abs().max()})
    return pd.DataFrame(rows)


def pooled_sd(table: pd.DataFrame, kind: str = "straight") -> float:
    """Return the SD of the foot angle's difference within feet, deg: one constant a foot, and a degree of freedom each.

    It is what leaving out each stride from its own constant gives, but for a factor of n / (n - 1) in each foot.
    """
    own = differences(only(table, kind))
    left = own.groupby("side")["foot_progression_angle_difference"].transform(lambda v: v - v.mean())
    return float(np.sqrt((left**2).sum() / (len(own) - own["side"].nunique())))


def angle_error(table: pd.DataFrame, resamples: int = 5000, seed: int = 15) -> pd.DataFrame:
    """Return the root-mean-square error of the foot angle over straight strides, with its interval over strides.

    Three rows, ``constant``: ``own strides``, the foot's constant from the strides it is used on; ``left out``, from
    all straight strides of the foot but the one it is used on; ``other half``, from the half of the walk it is not
    used on. Strides are drawn within foot and half, and the constants found anew each
    time. Columns of ``stats.resampling.bootstrap``; ``n`` strides.
    """
    own = differences(only(table)).sort_values(["side", "half"], ignore_index=True)
    groups = own["side"].map(SIDES.index) * 2 + (own["half"] == "back")
    own, groups = own.iloc[np.argsort(groups, kind="stable")], np.sort(groups.to_numpy())
    cuts = np.cumsum(np.bincount(groups, minlength=4))[:-1]

    def of_half(drawn: np.ndarray) -> np.ndarray:
        a, b, c, d = (part for part in np.split(drawn, cuts, axis=1))
        pairs = ((a, b), (b, a), (c, d), (d, c))
        return _root(np.concatenate([x - y.mean(1, keepdims=True) for x, y in pairs], axis=1))

    def of_own(drawn: np.ndarray, left_out: bool = False) -> np.ndarray:
        feet = np.split(drawn, [cuts[1]], axis=1)
        scale = [f.shape[1] / (f.shape[1] - 1) if left_out else 1.0 for f in feet]
        parts = [k * (f - f.mean(1, keepdims=True)) for k, f in zip(scale, feet, strict=True)]
        return _root(np.concatenate(parts, axis=1))

    values = own["foot_progression_angle_difference"].to_numpy()
    ways = {"own strides": of_own, "left out": lambda d: of_own(d, True), "other half": of_half}
    rows = [
        bootstrap(values, way, strata=groups, resamples=resamples, method="percentile", seed=seed).assign(constant=name)
        for name, way in ways.items()
    ]
    return pd.concat(rows, ignore_index=True)[["constant", "estimate", "low", "high", "n"]]


def stride_time_error(table: pd.DataFrame, resamples: int = 5000, seed: int = 15) -> pd.DataFrame:
    """Return bias and mean absolute error of the stride times of straight strides, ms, with intervals over strides.

    Strides are drawn within each foot. Columns ``error`` (bias, absolute) and those of ``stats.resampling.bootstrap``.
    """
    own = differences(only(table)).sort_values("side", ignore_index=True)
    values, strata = own["stride_time_difference"].to_numpy(), own["side"].to_numpy()
    ways = {"bias": lambda drawn: drawn.mean(1), "absolute": lambda drawn: np.abs(drawn).mean(1)}
    rows = [
        bootstrap(values, way, strata=strata, resamples=resamples, method="percentile", seed=seed).assign(error=name)
        for name, way in ways.items()
    ]
    return pd.concat(rows, ignore_index=True)[["error", "estimate", "low", "high", "n"]]


def asked_and_found(table: pd.DataFrame) -> pd.DataFrame:
    """Return the errors that were asked for before the analysis, beside those found: a row a demand.

    Columns ``what, unit, asked`` (at most), ``found, met, strides``; straight strides of both feet.
    """
    time = stride_time_error(table, resamples=99).set_index("error")["estimate"]
    found = {
        "stride time, bias": abs(time["bias"]),
        "stride time, mean absolute error": time["absolute"],
        "foot angle, SD after one constant a foot": pooled_sd(table),
    }
    rows = [
        {"what": what, "unit": unit, "asked": most, "found": found[what], "met": bool(found[what] <= most)}
        for what, (unit, most) in ASKED.items()
    ]
    return pd.DataFrame(rows).assign(strides=len(only(table)))


def stride_time_limits(table: pd.DataFrame) -> pd.DataFrame:
    """Return Bland and Altman's mean and limits of the stride times of straight strides, ms, sensor less cameras."""
    own = 1000 * only(table)[["stride_time_imu", "stride_time_mocap"]].to_numpy()
    return bland_altman(own[:, 0], own[:, 1])


def simulated_errors(strides: int = 12, seed: int = 15) -> pd.DataFrame:
    """Return what a gyroscope's offset, the sampling rate and noise do to a simulated sensor's strides.

    One virtual person with variable steps, who never rests, so that no offset can be taken out.

    Returns
    -------
    One row a case: ``varied`` (offset about the sensor's axis x, y or z; rate; noise), ``value, unit``; ``bias, sd``
    deg, of the foot progression angle less the truth, over each foot's strides: mean size of both feet's bias, which a
    constant takes away, and pooled SD;
    ``length`` mm, root mean square error; ``time`` ms, SD of the stride time; ``strides``, both feet's.
    """
    walk = simulate(Walker(variability=1.0, seed=seed), strides)
    cases: list[tuple[str, float, str, dict[str, Any]]] = []
    for axis, name in enumerate("xyz"):
        cases += [(f"offset {name}", v, "deg/s", {"offset": v * np.eye(3)[axis]}) for v in OFFSETS]
    cases += [("rate", v, "Hz", {"rate": v}) for v in RATES]
    cases += [("noise", v, "deg/s", {"noise": (ACCELERATION_NOISE * v, v)}) for v in NOISE]
    rows = []
    for varied, value, unit, options in cases:
        parts = []
        for side in SIDES:
            settings: dict[str, Any] = {"rate": RATE, "mounted": MOUNTED, "seed": seed} | options
            signals = foot_sensor(walk, side, **settings)
            own = foot_walk(signals["acceleration"], signals["angular_rate"], side).strides
            parts.append((own, own[["stride_length", "foot_progression_angle"]] - true_strides(signals, own, side)))
        angle = [error["foot_progression_angle"] for _, error in parts]
        length = pd.concat([error["stride_length"] for _, error in parts])
        row = {"varied": varied, "value": value, "unit": unit, "bias": np.mean([abs(a.mean()) for a in angle])}
        row |= {"sd": np.sqrt(np.mean([a.var(ddof=1) for a in angle])), "length": 1000 * np.sqrt((length**2).mean())}
        row |= {"time": 1000 * np.mean([own["stride_time"].std(ddof=1) for own, _ in parts]), "strides": len(length)}
        rows.append(row)
    return pd.DataFrame(rows)


def drift_and_length(table: pd.DataFrame) -> dict[str, float]:
    """Return how far the error in length of straight strides goes with the drift taken out of them.

    If a velocity is lost all at once at contact, spreading it evenly over the stride leaves an error of minus that
    velocity times how far contact lies behind the stride's middle.

    Returns
    -------
    ``r`` and ``slope`` (mm per m/s) of error on drift; ``expected``, that slope for a loss at contact, mean of strides;
    ``sd`` mm of the errors; ``left`` mm, their SD with the loss put at contact, nothing fitted; ``strides``.
    """
    own = differences(only(table))
    x, y = own["drift"].to_numpy(), own["stride_length_difference"].to_numpy()
    expected = -1000 * own["contact_after_middle"].to_numpy()
    found = {"r": np.corrcoef(x, y)[0, 1], "slope": np.polyfit(x, y, 1)[0], "expected": expected.mean()}
    found |= {"sd": y.std(ddof=1), "left": (y - expected * x).std(ddof=1), "strides": len(y)}
    return {name: float(value) for name, value in found.items()}


def _root(values: np.ndarray) -> np.ndarray:
    return np.sqrt((values**2).mean(1))
