"""Notes on the training of a study's variants, before anything runs."""

from __future__ import annotations

from auxjepa.study.plan import StudyConfig
from auxjepa.train.teacher_advice import advise_teacher, describe_unused, half_time_share


def training_notes(study: StudyConfig) -> list[str]:
    """Return notes on settings without effect, and one line of advice on the teacher.

    Args:
        study: the study.
    """
    runs = [study.configure(name, study.base) for name in study.variants]
    shares = {run.variant: half_time_share(run) for run in runs}
    worst = max(runs, key=lambda run: shares[run.variant])
    advised = [name for name, share in shares.items() if share]
    where = "" if len(advised) == len(runs) else f" ({len(advised)} of {len(runs)} variants, at most)"
    advice = advise_teacher(worst)
    unused = dict.fromkeys(line for run in runs for line in describe_unused(run))
    return [*study.describe_terms(), *unused, *([f"{advice}{where}"] if advice else [])]
