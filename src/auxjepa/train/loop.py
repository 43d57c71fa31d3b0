"""The pretraining loop: plain torch, resumable at any step, every number from a named random stream."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from auxjepa import masks, objectives
from auxjepa.config import RunConfig, to_yaml
from auxjepa.data.transforms import Augment
from auxjepa.models.jepa import JEPA
from auxjepa.models.vit import SIZES, patchify
from auxjepa.objectives import Objective
from auxjepa.seeds import generator, seed_of
from auxjepa.train import checkpoint, schedule
from auxjepa.train.balance import build_balance
from auxjepa.train.monitor import Monitor, spread
from auxjepa.train.record import Metrics, Stopwatch, peak_memory_mb, write_json

MONITORED_CLIPS = 64


class TrainingError(RuntimeError):
    """Training that cannot go on; the message names the term and the step."""


@dataclass(frozen=True)
class Summary:
    """``summary.json`` of a finished run."""

    variant: str
    regime: str
    seed: int
    hash: str
    steps: int
    parameters: int
    seconds: float
    cpu_seconds: float
    peak_memory_mb: float
    milliseconds_per_step: float
    verdict: str
    shares: dict[str, float]
    checkpoint: str


class Run:
    """One pretraining run in a folder: built, resumed where it stood, trained, written down.

    Args:
        config: of the run. clips: the pool, uint8 ``n F X Y 3`` (an array or a read-only memory map).
        folder: run folder; a run of the same configuration is continued. device: where to train.

    Raises:
        TrainingError: when the folder holds a run of another configuration.
    """

    def __init__(self, config: RunConfig, clips: np.ndarray, folder: Path, device: str | torch.device = "cpu") -> None:
        self.config, self.clips, self.folder = config, clips, folder
        self.device = torch.device(device)
        torch.manual_seed(seed_of(config.seed, "initialisation"))
        self.model = JEPA(config).to(self.device)
        self.objectives = build_objectives(config).to(self.device)
        self.reconstruct = any(_registered(config, name) == "context" for name in config.objectives)
        self.optimizer = build_optimizer(config, self.model, self.objectives)
        self.balance = build_balance(config, self.model, self.objectives)
        self.augment = Augment(config.data.crop_area, config.data.crop_aspect, config.data.flip)
        self.monitor = Monitor()
        self.watch = Stopwatch(self.device)
        self.step, self.seconds, self.cpu_seconds = 0, 0.0, 0.0
        self.best = float("inf")
        self._since: list[float] = []
        self.initial = {
            role: checkpoint.digest(state) for role, state in checkpoint.by_role(self.model, self.objectives).items()
        }
        self._resume()

    def _resume(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        found = checkpoint.find(self.folder / "checkpoints")
        if not found:
            (self.folder / "config.yaml").write_text(to_yaml(self.config))
            return
        state = checkpoint.read_state(found[-1])
        if state.config.content_hash() != self.config.content_hash():
            raise TrainingError(
                f"{self.folder} holds run {state.config.content_hash()}, not {self.config.content_hash()}: choose "
                "another folder, or delete that one"
            )
        checkpoint.restore(found[-1], self.model, self.objectives, self.optimizer)
        self.step, self.initial = state.step, state.initial
        self.seconds, self.cpu_seconds = state.loop["seconds"], state.loop["cpu_seconds"]
        self.best, self._since = state.loop["best"] or float("inf"), state.loop["since"]
        self.monitor = Monitor({role: (pair[0], pair[1]) for role, pair in state.loop["monitor"].items()})
        self.monitor.verdict = state.loop["verdict"]
        self.watch.seconds.update(state.loop["timed"])

    def train(self, on_step: Callable[[int, dict[str, float]], None] | None = None) -> Summary:
        """Train to the last step and write ``summary.json``.

        Raises:
            TrainingError: for a loss or gradient that is not finite, or that reaches no parameter.
        """
        metrics = Metrics(self.folder, self.step, self.config.log.tensorboard)
        wall, cpu = time.perf_counter() - self.seconds, time.process_time() - self.cpu_seconds
        last = self.config.optim.steps
        try:
            while self.step < last:
                line = self._one_step()
                if self._monitored(self.step) or self.step == last - 1:
                    line |= self._look()
                metrics.write(line)
                self._since.append(line.get(self.config.checkpoint.metric, float("nan")))
                self.step += 1
                self.seconds, self.cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
                if self.step % self.config.checkpoint.every == 0 or self.step == last:
                    self._save()
                if on_step is not None:
                    on_step(self.step, line)
        finally:
            metrics.close()
        return self._summarise()

    def batch_at(self, step: int) -> Tensor:
        """The normalised, augmented clips of a step, ``B 3 F X Y``: the same for every variant of a seed."""
        config = self.config
        index = clip_indices(len(self.clips), config.optim.batch, config.seed, step)
        pixels = torch.from_numpy(self.clips[np.sort(index)]).to(self.device)
        return self.augment(pixels, generator(config.seed, "augmentation", step))

    def masks_at(self, step: int, pixels: Tensor) -> list[masks.Mask]:
        """The masks of a step, one per generator."""
        grid = self.model.grid(pixels)
        drawn = []
        for place, config in enumerate(self.config.masks):
            motion = masks.motion_map(pixels, grid) if masks.needs_motion(config) else None
            drawn.append(
                masks.sample(
                    config,
                    grid,
                    batch=len(pixels),
                    seed=self.config.seed,
                    step=step,
                    generator=place,
                    motion=motion,
                    device=self.device,
                )
            )
        return drawn

    def _one_step(self) -> dict[str, Any]:
        config, step, watch = self.config, self.step, self.watch
        done = schedule.progress(step, config.optim.steps)
        rate = schedule.learning_rate(config.optim, step)
        momentum = schedule.momentum(config.teacher, step, config.optim.steps)
        watch.begin(exact=self._monitored(step))
        with watch("data"):
            pixels = self.batch_at(step)
        with watch("masks"):
            drawn = self.masks_at(step, pixels)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=config.optim.precision == "bf16"):
            offered = self.model(pixels, drawn, done, self.reconstruct, watch)
            with watch("objectives"):
                loss, weighted, line = self._loss(offered, done)
        with watch("backward"):
            self._backward(loss, weighted)
        with watch("optimiser"):
            norm = self._update(rate)
            self.model.update_teacher(momentum)
        return {"step": step, "loss": loss.item(), "lr": rate, "momentum": momentum, "grad_norm": norm, **line}

    def _loss(self, offered: Any, done: float) -> tuple[Tensor, dict[str, Tensor], dict[str, float]]:
        total: Tensor = torch.zeros((), device=self.device)
        values: dict[str, Tensor] = {}
        weighted: dict[str, Tensor] = {}
        for name, objective in self.objectives.items():
            term = self.config.objectives[name]
            weight = term.weight * schedule.factor(term.schedule, done)
            with torch.set_grad_enabled(weight != 0):
                value = objective(offered)
            if weight != 0:
                weighted[name] = weight * value
                total = total + weighted[name]
            values[f"terms/{name}"], values[f"weighted/{name}"] = value.detach(), weight * value.detach()
        numbers = dict(zip(values, torch.stack(list(values.values())).tolist(), strict=True))
        for name, value in numbers.items():
            if name.startswith("terms/") and not np.isfinite(value):
                raise TrainingError(
                    f"step {self.step}: objective {name.removeprefix('terms/')} is {value}; the others are "
                    + ", ".join(f"{n.removeprefix('terms/')} {v:.4g}" for n, v in numbers.items() if "terms" in n)
                    + ". A lower learning rate (--optim.lr) or a smaller weight usually helps."
                )
        return total, weighted, numbers

    def _backward(self, loss: Tensor, weighted: dict[str, Tensor]) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        if not loss.requires_grad:
            raise TrainingError(
                f"step {self.step}: no term of the loss reaches any parameter (terms: {', '.join(self.objectives)}); "
                "every weight is 0 at this step, or nothing is defined on these masks"
            )
        if self.balance is None:
            loss.backward()
        else:
            self.balance.backward(weighted, self.step)

    def _update(self, rate: float) -> float:
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        limit = self.config.optim.clip or float("inf")
        norm = float(nn.utils.clip_grad_norm_(parameters, limit))
        if not np.isfinite(norm):
            named = checkpoint.named_parameters(self.model, self.objectives)
            bad = [name for name, p in named if p.grad is not None and not p.grad.isfinite().all()]
            raise TrainingError(f"step {self.step}: the gradient is not finite, first in {', '.join(bad[:3])}")
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return norm

    def _monitored(self, step: int) -> bool:
        return step % self.config.log.monitor_every == 0

    @torch.no_grad()
    def _look(self) -> dict[str, float]:
        """Spread and rank of whole-clip features on a fixed batch of the pool."""
        pixels = Augment()(torch.from_numpy(self.clips[:MONITORED_CLIPS].copy()).to(self.device), None)
        grid = self.model.grid(pixels)
        patches = patchify(pixels, grid)
        line = {}
        for role, encoder in (("teacher", self.model.teacher), ("student", self.model.student)):
            if encoder is not None:
                now = spread(encoder(patches, grid)[:, :, -1])
                self.monitor.update(role, now)
                line |= {f"std/{role}": now.std, f"rank/{role}": now.rank}
        return line

    def _save(self) -> None:
        policy = self.config.checkpoint
        folder = self.folder / "checkpoints"
        mean = float(np.mean(self._since))
        better = mean < self.best
        self.best, self._since = min(self.best, mean), []
        state = checkpoint.State(
            step=self.step,
            config=self.config,
            trained={},
            initial=self.initial,
            loop={
                "seconds": self.seconds,
                "cpu_seconds": self.cpu_seconds,
                "best": self.best if np.isfinite(self.best) else None,
                "since": self._since,
                "monitor": {role: list(pair) for role, pair in self.monitor.best.items()},
                "verdict": self.monitor.verdict,
                "timed": dict(self.watch.seconds),
            },
        )
        saved = checkpoint.save(folder, state, self.model, self.objectives, self.optimizer)
        if policy.keep == "best" and better:
            checkpoint.point(self.folder / "best", saved)
        if policy.keep != "all":
            checkpoint.prune(folder, keep={saved, self.folder / "best"})

    def _summarise(self) -> Summary:
        named = checkpoint.named_parameters(self.model, self.objectives)
        summary = Summary(
            variant=self.config.variant,
            regime=self.config.regime,
            seed=self.config.seed,
            hash=self.config.content_hash(),
            steps=self.config.optim.steps,
            parameters=sum(p.numel() for _, p in named),
            seconds=self.seconds,
            cpu_seconds=self.cpu_seconds,
            peak_memory_mb=peak_memory_mb(self.device),
            milliseconds_per_step=1000 * self.seconds / self.config.optim.steps,
            verdict=self.monitor.verdict,
            shares=self.watch.shares(),
            checkpoint=str(checkpoint.resolve(self.folder).relative_to(self.folder.resolve())),
        )
        write_json(self.folder / "summary.json", asdict(summary))
        return summary


def clip_indices(total: int, batch: int, seed: int, step: int) -> np.ndarray:
    """Which clips a step reads: the pool in a new order every epoch, no clip twice within one."""
    wanted = np.arange(step * batch, (step + 1) * batch)
    index = np.empty(batch, dtype=np.int64)
    for epoch in np.unique(wanted // total):
        order = torch.randperm(total, generator=generator(seed, "order", int(epoch))).numpy()
        here = wanted // total == epoch
        index[here] = order[wanted[here] % total]
    return index


def _registered(config: RunConfig, key: str) -> str:
    return config.objectives[key].name or key


def build_objectives(config: RunConfig) -> nn.ModuleDict:
    """Every term of a run; each head from a random stream of its own, so that adding a term moves no other's start."""
    built: dict[str, Objective] = {}
    width = SIZES[config.model.size].dim
    for key, term in config.objectives.items():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(config.seed, "objective", key))
            built[key] = objectives.build(_registered(config, key), levels=config.model.levels, dim=width, **term.args)
    return nn.ModuleDict(built)


def build_optimizer(config: RunConfig, model: JEPA, heads: nn.ModuleDict) -> torch.optim.AdamW:
    """AdamW over student, predictor and heads; biases, norms and other 1-D parameters aren't decayed."""
    named = checkpoint.named_parameters(model, heads)
    groups = [
        {"params": [p for _, p in named if p.ndim > 1], "weight_decay": config.optim.weight_decay},
        {"params": [p for _, p in named if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.AdamW(groups, lr=config.optim.lr, betas=config.optim.betas, eps=1e-8, fused=True)
