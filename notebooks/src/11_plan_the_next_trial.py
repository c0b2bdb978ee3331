# ---
# jupyter:
#   gaitstudy:
#     datasets: []
# ---

# %% [markdown]
# # 11 Plan a trial: how many people, and on which assumptions
#
# **Question.** How many people would a trial like the published one need, and which assumptions change that number
# most?
#
# **Data.** Simulated (2,000 virtual trials a setting, 500 to 1,000 where they are run here); published effects (68
# people).
#
# **You need.** [06 The randomised trial](06_the_randomised_trial.ipynb): the outcomes, ANCOVA and the mixed model for
# repeated measures (MMRM).
#
# **You will learn.** The textbook sample size and what it leaves out; power by simulation, with its Monte-Carlo error;
# to read a sample size off a probit regression; and to change one assumption at a time. **To plan your own trial,
# change `PLAN` below.**
#
# **Pages.** before: [10 Foot angles](10_choosing_a_foot_angle.ipynb) ·
# next: [13 Feet, insoles and shoes](13_feet_and_orthoses.ipynb)

# %% [markdown]
# ## Question
# A grant application needs a sample size. How many people would a trial like the published one need for pain, for the
# load of the knee and for cartilage? How does that number change with the standard deviations (SDs), dropout,
# measurement error, adherence and the screening of participants?

# %% [markdown]
# ## Data
# Trials are drawn from the virtual trial of [page 06](06_the_randomised_trial.ipynb). The effects are those published
# ([Uhlrich 2025](#Uhlrich-2025)); **most SDs are assumptions**, because no source gives them. The results are
# arithmetic on assumptions and no evidence about patients.

# %% [markdown]
# ## Plan of analysis
# Set before the trials were simulated, except section 2.
# 1. Outcome at one year: pain (points of a numerical rating scale, NRS), peak of the knee adduction moment (KAM, % of
#    natural), T1rho of cartilage (ms; [page 08](08_cartilage.ipynb)). Estimand: the difference between the arms in mean
#    change to week 52. Test: two-sided at .05; power counts only significant results in the direction of the effect.
# 2. MMRM (all visits, unstructured covariance, Kenward-Roger) and ANCOVA on people seen, both with the baseline.
# 3. First a case with a closed form: if the simulation does not agree with it, the other results are void.
# 4. Sample sizes for 80 and 90 % power from a probit regression through the simulated powers, with Monte-Carlo
#    intervals.
# 5. Then one assumption is changed at a time, with 34 people in each arm as in the published trial.

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import statsmodels.api as sm
import statsmodels.formula.api as smf
from IPython.display import Markdown
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from gaitstudy import plots
from gaitstudy.io import results
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.tables import trial_power

plots.style()

# %%
# What you may want to change
PLAN = trial_power.Plan("pain", "ANCOVA", effect=-0.8, dropout=0.2, adherence=70.0, assumptions={"pain_mean": 5.0})
TRY = [40, 60, 90, 130, 180]  # people in each arm of your trial, section 8
WANTED = (0.8, 0.9)  # powers for which sample sizes are read off
HERE, MINE = 1000, 500  # virtual trials simulated in section 6, and per row in sections 7 and 8
OUTCOMES = ["pain", "KAM", "T1rho"]  # shown in sections 2 and 3

# %% [markdown]
# **Assumptions.** Effects: as published, taken as true (for the KAM the difference of two figures of the press). SDs:
# in the table below. Dropout: 14 % in a year, more likely with more pain, plus 2 % of visits missed. Adherence: 80 %;
# every effect is proportional to it. Screening: only people who can lower their larger peak by 5 % are randomised (70 %
# of those screened, as in the 107 people of [page 09](09_who_benefits.ipynb)); without screening, the others are
# randomised too and gain nothing.

# %%
stored = results.kept("trial_power", count=2000)
trials = int(stored["trials"].max())
rows = [(o, trial_power.published_effect(o), about.unit) for o, about in trial_power.OUTCOMES.items()]
effects = pd.DataFrame(rows, columns=["outcome", "effect", "unit"]).set_index("outcome")
caption = "Differences between the arms at one year, intervention minus sham (published, 68 people)"
plots.table(effects.reset_index(), caption)

# %%
parameters = trial_model.parameters()
spreads = [name for outcome in trial_power.OUTCOMES.values() for name in outcome.spreads]
others = ["kam_sd", "t1rho_sd", "dropout", "dropout_pain", "missed", "adherence_mean"]
chosen = parameters[parameters["name"].isin([*spreads, *others])]
plots.table(chosen, "Assumed SDs, dropout and adherence of the virtual people (simulated; all are assumptions)", 2)

# %% [markdown]
# ## 1 A case with a closed form
# With normal outcomes and nobody missing, both models reduce to the t test of ANCOVA. Its power is a probability of the
# noncentral t distribution, averaged over the chance imbalance of the baseline. Twenty people in each arm; the last row
# adds measurement error to both images.


# %%
def ancova_power(difference, sd, correlation, n):
    """Return the power of ANCOVA, n in each arm: normal outcome and covariate, SD and correlation within arms."""
    within = 2 * n - 2
    imbalance = stats.f.ppf((np.arange(400) + 0.5) / 400, 1, within)  # of the covariate between the arms, by chance
    error = sd * np.sqrt((1 - correlation**2) * 2 / n * (1 + imbalance / within))
    return stats.nct.sf(stats.t.isf(0.025, within - 1), within - 1, abs(difference) / error).mean()


# %%
value = parameters.set_index("name")["value"]
sd = np.hypot(value["kam_person_sd"], value["kam_visit_sd"])  # of the change of the KAM peak, % of natural
imaged = {error: np.hypot(value["t1rho_sd"], error) for error in (0.0, 2.0)}  # ms, SD of one image; errors of the plans
later = {error: np.hypot(one, value["t1rho_change_sd"]) for error, one in imaged.items()}
t1rho = [ancova_power(-4.0, later[e], value["t1rho_sd"] ** 2 / (imaged[e] * later[e]), 20) for e in imaged]
kam = ancova_power(-5.0, sd, 0.0, 20)  # the change in % is unrelated to the natural peak

# %%
exact = stored[stored["part"] == "closed form"].assign(exact=[kam, kam, *t1rho])
columns = ["outcome", "setting", "model", "n_per_arm", "power", "low", "high", "exact"]
caption = f"Simulated power beside the closed form, 95 % Monte-Carlo intervals (simulated, {trials} trials a row)"
plots.table(exact[columns], caption, 3)

# %%
t_test = TTestIndPower().power(5.0 / sd, 20, 0.05)
inside = exact["exact"].between(exact["low"], exact["high"])
Markdown(
    f"The first row computed here: an effect of -5 % and an SD of {sd:.2f} % give a power of {kam:.4f}. A t test "
    f"without the baseline has {t_test:.4f}, because this baseline is unrelated to the change and its coefficient must "
    f"be estimated all the same. The exact power is inside the Monte-Carlo interval in {inside.sum()} of {len(exact)} "
    "rows. MMRM and ANCOVA give the same answer where nothing is missing, as they must."
)

# %% [markdown]
# ## 2 The textbook sample size
# If the baseline has the correlation $\rho$ with the change, whose SD is $\sigma$, the residual SD of ANCOVA is
# $\sigma\sqrt{1 - \rho^2}$ ([Borm 2007](#Borm-2007)). A difference $\Delta$ between the arms then needs
#
# $$n \approx 2\,\frac{(z_{.975} + z_{\mathrm{power}})^2\,\sigma^2 (1 - \rho^2)}{\Delta^2}$$
#
# people in each arm, where $z$ is a quantile of the normal distribution; `TTestIndPower` solves the same with the t
# distribution. The residual SD comes from one very large virtual trial in which nobody leaves. To allow for dropout,
# the size is then divided by the share of people seen.

# %%
big = cohort.simulate_trials(1, 20_000, 11, dropout="none").complete.isel(trial=0)
last = {
    "pain": (big["pain"].isel(visit=0), (big["pain"].isel(visit=-1) - big["pain"].isel(visit=0))),
    "KAM": (big["kam_natural"], big["kam_change"].isel(visit=-1)),
    "T1rho": (big["t1rho_baseline"], big["t1rho_change"]),
}
rows = []
for outcome in OUTCOMES:
    before, change = (x.to_numpy() for x in last[outcome])
    data = pd.DataFrame({"before": before, "change": change, "arm": np.repeat([0, 1], 20_000)})
    residual = np.sqrt(smf.ols("change ~ before + arm", data).fit().scale)
    d = abs(effects.loc[outcome, "effect"]) / residual
    n = [TTestIndPower().solve_power(d, power=power, alpha=0.05) for power in WANTED]
    rows += [(outcome, residual, d, power, np.ceil(k)) for power, k in zip(WANTED, n, strict=True)]
textbook = pd.DataFrame(rows, columns=["outcome", "residual SD", "effect / SD", "power", "n per arm, all seen"])
caption = "Textbook sample size from published effects and simulated SDs (simulated, 40,000 virtual people)"
plots.table(textbook, caption, {"n per arm, all seen": 0})

# %%
before, change = (x.to_numpy() for x in last["pain"])
few = pd.DataFrame({"before": before, "change": change, "arm": np.repeat(["sham", "intervention"], 20_000)})
few = few.groupby("arm", sort=False).head(trial_power.TRIAL)
fig, ax = plt.subplots()
sns.scatterplot(few, x="before", y="change", hue="arm", style="arm", ax=ax)
for k, (_, one) in enumerate(few.groupby("arm", sort=False)):
    sns.regplot(one, x="before", y="change", scatter=False, ci=None, color=f"C{k}", line_kws={"lw": 1.2}, ax=ax)
ax.set(xlabel="pain at baseline (NRS points)", ylabel="change to one year (NRS points)")
ax.set_title(f"Pain: change against baseline in one trial\n(simulated, {len(few)} virtual people)")
sns.move_legend(ax, "upper left", bbox_to_anchor=(1, 1), title=None)
plots.show(fig, "Change of pain against pain at baseline, a straight line for each arm: both lines slope downwards.")

# %% [markdown]
# ## 3 Power by size

# %%
curves = stored[stored["part"] == "curve"]
plain = curves[(curves["setting"] == "SD x 1") & curves["outcome"].isin(OUTCOMES)]


def power_by_size(curves, by, title, alt, wanted=0.8):
    """Show power by size with 95 % Monte-Carlo intervals: one panel an outcome, one line a value of ``by``."""
    outcomes = list(dict.fromkeys(curves["outcome"]))
    wide = max(5.2, 2.07 * len(outcomes))
    fig, axes = plt.subplots(1, len(outcomes), figsize=(wide, 3.3), sharey=True, squeeze=False)
    for ax, outcome in zip(axes[0], outcomes, strict=True):
        for k, (name, one) in enumerate(curves[curves["outcome"] == outcome].groupby(by, sort=False)):
            reach = one["power"] - one["low"], one["high"] - one["power"]
            ax.errorbar(one["n_per_arm"], one["power"], reach, marker="osD^v"[k], ms=4, lw=1.3, capsize=2, label=name)
        ax.axhline(wanted, color="0.6", lw=0.8, ls="--")
        ax.set(xscale="log", xlabel="people in each arm", ylim=(0, 1.02), title=outcome)
        ax.set_xticks(one["n_per_arm"], one["n_per_arm"], fontsize=8)
        ax.minorticks_off()
    axes[0, 0].set_ylabel(f"power (dashes: {wanted:.0%})")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    fig.suptitle(title, fontsize=10)
    return plots.show(fig, alt)


power_by_size(plain, "model", f"Power at one year, effects as published\n(simulated, {trials} trials a dot)",
              "Power rises with size; MMRM lies a little above ANCOVA.")  # fmt: skip

# %% [markdown]
# A sample size is read off a probit regression of the number of significant trials on the square root of the size. The
# fitted line is inverted at the wanted power, and the delta method gives the interval.


# %%
def sizes(curves, wanted=WANTED, scale=np.sqrt, back=np.square):
    """Return people in each arm for each power, from simulated power; missing beyond the sizes simulated."""
    rows = []
    for key, one in curves.groupby(["outcome", "model", "setting"], sort=False):
        data = one.assign(hits=np.rint(one["power"] * one["trials"]), root=scale(one["n_per_arm"]))
        data["misses"] = data["trials"] - data["hits"]
        fit = smf.glm("hits + misses ~ root", data, family=sm.families.Binomial(sm.families.links.Probit())).fit()
        level, rise = fit.params
        for target in wanted:
            root = (stats.norm.ppf(target) - level) / rise
            slope = np.array([-1, -root]) / rise
            reach = stats.norm.isf(0.025) * np.sqrt(slope @ fit.cov_params() @ slope)
            inside = one["n_per_arm"].min() <= back(root) <= one["n_per_arm"].max()
            found = np.ceil(back(np.array([root, root - reach, root + reach]))) if inside else [np.nan] * 3
            rows.append((*key, target, *found, np.abs(fit.fittedvalues - one["power"]).max()))
    columns = ["outcome", "model", "setting", "power", "n_per_arm", "low", "high", "misfit"]
    table = pd.DataFrame(rows, columns=columns).assign(randomised=lambda t: 2 * t["n_per_arm"])
    return table.assign(to_screen=np.ceil(table["randomised"] / trial_power.able_share()))


# %%
digits = dict.fromkeys(["n_per_arm", "low", "high", "randomised", "to_screen"], 0) | {"misfit": 3}
read = sizes(plain)
caption = f"People in each arm, with 95 % Monte-Carlo intervals (simulated, {trials} trials a size)"
plots.table(read.drop(columns="setting"), caption, digits)

# %%
seen = 1 - plain[plain["model"] == "ANCOVA"].groupby("outcome")["missing"].mean()
share = textbook["outcome"].map(seen)
beside = textbook.assign(
    all_seen=textbook["n per arm, all seen"], made_up=np.ceil(textbook["n per arm, all seen"] / share)
)
beside = beside.merge(read[read["model"] == "ANCOVA"], on=["outcome", "power"])
columns = ["outcome", "power", "all_seen", "made_up", "n_per_arm", "low", "high"]
names = {"all_seen": "textbook, all seen", "made_up": "textbook, divided by share seen", "n_per_arm": "simulated"}
caption = f"People in each arm for ANCOVA, textbook and simulation (simulated, {trials} trials a size)"
plots.table(beside[columns].rename(columns=names), caption, dict.fromkeys([*names.values(), "low", "high"], 0))

# %%
gap = (beside["n_per_arm"] - beside["made_up"]).abs().max()
best = read[read["power"] == WANTED[0]].set_index(["outcome", "model"])["n_per_arm"]
said = ", ".join(f"{outcome} {n:.0f} ({model})" for (outcome, model), n in best.items())
Markdown(
    f"People in each arm for {WANTED[0]:.0%} power: {said}. The largest difference between the textbook and the "
    f"simulation is {gap:.0f} in each arm, given the residual SD and the share seen; the textbook formula is for "
    f"ANCOVA and does not give the gain of MMRM. `low` and `high` are the error of simulating {trials} trials a size; "
    "they do not contain the uncertainty of the assumptions. `misfit` is the largest distance of the simulated powers "
    "from the fitted line. `to_screen` is the number of people to be screened so that enough can be randomised. T1rho "
    "has one image after the baseline, so there is no MMRM."
)

# %% [markdown]
# ## 4 Sample size by assumed standard deviation
# No source gives the SDs of this trial. The sample sizes by ANCOVA with every SD of the outcome 25 % smaller, 25 %
# larger and 50 % larger:

# %%
simple = curves[(curves["model"] == "ANCOVA") & curves["outcome"].isin(OUTCOMES)]
alt = "Power by size for four factors on the assumed SDs: the larger the SDs, the lower the power at each size."
power_by_size(simple, "setting", f"Power by assumed SD, ANCOVA\n(simulated, {trials} trials a dot)", alt)

# %%
caption = f"People in each arm for {WANTED[0]:.0%} power by assumed SD, ANCOVA (simulated, {trials} trials a size)"
plots.table(sizes(simple, WANTED[:1]).drop(columns=["model", "power"]), caption, digits)

# %% [markdown]
# ## 5 Power with one assumption changed at a time
# The published size, 34 people in each arm, by MMRM. The first row changes nothing.

# %%
same = (curves["setting"] == "SD x 1") & (curves["n_per_arm"] == trial_power.TRIAL) & (curves["model"] == "MMRM")
base = curves[same].assign(setting="no change")
changes = pd.concat([base, stored[stored["part"] == "one change"]], ignore_index=True)
fig, axes = plt.subplots(2, 1, figsize=(5.2, 5.4), sharex=True)
for ax, (outcome, one) in zip(axes, changes.groupby("outcome", sort=False), strict=True):
    reach = one["power"] - one["low"], one["high"] - one["power"]
    ax.errorbar(one["power"], one["setting"], xerr=reach, fmt="o", ms=4, capsize=2)
    ax.axvline(one["power"].iloc[0], color="0.4", lw=0.8)
    ax.axvline(0.8, color="0.6", lw=0.8, ls="--")
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), title=outcome)
axes[1].set_xlabel("power (line: no change; dashes: 80 %)")
title = f"Power of {trial_power.TRIAL} people in each arm by changed assumption\n"
fig.suptitle(f"{title}MMRM (simulated, {trials} trials a dot)", fontsize=10)
plots.show(fig, "Power of pain and KAM for each changed assumption, with 95 % intervals and a line at no change.")

# %%
columns = ["outcome", "setting", "expected", "power", "low", "high", "missing", "to_screen", "without_number"]
caption = f"Power by changed assumption; expected: mean difference of all randomised (simulated, {trials} trials a row)"
plots.table(changes[columns], caption, 3)

# %%
of = changes.set_index(["outcome", "setting"])["power"]
Markdown(
    "Three points for a grant application. **Plan with a smaller effect** than the published one: effects selected for "
    "publication are too large on average. Two thirds of it is our choice and leaves a power of "
    f"{of['pain', 'two thirds of the effect']:.2f} for pain. **Adherence** matters more than dropout, with the changes "
    f"and the model used here: the power is {of['pain', 'adherence 50 %']:.2f} with an adherence of 50 % and "
    f"{of['pain', '30 % leave']:.2f} if 30 % leave. Poor adherence makes the effect smaller, whereas dropout at random "
    "only reduces the number of people. **The measurement error of the KAM**: with the published test-retest error "
    f"([Birmingham 2007](#Birmingham-2007)) instead of our assumed SD between visits, {trial_power.TRIAL} people in "
    f"each arm have a power of {of['KAM', 'error as published']:.2f} to show a difference of "
    f"{-effects.loc['KAM', 'effect']:g} %."
)

# %% [markdown]
# ## 6 Power with and without screening
# With the screening rule, people who cannot lower their peak by 5 % are not randomised. Without it all of them are, but
# three in ten cannot gain. Both ways are compared for the same number of people screened (pain, ANCOVA):

# %%
screened = trial_power.Plan("pain", "ANCOVA")
door = int(base.query("outcome == 'pain'")["to_screen"].iloc[0])
everyone = replace(screened, n_per_arm=door // 2, screened=False)
ways = pd.concat([trial_power.power(plan, count=HERE, seed=11).assign(way=way)
                  for way, plan in (("screened", screened), ("all let in", everyone))])  # fmt: skip
columns = ["way", "n_per_arm", "to_screen", "expected", "power", "low", "high"]
plots.table(ways[columns], f"Power with and without screening of the same people (simulated, {HERE} trials a row)", 3)

# %% [markdown]
# Screening raises the power if people who are screened out truly gain nothing. That is an assumption: the screening
# test is noisy ([page 10](10_choosing_a_foot_angle.ipynb)), and pain may fall without a fall of the load.

# %% [markdown]
# ## 7 Check of the stored table
# Some rows are simulated again with another seed; they should agree with the stored ones within the error of so few
# trials.

# %%
again = [trial_power.Plan(o, "ANCOVA", n) for o in trial_power.SIZES for n in (14, 34) if n in trial_power.SIZES[o]]
again = pd.concat([trial_power.power(plan, count=MINE, seed=8) for plan in (*again, trial_power.Plan("pain", "MMRM"))])
keys = ["outcome", "model", "n_per_arm"]
both = curves[curves["setting"] == "SD x 1"].merge(again, on=keys, suffixes=(" (stored)", " (again)"))
error = np.sqrt(both["power (stored)"] * (1 - both["power (stored)"]) * (1 / trials + 1 / MINE))
both["standard errors apart"] = (both["power (again)"] - both["power (stored)"]) / error
columns = [*keys, "power (stored)", "power (again)", "standard errors apart"]
plots.table(both[columns], f"Power as stored, and simulated again (simulated, {MINE} trials a row)", 3)

# %% [markdown]
# ## 8 Your trial
# `PLAN` at the top holds: `effect`, intervention minus sham, in the unit of the outcome, among people who can lower
# their load; `spread`, a factor on the assumed SDs; `error`, the SD of further measurement error; `dropout`, the share
# who leave in a year; `adherence`, %. Any other parameter of the virtual trial goes into `assumptions` by its name.
# More trials (`MINE`) make the intervals narrower and take longer.

# %%
mine = pd.concat([trial_power.power(replace(PLAN, n_per_arm=n), count=MINE, seed=1) for n in TRY])
mine = mine.assign(setting="yours")
title = f"Power of your trial by size (simulated, {MINE} trials a dot)"
power_by_size(mine, "model", title, "Power of the planned trial by its size.", WANTED[0])

# %%
columns = ["n_per_arm", "expected", "power", "low", "high", "missing", "to_screen"]
plots.table(mine[columns], f"Power of your trial (simulated, {MINE} trials a row)", {"n_per_arm": 0, "to_screen": 0})

# %%
plots.table(sizes(mine), f"People in each arm of your trial (simulated, {MINE} trials a size)", digits)

# %% [markdown]
# "Not available" means that the size lies beyond those tried: widen `TRY`.

# %% [markdown]
# ## What this shows

# %%
then = plain[plain["n_per_arm"] == trial_power.TRIAL].set_index(["outcome", "model"])["power"].unstack("model")
wide = plain.pivot(index=["outcome", "n_per_arm"], columns="model", values="power")
least, most = (sizes(simple, WANTED[:1]).groupby("outcome")["n_per_arm"].agg(end) for end in ("min", "max"))
span = "; ".join(f"{outcome} {least[outcome]:.0f} to {most[outcome]:.0f}" for outcome in least.index)
powers = ", ".join(f"{outcome} {power:.2f}" for outcome, power in then["ANCOVA"].items())
Markdown(
    f"- If the published effects are true and the assumed SDs right, {trial_power.TRIAL} people in each arm have this "
    f"power by ANCOVA: {powers}.\n"
    f"- In the sizes simulated the power of MMRM exceeds that of ANCOVA in people seen by "
    f"{(wide['MMRM'] - wide['ANCOVA']).max():.3f} at most.\n"
    f"- People in each arm for {WANTED[0]:.0%} power over the four assumed SDs: {span}. The SDs, which no source "
    "gives, change the size more than the choice of model does."
)

# %% [markdown]
# ## What it does not show
# - That the effects are true, or that the next trial will have them: they are published without an interval. The
#   intervals on this page show the error of simulation only.
# - What happens if people leave because of pain that was never measured. Only dropout that depends on measured pain is
#   simulated; with the other kind MMRM and ANCOVA can both be biased.
# - Clusters, centres, interim analyses and several primary outcomes: they are left out.

# %% [markdown]
# ## Deviations from the plan
# - The textbook sample size (section 2) was added later, to compare a formula with the simulation.

# %% [markdown]
# ## Exercises
# 1. `PLAN` has two thirds of the published effect on pain and an adherence of 70 %. Read the size for 80 % power in
#    section 8 with `effect=-1.2`, then with `effect=-0.8` and `adherence=80.0`. Which of the two changes it more?
# 2. In section 2 leave the baseline out (`"change ~ arm"`). How many people does the baseline save, and for which
#    outcome most?
# 3. In section 3 fit the probit regression on the logarithm of the size: `sizes(plain, scale=np.log, back=np.exp)`.
#    Does the misfit grow?

# %% [markdown]
# ## References
#
# ###### Birmingham 2007
# Birmingham T B, Hunt M A, Jones I C, Jenkyn T R, Giffin J R. Test-retest reliability of the peak knee adduction moment
# during walking in patients with medial compartment knee osteoarthritis. *Arthritis and Rheumatism* 57(6):1012, 2007.
# doi not available
#
# ###### Borm 2007
# Borm G F, Fransen J, Lemmens W A J G. A simple sample size formula for analysis of covariance in randomized clinical
# trials. *Journal of Clinical Epidemiology* 60(12):1234, 2007. <https://doi.org/10.1016/j.jclinepi.2007.02.006>
#
# ###### Uhlrich 2025
# Uhlrich S D, Mazzoli V, and others. Personalised gait retraining for medial compartment knee osteoarthritis: a
# randomised controlled trial. *Lancet Rheumatology* 7(10):e708, 2025. <https://doi.org/10.1016/S2665-9913(25)00151-1>
