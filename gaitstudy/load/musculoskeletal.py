"""Knee reactions of a musculoskeletal model: muscle forces by static optimisation, through OpenSim's official wheel.

OpenSim is an optional extra and is imported only when a function here is called. No file is read but the model and the
motion, and none is written: everything is handed over in memory, and OpenSim's log is silent meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitstudy.conventions import (
    GaitStudyError,
    SignalError,
    TrialFormatError,
    labelled,
    require_dims,
    require_positive,
    require_units,
    side_sign,
)
from gaitstudy.gait.signals import low_pass, sampling_rate
from gaitstudy.io.motion import read_storage
from gaitstudy.io.plates import with_wrench
from gaitstudy.load.contact import joint_reactions
from gaitstudy.load.opensim_model import LegModel

CUT_OFF = 6.0
"""Hz; for joint coordinates and ground reactions alike."""
COORDINATE_UNITS = "rad, m"
"""Of an array of joint coordinates: rotations in rad, translations in m."""
UNBALANCED = 0.01
"""Share of a coordinate's largest net moment; a frame that stays further out of balance counts as unsolved."""
SMALLEST = 1e-3
"""N m; no share is taken of a net moment that never exceeds it."""
TURN = 2 * np.pi
"""rad; a joint angle beyond a full turn is in degrees."""
LARGEST_TILT = 15.0
"""deg; how far the tibia's y axis may lean from the line ankle to knee if a force along it is to be called axial."""
SAME_MASS = 0.05
"""Share by which the model's mass may differ from the person's."""


def coordinates_from_storage(path: str | Path, model: str | Path) -> xr.DataArray:
    """Read a model's joint coordinates from a MOT or STO file, every angle in radians.

    Rotations of a file in degrees are converted, translations stay in m. Coupled coordinates are not read but follow
    the model's coupler: files lack them, freeze them, or leave them to tools that do not convert them (a kneecap at
    66 rad).

    Parameters
    ----------
    path : the motion. model : the ``.osim`` file whose coordinates it holds.

    Returns
    -------
    (time, coordinate), rad and m: all coordinates of the model in its order.

    Raises
    ------
    TrialFormatError : columns that are no coordinate of the model, coordinates without a column, a header that does
        not say whether angles are in degrees; all are listed.
    GaitStudyError : OpenSim is not installed.
    """
    with LegModel.opened(model) as leg:
        table = read_storage(path)
        unknown = [str(c) for c in table.columns if c not in leg.names]
        absent = [n for n in leg.names if n not in table.columns and n not in leg.couplers]
        problems = []
        if unknown:
            problems.append(
                f"expected only coordinates of the model, found {', '.join(unknown)}. Rename or remove them."
            )
        if absent:
            problems.append(f"expected every coordinate of the model, found no {', '.join(absent)}. Add them.")
        if table.attrs["angles"] == "not stated":
            problems.append("expected inDegrees=yes or inDegrees=no in the header, found neither. Add the line.")
        if problems:
            raise TrialFormatError(path, problems)
        values = table.reindex(columns=leg.names, fill_value=0.0).to_numpy(float, copy=True)
        if table.attrs["angles"] == "deg":
            values[:, leg.turning] = np.radians(values[:, leg.turning])
        return labelled(
            leg.follow_couplers(values), ("time", "coordinate"), units=COORDINATE_UNITS, frame="model",
            long_name="joint coordinates", coords={"time": table.index.to_numpy(), "coordinate": leg.names},
        )  # fmt: skip


def knee_reactions(
    model: str | Path,
    coordinates: xr.DataArray,
    loads: xr.Dataset,
    feet: Mapping[str, str],
    side: str,
    *,
    cut_off: float = CUT_OFF,
    mass: float | None = None,
) -> xr.Dataset:
    """Return what the femur does to the tibia, muscles included, by static optimisation and joint reaction.

    Muscles share the net joint moments so that the sum of their squared activations is least; activations from 0 to 1,
    force-length-velocity properties, rigid tendons, no passive force. Only muscles that touch this leg take part: no
    other moves its joints, so the knee's answer is the whole body's, sooner. Coordinates and wrenches are filtered
    alike, before anything is derived from them.

    Parameters
    ----------
    model : a scaled ``.osim`` file, its tibia's axes x forward, y up, z to the person's right on both sides.
    coordinates : (time, coordinate), rad and m, as ``coordinates_from_storage`` gives them; coupled ones are replaced
        by what the model's coupler makes of the others.
    loads : ground reactions (``io.plates.wrench``, N, N m), on a clock of their own that covers the coordinates'.
    feet : the body under which each plate lies, as ``{"1": "calcn_l"}``; plates not named are left out.
    side : whose knee, that is the joint above the body ``tibia_l`` or ``tibia_r``.
    cut_off : Hz. mass : kg, of the person; if given, the model must have the same.

    Returns
    -------
    Dataset over the coordinates' times: ``axial_force`` (N, compression positive) and ``frontal_moment`` (N m, positive
    where it presses the medial side, as an external adduction moment does), as ``contact.two_condyle`` takes them;
    ``force`` (N) and ``moment`` (N m, about the joint's centre), (time, axis), of the femur on the tibia in the
    tibia body's axes; ``muscle_force`` (N, (time, muscle)); ``net_moment`` (N m, (time, coordinate)): the internal
    moments at this leg's coordinates that muscles and reserves supply together; ``reserve`` (1): what reserves supply,
    as a share of the coordinate's largest net moment, the largest over the coordinates. Where the forces found do not
    balance the leg to 1 % of a coordinate's largest net moment, the frame is NaN and counted in ``attrs["unsolved"]``.

    Raises
    ------
    GaitStudyError : OpenSim is not installed; names or a mass that the model does not have; a tibia whose y axis is
        not its long axis. SignalError : gaps, angles in degrees, loads that do not cover the times.
    TrialFormatError : the file is no model.

    References
    ----------
    Not read for this project: Anderson FC, Pandy MG (2001) J Biomech 34:153, doi 10.1016/S0021-9290(00)00155-X (static
    optimisation); Steele KM et al. (2012) Gait Posture 35:556, doi 10.1016/j.gaitpost.2011.11.023 (joint reaction);
    Seth A et al. (2018) PLoS Comput Biol 14:e1006223, doi 10.1371/journal.pcbi.1006223 (OpenSim).
    """
    side_sign(side)
    with LegModel.opened(model) as leg:
        _check_names(leg, coordinates, loads, feet, side, mass)
        used = loads.sel(plate=list(feet))
        _check_signals(leg, coordinates, used)
        smooth = low_pass(coordinates.sel(coordinate=leg.names), cut_off).transpose("time", "coordinate")
        wrench = with_wrench(used, *(low_pass(used[k], cut_off) for k in ("force", "moment")))
        time, values = smooth["time"].values, leg.follow_couplers(smooth.values)
        speeds = leg.derivative(time, values)
        leg.keep_leg(side)
        leg.push(wrench, feet)
        forces = leg.optimise(time, values, speeds)
        found = leg.react(time, values, speeds, leg.derivative(time, speeds), forces)
        version = leg.osim.GetVersion()
    return _result(found, time, side).assign_attrs(opensim=version, cut_off=cut_off)


def _result(found: dict[str, Any], time: np.ndarray, side: str) -> xr.Dataset:
    largest = np.maximum(np.abs(found["net"]).max(0), SMALLEST)
    lost = (np.abs(found["rest"]) > UNBALANCED * largest).any(1)
    solved = {k: np.where(lost[:, None], np.nan, found[k]) for k in ("force", "moment", "muscle", "reserve")}
    result = joint_reactions(time, solved["force"], solved["moment"], side)
    share = np.abs(solved["reserve"] / largest).max(1, initial=0.0)
    about = {
        "force": (solved["force"], ("time", "axis"), "N", "tibia", "femur on tibia, muscles included"),
        "moment": (
            solved["moment"], ("time", "axis"), "N m", "tibia", "femur on tibia about the knee, muscles included",
        ),
        "muscle_force": (solved["muscle"], ("time", "muscle"), "N", None, "muscle force"),
        "net_moment": (found["net"], ("time", "coordinate"), "N m", None, "net joint moment, internal"),
        "reserve": (share, ("time",), "1", None, "largest share of a joint moment that muscles do not supply"),
    }  # fmt: skip
    coords = {"time": time, "muscle": found["muscles"], "coordinate": found["coordinates"]}
    for name, (values, dims, units, frame, label) in about.items():
        own = {d: coords[d] for d in dims if d in coords}
        result[name] = labelled(values, dims, units=units, frame=frame, long_name=label, coords=own)
    return result.assign_attrs(unsolved=int(lost.sum()))


def _check_names(
    leg: LegModel,
    coordinates: xr.DataArray,
    loads: xr.Dataset,
    feet: Mapping[str, str],
    side: str,
    mass: float | None,
) -> None:
    """Refuse names that model, motion and loads do not share, another person's model, and axes that are not meant."""
    require_units(require_dims(coordinates, ("time", "coordinate"), "coordinates"), COORDINATE_UNITS, "coordinates")
    if lost := [name for name in ("force", "moment") if name not in loads]:
        raise GaitStudyError(
            f"loads: expected ground reactions with force and moment, found no {', '.join(lost)}. See io.plates.wrench."
        )
    for name, units in (("force", "N"), ("moment", "N m")):
        require_units(require_dims(loads[name], ("time", "plate", "axis"), name), units, name)
    given, plates = set(map(str, coordinates["coordinate"].values)), list(map(str, loads["plate"].values))
    bodies, tibia = [b.getName() for b in leg.model.getBodySet()], f"tibia_{side[0]}"
    problems = []
    if absent := [n for n in leg.names if n not in given]:
        problems.append(f"expected every coordinate of the model, found no {', '.join(absent)}")
    if strange := [p for p in feet if p not in plates] or ["none"] * (not feet):
        problems.append(f"feet: expected plates among {', '.join(plates)}, found {', '.join(strange)}")
    if lacking := [b for b in dict.fromkeys([*feet.values(), tibia]) if b not in bodies]:
        problems.append(f"expected the model's bodies {', '.join(bodies)}, found {', '.join(lacking)}")
    elif not (tilt := leg.tilt(side)) <= LARGEST_TILT:
        problems.append(
            f"expected the y axis of {tibia} along the shank, upwards, found it {tilt:.0f} deg off the line from ankle "
            "to knee: the axial force and the sides hang on x forward, y up, z right"
        )
    if mass is not None:
        own = leg.model.getTotalMass(leg.model.initSystem())
        if abs(own / require_positive(mass, "mass", "kg", 2, 350) - 1) > SAME_MASS:
            problems.append(f"expected a model scaled to {mass:g} kg, found one of {own:.4g} kg")
    if problems:
        raise GaitStudyError(f"knee reactions: {'; '.join(problems)}. Give a model and names that belong together.")


def _check_signals(leg: LegModel, coordinates: xr.DataArray, loads: xr.Dataset) -> None:
    """Refuse what OpenSim would take without a word."""
    time, clock = coordinates["time"].values, loads["time"].values
    turning = coordinates.sel(coordinate=np.array(leg.names)[leg.turning])
    size = abs(turning).max("time")
    problems = []
    if far := [str(n) for n in size["coordinate"].values[size.values > TURN]]:
        problems.append(f"angles in rad, found {', '.join(far)} up to {float(size.max()):.4g}, which look like degrees")
    if lost := int(coordinates.isnull().any("coordinate").sum()):
        problems.append(f"coordinates without gaps, found {lost} frames with one")
    if lost := int((loads["force"].isnull() | loads["moment"].isnull()).any(["plate", "axis"]).sum()):
        problems.append(f"loads without gaps, found {lost} samples with one")
    slack = 0.5 / sampling_rate(time)
    if clock[0] > time[0] + slack or clock[-1] < time[-1] - slack:
        problems.append(f"loads for {time[0]:g}-{time[-1]:g} s, found {clock[0]:g}-{clock[-1]:g} s")
    if stuck := leg.moved_though_locked(coordinates):
        problems.append(f"locked coordinates where the model has them, found {', '.join(stuck)} elsewhere")
    if problems:
        raise SignalError(
            f"knee reactions: expected {'; '.join(problems)}. Read angles with coordinates_from_storage, cut motion "
            "and loads to the same times, fill or cut off gaps."
        )
