"""The hash of the code behind a stored table: what changes it, and what does not."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gaitstudy.io import catalogue, code

FILES = {
    "__init__.py": "",
    "one.py": '''"""A module."""
import numpy as np
from toy.two import share
from toy import three

CUT_OFF = 8.0
"""Hz."""


def compute(x):
    """Return it."""
    # a remark
    return three.half(x) * share() * CUT_OFF + np.sum(read("people.csv"))


def read(name):
    return [len(f"{name!r:>{9}} a{{b")]


def other(x):
    return 1
''',
    "two.py": "def share():\n    return Share().value\n\nclass Share:\n    value = 2\n\ndef unused():\n    return 3\n",
    "three.py": "def half(x):\n    from toy.four import TWO\n    return x / TWO\n\ndef double(x):\n    return 2 * x\n",
    "four.py": "TWO = 2\nthings = []\n",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], str]:
    """Return a function that replaces a text in one of the files and returns the hash of ``toy.one.compute``."""
    (tmp_path / "data" / "published").mkdir(parents=True)
    (tmp_path / "data" / "published" / "people.csv").write_text("name\na\n")
    (tmp_path / "toy").mkdir()
    for name, text in FILES.items():
        (tmp_path / "toy" / name).write_text(text)
    monkeypatch.setattr(catalogue, "data_folder", lambda: tmp_path / "data")
    monkeypatch.syspath_prepend(str(tmp_path))
    for cached in (code._file, code._module, code._read):
        cached.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
        monkeypatch.delitem(sys.modules, name)
    compute = importlib.import_module("toy.one").compute

    def changed(file: str = "one.py", old: str = "", new: str = "") -> str:
        path = tmp_path / "toy" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new) if old else text)
        code._module.cache_clear()
        code._read.cache_clear()
        return code.code_hash(compute)

    return changed


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("one.py", "# a remark", "# another"),
        ("one.py", "Return it.", "Return it, in N m."),
        ("one.py", '"""Hz."""', '"""Hertz."""'),
        ("one.py", "three.half(x) * share()", "(three.half(x)\n            * share())"),
        ("one.py", "return 1", "return 2"),
        ("two.py", "return 3", "return 4"),
        ("three.py", "2 * x", "3 * x"),
        ("four.py", "TWO = 2\n", "\n\nTWO = 2  # a pair\n"),
    ],
)
def test_layout_words_and_what_is_not_reached_do_not_count(toy: Callable, file: str, old: str, new: str) -> None:
    before = toy()
    assert toy(file, old, new) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("one.py", "* CUT_OFF", "/ CUT_OFF"),
        ("one.py", "CUT_OFF = 8.0", "CUT_OFF = 6.0"),
        ("one.py", "numpy as np", "math as np"),
        ("one.py", "a{{b", "a{{c"),
        ("two.py", "value = 2", "value = 3"),
        ("three.py", "x / TWO", "x / TWO + 1"),
        ("four.py", "TWO = 2", "TWO = 3"),
        ("four.py", "things = []\n", "things = []\nprint(TWO)\n"),
        ("../data/published/people.csv", "a", "b"),
    ],
)
def test_what_is_reached_counts(toy: Callable, file: str, old: str, new: str) -> None:
    before = toy()
    assert toy(file, old, new) != before


def test_the_walkers_templates_count(monkeypatch: pytest.MonkeyPatch) -> None:
    from gaitstudy.simulate import walker

    named = [path.name for text in (walker.TEMPLATES,) for path in code._files(Path(walker.__file__), text)]
    assert named == ["walker_templates.csv"] == [walker.TEMPLATES]


def test_the_module_a_function_stands_in_does_not_count(toy: Callable) -> None:
    before = toy()
    moved = "def share():\n    return Share().value\n"
    toy("four.py", "things = []\n", f"from toy.two import Share\nthings = []\n\n\n{moved}")
    toy("one.py", "from toy.two import share", "from toy.four import share")
    assert toy("two.py", moved, "") == before


SYNTAX = """@d(1)
def f(x: int = 2, *a, **k) -> None:
    return f'{x!r:>{9}} {{b}}' 'c' + f"{x=}" if x is not None else -1.5e-3j

class A(B):
    y: list[str] = []
    async def g(self): await self; return {**k}, lambda q: q[1:...], b'z', u'u'

match f:
    case {'a': 1, **r} if r: pass
    case [A(y=2), *_] | None: x @= 1
"""


def test_every_python_reads_a_text_alike() -> None:
    """Python 3.11.7, 3.12.1 and 3.13.0 gave this hash, and the same one for every stored table."""
    found = code._plain(ast.parse(SYNTAX))
    assert hashlib.sha256(found.encode()).hexdigest() == (
        "e0ebe2ffc033d64b0b047545f23f3792b70acfa6415803d7e9c98877d9623563"
    )


def test_who_finds_files_does_not_count() -> None:
    from gaitstudy.tables import agreement

    code._file.cache_clear()
    for module in code.FINDERS:
        assert importlib.util.find_spec(module), module
    assert len(code.code_hash(agreement.own_skeleton_trial)) == 64
