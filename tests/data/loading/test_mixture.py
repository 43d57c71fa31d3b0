from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auxjepa.config import ConfigError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.seeds import generator

STUDY = [Part("ucf101", 97, 0.2), Part("ssv2", 301, 0.6), Part("imagenet100", 53, 0.2)]


def _clips(draw: Draw) -> list[tuple[int, int, int]]:
    return list(zip(draw.part.tolist(), draw.index.tolist(), draw.visit.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@example([(1, 1), (1, 1), (1, 1), (1, 5)], 1, 0)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=5),
    st.integers(1, 13),
    st.integers(0, 5),
)
def test_proportions_are_exact_and_no_clip_is_read_twice_in_an_epoch(
    shapes: list[tuple[int, int]], batch: int, seed: int
) -> None:
    parts = [Part(f"p{n}", size, weight / 10) for n, (size, weight) in enumerate(shapes)]
    mixture = Mixture(parts, seed)
    clips: list[tuple[int, int, int]] = []
    for step in range(12):
        clips += _clips(mixture.draw(step, batch))
        counts = np.bincount([part for part, _, _ in clips], minlength=len(parts))
        assert np.abs(counts - len(clips) * np.array(mixture.shares)).max() < 1
    assert len(set(clips)) == len(clips)
    for number, part in enumerate(parts):
        visits = [visit for which, _, visit in clips if which == number]
        assert visits == sorted(visits)
        for epoch in range(max(visits, default=0)):  # every epoch but the last is whole
            assert visits.count(epoch) == part.size


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_divide_what_one_process_would_read(ranks: int) -> None:
    mixture = Mixture(STUDY, 7)
    for step in range(20):
        whole = mixture.draw(step, 4 * ranks)
        shares = [_clips(mixture.draw(step, 4, rank, ranks)) for rank in range(ranks)]
        assert sorted(clip for share in shares for clip in share) == sorted(_clips(whole))
        assert [shares[n % ranks][n // ranks] for n in range(4 * ranks)] == _clips(whole)


def test_any_step_can_be_drawn_directly_and_variants_of_a_seed_read_the_same() -> None:
    one, other = Mixture(STUDY, 3), Mixture(STUDY, 3)
    for step in range(50):
        one.draw(step, 8)
    late, fresh = one.draw(1000, 8), other.draw(1000, 8)
    assert _clips(late) == _clips(fresh) and (late.offset == fresh.offset).all()
    assert _clips(Mixture(STUDY, 4).draw(1000, 8)) != _clips(late)


def test_a_clip_has_another_offset_at_every_visit() -> None:
    draws = [Mixture([Part("a", 4)], 0).draw(step, 4) for step in range(50)]
    offsets = np.concatenate([draw.offset for draw in draws])
    assert len(np.unique(offsets)) == 200 and 0 <= offsets.min() < 0.05 and 0.95 < offsets.max() < 1


def test_a_part_keeps_its_order_next_to_any_other_part() -> None:
    def order(parts: list[Part]) -> list[int]:
        mixture = Mixture(parts, 1)
        number = [part.name for part in parts].index("ssv2")
        draws = [mixture.draw(step, 10) for step in range(60)]
        return np.concatenate([draw.index[draw.part == number] for draw in draws])[:300].tolist()

    assert order(STUDY) == order([Part("other", 5, 0.4), STUDY[1]])


def test_parts_of_other_lengths_have_separate_steps() -> None:
    parts = [Part("a", 10, 0.5, frames=8), Part("b", 10, 0.25, frames=8), Part("images", 10, 0.25, frames=1)]
    mixture, counts = Mixture(parts, 0), np.zeros(3)
    for step in range(40):
        part = mixture.draw(step, 6).part
        assert len({parts[n].frames for n in part}) == 1
        counts += np.bincount(part, minlength=3)
    np.testing.assert_array_equal(counts, [120, 60, 60])


def test_a_part_of_weight_0_is_never_read() -> None:
    mixture = Mixture([Part("a", 3, 0), Part("b", 3, 2)], 0)
    assert set(np.concatenate([mixture.draw(s, 5).part for s in range(9)]).tolist()) == {1}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "at least one part"),
        ([Part("a", 0)], "a has no examples"),
        ([Part("a", 1, -1)], "must not be negative"),
        ([Part("a", 1, 0)], "weight above 0"),
        ([Part("a", 1), Part("a", 2)], "different names"),
        ([Part("a", 1, 0.123456789), Part("b", 1, 0.5)], "too many digits"),
    ],
)
def test_impossible_mixtures_are_refused(parts: list[Part], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Mixture(parts, 0)


def test_a_single_part_has_the_order_of_published_runs() -> None:
    mixture = Mixture([Part("world", 10)], 5)
    read = np.concatenate([mixture.draw(step, 4).index for step in range(5)])
    orders = [torch.randperm(10, generator=generator(5, "order", epoch)).tolist() for epoch in (0, 1)]
    assert read.tolist() == orders[0] + orders[1]
    assert sorted(Mixture([Part("a", 3)], 0).draw(0, 7).index[:6].tolist()) == [0, 0, 1, 1, 2, 2]
