"""Packages that are mappings, and modules that are functions."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping

import pytest

import auxjepa
from auxjepa import benchmarks, objectives, variants
from auxjepa.benchmarks import BENCHMARKS
from auxjepa.objectives import OBJECTIVES
from auxjepa.variants import VARIANTS


@pytest.mark.parametrize(
    ("package", "names"),
    [(variants, VARIANTS), (objectives, OBJECTIVES), (benchmarks, BENCHMARKS)],
    ids=["variants", "objectives", "benchmarks"],
)
def test_a_package_is_the_mapping_of_what_it_registers(
    package: Mapping[str, object], names: Mapping[str, object]
) -> None:
    assert isinstance(package, Mapping) and set(names) <= set(package) and len(package) == len(list(package))
    first = next(iter(names))
    assert first in package and "nothing" not in package and 3 not in package
    assert dict(package)[first] == package[first] == dict(package.items())[first]
    assert list(package.keys()) == list(package) and len(package.values()) == len(package)
    with pytest.raises(KeyError, match="nothing"):
        package["nothing"]


def test_what_the_mappings_hold() -> None:
    assert variants["ld"] == variants.find("ld") and variants.get("nothing") is None
    assert objectives["latent_dynamics"] is objectives.find("latent_dynamics")
    assert benchmarks["world_order"] is benchmarks.get("world_order")


@pytest.mark.parametrize(
    "package", [variants, objectives, benchmarks, auxjepa.rows, auxjepa.study], ids=lambda module: module.__name__
)
def test_they_stay_modules(package: object) -> None:
    assert sys.modules[package.__name__] is package  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(package)) is package and package in {package} and bool(package)


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, auxjepa; heavy = {'torch', 'numpy', 'pydantic'} & set(sys.modules); assert not heavy, heavy;"
        "assert {'load', 'rows', 'study', 'objectives'} <= set(dir(auxjepa));"
        "assert 'ld' in auxjepa.variants and auxjepa.rows; assert 'torch' not in sys.modules;"
        "import auxjepa.variants, auxjepa.rows, auxjepa.study; from auxjepa.rows import Row;"
        "assert callable(auxjepa.rows) and callable(auxjepa.study)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_names_are_unknown() -> None:
    assert not hasattr(auxjepa, "nothing")
    with pytest.raises(AttributeError, match="module 'auxjepa' has no attribute 'pretrian'"):
        auxjepa.pretrian  # type: ignore[attr-defined]  # noqa: B018
    assert {name for name in auxjepa.__all__ if getattr(auxjepa, name) is None} == set()
