"""Tables of minutes-long simulations: kept in ``data/derived`` with their seed, compared when they are run again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import pandas as pd

from gaitstudy import __version__
from gaitstudy.conventions import DatasetUnavailable
from gaitstudy.io import catalogue, stored


def kept(name: str) -> pd.DataFrame:
    """Return the table that a campaign keeps; ``attrs``: its ``seed`` and ``data_class``.

    Raises
    ------
    DatasetUnavailable : it is not in ``data/derived``.
    """
    found = stored.read(catalogue.data_folder() / "derived" / f"{name}.csv")
    if found is None:
        raise DatasetUnavailable(
            f"{name}: expected the campaign's table in data/derived, found none. Run `python3 run.py campaign {name}`."
        )
    table, about = found
    table.attrs = {"data_class": "simulated, stored", "seed": about["seed"]}
    return table


def keep(
    name: str,
    table: pd.DataFrame,
    compute: Callable[..., object],
    key: Sequence[str],
    seed: int,
    tolerance: float = 1e-6,
    reason: str = "",
) -> pd.DataFrame:
    """Return a campaign's new table in its stored order, after comparing it with the kept one.

    It is written where there is none, or anew under ``GAITSTUDY_UPDATE_DERIVED=1``.

    Parameters
    ----------
    compute : the function the table comes from.
    key : columns that tell its rows apart.
    tolerance, reason : relative difference that passes, and why it is larger than rounding.

    Raises
    ------
    DerivedMismatch : a row or a number differs from the kept table, or it was kept with another key or seed.
    """
    path = catalogue.data_folder() / "derived" / f"{name}.csv"
    table = stored.tidy(table, key, name)
    before = None if os.environ.get("GAITSTUDY_UPDATE_DERIVED") == "1" else stored.read(path)
    if before and (before[1]["key"], before[1]["seed"]) != (list(key), seed):
        raise stored.DerivedMismatch(
            f"{name}: expected key {before[1]['key']} and seed {before[1]['seed']}, as the table was kept, found "
            f"{list(key)} and {seed}. {stored.UPDATE}"
        )
    if before:
        return stored.align(before[0], table, key, tolerance, name)
    about: dict[str, object] = {"name": name, "function": stored.function_name(compute), "package_version": __version__}
    about |= {"key": list(key), "tolerance": tolerance, "reason": reason, "inputs": [], "seed": seed}
    stored.write(path, table, about | {"script": f"workflow/campaigns/{name}.py"})
    return table
