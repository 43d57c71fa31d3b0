"""Studies combined: copies add nothing, in any order, and what was measured differently stays separate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.cli import main
from auxjepa.evidence.analyses.meta_studies import combine_studies
from auxjepa.evidence.study_folder.folder import Study, load
from auxjepa.rows import Row

CONFIRM = Path(__file__).parents[3] / "docs" / "evidence" / "confirm"


def test_a_copy_of_confirm_with_fewer_seeds_adds_nothing(tmp_path: Path) -> None:
    half = tmp_path / "half"
    half.mkdir()
    lines = (CONFIRM / "rows.jsonl").read_text().splitlines(keepends=True)
    (half / "rows.jsonl").write_text("".join(line for line in lines if json.loads(line)["seed"] < 106))
    shutil.copy(CONFIRM / "benchmarks.json", half)
    (half / "study.yaml").write_text("name: half\nreference: baseline\n")
    confirm, copy = load(CONFIRM), load(half)
    alone = combine_studies([confirm])
    for studies in ([confirm, copy], [copy, confirm]):
        meta = combine_studies(studies)
        assert [one.result for one in meta.comparisons] == [one.result for one in alone.comparisons]
        assert (meta.networks, meta.shared) == (60, 36)
        assert "half adds no network: other studies have all of its 36 networks" in meta.notes
        assert "60 distinct networks. 36 of them are in several studies. They count once." in meta.sentence
        assert all(one.pairs_by_study == {"confirm": 10, "half": 6} for one in meta.comparisons)
    order = next(
        one for one in alone.comparisons if (one.comparison.variant, one.comparison.benchmark)[1] == "world_order"
    )
    assert order.result is not None and order.result.fixed == pytest.approx(43.33) and order.result.random is None


@pytest.fixture
def make_study(make_row: Callable[..., Row]) -> Callable[..., Study]:
    """A study of ``ld`` against ``baseline``; networks are named by the study, or shared on one side."""

    def make(
        name: str, gain: float = 5.0, seeds: int = 3, shared: str = "", info: dict | None = None, **changes
    ) -> Study:
        rows = []
        for seed in range(seeds):
            networks = {"baseline": f"{shared or name}-b{seed}", "ld": f"{name}-l{seed}"}
            for variant, score in (("baseline", 40.0 + seed), ("ld", 40.0 + gain + seed * 1.5)):
                rows.append(make_row(variant, seed, score, **{"run": networks[variant], **changes}))
        return Study(name, reference="baseline", rows=rows, benchmark_info={"world_order": info} if info else {})

    return make


def test_a_shared_reference_is_named(make_study: Callable[..., Study]) -> None:
    meta = combine_studies([make_study("a", shared="x"), make_study("b", 7, shared="x"), make_study("c", 9)])
    (one,) = meta.comparisons
    assert one.result is not None and one.result.studies == 3 and one.result.tau is not None
    assert (one.result.pairs, one.result.networks, one.result.shared) == (9, 15, 3)
    assert meta.shared == 3 and meta.notes == []
    assert combine_studies([make_study("a")]).sentence == "a have 6 distinct networks and share none."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"benchmark_hash": "b2"}, "benchmark (b1 and b2)"),
        ({"protocol_hash": "p2"}, "protocol (p1 and p2)"),
        ({"metric": "mse"}, "metric"),
        ({"metric": "-top1"}, "direction (less is better in one of them)"),
        ({"info": {"unit": "cm"}}, "unit"),
    ],
)
def test_other_measurements_are_not_combined(make_study: Callable[..., Study], changes: dict, reason: str) -> None:
    meta = combine_studies([make_study("a"), make_study("b", **changes)])
    assert len(meta.comparisons) == 2 and all(one.result and one.result.studies == 1 for one in meta.comparisons)
    assert meta.notes == [f"scores on world_order have another {reason} in some studies, so they are not combined: ld"]


def test_two_scores_of_one_network_are_named(make_study: Callable[..., Study]) -> None:
    first, second = make_study("a"), make_study("b", 6.0)
    second.rows = [row.model_copy(update={"run": row.run.replace("b-", "a-")}) for row in second.rows]
    meta = combine_studies([first, second])
    assert "ld seed 0 on world_order: 45 in a and 46 in b, for one network; the first of these counts" in meta.notes
    assert meta.comparisons[0].result == combine_studies([first]).comparisons[0].result


def test_the_command_prints_table_sentence_and_json(
    study: Path, write_study: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, target = write_study(tmp_path / "other", seeds=2, name="other"), tmp_path / "meta.json"
    assert main(["evidence", "meta", str(study), str(other), "--json-file", str(target)]) == 0
    out = capsys.readouterr().out
    assert "over networks" in out and "quick and other have 15 distinct networks. 10 of them" in out
    content = json.loads(target.read_text())
    assert content["shared_networks"] == 10 and len(content["comparisons"]) == 16
    assert content["comparisons"][0]["result"]["studies"] == 1
    (tmp_path / "empty").mkdir()
    for argv, reason in (
        ([], "needs at least 2 study folders"),
        ([str(study)], "needs at least 2 study folders"),
        ([str(study), str(tmp_path / "none")], "no study folder"),
        ([str(study), str(tmp_path / "empty")], "empty has no scores to combine: rows.jsonl is missing"),
        ([str(study), str(study)], "is given twice"),
    ):
        assert main(["evidence", "meta", *argv]) == 2
        err = capsys.readouterr().err
        assert reason in err and err.count("\n") == 1
