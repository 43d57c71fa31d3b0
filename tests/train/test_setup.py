"""Terms, optimiser and order of clips."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.models.jepa import JEPA
from auxjepa.train.setup import build_objectives, build_optimizer, clip_indices

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


def test_an_epoch_reads_every_clip_once_in_a_new_order():
    steps = [clip_indices(12, 4, seed=0, step=step) for step in range(6)]
    first, second = np.concatenate(steps[:3]), np.concatenate(steps[3:])
    assert sorted(first) == sorted(second) == list(range(12))
    assert first.tolist() != second.tolist()
    assert np.array_equal(steps[4], clip_indices(12, 4, seed=0, step=4))
    assert not np.array_equal(steps[0], clip_indices(12, 4, seed=1, step=0))


def test_a_batch_may_cross_epochs_and_exceed_the_pool():
    read = np.concatenate([clip_indices(10, 4, seed=0, step=step) for step in range(5)])
    assert sorted(read[:10]) == sorted(read[10:]) == list(range(10))
    assert sorted(clip_indices(3, 7, seed=0, step=0)[:6]) == [0, 0, 1, 1, 2, 2]
