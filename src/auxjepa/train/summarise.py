"""Writes the summary of a finished run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from auxjepa.runs.record import choose
from auxjepa.runs.state import WEIGHTS
from auxjepa.runs.summary import Summary, write_summary
from auxjepa.runs.weights import digest_file
from auxjepa.train import checkpoint
from auxjepa.train.record import peak_memory_mb

if TYPE_CHECKING:
    from auxjepa.train.loop import Run


def summarise(run: Run) -> Summary:
    """Write ``summary.json`` of a run that has done all its steps, and return it.

    Args:
        run: the run.
    """
    final = choose(run.folder).path
    named = checkpoint.named_parameters(run.model, run.objectives)
    summary = Summary(
        variant=run.config.variant,
        regime=run.config.regime,
        seed=run.config.seed,
        hash=run.config.content_hash(),
        steps=run.config.optim.steps,
        parameters=sum(p.numel() for _, p in named),
        seconds=run.seconds,
        cpu_seconds=run.cpu_seconds,
        peak_memory_mb=peak_memory_mb(run.device),
        milliseconds_per_step=1000 * run.seconds / run.config.optim.steps,
        verdict=run.monitor.verdict,
        shares=run.watch.shares(),
        checkpoint=str(final.relative_to(run.folder.resolve())),
        finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        encoder_digest=digest_file(final / WEIGHTS),
    )
    write_summary(run.folder, summary)
    return summary
