"""How the notebooks are run, compared and exported, and the campaigns: simulations of minutes, one table each."""
