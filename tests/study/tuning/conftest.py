"""A study that is small enough for tests, with a search."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from auxjepa.study.plan import StudyConfig

TUNE: dict[str, Any] = {
    "space": {
        "optim.lr": {"low": 0.001, "high": 0.016, "log": True},
        "masks": [[{"kind": "multiblock"}], [{"kind": "random_tube", "args": {"ratio": 0.5}}]],
    },
    "variant_space": {"ld": {"objectives.latent_dynamics.weight": {"low": 0.25, "high": 4.0, "log": True}}},
    "stages": [{"steps": 1, "trials": 3}, {"steps": 3, "trials": 2}],
    "seeds": [900, 901],
}


@pytest.fixture
def tuned_content(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"tune": copy.deepcopy(TUNE)}


@pytest.fixture
def tuned(tuned_content: dict[str, Any]) -> StudyConfig:
    return StudyConfig.model_validate(tuned_content)
