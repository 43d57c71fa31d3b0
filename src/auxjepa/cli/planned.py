"""Text that ``auxjepa study plan`` prints."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from auxjepa.processes.cores import count_cores
from auxjepa.study.plan import StudyConfig

if TYPE_CHECKING:
    from auxjepa.study.estimate import Estimate
    from auxjepa.study.tuning.settings import Tune

RATE = 100e12
"""Operations per second of one large GPU in such training, in bf16. Used for an estimate on a machine without a GPU."""
WORTH_A_GPU = 1e16
"""Number of operations that such a GPU takes one to two minutes for."""
CROWDED = 1.3
"""Ratio of measured to undisturbed time from which the plan reports a busy machine."""


def lines(study: StudyConfig, found: Estimate, missing: Mapping[str, str]) -> Iterator[str]:
    """Yield the plan line by line: cost of each kind of step, machine, estimates, total, missing data sets.

    Args:
        study: the study.
        found: the estimate of its cost.
        missing: the reason by name of each missing data set.
    """
    for kind, milliseconds in found.steps.items():
        mark = "~" if kind in found.guessed else "" if kind not in found.reckoned else "*"
        yield f"{kind:40s} {milliseconds:10,.1f} ms a step{mark}"
    if found.reckoned:
        yield "* extrapolated from smaller steps, like memory (errors: docs/study.md; not checked on large models)"
    if found.guessed:
        yield "~ not timed, taken to be like the mean of the others"
    yield f"for this machine: {_machine(found)}"
    if found.crowding > CROWDED:
        yield f"it is busy: measuring took {found.crowding:.1f} times as long as alone, and so will the study meanwhile"
    word = "CPU-hours" if found.device == "cpu" else "GPU-hours"
    size = f" at {study.scale} scale" if study.scale else ""
    yield (
        f"{study.name}{size}: {found.runs:,} runs to train ({found.training:,.2f} {word}), {found.scored:,} encoders "
        f"to score ({found.scoring:,.2f}), the world's clips to make ({found.making:,.2f}); {found.workers} side by "
        f"side: about {found.hours:,.2f} h, {found.memory_gb:,.1f} GB of memory, {found.disk_gb:,.2f} GB of disk"
    )
    if study.tune is not None:
        yield _search(study, study.tune, found, word)
    if found.device == "cpu" and found.operations > WORTH_A_GPU:
        yield (
            f"training is {found.operations:.2g} floating-point operations: {found.operations / RATE / 3600:,.2f} h of "
            f"a GPU that keeps up {RATE / 1e12:.0f} TFLOP/s (on a machine with one, --device cuda measures it)"
        )
    if missing:
        missing_sets = "; ".join(f"{name} ({why})" for name, why in missing.items())
        yield f"needed data sets that aren't there: {missing_sets}. `auxjepa data prepare NAME --root PATH`, once each"
    yield "Runs that exist already cost nothing; decoding data sets comes on top."


def _search(study: StudyConfig, tune: Tune, found: Estimate, word: str) -> str:
    """Return the line about the search that precedes the study. It costs what equally many steps of the study cost."""
    runs, steps = len(study.variants) * tune.runs, len(study.variants) * tune.steps
    training = found.training * steps / (found.runs * study.base.optim.steps)
    scoring = found.scoring * runs / found.scored
    return (
        f"before it, the search of recipes: {runs:,} runs with {tune.steps:,} steps for each variant (about "
        f"{training:,.2f} {word} to train and at most {scoring:,.2f} to score on validation clips); variants at the "
        "reference's recipe are additional runs of the study"
    )


def _machine(found: Estimate) -> str:
    if found.device != "cpu":
        import torch

        return f"{torch.cuda.get_device_name(found.device)}, {found.workers} runs in parallel"
    return f"CPU ({platform.machine()}, {count_cores()} cores), one thread a run, if it has nothing else to do"
