"""AuxJEPA: Video-JEPA encoders with auxiliary objectives, probed frozen and compared with statistics that hold up.

Every name below is loaded when it is first used, so that ``import auxjepa`` imports nothing heavy:

- :func:`load` returns the frozen encoder of a run, an :class:`Encoder`, which turns videos into features.
- :func:`pretrain` trains an encoder, :func:`probe` scores one, :func:`study` runs a whole comparison.
- ``rows(folder)`` returns the scores in a folder.
- ``objectives``, ``variants`` and ``benchmarks`` are the packages of these names, and mappings of what is registered.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auxjepa.benchmarks.benchmark import Benchmark
    from auxjepa.encoders import Encoder
    from auxjepa.interface import load, pretrain, probe, study
    from auxjepa.interface import read_rows as rows
    from auxjepa.modules import Registry
    from auxjepa.objectives.objective import Objective
    from auxjepa.variants.variant import Variant

    objectives: Registry[type[Objective]]
    variants: Registry[Variant]
    benchmarks: Registry[Benchmark]

__version__ = "0.1.0"
__all__ = [
    "Encoder",
    "__version__",
    "benchmarks",
    "load",
    "objectives",
    "pretrain",
    "probe",
    "rows",
    "study",
    "variants",
]

_PACKAGES = ("benchmarks", "objectives", "rows", "study", "variants")
_SOURCES = {
    "Encoder": "auxjepa.encoders",
    "load": "auxjepa.interface",
    "pretrain": "auxjepa.interface",
    "probe": "auxjepa.interface",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name in _PACKAGES:
        return import_module(f"auxjepa.{name}")
    if name not in _SOURCES:
        raise AttributeError(f"module 'auxjepa' has no attribute {name!r}")
    globals()[name] = getattr(import_module(_SOURCES[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
