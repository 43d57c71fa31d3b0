"""Copies of networks count once, and honest networks are never taken for copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adversary import ADVERSARIES, copy_marks, edit_json, rewrite
from auxjepa.evidence.study_folder.agreement import CLASS_COUNTS, Network, agreements, floor_of
from auxjepa.evidence.study_folder.copies import Copies, find_copies, without_copies
from auxjepa.evidence.study_folder.folder import load
from auxjepa.rows import Row

ROOT = Path(__file__).parents[3]
KINDS = (
    "copy_seeds",
    "copy_seeds_with_flips",
    "copy_seeds_without_marks",
    "name_one_run",
    "record_one_network",
)


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    return write_study(tmp_path_factory.mktemp("honest"), seeds=3, steps=2)


@pytest.fixture
def folder(honest: Path, tmp_path: Path) -> Path:
    return shutil.copytree(honest, tmp_path / "study")


def test_honest_networks_are_no_copies(honest: Path) -> None:
    for place in (honest, ROOT / "docs" / "evidence" / "confirm"):
        copies = load(place).copies
        assert not copies.copies and not copies.suspects and not copies.notes and copies.compared > 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_under_several_seeds_counts_once(folder: Path, kind: str) -> None:
    ADVERSARIES[kind](folder)
    study = load(folder)
    assert len(study.copies.copies) == 10  # two of three seeds of five variants
    assert {row.seed for row in study.rows if row.control is None} == {0}
    assert {row.seed for row in study.rows if row.control == "random_init"} == {0, 1, 2}
    (note,) = [line for line in study.notes if line.startswith("copies: ")]
    assert "10 networks are copies" in note and "baseline seed 1 is baseline seed 0 (" in note


def test_the_reference_under_another_name_is_left_out(folder: Path) -> None:
    ADVERSARIES["rename_reference"](folder)
    study = load(folder)
    assert {copy.network.variant for copy in study.copies.copies} == {"fwm"}
    assert {copy.original.name for copy in study.copies.copies} == {f"baseline seed {seed}" for seed in range(3)}
    assert "fwm" not in {row.variant for row in study.rows} and "baseline" in {row.variant for row in study.rows}


def test_random_init_under_the_name_of_a_variant_and_under_several_seeds(folder: Path) -> None:
    copy_marks(folder, lambda row: ("random_init", row.seed) if row.variant == "ld" else None)
    assert {copy.network.variant for copy in load(folder).copies.copies} == {"ld"}
    copy_marks(folder, lambda row: ("random_init", 1) if row.control == "random_init" else None)
    copied = {copy.network.name for copy in load(folder).copies.copies}
    assert {"random_init seed 1", "random_init seed 2"} <= copied


def test_equal_marks_at_the_floor_and_at_the_ceiling_can_be_honest(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for share in (0.02, 0.995):
        marks = rng.permutation(1000) < 1000 * share
        rewrite(folder, marks={row.id: marks for row in load(folder).rows if row.control is None})
        study = load(folder)
        assert not study.copies.copies and not study.copies.suspects


def test_a_probe_that_predicts_a_frequent_class_is_at_the_floor(folder: Path) -> None:
    constant = np.arange(1000) < 420
    name = "world_direction"
    rewrite(folder, marks={r.id: constant for r in load(folder).rows if r.benchmark == name and r.control is None})
    rewrite(folder, lambda row: row if row["benchmark"] == name else None)
    assert load(folder).copies.copies
    counts = {CLASS_COUNTS: [420, *[580 // 7] * 6, 580 - 6 * (580 // 7)]}
    edit_json(folder / "benchmarks.json", lambda info: info | {name: info[name] | counts})
    assert not load(folder).copies.copies


def test_marks_that_agree_on_most_benchmarks_are_suspect_and_kept(folder: Path) -> None:
    copy_marks(folder, lambda row: ("ld", 0) if row.variant == "ld" and row.benchmark != "world_order" else None)
    study = load(folder)
    assert not study.copies.copies and len(study.copies.suspects) == 3
    (note,) = study.copies.notes
    assert "ld seed 0 and ld seed 1 (the same results on 3 of 4 benchmarks)" in note


def test_damaged_records_of_classes_are_ignored(make_row: Callable[..., Row]) -> None:
    row = make_row(n_test=100)
    chance = floor_of(row, {})
    for counts in ([], [0, 0], "many", [1, None], [-1, 2], {"a": 1}, [True]):
        assert floor_of(row, {CLASS_COUNTS: counts}) == chance
    assert floor_of(row, {CLASS_COUNTS: [90, 10]}) > 90 and floor_of(make_row(n_test=0), {}) == 12.5


def test_one_run_filed_twice_and_tables_with_run_names_are_no_copies(make_row: Callable[..., Row]) -> None:
    rows = [make_row(seed=s, run="sweep", score=50 + s) for s in range(3)]
    assert len(find_copies(rows, [], lambda row: None, {}, {}).copies) == 2
    assert not find_copies(rows, [], lambda row: None, {}, {}, runs_are_hashes=False).copies
    again = [make_row(seed=0, run=run) for run in ("a", "b")]
    assert not find_copies(again, [], lambda row: None, {"a": "w", "b": "w"}, {}).copies
    initial = [make_row("random_init", control="random_init", regime=regime, run="random-1") for regime in ("a", "b")]
    assert not find_copies(initial, [], lambda row: None, {}, {}).copies


def test_scores_on_changed_frames_follow_their_encoder(make_row: Callable[..., Row]) -> None:
    rows = [make_row(seed=s) for s in (0, 1)]
    changed = [make_row("shuffled", row.seed, control="shuffled", run=row.run) for row in rows]
    copies = find_copies(rows, [], lambda row: None, dict.fromkeys([row.run for row in rows], "w"), {})
    assert [row.seed for row in without_copies([*rows, *changed], copies)] == [0, 0]
    assert without_copies(rows, Copies()) == rows


def test_scores_without_marks_agree_by_all_their_digits(make_row: Callable[..., Row]) -> None:
    def rows(digits: float) -> list[Row]:
        names = [f"b{i}" for i in range(3)]
        return [
            make_row("ld", seed, 40 + digits, benchmark=name, metric="r2", validation=41 + digits, n_test=500)
            for seed in (0, 1)
            for name in names
        ]

    assert len(find_copies(rows(0.1234567), [], lambda row: None, {}, {}).copies) == 1
    assert not find_copies(rows(0.1), [], lambda row: None, {}, {}).copies


def test_one_benchmark_is_too_little_where_the_weights_differ(make_row: Callable[..., Row]) -> None:
    marks = np.arange(1000) % 2 == 0
    rows = [make_row(seed=seed, n_test=1000) for seed in (0, 1)]
    networks = [Network.of(row) for row in rows]
    by_network = {network: [row] for network, row in zip(networks, rows, strict=True)}
    (pair,) = agreements(networks, by_network, lambda row: marks, {}, set())
    assert pair.is_copy and pair.words == "the same results on 1 of 1 benchmarks"
    (pair,) = agreements(networks, by_network, lambda row: marks, {}, {row.run for row in rows})
    assert not pair.is_copy
