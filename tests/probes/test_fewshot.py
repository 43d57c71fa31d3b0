from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from auxjepa.probes import fewshot
from auxjepa.probes.fewshot import Episodes, classify, draw, enough

EVERY = [
    {"head": "prototype"},
    {"head": "prototype", "transductive": True},
    {"head": "ridge"},
    {"head": "logistic", "strength": 0.1},
]


def _clouds(spread: float, classes: int = 6, each: int = 30, dim: int = 16) -> tuple[torch.Tensor, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), each)
    centres = rng.normal(size=(classes, dim))
    return torch.from_numpy(centres[labels] + spread * rng.normal(size=(len(labels), dim))), labels


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 8), st.integers(1, 8), st.integers(0, 3))
def test_episodes_have_their_ways_and_shots_and_share_no_clip(ways: int, shots: int, queries: int, seed: int) -> None:
    labels = np.repeat(np.arange(6), 16)
    how = Episodes(ways=ways, shots=shots, queries=queries, episodes=5)
    support, query = draw(labels, how, seed)
    assert support.shape == (5, ways, shots) and query.shape == (5, ways, queries)
    for s, q in zip(support, query, strict=True):
        every = np.concatenate([s.ravel(), q.ravel()])
        assert len(set(every.tolist())) == len(every) and len(set(labels[s[:, 0]].tolist())) == ways
        assert (labels[s] == labels[s[:, :1]]).all() and (labels[q] == labels[s[:, :1]]).all()
    longer = draw(labels, how.model_copy(update={"episodes": 9}), seed)
    np.testing.assert_array_equal(longer[0][:5], support)


@pytest.mark.parametrize("change", EVERY, ids=str)
def test_what_is_apart_is_told_apart_and_noise_is_at_chance(change: dict) -> None:
    features, labels = _clouds(0.2)
    how = Episodes.model_validate({"ways": 5, "shots": 5, "queries": 10, "episodes": 40, **change})
    assert classify(features, labels, how, 0).mean() > 0.97
    noise = torch.randn(180, 16, generator=torch.Generator().manual_seed(0))
    assert abs(classify(noise, labels, how, 0).mean() - 0.2) < 0.04


@pytest.mark.parametrize("change", EVERY, ids=str)
def test_more_shots_help_and_the_scale_of_features_does_not_count(change: dict) -> None:
    features, labels = _clouds(1.2)
    marks = [
        classify(features, labels, Episodes.model_validate({"shots": k, "queries": 10, "episodes": 200, **change}), 0)
        for k in (1, 5, 15)
    ]
    assert marks[0].mean() < marks[1].mean() < marks[2].mean()
    how = Episodes.model_validate({"shots": 5, "queries": 10, "episodes": 50, **change})
    np.testing.assert_array_equal(classify(features, labels, how, 1), classify(7 * features, labels, how, 1))


def test_ridge_is_ridge() -> None:
    features, labels = _clouds(1.0)
    how = Episodes(ways=3, shots=5, queries=6, episodes=3, head="ridge", strength=0.7)
    support, query = draw(labels, how, 2)
    unit = torch.nn.functional.normalize(features, dim=1).numpy()
    for episode, marks in enumerate(classify(features, labels, how, 2)):
        x, asked = unit[support[episode].ravel()], unit[query[episode].ravel()]
        targets = np.eye(3)[np.repeat(np.arange(3), 5)] - 1 / 3
        model = Ridge(alpha=0.7, fit_intercept=False).fit(x, targets)
        said = model.predict(asked).argmax(1)
        np.testing.assert_array_equal(marks, said == np.repeat(np.arange(3), 6))


def test_too_few_classes_or_clips_are_told() -> None:
    features, labels = _clouds(1.0, classes=3, each=4)
    with pytest.raises(ValueError, match="5 ways need as many classes, there are 3"):
        classify(features, labels, Episodes(), 0)
    with pytest.raises(ValueError, match="need 16 clips of every class, class 0 has 4"):
        classify(features, labels, Episodes(ways=None), 0)


def test_queries_come_from_other_videos_than_their_support() -> None:
    rng = np.random.default_rng(0)
    labels, videos = np.repeat(np.arange(4), 30), rng.integers(0, 12, 120)
    how = Episodes(ways=3, shots=4, queries=5, episodes=60)
    support, query = draw(labels, how, 0, videos)
    for s, q in zip(support.reshape(-1, 4), query.reshape(-1, 5), strict=True):
        assert not set(videos[s].tolist()) & set(videos[q].tolist()) and len(set(q.tolist())) == 5
        assert len(set(labels[np.concatenate([s, q])].tolist())) == 1
    marks = classify(torch.from_numpy(rng.normal(size=(120, 8))), labels, how, 0, videos)
    assert abs(marks.mean() - 1 / 3) < 0.08


def test_enough_is_enough_for_any_support() -> None:
    assert enough(None, 16, 1, 15) and not enough(None, 15, 1, 15)
    videos = np.array([0, 0, 0, 1, 1, 2, 3])
    assert enough(videos, 7, 1, 4) and not enough(videos, 7, 1, 5), "the largest video may be the support's"
    assert enough(videos, 7, 2, 2) and not enough(videos, 7, 2, 3) and not enough(videos, 7, 4, 1)
    labels = np.zeros(7, np.int64)
    with pytest.raises(
        ValueError, match="need 4 clips of every class, queries from other videos than the shots, class 0"
    ):
        draw(labels, Episodes(ways=1, shots=1, queries=3), 0, np.zeros(7, np.int64))


def test_many_episodes_of_large_features_are_classified_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = _clouds(1.0)
    how = Episodes(ways=3, shots=5, queries=6, episodes=30)
    whole = classify(features, labels, how, 0)
    monkeypatch.setattr(fewshot, "MOST_BYTES", 1)
    np.testing.assert_array_equal(classify(features, labels, how, 0), whole)


@pytest.mark.parametrize("change", EVERY)
def test_episodes_are_classified_on_the_device_of_their_features(change: dict) -> None:
    how = Episodes(**change)
    supports, queries = torch.empty(2, 5, 3, 8, device="meta"), torch.empty(2, 20, 8, device="meta")
    scores = fewshot._scores(supports, queries, how)
    assert scores.device.type == "meta" and scores.shape == (2, 20, 5)
