"""Seeds of a study that are run now: all of them, those up to a registered look, or seeds that are added to a screen.

A confirming study may look at its results only at registered numbers of seeds. A screen makes no claims, so seeds can
be added to it at any time. Its folder then records the steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions.sequential import next_look
from auxjepa.evidence.study_folder import study_file
from auxjepa.study.added_cost import describe_cost
from auxjepa.study.plan import StudyConfig
from auxjepa.study.status import Status, status
from auxjepa.study.study_yaml import read_study

Added = int | Literal["next"] | None
"""Number of seeds to add; ``next`` for those up to the next look; None for no seeds."""
FALSE_POSITIVES = (
    "testing again after 6, 8 and 10 seeds rejects 8 % of true null hypotheses instead of 5 %, and new registrations "
    "until one pleases 12 %"
)


@dataclass(frozen=True)
class Scope:
    """A study and the part of it that is run now.

    Args:
        study: the study as the folder records it.
        part: the study with the seeds that are run now.
        lines: what is run and what it costs, for people.
    """

    study: StudyConfig
    part: StudyConfig
    lines: tuple[str, ...] = ()


def choose_seeds(study: StudyConfig, folder: Path, add: Added, processes: int = 1) -> Scope:
    """Return the part of a study that is run now. Nothing is written.

    Args:
        study: the study that is requested.
        folder: study folder; it need not exist.
        add: seeds to add to those in the folder.
        processes: number of processes side by side, for the estimated time.

    Raises:
        ConfigError: if seeds cannot be added; the message says why and what would be right.
    """
    filed = read_study(folder, trusting=True) if (folder / study_file.FILE).exists() else None
    current = study if filed is None else _with_added_seeds(study, filed)
    if add is None:
        return _resume(current, folder)
    if filed is None:
        raise ConfigError(f"{folder} holds no study: run it once without --add-seeds, and then add seeds")
    if current.differences(filed):
        return Scope(current, current)  # another study, which the check of the folder refuses
    if current.rule.looks:
        return _next_look(current, folder, add, processes)
    if current.phase == "confirm":
        raise ConfigError(
            f"{current.name} confirms, and its rule has no looks: seeds that are added after looking make its error "
            f"larger ({FALSE_POSITIVES}). Register looks before the first run (rule.looks), or confirm again in a new "
            "study on fresh seeds"
        )
    return _extend(current, folder, add, processes)


def count_begun(study: StudyConfig, folder: Path, states: Sequence[Status] | None = None) -> int:
    """Return the number of the study's first seeds up to the look that was begun last; all seeds without looks.

    Args:
        study: the study.
        folder: study folder.
        states: progress of all runs, if it is known.
    """
    if not study.rule.looks:
        return len(study.seeds)
    shared = (folder / "runs").is_symlink()  # other studies train there too
    begun = {
        state.run.config.seed
        for state in states or status(study, folder)
        if state.rows or state.failed or (state.steps and not shared)
    }
    last = max((place + 1 for place, seed in enumerate(study.seeds) if seed in begun), default=0)
    return next_look(study.rule, last) or len(study.seeds)


def describe_look(study: StudyConfig, folder: Path, states: Sequence[Status]) -> str:
    """Return the present look of a study in one line; empty without looks.

    Args:
        study: the study.
        folder: study folder.
        states: progress of all runs.
    """
    looks = study.rule.looks
    if not looks:
        return ""
    begun = count_begun(study, folder, states)
    number = looks.index(begun) + 1
    left = _unfinished(study, states, begun)
    line = f"look {number} of {len(looks)} ({begun} of {looks[-1]} seeds): "
    line += f"{left} runs are not finished" if left else "complete"
    line += f"; {_alpha(study, number)}"
    if not left and number < len(looks):
        line += f"; `study run` with --add-seeds next continues to look {number + 1} at {looks[number]} seeds"
    return line


def _resume(study: StudyConfig, folder: Path) -> Scope:
    looks = study.rule.looks
    if not looks:
        lines = ()
        if study.added_seeds:
            added = study.seeds[-sum(study.added_seeds) :]
            lines = (f"{folder} holds seeds that were added later ({_names(added)}): they belong to the study",)
        return Scope(study, study, lines)
    begun = count_begun(study, folder)
    number = looks.index(begun) + 1
    line = f"look {number} of {len(looks)}: the first {begun} of {looks[-1]} seeds are run; {_alpha(study, number)}"
    if number < len(looks):
        line += f"; afterwards --add-seeds next continues to look {number + 1} at {looks[number]} seeds"
    return Scope(study, _first(study, begun), (line,))


def _next_look(study: StudyConfig, folder: Path, add: int | Literal["next"], processes: int) -> Scope:
    looks, states = study.rule.looks, status(study, folder)
    complete = max((look for look in looks if not _unfinished(study, states, look)), default=0)
    if not complete:
        left = _unfinished(study, states, looks[0])
        raise ConfigError(
            f"{folder}: look 1 of {len(looks)} is not complete ({left} runs of its {looks[0]} seeds are not finished): "
            "the command without --add-seeds completes it"
        )
    if complete == looks[-1]:
        raise ConfigError(
            f"{folder}: all {complete} registered seeds are run, the last look is done. More seeds need a new study on "
            "fresh seeds, with its own registration"
        )
    later = [look for look in looks if look > complete]
    target = later[0] if add == "next" else complete + add
    if target not in later:
        right = " or ".join(f"--add-seeds {look - complete} (look {looks.index(look) + 1})" for look in later)
        raise ConfigError(
            f"{folder}: {complete} of {looks[-1]} seeds are run, and {complete} + {add} is no registered look: {right}"
        )
    number, part = looks.index(target) + 1, _first(study, target)
    line = f"look {number} of {len(looks)}, seeds {_names(study.seeds[complete:target])}: "
    line += describe_cost(part, folder, processes)
    return Scope(study, part, (line, _alpha(study, number)))


def _extend(study: StudyConfig, folder: Path, add: int | Literal["next"], processes: int) -> Scope:
    """Return a screen with more seeds; if the last added seeds are not finished, the same screen."""
    left = _unfinished(study, status(study, folder), len(study.seeds))
    if left:
        last = study.added_seeds[-1] if study.added_seeds else 0
        if not last or add != last:
            raise ConfigError(
                f"{folder}: {left} runs of its {len(study.seeds)} seeds are not finished: the command without "
                "--add-seeds completes them, and then seeds can be added"
            )
        cost = describe_cost(study, folder, processes)
        return Scope(study, study, (f"resumes the addition of seeds {_names(study.seeds[-last:])}: {cost}",))
    if add == "next" or add < 1:
        raise ConfigError("a study without registered looks has no next look: give a number, as in --add-seeds 2")
    first = max((*study.seeds, *(study.tune.seeds if study.tune else ()))) + 1
    new = tuple(range(first, first + add))
    steps = (*study.added_seeds, add)
    longer = StudyConfig.model_validate(study.model_dump() | {"seeds": (*study.seeds, *new), "added_seeds": steps})
    line = f"adds seeds {_names(new)}: {describe_cost(longer, folder, processes)}"
    why = "a screen makes no claims, so this is no error; its report names the steps, because intervals are too short "
    return Scope(longer, longer, (line, f"{why}where seeds were added after looking"))


def _with_added_seeds(study: StudyConfig, filed: StudyConfig) -> StudyConfig:
    """Return the requested study with the seeds that were added to the study in the folder."""
    if not filed.added_seeds or study.added_seeds or study.phase != "screen":
        return study
    original = filed.seeds[: -sum(filed.added_seeds)]
    if study.seeds not in (original, filed.seeds):
        return study
    return study.model_copy(update={"seeds": filed.seeds, "added_seeds": filed.added_seeds})


def _unfinished(study: StudyConfig, states: Sequence[Status], seeds: int) -> int:
    """Return the number of runs of the first seeds that are neither finished nor failed.

    A failed run was attempted. Otherwise one variant that cannot be trained would stop all hypotheses.
    """
    first = set(study.seeds[:seeds])
    return sum(s.run.config.seed in first and not (s.finished or s.failed) for s in states)


def _first(study: StudyConfig, seeds: int) -> StudyConfig:
    """Return the study with its first seeds alone. It is never written."""
    return study.model_copy(update={"seeds": study.seeds[:seeds]})


def _alpha(study: StudyConfig, number: int) -> str:
    alpha, share = study.rule.alpha, study.rule.shares[number - 1]
    left = f"{alpha * (1 - share):.2g} are left for later looks" if share < 1 else "nothing is left for later looks"
    return f"of alpha {alpha:g}, the tests may use {alpha * share:.2g} by look {number}, and {left}"


def _names(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds[:-1])) + (" and " if len(seeds) > 1 else "") + str(seeds[-1])
