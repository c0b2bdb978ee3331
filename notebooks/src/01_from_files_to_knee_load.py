# ---
# jupyter:
#   gaitstudy:
#     datasets: [plug-in-gait-kinetics, p3m6-walk, mcgill-foot-progression, arnold-synthetic, vaughan-gaitlab]
# ---

# %% [markdown]
# # 01 From a lab's files to the knee
#
# A gait lab records where markers are and how hard the floor pushes back. This notebook follows one recorded
# walk from the bytes in a C3D file to the load on the inner side of the knee, does the central sum by hand, and
# then asks the question every reviewer asks: *does it agree with other people's programs, and what would
# another choice have given?*
#
# It takes ten minutes to read. You need vectors and the cross product, nothing of biomechanics.

# %% [markdown]
# ## Question
# How does a recorded step become a foot progression angle and a knee adduction moment, and how far do those
# numbers agree with those of Vicon's Plug-in Gait, of OpenSim and of a published worked example?

# %% [markdown]
# ## Data
# | dataset | what it is here | class | people |
# |---|---|---|---|
# | plug-in-gait-kinetics | two walks with the moments that Vicon computed | real | 2 |
# | mcgill-foot-progression | nine straight walks with Vicon's foot progression | real | 9 |
# | p3m6-walk | three walks and a personal OpenSim model | real | 1 |
# | opencap-foot-angle, gc5-instrumented-knee | summary numbers beside OpenSim's, stored | real | 1 + 1 |
# | the five above, jw-instrumented-knee, hamner-running | events from plates and from markers | real | 22 + 1 |
# | vaughan-gaitlab | every intermediate of a published inverse dynamics | real | 1 |
# | arnold-synthetic | noise-free markers with true joint centres, made from models of three people | simulated | 3 |
#
# No parameter is fitted to any of them. Two choices of section 6 (the axes in its first part, the markers that
# carry the knee in its second) were made with results in view; both versions of each are shown. Where files
# are absent, tables come from `data/derived`; the first cell says so. Two are not made from the five datasets above
# alone: the comparison with OpenSim on own skeletons is always the stored one, and that of events also needs files
# that come with `gaitstudy fetch NAME --all`.

# %% [markdown]
# ## Plan of analysis
# Set before this notebook was run. What is "asked for" below comes from an earlier look at the same files:
# meeting it checks the program, it predicts nothing.
# 1. read one trial, find its steps, say which can be used and why the others cannot;
# 2. one instant by hand, then the whole stance beside Vicon's curve;
# 3. agreement with other programs on every trial at hand, none left out: root-mean-square difference,
#    correlation, peaks;
# 4. the first peak under every choice a reviewer will ask about, one changed at a time.

# %%
import numpy as np
import pandas as pd

from gaitstudy import figures
from gaitstudy.conventions import CONVENTIONS
from gaitstudy.io import catalogue, results
from gaitstudy.tables import agreement, cases, event_walks

datasets = ["plug-in-gait-kinetics", "p3m6-walk", "mcgill-foot-progression", "arnold-synthetic", "vaughan-gaitlab"]
catalogue.here(*datasets)

# %% [markdown]
# ## 1 The conventions, once and for all
# A knee moment of "20" means nothing without its axes, its sign and its frame. These hold throughout the
# project.

# %%
figures.table(pd.DataFrame(CONVENTIONS, columns=["thing", "convention"]), "Conventions of this project")

# %% [markdown]
# ## 2 What is in the file
# The walk was recorded with the Plug-in Gait marker set: one marker on the outer side of each knee and ankle,
# none on the inner side. `read_c3d` turns the lab so that x points forward, y up and z to the walker's right,
# and lengths become metres. Names and dates that such files often hold are never read.

# %%
walk = [cases.WALK]
contents = results.table("walk_contents", cases.contents, inputs=walk, key=["what"])
figures.table(
    contents.assign(value=contents["value"].map("{:g}".format)), figures.heading("One recorded walk", "real", 1)
)

# %% [markdown]
# ## 3 From plates to steps
# A plate reports force and moment. A step counts if one whole foot, and nothing else, was on the plate. The
# table has one row a stride; a row without knee moments says why. It is what `gaitstudy process FILE` prints.

# %%
rows = results.table("walk_processed", cases.processed, inputs=walk, key=["side", "stride"])
columns = ["side", "stride", "ic_time", "fo_time", "events", "fpa_deg", "kam1_nm", "kam1_edge", "kam2_nm", "kam2_edge"]
columns += ["step_width", "reason_excluded"]
figures.table(rows[columns], figures.heading("Strides of one walk", "real", 1))

# %% [markdown]
# Three of five strides met a plate. The first and the last right steps have a foot angle all the same: for
# that, markers are enough. Where `kam1_edge` or `kam2_edge` says yes, the "peak" is only the end of its half of
# stance: the moment goes on rising beyond it, and there is no peak in that half to speak of.
#
# Where no plate lies, contact and foot off come from the file's own events, and without those from the markers;
# the column `events` says which. Markers are the poorest of the three. How far they lie from the plates' 30 N is
# measured on every walk at hand that has both: the constants were chosen on one half of the people and on the
# virtual walker, the other half reports (asked for: mean within 15 ms, SD within 20 ms). That half was looked at
# before: an earlier rule missed the SD there by 3 ms and was replaced, so its numbers are a little kind. The
# usual rule, heel farthest ahead and toe farthest behind the pelvis (Zeni 2008), stands beside ours. In running
# neither finds both events: `gaitstudy process` says so for strides of runners that markers alone have found.

# %%
late = results.table("event_walks", event_walks.summary, inputs=event_walks.INPUTS, key=event_walks.KEY)
halves = late[late["dataset"] == "all"].drop(columns=["dataset"])
both = len(event_walks.PEOPLE) + 1
title = figures.heading("Events from markers less plates, ms", "real", both)
figures.table(halves, title, digits=1)

# %% [markdown]
# ## 4 One instant by hand
# First, where is the knee? With one marker on its outer side, the centre lies half a knee's width (and the
# marker's radius) further in, in the plane of hip centre and thigh marker: the *chord* method. The hip centre
# comes from the size of the pelvis by a regression (Harrington; section 9 also tries Hara's). The *tibial axes*
# run from ankle to knee centre (up), forward, and to the right.
#
# A quarter into stance the floor pushes up and slightly inwards. The push does not go through the knee: it
# passes on the inner side, at the *lever arm*. Force times lever arm tends to swing the shank inwards under the
# thigh. That is the external knee adduction moment, and it presses the inner half of the joint together. The
# picture looks along the shank's forward axis, which on this leg points some twenty degrees outwards; seen
# along the walkway the arm would be longer.

# %%
contact = results.table("walk_contact", cases.one_contact, inputs=walk, key=["percent"])
instant = contact[contact["percent"] == 25].iloc[0]
figure = figures.lever_arm(instant.to_dict(), figures.heading("25 % of stance, seen along the shank", "real", 1), -1)
figures.show(
    figure, "A left leg seen along its shank: the upward ground reaction passes the knee centre on its medial side."
)

# %% [markdown]
# Now the sum. $\mathbf{r}$ goes from the knee to the centre of pressure, $\mathbf{F}$ is the force of the
# floor, and the moment is $\mathbf{M} = \mathbf{r} \times \mathbf{F}$. Only its part along the tibia's forward
# axis adducts. On a left leg the sign turns, so that adduction is positive on both sides.

# %%
knee, pressure, force, forward = (
    instant[[f"{name}_{axis}" for axis in "xyz"]].to_numpy(float) for name in ("knee", "pressure", "force", "forward")
)
arm = pressure - knee
moment = np.cross(arm, force)
by_hand = -moment @ forward / instant["mass"]
steps = {"r (mm)": 1000 * arm, "F (N)": force, "M = r x F (N m)": moment, "forward axis": forward}
worked = pd.DataFrame([[k, *v] for k, v in steps.items()], columns=["vector", "x forward", "y up", "z right"])
figures.table(worked, figures.heading("The sum at 25 % of stance", "real", 1), 3)

# %%
both = pd.DataFrame({"way": ["by hand", "by the package"], "KAM (N m/kg)": [by_hand, instant["lever_arm"]]})
both["KAM (N m)"] = both["KAM (N m/kg)"] * instant["mass"]
figures.table(both, figures.heading("Knee adduction moment at 25 % of stance", "real", 1), 4)

# %% [markdown]
# The two differ in the fourth digit, almost wholly because the package keeps the *free moment* as well, the
# small twist of the foot on the floor, which the sum by hand leaves out.
#
# ## 5 The whole stance, beside Vicon
# Do the same at every instant, and the curve of the knee appears. Most people show two humps, one after the
# foot meets the ground and one before it leaves it; in this walker they run together, so the "first peak", the
# largest value of the first half, sits at its very end. That is what a rule does when nature does not follow
# it. The *lever arm* way takes the floor's force alone. *Inverse dynamics* adds weight and inertia of foot and
# shank. Vicon's curve was computed by its own program from the same file, with filters we do not know.

# %%
labels = {"lever_arm": "ours, lever arm", "inverse_dynamics": "ours, inverse dynamics", "vicon": "Vicon Plug-in Gait"}
title = figures.heading("Knee adduction moment, left knee", "real", 1)
figure = figures.stance_curves(contact, labels, title, "external KAM (N m/kg)")
figures.show(
    figure,
    "Three curves that follow each other from 15 to 90 % of stance; Vicon's swings further in the first 10 %.",
)

# %% [markdown]
# Every plate contact of two people, with Vicon's knee centre and tibial axes (what is left is the computation)
# and with our own skeleton from the same markers (what a user gets). `n` frames are compared, `lost` had a gap;
# *rms* is the root of the mean squared difference, *r* the correlation; *as recorded* means without a filter.
# Asked for with Vicon's skeleton on four of the five contacts: r at least .97, peaks within 0.04 N m/kg.

# %%
pig = [("plug-in-gait-kinetics", f"btk/PiG_Motion{name}.c3d") for name in ("3_FF", "-FlatFoot-Full")]
key = ["trial", "plate", "skeleton", "filter", "method"]
vicon = results.table("kam_against_vicon", agreement.knee_moment_against_vicon, inputs=pig, key=key)
vicon["peak difference"] = vicon["peak_ours"] - vicon["peak_theirs"]
columns = ["trial", "side", "plate", "skeleton", "filter", "method", "n", "lost", "rms", "r", "peak difference"]
figures.table(vicon[columns], figures.heading("KAM beside Plug-in Gait, N m/kg", "real", 2), 3)

# %%
given = vicon[vicon["skeleton"] == "Vicon's"]
not_asked = (given["trial"] == "PiG_Motion-FlatFoot-Full") & (given["side"] == "right")
groups = given.assign(contact=np.where(not_asked, "right contact of FlatFoot-Full", "the four asked for"))
worst = groups.assign(apart=groups["peak difference"].abs()).groupby("contact", sort=False)
worst = worst.agg(smallest_r=("r", "min"), largest_rms=("rms", "max"), largest_peak_difference=("apart", "max"))
figures.table(worst.reset_index(), figures.heading("Worst of all contacts, Vicon's skeleton, N m/kg", "real", 2), 3)

# %% [markdown]
# On the fifth contact, the right one of the second person, r is lower. Its moment is small (Vicon's peak is
# about 0.2 N m/kg), so the same difference counts for more; in N m/kg it is no larger than on the left.

# %% [markdown]
# ## 6 Beside OpenSim
# OpenSim reaches the knee by another road: it fits a jointed model to the markers, then solves for the forces
# in its joints. Where true joint centres are known (walks synthesised from models), the programs should agree
# closely. Inverse dynamics does once both moments stand on the same axes, the lever arm gains little from it:
# the model's own tibial axes are turned against those through the epicondyles (the bony bumps at the knee's
# sides; column `apart`, degrees between the forward axes), and that alone moves the moment. Both versions are
# in the table. Asked for: inverse dynamics RMS at most 1.5 N m and r at least .99, lever arm at most 2.6 N m
# and at least .97.

# %%
files = [f"{trial}/{file}" for trial in agreement.ARNOLD for file in ("markers.trc", "grf.mot", "_subject.json")]
compute, key = agreement.knee_moment_against_opensim_true_centres, ["trial", "side", "method", "axes"]
synthetic = [("arnold-synthetic", file) for file in files]
true_centres = results.table("kam_against_opensim_true_centres", compute, inputs=synthetic, key=key)
figures.table(true_centres, figures.heading("KAM beside OpenSim 4.6, true joint centres, N m", "simulated", 3), 3)

# %% [markdown]
# With real markers nobody knows the true centres. Here each program places the knee in its own way, ours
# half-way between two markers of a standing trial, carried along by the shank. A centre 5 mm further inwards
# shortens every lever arm by 5 mm: at 600 to 760 N that is 3 to 4 N m. The picture shows one trial (right knee,
# ours with markers and forces at 6 Hz, OpenSim with joint angles at 6 Hz and forces as recorded).

# %%
names = ("inputs/trc/Walking01.trc", "inputs/grf/Walking01_kinetics.mot", "inputs/c3d/Static.c3d")
opensim = [("p3m6-walk", name) for name in names]
beside = results.table("kam_curve_beside_opensim", cases.beside_opensim, inputs=opensim, key=["percent"])
labels = {"inverse_dynamics": "ours, inverse dynamics", "lever_arm": "ours, lever arm", "opensim": "OpenSim 4.6"}
title = figures.heading("Knee adduction moment, own skeletons", "real", 1)
figure = figures.stance_curves(beside, labels, title, "external KAM (N m)")
alt = "First peaks of 18 to 21 N m near 21 % of stance; OpenSim's second hump is twice as high as ours."
figures.show(figure, alt)

# %% [markdown]
# The first peaks lie near the same place, with OpenSim's some 3 N m higher; its second peak is about twice as
# high as ours.
#
# Every trial at hand of three datasets (8 of opencap's 12, 5 of gc5, 3 of p3m6's 6; one person each), where at
# least the inner knee marker was worn only while standing. OpenSim was run by a script of this project
# (`tests/oracles/knee_moment_agreement.py`): ours with markers and forces at 6 Hz, OpenSim's with joint angles
# at 6 Hz and forces as recorded (none) or at 6 Hz; frames with more than 20 N.

# %%
stored = pd.read_csv(catalogue.data_folder() / "reference" / "knee_moment_agreement.csv")
own = stored[(stored["cluster"] == "map") & (stored["method"] == "inverse dynamics")]
columns = ["dataset", "trial", "force_filter", "n", "rms", "r", "peak_ours", "peak_theirs"]
figures.table(own[columns], figures.heading("KAM beside OpenSim 4.6, own skeleton, N m", "real", 3), 3)

# %%
asked = agreement.asked_of_own_skeletons(own)
figures.table(asked, figures.heading("What was asked for, and found", "real", 3), 3)

# %%
names = ["dataset", "cluster", "force_filter", "method"]
spread = stored.groupby(names, sort=False).agg(
    smallest_r=("r", "min"), median_rms=("rms", "median"), largest_rms=("rms", "max")
)
figures.table(spread.reset_index(), figures.heading("What hangs on the markers that carry the knee", "real", 3), 3)

# %% [markdown]
# Two bounds are not met, both of opencap. In its first trunk-sway trial the moment is small (OpenSim's peak is
# 10 to 11 N m), so a few millimetres at the knee change its shape. And with OpenSim's forces filtered at 6 Hz
# as well, the median difference is a little larger than asked for; with its forces as recorded it is not.
#
# The second table shows what hangs on the cluster: *map* is that of the shipped marker map, every marker on the
# shank with the outer ankle; *with epicondyle* adds the outer knee marker; *shank alone* leaves out the ankle
# as well. The outer knee marker would bring opencap closer (and just not far enough), and p3m6 beyond its
# bound. It sits on the thigh bone, so it stays out.

# %% [markdown]
# ## 7 Beside a textbook
# Vaughan, Davis and O'Connor published every number on the way, so the equations alone can be tested, no
# skeleton in between. Asked for: r at least .999, RMS at most 0.5 N m.

# %%
textbook = results.table(
    "knee_moments_against_vaughan",
    agreement.vaughan_knee_moments,
    inputs=[("vaughan-gaitlab", "manprocessed.txt")],
    key=["side", "component"],
)
figures.table(textbook, figures.heading("Knee moments beside Vaughan's, N m", "real", 1), 4)

# %% [markdown]
# ## 8 The angle of the foot
# The foot progression angle needs no plate: heel, second toe, and the direction in which the person travels.
# The direction is the part people forget. Here it is the way the pelvis went over the whole trial; the lab's
# axis is off when someone crosses the walkway obliquely. Asked for over 30-60 % of stance: within 2.7 degrees
# on every step.

# %%
walks = [("mcgill-foot-progression", "straight/*.c3d")]
compute, key = agreement.foot_angle_against_vicon, ["trial", "side", "step"]
angles = results.table("fpa_against_vicon", compute, inputs=walks, key=key)
people = angles["trial"].nunique()
title = figures.heading("Foot progression angle, 30-60 % of stance", "real", people)
figure = figures.agreement(angles, "ours_30_60", "vicon_30_60", "deg", title, 2.7, "Vicon")
figures.show(
    figure, "Our foot angle against Vicon's: all steps near the diagonal, every difference within 2.7 degrees."
)

# %% [markdown]
# Solid line: the mean difference. Dashed: the 2.7 degrees asked for; they are not limits of agreement.

# %%
columns = ["trial", "side", "step", "ours_30_60", "vicon_30_60", "difference_30_60"]
columns += ["ours_15_40", "vicon_15_40", "difference_15_40"]
title = figures.heading("Foot progression angle beside Vicon's, deg", "real", people)
figures.table(angles[columns], title)

# %%
apart = angles[["difference_30_60", "difference_15_40"]]
worst = (
    pd.DataFrame({"largest (deg)": apart.abs().max(), "mean (deg)": apart.mean()}).rename_axis("window").reset_index()
)
figures.table(worst, figures.heading("Foot progression angle, ours less Vicon's", "real", people))

# %% [markdown]
# ## 9 What another choice would have given
# A moment is a number and a list of decisions. Here each is changed alone, on the three contacts of the walk of
# section 2. (Where the last table says that the first peak is an edge, it lies on a slope, and moves with the
# choices more than a true peak would.)

# %%
choices = results.table("kam_choices", cases.choices, inputs=walk, key=["choice", "value", "contact"])
figure = figures.choice_effects(choices, figures.heading("What each choice does to the first peak", "real", 1))
figures.show(figure, "Filter, hip, threshold and method move the first peak by up to 4 %; the frame by 11 to 44 %.")

# %%
labels = {"kam1": "KAM1 (N m/kg)", "kam1_change": "change (%)", "kam1_edge": "edge"}
wide = choices.set_index(["choice", "value", "contact"])[list(labels)].unstack("contact", sort=False)
wide.columns = [f"{labels[name]}, contact {k}" for name, k in wide.columns]
figures.table(wide.reset_index(), figures.heading("First peak under every choice", "real", 1), 3)

# %% [markdown]
# The frame outweighs all else. The lab's forward axis and the tibia's differ by the angle at which the shank is
# turned, and part of the flexion moment leaks in. The joint coordinate system differs most, probably because
# its adduction axis stands at right angles to the *thigh's* sideways axis, which here comes from one marker on
# the thigh, while the tibia's comes from the ankle marker, as in Plug-in Gait. A paper that gives a knee
# adduction moment without its frame has not given it.

# %% [markdown]
# ## Glossary
# | term | meaning |
# |---|---|
# | initial contact, foot off | the foot meets and leaves the ground; here: vertical force crosses 30 N |
# | stance, stride | from initial contact to foot off; from one initial contact to the next of the same foot |
# | ground reaction | the force of the floor on the foot |
# | centre of pressure | the point on the floor where that force can be thought to act |
# | foot progression angle | angle between the foot's long axis and the direction of travel; toe-out positive |
# | knee adduction moment (KAM) | turning effect in the shank's frontal plane that presses the inner knee together |
# | first and second peak | largest value in the first and in the last half of stance |
# | impulse | area under the moment over stance: how much, and for how long |
# | external, internal | what the outside does to the leg; what muscles and ligaments answer with |
# | inverse dynamics | forces in the joints from measured motion and ground reaction |
# | cluster, static trial | markers that move with a bone; a standing trial in which joint markers are worn as well |
#
# ## Try it
# 1. Change `percent == 25` in section 4 to 10 and to 70. Which of force and lever arm changes more?
# 2. Run `gaitstudy process` on a file of your own. Which strides are left out, and do you agree?
# 3. Move the knee centre 5 mm inwards in the sum by hand. How many per cent is that?

# %% [markdown]
# ## What this shows
# With Vicon's knee and axes the moments agree with Vicon's; with true joint centres and shared axes they agree
# with OpenSim's; with everything given but the equations, with Vaughan's. With each program's own skeleton the
# shapes are alike, least so with trunk sway; the moments differ by 2 to 5 N m RMS, and two of the bounds asked
# for are not met. The foot angle stays within 2.1 degrees of Vicon's over 30-60 % of stance and within 3.2 over
# 15-40 %; ours is on average slightly more toed-out.
#
# ## What it does not show
# Agreement between programs is not truth. All of them share the assumption that skin markers stand for bone.
# None of these numbers is a force inside the joint: the muscles press too, and no moment shows it. Nine and two
# people say nothing about how knees are loaded in general. Which frame or filter is right is not a question
# data of this kind can answer.
#
# ## Deviations from the plan
# The comparison with OpenSim on true joint centres was planned in the model's own tibial axes. There some legs
# miss the bounds (inverse dynamics RMS up to 1.65 N m and r down to .988, lever arm RMS up to 2.7 N m), for the
# reason given in section 6. In common axes all legs meet them. Both versions are shown.
