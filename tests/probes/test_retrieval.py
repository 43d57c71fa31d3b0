"""Ranks, their summaries, and chance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from auxjepa.probes.retrieval import Ranks, galleries, rank, retrieve, robustness


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def random_case(rng: torch.Generator, queries: int, candidates: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    similarity = torch.randn(queries, candidates, generator=rng, dtype=torch.float64)
    kinds = torch.arange(candidates) % classes
    asked = torch.randint(0, classes, (queries,), generator=rng)
    return similarity, asked[:, None] == kinds


def ranks(right: list[int], candidates: int, place: list[int]) -> Ranks:
    return Ranks(np.array(place), np.array(right), np.full(len(right), candidates))


def test_a_rank_is_the_place_of_the_first_right_one_in_the_sorted_list(rng):
    similarity, right = random_case(rng, 30, 17, 5)
    for place, s, r in zip(rank(similarity, right).tolist(), similarity, right, strict=True):
        ordered = r[s.argsort(descending=True)].tolist()
        assert place == ordered.index(True) + 1


def test_wrong_candidates_as_similar_come_first():
    right = torch.tensor([[True, False, False, True]])
    assert rank(torch.zeros(1, 4), right).tolist() == [3]
    assert rank(torch.tensor([[1.0, 1.0, 0.0, 2.0]]), right).tolist() == [1]
    assert rank(torch.tensor([[1.0, 1.0, 0.0, 0.0]]), right).tolist() == [2]


def test_what_cannot_be_ranked_is_said():
    right = torch.tensor([[True, False]])
    with pytest.raises(ValueError, match="finite"):
        rank(torch.tensor([[torch.nan, 0.0]]), right)
    with pytest.raises(ValueError, match="no right candidate"):
        rank(torch.zeros(1, 2), ~right & False)


def test_summaries_of_known_ranks():
    found = ranks([1, 1, 1, 1], 20, [1, 2, 6, 20])
    assert [found.recall(k) for k in (1, 5, 10)] == [25.0, 50.0, 75.0]
    assert found.hits(5).tolist() == [True, True, False, False] and found.hits(5).dtype == bool
    assert found.median == 4.0
    assert found.reciprocal == pytest.approx(100 * (1 + 1 / 2 + 1 / 6 + 1 / 20) / 4)


def test_chance_is_what_random_orders_give(rng):
    """Twenty candidates, of which one, three or seven are right."""
    right, trials = [1, 3, 7], 4000
    places = np.empty((trials, 3))
    for column, number in enumerate(right):
        order = torch.rand(trials, 20, generator=rng).argsort(dim=1).argsort(dim=1)[:, :number]
        places[:, column] = order.amin(dim=1).numpy() + 1
    told = ranks(right, 20, [1, 1, 1])
    for k in (1, 5, 10, 20, 50):
        assert told.chance_recall(k) == pytest.approx(100 * (places <= k).mean(), abs=1.5)
    assert told.chance_reciprocal() == pytest.approx(100 * (1 / places).mean(), abs=1.5)
    assert told.chance_median() == np.median(places)


def test_chance_of_one_right_candidate_has_a_short_form():
    told = ranks([1, 1], 50, [1, 1])
    assert told.chance_recall(1) == pytest.approx(2) and told.chance_recall(10) == pytest.approx(20)
    assert told.chance_reciprocal() == pytest.approx(100 * sum(1 / k for k in range(1, 51)) / 50)
    assert told.chance_median() == 25
    assert ranks([9], 9, [1]).chance_reciprocal() == pytest.approx(100)


def test_galleries_divide_all_clips_evenly():
    for clips, size, number in ((1000, 50, 20), (1030, 50, 20), (40, 50, 1), (7, 1, 7)):
        group = galleries(clips, size)
        assert len(np.unique(group)) == number
        assert np.ptp(np.bincount(group)) <= 1
    assert (galleries(100, 10) == galleries(100, 10)).all()


def test_equal_captions_of_other_clips_are_right_both_ways():
    """Clips 0 and 1 say the same; each is nearest to the other's caption."""
    clips = torch.eye(3)
    sentences = torch.eye(3)[[1, 0, 2]]
    owner, identity = torch.arange(3), torch.tensor([4, 4, 9])
    found = retrieve(clips, sentences, owner, identity, 3)
    assert found.to_text.rank.tolist() == found.to_video.rank.tolist() == [1, 1, 1]
    assert found.to_text.right.tolist() == [2, 2, 1]
    apart = retrieve(clips, sentences, owner, torch.arange(3), 3)
    assert apart.to_text.rank.tolist() == [3, 3, 1], "and by itself each comes after a tie"


def test_every_caption_asks_and_every_clip_is_answered_by_any_of_its_captions(rng):
    clips = F.normalize(torch.randn(30, 8, generator=rng), dim=1)
    owner = torch.randperm(90, generator=rng) % 30
    sentences = F.normalize(clips[owner] + torch.randn(90, 8, generator=rng), dim=1)
    identity = torch.arange(30)
    found = retrieve(clips, sentences, owner, identity, 30)
    assert len(found.to_text.rank) == 30 and len(found.to_video.rank) == 90
    assert (found.to_text.right == 3).all() and (found.to_text.candidates == 90).all()
    assert (found.to_video.right == 1).all() and (found.to_video.candidates == 30).all()
    similarity = clips.double() @ sentences.double().T
    assert (found.to_text.rank == rank(similarity, identity[:, None] == owner)).all()
    assert (found.to_video.rank == rank(similarity.T, owner[:, None] == identity)).all()


def test_galleries_are_searched_apart(rng):
    clips = F.normalize(torch.randn(40, 4, generator=rng), dim=1)
    small = retrieve(clips, clips, torch.arange(40), torch.arange(40), 10)
    assert (small.to_text.candidates == 10).all() and (small.to_text.rank == 1).all()


def test_the_same_feature_for_all_clips_retrieves_nothing():
    clips = F.normalize(torch.ones(20, 4), dim=1)
    found = retrieve(clips, clips, torch.arange(20), torch.arange(20), 20)
    assert found.to_text.recall(10) == found.to_video.recall(10) == 0


def test_a_clip_without_caption_is_refused():
    with pytest.raises(ValueError, match="every clip needs a caption"):
        retrieve(torch.eye(3), torch.eye(3), torch.tensor([0, 0, 1]), torch.arange(3), 3)


def test_robustness_of_a_straight_line():
    found = robustness([0.0, 0.5, 0.9], [50.0, 30.0, 14.0], 2.0)
    assert found.area == pytest.approx(32.0)
    assert found.relative_drop == pytest.approx(36 / 48)
    assert robustness([0.0, 0.9], [50.0, 50.0], 2.0).relative_drop == 0
    assert robustness([0.0, 0.9], [2.0, 1.0], 2.0).relative_drop is None
    for shares in ([0.1, 0.5], [0.0], [0.0, 0.5, 0.5]):
        with pytest.raises(ValueError, match="grow from 0"):
            robustness(shares, [1.0] * len(shares), 0.0)
