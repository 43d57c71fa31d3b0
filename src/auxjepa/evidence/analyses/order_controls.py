"""Checks whether a benchmark can be read without motion or without the order of frames, and says so in sentences.

Two controls read the same encoder: ``one_frame`` sees the middle frame of each clip only, and ``shuffled`` sees all
frames in a random order. Where such a control is as good as the encoder on the true clips, the score of the benchmark
doesn't show motion or order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from auxjepa.evidence.statistics.intervals import effective_size, wilson
from auxjepa.evidence.statistics.significance import holm, mcnemar_p, sign_flip_p
from auxjepa.evidence.study_folder.clip_marks import read_marks
from auxjepa.evidence.study_folder.clip_units import read_clip_units
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import format_number, format_p, join_words
from auxjepa.rows import MEAN_OF_MARKS, Row, RowStore

Marks = Callable[[Row], np.ndarray | None]
"""Function that returns the marks of a row, one for each test clip, or None."""
ORDER_CONTROLS = ("one_frame", "shuffled")
WORDS = {"one_frame": "from one frame", "shuffled": "without the order of frames"}
ALPHA = 0.05
"""Significance level at which an encoder is better than its control."""
DYNAMIC = ("motion", "order", "other")
"""Capabilities that a control without motion or order can put in doubt. Appearance may be read from one frame."""
Word = Literal["read", "needed", "few", "chance"]


@dataclass(frozen=True)
class OrderControl:
    """Comparison of an encoder with one of its controls on a benchmark.

    Args:
        benchmark: name of the benchmark.
        regime: the pretraining regime.
        variant: the encoder.
        control: ``one_frame`` or ``shuffled``.
        seeds: seeds with both scores.
        score: mean score of the encoder.
        control_score: mean score of the control.
        p: p of the paired test over clips (or videos, or seeds), corrected with Holm over all comparisons with
            controls; None for one seed of a score without marks.
        above_chance: whether the encoder itself is above chance and above the most frequent class.
        control_above_chance: whether the control is above them.
    """

    benchmark: str
    regime: str
    variant: str
    control: str
    seeds: tuple[int, ...]
    score: float
    control_score: float
    p: float | None
    above_chance: bool
    control_above_chance: bool

    @property
    def word(self) -> Word:
        """Return what the comparison shows.

        ``needed``: the encoder is better. ``read``: it isn't, and the control is above chance. ``few``: neither can be
        shown. ``chance``: the encoder itself isn't above chance.
        """
        if not self.above_chance:
            return "chance"
        if self.score > self.control_score and (self.p is None or self.p < ALPHA):
            return "needed"
        return "read" if self.control_above_chance else "few"


def compare_order_controls(
    rows: Iterable[Row],
    marks: Marks,
    *,
    capabilities: Mapping[str, str] | None = None,
    units: Mapping[str, Int[np.ndarray, " n"]] | None = None,
) -> list[OrderControl]:
    """Return the comparison of each encoder with its controls ``one_frame`` and ``shuffled``.

    A control and its encoder have the same ``run``. Seeds of one variant are averaged for each clip. All comparisons
    are one family: p values are corrected with Holm, and intervals above chance with Bonferroni.

    Args:
        rows: rows of a folder.
        marks: returns the marks of a row.
        capabilities: capability of each benchmark. Benchmarks of appearance are left out. None for all benchmarks.
        units: independent video of each test clip of a benchmark; without an entry, all clips are independent.
    """
    all_rows = list(rows)
    encoders = {(r.run, *_question(r)): r for r in all_rows if r.control is None}
    guesses: dict[tuple[str, str], float] = {}
    for row in all_rows:
        if row.control in ("majority", "chance") and row.metric in MEAN_OF_MARKS:
            question = row.benchmark, row.benchmark_hash
            guesses[question] = max(row.score, guesses.get(question, 0.0))
    grouped: dict[tuple[str, str, str, str], list[tuple[Row, Row]]] = {}
    for row in all_rows:
        encoder = encoders.get((row.run, *_question(row)))
        if row.control not in ORDER_CONTROLS or encoder is None:
            continue
        if capabilities is not None and capabilities.get(row.benchmark, "other") not in DYNAMIC:
            continue
        cell = row.benchmark, row.regime, encoder.variant, str(row.control)
        grouped.setdefault(cell, []).append((encoder, row))
    ordered = sorted(grouped.items(), key=lambda item: ORDER_CONTROLS.index(item[0][3]))
    out = []
    for cell, pairs in ordered:
        first = pairs[0][0]
        chance = first.parts.get("chance", 100 / max(1, first.n_classes))
        guess = max(chance, guesses.get((first.benchmark, first.benchmark_hash), 0.0))
        out.append(_compare(*cell, pairs, marks, (units or {}).get(cell[0]), guess, len(ordered)))
    return _corrected(out)


def _corrected(comparisons: list[OrderControl]) -> list[OrderControl]:
    """Return the comparisons with p values corrected over all that have one."""
    tested = [i for i, one in enumerate(comparisons) if one.p is not None]
    corrected = list(comparisons)
    for i, p in zip(tested, holm([comparisons[i].p or 0.0 for i in tested]), strict=True):
        corrected[i] = replace(comparisons[i], p=p)
    return corrected


def study_order_controls(study: Study, folder: Path) -> list[OrderControl]:
    """Return the comparisons of all encoders of a study, or of a folder of probes, with their controls.

    Args:
        study: the study.
        folder: folder of its rows.
    """
    rows = current_rows(study, [])
    if not any(row.control in ORDER_CONTROLS for row in rows):
        return []
    capabilities = {name: str(record.get("capability", "other")) for name, record in study.benchmark_info.items()}
    by_row, store = read_clip_units(folder), RowStore(folder)
    units = {row.benchmark: by_row[row.id] for row in rows if row.id in by_row}

    def marks(row: Row) -> np.ndarray | None:
        # Marks of related clips are left out elsewhere. Here the videos of the clips are compared.
        return read_marks(store, row) if row.benchmark in units else study.correct(row)

    return compare_order_controls(rows, marks, capabilities=capabilities, units=units)


def order_sentences(comparisons: Sequence[OrderControl]) -> list[str]:
    """Return one sentence for each benchmark and encoder that needs one, in the order of the benchmarks.

    Args:
        comparisons: comparisons, see :func:`compare_order_controls`.
    """
    by_cell: dict[tuple[str, str, str], list[OrderControl]] = {}
    for one in comparisons:
        by_cell.setdefault((one.benchmark, one.regime, one.variant), []).append(one)
    return [_sentence(variant, compared) for (_, _, variant), compared in by_cell.items()]


def _sentence(variant: str, compared: list[OrderControl]) -> str:
    first, numbers = compared[0], join_words([_numbers(one) for one in compared])
    scores = f"{variant} scores {format_number(first.score)}, {numbers}"
    if first.word == "chance":
        return f"{variant} is not above chance on {first.benchmark}, so its controls show nothing: {scores}."
    solved = [one for one in compared if one.word == "read"]
    if solved:
        ways = join_words([WORDS[one.control] for one in solved])
        return f"{first.benchmark} can be read {ways} in these videos: {scores}."
    needed = [one for one in compared if one.word == "needed"]
    if len(needed) < len(compared):
        return (
            f"The test clips are too few to show whether {first.benchmark} needs the frames in their order: {scores}."
        )
    ways = join_words([WORDS[one.control] for one in needed]).replace(" and ", " or ")
    return f"{first.benchmark} can't be read as well {ways}: {scores}."


def _question(row: Row) -> tuple[str, ...]:
    return (row.regime, str(row.seed), row.benchmark, row.benchmark_hash, row.protocol_hash, row.metric)


def _numbers(one: OrderControl) -> str:
    name = {"one_frame": "one frame", "shuffled": "shuffled frames"}[one.control]
    p = "" if one.p is None else f" (p = {format_p(one.p)})".replace("= <", "<")
    return f"{name} {format_number(one.control_score)}{p}"


def _compare(
    benchmark: str,
    regime: str,
    variant: str,
    control: str,
    pairs: list[tuple[Row, Row]],
    marks: Marks,
    units: Int[np.ndarray, " n"] | None,
    guess: float,
    comparisons: int,
) -> OrderControl:
    encoder = [one.score for one, _ in pairs]
    changed = [other.score for _, other in pairs]
    score, control_score = float(np.mean(encoder)), float(np.mean(changed))
    marked = [(marks(one), marks(other)) for one, other in pairs]
    usable = [(a, b) for a, b in marked if a is not None and b is not None and len(a) == len(b)]
    is_marked = len(usable) == len(pairs) and len({len(a) for a, _ in usable}) == 1
    p: float | None = None
    if is_marked:
        p = _paired_p([(np.asarray(a, float), np.asarray(b, float)) for a, b in usable], units)
    elif len(pairs) > 1:
        p = sign_flip_p([a - b for a, b in zip(encoder, changed, strict=True)])
    elif pairs[0][0].metric in MEAN_OF_MARKS:
        p = 1.0  # one seed without marks shows no difference
    above, control_above = (
        _is_above(
            guess,
            [pair[side] for pair in pairs],
            [pair[side] for pair in usable] if is_marked else [],
            units,
            1 - ALPHA / comparisons,
        )
        for side in (0, 1)
    )
    seeds = tuple(sorted(one.seed for one, _ in pairs))
    return OrderControl(benchmark, regime, variant, control, seeds, score, control_score, p, above, control_above)


def _paired_p(
    marks: list[tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]], units: Int[np.ndarray, " n"] | None
) -> float:
    """Return the two-sided p of the difference: McNemar's test, or the sign-flip test over videos or means of seeds."""
    difference = np.mean([a - b for a, b in marks], axis=0)
    members = np.arange(len(difference)) if units is None or len(units) != len(difference) else units
    is_grouped = len(np.unique(members)) < len(members)
    if len(marks) == 1 and not is_grouped:
        return mcnemar_p(int((difference > 0).sum()), int((difference < 0).sum()))
    if is_grouped:
        difference = np.bincount(np.unique(members, return_inverse=True)[1], weights=difference)
    difference = difference[difference != 0]  # a difference of zero has the same value with either sign
    return sign_flip_p(difference.tolist()) if len(difference) else 1.0


def _is_above(
    guess: float, rows: list[Row], marks: list[np.ndarray], units: Int[np.ndarray, " n"] | None, confidence: float
) -> bool:
    """Check whether the interval of the mean score over test clips is above the score of a guess, in percent."""
    first = rows[0]
    if first.metric not in MEAN_OF_MARKS:
        return all(row.parts.get("low", 0.0) > 0 for row in rows)  # without an interval nothing is shown
    share = float(np.mean([row.score for row in rows])) / 100
    if not marks:
        return 100 * share > guess
    clips = np.asarray(marks[0], bool)
    members = np.arange(len(clips)) if units is None or len(units) != len(clips) else units
    return 100 * wilson(share, max(1.0, effective_size(clips, members, confidence)), confidence)[0] > guess
