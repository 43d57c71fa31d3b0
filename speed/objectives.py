"""Measure the cost of each objective at the paper's size and at nano size, and the cost of gradient balancing per step.

Run it with ``python -m speed.objectives [--device cuda] [--only paper|nano|balance]``. Compare only ratios to
prediction within a run, because they do not depend on the machine.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from auxjepa import masks, variants
from auxjepa.audit.cost import milliseconds, peak_mb
from auxjepa.config import MaskConfig, RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.objectives import OBJECTIVES, build
from auxjepa.objectives.objective import Objective
from auxjepa.step import Step, View
from auxjepa.tokens import Grid
from auxjepa.train.balance import AGGREGATORS, Balance
from auxjepa.train.loop import build_objectives

SIZES: dict[str, tuple[int, Grid, int, int, tuple[MaskConfig, ...]]] = {
    # clips, grid, levels, channels, masks
    "paper": (
        *(8, Grid(8, 14, 14, 2, 16), 4, 768),
        (MaskConfig(blocks=8, scale=0.15), MaskConfig(blocks=2, scale=0.7)),
    ),
    "nano": (64, Grid(4, 4, 4, 2, 8), 1, 64, (MaskConfig(),)),
}
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    *((name, name, {}) for name in OBJECTIVES),
    ("latent_dynamics, weighted", "latent_dynamics", {"hard_region": {}}),
    ("latent_dynamics, dynamics", "latent_dynamics", {"channels": "dynamics"}),
    ("kinematic, acceleration", "kinematic", {"kind": "acceleration"}),
]


def random_step(size: str, device: torch.device) -> Step:
    """Return a step of random features under the masks of a size.

    Args:
        size: name of the size.
        device: device of the features.
    """
    clips, grid, levels, dim, configs = SIZES[size]
    rng = torch.Generator(device).manual_seed(0)

    def features(count: int) -> Tensor:
        return torch.randn(clips, count, levels, dim, generator=rng, device=device).requires_grad_()

    views = []
    for place, config in enumerate(configs):
        visible, hidden = masks.sample(config, grid, batch=clips, seed=0, step=0, generator=place, device=device)
        k, m = visible.shape[1], hidden.shape[1]
        views.append(View(visible, hidden, features(k), features(m), features(k)))
    shape = (clips, 3, grid.T * grid.tubelet, grid.H * grid.patch, grid.W * grid.patch)
    pixels = torch.randn(shape, generator=rng, device=device)
    return Step(pixels, grid, features(grid.N).detach(), tuple(views), 0.5)


def objectives(size: str, device: torch.device, repeats: int) -> None:
    """Print a table of milliseconds forward and backward, peak memory, and both as ratios to prediction.

    Args:
        size: name of the size.
        device: device of the features.
        repeats: rounds after the first one.
    """
    clips, grid, levels, dim, _ = SIZES[size]
    step = random_step(size, device)
    view_sizes = ", ".join(
        f"{view.context_index.shape[1]} visible, {view.target_index.shape[1]} hidden" for view in step.views
    )
    print(f"\n{size}: {clips} clips of {grid.T}x{grid.H}x{grid.W} tokens, {levels} x {dim} channels ({view_sizes})")
    print(f"{'objective':28s}{'forward ms':>12s}{'backward ms':>13s}{'x prediction':>14s}{'peak MB':>10s}{'x':>7s}")
    built: dict[str, Objective] = {}
    for label, name, settings in FORMS:
        if name == "pixel_reconstruction":
            settings = {"tubelet": grid.tubelet, "patch": grid.patch}
        built[label] = build(name, levels=levels, dim=dim, **settings).to(device)
    best = {label: (float("inf"), float("inf")) for label in built}
    # Objectives take turns, so that a busy machine slows all of them. The fastest round counts.
    for _ in range(repeats + 1):
        for label, objective in built.items():
            forward, backward = milliseconds(objective, step)
            best[label] = min(best[label][0], forward), min(best[label][1], backward)
    base = (sum(best["prediction"]), peak_mb(built["prediction"], step))
    for label, (forward, backward) in best.items():
        memory = peak_mb(built[label], step)
        print(
            f"{label:28s}{forward:12.2f}{backward:13.2f}{(forward + backward) / base[0]:14.2f}"
            f"{memory:10.1f}{memory / base[1]:7.2f}",
            flush=True,
        )


def balancing(device: torch.device, repeats: int) -> None:
    """Print the milliseconds of the backward pass of a nano step of fwm_hw_ld (five terms), summed and balanced.

    Args:
        device: device of the model.
        repeats: rounds after the first one.
    """
    config = variants.apply("fwm_hw_ld", RunConfig())
    torch.manual_seed(0)
    model, heads = JEPA(config).to(device), build_objectives(config).to(device)
    shared = [p for p in model.parameters() if p.requires_grad]
    batch, data = config.optim.batch, config.data
    pixels = torch.randn(batch, 3, data.frames, data.size, data.size, device=device)
    grid = model.grid(pixels)
    drawn = [
        masks.sample(m, grid, batch=batch, seed=0, step=0, generator=i, device=device)
        for i, m in enumerate(config.masks)
    ]
    ways: dict[str, Callable[[dict[str, Tensor]], None]] = {"sum": lambda terms: sum(terms.values()).backward()}  # type: ignore[union-attr]
    for kind in AGGREGATORS:
        try:
            ways[kind] = Balance(kind, shared, list(heads.parameters())).backward
        except ValueError as error:
            print(f"{kind}: {error}")
    step_times: dict[str, list[float]] = {name: [] for name in ways}
    backward_times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, backward in ways.items():
            nn.Module.zero_grad(model)
            nn.Module.zero_grad(heads)
            begin = _now(device)
            offered = model(pixels, drawn, 0.0)
            terms = {key: config.objectives[key].weight * _value(heads[key], offered) for key in heads}
            between = _now(device)
            backward(terms)
            end = _now(device)
            step_times[name].append(1000 * (end - begin))
            backward_times[name].append(1000 * (end - between))
    print(
        f"\nbalancing: a nano step of {config.variant} ({len(heads)} terms, batch {batch}), forward and backward pass"
    )
    print(f"{'':16s}{'backward ms':>13s}{'step ms':>10s}{'x sum':>8s}")
    steps = {name: min(values) for name, values in step_times.items()}
    for name, values in backward_times.items():
        print(f"{name:16s}{min(values):13.1f}{steps[name]:10.1f}{steps[name] / steps['sum']:8.2f}")


def _value(objective: nn.Module, offered: Step) -> Tensor:
    assert isinstance(objective, Objective)
    return objective(offered)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def main(argv: list[str] | None = None) -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m speed.objectives", description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=["paper", "nano", "balance"], default=None)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{platform.machine()}, {args.threads} thread(s)"
    )
    print(f"torch {torch.__version__}, {device.type}: {name}; quickest of {args.repeats + 1} rounds")
    for size in SIZES:
        if args.only in (None, size):
            objectives(size, device, args.repeats)
    if args.only in (None, "balance"):
        balancing(device, args.repeats)


if __name__ == "__main__":
    main()
