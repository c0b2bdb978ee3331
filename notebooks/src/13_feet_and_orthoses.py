# ---
# jupyter:
#   gaitstudy:
#     datasets: [mcgill-foot-progression, plug-in-gait-kinetics, opencap-foot-angle, gc5-instrumented-knee, p3m6-walk,
#       moticon-insole, fscan-insole, pedar-insole, foot-imu]
#     packages: [spm1d]
# ---

# %% [markdown]
# # 13 Feet, insoles and shoes: what they do to the knee
#
# **Question.** Do flat feet, weak feet, insoles, ignored foot pain, shoes and posture change the load on the knee?
#
# **Data.** Published (effects read in papers and abstracts), real (15 people with markers, 10 people whose arch was
# measured, 3 insole walks) and simulated (4 virtual people).
#
# **You need.** [01 From files to knee load](01_from_files_to_knee_load.ipynb): what a knee adduction moment is.
# [03 Treadmill foot pressure](03_treadmill_foot_pressure.ipynb): what the virtual walker is given and what it computes.
#
# **You will learn.** To change one input of a virtual walker at a time; to compare whole curves of the same people; to
# turn a change of the knee moment into standard deviations and hold it against a published effect; and to tell
# evidence about people from what a model was told.
#
# **Pages.** before: [11 Plan a trial](11_plan_the_next_trial.ipynb) ·
# next: [14 Uneven walking and impact](14_uneven_walking_and_impact.ipynb)

# %% [markdown]
# ## Question
# Two of the source articles explain trouble at the knee by the foot. Five of their claims are examined here:
#
# | claim | in short |
# |---|---|
# | [F1](#F1-Flat-feet-and-high-arches) | flat feet, high arches or an abnormal gait strain the knee |
# | [F2](#F2-Weak-feet) | weak feet make the knee unstable, foot exercises help |
# | [F5](#F5-Custom-made-insoles) | custom-made insoles reduce the strain on the knee, unlike ready-made ones |
# | [F7](#F7-Ignored-foot-pain) | foot pain that is ignored damages the knee |
# | [F8](#F8-Footwear-and-posture) | other shoes and another posture restore the balance of load in the knee |
#
# Uneven walking and impact, the kneecap, and alignment and hips have pages of their own (see
# [the claims together](#The-claims-of-this-page-together)).
#
# ## Data by claim
# Each table and figure says which kind of data it shows. *Published* effects are those whose numbers could be read in a
# paper or its abstract. *Real* walks come from open recordings of a few people each. *Virtual people* walk on a virtual
# treadmill; what is assumed about them stands in section 2 of page 03. **What a model answers is no evidence about
# people**: it shows what follows from what was put in.
#
# ## Plan of analysis
# Each claim has five parts: what the source says; the evidence there is; the analysis; what it shows, with its
# uncertainty; the verdict and what would change it. The rule that turns evidence into a verdict was written into
# `data/claims.csv` before any of this was run. In short: people, or published effects pooled over independent studies,
# can support or contradict a claim, with at least as many people as the rule names. A claim with several parts needs
# all of them. A result that the virtual walker *computes* counts as a mechanism. If the quantity that the claim is
# about was *put in*, the result is an illustration.
#
# **Terms.** *Medial* is towards the inner side, *lateral* towards the outer. The *knee adduction moment* (KAM) is the
# external moment that presses the inner side of the knee. It has two peaks in a step (KAM1, KAM2); its *impulse* is the
# area under its curve. Moments are in per cent of body weight times height (%BW·Ht), forces in body weights (BW). The
# *medial force* is the contact force on the inner side of the knee. An *SMD* or *Hedges' g* is a difference in standard
# deviations (SD).

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pingouin as pg
import seaborn as sns
from IPython.display import Markdown
from scipy import stats

from gaitstudy import claims, plots
from gaitstudy.gait import footprint, pressure
from gaitstudy.io import catalogue, published, results
from gaitstudy.simulate import insole, knee_load, walker
from gaitstudy.tables import arch_angle, insole_walks, uneven_walks

plots.style()

# %%
# What you may want to change
FLAT_FOOT = {  # what a flat foot of size 1 is assumed to do, as inputs of the walker
    "pressure medially": {"pressure_shift": 0.005},  # m
    "leg turned inwards": {"natural_angle": 5.0},  # deg, about the line from hip to ankle; the foot stays
    "foot turned out": {"foot_progression_angle": 5.0, "natural_angle": 5.0},  # deg, under the leg
}
SHIFTS = (-8.0, -4.0, 0.0, 4.0, 8.0)  # mm by which an insole moves the pressure, medially
WEDGE = 4.0  # mm, laterally: one of SHIFTS
CONTACT = (0.0, 10.0, 20.0)  # kPa above which a sensor counts as touched
ALPHA = 0.05  # of the tests of whole curves
PEOPLE_FOR_SD = 30  # virtual people from whom the SD of KAM1 is taken

# %%
datasets = ["mcgill-foot-progression", "plug-in-gait-kinetics", "opencap-foot-angle", "gc5-instrumented-knee"]
datasets += ["p3m6-walk", "moticon-insole", "fscan-insole", "pedar-insole", "foot-imu", "spm1d"]
catalogue.here(*datasets)

# %% [markdown]
# ## F1 Flat feet and high arches
# **The source says.** Flat feet, high arches or an abnormal gait shift the body's weight and strain the knee.
#
# **Evidence.** Arches and plantar pressures of real people, without their knees; published correlations; and the
# virtual walker, for the mechanism. In the walker a foot type alone moves nothing: with a flat foot more of the arch
# touches the insole, and that is all. What a flat foot does to the leg has to be *put in*. Three movements that are
# suspected of flat feet are put in, each alone and then all together:
#
# | movement | flat foot (size 1) | high arch (size -1) |
# |---|---|---|
# | pressure under the foot | 5 mm medially | 5 mm laterally |
# | leg, turned about the line from hip to ankle | 5 deg inwards | 5 deg outwards |
# | foot, turned under the leg | 5 deg out | 5 deg in |
#
# (The cell "What you may want to change" sets these sizes.) **None of them, and none of the directions, was measured
# in flat feet.** They are assumptions. The walker computes the rest: how the body then stands over its feet, and the
# load on the knee.
#
# **The analysis.** First these movements and eight abnormal gaits in virtual people, then the feet of real people, then
# published studies. The *four virtual people* differ in size, sex, speed and alignment.


# %%
def walk(setting, inputs, sizes=(1.0,)):
    """Return the knee load of the virtual people with inputs of the walker changed by so much, times each size."""
    return knee_load.sweep(setting, inputs, sizes)


together = pd.DataFrame(FLAT_FOOT.values()).sum().to_dict()
movements = FLAT_FOOT | {"all three": together}
feet = pd.concat([walk(name, inputs, (-1.0, 0.0, 1.0)) for name, inputs in movements.items()], ignore_index=True)
people = feet["person"].nunique()
virtual = f"(simulated, {people} virtual people)"

# %%
CHANGES = {"kam1_change": "KAM1", "medial_change": "medial force, first peak"}


def strips(table, what, height):
    """Draw the change of KAM1 and of the medial force by way of walking: a dot for each virtual person."""
    fig, axes = plt.subplots(1, 2, figsize=(5.6, height), sharey=True)
    for ax, (load, label) in zip(axes, CHANGES.items(), strict=True):
        sns.stripplot(table, x=load, y="setting", hue="frame", dodge=True, jitter=False, size=4, alpha=0.7, ax=ax)
        ax.axvline(0, color="0.5", lw=0.8, zorder=0)
        ax.set(xlabel="change (%)", ylabel="", title=label)
        ax.grid(axis="y", color="0.92")
        handles, _ = ax.get_legend_handles_labels()
        ax.get_legend().remove()
    fig.suptitle(f"{what}, one dot per person\n{virtual}", fontsize=10)
    fig.legend(handles, ["tibial axes", "laboratory axes"], ncols=2, loc="outside lower center")
    return fig


fig = strips(feet.query("value == 1"), "Knee load with the supposed movements of a flat foot", 3.2)
plots.show(fig, "Pressure moved inwards raises both loads; a leg turned inwards and a foot turned out lower them.")

# %%
loads = ["kam1_change", "kam2_change", "impulse_change", "medial_change", "lateral_change"]
flat = feet.query("value == 1").groupby(["setting", "frame"], sort=False)[loads].mean()
shown = flat.reset_index().set_axis(
    ["movement", "axes", "KAM1 (%)", "KAM2 (%)", "KAM impulse (%)", "medial force (%)", "lateral force (BW)"], axis=1
)
plots.table(shown, f"A flat foot of size 1: change from the natural walk, means {virtual}", 2)

# %% [markdown]
# A dot is one virtual person. `tibia` and `lab` name the axes in which the frontal moment is expressed: those of the
# shin bone or those of the laboratory. A leg that turns inwards turns the tibial axes with it, so that the moment falls
# much less in tibial axes than in laboratory axes. For the two other movements both axes give nearly the same.
#
# An **abnormal gait** can be many things. Eight are simulated here, with changes large enough to be seen; this project
# chose the list. When the toes turn in or out, the whole leg turns with the foot.

# %%
GAITS = {
    "pelvis drops 5 deg": {"pelvic_drop": 5.0},
    "trunk leans 5 deg away": {"trunk_lean": -5.0},
    "toes turned in 10 deg": {"foot_progression_angle": -10.0},
    "toes turned out 10 deg": {"foot_progression_angle": 10.0},
    "steps 50 mm narrower": {"step_width": -0.05},
    "steps 50 mm wider": {"step_width": 0.05},
    "this foot stands longer": {"asymmetry": -0.06},
    "this foot stands shorter": {"asymmetry": 0.06},
}
gaits = pd.concat([walk(name, inputs) for name, inputs in GAITS.items()], ignore_index=True)
fig = strips(gaits, "Knee load in eight abnormal gaits", 3.8)
plots.show(fig, "A dropping pelvis and a trunk leaning away add most to KAM1, and less to the force.")

# %%
WORKED_OUT = ["centre of mass", "place of the knee", "knee adduction moment", "knee load"]
SIMULATED = {"data": "simulated", "n_unit": "virtual people", "source": "simulate.walker", "unit": "%"}
f1 = []
for role, size in (("flat", 1.0), ("high", -1.0)):
    for (name, frame), rows in feet.query("value == @size").groupby(["setting", "frame"], sort=False):
        f1 += [claims.record(
            "F1", role=role, **knee_load.as_row(rows, size, "medial_change", frame), **SIMULATED,
            imposed=[name, "that such feet do so"], computed=WORKED_OUT, anchor="F1-Flat-feet-and-high-arches",
            note=f"first medial force peak, {frame} axes; {name}, size {size:g}; that such feet do so is assumed",
        )]  # fmt: skip
for name, rows in gaits.groupby("setting", sort=False):
    f1 += [claims.record(
        "F1", role="gait", **knee_load.as_row(rows, 1.0, "medial_change", "tibia"), **SIMULATED,
        imposed=[name, "feet on the ground otherwise as they were"], computed=WORKED_OUT,
        anchor="F1-Flat-feet-and-high-arches", note=f"first medial force peak, tibial axes; {name}",
    )]  # fmt: skip
SHOWN = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "note"]
plots.table(pd.concat(f1)[SHOWN], f"Recorded for F1: mean and span {virtual}", 1)

# %% [markdown]
# **What an insole sees.** Two numbers describe a foot by its pressure. The *arch index* is the middle third's share of
# the contact area with the toes left out, $B/(A+B+C)$; it is larger when the foot is flat. The *centre of pressure
# excursion index* (CPEI) says how far the path of the pressure bows outwards, in per cent of the forefoot's width.


# %%
def footprint_of(person):
    """Return arch index by threshold of contact, and CPEI (%), of one stance on the simulated insole."""
    simulation = walker.simulate(person, 2)
    start, end = walker.stances(simulation, "right")[0]
    sole = simulation.insoles.sel(side="right", drop=True)
    place, area = sole["position"], sole["area"]
    peak = sole["pressure"].sel(time=slice(start, end)).max("time", keep_attrs=True)
    toes = place.sel(foot_axis="along") > simulation.numbers["foot_length"] * np.mean(insole.STATIONS[-2:])
    found = {f"arch_{kpa:g}": float(footprint.arch_index(peak, place, area, toes, kpa)) for kpa in CONTACT}
    edge, cop = footprint.outline(peak, place, area), pressure.centre_of_pressure_in_foot(sole["pressure"], place, area)
    bow = pressure.centre_of_pressure_excursion_index(cop.sel(time=slice(start, end)), edge)
    return found | {"cpei": float(bow)}


rows = []
for foot_type in insole.FOOT_TYPES:
    for shift in (-5.0, 0.0, 5.0):
        one = replace(walker.people(variability=0.0)[0], foot_type=foot_type)
        one = replace(one, pressure_shift=one.pressure_shift + shift / 1000)
        load = knee_load.knee_load(one).set_index("frame").loc["tibia", ["kam1", "medial"]]
        rows.append({"foot_type": foot_type, "shift": shift} | footprint_of(one) | load.to_dict())
types = pd.DataFrame(rows)
title = "Foot type and mm of pressure moved medially: arch index by kPa of contact, CPEI (%), KAM1 (%BW·Ht), force (BW)"
digits = {"shift": 0, "cpei": 1} | {f"arch_{kpa:g}": 3 for kpa in CONTACT}
plots.table(types, f"{title} (simulated, 1 virtual person)", digits)

# %% [markdown]
# The arch index separates the three foot types, as it must, while the load on the knee is the same for all three: in
# the walker an arch index says nothing about the knee. The place of the pressure does the reverse. It changes the load
# on the knee, but hardly the arch index and not the CPEI, because a path that is shifted as a whole keeps its
# curvature.
#
# ### F1 Feet that were measured
# Two open data sets show how real arches move in walking. Neither measured a knee, so both are context.
#
# The *plantar arch angle* (the angle of the longitudinal arch) of the same ten people at three speeds ([Caravaggi
# 2010](#Caravaggi-2010)) comes with the package spm1d, whose licence lets summary numbers be stored and no curves. The
# files name neither the speeds nor the sign of the angle. Whole curves are compared by statistical parametric mapping.
# It computes the threshold that the $t$ statistic of smooth random curves exceeds *anywhere* in stance with
# probability $\alpha$; a stretch of stance above the threshold is a *cluster*.

# %%
if catalogue.present("spm1d"):
    import spm1d

    angles = np.load(catalogue.locate("spm1d", "ex_kinematics.npy")).reshape(3, 10, 101)
    index = pd.MultiIndex.from_product([arch_angle.SPEEDS, range(10), range(101)], names=["speed", "person", "stance"])
    curves = pd.Series(angles.ravel(), index, name="angle").reset_index()
    test = spm1d.stats.ttest_paired(angles[0], angles[2]).inference(ALPHA, two_tailed=True)
    fig, (ax, below) = plt.subplots(2, 1, figsize=(5.2, 4.6), sharex=True, height_ratios=[3, 2])
    sns.lineplot(curves, x="stance", y="angle", hue="speed", errorbar="sd", ax=ax)
    ax.legend(title="mean and SD, speed", title_fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    below.plot(test.z, color="0.2")
    for threshold in (test.zstar, -test.zstar):
        below.axhline(threshold, color="C3", ls="--")
    below.legend(below.lines[1:2], [f"threshold {test.zstar:.2f}"], loc="upper left", bbox_to_anchor=(1, 1))
    ax.set(ylabel="plantar arch angle (deg)", title="Plantar arch angle at three walking speeds\n(real, 10 people)")
    below.set(xlabel="stance (%)", ylabel="paired t,\nfirst minus third")
    shown = plots.show(fig, "Three arch curves that fall in late stance, the third furthest; t passes its threshold.")
else:
    shown = "Left out: spm1d is not installed, and its licence lets no curves be stored."
shown

# %%
arch_data, key = [("spm1d", "ex_kinematics.npy")], ["first", "second", "tails"]
tests = results.table("arch_tests", arch_angle.field_tests, inputs=arch_data, key=key, alpha=ALPHA)
n_arch = int(tests["n"].iloc[0])
digits = {"threshold": 5, "largest": 3, "fwhm": 3, "resels": 3, "start": 1, "end": 1, "p": 5}
plots.table(tests, f"Paired t of the whole curve, every pair of speeds (real, {n_arch} people)", digits)

# %%
ranges = results.table("arch_ranges", arch_angle.ranges, inputs=arch_data, key=["measure", "speed"])
error = ranges["difference_sd"] / np.sqrt(ranges["n"])
ranges["low"], ranges["high"] = stats.t.interval(0.95, ranges["n"] - 1, loc=ranges["difference"], scale=error)
title = "How far the arch moves (deg), and the difference from the first speed with its paired 95 % t interval"
plots.table(ranges, f"{title} (real, {n_arch} people)", 2)

# %% [markdown]
# `start` and `end` delimit the cluster with the smallest `p`, in per cent of stance. The one-tailed test is whether the
# first angle of the pair is the larger. A cluster's `p` cannot exceed the $\alpha$ for which its threshold was
# computed, so .03 says "below .05" and little more. The three pairs are compared without a correction.
#
# The arch index can be computed from a pressure insole only if the size of its sensors is known:

# %%
inputs, key = ["moticon-insole", "fscan-insole"], ["vendor", "walk", "side", "cells", "stance"]
stances = results.table("insole_stances", insole_walks.stances, inputs=inputs, key=key).query("cells == 'all'")
shapes = results.table("insole_shapes", insole_walks.shapes, inputs=inputs[1:], key=["side", "cells"])
one_foot = stances.assign(share=100 * stances["share"]).groupby(["vendor", "walk", "side"], sort=False)
measured = one_foot.agg(stances=("stance", "size"), cpei=("cpei", "mean"), cpei_stances=("cpei", "count"),
                        medial_share=("share", "mean")).reset_index()  # fmt: skip
arch = shapes.query("cells == 'all'").assign(vendor="F-Scan", arch_index=lambda t: t["arch_0"])
measured = measured.merge(arch[["vendor", "side", "arch_index"]], how="left")
title = "Arch index, CPEI (%) and medial share of the force (%) in insole walks (real, 3 walks)"
plots.table(measured, title, {"arch_index": 3, "cpei": 1, "medial_share": 1})

# %% [markdown]
# The arch index could be computed for one pair of feet, of a person who is not described, and the CPEI for one foot.
# Inside a shoe the insole also presses the arch. None of these walks has a knee load beside it.
#
# ### F1 Published
# Single studies, none of them pooled: correlations, odds of *disease* (which is not load), shares of variance. For the
# correlation of the arch's flatness with the first peak of the medial force no interval is printed. It is computed from
# $r$ and $n$ by Fisher's transformation, $\operatorname{artanh} r \pm 1.96/\sqrt{n-3}$.

# %%
read = published.effects("F1").query("measure in ['correlation', 'odds ratio', 'share of variance']").copy()
flatness = read["exposure"].str.startswith("flatness")
bounds = [pg.compute_esci(r, nx=n, eftype="r", decimals=12) for r, n in read.loc[flatness, ["effect", "n"]].to_numpy()]
read.loc[flatness, ["low", "high"]] = np.array(bounds)
columns = ["study", "people", "exposure", "outcome", "measure", "n", "effect", "low", "high", "note"]
plots.table(read[columns], "Feet, alignment and the knee (published; n in the table)", {"n": 0})

# %%
moved = ranges.query("measure == 'range' and speed == 'third'").iloc[0]
f1_context = [claims.record(
    "F1", moved["difference"], (moved["low"], moved["high"]), "deg", role="context", data="real", n=n_arch,
    n_unit="people", source="Caravaggi 2010, shipped with spm1d", anchor="F1-Feet-that-were-measured",
    note="range of the arch angle in stance, third minus first speed; no knee was measured",
)]  # fmt: skip
for row in read[flatness].itertuples():
    f1_context += [claims.record(
        "F1", row.effect, (row.low, row.high), "r", role="context", data="published", n=int(row.n), n_unit="people",
        source=row.study, anchor="F1-Published",
        note=f"{row.people}; first medial force peak; flatter is +; interval computed here",
    )]  # fmt: skip
plots.table(pd.concat(f1_context)[SHOWN], f"Recorded for F1: context (real, {n_arch} people; published, 36 people)", 2)

# %% tags=["hide-input"]
at = flat.round(0).astype(int)
moved_in, leg, turned_out, all_three = (at.loc[name] for name in movements)
drop, away = (gaits.query("setting == @s and frame == 'tibia'")["medial_change"] for s in list(GAITS)[:2])
toes = gaits[gaits["setting"].str.startswith("toes")].groupby(["frame", "setting"])["medial_change"].mean().abs()
rest = gaits[gaits["setting"].str.contains("steps|stands")].groupby(["frame", "setting"])["medial_change"].mean().abs()
Markdown(f"""**What it shows.** The movements that are attributed to flat feet change the load in opposite directions.
Pressure moved inwards changes KAM1 by {moved_in.loc["tibia", "kam1_change"]:+d} % and the medial force by
{moved_in.loc["tibia", "medial_change"]:+d} %. A leg turned inwards changes KAM1 by
{leg.loc["tibia", "kam1_change"]:+d} % in tibial and by {leg.loc["lab", "kam1_change"]:+d} % in laboratory axes. A foot
turned out changes KAM1 by {turned_out.loc["tibia", "kam1_change"]:+d} % and KAM2 by
{turned_out.loc["tibia", "kam2_change"]:+d} %. All three together change KAM1 by
{all_three.loc["tibia", "kam1_change"]:+d} % in tibial and {all_three.loc["lab", "kam1_change"]:+d} % in laboratory
axes, and the medial force by {all_three.loc["tibia", "medial_change"]:+d} % and
{all_three.loc["lab", "medial_change"]:+d} %. A high arch gives nearly the mirror image. Whether the load rises or
falls is thus decided by what was assumed about the foot, and no measurement here tells which assumption holds. It is
recorded as a mechanism, because the load on the knee was computed and not put in. But it says only "*if* the foot does
this, *then* the knee does that".

Of the eight gaits, a dropping pelvis and a trunk that leans away each add {drop.mean():.0f} %
({min(drop.min(), away.min()):.0f} to {max(drop.max(), away.max()):.0f}) to the medial force. Toes turned in lower it
and toes turned out raise it, by {toes["lab"].mean():.0f} % in laboratory axes and by {toes["tibia"].min():.0f} to
{toes["tibia"].max():.0f} % in tibial axes. Uneven, narrow or wide steps change it by less than
{np.ceil(rest.max()):.0f} %.

In people the arch is not rigid: over a stance its angle changes by
{ranges.query("measure == 'range' and speed == 'first'")["mean"].item():.0f} deg at the first speed and by
{moved["difference"]:.1f} deg more ({moved["low"]:.1f} to {moved["high"]:.1f}) at the third, so that "a flat foot"
measured standing may say little about a walking one. In 18 healthy people a flatter arch went with *less* medial
force, in 18 with arthritic knees with more; each interval barely excludes zero
([BMC Musculoskelet Disord 2022](#BMC-Musculoskelet-Disord-2022)). In 32 people with osteoarthritis a more everted
heel (tipped inwards) went with less moment ([Levinger 2013](#Levinger-2013)). Flatter feet were commoner with
osteoarthritis, high arches rarer ([Abourazzak 2014](#Abourazzak-2014)); a single visit cannot say which came first.

**Verdict and what would change it.** *Mechanism*, without a direction: in each of the three parts some simulated
results have the claimed sign and some the opposite one. People with flat, normal and high arches, their knees measured
in the same walk, would decide it.""")

# %% [markdown]
# ## F2 Weak feet
# **The source says.** Weak muscles of the foot make the knee unstable, and exercises for the foot help.
#
# **Evidence.** None at hand. Nobody in these data had the strength of the foot measured or did exercises, and nobody
# reported whether the knee gives way. What the recordings contain is how stable the *whole walk* is, by the
# mediolateral *margin of stability* ([Hof 2005](#Hof-2005)),
#
# $$ \mathrm{MoS} = u - \left(x + \frac{v}{\sqrt{g/l}}\right), $$
#
# with $u$ the border of the landing foot, $x$ and $v$ position and velocity of the centre of mass, and $l$ the length
# of the pendulum. Here the middle of the pelvis stands in for the centre of mass, the marker on the outer ankle for
# the foot's border, and $l$ runs from pelvis to landing ankle. These choices shift the margin by centimetres, so that
# the numbers compare with each other and with nothing else.
#
# **The analysis.** The margin at each landing, averaged within people, then over people (every recording without a name
# counts as one more person).

# %%
sides = results.table("walk_symmetry", uneven_walks.symmetry_table, inputs=uneven_walks.INPUTS, key=uneven_walks.KEY)
usual = sides.query("natural == 1 and measure == 'margin_mediolateral'").dropna(subset=["left", "right"])
margins = usual.groupby("person", sort=False)[["left", "right"]].mean()
fig, ax = plt.subplots(figsize=(5.2, 3.8))
long = margins.melt(ignore_index=False, var_name="foot that lands", value_name="margin").reset_index()
sns.stripplot(long, x="margin", y="person", hue="foot that lands", jitter=False, alpha=0.8, ax=ax)
ax.axvline(0, color="0.5", lw=0.8)
ax.grid(axis="y", color="0.92")
ax.set(
    xlabel="mediolateral margin of stability (m)",
    ylabel="",
    title=f"Margin of stability at landing\n(real, {len(margins)} people)",
)
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title_fontsize=9)
plots.show(fig, "In every walker the margin lies inside the landing foot; the two sides differ.")

# %%
by_person = margins.mean(axis=1)
low, high = stats.ttest_1samp(by_person, 0).confidence_interval()
f2 = [claims.declare_not_testable("F2", anchor="F2-Weak-feet")]
f2 += [claims.record(
    "F2", by_person.mean(), (low, high), "m", role="context", data="real", n=len(by_person), n_unit="people",
    source="mcgill-foot-progression; plug-in-gait-kinetics; opencap-foot-angle", anchor="F2-Weak-feet",
    note="sideways margin of stability at initial contact, mean of both feet; nobody's foot strength is known",
)]  # fmt: skip
plots.table(pd.concat(f2)[SHOWN], f"Recorded for F2 (real, {len(by_person)} people)", 3)

# %% tags=["hide-input"]
Markdown(f"""**What it shows.** In all {len(by_person)} people the margin lies inside the landing foot, by
{100 * by_person.mean():.1f} cm on average (95 % t interval {100 * low:.1f} to {100 * high:.1f}). Whether weaker
feet go with smaller margins cannot be tested, since nobody's strength is known. The walks are too short for the
variation from stride to stride.

**Verdict and what would change it.** *Not testable.* It takes the strength of the toe flexors, or the size of the
foot's muscles, in the same people as the motion of the knee; and for the second half of the sentence a controlled
trial of foot exercises.""")

# %% [markdown]
# ## F5 Custom-made insoles
# **The source says.** Custom-made orthotics reduce the strain on the knee, unlike ready-made inserts.
#
# **Evidence.** On *custom against ready-made* none at hand: nobody walked in both. In the walker an insole can only be
# a shift of the pressure, custom-made or not. The direction of the shift decides the sign of the result, and which way
# a custom-made insole moves the pressure is not known here: a lateral wedge is meant to move it outwards, a support
# under the arch presses inwards.
#
# **The analysis.** The shift is simulated in both directions; then the published effects.

# %%
shifts = walk("pressure medially (mm)", {"pressure_shift": 0.001}, SHIFTS)
tibial = shifts.query("frame == 'tibia'")
fig, ax = plt.subplots(figsize=(5.2, 3.0))
long = tibial.melt(["value", "person"], list(CHANGES), "load", "change").replace({"load": CHANGES})
sns.lineplot(long, x="value", y="change", hue="load", units="person", estimator=None, marker="o", ms=4, lw=1, ax=ax)
ax.axhline(0, color="0.5", lw=0.8)
ax.set(xlabel="pressure moved medially (mm)", ylabel="change (%)")
ax.set_title(f"Knee load by place of the pressure,\none line per person {virtual}")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title="")
plots.show(fig, "KAM1 and the medial force rise in proportion as the pressure moves inwards, in all four alike.")

# %%
span = tibial.groupby("value")[list(CHANGES)].agg(["mean", "min", "max"])
span.columns = [f"{CHANGES[load].removesuffix(', first peak')}, {name}" for load, name in span.columns]
title = "By mm of pressure moved medially: change of KAM1 and of the medial force, %, tibial axes"
plots.table(span.reset_index(names="mm"), f"{title} {virtual}", {"mm": 0} | dict.fromkeys(span.columns, 1))

# %%
f5 = [claims.declare_not_testable("F5", "versus", anchor="F5-Custom-made-insoles")]
for shift, way in ((-WEDGE, "outwards"), (WEDGE, "inwards")):
    f5 += [claims.record(
        "F5", role="custom", **knee_load.as_row(shifts, shift, "medial_change", "tibia"), **SIMULATED,
        imposed=["direction and size of the shift of the pressure", "knee load"], anchor="F5-Custom-made-insoles",
        computed=["size of the change per mm", "centre of mass", "knee adduction moment"],
        note=f"first medial force peak, tibial axes; pressure put {WEDGE:g} mm {way}: the sign is the one put in",
    )]  # fmt: skip
ready_made = published.piece("Arnold 2016 (meta-analysis)", "lateral wedges", "KAM1")
note = "ready-made lateral wedges, first peak: the other half of the comparison; at least 2 studies"
f5 += [claims.record("F5", **ready_made, role="context", anchor="F5-Custom-made-insoles", note=note)]
plots.table(pd.concat(f5)[SHOWN], f"Recorded for F5 (simulated, {people} virtual people; published, 1 review)", 2)

# %% [markdown]
# **Published.** What ready-made *wedges* do to the moment was pooled in reviews. Of custom-made orthotics no source
# read here gives the load on the knee, nor compares the two on it. The reviews of wedges may share studies: they are
# shown side by side and must not be pooled with each other.

# %%
orthoses = published.effects("F5")
moments = orthoses["outcome"].str.startswith("KAM") & ~orthoses["exposure"].str.contains("against")
columns = ["study", "exposure", "outcome", "n", "studies", "effect", "low", "high", "p"]
title = "Ready-made wedges and the KAM, SMD, negative is less (published; n in the table)"
plots.table(orthoses.loc[moments, columns], title, {"n": 0, "studies": 0})

# %%
felt = orthoses[orthoses["unit"].eq("SMD") & orthoses["outcome"].str.contains("pain|function|Lequesne|sport")]
asian = felt["people"].str.contains("Asian")
kneecap = felt["people"].str.startswith("patellofemoral")
counted = np.where(felt["count_of"] == "review", "whole review: ", "") + felt["studies"].map("{:.0f} studies".format)
rows = felt.assign(
    label=felt["exposure"] + "\n" + felt["outcome"] + np.where(asian, ", Asian patients", ""), estimate=felt["effect"],
    group=felt["study"].str.split(" (", regex=False).str[0] + np.where(kneecap, ", pain behind the kneecap", ""),
    size=counted.where(felt["studies"].notna(), "studies not read"),
)  # fmt: skip
ax = plots.forest(rows)
ax.set(xlabel="SMD, signs as printed", title="Insoles: pain and function\n(published, 3 reviews)")
plots.show(ax.figure, "Of nine pooled effects three leave out zero: a subgroup, and two in pain behind the kneecap.")

# %%
direct = orthoses[orthoses["exposure"].str.contains("custom-made|by design")]
columns = ["study", "people", "exposure", "outcome", "n", "studies", "note"]
plots.table(direct[columns], "Closest to the comparison (published; n in the table)", 0)

# %% tags=["hide-input"]
outwards, inwards = (knee_load.as_row(shifts, s, "medial_change", "tibia")["value"] for s in (-WEDGE, WEDGE))
Markdown(f"""**What it shows.** An insole that moves the pressure {WEDGE:g} mm outwards takes {-outwards:.1f} % off
the first peak of the medial force; one that moves it {WEDGE:g} mm inwards adds {inwards:.1f} %. Which of the two an
insole does was put in, so this is an *illustration*. Two small studies set custom-made beside ready-made inserts
([Redmond 2009](#Redmond-2009), [Gijon-Nogueron 2018](#Gijon-Nogueron-2018)): neither found a significant difference,
and both measured the foot or the ground, not the knee. A review of orthoses for flat feet found none that changed the
moments of the leg ([Desmyttere 2018](#Desmyttere-2018)).

**Verdict and what would change it.** *Custom*: *illustration*, and so the claim as a whole. *Custom against
ready-made*: not testable. A crossover trial of both, with the load on the knee (and better, pain) as its outcome,
would decide it.""")

# %% [markdown]
# ## F7 Ignored foot pain
# **The source says.** Whoever puts up with pain in the foot will, in time, damage the knee.
#
# **Evidence.** None at hand. The claim is about what comes first and what follows years later, and it compares people
# whose feet were treated with people whose feet were not. The data of this project are single walks. Even a recording
# of a person with a sore foot and a worn knee could not tell which came first.
#
# **The analysis.** None.

# %%
f7 = [claims.declare_not_testable("F7", anchor="F7-Ignored-foot-pain")]
plots.table(pd.concat(f7)[["id", "note"]], "F7: not testable here (no data)")

# %% [markdown]
# **What it shows.** Gait recorded on one day cannot answer it.
#
# **Verdict and what would change it.** *Not testable.* A cohort with foot pain and its treatment recorded at the start
# and the knee imaged over several years would test it. A trial of treating foot pain, with the knee as an outcome,
# would be stronger, for people who ignore pain differ from others in more than that.
#
# ## F8 Footwear and posture
# **The source says.** Changing footwear and posture restores the balance of load in the knee.
#
# **Evidence.** Pooled published effects of lateral wedges and of changed gaits; and the walker for how they could work.
# A lateral wedge is simulated by its supposed effect: the pressure moves outwards in the foot. A wedge also tilts the
# foot, which could move the knee; this is left out, because most of the tilt is taken up below the ankle and no source
# at hand says how much is not.
#
# **The analysis.** Which shift of the pressure would make the published effect, and what does it do to the medial
# force? Published effects are in standard deviations between people, so the walker's change is divided by one too,
#
# $$ \mathrm{SMD} = \frac{\mathrm{KAM1}_\text{shifted} - \mathrm{KAM1}_\text{natural}}{\mathrm{SD}_\text{people}}, $$
#
# once by the SD of 31 people ([Shakoor 2010](#Shakoor-2010)) and once by that of virtual people, which stems almost
# wholly from their assumed alignment. Then four postures are simulated, and the published effects are compared.

# %%
shoes = published.one_row(study="Shakoor 2010", exposure="barefoot", unit="%BW*Ht")
drawn = walker.people(PEOPLE_FOR_SD, 2016)
kam1 = [knee_load.knee_load(one)["kam1"].iloc[0] for one in drawn]  # tibial axes
sds = pd.DataFrame({
    "of": ["Shakoor 2010, barefoot", "virtual people"], "sd": [shoes["sd"], np.std(kam1, ddof=1)],
    "people": [int(shoes["n"]), len(drawn)], "data": ["published", "simulated"],
})  # fmt: skip
plots.table(sds, "SD of KAM1 between people, %BW·Ht (published and simulated; n in the table)", 2)

# %%
natural = shifts.query("value == 0").set_index(["person", "frame"])["kam1"].rename("natural")
change = shifts.join(natural, on=["person", "frame"]).eval("kam1 - natural")
laterally = shifts.assign(mm=0.0 - shifts["value"], change=change).query("mm >= 0").sort_values("mm")
wedge = pd.concat([laterally.assign(sd=f"SD of {of}", smd=laterally["change"] / sd)
                   for of, sd in zip(sds["of"], sds["sd"], strict=True)])  # fmt: skip
pooled = published.one_row(study="Arnold 2016 (meta-analysis)", outcome="KAM1", unit="SMD")
rows = []
for (sd, frame), one in wedge.groupby(["sd", "frame"], sort=False):
    line = one.groupby("mm")[["smd", "medial_change"]].mean()
    level = [pooled["effect"], pooled["high"], pooled["low"]]
    reached = np.interp(level, line["smd"][::-1], line.index[::-1], left=np.nan, right=np.nan)
    force = np.interp(reached[0], line.index, line["medial_change"])
    rows.append([sd, frame, *reached, force])
crossings = pd.DataFrame(rows, columns=["sd", "frame", "shift", "shift_low", "shift_high", "medial"])
title = (
    "Lateral shift (mm) at the pooled effect and at the ends of its interval; change of the medial force there; means"
)
shown = crossings.set_axis(["SD", "axes", "shift (mm)", "from", "to", "medial force (%)"], axis=1)
plots.table(shown, f"{title} {virtual}", 2)

# %%
fig, ax = plt.subplots(figsize=(5.2, 3.6))
sns.lineplot(wedge.query("frame == 'tibia'"), x="mm", y="smd", hue="sd", units="person", estimator=None, lw=1, ax=ax)
ax.axhspan(pooled["low"], pooled["high"], color="0.6", alpha=0.3, lw=0)
ax.axhline(pooled["effect"], color="0.2", ls="-.", label=f"wedges, pooled (published, {pooled['n']:.0f} people)")
ax.axhline(0, color="0.5", lw=0.8)
ax.set(xlabel="pressure moved laterally (mm)", ylabel="change of KAM1 (SD)")
ax.set_title(f"Adduction moment with the pressure moved laterally,\none line per person {virtual}")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
plots.show(fig, "Falling lines cross the published band, sooner with the smaller SD.")

# %%
measured_force = published.studies("Kutzner 2011")
columns = ["study", "manipulation", "measure", "value", "unit", "note"]
plots.table(measured_force[columns], "Wedges and the force measured in the knee (published, 6 people)", 0)

# %% tags=["hide-input"]
first = crossings.query("frame == 'tibia'").iloc[0]
Markdown(f"""Tibial axes are drawn; in laboratory axes the lines nearly coincide with these. They are not fitted to
the published effect; they only cross it. With the published SD they do so at {first["shift"]:.1f} mm
({first["shift_low"]:.1f} to {first["shift_high"]:.1f}), where the walker's first peak of the medial force has fallen
by {-first["medial"]:.1f} %. In six implanted knees the measured force fell by {-measured_force["value"].max():.0f} to
{-measured_force["value"].min():.0f} %, depending on the wedge ([Kutzner 2011](#Kutzner-2011)). So a shift of some
millimetres would be *enough* for the effect. Whether wedges shift the pressure that far was not measured here; and
since the {first["shift"]:.0f} mm were chosen for the KAM to agree, only the change of the medial force is a result.""")

# %%
POSTURES = {
    "trunk leans 5 deg over the foot": {"trunk_lean": 5.0},
    "toes turned in 10 deg": GAITS["toes turned in 10 deg"],
    "leg turned inwards 5 deg": {"natural_angle": 5.0},
    "steps 50 mm wider": GAITS["steps 50 mm wider"],
}
postures = pd.concat([walk(name, inputs) for name, inputs in POSTURES.items()], ignore_index=True)
fig = strips(postures, "Knee load in four postures", 2.8)
plots.show(fig, "Leaning over the foot takes most off KAM1; toes or leg turned in take off less.")

# %%
beside = pd.concat([shifts[shifts["value"].isin([-WEDGE, 0.0])], postures]).query("frame == 'tibia'")
shares = beside.groupby(["setting", "value"], sort=False)["share"].mean().reset_index()
title = "Medial share of the total contact force at its first peak, %, means"
plots.table(shares, f"{title} {virtual}", {"value": 0, "share": 0})

# %%
f8 = [claims.record(
    "F8", role="footwear", **knee_load.as_row(shifts, -WEDGE, "medial_change", "tibia"), **SIMULATED,
    imposed=[f"pressure moved {WEDGE:g} mm laterally, so that the KAM agrees", "that a wedge does so"],
    computed=WORKED_OUT, anchor="F8-Footwear-and-posture",
    note="first medial force peak, tibial axes; near the shift at which the walker has the pooled effect of wedges",
)]  # fmt: skip
for name, rows in postures.groupby("setting", sort=False):
    f8 += [claims.record(
        "F8", role="posture", **knee_load.as_row(rows, 1.0, "medial_change", "tibia"), **SIMULATED,
        imposed=[name, "feet otherwise as they were"], computed=WORKED_OUT, anchor="F8-Footwear-and-posture",
        note=f"first medial force peak, tibial axes; {name}",
    )]  # fmt: skip
plots.table(pd.concat(f8)[SHOWN], f"Recorded for F8: mean and span {virtual}", 1)

# %% [markdown]
# **Published.** *Footwear*: the review of wedges has 18 studies that compare people with themselves. How many of them
# each figure rests on was not read; but a heterogeneity ($I^2$) is printed for each, which takes at least two studies,
# and so `n` below is 2. The means of different shoes on the same 31 people range over .4 %BW·Ht
# ([Shakoor 2010](#Shakoor-2010)), but without the correlation of the walks no interval can be computed
# ([19 Reported numbers](19_reported_numbers.ipynb)).
#
# *Posture* is read as how the body is held while walking: the trunk leaned over the standing leg, the feet turned in or
# out. That is not the upright bearing the source may have in mind. For each gait the review gives the number of its
# studies; a single figure may rest on fewer.

# %%
effects = published.effects("F8").query("pooled and unit in ['SMD', 'Hedges g'] and effect == effect")
moved = effects[effects["outcome"].str.startswith("KAM") & ~effects["study"].str.startswith("Wang")]
rows = moved.assign(
    label=moved["exposure"] + ", " + moved["outcome"], estimate=moved["effect"],
    group=moved["study"].str.removesuffix(" (meta-analysis)"),
    size=np.where(moved["count_of"] == "review", "whole review: ", "at most ")
    + moved["studies"].map("{:.0f} studies".format),
)  # fmt: skip
ax = plots.forest(rows)
ax.set(
    xlabel="change in SD, negative is less load",
    title="KAM with wedges and changed gaits, medial\nknee osteoarthritis (published, 2 reviews)",
)
plots.show(ax.figure, "Wedges, trunk lean and toe-out lower the moment; toe-in lowers one peak and raises the other.")

# %%
f8_read = []
for row in moved.itertuples():
    wedges = row.study.startswith("Arnold")
    limits = "at least 2 studies of the review's 18" if wedges else "this figure may rest on fewer studies"
    f8_read += [claims.record(
        "F8", **published.piece(row.study, row.exposure, row.outcome), role="footwear" if wedges else "posture",
        anchor="F8-Footwear-and-posture", note=f"{row.exposure}, {row.outcome}; osteoarthritis; {limits}",
    )]  # fmt: skip
plots.table(pd.concat(f8_read)[SHOWN], "Recorded for F8 (published, 2 reviews)", 2)

# %% tags=["hide-input"]
tibia, lab = (postures.query("frame == @f").groupby("setting")["medial_change"].mean() for f in ("tibia", "lab"))
lean, *turned, wide = POSTURES
felt_wedges = felt[felt["study"].str.contains("Zhang") & ~felt["people"].str.contains("Asian")]
pain = felt_wedges[felt_wedges["outcome"].str.contains("pain")]
Markdown(f"""**What it shows.** All three pooled effects of wedges lie below zero, and all are small: the first peak
falls by {-pooled["effect"]:.2f} SD. Pain falls less clearly: pooled effects of wedges on pain run from
{pain["effect"].min():.2f} to {pain["effect"].max():.2f} SD and their intervals include zero, except in one subgroup
(under [F5](#F5-Custom-made-insoles)). The effect of posture depends on the posture and on the half of stance: leaning
the trunk lowers KAM1 and
the impulse, turning the toes out lowers KAM2, turning them in lowers KAM1 and **raises KAM2**
([Silva 2022](#Silva-2022)). The review itself calls the certainty of its evidence very low to low. Another
([Wang 2020](#Wang-2020)), of partly the same studies, finds no effect of toe-in in osteoarthritis; its abstract gives
no number.

In the walker a wedge-like shift lowers the medial force by {-outwards:.1f} %, a trunk leaned 5 deg over the foot by
{-tibia[lean]:.0f} %, toes or leg turned in by {-tibia[turned].max():.0f} to {-tibia[turned].min():.0f} % in tibial
axes ({-lab[turned].max():.0f} to {-lab[turned].min():.0f} % in laboratory axes); wider steps change it by
{tibia[wide]:+.1f} %. Whether this *restores the balance* is another matter: the inner side carries
{shares.query("value == 0")["share"].item():.0f} % of these virtual people's total, more than was measured in an
implanted knee ([04 What the knee feels](04_what_the_knee_feels.ipynb)), and after any of this still
{shares["share"].min():.0f} % or more.

**Verdict and what would change it.** *Inconclusive*. *Footwear* is supported for one kind of it, the lateral wedge,
by a fifth of an SD. *Posture*: the pooled effects of different postures disagree in sign, so posture in general stays
open. The walker adds a mechanism to both. The medial force measured in at least six people with and without the
wedge or posture, and its interval (none could be read in [Kutzner 2011](#Kutzner-2011)), would decide either part.""")

# %% [markdown]
# ## The claims of this page together
# First what was put into the walker and what it computed, for every part that has a simulation. If the quantity of the
# claim is among the imposed ones, the part is an illustration. Then the verdict that the evidence recorded above gives
# each claim by its rule, part by part. The other claims of the same articles: [15 The kneecap](15_kneecap.ipynb) and
# [16 Alignment and hips](16_alignment_and_hips.ipynb).

# %%
every = [*f1, *f1_context, *f2, *f5, *f7, *f8, *f8_read]
told = pd.concat(every).query("data == 'simulated'")[["id", "role", "imposed", "computed"]]
told = told.assign(imposed=told["imposed"].map("; ".join), computed=told["computed"].map("; ".join))
told = told.groupby(["id", "role", "computed"], sort=False)["imposed"].unique().map(" | ".join).reset_index()
plots.table(told, f"Imposed (| parts one walk from the next) and computed {virtual}")

# %%
judged = claims.judged(every)
plots.table(judged, "Verdicts from the evidence of this page (real, published and simulated)")

# %% [markdown]
# ## What this shows
# - None of the five claims is supported as a whole, and none is contradicted by people. Two cannot be tested with
#   gait data.
# - One part is supported: ready-made lateral wedges lower the knee adduction moment, by a fifth of the spread between
#   people.
# - In virtual people, whether a flat foot loads or unloads the knee depends on which supposed movement is put in.
#
# ## What it does not show
# That a claim without support is false. The virtual people have no weak muscles, no pain and no orthosis; the sizes
# depend on assumptions, and for flat feet even the direction does. Many published effects were read in abstracts only,
# and some numbers of studies are those of the whole review. A lower moment is not less pain.
#
# ## Deviations from the plan
# None in these five claims. The odds of disease with flat feet or ignored foot pain, from cohorts, were not searched
# for when the plan was written.
#
# ## Exercises
# 1. In `FLAT_FOOT` let the flat foot turn the leg outwards instead (`-5.0`). Which sign does "all three" take,
#    and in which axes?
# 2. In the cell of the arch curves compare the second speed with the third (`angles[1]`, `angles[2]`) one-tailed. Does
#    the cluster match the row of the table?
# 3. Set `PEOPLE_FOR_SD` to 10 and to 100. How far does the lateral shift that makes the pooled effect move, and
#    why does the row with the published SD not change?
#
# ## References
#
# ###### Abourazzak 2014
# Abourazzak F E, Kadi N, Azzouzi H, and others. A positive association between foot posture index and medial
# compartment knee osteoarthritis in Moroccan people. *Open Rheumatology Journal* 8:96.
# <https://benthamopen.com/ABSTRACT/TORJ-8-96> (doi not available)
#
# ###### Arnold 2016
# Arnold J B, Wong D X, Jones R K, Hill C L, Thewlis D. Lateral wedge insoles for reducing biomechanical risk factors
# for medial knee osteoarthritis progression: a systematic review and meta-analysis. *Arthritis Care & Research*.
# <http://usir.salford.ac.uk/37792> (doi not available)
#
# ###### Barrios 2009
# Barrios J A, Higginson J S, Royer T D, Davis I S. Static and dynamic correlates of the knee adduction moment in
# healthy knees ranging from normal to varus-aligned. *Clinical Biomechanics*.
# <https://pmc.ncbi.nlm.nih.gov/articles/PMC2763946> (doi not available)
#
# ###### BMC Musculoskelet Disord 2022
# Flatness of the arch and the medial contact force in healthy people and people with knee osteoarthritis (authors not
# seen). *BMC Musculoskeletal Disorders*. <https://doi.org/10.1186/s12891-022-05624-y>
#
# ###### Caravaggi 2010
# Caravaggi P, Pataky T, Günther M, Savage R, Crompton R. Dynamics of longitudinal arch support in relation to walking
# speed: contribution of the plantar aponeurosis. *Journal of Anatomy* 217:254.
# <https://doi.org/10.1111/j.1469-7580.2010.01261.x>
#
# ###### Chen 2022
# Chen Z, Wu J, Wang X, Ren Z. The effect of foot orthoses for patients with patellofemoral pain syndrome: a systematic
# review and meta-analysis. *Heliyon* 8(6):e09656. <https://doi.org/10.1016/j.heliyon.2022.e09656>
#
# ###### Desmyttere 2018
# Desmyttere G, Hajizadeh M, Bleau J, Begon M. Effect of foot orthosis design on lower limb joint kinematics and
# kinetics during walking in flexible pes planovalgus: a systematic review and meta-analysis. *Clinical Biomechanics*
# 59:117 (doi not available).
#
# ###### Gijon-Nogueron 2018
# Gijon-Nogueron G, Palomo-Toucedo I, Gil-Tinoco A, Ortega-Avila A B, Munuera-Martínez P V. Effect produced on ground
# reaction forces by a prefabricated, weight-bearing and non-weight-bearing foot orthosis in the treatment of pronated
# foot. *Medicine*. <https://doi.org/10.1097/MD.0000000000010960>
#
# ###### Hof 2005
# Hof A L, Gazendam M G J, Sinke W E. The condition for dynamic stability. *Journal of Biomechanics* 38:1.
# <https://doi.org/10.1016/j.jbiomech.2004.03.025>
#
# ###### Kutzner 2011
# Kutzner I, Damm P, Heinlein B, Dymke J, Graichen F, Bergmann G. The effect of laterally wedged shoes on the loading of
# the medial knee compartment: in vivo measurements with instrumented knee implants. *Journal of Orthopaedic Research*
# 29(12):1910. <https://doi.org/10.1002/jor.21477>
#
# ###### Levinger 2013
# Levinger P, Menz H B, Morrow A D, Bartlett J R, Feller J A, Bergman N R. Relationship between foot function and medial
# knee joint loading in people with medial compartment knee osteoarthritis. *Journal of Foot and Ankle Research* 6:33
# (the name of this study in the tables).
# <https://doi.org/10.1186/1757-1146-6-33>
#
# ###### Redmond 2009
# Redmond A C, Landorf K B, Keenan A M. Contoured, prefabricated foot orthoses demonstrate comparable mechanical
# properties to contoured, customised foot orthoses: a plantar pressure study. *Journal of Foot and Ankle Research*
# 2:20.
# <https://doi.org/10.1186/1757-1146-2-20>
#
# ###### Shakoor 2010
# Shakoor N, Sengupta M, Foucher K C, Wimmer M A, Fogg L F, Block J A. Effects of common footwear on joint loading in
# osteoarthritis of the knee. *Arthritis Care & Research* 62(7):917. <https://doi.org/10.1002/acr.20165>
#
# ###### Silva 2022
# Silva M D C, Perriman D M, Fearon A M, and others. Effects of neuromuscular gait modification strategies on indicators
# of knee joint load in people with medial knee osteoarthritis. *PLoS ONE* 17(9):e0274874.
# <https://doi.org/10.1371/journal.pone.0274874>
#
# ###### Wang 2020
# How foot progression angle affects knee adduction moment and angular impulse in patients with and without medial knee
# osteoarthritis: a meta-analysis. *Arthritis Care & Research*, August 2020 (doi not available).
#
# ###### Xing 2017
# Xing F, Lu B, Kuang M, and others. A systematic review and meta-analysis into the effect of lateral wedge arch support
# insoles for reducing knee joint load in patients with medial knee osteoarthritis. *Medicine* 96:e7168.
# <https://doi.org/10.1097/MD.0000000000007168>
#
# ###### Zhang 2018
# Zhang J, Wang Q, Zhang C. Ineffectiveness of lateral-wedge insoles on the improvement of pain and function for medial
# knee osteoarthritis: a meta-analysis of controlled randomized trials. *Archives of Orthopaedic and Trauma Surgery*
# 138:1453. <https://doi.org/10.1007/s00402-018-3004-z>
#
# ###### Zhang B 2018
# Zhang B, Yu X, Liang L, and others. Is the wedged insole an effective treatment option when compared with a flat
# (placebo) insole: a systematic review and meta-analysis. *Evidence-Based Complementary and Alternative Medicine*
# 2018:8654107. <https://doi.org/10.1155/2018/8654107>
