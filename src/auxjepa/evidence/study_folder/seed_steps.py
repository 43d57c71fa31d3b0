"""Seeds that a study runs in steps: registered looks of a confirmation, and seeds that were added to a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auxjepa.evidence.decisions.sequential import begun_seeds

if TYPE_CHECKING:
    from auxjepa.evidence.study_folder.folder import Study


def apply_steps(study: Study, settings: Mapping[str, Any]) -> None:
    """Keep the seeds up to the present look as the planned seeds of a study, and remark on the steps.

    Args:
        study: the study, with its rows and its registration.
        settings: content of ``study.yaml``.
    """
    added = settings.get("added_seeds")
    if isinstance(added, list) and all(isinstance(count, int) and count > 0 for count in added):
        study.remarks += describe_steps(study.seeds, added)
    if study.registered is None or not study.registered.registration.rule.looks:
        return
    registration = study.registered.registration
    looks, present = registration.rule.looks, begun_seeds(registration, study.rows)
    later = set(registration.seeds) - set(present)
    study.seeds = [seed for seed in study.seeds if seed not in later]
    number = looks.index(len(present)) + 1
    listed = ", ".join(map(str, looks))
    study.remarks.append(
        f"the study looks at {listed} seeds (registered); this is look {number} of {len(looks)}, with {len(present)} "
        "seeds. Corrected p values of the hypotheses hold for all looks together; other intervals and p values do not "
        "account for the looks"
    )


def describe_steps(seeds: Sequence[int], added: Sequence[int]) -> list[str]:
    """Return one line about seeds that were added to a screen; none if there are none.

    Args:
        seeds: all seeds of the study.
        added: numbers of added seeds, step by step; they are the last of ``seeds``.
    """
    if not added or sum(added) >= len(seeds):
        return []
    steps = [len(seeds) - sum(added), *added]
    names = ", ".join(map(str, seeds[-sum(added) :]))
    return [
        f"the seeds were run in {len(steps)} steps ({', then '.join(map(str, steps))}; added: {names}): where seeds "
        "are added because of a result, intervals contain the true value less often than they state"
    ]
