"""Sentences on benchmarks that can be read without motion or order."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.analyses.order_controls import OrderControl, compare_order_controls, order_sentences
from auxjepa.evidence.statistics.significance import mcnemar_p, sign_flip_p
from auxjepa.row import Row

N = 200


class Planted:
    """Rows of an encoder and its controls, with marks that give their scores."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.marks: dict[str, np.ndarray] = {}

    def add(self, share: float | np.ndarray, control: str | None = None, seed: int = 0, **fields) -> Planted:
        marks = np.arange(N) < round(share * N) if isinstance(share, float) else share
        values = {
            "run": f"run{seed}",
            "variant": control or "ld",
            "regime": "world",
            "seed": seed,
            "control": control,
            "benchmark": "frame_order",
            "benchmark_hash": "b",
            "protocol": "p",
            "protocol_hash": "p",
            "score": 100 * float(marks.mean()),
            "n_test": N,
            "n_classes": 12,
        }
        row = Row.model_validate(values | fields)
        self.rows.append(row)
        self.marks[row.id] = marks
        return self

    def compare(self, **words) -> list[OrderControl]:
        return compare_order_controls(self.rows, lambda row: self.marks[row.id], **words)


def test_a_control_that_is_as_good_is_named_with_its_numbers() -> None:
    planted = Planted().add(0.5).add(0.48, "one_frame").add(0.2, "shuffled")
    one, other = planted.compare()
    assert (one.control, one.word, other.control, other.word) == ("one_frame", "read", "shuffled", "needed")
    assert one.p == mcnemar_p(4, 0) and one.above_chance and one.seeds == (0,)
    assert order_sentences([one, other]) == [
        "frame_order can be read from one frame in these videos: ld scores 50.0, one frame 48.0 (p = 0.12) and "
        "shuffled frames 20.0 (p < 0.001)."
    ]


def test_a_benchmark_that_needs_order_is_said_to() -> None:
    (sentence,) = order_sentences(Planted().add(0.6).add(0.1, "one_frame").add(0.3, "shuffled").compare())
    assert sentence.startswith("frame_order can't be read as well from one frame or without the order of frames: ld")


def test_controls_of_an_encoder_at_chance_show_nothing() -> None:
    planted = Planted().add(0.09).add(0.09, "one_frame").add(0.08, "shuffled")
    assert [one.word for one in planted.compare()] == ["chance", "chance"]
    (sentence,) = order_sentences(planted.compare())
    assert sentence.startswith("ld is not above chance on frame_order, so its controls show nothing")


def test_an_encoder_at_the_majority_class_is_at_chance() -> None:
    planted = Planted().add(0.4).add(0.4, "one_frame").add(0.39, "majority", run="majority")
    assert planted.compare()[0].word == "chance"


def test_a_difference_that_few_clips_cannot_show_is_neither() -> None:
    # The encoder is just above chance, its control isn't, and they disagree on few clips.
    planted = Planted().add(0.14).add(0.12, "one_frame").add(0.12, "shuffled")
    assert {one.word for one in planted.compare()} == {"few"}
    assert order_sentences(planted.compare())[0].startswith("The test clips are too few to show whether frame_order")


def test_clips_of_one_video_count_once() -> None:
    planted = Planted().add(0.5).add(0.4, "one_frame")
    units = np.arange(N) // 20  # ten videos: the 20 clips on which they differ are of one
    (alone,) = planted.compare()
    (grouped,) = planted.compare(units={"frame_order": units})
    assert alone.word == "needed" and alone.p is not None and alone.p < 0.001
    assert grouped.p == sign_flip_p([20.0]) and grouped.word == "read"


def test_seeds_are_averaged_and_pairs_have_the_same_run() -> None:
    planted = Planted()
    for seed in range(3):
        planted.add(0.5, seed=seed).add(0.2, "one_frame", seed=seed)
    planted.add(0.9, "one_frame", seed=7, run="another")
    (one,) = planted.compare()
    assert one.seeds == (0, 1, 2) and one.score == 50 and one.control_score == pytest.approx(20)
    assert one.word == "needed" and one.p is not None and one.p < 0.01


def test_appearance_may_be_read_from_one_frame() -> None:
    planted = Planted().add(0.5).add(0.5, "one_frame")
    assert planted.compare(capabilities={"frame_order": "appearance"}) == []
    assert len(planted.compare(capabilities={"frame_order": "order"})) == 1


def test_a_regression_is_compared_by_its_scores() -> None:
    common = {"metric": "r2", "n_classes": 1, "benchmark": "flow_magnitude"}
    planted = Planted().add(0.5, parts={"low": 20.0, "chance": 0.0}, **common).add(0.1, "shuffled", **common)
    comparisons = compare_order_controls(planted.rows, lambda row: None)
    assert [one.word for one in comparisons] == ["needed"] and comparisons[0].p is None
    weak = Planted().add(0.5, parts={"low": -1.0}, **common).add(0.6, "shuffled", **common)
    assert compare_order_controls(weak.rows, lambda row: None)[0].word == "chance"


def test_all_comparisons_are_one_family() -> None:
    first = Planted().add(0.50).add(0.465, "one_frame")  # 7 clips: McNemar's p is 0.016
    (alone,) = first.compare()
    assert (alone.word, alone.p) == ("needed", mcnemar_p(7, 0))
    for i in range(9):
        benchmark = {"benchmark": f"other{i}", "benchmark_hash": f"o{i}"}
        first.add(0.5, **benchmark).add(0.5, "one_frame", **benchmark)
    among_ten = next(one for one in first.compare() if one.benchmark == "frame_order")
    assert among_ten.word == "read" and among_ten.p == pytest.approx(10 * mcnemar_p(7, 0))
