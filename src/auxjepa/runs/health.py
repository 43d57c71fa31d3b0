"""Words for the features of a finished run, and the versions of the rule that gives them. Imports no torch.

Version 1 is the word that the monitor records during training: "shrinking" counts against a side of a comparison.
Version 2 reads the same log. It calls the evaluated encoder "narrow" if its rank is far below its rank before training.
This is a note and not a fault, because many such encoders have useful features (docs/evidence/health.md). Collapsed
features are a fault in both versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from auxjepa.runs.metrics import FILE, parse, read_metrics

Version = Literal[1, 2]
FIELD = "health_version"
"""Field of a study with the version of the rule."""
FIRST: Version = 1
"""Version of studies that were written before versions had a field."""
LATEST: Version = 2
HEALTHY, SHRINKING, NARROW, COLLAPSED = "healthy", "shrinking", "narrow", "collapsed"
NARROW_RANK = 0.47
"""Rank of the student at the end, relative to its rank before training, below which it is narrow.

docs/evidence/health.py chooses 0.47 to 0.54 when each variant in turn is left out.
"""


def health_word(version: int, recorded: str, ranks: Sequence[float] = ()) -> str:
    """Return the word of a version of the rule.

    Args:
        version: version of the rule.
        recorded: word that the monitor recorded in the summary; '' where there is none.
        ranks: ranks of the student in the log, from before the first step to after the last one.
    """
    if version == FIRST or recorded not in (HEALTHY, SHRINKING):
        return recorded
    is_narrow = ranks[-1] < NARROW_RANK * ranks[0] if len(ranks) > 1 else recorded == SHRINKING
    return NARROW if is_narrow else HEALTHY


def latest_word(folder: Path, recorded: str) -> str:
    """Return the word of the latest version for a run that belongs to no study.

    Args:
        folder: run folder with its log.
        recorded: word that the monitor recorded in the summary.
    """
    records = (parse(text) or {} for _, text in read_metrics(folder / FILE).by_step)
    ranks = [record["rank/student"] for record in records if isinstance(record.get("rank/student"), float)]
    return health_word(LATEST, recorded, ranks)


def version_of(content: object) -> Version:
    """Return the version in a setting of a study; the first version for every other value, because it is stricter.

    Args:
        content: value of the field ``health_version``; None where it is missing.
    """
    return LATEST if content == LATEST and not isinstance(content, bool) else FIRST
