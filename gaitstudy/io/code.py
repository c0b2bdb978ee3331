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


class _Module(NamedTuple):
    """A module's statements by each name that they bind ("" for those that bind none), and what its imports mean."""

    file: Path
    bound: dict[str, list[ast.stmt]]
    imported: dict[str, tuple[str, str]]


def code_hash(function: Callable[..., Any]) -> str:
    """Return the SHA-256 of all statements of a function's package that it reaches by name, itself included.

    Comments, docstrings, layout and the module a statement stands in do not count. What counts too: which modules of
    other packages are named, and the files of ``data/published``, ``data/reference``, ``data/derived`` and the marker
    maps that a statement names.
    """
    packages = {function.__module__.partition(".")[0], "gaitstudy"}
    found: set[str] = set()
    todo, seen = [(function.__module__, function.__qualname__.partition(".")[0])], set[tuple[str, str]]()
    while todo:
        at = todo.pop()
        if at in seen or at[0] in FINDERS:
            continue
        seen.add(at)
        name, module = at[1], _module(at[0])
        uses = {name} if name in module.imported and name not in module.bound else set()  # passed on by an __init__
        for statement in (*module.bound.get(name, ()), *module.bound.get("", ())):
            texts, named = _read(statement, module.file)
            found |= texts
            uses |= named
        for use in uses:
            first, _, attribute = use.partition(".")
            if first in module.bound:
                todo.append((at[0], first))
            elif first in module.imported:
                source, inner = module.imported[first]
                if source.partition(".")[0] not in packages:
                    found.add(f"import {source} {inner}")
                else:
                    todo += _meant(source, inner, attribute)
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def _meant(source: str, name: str, attribute: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of what ``from source import name`` and an attribute of it stand for."""
    inner = f"{source}.{name}" if name else source
    if not _file(inner):
        yield source, name
    elif attribute:
        yield inner, attribute
    else:  # a module as a value: anything in it may be meant
        yield from ((inner, each) for each in _module(inner).bound)


@cache
def _file(module: str) -> Path | None:
    """Return the file of a module, or None of a name that is none."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def _module(name: str) -> _Module:
    file = Path(str(_file(name)))
    tree = ast.parse(file.read_text(encoding="utf-8"))
    bound: dict[str, list[ast.stmt]] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {a.asname or a.name.partition(".")[0]: (a.name, "") for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
    statements = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _is_text(n)]
    for statement in statements:
        for each in _names(statement) or {""}:
            bound.setdefault(each, []).append(statement)
    return _Module(file, bound, imported)


def _names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    nodes = list(ast.walk(statement))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}


@cache
def _read(statement: ast.stmt, file: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return a statement without its layout and what is in the files that its texts name; and all that it names."""
    constants = {n.value for n in ast.walk(statement) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    paths = {path for text in constants for path in _files(file, text)}
    contents = {f"{p.name} {hashlib.sha256(p.read_text(encoding='utf-8').encode()).hexdigest()}" for p in paths}
    return frozenset([_plain(statement), *contents]), frozenset(_uses(statement))


def _uses(node: ast.AST) -> Iterator[str]:
    """Yield what a tree names, ``alias.name`` of a module whole."""
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


def _files(module: Path, text: str) -> list[Path]:
    """Return the files of numbers and names that a text of a module names, or those in the folder that it names."""
    if text.endswith(".csv"):
        places = [catalogue.data_folder() / folder / text for folder in ("published", "reference", "derived")]
        return [path for path in places if path.is_file()]
    return list((module.parent / text).glob("*.toml")) if text.isidentifier() else []
