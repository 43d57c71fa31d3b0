"""A transfer table with planted scores, for tests of domains and mixing."""

from __future__ import annotations

import numpy as np

from auxjepa.evidence.analyses.transfer import Encoder, TransferTable

REGIMES, VARIANTS, BENCHMARKS = ("motion", "order", "mixed"), ("baseline", "ld"), ("direction", "events", "looks")
MEANS = {  # on direction, events, looks
    "motion": (60.0, 20.0, 30.0),
    "order": (40.0, 50.0, 30.0),
    "mixed": (55.0, 45.0, 36.0),
}
UNTRAINED = (35.0, 25.0, 28.0)


def planted_table(seeds: int = 6, noise: float = 0.5, untrained: bool = True) -> TransferTable:
    """Return scores as in ``MEANS``, with ld 2 points above baseline, one offset a seed and a little noise."""
    rng = np.random.default_rng(0)
    encoders = tuple(Encoder(r, v) for r in REGIMES for v in VARIANTS)
    luck = rng.normal(0, 3, (seeds, len(BENCHMARKS)))
    jitter = rng.normal(0, noise, (len(encoders), seeds, len(BENCHMARKS))) if noise else 0.0
    base = (
        np.array([MEANS[e.regime] for e in encoders]) + 2.0 * np.array([e.variant == "ld" for e in encoders])[:, None]
    )
    anchor = np.broadcast_to(np.array(UNTRAINED) + luck, (len(encoders), seeds, len(BENCHMARKS)))
    scores = base[:, None] + luck + jitter
    return TransferTable(encoders, tuple(range(100, 100 + seeds)), BENCHMARKS, scores, anchor if untrained else None)
