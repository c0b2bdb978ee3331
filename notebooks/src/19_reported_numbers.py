# ---
# jupyter:
#   gaitstudy:
#     datasets: []
# ---

# %% [markdown]
# # 19 Reported numbers: which fit together, which do not, which nobody can check
#
# Much of this project leans on numbers that others printed. A careful reviewer does sums with such numbers before
# believing them. This notebook does: for every published figure of two tables kept here that has parts to compare, it
# asks whether the printed parts can all be true at once.

# %% [markdown]
# ## Question
# Does each published value lie where its interval says? Does the p value follow from the interval, or from the means
# and SDs? Can a percentage come from the people counted? And where no such check is possible: what is missing?

# %% [markdown]
# ## Data: published
# The tables `data/published/studies.csv` and `effects.csv`: figures read in papers' abstracts, open full texts and
# press summaries, each with its source and how it is known. No person's data. **An abstract is not the paper**: a
# sign lost in typesetting or a p value set beside the wrong number looks here like a contradiction.

# %% [markdown]
# ## Plan of analysis
# Written beside the first run of the checks, not before it; what changed after stands under Deviations.
# 1. every check is arithmetic on the tables; each printed number may be any that rounds to it, up or down;
# 2. three verdicts. *Consistent*: the printed parts can all be true. *Inconsistent*: they cannot, if the plain method
#    was used (normal or t interval, t test, counts). *Cannot be checked*: what is missing is named;
# 3. intervals: value in the middle (ratios as logarithms), p from the interval;
# 4. groups: t test from means and SDs (standard deviations); counts behind percentages; means of whole numbers, which
#    can only be multiples of 1 / people (GRIM);
# 5. the same people twice: the correlation that a printed p needs, since without it nothing can be tested;
# 6. the trial: the SD at which its differences would be significant;
# 7. nothing is recorded in the ledger: whether numbers fit together says nothing about the claims.

# %%
import pandas as pd
from statsmodels.stats.power import TTestPower

from gaitstudy import figures
from gaitstudy.io import published
from gaitstudy.stats import reported, rounding
from gaitstudy.studies import implied_numbers, published_effects, reported_numbers

table = reported_numbers.checks()
sources = table["source"].nunique()
about = {"data_class": "published", "people": sources, "unit": "source"}
show = ["source", "figure", "check", "printed", "implied"]

# %% [markdown]
# ## 1 What comes out

# %%
counts = reported_numbers.tally(table)
shown = counts.rename_axis("kind of check").reset_index()
total = pd.DataFrame([{"kind of check": "all", **counts.sum().to_dict()}])
figures.table(pd.concat([shown, total]), figures.heading("Checks by verdict", **about), 0)

# %%
figure = figures.counted_verdicts(counts, figures.heading("Checks by kind and verdict", **about))
figures.show(figure, "Most checks are of intervals and fit; of 23 p values five do not; pairs cannot be checked.")

# %% [markdown]
# Most of what can be checked is consistent. That is less praise than it seems: a value in the middle of its interval is
# easy to get right. The checks that could really fail, p values and percentages against their numbers, fail more often.
# Nor are the checks independent: the two percentages are one table seen from both sides, and the ratios are weak (for
# the pelvic drop nothing is printed that could disagree).

# %% [markdown]
# ## 2 What does not fit

# %%
wrong = table[table["verdict"] == "inconsistent"]
figures.table(wrong[show], figures.heading("Inconsistent, if plain methods were used", **about))

# %% [markdown]
# What may lie behind them, one by one:
# - *Rearfoot eversion, 0.71 (1.55 to 2.97)*: with -1.55 all is well. A minus sign was lost.
# - *Orthopaedic insoles, -1.21 (-2.61 to .18), p < .001; and -.20, p = .62*: the intervals give .09 and .56. Both p
#   values would suit a test of *heterogeneity*, of whether the trials differ (I2, the share of their spread beyond
#   chance: 75 % and 0 %), beside which they stand. Read as they are printed, the first claims an effect that its
#   interval does not show.
# - *Tape against sham tape, -10.9 (-18.4 to -3.4), p < .001*: the interval gives .004. Smaller than .05 all the same.
# - *Arch index .22 and .26, SD .04, p = .04*: any means and SDs that round to these give p below .013. The
#   difference is clearer than its p value says.
# - *Age 59 and 48, p = .06*: impossible with SDs of 7 and 9 and groups of 100 and 80. The groups did differ in age.
# - *Flat feet 42 and 22 %, p = .03; high arches 58 and 77 %, p = .004*: these look like one table read from both
#   sides, for 42 and 58 make 100, and 22 and 77 nearly. One table has one p value; plain tests give .006 to .009.
#   Adjusted tests might differ.
# - *Upper bound .96 of an ICC of .86* (how well the first of two measurements ranks people as the second does, 1 at
#   best): 31 people tested twice give .93. The lower bound fits.
# - The other three are off the middle by more than rounding allows, one by a hair. Bootstrap or model-based intervals
#   need not have the value in the middle, so this is the weakest kind of mismatch.

# %% [markdown]
# Is the second guess right? What p a test of heterogeneity would have, from I2 and the number of trials (of the whole
# review: how many the sensitivity analysis kept was not read):

# %%
whole = published_effects.effects().query("study.str.startswith('Yu 2021')")
number = int(whole["studies"].max())
rows = whole[["exposure", "p", "i2"]].assign(p=whole["p"].str.replace("<", "below "))
rows["p of heterogeneity"] = [reported.heterogeneity_p(share, number) for share in rows["i2"]]
figures.table(rows, f"p as printed, and of heterogeneity among {number} trials (published, 1086 people)", {"i2": 0,
              "p of heterogeneity": 6})  # fmt: skip

# %% [markdown]
# It fits: far below .001 for 75 %, and at least about .45 for 0 %, as .62 is. So the two p values may well be those of
# another test.

# %% [markdown]
# ## 3 p values, printed and implied

# %%
found = implied_numbers.printed_p()
figure = figures.implied_p(found, figures.heading("Does p follow from the numbers beside it?", "published",
                                                  found["source"].nunique(), "source"))  # fmt: skip
figures.show(figure, "Bars: p values that rounding allows. Five are orange: no p that rounds to the printed one fits.")

# %% [markdown]
# The bars are the p values that the printed numbers leave open. A mark just beside a blue bar fits, since the printed p
# is rounded too. Where an SD is printed as .01 the bar covers nearly everything: two decimals were not enough to check
# anything.

# %% [markdown]
# ## 4 Pairs: why the correlation should be printed
# Most knee-load studies measure the same people twice. The error of a change depends on how well the two walks
# correlate over people, and abstracts give two means and two SDs. What can be said: the correlation above which the
# change is significant (*needed*), and where p is printed, the correlation it implies (for "< .001": the least).
# *Needed* below -1 means: significant whatever the correlation.

# %%
pairs = implied_numbers.pair_needs()
people = int(pairs.drop_duplicates("source")["n"].sum())
figures.table(pairs, figures.heading("Changes in the same people", "published", people), 2)

# %% [markdown]
# The same 31 people walked in all shoes and barefoot. Clogs against bare feet (+.4) would be significant at any
# correlation above -.21; flat shoes (+.1) only above .92. Nothing in the table can tell, so these means are not pooled
# with anything.
#
# The same gap shows in pooled figures. From the width of each interval one can work out which correlation would give
# it, were the pooled people one study:

# %%
pooled = implied_numbers.pairing()
title = figures.heading(
    "Pooled changes: as wide as which correlation?", "published", pooled["source"].nunique(), "review"
)
figures.table(pooled, title, 3)

# %% [markdown]
# The wedge review's intervals are as narrow as a correlation of .7 to .9 makes them, as if pairs had been treated as
# pairs. The gait review's are as wide as if before and after had been different people, or wider. Differences between
# studies would widen them in the same way, and `n` counts the people of the whole review or gait: if fewer stood behind
# a figure, its correlation would be higher. So which it was cannot be told, and the two reviews' widths must not be
# compared.

# %% [markdown]
# ## 5 A test and retest that can be rebuilt
# From the standard error of measurement (SEM: how far one measurement strays from the same person's long-run mean) and
# the ICC follow the SD, the interval of the SEM, that of the mean difference and both bounds of the ICC.

# %%
own = table[table["kind"] == "reliability"]
title = figures.heading("Reliability of the peak moment and of the daily load", "published", 2, "paper")
figures.table(own[["source", "figure", "printed", "implied", "verdict", "needs"]], title)

# %% [markdown]
# Of the four that can be checked three fit. The SD they imply (.96 %BW*Ht) is not printed in what could be read. The
# three errors of the daily load fit each other, if independent, only if these people took fewer steps and had a smaller
# impulse a step than the last row says; their means would settle it.

# %% [markdown]
# ## 6 The treadmill study: four people, 18 %
# With four people an exact two-sided test cannot go below p = .125, whatever the numbers. What a t test
# would find, if the true change were so many SDs of the changes:

# %%
four = int(published.studies("Regenexx 2015")["n"].iloc[0])
power = pd.DataFrame({"n": four, "dz": [1.0, 1.5, 2.0, 2.5]})
power["power"] = TTestPower().power(power["dz"].to_numpy(), four, 0.05, alternative="two-sided")
title = "Power of a paired t test at .05 (computed for the published n, 4 people)"
figures.table(power, title, 2)

# %% [markdown]
# An effect of one SD would be missed seven times in ten. "18 % less pressure" has no spread, no unit and no paper, so
# none of it can be checked.

# %% [markdown]
# ## 7 The randomised trial: what its numbers would need
# Only differences are public. Each would be significant in a t test on changes if the SD of the changes within arms
# were below the one in the table. Whether it was is not public. (The trial's own model may use the baseline, which
# allows a larger SD.)

# %%
needs = implied_numbers.trial_needs()
figures.table(needs, figures.heading("Largest SD of the changes for p = .05", "published", 68), 2)

# %%
trial = table[table["kind"] == "the trial"]
title = figures.heading("The trial's checks", "published", 68)
figures.table(trial[["figure", "check", "printed", "implied", "verdict", "needs"]], title)

# %% [markdown]
# Whether the changes of pain spread by less than 2.5 NRS points (pain from 0 to 10) nothing printed here says. The
# subtraction holds: -2.5 and -1.2 leave -1.3, "little more than a point". Thresholds to set beside it:

# %%
limits = published_effects.effects("R2")
columns = ["study", "outcome", "effect", "unit"]
title = "Smallest changes that count to patients (published, thresholds for one person's change)"
figures.table(limits[columns], title, 2)

# %% [markdown]
# The difference between the arms (1.2) is smaller than two points; the intervention's own change (2.5) is larger. The
# threshold is for one person's change and may not be laid against a difference of means: more people could have
# reached two points in one arm all the same. How many did is not public.
#
# **Percent of what?** -4 % and +3 % of the knee's load are either the change of the mean or the mean of everyone's
# change. The two can differ in sign. A made-up pair of people shows it:

# %%
made_up = pd.DataFrame({"before": [1.0, 4.0], "after": [1.3, 3.6]})
change = 100 * (made_up["after"] / made_up["before"] - 1)
of_mean = 100 * (made_up["after"].sum() / made_up["before"].sum() - 1)
row = {"percent of the mean": of_mean, "mean of percents": change.mean()}
figures.table(pd.DataFrame([row]), "One change, two percentages (made up, 2 people)", 1)

# %% [markdown]
# ## 8 Counts of 107 people

# %%
own = table[table["kind"] == "counts of 107"]
title = figures.heading("Can a count of 107 people give it?", "published", 107)
figures.table(own[["figure", "printed", "implied", "verdict", "needs"]], title)

# %% [markdown]
# 75 of 107 is 70 %. For 23 and 57 % there is always a count that fits, since one of 107 people is less than one per
# cent: this check cannot fail with more than 100 people, and so it says nothing. Means of whole-number scores with two
# decimals can fail, but only below 100 people:

# %%
own = table[table["kind"] == "means of scores"]
people = int(own["printed"].str.extract(r"n = (\d+)")[0].astype(int).sum())
title = figures.heading("Whole-number means", "published", people)
figures.table(own[["source", "figure", "printed", "implied", "verdict", "needs"]], title)

# %% [markdown]
# Two means of the foot posture index cannot be means of one whole number a person. A transformed index, or a mean over
# both feet, could explain it; what was done stands in a part that was not read. So the verdict is *cannot be checked*.

# %% [markdown]
# ## 9 What else cannot be checked

# %%
open_ = table[table["verdict"] == "cannot be checked"]
figures.table(open_[["source", "figure", "needs"]], figures.heading("Missing", **about))

# %% [markdown]
# ## 10 Try it
# Take any abstract with a difference, an interval and a p value, and put them in:

# %%
value, low, high, decimals = -0.21, -0.50, 0.08, 2
smallest, largest = rounding.p_within_rounding(value, low, high, decimals)
row = {"value": value, "low": low, "high": high, "smallest p": smallest, "largest p": largest}
figures.table(pd.DataFrame([row]), "Your numbers (published, 1 abstract)", 2)

# %% [markdown]
# ## What this shows
# - 85 of the 97 checks that could be made find nothing wrong; 12 do, in eight sources. One of the 12 looks like a lost
#   sign, two like p values of another test, three are values off the middle. Nothing here explains the other six.
# - The pooled effects of wedges and of trunk lean, which other notebooks lean on, lie in the middle of their intervals.
#   That is all that was checked of them.
# - Twice a printed p would mislead about whether there is a difference at all: p < .001 for insoles (implied: .09) and
#   p = .06 for age (implied: far below .001).
# - Of the two studies this project is about, one sum can be checked, and it holds. Everything else waits for SDs,
#   intervals or counts.

# %% [markdown]
# ## What it does not show
# - That a consistent figure is true, or that an inconsistent one is wrong in its conclusion.
# - Why a number does not fit. No check here can tell a misprint from another method.
# - Anything about studies whose abstracts give no numbers: they cannot fail.

# %% [markdown]
# ## Deviations from the plan
# - The plan gave whole-number means only two outcomes. They got *cannot be checked* where it is not known whether the
#   scores were whole. Means printed too coarsely to exclude any p between .01 and .5 got the same verdict.
# - At review every *inconsistent* was worked out again by other code and stayed; guesses at causes were cut back.
