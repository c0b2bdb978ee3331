# ---
# jupyter:
#   gaitstudy:
#     datasets: [toe-in-107]
# ---

# %% [markdown]
# # 09 Who benefits? 107 people turn their toes in
#
# The trial's idea is that one change of the foot angle does not fit all. Here is the one place with open data on many
# individuals: 107 people with osteoarthritis of the inner knee walked with their toes turned in by about 10
# degrees. In whom did the load fall, and what else did these people do?

# %% [markdown]
# ## Question
# How much does the first peak of the knee adduction moment (KAM) fall with toe-in, and how do people differ? Which
# changes of gait go with a larger fall? Can these data say that a personal angle beats one angle for all?

# %% [markdown]
# ## Data: real (107 people), published
# `toe-in-107` (Uhlrich and others 2022): for each person the *reduction* of the first KAM peak (natural less toe-in,
# %BW*Ht, so that a fall is positive) and how twelve gait variables changed (toe-in less natural). **Only toe-in and
# only the first peak are public**: no toe-out, no second peak, no repeated walks. What is kept with the project: the
# number of people, 13 means and 13 x 13 covariances, counts in bins, and the outcome of the cross-validation. The signs
# of the columns are those of the authors' code; the paper does not confirm them.

# %% [markdown]
# ## Plan of analysis
# Set before this notebook was run; it follows the published one as far as the data allow.
# 1. the reduction: mean, spread, range, how many people reduce, one-sample t test;
# 2. lasso on the twelve changes, each divided by its SD (n - 1); the penalty is the mean over seeds 1-10 of the one
#    that ten-fold cross-validation gives by the one-standard-error rule;
# 3. least squares on what the lasso keeps: coefficients, adjusted R2 and its fall as each leaves; all twelve beside it;
# 4. 2 and 3 from means and covariances alone, which is exact; only the cross-validation needs the people;
# 5. what the signs say about claim T3; the ledger for claim R1.

# %%
import pandas as pd

from gaitstudy import claims, figures, kam_prediction
from gaitstudy.io import catalogue, published, results
from gaitstudy.stats import moments
from gaitstudy.studies import toe_in_people

inputs = [toe_in_people.DATASET]
summary = results.table("toe_in_summary", toe_in_people.summary, inputs=inputs, key=["variable"])
kept = results.table("toe_in_moments", toe_in_people.covariances, inputs=inputs, key=["variable", "other"])
found = toe_in_people.from_table(kept)
about = {"data_class": "real", "people": found.n}
catalogue.here(*inputs)

# %% [markdown]
# ## 1 The reduction

# %%
own = summary.set_index("variable").loc[toe_in_people.OUTCOME]
title = figures.heading("Reduction of the first KAM peak with toe-in, %BW*Ht", **about)
figures.table(toe_in_people.mean_reduction(own), title, {"mean": 4, "low": 4, "high": 4, "sd": 4, "t": 3, "p": 12})

# %%
bins = results.table("toe_in_histogram", toe_in_people.histogram, inputs=inputs, key=["low"])
title = figures.heading("In whom does the first peak fall?", **about)
figure = figures.counted_people(bins, "reduction of the first KAM peak (%BW*Ht, fall positive)", title, own["mean"])
figures.show(figure, "Most people reduce, around a mean of .2; 24 of 107 lie below zero, the range is -.6 to 1.2.")

# %% [markdown]
# That the mean falls is clear, of a person it is not: 83 people reduce, 24 do not. How many of the 24 *would* again?
# One walk per person and condition cannot tell. If everyone had the same true reduction and the rest were measurement
# noise, some would lie below zero all the same. What a published test-retest error of the KAM does to a difference:

# %%
sem = float(published.studies("Birmingham 2007")["value"].iloc[0])
row = {"SD of the reduction": own["sd"], "published test-retest error": sem, "of a difference": 2**0.5 * sem}
title = "Could noise alone spread people like this? %BW*Ht (first real, 107 people; others published, 31 people)"
figures.table(pd.DataFrame([row]), title, 3)

# %% [markdown]
# Such an error is large enough to make all of the spread. Within one test it is probably smaller than between two, but
# how much smaller is not public. So the raw spread is no proof that people differ; what follows, that the spread goes
# with what people *did*, is a better hint.

# %% [markdown]
# ## 2 What people did
# They were asked to change the foot angle only. Everything else in this table came along.

# %%
names = ["variable", "unit", "positive", "when"]
described = pd.DataFrame(toe_in_people.VARIABLES, columns=names).merge(summary, on="variable")
title = figures.heading("Changes with toe-in (toe-in less natural)", **about)
columns = [*names[:3], "mean", "sd", "smallest", "largest"]
figures.table(described[columns], title, dict.fromkeys(columns[3:], 4))

# %% [markdown]
# Two of the twelve are nearly the same thing: step width and the distance of the two feet's pressure.

# %%
spread = pd.Series([found.covariance.loc[v, v] ** 0.5 for v in found.covariance], found.covariance.columns)
r = found.covariance.div(spread, axis=0).div(spread, axis=1)
pair = pd.DataFrame([{"pair": "step width, CoP separation", "r": r.loc["step width", "CoP separation"]}])
figures.table(pair, figures.heading("The closest pair", **about), 3)

# %% [markdown]
# ## 3 Which changes go with the reduction: a lasso
# A lasso is least squares with a price on every coefficient. At a high price nothing is worth keeping; as the price
# falls, one change after another comes in.

# %%
path = moments.lasso_path(found, toe_in_people.OUTCOME, toe_in_people.PREDICTORS)
sets = moments.active_sets(path)
title = figures.heading("Order of entry as the penalty falls", **about)
figures.table(sets[["high", "low", "entered", "left", "count"]], title, 4)

# %%
chosen = results.table("toe_in_cross_validation", toe_in_people.cross_validation, inputs=inputs, key=["seed"])
penalty = chosen["penalty_1se"].mean()
title = figures.heading("Penalty by ten-fold cross-validation, and R2 in those left out", **about)
figures.table(chosen.drop(columns="kept"), title, {"seed": 0} | dict.fromkeys(chosen.columns[1:5], 4))

# %%
names = moments.kept_at(sets, penalty)
own_set = sets[sets["kept"] == "; ".join(names)].iloc[0]
title = figures.heading("Path of the lasso", **about)
span = (own_set["low"], own_set["high"])
figure = figures.lasso_path(path, names, "coefficient (%BW*Ht per SD)", title, span, penalty)
figures.show(figure, "Tibia angle and knee adduction enter first, then pressure and pelvic list; four are kept.")

# %%
same = chosen["kept"].value_counts().rename_axis("kept").rename("seeds").reset_index()
figures.table(same, figures.heading("What each seed of the folds would keep", **about))

# %% [markdown]
# The mean penalty keeps four changes: pelvic list, knee adduction, the pressure in the foot sideways, and the angle of
# the tibia. Eight of ten seeds keep the same four. In people left out of the fit the lasso explains about 30 % of the
# variance at this penalty, which also shrinks what it keeps, and 41 % at the penalty of the smallest error (a
# little too good, as it was picked on the same left-out people); the 44 % below are what the same people give back to
# the model that was chosen on them.

# %% [markdown]
# ## 4 The regression

# %%
four = moments.regression(found, toe_in_people.OUTCOME, names)
title = figures.heading("KAM reduction (%BW*Ht) per SD of each change kept", **about)
digits = {"estimate": 5, "se": 5, "low": 4, "high": 4, "t": 2, "p": 7, "drop": 4}
figures.table(four, title, digits)

# %%
every = moments.regression(found, toe_in_people.OUTCOME, toe_in_people.PREDICTORS)
fits = pd.DataFrame([{"model": k, **t.attrs} for k, t in (("the four", four), ("all twelve", every))])
figures.table(fits, figures.heading("How much of the variance they take", **about), 4)

# %%
shown = {"all twelve": every.iloc[1:], "the four": four.iloc[1:]}
title = figures.heading("Weights with 95 % intervals", **about)
figure = figures.weights(shown, "KAM reduction (%BW*Ht) per SD of the change", title)
figures.show(figure, "The four weights stand clear of zero; with all twelve the tibia's grows and widens.")

# %% [markdown]
# Read with the signs: the peak falls more in people whose shank tilts medially, whose knee goes into more
# *adduction*, whose pressure moves medially in the foot, and whose pelvis drops further on the swing side. **These p
# values are too small**: the four were chosen on the same people (the paper uses tests made for that; they are not
# repeated here). And one change is not the cause of another: all of them are parts of one movement.

# %% [markdown]
# ## 5 What the signs say about T3
# T3: where the foot presses decides what each side of the knee carries. At fixed posture, pressure further *in* would
# raise the moment. Here it goes with *less* moment, alone and beside the others:

# %%
pressure = toe_in_people.PRESSURE
models = {"alone": [pressure], "with tibia angle": [pressure, "tibia angle"], "the four": names,
          "all twelve": list(toe_in_people.PREDICTORS)}  # fmt: skip
fits = [moments.regression(found, toe_in_people.OUTCOME, use).set_index("term") for use in models.values()]
table = pd.DataFrame([fit.loc[pressure, ["estimate", "low", "high"]] for fit in fits])
table.insert(0, "beside", list(models))
title = figures.heading("KAM reduction (%BW*Ht) per SD of pressure moving medially", **about)
figures.table(table, title, 3)

# %% [markdown]
# Notebook 03 records the correlation for T3's part *moves*. What is added here: the sign stays the same with the angles
# of shank, knee and pelvis held constant in the regression. That is *not* "posture held": the knee's own place over
# the foot is not fully given by three angles, and all were measured in the same steps. On average these people
# moved the pressure *laterally* (by 2.4 mm) and still lowered the moment. So the pressure's
# shift and the load's go together between people, and nothing here says that the pressure decides.

# %% [markdown]
# ## 6 A predictor beside it
# A published model foretells the reduction from six clinical measures (Rokhmanova 2022; its known defects stand in the
# help of `predict_kam_reduction`). Of the six only the toe-in angle is public for these 107 people, so it cannot be
# tested person by person. What can be done: its average person, toes in by as much as these people did on average.

# %%
turned = -summary.set_index("variable").loc["foot progression angle", "mean"]
model = kam_prediction.coefficients()["mean"]
person = [model["height"] / 100, model["mass"], model["speed"], model["natural_fpa"], model["alignment"]]
expected = kam_prediction.predict_kam_reduction(*person, toe_in=turned).iloc[0]
measured = toe_in_people.mean_reduction(own).iloc[0]
two = {"model, its average person (95 % for one person)": expected[["reduction", "low", "high"]],
       "measured, 107 people (95 % of the mean)": measured[["mean", "low", "high"]]}  # fmt: skip
rows = [{"what": what, "value": v.iloc[0], "low": v["low"], "high": v["high"]} for what, v in two.items()]
title = f"Reduction of the first KAM peak at {turned:.1f} deg of toe-in, %BW*Ht (published model; real, 107 people)"
figures.table(pd.DataFrame(rows), title, 3)

# %% [markdown]
# The model promises about four times what these people got. Why, is not known here: its people and its laboratory
# are others, one defect (angles shifted by a degree) could explain a tenth of a %BW*Ht, and the trained range ends at
# 10 degrees. Until someone measures both on the same people, neither number should be promised to a patient.

# %% [markdown]
# ## 7 What cannot be reproduced, and the ledger for R1
# <a id="r1"></a>
# With the best of four angles for each person, 70 % cut their larger peak by 5 % or more; with one angle for all,
# between 23 and 57 %. That needs toe-in and toe-out, 5 and 10 degrees, and both peaks; none of it is public.

# %%
shares = toe_in_people.published_shares()
title = "People who cut their larger KAM peak by 5 % or more (published, 107 people)"
figures.table(shares, title, 0)

# %% [markdown]
# A caution before they are recorded: the personal angle is the best of four *on the same steps* that are then
# counted. The best of four noisy numbers is too good, so part of 70 against 57 is chance by construction; notebook 10
# shows the same in simulated people, though not for this share. Two parts are asked for. *personal*: 70 less 57 in 100
# reach the 5 % only with their own angle. *differs*: the same 13 in 100, at least, had another best angle than the
# group on that day. The rule asks for steps not used to choose and for noise taken out. Neither holds here, there is no
# interval, and the figures are the source's own: *reported*, no more. The 24 of 107 real people who do not reduce are
# context, as the rule says: noise alone makes some.

# %%
share = shares.set_index("angle")["people"]
extra = share["personal foot angle"] - share["one foot angle for all, highest of the range"]
published = {"interval": "not available", "data": "published", "n": found.n, "n_unit": "people"}
published |= {"source": toe_in_people.STUDY, "anchor": "r1"}
note = "people at 5 % or more, personal angle less best single angle; chosen and counted on the same steps"
pieces = [claims.record("R1", extra, unit="% of people", role="personal", note=note, **published)]
note = "at least; people who reach 5 % with their own angle and not with the best single one; noise not taken out"
pieces += [claims.record("R1", extra / 100, unit="share", role="differs", note=note, **published)]

# %%
raw = toe_in_people.not_reduced(own)
real = {"data": "real", "n": found.n, "n_unit": "people", "source": toe_in_people.DATASET, "role": "context"}
real |= {
    "anchor": "r1",
    "note": "first peak does not fall with toe-in; one walk",
}
pieces += [claims.record("R1", raw["value"], (raw["low"], raw["high"]), "share", **real)]
columns = ["id", "role", "value", "low", "high", "unit", "data", "n", "n_unit", "source", "note"]
figures.table(pd.concat(pieces)[columns], "Recorded for R1 (published and real, 107 people)", 3)

# %% [markdown]
# ## What this shows
# - Toe-in lowers the first peak by .20 %BW*Ht on average in these 107 people, with a spread of .29: 83 fall, 24 do not.
# - Four changes that came along take 44 % of the variance in the same people; in people left out the lasso takes 30 to
#   41 %, by its penalty.
# - Path and regressions follow from means and covariances alone; only the cross-validation needs the people.
# - Pressure that moves medially in the foot goes with a larger fall, which a lever arm alone would not do.
#
# ## What it does not show
# That a person who did not reduce would not reduce next week: there is one walk each. That a personal angle beats one
# for all: toe-out and the second peak are not public, so R1 rests on the source's own figures. Causes: the twelve
# changes and the moment are computed from the same steps and markers, so part of their agreement is shared error.
# The exact penalty and p values of the paper's own software were not checked.
#
# ## Deviations from the plan
# - The comparison of the spread with a published test-retest error was added after the spread was seen.
# - The order of entry is read from the whole path. The distance between the knees comes in sixth, before knee flexion,
#   and leaves again later; a list of what is kept at the end of the path hides that.
