"""Comparisons of a confirming study that are exploration: they are not about its registered hypotheses."""

from __future__ import annotations

from dataclasses import replace

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.study_folder.folder import Study


def unregistered_results(study: Study, results: Results) -> Results:
    """Return the results without the pooled effects on which every benchmark is a registered comparison.

    A capability of several benchmarks stays if one of them is not registered, because their mean is not registered.

    Args:
        study: the study.
        results: the table of results.
    """
    pairs = {
        (frozenset((h.variant, h.reference)), h.benchmark, regime)
        for h in (outcome.hypothesis for outcome in study.outcomes)
        for regime in {column.regime for column in results.columns}
        if h.regime in ("", regime) and h.reference_regime in ("", regime)
    }

    def is_registered(variant: str, capability: str) -> bool:
        sides = frozenset((variant, study.reference))
        columns = [c for c in results.columns if c.capability == capability]
        return all((sides, column.benchmark, column.regime) in pairs for column in columns)

    pooled = {key: effect for key, effect in results.pooled.items() if not is_registered(*key)}
    return replace(results, pooled=pooled)
