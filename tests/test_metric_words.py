"""Words in names of metrics."""

from __future__ import annotations

import math

import pytest

from auxjepa.metric_words import is_accuracy, is_error, is_score, range_of


@pytest.mark.parametrize("name", ["top1", "Top-1", "acc@1".replace("@1", ""), "Accuracy", "top-1 accuracy"])
def test_accuracies(name: str) -> None:
    assert is_accuracy(name) and not is_error(name)


def test_errors_and_training_values() -> None:
    assert is_error("depth_RMSE") and is_error("val/mse") and not is_error("terrors") and not is_accuracy("top5")
    assert is_score("val/acc") and is_score("test.mse") and not is_score("train/acc") and not is_score("lr")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("top1", (0, 100)),
        ("Top-1 accuracy", (0, 100)),
        ("recall@5", (0, 100)),
        ("recall_at_10", (0, 100)),
        ("MRR", (0, 100)),
        ("mean_class", (0, 100)),
        ("r2", (-math.inf, 100)),
        ("spearman", (-100, 100)),
        ("mse", (0, math.inf)),
        ("points", (-math.inf, math.inf)),
        ("accuracy gain", (-math.inf, math.inf)),
        ("-mse", (-math.inf, math.inf)),
    ],
)
def test_ranges_of_metrics(metric: str, expected: tuple[float, float]) -> None:
    assert range_of(metric) == expected
