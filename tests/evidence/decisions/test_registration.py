"""Registrations, hypotheses and their files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.evidence.decisions import registration
from auxjepa.evidence.decisions.registration import (
    Hypothesis,
    Measure,
    Registration,
    RegistrationFile,
    Rule,
    check_hypotheses,
)

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


def test_the_hash_covers_everything() -> None:
    updates = [{"seeds": (8,)}, {"created": "x"}, {"rule": Rule(alpha=0.01)}, {"hypotheses": ()}, {"design": {}}]
    hashes = {REGISTRATION.hash, *(REGISTRATION.model_copy(update=update).hash for update in updates)}
    assert len(hashes) == 1 + len(updates)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert registration.read(tmp_path) is None
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(REGISTRATION)))
    assert registration.read(tmp_path) == RegistrationFile(
        registration=REGISTRATION, hash=REGISTRATION.hash, edited=False
    )
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(REGISTRATION) | {"seeds": [8]}))
    filed = registration.read(tmp_path)
    assert filed and filed.edited and filed.hash == REGISTRATION.hash
    for text, message in (("{}", "not a registration"), ("[1]", "not a registration"), ("{", "not a registration")):
        (tmp_path / registration.FILE).write_text(text)
        with pytest.raises(ConfigError, match=message):
            registration.read(tmp_path)
    (tmp_path / registration.FILE).write_text(json.dumps(registration.to_json(REGISTRATION) | {"newer": 1}))
    with pytest.raises(ConfigError, match="of another version"):
        registration.read(tmp_path)


def test_the_hash_is_that_of_the_content_of_the_file(tmp_path: Path) -> None:
    older = {
        k: v for k, v in REGISTRATION.model_dump(mode="json").items() if k != "question"
    }  # an older version without that field
    written = hashlib.sha256(json.dumps(older, sort_keys=True).encode()).hexdigest()
    (tmp_path / registration.FILE).write_text(json.dumps(older | {"hash": written}))
    filed = registration.read(tmp_path)
    assert filed and not filed.edited and filed.registration == REGISTRATION


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claim": "equivalent"}, "needs a margin"),
        ({"margin": 1.0}, "needs a margin"),
        ({"reference": "ld"}, "with itself"),
        ({"claim": "better"}, "above"),
        ({"claim": "equivalent", "margin": 0}, "greater than 0"),
    ],
)
def test_hypotheses_that_cannot_be_decided_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Hypothesis.model_validate(H.model_dump() | change)


def test_hypotheses_name_only_measured_things() -> None:
    study = (["ld", "baseline"], ["order"], ["world"], ["random_init"])
    check_hypotheses([H, H.model_copy(update={"id": "r", "reference": "random_init"})], *study)
    for update, message in (
        ({"variant": "ldd"}, "'ldd'"),
        ({"benchmark": "direction"}, "'direction'"),
        ({"regime": "mixed"}, "'mixed'"),
    ):
        with pytest.raises(ValueError, match=message):
            check_hypotheses([H.model_copy(update=update)], *study)
    with pytest.raises(ValueError, match="two hypotheses"):
        check_hypotheses([H, H], *study)
    same = H.model_copy(update={"reference": "ld", "reference_regime": "world"})
    with pytest.raises(ValueError, match="with itself"):
        check_hypotheses([same], *study)
    with pytest.raises(ValueError, match="must name a regime"):
        check_hypotheses([H], study[0], study[1], ["single", "mixed"], study[3])


def test_one_variant_may_be_compared_with_itself_across_regimes() -> None:
    across = {"reference": "ld", "regime": "mixed", "reference_regime": "single"}
    hypothesis = Hypothesis.model_validate(H.model_dump() | across)
    assert hypothesis.statement == "ld pretrained on mixed is above ld pretrained on single on order"
