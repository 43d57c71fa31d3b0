"""Objectives: every term a run may add to its loss, by name.

``build`` is the one way to make an objective; a name that isn't listed here is looked up among installed plug-ins
(entry points of the group ``auxjepa.objectives``), so that anyone can add one without touching this package.
"""

from __future__ import annotations

import inspect
from importlib.metadata import entry_points
from typing import Any

from auxjepa.config import ConfigError, hint
from auxjepa.objectives.action import Action
from auxjepa.objectives.base import Objective
from auxjepa.objectives.check import ContractError, check
from auxjepa.objectives.context import Context
from auxjepa.objectives.covariance import Covariance
from auxjepa.objectives.cross_covariance import CrossCovariance
from auxjepa.objectives.delta import Delta
from auxjepa.objectives.hamiltonian import Hamiltonian
from auxjepa.objectives.hard_region import HardRegionPrediction
from auxjepa.objectives.infonce import InfoNCE
from auxjepa.objectives.kinematic import Kinematic
from auxjepa.objectives.latent_dynamics import LatentDynamics
from auxjepa.objectives.pixel_reconstruction import PixelReconstruction
from auxjepa.objectives.prediction import Prediction
from auxjepa.objectives.sigreg import SIGReg
from auxjepa.objectives.spectral import Spectral
from auxjepa.objectives.static_appearance import StaticAppearance
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.objectives.temporal_contrast import TemporalContrast
from auxjepa.objectives.variance import Variance
from auxjepa.objectives.velocity_gate import VelocityGate
from auxjepa.objectives.weighting import HardRegion

OBJECTIVES: dict[str, type[Objective]] = {
    "prediction": Prediction,
    "context": Context,
    "hard_region": HardRegionPrediction,
    "static_appearance": StaticAppearance,
    "cross_covariance": CrossCovariance,
    "latent_dynamics": LatentDynamics,
    "delta": Delta,
    "spectral": Spectral,
    "temporal_contrast": TemporalContrast,
    "action": Action,
    "kinematic": Kinematic,
    "hamiltonian": Hamiltonian,
    "velocity_gate": VelocityGate,
    "sigreg": SIGReg,
    "variance": Variance,
    "covariance": Covariance,
    "pixel_reconstruction": PixelReconstruction,
    "infonce": InfoNCE,
}

__all__ = [
    "OBJECTIVES",
    "ContractError",
    "HardRegion",
    "Objective",
    "Subspaces",
    "build",
    "check",
    "find",
    "hyperparameters",
]


def find(name: str) -> type[Objective]:
    """The class registered under ``name``, here or by a plug-in.

    Raises:
        ConfigError: when no objective has this name, or a plug-in's entry point is not an Objective.
    """
    if name in OBJECTIVES:
        return OBJECTIVES[name]
    plugins = {entry.name: entry for entry in entry_points(group="auxjepa.objectives")}
    if name not in plugins:
        raise ConfigError(f"no objective is called {name!r}{hint(name, [*OBJECTIVES, *plugins])}")
    found = plugins[name].load()
    if not (isinstance(found, type) and issubclass(found, Objective)):
        raise ConfigError(f"plug-in {name!r} ({plugins[name].value}) is not a subclass of auxjepa.objectives.Objective")
    return found


def hyperparameters(kind: type[Objective]) -> dict[str, Any]:
    """Names and defaults of what ``build`` accepts for a class beside ``levels`` and ``dim``."""
    parameters = inspect.signature(kind).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in ("levels", "dim")}


def build(name: str, *, levels: int, dim: int, **settings: Any) -> Objective:
    """An objective by name.

    Args:
        name: a key of OBJECTIVES or a plug-in.
        levels: L, the number of predicted encoder depths. dim: D, the channels of one level; heads see the L*D
            channels of a token, level by level.
        settings: the hyperparameters of this objective.

    Raises:
        ConfigError: (a ValueError) for an unknown name, an unknown hyperparameter or a value out of range.
    """
    kind = find(name)
    known = hyperparameters(kind)
    for setting in settings:
        if setting not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise ConfigError(f"{name} has no hyperparameter {setting!r}{hint(setting, known)}; {takes}")
    return kind(levels=levels, dim=dim, **settings)
