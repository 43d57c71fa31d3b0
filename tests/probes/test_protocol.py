"""A protocol's hash is that of everything in it."""

from __future__ import annotations

import pytest

from auxjepa.probes.protocol import Protocol, Reading

CHANGES = {
    "name": "other",
    "version": 2,
    "reading": Reading(role="teacher"),
    "channels": "dynamics",
    "ratio": 0.25,
    "head": "attentive",
    "centre": False,
    "whiten": False,
    "epochs": 41,
    "batch": 64,
    "learning_rates": (1e-3,),
    "weight_decays": (0.0,),
    "attention_heads": 4,
    "neighbours": (5,),
    "pool": "mean",
    "dropout": 0.0,
    "select": "last",
    "prefer_inside": True,
    "halvings": 2,
}


def test_every_field_is_varied_here():
    assert CHANGES.keys() == Protocol.model_fields.keys()


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_changes_the_hash(field):
    plain = Protocol(name="linear")
    changed = Protocol.model_validate({**plain.model_dump(), field: CHANGES[field]})
    assert changed.digest() != plain.digest()
    assert Protocol(name="linear").digest() == plain.digest()


def test_level_changes_the_hash():
    assert Reading(level=0).digest() != Reading().digest()


def test_fields_that_came_later_leave_old_hashes_as_they_were():
    from auxjepa.benchmarks.world import ATTENTIVE, LINEAR

    assert (LINEAR.digest(), ATTENTIVE.digest()) == ("fd0310fb649d9d41", "c869cba43bd8bf4d")
