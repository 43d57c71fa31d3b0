"""Grids of version 2 of the probes. The best settings of small encoders are inside (docs/evidence/probe_grid.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LINEAR_GRID: Mapping[str, Any] = {
    "version": 2,
    "learning_rates": (1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
    "weight_decays": (0.0, 1e-1, 1.0, 10.0),
    "epochs": 60,
    "prefer_inside": True,
}
"""Fields of version 2 of the linear probe. Decay 0 is a natural bound of its grid."""
ATTENTIVE_GRID: Mapping[str, Any] = {
    "version": 2,
    "learning_rates": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1),
    "weight_decays": (1.0, 3.0, 10.0, 30.0),
    "prefer_inside": True,
    "halvings": 2,
}
"""Fields of version 2 of attentive probes. A decay is multiplied by the learning rate, as in AdamW, so that 1 is small.
The parameters of a head with decay d stay below about 1 / d."""
