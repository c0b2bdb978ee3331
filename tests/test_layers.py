"""Imports go from later rooms to earlier ones; the package is quiet and quick to import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "gaitstudy"
ORDER = (
    "conventions", "io", "gait", "load", "stats", "simulate", "foot_angle",
    "plots", "claims", "pipeline", "tables", "cli",
)  # fmt: skip
NARROW = {"stats": {"conventions", "stats"}, "": {"pipeline"}}  # "": gaitstudy.read, loaded when asked for
MAY_PRINT = {"gaitstudy.cli"}


def module_name(path: Path, package: Path = PACKAGE) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imports(name: str, tree: ast.AST, modules: set[str], is_package: bool) -> Iterator[str]:
    """Yield the modules of the package that a module imports: at its top, in functions, relative, or by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = name.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
                base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names} & modules
            yield from inner or ({base} & modules)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and a.value in modules)


IMPORTS = {
    name: set(imports(name, tree, set(MODULES), MODULES[name].name == "__init__.py")) - {name}
    for name, tree in TREES.items()
}


def room(name: str) -> str:
    return (name.split(".") + [""])[1]


def test_relative_lazy_and_named_imports_are_all_read() -> None:
    source = """
    from . import events
    from ..io import motion
    from ..load.knee import peak
    def later():
        import gaitstudy.stats
        import_module("gaitstudy.cli")
    """
    known = {f"gaitstudy.{m}" for m in ("gait.events", "io.motion", "io", "load.knee", "stats", "cli", "gait")}
    tree = ast.parse("if True:\n" + source)
    expected = {f"gaitstudy.{m}" for m in ("gait.events", "io.motion", "load.knee", "stats", "cli")}
    assert set(imports("gaitstudy.gait.steps", tree, known, False)) == expected
    assert set(imports("gaitstudy.gait", ast.parse("from . import events"), known, True)) == {"gaitstudy.gait.events"}
    assert set(imports("gaitstudy.gait", ast.parse("from ..io import motion"), known, True)) == {"gaitstudy.io.motion"}


def test_the_help_of_the_package_names_every_room_once_and_nothing_else() -> None:
    text = ast.get_docstring(TREES["gaitstudy"]) or ""
    listed = [name for line in text.splitlines() if line.startswith("- ") for name in re.findall(r"``(\w+)``", line)]
    assert sorted(listed) == sorted({room(name) for name in MODULES} - {""})
    assert listed == sorted(listed, key=ORDER.index)


def test_every_module_has_a_room() -> None:
    unknown = {room(name) for name in MODULES} - {"", *ORDER}
    assert not unknown, f"give these a place in ORDER: {sorted(unknown)}"


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down(name: str) -> None:
    here = room(name)
    below = set(ORDER[: ORDER.index(here) + 1]) if here else set()
    allowed = NARROW.get(here, below) | {""}
    wrong = sorted(other for other in IMPORTS[name] if room(other) not in allowed)
    assert not wrong, f"{name} may import only from {sorted(allowed - {''})}, but imports {wrong}"


def test_the_package_runs_without_what_stands_beside_it() -> None:
    for name, tree in TREES.items():
        named = [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
        named += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert not {n.split(".")[0] for n in named} & {"workflow", "tests", "run"}, name


def test_no_module_imports_itself_in_a_circle() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"circle: {' -> '.join((*path[path.index(name) :], name))}"
        if name not in done:
            for other in sorted(IMPORTS[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_no_print_no_bare_except_no_assert(name: str) -> None:
    found = []
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" and name not in MAY_PRINT:
            found.append(f"line {node.lineno}: print")
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            found.append(f"line {node.lineno}: bare except")
        elif isinstance(node, ast.Assert):
            found.append(f"line {node.lineno}: assert")
    assert not found, f"{name}: {found}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "numpy scipy pandas xarray matplotlib statsmodels ezc3d rich typer".split()
    rooms = "gaitstudy, gaitstudy.io, gaitstudy.gait, gaitstudy.load"
    code = f"import sys, {rooms}; print(*(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
