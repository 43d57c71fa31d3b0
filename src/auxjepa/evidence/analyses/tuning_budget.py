"""Budgets of a tuning search: trials, updates and seconds by variant, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auxjepa.evidence.study_folder.tuning import Trial, trials_by_variant
from auxjepa.lists import shorten_list


@dataclass(frozen=True)
class StageBudget:
    """One stage of the search of one variant.

    Args:
        stage: number of the stage.
        steps: updates of each training; the largest number where they differ.
        trials: number of recipes.
        trainings: number of trainings: recipes times seeds.
        updates: sum of the updates of all trainings.
        failed: number of trainings without a score.
    """

    stage: int
    steps: int
    trials: int
    trainings: int
    updates: int
    failed: int


@dataclass(frozen=True)
class Budget:
    """The search of one variant.

    Args:
        stages: its stages, in order.
        seconds: seconds of training and scoring.
    """

    stages: tuple[StageBudget, ...]
    seconds: float

    @property
    def updates(self) -> int:
        """Sum of the updates of all trainings, also of failed ones."""
        return sum(stage.updates for stage in self.stages)

    @property
    def trainings(self) -> int:
        """Number of trainings."""
        return sum(stage.trainings for stage in self.stages)

    @property
    def failed(self) -> int:
        """Number of trainings without a score."""
        return sum(stage.failed for stage in self.stages)

    @property
    def first_trials(self) -> int:
        """Number of recipes in the first stage."""
        return self.stages[0].trials if self.stages else 0

    @property
    def size(self) -> tuple[tuple[int, int, int, int], ...]:
        """Stage, recipes, trainings and updates of every stage: equal for equal budgets."""
        return tuple((stage.stage, stage.trials, stage.trainings, stage.updates) for stage in self.stages)


def budget_of(trials: Sequence[Trial]) -> Budget:
    """Return the budget that trials of one variant used.

    Args:
        trials: trials of one variant.
    """
    stages = []
    for number in sorted({trial.stage for trial in trials}):
        members = [trial for trial in trials if trial.stage == number]
        stages.append(
            StageBudget(
                stage=number,
                steps=max(trial.steps for trial in members),
                trials=len({trial.trial for trial in members}),
                trainings=len(members),
                updates=sum(trial.steps for trial in members),
                failed=sum(trial.objective is None for trial in members),
            )
        )
    return Budget(tuple(stages), sum(trial.seconds for trial in trials))


def budgets_of(trials: Iterable[Trial]) -> dict[str, Budget]:
    """Return the budget of each variant.

    Args:
        trials: trials of all variants.
    """
    return {name: budget_of(members) for name, members in trials_by_variant(trials).items()}


def describe_inequality(budgets: Mapping[str, Budget]) -> str:
    """Return in what the budgets of variants differ; empty where trials, trainings and updates of all stages are equal.

    Args:
        budgets: budget by variant.
    """
    if len({budget.size for budget in budgets.values()}) <= 1:
        return ""
    ordered = sorted(budgets, key=lambda name: budgets[name].updates)
    listed = [f"{name} {budgets[name].first_trials} trials and {budgets[name].updates:,} updates" for name in ordered]
    return shorten_list(listed, 8, "; ")
