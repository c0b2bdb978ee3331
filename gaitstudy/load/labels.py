"""A file's marker names fitted to a marker map's: a prefix of all labels, another case, a label of two markers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import xarray as xr

from gaitstudy.conventions import SIDES, MarkerError

NEEDED_ONCE = ("heel", "toe", "asis")
"""Roles without which no row of a trial can be made."""


def fit_labels(markers: xr.DataArray, names: Mapping[str, Mapping[str, Any]]) -> tuple[xr.DataArray, list[str]]:
    """Return markers under the names that a marker map has for them, and notes on what was changed.

    A prefix that all labels share up to ``_ - .`` is taken off where the map's names are found so, and labels that
    differ from a name of the map by upper and lower case alone get that name. Markers that share one label (called
    NAME#k by the readers) get no name of the map, as nobody can tell which is meant.

    Parameters
    ----------
    markers : m, (time, marker, axis). names : a marker map.

    Raises
    ------
    MarkerError : a heel, toe or front pelvic marker of the map occurs twice.
    """
    wanted = {name for side in SIDES for value in names[side].values() for name in _flat(value)}
    found = [str(label) for label in markers["marker"].values]
    labels, notes = list(found), []
    named = [label for label in found if re.match("[A-Za-z]", label) and not label.startswith("unlabelled_")]
    shared = [letters[0] for letters in itertools.takewhile(lambda one: len(set(one)) == 1, zip(*named, strict=False))]
    prefix = re.sub(r"[^_.\-]*$", "", "".join(shared)) if len(named) > 2 else ""
    bare = [label.removeprefix(prefix) for label in labels]
    if prefix and _known(bare, wanted) > _known(labels, wanted):
        labels = bare
        notes.append("A prefix shared by all marker labels was taken off to find the names of the marker map.")
    by_case = {name.casefold(): name for name in wanted}
    folded = [label.casefold() for label in labels]
    if len(by_case) == len(wanted):
        other = [
            by_case[fold] if fold in by_case and folded.count(fold) == 1 else label
            for fold, label in zip(folded, labels, strict=True)
        ]
        if other != labels:
            labels = other
            notes.append("Marker labels were matched to the marker map without regard to upper and lower case.")
    copied = {label.rpartition("#")[0] for label in labels if re.search(r"#\d+$", label)}
    needed = copied & {str(names[side].get(role)) for side in SIDES for role in NEEDED_ONCE}
    if needed:
        raise MarkerError(
            f"expected each marker of the map once, found {', '.join(sorted(needed))} more than once. Rename or delete "
            "the copies."
        )
    renamed = markers.assign_coords(marker=labels)
    return renamed.assign_attrs(units="m", frame="lab", long_name="marker position"), notes


def _known(labels: list[str], wanted: set[str]) -> int:
    return len({label.casefold() for label in labels} & {name.casefold() for name in wanted})


def _flat(value: Any) -> list[str]:
    return [name for part in value for name in _flat(part)] if isinstance(value, list) else [str(value)]
