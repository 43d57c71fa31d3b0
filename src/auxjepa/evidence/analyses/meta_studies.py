"""Comparisons of several study folders, combined where they measure the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from auxjepa.evidence.statistics.meta import Difference, MetaAnalysis, combine
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.rounding import differences
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.units import NEGATED, PERCENT, unit_of
from auxjepa.evidence.wording import join_words
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

Side = tuple[str, str, str, str, str, str, str]
"""Variant, regime, benchmark, hash of the benchmark, hash of the protocol, metric, unit."""
SAME_SCORE = 1e-6
"""Largest difference of two scores of one network that counts as equal."""


@dataclass(frozen=True)
class Comparison:
    """Fields of a comparison that must be equal in two studies before their differences are combined.

    Args:
        variant: the variant.
        reference: the reference.
        regime: the pretraining regime.
        benchmark: the benchmark.
        benchmark_hash: hash of the benchmark.
        protocol_hash: hash of the protocol.
        metric: the metric; its first sign is a minus where less is better.
        unit: unit of the scores; empty where it is not known.
    """

    variant: str
    reference: str
    regime: str
    benchmark: str
    benchmark_hash: str
    protocol_hash: str
    metric: str
    unit: str

    @property
    def name(self) -> str:
        """The comparison in words."""
        return f"{self.variant} against {self.reference} on {self.benchmark}"


@dataclass(frozen=True)
class CombinedComparison:
    """One comparison over all studies that have it.

    Args:
        comparison: what is compared.
        pairs_by_study: number of pairs of networks by study; repeated pairs are counted in each study.
        result: the combined difference; None where it cannot be computed.
        refusal: reason why there is none; empty where there is one.
    """

    comparison: Comparison
    pairs_by_study: Mapping[str, int]
    result: MetaAnalysis | None
    refusal: str


@dataclass
class Meta:
    """All comparisons of several studies.

    Args:
        studies: names of the studies.
        comparisons: the comparisons.
        networks: number of distinct networks.
        shared: number of networks that several studies have.
        notes: what is not combined or was left out, one line each.
    """

    studies: list[str]
    comparisons: list[CombinedComparison]
    networks: int
    shared: int
    notes: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Sentence on the number of distinct and shared networks."""
        names = join_words(self.studies)
        if not self.shared:
            return f"{names} have {self.networks} distinct networks and share none."
        counted = "is in several studies. It counts" if self.shared == 1 else "are in several studies. They count"
        return f"{names} have {self.networks} distinct networks. {self.shared} of them {counted} once."


def combine_studies(studies: Sequence[Study]) -> Meta:
    """Return all comparisons with the reference of each study, combined over studies where they measure the same.

    A pair of networks that several studies have counts for the study with the most networks, so the order of the
    studies changes no number.

    Args:
        studies: the studies, with different names.
    """
    notes: list[str] = []
    pairs: dict[Comparison, list[Difference]] = {}
    networks: dict[str, set[str]] = {}
    scores: dict[tuple[str, ...], tuple[float, str]] = {}
    for study in sorted(studies, key=_count_networks, reverse=True):
        notes += [f"{study.name}: {line}" for line in study.left_out]
        sides = _sides(study, notes)
        if not study.reference:
            notes.append(f"{study.name}: it has no reference, so nothing is compared")
        for key, rows in sides.items():
            for row in rows.values():
                networks.setdefault(row.run, set()).add(study.name)
                _note_other_score(row, study.name, scores, notes)
            reference = sides.get((study.reference, *key[1:]))
            if key[0] == study.reference or reference is None:
                continue
            comparison = Comparison(key[0], study.reference, *key[1:])
            for seed in sorted(rows.keys() & reference.keys()):
                value = float(differences([rows[seed].score], [reference[seed].score])[0])
                one = Difference(study.name, rows[seed].run, reference[seed].run, value)
                pairs.setdefault(comparison, []).append(one)
    comparisons = [_combined(comparison, found) for comparison, found in pairs.items()]
    notes += _describe_separate(comparisons)
    names = [study.name for study in studies]
    shared = sum(len(where) > 1 for where in networks.values())
    notes += _describe_copies(sorted(studies, key=_count_networks, reverse=True), networks)
    return Meta(names, comparisons, len(networks), shared, notes)


def _count_networks(study: Study) -> int:
    return len({row.run for row in study.rows if row.control is None})


def _describe_copies(studies: Sequence[Study], studies_by_network: Mapping[str, set[str]]) -> list[str]:
    """Return one line for each study without a separate network, in the order in which studies count."""
    lines = []
    for i, study in enumerate(studies):
        others = {other.name for other in studies[:i]}
        where = [names for names in studies_by_network.values() if study.name in names]
        if where and all(names & others for names in where):
            lines.append(f"{study.name} adds no network: other studies have all of its {len(where)} networks")
    return lines


def _sides(study: Study, notes: list[str]) -> dict[Side, dict[int, Row]]:
    """Return the scores of all variants by what was measured and by seed."""
    sides: dict[Side, dict[int, Row]] = {}
    for row in current_rows(study, notes):
        if row.control is None:
            info = study.benchmark_info.get(row.benchmark, {})
            unit = unit_of(info) if info else PERCENT
            key = (
                row.variant,
                row.regime,
                row.benchmark,
                row.benchmark_hash,
                row.protocol_hash,
                row.metric,
                unit,
            )
            sides.setdefault(key, {})[row.seed] = row
    return sides


def _note_other_score(row: Row, study: str, scores: dict[tuple[str, ...], tuple[float, str]], notes: list[str]) -> None:
    """Add a note where an earlier study has another score of the same network on the same benchmark."""
    key = (row.run, row.benchmark, row.benchmark_hash, row.protocol_hash, row.metric)
    score, where = scores.setdefault(key, (row.score, study))
    if abs(score - row.score) > SAME_SCORE:
        notes.append(
            f"{row.name}: {score:g} in {where} and {row.score:g} in {study}, for one network; the first of these counts"
        )


def _combined(comparison: Comparison, found: Sequence[Difference]) -> CombinedComparison:
    counts: dict[str, int] = {}
    for one in found:
        counts[one.study] = counts.get(one.study, 0) + 1
    try:
        return CombinedComparison(comparison, counts, combine(found), "")
    except ComparisonError as error:
        return CombinedComparison(comparison, counts, None, str(error))


def _describe_separate(comparisons: Sequence[CombinedComparison]) -> list[str]:
    """Return one line for each kind of comparison that several studies have and that cannot be combined."""
    groups: dict[tuple[str, str], list[CombinedComparison]] = {}
    for one in comparisons:
        groups.setdefault((one.comparison.regime, one.comparison.benchmark), []).append(one)
    lines = []
    for (_, benchmark), group in groups.items():
        reasons: dict[str, None] = {}
        names: dict[str, None] = {}
        for first, second in combinations([one.comparison for one in group], 2):
            if (first.variant, first.reference) == (second.variant, second.reference):
                reasons |= dict.fromkeys(_differences(first, second))
                names[first.variant] = None
        if reasons:
            which = join_words(reasons)
            lines.append(
                f"scores on {benchmark} have another {which} in some studies, so they are not combined: "
                f"{shorten_list(list(names), 6)}"
            )
    return lines


def _differences(first: Comparison, second: Comparison) -> list[str]:
    reasons = []
    if first.benchmark_hash != second.benchmark_hash:
        reasons.append(f"benchmark ({first.benchmark_hash} and {second.benchmark_hash})")
    if first.protocol_hash != second.protocol_hash:
        reasons.append(f"protocol ({first.protocol_hash} and {second.protocol_hash})")
    if first.metric.removeprefix(NEGATED) != second.metric.removeprefix(NEGATED):
        reasons.append("metric")
    elif first.metric != second.metric:
        reasons.append("direction (less is better in one of them)")
    if first.unit != second.unit:
        reasons.append("unit")
    return sorted(set(reasons))
