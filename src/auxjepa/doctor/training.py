"""A run in small from end to end: videos are written, scanned, cached, trained on, and the checkpoint is read again."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auxjepa.config import CheckpointConfig, DataConfig, LogConfig, ModelConfig, OptimConfig, RunConfig
from auxjepa.doctor.check import Check, Settings, reason

if TYPE_CHECKING:
    import torch

CLIPS, BATCH, STEPS = 16, 8, 4


def training(settings: Settings) -> Iterator[Check]:
    """A few steps of a nano encoder on every device."""
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
            advice = f"training can't work here: mend what the lines above name, or report this with --json{other}"
            yield Check(name=name, state="fail", found=reason(error), advice=advice)


def configuration(videos: Path, folder: Path, precision: Any = "fp32") -> RunConfig:
    """The run: the smallest encoder, a few steps."""
    return RunConfig(
        variant="doctor",
        data=DataConfig(source=f"folder:{videos}", root=folder / "data", clips=CLIPS, workers=0),
        model=ModelConfig(size="nano"),
        optim=OptimConfig(steps=STEPS, batch=BATCH, warmup=0.0, precision=precision),
        checkpoint=CheckpointConfig(every=STEPS),
        log=LogConfig(monitor_every=10 * STEPS),
    )


def train(videos: Path, folder: Path, device: torch.device) -> dict[str, Any]:
    """Train, and read the checkpoint into a second run: losses, milliseconds a step, and whether both are the same.

    Raises:
        Exception: whatever goes wrong on the way.
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
    # Before the first step and after the last one features are looked at, which isn't timed here.
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
    """Whether a run that came to its end did what it should."""
    finite = all(math.isfinite(loss) for loss in values["losses"])
    values = {**values, "finite": finite}
    found = f"{values['ms']:.0f} ms a step (nano, {values['batch']} clips), loss {values['losses'][-1]:.4f}"
    if finite and values["reloaded"]:
        found += f", checkpoint reloads, {values['seconds']:.1f} s from videos to checkpoint"
        return Check(name=name, state="ok", found=found, values=values)
    found += "" if values["reloaded"] else ", the checkpoint reads back otherwise than it was written"
    advice = "numbers go wrong on this device: try another build of torch, or another disk if only the checkpoint does"
    return Check(name=name, state="fail", found=found, values=values, advice=advice)
