"""The grade of a study beside that of the published one: each criterion with its weight, its points and its reason."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.grade import MEANING, WEIGHTS, Grade

HEAD = ("criterion", "asks", "weight")


def head(grades: Sequence[Grade]) -> tuple[str, ...]:
    """Names of the columns of :func:`rows`."""
    return (*HEAD, *(name for grade in grades for name in (grade.subject, f"{grade.subject}: why")))


def rows(grades: Sequence[Grade]) -> list[list[str]]:
    """One row a criterion, and the sum."""
    table = []
    for i, (name, weight) in enumerate(WEIGHTS.items()):
        cells = [text for grade in grades for text in (_points(grade.criteria[i].earned), grade.criteria[i].reason)]
        table.append([name, MEANING[name], str(weight), *cells])
    total = [text for grade in grades for text in (_points(grade.earned), f"{grade.percent:.0f} %")]
    return [*table, ["all", "", str(sum(WEIGHTS.values())), *total]]


def sentence(grades: Sequence[Grade]) -> str:
    """Every grade in a sentence of its own."""
    return " ".join(f"{grade.subject}: {grade.sentence}" for grade in grades)


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
