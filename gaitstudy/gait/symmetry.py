"""How much the two sides differ: symmetry index and symmetry angle of single values.

The index is positive where the left value is larger, the angle where the right one is; both are as their authors are
usually quoted, and their signs are opposite. What is undefined (nothing against nothing, the index of something
negative) is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Values = float | Sequence[float] | np.ndarray


def symmetry_index(left: Values, right: Values) -> np.ndarray:
    """Return the difference of the sides as a percentage of their mean; left larger is positive.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts; quantities that cannot be negative. Of others the mean may be
        close to zero, the index without bound and its sign the wrong way round: use ``symmetry_angle``.

    Returns
    -------
    %, -200 to 200; NaN where one is negative or both are zero.

    References
    ----------
    Robinson RO, Herzog W, Nigg BM (1987) J Manipulative Physiol Ther 10:172; general knowledge, not verified. Others
    write right less left: the sign is a convention.

    Examples
    --------
    >>> float(symmetry_index(0.8, 1.0).round(4))
    -22.2222
    """
    a, b = np.asarray(left, float), np.asarray(right, float)
    total = a + b
    return np.asarray(200.0 * (a - b) / np.where((a >= 0) & (b >= 0) & (total > 0), total, np.nan))


def symmetry_angle(left: Values, right: Values) -> np.ndarray:
    """Return how far the point (right, left) lies from the line of equality, as an angle; right larger is positive.

    Parameters
    ----------
    left, right : one unit, any shape that broadcasts; negative values are allowed, and no reference side is needed.

    Returns
    -------
    %, -100 to 100, where 100 stands for 90 degrees: (45 - atan(left / right)) / 90 * 100, less 200 above 100.
    Opposite values (left = -right) give 100; one side zero gives 50 or -50; both zero NaN.

    References
    ----------
    Zifchock RA, Davis I, Higginson J, Royer T (2008) Gait Posture 27:622, doi 10.1016/j.gaitpost.2007.08.006
    (the equation as two public programs have it; one of them drops the sign).

    Examples
    --------
    >>> symmetry_angle([0.8, 2.0], [1.0, 1.0]).round(4).tolist()
    [7.0447, -20.4833]
    """
    a, b = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = (45.0 - np.degrees(np.arctan(a / b))) / 90.0 * 100.0
    return np.asarray(np.where(angle > 100.0, angle - 200.0, angle))
