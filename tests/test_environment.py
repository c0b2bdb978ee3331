"""The files that describe the environment say the same: pyproject, lock, conda, run.py, CI and README."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import gaitstudy

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
ONLY_ON_PYPI = {"c3d", "moticon-opengo", "mujoco", "opensim", "spm1d", "uv"}
"""Packages that conda users get from pip (c3d), or only if they ask for them."""
CONDA_ALSO = {"python", "pip", "distributed"}


def requirements(*extras: str) -> dict[str, Requirement]:
    optional = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(t for extra in extras for t in optional[extra])]
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


def locked() -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in LOCK.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.rstrip("\\ "))
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def conda() -> dict[str, Requirement]:
    return {r.name: r for r in (Requirement(d) for d in CONDA["dependencies"] if isinstance(d, str))}


ALL = requirements(*PROJECT["optional-dependencies"])


@pytest.mark.parametrize("name", ALL)
def test_every_dependency_is_locked_within_its_bounds(name: str) -> None:
    pins = locked().get(name, [])
    assert pins, f"{name} is in pyproject.toml but not in requirements.lock; make the lock again (CONTRIBUTING.md)"
    for pin in pins:
        (version,) = [Version(s.version) for s in pin.specifier]
        assert version in ALL[name].specifier, f"{pin} is outside {ALL[name]}"
        assert len(list(ALL[name].specifier)) == 1, f"{name}: one lower bound is expected"


def test_every_locked_line_is_pinned_and_hashed_and_no_index_is_named() -> None:
    blocks = re.findall(r"^[A-Za-z0-9].*\n(?:    .*\n)*", LOCK, re.MULTILINE)
    assert len(blocks) == sum(map(len, locked().values())) > 100
    for block in blocks:
        assert re.match(r"[\w.-]+==\S+", block)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block
    assert not re.search(r"https?://|--index|--extra-index|--find-links|file:", LOCK)


def test_conda_names_the_same_packages_with_the_same_bounds() -> None:
    wanted = {n: r for n, r in requirements("dask", "dev").items() if n not in ONLY_ON_PYPI}
    found = conda()
    assert set(found) - CONDA_ALSO == set(wanted)
    different = [n for n in wanted if found[n].specifier != wanted[n].specifier]
    assert not different
    assert found["distributed"].specifier == found["dask"].specifier
    assert str(found["python"].specifier) == PROJECT["requires-python"]


def test_conda_installs_the_checkout_itself_and_nothing_else_by_pip() -> None:
    (pip,) = [d["pip"] for d in CONDA["dependencies"] if isinstance(d, dict)]
    assert pip == ["-e ."]
    assert CONDA["name"] == "gaitstudy"
    assert CONDA["channels"][0] == "conda-forge"


def test_extras_are_those_that_the_code_imports_lazily() -> None:
    assert set(PROJECT["optional-dependencies"]) == {"opensim", "mujoco", "spm1d", "dask", "dev"}


@pytest.mark.parametrize(
    ("system", "machine", "release", "version", "python", "wanted"),
    [
        ("linux", "x86_64", "6.18.44-cloud-v6", "#1 SMP", "3.13", True),
        ("linux", "aarch64", "6.8.0-31-generic", "#31-Ubuntu", "3.12", False),
        ("win32", "AMD64", "11", "10.0.26100", "3.11", True),
        (
            "darwin",
            "arm64",
            "24.1.0",
            "Darwin Kernel Version 24.1.0: Thu Oct 10 21:02:27 PDT 2024; root:xnu",
            "3.12",
            True,
        ),
        (
            "darwin",
            "arm64",
            "23.6.0",
            "Darwin Kernel Version 23.6.0: Mon Jul 29 21:14:30 PDT 2024; root:xnu",
            "3.12",
            False,
        ),
        ("linux", "x86_64", "6.1.0", "#1 SMP", "3.14", False),
    ],
)
def test_opensim_is_locked_only_where_it_has_a_wheel(
    system: str, machine: str, release: str, version: str, python: str, wanted: bool
) -> None:
    there = {
        "sys_platform": system, "platform_machine": machine, "platform_release": release, "platform_version": version,
        "python_version": python, "python_full_version": f"{python}.1",
    }  # fmt: skip
    for requirement in (ALL["opensim"], *locked()["opensim"]):
        assert requirement.marker is not None
        assert requirement.marker.evaluate(there) is wanted


def test_no_marker_compares_kernel_releases() -> None:
    assert "platform_release" not in LOCK


def test_every_package_that_the_code_imports_is_a_dependency() -> None:
    names = {
        "yaml": "pyyaml",
        "IPython": "ipykernel",
        "ipykernel_launcher": "ipykernel",
        "jupyter_client": "nbclient",
        "PIL": "pillow",
        "sklearn": "scikit_learn",
    }
    known = (
        {n.replace("-", "_") for n in ALL}
        | {"distributed", "gaitstudy", "workflow", "tests"}
        | set(sys.stdlib_module_names)
    )
    for path in sorted((*(ROOT / "gaitstudy").rglob("*.py"), *(ROOT / "workflow").rglob("*.py"))):
        used = top_level_imports(path)
        unknown = {names.get(n, n) for n in used} - known
        assert not unknown, f"{path.relative_to(ROOT)} imports {unknown}, which pyproject.toml does not name"


def top_level_imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_run_imports_only_the_standard_library() -> None:
    assert top_level_imports(ROOT / "run.py") <= set(sys.stdlib_module_names)


def test_run_prints_help_without_an_environment() -> None:
    done = subprocess.run([sys.executable, "-I", ROOT / "run.py", "--help"], capture_output=True, text=True, check=True)
    assert all(word in done.stdout for word in ("reproduce", "test", "bench", "campaign", "tables"))


def test_run_lists_the_campaigns_and_refuses_an_unknown_one() -> None:
    done = subprocess.run([sys.executable, ROOT / "run.py", "campaign", "no such"], capture_output=True, text=True)
    assert done.returncode == 2
    for path in (ROOT / "workflow" / "campaigns").glob("[!_]*.py"):
        assert path.stem in done.stdout


def test_run_stamps_the_environment_with_lock_project_python_and_folder() -> None:
    code = "import run; print(run.wanted_stamp()); print(run.pinned('uv'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    stamp, uv = done.stdout.split("\n", 1)
    parts = [(ROOT / n).read_bytes() for n in ("requirements.lock", "pyproject.toml")]
    assert stamp == hashlib.sha256(b"\0".join([*parts, sys.version.encode(), str(ROOT).encode()])).hexdigest()
    assert uv.startswith("uv==")
    assert uv.strip() in LOCK
    assert uv.count("--hash=sha256:") > 5


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()]
    calls = [line for line in lines if "run.py" in line]
    assert calls == ["python3 run.py test"] == [line for line in lines if line][-1:]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("python3 run.py test", "python3 run.py reproduce"):
        assert command in readme


def test_version_and_licence_agree() -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cff["version"], cff["license"]) == (gaitstudy.__version__, PROJECT["license"])
    assert "The gaitstudy authors" in (ROOT / "LICENSE").read_text(encoding="utf-8")
