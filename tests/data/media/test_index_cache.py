"""The cache of frame indices stays below its limit and never returns the index of another version."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.media.index_cache import FrameIndexCache
from auxjepa.data.media.video import Video


def test_the_least_recently_used_indices_are_dropped(videos: dict[str, Path]) -> None:
    with Video(videos["bframes"]) as video:
        index = video.index
    size = len(index.to_bytes())
    cache = FrameIndexCache(limit=10 * size)
    paths = [Path(str(number)) for number in range(25)]
    for path in paths:
        cache.put(path, (1, 2), index)
        cache.put(path, (1, 3), index)  # a new version replaces the old one
        assert cache.get(paths[0], (1, 3)) is not None  # the first path is used every time, so that it stays
    assert cache.nbytes == 10 * size
    assert [number for number, path in enumerate(paths) if cache.get(path, (1, 3))] == [0, *range(16, 25)]
    assert cache.get(paths[24], (1, 2)) is None and cache.get(Path("other"), (1, 3)) is None
    again = cache.get(paths[24], (1, 3))
    assert again is not None and again.to_bytes() == index.to_bytes()
