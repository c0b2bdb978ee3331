# ---
# jupyter:
#   gaitstudy:
#     datasets: [opencap-foot-angle, gc5-instrumented-knee, p3m6-walk]
# ---

# %% [markdown]
# # 16 Alignment, trunk, pelvis and hip, and the treatment of knee pain
#
# **Question.** Do knock knees, a leaning trunk, a dropping pelvis or a weak hip change the load on the knee, and do
# tape, stretching and strengthening ease its pain?
#
# **Data.** Simulated (4 virtual people), real (3 people standing and walking, 1 of them swaying the trunk) and
# published (effects read in papers and abstracts).
#
# **You need.** [01 From files to knee load](01_from_files_to_knee_load.ipynb): what a knee adduction moment is.
# [03 Treadmill foot pressure](03_treadmill_foot_pressure.ipynb): what the virtual walker is given and what it computes.
#
# **You will learn.** To change alignment and posture of a virtual walker and read its hip as a laboratory would; to
# compare a computed slope with a published one; to pool two trials and see how wide an interval two trials leave.
#
# **Pages.** before: [15 The kneecap](15_kneecap.ipynb) · next: [17 Knee to foot](17_knee_to_foot.ipynb)

# %% [markdown]
# ## Question
# Three claims of an article on knee pain in walking:
#
# | claim | in short |
# |---|---|
# | [H1](#H1-Knock-knees-and-turned-in-hips) | knock knees, or hips that turn in, load the inner side of the knee |
# | [H2](#H2-Trunk-and-pelvis-and-hip) | poor stability of trunk, pelvis and hip changes the load on the knee |
# | [H3](#H3-Taping-and-stretching-and-strengthening) | tape, stretches and strong hips ease the knee |
#
# ## Data by claim
# H1 and H2 are simulated with virtual people on a virtual treadmill; what is assumed about them stands in section 2 of
# page 03. **What a model answers is no evidence about people**: it shows what follows from what was put in. It is
# compared with the few real people whose recordings bear on the claim, and with published effects whose numbers could
# be read. H3 rests on published effects alone.
#
# ## Plan of analysis
# Each claim has five parts: what the source says; the evidence there is; the analysis; what it shows, with its
# uncertainty; the verdict and what would change it. The rule that turns evidence into a verdict was written into
# `data/claims.csv` before any of this was run.
#
# **Terms.** *Medial* is towards the inner side, *lateral* towards the outer. *Varus* is bow-legged, *valgus*
# knock-kneed. The *knee adduction moment* (KAM) is the external moment that presses the inner side of the knee; KAM1 is
# its first peak. Moments are in per cent of body weight times height (%BW·Ht), forces in body weights (BW). The medial
# and lateral *force* are contact forces on the two sides of the knee. An *SMD* or *Hedges' g* is a difference in
# standard deviations (SD).

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import Markdown
from statsmodels.stats.meta_analysis import combine_effects, effectsize_smd

from gaitstudy import claims, plots
from gaitstudy.gait import posture, signals
from gaitstudy.io import catalogue, published, results
from gaitstudy.simulate import knee_load, walker
from gaitstudy.stats import evidence
from gaitstudy.tables import agreement, cases, standing_alignment

plots.style()

# %%
# What you may want to change
VARUS = (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0)  # deg, alignment of the knee; knock knees negative
KNOCK = -4.0  # deg, one of VARUS: the size that is recorded
DROPS = (0.0, 4.0, 8.0)  # deg by which the pelvis hangs down on the swing side
DROP = 4.0  # deg, one of DROPS: that of the published study
LEANS = (-10.0, -5.0, 0.0, 5.0, 10.0)  # deg, trunk over the standing leg; away from it negative
LEAN = 5.0  # deg, one of LEANS: the size that is recorded
TRUNKS = {"trunk tips with the pelvis": 1.0, "trunk tips half as far": 0.5, "trunk stays upright": 0.0}
WINDOW = (15, 40)  # % of stance over which the hip's angles are averaged

# %%
catalogue.here("opencap-foot-angle", "gc5-instrumented-knee", "p3m6-walk")

# %% [markdown]
# ## H1 Knock knees and turned in hips
# **The source says.** Knock knees, or hips that turn in, put more load on the inner side of the knee.
#
# **Evidence.** For knock knees, the walker: its alignment is put in, from knock knees (negative) to bow legs, and the
# forces are computed. Further the few real people whose standing alignment and walking moment are both at hand, and two
# published studies. Hips that turn in are a shape of the thigh bone; no data at hand show it.
#
# **The analysis.** The four virtual people first get straight legs, then bow legs and knock knees.


# %%
def walk(setting, name, values, people):
    """Return the knee load of virtual people with one input of the walker changed by each of these values."""
    return knee_load.sweep(setting, {name: 1.0}, values, people)


PEOPLE = walker.people(variability=0.0)
straight = [replace(person, varus=0.0) for person in PEOPLE]
legs = walk("alignment (deg varus)", "varus", VARUS, straight)
virtual = f"(simulated, {len(PEOPLE)} virtual people)"
apart = legs.pivot(index=["value", "person"], columns="frame", values="kam1_change")
apart = (apart["tibia"] - apart["lab"]).abs().max()

# %%
tibial = legs.query("frame == 'tibia'")
fig, (above, below) = plt.subplots(2, 1, figsize=(5.2, 4.8), sharex=True)
sns.lineplot(tibial, x="value", y="kam1", units="person", estimator=None, marker="o", ms=4, lw=1, ax=above)
forces = tibial.melt(["value", "person"], ["medial", "lateral"], "side of the knee", "force")
sns.lineplot(forces, x="value", y="force", hue="side of the knee", units="person", estimator=None, marker="o", ms=4,
             lw=1, ax=below)  # fmt: skip
above.set(
    ylabel="KAM1 (%BW·Ht)", title=f"Knee load by alignment of the knee, tibial axes,\none line per person {virtual}"
)
below.set(ylabel="contact force,\nfirst peak (BW)", xlabel="alignment (deg varus; knock knees negative)")
sns.move_legend(below, "upper left", bbox_to_anchor=(1, 1), title_fontsize=9)
plots.show(fig, "Moment and medial force rise with varus in all four; the lateral force falls to zero.")

# %%
columns = ["kam1", "kam1_change", "medial", "medial_change", "lateral", "share"]
means = tibial.groupby("value")[columns].mean().reset_index(names="varus")
names = ["varus (deg)", "KAM1 (%BW·Ht)", "change (%)", "medial force (BW)", "its change (%)", "lateral force (BW)",
         "medial share (%)"]  # fmt: skip
digits = dict(zip(names, (0, 2, 1, 2, 1, 2, 0), strict=True))
plots.table(
    means.set_axis(names, axis=1), f"By alignment, change from straight legs, tibial axes, means {virtual}", digits
)

# %%
inputs = list(agreement.MASSES.index)
standing = results.table("standing_alignment", standing_alignment.people, inputs=inputs, key=["dataset"])
title = f"Standing alignment (deg varus) and larger KAM peak (N m/kg) (real, {len(standing)} people)"
plots.table(standing, title, {"varus": 1, "kam": 2})

# %%
columns = ["study", "people", "exposure", "outcome", "measure", "n", "effect", "note"]
plots.table(published.effects("H1")[columns], "Alignment and the frontal moment (published; n in the table)", {"n": 0})

# %%
HERE = {"data": "simulated", "n_unit": "virtual people", "source": "simulate.walker"}
h1 = [claims.declare_not_testable("H1", "hips", anchor="H1-Knock-knees-and-turned-in-hips")]
for load, name in {"medial_change": "first medial force peak", "kam1_change": "first KAM peak"}.items():
    for frame in knee_load.FRAMES:
        h1 += [claims.record(
            "H1", role="knock", **knee_load.as_row(legs, KNOCK, load, frame), **HERE, unit="%",
            imposed=["frontal alignment of the knee", "everything else as in straight legs"],
            computed=["hips, knees and ankles", "knee adduction moment", "medial knee load"],
            anchor="H1-Knock-knees-and-turned-in-hips",
            note=f"{name}, {frame} axes; {-KNOCK:g} deg of knock knees against straight",
        )]  # fmt: skip
SHOWN = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "note"]
plots.table(pd.concat(h1)[SHOWN], f"Recorded for H1: mean and span {virtual}", 1)

# %% tags=["hide-input"]
by = means.set_index("varus")
Markdown(f"""**What it shows.** The reverse of the claim, in all four virtual people: knock knees shift load from the
inner side to the outer. At {KNOCK:g} deg the first peak of the medial force changes by
{by.loc[KNOCK, "medial_change"]:+.0f} % and KAM1 by {by.loc[KNOCK, "kam1_change"]:+.0f} %. Straight legs put
{by.loc[0, "share"]:.0f} % of the total on the inner side, an alignment of {min(VARUS):g} deg puts
{by.loc[min(VARUS), "share"]:.0f} % there. Tibial axes are drawn; in laboratory axes the change of KAM1 differs by at
most {apart:.1f} percentage points. The alignment was imposed; the side that takes the load was computed, from where the
knee then lies between hip and ankle. The sizes depend on the walker and on the formula for the forces (at 4 deg of
varus the outer side already carries nothing), and no published slope is at hand to compare them with.

The {len(standing)} real people are too few, and their hip centres too uncertain, for any inference. One study found
lower moments in people with osteoarthritis of the outer side ([Butler 2011](#Butler-2011), numbers not in the
abstract), which agrees with the walker, though it chose people by disease and not by alignment. In 37 knees the tilt
of the tibia alone explains half of the variance of the moment ([Barrios 2009](#Barrios-2009)); none of them was
knock-kneed.

**Verdict and what would change it.** *Knock knees*: *mechanism*, against the claim. *Hips*: not testable. Standing
alignment from long-leg images with the walking moment or a contact force in six people or more would decide it.""")

# %% [markdown]
# ## H2 Trunk and pelvis and hip
# **The source says.** Poor stability of trunk, pelvis and hip changes the load on the knee.
#
# **Evidence.** Pooled effects of a trunk leaned on purpose; one study of a pelvis dropped on purpose; one real person
# who swayed the trunk on purpose; and the walker. **None of these is poor stability.** In the walker nothing is weak:
# the drop of its pelvis is put in. The pelvis rolls about the standing hip, and the trunk tips with it wholly, by half,
# or not at all. What people's trunks do is not known here, and the result depends on it.
#
# **The analysis.** Drop and lean are simulated and compared with the published drop; then the real person who swayed;
# then the pooled effects.

# %%
drops = pd.concat(
    [walk(name, "pelvic_drop", DROPS, [replace(one, trunk_follows=share) for one in PEOPLE])
     for name, share in TRUNKS.items()], ignore_index=True,
)  # fmt: skip
leans = walk("trunk lean (deg)", "trunk_lean", LEANS, PEOPLE)
study = {"study": "pelvic drop study", "outcome": "KAM peak", "measure": "mean", "unit": "N m/kg"}
usual, dropped = (published.one_row(exposure=e, **study) for e in ("usual walk", "pelvic drop walk"))
more = dropped["effect"] - usual["effect"]  # N m/kg
seen = {"setting": "published, one study", "slope": more / DROP, "percent": 100 * more / usual["effect"]}

# %%
LOADS = {"peak_change": "larger KAM peak\n(change, %)", "medial_change": "medial force, first peak\n(change, %)"}
fig, axes = plt.subplots(2, 1, figsize=(5.2, 5.2), sharex=True)
for ax, (load, label) in zip(axes, LOADS.items(), strict=True):
    sns.lineplot(drops.query("frame == 'tibia'"), x="value", y=load, hue="setting", units="person", estimator=None,
                 lw=1, legend=ax is axes[0], ax=ax)  # fmt: skip
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set(ylabel=label, xlabel="drop of the pelvis on the swing side (deg)")
axes[0].plot(DROP, seen["percent"], "kD", label=f"one study (published, {usual['n']:.0f} people)")
axes[0].set_title(f"Knee load by drop of the pelvis, tibial axes,\none line per person {virtual}")
handles, names = axes[0].get_legend_handles_labels()
axes[0].get_legend().remove()
fig.legend(handles, names, loc="outside lower center")
plots.show(
    fig, "With the trunk tipping along the moment rises with the drop, upright hardly; the study's value lies above."
)

# %%
start = drops.query("value == 0").set_index(["setting", "person", "frame"])["peak"].rename("start")
rise = drops.query("value == @DROP").join(start, on=["setting", "person", "frame"])
rise["slope"] = (rise["peak"] - rise["start"]) / DROP
slopes = rise.groupby(["setting", "frame"], sort=False).agg(
    slope=("slope", "mean"), low=("slope", "min"), high=("slope", "max"), percent=("peak_change", "mean")
)
title = f"Larger KAM peak per degree of drop (N m/kg, span over people) and change at {DROP:g} deg (%)"
title += f" (published, {usual['n']:.0f} people, first row; simulated, {len(PEOPLE)} virtual people)"
plots.table(
    pd.concat([pd.DataFrame([seen]), slopes.reset_index()]), title, {"slope": 4, "low": 4, "high": 4, "percent": 1}
)

# %% [markdown]
# Which hip angle would a gait laboratory measure? The axes of the pelvis are laid through its iliac spines; hip
# adduction is the second angle of the joint coordinate system of pelvis and thigh ([Grood 1983](#Grood-1983)).


# %%
def hip_angles(person, side="right"):
    """Return hip adduction, pelvic drop and trunk lean (deg) of a virtual person, mean over a window of stance."""
    simulation = walker.simulate(person, 2)
    marks, (start, end) = simulation.recording.markers, walker.stances(simulation, side)[0]
    left, right, neck = (marks.sel(marker=name, drop=True) for name in ("LASI", "RASI", "C7"))
    back = marks.sel(marker=["LPSI", "RPSI"]).mean("marker").assign_attrs(marks.attrs)
    thigh = simulation.legs[side]["axes"].sel(segment="thigh", drop=True)
    angles = {
        "hip_adduction": posture.joint_angles(posture.pelvis_axes(left, right, back), thigh, side)["adduction"],
        "pelvic_drop": posture.pelvic_drop(left, right, side),
        "trunk_lean": posture.trunk_lean(neck, back, side),
    }
    curves = {name: signals.normalise_time(angle, [start], [end]) for name, angle in angles.items()}
    return {name: float(curve.sel(percent=slice(*WINDOW)).mean()) for name, curve in curves.items()}


ways = {"as they are": {}}
ways |= {f"drop of {DROP:g} deg, {n}": {"pelvic_drop": DROP, "trunk_follows": s} for n, s in TRUNKS.items()}
hips = pd.DataFrame(
    [{"walk": way} | hip_angles(replace(one, **set_to)) for way, set_to in ways.items() for one in PEOPLE]
)
hips = hips.groupby("walk", sort=False).mean()
title = f"Hip, pelvis and trunk angles from markers (deg), {WINDOW[0]}-{WINDOW[1]} % of stance, means"
plots.table(hips.reset_index(), f"{title} {virtual}", 1)

# %% tags=["hide-input"]
upright = list(TRUNKS)[-1]
adducted = hips["hip_adduction"].iloc[-1] - hips["hip_adduction"].iloc[0]
first = drops.query("setting == @upright and value == @DROP and frame == 'tibia'")["kam1_change"]
Markdown(f"""In the last row the pelvis drops, the hip adducts by {adducted:.0f} deg more, the trunk stays upright, and
KAM1 hardly changes ({first.mean():+.1f} %). The forces on the ground are the same in all rows, because the centre of
mass follows from the feet. A tipping trunk changes where the *hips* are: its mass moves to the swing side, so the
hips, and with them the knee, move to the standing side, away from the line of the force.""")

# %%
fig, ax = plt.subplots(figsize=(5.2, 3.2))
names = {"kam1_change": "KAM1", "medial_change": "medial force, first peak"}
long = leans.query("frame == 'tibia'").melt(["value", "person"], list(names), "load", "change").replace({"load": names})
sns.lineplot(long, x="value", y="change", hue="load", units="person", estimator=None, marker="o", ms=4, lw=1, ax=ax)
ax.axhline(0, color="0.5", lw=0.8)
ax.set(xlabel="trunk lean over the standing foot (deg; away negative)", ylabel="change (%)")
ax.set_title(f"Knee load by lean of the trunk, tibial axes,\none line per person {virtual}")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title="")
plots.show(fig, "Leaning over the foot lowers both loads, leaning away raises them, in proportion to the angle.")

# %% [markdown]
# **One person who swayed.** The left knee of one real person, natural walking and trunk swayed on purpose, two trials
# each ([page 02](02_foot_angle_and_knee_load.ipynb)). The natural stances of the right leg are cut off by the ends of
# the recordings.

# %%
ways_walked = results.table("four_ways", cases.four_ways, inputs=["opencap-foot-angle"], key=["trial", "side"])
left = ways_walked.query("side == 'left'").set_index("condition")["kam1"]
natural, swayed = left["natural"].to_numpy(), left["trunk sway"].to_numpy()
pairs = 100 * (np.divide.outer(swayed, natural) - 1)  # every swayed trial against every natural one
sway = {"change": 100 * (swayed.mean() / natural.mean() - 1), "low": pairs.min(), "high": pairs.max()}
title = "Trunk sway on purpose: KAM1, change from natural (%), of the means and span of the pairs of trials"
plots.table(pd.DataFrame([sway | {"trials": len(swayed)}]), f"{title} (real, 1 person)", 1)

# %%
SD = published.one_row(study="Shakoor 2010", exposure="barefoot", unit="%BW*Ht")["sd"]


def in_sd(table):
    """Return a table of walks with the change of KAM1 in SD between people (Shakoor 2010)."""
    keys = ["setting", "person", "frame"]
    natural = table.query("value == 0").set_index(keys)["kam1"].rename("natural")
    return table.join(natural, on=keys).eval("smd = (kam1 - natural) / @SD")


walked = [("trunk", leans, LEAN, f"trunk leaned {LEAN:g} deg over the foot, on purpose")]
walked += [("pelvis", drops[drops["setting"] == name], DROP, f"pelvis drops {DROP:g} deg, {name}") for name in TRUNKS]
walked += [("hip", drops[drops["setting"] == upright], DROP,
            f"hip adducted by {DROP:g} deg (the walk of pelvis, trunk upright); nothing is weak")]  # fmt: skip
h2 = []
for role, table, value, what in walked:
    h2 += [claims.record(
        "H2", role=role, **knee_load.as_row(in_sd(table), value, "smd", "tibia"), **HERE, unit="SMD",
        imposed=[what, "feet, forces on the ground and centre of mass as before"],
        computed=["place of hips and knees", "knee adduction moment", "knee load"],
        anchor="H2-Trunk-and-pelvis-and-hip", note=f"first KAM peak, tibial axes; {what}",
    )]  # fmt: skip
h2 += [claims.record(
    "H2", sway["change"], (sway["low"], sway["high"]), "%", role="trunk", data="real", n=1, n_unit="people",
    source="opencap-foot-angle", anchor="H2-Trunk-and-pelvis-and-hip",
    note="first KAM peak, left knee, trunk swayed on purpose; span of pairs of trials, two of each; one person",
)]  # fmt: skip
plots.table(pd.concat(h2)[SHOWN], f"Recorded for H2 (simulated, {len(PEOPLE)} virtual people; real, 1 person)", 2)

# %% [markdown]
# **Published.** *Trunk*: leaning over the standing leg on purpose, pooled over at most four studies. *Pelvis*: one
# study of a pelvis dropped on purpose. *Hip*: eight men whose hip abductors were weakened by a nerve block; the
# abstract prints p values and no sizes.

# %%
columns = ["study", "exposure", "outcome", "n", "studies", "effect", "low", "high", "p", "unit"]
title = "Trunk, pelvis, hip and the knee (published; n in the table)"
plots.table(published.effects("H2")[columns], title, {"n": 0, "studies": 0})

# %%
pooled = published.piece("Silva 2022 (meta-analysis)", "trunk lean", "KAM1") | {"unit": "SMD"}
note = "Hedges g, first peak; leaned on purpose: posture moves the load, not poor stability; may rest on fewer studies"
h2_read = claims.record("H2", **pooled, role="trunk", anchor="H2-Trunk-and-pelvis-and-hip", note=note)
plots.table(h2_read[SHOWN], "Recorded for H2 (published, at most 73 people)", 2)

# %% tags=["hide-input"]
smd = {role: knee_load.as_row(in_sd(table), value, "smd", "tibia")["value"] for role, table, value, _ in walked}
numbed = published.effects("H2").query("study == 'Pohl 2015' and outcome == 'KAM peak'")["p"].item()
per_degree = leans.query("value == @LEAN and frame == 'tibia'")["kam1_change"].mean() / LEAN
along, held = (slopes.loc[(name, "tibia"), "slope"] for name in (next(iter(TRUNKS)), upright))
Markdown(f"""**What it shows.** A lean of the trunk changes KAM1: by {per_degree:.0f} % per degree in the walker, and by
{sway["change"]:.0f} % in one real person who swayed on purpose (two trials, one knee). In SD between people
([Shakoor 2010](#Shakoor-2010)) a lean of {LEAN:g} deg in the walker gives {smd["trunk"]:.2f}. The pooled effect of
leaning on purpose is {pooled["value"]:.2f} ([Silva 2022](#Silva-2022)), but how far those people leaned was not read,
so the two cannot be compared. *Trunk* is supported by the letter of the rule, since the whole interval lies on one side
of zero. That shows that a trunk leaned on purpose changes the moment; nobody's trunk was *unstable* there.

In the walker a dropping pelvis loads the knee by way of the trunk. If the trunk tips along, the larger peak rises by
{along:.3f} N m/kg per degree, {100 * along / seen["slope"]:.0f} % of the {seen["slope"]:.4f} of the one published
study ([pelvic drop study](#Pelvic-drop-study)); with the trunk upright it rises by {held:.3f}, and KAM1 hardly changes
({smd["hip"]:.2f} SD). The published rise is more than this mechanism gives. Perhaps people who drop their pelvis on
purpose change more than their pelvis, while the walker's feet, forces and centre of mass stay as they were. For the
same reason a lean in the walker works only by way of the hips, never by carrying the mass over the foot. The one
experiment that weakened the hip abductors found no significant change of the moment (p = {numbed}, [Pohl
2015](#Pohl-2015)); eight people are too few to exclude one.

**Verdict and what would change it.** *Inconclusive*. *Trunk* is supported by the letter of the rule; *pelvis* and *hip*
rest on the walker alone (*mechanism*), in which the hip by itself changes the moment hardly at all. All of this is
posture on purpose. The load on the knee of people with weak or unstable hips, before and after strengthening, would
test the claim itself.""")

# %% [markdown]
# ## H3 Taping and stretching and strengthening
# **The source says.** Tape, stretches, and strong hips and buttocks ease the knee.
#
# **Evidence.** Nobody in the data at hand was treated, and a stronger muscle in a model says nothing about what weeks
# of exercise do to a person. The evidence is reviews of randomised trials, one treatment at a time, as far as their
# abstracts could be read.
#
# **The analysis.** For each treatment there is a pooled effect whose number stands in the review's abstract. Only the
# comparison that isolates the treatment counts: tape against sham tape, stretching alone, hip muscles strengthened
# against a control. A figure may decide only if it is known on how many trials it rests. That could be read for
# strengthening; for tape and stretching only the trials of the *whole* review are known.

# %%
h3 = published.effects("H3")
points = h3["unit"].str.contains("mm of 100|points") & h3["effect"].notna() & h3["measure"].eq("difference")
columns = ["study", "people", "exposure", "studies", "count_of", "effect", "low", "high", "unit"]
title = "Tape, stretching, strengthening and knee pain (published; studies in the table)"
plots.table(h3.loc[points, columns], title, {"studies": 0})

# %%
in_sds = h3[h3["unit"].eq("SMD") & h3["effect"].notna()]
trials = in_sds["studies"].map("{:.0f} trials pooled".format).where(in_sds["pooled"], "one trial")
rows = in_sds.assign(
    label=in_sds["exposure"] + "\n" + in_sds["outcome"] + ", " + in_sds["people"],
    estimate=in_sds["effect"], size=trials,
    group=in_sds["study"].str.replace(r" \(.*", "", regex=True),
)  # fmt: skip
ax = plots.forest(rows)
ax.set(
    xlabel="SMD, negative is better",
    title="Hip strengthening: knee pain and WOMAC\n(published, 2 reviews and 2 trials)",
)
plots.show(ax.figure, "Five differences, all less pain: some pooled by reviews, some of single trials, with intervals.")

# %% [markdown]
# WOMAC, the Western Ontario and McMaster Universities index, scores pain, stiffness and function.
#
# **Two trials pooled.** Two single trials of [Thomas 2022](#Thomas-2022) print means and SDs after treatment.
# Hedges' $g$ and its variance follow, then the pooled effect: with one effect common to both (*fixed*), and with
# trials that may differ (*random*, $\tau^2$ by DerSimonian and Laird; with two trials restricted maximum likelihood,
# REML, gives the same). The conclusion depends on the interval: the normal one treats the estimated variance between
# trials as if it were known; that of Hartung and Knapp rescales the error by the observed spread and uses a $t$
# distribution, here with one degree of freedom.

# %%
pain = h3.query("outcome == 'knee pain after treatment'").pivot(
    index="study", columns="exposure", values=["effect", "sd", "n"]
)
treated, control = (pain.xs(name, axis=1, level="exposure").T.to_numpy() for name in ("strengthening", "control"))
g, variance = effectsize_smd(*treated, *control)
both = combine_effects(g, variance, method_re="chi2", row_names=list(pain.index)).summary_frame()
columns = {"eff": "g", "ci_low": "low", "ci_upp": "high"}
shown = both.iloc[:4].rename(columns=columns)[list(columns.values())].reset_index(names="trial")
n = int(pain["n"].to_numpy().sum())
plots.table(shown, f"Hedges' g of pain after treatment, negative is less, normal intervals (published, {n} people)", 2)

# %%
each = [evidence.pool(g, np.sqrt(variance), interval=i) for i in ("Wald", "Hartung-Knapp, truncated")]
columns = ["interval", "studies", "estimate", "low", "high", "tau2", "i2", "q_p"]
reml = pd.concat(each)[columns]
plots.table(reml, f"The same by REML, with two intervals (published, {n} people)", 2)

# %%
moments = h3[h3["outcome"].str.startswith("KAM")].pivot(index="outcome", columns="exposure", values="effect").iloc[::-1]
title = "Mean moment before and after strengthening the hip, %BW·Ht, SD about .9 (published, 89 people)"
plots.table(moments.reset_index(), title, 1)

# %%
READ = {
    "strengthening": ("Thomas 2022 (meta-analysis)", "hip abductor strengthening", "hip abductors; osteoarthritis"),
    "taping": (
        "Warden 2008 (meta-analysis)",
        "patellar tape against sham tape",
        "against sham tape; chronic knee pain",
    ),
    "stretching": ("Luan 2022 (meta-analysis)", "stretching alone", "stretching alone; osteoarthritis"),
}
h3_read = [
    claims.record("H3", **published.piece(study, exposure, "knee pain"), role=role, note=note,
                  anchor="H3-Taping-and-stretching-and-strengthening")
    for role, (study, exposure, note) in READ.items()
]  # fmt: skip
plots.table(pd.concat(h3_read)[[*SHOWN[:9], "source", "note"]], "Recorded for H3 (published, 3 reviews)", {"n": 0})

# %%
silent = h3[h3["effect"].isna()]
columns = ["study", "people", "exposure", "n", "studies", "note"]
plots.table(silent[columns], "Also read, without a number (published; n in the table)", 0)

# %% tags=["hide-input"]
strong, tape, stretch = (piece.iloc[0] for piece in h3_read)
wald, hartung = reml.to_dict("records")
Markdown(f"""**What it shows.** The pooled effect of each treatment is less pain, in different groups of people: tape
by {-tape["value"]:.0f} of 100 ({-tape["high"]:.0f} to {-tape["low"]:.0f}) in chronic knee pain
([Warden 2008](#Warden-2008)), stretching by {-stretch["value"]:.1f} points ({-stretch["high"]:.1f} to
{-stretch["low"]:.1f}, [Luan 2022](#Luan-2022)) and stronger hip abductors by {-strong["value"]:.1f} SD
({-strong["high"]:.1f} to {-strong["low"]:.1f}, [Thomas 2022](#Thomas-2022)) in osteoarthritis. How little two trials
can tell is seen from the two intervals above: the normal one excludes zero ({wald["low"]:.1f} to
{wald["high"]:.1f}), that of Hartung and Knapp does not ({hartung["low"]:.1f} to {hartung["high"]:.1f}).

*Pain* fell; the load did not fall in the one trial here that measured it
({moments["strengthening"].iloc[0]:.1f} to {moments["strengthening"].iloc[1]:.1f} %BW·Ht, control
{moments["control"].iloc[0]:.1f} both times). The tape's p value does not fit its interval
([19 Reported numbers](19_reported_numbers.ipynb)), its review warns of unpublished trials, and a review of tape
beyond its immediate effect ([Callaghan and Selfe 2012](#Callaghan-and-Selfe-2012)) gives a number that could not be
read. When hip exercises were added to thigh exercises, a trial of 86 people found no significant difference
([Yuenyongviwat 2020](#Yuenyongviwat-2020)); two others found less pain.

**Verdict and what would change it.** *Strengthening* is supported, by one pooled effect of three trials, read in an
abstract. For the other two parts it is not known how many trials their pooled effects rest on, so the claim as a whole
stays *inconclusive*. The full reviews, with the trials behind each figure, would settle it; so would pooled trials of
all three in one condition.""")

# %% [markdown]
# ## The claims of this page together
# First what was put into the walker and what it computed, for every part that has a simulation. Then the verdict that
# the evidence recorded above gives each claim by its rule, part by part. [Page 02](02_foot_angle_and_knee_load.ipynb)
# adds context to H2. What a bow-legged knee demands of the foot is shown in [17 Knee to foot](17_knee_to_foot.ipynb).

# %%
every = [*h1, *h2, h2_read, *h3_read]
told = pd.concat(every).query("data == 'simulated'")[["id", "role", "imposed", "computed"]]
told = told.assign(imposed=told["imposed"].map("; ".join), computed=told["computed"].map("; ".join))
told = told.groupby(["id", "role", "computed"], sort=False)["imposed"].unique().map(" | ".join).reset_index()
plots.table(told, f"Imposed (| parts one walk from the next) and computed {virtual}")

# %%
plots.table(claims.judged(every), "Verdicts from the evidence of this page (real, published and simulated)")

# %% [markdown]
# ## What this shows
# - None of the three claims is supported as a whole, and none is contradicted by people.
# - Two parts are supported: a trunk leaned over the foot on purpose lowers the knee adduction moment (at most four
#   studies), and stronger hip abductors ease pain in osteoarthritis (three trials). A lean on purpose is no poor
#   stability.
# - In the walker knock knees *unload* the inner side, against the claim, and a dropping pelvis loads the knee only by
#   way of the trunk.
#
# ## What it does not show
# What weak hips do. The virtual people have no weak muscles and no pain; their feet, forces and centre of mass stay as
# they were, whatever pelvis and trunk do. A lower moment is not less pain, and less pain is not a lower moment.
#
# ## Deviations from the plan
# H3 was foreseen as not testable; reviews were found for all three treatments, and one can decide its part.
#
# ## Exercises
# 1. Add a share of 0.25 to `TRUNKS`. How does the slope change with the share, and does any share up to 1 reach the
#    published slope?
# 2. In the cell of the lean draw laboratory axes (`frame == 'lab'`). Does anything move?
# 3. Add a third, made-up trial with $g = -0.7$ and variance 0.05 to `g` and `variance`. What becomes of the interval of
#    Hartung and Knapp, and why?
#
# ## References
#
# ###### Barrios 2009
# Barrios J A, Higginson J S, Royer T D, Davis I S. Static and dynamic correlates of the knee adduction moment in
# healthy knees ranging from normal to varus-aligned. *Clinical Biomechanics*.
# <https://pmc.ncbi.nlm.nih.gov/articles/PMC2763946> (doi not available)
#
# ###### Butler 2011
# Butler R J, Barrios J A, Royer T, Davis I S. Frontal-plane gait mechanics in people with medial knee osteoarthritis
# are different from those in people with lateral knee osteoarthritis. *Physical Therapy* 91(8):1235.
# <https://doi.org/10.2522/ptj.20100324>
#
# ###### Callaghan and Selfe 2012
# Callaghan M J, Selfe J. Patellar taping for patellofemoral pain syndrome in adults. *Cochrane Database of Systematic
# Reviews* CD006717 (abstract read in part). <https://doi.org/10.1002/14651858.CD006717.pub2>
#
# ###### Garcia 2024
# Garcia M C, Waiteman M C, Taylor-Haas J A, Bazett-Jones D M. Hip strength does not correlate with hip and knee
# biomechanics during single-leg tasks: a systematic review with meta-analysis and evidence gap map. *Journal of Sports
# Sciences*, 2024 (abstract read). <https://doi.org/10.1080/02640414.2024.2415219>
#
# ###### Grood 1983
# Grood E S, Suntay W J. A joint coordinate system for the clinical description of three-dimensional motions:
# application to the knee. *Journal of Biomechanical Engineering* 105:136. <https://doi.org/10.1115/1.3138397>
#
# ###### Luan 2022
# Luan L, El-Ansary D, Adams R, Wu S, Han J. Knee osteoarthritis pain and stretching exercises: a systematic review and
# meta-analysis. *Physiotherapy* 114:16. <https://doi.org/10.1016/j.physio.2021.10.001>
#
# ###### Nascimento 2018
# Nascimento L R, Teixeira-Salmela L F, Souza R B, Resende R A. Hip and knee strengthening is more effective than knee
# strengthening alone for reducing pain and improving activity in individuals with patellofemoral pain: a systematic
# review with meta-analysis. *Journal of Orthopaedic & Sports Physical Therapy* 48:19 (abstract read).
# (doi not available)
#
# ###### Pelvic drop study
# Contralateral pelvic drop during gait increases knee adduction moments of asymptomatic individuals (abstract; authors
# not seen; doi not available).
#
# ###### Pohl 2015
# Pohl M B, Kendall K D, Patel C, Wiley J P, Emery C, Ferber R. Experimentally reduced hip-abductor muscle strength and
# frontal-plane biomechanics during walking. *Journal of Athletic Training* 50(4):385.
# <https://doi.org/10.4085/1062-6050-49.5.07>
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
# ###### Six trials in patellofemoral pain
# The efficacy of hip and knee muscles strengthening versus knee muscle strengthening alone: a meta-analysis of six
# trials (abstract; authors not seen; doi not available).
#
# ###### Thomas 2022
# Thomas D T and others. Hip abductor strengthening in patients diagnosed with knee osteoarthritis: a systematic review
# and meta-analysis. *BMC Musculoskeletal Disorders* 23:622. The trials of Bennell and of Jorge were read in its table
# 4. <https://doi.org/10.1186/s12891-022-05557-6>
#
# ###### Trials of Ashok and of Verma and Agarwal
# Two single trials of hip exercises added to quadriceps exercises, read in table 3 of a review in the *British Journal
# of Sports Medicine* (the papers were not seen; doi not available).
#
# ###### Warden 2008
# Warden S J and others. Patellar taping and bracing for the treatment of chronic knee pain: a systematic review and
# meta-analysis. *Arthritis & Rheumatism* 59:73. <https://doi.org/10.1002/art.23242>
#
# ###### Yuenyongviwat 2020
# Yuenyongviwat V, Duangmanee S, Iamthanaporn K, Tuntarattanapong P, Hongnaparak T. Effect of hip abductor strengthening
# exercises in knee osteoarthritis: a randomized controlled trial. *BMC Musculoskeletal Disorders* 21:284.
# <https://doi.org/10.1186/s12891-020-03316-z>
