"""The pretraining loop: plain torch, resumable at any step, every number from a named random stream."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from torch import Tensor, nn

from auxjepa import masks
from auxjepa.config import RunConfig
from auxjepa.data.feed import Feed, array_feed
from auxjepa.data.transforms import Augment
from auxjepa.files import append_lines
from auxjepa.models.jepa import JEPA
from auxjepa.runs.record import CHECKPOINTS, choose
from auxjepa.runs.summary import Summary, write_summary
from auxjepa.seeds import generator, seed_of
from auxjepa.step import Step
from auxjepa.train import checkpoint, schedule
from auxjepa.train.balance import build_balance
from auxjepa.train.monitor import Monitor, look
from auxjepa.train.record import Metrics, Stopwatch, peak_memory_mb
from auxjepa.train.resume import TrainingError, resume, take_folder
from auxjepa.train.setup import build_objectives, build_optimizer, check_start, registered

MONITORED_CLIPS = 64
NOTED = "data.jsonl"
"""In a run's folder: every clip whose file couldn't be read, why, and which one stood in for it; workers that died;
checkpoints that were damaged."""


class Run:
    """One pretraining run in a folder: built, resumed where it stood, trained, written down.

    Args:
        config: of the run. clips: what it reads, or one array of clips, uint8 ``n F X Y 3``.
        folder: run folder; a run of the same configuration is continued from its last checkpoint that can be read.
        device: where to train. restart: begin anew where checkpoints are there and none of them can be read.

    ``notes`` says what was damaged and what was done about it, a line each; the folder's ``data.jsonl`` says it too.

    Raises:
        TrainingError: when the folder holds a run of another configuration. CheckpointError: when none of its
            checkpoints can be read, unless ``restart``. ConfigError: for unknown objectives, an empty pool, a batch
            that is too small.
    """

    def __init__(
        self,
        config: RunConfig,
        clips: Feed | np.ndarray,
        folder: Path,
        device: str | torch.device = "cpu",
        restart: bool = False,
    ) -> None:
        self.config, self.folder = config, folder
        self.feed = clips if isinstance(clips, Feed) else array_feed(clips)
        self.device = torch.device(device)
        check_start(config, len(self.feed))
        self.feed.stop = config.optim.steps
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(config.seed, "initialisation"))
            self.model = JEPA(config).to(self.device)
        self.objectives = build_objectives(config).to(self.device)
        self.reconstruct = any(registered(config, name) == "context" for name in config.objectives)
        self.optimizer = build_optimizer(config, self.model, self.objectives)
        self.balance = build_balance(config, self.model, self.objectives)
        self.augment = Augment(config.data.crop_area, config.data.crop_aspect, config.data.flip)
        self.monitor = Monitor()
        self.watch = Stopwatch(self.device)
        self.step, self.seconds, self.cpu_seconds, self.waited = 0, 0.0, 0.0, 0.0
        self.best, self.best_step = float("inf"), 0
        self._since: list[float] = []
        self.initial = {
            role: checkpoint.digest(state) for role, state in checkpoint.by_role(self.model, self.objectives).items()
        }
        self._resume(restart)

    def _resume(self, restart: bool) -> None:
        self.notes: list[str] = []
        begun = take_folder(self.folder, self.config)
        parts = self.model, self.objectives, self.optimizer
        state, more = resume(self.folder, self.config, *parts, restart=restart)
        for line in begun + more:
            self._note(line)
        if state is None:
            return
        counters = state.counters
        self.step, self.initial = state.step, state.initial
        self.seconds, self.cpu_seconds = counters.seconds, counters.cpu_seconds
        if counters.best is not None:
            self.best, self.best_step = counters.best, counters.best_step
        self.monitor = Monitor(dict(counters.monitor), dict(counters.verdicts))
        self.watch.seconds.update(counters.timed)

    def _note(self, line: str) -> None:
        self.notes.append(line)
        append_lines(self.folder / NOTED, [{"event": line}])

    def train(self, on_step: Callable[[int, dict[str, float]], None] | None = None) -> Summary:
        """Train to the last step and write ``summary.json``. ``on_step(steps done, metrics)`` follows every step.

        Raises:
            TrainingError: for a loss or gradient that is not finite, or that reaches no parameter; when another
                process trains in this folder.
        """
        try:
            with FileLock(self.folder / ".training.lock", timeout=0):
                checkpoint.sweep(self.folder / CHECKPOINTS)
                if self.config.checkpoint.keep == "best" and self.best_step:  # a kill may have come before the link
                    self._point_at_best()
                with (
                    contextlib.closing(self.feed),
                    contextlib.closing(Metrics(self.folder, self.step, self.config.log.tensorboard)) as metrics,
                ):
                    if metrics.lost:
                        self._note(f"{self.folder}/metrics.jsonl: {metrics.lost} lines can't be read and are dropped")
                    self._train(metrics, on_step)
                return self._summarise()
        except Timeout as error:
            raise TrainingError(f"{self.folder}: another process is training here; wait for it, or end it") from error

    def _train(self, metrics: Metrics, on_step: Callable[[int, dict[str, float]], None] | None) -> None:
        wall, cpu = time.perf_counter() - self.seconds, time.process_time() - self.cpu_seconds
        last, policy = self.config.optim.steps, self.config.checkpoint
        while self.step < last:
            seen = self._look() if self.step % self.config.log.monitor_every == 0 else {}
            line = self.advance()
            line |= self._look() if self.step == last else seen
            if self.step == 1 and policy.keep == "best" and policy.metric not in line:
                raise TrainingError(f"checkpoint.metric {policy.metric!r} is never logged; known are {', '.join(line)}")
            metrics.write(line)
            if policy.metric in line:
                self._since.append(line[policy.metric])
            self.seconds, self.cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
            if self.step % policy.every == 0 or self.step == last:
                metrics.sync()
                self._save()
            if on_step is not None:
                on_step(self.step, line)

    def batch_at(self, step: int) -> Tensor:
        """The normalised, augmented clips of a step, ``B 3 F X Y``: the same for every variant of a seed."""
        config = self.config
        loaded = self.feed.batch(config.seed, step, config.optim.batch)
        noted = [*(str(failure) for failure in loaded.failures), *loaded.events]
        append_lines(self.folder / NOTED, [{"step": step, "event": event} for event in noted])
        self.waited += loaded.waited
        return self.augment(loaded.clips.to(self.device), generator(config.seed, "augmentation", step))

    def masks_at(self, step: int, pixels: Tensor) -> list[masks.Mask]:
        """The masks of a step, one per generator."""
        grid = self.model.grid(pixels)
        return masks.draw(self.config.masks, pixels, grid, seed=self.config.seed, step=step)

    def advance(self, exact: bool = False) -> dict[str, Any]:
        """Do one step and return its line of metrics; nothing is written. ``exact``: time its parts on a GPU too.

        Raises:
            TrainingError: see :meth:`train`.
        """
        config, step, watch = self.config, self.step, self.watch
        done = schedule.progress(step, config.optim.steps)
        rate = schedule.learning_rate(config.optim, step)
        momentum = schedule.momentum(config.teacher, step, config.optim.steps)
        watch.begin(exact=exact or step % config.log.monitor_every == 0)
        begin, self.waited = time.perf_counter(), 0.0
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
        self.step += 1
        told = {"step": step, "loss": loss.item(), "lr": rate, "momentum": momentum, "grad_norm": norm, **line}
        return told | {"waiting": self.waited / (time.perf_counter() - begin)}

    def _loss(self, offered: Step, done: float) -> tuple[Tensor, dict[str, Tensor], dict[str, float]]:
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
                others = ", ".join(
                    f"{n[6:]} {v:.4g}" for n, v in numbers.items() if n.startswith("terms/") and n != name
                )
                raise TrainingError(
                    f"step {self.step}: objective {name.removeprefix('terms/')} is {value}"
                    f"{f' ({others})' if others else ''}; a lower optim.lr or a smaller weight usually helps"
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

    def _look(self) -> dict[str, float]:
        """Spread and rank of whole-clip features on a fixed batch of the pool."""
        pixels = Augment()(self.feed.preview(MONITORED_CLIPS).to(self.device), None)
        line = {}
        for role, now in look(self.model, pixels).items():
            self.monitor.update(role, now)
            line |= {f"std/{role}": now.std, f"rank/{role}": now.rank}
        return line

    def _save(self) -> None:
        policy = self.config.checkpoint
        folder = self.folder / CHECKPOINTS
        mean = float(np.mean(self._since)) if self._since else float("inf")
        if mean < self.best:
            self.best, self.best_step = mean, self.step
        self._since = []
        state = checkpoint.State(
            step=self.step,
            config=self.config,
            trained={},
            initial=self.initial,
            loop={
                "seconds": self.seconds,
                "cpu_seconds": self.cpu_seconds,
                "best": self.best if np.isfinite(self.best) else None,
                "best_step": self.best_step,
                "monitor": {role: list(pair) for role, pair in self.monitor.best.items()},
                "verdicts": self.monitor.verdicts,
                "timed": dict(self.watch.seconds),
            },
        )
        saved = checkpoint.save(folder, state, self.model, self.objectives, self.optimizer)
        if policy.keep == "best" and self.best_step:
            self._point_at_best()
        if policy.keep != "all":
            checkpoint.prune(folder, keep={saved, self.folder / "best"})

    def _point_at_best(self) -> None:
        checkpoint.point(self.folder / "best", checkpoint.place(self.folder / CHECKPOINTS, self.best_step))

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
            checkpoint=str(choose(self.folder).path.relative_to(self.folder.resolve())),
        )
        write_summary(self.folder, summary)
        return summary
