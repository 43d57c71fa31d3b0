"""Objectives: every term that a run may add to its loss, by name.

All objectives are created by ``build``. A name that isn't listed here is looked up among installed plug-ins (entry
points of the group ``auxjepa.objectives``), so that other packages can add objectives. Weights and schedules of terms
belong to the configuration, and their sum to :mod:`auxjepa.train`.
"""

from __future__ import annotations

from typing import Any

from auxjepa import plugins
from auxjepa.config import ConfigError, hint
from auxjepa.modules import make_registry
from auxjepa.objectives.action import Action
from auxjepa.objectives.check import ContractError, check
from auxjepa.objectives.context import Context
from auxjepa.objectives.covariance import Covariance
from auxjepa.objectives.cross_covariance import CrossCovariance
from auxjepa.objectives.delta import Delta
from auxjepa.objectives.evaluation import ObjectiveError, evaluate
from auxjepa.objectives.hamiltonian import Hamiltonian
from auxjepa.objectives.hard_region import HardRegionPrediction
from auxjepa.objectives.infonce import InfoNCE
from auxjepa.objectives.kinematic import Kinematic
from auxjepa.objectives.latent_dynamics import LatentDynamics
from auxjepa.objectives.objective import Objective
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
from auxjepa.settings import parameters_of, validated

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

_SIZES = ("levels", "dim")

__all__ = [
    "OBJECTIVES",
    "ContractError",
    "HardRegion",
    "Objective",
    "ObjectiveError",
    "Subspaces",
    "build",
    "check",
    "evaluate",
    "find",
    "hyperparameters",
]


def find(name: str) -> type[Objective]:
    """Return the class that is registered under a name, here or by a plug-in.

    Raises:
        ConfigError: if no objective has this name, or its plug-in can't be used (:mod:`auxjepa.plugins`).
    """
    return _class_and_origin(name)[0]


def hyperparameters(kind: type[Objective]) -> dict[str, Any]:
    """Return names and defaults of the hyperparameters of a class."""
    return parameters_of(kind, _SIZES)


def build(name: str, *, levels: int, dim: int, **settings: Any) -> Objective:
    """Return an objective by name.

    Args:
        name: a key of OBJECTIVES, or the name of a plug-in.
        levels: number of predicted encoder depths L.
        dim: channels of one level D; heads read the L*D channels of a token, level by level.
        settings: hyperparameters of this objective.

    Raises:
        ConfigError: (a ValueError) for an unknown name or hyperparameter, a value of another type or out of range, and
            any exception of a plug-in's class.
    """
    kind, source = _class_and_origin(name)
    title = f"objective {name} ({source})" if source else name
    settings = validated(kind, settings, title=title, omit=_SIZES, noun="hyperparameter")
    try:
        objective = kind(levels=levels, dim=dim, **settings)
    except ConfigError:
        raise
    except BaseException as error:
        if plugins.interrupted_by_user(error):
            raise
        raise ConfigError(f"{title} can't be built with {settings}: {plugins.reason(error)}") from error
    objective.origin = source
    return objective


def _class_and_origin(name: str) -> tuple[type[Objective], str]:
    """Return the class of a name, and its plug-in ('' for classes of this package)."""
    if name in OBJECTIVES:
        return OBJECTIVES[name], ""
    entries = plugins.installed(plugins.OBJECTIVES)
    if name not in entries:
        raise ConfigError(f"no objective is called {name!r}{hint(name, [*OBJECTIVES, *entries])}")
    entry = plugins.entry_of(name, entries)
    kind, source = plugins.load(entry), plugins.origin(entry)
    if not (isinstance(kind, type) and issubclass(kind, Objective)):
        raise ConfigError(f"objective {name!r} ({source}) is not a subclass of auxjepa.objectives.Objective")
    return kind, source


make_registry(__name__, lambda: [*OBJECTIVES, *plugins.installed(plugins.OBJECTIVES)], find)
