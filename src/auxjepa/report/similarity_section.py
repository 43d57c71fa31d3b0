"""The section on similarity of encoders (CKA): a shaded matrix for the clips of each domain, and sentences."""

from __future__ import annotations

from auxjepa.evidence.study_folder.similarity import DomainSimilarity, LargestGap, PairSimilarity, Similarity
from auxjepa.evidence.wording import DASH, format_interval, format_number
from auxjepa.lists import shorten_list
from auxjepa.report.sentences import Sentence
from auxjepa.report.shaded_table import ShadedCell, ShadedTable, heat

HEAD = ("clips", "encoders", "and", "seeds", "pairs", "CKA", "lowest and highest", "below own seeds")


def sentences(similarity: Similarity | None, gap: LargestGap | None) -> list[Sentence]:
    """Return where encoders of one variant differ most between regimes, and which encoders were missing.

    Args:
        similarity: content of ``similarity.json``.
        gap: the two regimes after which encoders of one variant differ most.
    """
    if similarity is None:
        return []
    pieces: list[Sentence] = []
    if gap is not None:
        pieces.append(
            [
                f"Encoders of one variant differ most between regimes on {gap.domain} clips: {gap.pair.first} and "
                f"{gap.pair.second} have a CKA of {_interval(gap.pair)} with different seeds. Encoders of one regime "
                f"with different seeds have a CKA of {gap.within:.2f}."
            ]
        )
    if similarity.missing:
        pieces.append([f"These encoders were missing and are not compared: {_shorten(similarity.missing)}."])
    return pieces


def matrices(similarity: Similarity | None) -> list[tuple[str, ShadedTable]]:
    """Return one titled matrix for the clips of each domain.

    Pairs with different seeds are on and above the diagonal, pairs with the same seed are below it.

    Args:
        similarity: content of ``similarity.json``.
    """
    if similarity is None:
        return []
    return [(f"{clips.domain} clips ({clips.clips})", _matrix(similarity, clips)) for clips in similarity.on]


def rows(similarity: Similarity | None) -> list[list[str]]:
    """Return one row a pair of kinds (columns: ``HEAD``).

    Args:
        similarity: content of ``similarity.json``.
    """
    return [
        [
            clips.domain,
            pair.first,
            pair.second,
            pair.seeds,
            str(pair.pairs),
            _interval(pair),
            f"{pair.least:.2f} … {pair.most:.2f}",
            _apart(pair),
        ]
        for clips in (similarity.on if similarity else ())
        for pair in clips.alike
    ]


def _matrix(similarity: Similarity, clips: DomainSimilarity) -> ShadedTable:
    kinds = similarity.kinds
    means = [pair.mean for pair in clips.alike]

    def cell(i: int, j: int) -> ShadedCell:
        pair = clips.find_pair(kinds[i], kinds[j], "same" if j < i else "other")
        if pair is None:
            return ShadedCell(DASH)
        return ShadedCell(format_number(pair.mean, 2), heat=heat(pair.mean, means))

    lines = [(kind, "", [cell(i, j) for j in range(len(kinds))]) for i, kind in enumerate(kinds)]
    return ("encoders", *kinds), lines


def _interval(pair: PairSimilarity) -> str:
    return f"{format_number(pair.mean, 2)} {format_interval((pair.low, pair.high), 2)}"


def _apart(pair: PairSimilarity) -> str:
    if pair.apart is None or pair.apart_low is None or pair.apart_high is None:
        return DASH
    return f"{format_number(pair.apart, 2)} {format_interval((pair.apart_low, pair.apart_high), 2)}"


def _shorten(names: tuple[str, ...]) -> str:
    return shorten_list(names, 4, "; ")
