"""The ``tune`` section: what is refused, and the budget of a variant."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa.sealed import first_line
from auxjepa.study.tuning.settings import Interval, Tune

SPACE = {"optim.lr": {"low": 0.001, "high": 0.01, "log": True}}


def tune(**fields: Any) -> Tune:
    return Tune.model_validate({"space": SPACE, "seeds": [900, 901]} | fields)


def test_the_budget_counts_every_seed_of_the_last_stage() -> None:
    search = tune(stages=[{"steps": 100, "trials": 40}, {"steps": 300, "trials": 8}, {"steps": 800, "trials": 3}])
    assert search.steps == 100 * 40 + 300 * 8 + 800 * 3 * 2


def test_a_variant_has_the_common_fields_and_its_own() -> None:
    search = tune(variant_space={"ld": {"objectives.latent_dynamics.weight": [0.5, 1.0]}})
    assert list(search.space_of("ld")) == ["optim.lr", "objectives.latent_dynamics.weight"]
    assert list(search.space_of("baseline")) == ["optim.lr"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"space": {"optim.steps": [1, 2]}}, "would change the budget"),
        ({"space": {"optim.batch": [1, 2]}}, "would change the budget"),
        ({"space": {"seed": [1, 2]}}, "'seed' can't be searched"),
        ({"space": {"data.source": ["a", "b"]}}, "can't be searched"),
        ({"space": {"model.size": ["nano", "tiny"]}}, "can't be searched"),
        ({"space": {"masks.0.scale": [0.1, 0.2]}}, "list whole lists of masks"),
        ({"space": {"optim.lr": [0.1]}}, "two or more choices"),
        ({"space": {"optim.lr": [0.1, 0.1]}}, "lists a choice twice"),
        ({"space": {"optim.lr": {"low": 1, "high": 1}}}, "must be below high"),
        ({"space": {"optim.lr": {"low": 0, "high": 1, "log": True}}}, "log needs a low above 0"),
        ({"space": {"optim.lr": {"low": 0.5, "high": 2, "whole": True}}}, "whole needs integers"),
        ({"space": {}}, "at least 1"),
        ({"seeds": [1, 1]}, "lists something twice"),
        ({"stages": [{"steps": 2, "trials": 4}, {"steps": 2, "trials": 2}]}, "fewer trials and more steps"),
        ({"stages": [{"steps": 2, "trials": 4}, {"steps": 3, "trials": 4}]}, "fewer trials and more steps"),
        ({"generations": 2}, "generations is for the sampler 'tpe'"),
        ({"generations": 50, "sampler": "tpe"}, "above the trials of the first stage"),
        ({"sampler": "grid"}, "random"),
        ({"space": {"optim": [{"steps": 50}, {"steps": 60}]}}, "'optim' can't be searched as a whole"),
        ({"recipes": [{"optim": {"steps": 50}}]}, "'optim' can't be searched as a whole"),
        ({"benchmarks": ["a", "a"]}, "benchmarks lists something twice"),
        ({"space": {"optim.lr": {"low": 0.1, "high": 0.2, "step": 0.3}}}, "step must be above 0 and at most"),
        ({"recipes": [{"optim.steps": 5}]}, "would change the budget"),
        ({"recipes": [{"optim.lr": 0.1}] * 40}, "need a first stage of more trials"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        tune(**fields)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (3, "space.optim.lr: needs a list of choices, or low and high"),
        ({"low": 1}, "space.optim.lr.interval.high: Field required"),
        ({"low": 1, "high": 0.1}, "space.optim.lr.interval: low (1) must be below high (0.1)"),
    ],
)
def test_messages_name_no_internals(values: Any, line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        tune(space={"optim.lr": values})
    assert first_line(caught.value) == line


def test_an_interval_is_written_as_it_was_read() -> None:
    assert Interval.model_validate({"low": 1, "high": 4, "whole": True}).model_dump()["step"] is None
