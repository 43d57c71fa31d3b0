"""Windows don't overlap, follow from contents, and are counted where they are left out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.diagnostics.windows import Windows, choose_windows, span_of
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.scan import Scanned

WORDS = {"most": 1000, "each": 8, "seed": 0, "progress": False}


def ranges(windows: Windows) -> dict[str, list[tuple[int, int]]]:
    out: dict[str, list[tuple[int, int]]] = {}
    for entry in windows.manifest.entries:
        out.setdefault(entry.file.path, []).append((entry.start, entry.stop))
    return out


@pytest.mark.parametrize(("frames", "stride", "each"), [(8, 1, 8), (8, 2, 8), (5, 1, 3), (13, 1, 8)])
def test_windows_of_a_video_do_not_overlap_and_have_its_span(data: DataConfig, frames, stride, each) -> None:
    settings = data.model_copy(update={"frames": frames, "stride": stride})
    windows = choose_windows(settings, "spread", **(WORDS | {"each": each}))
    span = (frames - 1) * stride + 1
    for parts in ranges(windows).values():
        assert len(parts) <= min(each, 40 // span) and all(stop - start == span for start, stop in parts)
        assert all(before[1] <= after[0] for before, after in pairwise(parts))
        assert parts[0][0] >= 0 and parts[-1][1] <= 40
    cache = windows.open(settings, workers=1, progress=False)
    expected = [np.arange(entry.start, entry.stop, stride) for entry in windows.manifest.entries]
    assert np.array_equal(cache.indices, np.stack(expected)) and not cache.repeated.any()


def test_omitted_videos_are_counted_and_no_group_is_in_two_splits(data: DataConfig) -> None:
    windows = choose_windows(data, "spread", **WORDS)
    assert windows.omitted == {"copies": 1, "still pictures": 0, "too short": 1}
    assert {"00.mkv", "copy.mkv"} - set(ranges(windows)) == {"copy.mkv"}
    for group in np.unique(windows.group):
        assert len(np.unique(windows.split[windows.group == group])) == 1
    assert set(windows.split.tolist()) == {0, 1, 2}


def test_ends_are_the_first_and_the_last_window(data: DataConfig) -> None:
    windows = choose_windows(data, "ends", **WORDS)
    assert set(map(tuple, ranges(windows).values())) == {((0, 8), (32, 40))}
    pairs = choose_windows(data, "pair", **WORDS)
    assert all(len(parts) == 2 for parts in ranges(pairs).values())


def test_positions_follow_from_content_and_seed_and_not_from_names(data: DataConfig, squares: Path, tmp_path) -> None:
    data = data.model_copy(update={"frames": 17})
    windows = ranges(choose_windows(data, "spread", **WORDS))
    assert windows == ranges(choose_windows(data, "spread", **WORDS))
    assert windows != ranges(choose_windows(data, "spread", **(WORDS | {"seed": 1})))
    other = tmp_path / "other"
    other.mkdir()
    for path in squares.glob("[01]*.mkv"):
        (other / f"renamed{path.name}").write_bytes(path.read_bytes())
    renamed = data.model_copy(update={"source": f"folder:{other}", "root": tmp_path / "data"})
    again = ranges(choose_windows(renamed, "spread", **WORDS))
    assert {f"renamed{name}": parts for name, parts in windows.items() if name[0] in "01"} == again


@pytest.mark.parametrize("most", [60, 26, 13, 7])
def test_a_limit_shortens_long_videos_first_and_keeps_every_split(data: DataConfig, most: int) -> None:
    windows = choose_windows(data, "spread", **(WORDS | {"most": most}))
    counts = [len(parts) for parts in ranges(windows).values()]
    assert sum(counts) <= most and set(windows.split.tolist()) == {0, 1, 2} and max(counts) - min(counts) <= 1


def test_videos_that_are_all_too_short_are_one_line(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match=r"no video has the 41 frames .* too short.*fewer data.frames"):
        choose_windows(data.model_copy(update={"frames": 41}), "spread", **WORDS)


def test_the_span_follows_the_rate_of_the_file() -> None:
    entry = Entry(Scanned("a.mp4", 1, 0, "hash", None, frames=100, fps=25.0), 0, 100)
    assert span_of(entry, DataConfig(frames=8, fps=5)) == 41
    assert span_of(entry, DataConfig(frames=8, fps=25)) == 9
    assert span_of(entry, DataConfig(frames=8, stride=3)) == 22
