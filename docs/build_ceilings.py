"""Compute the table of docs/ceilings.md: ``python -m docs.build_ceilings ROOT [NETWORK:BENCHMARK …]``.

ROOT is the folder of the clips. Without further arguments, both networks are trained on the four benchmarks.

It trains on 6,000 clips: the encoder for 1,200 steps and the convolution for 400 steps on clips of eight frames, and
for 3,000 and 1,000 steps on still images.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.benchmarks.supervised import CeilingProtocol, score_ceiling
from auxjepa.ceiling_training import CEILINGS, Ceiling, CeilingTraining
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.study.presets import read_study_content

NAMES = ("world_order", "world_direction", "world_fine_motion", "world_appearance")
STEPS: dict[tuple[Ceiling, str], int] = {
    ("supervised", "motion"): 1200,
    ("supervised", "order"): 1200,
    ("supervised", "images"): 3000,
    ("convolution", "motion"): 400,
    ("convolution", "order"): 400,
    ("convolution", "images"): 1000,
}


def table(root: Path, jobs: list[str]) -> None:
    """Print one row of a Markdown table for each benchmark and network.

    Args:
        root: folder of the clips.
        jobs: names ``NETWORK:BENCHMARK``; empty for all.
    """
    torch.set_num_threads(1)
    model = ModelConfig.model_validate(read_study_content("confirm")["base"]["model"])
    data = DataConfig(source="world", frames=8, size=32, root=root)
    for network in CEILINGS:
        for name in NAMES:
            if jobs and f"{network}:{name}" not in jobs:
                continue
            benchmark = BENCHMARKS[name]
            training = CeilingTraining(clips=6000, steps=STEPS[network, benchmark.role])
            begin = time.process_time()
            score = score_ceiling(benchmark, data, CeilingProtocol.of(network, training, model), seed=100)
            spent = time.process_time() - begin
            sys.stdout.write(
                f"| {name} | {network} | {100 / benchmark.classes:.1f} | {training.steps:,} "
                f"| {score.selected['step']:,} | {score.validation:.1f} | {score.test:.1f} | {spent:.0f} |\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    known = [f"{network}:{name}" for network in CEILINGS for name in NAMES]
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(known):
        raise SystemExit(f"python -m docs.build_ceilings ROOT [NETWORK:BENCHMARK …] (known: {', '.join(known)})")
    table(Path(sys.argv[1]), sys.argv[2:])
