# ---
# jupyter:
#   gaitstudy:
#     datasets: [foot-imu]
# ---

# %% [markdown]
# # 18 Sensors on the feet: the foot angle without a laboratory
#
# **Question.** How far from motion capture are the stride times and foot progression angles of a sensor on the shoe?
#
# **Data.** Real (1 person walking with both), and simulated sensors on the feet of 1 virtual person.
#
# **You need.** [01 From files to knee load](01_from_files_to_knee_load.ipynb): what the foot progression angle is, and
# how contacts are found from markers.
#
# **You will learn.** How strides come out of acceleration and angular rate, how two instruments are compared stride by
# stride, and why one constant a foot decides what such a sensor can be used for.
#
# **Pages.** before: [17 Knee to foot](17_knee_to_foot.ipynb) · next: [19 Reported numbers](19_reported_numbers.ipynb)

# %% [markdown]
# ## Question
# A laboratory measures the foot angle with cameras. Could an inertial sensor on the shoe, which measures acceleration
# and angular rate, do it? And what does the answer say about claim R6 of [Uhlrich 2025](#Uhlrich-2025), that gait
# analysis of this kind could be done with wearable sensors or with a telephone's video?

# %% [markdown]
# ## Data
# `foot-imu`: one healthy person walks some 20 m, turns and walks back. A sensor on the outside of each foot records
# acceleration and angular rate; cameras record a marker on heel, toe and fifth metatarsal. The files carry no units,
# rates, sex, age or shoe: units and rates are those its authors state, and the program that reads them checks that
# they fit (gravity at rest, angular rates of a foot). Pressure insoles, the other wearable of this study, are in [05
# Insoles](05_insoles.ipynb). The last section simulates sensors on a virtual person's feet.

# %% [markdown]
# ## Plan of analysis
# Set before any difference was computed.
# 1. What the files are: whose events and positions, how the two clocks run, what is missing or saturated.
# 2. Stride times against the **events stored with the data**. They come from the markers, by the people who recorded
#    them, so nothing here was tuned to them. They lie on camera frames, so a stride time is exact to 10 ms. The result
#    of this package's rule on the same markers is shown as well.
# 3. Foot progression angle: heel to toe over 15-40 % of stance against the heel's displacement over the stride. The
#    sensor's: the direction in which the foot points as it stands against the direction of its next displacement.
# 4. A stride is **straight** if the direction of travel, by motion capture, changes by less than 10 degrees from the
#    stride before and to the one after. Only these are judged. All are shown.
# 5. Limits set beforehand: bias of the stride time at most 5 ms, mean absolute error at most 15 ms, SD of the foot
#    angle's difference at most 3 degrees after one constant a foot. The constant is shown. The error is also given
#    with the constant from the other half of the walk.
# 6. Stride length is secondary. Then claim R6, and the errors of a worse sensor (simulated).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import statsmodels.formula.api as smf
from IPython.display import Markdown
from scipy import stats

from gaitstudy import claims, plots
from gaitstudy.gait.foot_imu import foot_walk
from gaitstudy.io import catalogue, results
from gaitstudy.simulate.foot_sensor import foot_sensor, true_strides
from gaitstudy.simulate.walker import Walker, simulate
from gaitstudy.tables import foot_sensors

plots.style()
catalogue.here("foot-imu")

# %%
# What you may want to change
WINDOW = (15.0, 40.0)  # % of stance, over which motion capture's foot angle is averaged (needs the recordings)
NEAR = 0.15  # s; contacts of both instruments that lie nearer are the same contact (needs the recordings)
STRAIGHT = 10.0  # deg; a straight stride differs less than this in direction from the one before and the one after
LIMITS = {"bias (ms)": 5.0, "mean absolute error (ms)": 15.0, "SD of the foot angle (deg)": 3.0}
SEED = 15  # of the bootstrap and of the virtual person

# %% [markdown]
# ## Content of the files

# %%
contents = results.table("foot_imu_contents", foot_sensors.contents, inputs=["foot-imu"], key=["what"])
plots.table(contents, "Content of the files, and checks (real, 1 person)")

# %% [markdown]
# - `position_sample` is no independent measurement: it *is* the heel marker, each stride relative to its first place.
# - `stride_events_sample` comes from motion capture: its events lie on camera frames, to the rounding of the sensor's
#   samples. The rule is not stated.
# - `stride_borders_sample` was marked by hand in the sensor's signals. It is not used.
# - The two clocks agree to a few milliseconds (compared by the change of the foot's pitch in both), so nothing is
#   shifted.
# - A few samples at heel strike reach 16 g, the end of the range of such sensors; larger values are cut off.
# - The feet stand still shortly at the start and at the end: enough to measure the gyroscope's offset, its reading
#   when nothing turns.

# %% [markdown]
# ## From raw signals to events
# The orientation of the sensor on the foot is not known. While the foot stands, gravity gives the vertical. While it
# swings, it turns mostly about one axis, which is taken as the right-left axis. About that axis the toes turn down at
# push-off, up in swing and down again after contact. **Foot off** is where they begin to rise, **initial contact**
# where they begin to fall ([Rampp 2015](#Rampp-2015)).

# %%
signal = results.table("foot_imu_stride_signal", foot_sensors.one_stride, inputs=["foot-imu"], key=["time"])
signal["t"] = signal["time"] - signal["time"].iloc[0]
panels = {
    "acceleration\n(m/s$^2$)": [f"acceleration_{axis}" for axis in "xyz"],
    "angular rate\n(deg/s)": [f"angular_rate_{axis}" for axis in "xyz"],
    "toes up +\n(deg/s)": ["pitch_rate"],
}
fig, axes = plt.subplots(3, figsize=(5.2, 5.4), sharex=True)
for ax, (label, columns) in zip(axes, panels.items(), strict=True):
    for column, name in zip(columns, "xyz", strict=False):
        sns.lineplot(signal, x="t", y=column, ax=ax, lw=1.2, label=f"sensor's {name}", legend=False)
    for instant in signal.loc[signal["event"] != "", "t"]:
        ax.axvline(instant, color="0.4", lw=0.9, ls="--")
    ax.set(ylabel=label, xlabel="time (s)", xlim=(0, signal["t"].iloc[-1]))
for row in signal[signal["event"] != ""].itertuples():
    text = row.event.replace(" ", "\n")
    axes[0].annotate(text, (row.t, 1.02), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=9)
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
fig.suptitle("One stride of the left foot (real, 1 person)")
plots.show(fig, "Acceleration is quiet while the foot stands and jumps at contact; the turning about the foot's right "
           "axis is negative at push-off, positive in swing and negative after contact, and crosses zero at foot off "
           "and at contact.")  # fmt: skip

# %% [markdown]
# Let the foot stand still at $t = 0$ and again at $t = T$. In between, the angular rate is integrated to an
# orientation $R(t)$, and the acceleration $a$ minus gravity $g$ to a velocity and a position. Both integrals drift.
# When the foot stands again its velocity must be zero and gravity shows its tilt, so the error at that instant is
# spread evenly over the stride and subtracted (zero-velocity update, [Mariani 2010](#Mariani-2010),
# [Skog 2010](#Skog-2010)):
#
# $$v(t) = \int_0^t \left(R\,a - g\right) dt' \;-\; \frac{t}{T} \int_0^T \left(R\,a - g\right) dt'$$
#
# The rotation about the vertical has no such check. Below, the sensor's path is aligned with the cameras' over its
# first twelve seconds only.

# %%
paths = results.table("foot_imu_paths", foot_sensors.paths, inputs=["foot-imu"], key=["source", "side", "time"])
fig, axes = plt.subplots(2, figsize=(5.2, 4.2), sharex=True)
for ax, (side, path) in zip(axes, paths.groupby("side"), strict=True):
    for (source, rows), colour, width in zip(path.groupby("source"), ("0.7", "C0"), (4, 1.4), strict=True):
        ax.plot(rows["forward"], rows["right"], color=colour, lw=width, label=source)
    ax.invert_yaxis()
    ax.set(
        xlabel="forward on the way out (m)",
        ylabel="to the right (m)",
        title=f"Path of the {side} foot from above (real, 1 person)",
    )
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plots.show(fig, "Seen from above, sideways stretched: out and back over twenty metres the sensor's path keeps its "
           "length but turns away slowly: it ends a third of a metre to one metre beside the marker's.")  # fmt: skip

# %% [markdown]
# ## Straight and turning strides
# Each row is a stride that motion capture lists, with the values that the sensor measured for it. `turn` is the larger
# change of direction, from the stride before or to the one after.

# %%
strides = results.table(
    "foot_imu_strides", foot_sensors.strides, inputs=["foot-imu"], key=["side", "stride"], window=WINDOW, near=NEAR
)
matched = strides["stride_time_imu"].notna()
strides["kind"] = np.select([~matched, strides["turn"] < STRAIGHT], ["unmatched", "straight"], "turning")
counted = strides.groupby(["side", "kind"], as_index=False).agg(strides=("stride", "size"), turn=("turn", "max"))
plots.table(counted, "Every stride listed by motion capture; turn, at most (deg) (real, 1 person)", 1)

# %%
for name, scale in {"stride_time": 1000, "stride_length": 1000, "foot_progression_angle": 1}.items():
    strides[f"{name}_difference"] = scale * (strides[f"{name}_imu"] - strides[f"{name}_mocap"])  # ms, mm, deg
both = strides[strides["kind"] != "unmatched"].reset_index(drop=True)
straight = both[both["kind"] == "straight"]


def agreement(rows, column):
    """Return bias, mean absolute error, SD and largest error of a column, by kind of stride, foot and both feet."""
    every = pd.concat([rows, rows.assign(side="both")])
    found = every.groupby(["kind", "side"])[column].agg(
        strides="count", bias="mean", absolute=lambda e: e.abs().mean(), sd="std", worst=lambda e: e.abs().max()
    )
    return found.reset_index()


# %% [markdown]
# ## Stride times
# Difference against mean of both instruments, after [Bland 1986](#Bland-1986). The grey band is one camera frame to
# either side.

# %%
seen = both.assign(mean=500 * (both["stride_time_imu"] + both["stride_time_mocap"]))
bias, spread = straight["stride_time_difference"].mean(), straight["stride_time_difference"].std()
fig, ax = plt.subplots()
sns.scatterplot(seen, x="mean", y="stride_time_difference", hue="side", style="kind", ax=ax)
ax.axhspan(-1000 / foot_sensors.CAMERA_RATE, 1000 / foot_sensors.CAMERA_RATE, color="0.93", zorder=0)
for name, at in {"bias": bias, "+1.96 SD": bias + 1.96 * spread, "-1.96 SD": bias - 1.96 * spread}.items():
    ax.axhline(at, color="0.3", lw=1, ls="-" if name == "bias" else "--")
    ax.annotate(f"{name}: {at:.1f}", (1, at), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
ax.set(xlabel="stride time, mean of both (ms)", ylabel="sensor minus motion capture (ms)")
ax.set_title(f"Stride time, {len(straight)} straight and {len(both) - len(straight)} turning strides\n(real, 1 person)")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title=None)
plots.show(fig, "Most strides differ by less than one frame of the cameras; the right foot's first whole stride by "
           "32 ms.")  # fmt: skip

# %%
times = agreement(both, "stride_time_difference")
plots.table(times, "Stride time, sensor minus motion capture, ms (real, 1 person)", 1)

# %%
both["markers_difference"] = 1000 * (both["stride_time_imu"] - both["stride_time_markers"])
by_markers = agreement(both, "markers_difference")
plots.table(by_markers, "Stride time, sensor minus this package's rule on the markers, ms (real, 1 person)", 1)

# %%
whole = times.set_index(["kind", "side"]).loc[("straight", "both")]
ours = by_markers.set_index(["kind", "side"]).loc[("straight", "both")]
step = 1000 / foot_sensors.CAMERA_RATE
Markdown(f"Over both feet the bias is {whole['bias']:.1f} ms and the mean absolute error {whole['absolute']:.1f} ms, "
         f"beside camera frames of {step:.0f} ms. Rounding both ends to frames alone would scatter a stride time by "
         f"{step / 6**0.5:.1f} ms (SD). Against this package's rule on the markers, which works between frames but "
         f"misses contacts ({ours['strides']:.0f} strides, not {whole['strides']:.0f}), the largest error is "
         f"{ours['worst']:.0f} ms. Against the stored events it is {whole['worst']:.0f} ms, in the right foot's first "
         "stride of the list; that stride is straight by the rule, so it stays in.")  # fmt: skip

# %% [markdown]
# ## The foot progression angle
# The sensor does not know where the heel and toe markers are: its angle may differ from motion capture's by a
# constant. That constant is the mean difference over the straight strides of a foot, or over those of one half of the
# walk.

# %%
difference = "foot_progression_angle_difference"
of = {"strides": "count", "constant": "mean", "sd": "std", "error": "sem"}
by_foot = straight.groupby("side")[difference].agg(**of)
by_half = straight.groupby(["side", "half"])[difference].agg(**of)
shown = pd.concat([by_foot.reset_index().assign(half="both"), by_half.reset_index()])
plots.table(
    shown, "Foot angle, sensor minus motion capture over straight strides, deg; standard error (real, 1 person)"
)

# %%
both["angle_error"] = both[difference] - both["side"].map(by_foot["constant"])
other_half = both["half"].map({"out": "back", "back": "out"})
constants = by_half["constant"].reindex(pd.MultiIndex.from_arrays([both["side"], other_half]))
both["angle_error_other_half"] = both[difference] - constants.to_numpy()
straight = both[both["kind"] == "straight"]

# %%
both["motion capture"] = both["foot_progression_angle_mocap"]
both["sensor minus its constant"] = both["foot_progression_angle_imu"] - both["side"].map(by_foot["constant"])
keys, instruments = ["side", "half", "stride", "kind"], ["motion capture", "sensor minus its constant"]
angles = both.melt(keys, instruments, "instrument", "angle")
fig, axes = plt.subplots(2, figsize=(5.2, 4.8), sharex=True)
for ax, (side, rows) in zip(axes, angles.groupby("side"), strict=True):
    walked = rows[rows["kind"] == "straight"]
    sns.lineplot(
        walked, x="stride", y="angle", hue="instrument", units="half", estimator=None, lw=0.8, legend=False, ax=ax
    )
    sns.scatterplot(rows, x="stride", y="angle", hue="instrument", style="kind", s=30, legend=side == "left", ax=ax)
    title = f"Foot angle, {side}, constant {by_foot.loc[side, 'constant']:.1f} deg (real, 1 person)"
    ax.set(ylabel="toe-out + (deg)", title=title)
sns.move_legend(axes[0], "upper left", bbox_to_anchor=(1, 1))
plots.show(fig, "Sensor and motion capture rise and fall together from stride to stride; they part only at the turn.")

# %%
error = agreement(both, "angle_error")
plots.table(error, "Error of the foot angle after one constant a foot, deg (real, 1 person)")

# %%
plots.table(
    agreement(both, "angle_error_other_half"),
    "Error of the foot angle, constant from the other half, deg (real, 1 person)",
)

# %% [markdown]
# The constants are large and nearly equal on both feet: both sensors show less toe-out than motion capture. The
# orientation of each sensor on the shoe has been removed by gravity and the axis of swing. The constant that remains
# may mean that a foot does not swing square to the line from heel marker to toe marker; one person cannot tell.
# Without cameras that constant is not known. *Changes* of the angle, which gait retraining is about, do not need it,
# if it stays the same when the angle is changed; nobody here changed it.
#
# ## Uncertainty of the error
# The root-mean-square error over straight strides depends on the strides that give the constant: the strides it is
# subtracted from; all strides of the foot but the one it is subtracted from; or the other half of the walk. For the
# intervals, strides are resampled within foot and half (bootstrap), and the constants are computed anew each time.

# %%
parts = [
    straight.query("side == @side and half == @half")[difference]
    for side in ("left", "right")
    for half in ("out", "back")
]


def rms_other_half(*parts, axis=-1):
    """Root-mean-square error of strides less the mean of the other half of the same foot (out, back, out, back)."""
    errors = [parts[k] - parts[k + 1 - 2 * (k % 2)].mean(axis, keepdims=True) for k in range(4)]
    return np.sqrt((np.concatenate(errors, axis) ** 2).mean(axis))


def rms_same_foot(*parts, axis=-1, left_out=False):
    """The same, less the mean of the same foot, or of all of its strides but the one that it is taken off."""
    feet = [np.concatenate(parts[k : k + 2], axis) for k in (0, 2)]
    scale = [foot.shape[axis] / (foot.shape[axis] - left_out) for foot in feet]
    errors = [k * (foot - foot.mean(axis, keepdims=True)) for k, foot in zip(scale, feet, strict=True)]
    return np.sqrt((np.concatenate(errors, axis) ** 2).mean(axis))


# %%
def interval(samples, statistic):
    """A statistic of samples and its 95 % percentile interval from 5000 bootstrap samples."""
    arrays = [np.asarray(sample) for sample in samples]
    drawn = stats.bootstrap(arrays, statistic, n_resamples=5000, method="percentile", vectorized=True,
                            random_state=np.random.default_rng(SEED))  # fmt: skip
    return {"estimate": statistic(*arrays), **drawn.confidence_interval._asdict()}


ways = {
    "same strides": rms_same_foot,
    "all but the stride": lambda *p, axis=-1: rms_same_foot(*p, axis=axis, left_out=True),
    "other half of the walk": rms_other_half,
}
rms = pd.DataFrame([{"constant from": name} | interval(parts, way) for name, way in ways.items()])
plots.table(rms.assign(strides=len(straight)), "RMS error of the foot angle, deg (95 % over strides; real, 1 person)")

# %%
left, right = (straight.loc[straight["side"] == side, "stride_time_difference"] for side in ("left", "right"))
timing = {
    "bias": interval((left, right), lambda *feet, axis=-1: np.concatenate(feet, axis).mean(axis)),
    "mean absolute error": interval(
        (left, right), lambda *feet, axis=-1: np.abs(np.concatenate(feet, axis)).mean(axis)
    ),
}
timed = pd.DataFrame(timing).T.rename_axis("stride time").reset_index()
plots.table(timed, "Error of the stride time, ms (95 % over strides; real, 1 person)")

# %% [markdown]
# ### The limits set beforehand
# The SD of the foot angle is pooled within feet: one constant, and so one degree of freedom, a foot.

# %%
pooled = np.sqrt((straight["angle_error"] ** 2).sum() / (len(straight) - straight["side"].nunique()))
found = [abs(timing["bias"]["estimate"]), timing["mean absolute error"]["estimate"], pooled]
judged = pd.DataFrame({"what": LIMITS.keys(), "at most": LIMITS.values(), "found": found})
judged["met"] = np.where(judged["found"] <= judged["at most"], "yes", "no")
plots.table(judged, f"Limits and results over {len(straight)} straight strides (real, 1 person)")

# %%
Markdown(f"{(judged['met'] == 'yes').sum()} of {len(judged)} limits are met. They were set before any error was seen; "
         "one rule for contact was changed afterwards (see Deviations), and moved no number here.")  # fmt: skip

# %% [markdown]
# ## Sources of the error
# Two possible sources: the foot turns while it stands, and the sensor misses a change of velocity at heel strike.

# %%
fig, ax = plt.subplots()
sns.scatterplot(both, x="turn", y="angle_error", hue="side", style="kind", ax=ax)
ax.axvline(STRAIGHT, color="0.5", lw=0.9, ls="--")
ax.axhline(0, color="0.6", lw=0.8)
ax.set(xscale="log", xlabel="change of direction (deg, logarithmic)", ylabel="error of the foot angle (deg)")
ax.set_title("Turning and the foot angle's error (real, 1 person)")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title=None)
plots.show(fig, "The foot angle's error by stride: small but for one stride in the turn.")

# %%
columns = ["side", "stride", "ic_time", "turn", "kind", "stride_time_difference", "angle_error"]
bent = strides.merge(both[["side", "stride", "angle_error"]], how="left").loc[
    lambda t: t["kind"] != "straight", columns
]
plots.table(bent, "Strides that are not straight: contact (s), turn (deg), errors in ms and deg (real, 1 person)", 1)

# %% [markdown]
# **In the turn** the foot angle means little: the foot pivots as it stands and moves on in another direction. Motion
# capture averages over early stance, the sensor takes one instant. One left stride of the list lasts over two seconds;
# the sensor sees two steps in it, so it is left unmatched.
#
# **Stride lengths** scatter by centimetres. Suppose that the sensor misses a velocity $v$ all at once, at heel strike,
# where it shakes on the shoe, 200 samples a second are few and some tops are cut off. Spreading that velocity evenly
# over the stride then leaves an error of $-v\,(t_c - T/2)$, where $t_c$ is the time of contact since the stand before.
# That line is drawn below, with nothing fitted to the errors.

# %%
model = smf.ols("stride_length_difference ~ drift", straight).fit()
slope = -1000 * straight["contact_after_middle"]  # mm per m/s, expected of each stride
left_over = (straight["stride_length_difference"] - slope * straight["drift"]).std()
fig, ax = plt.subplots()
sns.scatterplot(straight, x="drift", y="stride_length_difference", hue="side", ax=ax)
reach = np.array([straight["drift"].min(), straight["drift"].max()])
ax.plot(reach, slope.mean() * reach, color="k", lw=1, label="all lost at contact\n(nothing fitted)")
ax.axhline(0, color="0.6", lw=0.8)
ax.set(xlabel="velocity taken out of the stride (m/s)", ylabel="error of the stride length (mm)")
ax.set_title("Drift and the stride length's error (real, 1 person)")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plots.show(fig, "The stride length's error falls along a line with the drift that was taken out.")

# %%
missed = straight["stride_length_difference"]
drift = {"r": straight["drift"].corr(missed), "slope fitted": model.params["drift"], "slope expected": slope.mean()}
drift |= {"SD": missed.std(), "SD left": left_over}
plots.table(pd.DataFrame([drift]), "Error of the length (mm) on drift (m/s), straight strides (real, 1 person)")

# %%
plots.table(
    agreement(both, "stride_length_difference"), "Stride length, sensor minus motion capture, mm (real, 1 person)", 1
)

# %%
Markdown(f"Putting the loss at contact would leave an SD of {drift['SD left']:.0f} mm instead of {drift['SD']:.0f} mm. "
         "This was looked at after the errors were known and for these strides only, and a correlation names no cause: "
         "a hypothesis to test on another walk. No other number of this page uses it.")  # fmt: skip

# %% [markdown]
# ## R6 Wearables and telephones
# **The source says.** Gait analysis of this kind could be done with smartphone video or with wearable sensors
# ([Uhlrich 2025](#Uhlrich-2025)). "This kind" is what chose a foot angle for each person in
# [the trial](06_the_randomised_trial.ipynb): the knee's load at several foot angles.
#
# **Evidence.** For wearables one part of it, the foot progression angle: one healthy person at natural foot
# angles. Nobody was told to turn the feet in or out. For video nothing is at hand. The knee's load is not part of it:
# a foot sensor does not measure it.
#
# **The analysis.** Root-mean-square error over straight strides after one constant for each foot, from the other half
# of the walk, so that no stride enters the constant that is subtracted from it. Margin, from the table of claims: 5
# degrees.

# %%
shared = {"data": "real", "n": 1, "n_unit": "people", "source": "foot-imu", "anchor": "R6-Wearables-and-telephones"}
named = ", ".join(f"{side} {value:.1f}" for side, value in by_foot["constant"].items())
note = f"{len(straight)} straight strides; constants of all strides {named} deg; interval over strides, not people"
last = rms.set_index("constant from").loc["other half of the walk"]
pieces = [
    claims.record("R6", last["estimate"], (last["low"], last["high"]), "deg", role="wearables", note=note, **shared)
]
for name, row in timing.items():
    note = f"stride time, {name}, {len(straight)} straight strides"
    pieces += [
        claims.record("R6", row["estimate"], (row["low"], row["high"]), "ms", role="context", note=note, **shared)
    ]
pieces += [claims.declare_not_testable("R6", "video", anchor=shared["anchor"])]
columns = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "source", "note"]
plots.table(pd.concat(pieces)[columns], "Recorded for claim R6 (real, 1 person)")

# %%
Markdown(f"**What it shows.** In this person a foot sensor follows the foot angle from stride to stride to "
         f"{last['estimate']:.1f} degrees (95 % {last['low']:.1f} to {last['high']:.1f} over strides of one walk), "
         f"after subtraction of {by_foot['constant'].abs().mean():.0f} degrees that only the cameras give. The spread "
         "over other people is not known from this.")  # fmt: skip

# %% [markdown]
# **Verdict and what would change it.** *Inconclusive*, whatever the number: one person cannot decide a claim about
# people. Six or more people, natural and changed foot angles, whole interval below 5 degrees, would support the
# wearables part ([Huang 2016](#Huang-2016) report such a study with another sensor, on a treadmill); telephone video
# beside motion capture would open the other. A sensor that measures changes well still needs one measurement by
# another instrument to give the angle itself.

# %% [markdown]
# ## Errors of a worse sensor (simulated)
# A simulated sensor on a virtual person's foot, mounted at an angle, with three kinds of fault. The person never
# rests, so no offset of the gyroscope can be taken out. **Imposed:** the walk, a rigid foot that lands softly, the
# kind of fault. **Computed:** all signals (derivatives of the foot's path), and what the same analysis makes of them.

# %%
FAULTS = {
    **{f"offset {axis} (deg/s)": [{"offset": size * np.eye(3)[k]} for size in (0.0, 0.25, 0.5, 1.0, 2.0)]
       for k, axis in enumerate("xyz")},
    "noise (deg/s)": [{"noise": (0.05 * size, size)} for size in (0.0, 0.5, 1.0, 2.0, 4.0)],
    "rate (Hz)": [{"rate": size} for size in (51.2, 102.4, 204.8, 409.6)],
}  # fmt: skip
USUAL = {"rate": 204.8, "mounted": (80.0, -120.0, 40.0), "seed": SEED}
virtual = simulate(Walker(variability=1.0, seed=SEED), 12)


def errors_with(fault):
    """Errors of stride length (m) and foot angle (deg) of both simulated sensors, and their stride times (s)."""
    tables = []
    for side in ("left", "right"):
        signals = foot_sensor(virtual, side, **(USUAL | fault))
        sensed, _ = foot_walk(signals["acceleration"], signals["angular_rate"], side)
        error = sensed[["stride_length", "foot_progression_angle"]] - true_strides(signals, sensed, side)
        tables.append(error.assign(side=side, stride_time=sensed["stride_time"]))
    return pd.concat(tables, ignore_index=True)


# %%
rows = []
for fault, cases in FAULTS.items():
    for case in cases:
        errors = errors_with(case)
        angle, time = (errors.groupby("side")[name] for name in ("foot_progression_angle", "stride_time"))
        row = {"fault": fault, "size": np.ravel(next(iter(case.values()))).max(), "bias": angle.mean().abs().mean()}
        row |= {"sd": np.sqrt(angle.var().mean()), "length": 1000 * np.sqrt((errors["stride_length"] ** 2).mean())}
        rows.append(row | {"time": 1000 * time.std().mean(), "strides": len(errors)})
worse = pd.DataFrame(rows)
digits = {"size": 2, "bias": 3, "sd": 3, "length": 2, "time": 2}
plots.table(worse, "Bias and SD of the foot angle's error (deg), RMS error of the length (mm), SD of the stride time "
            "(ms) (simulated, 1 virtual person)", digits)  # fmt: skip

# %%
fig, ax = plt.subplots()
sns.lineplot(worse[worse["fault"] != "rate (Hz)"], x="size", y="sd", hue="fault", marker="o", ax=ax)
ax.set(xlabel="offset, or SD of the noise, of the gyroscope (deg/s)", ylabel="SD of the foot angle's error (deg)")
ax.set_title("Foot angle by gyroscope fault (simulated, 1 virtual person)")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title=None)
plots.show(fig, "The SD of the foot angle's error grows in proportion to offset and noise, to 0.22 degrees at an "
           "offset of 2 deg/s about the x axis and 0.4 at a noise of 4 deg/s.")  # fmt: skip

# %%
fig, ax = plt.subplots()
sns.lineplot(worse[worse["fault"] == "rate (Hz)"], x="size", y="length", marker="o", color="k", ax=ax)
ax.set(xscale="log", yscale="log", xlabel="sampling rate (Hz)", ylabel="error of the stride length, RMS (mm)")
ax.set_xticks(USUAL["rate"] * 2.0 ** np.arange(-2, 2), ["51.2", "102.4", "204.8", "409.6"], minor=False)
ax.minorticks_off()
ax.set_title("Stride length by sampling rate (simulated, 1 virtual person)")
plots.show(fig, "The error of the stride length falls from 1.7 mm at 51 samples a second to below 0.01 mm at 410.")

# %%
offsets = worse[worse["fault"].str.startswith("offset")]
at_rest = contents.set_index("what").loc["offset of the gyroscope at rest", ["left", "right"]].mean()
Markdown(f"Each stride starts afresh, so faults do not add up from stride to stride: among the faults simulated "
         f"here the SD of the foot angle's error is at most {worse['sd'].max():.1f} degrees. A steady offset "
         f"also shifts the angle, by up to {offsets['bias'].max():.1f} degrees at {offsets['size'].max():.0f} deg/s; "
         f"the constant removes that. In the real walk the SD is {pooled:.1f} degrees, at an offset of about "
         f"{at_rest:.1f} deg/s. So offset, noise and rate, as simulated here, explain little of it. Heel strikes, soft tissue, "
         "a shoe that gives, the markers, and two definitions of one angle are possible causes; none of them is simulated.")  # fmt: skip

# %% [markdown]
# ## What this shows

# %%
absolute = timing["mean absolute error"]["estimate"]
Markdown(f"""
- One person, straight walking: the bias of the stride time is {timing["bias"]["estimate"]:.1f} ms and its mean absolute
  error {absolute:.1f} ms (a camera frame lasts {step:.0f} ms). The SD of the foot angle's error is {pooled:.1f} degrees
  from stride to stride, after one large constant for each foot.
- The error of the stride length has an SD of {drift["SD"]:.0f} mm, most of it along the line expected of a velocity
  that is missed at heel strike.
""")

# %% [markdown]
# ## What it does not show
# Other people, shoes, sensors, changed foot angles, treadmills. Foot angles on turns. Anything about the knee's load.
# Anything about video. Whether the constant stays the same from day to day, when the sensor is put on again.
#
# ## Deviations from the plan
# - The rule for contact in the sensor's signal was changed once. The first rule took the last time the toes rise
#   faster than half their fastest; on the virtual person it jumped between two places. The present rule was made
#   there, after the real errors had been seen. It leaves every number of the real walk as it was.
# - The package's rule for contacts on markers (`gait.events`) lost contacts behind faster descents in mid-swing; these
#   feet showed it. It was mended before it was compared with the sensor's. It still misses contacts.
# - Stride times, lengths and angles of the sensor alone, and parts of the stored tables, had been looked at before the
#   limits of the plan were written down; differences had not.
# - The explanation of the stride lengths' errors was added after these were seen.
# - Saturation at 16 g was taken from the largest values; the files do not state the range.
#
# ## Exercises
# 1. Set `STRAIGHT = 200`. Which strides are judged now, and which of the errors grows most?
# 2. Take the constant of the *left* foot off both feet (`both["side"].map(...)`). How much does the right foot's error
#    grow, and what would that mean for somebody who calibrates one shoe only?
# 3. Add a fault of 0.2 deg/s offset and 1 deg/s noise together to `FAULTS`. Does it reach the scatter of the real
#    walk?
#
# ## References
# ###### Bland 1986
# Bland J M, Altman D G. Statistical methods for assessing agreement between two methods of clinical measurement.
# *Lancet* 327:307, 1986. <https://doi.org/10.1016/S0140-6736(86)90837-8>
#
# ###### Huang 2016
# Huang Y, Jirattigalachote W, Cutkosky M R, Zhu X, Shull P B. Novel foot progression angle algorithm estimation via
# foot-worn, magneto-inertial sensing. *IEEE Transactions on Biomedical Engineering* 63(11):2278-2285, 2016. doi not
# available here; <https://pubmed.ncbi.nlm.nih.gov/26849858/>
#
# ###### Mariani 2010
# Mariani B and others. *Journal of Biomechanics* 43:2999, 2010. <https://doi.org/10.1016/j.jbiomech.2010.07.003>
#
# ###### Rampp 2015
# Rampp A and others. *IEEE Transactions on Biomedical Engineering* 62:1089, 2015.
# <https://doi.org/10.1109/TBME.2014.2368211>
#
# ###### Skog 2010
# Skog I and others. *IEEE Transactions on Biomedical Engineering* 57:2657, 2010.
# <https://doi.org/10.1109/TBME.2010.2060723>
#
# ###### Uhlrich 2025
# Uhlrich S D, Mazzoli V, and others. Personalised gait retraining for medial compartment knee osteoarthritis:
# a randomised controlled trial. *Lancet Rheumatology* 7(10):e708, 2025.
# <https://doi.org/10.1016/S2665-9913(25)00151-1>
