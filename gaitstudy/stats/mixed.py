"""Restricted maximum likelihood for repeated measures: one trial or thousands at once, as arrays.

Each participant's outcomes, one a visit, are normal with mean ``x @ coefficients`` and a covariance between visits
that all participants share; whatever was not measured is NaN and is taken to be missing at random. The covariance's
elements are found by Fisher scoring, every step halved until the covariance is positive definite and the likelihood
does not fall. Inside, each trial's design is made orthonormal and its outcomes are residuals of ordinary least
squares in units of their standard deviation, so that neither units nor origins cost digits.

Methods as in Kenward and Roger (1997, Biometrics 53:983, doi 10.2307/2533558), Fai and Cornelius (1996, J Stat Comput
Simul 54:363) and Laird and Ware (1982, Biometrics 38:963): general knowledge, those papers were not read; R is the
check.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitstudy.conventions import StatisticsError

STRUCTURES = ("unstructured", "compound symmetry")
"""Of the covariance between visits. ``unstructured``: every variance and covariance of its own. ``compound symmetry``:
a variance of each visit's own error and one shared by a participant's visits, which may be negative."""
METHODS = ("kenward-roger", "satterthwaite")
CONVERGED = "converged"
TOLERANCE = 1e-14
"""Score in units of its own information; a fit is at its maximum once it is smaller."""
ROUNDING = 1e-9
"""Share of the log likelihood by which it may seem to fall when a step is taken."""
MAXIMUM_STEPS, MAXIMUM_HALVINGS = 200, 40
SINGULAR = 1e-8
"""Smallest eigenvalue of the correlation between visits (or of the scaled information) that counts as not singular."""
NEARER = 0.1
"""Share of its distance from singular that one step must keep: what ends below ``SINGULAR`` went there by itself."""
ALIASED = 1e-9
"""Share of a design column that the columns before it leave unexplained, below which it is their combination."""

State = dict[str, np.ndarray]


@dataclass(frozen=True)
class Fit:
    """Fitted trials; every array has ``trial`` first, and NaN where ``status`` is not ``converged``.

    ``status``: ``converged``, or why there is no number. ``coefficients`` (trial, coefficient), in the outcome's unit
    per unit of the design's column. ``root`` (trial, coefficient, coefficient): their covariance is ``root @
    root.T``. ``slopes`` (trial, element, coefficient, coefficient): how that covariance grows with each element of
    the covariance between visits, in the basis of ``root``; ``uncertainty`` (trial, element, element): covariance of
    those elements. ``inflation`` (trial, coefficient, coefficient): Kenward and Roger's addition, same basis; zero
    for Satterthwaite. ``covariance`` (trial, visit, visit), outcome's unit squared. ``log_likelihood`` (trial,):
    restricted.
    """

    status: np.ndarray
    coefficients: np.ndarray
    root: np.ndarray
    slopes: np.ndarray
    uncertainty: np.ndarray
    inflation: np.ndarray
    covariance: np.ndarray
    log_likelihood: np.ndarray
    method: str = METHODS[0]


def _orthonormal(y: np.ndarray, x: np.ndarray) -> tuple[State, np.ndarray]:
    """Return each trial's orthonormal design and scaled residuals, ``z`` (trial, participant, visit, coefficient + 1).

    With it come what undoes both: ``r``, ``gamma`` (least squares in the new basis), ``scale`` (outcome's unit), and
    the likelihood's ``constant``; and each trial's status.
    """
    trials, people, visits = y.shape
    p = x.shape[-1]
    seen = np.isfinite(y)
    flat = np.where(seen[..., None], x, 0.0).reshape(trials, people * visits, p)
    outcome = np.where(seen, y, 0.0).reshape(trials, people * visits, 1)
    count = seen.sum((1, 2))
    status = np.full(trials, CONVERGED, dtype=object)
    q, r = np.linalg.qr(flat)
    if q.shape[-1] < p:  # fewer rows than columns, in every trial
        q, r = np.zeros((trials, people * visits, p)), np.broadcast_to(np.eye(p), (trials, p, p)).copy()
    size = np.abs(np.diagonal(r, axis1=1, axis2=2))
    aliased = size <= ALIASED * np.linalg.norm(flat, axis=1)
    gamma = q.mT @ outcome
    residual = outcome - q @ gamma
    residual -= q @ (q.mT @ residual)
    freedom = count - p
    scale = np.sqrt((residual**2).sum((1, 2)) / np.maximum(freedom, 1))
    status[scale <= 1e-10 * np.sqrt((outcome**2).sum((1, 2)) / np.maximum(count, 1))] = "the design fits without error"
    for trial in np.flatnonzero(aliased.any(1)):
        columns = ", ".join(map(str, np.flatnonzero(aliased[trial])))
        status[trial] = f"design column {columns} is a combination of others"
    status[freedom < 1] = "no more observations than coefficients"
    bad = status != CONVERGED
    scale[bad], r[bad], size[bad] = 1.0, np.eye(p), 1.0
    z = np.concatenate([q, residual / scale[:, None, None]], -1).reshape(trials, people, visits, p + 1)
    constant = -0.5 * freedom * np.log(2 * np.pi) - freedom * np.log(scale) - np.log(size).sum(-1)
    return {"z": z, "r": r, "gamma": gamma, "scale": scale, "constant": constant}, status


def _start(structure: str, trials: int, visits: int) -> np.ndarray:
    """Return the elements of independent visits with unit variance, (trial, element)."""
    elements = [1.0, 0.0] if structure == STRUCTURES[1] else np.eye(visits)[np.tril_indices(visits)]
    return np.tile(elements, (trials, 1))


def _covariance(structure: str, theta: np.ndarray, visits: int) -> np.ndarray:
    """Return the covariance between visits, (trial, visit, visit), from its elements (trial, element)."""
    if structure == STRUCTURES[1]:
        return theta[:, 0, None, None] * np.eye(visits) + theta[:, 1, None, None]
    a, b = np.tril_indices(visits)
    whole = np.empty((len(theta), visits, visits))
    whole[:, a, b] = whole[:, b, a] = theta
    return whole


def _directions(structure: str, covariance: np.ndarray) -> np.ndarray:
    """Return the covariance's derivatives by its elements, (trial, element, visit, visit).

    If unstructured, by the elements of ``s`` in ``root @ s @ root.T``, with the covariance's own root, so that a
    covariance near to singular leaves the information well conditioned.
    """
    trials, visits = covariance.shape[:2]
    if structure == STRUCTURES[1]:
        return np.broadcast_to(np.stack([np.eye(visits), np.ones((visits, visits))]), (trials, 2, visits, visits))
    a, b = np.tril_indices(visits)
    pairs = np.zeros((len(a), visits, visits))
    pairs[np.arange(len(a)), a, b] = pairs[np.arange(len(a)), b, a] = 1.0
    root = np.linalg.cholesky(covariance)[:, None]
    return root @ pairs @ root.mT


def _distance_from_singular(covariance: np.ndarray) -> np.ndarray:
    """Return how far each covariance is from singular, (trial,); minus one where a variance is not positive.

    It is the smallest eigenvalue of the correlation, or the ratio of the extreme variances if that is smaller; no unit.
    """
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    positive = (variance > 0).all(1) & np.isfinite(covariance).all((1, 2))
    scale = np.where(positive[:, None], variance, 1.0) ** -0.5
    safe = np.where(positive[:, None, None], covariance, 0.0)
    smallest = np.linalg.eigvalsh(scale[:, :, None] * safe * scale[:, None])[:, 0]
    ratio = variance.min(1) / np.where(positive, variance.max(1), 1.0)
    return np.where(positive, np.minimum(smallest, ratio), -1.0)


def _patterns(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which visits each pattern of missingness has, whose pattern is which, and how many have it per trial."""
    seen = np.isfinite(y)
    powers = 2 ** np.arange(y.shape[2])
    codes, index = np.unique(seen @ powers, return_inverse=True)
    index = index.reshape(y.shape[:2])
    number = (index[..., None] == np.arange(len(codes))).sum(1)
    return (codes[:, None] & powers) > 0, index, number


def _likelihood(theta: np.ndarray, z: np.ndarray, index: np.ndarray, patterns: np.ndarray, number: np.ndarray,
                structure: str) -> State:  # fmt: skip
    """Return the restricted likelihood (without its constant) at ``theta`` and what its derivatives need."""
    trials, people, visits, columns = z.shape
    covariance = _covariance(structure, theta, visits)
    smallest = _distance_from_singular(covariance)
    possible = smallest > SINGULAR * NEARER
    covariance = np.where(possible[:, None, None], covariance, np.eye(visits))
    both = patterns[:, :, None] & patterns[:, None]
    blocks = np.where(both, covariance[:, None], np.eye(visits))
    inverse = np.where(both, np.linalg.inv(blocks), 0.0)
    log_determinant = (number * np.linalg.slogdet(blocks)[1]).sum(1)
    weight = inverse[np.arange(trials)[:, None], index]
    weighted = weight @ z
    rows = people * visits
    normal = z.reshape(trials, rows, columns).mT @ weighted.reshape(trials, rows, columns)
    xx, xy, yy = normal[:, :-1, :-1], normal[:, :-1, -1:], normal[:, -1, -1]
    xx = (xx + xx.mT) / 2
    values, vectors = np.linalg.eigh(xx)
    possible &= values[:, 0] > 0
    values = np.where(possible[:, None], values, 1.0)
    root = vectors * values[:, None] ** -0.5
    gamma = root @ (root.mT @ xy)
    rest = yy - (xy * gamma).sum((1, 2))
    value = -0.5 * (log_determinant + np.log(values).sum(1) + rest)
    return {
        "theta": theta, "value": np.where(possible, value, -np.inf), "weight": weight, "weighted": weighted,
        "root": root, "gamma": gamma, "covariance": covariance, "smallest": smallest,
    }  # fmt: skip


def _derivatives(at: State, structure: str) -> State:
    """Return score, expected and observed information of the covariance's elements, and what the tests need."""
    weight, weighted, root = at["weight"], at["weighted"], at["root"]
    trials, people, visits, _ = weighted.shape
    p = root.shape[-1]
    first = _directions(structure, at["covariance"])
    elements = first.shape[1]
    flat = first.reshape(trials, elements, visits * visits)
    error = weighted[..., -1] - (weighted[..., :-1] @ at["gamma"][:, None])[..., 0]
    half = weighted[..., :-1] @ root[:, None]
    inner = half @ half.mT
    outer = error[..., :, None] * error[..., None, :]

    def quartic(left: np.ndarray) -> np.ndarray:
        """Sum left[a, d] weight[b, c] over people, then G_i[a, b] G_j[c, d] over visits."""
        square = (trials, people, visits * visits)
        total = (left.reshape(square).mT @ weight.reshape(square)).reshape(trials, *(visits,) * 4)
        pairs = total.transpose(0, 1, 3, 4, 2).reshape(trials, visits * visits, visits * visits)
        return flat @ pairs @ flat.mT

    wide = half.reshape(trials, people, visits * p)
    cross = (wide.mT @ wide).reshape(trials, visits, p, visits, p).transpose(0, 1, 3, 2, 4)
    slopes = (flat @ cross.reshape(trials, visits * visits, p * p)).reshape(trials, elements, p, p)
    slopes = (slopes + slopes.mT) / 2
    gram = slopes.reshape(trials, elements, p * p)
    twice = quartic(weight - 2 * inner) + gram @ gram.mT  # tr(P G_i P G_j)
    balance = (weight - inner - outer).sum(1)
    score = -0.5 * (flat @ balance.reshape(trials, visits * visits, 1))[..., 0]
    pulled = first.reshape(trials, elements * visits, visits)[:, None] @ error[..., None]
    pulled = pulled.reshape(trials, people, elements, visits)
    tied = pulled.transpose(0, 2, 1, 3).reshape(trials, elements, people * visits) @ half.reshape(
        trials, people * visits, p
    )
    observed = quartic(outer) - tied @ tied.mT - 0.5 * twice
    return {"score": score, "expected": twice / 2, "observed": observed, "slopes": slopes, "half": half, "flat": flat}


def _inverse(information: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inverse of each trial's information and the smallest eigenvalue of it scaled to a unit diagonal."""
    diagonal = np.diagonal(information, axis1=1, axis2=2)
    scale = np.where(diagonal > 0, diagonal, 1.0) ** -0.5
    values, vectors = np.linalg.eigh(scale[:, :, None] * information * scale[:, None])
    smallest = np.where((diagonal > 0).all(1), values[:, 0], -1.0)
    vectors = scale[:, :, None] * vectors
    return (vectors / np.maximum(values, SINGULAR)[:, None]) @ vectors.mT, smallest


def _inflation(at: State, more: State, uncertainty: np.ndarray) -> np.ndarray:
    """Return Kenward and Roger's addition to the coefficients' covariance, in the basis of ``root``."""
    weight, half, flat, slopes = at["weight"], more["half"], more["flat"], more["slopes"]
    trials, people, visits, p = half.shape
    pairs = (flat.mT @ uncertainty @ flat).reshape(trials, *(visits,) * 4)  # a, b, c, d
    pairs = pairs.transpose(0, 2, 3, 1, 4).reshape(trials, visits * visits, visits * visits)
    middle = weight.reshape(trials, people, visits * visits) @ pairs
    rows = people * visits
    turned = middle.reshape(trials, people, visits, visits) @ half
    first = half.reshape(trials, rows, p).mT @ turned.reshape(trials, rows, p)
    elements = slopes.shape[1]
    mixed = (uncertainty @ slopes.reshape(trials, elements, p * p)).reshape(slopes.shape)
    return first - (slopes @ mixed).sum(1)


def _scoring(z: np.ndarray, y: np.ndarray, structure: str) -> tuple[State, State, np.ndarray]:
    """Climb to each trial's maximum; return the state and derivatives there, and why it stopped."""
    patterns, index, number = _patterns(y)
    trials, _, visits = y.shape
    final = _likelihood(_start(structure, trials, visits), z, index, patterns, number, structure)
    reason = np.full(trials, f"not converged after {MAXIMUM_STEPS} steps", dtype=object)
    active = np.arange(trials)
    at = {k: v.copy() for k, v in final.items()}
    for _ in range(MAXIMUM_STEPS):
        more = _derivatives(at, structure)
        step = (_inverse(more["expected"])[0] @ more["score"][..., None])[..., 0]
        done = np.abs((step * more["score"]).sum(1)) < TOLERANCE
        if structure == "unstructured":  # back from the covariance's root to its elements
            step = (step[:, None] @ more["flat"]).reshape(len(step), visits, visits)[:, *np.tril_indices(visits)]
        reason[active[done]] = CONVERGED
        pending, length = np.flatnonzero(~done), 1.0
        for _ in range(MAXIMUM_HALVINGS):
            if not len(pending):
                break
            who = active[pending]
            trial = _likelihood(
                at["theta"][pending] + length * step[pending], z[who], index[who], patterns, number[who], structure
            )
            old = at["value"][pending]
            better = trial["value"] >= old - ROUNDING * (1 + np.abs(old))
            better &= trial["smallest"] > NEARER * at["smallest"][pending]
            for key, value in trial.items():
                at[key][pending[better]] = value[better]
            pending, length = pending[~better], length / 2
        reason[active[pending]] = "the likelihood could not be raised any further, yet its slope is not zero"
        stopped = done | (at["smallest"] < SINGULAR)
        stopped[pending] = True
        if stopped.any():
            for key, value in at.items():
                final[key][active[stopped]] = value[stopped]
            active, at = active[~stopped], {k: v[~stopped] for k, v in at.items()}
        if not len(active):
            break
    for key, value in at.items():
        final[key][active] = value
    reason[final["smallest"] < SINGULAR] = "singular covariance between visits"
    return final, _derivatives(final, structure), reason


def fit(y: np.ndarray, x: np.ndarray, covariance: str = STRUCTURES[0], method: str | None = None) -> Fit:
    """Fit a linear model with one covariance between visits to each trial by restricted maximum likelihood.

    Parameters
    ----------
    y : (trial, participant, visit), the outcome in any unit; NaN where it was not measured.
    x : (participant, visit, coefficient), or with trial first; whatever stands where y is NaN is not read.
    covariance : one of ``STRUCTURES``.
    method : ``kenward-roger`` (unstructured only, the default there) or ``satterthwaite``: the first inflates standard
        errors and takes the elements' uncertainty from the expected information, the second from the observed one.

    Returns
    -------
    All trials, those without a number included: their status says why.

    Raises
    ------
    StatisticsError : shapes that do not fit, a gap in x, infinite outcomes, an unknown structure or method.

    References
    ----------
    See the module.
    """
    method = method or METHODS[covariance != STRUCTURES[0]]
    y, x = np.asarray(y, float), np.asarray(x, float)
    fits = y.ndim == 3 and x.ndim in (3, 4) and x.shape[-3:-1] == y.shape[1:] and x.shape[:-3] in ((), y.shape[:1])
    if not fits or not y.size:
        raise StatisticsError(
            "mixed model: expected y (trial, participant, visit) and x (participant, visit, coefficient), or the same "
            f"with trial first; found {y.shape} and {x.shape}."
        )
    if np.isinf(y).any() or not np.isfinite(np.where(np.isfinite(y)[..., None], x, 0.0)).all():
        raise StatisticsError(
            "mixed model: expected outcomes that are numbers or NaN, and a design without gaps where they are numbers."
        )
    if covariance not in STRUCTURES or method not in METHODS[covariance != STRUCTURES[0] :]:
        raise StatisticsError(
            f"mixed model: expected one of {', '.join(STRUCTURES)}, with satterthwaite, or kenward-roger if "
            f"unstructured; found {covariance!r} with {method!r}."
        )
    if y.shape[-1] == 1:
        covariance = STRUCTURES[0]  # one variance, whatever the structure
    x = np.broadcast_to(x, (*y.shape, x.shape[-1]))
    parts, status = _orthonormal(y, x)
    good = np.flatnonzero(status == CONVERGED)
    at, more, reason = _scoring(parts["z"][good], y[good], covariance)
    used, smallest = _inverse(more["expected" if method == METHODS[0] else "observed"])
    weak = np.minimum(smallest, _inverse(more["expected"])[1]) < SINGULAR
    reason[weak & (reason == CONVERGED)] = "these data do not determine the covariance between visits"
    root = np.linalg.solve(parts["r"][good], at["root"]) * parts["scale"][good, None, None]
    gamma = parts["gamma"][good] + parts["scale"][good, None, None] * at["gamma"]
    found = {
        "coefficients": np.linalg.solve(parts["r"][good], gamma)[..., 0],
        "root": root,
        "slopes": more["slopes"],
        "uncertainty": used,
        "inflation": _inflation(at, more, used) if method == METHODS[0] else np.zeros_like(root),
        "covariance": at["covariance"] * parts["scale"][good, None, None] ** 2,
        "log_likelihood": parts["constant"][good] + at["value"],
    }
    status[good] = reason
    kept = reason == CONVERGED
    whole = {}
    for name, values in found.items():
        whole[name] = np.full((len(y), *values.shape[1:]), np.nan)
        whole[name][good[kept]] = values[kept]
    return Fit(status.astype(str), **whole, method=method)
