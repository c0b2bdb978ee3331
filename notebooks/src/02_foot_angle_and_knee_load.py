# ---
# jupyter:
#   gaitstudy:
#     datasets: [opencap-foot-angle]
# ---

# %% [markdown]
# # 02 Foot angle and knee load: one person, four ways to walk
#
# Someone walks as usual, with the toes turned in, with the toes turned out, and swaying the trunk over the
# standing leg. What does the inner side of the knee notice?

# %% [markdown]
# ## Question
# Does a change of foot angle, or of trunk sway, change the knee adduction moment of this person, and what is
# the change made of: where the foot presses, where the knee is, how the force is directed, how large it is, or
# how the shank is turned?

# %% [markdown]
# ## Data: real, one person
# `opencap-foot-angle`: 62.6 kg, two trials in each of four conditions (of three recorded), markers at 100 Hz
# and two force plates. The height is not available, so moments are in N m, not in per cent of body weight times
# height. Each trial has one whole left stance; three of the eight right ones begin before the recording. The
# data's licence is not stated: peaks and sums are kept here, never curves.

# %% [markdown]
# ## Plan of analysis
# Set before this notebook was run. Foot angles and peaks of these trials had been looked at earlier, so the
# expected order is a check, not a prediction.
# 1. foot progression angle of every trial, 15-40 % of stance; expected order toe-in < natural < toe-out;
# 2. first and second peak of the left knee adduction moment, lever arm, tibial axes, 8 Hz;
# 3. the change of the first peak against both natural trials, split into five parts and the shift of the peak
#    in time; the two natural trials against each other show what no change looks like;
# 4. what one person can say about two claims (R1 and H2), recorded as context, for one person decides nothing.

# %%
import pandas as pd
from scipy import stats

from gaitstudy import claims, figures
from gaitstudy.io import catalogue, results
from gaitstudy.tables import cases

cut_off, fpa_window, frame = 8.0, (15.0, 40.0), "tibia"  # Hz; per cent of stance; axes of the moment: change them
dataset = "opencap-foot-angle"
order = list(cases.CONDITIONS)
catalogue.here(dataset)

# %% [markdown]
# ## 1 Did the foot do as told?

# %%
analysis = {"cut_off": cut_off, "fpa_window": fpa_window, "frame": frame}
walks = results.table("four_ways", cases.four_ways, inputs=[dataset], key=["trial", "side"], **analysis)
figure = figures.conditions(
    walks, {"fpa": "foot progression angle (deg)"}, figures.heading("Foot angle", "real", 1), order
)
figures.show(figure, "Foot angle by condition: toe-in lowest, natural in the middle, toe-out highest, on both feet.")

# %%
columns = ["condition", "trial", "side", "whole", "fpa", "kam1", "kam1_edge", "kam2", "kam2_edge", "larger"]
columns += ["impulse", "kfm", "stance"]
title = figures.heading("Every trial: deg, N m, N m s, s", "real", 1)
figures.table(walks[columns], title)

# %%
angle = walks.groupby(["side", "condition"])["fpa"].agg(["min", "max"]).unstack("side")
ordered = pd.Series(
    {
        side: angle["max"][side]["toe-in"] < angle["min"][side]["natural"]
        and angle["max"][side]["natural"] < angle["min"][side]["toe-out"]
        for side in ("left", "right")
    },
    name="every toe-in below every natural below every toe-out",
)
figures.table(ordered.rename_axis("side").reset_index(), figures.heading("Order of the foot angles", "real", 1))

# %% [markdown]
# The order holds on every trial. On the right foot it is less sure: where `whole` is no, both natural trials
# among them, the angle is that of the recorded part of stance only. The two toe-in trials differ by nine to
# ten degrees between themselves, in opposite ways on the two feet: someone asked to turn the toes in does
# not do it by the same amount twice. Where `kam1_edge` or `kam2_edge` says yes, the moment has no peak in that half
# of stance: the number is the end of a slope.

# %% [markdown]
# ## 2 What the knee noticed

# %%
left = walks[walks["side"] == "left"]
values = {"fpa": "foot progression angle (deg)", "kam1": "first KAM peak (N m)", "kam2": "second KAM peak (N m)"}
figure = figures.conditions(left, values, figures.heading("Left leg", "real", 1), order)
figures.show(
    figure,
    "Toe-in lowers the first and raises the second peak; toe-out lowers the second; trunk sway lowers the first most.",
)

# %%
here = catalogue.present(dataset)
curves = cases.four_ways_curves(cut_off, frame) if here else None
title = figures.heading("Left knee", "real", 1)
condition = dict(zip(left["trial"], left["condition"], strict=True))
alt = "Moment over stance, two trials a condition: trunk sway flattens the first hump, toe-in raises the second."
reason = "Left out: the files of opencap-foot-angle are not here, and their licence does not let curves be stored."
figures.show(figures.condition_curves(curves, condition, title, order), alt) if here else reason

# %% [markdown]
# With the toes in, the first peak of the left knee falls and the second rises; with the toes out, it is the
# second that falls. That is the pattern the published meta-analysis reports (Silva 2022: toe-in lowers the
# first and raises the second peak, toe-out lowers the second). Swaying the trunk takes away most of the left
# first peak. On the right, sway leaves some 30 N m, against 34 to 46 with the toes in or out; there is no whole
# natural right step to compare with, so nothing is concluded from the right leg.
#
# Which of the two peaks matters? The randomised trial of notebook 06 (Uhlrich 2025) chose, for each person,
# the angle that lowers the *larger* one. In this person toe-in, which lowers the first peak, makes the second
# four fifths as large as the first had been.

# %% [markdown]
# ## 3 What the change is made of
# A moment is a product: force size times direction, times the distance from knee to centre of pressure, seen
# along the tibia's forward axis. When all change at once, each part's share depends on which is changed first.
# Averaging over all orders (Shapley) treats them alike, and the parts add up to the change. Positions are
# measured from the planted foot, so that walking further left in the lab counts for nothing.

# %%
key = ["frame", "trial", "natural", "part"]
tibia = results.table("four_ways_parts", cases.four_ways_parts, inputs=[dataset], key=key, cut_off=cut_off)
title = figures.heading("Change of the first peak, tibial frame", "real", 1)
figure = figures.parts(tibia, title, order)
figures.show(
    figure, "Bars of the parts of each change; for toe-in the parts partly cancel, for trunk sway most point downwards."
)

# %%
axes = {"frame": "lab", "cut_off": cut_off}
lab = results.table("four_ways_parts_lab", cases.four_ways_parts, inputs=[dataset], key=key, **axes)
every = pd.concat([tibia, lab])
wide = every.pivot_table(index=["frame", "condition", "trial", "natural"], columns="part", values="change", sort=False)
figures.table(wide.reset_index(), figures.heading("Parts of the change of the first peak, N m", "real", 1), 1)

# %%
parts = wide.drop(columns="total").sum(axis=1) - wide["total"]
figures.table(
    pd.DataFrame({"largest sum of parts less total (N m)": [parts.abs().max()]}),
    figures.heading("Do the parts add up?", "real", 1),
    12,
)

# %% [markdown]
# What to see:
# - **Toe-in**: the knee moves inwards over the foot and the centre of pressure moves too; both lower the peak,
#   in proportions that differ between the two trials (in one pair the centre of pressure gives more). The
#   force's direction and the turned shank take most of it back, from under two thirds in one pair to nearly
#   nine tenths in another.
# - **Trunk sway**: the force's direction and the knee's position share it, on average about 11 N m each; the
#   centre of pressure gives 3 to 7 N m, less than the largest part by which the two natural trials differ.
#   The peak also moves in time, which gives back 2 to 7 N m.
# - **Toe-out**: no clear change of the first peak; the two trials have different signs in the tibial
#   frame, and one of them changes its sign with the frame.
# - **The two natural trials** differ by 0.1 N m in total (1.6 in the lab frame) and by up to 7.4 N m in single
#   parts that cancel. A part smaller than that is not a finding.
#
# How much falls to the centre of pressure and how much to the knee depends on where both are measured from
# (here the planted foot); their sum does not.

# %% [markdown]
# <a id="h2"></a><a id="r1"></a>
# ## 4 What one person can say about two claims
# **H2** says that poor stability of trunk, pelvis and hip changes knee load. Here a trunk is leaned on purpose,
# which is not poor stability; it shows that posture moves the load. **R1** says the best change differs from
# person to person; one person cannot show differences between people. Both are recorded as context and decide
# nothing. Their intervals are over two trials against two, with little more than one degree of freedom: a
# formality.

# %%
natural, sway = (left.loc[left["condition"] == name, "kam1"] for name in ("natural", "trunk sway"))
test = stats.ttest_ind(sway, natural, equal_var=False)
bounds = test.confidence_interval()
note = "trunk leaned on purpose; interval over 2 v 2 trials of one person, not over people"
about = {"data": "real", "n": 1, "n_unit": "people", "source": dataset}
change = float(sway.mean() - natural.mean())
piece = claims.record("H2", change, (bounds.low, bounds.high), "N m", role="context", note=note, anchor="h2", **about)
figures.table(piece, figures.heading("Recorded for H2: left first peak, trunk sway less natural", "real", 1), 1)

# %%
larger = left.groupby("condition", sort=False)["larger"].mean()
best = str((larger / larger["natural"]).drop("trunk sway").idxmin())
trials = [left.loc[left["condition"] == name, "larger"] for name in (best, "natural")]
drop = stats.ttest_ind(*trials, equal_var=False)
percent = 100 / larger["natural"]
low, high = (percent * v for v in (drop.confidence_interval().low, drop.confidence_interval().high))
note = f"{best} lowers the larger peak most; chosen and measured on the same 2 v 2 trials, so biased towards a fall"
value = percent * float(larger[best] - larger["natural"])
piece = claims.record("R1", value, (low, high), "%", role="context", note=note, anchor="r1", **about)
figures.table(piece, figures.heading("Recorded for R1: left larger peak, best way less natural", "real", 1), 1)

# %% [markdown]
# ## What this shows
# In this person, on these trials: the foot angles stand in the expected order on every trial (on the right
# partly from cut stances); toe-in lowers the left first peak and raises the second, toe-out lowers the second;
# trunk sway lowers the left first peak by some 24 of 30 N m; and the parts of each change are different
# mixtures of the same few things.
#
# ## What it does not show
# One person, two trials a condition, one leg: no statement about people. The moment is not the force in the
# joint. Trunk sway asked for in a lab is not instability. How the person felt, and whether anyone could walk
# like that for a year, is not in the data. The conditions were not in random order as far as we know.
#
# ## Deviations from the plan
# The parts were first computed with positions in the lab's frame, where a walk a hand's breadth further to the
# side gives two large parts that cancel; they are now measured from the planted foot. The totals did not change
# with it.
