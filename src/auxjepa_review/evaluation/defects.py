"""Plant defects in copies of a document, and edits that do no harm, to test which of them a review detects."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from auxjepa_review.records import ClaimRow, Document

METHODS = ("FWM-HW-LD", "LD-JEPA", "FWM+LD", "Motion-Guided Masking", "AC-JEPA", "FAC-JEPA")
BENCHMARKS = {"Diving-48": "D-48", "ImageNet-100": "IN-100", "SSv2": "Something-Something V2"}
"""Names of benchmarks, with another spelling of each."""
OPPOSITE = {
    "improve": "degrade",
    "degrade": "improve",
    "gain": "loss",
    "loss": "gain",
    "boosts": "hurts",
    "hurts": "boosts",
}
BOOSTERS_TO_PLANT = ("clearly", "without any doubt", "as is now proven,", "in every setting,", "as nobody can deny,")
FACTORS = (0.4, 0.7, 1.5, 2.2)


@dataclass(frozen=True)
class Edit:
    """An edit that replaces ``text[start:end]`` of a document by ``after``. ``row`` is its row; 0 outside of the
    table."""

    kind: str
    start: int
    end: int
    after: str
    row: int = 0

    def on(self, document: Document) -> str:
        """Return the text of the edited copy."""
        text = document.text
        return f"{text[: self.start]}{self.after}{text[self.end :]}"


@dataclass(frozen=True)
class Target:
    """A document of one page, with the numbers of its true rows and of the rows with a correct own verdict."""

    document: Document
    true: Collection[int]
    judged: Collection[int]


Planter = Callable[[Target, random.Random], Iterator[Edit]]


def _in_rows(kind: str, pattern: str, change: Callable[[re.Match[str], random.Random], str]) -> Planter:
    """Return a planter that changes each match of a pattern in a true row."""

    def plant(target: Target, rng: random.Random) -> Iterator[Edit]:
        for row in target.document.rows:
            if row.number in target.true:
                for match in re.finditer(pattern, row.span.text):
                    begin = row.span.start
                    yield Edit(kind, begin + match.start(), begin + match.end(), change(match, rng), row.number)

    return plant


def _choose_other(names: Collection[str], rng: random.Random, *, than: str) -> str:
    return rng.choice([name for name in names if name != than])


def _number(match: re.Match[str], rng: random.Random) -> str:
    """Return another number with the same number of decimals."""
    return f"{float(match[0]) * rng.choice(FACTORS):.{len(match[0].partition('.')[2])}f}"


def _verdict(target: Target, rng: random.Random) -> Iterator[Edit]:
    """Yield edits that reverse a row's own verdict, if it was correct."""
    for row in target.document.rows:
        if row.number in target.judged and row.verified is not None:
            match = re.search("[✓×]", target.document.text[row.span.end :])
            if match:
                at = row.span.end + match.start()
                yield Edit("verdict turned", at, at + 1, "×" if row.verified else "✓", row.number)


def _dropped(kind: str, heading: str, upto: str) -> Planter:
    """Return a planter that removes the text between two headings."""

    def plant(target: Target, rng: random.Random) -> Iterator[Edit]:
        pattern = rf"(?ms)^[#\d \t]*+{heading}\s*$(.*?)(?=^[#\d \t]*+{upto}|\Z)"
        match = re.search(pattern, target.document.text)
        if match and match[1].strip():
            yield Edit(kind, match.start(), match.end(), "\n")

    return plant


def _total(target: Target, rng: random.Random) -> Iterator[Edit]:
    pattern = r"(?<!\d)(\d{1,9})(?=\s+claims\s+extracted|\s+independently\s+veri|\s+papers\s+retrieved)"
    for match in re.finditer(pattern, target.document.text):
        yield Edit("totals that disagree", match.start(), match.end(), str(int(match[1]) + rng.choice((1, 2, 5))))


def _any_row(kind: str, change: Callable[[ClaimRow], str]) -> Planter:
    def plant(target: Target, rng: random.Random) -> Iterator[Edit]:
        for row in target.document.rows:
            yield Edit(kind, row.span.start, row.span.end, change(row), row.number)

    return plant


def _aside(target: Target, rng: random.Random) -> Iterator[Edit]:
    match = re.search(r"(?m)^[#\d \t]*+Methodology\s*$", target.document.text)
    if match:
        yield Edit("a sentence more", match.end(), match.end(), "\n\nThe reading took place in a quiet room.\n")


def _reordered(target: Target, rng: random.Random) -> Iterator[Edit]:
    """Yield edits that exchange two neighbouring lines of a table."""
    rows, text = target.document.rows, target.document.text
    for first, second in pairwise(rows):
        ends = [text.find("\n", row.span.end) for row in (first, second)]
        lines = [text[row.span.start : end] for row, end in zip((first, second), ends, strict=True)]
        if all(line.count("\t") == 2 and "\n" not in line for line in lines) and ends[0] + 1 == second.span.start:
            yield Edit("rows exchanged", first.span.start, ends[1], f"{lines[1]}\n{lines[0]}", first.number)


_BENCHMARK = "|".join(map(re.escape, BENCHMARKS))

DEFECTS: dict[str, Planter] = {
    "number changed": _in_rows("number changed", r"(?<!\d)\d{1,9}\.\d+", _number),
    "sign turned": _in_rows("sign turned", r"(?<!\w)[+\-−](?=\d)", lambda m, _: "+" if m[0] in "-−" else "-"),
    "direction turned": _in_rows("direction turned", "|".join(OPPOSITE), lambda m, _: OPPOSITE[m[0]]),
    "method exchanged": _in_rows(
        "method exchanged", "|".join(map(re.escape, METHODS)), lambda m, rng: _choose_other(METHODS, rng, than=m[0])
    ),
    "benchmark exchanged": _in_rows(
        "benchmark exchanged", _BENCHMARK, lambda m, rng: _choose_other(BENCHMARKS, rng, than=m[0])
    ),
    "setting exchanged": _in_rows(
        "setting exchanged",
        r"UCF-101(?=\s+(?:pretraining\s+)?setting)|mixed-dataset(?=\s+pretraining|\s+setup)",
        lambda m, _: "mixed-dataset" if m[0].startswith("UCF") else "UCF-101",
    ),
    "count changed": _in_rows(
        "count changed",
        r"(?<!\d)\d{1,9}(?=\s+(?:out\s+)?of\s+\d+)",
        lambda m, rng: str(int(m[0]) - rng.choice((1, 2, 3))),
    ),
    "unit changed": _in_rows("unit changed", r"percentage\s+points?|\bpp\b", lambda m, _: "percent"),
    "overstated": _in_rows(
        "overstated",
        r"\b(?:improves|achieves|boosts|results)\b",
        lambda m, rng: f"{rng.choice(BOOSTERS_TO_PLANT)} {m[0]}",
    ),
    "verdict turned": _verdict,
    "totals that disagree": _total,
    "limitations dropped": _dropped("limitations dropped", "Limitations", r"\d*\s*Extracted Claims"),
    "references dropped": _dropped("references dropped", "References", r"\Z"),
}
"""Edits that a review should detect."""

HARMLESS: dict[str, Planter] = {
    "spaces": _any_row("spaces", lambda row: row.span.text.replace(" ", "  ", 3)),
    "benchmark abbreviated": _in_rows("benchmark abbreviated", _BENCHMARK, lambda m, _: BENCHMARKS[m[0]]),
    "points abbreviated": _in_rows("points abbreviated", r"percentage\s+points?", lambda m, _: "pp"),
    "minus written otherwise": _in_rows("minus written otherwise", r"-(?=\d+\.\d)", lambda m, _: "−"),
    "a sentence more": _aside,
    "rows exchanged": _reordered,
}
"""Edits that a review should not report."""


def plant(target: Target, kind: str, most: int, seed: int) -> list[Edit]:
    """Return edits of one kind, drawn from all places of the document for this kind.

    Args:
        target: the document.
        kind: name in ``DEFECTS`` or ``HARMLESS``.
        most: largest number of edits.
        seed: seed of the draw.

    Raises:
        KeyError: the kind is neither in ``DEFECTS`` nor in ``HARMLESS``.
    """
    rng = random.Random(f"{seed} {kind} {target.document.id}")
    edits = list(({**DEFECTS, **HARMLESS})[kind](target, rng))
    return rng.sample(edits, min(most, len(edits)))
