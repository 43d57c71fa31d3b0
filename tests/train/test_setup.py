"""Terms, optimiser and order of clips."""

from __future__ import annotations

import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.models.jepa import JEPA
from auxjepa.train.setup import build_objectives, build_optimizer

LD = {"prediction": {}, "latent_dynamics": {}}


def test_a_key_may_name_any_objective_and_a_term_moves_no_others_start(tiny):
    alone = build_objectives(tiny(objectives={"latent_dynamics": {}}))
    both = build_objectives(tiny(objectives={**LD, "again": {"name": "latent_dynamics"}}))
    assert torch.equal(alone["latent_dynamics"].head[0].weight, both["latent_dynamics"].head[0].weight)
    assert not torch.equal(both["again"].head[0].weight, both["latent_dynamics"].head[0].weight)


def test_hyperparameters_arrive(tiny):
    built = build_objectives(tiny(objectives={"latent_dynamics": {"args": {"hidden_dim": 7}}}))
    assert built["latent_dynamics"].head[0].weight.shape == (7, 64)


@pytest.mark.parametrize("key", ["pop", "a.b", ""])
def test_keys_that_torch_cannot_hold_are_refused(tiny, key):
    with pytest.raises(ConfigError, match="can't be the key of a term"):
        build_objectives(tiny(objectives={key: {"name": "prediction"}}))


def test_every_trainable_parameter_is_in_one_group_and_vectors_are_not_decayed(tiny):
    config = tiny(objectives=LD)
    model, heads = JEPA(config), build_objectives(config)
    decayed, plain = build_optimizer(config, model, heads).param_groups
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.04, 0.0)
    listed = [p for group in (decayed, plain) for p in group["params"]]
    trainable = [*model.student.parameters(), *model.predictor.parameters(), *heads.parameters()]
    assert {id(p) for p in listed} == {id(p) for p in trainable} and len(listed) == len(trainable)
    assert all(p.ndim > 1 for p in decayed["params"]) and all(p.ndim <= 1 for p in plain["params"])
    assert id(heads["latent_dynamics"].head[0].weight) in {id(p) for p in decayed["params"]}
    assert id(model.predictor.mask_token) in {id(p) for p in plain["params"]}
