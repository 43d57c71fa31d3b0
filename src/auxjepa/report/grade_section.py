"""The section on the grade: each criterion with its weight, its points and its reason, next to the published study."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.grade.criteria import MEANING, REQUIRED, VERSION, WEIGHTS, Grade

HEAD = ("criterion", "asks", "weight")


def head(grades: Sequence[Grade]) -> tuple[str, ...]:
    """Return the names of the columns of :func:`rows`.

    Args:
        grades: grades to show next to each other.
    """
    return (*HEAD, *(name for grade in grades for name in (grade.subject, f"{grade.subject}: why")))


def rows(grades: Sequence[Grade]) -> list[list[str]]:
    """Return one row a criterion, and the sum.

    Args:
        grades: grades to show next to each other.
    """
    table = []
    for i, (name, weight) in enumerate(WEIGHTS.items()):
        cells = [text for grade in grades for text in (_points(grade.criteria[i].earned), grade.criteria[i].reason)]
        asks = MEANING[name] + (" (required)" if name in REQUIRED else "")
        table.append([name, asks, str(weight), *cells])
    total = [text for grade in grades for text in (_points(grade.earned), f"{grade.percent:.0f} %")]
    return [*table, ["all", "", str(sum(WEIGHTS.values())), *total]]


def sentence(grades: Sequence[Grade]) -> str:
    """Return one sentence a grade, and the version of the checklist.

    Args:
        grades: grades to show next to each other.
    """
    sentences = " ".join(f"{grade.subject}: {grade.sentence}" for grade in grades)
    return f"{sentences} Checklist {VERSION}; points of other versions cannot be compared with these."


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
