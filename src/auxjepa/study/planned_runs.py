"""Expansion of a study into runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from auxjepa.config import RunConfig, Typed
from auxjepa.study.plan import StudyConfig


class PlannedRun(Typed):
    """One pretraining run, or the ``random_init`` control of a regime and seed, which trains nothing."""

    config: RunConfig
    control: Literal["random_init"] | None = None

    @property
    def key(self) -> str:
        """Hash of every setting that can change the run's numbers. The folder of the run has this name."""
        return ("random-" if self.control else "") + self.config.content_hash()


def plan(study: StudyConfig, root: Path | None = None) -> list[PlannedRun]:
    """Return every run of a study, ordered by seed. If a study is stopped early, its finished runs are still paired.

    Args:
        study: the study.
        root: folder of generated data and caches; the study's own when None.
    """
    runs: list[PlannedRun] = []
    for seed in study.seeds:
        for regime, data in study.regimes.items():
            own = data if root is None else data.model_copy(update={"root": root})
            base = study.base.model_copy(update={"data": own, "seed": seed, "regime": regime})
            if "random_init" in study.controls:
                control = base.model_copy(update={"variant": "random_init"})
                runs.append(PlannedRun(config=control, control="random_init"))
            runs.extend(PlannedRun(config=study.configure(name, base)) for name in study.variants_of(regime))
    return runs
