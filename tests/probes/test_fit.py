"""Probes solve what can be solved, choose on validation alone, and repeat themselves."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from auxjepa.probes.fit import Split, fit_probe, over_examples, probe
from auxjepa.probes.protocol import Protocol

LINEAR = Protocol(name="linear", epochs=10)
ATTENTIVE = Protocol(name="attentive", head="attentive", epochs=15, learning_rates=(3e-3, 1e-2), attention_heads=2)
KNN = Protocol(name="knn", head="knn")


@pytest.mark.parametrize("protocol", [LINEAR, ATTENTIVE, KNN], ids=lambda p: p.name)
def test_a_planted_direction_is_found(linear, protocol):
    score = probe(protocol, *linear(), classes=4, seed=0)
    assert score.test > 90 and score.validation > 90
    assert score.test == pytest.approx(100 * score.correct.mean()) and len(score.correct) == 300


def test_one_token_that_tells_is_found_by_attention_and_not_by_the_mean(one_token_tells):
    splits = one_token_tells()
    assert probe(ATTENTIVE, *splits, classes=4, seed=0).test > 90
    assert probe(LINEAR, *splits, classes=4, seed=0).test < 40


def test_noise_stays_at_chance(linear):
    train, validation, test = linear()
    rng = torch.Generator().manual_seed(1)
    noise = [Split(torch.randn(300, 6, 12, generator=rng), split.labels) for split in (train, validation, test)]
    assert probe(ATTENTIVE, *noise, classes=4, seed=0).test < 36


@pytest.mark.parametrize("protocol", [LINEAR, ATTENTIVE, KNN], ids=lambda p: p.name)
def test_test_labels_choose_nothing(linear, protocol):
    train, validation, test = linear(clips=100)
    honest = probe(protocol, train, validation, test, classes=4, seed=0)
    wrong = Split(test.tokens, (test.labels + 1) % 4)
    other = probe(protocol, train, validation, wrong, classes=4, seed=0)
    assert other.selected == honest.selected and other.validation == honest.validation
    assert not (other.correct & honest.correct).any()


def test_validation_does_choose(linear):
    """A rate at which nothing is learned is not chosen, wherever it stands in the grid."""
    splits = linear(clips=100)
    for rates in ((1e-9, 1e-2), (1e-2, 1e-9)):
        protocol = LINEAR.model_copy(update={"learning_rates": rates})
        assert probe(protocol, *splits, classes=4, seed=0).selected["learning_rate"] == 1e-2


@pytest.mark.parametrize("protocol", [LINEAR, ATTENTIVE], ids=lambda p: p.name)
def test_same_seed_same_score_and_inputs_stay_as_they_were(linear, protocol):
    splits = linear(clips=60)
    before = copy.deepcopy(splits)
    first, second = (probe(protocol, *splits, classes=4, seed=3) for _ in range(2))
    assert first.selected == second.selected and (first.correct == second.correct).all()
    assert all(torch.equal(a.tokens, b.tokens) for a, b in zip(splits, before, strict=True))


def test_bad_labels_are_refused_by_split(linear):
    train, validation, test = linear(clips=20)
    with pytest.raises(ValueError, match="validation labels must be in 0 … 2"):
        probe(LINEAR, Split(train.tokens, train.labels % 3), validation, test, classes=3, seed=0)
    with pytest.raises(ValueError, match="test: 0 labels for 0 clips"):
        probe(LINEAR, train, validation, Split(test.tokens[:0], test.labels[:0]), classes=4, seed=0)


@pytest.mark.parametrize("protocol", [LINEAR, ATTENTIVE, KNN], ids=lambda p: p.head)
def test_a_fitted_probe_is_read_on_any_number_of_test_sets(protocol: Protocol) -> None:
    def split(count: int, seed: int) -> Split:
        rng = torch.Generator().manual_seed(seed)
        labels = torch.randint(0, 3, (count,), generator=rng)
        centres = torch.randn(3, 8, generator=torch.Generator().manual_seed(9))
        return Split(torch.randn(count, 4, 8, generator=rng) + 2 * centres[labels][:, None], labels)

    fitted = fit_probe(protocol, split(120, 0), split(60, 1), 3, seed=0)
    one, other = split(80, 2), split(40, 3)
    alone = probe(protocol, split(120, 0), split(60, 1), one, 3, seed=0)
    assert fitted.score(one).test == alone.test > 70 and (fitted.score(one).correct == alone.correct).all()
    assert fitted.score(other).test > 70 and (fitted.score(one).correct == alone.correct).all()
    assert fitted.predict(other.tokens).shape == (40,) and fitted.selected == alone.selected


@pytest.mark.parametrize("protocol", [LINEAR, ATTENTIVE, KNN], ids=lambda p: p.head)
def test_features_on_disk_give_the_score_of_those_in_memory(linear, on_disk, protocol, monkeypatch):
    monkeypatch.setattr("auxjepa.probes.kept.READ", 4 * 6 * 12 * 64)
    splits = linear(clips=200)
    kept = [Split(on_disk(split.tokens), split.labels) for split in splits]
    one, other = (probe(protocol, *some, classes=4, seed=0) for some in (splits, kept))
    assert one.selected == other.selected and abs(one.validation - other.validation) <= 0.5
    assert (one.correct != other.correct).sum() <= 1, "sums are taken in another order, nothing more"
    assert other.test > 80


@pytest.mark.parametrize("protocol", [LINEAR, KNN], ids=lambda p: p.name)
def test_clips_of_one_example_are_right_or_wrong_as_one(linear, protocol):
    train, validation, test = linear()
    fitted = fit_probe(protocol, train, validation, 4, seed=0)
    example, unit = np.repeat(np.arange(60), 5), np.repeat(np.arange(20), 15)
    order = np.argsort(test.labels.numpy(), kind="stable")  # five clips of one class each
    labels, tokens = test.labels[order], test.tokens[order]
    whole = [number for number in range(60) if len(set(labels[example == number].tolist())) == 1]
    chosen = np.flatnonzero(np.isin(example, whole))
    example, unit = np.unique(example[chosen], return_inverse=True)[1], unit[chosen]
    score = fitted.score(Split(tokens[chosen], labels[chosen], 1, example, unit))
    assert len(score.correct) == len(score.units) == len(whole) and score.clips == len(chosen)
    assert score.test == pytest.approx(100 * score.correct.mean()) and score.test > 95
    probability = fitted.probabilities(tokens[chosen])
    assert torch.allclose(probability.sum(dim=1), torch.ones(len(chosen)), atol=1e-5)
    assert torch.equal(probability.argmax(dim=1), fitted.predict(tokens[chosen]))


def test_probabilities_are_summed_over_the_clips_of_an_example():
    total, first = over_examples(np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]), np.array([0, 1, 0]))
    assert total == pytest.approx(np.array([[1.3, 0.7], [0.2, 0.8]])) and first.tolist() == [0, 1]


def test_votes_tell_all_classes_apart_not_the_first_alone():
    """A softmax of votes, which go into the millions, is 1 for the first class and 0 for all others."""
    rng = torch.Generator().manual_seed(0)
    noise = Split(torch.randn(60, 1, 4, generator=rng), torch.arange(60) % 4)
    probability = fit_probe(KNN, noise, noise, 4, seed=0).probabilities(noise.tokens)
    assert ((probability > 0.01).sum(dim=1) > 1).float().mean() > 0.5
