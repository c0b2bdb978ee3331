# ---
# jupyter:
#   gaitstudy:
#     datasets: [moticon-insole, fscan-insole, pedar-insole]
# ---

# %% [markdown]
# # 05 Insoles: where under the foot the force is
#
# A force plate feels one force. An insole feels where under the foot it is, step after step, anywhere: many small
# sensors each measure a *pressure*, force per area (in kPa: 1 kPa is a tenth of a newton on a square centimetre).
# Pressures times areas add up to the force; the *centre of pressure* is where, on average, it acts. Whoever wants to
# unload the inner (medial) side of the knee by pressing elsewhere under the foot needs exactly that. Three makers'
# files are read here; what can be computed from each is computed, and what its file does not hold is named.

# %% [markdown]
# ## Question
# What do the files of three makers hold, how well do our numbers agree with the maker's own report, how late is
# a step found in the force, and how sure are the medial share and the path of the centre of pressure?

# %% [markdown]
# ## Data: real
# | dataset | what it is here | people |
# |---|---|---|
# | moticon-insole | OpenGo, 16 sensors a foot: a normal and a slow walk with reports | not known: one pair |
# | moticon-insole | the same with another pair: a short walk, no report | not known: one pair |
# | fscan-insole | F-Scan, a grid of 60 x 21 cells, cut to the shoe: one walk, a file a foot | not said: taken as 1 |
# | pedar-insole | pedar, 99 sensors a foot: one walk | not known: one pair |
#
# None of the files says who walked, and nothing here is about people. The headings count *recordings* or
# *walks*; who walked on F-Scan is counted as one person. No force plate stood beside any of these walks, so no
# number here says how true an insole's force is.

# %% [markdown]
# ## Plan of analysis
# Set before this notebook was run. The files had been looked at while their readers were written, and the step
# times of the export compared with the report, so that they agree is a check. Everything else is descriptive, and
# decides no claim of this project.
# 1. what each file holds and what is missing in it;
# 2. the maker's report against ours: contact, foot off, largest and mean force of all 32 steps of the two
#    reported walks (asked for: 10 ms, equal largest force), and the mean path of the centre of pressure;
# 3. contacts found in the total force alone at 20 to 150 N, the default (30 N) among them, against the export's
#    own steps: median, 95th percentile and worst error, misses and extras; no threshold is picked;
# 4. footprint, medial share with its dividing line moved to either side, excursion of the centre of pressure
#    (CPEI), arch index, peaks and pressure-time integrals of six regions;
# 5. an insole's clock and a plate's, with a second clock made up.

# %%
from gaitstudy import figures
from gaitstudy.gait.events import THRESHOLD
from gaitstudy.io import catalogue, results
from gaitstudy.tables import insole_feet, insole_walks

moticon, sheets, pedar = "moticon-insole", "fscan-insole", "pedar-insole"
foot = ["vendor", "walk", "side", "cells"]
catalogue.here(moticon, sheets, pedar)

# %% [markdown]
# ## 1 What the files hold

# %%
held = results.table("insole_contents", insole_walks.contents, inputs=[moticon, sheets, pedar], key=["vendor", "walk"])
title = figures.heading("What each recording holds", "real", len(held), "recording")
figures.table(held.drop(columns="notes"), title, 1)

# %%
figures.table(
    held[["vendor", "walk", "notes"]], figures.heading("What the readers counted", "real", len(held), "recording")
)

# %%
key = ["vendor", "side", "time"]
traces = results.table("insole_traces", insole_walks.traces, inputs=[moticon, sheets, pedar], key=key)
title = figures.heading("Six seconds of each maker's insoles", "real", 3, "recording")
alt = "Left and right force alternate in steps for Moticon and F-Scan; for pedar only the mean pressure can be drawn."
figures.show(figures.insole_traces(traces, title), alt)

# %% [markdown]
# What is not there:
# - **Moticon** gives the maker's force and centre of pressure, the latter as a fraction of insole length and
#   width, but neither the places of the 16 sensors nor the size of the insole in mm. The places can be worked
#   out: force is a sum of pressures times areas, force times centre a sum of those times places, and thousands
#   of samples determine them (`gait.pressure.implied_layout`; a test holds it to 1 N on samples not used for it).
#   What cannot be worked out is mm: the header knows a size number only. Multiply by a length and width measured
#   on your insole.
# - **F-Scan** gives a grid with its spacing, so places and areas; a file a foot, dated to the second only. That
#   both began together is an assumption, and a note of the recording says so. No force, no steps.
# - **pedar** gives pressures by sensor number. Areas and places belong to the insole, not to the file. Without
#   them there is no force, no centre of pressure, no share. `io.insoles.with_layout` takes a table of them from
#   whoever has one; this project invents none.

# %% [markdown]
# ## 2 The maker's report and ours

# %%
steps = results.table("insole_report_steps", insole_walks.report_steps, inputs=[moticon], key=["walk", "side", "step"])
agreed = insole_walks.report_agreement(steps)
title = figures.heading(f"Export and report of {len(steps)} steps: difference", "real", 2, "walk")
figures.table(agreed, title, 3)

# %% [markdown]
# All steps lie within 10 ms; up to 5 ms is the export's own rounding (it writes a row every 10 ms, the report
# dates to the millisecond). Every largest force is equal. The mean force is the same to a hundredth of a newton but
# for five steps, where it differs by up to 5 N: there the export has lost a sample, or the report's times round to
# another first or last row.

# %%
lines = results.table("insole_gait_lines", insole_feet.gait_lines, inputs=[moticon], key=["walk", "side", "along"])
title = figures.heading("Mean path of the centre of pressure, report and ours", "real", 2, "walk")
alt = "In all four feet our path lies on the maker's but for a few places in the middle of the foot."
figures.show(figures.gait_lines(lines, title), alt)

# %%
apart = (lines["ours"] - lines["report"]).abs().groupby([lines["walk"], lines["side"]])
apart = apart.agg(["median", "max"]).reset_index()
title = figures.heading("Our path less the report's, sideways, % of insole width", "real", 2, "walk")
figures.table(apart, title, 2)

# %% [markdown]
# Ours comes from the pressures and the implied places, the report's from inside the maker's program; how it
# averages is not published. Where the centre of pressure hurries through or turns back, the two averages differ.
# Both use fractions of the insole, and medial is positive on both feet: that the file's Y axis is so on both
# sides is inferred from the implied places, where the row of metatarsal heads (the ball of the foot) lies
# further forward on that side.

# %% [markdown]
# ## 3 When does a step begin?
# The maker finds steps in its own way, unpublished, and exports them. From the total force alone a step is what
# lies above a threshold. Each dot is one step; the grey band is 10 ms.

# %%
key = ["walk", "side", "threshold", "event", "number"]
found = results.table("insole_timing", insole_walks.timing, inputs=[moticon], key=key)
title = figures.heading("Contacts found in the force less the maker's (* default)", "real", 2, "walk")
alt = "Initial contact is found early at low and late at high thresholds; foot off late at low ones, early at 150 N."
figures.show(figures.timing_errors(found, THRESHOLD, title), alt)

# %%
summary = insole_walks.timing_summary(found)
title = figures.heading("Error of contacts found in the force, ms; absolute but for the bias", "real", 2, "walk")
figures.table(summary, title, 1)

# %% [markdown]
# No step is missed and none added at any threshold, inside the stretch the maker reports. But no threshold is
# right for both ends. At 30 N initial contact is found some 14 ms early and foot off some 45 ms late, so that a
# stance comes out almost 60 ms longer than the maker's; 50 N is nearest for the one, 100 N for the other, and
# neither finds all to 10 ms. Which is nearer to the truth cannot be said here: none of them is a plate. Where a
# time of contact decides something, use one way throughout, say which, and do not mix the two.

# %% [markdown]
# ## 4 Where the force is
# The F-Scan sheet shows the foot itself. The right sheet also shows something that is no foot: lines one cell
# wide, loaded along their length, two of them far beyond the toes (outlined in red). A foot presses on patches.
# The rule used here, fixed for both sheets: a cell belongs to the foot if it lies in a loaded square of two by
# two. Footprint, share and CPEI are given with all cells and with patches only, the six regions with patches.

# %%
cells = results.table("insole_cells", insole_feet.cells, inputs=[moticon, sheets], key=[*foot, "sensor"])
paths = results.table("insole_curves", insole_feet.curves, inputs=[moticon, sheets], key=[*foot, "percent"])
one, way = cells[cells["vendor"] == "F-Scan"], paths[(paths["vendor"] == "F-Scan") & (paths["cells"] == "all")]
title = figures.heading("F-Scan footprints and path of the centre of pressure", "real", 1)
figure = figures.footprints(one, way, title)
alt = (
    "Two footprints with heel, lateral border, metatarsal heads and toes; the right one has red lines of single cells."
)
figures.show(figure, alt)

# %%
one, way = (t[(t["vendor"] == "Moticon") & (t["walk"] == "normal")] for t in (cells, paths))
title = figures.heading("Moticon, normal walk: sensors at their implied places", "real", 1, "walk")
alt = "Sixteen discs a foot, largest pressure at sensor 14 in front on the medial side, where the path leads."
figures.show(figures.footprints(one, way, title), alt)

# %%
shapes = results.table("insole_shapes", insole_feet.shapes, inputs=[sheets], key=["side", "cells"])
title = figures.heading("F-Scan footprints: mm, arch index by threshold (kPa), load borne (%)", "real", 1)
figures.table(shapes, title, 3)

# %% [markdown]
# With the faulty lines in, the right foot would be 5 cm longer than the left; without, both are equally long.
# The arch index is the middle third's share of the contact area, toes left out. It was made for a bare footprint
# on a plate; in a shoe the sole presses the arch too, so these are not to be held against its usual limits. The
# toes end here at the emptiest row ahead of the metatarsal heads, which runs straight across and is an
# approximation, and the axis is the sheet's, not heel to second toe.

# %% [markdown]
# The **medial share** is the part of the force that acts on the inner side of a line along the foot, here
# averaged over stance. `across` is where the centre of pressure is on average, from that line, medial positive,
# and `across_range` how wide its path is. For the **CPEI** a straight line joins the path's ends; how far the
# path bows out from it, two thirds up the foot, is given in % of the forefoot's width.

# %%
every = results.table("insole_stances", insole_feet.stances, inputs=[moticon, sheets], key=[*foot, "stance"])
means = insole_feet.stance_means(every)
digits = {"peak": 0, "share": 3, "share_medial": 3, "share_lateral": 3, "across": 1, "across_range": 1, "cpei": 1}
title = "Means over stances: peak (N), medial share (0-1), path across"
figures.table(means, figures.heading(title, "real", 3, "walk"), digits)

# %%
drawn = paths[(paths["vendor"] == "Moticon") | (paths["cells"] == "patches")]
drawn = drawn.assign(group=(drawn["vendor"] + " " + drawn["walk"]).str.strip())
labels = {"Moticon normal": "Moticon, normal", "Moticon slow": "Moticon, slow", "F-Scan": "F-Scan, patches"}
title = figures.heading("Medial share of the force over stance, mean and SD of steps", "real", 3, "walk")
alt = "The share is below one half through most of stance and rises towards the end; Moticon's steps vary widely."
figures.show(figures.share_curves(drawn, labels, title), alt)

# %% [markdown]
# Read the share with its line in mind. On the F-Scan sheet the line runs half-way between the borders of the
# forefoot; moved 5 mm to the medial side it takes 5 to 11 % of the force away (`share_medial`), to the lateral
# side it adds up to 5 % (`share_lateral`). On 16 sensors, moving it by 5 % of the width changes nothing at all,
# because no sensor lies there: that is coarseness, not certainty. A difference between two conditions of one
# foot with one line is worth more than any share.
#
# Of the right foot the CPEI can be had in few steps or none (`cpei_n`): its centre of pressure hardly reaches two
# thirds of the foot and turns back at the end. For Moticon it is not available without mm. Step by step:

# %%
sheet = every[(every["vendor"] == "F-Scan") & (every["cells"] == "patches")]
by_step = sheet.assign(step="step " + (sheet["stance"] + 1).astype(str))
by_step = by_step.pivot(index="side", columns="step", values="cpei")
title = figures.heading("CPEI of every step, F-Scan, patches: %", "real", 1)
figures.table(by_step.reset_index(), title, 1)

# %% [markdown]
# Its mean of five steps says little: between the steps of one foot it varies by more than it measures.

# %% [markdown]
# Six regions: thirds of the length, each in a medial and a lateral half. The peak is the largest pressure of any
# sensor in the region; the pressure-time integral adds up how hard and how long it was pressed.

# %%
regions = results.table("insole_regions", insole_feet.regions, inputs=[moticon, sheets], key=[*foot, "region"])
shown = regions[(regions["vendor"] == "Moticon") | (regions["cells"] == "patches")].drop(columns="cells")
title = figures.heading("Peak (kPa) and pressure-time integral (kPa s) of six regions", "real", 3, "walk")
figures.table(shown, title, 1)

# %% [markdown]
# Peaks of the two makers are not comparable: a cell of 5 mm sees the ridge of a bone, a sensor of several square
# centimetres averages over it. The two F-Scan sheets are not comparable either. Their headers show that each was
# calibrated on its own, on very different loaded areas, and in one walk their largest forces differ by 15 to 20 %;
# how much of that is the person's gait, nobody can tell.

# %% [markdown]
# ## 5 Two clocks
# An insole beside a force plate has a clock of its own. `gait.clocks.align_clocks` finds the offset by the
# forces, to a fraction of a sample, and refuses where it would be a guess. No dataset here has both, so the
# insole is every other sensor of a real slow walk, and the plate the whole force on a made-up clock with noise:
# the shapes differ, as they do in a lab.

# %%
trials = results.table(
    "insole_clock_trials", insole_walks.clock_trials, inputs=[moticon], key=["case"],
    tolerance=1e-4, reason="the best offset is found by an optimiser, to 1e-7 s",
)  # fmt: skip
title = figures.heading("Offset put in and found, ms; drift in microseconds per s", "real", 1, "walk")
figures.table(trials.drop(columns="refused"), title, 3)

# %%
refused = trials.loc[trials["refused"] != "", ["case", "refused"]]
figures.table(refused, figures.heading("What is refused, and in which words", "real", 1, "walk"))

# %% [markdown]
# `margin` says how many times as much variance the next best offset leaves unexplained; below 2 it is refused. The
# offset is 8 to 14 ms off, about one sample: half the sensors feel the step at another moment than the whole sole,
# and no method that sees the forces alone can tell that from a clock. A drift of 200 microseconds per s would need
# 40 s of walking to be seen; in this recording it goes unseen and adds 2 to 3 ms. This walk is uneven enough to be
# aligned even without its beginning and end. On a treadmill, where each stride is like the last, it is not: then
# the offset is ambiguous by whole strides and is refused (the tests show it), unless a start or stop is in the
# recording or the search is narrowed.

# %% [markdown]
# ## What this shows
# Moticon's files are read as the maker means them: the export's steps agree with the report to 6 ms, largest
# forces exactly, and the mean path of the centre of pressure to a few per cent of insole width. F-Scan and pedar
# come without a report to hold against. In the two reported walks, steps found by a force threshold are found
# every time, but up to tens of milliseconds early or late, differently at both ends. A medial share hangs on
# where the line is drawn and on how many sensors there are. The one faulty sheet here could be told by its
# lines; they change foot length, CPEI and share.
#
# ## What it does not show
# How true any of these forces is: no plate stood beside. Anything about people: five recordings on feet nobody
# describes. What unloads a knee: nobody here was asked to press anywhere. CPEI and centre of pressure in mm for
# Moticon, and everything but pressures for pedar, are not available.
#
# ## Deviations from the plan
# The rule of patches was added when the first footprint of the right sheet was drawn; footprint, share and CPEI
# are shown with and without it, the six regions with it only. The report's mean path of the centre of pressure
# was added for the same reason that the steps are compared.
