"""Heads bring planted clips and captions together, and only what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from auxjepa.probes.alignment import COLDEST, WARMEST, Alignment, Towers, align, contrast
from auxjepa.probes.pairs import Pairs, shuffled
from auxjepa.probes.protocol import Reading

CLASSES, TOKENS, DIM, WORDS = 12, 6, 10, 16
QUICK = Alignment(name="quick", epochs=12, dim=16, batch=64, attention_heads=2, gallery=30, learning_rates=(3e-3, 1e-2))
CHANGES = {
    "name": "other",
    "version": 2,
    "reading": Reading(role="teacher"),
    "channels": "dynamics",
    "ratio": 0.25,
    "text": "hashed",
    "pool": "mean",
    "centre": False,
    "whiten": False,
    "dim": 32,
    "epochs": 9,
    "batch": 32,
    "learning_rates": (1e-3,),
    "weight_decays": (0.0,),
    "attention_heads": 4,
    "temperature": 0.1,
    "gallery": 20,
}


def planted(seed: int, clips: int = 240, captions: int = 2, noise: float = 0.7) -> Pairs:
    """The class is a direction of the tokens and another one of the sentence vectors, below noise."""
    fixed = torch.Generator().manual_seed(99)
    seen, said = torch.randn(CLASSES, DIM, generator=fixed), torch.randn(CLASSES, WORDS, generator=fixed)
    rng = torch.Generator().manual_seed(seed)
    identity = torch.randint(0, CLASSES, (clips,), generator=rng)
    owner = torch.arange(clips).repeat(captions)
    return Pairs(
        seen[identity][:, None] + noise * torch.randn(clips, TOKENS, DIM, generator=rng),
        F.normalize(said[identity[owner]] + noise * torch.randn(len(owner), WORDS, generator=rng), dim=1),
        owner,
        identity,
    )


SPLITS = [planted(seed) for seed in range(3)]


@pytest.mark.parametrize("pool", ["attentive", "mean"])
def test_planted_pairs_are_found_both_ways(pool):
    train, validation, test = SPLITS
    aligned = align(QUICK.model_copy(update={"pool": pool}), train, validation, seed=0)
    found = aligned.retrieve(test)
    for ranks in (found.to_text, found.to_video):
        assert ranks.recall(1) > 3 * ranks.chance_recall(1)
        assert ranks.recall(10) > 90
    assert aligned.selected["epoch"] > 1 and COLDEST <= aligned.selected["temperature"] <= WARMEST


def test_shuffled_clips_are_found_by_chance_only():
    splits = [shuffled(split, 0) for split in SPLITS]
    found = align(QUICK, *splits[:2], seed=0).retrieve(splits[2])
    for ranks in (found.to_text, found.to_video):
        assert ranks.recall(1) < ranks.chance_recall(1) + 8
    assert sorted(splits[0].tokens[:, 0, 0].tolist()) == sorted(SPLITS[0].tokens[:, 0, 0].tolist())


def test_the_same_seed_gives_the_same_heads():
    short = QUICK.model_copy(update={"epochs": 2})
    one, same, other = (align(short, *SPLITS[:2], seed=seed).clips(SPLITS[2].tokens) for seed in (0, 0, 1))
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_one_batch_or_many_give_the_same_vectors():
    aligned = align(QUICK.model_copy(update={"epochs": 1}), *SPLITS[:2], seed=0)
    clips = aligned.clips(SPLITS[2].tokens)
    assert torch.allclose(clips.norm(dim=1), torch.ones(len(clips)))
    assert torch.allclose(aligned.clips(SPLITS[2].tokens[5:6]), clips[5:6], atol=1e-5)


def test_zero_shot_classes_are_named():
    aligned = align(QUICK, *SPLITS[:2], seed=0)
    test = SPLITS[2]
    prompts = [test.texts[test.identity[test.owner] == number][:6] for number in range(CLASSES)]
    correct = aligned.classify(test.tokens, prompts) == test.identity.numpy()
    assert correct.mean() > 0.6


def naive(clips: torch.Tensor, sentences: torch.Tensor, scale: float, identity: list[int]) -> float:
    total = 0.0
    for i in range(len(clips)):
        others = [j for j in range(len(clips)) if j == i or identity[j] != identity[i]]
        for one, them in ((clips[i], sentences[others]), (sentences[i], clips[others])):
            logits = scale * (them @ one)
            total += float(logits.logsumexp(0) - logits[others.index(i)]) / 2
    return total / len(clips)


def test_the_loss_is_the_mean_over_both_ways_without_twins():
    rng = torch.Generator().manual_seed(0)
    clips, sentences = (F.normalize(torch.randn(2, 7, 5, generator=rng), dim=-1) for _ in range(2))
    identity = [0, 1, 0, 2, 1, 0, 3]
    scale = torch.tensor([10.0, 20.0]).log()[:, None, None]
    loss = contrast(clips, sentences, scale, torch.tensor(identity))
    assert loss.tolist() == pytest.approx(
        [naive(clips[g], sentences[g], s, identity) for g, s in enumerate((10, 20))], rel=1e-5
    )


def test_a_batch_of_twins_has_no_loss_and_no_bad_gradient():
    clips = F.normalize(torch.randn(1, 4, 3), dim=-1).requires_grad_()
    loss = contrast(clips, clips.detach(), torch.zeros(1, 1, 1), torch.zeros(4, dtype=torch.int64))
    loss.sum().backward()
    assert (
        float(loss.detach()) == pytest.approx(0, abs=1e-6)
        and clips.grad is not None
        and torch.isfinite(clips.grad).all()
    )


def test_temperatures_stay_in_their_range():
    towers = Towers(2, 4, 4, QUICK, torch.Generator().manual_seed(0))
    towers.scale.data = torch.tensor([-9.0, 9.0])[:, None, None]
    towers.bound()
    assert (-towers.scale).exp().flatten().tolist() == pytest.approx([WARMEST, COLDEST])


def test_test_clips_are_read_with_training_statistics():
    """A constant added to all test tokens isn't centred away."""
    aligned = align(QUICK.model_copy(update={"epochs": 1}), *SPLITS[:2], seed=0)
    assert not torch.allclose(aligned.clips(SPLITS[2].tokens), aligned.clips(SPLITS[2].tokens + 3), atol=0.1)


def test_every_field_changes_the_hash():
    plain = Alignment(name="plain")
    assert CHANGES.keys() == Alignment.model_fields.keys() - {"select"}
    digests = {Alignment.model_validate({**plain.model_dump(), key: value}).digest() for key, value in CHANGES.items()}
    assert len(digests | {plain.digest()}) == len(CHANGES) + 1


Broken = Callable[[Pairs], Pairs]
BROKEN: list[tuple[Broken, str]] = [
    (lambda p: replace(p, identity=p.identity[1:], tokens=p.tokens[1:]), "every caption a clip"),
    (lambda p: replace(p, owner=p.owner.clamp_max(9)), "needs a caption"),
]


@pytest.mark.parametrize(("broken", "says"), BROKEN)
@pytest.mark.parametrize("split", ["train", "validation"])
def test_splits_that_do_not_fit_are_refused(broken, says, split):
    both = {"train": SPLITS[0], "validation": SPLITS[1]}
    both[split] = broken(both[split])
    with pytest.raises(ValueError, match=f"{split}: .*{says}"):
        partial(align, QUICK)(both["train"], both["validation"], seed=0)


@pytest.mark.parametrize("pool", ["attentive", "mean"])
def test_features_on_disk_are_aligned_like_those_in_memory(on_disk, pool):
    protocol = QUICK.model_copy(update={"pool": pool, "epochs": 6})
    kept = [replace(pairs, tokens=on_disk(pairs.tokens)) for pairs in SPLITS]
    one, other = (align(protocol, some[0], some[1], 0).retrieve(some[2]) for some in (SPLITS, kept))
    assert abs(one.to_text.recall(1) - other.to_text.recall(1)) <= 1 and other.to_text.recall(5) > 60
    moved = shuffled(kept[2], 0)
    assert torch.equal(moved.tokens[:], shuffled(SPLITS[2], 0).tokens)
