# ---
# jupyter:
#   gaitstudy:
#     datasets: [foot-imu]
# ---

# %% [markdown]
# # 18 Sensors on the feet
#
# A laboratory measures the foot angle with cameras. Could a sensor on the shoe do it? One real walk has both: an
# inertial sensor on each foot (it feels acceleration and turning), and motion capture (cameras that follow markers) of
# the same feet. The two are compared stride by stride. The *foot progression angle* is how far a foot points outwards
# of the way it goes.

# %% [markdown]
# ## Question
# How far from motion capture are a foot sensor's stride times and foot progression angles? What does that say about
# claim R6, that such a gait analysis could be done with wearable sensors or a telephone's video?

# %% [markdown]
# ## Data: real (1 person), simulated
# `foot-imu`: one healthy person walks some 20 m, turns and walks back. A sensor on the outside of each foot records
# acceleration and angular rate; cameras record a marker on heel, toe and fifth metatarsal. The files carry
# no units, rates, sex, age or shoe: units and rates are those its authors state, and the reader checks that they fit
# (gravity at rest, a foot's turning). Pressure insoles, the other wearable here, are in notebook 05. The last section
# simulates sensors on the virtual walker's feet, and says so.

# %% [markdown]
# ## Plan of analysis
# Set before any difference was computed.
# 1. What the files are: whose events and positions, how the two clocks run, what is missing or saturated.
# 2. Stride times against the **stored events**. They were made from the markers by the people who recorded them, so
#    nothing here can tune them. They lie on camera frames: a stride time is good to 10 ms. This package's own rule on
#    the markers stands beside them.
# 3. Foot progression angle: heel to toe over 15-40 % of stance against the heel's displacement over the stride. The
#    sensor's: where the foot points as it stands against where it goes next.
# 4. A stride is **straight** if the direction of travel, by motion capture, changes by less than 10 degrees from the
#    stride before and to the one after. Only these are judged. All are shown.
# 5. Asked: stride-time bias at most 5 ms, mean absolute error at most 15 ms, SD of the foot angle's difference at
#    most 3 degrees after one constant a foot. The constant is shown. The error is also given with the constant from
#    the other half of the walk.
# 6. Stride length is an extra. Then the ledger for R6, and what a worse sensor would do (simulated).

# %%
import pandas as pd

from gaitstudy import claims, figures
from gaitstudy.io import catalogue, results
from gaitstudy.studies import foot_imu_errors, foot_imu_walk

inputs = [foot_imu_walk.DATASET]
held = results.table("foot_imu_contents", foot_imu_walk.contents, inputs=inputs, key=["what"])
strides = results.table("foot_imu_strides", foot_imu_walk.strides, inputs=inputs, key=["side", "stride"])
catalogue.here(*inputs)

# %% [markdown]
# ## 1 What the files are

# %%
figures.table(held, figures.heading("What the files hold, and what was found out", "real", 1), 2)

# %% [markdown]
# - `position_sample` is no second opinion: it *is* the heel marker, each stride from its own start.
# - `stride_events_sample` is motion capture's: its events lie on camera frames, to the rounding of the sensor's
#   samples. By which rule they were found is not stated.
# - `stride_borders_sample` was drawn by hand in the sensor's signals. It is not used.
# - The two clocks agree to 2 ms (where both see the foot's pitch change alike), so nothing is shifted.
# - A few samples at heel strike reach 16 g, where this kind of sensor ends. Their tops are cut off.
# - The feet stand still shortly at the start and at the end: enough to see the gyroscope's offset (what it reads when
#   nothing turns), .2 degrees a second.

# %% [markdown]
# ## 2 From raw signals to events
# The sensor may sit on the foot anyhow. While the foot stands, gravity tells which way is up. While it swings, it turns
# mostly about one axis, and that is taken as its right-left axis. About it the toes sink at push-off, rise in swing and
# fall after contact. **Foot off** is where they begin to rise, **initial contact** where they begin to fall.

# %%
key = ["time"]
one = results.table("foot_imu_stride_signal", foot_imu_walk.one_stride, inputs=inputs, key=key)
title = figures.heading("One stride of the left foot as its sensor felt it", "real", 1)
alt = (
    "Acceleration is quiet while the foot stands and jumps at contact; the turning about the foot's right axis is "
    "negative at push-off, positive in swing and negative after contact, crossing zero at foot off and contact."
)
figures.show(figures.raw_stride(one, title), alt)

# %% [markdown]
# Between two stands the turning is added up to an orientation and the acceleration, less gravity, to a velocity and a
# place. Both drift. Where the foot stands again its velocity must be nought and gravity shows its tilt, so
# what is wrong by then is spread evenly over the stride and taken out (zero-velocity update). The turn about the
# vertical has no such check. Below, the sensor's path is laid on the camera's by its first twelve seconds only.

# %%
paths = results.table("foot_imu_paths", foot_imu_walk.paths, inputs=inputs, key=["source", "side", "time"])
title = figures.heading("Both feet from above, sideways stretched", "real", 1)
alt = (
    "Out and back over twenty metres the sensor's path keeps its length but turns away slowly: it comes back a third "
    "of a metre to one metre to the side of the heel marker's."
)
figures.show(figures.paths_from_above(paths, title), alt)

# %% [markdown]
# ## 3 Stride times

# %%
counted = strides.groupby(["side", "kind", "reason"]).size().rename("strides").reset_index()
figures.table(counted, figures.heading("Every stride listed by motion capture", "real", 1))

# %%
limits = foot_imu_errors.stride_time_limits(strides)
title = figures.heading("Stride time by sensor and motion capture; grey: one camera frame", "real", 1)
frame = 1000 / foot_imu_walk.CAMERA_RATE
alt = "Most strides differ by less than one frame of the cameras; the right foot's first whole one by 32 ms."
figures.show(figures.stride_time_agreement(foot_imu_errors.only(strides, "all"), limits, frame, title), alt)

# %%
agreed = foot_imu_errors.agreement(strides)
times = agreed[agreed["quantity"].str.startswith("stride time")]
title = figures.heading("Stride time, sensor less motion capture, ms", "real", 1)
figures.table(times.drop(columns="unit"), title, 1)

# %% [markdown]
# Over both feet the bias (mean difference) is under a millisecond, the typical error about half a camera frame. The
# stored events alone, on frames of 10 ms, would scatter a stride time by some 4 ms. Against this package's own rule on
# the markers, which works between frames but misses contacts (40 strides, not 51), the left foot agrees better and the
# right worse, once by 50 ms. The one error of 32 ms against the stored events is the right foot's first stride of the
# list; it is straight by the rule, so it stays in.

# %% [markdown]
# ## 4 The foot progression angle

# %%
constants = foot_imu_errors.constants(strides)
title = figures.heading("Sensor less motion capture over straight strides: the constant of each foot, deg", "real", 1)
figures.table(constants, title, 2)

# %%
whole = constants[constants["from"] == "all"].set_index("side")["constant"]
both = foot_imu_errors.only(strides, "all")
title = figures.heading("Foot progression angle of every stride", "real", 1)
alt = "Sensor and motion capture rise and fall together from stride to stride; they part only at the turn."
figures.show(figures.foot_angles_by_stride(both, whole, title), alt)

# %% [markdown]
# The constants are large and alike on both feet (both sensors see about 10 degrees less toe-out). How each sensor was
# stuck on has been taken out with gravity and the axis of swing. What is left may mean that a foot does not swing
# square to the line from heel marker to toe marker; one person cannot tell. Whoever has no cameras cannot know that
# constant. *Changes* of the angle, which gait retraining is about, do not need it, if it stays the same when the angle
# is changed; nobody here changed it.

# %%
angles = agreed[agreed["quantity"].str.startswith("foot angle")]
title = figures.heading("Error of the foot progression angle, deg", "real", 1)
figures.table(angles.drop(columns="unit"), title, 2)

# %%
error = foot_imu_errors.angle_error(strides)
title = figures.heading(
    "RMS error over straight strides by where the constant comes from, deg (95 % over strides)", "real", 1
)
figures.table(error, title, 2)

# %%
asked = foot_imu_errors.asked_and_found(strides)
figures.table(asked, figures.heading("Asked (at most) and found, straight strides of both feet", "real", 1), 2)

# %% [markdown]
# All three are met. These limits stood before an error was seen; one rule for contact was changed afterwards
# (Deviations), and moved no number here.

# %% [markdown]
# ## 5 Where it goes wrong: turns and heel strikes

# %%
errors = foot_imu_errors.differences(strides)
lost = foot_imu_errors.drift_and_length(strides)
title = figures.heading("Errors and what goes with them: turning (left), drift (right)", "real", 1)
figure = figures.errors_and_causes(errors, foot_imu_walk.STRAIGHT, lost["expected"], title)
alt = (
    "The foot angle's error stays within 3.5 degrees but for one stride in the turn, which is 10 degrees off; the "
    "stride length's error falls along a line with the drift taken out."
)
figures.show(figure, alt)

# %%
lengths = agreed[agreed["quantity"] == "stride length"]
figures.table(
    lengths.drop(columns="unit"), figures.heading("Stride length, sensor less motion capture, mm", "real", 1), 1
)

# %%
title = figures.heading("Error in length (mm) on the drift taken out (m/s), straight strides", "real", 1)
figures.table(pd.DataFrame([lost]), title, 2)

# %%
columns = ["side", "stride", "ic_time", "turn", "reason", "stride_time_difference", "angle_error"]
title = figures.heading("Strides that are not straight: turn (deg), errors in ms and deg", "real", 1)
figures.table(errors.loc[errors["kind"] != "straight", columns], title, 1)

# %% [markdown]
# **In the turn** the foot angle means little: the foot stands, pivots, and goes elsewhere. Motion capture averages over
# early stance, the sensor takes one instant. One left stride of the list lasts over two seconds; the sensor sees two
# steps in it, and it is left unmatched.
#
# **Stride lengths** scatter by 44 mm. One reason would fit. Suppose that the sensor misses a velocity all at once, at
# heel strike, where it shakes on the shoe, 200 samples a second are few and some tops are cut off. Then spreading that
# velocity evenly over the stride is wrong by a known amount, which depends only on when contact was. That is the line
# in the picture, with nothing fitted. Putting the loss at contact would leave `left` (15 mm) instead of `sd` (44 mm).
# This was looked at after the errors were known and for these strides only, and a correlation names no cause: a lead
# to be tested on another walk. No number above uses it.

# %% [markdown]
# ## 6 R6 Gait analysis with a telephone or wearables
# <a id="r6"></a>
# **The source says.** Gait analysis of this kind could be done with smartphone video or with wearable sensors. "This
# kind" is what chose a foot angle for each person in the trial: the knee's load at several foot angles.
#
# **What can speak.** For wearables one part of it, the foot progression angle: one healthy person, 51 straight strides
# at natural foot angles. Nobody was asked to turn the feet in or out. For video nothing is at hand. The knee's load is
# outside this part: a foot sensor does not measure it.
#
# **The analysis.** Root-mean-square error over straight strides after one constant a foot, taken from the other half of
# the walk, so that no stride was used to set its own. Margin, from the table of claims: 5 degrees.

# %%
last = error.set_index("constant").loc["other half"]
shared = {"data": "real", "n": 1, "n_unit": "people", "source": "foot-imu", "anchor": "r6"}
named = ", ".join(f"{side} {value:.1f}" for side, value in whole.items())
note = f"{last['n']:.0f} straight strides; constants of all strides {named} deg; interval over strides, not people"
pieces = [
    claims.record("R6", last["estimate"], last[["low", "high"]].tolist(), "deg", role="wearables", note=note, **shared)
]

# %%
names = {"bias": "stride time, bias", "absolute": "stride time, mean absolute error"}
for row in foot_imu_errors.stride_time_error(strides).itertuples():
    note = f"{names[row.error]}, {row.n} straight strides"
    span = (row.low, row.high)
    pieces += [claims.record("R6", row.estimate, span, "ms", role="context", note=note, **shared)]
pieces += [claims.declare_not_testable("R6", "video", anchor="r6")]

# %%
columns = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "source", "note"]
title = figures.heading("Recorded for R6", "real", 1)
figures.table(pd.concat(pieces)[columns], title, 2)

# %% [markdown]
# **What it shows.** In this person a foot sensor follows the foot angle from stride to stride to about one degree,
# well inside 5, after 10 degrees that only the cameras knew were taken off. The interval is over strides of one walk.
# It does not say how other people's would spread.
#
# **Verdict and what would change it.** *Inconclusive*, whatever the number: one person cannot decide a claim about
# people. Six or more people, natural and changed foot angles, whole interval below 5
# degrees, would support the wearables part; telephone video beside motion capture would open the other. A sensor that
# measures changes well still needs one look at the foot with something else to know the angle itself.

# %% [markdown]
# ## 7 What a worse sensor would do (simulated)
# A sensor on the virtual walker's foot, stuck on anyhow, and made worse in three ways. The walker never rests, so no
# offset of the gyroscope can be taken out. **Imposed:** the walk, a rigid foot that lands softly, the kind of fault.
# **Computed:** all signals (derivatives of the foot's path), and what the same analysis makes of them. Without a fault
# the walk comes back to a few hundredths of a millimetre and of a degree.

# %%
worse = foot_imu_errors.simulated_errors()
title = figures.heading("What faults of a sensor cost", "simulated", 1, "virtual person")
alt = (
    "The SD of the foot angle's error grows in proportion to offset and noise, to .22 degrees at an offset of 2 deg/s "
    "and .4 at a noise of 4; the stride length's error falls steeply with the sampling rate."
)
figures.show(figures.sensor_errors(worse, title), alt)

# %%
title = figures.heading("Error of foot angle (deg), length (mm) and time (ms)", "simulated", 1, "virtual person")
figures.table(worse, title, {"value": 2, "bias": 3, "sd": 3, "length": 2, "time": 2})

# %% [markdown]
# Each stride starts afresh, so faults do not pile up from stride to stride: even poor gyroscopes would scatter the
# foot angle by tenths of a degree (`sd`). A steady offset also shifts it (`bias`, mean size of both feet's), by up to
# 1.1 degrees at 2 deg/s; that goes with the constant. The real walk's scatter, about one degree, is several times the
# simulated one, at a tenth of that offset. So offset, noise and rate, as simulated here, hardly limit it. Heel
# strikes, soft tissue or a shoe that gives, the markers, and two definitions of one angle are left as possible causes;
# none of them is in the simulation.

# %% [markdown]
# ## What this shows
# - One person, straight walking: stride times to 5 ms on average, bias under 1 ms; foot angles to one degree from
#   stride to stride, after one constant a foot of about 10 degrees.
# - Stride lengths scatter by 4 cm, most of it along the line that a velocity lost at heel strike would draw.
#
# ## What it does not show
# Other people, shoes, sensors, changed foot angles, treadmills. Foot angles on turns. Anything about the knee's load.
# Anything about video. Whether the constant stays the same from day to day, when the sensor is put on again.
#
# ## Deviations from the plan
# - The rule for contact in the sensor's signal was changed once. The first rule took the last time the toes rise faster
#   than half their fastest; on the virtual walker it jumped between two places. The present rule was made there, after
#   the real errors had been seen. It leaves every number of the real walk as it was.
# - In `gait.events`, the rule on markers lost contacts behind faster descents in mid-swing; these feet showed it. It
#   was mended before it was compared with the sensor's. It still misses contacts.
# - Stride times, lengths and angles of the sensor alone, and parts of the stored tables, had been looked at before the
#   limits of the plan were written down; differences had not.
# - Section 5's account of the stride lengths was added after their errors were seen.
# - Saturation at 16 g was taken from the largest values; the files do not state the range.
