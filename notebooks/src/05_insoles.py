# ---
# jupyter:
#   gaitstudy:
#     datasets: [moticon-insole, fscan-insole, pedar-insole]
# ---

# %% [markdown]
# # 05 Insoles: where under the foot the force is
#
# **Question.** What do the files of three makers of pressure insoles hold, and how uncertain are the quantities
# computed from them?
#
# **Data.** Real, five walks with insoles of three makers; who walked is not known.
#
# **You need.** Force, pressure and what a step is: [glossary of page 01](01_from_files_to_knee_load.ipynb#Glossary).
#
# **You will learn.** To read insole files; to check a program against a maker's report; how a threshold decides when a
# step begins; what a medial share, a centre of pressure and an arch index depend on; and to put two clocks together.
#
# **Pages.** before: [04 What the knee feels](04_what_the_knee_feels.ipynb) ·
# next: [06 The randomised trial](06_the_randomised_trial.ipynb)

# %% [markdown]
# ## Question
# A force plate measures one force. An insole measures how that force is distributed under the foot, at every step and
# outside a laboratory: many small sensors each measure a *pressure*, force per area (in kPa: 1 kPa is a tenth of a
# newton on a square centimetre). Pressures times areas add up to the force; the *centre of pressure* is the mean place
# of the pressures, each weighted by its force. Both are needed to check whether someone presses elsewhere under the
# foot in order to unload the inner (medial) side of the knee. What do the files of three makers hold? How well do our
# numbers agree with the maker's report? How large is the timing error of steps detected from the force? How uncertain
# are the medial share of the force and the path of its centre?

# %% [markdown]
# ## Data: real
# | dataset | what it is here | people |
# |---|---|---|
# | moticon-insole | OpenGo, 16 sensors a foot: a normal and a slow walk with reports | not known: one pair of insoles |
# | moticon-insole | the same with another pair: a short walk, no report | not known: one pair of insoles |
# | fscan-insole | F-Scan, a grid of 60 x 21 cells, cut to the shoe: one walk, a file a foot | not said: taken as 1 |
# | pedar-insole | pedar, 99 sensors a foot: one walk | not known: one pair of insoles |
#
# None of the files says who walked, and no result here is about people: captions count *recordings* or *walks*; the
# F-Scan recording is counted as one person. No force plate stood beside any of these walks, so no number here says how
# true the force of an insole is.

# %% [markdown]
# ## Plan of analysis
# Written before this page was run. The files had been looked at while their readers were written, and the step times
# of the export had been compared with the report, so their agreement is a check and no prediction. Everything else is
# descriptive and decides no claim.
# 1. What each file holds and what is missing in it.
# 2. The maker's report against ours: contact, foot off, largest and mean force of all 32 steps of the two reported
#    walks (bounds: 10 ms, equal largest force), and the mean path of the centre of pressure.
# 3. Contacts found in the total force alone at 20 to 150 N, the default (30 N) among them, against the steps of the
#    export: median, 95th percentile and worst error, misses and extras; no threshold is picked.
# 4. Footprint, medial share with its dividing line moved to either side, excursion of the centre of pressure (CPEI),
#    arch index, peaks and pressure-time integrals of six regions.
# 5. The clock of an insole and that of a plate, with a simulated second clock.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython.display import Markdown

from gaitstudy import plots
from gaitstudy.gait import pressure
from gaitstudy.io import catalogue, results
from gaitstudy.io.insoles import read_insole
from gaitstudy.tables import insole_walks

plots.style()

# %%
# What you may want to change
THRESHOLDS = (20.0, 30.0, 50.0, 75.0, 100.0, 150.0)  # N, at which contacts are looked for in the total force
NEAR = 0.15  # s, the largest distance at which a found contact counts as the maker's
SECONDS = 6.0  # s of each recording that are drawn

MOTICON, FSCAN, PEDAR = "moticon-insole", "fscan-insole", "pedar-insole"
COLOURS = dict(zip(("left", "right"), sns.color_palette(), strict=False))
HERE = catalogue.present(MOTICON)
catalogue.here(MOTICON, FSCAN, PEDAR)


# %%
def mirrored(rows, side):
    """Return positions across the foot as they look from above: medial is on the right of a left foot."""
    return rows * (1 if side == "left" else -1)


ACROSS = {"left": "lateral  <     >  medial", "right": "medial  <     >  lateral"}

# %% [markdown]
# ## Content of the files

# %%
held = results.table("insole_contents", insole_walks.contents, inputs=[MOTICON, FSCAN, PEDAR], key=["vendor", "walk"])
caption = f"Content of each recording (real, {len(held)} recordings)"
plots.table(held.drop(columns="notes"), caption, 1)

# %%
plots.table(held[["vendor", "walk", "notes"]], f"Gaps and faults noted by the reader (real, {len(held)} recordings)")

# %%
key = ["vendor", "side", "time"]
traces = results.table("insole_traces", insole_walks.traces, inputs=[MOTICON, FSCAN, PEDAR], key=key, seconds=SECONDS)
fig, axes = plt.subplots(3, 1, figsize=(5.2, 5.6))
for ax, (vendor, rows) in zip(axes, traces.groupby("vendor", sort=False), strict=True):
    for side, one in rows.groupby("side"):
        ax.plot(one["time"], one["value"], color=COLOURS[side], label=side)  # a lost sample leaves a gap
    label = "force (N)" if rows["unit"].iloc[0] == "N" else "mean pressure (kPa)"
    ax.set(title=vendor, ylabel=label)
    ax.margins(x=0)
axes[-1].set_xlabel("time on each file's own clock (s)")
axes[0].legend()
plots.legend_below(axes[0], 2)
fig.suptitle("Force or mean pressure of each maker's insoles (real, 3 recordings)", fontsize=10)
plots.show(
    fig, "Force of left and right foot alternates for Moticon and F-Scan; for pedar only a mean pressure can be drawn."
)

# %% [markdown]
# What is missing:
# - **Moticon** gives the maker's force and centre of pressure, the latter as a fraction of insole length and width,
#   but neither the places of the 16 sensors nor the size of the insole in mm.
# - **F-Scan** gives a grid with its spacing, so places and areas; one file for each foot, dated to the second only.
#   That both began together is an assumption, and a note of the recording says so. No force, no steps.
# - **pedar** gives pressures by sensor number. Areas and places belong to the insole, not to the file. Without them
#   there is no force, no centre of pressure, no share. `gait.pressure` takes areas and places from whoever has them;
#   this project invents none.

# %% [markdown]
# ## Places of Moticon's sensors
# The places of Moticon's sensors can be computed from its force and centre of pressure. Force $F$ is a sum of
# pressures $p_k$ times areas $a_k$, and force times centre of pressure $\mathbf{c}$ a sum of those times places
# $\mathbf{x}_k$:
#
# $$F(t) = \sum_k a_k\,p_k(t), \qquad F(t)\,\mathbf{c}(t) = \sum_k a_k\,p_k(t)\,\mathbf{x}_k$$
#
# Both are linear in the unknown areas and places, and thousands of samples determine these. Lengths in mm cannot be
# computed: the header gives a size number only. Multiply by a length and width measured on your insole.

# %%
if HERE:
    samples, _ = read_insole(catalogue.locate(MOTICON, "230927_102114.txt"))
    left = samples.sel(side="left", drop=True)
    layout = pressure.implied_layout(left["pressure"], left["force"], left["cop"])
    ours = pressure.total_force(left["pressure"], layout["area"])
    unexplained = float(((ours - left["force"]) ** 2).mean() ** 0.5)
    shown = Markdown(
        f"Left insole, normal walk: with {layout.sizes['sensor']} implied areas the pressures add up to the maker's "
        f"force with an RMS difference of {unexplained:.2f} N, at forces up to {float(left['force'].max()):.0f} N."
    )
else:
    shown = Markdown("*Not computed: the recordings are not here.*")
shown

# %% [markdown]
# ## Agreement with the maker's report
# The *export* is the file of samples and step times, as our reader returns it; the *report* is the maker's summary of
# the same walk. Contact and foot off are compared as they stand in both; largest and mean force are computed here from
# the samples between the export's times.

# %%
steps = results.table("insole_report_steps", insole_walks.report_steps, inputs=[MOTICON], key=["walk", "side", "step"])
quantities = {"contact": ("ms", 1000), "off": ("ms", 1000), "max": ("N", 1), "mean": ("N", 1)}
apart = pd.DataFrame(
    {
        name: factor * (steps[f"{name}_export"] - steps[f"{name}_report"]).abs()
        for name, (_, factor) in quantities.items()
    }
)
agreed = apart.agg(["count", "median", "max"]).T.astype({"count": int})
agreed.insert(0, "unit", [unit for unit, _ in quantities.values()])
agreed["over 0.01 of the unit"] = (apart > 0.01).sum()
plots.table(
    agreed.rename_axis("quantity").reset_index(), "Export and report of each step: difference (real, 2 walks)", 3
)

# %%
latest, uneven = apart[["contact", "off"]].max().max(), (apart["mean"] > 0.01).sum()
every_peak = "Every" if (apart["max"] == 0).all() else "Not every"
Markdown(
    f"All {len(steps)} steps lie within {latest:.0f} ms; up to 5 ms is the rounding of the export (a row each "
    f"10 ms, the report dates to the millisecond). {every_peak} largest force is equal. The mean force is the same to "
    f"a hundredth of a newton but for {uneven} steps, where it differs by up to {apart['mean'].max():.1f} N: there "
    "the export may have lost a sample, or the report's times may round to another first or last row."
)

# %%
lines = results.table("insole_gait_lines", insole_walks.gait_lines, inputs=[MOTICON], key=["walk", "side", "along"])
fig, axes = plt.subplots(2, 2, figsize=(5.2, 7.0), sharex=True, sharey=True)
for ax, ((walk_name, side), rows) in zip(axes.ravel(), lines.groupby(["walk", "side"]), strict=True):
    ax.plot(mirrored(rows["report"], side), rows["along"], color="0.6", lw=5, label="maker's report")
    ax.plot(mirrored(rows["ours"], side), rows["along"], color="black", lw=1.2, label="ours")
    ax.axvline(0, color="0.7", lw=0.8, ls=":", zorder=0)
    ax.set(title=f"{walk_name}, {side}", xlim=(-25, 25), ylim=(0, 100))
    ax.set_xlabel(ACROSS[side] + "\n(% of insole width)")
    ax.tick_params(labelbottom=True)
for ax in axes[:, 0]:
    ax.set_ylabel("from the heel (% of length)")
handles, labels = axes[0, 0].get_legend_handles_labels()
fig.legend(handles, labels, loc="outside lower center", ncols=2)
fig.suptitle("Mean path of the centre of pressure (real, 2 walks)", fontsize=10)
plots.show(fig, "In all four feet our path lies on the maker's but for a few places in the middle of the foot.")

# %%
distance = (lines["ours"] - lines["report"]).abs().groupby([lines["walk"], lines["side"]])
distance = distance.agg(["median", "max"]).reset_index()
plots.table(distance, "Our path minus the report's, sideways, % of insole width (real, 2 walks)", 2)

# %% [markdown]
# Ours comes from the pressures and the implied places, the report's from inside the maker's program; how it averages
# is not published. Where the centre of pressure moves fast or turns back, the two averages differ. Both use fractions
# of the insole, and medial is positive on both feet. The files do not state that their Y axis is medial on both sides;
# this is inferred from the implied places, where the row of metatarsal heads (the ball of the foot) lies further
# forward on that side.

# %% [markdown]
# ## Initial contact and foot off from the force
# The maker detects steps by an unpublished rule and exports them. From the total force alone, a step is the time in
# which the force exceeds a threshold. Each event of the maker is paired with the nearest event of the force; the grey
# band is 10 ms to either side.

# %%
key = ["walk", "side", "source", "threshold", "event", "number"]
times = results.table("insole_contacts", insole_walks.contact_times, inputs=[MOTICON], key=key, thresholds=THRESHOLDS)
same = ["walk", "side", "event"]
maker = times[times["source"] == "maker"].sort_values("time")[[*same, "number", "time"]]
found = times[times["source"] == "force"].sort_values("time").assign(found=lambda rows: rows["time"])
pairs = pd.concat(
    pd.merge_asof(
        maker, level[[*same, "time", "found"]], on="time", by=same, direction="nearest", tolerance=NEAR
    ).assign(threshold=threshold)
    for threshold, level in found.groupby("threshold")
)
pairs["error"] = 1000 * (pairs["found"] - pairs["time"])  # ms

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.2, 5.6), sharex=True, sharey=True)
for ax, event in zip(axes, ("initial_contact", "foot_off"), strict=True):
    rows = pairs[pairs["event"] == event]
    sns.stripplot(
        rows, x="threshold", y="error", hue="side", dodge=True, jitter=False, alpha=0.6, palette=COLOURS, ax=ax
    )
    ax.axhspan(-10, 10, color="0.92", zorder=0)
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set(title=event.replace("_", " "), xlabel="threshold (N), default 30 N", ylabel="difference (ms)")
axes[1].get_legend().remove()
plots.legend_below(axes[0], 2)
fig.suptitle("Event times from the force minus the maker's (real, 2 walks)", fontsize=10)
plots.show(
    fig,
    "Initial contact is found early at low and late at high thresholds; foot off late at low ones, early at high ones.",
)

# %%
groups = pairs.groupby(["threshold", "event"], sort=False)
summary = groups["error"].agg(reported="size", bias="mean")
summary["missed"] = summary["reported"] - groups["error"].count()
summary["extra"] = found.groupby(["threshold", "event"]).size() - groups["found"].nunique()
size = pairs.assign(size=pairs["error"].abs()).groupby(["threshold", "event"], sort=False)["size"]
summary = summary.assign(median=size.median(), p95=size.quantile(0.95), worst=size.max())
caption = "Timing error of events from the force, ms; absolute except the bias (real, 2 walks)"
plots.table(summary.rename(columns={"p95": "95 %"}).reset_index(), caption, 1)

# %%
bias = summary["bias"].unstack("event")
level = 30.0 if 30.0 in bias.index else bias.index[0]
early, late = -bias.loc[level, "initial_contact"], bias.loc[level, "foot_off"]
best = summary["median"].unstack("event").idxmin()
Markdown(
    f"Inside the stretch that the maker reports, {summary['missed'].sum()} steps are missed over all thresholds, and "
    f"{summary['extra'].sum()} are added. But no threshold is right for both ends. At {level:g} N initial contact is "
    f"found {early:.0f} ms early and foot off {late:.0f} ms late, a stance is {early + late:.0f} ms longer than the "
    f"maker's. By the median error {best['initial_contact']:.0f} N is nearest for contact and "
    f"{best['foot_off']:.0f} N for foot off; the smallest of the worst errors is {summary['worst'].min():.0f} ms."
)

# %% [markdown]
# Which is nearer to the truth cannot be said here: none of them is a plate. Where a time of contact decides something,
# use one rule throughout, say which, and do not mix the two.

# %% [markdown]
# ## Footprints
# The F-Scan sheet shows the shape of the foot. The right sheet also shows lines one cell wide, loaded along their
# length, two of them far beyond the toes (outlined in red); they cannot be the foot, which presses on patches. The
# rule used here, the same for both sheets: a cell belongs to the foot if it lies in a loaded square of two by two.
# Footprint, share and CPEI are given with all cells and with patches only, the six regions with patches.

# %%
foot = ["vendor", "walk", "side", "cells"]
cells = results.table("insole_cells", insole_walks.cells, inputs=[MOTICON, FSCAN], key=[*foot, "sensor"])
curves = results.table("insole_curves", insole_walks.curves, inputs=[MOTICON, FSCAN], key=[*foot, "percent"])

fscan, top = cells[cells["vendor"] == "F-Scan"], cells.loc[cells["vendor"] == "F-Scan", "peak"].max()
fig, axes = plt.subplots(1, 2, figsize=(5.2, 5.6), sharey=True)
for ax, side in zip(axes, ("left", "right"), strict=True):
    sheet = fscan[fscan["side"] == side].assign(x=lambda rows: mirrored(rows["across"], rows["side"].iloc[0]).round(2))
    grid = sheet.pivot(index="along", columns="x", values="peak")
    drawn = ax.pcolormesh(grid.columns, grid.index, grid, shading="nearest", cmap="viridis", vmin=0, vmax=top)
    odd = sheet[~sheet["patch"]]
    ax.scatter(odd["x"], odd["along"], marker="s", s=14, facecolor="none", edgecolor="red", linewidth=0.8)
    path = curves.query("vendor == 'F-Scan' and cells == 'all' and side == @side")
    ax.plot(mirrored(path["across"], side), path["along"], color="black", lw=3.5)
    ax.plot(mirrored(path["across"], side), path["along"], color="white", lw=1.5)
    ax.set(title=f"{side} foot", xlabel=ACROSS[side] + "\n(mm)", aspect="equal", xlim=(-60, 60))
axes[0].set_ylabel("from the heel (mm)")
fig.colorbar(drawn, ax=list(axes), label="peak pressure (kPa), mean of stances", shrink=0.7)
fig.suptitle("F-Scan: footprints, path of the centre of pressure (real, 1 person)", fontsize=10)
alt = (
    "Two footprints with heel, lateral border, metatarsal heads and toes; the right one has red lines of single cells."
)
plots.show(fig, alt)

# %%
normal = cells.query("vendor == 'Moticon' and walk == 'normal'")
fig, axes = plt.subplots(1, 2, figsize=(5.2, 5.0), sharey=True)
for ax, (side, sole) in zip(axes, normal.groupby("side"), strict=True):
    x = mirrored(sole["across"], side)
    drawn = ax.scatter(x, sole["along"], c=sole["peak"], s=190, cmap="viridis", vmin=0, vmax=normal["peak"].max())
    for at, along, number, dark in zip(x, sole["along"], sole["sensor"], sole["peak"] < 200, strict=True):
        ax.text(at, along, number, ha="center", va="center", fontsize=8, color="white" if dark else "black")
    path = curves.query("vendor == 'Moticon' and walk == 'normal' and side == @side")
    ax.plot(mirrored(path["across"], side), path["along"], color="black", lw=1.5)
    ax.set(title=f"{side} foot", xlabel=ACROSS[side] + "\n(% of insole width)")
    ax.margins(0.14)
axes[0].set_ylabel("from the heel (% of insole length)")
fig.colorbar(drawn, ax=list(axes), label="peak pressure (kPa), mean of stances", shrink=0.7)
fig.suptitle("Moticon, normal walk: sensors at their implied places (real, 1 walk)", fontsize=10)
plots.show(fig, "Sixteen discs a foot; the largest pressures lie under the ball of the foot, where the path leads.")

# %%
shapes = results.table("insole_shapes", insole_walks.shapes, inputs=[FSCAN], key=["side", "cells"])
plots.table(shapes, "F-Scan footprints: mm, arch index by threshold in kPa, load borne in % (real, 1 person)", 3)

# %%
length = shapes.pivot(index="side", columns="cells", values="length").diff().loc["right"]
Markdown(
    f"With the faulty lines in, the right foot would be {length['all']:.0f} mm longer than the left; without them the "
    f"two differ by {abs(length['patches']):.0f} mm, where a cell measures 5 mm."
)

# %% [markdown]
# The arch index is the middle third's share of the contact area, toes left out ([Cavanagh 1987](#Cavanagh-1987)). It
# was made for a bare footprint on a plate; in a shoe the sole presses the arch too, so these values must not be
# compared with its usual limits. The toes end here at the emptiest row ahead of the metatarsal heads, which runs
# straight across and is an approximation, and the axis is the sheet's, not heel to second toe.

# %% [markdown]
# ## The medial share of the force
# The *medial share* is the part of the force that acts on the inner side of a line along the foot, here averaged over
# stance. `across` is the mean distance of the centre of pressure from that line, medial positive, and `across_range`
# the width of its path. The centre of pressure excursion index (*CPEI*, [Song 1996](#Song-1996)) is the distance of
# the path from the straight line between its ends, two thirds up the foot, in % of the width of the forefoot.

# %%
every = results.table("insole_stances", insole_walks.stances, inputs=[MOTICON, FSCAN], key=[*foot, "stance"])
groups = every.groupby([*foot, "unit"], sort=False)
means = groups[["peak", "share", "share_medial", "share_lateral", "across", "across_range", "cpei"]].mean()
means.insert(0, "stances", groups.size())
means.insert(3, "share_sd", groups["share"].std())
means["cpei_n"] = groups["cpei"].count()
digits = {"peak": 0, "share": 3, "share_sd": 2, "share_medial": 3, "share_lateral": 3, "across": 1, "across_range": 1}
caption = "Means over stances: peak (N), medial share (0-1), path across the foot (real, 3 walks)"
plots.table(means.reset_index(), caption, digits | {"cpei": 1})

# %%
panels = {"Moticon normal": "Moticon, normal", "Moticon slow": "Moticon, slow", "F-Scan": "F-Scan, patches"}
drawn = curves[(curves["vendor"] == "Moticon") | (curves["cells"] == "patches")]
drawn = drawn.assign(group=(drawn["vendor"] + " " + drawn["walk"]).str.strip())
fig, axes = plt.subplots(3, 1, figsize=(5.2, 6.2), sharex=True, sharey=True)
for ax, (group, title) in zip(axes, panels.items(), strict=True):
    for side, rows in drawn[drawn["group"] == group].groupby("side"):
        share, sd = 100 * rows["share"], 100 * rows["share_sd"]
        ax.plot(rows["percent"], share, color=COLOURS[side], label=side)
        ax.fill_between(rows["percent"], share - sd, share + sd, color=COLOURS[side], alpha=0.2, lw=0)
    ax.axhline(50, color="0.6", lw=0.8)
    ax.set(title=title, ylabel="medial share (%)", xlim=(0, 100), ylim=(0, 100))
axes[-1].set_xlabel("stance (%)")
axes[0].legend()
plots.legend_below(axes[0], 2)
fig.suptitle("Medial share of the force, mean and SD of steps (real, 3 walks)", fontsize=10)
plots.show(
    fig, "The share is below one half through most of stance and rises towards the end; Moticon's steps vary widely."
)

# %%
grid = means.query("vendor == 'F-Scan'")
less, more = 100 * (grid["share"] - grid["share_medial"]), 100 * (grid["share_lateral"] - grid["share"])
coarse = means.query("vendor == 'Moticon'")
moved = 100 * (coarse["share_lateral"] - coarse["share_medial"]).abs().max()
Markdown(
    "Read the share with its line in mind. On the F-Scan sheet the line runs half-way between the borders of the "
    f"forefoot; moved 5 mm to the medial side it takes {less.min():.0f} to {less.max():.0f} percentage points away "
    f"(`share_medial`), to the lateral side it adds up to {more.max():.0f} (`share_lateral`). On 16 sensors, moving it "
    f"by 5 % of the width changes the share by {moved:.0f}: no sensor lies there, so a small change shows "
    "only how coarse the grid is. A difference between two conditions of one foot with one line is worth more than any "
    "share."
)

# %% [markdown]
# On the right foot the CPEI is defined in few steps or none (`cpei_n`), because the centre of pressure hardly reaches
# two thirds of the foot and turns back at the end. For Moticon it is not available, because lengths in mm are not. The
# values of every step:

# %%
sheet = every.query("vendor == 'F-Scan' and cells == 'patches'")
by_step = sheet.assign(step="step " + (sheet["stance"] + 1).astype(str)).pivot(
    index="side", columns="step", values="cpei"
)
plots.table(by_step.reset_index(), "CPEI of every step, F-Scan, patches, % (real, 1 person)", 1)

# %%
left_foot = by_step.loc["left"]
Markdown(
    f"On the left its mean of {left_foot.count()} steps is {left_foot.mean():.1f} %, and the SD between steps "
    f"{left_foot.std():.1f} %: such a mean says little about the foot."
)

# %% [markdown]
# ## Six regions
# The regions are thirds of the length, each divided into a medial and a lateral half. The peak is the largest pressure
# of any sensor in the region; the pressure-time integral is the area under the pressure over time.

# %%
regions = results.table("insole_regions", insole_walks.regions, inputs=[MOTICON, FSCAN], key=[*foot, "region"])
shown = regions[(regions["vendor"] == "Moticon") | (regions["cells"] == "patches")].drop(columns="cells")
plots.table(shown, "Peak (kPa) and pressure-time integral (kPa s) of six regions (real, 3 walks)", 1)

# %%
fig, axes = plt.subplots(3, 1, figsize=(5.2, 6.6), sharex=True)
for ax, ((vendor, walk_name), rows) in zip(axes, shown.groupby(["vendor", "walk"], sort=False), strict=True):
    sns.barplot(rows, x="peak", y="region", hue="side", palette=COLOURS, ax=ax)
    ax.set(title=f"{vendor} {walk_name}".strip(), xlabel="peak pressure (kPa), mean of stances", ylabel="")
for ax in axes[1:]:
    ax.get_legend().remove()
plots.legend_below(axes[0], 2)
fig.suptitle("Peak pressure by region; makers are not comparable (real, 3 walks)", fontsize=10)
plots.show(
    fig,
    "Peak pressure in six regions: hardest under the medial forefoot for Moticon, under the heel for F-Scan, left.",
)

# %% [markdown]
# Peaks of the two makers are not comparable: a cell of 5 mm sees the ridge of a bone, a sensor of several square
# centimetres averages over it. The two F-Scan sheets are not comparable either. Their headers show that they were
# calibrated separately, on very different loaded areas, and in one walk their largest forces differ; the part of that
# difference which is due to the person's gait cannot be told.

# %%
force = means.query("vendor == 'F-Scan'")["peak"].unstack("side").droplevel(["vendor", "walk", "unit"])
ratio = 100 * (force["right"] / force["left"] - 1)
Markdown(
    f"Largest force, right minus left: {ratio['all']:.0f} % with all cells, {ratio['patches']:.0f} % with patches."
)

# %% [markdown]
# ## Two clocks
# An insole and a force plate have separate clocks. `gait.clocks.align_clocks` estimates the offset from the forces, to
# a fraction of a sample, and refuses where the forces do not determine it. No dataset here has both, so the test is
# partly simulated: every other sensor of a real slow walk stands for the insole, and the whole force of that walk, on
# a simulated clock and with noise, for the plate. The shapes of the two differ, as they do in a laboratory.

# %%
trials = results.table(
    "insole_clock_trials", insole_walks.clock_trials, inputs=[MOTICON], key=["case"],
    tolerance=1e-4, reason="the best offset is found by an optimiser, to 1e-7 s",
)  # fmt: skip
caption = "Offset put in and found, ms; drift in microseconds per s (real, 1 walk; the second clock is simulated)"
plots.table(trials.drop(columns="refused"), caption, 3)

# %%
refused = trials.loc[trials["refused"] != "", ["case", "refused"]]
plots.table(refused, "Refused cases and their messages (real, 1 walk; the second clock is simulated)")

# %%
error = trials.loc[trials["refused"] == "", "error"].abs()
Markdown(
    "`margin` says how many times as much variance the next best offset leaves unexplained; below 2 it is refused. The "
    f"offset is {error.min():.0f} to {error.max():.0f} ms off, about one sample: half the sensors are loaded at "
    "other instants than the whole sole, and a method that uses the forces alone cannot tell this from an offset of "
    "the clocks."
)

# %%
cases = trials.set_index("case")
fast, steady = cases.loc["both feet, second clock fast"], cases.loc["both feet, standing, steps, standing"]
Markdown(
    f"A drift of {fast['drift_put_in']:.0f} microseconds per s would need 40 s of walking to be detected; in this "
    f"recording it is not, and adds {fast['error'] - steady['error']:.1f} ms to the error. This walk is uneven enough to "
    "be aligned even without its beginning and end. On a treadmill, where each stride is like the last, the offset is "
    "ambiguous by whole strides and is refused (the tests show it), unless a start or stop is in the recording or the search is narrowed."
)

# %% [markdown]
# ## What this shows
# Moticon's files are read as the maker means them: the steps of the export agree with the report to a few ms, largest
# forces exactly, and the mean path of the centre of pressure to a few per cent of insole width. F-Scan and pedar come
# without a report to compare with. In the two reported walks a force threshold misses no step, but its events are up
# to tens of milliseconds early or late, differently at contact and at foot off. A medial share depends on where the
# line is drawn and on how many sensors there are. The one faulty sheet here was recognised by its lines; they change
# foot length, CPEI and share.
#
# ## What it does not show
# The error of any of these forces: no plate was used. Anything about people: these are five recordings of feet that
# the files do not describe. The load on a knee: nobody here was told where to press (see page
# [03](03_treadmill_foot_pressure.ipynb)). CPEI and centre of pressure in mm for Moticon, and everything but pressures
# for pedar, are not available.
#
# ## Deviations from the plan
# The rule of patches was added after the first footprint of the right sheet was seen; footprint, share and CPEI are
# shown with and without it, the six regions with it only. The report's mean path of the centre of pressure was added
# for the same reason that the steps are compared.
#
# ## Exercises
# 1. Set `THRESHOLDS = (30.0, 40.0, 60.0)`. Between which two thresholds does the bias of initial contact change its
#    sign?
# 2. Show the medial share with `across` instead: replace `share` by `across` in the cell that draws it (and the limits
#    of its axis). Which of the two makers' curves looks more alike from foot to foot?
# 3. Leave the faulty cells in: change `patches` to `all` in the cell of the CPEI. In how many steps is it defined
#    then?
#
# ## References
# ###### Cavanagh 1987
# Cavanagh P R, Rodgers M M. The arch index: a useful measure from footprints. *Journal of Biomechanics* 1987;
# 20:547-551 (doi not available).
#
# ###### Song 1996
# Song J, Hillstrom H J, Secord D, and others. Foot type biomechanics: comparison of planus and rectus foot types.
# *Journal of the American Podiatric Medical Association* 1996; 86:16 (doi not available).
