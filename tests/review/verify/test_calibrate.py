"""The small model: its fit, its answer without results, and the separation of groups."""

from __future__ import annotations

import json
import math

import pytest

from auxjepa.evidence.ledger.entry import Check
from auxjepa_review.verify import calibrate
from auxjepa_review.verify.calibrate import Item, brier, features, fit, held_out, log_loss, probability

AGREES, DIFFERS = {"outcome": 1.0, "loose": 0.0}, {"outcome": -1.0, "loose": 0.0}


def items(right: int, wrong: int) -> list[Item]:
    """Return ``right`` and ``wrong`` cases of either outcome, each in a separate group."""
    cases = [(AGREES, True)] * right + [(AGREES, False)] * wrong
    cases += [(DIFFERS, False)] * right + [(DIFFERS, True)] * wrong
    return [Item(values, true, f"g{i}") for i, (values, true) in enumerate(cases)]


def test_probabilities_follow_the_shares() -> None:
    model = fit(items(80, 20), prior_sd=100.0)
    assert probability(AGREES, model) == pytest.approx(0.8, abs=0.01)
    assert probability(DIFFERS, model) == pytest.approx(0.2, abs=0.01)


def test_few_unanimous_labels_give_no_certainty_and_more_give_more() -> None:
    few, many = (probability(AGREES, fit(items(n, 0))) for n in (3, 300))
    assert 0.75 < few < 0.99 < many < 1


def test_without_results_the_probability_is_a_half() -> None:
    assert probability({"outcome": 0.0, "loose": 0.0}, fit(items(5, 1))) == 0.5
    with pytest.raises(ValueError, match="nothing to fit on"):
        fit([])


def test_features_are_signed_and_loose_where_a_reading_decides() -> None:
    reading = [Check(name="wording", state="unknown", message="often")]
    assert features("holds", []) == AGREES
    assert features("fails", reading) == {"outcome": -1.0, "loose": -1.0}
    assert features("", reading) == {"outcome": 0.0, "loose": 0.0}


def test_a_group_is_judged_by_models_that_never_saw_it() -> None:
    """One group contradicts all others. Models without the group judge it like the others; models with it do not."""
    odd = [Item(AGREES, False, "odd")] * 50
    every = [*items(10, 0), *odd]
    separate = held_out(every, [item.group for item in every], [True] * 70)
    assert min(separate[-50:]) == max(separate[-50:]) > 0.9
    mixed = held_out(every, [str(i) for i in range(70)], [True] * 70)
    assert max(mixed[-50:]) < 0.4
    unused = held_out(every, [str(i) for i in range(70)], [item.group != "odd" for item in every])
    assert min(unused[-50:]) > 0.9 and all(0 < probability < 1 for probability in unused)


def test_scores_by_hand() -> None:
    assert brier([0.8, 0.4], [True, False]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([0.8, 0.4], [True, False], [3.0, 1.0]) == pytest.approx((3 * 0.04 + 0.16) / 4)
    assert log_loss([0.8, 0.4], [True, False]) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)


def test_the_model_of_the_package_describes_its_fit() -> None:
    content = json.loads(calibrate.FILE.read_text(encoding="utf-8"))
    assert "logistic regression" in content["made"] and "--fit" in content["command"] and content["by_hand"]
    model = calibrate.model()
    assert probability(AGREES, model) > 0.9 > 0.1 > probability(DIFFERS, model)
    assert model.weights["loose"] < 0  # what rests on a reading is less sure
