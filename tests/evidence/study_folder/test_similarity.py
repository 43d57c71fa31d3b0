"""The similarity file, and the largest gap between regimes."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.study_folder import similarity
from auxjepa.evidence.study_folder.similarity import DomainSimilarity, PairSimilarity, Similarity, largest_gap
from auxjepa.files import write_json


def pair(first: str, second: str, seeds: str, mean: float, apart: float | None = None) -> PairSimilarity:
    ends = {"low": mean - 0.01, "high": mean + 0.01, "least": mean - 0.02, "most": mean + 0.02}
    return PairSimilarity(first=first, second=second, seeds=seeds, pairs=3, mean=mean, apart=apart, **ends)  # type: ignore[arg-type]


def record(*pairs: PairSimilarity) -> Similarity:
    clips = (DomainSimilarity(domain="order", clips=8, alike=pairs),)
    return Similarity(kinds=("ld on a",), seeds=(0,), runs={}, resamples=1, confidence=0.95, created="", on=clips)


def test_the_largest_gap_is_of_one_variant_after_two_regimes_with_different_seeds() -> None:
    gap = largest_gap(
        record(
            pair("ld on a", "ld on a", "other", 0.9),
            pair("ld on a", "ld on b", "other", 0.6, apart=0.25),
            pair("ld on a", "ld on c", "other", 0.7, apart=0.15),
            pair("ld on a", "ld on b", "same", 0.3, apart=0.5),
            pair("ld on a", "fwm on b", "other", 0.2, apart=0.6),
            pair("random init", "ld on b", "other", 0.1, apart=0.7),
        )
    )
    assert gap is not None and (gap.domain, gap.pair.second, gap.within) == ("order", "ld on b", 0.85)
    assert largest_gap(record(pair("ld on a", "fwm on a", "other", 0.2, apart=0.6))) is None


def test_pairs_are_found_in_either_order() -> None:
    (clips,) = record(pair("ld on a", "ld on b", "other", 0.6)).on
    assert clips.find_pair("ld on b", "ld on a", "other") == clips.alike[0]
    assert clips.find_pair("ld on b", "ld on a", "same") is None


def test_a_damaged_file_is_a_note(tmp_path: Path) -> None:
    notes: list[str] = []
    assert similarity.read(tmp_path, notes) is None and notes == []
    written = record(pair("ld on a", "ld on b", "other", 0.6))
    write_json(tmp_path / similarity.FILE, written.model_dump(mode="json"))
    assert similarity.read(tmp_path, notes) == written and notes == []
    (tmp_path / similarity.FILE).write_text("{")
    assert similarity.read(tmp_path, notes) is None and notes[0].startswith("similarity.json: damaged")
