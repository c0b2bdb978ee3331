"""Reference-based imputation one person at a time, from given means and covariance: Carpenter's blocks written out.

Needs numpy and nothing of this package.
"""

from __future__ import annotations

import numpy as np


def expected(seen: np.ndarray, own: np.ndarray, theirs: np.ndarray, covariance: np.ndarray, rule: str) -> np.ndarray:
    """Return one person's visits, the missing ones replaced by their expectation.

    seen (visit,), NaN where missing; own, theirs (visit,): means of the own and the reference arm for this person.
    """
    there = np.flatnonzero(np.isfinite(seen))
    last = there.max() if len(there) else -1
    joint = own.copy()
    for visit in range(len(seen)):
        if visit > last and rule == "jump to reference":
            joint[visit] = theirs[visit]
    found = seen.copy()
    for visit in np.flatnonzero(np.isnan(seen)):
        before = joint if visit > last else own  # a gap between visits is missing at random in the own arm
        inner = np.linalg.inv(covariance[np.ix_(there, there)])
        found[visit] = before[visit] + covariance[visit, there] @ inner @ (seen[there] - before[there])
    return found
