# ---
# jupyter:
#   gaitstudy:
#     datasets: []
#     trial: true
# ---

# %% [markdown]
# # 08 Cartilage: from signal to milliseconds to a claim
#
# **Question.** How is T1rho of cartilage estimated, how precise can it be, and what would a difference of 3.74 ms
# between the arms of a trial mean?
#
# **Data.** published (68 people), simulated voxels and scans, and simulated (68 virtual people) or a supplied table.
#
# **You need.** [06 The randomised trial](06_the_randomised_trial.ipynb): the trial, and the models of one outcome. What
# an exponential decay is.
#
# **You will learn.** To fit a relaxation time to the signal of a voxel, to see what noise and exclusions do to the mean
# of a region, to get reliability and the smallest detectable change from repeated scans, and to keep apart what can be
# said of one person and of an arm.
#
# **Pages.** before: [07 Pain and load over time](07_pain_and_load_over_time.ipynb) · next: [09 Who benefits? 107 people turn their toes in](09_who_benefits.ipynb)

# %% [markdown]
# ## Question
# The summary of the trial says that the cartilage of people who changed their foot angle degenerated more slowly: 3.74
# ms less rise of T1rho in a year. How is T1rho estimated and summarised over a region; how do exclusions and
# measurement error change it; and what is the difference between the arms in its one-year change?

# %% [markdown]
# ## Data
# One published number: -3.74 ms between the arms in the medial femoral cartilage, without interval
# ([Uhlrich 2025](#Uhlrich-2025)). Voxels and repeated scans are simulated here; the trial is the simulated one of
# [page 06](06_the_randomised_trial.ipynb), or the supplied table. No images are read.

# %% [markdown]
# ## Plan of analysis
# Set before this page was run.
# 1. voxels with a known T1rho and noise: fit, and see what noise does to the mean;
# 2. the mean of a region before and after badly fitted voxels are excluded, with the share that stays;
# 3. repeated scans of the same virtual people: reliability, smallest detectable change, regression dilution;
# 4. the difference between the arms in T1rho, by the models of page 06; T2 and the lateral side as context;
# 5. claim R4.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pingouin as pg
import seaborn as sns
import statsmodels.formula.api as smf
import xarray as xr
from IPython.display import Markdown
from scipy.optimize import curve_fit
from scipy.stats import ttest_ind

from gaitstudy import claims, plots
from gaitstudy.conventions import StatisticsError
from gaitstudy.io import published, trial_table
from gaitstudy.load import tissue
from gaitstudy.simulate import cohort, trial_model
from gaitstudy.stats import missing, reference

plots.style()

# %%
# What you may want to change
SEED = 2025  # of the virtual people, voxels, scans and imputations
LOCK_TIMES = np.array([0.0, 10.0, 40.0, 80.0])  # ms, durations of the spin-lock pulse
NOISE = (0.5, 2.0, 6.0)  # of the signal, which is 80 at time zero
MINIMUM_R2 = 0.9  # below it a fit counts as poor
SCAN_ERROR = 2.0  # ms, standard deviation from scan to scan
WORSE = 2.0  # ms, delta adjustment of people who left the intervention

# %%
made = cohort.cohort(SEED)
table = trial_table.source(made.table)  # the supplied table, if there is one
virtual = trial_table.supplied() is None
DATA = f"simulated, {len(table)} virtual people" if virtual else f"real, {len(table)} people"
given = trial_model.parameters().set_index("name")["value"]

# %% [markdown] tags=["simulated"]
# **Assumptions behind the virtual people** about cartilage: a mean T1rho of 45 ms, a rise of 2 ms in a year under sham,
# 3.74 ms less in the intervention (the published number), a quarter of a millisecond for each per cent of load.

# %% tags=["simulated"]
parameters = trial_model.parameters()
chosen = parameters[parameters["name"].str.contains("t1rho|t2|voxel")]
plots.table(chosen, "Parameters behind the cartilage (simulated; sources and assumptions)")

# %% [markdown]
# ## From signal to milliseconds
# Healthy cartilage holds its water tightly. The longer a spin-lock pulse lasts, the more signal is lost; T1rho is the
# time in which it falls to 37 %:
#
# $$S(t) = S_0\,e^{-t / T_{1\rho}}$$
#
# Looser, degenerating tissue loses it more slowly: T1rho rises (what is said here of tissue is general knowledge, not
# verified). Here 3,000 virtual voxels with T1rho between 30 and 60 ms, at four spin-lock times, with three amounts of
# noise:

# %%
rng = np.random.default_rng(SEED)
true = rng.uniform(30, 60, 3000)  # ms
clean = 80 * np.exp(-LOCK_TIMES / true[:, None])
signals = {noise: np.abs(clean + noise * rng.standard_normal(clean.shape)) for noise in NOISE}

# %% [markdown]
# One voxel, by least squares on the signal:


# %%
def decay(time, amplitude, t1rho):
    """Return the signal at a spin-lock time (ms)."""
    return amplitude * np.exp(-time / t1rho)


voxel = signals[NOISE[-1]][0]
(amplitude, t1rho), _ = curve_fit(decay, LOCK_TIMES, voxel, p0=(voxel[0], 40))
fig, ax = plt.subplots()
time = np.linspace(0, LOCK_TIMES.max(), 100)
ax.plot(time, decay(time, 80, true[0]), "--", color="0.5", label=f"true, T1rho {true[0]:.1f} ms")
ax.plot(time, decay(time, amplitude, t1rho), label=f"fitted, T1rho {t1rho:.1f} ms")
ax.plot(LOCK_TIMES, voxel, "ko", label=f"signal, noise {NOISE[-1]:g}")
ax.set(xlabel="spin-lock time (ms)", ylabel="signal (arbitrary unit)", title="One voxel (simulated, 1 voxel)")
ax.legend()
plots.show(fig, "The signal of one voxel at four spin-lock times, with the fitted and the true decay.")

# %% [markdown]
# All voxels at once: `tissue.relaxation_time` is the same least squares for all voxels together. It also gives the
# share of variance explained and says why a voxel has no time.

# %%
echo = xr.DataArray(LOCK_TIMES, dims="echo", attrs={"units": "ms"})
fits = {
    noise: tissue.relaxation_time(
        xr.DataArray(signal, dims=("voxel", "echo"), coords={"echo": echo}), "T1rho", minimum_r2=MINIMUM_R2
    )
    for noise, signal in signals.items()
}
region = np.where(np.arange(len(true)) < len(true) // 2, "medial", "lateral")
voxels = pd.concat(
    pd.DataFrame({"noise": noise, "region": region, "true": true, "before": fit["fitted_time"],
                  "after": fit["relaxation_time"]})
    for noise, fit in fits.items()
)  # fmt: skip
voxels["error"] = voxels["before"] - voxels["true"]

# %%
errors = voxels.groupby("noise")["error"].agg(
    **{"mean error (ms)": "mean", "SD (ms)": lambda e: e.std(ddof=0), "no fit": lambda e: int(e.isna().sum())}
)
plots.table(errors.reset_index(), f"Fitted minus true T1rho; signal 80 at time zero (simulated, {len(true)} voxels)")

# %%
fig, ax = plt.subplots()
sns.violinplot(voxels, x="error", y="noise", orient="h", inner="quart", density_norm="width", cut=0, ax=ax)
ax.axvline(0, color="0.4", lw=0.8, ls="--")
ax.set(xlabel="fitted minus true T1rho (ms)", ylabel="noise", xlim=voxels["error"].quantile([0.001, 0.999]),
       title=f"Error of the fit (simulated, {len(true)} voxels)")  # fmt: skip
plots.show(fig, "Distributions of the error of T1rho for three amounts of noise: wider with noise, and skewed upwards.")

# %%
Markdown(
    f"Noise does more than scatter: at noise {NOISE[-1]:g} the mean is off by "
    f"{errors['mean error (ms)'].iloc[-1]:.2f} ms as well. The size of a signal cannot fall below zero, and a ratio of "
    "noisy numbers is not the ratio of the true ones; how much each of the two adds was not taken apart here."
)

# %% [markdown]
# ## From voxels to a region
# The mean of a region over all fits ("before"), and without voxels whose fit explains less than `MINIMUM_R2` of the
# variance of the signal ("after").

# %%
stages = voxels.melt(["noise", "region"], ["before", "after"], var_name="stage", value_name="ms")
summary = stages.groupby(["noise", "region", "stage"])["ms"].agg(
    voxels="size", valid="count", mean="mean", median="median", sd="std"
)
summary.insert(2, "valid_share", summary["valid"] / summary["voxels"])
summary = summary.sort_index(ascending=[True, True, False]).reset_index()
plots.table(summary, f"Regions, all fits and good fits, ms (simulated, {len(true)} voxels)")

# %% [markdown]
# Excluding badly fitted voxels looks careful, but it is a choice: which voxels go depends on the noise, and the mean of
# the region moves with it. Both stages and the share of valid voxels belong in a report.

# %% [markdown]
# ## How small a change can be seen?
# Forty virtual people scanned twice, with the assumed spread between people and the assumed error from scan to scan.

# %%
between = given["t1rho_mean"] + given["t1rho_sd"] * rng.standard_normal(40)
scans = between[:, None] + SCAN_ERROR * rng.standard_normal((40, 2))
difference, size = scans[:, 1] - scans[:, 0], scans.mean(axis=1)
fig, ax = plt.subplots()
ax.plot(size, difference, "o", ms=4)
for multiple in (-1.96, 0, 1.96):
    ax.axhline(difference.mean() + multiple * difference.std(ddof=1), color="0.4", lw=1, ls="--" if multiple else "-")
ax.set(xlabel="mean of two scans (ms)", ylabel="second minus first (ms)",
       title="Two scans, limits of agreement (simulated, 40 virtual people)")  # fmt: skip
plots.show(
    fig, "Difference of two scans against their mean, with the mean difference and the 95 % limits of agreement."
)

# %% [markdown]
# The standard error of measurement (`sem`) is that of one scan. With two scans it is the standard deviation of the
# difference over $\sqrt 2$ if the mean may shift between scans (consistency), and the root mean square difference over
# $\sqrt 2$ if a shift is error too (agreement). The smallest detectable change (`mdc`) is $1.96\sqrt 2$ `sem`.

# %%
consistency = difference.std(ddof=1) / np.sqrt(2)
agreement = max(np.sqrt((difference**2).mean() / 2), consistency)  # a shift cannot make the error smaller
error = pd.DataFrame({"kind": ["consistency", "agreement"], "sem": [consistency, agreement]})
error["mdc"] = 1.96 * np.sqrt(2) * error["sem"]
plots.table(error, "Two scans: error and smallest detectable change, ms (simulated, 40 virtual people)")

# %%
long = pd.DataFrame({"person": np.repeat(np.arange(40), 2), "scan": np.tile([1, 2], 40), "ms": scans.ravel()})
pg.options["round.column.CI95"] = None  # show what is computed
icc = pg.intraclass_corr(long, targets="person", raters="scan", ratings="ms")
icc[["low", "high"]] = np.vstack(icc["CI95"])
columns = ["Type", "ICC", "low", "high", "F", "df1", "df2", "pval"]
plots.table(icc[columns], "Intraclass correlations of two scans (simulated, 40 virtual people)", 3)

# %%
one_scan = icc.set_index("Type").loc["ICC(1,1)", "ICC"]
Markdown(
    "The intraclass correlation is the share of the variance that is between people. The smallest detectable change, "
    f"{error['mdc'].iloc[0]:.1f} ms, is about one *person*: a smaller change can be error. It is not about the mean of "
    "an arm, whose error shrinks with the number of people: a difference of 3.74 ms between arms can be clear where no "
    "single person's change is. And where T1rho is to predict something else, its error flattens the slope (regression "
    f"dilution): one noisy scan leaves {max(one_scan, 0):.2f} of it, which is ICC(1,1)."
)

# %% [markdown]
# ## The arms
# The one-year change of medial T1rho by the models of [page 06](06_the_randomised_trial.ipynb): the same formula, the
# same imputations.


# %%
def two_visits(name):
    """Return participant, treated (1 intervention), baseline, value and change of an outcome with one later visit."""
    people = trial_table.outcome(table, name)
    people["treated"] = (people["arm"] == "intervention").astype(float)
    if people.dropna()["treated"].value_counts().reindex([0, 1], fill_value=0).min() < 2:
        raise StatisticsError(f"{name}: expected two people or more seen in each arm, found fewer.")
    return people.sort_values("participant", ignore_index=True)


def ancova(people):
    """Return the difference between the arms by ANCOVA of people seen."""
    fit = smf.ols("change ~ baseline + treated", people.dropna()).fit()
    low, high = fit.conf_int().loc["treated"]
    return {"estimate": fit.params["treated"], "low": low, "high": high, "p": fit.pvalues["treated"],
            "df": fit.df_resid, "people": int(fit.nobs)}  # fmt: skip


def welch(people):
    """Return the difference between the arms by Welch's test of people seen."""
    treated, sham = (people.loc[people["treated"] == arm, "change"].dropna() for arm in (1, 0))
    test = ttest_ind(treated, sham, equal_var=False)
    low, high = test.confidence_interval(0.95)
    return {"estimate": treated.mean() - sham.mean(), "low": low, "high": high, "p": test.pvalue, "df": test.df,
            "people": len(treated) + len(sham)}  # fmt: skip


# %%
def imputed(people, worse=0.0):
    """Return the difference by multiple imputation; people who left the intervention made `worse`."""
    values = people[["baseline", "value"]].to_numpy()
    completed = missing.impute(values, imputations=100, groups=people["treated"].to_numpy(), seed=SEED)
    completed[..., 1] += worse * (people["value"].isna() & (people["treated"] == 1)).to_numpy()
    fits = [
        smf.ols("change ~ baseline + treated",
                {"change": one[:, 1] - one[:, 0], "baseline": one[:, 0], "treated": people["treated"]}).fit()
        for one in completed
    ]  # fmt: skip
    estimates, errors = np.array([(fit.params["treated"], fit.bse["treated"]) for fit in fits]).T
    row = missing.pool(estimates, errors, complete_df=fits[0].df_resid).iloc[0]
    return {**row[["estimate", "low", "high", "p", "df"]], "people": len(people)}


def jumped(people, variance):
    """Return the difference if people who left the intervention went on as in sham."""
    if without := int(people["baseline"].isna().sum()):
        raise StatisticsError(f"jump to reference: {without} people have no baseline. Leave it out.")
    values, treated = people[["baseline", "value"]].to_numpy(), people["treated"].to_numpy()
    found = reference.differences(values, treated, 0.0, variance=variance, imputations=100, seed=SEED).iloc[0]
    return dict(found[["estimate", "low", "high", "p", "df", "people"]])


# %%
MODELS = {
    "ANCOVA": ancova, "Welch": welch, "imputation": imputed,
    "jump to reference, Rubin": lambda people: jumped(people, "Rubin"),
    "jump to reference, jackknife": lambda people: jumped(people, "jackknife"),
    "imputation, delta adjusted": lambda people: imputed(people, WORSE),
}  # fmt: skip


def every_model(name, models=MODELS):
    """Return one row a model, intervention minus sham; `status` says why a model gives no number."""
    rows = []
    for label, model in models.items():
        try:
            rows.append({"model": label, **model(two_visits(name)), "status": ""})
        except StatisticsError as problem:
            rows.append({"model": label, "status": str(problem)})
    columns = ["model", "estimate", "low", "high", "p", "df", "people", "status"]
    return pd.DataFrame(rows).reindex(columns=columns)


digits = {"p": 4, "df": 1, "people": 0}
medial = every_model("T1rho_med")
plots.table(medial, f"Medial T1rho, one-year change, intervention minus sham, ms ({DATA})", digits)

# %%
reported = published.studies("Uhlrich 2025").set_index("measure")["value"]
reported = reported["medial femoral T1rho, one-year change, difference between arms"]
truth = made.truth.query("quantity == 'T1rho, change' and arm == 'between'")["value"].iloc[0]
fig, ax = plt.subplots(figsize=(5.6, 3))
ends = np.abs(medial[["low", "high"]].sub(medial["estimate"], axis=0)).T
ax.errorbar(medial["estimate"], np.arange(len(medial)), xerr=ends.to_numpy(), fmt="s", color="k", ms=5, capsize=3)
for k in np.flatnonzero(medial["estimate"].isna()):
    ax.text(0, k, "not available", ha="center", va="center", fontsize=9)
ax.axvline(0, color="0.5", lw=0.8)
ax.axvline(reported, color="C3", lw=1.2, ls="--", label=f"published: {reported:g}")
if virtual:
    ax.axvline(truth, color="k", lw=2.5, ls=":", label=f"built into the simulation: {truth:g}")
ax.set(yticks=range(len(medial)), yticklabels=medial["model"], ylim=(len(medial) - 0.5, -0.5),
       xlabel="medial T1rho, intervention minus sham (ms)")  # fmt: skip
fig.legend(loc="outside lower center", ncols=2)
fig.suptitle(f"T1rho at one year, 95 % intervals ({DATA})", fontsize=10)
plots.show(fig, "The T1rho difference by six models with 95 % intervals; lines at zero and at the published number.")

# %% [markdown]
# Six models and not seven: with one visit after the baseline there is no course to model (no MMRM). T1rho is a
# secondary outcome, tested without correction. The lateral side and T2, for context:

# %%
others = ["T1rho_lat", "T2_med", "T2_lat"]
context = pd.concat([every_model(name, {"ANCOVA": ancova}).assign(outcome=name) for name in others])
columns = ["outcome", "estimate", "low", "high", "p", "people", "status"]
plots.table(context[columns], f"Lateral side and T2, ANCOVA in people seen, ms ({DATA})", digits)

# %% [markdown]
# If only the inner side is unloaded, the lateral side is a comparison within the same knee; no clean one, as load taken
# from one side may go to the other.

# %% [markdown] tags=["simulated"]
# In the simulated cohort neither the lateral side nor T2 was given an effect.

# %% [markdown]
# The published number may be a difference of the means of the region or of changes voxel by voxel; which, is unknown.
# The table holds both; the second, by Welch's test in people seen:

# %%
changes = table.groupby(table["group"].map(trial_table.ARMS))["T1rho_med_voxelwise_delta"]
treated, sham = (changes.get_group(arm).dropna() for arm in ("intervention", "sham"))
test = ttest_ind(treated, sham, equal_var=False)
low, high = test.confidence_interval(0.95)
voxelwise = {"intervention": treated.mean(), "sham": sham.mean(), "difference": treated.mean() - sham.mean(),
             "low": low, "high": high, "people": len(treated) + len(sham)}  # fmt: skip
plots.table(pd.DataFrame([voxelwise]), f"Change of medial T1rho taken voxel by voxel, ms ({DATA})", {"people": 0})

# %% [markdown]
# ## Claim R4

# %%
note = "press summary; difference of means or voxelwise unknown"
pieces = [claims.record("R4", reported, "not available", "ms", data="published", n=68, n_unit="people",
                        source="Uhlrich 2025", note=note)]  # fmt: skip
here = {"data": "real", "source": "participants' own table, supplied", "n": len(table), "n_unit": "people"}
if virtual:
    here |= {"data": "simulated", "source": "simulated cohort", "imposed": ["cartilage difference", "load"]}
    here |= {"computed": ["estimate", "interval"]}
row = medial.set_index("model").loc["ANCOVA"]
if row["status"] == "":
    note = "ANCOVA: change with baseline, people seen"
    pieces += [claims.record("R4", row["estimate"], (row["low"], row["high"]), "ms", note=note, **here)]
columns = ["id", "role", "value", "low", "high", "unit", "data", "n", "source", "note"]
plots.table(pd.concat(pieces)[columns], f"Recorded for R4 (published, 68 people; {DATA})", {"n": 0})

# %% [markdown]
# ## What this shows
# How milliseconds come out of a decaying signal, what noise and exclusions do to them, that the smallest detectable
# change of a person and the difference of an arm are different questions, and that the published number stands alone,
# without an interval.

# %% [markdown]
# ## What it does not show
# T1rho is a marker of what cartilage is made of. A smaller rise is read as slower degeneration; no tissue was examined,
# and no knee was followed to arthritis or away from it. Values of T1rho and T2 depend on the sequence and must not be
# pooled across scanners.

# %% [markdown] tags=["simulated"]
# The simulated trial returns the number it was given.

# %% [markdown]
# ## Deviations from the plan
# None.
#
# ## Exercises
# 1. Set `LOCK_TIMES` to `np.array([0.0, 10.0, 20.0, 30.0])`. What happens to the error of T1rho at the same noise, and
#    why?
# 2. Set `MINIMUM_R2 = 0.98`. Which way does the mean of a region move at noise 6, and which voxels have gone?
# 3. Set `SCAN_ERROR = 4`. How do the smallest detectable change and ICC(1,1) change, and does the difference between
#    the arms change?
#
# ## References
# ###### Uhlrich 2025
# Uhlrich S D, Mazzoli V, and others (2025). Personalised gait retraining for medial compartment knee osteoarthritis: a
# randomised controlled trial. *Lancet Rheumatology* 7(10):e708. <https://doi.org/10.1016/S2665-9913(25)00151-1>
