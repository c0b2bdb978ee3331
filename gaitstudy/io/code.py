"""A hash of the code that a function runs, the same on every system and Python: what a stored table was made by."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gaitstudy.io import catalogue

FINDERS = ("gaitstudy.io.catalogue", "gaitstudy.io.results")
"""What finds files adds nothing to what is in them, and their SHA-256 are kept beside the table."""


class _Statement(NamedTuple):
    """One statement of a module: its text without layout, what it names (``alias.name`` of a module), its files."""

    text: str
    uses: frozenset[str]
    files: tuple[Path, ...]


def code_hash(function: Callable[..., Any]) -> str:
    """Return the SHA-256 of all statements of a function's package that it reaches by name, itself included.

    Comments, docstrings, layout and the module a statement stands in do not count. A dictionary that a decorator of its
    module fills stands for all that is decorated. What counts too: which modules of other packages are named, and the
    files of ``data/published``, ``data/reference``, ``data/derived`` and the marker maps that a statement names.
    """
    top = function.__module__.partition(".")[0]
    found: set[str] = set()
    files: set[Path] = set()
    modules: dict[str, _Module | None] = {}
    todo, seen = [(function.__module__, function.__qualname__.partition(".")[0])], set[tuple[str, str]]()
    while todo:
        at = todo.pop()
        if at in seen or at[0] in FINDERS:
            continue
        seen.add(at)
        if at[0] not in modules:
            modules[at[0]] = _read(at[0], top)
        if (module := modules[at[0]]) is None:
            continue
        for place in (*module.places.get(at[1], ()), *module.places.get("", ())):
            statement = _statement(module.file, module.modified, place)
            found.add(statement.text)
            files.update(statement.files)
            for use in statement.uses - module.filled.get(at[1], set()):
                first, _, attribute = use.partition(".")
                if first in module.places:
                    todo.append((at[0], first))
                elif first in module.imported:
                    todo += list(_target(*module.imported[first], attribute, top, found))
        if at[1] in module.imported and at[1] not in module.places:  # passed on by a package's __init__
            todo += list(_target(*module.imported[at[1]], "", top, found))
    found |= {f"{path.name} {_digest(path, path.stat().st_mtime_ns)}" for path in files}
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def _target(module: str, name: str, attribute: str, top: str, found: set[str]) -> Iterator[tuple[str, str]]:
    """Yield module and name of what an imported name stands for; of another package only the fact is noted."""
    if module.partition(".")[0] not in (top, "gaitstudy"):
        found.add(f"import {module} {name}")
        return
    inner = f"{module}.{name}" if name else module
    if name and not _file(inner, top):
        yield module, name
    elif attribute:
        yield inner, attribute
    elif whole := _read(inner, top):  # a module as a value: anything in it may be meant
        yield from ((inner, each) for each in whole.places)


@cache
def _file(module: str, top: str) -> Path | None:
    """Return the file of a module of the package ``top`` or of this one."""
    first, *rest = module.split(".")
    spec = importlib.util.find_spec(first) if first in (top, "gaitstudy") else None
    if spec is None or spec.origin is None:
        return None
    if not rest:
        return Path(spec.origin)
    base = Path(spec.origin).parent.joinpath(*rest)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _tree(file: Path, modified: int) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


class _Module(NamedTuple):
    """Which statements of a module's file bind each name ("" for those that bind none), what it imports, and which
    dictionaries of its own a decorator fills: ``x[...] = ...``, which binds x in every statement decorated.
    """

    file: Path
    modified: int
    places: dict[str, list[int]]
    imported: dict[str, tuple[str, str]]
    filled: dict[str, set[str]]


def _read(name: str, top: str) -> _Module | None:
    file = _file(name, top)
    return _module(file, file.stat().st_mtime_ns) if file else None


@cache
def _module(file: Path, modified: int) -> _Module:
    places: dict[str, list[int]] = {}
    imported: dict[str, tuple[str, str]] = {}
    tree = _tree(file, modified)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {a.asname or a.name.partition(".")[0]: (a.name, "") for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
    for place, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = {node.name}
        else:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            names |= {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        if not isinstance(node, ast.Import | ast.ImportFrom) and not _is_text(node):
            for name in names or {""}:
                places.setdefault(name, []).append(place)
    filled: dict[str, set[str]] = {}
    for place, node in enumerate(tree.body):
        for each in getattr(node, "decorator_list", ()):
            name = ast.unparse(each).partition("(")[0]
            inside = [n for k in places.get(name, ()) for n in ast.walk(tree.body[k]) if isinstance(n, ast.Subscript)]
            stored = {n.value.id for n in inside if isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name)}
            filled[name] = stored & set(places)
            for dictionary in filled[name]:
                places[dictionary].append(place)
    return _Module(file, modified, places, imported, filled)


@cache
def _statement(file: Path, modified: int, place: int) -> _Statement:
    node = _tree(file, modified).body[place]
    texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return _Statement(
        _plain(node), frozenset(_uses(node)), tuple(path for text in texts for path in _files(file, text))
    )


def _uses(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield f"{node.value.id}.{node.attr}"
    elif isinstance(node, ast.Name):
        yield node.id
    else:
        for child in ast.iter_child_nodes(node):
            yield from _uses(child)


def _is_text(node: Any) -> bool:
    """Whether a statement is a text alone: a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _plain(node: Any) -> str:
    """Write a tree out; ``ast.dump`` and the pieces of formatted texts differ between versions of Python."""
    if isinstance(node, list):
        return f"[{','.join(_plain(each) for each in node if not _is_text(each))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.JoinedStr):
        pieces = [str(v.value) if isinstance(v, ast.Constant) else f"{{{_plain(v)}}}" for v in node.values]
        return f"text({''.join(pieces)!r})"
    fields = [(k, v) for k, v in ast.iter_fields(node) if k not in ("ctx", "kind", "type_comment")]
    return f"{type(node).__name__}({','.join(f'{k}={_plain(v)}' for k, v in fields if v is not None and v != [])})"


def _files(module: Path, text: str) -> Iterator[Path]:
    """Yield the files of numbers and names that a text of a module names, or those in the folder that it names."""
    if text.endswith(".csv"):
        data = catalogue.data_folder()
        yield from (
            path for folder in ("published", "reference", "derived") if (path := data / folder / text).is_file()
        )
    elif text.isidentifier():
        yield from (module.parent / text).glob("*.toml")


@cache
def _digest(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_text(encoding="utf-8").encode()).hexdigest()
