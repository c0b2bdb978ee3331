"""What six clinical measures say about the reduction of the first KAM peak by toeing in: a published regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from gaitstudy.conventions import GaitStudyError
from gaitstudy.io.catalogue import data_folder
from gaitstudy.io.published import studies

STUDY = "Rokhmanova 2022"
MEASURES = {
    "height": ("m", 1.0, 2.3), "mass": ("kg", 20.0, 250.0), "speed": ("m/s", 0.2, 2.5),
    "natural_fpa": ("deg", -45.0, 45.0), "alignment": ("deg", -25.0, 25.0), "toe_in": ("deg", 0.0, 45.0),
}  # fmt: skip
"""Unit and the widest range a measure can have; outside it the unit is probably wrong."""
TRAINED = (1.0, 10.0)
"""deg of toe-in that the model was made from."""


def coefficients() -> pd.DataFrame:
    """Return the published regression: coefficient (%BW*Ht), mean and SD (of ``unit``) of each term, with its source.

    Rows of ``data/published/kam_prediction.csv``, read from the released model; the measures are standardised.
    """
    return pd.read_csv(data_folder() / "published" / "kam_prediction.csv").set_index("term")


def predict_kam_reduction(
    height: ArrayLike,
    mass: ArrayLike,
    speed: ArrayLike,
    natural_fpa: ArrayLike,
    alignment: ArrayLike,
    toe_in: ArrayLike,
) -> pd.DataFrame:
    """Return the reduction of the first KAM peak by toeing in that a published model expects, %BW*Ht.

    What is known against the released model, and cannot be mended from here:

    - its angle bins are shifted by one degree, so that the angle it was given is not quite the angle walked;
    - the SD of speed it divides by is .0068 m/s, so that .1 m/s moves the answer by .05 %BW*Ht;
    - the fit that combines its training sets leaves out one person;
    - two normalisations are mixed, m*h*10 and m*h*9.8, which differ by 2 %;
    - it knows the mean of people like this one: at a given toe-in angle it says little about who will do better.

    Parameters
    ----------
    height : m. mass : kg. speed : m/s. natural_fpa : deg, toe-out positive (as its mean suggests; the source does not
        say). alignment : deg, sign as in the source, which does not state it. toe_in : deg, how far the toes turn in.
        Single numbers or arrays that fit together.

    Returns
    -------
    One row each: the six measures, ``reduction`` (%BW*Ht, positive when the peak falls), ``absolute_error``, the mean
    one published for its test set; ``low, high``: 95 % if errors were normal (an assumption); ``outside``: toe-in
    beyond the 1-10 deg it was made from.

    Raises
    ------
    GaitStudyError : a measure that is missing or outside what a person can have; all are listed.

    References
    ----------
    Rokhmanova N, Kuchenbecker KJ, Shull PB, Ferber R, Halilaj E (2022) PLoS Comput Biol 18:e1009500, doi
    10.1371/journal.pcbi.1009500 (authors beside the first: general knowledge, not verified).

    Examples
    --------
    >>> predict_kam_reduction(1.70, 75, 1.16, 5, 0, [5, 10])["reduction"].round(5).tolist()
    [0.32674, 0.82649]
    """
    given = np.broadcast_arrays(*(np.asarray(v, float) for v in (height, mass, speed, natural_fpa, alignment, toe_in)))
    table = pd.DataFrame({name: np.ravel(values) for name, values in zip(MEASURES, given, strict=True)})
    problems = [
        f"{name}: expected {low:g} to {high:g} {unit}, found {', '.join(f'{v:g}' for v in table[name][bad][:3])}"
        for name, (unit, low, high) in MEASURES.items()
        if (bad := ~table[name].between(low, high)).any()
    ]
    if problems:
        raise GaitStudyError(f"predict_kam_reduction: {'; '.join(problems)}. Give each in its unit, none missing.")
    model = coefficients()
    slopes = model.loc[list(MEASURES)]
    measured = table.assign(height=100 * table["height"])  # the model's height is in cm
    standard = (measured - slopes["mean"]) / slopes["sd"]
    table["reduction"] = model.loc["intercept", "coefficient"] + standard.to_numpy() @ slopes["coefficient"].to_numpy()
    error = published_error()
    reach = stats.norm.isf(0.025) * error * np.sqrt(np.pi / 2)  # a normal error's SD is its mean size times this
    table = table.assign(absolute_error=error, low=table["reduction"] - reach, high=table["reduction"] + reach)
    return table.assign(outside=~table["toe_in"].between(*TRAINED))


def published_error() -> float:
    """Return the published mean absolute error of the model in its test set, %BW*Ht (``data/published/studies.csv``).

    Raises
    ------
    GaitStudyError : it is not among the published figures.
    """
    own = studies(STUDY)
    found = own.loc[own["measure"].str.contains("mean absolute error"), "value"]
    if len(found) != 1:
        raise GaitStudyError(f"published figures: expected one test error of {STUDY}, found {len(found)}.")
    return float(found.iloc[0])
