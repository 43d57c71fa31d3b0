"""Searches the recipe of every variant: the same stages, seeds and benchmarks for each, on validation clips.

Stages are synchronous: all trials of a stage end before the best of them begin the next stage. Each variant therefore
trains exactly the same number of steps, which asynchronous halving does not give.

Source: Jamieson and Talwalkar 2016 (successive halving); Bergstra and Bengio 2012 (random search).
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from auxjepa.config import RunConfig
from auxjepa.data.open import open_feed
from auxjepa.evidence.study_folder.tuning import (
    CHOSEN,
    SETTINGS,
    TRIALS,
    TUNING,
    Choice,
    Trial,
    choose,
    objectives_by_trial,
    tuning_digest,
)
from auxjepa.files import write_json, write_text
from auxjepa.processes.tasks import Task, run_tasks
from auxjepa.study.display import Display
from auxjepa.study.own_data import check_videos
from auxjepa.study.plan import StudyConfig
from auxjepa.study.tuning.recipe import configure
from auxjepa.study.tuning.sampling import RecipeSampler
from auxjepa.study.tuning.scope import (
    check_settings,
    search_base,
    search_benchmarks,
    search_settings,
    tune_of,
)
from auxjepa.study.tuning.trial import Scored, closed_benchmarks, objective_of, score_trial
from auxjepa.study.worker import RunError
from auxjepa.yaml_text import dump

POLL = 2.0
"""Seconds between two updates of the progress."""


@dataclass(frozen=True)
class Planned:
    """One run of a search.

    Args:
        variant: name of the variant.
        trial: number of the recipe.
        stage: number of the stage, from 0.
        recipe: changed fields.
        config: the run.
    """

    variant: str
    trial: int
    stage: int
    recipe: dict[str, Any]
    config: RunConfig


class Search:
    """The search of a study's recipes. Finished runs and scores are not repeated.

    Args:
        study: the study, with ``tune``.
        folder: study folder.
        root: folder of generated data and caches.
        workers: runs side by side.
        device: device of training.
        console: where progress is shown.

    Raises:
        ConfigError: if the folder holds another search, or nothing can be chosen on a benchmark.
    """

    def __init__(
        self, study: StudyConfig, folder: Path, *, root: Path, workers: int, device: str, console: Console
    ) -> None:
        self.study, self.folder, self.workers, self.device, self.console = study, folder, workers, device, console
        self.tune = tune_of(study)
        self.place = folder.absolute() / TUNING
        self.base = search_base(study, root)
        self.benchmarks = search_benchmarks(study)
        closed_benchmarks(self.benchmarks)
        self.samplers = {
            name: RecipeSampler(self.tune, name, partial(study.configure, name), self.base) for name in study.variants
        }
        self.trials: list[Trial] = []
        self._finished, self._total, self._started = 0, len(study.variants) * self.tune.runs, time.monotonic()

    def run(self) -> None:
        """Run all stages, and write the trials and the chosen recipe of each variant.

        Raises:
            RunError: if a run failed for another reason than its recipe; finished work is kept.
            RunError: if another process searches in this folder.
        """
        settings = search_settings(self.study)
        check_settings(self.place, settings)
        self.place.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.place / ".lock", timeout=0, is_singleton=False):
                self._search(settings)
        except Timeout:
            raise RunError(f"{self.place}: another process searches here; wait for it, or end it") from None

    def _search(self, settings: dict[str, Any]) -> None:
        """Run all stages, and write their files."""
        write_text(self.place / SETTINGS, dump(settings))
        self._prepare()
        with Display(self.console) as self._display:
            best = self._first_stage()
            for stage in range(1, len(self.tune.stages)):
                best = self._later_stage(stage, best)
        choices = {name: self._choose(name, best[name]) for name in self.study.variants}
        digest = tuning_digest(settings, self.trials)
        record = {name: choice.model_dump(mode="json") for name, choice in choices.items()}
        write_json(self.place / CHOSEN, {"digest": digest, "variants": record})

    def _first_stage(self) -> dict[str, list[Trial]]:
        """Train the drawn recipes, part by part, and return the trials of each variant."""
        count, parts = self.tune.stages[0].trials, self.tune.generations
        bounds = [count * part // parts for part in range(parts + 1)]
        trials: dict[str, list[Trial]] = {name: [] for name in self.study.variants}
        for first, last in pairwise(bounds):
            planned = [
                run
                for number in range(first, last)
                for name in self.study.variants
                for run in self._runs(name, number, 0, self.samplers[name].draw(number))
            ]
            for trial in self._train(planned):
                trials[trial.variant].append(trial)
                self.samplers[trial.variant].learn(trial.trial, trial.objective)
        return trials

    def _later_stage(self, stage: int, earlier: dict[str, list[Trial]]) -> dict[str, list[Trial]]:
        """Train the best recipes of the stage before, and return the trials of each variant."""
        planned = [
            run
            for name, trials in earlier.items()
            for trial in self._best(name, trials, self.tune.stages[stage].trials)
            for run in self._runs(name, trial.trial, stage, trial.recipe)
        ]
        out: dict[str, list[Trial]] = {name: [] for name in earlier}
        for trial in self._train(planned):
            out[trial.variant].append(trial)
        return out

    def _best(self, variant: str, trials: Sequence[Trial], count: int) -> list[Trial]:
        """Return the best recipes of a stage. Recipes that train the same network count once.

        Raises:
            RunError: if too few recipes are left, so that the variant would get a smaller budget than the others.
        """
        best = list({trial.run: trial for trial in reversed(rank(trials))}.values())[::-1][:count]
        if len(best) < count:
            reason = next((f" ({trial.failed})" for trial in trials if trial.failed), "")
            raise RunError(
                f"tuning: {variant} has {len(best)} of {count} different recipes for the next stage{reason}: change "
                "its space or the stages"
            )
        return best

    def _runs(self, variant: str, trial: int, stage: int, recipe: dict[str, Any]) -> list[Planned]:
        """Return the runs of a recipe in a stage: one, or one for each seed in the last stage."""
        is_last = stage == len(self.tune.stages) - 1
        steps = self.tune.stages[stage].steps
        runs = []
        for seed in self.tune.seeds if is_last else self.tune.seeds[:1]:
            optim = self.base.optim.model_copy(update={"steps": steps})
            base = self.base.model_copy(update={"seed": seed, "optim": optim})
            config = configure(lambda one: self.study.configure(variant, one), base, recipe)
            runs.append(Planned(variant, trial, stage, recipe, config))
        return runs

    def _train(self, planned: Sequence[Planned]) -> list[Trial]:
        """Train and score runs side by side, append them to the trial table in order, and return them."""
        mine = os.getpid()
        tasks = [
            Task(
                f"{run.variant} trial {run.trial}",
                score_trial,
                (run.config, self.benchmarks, self.place / "runs", self.device, mine),
            )
            for run in planned
        ]
        numbers = {id(task): number for number, task in enumerate(tasks)}
        results: dict[int, Scored] = {}
        for outcomes in run_tasks(tasks, min(self.workers, len(tasks)), poll=POLL, died=self._died):
            for outcome in outcomes:
                if outcome.error is not None:
                    raise RunError(
                        f"tuning: {outcome.task.name}: {outcome.error}; what finished is kept in {self.place}"
                    )
                results[numbers[id(outcome.task)]] = outcome.result
                self._finished += 1
            self._display.show(self._line, self._line)
        trials = [self._trial(run, results[number]) for number, run in enumerate(planned)]
        self.trials += trials
        lines = [trial.model_dump_json() for trial in self.trials]
        write_text(self.place / TRIALS, "".join(f"{line}\n" for line in lines))
        return trials

    def _trial(self, run: Planned, scored: Scored) -> Trial:
        return Trial(
            variant=run.variant,
            trial=run.trial,
            stage=run.stage,
            steps=run.config.optim.steps,
            seed=run.config.seed,
            recipe=run.recipe,
            run=run.config.content_hash(),
            scores=scored.scores,
            objective=objective_of(scored.scores, self.benchmarks, self.tune.objective),
            seconds=scored.seconds,
            failed=scored.failure,
        )

    def _choose(self, variant: str, last: Sequence[Trial]) -> Choice:
        """Return the recipe with the highest mean objective over the seeds of the last stage."""
        choice = choose(last)
        if choice is None:
            raise RunError(f"tuning: every trial of {variant} failed in the last stage: {last[0].failed}")
        return choice

    def _prepare(self) -> None:
        """Generate and decode the clips of the search. Test clips are not among them."""
        data = self.base.data
        if self.study.data_digest:
            check_videos(self.study, data)
        open_feed(data, workers=self.workers)
        for benchmark in self.benchmarks:
            if benchmark.source == "world":
                for split in ("train", "validation"):
                    benchmark.open(data, split, workers=self.workers)

    def _died(self, task: Task, how: str) -> None:
        line = f"{task.name}: its process died ({how}); a new one resumes it"
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _line(self) -> str:
        """Return the progress in words."""
        minutes = (time.monotonic() - self._started) / 60
        return f"tuning: {self._finished:,} of {self._total:,} runs, {minutes:.0f} min"


def rank(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials from the best to the worst; failed trials are left out, and equal ones keep their order.

    Args:
        trials: trials of one stage and variant, with one seed.
    """
    objectives = objectives_by_trial(trials)
    scored = [trial for trial in trials if trial.trial in objectives]
    return sorted(scored, key=lambda trial: (-objectives[trial.trial], trial.trial))
