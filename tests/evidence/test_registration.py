"""What a registration accepts, and every way in which a study can depart from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.evidence import registration
from auxjepa.evidence.registration import (
    Filed,
    Hypothesis,
    Measure,
    Registration,
    Rule,
    changes,
    check_hypotheses,
    departures,
)
from auxjepa.rows import Row

H = Hypothesis(id="h", variant="ld", claim="above", reference="baseline", benchmark="order")
MADE = Registration(
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


def row(variant: str, run: str, **other: Any) -> Row:
    made = {
        "run": run, "variant": variant, "regime": "world", "seed": 7, "benchmark": "order", "benchmark_hash": "b",
        "protocol": "linear", "protocol_hash": "p", "score": 50.0, "n_test": 10, "n_classes": 2,
        "created": "2026-01-03T00:00:00+00:00",
    }  # fmt: skip
    return Row.model_validate(made | other)


COMPLETE = [row("ld", "aa"), row("baseline", "bb")]


def changed(**other: Any) -> list[str]:
    usual: dict[str, Any] = {"hypotheses": (H,), "rule": Rule(), "design": DESIGN}
    return changes(Filed(registration=MADE, hash=MADE.hash, edited=False), **(usual | other))


def test_a_study_that_kept_to_its_word_has_no_deviation() -> None:
    assert changed() == [] and departures(MADE, COMPLETE) == []


def test_changes_are_told() -> None:
    below = H.model_copy(update={"claim": "below"})
    more = H.model_copy(update={"id": "i"})
    assert changed(hypotheses=(below,)) == ["hypotheses changed: h"]
    assert changed(hypotheses=(H, more)) == ["hypotheses changed: i"]
    assert changed(hypotheses=()) == ["hypotheses changed: h"]
    (line,) = changed(rule=Rule(alpha=0.1))
    assert "0.05" in line and "0.1" in line
    assert changed(design=DESIGN | {"base.optim.steps": 6}) == ["the design changed: base.optim.steps"]
    assert changed(design={"seeds": [7]}) == ["the design changed: base.optim.steps"]


def test_an_edit_of_the_file_is_told() -> None:
    filed = Filed(registration=MADE, hash=MADE.hash, edited=True)
    (line,) = changes(filed, hypotheses=(H,), rule=Rule(), design=DESIGN)
    assert "edited" in line


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row("ld", "aa", created="2026-01-01T00:00:00+00:00"), COMPLETE[1]], "1 scores are older"),
        ([*COMPLETE, row("fwm", "cc")], "not registered: fwm seed 7 on world"),
        ([row("ld", "zz"), COMPLETE[1]], "another content than registered: ld seed 7 on world"),
        ([row("ld", "aa", protocol_hash="q"), COMPLETE[1]], "measured otherwise than registered: order"),
        ([row("ld", "aa", metric="top5"), COMPLETE[1]], "measured otherwise than registered: order"),
        ([row("ld", "aa", created=""), COMPLETE[1]], "1 scores are older than the registration, or have no date"),
        ([row("ld", "zz"), *COMPLETE], "another content than registered: ld seed 7 on world"),
        ([row("ld", "aa", versions={"torch": "9"}), COMPLETE[1]], "other versions than registered: torch 9"),
        (COMPLETE[:1], "1 of 2 registered scores are missing: baseline seed 7 on world, order"),
    ],
)
def test_departures_of_scores_are_told(rows: list[Row], told: str) -> None:
    assert any(told in line for line in departures(MADE, rows))


def test_a_score_that_is_not_the_mean_of_its_examples_is_told() -> None:
    half, none = np.array([True, False] * 5), None
    assert departures(MADE, COMPLETE, lambda row: half) == [] == departures(MADE, COMPLETE, lambda row: none)
    (line,) = departures(MADE, [row("ld", "aa", score=62.5), COMPLETE[1]], lambda row: half)
    assert line == "scores that aren't the mean of their examples: ld seed 7 on world, order"


def test_controls_without_an_encoder_depart_from_nothing() -> None:
    chance = row("chance", "chance", control="chance", protocol_hash="chance")
    assert departures(MADE, [*COMPLETE, chance]) == []


def test_the_hash_covers_everything() -> None:
    others = [{"seeds": (8,)}, {"created": "x"}, {"rule": Rule(alpha=0.01)}, {"hypotheses": ()}, {"design": {}}]
    hashes = {MADE.hash, *(MADE.model_copy(update=other).hash for other in others)}
    assert len(hashes) == 1 + len(others)


def test_it_is_read_as_written(tmp_path: Path) -> None:
    assert registration.read(tmp_path) is None
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(MADE)))
    assert registration.read(tmp_path) == Filed(registration=MADE, hash=MADE.hash, edited=False)
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(MADE) | {"seeds": [8]}))
    found = registration.read(tmp_path)
    assert found and found.edited and found.hash == MADE.hash
    for text, told in (("{}", "not a registration"), ("[1]", "not a registration"), ("{", "not a registration")):
        (tmp_path / registration.FILE).write_text(text)
        with pytest.raises(ConfigError, match=told):
            registration.read(tmp_path)
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(MADE) | {"newer": 1}))
    with pytest.raises(ConfigError, match="of another version"):
        registration.read(tmp_path)


def test_the_hash_is_of_the_file_not_of_what_this_version_would_write(tmp_path: Path) -> None:
    older = {k: v for k, v in MADE.model_dump(mode="json").items() if k != "question"}  # before that field was there
    written = hashlib.sha256(json.dumps(older, sort_keys=True).encode()).hexdigest()
    (tmp_path / registration.FILE).write_text(json.dumps(older | {"hash": written}))
    found = registration.read(tmp_path)
    assert found and not found.edited and found.registration == MADE


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"claim": "equivalent"}, "needs a margin"),
        ({"margin": 1.0}, "needs a margin"),
        ({"reference": "ld"}, "with itself"),
        ({"claim": "better"}, "above"),
        ({"claim": "equivalent", "margin": 0}, "greater than 0"),
    ],
)
def test_hypotheses_make_sense(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Hypothesis.model_validate(H.model_dump() | change)


def test_hypotheses_speak_of_what_is_measured() -> None:
    known = (["ld", "baseline"], ["order"], ["world"], ["random_init"])
    check_hypotheses([H, H.model_copy(update={"id": "r", "reference": "random_init"})], *known)
    for update, told in (
        ({"variant": "ldd"}, "'ldd'"),
        ({"benchmark": "direction"}, "'direction'"),
        ({"regime": "mixed"}, "'mixed'"),
    ):
        with pytest.raises(ValueError, match=told):
            check_hypotheses([H.model_copy(update=update)], *known)
    with pytest.raises(ValueError, match="two hypotheses"):
        check_hypotheses([H, H], *known)
    twin = H.model_copy(update={"reference": "ld", "reference_regime": "world"})
    with pytest.raises(ValueError, match="with itself"):
        check_hypotheses([twin], *known)
    with pytest.raises(ValueError, match="must name a regime"):
        check_hypotheses([H], known[0], known[1], ["single", "mixed"], known[3])


def test_one_variant_may_be_compared_with_itself_across_regimes() -> None:
    across = {"reference": "ld", "regime": "mixed", "reference_regime": "single"}
    made = Hypothesis.model_validate(H.model_dump() | across)
    assert made.statement == "ld pretrained on mixed is above ld pretrained on single on order"
