"""The pretraining loop: plain torch, resumable at any step, with a named random stream for every random number."""

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
from auxjepa.data.loading.augment import Augment
from auxjepa.data.loading.feed import Feed, array_feed
from auxjepa.data.open import bind
from auxjepa.devices import open_device
from auxjepa.files import append_lines
from auxjepa.models.initial import build_initial_model
from auxjepa.runs.record import CHECKPOINTS
from auxjepa.runs.summary import Summary
from auxjepa.seeds import generator
from auxjepa.start import Start
from auxjepa.step import Step
from auxjepa.train import checkpoint, schedule
from auxjepa.train.balance import build_balance
from auxjepa.train.divergence import LARGEST_NORM, Diagnosis
from auxjepa.train.monitor import Monitor, look
from auxjepa.train.record import Metrics, Stopwatch
from auxjepa.train.resume import resume, take_folder
from auxjepa.train.setup import build_objectives, build_optimizer, check_start, registered
from auxjepa.train.size import MONITORED_CLIPS, is_memory_error, memory_error
from auxjepa.train.summarise import summarise
from auxjepa.train.terms import Loss, TrainingError, loss_of

__all__ = ["MONITORED_CLIPS", "NOTED", "Run", "TrainingError"]

NOTED = "data.jsonl"
"""File in a run's folder: unreadable clips with the reason and their substitute, dead workers, damaged checkpoints."""
WRITTEN = ("config.yaml", "pool.txt", "metrics.jsonl", NOTED, ".training.lock", "tensorboard")
"""Names of the files that a run writes before its first step is complete."""


class Run:
    """One pretraining run in a folder: it is built, resumed, trained, and saved.

    ``notes`` has one line for each damage and its repair; the file ``data.jsonl`` of the folder has the same lines.

    Args:
        config: configuration of the run.
        clips: feed of clips, or one array of clips, uint8 ``n F X Y 3``.
        folder: run folder; a run of the same configuration resumes from its last readable checkpoint.
        device: device for training.
        restart: start again if there are checkpoints but none can be read.

    Raises:
        TrainingError: if the folder holds a run of another configuration.
        CheckpointError: if there are checkpoints but none can be read, unless ``restart``.
        ConfigError: for unknown objectives, an empty pool, a batch that is too small, a missing device, too little
            memory on the device, or if the run was started on other clips.
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
        self.device = open_device(device)
        check_start(config, len(self.feed), self.device)
        self.feed.stop = config.optim.steps
        self.model = build_initial_model(config).to(self.device)
        self.objectives = build_objectives(config).to(self.device)
        self.reconstruct = any(registered(config, name) == "context" for name in config.objectives)
        self.optimizer = build_optimizer(config, self.model, self.objectives)
        self.balance = build_balance(config, self.model, self.objectives)
        self.diagnosis = Diagnosis(config, self.model, self.objectives, self.optimizer)
        self.augment = Augment(config.data.crop_area, config.data.crop_aspect, config.data.flip)
        self.monitor = Monitor()
        self.watch = Stopwatch(self.device)
        self.step, self.seconds, self.cpu_seconds, self.waited = 0, 0.0, 0.0, 0.0
        self.best, self.best_step = float("inf"), 0
        self._since: list[float] = []
        self._last: dict[str, Any] = {}  # metrics of the previous step
        self.initial = {
            role: checkpoint.digest(state) for role, state in checkpoint.by_role(self.model, self.objectives).items()
        }
        self.notes: list[str] = []
        self._start = Start(folder, WRITTEN)
        with self._start.withdrawn_on_error():
            self._resume(restart)
            if self.feed.key:
                bind(folder, self.feed)

    def _resume(self, restart: bool) -> None:
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
        """Train to the last step and write ``summary.json``.

        A run that fails in its first step leaves no files in its folder.

        Args:
            on_step: called after every step with the number of completed steps and the metrics.

        Raises:
            TrainingError: if loss, gradient or weights aren't finite, the loss reaches no parameter, an objective
                fails, memory is too small, or another process trains in this folder.
        """
        try:
            with FileLock(self.folder / ".training.lock", timeout=0), self._start.withdrawn_on_error():
                checkpoint.sweep(self.folder / CHECKPOINTS)
                self._point_at_best()  # a kill may have prevented the link
                with (
                    contextlib.closing(self.feed),
                    contextlib.closing(Metrics(self.folder, self.step, self.config.log.tensorboard)) as metrics,
                ):
                    if metrics.lost:
                        self._note(f"{self.folder}/metrics.jsonl: {metrics.lost} lines can't be read and are dropped")
                    self._train(metrics, on_step)
                return summarise(self)
        except Timeout as error:
            raise TrainingError(f"{self.folder}: another process is training here; wait for it, or end it") from error

    def _train(self, metrics: Metrics, on_step: Callable[[int, dict[str, float]], None] | None) -> None:
        wall, cpu = time.perf_counter() - self.seconds, time.process_time() - self.cpu_seconds
        last, policy = self.config.optim.steps, self.config.checkpoint
        while self.step < last:
            spreads = self._look() if self.step % self.config.log.monitor_every == 0 else {}
            line = self.advance()
            line |= self._look() if self.step == last else spreads
            if self.step == 1 and policy.keep == "best" and policy.metric not in line:
                raise TrainingError(f"checkpoint.metric {policy.metric!r} is never logged; known are {', '.join(line)}")
            metrics.write(line)
            self._start.keep()
            if policy.metric in line:
                self._since.append(line[policy.metric])
            self.seconds, self.cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
            if self.step % policy.every == 0 or self.step == last:
                metrics.sync()
                self._save()
            if on_step is not None:
                on_step(self.step, line)

    def batch_at(self, step: int) -> Tensor:
        """Return the normalised, augmented clips of a step, ``B 3 F X Y``: the same for every variant of a seed."""
        config = self.config
        loaded = self.feed.batch(config.seed, step, config.optim.batch)
        events = [*(str(failure) for failure in loaded.failures), *loaded.events]
        append_lines(self.folder / NOTED, [{"step": step, "event": event} for event in events])
        self.waited += loaded.waited
        return self.augment(loaded.clips.to(self.device), generator(config.seed, "augmentation", step))

    def masks_at(self, step: int, pixels: Tensor) -> list[masks.Mask]:
        """Return the masks of a step, one per mask generator."""
        grid = self.model.grid(pixels)
        return masks.draw(self.config.masks, pixels, grid, seed=self.config.seed, step=step)

    def advance(self, exact: bool = False) -> dict[str, Any]:
        """Do one step and return its metrics; nothing is written.

        Args:
            exact: measure the time of its parts on a GPU too.

        Raises:
            TrainingError: see :meth:`train`.
        """
        config, step, watch = self.config, self.step, self.watch
        done = schedule.progress(step, config.optim.steps)
        rate = schedule.learning_rate(config.optim, step)
        momentum = schedule.momentum(config.teacher, step, config.optim.steps)
        watch.begin(exact=exact or step % config.log.monitor_every == 0)
        begin, self.waited = time.perf_counter(), 0.0
        with memory_error(config, step, self.device):
            with watch("data"):
                pixels = self.batch_at(step)
            with watch("masks"):
                drawn = self.masks_at(step, pixels)
            with self._autocast():
                offered = self.model(pixels, drawn, done, self.reconstruct, watch)
                cause = lambda: self.diagnosis.cause(step, self._last, offered)  # noqa: E731
                with watch("objectives"):
                    loss = loss_of(config, self.objectives, offered, done, step, cause)
            again = lambda: self.model(pixels, drawn, done, self.reconstruct)  # noqa: E731
            with watch("backward"):
                self._backward(loss, again, done)
            with watch("optimiser"):
                norm = self._update(rate, again, done)
                self.model.update_teacher(momentum)
        self.step += 1
        metrics = {"step": step, "loss": loss.total.item(), "lr": rate, "momentum": momentum, "grad_norm": norm}
        self._last = metrics | loss.numbers | {"waiting": self.waited / (time.perf_counter() - begin)}
        return self._last

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.optim.precision == "bf16")

    def _backward(self, loss: Loss, again: Callable[[], Step], done: float) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        if not loss.total.requires_grad:
            raise TrainingError(
                f"step {self.step}: no term of the loss reaches any parameter (terms: {', '.join(self.objectives)}); "
                "every weight is 0 at this step, or nothing is defined on these masks"
            )
        if self.balance is not None:
            return self.balance.backward(loss.weighted, self.step)
        try:
            loss.total.backward()
        except Exception as error:  # a custom operation of an objective may fail in its backward pass
            if is_memory_error(error):
                raise
            raise self._of_gradients(again, done) from error

    def _of_gradients(self, again: Callable[[], Step], done: float) -> TrainingError:
        with self._autocast():
            return TrainingError(f"step {self.step}: {self.diagnosis.of_gradients(again, done)}")

    def _update(self, rate: float, again: Callable[[], Step], done: float) -> float:
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        limit = self.config.optim.clip or float("inf")
        norm = float(nn.utils.clip_grad_norm_(parameters, limit))
        if not norm <= LARGEST_NORM:
            raise self._of_gradients(again, done)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return norm

    def _look(self) -> dict[str, float]:
        """Return measures of whole-clip features on a fixed batch of the pool."""
        with memory_error(self.config, self.step, self.device):
            pixels = Augment()(self.feed.preview(MONITORED_CLIPS).to(self.device), None)
            measured = look(self.model, pixels)
        for role, now in measured.spreads.items():
            if not np.isfinite(now.std):
                why = self.diagnosis.of_features(self.step, self._last)
                raise TrainingError(f"step {self.step}: the {role}'s features of whole clips aren't finite: {why}")
            self.monitor.update(role, now)
        return measured.metrics

    def _save(self) -> None:
        """Write a checkpoint.

        Raises:
            TrainingError: if weights or moments aren't finite; the previous checkpoint is kept.
        """
        if why := self.diagnosis.of_checkpoint(self.step, self._last):
            raise TrainingError(f"step {self.step}: no checkpoint is written: {why}")
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
        self._point_at_best()
        if self.config.checkpoint.keep != "all":
            checkpoint.prune(folder, keep={saved, self.folder / "best"})

    def _point_at_best(self) -> None:
        if self.config.checkpoint.keep == "best" and self.best_step:
            checkpoint.point(self.folder / "best", checkpoint.place(self.folder / CHECKPOINTS, self.best_step))
