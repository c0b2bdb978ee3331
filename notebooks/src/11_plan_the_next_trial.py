# ---
# jupyter:
#   gaitstudy:
#     datasets: []
# ---

# %% [markdown]
# # 11 Plan the next trial: how many people, and what that number rests on
#
# A grant asks for one number. This notebook gives it, with the chance in it, and shows which assumption it hangs on.
# **To plan your own trial, change the one cell in section 7.**

# %% [markdown]
# ## Question
# How many people would a trial like the published one need for pain, for the knee's load and for cartilage, and how
# does that number move with spread, dropout, measurement error, adherence, and whom one lets in?

# %% [markdown]
# ## Data: simulated (2,000 trials a setting); published effects
# Trials are drawn from the virtual trial of notebook 06. The effects are those published; **most SDs are
# assumptions**, for no source gives them. The result is arithmetic on assumptions and no evidence about patients.

# %% [markdown]
# ## Plan of analysis
# Set before the trials were simulated.
# 1. outcome at one year: pain (NRS points), KAM peak (% of natural), T1rho (ms); test: difference of the arms at week
#    52, two-sided .05; power counts only results in the effect's direction;
# 2. MMRM (all visits, unstructured, Kenward-Roger) and ANCOVA on people seen, both with the baseline;
# 3. a case with a closed form first: if the simulation misses it, nothing below counts;
# 4. sizes for 80 and 90 % power from a probit line through the simulated powers, with Monte-Carlo intervals;
# 5. then one assumption changed at a time, at the published trial's 34 an arm.

# %%
from functools import partial

import numpy as np
import pandas as pd

from gaitstudy import figures
from gaitstudy.io import results
from gaitstudy.simulate import trial_model
from gaitstudy.studies import trial_power, trial_sizes

# %%
stored = results.kept("trial_power", count=2000)
trials = int(stored["trials"].max())
titled = partial(figures.heading, data_class="simulated", people=trials, unit="trial", assumptions="the list above")

# %% [markdown]
# <a id="assumptions"></a>
# **Assumptions.** Effects: as published, taken as the truth (for the KAM two figures of the press, subtracted here).
# Spread: below. Dropout: 14 % in a year, likelier with more pain, plus 2 % of visits missed. Adherence 80 %; every
# effect is proportional to it. Only people who can cut their peak by 5 % are let in (70 % of those screened, as in the
# 107 people of notebook 09); where everyone is let in, the others gain nothing.

# %%
effects = pd.DataFrame(
    [{"outcome": o, "effect": trial_power.published_effect(o), "unit": u.unit} for o, u in trial_power.OUTCOMES.items()]
)
figures.table(effects, "Differences between the arms at one year, intervention less sham (published, 68 people)")

# %%
parameters = trial_model.parameters()
spreads = [name for outcome in trial_power.OUTCOMES.values() for name in outcome.spreads]
others = ["kam_sd", "t1rho_sd", "dropout", "dropout_pain", "missed", "adherence_mean"]
chosen = parameters[parameters["name"].isin([*spreads, *others])]
figures.table(chosen, "What the sizes rest on (simulated; all are assumptions)", 2)

# %% [markdown]
# ## 1 A case that can be worked out by hand
# Nobody missing, normal outcomes: then both models are one t test, whose power is an integral over the noncentral t
# distribution. Twenty people an arm; the last row adds measurement error to both images.

# %%
exact = stored[stored["part"] == "closed form"]
columns = ["outcome", "setting", "model", "n_per_arm", "power", "low", "high", "exact"]
figures.table(exact[columns], titled("Simulated power beside the closed form, 95 % Monte-Carlo intervals"), 3)

# %% [markdown]
# The simulated power agrees with the exact one up to chance. MMRM and ANCOVA give the same trials the same answer here,
# as they must when nothing is missing.

# %% [markdown]
# ## 2 Power by size

# %%
curves = stored[stored["part"] == "curve"]
plain = curves[curves["setting"] == "SD x 1"]
figure = figures.power_by_size(plain, "model", titled("Power at one year, effects as published"))
figures.show(figure, "Pain needs about 38 people an arm for 80 % power, KAM 22, T1rho 26; MMRM lies above ANCOVA.")

# %%
sizes = trial_sizes.sample_sizes(plain)
shown = sizes.drop(columns="setting")
digits = dict.fromkeys(["n_per_arm", "low", "high", "randomised", "to_screen"], 0) | {"misfit": 3}
figures.table(shown, titled("People an arm for 80 and 90 %, with 95 % Monte-Carlo intervals"), digits)

# %% [markdown]
# `low` and `high` are the error of simulating 2,000 trials and not four million; they say nothing about the
# assumptions. `to_screen` is how many have to walk the screening test so that enough can be let in. For T1rho there is
# one image after baseline, so MMRM has nothing to add.

# %% [markdown]
# ## 3 An assumption that matters much: the spread
# No source gives the SDs of this trial. The same sizes with every SD of the outcome a quarter smaller, a quarter
# larger, and half as large again (ANCOVA):

# %%
simple = curves[curves["model"] == "ANCOVA"]
figure = figures.power_by_size(simple, "setting", titled("Power by assumed spread, ANCOVA"))
figures.show(
    figure, "With SDs half as large again, pain at 34 an arm has half a chance; with smaller ones nine tenths."
)

# %%
wide = trial_sizes.sample_sizes(simple, (0.8,))
figures.table(wide.drop(columns=["model", "power"]), titled("People an arm for 80 % by assumed spread, ANCOVA"), digits)

# %% [markdown]
# ## 4 One change at a time
# The published size, 34 an arm, by MMRM. The first row changes nothing.

# %%
base = plain[(plain["n_per_arm"] == trial_sizes.TRIAL) & (plain["model"] == "MMRM")].assign(setting="no change")
changes = pd.concat([base, stored[stored["part"] == "one change"]], ignore_index=True)
figure = figures.power_by_change(changes, titled("Power of 34 an arm by changed assumption, MMRM"))
figures.show(figure, "A smaller effect, less adherence or no screening cost most for pain; error costs most for KAM.")

# %%
columns = ["outcome", "setting", "expected", "power", "low", "high", "missing", "to_screen", "without_number"]
figures.table(changes[columns], titled("The same in numbers (expected: over all who are randomised)"), 3)

# %% [markdown]
# Three things to take into a grant. **A smaller effect** than the published one is what to plan with (two thirds is
# our choice): it is the one that made it into print, and such effects are too large on average. **Adherence** counts
# more than dropout, as both are changed and modelled here: people who stay and don't do it dilute the effect, people
# who leave only thin the numbers out. **The error of the KAM**: with the test-retest error that has been published (.36
# %BW*Ht) in the place of our assumed visit SD, 34 an arm have three chances in ten; whether a difference of 7 % can be
# seen is a question of measurement first.

# %% [markdown]
# ## 5 Is the screening rule worth its walk?
# With the rule, 98 people are screened and 68 of them randomised. Without it the same 98 could all be randomised, but
# three in ten cannot gain. Same people at the door, both ways (pain, ANCOVA):

# %%
door = int(base.query("outcome == 'pain'")["to_screen"].iloc[0])
ways = [trial_power.power("pain", "ANCOVA", trial_sizes.TRIAL, count=1000, seed=11).assign(way="screened")]
everyone = trial_power.power("pain", "ANCOVA", door // 2, screened=False, count=1000, seed=11)
ways = pd.concat([*ways, everyone.assign(way="all let in")])
columns = ["way", "n_per_arm", "to_screen", "expected", "power", "low", "high"]
title = figures.heading("The same people at the door", "simulated", 1000, "trial", "the list above")
figures.table(ways[columns], title, 3)

# %% [markdown]
# If those who are screened out truly gain nothing, screening pays. That is an assumption too: the test at the door is
# itself noisy (notebook 10), and pain may fall without the load.

# %% [markdown]
# ## 6 A share run anew
# Some rows again, with another seed: they must agree with the stored ones within the error of so few trials.

# %%
again = pd.concat([trial_power.power(o, "ANCOVA", n, count=500, seed=8) for o in trial_sizes.SIZES for n in (14, 34)
                   if n in trial_sizes.SIZES[o]])  # fmt: skip
again = pd.concat([again, trial_power.power("pain", "MMRM", trial_sizes.TRIAL, count=500, seed=8)])
keys = ["outcome", "model", "n_per_arm"]
both = plain.merge(again, on=keys, suffixes=(" (stored)", " (again)"))
error = np.sqrt(both["power (stored)"] * (1 - both["power (stored)"]) * (1 / trials + 1 / 500))
both["standard errors apart"] = (both["power (again)"] - both["power (stored)"]) / error
title = "The share run anew (simulated, 500 trials a row)"
figures.table(both[[*keys, "power (stored)", "power (again)", "standard errors apart"]], title, 3)

# %% [markdown]
# ## 7 Your trial: change this cell
# `effect`: intervention less sham, in the outcome's unit, among people who can lower their load. `spread`: factor
# on the assumed SDs. `error`: SD of further measurement error. `dropout`: share gone in a year. `adherence`: %. Any
# parameter of the virtual trial goes into `assumptions` by its name. More trials, less chance, more patience.

# %%
plan = {"outcome": "pain", "model": "ANCOVA", "effect": -0.8, "spread": 1.0, "error": 0.0, "dropout": 0.2,
        "adherence": 70.0, "screened": True, "assumptions": {"pain_mean": 5.0}}  # fmt: skip
sizes_to_try = [40, 60, 90, 130, 180]
trials_each = 500

# %%
mine = pd.concat([trial_power.power(**plan, n_per_arm=n, count=trials_each, seed=1) for n in sizes_to_try])
title = figures.heading("Your trial", "simulated", trials_each, "trial", "the cell above")
figure = figures.power_by_size(mine, "model", title)
figures.show(figure, "Power of the trial described in the cell above, by its size.")

# %%
columns = ["n_per_arm", "expected", "power", "low", "high", "missing", "to_screen"]
figures.table(mine[columns], title, {"n_per_arm": 0, "to_screen": 0})

# %%
answer = trial_sizes.sample_sizes(mine)
figures.table(answer, title.replace("Your trial", "Your trial: people an arm"), digits)

# %% [markdown]
# "Not available" means that the size lies beyond those tried: widen `sizes_to_try`.

# %% [markdown]
# ## What this shows
# - If the published effects are true and the assumed spreads right, 34 an arm were about enough for load and cartilage
#   and a little too few for pain (power near .77 by MMRM).
# - MMRM wins some two points of power at most over ANCOVA of the people seen, for the price of nothing but software.
# - The SDs that nobody has published move the answer more than the choice of model does.
#
# ## What it does not show
# That the effects are true, or that the next trial finds them: they are known here as bare numbers, without an
# interval. The intervals in this notebook are those of simulation. One model of
# dropout (pain seen drives it) is simulated; if people leave for a pain that is never seen, MMRM and ANCOVA can
# both be off. Clusters, centres, interim looks and several primary outcomes are left out.
#
# ## Deviations from the plan
# None.
