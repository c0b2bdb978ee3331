"""Five walks with an instrumented knee: what the implant measured, and what every estimator says of the same walks.

One person of 75 kg, one left gait cycle a walk; ``percent`` is of that cycle. The dataset's licence lets summary
numbers be stored, no curves: what has a ``percent`` here is for pictures and for the tables made of it. Static
optimisation takes about a minute and needs OpenSim, so its tables (``opensim_...``) are made by the campaign
``gc5_opensim`` and are not made anew by a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd
import scipy.io
import xarray as xr
from scipy import signal

from gaitstudy import pipeline
from gaitstudy.conventions import GRAVITY, SIDES, labelled
from gaitstudy.gait import signals
from gaitstudy.gait.events import THRESHOLD, contacts, events_from_markers
from gaitstudy.gait.foot import outside_foot
from gaitstudy.io import catalogue, motion
from gaitstudy.io.plates import centre_of_pressure
from gaitstudy.load import contact
from gaitstudy.load.musculoskeletal import knee_reactions
from gaitstudy.load.skeleton import find
from gaitstudy.tables.agreement import MASSES, OPENSIM_CUT_OFF, OWN_SKELETON, own_skeleton_trial

DATASET = "gc5-instrumented-knee"
TRIALS = ("ss1", "ss11", "ss3", "ss8", "ss9")
"""The five walks in the implant's order."""
MASS = float(MASSES[DATASET])
WEIGHT = MASS * GRAVITY
"""kg and N, of the person."""
SIDE, PLATE, OTHER_PLATE = "left", "1_ground_force", "2_ground_force"
REACTIONS = "reference_opensim33_JR/{trial}_JointReaction_ReactionLoads.sto"
KNEE_REACTION = "walker_knee_l_on_tibia_l_in_tibia_l_"
MODEL = "inputs/GC5_FemAntev12Deg.osim"
MOTION = "reference_IK/PS_ngait_og_{trial}_kinematics.mot"
FEET = {PLATE: "calcn_l"}
"""Only the left foot's force is recorded whole; the right leg's does not reach the left knee."""
DISTANCES = {"opensim, condyles 40 mm apart": 0.040, "opensim": contact.CONDYLE_DISTANCE,
             "opensim, condyles 50 mm apart": 0.050}  # fmt: skip
"""m; distance of the condyles: the middle one was fixed beforehand, the others show what it does."""
ABOVE, JUMP = 0.5, 0.3
"""BW; a frame of swing is a spike if it lies further above the dataset's own largest swing value, or this far from the
frame before it (1/120 s). Fixed before the first run."""
TOLERANCE = 0.01
"""The relative difference of the OpenSim tables that passes; the campaign says why it is wider than rounding."""
COMPARTMENTS = ("medial", "lateral", "total")
PROMINENCE = 0.05
"""m; the recording begins shortly before the right foot leaves, so that its toes have little way to go until then."""
HEIGHT, HEIGHTS = 1.75, (1.60, 1.90)
"""m; the person's height is not available. The regression needs one: this is assumed, its effect shown over a range."""
FIRST_PEAK = 34.0
"""Per cent of the cycle before which the first, and after which the second, medial peak is sought."""
TENTHS, PARTS = tuple(range(0, 101, 10)), (0, 10, 30, 50, 65, 100)
"""Edges in per cent of the cycle: for errors; for the balance (loading, single support in halves, push-off, swing)."""
LAGS = np.arange(11)
"""Per cent of the cycle by which a predictor may be delayed: an implant can lag the mechanics."""
PENALTIES = np.array([0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, np.inf])
"""How strongly a gain is held back; infinity leaves the plain mean of the training walks."""


@cache
def measured_forces() -> xr.Dataset:
    """Return what the implant measured: ``medial, lateral, total``, N, compression positive, (trial, percent).

    Total is medial plus lateral, along the shank; the file's third column is the size of the whole force with shear.
    """
    path = catalogue.locate(DATASET, "reference_in_vivo/eTibia_data.mat")
    walks = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)["eTibia_data"].GC5.ngait_og
    names = [str(name).removeprefix("PS_ngait_og_").removesuffix(".c3d") for name in walks.trial_names]
    medial, lateral = walks.data[:, 0].T, walks.data[:, 1].T
    coords = {"trial": names, "percent": np.arange(101.0)}
    measured = zip(COMPARTMENTS, (medial, lateral, medial + lateral), strict=True)
    return xr.Dataset(
        {
            k: labelled(v, ("trial", "percent"), units="N", long_name=f"measured {k} contact force", coords=coords)
            for k, v in measured
        }
    )


@cache
def walk(trial: str) -> tuple[xr.Dataset, dict[str, float], xr.Dataset]:
    """Return one trial's estimator inputs, its instants, and where the force lies against the foot.

    Parameters
    ----------
    trial : ``ss1`` ... of ``measured_forces``.

    Returns
    -------
    ``contact.contact_inputs`` over (time,), markers and forces at 6 Hz. Instants in s: ``end`` of the cycle (the
    recording holds one left cycle from its first sample to its last), ``foot_off``, ``other_foot_off`` (the plate
    behind is unloaded), ``other_toes_off`` (right toes farthest behind the pelvis). ``foot.outside_foot`` on the
    plates' clock, unfiltered, with ``contaminated`` (until ``other_foot_off``) and ``doubtful`` (until
    ``other_toes_off``: toes that reach over the plate's edge may still press) added.
    """
    recorded = own_skeleton_trial(DATASET, f"PS_ngait_og_{trial}")
    prepared = pipeline.prepare(recorded, cut_off=OPENSIM_CUT_OFF)
    names, leg, smooth = recorded.roles, prepared.legs[SIDE], prepared.recording.markers
    inputs = contact.contact_inputs(leg, prepared.recording.ground_reaction, PLATE, recorded.mass)
    loads = recorded.ground_reaction
    off = {p: contacts(loads["force"].sel(plate=p, axis="y", drop=True)).iloc[0]["end"] for p in (PLATE, OTHER_PLATE)}
    instants = {"end": float(leg["time"][-1]), "foot_off": float(off[PLATE]), "other_foot_off": float(off[OTHER_PLATE])}
    pelvis = smooth.sel(marker=[names[s]["psis"] for s in SIDES]).mean("marker")
    heel, toe = (find(smooth, names["right"][r]) for r in ("heel", "toe"))
    instants["other_toes_off"] = float(events_from_markers(heel, toe, pelvis, PROMINENCE)[1][0])
    cop = centre_of_pressure(loads, THRESHOLD)[0].sel(plate=PLATE, drop=True)
    heel, toe = (
        signals.resample(find(recorded.markers, names[SIDE][r]), loads["time"]).assign_coords(time=loads["time"])
        for r in ("heel", "toe")
    )
    place = outside_foot(cop, heel, toe, SIDE)
    outside = place["outside"] > 0
    for name, end in (("contaminated", instants["other_foot_off"]), ("doubtful", instants["other_toes_off"])):
        # once the force has left the foot while the other stood, nothing says when its share is gone before it is
        together = (place["time"] >= 0) & (place["time"] <= end)
        place[name] = (outside | (together & (outside & together).any())).astype(float)
    return inputs, instants, place


@cache
def contamination() -> pd.DataFrame:
    """Return where each trial's force lies against the foot, one row a trial.

    Columns: ``trial``; ``samples_outside`` the foot, ``outside_until``, ``contaminated_until``, ``doubtful_until`` (per
    cent of the cycle, NaN if none), ``other_foot_off``, ``other_toes_off``, ``foot_off`` (per cent, see ``walk``);
    ``furthest_behind`` the heel and ``furthest_ahead`` of it before the other foot is off, ``other_toe_inside`` the
    edge of the left foot's plate at left contact (negative: short of it), mm.
    """
    rows = []
    for trial in TRIALS:
        _, instants, place = walk(trial)
        percent, behind = 100 * place["time"].values / instants["end"], 1000 * place["behind"]
        at = {k: 100 * instants[k] / instants["end"] for k in ("other_foot_off", "other_toes_off", "foot_off")}
        row: dict[str, Any] = {"trial": trial, "samples_outside": int(place["outside"].sum())}
        for flag in ("outside", "contaminated", "doubtful"):
            flagged = percent[place[flag].values > 0]
            row[f"{flag}_until"] = float(flagged[-1]) if len(flagged) else np.nan
        row |= at | {"furthest_behind": float(behind.max())}
        row |= {"furthest_ahead": -float(behind.values[percent <= at["other_foot_off"]].min())}
        rows.append(row | {"other_toe_inside": 1000 * _other_toe_inside(trial)})
    return pd.DataFrame(rows)


def _other_toe_inside(trial: str) -> float:
    """How far the right toe marker lies within the left foot's plate along the walkway, m; the C3D file has corners."""
    recorded = motion.read_c3d(catalogue.locate(DATASET, f"inputs/c3d/PS_ngait_og_{trial}.c3d"))
    edges = recorded.ground_reaction["corners"].sel(plate=PLATE[0]).values[:, 0]
    start = recorded.events.query("event == 'initial_contact' and side == @SIDE")["time"].min()
    toe = float(find(recorded.markers, "RToe").sel(axis="x").sel(time=start, method="nearest"))
    return float(min(toe - edges.min(), edges.max() - toe))


def _foot_off(trial: str) -> float:
    """When the left foot leaves the plate, per cent of its cycle."""
    _, instants, _ = walk(trial)
    return 100 * instants["foot_off"] / instants["end"]


def _stacked(each: list[xr.Dataset], names: Sequence[str]) -> xr.Dataset:
    """Return curves of some trials over (time,), from 0 s to the last sample, as one dataset over (trial, percent)."""
    cycles = [
        curves.map(signals.normalise_time, keep_attrs=True, args=([0.0], [float(curves["time"][-1])])).isel(
            stride=0, drop=True
        )
        for curves in each
    ]
    return xr.concat(cycles, pd.Index(names, name="trial"), combine_attrs="override")


@cache
def external_inputs() -> xr.Dataset:
    """Return ``contact.contact_inputs`` of all trials, (trial, percent)."""
    return _stacked([walk(trial)[0] for trial in TRIALS], TRIALS)


def _shipped_reactions(trial: str) -> xr.Dataset:
    """Return one trial's knee reactions that the dataset holds (OpenSim 3.3), ``contact.joint_reactions``, (time,)."""
    table = motion.read_storage(catalogue.locate(DATASET, REACTIONS.format(trial=f"PS_ngait_og_{trial}")))
    force, moment = (table[[f"{KNEE_REACTION}{k}{a}" for a in "xyz"]].to_numpy() for k in "fm")
    return contact.joint_reactions(table.index.to_numpy(), force, moment, SIDE)


@cache
def _reaction_inputs() -> xr.Dataset:
    """Return ``_shipped_reactions`` of all trials at 6 Hz, (trial, percent)."""
    each = [_shipped_reactions(t).map(signals.low_pass, keep_attrs=True, args=(OPENSIM_CUT_OFF,)) for t in TRIALS]
    return _stacked(each, TRIALS)


def estimates() -> dict[str, xr.Dataset]:
    """Return every estimator's forces for all trials, N, (trial, percent), constants fixed beforehand, by name."""
    external = external_inputs()
    return {
        "lab_regression": contact.lab_regression(external, MASS, HEIGHT),
        "lab_regression, not faded": contact.lab_regression(external, MASS, HEIGHT, fade=False),
        "reduced": contact.reduced(external),
        "two_condyle on the dataset's OpenSim 3.3": contact.two_condyle(_reaction_inputs()),
    }


def _peak(curve: np.ndarray, low: float, high: float) -> tuple[float, float]:
    """Return the highest local maximum within a window of the cycle, and where it is: value and per cent, else NaN.

    Parameters
    ----------
    curve : any unit, 101 points, 0-100 % of the cycle. low, high : per cent; the window's ends do not count as maxima.

    Examples
    --------
    >>> _peak(np.sin(np.linspace(0, np.pi, 101)), 0, 100)
    (1.0, 50.0)
    """
    found = [k for k in signal.find_peaks(curve)[0] if low < k < high]
    best = max(found, key=lambda k: curve[k], default=None)
    return (np.nan, np.nan) if best is None else (float(curve[best]), float(best))


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(difference**2)))


def score(forces: xr.Dataset, estimator: str) -> pd.DataFrame:
    """Return how far one estimator lies from the implant, one row a trial and compartment.

    Parameters
    ----------
    forces : ``medial_contact_force``, ``lateral_contact_force``, ``total_contact_force``, N, (trial, percent), of
        some or all trials. estimator : its name in the table.

    Returns
    -------
    ``estimator, trial, compartment``; in BW, estimate minus implant where it is a difference: ``rmse_cycle``,
    ``rmse_stance``, ``rmse_clean`` (cycle without doubtful frames, see ``contamination``), ``bias_stance``,
    ``peak1_error``, ``peak2_error`` (first and second peak of stance, each sought in both curves); ``r_cycle``,
    ``r_stance``. Compartments that the estimator does not give are left out.
    """
    rows, percent, about = [], np.arange(101.0), contamination().set_index("trial")
    for trial, compartment in product(map(str, forces["trial"].values), COMPARTMENTS):
        both = (forces[f"{compartment}_contact_force"], measured_forces()[compartment])
        ours, theirs = (curve.sel(trial=trial).values / WEIGHT for curve in both)
        if not np.isfinite(ours).any():
            continue
        off, until = about.loc[trial, ["foot_off", "doubtful_until"]].to_numpy(float)
        parts = {"cycle": percent >= 0, "stance": percent <= off, "clean": ~(percent <= until)}
        row: dict[str, Any] = {"estimator": estimator, "trial": trial, "compartment": compartment}
        row |= {f"rmse_{k}": _rms((ours - theirs)[where]) for k, where in parts.items()}
        row |= {f"r_{k}": np.corrcoef(ours[parts[k]], theirs[parts[k]])[0, 1] for k in ("cycle", "stance")}
        row["bias_stance"] = np.mean((ours - theirs)[parts["stance"]])
        for k, window in enumerate(((0.0, FIRST_PEAK), (FIRST_PEAK, off)), 1):
            row[f"peak{k}_error"] = _peak(ours, *window)[0] - _peak(theirs, *window)[0]
        rows.append(row)
    return pd.DataFrame(rows)


def errors() -> pd.DataFrame:
    """Return ``score`` of every estimator, nothing fitted, BW."""
    return pd.concat([score(forces, name) for name, forces in estimates().items()], ignore_index=True)


def _window_means(curve: xr.DataArray, edges: tuple[int, ...]) -> pd.DataFrame:
    """Return mean and SD (n - 1) over trials of a curve's means between edges (per cent): ``window, mean, sd``.

    Parameters
    ----------
    curve : (trial, percent), any unit. edges : a window holds its first edge and not its last, but for 100 %.

    Examples
    --------
    >>> ramp = xr.DataArray([np.arange(101.0)] * 2, dims=("trial", "percent"), coords={"percent": np.arange(101.0)})
    >>> _window_means(ramp, (0, 10, 100))["mean"].tolist()
    [4.5, 55.0]
    """
    names = [f"{low}-{high}" for low, high in pairwise(edges)]
    window = pd.cut(curve["percent"].values, [*edges[:-1], 101], right=False, labels=names)
    curves = pd.DataFrame(curve.transpose("percent", "trial").values)
    means = curves.groupby(window, observed=True).mean()
    return pd.DataFrame({"window": names, "mean": means.mean(axis=1).to_numpy(), "sd": means.std(axis=1).to_numpy()})


def error_windows() -> pd.DataFrame:
    """Return the mean error of every estimator in each tenth of the cycle, BW, estimate minus implant.

    Columns: ``estimator, compartment, window`` (per cent of the cycle), ``mean_error`` and ``sd`` (n - 1) over trials.
    """
    tables = []
    for (name, forces), compartment in product(estimates().items(), COMPARTMENTS):
        error = (forces[f"{compartment}_contact_force"] - measured_forces()[compartment]) / WEIGHT
        if bool(error.notnull().any()):
            tables.append(_window_means(error, TENTHS).assign(estimator=name, compartment=compartment))
    return pd.concat(tables, ignore_index=True).rename(columns={"mean": "mean_error"})


def balance() -> pd.DataFrame:
    """Return what turns and presses the knee in five parts of the cycle: without muscles, with them, and measured.

    Columns: ``quantity`` (``frontal moment`` N m, adduction positive; ``axial force`` N), ``source`` (``external``, the
    dataset's ``OpenSim 3.3 reactions``, ``implant``), ``window`` (per cent of the cycle), ``mean`` and ``sd`` (n - 1)
    over trials. The implant's frontal moment is (medial - lateral) times half the distance of the condyles.
    """
    external, reactions, measured = external_inputs(), _reaction_inputs(), measured_forces()
    turning = (measured["medial"] - measured["lateral"]) * contact.CONDYLE_DISTANCE / 2
    curves = {
        "frontal moment": (external["knee_adduction_moment"], reactions["frontal_moment"], turning),
        "axial force": (external["axial_force"], reactions["axial_force"], measured["total"]),
    }
    sources = ("external", "OpenSim 3.3 reactions", "implant")
    tables = [
        _window_means(curve, PARTS).assign(quantity=quantity, source=source)
        for quantity, each in curves.items()
        for source, curve in zip(sources, each, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def constants() -> pd.DataFrame:
    """Return what each constant does to the medial error when it alone moves over its stated range.

    Columns: ``estimator, constant, value``; ``medial_cycle``, root-mean-square error of the cycle, mean over trials,
    BW. The default's rows are named ``default``.
    """
    external = external_inputs()
    estimators: dict[str, Callable[..., xr.Dataset]] = {
        "reduced": partial(contact.reduced, external),
        "two_condyle": partial(contact.two_condyle, _reaction_inputs()),
        "lab_regression": lambda height=HEIGHT: contact.lab_regression(external, MASS, height),
    }
    rows = []
    for name, estimator in estimators.items():
        given = contact.CONSTANTS[contact.CONSTANTS["estimators"].str.contains(name)].query("low < high")
        changes = [("default", 0.0), *((c.Index, v) for c in given.itertuples() for v in (c.low, c.high))]
        changes += [("height", height) for height in HEIGHTS if name == "lab_regression"]
        for constant, value in changes:
            scored = score(estimator(**({} if constant == "default" else {constant: value})), name)
            rows.append((name, constant, value, scored.query("compartment == 'medial'")["rmse_cycle"].mean()))
    return pd.DataFrame(rows, columns=["estimator", "constant", "value", "medial_cycle"])


def medial_shares() -> pd.DataFrame:
    """Return the medial share of the total force by trial, measured and estimated.

    Columns: ``source, trial``; ``peak1, peak2`` (at the measured medial peaks), ``total_peak`` (where the measured
    total is largest) and ``stance`` (mean medial over mean total), share 0 to 1.
    """
    measured, rows = measured_forces(), []
    given = {"implant": measured} | {
        name: forces.rename({f"{c}_contact_force": c for c in COMPARTMENTS})
        for name, forces in estimates().items()
        if bool(forces["total_contact_force"].notnull().any())
    }
    for (source, forces), trial in product(given.items(), TRIALS):
        own, medial, off = forces.sel(trial=trial), measured["medial"].sel(trial=trial).values, _foot_off(trial)
        at = {"peak1": _peak(medial, 0.0, FIRST_PEAK)[1], "peak2": _peak(medial, FIRST_PEAK, off)[1]}
        at["total_peak"] = float(measured["total"].sel(trial=trial).argmax("percent"))
        parts = {k: own.sel(percent=p) for k, p in at.items()}
        parts["stance"] = own.sel(percent=slice(0, off)).mean("percent")
        shares = {k: float(part["medial"] / part["total"]) for k, part in parts.items()}
        rows.append({"source": source, "trial": trial, **shares})
    return pd.DataFrame(rows)


def required_unloading(share: float = 0.18) -> pd.DataFrame:
    """Return what taking a share off the first measured medial peak requires, at constant total force, by trial.

    Parameters
    ----------
    share : of the first medial peak.

    Returns
    -------
    ``trial``; ``at`` (% of the cycle), ``peak`` N, ``asked`` N, the force to be taken off; ``moment`` N m (it times the
    distance of the condyles: what one side loses the other gains); ``axial``, ``vertical`` N (external axial force at
    the knee, ground reaction, at that instant) and the change of the lever arm by either, ``arm_axial``,
    ``arm_vertical``, mm.
    """
    rows = []
    for trial in TRIALS:
        value, at = _peak(measured_forces()["medial"].sel(trial=trial).values, 0, FIRST_PEAK)
        moment = share * value * contact.CONDYLE_DISTANCE
        forces = {k: float(external_inputs()[f"{k}_force"].sel(trial=trial, percent=at)) for k in ("axial", "vertical")}
        arms = {f"arm_{k}": 1000 * moment / force for k, force in forces.items()}
        rows.append(
            {"trial": trial, "at": at, "peak": value, "asked": share * value, "moment": moment, **forces, **arms}
        )
    return pd.DataFrame(rows)


def calibration(without: str = "") -> pd.DataFrame:
    """Return each trial predicted without its own measurement, beside the mean of the same training trials, BW.

    Parameters
    ----------
    without : a trial that is neither predicted nor trained on.

    Returns
    -------
    Columns ``predictor`` (knee adduction moment, or an estimator's medial force), ``trial``; root-mean-square error of
    the medial force over the cycle: ``calibrated``, ``training_mean``, ``difference`` (negative: the predictor helped);
    ``gain`` (BW), ``lag`` (% of the cycle), ``penalty`` (-1 stands for infinity, the plain mean).
    """
    medial = {name: forces["medial_contact_force"] for name, forces in estimates().items()}
    return _calibration({"KAM": external_inputs()["knee_adduction_moment"], **medial}, without)


def _calibration(predictors: dict[str, xr.DataArray], without: str = "") -> pd.DataFrame:
    used = [trial for trial in TRIALS if trial != without]
    measured = (measured_forces()["medial"] / WEIGHT).sel(trial=used).values
    rows = []
    for (name, x), (k, trial) in product(predictors.items(), enumerate(used)):
        prediction, mean, gain, lag, penalty = _calibrated(measured, x.sel(trial=used).values, k)
        ours, plain = _rms(prediction - measured[k]), _rms(mean - measured[k])
        rows.append((name, trial, ours, plain, ours - plain, gain, lag, penalty if np.isfinite(penalty) else -1.0))
    names = ["predictor", "trial", "calibrated", "training_mean", "difference", "gain", "lag", "penalty"]
    return pd.DataFrame(rows, columns=names)


def _calibrated(
    force: np.ndarray, predictor: np.ndarray, out: int, lags: np.ndarray = LAGS, penalties: np.ndarray = PENALTIES
) -> tuple[np.ndarray, np.ndarray, float, int, float]:
    """Predict one walk's force from the other walks' mean and from how its predictor differs from theirs.

    With F the force and x the predictor: prediction = mean F + gain (x(t - lag) - mean x(t - lag)), means over the
    training walks; gain = sum dx dF / (sum dx^2 + penalty).

    Parameters
    ----------
    force, predictor : (trial, percent), any units, at least four trials without gaps; the predictor is divided by its
        training mean's root mean square, so that penalties mean the same for forces and moments. out : row to predict.
    lags : samples by which the predictor may be delayed (before the first sample it keeps its value). The one under
        which the training means of predictor and force correlate most is taken.
    penalties : the one with the least squared error when each training walk in turn is predicted from the others; of
        equal ones the last.

    Returns
    -------
    Prediction and training mean (percent,), gain, lag and penalty, all three from the other walks alone.
    """
    train = np.delete(np.arange(len(force)), out)
    mean = force[train].mean(0)
    delayed = [predictor[:, np.clip(np.arange(force.shape[1]) - lag, 0, None)] for lag in lags]
    lag = int(np.argmax([np.corrcoef(x[train].mean(0), mean)[0, 1] for x in delayed]))
    x = delayed[lag] / (np.sqrt(np.mean(delayed[lag][train].mean(0) ** 2)) or 1.0)
    loss = np.zeros(len(penalties))
    for inner in train:
        rest = train[train != inner]
        dx, df = x[inner] - x[rest].mean(0), force[inner] - force[rest].mean(0)
        loss += ((df - _gain(force[rest], x[rest], penalties)[:, None] * dx) ** 2).sum(1)
    best = len(penalties) - 1 - int(np.argmin(loss[::-1]))
    gain = float(_gain(force[train], x[train], penalties[best]))
    return mean + gain * (x[out] - x[train].mean(0)), mean, gain, int(lags[lag]), float(penalties[best])


def _gain(force: np.ndarray, x: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    dx, df = x - x.mean(0), force - force.mean(0)
    return (dx * df).sum() / ((dx**2).sum() + penalty)


@cache
def _reactions(trial: str) -> xr.Dataset:
    """Return ``musculoskeletal.knee_reactions`` of one trial's left knee over (time,), everything at 6 Hz."""
    model, moved = (catalogue.locate(DATASET, name) for name in (MODEL, MOTION.format(trial=trial)))
    path = catalogue.locate(DATASET, OWN_SKELETON.loc[(DATASET, f"PS_ngait_og_{trial}"), "forces"])
    return knee_reactions(model, moved, motion.storage_loads(motion.read_storage(path)), FEET, SIDE, MASS)


def _opensim_forces(which: Sequence[str], distance: float = contact.CONDYLE_DISTANCE) -> xr.Dataset:
    """Return our contact forces, ``contact.two_condyle``, N, (trial, percent): for a fit, never for a table.

    Parameters
    ----------
    which : trials. distance : m, of the condyles.
    """
    curves = _stacked([_reactions(trial)[["axial_force", "frontal_moment"]] for trial in which], which)
    return contact.two_condyle(curves, condyle_distance=distance)


def opensim_errors(which: Sequence[str] = TRIALS) -> pd.DataFrame:
    """Return ``score`` of our static optimisation, BW, with the condyles 40, 45 and 50 mm apart."""
    return pd.concat([score(_opensim_forces(which, d), name) for name, d in DISTANCES.items()], ignore_index=True)


def opensim_calibration() -> pd.DataFrame:
    """Return the columns of ``calibration`` (BW) with our medial force, condyles 45 mm apart, as the predictor."""
    return _calibration({"opensim": _opensim_forces(TRIALS)["medial_contact_force"]})


def opensim_reactions(which: Sequence[str] = TRIALS) -> pd.DataFrame:
    """Return our axial reaction beside the dataset's own (OpenSim 3.3, static optimisation), one row a trial.

    Columns, BW unless said: ``rmse``, ``rmse_stance``, ``rmse_swing``, ``bias``, ``r``, ``peak_ours``, ``peak_theirs``
    over the whole cycle; ``swing_ours``, ``swing_theirs`` largest size in swing; ``jump_ours``,
    ``jump_theirs`` largest step between two frames of swing; ``spikes`` frames of swing beyond ``ABOVE`` or ``JUMP``,
    the first and the last of them at ``spike_first``, ``spike_last`` (% of the cycle, NaN if there is none);
    ``frontal_rmse`` N m; ``reserve`` and ``reserve_mean``, largest and mean over the cycle of the share of a joint
    moment that muscles do not supply; ``unsolved`` frames.
    """
    rows = []
    for trial in which:
        ours, theirs = _reactions(trial), _shipped_reactions(trial)
        a, b = (reaction["axial_force"].values / WEIGHT for reaction in (ours, theirs))
        percent = 100 * ours["time"].values / ours["time"].values[-1]
        swing = percent > _foot_off(trial)
        jump, theirs_jump = (np.abs(np.diff(curve, prepend=curve[0]))[swing] for curve in (a, b))
        largest = np.abs(b[swing]).max()
        spikes = percent[swing][(np.abs(a[swing]) > largest + ABOVE) | (jump > JUMP)]
        first, last = (spikes[0], spikes[-1]) if len(spikes) else (np.nan, np.nan)
        frontal = ours["frontal_moment"].values - theirs["frontal_moment"].values
        rows.append(
            {
                "trial": trial, "rmse": _rms(a - b), "rmse_stance": _rms((a - b)[~swing]),
                "rmse_swing": _rms((a - b)[swing]), "bias": np.mean(a - b), "r": np.corrcoef(a, b)[0, 1],
                "peak_ours": a.max(), "peak_theirs": b.max(), "swing_ours": np.abs(a[swing]).max(),
                "swing_theirs": largest, "jump_ours": jump.max(), "jump_theirs": theirs_jump.max(),
                "spikes": len(spikes), "spike_first": first, "spike_last": last, "frontal_rmse": _rms(frontal),
                "reserve": float(ours["reserve"].max()), "reserve_mean": float(ours["reserve"].mean()),
                "unsolved": ours.attrs["unsolved"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
