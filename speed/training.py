"""Measure the parts of a training step: data, masks, teacher, student, predictor, objectives, backward, optimiser.

Run it with ``python -m speed.training``. The ways of training take turns step by step, so that other work on the
machine affects all of them. Compare only their ratios. The clips are noise, because the arithmetic does not depend on
them.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from auxjepa.config import DataConfig, LogConfig, MaskConfig, ModelConfig, ObjectiveConfig, OptimConfig, RunConfig
from auxjepa.train.loop import Run

PARTS = ("data", "masks", "teacher", "student", "predictor", "objectives", "backward", "optimiser")
WARM_UP = 5


def configuration(args: argparse.Namespace, **model: str) -> RunConfig:
    """Return the recipe's run: prediction and latent dynamics, with one tube mask of three blocks.

    Args:
        args: arguments of the command line.
        model: further settings of the model.
    """
    return RunConfig(
        data=DataConfig(frames=args.frames, size=args.pixels),
        model=ModelConfig.model_validate({"size": args.size, "patch": args.patch, **model}),
        masks=(MaskConfig(blocks=3, scale=0.15),),
        objectives={"prediction": ObjectiveConfig(), "latent_dynamics": ObjectiveConfig()},
        optim=OptimConfig(steps=args.steps + WARM_UP, batch=args.batch),
        log=LogConfig(monitor_every=10**9),
    )


def main() -> None:
    """Measure and print the parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--size", default="nano", choices=("nano", "tiny", "small", "base"))
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--pixels", type=int, default=32)
    parser.add_argument("--patch", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    clips = np.random.default_rng(0).integers(0, 256, (512, args.frames, args.pixels, args.pixels, 3), dtype=np.uint8)
    base = {position: configuration(args, position=position) for position in ("rope", "sincos")}
    in_bf16 = {
        p: c.model_copy(update={"optim": c.optim.model_copy(update={"precision": "bf16"})}) for p, c in base.items()
    }
    ways = {f"{p} {kind}": c for kind, named in (("fp32", base), ("bf16", in_bf16)) for p, c in named.items()}
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: Run(config, clips, Path(folder) / name, args.device) for name, config in ways.items()}
        parts = {name: {part: [] for part in PARTS} for name in ways}
        walls: dict[str, list[float]] = {name: [] for name in ways}
        for step in range(args.steps + WARM_UP):
            for name, run in runs.items():
                run.watch.seconds.clear()
                run.watch.begin(exact=True)
                start = time.perf_counter()
                run.advance(exact=True)
                wall = time.perf_counter() - start
                if step >= WARM_UP:
                    walls[name].append(wall)
                    for part in PARTS:
                        parts[name][part].append(run.watch.seconds[part])
    print(
        f"{args.size}, batch {args.batch}, {args.frames} x {args.pixels} x {args.pixels} pixels, patch {args.patch}, "
        f"{torch.get_num_threads()} thread(s), {args.device}: median of {args.steps} steps"
    )
    print(f"{'part':12}" + "".join(f"{name:>22}" for name in ways))
    first = statistics.median(next(iter(walls.values())))
    for part in PARTS:
        medians = {name: statistics.median(parts[name][part]) for name in ways}
        cells = (f"{1e3 * m:9.2f} ms {m / statistics.median(walls[name]):8.1%}" for name, m in medians.items())
        print(f"{part:12}" + "".join(f"{cell:>22}" for cell in cells))
    step_medians = {name: statistics.median(walls[name]) for name in ways}
    print(f"{'step':12}" + "".join(f"{f'{1e3 * m:9.2f} ms x{m / first:7.2f}':>22}" for m in step_medians.values()))


if __name__ == "__main__":
    main()
