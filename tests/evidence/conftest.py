"""Rows of a study, published scores and claims, for tests of the evidence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa.evidence.ledger.published import PublishedScore
from auxjepa.rows import Row


@pytest.fixture
def make_row() -> Callable[..., Row]:
    def make(variant: str = "ld", seed: int = 0, score: float = 50.0, **changes) -> Row:
        fields = {
            "run": f"{variant}{seed}",
            "variant": variant,
            "regime": "world",
            "seed": seed,
            "benchmark": "world_order",
            "benchmark_hash": "b1",
            "protocol": "attentive",
            "protocol_hash": "p1",
            "score": score,
            "n_test": 8,
            "n_classes": 8,
        }
        return Row(**{**fields, **changes})

    return make


@pytest.fixture
def make_score() -> Callable[..., PublishedScore]:
    def make(variant: str = "ld", seed: int = 239, top1: float = 25.0, **changes) -> PublishedScore:
        fields = {
            "regime": "mixed",
            "variant": variant,
            "seed": seed,
            "benchmark": "imagenet100",
            "head": "linear",
            "epochs": 50,
            "n_train": 1000,
            "n_test": 200,
            "classes": 100,
            "top1": top1,
        }
        return PublishedScore(**{**fields, **changes})

    return make


@pytest.fixture
def make_claim() -> Callable[..., Claim]:
    def make(kind: str = "difference", **changes) -> Claim:
        fields = {
            "id": kind,
            "statement": "LD helps",
            "kind": kind,
            "regime": "mixed",
            "variants": ["ld"],
            "benchmarks": ["imagenet100"],
            "sources": [Source(document="released_code")],
        }
        return Claim.model_validate({**fields, **changes})

    return make
