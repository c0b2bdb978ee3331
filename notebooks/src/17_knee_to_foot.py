# ---
# jupyter:
#   gaitstudy:
#     datasets: [mcgill-foot-progression, plug-in-gait-kinetics, opencap-foot-angle, gc5-instrumented-knee, p3m6-walk]
# ---

# %% [markdown]
# # 17 Knee to foot: does a bad knee spoil the foot?
#
# **Question.** Does a bad knee change the foot and its load (claims K1 to K7, and T4 on worn shoes), and does the
# answer come from real people, from published studies, from a model only, or is there none?
#
# **Data.** Real (15 people of different mass; 8 young people and 1 person with an instrumented knee for muscle
# signals), published (single studies and reviews, sizes in the tables), simulated (4 virtual people; 2000 virtual
# trials of each size).
#
# **You need.** [01 From files to knee load](01_from_files_to_knee_load.ipynb): what a knee adduction moment is;
# [03 Treadmill foot pressure](03_treadmill_foot_pressure.ipynb): what the virtual walker is given and what it computes.
#
# **You will learn.** To distinguish what was put into a model from what it computed, to compute co-contraction indices
# from muscle signals, to turn a printed p value into an interval, and why a visit schedule can hide a recovery.
#
# **Pages.** before: [16 Alignment, trunk, pelvis and hip, and the treatment of knee pain](16_alignment_and_hips.ipynb) ·
# next: [18 Sensors on the feet](18_wearables.ipynb)

# %% [markdown]
# ## Question
# Other pages follow the load from the foot to the knee. One of the source articles goes the other way. A bad knee, it
# says, spoils the foot: pain changes the walk, misaligned knees and imbalanced muscles load the foot unevenly, and body
# weight loads both. It makes seven claims; an eighth, about worn shoes, comes from the treadmill article. Each is
# compared with the evidence there is.
#
# ## Data
# | claim | real | published | simulated |
# |---|---|---|---|
# | K1 painful knee, walk and foot | none | pooled: gait in osteoarthritis; pressures, not pooled | a limp put in |
# | K2 alignment and foot load | none | shape of the foot by alignment, 88 people | bow legs put in |
# | K3 muscle balance and knee load | one implant; eight young people | none that may decide | muscle shares put in |
# | K4 body mass | 15 people of different mass | two studies of weight loss | body mass put in |
# | K5 recovery | none | the trial's visits | courses put in |
# | K6 structure of the foot | none | feet measured once, two studies | none |
# | K7 referred pain, treatments | none | none | none |
# | T4 worn shoes | none | shape of the foot by alignment, 88 people | none |
#
# **A model's answer is never evidence about people.** Where the answer itself was put in, it is called an illustration.
#
# ## Plan of analysis
# Each claim has five parts: what the source says; the evidence there is; the analysis; what it shows, with its
# uncertainty; the verdict and what would change it. The rule that turns evidence into a verdict stands in
# `data/claims.csv`. The virtual people are used three times: a limp of five parts, each alone and all together (K1);
# frontal alignment from 6 degrees of knock knees to 6 of bow legs (K2); body mass from 60 to 110 kg (K4). Which gait
# measure decides the first half of K1 was not fixed beforehand: the rule accepts any gait measure that is named.
#
# **Terms.** *KAM* is the knee adduction moment, in %BW*Ht: per cent of body weight (BW) times height. *Impulse* is the
# area under a curve of force over time. *SMD* is a difference between groups in standard deviations (SD). A *pooled*
# effect is an average over several studies. `low` and `high` are a 95 % interval for real and published numbers, and
# the span over virtual people for simulated ones, which is no interval.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import Markdown
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd

from gaitstudy import claims, plots
from gaitstudy.conventions import GRAVITY
from gaitstudy.gait import pressure
from gaitstudy.io import catalogue, published, results
from gaitstudy.load import contact
from gaitstudy.simulate import trial_model
from gaitstudy.simulate.knee_load import PRESSED, both_legs
from gaitstudy.simulate.walker import LIMITS, Walker, simulate, stances
from gaitstudy.simulate.walker import people as virtual_people
from gaitstudy.stats import reported
from gaitstudy.tables import body_mass, co_contraction, recovery_course

plots.style()

# %%
# What you may want to change
LIMP = {  # the parts of a limp with a painful knee; the sizes are assumptions of this project
    "shorter stance": {"asymmetry": 0.06},  # share of half a stride by which the other foot comes early
    "slower": {"speed": -0.15},  # share of the speed
    "stiffer knee": {"stiff_knee": 0.5},  # share of the knee's bend under load left out
    "leaning over it": {"painful_lean": 5.0},  # deg
    "softer step": {"soft_step": 0.4},  # share of the rise and fall of the force left out
}
ALIGNMENTS = [-6, 0, 6]  # deg, bow legs positive
MASSES = [60, 85, 110]  # kg
LOST = 0.05  # share of body mass
FASTER = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8]  # times the usual speed
LEVEL = 0.95  # of the intervals

people = virtual_people(variability=0.0)
virtual = f"(simulated, {len(people)} virtual people)"
shown = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "source", "note"]
catalogue.here("mcgill-foot-progression", "plug-in-gait-kinetics", "opencap-foot-angle", "gc5-instrumented-knee",
               "p3m6-walk")  # fmt: skip

# %% [markdown]
# ## K1 Knee pain changes the walk and so loads the foot
# **The source says.** People with a painful knee walk differently, and the changed walk loads the foot, up to pain
# under heel and forefoot.
#
# **Evidence.** For the first half, *published* comparisons of people with and without osteoarthritis of the knee. They
# stand in for knee pain, which not all of them measured. For the second half there is a review of pressure under the
# foot ([Panyarachun](#Panyarachun)), whose numbers are not pooled. None of the recordings at hand is of a person with a
# painful knee and an insole. A limp can be put into virtual people; the load under both feet then follows from it.

# %%
read = published.effects("K1")
columns = ["study", "outcome", "effect", "low", "high", "unit", "studies", "n", "note"]
title = "Walking with osteoarthritis of the knee minus without (published; n in the table)"
plots.table(read[columns], title, {"studies": 0, "n": 0})

# %% [markdown]
# *Stride duration* and *cadence* (steps per minute) measure nearly the same: people with severe osteoarthritis take
# slower strides ([Mills](#Mills)). Only stride duration is recorded. Its number of `studies` is a minimum: the review
# pooled what at least four publications report, and whether these share people was not read. The interval of the *foot
# progression angle* includes both directions. The bounds printed for the rearfoot cannot be right, for they do not
# contain their estimate; they are not used ([J Foot Ankle Res 2021](#J-Foot-Ankle-Res-2021)).
#
# **The analysis.** A limp with a painful right knee in five parts (`LIMP`). That these parts belong to a limp is
# common knowledge; their sizes are assumptions. *Imposed*: all five parts; the path of the pressure in the foot and
# its spread over the insole (both the same with and without the limp); the rise and fall of the force. *Computed*: the
# sum of both feet's forces, which must carry body weight, so that a shorter stance of one foot loads the other longer;
# the moments and forces of the knees.

# %%
MEASURES = {
    "heel_peak": "heel: peak force", "forefoot_peak": "forefoot: peak force",
    "heel_pressure": "heel: largest pressure", "forefoot_pressure": "forefoot: largest pressure",
    "heel_impulse": "heel: impulse", "forefoot_impulse": "forefoot: impulse",
    "heel_distance": "heel: impulse per distance", "forefoot_distance": "forefoot: impulse per distance",
    "kam1": "knee: first KAM peak", "medial_peak1": "knee: medial force, first peak",
    "medial_impulse": "knee: medial force, impulse", "total_peak": "knee: total force, peak",
}  # fmt: skip


def limping(person, parts):
    """A virtual person with a painful right knee, walking with these parts of a limp."""
    sizes = {name: size for part in parts for name, size in LIMP[part].items()}
    if "speed" in sizes:
        sizes["speed"] = person.speed * (1 + sizes["speed"])
    return replace(person, **sizes)


walks = {"natural": [], **{part: [part] for part in LIMP}, "all together": list(LIMP)}
limps = pd.concat(both_legs(limping(person, parts)).assign(person=number, walk=walk)
                  for number, person in enumerate(people, 1) for walk, parts in walks.items())  # fmt: skip
limps["leg"] = limps["side"].map({"right": "painful", "left": "other"})
for area in ("heel", "forefoot"):
    limps[f"{area}_distance"] = limps[f"{area}_impulse"] / limps["stride_length"]

# %%
loads = limps.set_index(["walk", "person", "leg"])[list(MEASURES)]
natural = loads.loc["natural"].reindex(loads.index.droplevel("walk"))
change = (100 * (loads / natural.to_numpy() - 1)).query("walk != 'natural'")
fig, axes = plt.subplots(2, 1, figsize=(6, 8.2))
for ax, leg in zip(axes, ("painful", "other"), strict=True):
    means = change.xs(leg, level="leg").groupby("walk", sort=False).mean().T.rename(index=MEASURES)
    text = means.map(lambda v: f"{v:.0f}" if abs(v) >= 0.5 else "")
    sns.heatmap(means, center=0, cmap="vlag", vmin=-30, vmax=30, annot=text, fmt="", annot_kws={"size": 9},
                cbar=False, linewidths=0.5, ax=ax)  # fmt: skip
    ax.set(xlabel="", ylabel="", title=f"{leg} side")
    ax.set_xticks(ax.get_xticks(), means.columns, rotation=25, ha="right")
fig.suptitle(f"Load by part of the limp, mean change (%); blank: below 0.5\n{virtual}", fontsize=10)
alt = "Peaks under the foot fall or stay; slower walking raises impulses on both sides; leaning lowers the KAM by 22 %."
plots.show(fig, alt)

# %%
whole = change.loc["all together"].rename(columns=MEASURES)
whole = whole.melt(ignore_index=False, var_name="load", value_name="change")
fig, ax = plt.subplots(figsize=(5.2, 4.4))
sns.stripplot(whole.reset_index(), x="change", y="load", hue="leg", dodge=True, jitter=False, alpha=0.8, ax=ax)
ax.axvline(0, color="0.5", lw=0.8)
ax.grid(axis="y", color="0.92")
ax.set(xlabel="change from the natural walk (%)", ylabel="")
ax.set_title(f"Foot and knee load with the whole limp,\none dot per person {virtual}")
sns.move_legend(ax, "upper center", bbox_to_anchor=(0.3, -0.15), ncols=2, title=None)
plots.show(fig, "The whole limp lowers peak forces under both feet and raises impulses, most on the other side.")

# %%
spread = whole.groupby(["load", "leg"], sort=False)["change"].agg(["mean", "min", "max"])
stiff = change.loc["stiffer knee"].xs("painful", level="leg")["total_peak"]
plots.table(spread.reset_index(), f"The whole limp: change from the natural walk, %, mean and span {virtual}", 1)

# %%
piece, review = published.piece, "J Foot Ankle Res 14:24 (2021, meta-analysis)"
gait = piece("Mills, Hunt and Ferber (meta-analysis)", "severe knee osteoarthritis", "stride duration")
angle = piece(review, "knee osteoarthritis", "foot progression angle")
note = "stride duration; severe osteoarthritis, pain itself not measured; at least 4 studies, by the review's rule"
anchor = {"anchor": "K1-Knee-pain-changes-the-walk-and-so-loads-the-foot"}
k1 = [claims.record("K1", **gait, role="gait", note=note, **anchor)]
k1 += [claims.record("K1", **angle, role="context", note="another measure, both directions open", **anchor)]
imposed = [*LIMP, "path and spread of the pressure", "rise and fall of the force", "foot load"]
about = {"data": "simulated", "unit": "%", "n": len(people), "n_unit": "virtual people", "source": "simulate.walker"}
about |= {"role": "foot", "imposed": imposed, "computed": ["sum of both feet's forces", "knee moments"], **anchor}
for measure, leg in {"heel_impulse": "other", "forefoot_peak": "painful"}.items():
    size, what = change.loc["all together"].xs(leg, level="leg")[measure], measure.replace("_", " ")
    k1 += [claims.record("K1", size.mean(), (size.min(), size.max()), note=f"whole limp, {leg} foot, {what}", **about)]
plots.table(pd.concat(k1)[shown], "Recorded for K1 (published and simulated; n in the table)")

# %% tags=["hide-input"]
mean = spread["mean"]
Markdown(f"""**What it shows.** In people with severe osteoarthritis of the knee a stride lasts longer (by
{gait["value"]} SD, {gait["interval"][0]} to {gait["interval"][1]}) than in people without. Whether pain
does that, or the disease, age or weight, a comparison of groups does not say. Under the foot the answer
of the virtual people depends on the measure of load. The *peak* force falls or stays under both feet. The
*impulse* per step rises under the other foot, by {mean["heel: impulse", "other"]:.0f} % at the heel and
{mean["forefoot: impulse", "other"]:.0f} % at the forefoot; under the foot of the painful side it changes by
{mean["heel: impulse", "painful"]:.0f} % and {mean["forefoot: impulse", "painful"]:.0f} %. Per distance
it rises under both, since a slower walker bears the same weight for longer. None of this is news about
people: it follows from what was put in. One result was not put in: with the knee stiffer the largest
total contact force of the painful knee *rises*, by {stiff.mean():.0f} %.

**Verdict and what would change it.** *Inconclusive*: stride duration differs with the disease, but for the
foot there is only an illustration. The review of pressures (nine studies, 495 people) describes more
pressure under the medial forefoot and midfoot; with its numbers pooled it could decide. So could
insoles worn by people before and after the pain in a knee is numbed, which would also tell pain from
the disease.""")

# %% [markdown]
# ## K2 A misaligned knee makes the load under the foot uneven
# **The source says.** Bow legs or knock knees load one side of the foot more.
#
# **Evidence.** Almost none. It takes the alignment of the knee and the pressure under the foot in the same people. The
# open insole recordings contain no alignment, and the walks with markers no insole. **The virtual people cannot answer
# it**: their pressure follows a given path in the foot, whatever the knee does.
#
# **The analysis.** Alignment from knock knees to bow legs (`ALIGNMENTS`), to see how far ankle and rearfoot *would have
# to* tilt.


# %%
def under_the_knee(person, varus):
    """Means over 15-85 % of stance of the right leg at one frontal alignment."""
    walker = replace(person, varus=varus)
    simulation = simulate(walker, 1)
    start, end = stances(simulation, "right", "touch")[0]
    low, high = (start + share / 100 * (end - start) for share in PRESSED)
    up = simulation.legs["right"]["axes"].sel(segment="shank", time=slice(low, high)).isel(direction=1)
    sole = simulation.insoles.sel(side="right", time=slice(low, high))
    place = pressure.centre_of_pressure_in_foot(sole["pressure"], sole["position"], sole["area"])
    share = pressure.medial_share(sole["pressure"], sole["position"], sole["area"])
    push = simulation.loads["force"].sel(plate="right", axis="z", time=slice(start, end))
    return {
        "place of the pressure across the foot (mm)": 1000 * float(place.sel(foot_axis="across").mean()),
        "medial share of the force": float(share.mean()),
        "largest sideways force (BW)": float(np.abs(push).max()) / (walker.mass * GRAVITY),
        "tilt of the shank (deg)": float(np.degrees(np.arctan2(up.sel(axis="z"), up.sel(axis="y")).mean())),
        "first KAM peak (%BW*Ht)": float(both_legs(walker).set_index("side").loc["right", "kam1"]),
    }


bowed = pd.DataFrame([{"person": number, "alignment (deg)": varus, **under_the_knee(person, varus)}
                      for number, person in enumerate(people, 1) for varus in ALIGNMENTS])  # fmt: skip
long = bowed.melt(["person", "alignment (deg)"], var_name="quantity")
found = long.groupby(["quantity", "alignment (deg)"], sort=False)["value"].agg(["mean", "min", "max"]).reset_index()
plots.table(found, f"Foot, shank and knee by alignment (bow legs positive), mean and span {virtual}", 3)

# %%
tilt = bowed.groupby("alignment (deg)")["tilt of the shank (deg)"].mean()
slope = np.polyfit(tilt.index, tilt, 1)[0]
straight, bent = (
    bowed[bowed["alignment (deg)"] == v].set_index("person")["medial share of the force"] for v in (0, ALIGNMENTS[-1])
)  # fmt: skip
same = (bent - straight).round(12) + 0.0
anchor = {"anchor": "K2-A-misaligned-knee-makes-the-load-under-the-foot-uneven"}
about = {"data": "simulated", "n": len(people), "n_unit": "virtual people", "source": "simulate.walker", **anchor}
about |= {"imposed": ["path of the pressure", "force direction", "foot load"], "role": "uneven"}
about |= {"computed": ["shank tilt", "knee moment"], "note": "place of the pressure is a template: 0 was put in"}
k2 = [claims.record("K2", same.mean(), (same.min(), same.max()), "share of the force", **about)]
heel = published.piece("Ohi 2017", "knee alignment", "calcaneus pronation to the floor")
note = "per degree of knee towards valgus, standing, osteoarthritis: shape of the foot, no load"
k2 += [claims.record("K2", **heel, role="context", note=note, **anchor)]
plots.table(pd.concat(k2)[shown], "Recorded for K2 (simulated and published; n in the table)")

# %% tags=["hide-input"]
Markdown(f"""**What it shows.** *Imposed*: the path of the pressure, so also its place across the foot and the medial
share; and with it the sideways force. *Computed*: the moment of the knee, and how far the shank leans
out over a foot that stays flat, by {slope:.1f} degrees for each degree of alignment. Ankle and rearfoot
must tilt by that much; a stiff foot would tip onto its edge. Whether real feet tilt is the question of
the claim. In 88 people with osteoarthritis of the knee ([Ohi 2017](#Ohi-2017)) the heel bone leans
with the knee, by {heel["value"]:.2f} degrees for each degree ({heel["interval"][0]:.2f} to
{heel["interval"][1]:.2f}). That is shape, not load: the pressure under the foot was not measured.

**Verdict and what would change it.** *Illustration*, whose result could only be zero. Insoles
or a pressure plate under six people or more whose alignment was measured, straight and bowed, would
answer it.""")

# %% [markdown]
# ## K3 Muscle imbalance and the load on the joint
# **The source says.** Imbalance between muscles alters the load on the joint.
#
# **Evidence.** The rule requires an index of imbalance or co-contraction (opposing muscles active together) beside
# knee contact force or moment in at least 20 people. No such open data set was found. Two smaller ones contain muscle
# signals beside a load: one person whose knee implant *measures* contact force (five walks), and young people with
# electrodes on one leg and a force plate under it. A contact force that is computed from muscle forces would contain
# the answer, so none is correlated here; the virtual person shows why.
#
# **The analysis.** Signals at 20-400 Hz, rectified, smoothed at 6 Hz, each divided by its largest value of that
# person's walks (no file holds a maximal contraction). Two indices of the smoothed signals $a_t \le b_t$ (the smaller
# and the larger at each instant): Rudolph ([2000](#Rudolph-2000)) and Falconer and Winter ([1985](#Falconer-1985)),
#
# $$R = \frac1T\sum_t \frac{a_t}{b_t}\,(a_t + b_t),\qquad F = \frac{2\sum_t a_t}{\sum_t (a_t + b_t)}$$
#
# Channels that are mostly mains hum, or so quiet that they were probably not connected, are left out by limits set
# before any index was computed. First pair: vastus lateralis and biceps femoris. Young people: the first half of
# stance.

# %%
compute, inputs = co_contraction.beside_implant, [co_contraction.implant.DATASET]
implant = results.table("co_contraction_implant", compute, inputs=inputs, key=["pair", "trial"])
compute, inputs = co_contraction.young_people, [(co_contraction.YOUNG, "straight/*.c3d")]
young = results.table("co_contraction_young", compute, inputs=inputs, key=["person"])
title = f"Rectus-hamstrings co-contraction and first KAM peak (%BW*Ht) (real, {len(young)} people)"
plots.table(young, title, 3)

# %%
first, known = implant[implant["pair"] == next(iter(co_contraction.PAIRS))], young[young["side"] != ""]
fig, axes = plt.subplots(2, 1, figsize=(4.8, 6))
sns.scatterplot(first, x="rudolph", y="mean_force", s=50, ax=axes[0])
axes[0].set(xlabel="Rudolph index, vastus lateralis and biceps", ylabel="mean contact force of stance (BW)",
            title="contact force in five walks, implant (real, 1 person)")  # fmt: skip
sns.scatterplot(known, x="rudolph", y="kam", s=50, ax=axes[1])
axes[1].set(xlabel="Rudolph index, rectus and hamstrings", ylabel="first KAM peak (%BW*Ht)",
            title=f"knee adduction moment, young people (real, {len(known)} people)")  # fmt: skip
fig.suptitle("Knee load by co-contraction index", fontsize=10)
plots.show(fig, "Two clouds without a line: five walks of one person above, eight young people below.")


# %%
def correlated(table, index, load):
    """Pearson's r with Fisher's interval, as a row."""
    known = table[[index, load]].dropna()
    test = stats.pearsonr(known[index], known[load])
    low, high = test.confidence_interval(LEVEL)
    return {"index": index, "load": load, "r": test.statistic, "low": low, "high": high, "n": len(known)}


rows = [{"who": "implant, one person", "pair": pair, **correlated(own, index, load), "of": "walks",
         "good": bool(own["good"].all())}
        for pair, own in implant.groupby("pair", sort=False) for index in ("rudolph", "falconer")
        for load in ("mean_force", "peak_force")]  # fmt: skip
rows += [{"who": "young people", "pair": "rectus femoris, hamstrings", **correlated(young, index, "kam"),
          "of": "people", "good": True} for index in ("rudolph", "falconer")]  # fmt: skip
found = pd.DataFrame(rows)
title = f"Correlation of co-contraction with load, all pairs and indices (real, {len(known) + 1} people)"
plots.table(found, title)

# %% [markdown]
# `good` is False where a channel failed the limits in some walk. Five walks of one person are too few and too similar
# for a correlation, and the sizes of signals in different people are hardly comparable without a maximal contraction.
#
# **The virtual person.** One unchanged walk. Only one assumption is varied, over its stated range: the share of the
# ankle's or the hip's moment that the `reduced` estimator of contact force assigns to muscles that cross the knee.

# %%
walker = Walker()
simulation = simulate(walker, 2)
start, end = stances(simulation, "right")[0]
halves = {"early": slice(start, (start + end) / 2), "late": slice((start + end) / 2, end)}
moments, weight, rows = simulation.truth.sel(side="right", drop=True), walker.mass * GRAVITY, []
for constant in contact.CONSTANTS.loc[["gastrocnemius_share", "hamstrings_share"]].itertuples():
    shares = [constant.value, *np.linspace(constant.low, constant.high, 5)]
    forces = [contact.reduced(moments, **{constant.Index: s}) for s in shares]
    for share, force in zip(shares[1:], forces[1:], strict=True):
        row = {"constant": constant.Index, "share": share}
        for half, part in halves.items():
            peak, usual = (float(f["total_contact_force"].sel(time=part).max()) / weight for f in (force, forces[0]))
            row |= {f"{half} (BW)": peak, f"{half}, change (%)": 100 * (peak / usual - 1)}
        rows.append(row)
sweep = pd.DataFrame(rows)
title = "Largest total contact force of early and late stance by the assumed muscle share (simulated, 1 virtual person)"
plots.table(sweep, title, {"share": 3, "early (BW)": 3, "late (BW)": 3} | dict.fromkeys(
    ("early, change (%)", "late, change (%)"), 1))  # fmt: skip

# %%
anchor = {"role": "load", "anchor": "K3-Muscle-imbalance-and-the-load-on-the-joint"}
notes = {
    "young people": "r of Rudolph's index, rectus and hamstrings, first half of stance, with the first KAM peak; "
    "one leg each",
    "implant, one person": "r over five walks of one person: Rudolph's index, vastus lateralis and biceps, with "
    "measured contact force",
}
chosen = found[(found["index"] == "rudolph") & found["load"].isin(["kam", "mean_force"])].groupby("who").first()
k3 = []
for who, source in zip(notes, (co_contraction.YOUNG, co_contraction.implant.DATASET), strict=True):
    row = chosen.loc[who]
    about = {"data": "real", "n_unit": "people", "n": int(row["n"]) if who == "young people" else 1, "source": source}
    k3 += [claims.record("K3", row["r"], (row["low"], row["high"]), "r", note=notes[who], **about, **anchor)]
ends = sweep.loc[sweep["constant"] == "hamstrings_share", "early, change (%)"]
about = {"imposed": ["walk", "muscle shares", "knee load"], "computed": ["quadriceps force that keeps the balance"]}
about |= {"data": "simulated", "n": 1, "n_unit": "virtual people", "source": "walker"}
note = "early contact force, hamstrings' share at the top of its range against the bottom; the answer was put in"
k3 += [claims.record("K3", np.ptp(ends), (0.0, np.ptp(ends)), "% of total", note=note, **about, **anchor)]
plots.table(pd.concat(k3)[shown], "Recorded for K3 (real and simulated; n in the table)")

# %% tags=["hide-input"]
row = chosen.loc["young people"]
half = sweep.groupby("constant")[["early, change (%)", "late, change (%)"]].max()
Markdown(f"""**What it shows.** {len(found)} correlations, of either sign;
{((found["low"] < 0) & (found["high"] > 0)).sum()} of the intervals contain zero. {int(row["n"])} people
give an interval from {row["low"]:.2f} to {row["high"]:.2f}. These data show no direction, and could show
one only if the correlation were very strong. In the virtual person the share of the hamstrings moves
the early peak by some {half.loc["hamstrings_share", "early, change (%)"]:.0f} % either way, that of the
calf the late one by {half.loc["gastrocnemius_share", "late, change (%)"]:.0f} %: *imposed* were the
walk, its moments, the share, and that muscles press the joint, so the answer was put in. That muscles
press the joint they cross is not in doubt; how much *imbalance* changes the load on the knee in people
stays open.

**Verdict and what would change it.** *Inconclusive*: fewer people than the 20 that the rule requires. It takes
muscle signals scaled to a maximal contraction, and knee moments or an implant, in 20 people or more.""")

# %% [markdown]
# ## K4 Losing weight lowers the load on knee and foot
# **The source says.** Every kilogram lost is load off the knee and off the foot.
#
# **Evidence.** *Published*: two studies in which people lost weight, one for the knee ([Messier 2005](#Messier-2005)),
# one for the foot ([Walsh 2018](#Walsh-2018)). *Real*: fifteen people of different mass who walked over force plates;
# but lighter people differ from heavier ones in more than mass, so this is context. *Simulated*: the same virtual
# people with less mass. The load must then fall, for the walk does not change: the sign is put in, and only the size
# per kilogram is computed. So it is an illustration.
#
# **The analysis.** The published changes as printed; the slope over the fifteen people; virtual people of `MASSES`.

# %%
read = published.effects("K4")
read = read[read["exposure"].str.contains("mass|weight")]
columns = ["study", "outcome", "effect", "low", "high", "unit", "p", "n", "note"]
plots.table(read[columns], "After losing weight (published; n in the table)", {"n": 0})

# %% [markdown]
# The knee's figure has no interval in what could be read. Its p value implies one, if a plain t test was used: an
# estimate $b$ with $t = t_{p/2}$ has the standard error $|b|/t$.

# %%
lost = read[(read["study"] == "Messier 2005") & (read["unit"] == "N/kg")]
bounds = [reported.interval_from_p(r.effect, float(r.p), LEVEL, df=r.n - 2) for r in lost.itertuples()]
implied = lost[["outcome", "effect", "p", "n"]].assign(low=[b[0] for b in bounds], high=[b[1] for b in bounds])
title = f"Change per kg lost, N/kg, and the interval that its p implies (published, {lost['n'].max():.0f} people)"
plots.table(implied, title, {"n": 0})

# %%
real = results.table("body_mass_loads", body_mass.peak_loads, inputs=body_mass.INPUTS, key=["dataset", "person"])
rows = []
for load, unit in body_mass.LOADS.items():
    fit = stats.linregress(real["mass"], real[load])
    half = stats.t.isf((1 - LEVEL) / 2, len(real) - 2) * fit.stderr
    rows.append({"load": load, "unit": f"{unit}/kg", "n": len(real), "r": fit.rvalue, "per kg less": -fit.slope,
                 "low": -fit.slope - half, "high": -fit.slope + half})  # fmt: skip
slopes = pd.DataFrame(rows).round(12)
plots.table(slopes, f"Between people: load per kg less of body mass (real, {len(real)} people)")

# %%
fig, axes = plt.subplots(2, 1, figsize=(4.8, 5.6), sharex=True)
for ax, (load, label) in zip(axes, {"vertical_force": "peak force under\nthe foot (N)",
                                    "knee_adduction_moment": "peak KAM (N m)"}.items(), strict=True):  # fmt: skip
    sns.regplot(real, x="mass", y=load, seed=0, ax=ax)
    ax.set(xlabel="", ylabel=label)
axes[-1].set_xlabel("body mass (kg)")
about = f"line of least squares, 95 % bootstrap band (real, {len(real)} people)"
fig.suptitle(f"Foot and knee load by body mass, one dot per person,\n{about}", fontsize=10)
plots.show(fig, "Fifteen dots a panel close to a rising line: force under the foot tightly, the knee moment loosely.")

# %%
LOADS = {"total_peak": "knee: total contact force, peak", "medial_peak1": "knee: medial contact force, first peak",
         "kam1": "knee: adduction moment, first peak", "force_peak": "foot: vertical force, peak",
         "forefoot_peak": "foot: force under the forefoot, peak", "heel_peak": "foot: force under the heel, peak",
         "forefoot_pressure": "foot: pressure under the forefoot, largest"}  # fmt: skip
rows = []
for number, person in enumerate(people, 1):
    for mass in MASSES:
        row = both_legs(replace(person, mass=mass)).set_index("side").loc["right", list(LOADS)].astype(float)
        row[["total_peak", "medial_peak1", "force_peak", "forefoot_peak", "heel_peak"]] *= mass * GRAVITY  # BW to N
        row["kam1"] *= mass * GRAVITY * person.height / 100  # %BW*Ht to N m
        rows.append({"person": number, "mass": mass, **row})
masses = pd.DataFrame(rows).melt(["person", "mass"], var_name="load")
slope = masses.groupby(["load", "person"], sort=False).apply(
    lambda own: np.polyfit(own["mass"], own["value"], 1)[0], include_groups=False)  # fmt: skip
each = (-slope).groupby("load", sort=False).agg(["mean", "min", "max"]).rename(index=LOADS).reset_index()
plots.table(each, f"One kg less: change of the load, N (moment N m, pressure kPa), mean and span {virtual}")

# %%
fig, ax = plt.subplots(figsize=(5.2, 3.4))
two = masses[masses["load"].isin(["total_peak", "force_peak"])].replace({"load": LOADS})
sns.lineplot(two, x="mass", y="value", hue="load", errorbar=("pi", 100), marker="o", ax=ax)
ax.set(xlabel="body mass (kg)", ylabel="peak force (N)", ylim=(0, None))
ax.set_title(f"Peak force by body mass in the same walk,\nmean and span {virtual}")
sns.move_legend(ax, "upper center", bbox_to_anchor=(0.5, -0.2), ncols=1, title=None)
plots.show(fig, "Both forces are straight lines over body mass, the knee's steeper than the foot's.")

# %% [markdown]
# In the walker every force is proportional to body mass, so the load per kilogram is the same at any mass. The weak
# point is the unchanged walk. People who lost weight may walk faster, and that raises the load. At which speed is the
# load back where it was before the loss (`LOST`)?

# %%
rows = []
for measure in ("total_peak", "force_peak"):
    load = LOADS[measure]
    for number, person in enumerate(people, 1):
        tried = [k for k in FASTER if k * person.speed <= LIMITS["speed"][1]]
        faster = [both_legs(replace(person, speed=k * person.speed)).set_index("side") for k in tried]
        force = np.array([own.loc["right", measure] for own in faster]) * person.mass * GRAVITY
        lighter = force * (1 - LOST)
        enough = np.flatnonzero((np.array(tried) > 1) & (lighter >= force[0]))
        row = {"load": load, "person": number, "before (N)": force[0], "lighter (N)": lighter[0], "times": np.nan}
        if len(enough):
            two = slice(enough[0] - 1, enough[0] + 1)
            row["times"] = np.interp(force[0], lighter[two], tried[two])
        rows.append(row | {"fastest": max(tried)})
undone = pd.DataFrame(rows)
title = f"Times the usual speed at which the load is back after a loss of {LOST:.0%} of body mass {virtual}"
plots.table(undone, title, {"before (N)": 0, "lighter (N)": 0})

# %%
anchor = {"anchor": "K4-Losing-weight-lowers-the-load-on-knee-and-foot"}
knee = published.piece("Messier 2005", "body mass lost", "knee compressive force")
foot = published.piece("Walsh 2018", "surgery to lose weight", "peak pressure under the foot")
k4 = [claims.record("K4", **knee, role="knee", note="18 months, osteoarthritis; one trial, p = .001", **anchor)]
note = "whole change six months after surgery, not per kg; one study"
k4 += [claims.record("K4", **foot, role="foot", note=note, **anchor)]
about = {"data": "real", "n": len(real), "n_unit": "people", "role": "context", **anchor}
about |= {"source": "; ".join(real["dataset"].unique()), "note": "slope between people, who differ in more than mass"}
for row in slopes.to_dict("records"):
    k4 += [claims.record("K4", row["per kg less"], (row["low"], row["high"]), row["unit"], **about)]
about = {"data": "simulated", "n": len(people), "n_unit": "virtual people", "source": "simulate.walker", **anchor}
about |= {"imposed": ["body mass", "the same walk", "load change"], "computed": ["its size", "inverse dynamics"]}
about |= {"unit": "N/kg", "note": "the sign was put in with the unchanged walk; only the size is computed"}
for role, load in (("knee", "total_peak"), ("foot", "force_peak")):
    size = -slope[load]
    k4 += [claims.record("K4", size.mean(), (size.min(), size.max()), role=role, **about)]
plots.table(pd.concat(k4)[shown], "Recorded for K4 (published, real and simulated; n in the table)")

# %% tags=["hide-input"]
per_kg, times = (-slope).groupby("load").mean(), undone.groupby("load", sort=False)["times"].agg(["min", "max"])
at_knee, at_foot = times.index
Markdown(f"""**What it shows.** In one trial people who lost more weight had less force in the knee, by
{-knee["value"]:.0f} N per kg; the interval that the p value implies ({-bounds[0][1]:.0f} to
{-bounds[0][0]:.0f}) contains the {-per_kg["total_peak"]:.0f} of the virtual people. The people lost weight over
18 months, may have changed their walk with it, and the force was estimated, not measured. In another
study the pressure under the foot fell after surgery, by {-foot["value"]:.0f} kPa; per kilogram is not
known. Under the foot the virtual people give {-per_kg["force_peak"]:.0f} N per kg and {len(real)}
people {-slopes["per kg less"][0]:.0f} N between the lighter and the heavier. That the two agree says
little, since both are body weight ({GRAVITY:.1f} N per kg) and somewhat more. The slope holds for an
unchanged walk only: after a loss of {100 * LOST:g} % of body mass, the virtual people reach their former peak force
under the foot by walking {100 * (times.loc[at_foot, "min"] - 1):.0f} to
{100 * (times.loc[at_foot, "max"] - 1):.0f} % faster, and that in the knee by walking
{100 * (times.loc[at_knee, "min"] - 1):.0f} to {100 * (times.loc[at_knee, "max"] - 1):.0f} % faster. How
force rises with speed comes from a template of nine young people, so these speeds are rough.

**Verdict and what would change it.** *Inconclusive* by the rule: a single published study cannot decide,
with or without an interval, and each half has only one. A second, independent trial for the knee and a
second for the foot, pooled, would decide; so would six people or more measured before and after.""")

# %% [markdown]
# ## K5 Recovery of an acute and of a chronic injury
# **The source says.** A fresh injury of the knee takes 2 to 4 weeks to recover, a long-standing complaint months.
#
# **Evidence.** None at hand: nobody was followed from an injury to recovery. The people of the
# [randomised trial](06_the_randomised_trial.ipynb) had pain for half a year and longer, reported it at six visits, and
# their data are not public. A smaller question can be answered: *could such visits and such a model have detected a
# recovery in 2 to 4 weeks?* In simulated trials the course of pain is put in, so this says what an analysis can detect,
# never how long people take.
#
# **The analysis.** First the visits. A person who is recovered at a visit recovered at some time since the visit
# before.

# %%
weeks = np.array(trial_model.VISITS) - trial_model.VISITS[0]
visits = pd.DataFrame({"week": trial_model.VISITS[1:], "weeks since the first": weeks[1:], "visit before": weeks[:-1]})
visits["gap"] = visits["weeks since the first"] - visits["visit before"]
visits["holds all of weeks 2 to 4"] = (visits["visit before"] <= 2) & (visits["weeks since the first"] >= 4)
plots.table(visits, "The trial's visits after the first (published schedule; no people)", 0)

# %% [markdown]
# The second visit is five weeks after the first. Recoveries in two weeks, in four, or in four and a half cannot be
# distinguished: **there is no visit within the claimed 2 to 4 weeks**. Later the gaps are 4, then 13 to 14 weeks, so
# that months could be distinguished from weeks, but hardly three months from five.
#
# Second, the size of the difference that can be detected. Two thousand simulated trials of each size, with the effects
# published and the spreads assumed on page [06](06_the_randomised_trial.ipynb); pain (0 to 10, NRS) by arm and visit
# in the model for repeated measures explained there (MMRM). `smallest` is the difference that would be significant in
# 80 of 100 trials, `found` the share of trials in which the one put in (`truth`) is significant, `seen` the share of
# people still followed.

# %%
seen = results.kept("recovery_course", trials=2000)
drawn = f"(simulated, {seen.groupby('n_per_arm')['trials'].max().sum()} virtual trials)"
columns = ["n_per_arm", "week", "truth", "estimate", "half_width", "smallest", "found", "seen"]
plots.table(seen[columns], f"Difference between arms in pain, NRS points {drawn}")

# %%
fig, ax = plt.subplots()
lines = seen.assign(smallest=seen["smallest"].abs(), truth=seen["truth"].abs(), people=seen["n_per_arm"].astype(str))
sns.lineplot(lines, x="week", y="smallest", hue="people", marker="o", ax=ax)
sns.lineplot(lines.drop_duplicates("week"), x="week", y="truth", color="k", ls="--", label="put in", ax=ax)
ax.axvspan(trial_model.VISITS[0] + 2, trial_model.VISITS[0] + 4, color="0.88", lw=0)
ax.set(
    xlabel="week of the trial (grey: 2 to 4 weeks after the first visit)",
    ylabel="difference between arms\n(NRS points)",
    ylim=(0, None),
)
ax.set_title(f"Smallest difference in pain that 80 of 100\ntrials detect {drawn}")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title="people per arm", title_fontsize=9)
plots.show(fig, "The smallest difference that a trial would see grows over the year and is less in larger trials.")

# %% [markdown]
# A part of these trials is run anew with another seed; it must agree within the error of so few trials.

# %%
few = recovery_course.visible(recovery_course.SIZES[:1], trials=100, seed=7)
both = seen.merge(few, on=recovery_course.KEY, suffixes=("", " anew"))
draws = 1 / both["trials"] + 1 / both["trials anew"]
errors = {"estimate": both["se"] * np.sqrt(draws), "found": np.sqrt(both["found"] * (1 - both["found"]) * draws)}
for name, error in errors.items():
    both[f"{name} apart"] = (both[f"{name} anew"] - both[name]) / error
columns = [*recovery_course.KEY, *(f"{name}{end}" for name in errors for end in ("", " anew", " apart"))]
plots.table(
    both[columns],
    "Stored trials and 100 run anew; apart: difference in standard errors (simulated, 100 virtual trials)",
)

# %%
k5 = [claims.declare_not_testable("K5", anchor="K5-Recovery-of-an-acute-and-of-a-chronic-injury")]
plots.table(pd.concat(k5)[["id", "note"]], "K5: not testable here (no data)")

# %% tags=["hide-input"]
small = seen[seen["n_per_arm"] == recovery_course.SIZES[0]].set_index("week")
start, last = small.iloc[0], small.iloc[-1]
Markdown(f"""**What it shows.** With {recovery_course.SIZES[0]} people per arm the model detects about one NRS point at
any visit ({abs(start["smallest"]):.2f} at week {small.index[0]}, {abs(last["smallest"]):.2f} at week
{small.index[-1]}, where more people are missing and pain varies more between people). The early difference that was
put in, {abs(start["truth"]):.2f}, is found in {100 * start["found"]:.0f} of 100 trials, the late one,
{abs(last["truth"]):.2f}, in {100 * last["found"]:.0f}. So the model detects early differences no worse
than late ones of the same size; a recovery of 2 to 4 weeks is hidden by the *visit schedule*. More people
would not help, weekly visits would. All this follows from the assumptions of the simulated trials.

**Verdict and what would change it.** *Not testable.* People followed weekly from an acute injury, and
for months with a chronic complaint, with recovery defined beforehand, would decide it; an analysis of
times known only between two visits would be needed where visits are apart.""")

# %% [markdown]
# ## K6 Knee trouble changes the structure of the foot over time
# **The source says.** A knee that stays bad for long changes the build of the foot.
#
# **Evidence.** None at hand: it takes the same feet measured again after years, with and without a bad knee, and in no
# data at hand were feet measured twice. *Published* is the shape of feet at one visit ([Levinger 2010](#Levinger-2010),
# [Abourazzak 2014](#Abourazzak-2014)); the rule calls that context, for it cannot tell which came first.
#
# **The analysis.** Hedges' $g$ of the foot posture index, from the printed means and standard deviations.

# %%
feet = published.effects("K6")
listed = feet[feet["outcome"].str.contains("posture|arch index|progression") & feet["effect"].notna()]
columns = ["study", "exposure", "outcome", "measure", "n", "effect", "low", "high", "sd"]
plots.table(listed[columns], "Feet with and without osteoarthritis of the knee (published; n in the table)", {"n": 0})

# %%
anchor = {"anchor": "K6-Knee-trouble-changes-the-structure-of-the-foot-over-time"}
k6 = [claims.declare_not_testable("K6", **anchor)]
note = "foot posture index (pronated is positive), with osteoarthritis minus without; one visit, no order in time"
index = feet[(feet["outcome"] == "foot posture index") & (feet["measure"] == "mean")]
for study, groups in index.groupby("study", sort=False):
    controls = groups["exposure"] == "controls"
    (ill,), (well,) = (groups.loc[rows, ["effect", "sd", "n"]].to_numpy() for rows in (~controls, controls))
    g, variance = effectsize_smd(*ill, *well)
    interval = stats.norm.interval(0.95, g, np.sqrt(variance))
    about = {"data": "published", "n": int(groups["n"].sum()), "n_unit": "people", "source": study, "role": "context"}
    k6 += [claims.record("K6", g, interval, "SMD", note=note, **about, **anchor)]
plots.table(pd.concat(k6)[["id", "value", "low", "high", "data", "n", "source", "note"]],
            "K6: not testable here (published; n in the table)", {"n": 0})  # fmt: skip

# %% [markdown]
# **What it shows.** At one visit the feet of people with an arthritic knee are more pronated (flatter, leaning
# inwards) on average; the interval of the larger study reaches zero. Claim F1
# ([13 Feet, insoles and shoes](13_feet_and_orthoses.ipynb)) states the reverse, from foot to knee. Such numbers cannot
# tell the direction.
#
# **Verdict and what would change it.** *Not testable.* Arch height or foot posture of the same people over several
# years, some with and some without knee trouble at the start and none with foot trouble, would decide it.

# %% [markdown]
# ## K7 Referred pain and numbness and what treats them
# **The source says.** A bad knee sends pain and numbness into the foot. Drugs, acupuncture, chiropractic, massage, ice
# and surgery help.
#
# **Evidence.** None at hand. The first half takes a neurological examination and drawings of where it hurts; the
# second, randomised trials of each treatment. A walk shows neither: a numb foot and a sore one may move alike, and a
# person who walks better after a massage might have done so without it. This project has no pooled trials of the six
# treatments.
#
# **The analysis.** None. **What it shows.** Nothing either way. That no number is given here does not mean that the
# treatments do not help.
#
# **Verdict and what would change it.** *Not testable.* Both halves are needed, and relief for every treatment named:
# six sets of pooled trials, besides a study of referred symptoms with and without knee trouble.
#
# ## T4 Worn outer soles and bunions and the inner knee
# **The source says.** People who walk on the outside of their shoes, and wear them out there, get bunions and arthritis
# of the inner knee.
#
# **Evidence.** It takes shoes graded at the start, and feet and knees examined years later. No data at hand contain
# worn soles, bunions or a knee that was healthy before. The load in one walk (claims T1 to T3, [03 Treadmill foot
# pressure](03_treadmill_foot_pressure.ipynb)) says nothing about who becomes ill. One *published* association concerns
# the bunion, a big toe bent towards the others ([Ohi 2017](#Ohi-2017)): its angle and the alignment of the knee.
#
# **The analysis.** None.

# %%
k7 = [claims.declare_not_testable("K7", anchor="K7-Referred-pain-and-numbness-and-what-treats-them")]
anchor = {"anchor": "T4-Worn-outer-soles-and-bunions-and-the-inner-knee"}
t4 = [claims.declare_not_testable("T4", **anchor)]
toe = published.effects("T4").query("outcome == 'hallux valgus angle'").iloc[0]
about = {"data": "published", "n": int(toe["n"]), "n_unit": "people", "source": toe["study"], "role": "context"}
note = "bunion's angle per degree of knee towards valgus; everyone has knee osteoarthritis, one visit, no shoes"
t4 += [claims.record("T4", toe["effect"], (toe["low"], toe["high"]), toe["unit"], note=note, **about, **anchor)]
plots.table(pd.concat([*k7, *t4])[["id", "value", "low", "high", "data", "n", "note"]],
            "K7 and T4: not testable here (published; n in the table)", {"n": 0})  # fmt: skip

# %% tags=["hide-input"]
Markdown(f"""**What it shows.** Among {toe["n"]:.0f} people with osteoarthritis of the knee the big toe is bent
more where the knee is more bow-legged, by {-toe["effect"]:.1f} degrees for each degree ({-toe["high"]:.2f} to
{-toe["low"]:.2f}). Everyone in that study is already ill, nobody's shoes were examined, and the order
of events is unknown. It does not make worn soles a cause.

**Verdict and what would change it.** *Not testable.* A cohort with shoe wear graded at the start, then
feet examined and knees imaged over years, with age, mass and alignment taken into account.""")

# %%
judged = claims.judged([*k1, *k2, *k3, *k4, *k5, *k6, *k7, *t4])
plots.table(judged, "Verdicts by this page's evidence (real, published and simulated)")

# %% [markdown]
# ## What this shows
# - People with severe osteoarthritis of the knee take slower strides (pooled). What that does under their feet is
#   described, but not yet in numbers that can be pooled.
# - A limp put into virtual people lowers peaks of force and raises most impulses, most of all under the other foot.
#   Whether that is "more load on the foot" depends on the measure.
# - No data at hand measured the alignment of knees together with the pressure under the foot.
# - A kilogram less is less force in the knee: in one trial, and by assumption in virtual people whose walk is
# unchanged.
#
# ## What it does not show
# That knee pain harms feet, or that any of these claims is false: none is contradicted. Four of the eight cannot be
# tested with gait data. Of the others three stay inconclusive, for want of people or of studies, and for one there is
# only a model, which cannot decide. The sizes of the limp are assumptions; a limp that spares the forefoot or turns
# the foot would do something else under the sole, and the virtual people have neither.
#
# ## Deviations from the plan
# - The speed at which the load is back after a loss of mass was added to K4, because an unchanged walk fixes the sign.
# - The adult whose forces stay below body weight in single support was left out of K4's people, since part of the foot
#   must have missed the plate.
# - At review, after the first run: the virtual people's pieces for K4 were recorded as imposed, not computed, since
#   the sign is what the rule judges; speeds up to 1.8 times the usual were tried (the first sweep ended at 1.5, before
#   one person's knee was back at its load); the interval implied by the trial's p and K6's second study were added. No
#   verdict changed.
#
# ## Exercises
# 1. Take "leaning over it" out of `LIMP`. Which load of the painful knee rises, and which of the other side falls?
# 2. In K4 leave out the nine young people (`real = real[real["dataset"] != "mcgill-foot-progression"]`). What becomes
#    of the slope of the knee moment on mass, and of its interval?
# 3. In K3 replace Pearson's correlation by ranks (`stats.spearmanr`) or by a least-squares slope. Does any interval
#    leave zero out, and would one of 22 that did be convincing?

# %% [markdown]
# ## References
#
# ###### Abourazzak 2014
# Abourazzak F E, Kadi N, Azzouzi H, and others. A positive association between foot posture index and medial
# compartment knee osteoarthritis in Moroccan people. *Open Rheumatology Journal* 8:96 (abstract read).
# <https://benthamopen.com/FULLTEXT/TORJ-8-96>
#
# ###### Falconer 1985
# Falconer K, Winter D A. Quantitative assessment of co-contraction at the ankle joint in walking. *Electromyography and
# Clinical Neurophysiology* 25:135 (doi not available; not seen, the formula is that of public code that cites it).
#
# ###### J Foot Ankle Res 2021
# Almeheyawi R N, Bricca A, Riskowski J L, Barn R, Steultjens M. Foot characteristics and mechanics in individuals with
# knee osteoarthritis: systematic review and meta-analysis. *Journal of Foot and Ankle Research* 14:24 (abstract read).
# <https://doi.org/10.1186/s13047-021-00462-y>
#
# ###### Levinger 2010
# Levinger P, Menz H B, Fotoohabadi M R, and others. Foot posture in people with medial compartment knee osteoarthritis.
# *Journal of Foot and Ankle Research* 3:29 (abstract read). <https://doi.org/10.1186/1757-1146-3-29>
#
# ###### Messier 2005
# Messier S P, Gutekunst D J, Davis C, DeVita P. Weight loss reduces knee-joint loads in overweight and obese older
# adults with knee osteoarthritis. *Arthritis and Rheumatism* 52:2026 (abstract read).
# <https://doi.org/10.1002/art.21139>
#
# ###### Mills
# Mills K, Hunt M A, Ferber R. Biomechanical deviations during level walking associated with knee osteoarthritis: a
# systematic review and meta-analysis (abstract read).
# <https://researchers.mq.edu.au/en/publications/biomechanical-deviations-during-level-walking-associated-with-kne>
#
# ###### Ohi 2017
# Ohi H, Iijima H, Aoyama T, and others. Association of frontal plane knee alignment with foot posture in patients with
# medial knee osteoarthritis. *BMC Musculoskeletal Disorders* 18:246 (abstract read).
# <https://doi.org/10.1186/s12891-017-1588-z>
#
# ###### Osteoarthritis Cartilage 2011
# Does high weight loss in older adults with knee osteoarthritis affect bone-on-bone joint loads and muscle forces
# during walking? *Osteoarthritis and Cartilage* 19:272 (abstract read). <https://doi.org/10.1016/j.joca.2010.11.010>
#
# ###### Panyarachun
# Panyarachun P, Angthong C, Jindasakchai P, Rajbhandari P, Rungrattanawilai N. Abnormal foot pressure in older adults
# with knee osteoarthritis: a systematic review. *European Review for Medical and Pharmacological Sciences* (abstract
# read; doi not available).
#
# ###### Rudolph 2000
# Rudolph K S, Axe M J, Snyder-Mackler L. Dynamic stability after ACL injury: who can hop? *Knee Surgery, Sports
# Traumatology, Arthroscopy* 8(5):262-269 (not seen; the formula is general knowledge).
# <https://doi.org/10.1007/s001670000130>
#
# ###### Walsh 2018
# Walsh T P, Gill T K, Evans A M, and others. Changes in foot pain, structure and function following bariatric surgery.
# *Journal of Foot and Ankle Research* 11:35 (abstract read).
# <https://doi.org/10.1186/s13047-018-0277-y>
