# ---
# jupyter:
#   gaitstudy:
#     datasets: [opencap-foot-angle]
# ---

# %% [markdown]
# # 02 Foot angle and knee load: one person, four ways to walk
#
# **Question.** Does a change of foot angle, or a sway of the trunk, change the knee adduction moment of one person,
# and what is that change made of?
#
# **Data.** Real, one person: `opencap-foot-angle`, two trials in each of four conditions.
#
# **You need.** [01 From files to knee load](01_from_files_to_knee_load.ipynb): what a knee adduction moment is, and
# how it is computed from markers and force plates.
#
# **You will learn.** To compare ways of walking within one person, trial by trial; to decompose the change of a moment
# into its causes; and how little one person says about others.
#
# **Pages.** before: [01 From a laboratory's files to the load on the knee](01_from_files_to_knee_load.ipynb) ·
# next: [03 The treadmill study](03_treadmill_foot_pressure.ipynb)

# %% [markdown]
# ## Question
# Someone walks as usual, with the toes turned in, with the toes turned out, and swaying the trunk over the standing
# leg. Does the external knee adduction moment (KAM) of this person change? If it does, which of five things changed
# it: the place under the foot where the force acts, the position of the knee, the direction of the force, its size, or
# the turn of the shank?

# %% [markdown]
# ## Data: real, one person
# `opencap-foot-angle`: a person of 62.6 kg, two of three recorded trials in each of four conditions, markers at 100 Hz
# and two force plates. The height is not available, so moments are in N m, not in per cent of body weight times
# height. Each trial has one whole left stance; three of the eight right stances began before the recording did. The
# licence of the data is not stated: peaks and sums are stored in this project, curves are not.

# %% [markdown]
# ## Plan of analysis
# Written before this page was run. Foot angles and peaks of these trials had been looked at earlier, so the expected
# order of the angles is a check, not a prediction.
# 1. Foot progression angle of every trial, mean over 15-40 % of stance; expected: toe-in < natural < toe-out.
# 2. First and second peak of the left KAM (lever arm, axes of the tibia, 8 Hz).
# 3. The change of the first peak from each natural trial to each other trial, split into five parts and the shift of
#    the peak in time. The difference between the two natural trials shows the size of a change without any
#    instruction.
# 4. Two claims (R1 and H2), for which the result is recorded as context: one person decides nothing.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython.display import Markdown
from scipy import stats

import gaitstudy
from gaitstudy import claims, pipeline, plots
from gaitstudy.io import catalogue, results
from gaitstudy.load import knee
from gaitstudy.tables import cases

plots.style()

# %%
# What you may want to change
CUT_OFF = 8.0  # Hz, low-pass of markers and forces alike
FPA_WINDOW = (15.0, 40.0)  # % of stance over which the foot angle is averaged
FRAME = "tibia"  # axes of curves and peaks: or "lab", "joint coordinate system"; parts are shown in the first two
SHOWN = "trunk sway"  # the condition whose parts are drawn over the whole stance

DATASET = "opencap-foot-angle"
ORDER = ["natural", "toe-in", "toe-out", "trunk sway"]
CODES = {"natural": "", "toe-in": "TI", "toe-out": "TO", "trunk sway": "TS"}  # in the names of the files
SUBTITLES = ("condition", "trial", "repeat", "part")  # that seaborn puts into legends
HERE = catalogue.present(DATASET)
catalogue.here(DATASET)

# %% [markdown]
# ## From a recording to a curve
# The knee markers were worn in a standing trial only; in the walking trials their places follow from the markers on
# the shank (`static=`). `pipeline.stances` filters, finds the steps on the plates and computes the moment over each
# stance. Each trial has one whole left stance: the longest left stance on a plate.


# %%
def stances_of(trial):
    """Return all stances of one trial, as an xarray.Dataset (stance, percent, axis)."""
    recording = gaitstudy.read(
        catalogue.locate(DATASET, f"inputs/trc/{trial}.trc"),
        markers="opencap",
        static=catalogue.locate(DATASET, "inputs/trc/static1.trc"),
        forces=catalogue.locate(DATASET, f"inputs/grf/{trial}_grf.mot"),
    )
    return pipeline.stances(recording, cut_off=CUT_OFF, frame=FRAME, fpa_window=FPA_WINDOW, travel="trial")


def left_stance(trial):
    """Return the longest left stance on a plate."""
    every = stances_of(trial)
    duration = (every.end - every.start).where((every.side == "left") & (every.plate != ""))
    return every.isel(stance=int(duration.argmax("stance")))


# %%
if HERE:
    trials = [f"walking{CODES[condition]}{number}" for condition in ORDER for number in (1, 2)]
    left_stances = {trial: left_stance(trial) for trial in trials}
    names = pd.MultiIndex.from_product([ORDER, ["first trial", "second trial"]], names=["condition", "trial"])
    kam = pd.DataFrame([s.knee_adduction_moment.values for s in left_stances.values()], index=names)
    long = kam.rename_axis("percent", axis=1).stack().rename("moment").reset_index()

# %%
caption = "Left knee adduction moment by condition (real, 1 person)"
if HERE:
    fig, ax = plt.subplots(figsize=(5.2, 3.8))
    sns.lineplot(long, x="percent", y="moment", hue="condition", style="trial", estimator=None, ax=ax)
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.set(xlabel="stance (%)", ylabel="external KAM (N m)", title=caption, xlim=(0, 100))
    plots.legend_below(ax, 3, SUBTITLES)
    alt = "Knee adduction moment over stance, trials as full and broken lines: trunk sway flattens the first hump, "
    shown = plots.show(fig, alt + "toe-in lowers it and raises the second, toe-out lowers the second.")
else:
    shown = Markdown("*No curves here: they come from the recordings alone, for their licence is not stated.*")
shown

# %% [markdown]
# ## Every trial in one table
# The comparison needs one number for each trial. The table comes from the same three calls, `gaitstudy.read`,
# `pipeline.stances` and `pipeline.outcomes`, for both feet; where the recordings are absent it is the one stored in
# `data/derived/four_ways.csv`. The *first peak* (KAM1) is the largest value of the first half of stance, the *second*
# (KAM2) that of the second half, the *impulse* the area under the adducting part of the curve, KFM the largest flexion
# moment.

# %%
walks = results.table(
    "four_ways", cases.four_ways, inputs=[DATASET], key=["trial", "side"],
    cut_off=CUT_OFF, fpa_window=FPA_WINDOW, frame=FRAME,
)  # fmt: skip
walks["repeat"] = walks["trial"].str[-1].map({"1": "first trial", "2": "second trial"})
names = {
    "repeat": "trial",
    "whole": "whole stance",
    "fpa": "FPA (deg)",
    "kam1": "KAM1 (N m)",
    "kam1_edge": "KAM1 at edge",
}
names |= {"kam2": "KAM2 (N m)", "kam2_edge": "KAM2 at edge", "larger": "larger (N m)", "impulse": "impulse (N m s)"}
names |= {"kfm": "KFM (N m)", "stance": "stance (s)"}
columns = ["condition", "side", *names]
plots.table(walks[columns].rename(columns=names), "Foot angle and knee moments of every trial (real, 1 person)")

# %% [markdown]
# Where the recording cut a stance, its foot angle is that of the recorded part and the moments are not available.
# Where a peak lies *at an edge*, the moment has no peak in that half of stance: the number is the end of a slope.

# %% [markdown]
# ## Foot progression angle by condition
# The plan expects toe-in below natural and natural below toe-out. Each point is one trial.

# %%
fig, axes = plt.subplots(1, 2, sharey=True)
for ax, (side, rows) in zip(axes, walks.groupby("side"), strict=True):
    sns.stripplot(rows, x="condition", y="fpa", hue="repeat", dodge=True, jitter=False, size=6, ax=ax)
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.set(title=f"{side} foot", xlabel="", ylabel="foot progression angle (deg)")
    ax.tick_params(axis="x", rotation=35)
axes[1].get_legend().remove()
plots.legend_below(axes[0], 2, SUBTITLES)
fig.suptitle("Foot angle, toe-out positive (real, 1 person)", fontsize=10)
plots.show(fig, "Foot angle by condition on both feet: toe-in lowest, natural in between, toe-out highest.")

# %%
angle = walks.groupby(["side", "condition"])["fpa"].agg(["min", "max"])
low, high = angle["min"].unstack(), angle["max"].unstack()
ordered = (high["toe-in"] < low["natural"]) & (high["natural"] < low["toe-out"])
said = ordered.map({True: "yes", False: "no"})
by_trial = walks.pivot(index="side", columns=["condition", "repeat"], values="fpa")
apart = by_trial["toe-in", "second trial"] - by_trial["toe-in", "first trial"]
cut = walks.query("whole == 'no'")
cut_natural = (cut["condition"] == "natural").sum()
Markdown(
    f"Every toe-in trial lies below every natural one, and every natural one below every toe-out one: "
    f"**{said['left']}** on the left foot, **{said['right']}** on the right, where {len(cut)} of 8 stances were cut "
    f"({cut_natural} of them natural). The second toe-in trial differs from the first by {apart['left']:+.1f} degrees "
    f"on the left and {apart['right']:+.1f} on the right: this person did not turn the toes in by the same amount twice."
)

# %% [markdown]
# ## First and second peak of the knee adduction moment
# Only the left leg can be compared: on the right, both natural stances were cut.

# %%
left = walks[walks["side"] == "left"]
fig, axes = plt.subplots(1, 2, figsize=(6.2, 3.6), sharex=True, sharey=True)
for ax, (column, title) in zip(axes, {"kam1": "first peak", "kam2": "second peak"}.items(), strict=True):
    sns.scatterplot(left, x="fpa", y=column, hue="condition", style="repeat", s=60, legend=column == "kam1", ax=ax)
    ax.set(title=title, xlabel="foot progression angle (deg)", ylabel="KAM (N m)", ylim=(0, None))
plots.legend_below(axes[0], 3, SUBTITLES)
fig.suptitle("Left knee, each point one trial; foot angle toe-out positive (real, 1 person)", fontsize=10)
alt = (
    "First and second peak of the KAM against foot angle: toe-in lowers the first peak and raises the second, toe-out "
)
plots.show(fig, alt + "lowers the second, trunk sway lowers the first far more than any foot angle does.")

# %%
means = left.groupby("condition", sort=False)[["kam1", "kam2", "larger"]].mean()
natural = means.loc["natural"]
right_sway, right_others = (walks.query(f"side == 'right' and condition {c}")["kam1"] for c in (
    "== 'trunk sway'", "in ['toe-in', 'toe-out']"))  # fmt: skip
Markdown(
    f"Mean of two trials: toe-in takes the first peak of the left knee from {natural['kam1']:.0f} to "
    f"{means.loc['toe-in', 'kam1']:.0f} N m and the second from {natural['kam2']:.0f} to "
    f"{means.loc['toe-in', 'kam2']:.0f}; toe-out leaves the first at {means.loc['toe-out', 'kam1']:.0f} and takes the "
    f"second to {means.loc['toe-out', 'kam2']:.0f}. Trunk sway leaves {means.loc['trunk sway', 'kam1']:.0f} N m of the "
    f"first peak. On the right, sway leaves {right_sway.mean():.0f} N m, against {right_others.min():.0f} to "
    f"{right_others.max():.0f} with the toes in or out; without a whole natural right stance nothing is concluded from "
    "that leg."
)

# %% [markdown]
# The signs are those of a published meta-analysis ([Silva 2022](#Silva-2022)): toe-in lowers the first and raises the
# second peak, toe-out lowers the second, trunk lean lowers the first.
#
# Which of the two peaks matters? The randomised trial of
# [06 The randomised trial](06_the_randomised_trial.ipynb) ([Uhlrich 2025](#Uhlrich-2025)) chose, for each person, the
# angle that lowers the *larger* one.

# %%
Markdown(
    f"With the toes in, the second peak of this person ({means.loc['toe-in', 'kam2']:.0f} N m) becomes "
    f"{means.loc['toe-in', 'kam2'] / natural['kam1']:.0%} as large as the natural first peak was: the larger peak "
    f"falls by {1 - means.loc['toe-in', 'larger'] / natural['larger']:.0%} although the first falls by "
    f"{1 - means.loc['toe-in', 'kam1'] / natural['kam1']:.0%}."
)

# %% [markdown]
# ## Decomposition of the change of the moment
# At one instant the moment of the ground reaction about the knee is
#
# $$M = s\,\big[(\mathbf{p} - \mathbf{k}) \times F\,\mathbf{d}\big]\cdot\mathbf{t}$$
#
# with the centre of pressure $\mathbf{p}$, the knee centre $\mathbf{k}$, the size $F$ and the direction $\mathbf{d}$
# of the force, the forward axis $\mathbf{t}$ of the tibia, and $s = 1$ on a right leg, $-1$ on a left one. Between two
# trials all five change at once, and the contribution of each depends on the order in which they are changed. The
# average over all 120 orders (the Shapley value, [Shapley 1953](#Shapley-1953)) treats the five alike, and the five
# parts add up to the change exactly. Positions are measured from the middle of the planted foot, so that walking
# further to the left in the laboratory has no effect. The share of the centre of pressure and that of the knee depend
# on this origin; their sum does not.

# %%
if HERE:
    pieces = {trial: cases.planted(stance) for trial, stance in left_stances.items()}  # p, k, F d and t
    before, after = pieces["walking1"], pieces[f"walking{CODES[SHOWN]}2"]
    split = knee.decompose_moment_change(before, after, "left", "tibia")
    part = split.contribution.to_series().rename("change").reset_index()
    fig, ax = plt.subplots(figsize=(5.2, 4.0))
    ax.plot(split.percent, split.change, color="0.2", lw=2.5, label="all five together")
    sns.lineplot(part, x="percent", y="change", hue="part", ax=ax)
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.set(xlabel="stance (%)", ylabel="change of the KAM (N m)", xlim=(0, 100))
    ax.set_title(f"Parts of the change of the left KAM,\nfirst natural to second {SHOWN} trial (real, 1 person)")
    plots.legend_below(ax, 2, SUBTITLES)
    shown = plots.show(fig, f"Five parts of the change from natural walking to {SHOWN} over stance, and their sum.")
else:
    shown = Markdown("*No curves here: see above.*")
shown

# %% [markdown]
# The first peak moves in time as well. Its change is therefore the sum of six parts: the five at the instant at which
# the first trial has its peak, and the change of the second trial's moment from that instant to its peak (*peak
# timing*). Each changed trial is compared with each natural one: points are these pairs, bars their means.

# %%
key = ["frame", "trial", "natural", "part"]
parts = results.table("four_ways_parts", cases.four_ways_parts, inputs=[DATASET], key=key, cut_off=CUT_OFF)
parts["repeat"] = parts["trial"].str[-1].map({"1": "first trial", "2": "second trial"})
tibia = parts[parts["frame"] == "tibia"]

fig, axes = plt.subplots(2, 2, figsize=(6.2, 5.4), sharex=True, sharey=True)
for ax, condition in zip(axes.ravel(), ORDER, strict=True):
    rows = tibia[tibia["condition"] == condition]
    sns.barplot(rows, x="change", y="part", color="0.85", errorbar=None, ax=ax)
    marks = {
        "y": "part",
        "hue": "repeat",
        "hue_order": ["first trial", "second trial"],
        "legend": condition == "toe-in",
    }
    sns.stripplot(rows, x="change", dodge=True, jitter=False, size=5, **marks, ax=ax)
    ax.axvline(0, color="0.4", lw=0.8)
    ax.set(xlabel="change (N m)", ylabel="", title="natural 1 to natural 2" if condition == "natural" else condition)
plots.legend_below(axes[0, 1], 2, SUBTITLES)
fig.suptitle("Parts of the change of the first KAM peak, axes of the tibia (real, 1 person)", fontsize=10)
alt = "Parts of each change of the first peak: for toe-in knee and pressure lower it while force direction and shank "
plots.show(fig, alt + "raise it; for trunk sway force direction and knee position share most of the fall.")

# %%
wide = parts.pivot_table(index=["frame", "condition", "trial", "natural"], columns="part", values="change", sort=False)
caption = "Parts of the change of the left first peak, N m, each trial against each natural one (real, 1 person)"
plots.table(wide.reset_index(), caption, 1)

# %%
remainder = (wide.drop(columns="total").sum(axis=1) - wide["total"]).abs().max()
plots.table(
    pd.DataFrame({"largest sum of parts minus total (N m)": [remainder]}),
    "Sum of the parts against the total (real, 1 person)",
    12,
)


# %%
def span(values, digits=0):
    """Return the smallest and the largest value as a text."""
    return f"{values.min():.{digits}f} to {values.max():.{digits}f} N m"


each, lab = wide.loc["tibia"], wide.loc["lab"]
toe_in, sway, none = each.loc["toe-in"], each.loc["trunk sway"], each.loc["natural"].iloc[0]
moved = toe_in["knee position"] + toe_in["centre of pressure"]
given_back = -(toe_in["force direction"] + toe_in["tibial frame"]) / moved
lab_none = lab.loc["natural", "total"].iloc[0]
Markdown(f"""
- **Toe-in**: the position of the knee over the foot ({span(toe_in["knee position"])}) and the centre of pressure
  ({span(toe_in["centre of pressure"])}) lower the peak. The direction of the force and the turn of the shank undo
  {given_back.min():.0%} to {given_back.max():.0%} of that, depending on the pair of trials.
- **Trunk sway**: the direction of the force ({sway["force direction"].mean():.0f} N m on average) and the position of
  the knee ({sway["knee position"].mean():.0f} N m) share the fall; the centre of pressure adds
  {span(sway["centre of pressure"])}; the shift of the peak in time undoes {span(sway["peak timing"])} of it.
- **Toe-out**: no clear change of the first peak: {span(each.loc["toe-out", "total"], 1)} in the axes of the tibia,
  {span(lab.loc["toe-out", "total"], 1)} in those of the laboratory.
- **The two natural trials** differ by {abs(none["total"]):.1f} N m in total ({abs(lab_none):.1f} in the laboratory's
  axes), and by up to {none.drop("total").abs().max():.1f} N m in single parts that cancel. A part smaller than that
  cannot be told from no change.
""")

# %% [markdown]
# ## Two claims and one person
# **H2** says that poor stability of trunk, pelvis and hip changes the load on the knee. Here the trunk is leaned on
# purpose, which is not poor stability; the comparison shows only that posture can change the moment of this person.
# **R1** says that the best change differs from person to person; one person cannot show differences between people.
# Both are recorded as context and decide nothing. The intervals are Welch's, over two trials against two, with little
# more than one degree of freedom: they describe trials of this person, not other people.

# %%
natural_kam1, sway_kam1 = (left.loc[left["condition"] == name, "kam1"] for name in ("natural", "trunk sway"))
welch = stats.ttest_ind(sway_kam1, natural_kam1, equal_var=False)
bounds = welch.confidence_interval()
about = {"data": "real", "n": 1, "n_unit": "people", "source": DATASET, "role": "context"}
note = "trunk leaned on purpose; interval over 2 v 2 trials of one person, not over people"
piece = claims.record(
    "H2", sway_kam1.mean() - natural_kam1.mean(), (bounds.low, bounds.high), "N m",
    note=note, anchor="Two-claims-and-one-person", **about,
)  # fmt: skip
plots.table(piece, "Recorded for H2: left first peak, trunk sway minus natural (real, 1 person)", 1)

# %%
ratio = (means["larger"] / natural["larger"]).drop("trunk sway")
best = str(ratio.idxmin())
chosen, usual = (left.loc[left["condition"] == name, "larger"] for name in (best, "natural"))
welch = stats.ttest_ind(chosen, usual, equal_var=False)
bounds, percent = welch.confidence_interval(), 100 / natural["larger"]
note = f"{best} lowers the larger peak most; chosen and measured on the same 2 v 2 trials, so biased towards a fall"
piece = claims.record(
    "R1", percent * (chosen.mean() - usual.mean()), (percent * bounds.low, percent * bounds.high), "%",
    note=note, anchor="Two-claims-and-one-person", **about,
)  # fmt: skip
plots.table(piece, "Recorded for R1: left larger peak, best foot angle minus natural (real, 1 person)", 1)

# %% [markdown]
# ## What this shows
# In this person, on these trials: the foot angles stand in the expected order (on the right partly from cut stances);
# toe-in lowers the left first peak and raises the second, toe-out lowers the second; trunk sway lowers the left first
# peak far more than any foot angle; and each change is a different mixture of the same few parts.
#
# ## What it does not show
# One person, two trials in each condition, one leg: nothing here holds for people in general. The moment is not the
# force in the joint (see [04 What the knee feels](04_what_the_knee_feels.ipynb)). A sway of the trunk on instruction
# is not instability. Pain, and whether anyone could walk like that for a year, are not in the data. As far as is
# known, the conditions were not in random order.
#
# ## Deviations from the plan
# The parts were first computed with positions in the laboratory, where a walk a hand's breadth further to the side
# gives two large parts that cancel; they are now measured from the planted foot. The totals are the same.
#
# ## Exercises
# 1. Set `FRAME = "lab"`. Which of the four conditions changes its place, and does toe-in still lower the first peak?
# 2. In the cell of the parts, leave out the first toe-in trial (`tibia = tibia[tibia["trial"] != "walkingTI1"]`). How
#    much of the fall does the turned shank still take back?
# 3. Replace Welch's test by a permutation test (`stats.permutation_test`). How small can its p value become with two
#    trials against two, and what does that say about the interval above?
#
# ## References
# ###### Shapley 1953
# Shapley L S. A value for n-person games. In: *Contributions to the Theory of Games II*. Princeton University Press,
# 1953. <https://doi.org/10.1515/9781400881970-018>
#
# ###### Silva 2022
# Silva M D C, Perriman D M, Fearon A M, and others. Effects of neuromuscular gait modification strategies on
# indicators of knee joint load in people with medial knee osteoarthritis: a systematic review and meta-analysis. *PLoS
# One* 2022; 17(9):e0274874. <https://doi.org/10.1371/journal.pone.0274874>
#
# ###### Uhlrich 2025
# Uhlrich S D, Mazzoli V, and others. Personalised gait retraining for medial compartment knee osteoarthritis: a
# randomised controlled trial. *Lancet Rheumatology* 2025; 7(10):e708-e718.
# <https://doi.org/10.1016/S2665-9913(25)00151-1>
