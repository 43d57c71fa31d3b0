"""A small run from end to end: videos are written, scanned, cached and trained on, and the checkpoint is read again."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auxjepa.config import CheckpointConfig, DataConfig, LogConfig, ModelConfig, OptimConfig, RunConfig
from auxjepa.doctor.check import Check, Settings
from auxjepa.plugins import reason

if TYPE_CHECKING:
    import torch

CLIPS, BATCH, STEPS = 16, 8, 4


def training(settings: Settings) -> Iterator[Check]:
    """Yield the check of a few training steps of a nano encoder on every device."""
    from auxjepa.data.world import write_videos
    from auxjepa.devices import available_devices

    videos = settings.scratch / "videos"
    write_videos(videos, "train", CLIPS, workers=1, progress=False)
    for device in available_devices():
        name = f"training {device}"
        try:
            yield judge(name, train(videos, settings.scratch / name.replace(":", "-"), device))
        except Exception as error:
            other = "; until then --device cpu" if device.type != "cpu" else ""
            advice = f"training fails here: fix the failures above, or report this with --json{other}"
            yield Check(name=name, state="fail", found=reason(error), advice=advice)


def configuration(videos: Path, folder: Path, precision: Any = "fp32") -> RunConfig:
    """Return the configuration of the run: the smallest encoder and a few steps."""
    return RunConfig(
        variant="doctor",
        data=DataConfig(source=f"folder:{videos}", root=folder / "data", clips=CLIPS, workers=0),
        model=ModelConfig(size="nano"),
        optim=OptimConfig(steps=STEPS, batch=BATCH, warmup=0.0, precision=precision),
        checkpoint=CheckpointConfig(every=STEPS),
        log=LogConfig(monitor_every=10 * STEPS),
    )


def train(videos: Path, folder: Path, device: torch.device) -> dict[str, Any]:
    """Train, load the checkpoint into a second run, and return losses, times, and whether both runs are equal.

    Raises:
        Exception: any error of training.
    """
    from auxjepa.data.open import open_feed
    from auxjepa.train import checkpoint
    from auxjepa.train.loop import Run

    config = configuration(videos, folder)
    begin = time.perf_counter()
    feed = open_feed(config.data, workers=1, progress=False)
    run = Run(config, feed, folder / "run", device)
    losses: list[float] = []
    at: list[float] = []

    def on_step(_: int, line: dict[str, Any]) -> None:
        losses.append(float(line["loss"]))
        at.append(time.perf_counter())

    run.train(on_step)
    again = Run(config, feed, folder / "run", device)
    same = again.step == STEPS and all(
        checkpoint.digest(state) == checkpoint.digest(checkpoint.by_role(again.model, again.objectives)[role])
        for role, state in checkpoint.by_role(run.model, run.objectives).items()
    )
    # The monitor measures features before the first step and after the last one; those steps aren't timed here.
    steps = [later - earlier for earlier, later in pairwise(at[:-1])]
    return {
        "losses": losses,
        "ms": round(1000 * statistics.median(steps), 1),
        "seconds": round(time.perf_counter() - begin, 2),
        "reloaded": same,
        "batch": config.optim.batch,
        "steps": len(losses),
    }


def judge(name: str, values: dict[str, Any]) -> Check:
    """Return the check of a finished run."""
    finite = all(math.isfinite(loss) for loss in values["losses"])
    values = {**values, "finite": finite}
    found = f"{values['ms']:.0f} ms a step (nano, {values['batch']} clips), loss {values['losses'][-1]:.4f}"
    if finite and values["reloaded"]:
        found += f", checkpoint reloads, {values['seconds']:.1f} s from videos to checkpoint"
        return Check(name=name, state="ok", found=found, values=values)
    found += "" if values["reloaded"] else ", the loaded checkpoint differs from the saved one"
    advice = "wrong numbers on this device: try another build of torch, or another disk if only the checkpoint is wrong"
    return Check(name=name, state="fail", found=found, values=values, advice=advice)
