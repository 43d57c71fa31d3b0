from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.loading.feed import Feed, array_feed
from auxjepa.data.open import open_feed
from auxjepa.data.sets.prepare import prepare_set
from miniatures import ucf101


def _clips(feed: Feed, steps: range, batch: int = 6) -> list[torch.Tensor]:
    return [feed.batch(3, step, batch).clips.clone() for step in steps]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("feed")
    prepare_set("ucf101", ucf101.build(root / "UCF"), root / "data", progress=False)
    return root / "data"


def _config(store: Path, **change: object) -> DataConfig:
    plain = {"root": store, "frames": 4, "size": 16, "clips": 24, "workers": 0}
    return DataConfig.model_validate(plain | change)


def test_the_order_of_an_array_never_changes() -> None:
    clips = np.arange(10 * 2 * 4 * 4 * 3, dtype=np.uint32).reshape(10, 2, 4, 4, 3).astype(np.uint8)
    feed = array_feed(clips)
    index = np.sort(feed.draw(3, 1, 6).index)
    np.testing.assert_array_equal(feed.batch(3, 1, 6).clips.numpy(), clips[index])
    np.testing.assert_array_equal(feed.preview(4).numpy(), clips[:4])
    assert len(feed.preview(99)) == 10 and len(feed) == 10


@pytest.mark.parametrize("cache", ["auto", "jpeg", "none"])
def test_any_step_can_be_read_and_workers_change_nothing(store: Path, cache: str) -> None:
    feed = open_feed(_config(store, source="ucf101", cache=cache), progress=False)
    straight = _clips(feed, range(5))
    assert straight[0].shape == (6, 4, 16, 16, 3) and straight[0].float().std() > 20
    again = open_feed(_config(store, source="ucf101", cache=cache, workers=2), progress=False)
    try:
        for step in (3, 4, 0, 1):  # continues, jumps back, continues
            assert torch.equal(again.batch(3, step, 6).clips, straight[step])
    finally:
        again.close()
    assert again.key == feed.key


def test_without_a_cache_every_visit_shows_another_part_of_the_video(store: Path) -> None:
    feed = open_feed(_config(store, source="ucf101", cache="none"), progress=False)
    assert len(feed) == 18  # examples of the split; data.clips doesn't count
    first, second = (torch.cat(_clips(feed, steps)) for steps in (range(3), range(3, 6)))
    order = [np.concatenate([feed.draw(3, s, 6).index for s in steps]) for steps in (range(3), range(3, 6))]
    assert sorted(order[0]) == sorted(order[1]) == list(range(18))
    moved = [not torch.equal(first[np.argsort(order[0])[n]], second[np.argsort(order[1])[n]]) for n in range(18)]
    assert sum(moved) > 12


def test_a_mixture_of_videos_and_images_of_the_world(store: Path) -> None:
    mixture = {"world:motion": {"weight": 0.2}, "ucf101": {"weight": 0.4}, "world:images": {"weight": 0.4}}
    config = _config(store, mixture=mixture)
    feed = open_feed(config, progress=False)
    counts = np.zeros(3)
    for step in range(5):
        loaded, drawn = feed.batch(0, step, 6), feed.draw(0, step, 6)
        counts += np.bincount(drawn.part, minlength=3)
        still = (loaded.clips == loaded.clips[:, :1]).flatten(1).all(1)
        assert still.tolist() == (drawn.part == 1).tolist()  # a picture is a static clip
    assert [part.name for part in feed.parts] == ["ucf101", "world:images", "world:motion"]
    np.testing.assert_array_equal(counts, [12, 12, 6])
    names = [name for name, _ in feed.described(6)]
    assert names[0].startswith("UCF-101/") and feed.preview(6).shape == (6, 4, 16, 16, 3)
    assert feed.key != open_feed(_config(store, mixture={**mixture, "ucf101": {"weight": 0.5}}), progress=False).key


def test_images_of_one_frame_have_separate_steps(store: Path) -> None:
    mixture = {"ucf101": {"weight": 0.75}, "world:images": {"weight": 0.25, "frames": 1}}
    feed = open_feed(_config(store, mixture=mixture), progress=False)
    frames = [clips.shape[1] for clips in _clips(feed, range(8))]
    assert sorted(frames) == [1, 1, 4, 4, 4, 4, 4, 4]


def test_missing_sources_are_refused(store: Path) -> None:
    for source, words in (("ucf11", "prepared in .* are: ucf101"), ("world:moton", "did you mean 'motion'")):
        with pytest.raises(ConfigError, match=words):
            open_feed(_config(store, source=source), progress=False)


def test_the_order_of_a_mixture_does_not_matter(store: Path) -> None:
    parts = {"ucf101": {"weight": 0.5}, "world:motion": {"weight": 0.5}}
    one, other = (
        open_feed(_config(store, mixture=dict(order)), progress=False)
        for order in (parts.items(), reversed(list(parts.items())))
    )
    assert one.key == other.key and torch.equal(one.batch(0, 3, 6).clips, other.batch(0, 3, 6).clips)


def test_weights_that_can_not_be_mixed_are_refused_before_anything_is_opened(tmp_path: Path) -> None:
    config = _config(tmp_path, mixture={"nowhere": {"weight": 0}})
    with pytest.raises(ConfigError, match="weight above 0"):
        open_feed(config, progress=False)
