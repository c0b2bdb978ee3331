"""Published figures of studies: rows of ``data/published/studies.csv``, each with its source and how it is known."""

from __future__ import annotations

import pandas as pd

from gaitstudy.conventions import StatisticsError
from gaitstudy.io import catalogue

NUMBERS = ("n", "value", "low", "high")


def studies(study: str = "") -> pd.DataFrame:
    """Return the rows of one study, or all: ``n`` people, ``value, low, high`` in ``unit``; texts as they stand.

    A number that is not available is missing, a text that is not there is empty.

    Raises
    ------
    StatisticsError : no row of that study.
    """
    table = pd.read_csv(catalogue.data_folder() / "published" / "studies.csv", keep_default_na=False)
    numbers = {name: pd.to_numeric(table[name].replace("", None)).astype(float) for name in NUMBERS}
    own = table.assign(**numbers)
    own = own[own["study"] == study] if study else own
    if own.empty:
        raise StatisticsError(f"studies: expected a study of the table, found {study!r}.")
    return own.reset_index(drop=True)
