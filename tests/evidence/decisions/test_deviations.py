"""Deviations of a study from its registration."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa.evidence.decisions.deviations import list_changes, list_departures
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, RegistrationFile, Rule
from auxjepa.rows import Row

H = Hypothesis(id="h", variant="ld", claim="above", reference="baseline", benchmark="order")


REGISTRATION = Registration(
    name="s",
    hypotheses=(H,),
    seeds=(7,),
    measures={"world": {"order": Measure(benchmark_hash="b", protocol_hash="p")}},
    runs={"ld seed 7 on world": "aa", "baseline seed 7 on world": "bb"},
    design={"seeds": [7], "base.optim.steps": 5},
    versions={"torch": "2.13.0"},
    created="2026-01-02T00:00:00+00:00",
)
DESIGN = {"seeds": [7], "base.optim.steps": 5, "phase": "confirm"}


def row(variant: str, run: str, **fields: Any) -> Row:
    usual = {
        "run": run, "variant": variant, "regime": "world", "seed": 7, "benchmark": "order", "benchmark_hash": "b",
        "protocol": "linear", "protocol_hash": "p", "score": 50.0, "n_test": 10, "n_classes": 2,
        "created": "2026-01-03T00:00:00+00:00",
    }  # fmt: skip
    return Row.model_validate(usual | fields)


COMPLETE = [row("ld", "aa"), row("baseline", "bb")]


def changes(**fields: Any) -> list[str]:
    usual: dict[str, Any] = {"hypotheses": (H,), "rule": Rule(), "design": DESIGN}
    return list_changes(
        RegistrationFile(registration=REGISTRATION, hash=REGISTRATION.hash, edited=False), **(usual | fields)
    )


def test_an_unchanged_study_has_no_deviation() -> None:
    assert changes() == [] and list_departures(REGISTRATION, COMPLETE) == []


def test_changes_are_listed() -> None:
    below = H.model_copy(update={"claim": "below"})
    more = H.model_copy(update={"id": "i"})
    assert changes(hypotheses=(below,)) == ["hypotheses changed: h"]
    assert changes(hypotheses=(H, more)) == ["hypotheses changed: i"]
    assert changes(hypotheses=()) == ["hypotheses changed: h"]
    (line,) = changes(rule=Rule(alpha=0.1))
    assert "0.05" in line and "0.1" in line
    assert changes(design=DESIGN | {"base.optim.steps": 6}) == ["the design changed: base.optim.steps"]
    assert changes(design={"seeds": [7]}) == ["the design changed: base.optim.steps"]


def test_an_edit_of_the_file_is_listed() -> None:
    filed = RegistrationFile(registration=REGISTRATION, hash=REGISTRATION.hash, edited=True)
    (line,) = list_changes(filed, hypotheses=(H,), rule=Rule(), design=DESIGN)
    assert "edited" in line


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("ld", "aa", created="2026-01-01T00:00:00+00:00"), COMPLETE[1]], "1 scores are older"),
        ([*COMPLETE, row("fwm", "cc")], "not registered: fwm seed 7 on world"),
        ([row("ld", "zz"), COMPLETE[1]], "another content than registered: ld seed 7 on world"),
        (
            [row("ld", "aa", protocol_hash="q"), COMPLETE[1]],
            "benchmarks that were measured differently than registered: order",
        ),
        (
            [row("ld", "aa", metric="top5"), COMPLETE[1]],
            "benchmarks that were measured differently than registered: order",
        ),
        (
            [row("ld", "aa", protocol_hash="q"), COMPLETE[1]],
            "1 score of ld on order has the protocol hash q and not",
        ),
        ([row("ld", "aa", metric="top5"), COMPLETE[1]], "1 score of ld on order has the metric top5 and not the"),
        ([row("ld", "aa", created=""), COMPLETE[1]], "1 scores are older than the registration, or have no date"),
        ([row("ld", "zz"), *COMPLETE], "another content than registered: ld seed 7 on world"),
        (
            [row("ld", "aa", versions={"torch": "9"}), COMPLETE[1]],
            "measured with other versions than registered: torch 9",
        ),
        (COMPLETE[:1], "1 of 2 registered scores are missing: baseline seed 7 on world, order"),
    ],
)
def test_departures_of_scores_are_listed(rows: list[Row], message: str) -> None:
    assert any(message in line for line in list_departures(REGISTRATION, rows))


def test_a_score_that_is_not_the_mean_of_its_examples_is_listed() -> None:
    assert list_departures(REGISTRATION, COMPLETE, lambda row: None) == []
    assert list_departures(REGISTRATION, COMPLETE, lambda row: "missing") == []
    fault = lambda row: "contradicting" if row.score == 62.5 else None  # noqa: E731
    (line,) = list_departures(REGISTRATION, [row("ld", "aa", score=62.5), COMPLETE[1]], fault)
    assert line == "scores that are not the mean of their examples: ld seed 7 on world, order"


def test_controls_without_an_encoder_are_no_departure() -> None:
    chance = row("chance", "chance", control="chance", protocol_hash="chance")
    assert list_departures(REGISTRATION, [*COMPLETE, chance]) == []
