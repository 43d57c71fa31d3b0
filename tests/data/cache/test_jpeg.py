from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import getitem
from pathlib import Path

import numpy as np
import pytest
from loky import ProcessPoolExecutor

from auxjepa.data.cache import jpeg
from auxjepa.data.cache.clip_cache import ClipCache, damaged_clips, open_cache
from auxjepa.data.cache.job import Job, JobClips
from auxjepa.data.cache.jpeg import JpegClips, decode, encode, pictures
from auxjepa.data.cache.store import fill_cache
from auxjepa.data.errors import CacheError

COUNT, FRAMES, ROWS, COLUMNS = 6, 5, 20, 24


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * float(np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2)))


@pytest.fixture
def clips(make_pattern: Callable[..., np.ndarray]) -> np.ndarray:
    return np.stack([make_pattern(FRAMES, ROWS, COLUMNS, seed=seed) for seed in range(COUNT)])


@pytest.fixture
def cache(clips: np.ndarray, tmp_path: Path) -> ClipCache:
    def render(number: int) -> JobClips:
        return JobClips(clips[number : number + 1], np.zeros((1, FRAMES), int), np.zeros(1, int))

    jobs = [Job(number, 1, number) for number in range(COUNT)]
    names = [f"clip {number}" for number in range(COUNT)]
    return fill_cache(
        tmp_path, {}, (FRAMES, ROWS, COLUMNS), jobs, render, names=names, encoding="jpeg", workers=1, progress=False
    )


def test_a_decoded_clip_nearly_equals_the_original(clips: np.ndarray) -> None:
    parts = encode(clips[0])
    again = decode(parts, np.empty_like(clips[0]))
    assert len(parts) == 1 and psnr(clips[0], again) > 38 and len(parts[0]) < clips[0].nbytes / 2


def test_no_frame_leaks_into_another() -> None:
    """Frames whose rows are no multiple of 8 would share a block with the next; black stays black next to noise."""
    clip = np.zeros((5, 12, 16, 3), np.uint8)
    clip[[1, 3]] = np.random.default_rng(0).integers(0, 256, (2, 12, 16, 3))
    assert not decode(encode(clip), np.empty_like(clip))[[0, 2, 4]].any()


def test_a_clip_too_tall_for_one_picture_takes_several(monkeypatch: pytest.MonkeyPatch, clips: np.ndarray) -> None:
    assert pictures(16, 224, 224) == [slice(0, 16)]
    assert [part.stop for part in pictures(600, 224, 224)] == [290, 580, 600]
    assert len(pictures(2, 8000, 8000)) == 2
    monkeypatch.setattr(jpeg, "_ROWS", 50)
    parts = encode(clips[0])
    assert len(parts) == 3 and psnr(clips[0], decode(parts, np.empty_like(clips[0]))) > 38


def test_it_is_indexed_like_an_array(cache: ClipCache) -> None:
    clips = cache.clips
    assert isinstance(clips, JpegClips)
    whole = np.asarray(clips)
    assert clips.shape == whole.shape == (COUNT, FRAMES, ROWS, COLUMNS, 3) and clips.dtype == whole.dtype == np.uint8
    assert len(clips) == COUNT and clips.ndim == 5 and clips.nbytes == whole.nbytes
    for which in (
        0,
        -1,
        np.int64(3),
        slice(None),
        slice(1, 4),
        slice(None, None, -2),
        slice(4, 2),
        [5, 2, 5],
        np.array([[0, 1], [-1, 2]]),
        np.arange(COUNT) % 2 == 0,
        np.array([], int),
        ...,
    ):
        assert np.array_equal(clips[which], whole[which]), which
    assert np.array_equal(np.array(list(clips)), whole)
    assert np.asarray(clips, dtype=np.float32).dtype == np.float32
    for bad in (COUNT, -COUNT - 1, [0, COUNT], 1.5, np.zeros(3, bool)):
        with pytest.raises(IndexError):
            clips[bad]
    with pytest.raises(IndexError, match=r"clips\[3\]\[:, 8\]"):
        clips[0, 1]
    with pytest.raises(ValueError, match="without being decoded"):
        np.array(clips, copy=False)


def test_the_stored_clips_equal_the_rendered_clips(cache: ClipCache, clips: np.ndarray) -> None:
    assert all(psnr(a, b) > 36 for a, b in zip(clips, cache.clips, strict=True))
    expected = np.stack([decode(encode(clip), np.empty_like(clip)) for clip in clips])
    assert np.array_equal(cache.clips, expected)
    assert sorted(p.name for p in cache.folder.iterdir()) == [
        "clips.jpgs",
        "header.json",
        "index.npy",
        "journal.npy",
        "labels.npz",
        "used",
    ]


def test_it_is_pickled_by_its_path_and_read_by_several_processes(cache: ClipCache) -> None:
    assert isinstance(cache.clips, JpegClips)
    packed = pickle.dumps(cache.clips)
    assert len(packed) < 1000 and np.array_equal(pickle.loads(packed), cache.clips)
    third = cache.clips[3]
    with ProcessPoolExecutor(2) as processes, ThreadPoolExecutor(4) as threads:
        results = list(processes.map(getitem, [cache.clips] * 4, [3] * 4))
        results += list(threads.map(getitem, [cache.clips] * 20, [3] * 20))
    assert all(np.array_equal(one, third) for one in results)


def test_damage_is_named(cache: ClipCache, tmp_path: Path) -> None:
    blob = cache.folder / "clips.jpgs"
    sound = blob.read_bytes()
    index = np.load(cache.folder / "index.npy")
    start = int(index[2])
    blob.write_bytes(sound[:start] + bytes(40) + sound[start + 40 :])
    opened = open_cache(tmp_path, cache.key)
    with pytest.raises(CacheError, match=r"clips\.jpgs: clip 2 is damaged.*build it again"):
        opened.clips[2]
    assert np.isfinite(opened.clips[3]).all() and list(damaged_clips(opened)) == [2]
    with pytest.raises(CacheError, match=r"clip 2 \(clip 2\) is damaged"):
        open_cache(tmp_path, cache.key, verify=True)
    blob.write_bytes(sound[:-1])
    with pytest.raises(CacheError, match=f"{len(sound) - 1:,} bytes instead of {len(sound):,}: delete"):
        open_cache(tmp_path, cache.key)
    blob.write_bytes(sound)
    moved = index.copy()
    moved[3] += 1
    np.save(cache.folder / "index.npy", moved)
    with pytest.raises(CacheError, match="checksum is wrong"):
        open_cache(tmp_path, cache.key)
    (cache.folder / "index.npy").write_bytes(b"no array")
    with pytest.raises(CacheError, match=r"index\.npy: is damaged"):
        open_cache(tmp_path, cache.key)
    blob.unlink()
    with pytest.raises(CacheError, match=r"clips\.jpgs: is missing"):
        open_cache(tmp_path, cache.key)
