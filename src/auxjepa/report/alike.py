"""How alike encoders are (CKA): a shaded matrix for the clips of each domain, and where regimes differ most."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.similarity import Alike, OnClips, Similarity
from auxjepa.lists import some
from auxjepa.report.shades import DASH, Shade, Shaded
from auxjepa.report.words import Sentence

HEAD = ("clips", "encoders", "and", "seeds", "pairs", "CKA", "least and most", "below own seeds")
Titled = tuple[str, Shaded]


def sentences(found: Similarity | None) -> list[Sentence]:
    """Where encoders of one variant differ most between regimes, beside what seeds alone do; what was not there."""
    if found is None:
        return []
    said: list[Sentence] = []
    between = [(one, a) for one in found.on for a in one.alike if a.apart is not None and _regimes(a)]
    if between:
        one, most = max(between, key=lambda pair: pair[1].apart or 0.0)
        within = most.mean + (most.apart or 0.0)
        said.append(
            [
                f"Encoders of one variant differ most between regimes on {one.domain} clips: {most.first} and "
                f"{most.second} reach a CKA of {_interval(most)} with other seeds, the seeds of one regime "
                f"{within:.2f} among themselves."
            ]
        )
    if found.missing:
        said.append([f"Not compared, because they weren't there: {some(found.missing)}."])
    return said


def matrices(found: Similarity | None) -> list[Titled]:
    """One matrix for the clips of each domain: on and above the diagonal pairs of other seeds, below it of the same."""
    return [(f"{one.domain} clips ({one.clips})", _matrix(found, one)) for one in found.on] if found else []


def rows(found: Similarity | None) -> list[list[str]]:
    """One row a pair of kinds (columns: ``HEAD``)."""
    return [
        [
            one.domain,
            a.first,
            a.second,
            a.seeds,
            str(a.pairs),
            _interval(a),
            f"{a.least:.2f} … {a.most:.2f}",
            DASH if a.apart is None else f"{a.apart:.2f} [{a.apart_low:.2f}, {a.apart_high:.2f}]",
        ]
        for one in (found.on if found else ())
        for a in one.alike
    ]


def _matrix(found: Similarity, one: OnClips) -> Shaded:
    kinds: Sequence[str] = found.kinds
    means = [a.mean for a in one.alike]
    low, high = min(means), max(means)

    def cell(i: int, j: int) -> Shade:
        entry = one.of(kinds[i], kinds[j], "same" if j < i else "other")
        if entry is None:
            return Shade(DASH)
        return Shade(f"{entry.mean:.2f}", heat=(entry.mean - low) / (high - low) if high > low else 0.0)

    lines = [(kind, "", [cell(i, j) for j in range(len(kinds))]) for i, kind in enumerate(kinds)]
    return ("encoders", *kinds), lines


def _regimes(alike: Alike) -> bool:
    """Whether two kinds are of one variant after two regimes, compared with other seeds."""
    (first, _, regime), (second, _, other) = (kind.partition(" on ") for kind in (alike.first, alike.second))
    return alike.seeds == "other" and first == second and regime != other and bool(regime)


def _interval(alike: Alike) -> str:
    return f"{alike.mean:.2f} [{alike.low:.2f}, {alike.high:.2f}]"
