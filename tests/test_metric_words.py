"""Words in names of metrics."""

from __future__ import annotations

import pytest

from auxjepa.metric_words import is_accuracy, is_error, is_score


@pytest.mark.parametrize("name", ["top1", "Top-1", "acc@1".replace("@1", ""), "Accuracy", "top-1 accuracy"])
def test_accuracies(name: str) -> None:
    assert is_accuracy(name) and not is_error(name)


def test_errors_and_training_values() -> None:
    assert is_error("depth_RMSE") and is_error("val/mse") and not is_error("terrors") and not is_accuracy("top5")
    assert is_score("val/acc") and is_score("test.mse") and not is_score("train/acc") and not is_score("lr")
