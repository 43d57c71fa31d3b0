"""The section on frozen encoders from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.analyses.frozen_encoders import FrozenDescription
from auxjepa.evidence.wording import DASH, format_quantity, join_words

HEAD = ("encoder", "source", "network", "parameters", "reads", "pretraining data", "probe seeds", "seconds per score")


def rows(encoders: Sequence[FrozenDescription]) -> list[list[str]]:
    """Return what frozen encoders are and cost (columns: ``HEAD``).

    Args:
        encoders: the frozen encoders.
    """
    return [
        [
            one.name,
            one.source or DASH,
            one.network or DASH,
            DASH if one.parameters is None else format_quantity(one.parameters),
            one.reads or DASH,
            one.pretraining or "not stated",
            ", ".join(map(str, one.seeds)),
            f"{one.seconds:.1f}",
        ]
        for one in encoders
    ]


def sentence(encoders: Sequence[FrozenDescription]) -> str:
    """Return what a difference from a frozen encoder covers; '' without one.

    Args:
        encoders: the frozen encoders.
    """
    if not encoders:
        return ""
    names = join_words([one.name for one in encoders[:6]])
    if len(encoders) == 1:
        return (
            f"{names} is a frozen encoder from elsewhere without pretraining seeds. A difference from it is over probe "
            "seeds and test clips, and not over pretraining seeds of this encoder. It holds for these weights only, "
            "and the pretraining data may include the test videos."
        )
    return (
        f"{names} are frozen encoders from elsewhere without pretraining seeds. A difference from one of them is over "
        "probe seeds and test clips, and not over pretraining seeds of this encoder. It holds for these weights only, "
        "and the pretraining data may include the test videos."
    )
