# ---
# jupyter:
#   gaitstudy:
#     datasets: []
# ---

# %% [markdown]
# # 19 Reported numbers: which are consistent, which are not, and which cannot be checked
#
# **Question.** Can the printed parts of a published result (value, interval, p value, counts) all be true at once?
#
# **Data.** Published figures of some three dozen sources, read in abstracts, open full texts and press summaries.
#
# **You need.** What a 95 % interval and a p value are; [06 The randomised trial](06_the_randomised_trial.ipynb) for the
# trial whose numbers are checked in section 8.
#
# **You will learn.** Checks that a careful reviewer makes before believing a number: the middle of an interval, the p
# value that follows from an interval, the counts behind percentages, means of whole numbers, and why paired data need a
# correlation.
#
# **Pages.** before: [18 Sensors on the feet](18_wearables.ipynb)

# %% [markdown]
# ## Question
# Does each published value lie where its interval says? Does the p value follow from the interval, or from the means
# and standard deviations (SDs)? Can a percentage come from the people counted? And where no such check is possible:
# what is missing?

# %% [markdown]
# ## Data
# The tables `data/published/studies.csv` and `effects.csv` give each printed number with its source and how it is
# known. They contain no data of single people. **An abstract is not the paper**: a sign lost in typesetting, or a p
# value printed beside the wrong number, looks here like a contradiction.

# %% [markdown]
# ## Plan of analysis
# Written during the first run of the checks, not before it; later changes are listed under Deviations.
# 1. Every check is arithmetic on the tables; each printed number stands for all numbers that round to it.
# 2. Three verdicts. *Consistent*: the printed parts can all be true. *Inconsistent*: they cannot, if the standard
#    method was used (normal or t interval, t test, counts). *Cannot be checked*: the page names what is missing.
# 3. Intervals: value in the middle (ratios as logarithms), p from the interval.
# 4. Groups: t test from means and SDs; counts behind percentages; means of whole numbers, which can only be multiples
#    of one over the number of people (GRIM, [Brown 2017](#Brown-2017)).
# 5. The same people measured twice: the correlation that a printed p value implies; without a correlation nothing can
#    be tested.
# 6. The trial: the SD below which its differences would be significant.
# 7. Nothing is recorded for any claim: whether printed numbers are consistent says nothing about the claims.

# %%
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import Markdown
from scipy import stats
from statsmodels.stats.power import TTestPower

from gaitstudy import plots
from gaitstudy.io import published
from gaitstudy.stats import reported

plots.style()

# %%
# What you may want to change
ROWS = ""  # results checked in sections 1 and 2, a pandas query such as "people == 'knee osteoarthritis'"; empty: all
ALPHA = 0.05  # two-sided, of the tests whose correlation or SD is worked out
YOURS = (-0.21, -0.50, 0.08, 2)  # section 11: value, interval and decimals of a figure that you read

# %%
FITS, MISFIT, OPEN = VERDICTS = ("consistent", "inconsistent", "cannot be checked")
COLUMNS = ["source", "figure", "check", "printed", "implied", "verdict", "needs"]
effects = published.effects()
chosen = effects.query(ROWS) if ROWS else effects
checks = []


def add(kind, rows):
    """Add the rows of one kind of check to ``checks``, and return them."""
    checks.append(pd.DataFrame(rows, columns=COLUMNS).assign(kind=kind))
    return checks[-1]


def decimals(*numbers):
    """Return the most decimals that one of the printed numbers shows."""
    return max(len(f"{x:.10g}".partition(".")[2]) for x in numbers)


def short_p(p):
    """Write a p value with three decimals, or as a power of ten."""
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"


# %% [markdown]
# ## 1 Is the value in the middle of its interval?
# A normal or t interval is symmetric about its estimate; the interval of a ratio is symmetric on the logarithmic scale.
# Rounding can move a printed value off the middle: by half a unit of the last decimal for the value, and by as much
# again for the mean of the two bounds.

# %%
hunt = published.studies("Hunt 2018")
hunt = hunt.rename(columns={"value": "effect", "measure": "outcome", "manipulation": "exposure"}).assign(
    measure="difference"
)
printed = pd.concat([chosen[chosen["low"].notna() & (chosen["measure"] != "reliability")], hunt])
printed["figure"] = printed["exposure"] + ": " + printed["outcome"] + ", " + printed["people"]
ratio = printed["measure"] == "odds ratio"
numbers = printed[["effect", "low", "high"]].to_numpy()
off = [reported.off_centre(*three, decimals(*three), log=r) for three, r in zip(numbers, ratio, strict=True)]
printed[["away", "allowed"]] = np.abs(off)
inside = printed["effect"].between(printed["low"], printed["high"])
printed["verdict"] = np.where(inside & (printed["away"] <= printed["allowed"] + 1e-9), FITS, MISFIT)

# %%
rows = []
for row, within, log in zip(printed.itertuples(), inside, ratio, strict=True):
    implied = f"off the middle by {row.away:.3f}, rounding allows {row.allowed:.3f}"
    implied = (implied if within else "the value lies outside its interval") + " (logarithms)" * log
    said = f"{row.effect:g} ({row.low:g} to {row.high:g})"
    rows.append((row.study, row.figure, "value in the middle of its interval", said, implied, row.verdict, ""))
centres = add("intervals: value in the middle", rows)
misfits = centres.loc[centres["verdict"] == MISFIT, ["source", "figure", "printed", "implied"]]
plots.table(misfits, f"Values off the middle of their interval (published, {centres['source'].nunique()} sources)")

# %%
fig, ax = plt.subplots(figsize=(5.2, 3.6))
colour = dict(zip(VERDICTS, np.array(sns.color_palette())[[0, 3, 7]].tolist(), strict=True))
share = printed.assign(share=(printed["away"] / printed["allowed"]).clip(upper=3.95))
edges = np.arange(0, 4.1, 0.2)
sns.histplot(share, x="share", hue="verdict", palette=colour, multiple="stack", bins=edges, ax=ax)
ax.axvline(1, color="0.3", ls="--", lw=1)
ax.set(xlabel="distance from the middle / largest distance by rounding", ylabel="printed results")
ax.set_xticks(range(5), ["0", "1", "2", "3", "4 and more"])
ax.set_title(f"Distance of values from the middle of their interval\n(published, {share['study'].nunique()} sources)")
sns.move_legend(ax, "upper right", title=None)
beyond = int((share["verdict"] == MISFIT).sum())
alt = f"Of {len(share)} values {beyond} are further from the middle of their interval than rounding allows."
plots.show(fig, alt)

# %% [markdown]
# ## 2 Does the p value follow from the numbers beside it?
# A value $x$ with a 95 % interval from $a$ to $b$ implies a standard error, $s = (b - a) / (2 \times 1.96)$, and a p
# value, $p = 2\,\Phi(-|x| / s)$, where $\Phi$ is the normal distribution function ([Altman 2011](#Altman-2011)). Two
# means and SDs with the numbers of people imply a t test.

# %%
found = []
for row in chosen[chosen["p"].ne("") & chosen["low"].notna()].itertuples():
    three = row.effect, row.low, row.high
    span = reported.p_within_rounding(*three, decimals(*three), log=row.measure == "odds ratio")
    what = f"{row.exposure}: {row.outcome}"
    found.append((row.study, what, f"{what}, {row.people}", row.p, *span))

# %%
groups = [("Levinger 2010", "people with osteoarthritis", "controls", outcome, 2) for outcome in
          ("foot posture index", "navicular drop", "arch index", "vertical navicular height")]  # fmt: skip
groups += [
    ("Abourazzak 2014", "patients", "controls", outcome, d) for outcome, d in (("age", 0), ("foot posture index", 2))
]
for study, first, second, outcome, places in groups:
    own = chosen[(chosen["study"] == study) & (chosen["outcome"] == outcome)]
    pair = own.set_index("exposure").reindex([first, second])
    if pair["sd"].notna().all():
        means, sds, counts = (tuple(pair[name]) for name in ("effect", "sd", "n"))
        span = reported.p_of_groups_within_rounding(means, sds, counts, places)
        found.append((study, outcome, outcome, max(pair["p"]), *span))
ps = pd.DataFrame(found, columns=["source", "short", "figure", "p", "smallest", "largest"])

# %%
half = 0.5 * 10.0 ** -ps["p"].str.partition(".")[2].str.len()
ps["bound"], ps["printed"] = ps["p"].str.startswith("<"), ps["p"].str.lstrip("<").astype(float)
touches = (ps["smallest"] <= ps["printed"] + half) & (ps["largest"] >= ps["printed"] - half)
fits = np.where(ps["bound"], ps["smallest"] < ps["printed"], touches)
coarse = (ps["smallest"] < 0.01) & (ps["largest"] > 0.5)  # printed too coarsely to tell anything
ps["verdict"] = np.select([coarse, fits], [OPEN, FITS], MISFIT)
how = "p from the interval, or from means and SDs"
rows = [(r.source, r.figure, how, f"p {'below' if r.bound else '='} {r.printed:g}",
         f"{short_p(r.smallest)} to {short_p(r.largest)}", r.verdict,
         "means and SDs with more decimals" * (r.verdict == OPEN)) for r in ps.itertuples()]  # fmt: skip
shown = add("p values", rows)
plots.table(shown[["source", "figure", "printed", "implied", "verdict"]],
            f"p values as printed and as implied (published, {ps['source'].nunique()} sources)")  # fmt: skip

# %%
name = ps["source"].str.partition(" (")[0] + ": " + ps["short"]
name = name.where(~name.duplicated(keep=False), name + ", " + ps["figure"].str.rpartition(", ")[2])
fig, ax = plt.subplots(figsize=(6.2, 8.4))
for verdict, some in ps.groupby("verdict", sort=False):
    ends = some[["smallest", "largest"]].clip(lower=1e-6)
    ax.hlines(
        some.index, ends["smallest"] / 1.1, ends["largest"] * 1.1, color=colour[verdict], lw=7, alpha=0.6, label=verdict
    )
for bound, mark in ((False, "|"), (True, "<")):
    some = ps[ps["bound"] == bound]
    ax.plot(
        some["printed"], some.index, mark, color="k", ms=9, mew=1.6, label="printed as below" if bound else "as printed"
    )
ax.axvline(0.05, color="0.6", lw=0.8, ls="--")
ax.set(xscale="log", xlim=(7e-7, 1.3), ylim=(len(ps) - 0.4, -0.6), xlabel="two-sided p (dashes: .05)")
ax.set_yticks(ps.index, [fill(text, 50) for text in name], fontsize=7.5)
ax.set_title(f"Printed p values and those implied by the numbers\n(published, {ps['source'].nunique()} sources)")
fig.legend(loc="outside lower center", ncols=3)
against = int((ps["verdict"] == MISFIT).sum())
plots.show(
    fig, f"Bars: p values implied within rounding, one row a result. {against} of {len(ps)} exclude the printed p."
)

# %% [markdown]
# A bar spans the p values that the printed numbers imply within rounding; those below one in a million are drawn at the
# left edge. A mark just beside a blue bar is consistent, because the printed p value is rounded too. Where an SD is
# printed as .01, the bar covers nearly all p values: two decimals are too few for a check.
#
# Two p values of one review ([Yu 2021](#Yu-2021)) are not consistent with their intervals. They may belong to another
# test: not of the effect of insoles on pain, but of the difference between trials (heterogeneity). The p value of that
# test follows from $I^2$, the share of the variation between trials that is beyond chance, because
# $I^2 = (Q - \mathrm{df}) / Q$, where $Q$ has a chi-squared distribution if the trials do not differ
# ([Higgins 2002](#Higgins-2002)). The number of trials in the sensitivity analysis could not be read, so that of the
# whole review is used.

# %%
whole = effects[effects["study"].str.startswith("Yu 2021")]
trials = whole["studies"].max()
q = (trials - 1) / (1 - whole["i2"] / 100)
table = whole[["exposure", "p", "i2"]].assign(p=whole["p"].str.replace("<", "below "))
table["p of heterogeneity"] = stats.chi2.sf(q, trials - 1)
caption = f"p as printed, and of heterogeneity of {trials:.0f} trials (published, {whole['n'].max():.0f} people)"
plots.table(table, caption, {"i2": 0, "p of heterogeneity": 6})

# %% [markdown]
# Both printed p values are possible for that test: it gives a p value far below .001 for an $I^2$ of 75 %, and one of
# at least about .45 for 0 %, where .62 is printed. So the two may be p values of heterogeneity; this cannot be decided
# here. Some abstracts print p values without any effect size:

# %%
alone = effects[effects["p"].ne("") & effects["effect"].isna()].groupby("study", sort=False)["p"].agg(list)
rows = [(study, f"{len(p)} p values without sizes", "size and interval", f"p {', '.join(p)}", "nothing", OPEN,
         "effects with intervals") for study, p in alone.items()]  # fmt: skip
plots.table(add("p values without sizes", rows)[["source", "figure", "printed", "needs"]],
            f"p values printed without an effect size (published, {len(alone)} sources)")  # fmt: skip

# %% [markdown]
# ## 3 Percentages of two groups
# 42 % of 100 people are 42 people; 22 % of 80 are 17 or 18. Each table of counts that rounds to the two printed
# percentages has three p values: of Fisher's exact test, and of the chi-squared test with and without correction.

# %%
rows = []
shares = effects.query("study == 'Abourazzak 2014' and measure == 'percentage'").set_index("exposure")
for outcome, pair in shares.groupby("outcome", sort=False):
    percent, n = (pair.loc[["patients", "controls"], name] for name in ("effect", "n"))
    counts = [
        [k for k in range(int(m) + 1) if abs(100 * k / m - x) <= 0.5 + 1e-9] for x, m in zip(percent, n, strict=True)
    ]
    tables = [[[a, n.iloc[0] - a], [b, n.iloc[1] - b]] for a in counts[0] for b in counts[1]]
    tests = [stats.fisher_exact(t).pvalue for t in tables]
    tests += [stats.chi2_contingency(t, correction=c).pvalue for t in tables for c in (False, True)]
    p = float(pair.loc["controls", "p"])
    verdict = FITS if min(tests) <= p + 0.0005 and max(tests) >= p - 0.0005 else MISFIT
    rows.append(("Abourazzak 2014", f"{outcome}, {percent.iloc[0]:g} and {percent.iloc[1]:g} %",
                 "p from the counts (exact, chi-squared with and without correction)", f"p = {p:g}",
                 f"{short_p(min(tests))} to {short_p(max(tests))}", verdict, ""))  # fmt: skip
plots.table(add("percentages of two groups", rows)[["figure", "printed", "implied", "verdict"]],
            "p values of two percentages as printed and from counts (published, 180 people)")  # fmt: skip

# %% [markdown]
# ## 4 Whole numbers: means of scores, and counts of 107 people
# The sum of 28 whole scores is a whole number, so their mean is a multiple of 1/28: a printed mean of 5.19 is
# impossible,
# 5.18 is possible. With 100 people or more every mean of two decimals is possible, and the check says nothing.

# %%
rows = []
for row in effects.query("outcome == 'foot posture index' and measure == 'mean'").itertuples():
    fit = reported.grim(row.effect, int(row.n), 2).iloc[0]
    if fit["telling"]:
        near = f"nearest means of {row.n:g} whole numbers: {fit['below']:.3f}, {fit['above']:.3f}"
        needs = "" if fit["possible"] else "whether scores are raw: if so, this mean is not possible"
        said = f"{row.effect:g}, n = {row.n:g}"
        rows.append((row.study, f"{row.outcome}, {row.exposure}", "whole-number mean (GRIM)", said,
                     near, FITS if fit["possible"] else OPEN, needs))  # fmt: skip
scores = add("means of scores", rows)
people = scores["printed"].str.extract(r"n = (\d+)")[0].astype(int).sum()
plots.table(
    scores[["source", "figure", "printed", "implied", "verdict", "needs"]],
    f"Can the printed mean of the foot posture index be a mean of whole numbers? (published, {people} people)",
)

# %% [markdown]
# Two means of the foot posture index cannot be means of one whole number for each person. A transformed index, or a
# mean over both feet, could explain them; the part of the paper that says what was done was not read. So the verdict is
# *cannot be checked*.

# %%
rows = []
cohort = published.studies("Uhlrich 2022 (J Biomech)")
for row in cohort.itertuples():
    fit = reported.grim(row.value / 100, int(row.n), 2).iloc[0]
    near = f"{round(fit['below'] * row.n):g} or {round(fit['above'] * row.n):g} of {row.n:g}"
    counted = row.note == "75 of 107"
    verdict = MISFIT if not fit["possible"] else FITS if counted else OPEN
    needs = "" if verdict != OPEN else "counts: with 107 people every whole percent is possible"
    rows.append((row.study, f"{row.value:g} % ({row.manipulation})", "a count of 107 people rounds to it",
                 row.note if counted else "no count", near, verdict, needs))  # fmt: skip
plots.table(add("counts of 107", rows)[["figure", "printed", "implied", "verdict", "needs"]],
            "Can the printed percentage be a count of 107 people? (published, 107 people)")  # fmt: skip

# %% [markdown]
# 75 of 107 is 70 % ([Uhlrich 2022](#Uhlrich-2022)). For 23 and 57 % there is always a count that fits, since one of 107
# people is less than one per cent.

# %% [markdown]
# ## 5 Paired measurements: why the correlation should be printed
# Most studies of knee load measure the same people twice. The SD of a change is $\sqrt{s_1^2 + s_2^2 - 2 r s_1 s_2}$,
# so its standard error depends on the correlation $r$ of the two measurements over people; abstracts give two means and
# two SDs only. Two things can be computed: the correlation above which the change is significant (*needed*), and, where
# p is printed, the correlation that it implies (*implied*; for "< .001" the smallest). *Needed* below -1 means:
# significant whatever the correlation.


# %%
def correlation(change, sd, other, n, p):
    """Return the correlation of two measurements of n people at which their change reaches p in a paired t test."""
    allowed = abs(change) * np.sqrt(n) / stats.t.isf(p / 2, n - 1)
    return (sd**2 + other**2 - allowed**2) / (2 * sd * other)


pairs = [("pelvic drop study", outcome, "usual walk", "pelvic drop walk") for outcome in ("KAM peak", "KAM impulse")]
pairs += [("Nanba study 2017", outcome, "usual walk", "Nanba walk") for outcome in ("KAM1", "KAM2")]
pairs += [("Shakoor 2010", "KAM peak", "barefoot", shoe) for shoe in ("clogs", "stability shoes", "flat shoes")]
rows = []
for study, outcome, usual, other in pairs:
    own = (
        effects[(effects["study"] == study) & (effects["outcome"] == outcome)].set_index("exposure").loc[[usual, other]]
    )
    (a, b), sds, n = own["effect"], tuple(own["sd"]), own["n"].iloc[0]
    p = own.loc[other, "p"]
    implied = correlation(b - a, *sds, n, float(p.lstrip("<"))) if p else np.nan
    least = correlation(b - a, *sds, n, ALPHA)
    said = p.replace("<", "below ")
    rows.append((study, f"{other} minus {usual}: {outcome}", n, b - a, *sds, own["unit"].iloc[0], said, least, implied))
columns = ["source", "figure", "n", "change", "sd", "other sd", "unit", "printed", "needed", "implied"]
paired = pd.DataFrame(rows, columns=columns).astype({"n": int})
people = paired.drop_duplicates("source")["n"].sum()
plots.table(paired, f"Changes in the same people, and the correlation needed or implied (published, {people} people)")

# %%
rows = []
for row in paired.itertuples():
    said = f"{row.change:+.2f} {row.unit}, n = {row.n}" + (f", p {row.printed}" if row.printed else "")
    means = {
        "": f"significant if the two correlate above {row.needed:.2f}",
        "b": f"needs a correlation of at least {row.implied:.2f}",
    }
    implied = means.get(row.printed[:1], f"a correlation of {row.implied:.2f}")
    verdict = OPEN if not row.printed or row.implied < 1 else MISFIT
    rows.append(
        (row.source, row.figure, "paired test", said, implied, verdict, "the correlation, or each person's change")
    )
add("changes in the same people", rows)
bare = paired[paired["source"] == "Shakoor 2010"].set_index("figure")
clogs, flat = (bare.loc[f"{shoe} minus barefoot: KAM peak"] for shoe in ("clogs", "flat shoes"))
Markdown(
    f"The same {clogs['n']} people walked in all shoes and barefoot ([Shakoor 2010](#Shakoor-2010)). Clogs minus "
    f"barefoot ({clogs['change']:+.1f} %BW\\*Ht) is significant at any correlation above {clogs['needed']:.2f}; flat "
    f"shoes minus barefoot ({flat['change']:+.1f}) only above {flat['needed']:.2f}. The table does not give the "
    "correlation, so these means are not pooled with others in this project."
)

# %% [markdown]
# Pooled results have the same problem. The width of each interval implies a correlation, if all pooled people are taken
# as one study. With the standardised change $g$ of $n$ people and its standard error $s$: $s^2 = g^2 / (2n) + 2 (1 - r)
# / n$.

# %%
own = effects[effects["study"].str.startswith(("Arnold", "Silva")) & effects["n"].notna()]
g, n = own["effect"], own["n"]
error = (own["high"] - own["low"]) / (2 * stats.norm.ppf(0.975))
pooled = pd.DataFrame({
    "source": own["study"], "figure": own["exposure"] + ": " + own["outcome"], "n": n.astype(int),
    "standard error": error, "of two separate groups": np.sqrt(2 / n + g**2 / (4 * n)),
    "correlation": 1 - (error**2 - g**2 / (2 * n)) * n / 2,
})  # fmt: skip
plots.table(
    pooled,
    f"Correlation implied by the interval of a pooled change (published, {pooled['source'].nunique()} reviews)",
    3,
)

# %%
span = pooled.groupby("source")["correlation"].agg(["min", "max"])
wedges, gait = (span[span.index.str.startswith(who)].iloc[0] for who in ("Arnold", "Silva"))
Markdown(
    "The intervals of the review of wedges ([Arnold 2016](#Arnold-2016)) imply correlations of "
    f"{wedges['min']:.1f} to {wedges['max']:.1f}, as expected if the changes were analysed as paired. Those of the "
    f"review of gait ([Silva 2022](#Silva-2022)) imply {gait['min']:.1f} to {gait['max']:.1f}: as wide as for two "
    "separate groups, or wider. Differences between studies also widen an interval, and `n` counts the people of the "
    "whole review or gait; if a result rests on fewer people, its correlation is higher. So the reason cannot be "
    "determined, and the widths of the two reviews should not be compared."
)

# %% [markdown]
# ## 6 Test and retest: intervals of the reliability
# The standard error of measurement (SEM) is the SD of one measurement about the person's long-run mean. The intraclass
# correlation (ICC) is the share of the variance of measurements that is between people, 1 at best. The two imply the SD
# of single measurements over people, $\mathrm{SEM} / \sqrt{1 - \mathrm{ICC}}$; the interval of the SEM (chi-squared);
# that of the mean difference (t); and both bounds of the ICC (F; [Shrout 1979](#Shrout-1979)). The F interval is that
# of the consistency form. The printed ICC(2,1) also counts a shift between the two tests, which cannot be rebuilt
# exactly from the printed numbers.

# %%
sem = published.studies("Birmingham 2007").iloc[0]
own = effects.query("study == 'Birmingham 2007'").set_index("outcome")
icc, shift = own.loc["KAM peak, ICC(2,1)"], own.loc["KAM peak, mean difference"]
n, error = int(sem["n"]), sem["value"]
sd, change = error / np.sqrt(1 - icc["effect"]), stats.norm.ppf(0.975) * np.sqrt(2) * error
factors = np.sqrt((n - 1) / stats.chi2.ppf([0.975, 0.025], n - 1))
spread = (np.abs(error * factors - sem[["low", "high"]].astype(float)) <= 0.005 * (1 + factors)).all()
reach = stats.t.ppf(0.975, n - 1) * np.sqrt(2) * error / np.sqrt(n)
wide = abs(2 * reach - (shift["high"] - shift["low"])) <= 0.1
rows = [
    ("Birmingham 2007", "SEM and ICC", "SD they imply together", f"SEM {error:g}, ICC {icc['effect']:g}",
     f"SD {sd:.3f} %BW*Ht; smallest detectable change {change:.3f}", OPEN, "the SD of the peaks"),
    ("Birmingham 2007", "interval of the SEM", "chi-squared with n - 1", f"{sem['low']:g} to {sem['high']:g}",
     f"{error * factors[0]:.3f} to {error * factors[1]:.3f}", FITS if spread else MISFIT, ""),
    ("Birmingham 2007", "interval of the mean difference", "t interval from the SEM",
     f"{shift['low']:g} to {shift['high']:g}",
     f"{shift['effect'] - reach:.3f} to {shift['effect'] + reach:.3f} about a rounded {shift['effect']:g}",
     FITS if wide else MISFIT, ""),
]  # fmt: skip

# %%
f = stats.f.ppf(0.975, n - 1, n - 1)
possible = (1 + icc["effect"] + np.array([-0.005, 0.005])) / (1 - icc["effect"] - np.array([-0.005, 0.005]))
for side, bound in (("low", possible / f), ("high", possible * f)):
    least, most = (bound - 1) / (bound + 1)
    verdict = FITS if least - 0.005 <= icc[side] <= most + 0.005 else MISFIT
    name = f"{'lower' if side == 'low' else 'upper'} bound of the ICC"
    rows.append(("Birmingham 2007", name, "F interval, consistency form", f"{icc[side]:g}",
                 f"{least:.3f} to {most:.3f}", verdict, ""))  # fmt: skip
load, impulse, steps = effects.query("study == 'Robbins 2009'")["effect"]
rows.append(("Robbins 2009", "SEM of load, impulse and steps", "error of a product of the two",
             f"{load:g} kN m s, {impulse:g} N m s, {steps:g} steps",
             f"fits only below {1000 * load / impulse:.0f} steps a day and {1000 * load / steps:.1f} N m s a step",
             OPEN, "mean impulse and mean steps of these people"))  # fmt: skip
plots.table(add("reliability", rows)[["source", "figure", "printed", "implied", "verdict", "needs"]],
            "Reliability of the peak moment and of the daily load (published, 2 papers)")  # fmt: skip

# %%
made = [row[5] for row in rows if row[5] != OPEN]
Markdown(
    f"Of the {len(made)} checks that can be made {made.count(FITS)} are consistent "
    f"([Birmingham 2007](#Birmingham-2007)); {n} people tested twice give an upper bound of the ICC of {most:.2f} at most, where {icc['high']:.2f} is printed. The SD "
    f"that SEM and ICC imply ({sd:.2f} %BW\\*Ht) is not printed in what could be read. The three SEMs of the daily load "
    "([Robbins 2009](#Robbins-2009)) are consistent, if the errors are independent, only if these people took fewer "
    "steps and had a smaller impulse in each step than the last row says; the means could decide it but were not read."
)

# %% [markdown]
# ## 7 The treadmill study: 18 per cent in four people
# With four people an exact two-sided sign test or signed-rank test cannot give a p value below .125, whatever the
# measurements. The table gives the power of a paired t test by the true mean change in SDs of the changes (`dz`):

# %%
lay = published.studies("Regenexx 2015").iloc[0]
four = int(lay["n"])
rows = [("Regenexx 2015", f"{lay['value']:g} % in {four} people", "smallest p of an exact two-sided test of n people",
         "no p value", f"smallest p there is: {2 / 2**four:g}", OPEN, "spread; each person's change"),
        ("Regenexx 2015", f"{lay['value']:g} %", "which quantity, at which speed, by which model?",
         "pressure, once forces", "two quantities", OPEN, "the paper behind the article")]  # fmt: skip
add("the treadmill study", rows)
power = pd.DataFrame({"n": four, "dz": [1.0, 1.5, 2.0, 2.5]})
power["power"] = [TTestPower().power(d, four, ALPHA, alternative="two-sided") for d in power["dz"]]
plots.table(power, f"Power of a paired t test at {ALPHA:g} (computed for the published n, {four} people)")

# %%
Markdown(
    f"A true mean change of one SD would be missed with a probability of {1 - power['power'].iloc[0]:.2f}. The printed "
    f"{lay['value']:g} % ([Regenexx 2015](#Regenexx-2015)) has no SD, no unit and no paper behind it that could be "
    "identified, so it cannot be checked."
)

# %% [markdown]
# ## 8 The randomised trial: what its numbers would need
# Of [Uhlrich 2025](#Uhlrich-2025) only differences $\Delta$ are public. With $n$ people in each arm, a difference is
# significant in a t test of the changes if the SD of the changes within arms is below $|\Delta| / (t_{.975}
# \sqrt{2/n})$. Whether it was is not public. (If the model of the trial uses the baseline, a larger SD is possible.)

# %%
trial = published.studies("Uhlrich 2025")
n = int(trial["n"].min())
kam = trial.loc[trial["measure"].str.startswith("KAM"), "value"]
needs = trial.loc[trial["measure"].str.contains("between"), ["measure", "value", "unit"]]
needs.loc[len(trial)] = ["KAM peak change at one year, difference of the two", kam.iloc[0] - kam.iloc[1], "%"]
needs.insert(2, "largest sd", needs["value"].abs() / (stats.t.isf(ALPHA / 2, 2 * n - 2) * np.sqrt(2 / n)))
needs = needs.rename(columns={"measure": "outcome", "value": "difference"}).assign(**{"n per arm": n})
plots.table(needs, f"Largest SD of the changes for p = {ALPHA:g} (published, {2 * n} people)")

# %%
value = trial.set_index("measure")["value"]
pain, between = (value[f"medial knee pain {what}"] for what in
                 ("change at one year, intervention", "at one year, difference between arms"))  # fmt: skip
sham = pain - between
rows = [("Uhlrich 2025", f"pain: {pain:g} in one arm, {between:g} between arms", "the sham's change by subtraction",
         "little more than a point", f"{sham:.1f} NRS points", FITS if -2 < sham <= -1 else MISFIT, ""),
        ("Uhlrich 2025", f"mean changes of pain, {n} an arm", "whole-number means (GRIM)", "one decimal",
         f"every tenth is possible with {n} people", OPEN, "two decimals, completers")]  # fmt: skip
rows += [("Uhlrich 2025", row.outcome, f"is it significant with {n} and {n}?", f"{row.difference:g} {row.unit}",
          f"yes, if the SD of changes is below {row[3]:.2f}", OPEN, "SDs or an interval")
         for row in needs.itertuples()]  # fmt: skip
rows.append(("Uhlrich 2025", "KAM peak -4 % and more than +3 %", "percent of the mean or mean of percents?", "percent",
             "may differ in sign", OPEN, "means before and after, or each person's"))  # fmt: skip
plots.table(add("the trial", rows)[["figure", "check", "printed", "implied", "verdict", "needs"]],
            f"Checks of the numbers of the trial (published, {2 * n} people)")  # fmt: skip

# %%
limits = published.effects("R2")
largest = needs.loc[needs["outcome"].str.contains("pain"), "largest sd"].iloc[0]
least = limits.loc[limits["unit"] == "NRS points", "effect"].iloc[0]
caption = "Minimal clinically important changes of pain in one person (published, 2 sources)"
plots.table(limits[["study", "outcome", "effect", "unit"]], caption)

# %%
Markdown(
    f"Whether the SD of the changes of pain was below {largest:.1f} points of the numerical rating scale (NRS, 0 to "
    f"10) is not public. The subtraction is consistent: {pain:g} in the intervention and {between:g} between the arms "
    f"leave {sham:.1f} in sham. The smallest change that matters to a patient is {least:g} NRS points by [a published "
    "threshold](https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7990728/). The difference between the arms "
    f"({-between:g}) is smaller, the mean change in the intervention ({-pain:g}) larger. But the threshold is for one "
    "person and should not be compared with a difference of means: the arms may differ in how many people reached "
    "it. How many did is not public."
)

# %% [markdown]
# **Percent of what?** The printed -4 % and +3 % of the knee load are either the change of the mean in per cent, or the
# mean of each person's change in per cent. The two can differ even in sign, as an invented example of two people shows:

# %%
two = pd.DataFrame({"before": [1.0, 4.0], "after": [1.3, 3.6]})
of_mean = 100 * (two["after"].sum() / two["before"].sum() - 1)
row = {"percent of the mean": of_mean, "mean of percents": 100 * (two["after"] / two["before"] - 1).mean()}
plots.table(pd.DataFrame([row]), "Two percentages of the same change (no data, an invented example of 2 people)", 1)

# %% [markdown]
# ## 9 Ratio of force to weight
# [Messier 2005](#Messier-2005) prints that each unit of weight lost takes about four units of force off the knee; a
# kilogram weighs 9.8 N.

# %%
rows = []
for row in effects.query("study == 'Messier 2005' and unit == 'N/kg'").itertuples():
    times = abs(row.effect) / 9.8
    low, high = reported.interval_from_p(row.effect, float(row.p), df=row.n - 2)
    said = f"{times:.2f}; 95 % interval from its p: {low:.0f} to {high:.0f} N/kg"
    verdict = FITS if round(times) == 4 else MISFIT
    rows.append((row.study, row.outcome, "four units of force per unit of weight lost", "about 4", said, verdict, ""))
plots.table(
    add("ratios", rows)[["figure", "printed", "implied", "verdict"]],
    "Knee force per weight lost (published, 142 people)",
)

# %% [markdown]
# ## 10 Summary of the checks

# %%
table = pd.concat(checks, ignore_index=True)
sources = table["source"].nunique()
counts = pd.crosstab(table["kind"], table["verdict"]).reindex(columns=VERDICTS, fill_value=0)
counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False).index]
total = counts.sum()
shown = pd.concat([counts, total.rename("all").to_frame().T]).rename_axis("kind of check").reset_index()
plots.table(shown, f"Checks by verdict (published, {sources} sources)", 0)

# %%
fig, ax = plt.subplots(figsize=(5.2, 3.6))
counts.plot.barh(stacked=True, color=[colour[v] for v in VERDICTS], width=0.75, ax=ax)
ax.invert_yaxis()
ax.set(xlabel="checks", ylabel="", title=f"Checks by kind and verdict\n(published, {sources} sources)")
ax.tick_params(axis="y", labelsize=8)
ax.legend(loc="lower right", title=None)
plots.show(
    fig, "Most checks are of intervals and fit; p values and percentages fail more often; pairs cannot be checked."
)

# %%
wrong, centre = table[table["verdict"] == MISFIT], "intervals: value in the middle"
checked = total[FITS] + total[MISFIT]
caption = "Inconsistent results, if standard methods were used"
plots.table(wrong[COLUMNS[:5]], f"{caption} (published, {wrong['source'].nunique()} sources)")

# %%
Markdown(
    f"Of {checked} checks that could be made {total[FITS]} are consistent and {total[MISFIT]} inconsistent, in "
    f"{wrong['source'].nunique()} sources. Most of the consistent ones are of a value in the middle of its interval, "
    f"where {counts.loc[centre, MISFIT]} of {counts.loc[centre].sum()} fail; of the p values "
    f"{counts.loc['p values', MISFIT]} of {counts.loc['p values', [FITS, MISFIT]].sum()} fail. The checks are not "
    "independent: the two percentages are probably two sides of one table."
)

# %% [markdown]
# Possible explanations, one by one:
# - *Rearfoot eversion, 0.71 (1.55 to 2.97)*: with -1.55 the numbers are consistent, so a minus sign was probably lost.
# - *Orthopaedic insoles, -1.21 (-2.61 to .18), p < .001; and -.20, p = .62* ([Yu 2021](#Yu-2021)): the intervals give
#   .09 and .56. Both p values are possible for a test of heterogeneity (section 2). As printed, the first claims an
#   effect that its interval does not show.
# - *Tape against sham tape, -10.9 (-18.4 to -3.4), p < .001* ([Warden 2008](#Warden-2008)): the interval gives .004.
#   It is below .05 either way.
# - *Arch index .22 and .26, SD .04, p = .04* ([Levinger 2010](#Levinger-2010)): all means and SDs that round to these
#   give a p value below .013.
# - *Age 59 and 48, p = .06* ([Abourazzak 2014](#Abourazzak-2014)): impossible for a t test with SDs of 7 and 9 and
#   groups of 100 and 80, which gives a p value far below .001.
# - *Flat feet 42 and 22 %, p = .03; high arches 58 and 77 %, p = .004* (the same study): these look like two sides of
#   one table, because 42 and 58 add up to 100, and 22 and 77 nearly. One table has one p value; the tests of section 3
#   give .006 to .009. Adjusted tests might differ.
# - *Upper bound .96 of an ICC of .86* ([Birmingham 2007](#Birmingham-2007)): 31 people tested twice give .93 by the
#   consistency form (section 6). The lower bound is consistent.
# - The other three are off the middle by more than rounding allows, one of them only just. Bootstrap or model-based
#   intervals need not have the value in the middle, so this is the weakest kind of inconsistency.

# %%
missing = table.loc[table["verdict"] == OPEN, ["source", "figure", "needs"]]
plots.table(
    missing, f"Missing information where no check can be made (published, {missing['source'].nunique()} sources)"
)

# %% [markdown]
# ## 11 Check a result of your choice
# Take any abstract with a difference, an interval and a p value, and put the numbers into `YOURS` at the top:

# %%
smallest, largest = reported.p_within_rounding(*YOURS)
row = dict(zip(("value", "low", "high"), YOURS, strict=False)) | {"smallest p": smallest, "largest p": largest}
plots.table(pd.DataFrame([row]), "p values that your numbers imply (published, 1 abstract)")

# %% [markdown]
# ## What this shows
# - Most printed numbers are consistent. Of those that are not, one looks like a lost sign, two like p values of another
#   test, three are values off the middle of their interval; nothing here explains the others.
# - The pooled effects of wedges and of trunk lean, which other pages use, lie in the middle of their intervals. Nothing
#   else about them was checked.
# - Two printed p values are on the other side of .05 from those implied: p < .001 for insoles (implied: .09) and p =
#   .06 for age (implied: far below .001).
# - Of the two studies this project is about, the trial and the treadmill study, one subtraction can be checked, and it
#   is consistent. Other checks would need SDs, intervals or counts.

# %% [markdown]
# ## What it does not show
# - That a consistent result is true, or that the conclusion of an inconsistent one is wrong.
# - Why a number is inconsistent. No check here can distinguish a misprint from another method.
# - Anything about studies whose abstracts give no numbers.
# - What the figures say of feet and knees: that stands where they are used, such as on
#   [13 Feet and orthoses](13_feet_and_orthoses.ipynb) and [17 Knee to foot](17_knee_to_foot.ipynb).

# %% [markdown]
# ## Deviations from the plan
# - The plan gave whole-number means only two verdicts. They have *cannot be checked* where it is not known whether the
#   scores were whole numbers; so have p values whose implied range runs from below .01 to above .5.
# - At review every *inconsistent* verdict was computed again by other code and confirmed; guesses at causes were cut
#   back.

# %% [markdown]
# ## Exercises
# 1. Check another abstract: change `YOURS` at the top. Which p values does its interval imply?
# 2. Be stricter: in section 2 set `half` to zero, as if printed p values were exact. How many more are inconsistent?
# 3. In section 5 give all shoes the same SD of 0.5: put `sds = (0.5, 0.5)` after its line. Which shoe now needs the
#    least correlation?

# %% [markdown]
# ## References
#
# ###### Abourazzak 2014
# Abourazzak F and others. *Open Rheumatology Journal* 8:96, 2014 (abstract read). doi not available
#
# ###### Altman 2011
# Altman D G, Bland J M. How to obtain the P value from a confidence interval. *BMJ* 343:d2304, 2011.
# <https://doi.org/10.1136/bmj.d2304>
#
# ###### Arnold 2016
# Arnold J B and others, a meta-analysis of lateral wedges. *Arthritis Care and Research*, 2016 (abstract read).
# doi not available
#
# ###### Birmingham 2007
# Birmingham T B, Hunt M A, Jones I C, Jenkyn T R, Giffin J R. Test-retest reliability of the peak knee adduction moment
# during walking in patients with medial compartment knee osteoarthritis. *Arthritis and Rheumatism* 57(6):1012, 2007.
# doi not available
#
# ###### Brown 2017
# Brown N J L, Heathers J A J. The GRIM test: a simple technique detects numerous anomalies in the reporting of
# results in psychology. *Social Psychological and Personality Science* 8(4):363, 2017.
# <https://doi.org/10.1177/1948550616673876>
#
# ###### Higgins 2002
# Higgins J P T, Thompson S G. Quantifying heterogeneity in a meta-analysis. *Statistics in Medicine* 21(11):1539, 2002.
# <https://doi.org/10.1002/sim.1186>
#
# ###### Levinger 2010
# Levinger P and others. Foot posture in people with medial compartment knee osteoarthritis. *Journal of Foot and Ankle
# Research* 3:29, 2010. <https://doi.org/10.1186/1757-1146-3-29>
#
# ###### Messier 2005
# Messier S P and others. Weight loss reduces knee-joint loads in overweight and obese older adults with knee
# osteoarthritis. *Arthritis and Rheumatism* 52(7):2026, 2005. <https://doi.org/10.1002/art.21139>
#
# ###### Regenexx 2015
# A lay article of July 2015 about four people on a treadmill; the paper behind it was not identified. doi not available
#
# ###### Robbins 2009
# Robbins S M K, Birmingham T B, Jones G R, Callaghan J P, Maly M R. Developing an estimate of daily cumulative loading
# for the knee: examining test-retest reliability. 2009. doi not available
#
# ###### Shakoor 2010
# Shakoor N, Sengupta M, Foucher K C, Wimmer M A, Fogg L F, Block J A. The effects of common footwear on joint loading
# in osteoarthritis of the knee. *Arthritis Care and Research* 62(7):917, 2010. <https://doi.org/10.1002/acr.20165>
#
# ###### Shrout 1979
# Shrout P E, Fleiss J L. Intraclass correlations: uses in assessing rater reliability. *Psychological Bulletin*
# 86(2):420,
# 1979. <https://doi.org/10.1037/0033-2909.86.2.420>
#
# ###### Silva 2022
# Silva M D C, Perriman D M, Fearon A M, and others. Effects of neuromuscular gait modification strategies on indicators
# of knee joint load in people with medial knee osteoarthritis: a systematic review and meta-analysis. *PLoS One*
# 17(9):e0274874, 2022. <https://doi.org/10.1371/journal.pone.0274874>
#
# ###### Uhlrich 2022
# Uhlrich S D, Kolesar J A, Kidziński Ł, Boswell M A, Silder A, Gold G E, Delp S L, Beaupre G S. Personalization
# improves the biomechanical efficacy of foot progression angle modifications in individuals with medial knee
# osteoarthritis. *Journal of Biomechanics* 144:111312, 2022. <https://doi.org/10.1016/j.jbiomech.2022.111312>
#
# ###### Uhlrich 2025
# Uhlrich S D, Mazzoli V, and others. Personalised gait retraining for medial compartment knee osteoarthritis: a
# randomised controlled trial. *Lancet Rheumatology* 7(10):e708, 2025. <https://doi.org/10.1016/S2665-9913(25)00151-1>
#
# ###### Warden 2008
# Warden S J and others. Patellar taping and bracing for the treatment of chronic knee pain: a systematic review and
# meta-analysis. *Arthritis and Rheumatism* 59(1):73, 2008. <https://doi.org/10.1002/art.23242>
#
# ###### Yu 2021
# Yu L, Wang Y, Yang J, Wang J, Zhang Y. Effects of orthopedic insoles on patients with knee osteoarthritis: a
# meta-analysis and systematic review. *Journal of Rehabilitation Medicine* 53(5):jrm00191, 2021.
# <https://doi.org/10.2340/16501977-2836>
