from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from auxjepa.data.cache.clip_cache import cache_key, open_cache
from noise_cache import SETTINGS, fill

from .conftest import Command

RAW, JPEG = cache_key(SETTINGS), cache_key(SETTINGS, "jpeg")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two caches in ``data``, one of them unused for 40 days."""
    clips = tmp_path / "data" / "clips"
    fill(clips, about="/videos")
    fill(clips, encoding="jpeg")
    long_ago = time.time() - 40 * 86400
    os.utime(clips / RAW / "used", (long_ago, long_ago))
    return clips


def test_ls_shows_what_there_is(auxjepa: Command, root: Path) -> None:
    shown = auxjepa("data", "cache", "ls")
    assert shown.code == 0
    raw = next(line for line in shown.out.splitlines() if RAW in line)
    for word in ("20", "4x6x6", "raw", "40 days ago", "complete", "/videos"):
        assert word in raw
    assert "just now" in shown.out and "2 in data/clips" in shown.out
    listed = json.loads(auxjepa("data", "cache", "ls", "--json").out)
    assert {one["key"] for one in listed} == {RAW, JPEG} and listed[1]["settings"] == SETTINGS
    assert auxjepa("data", "cache", "ls", "--store", "nowhere").out == "no caches in nowhere/clips\n"


def test_rm_by_age_key_and_all(auxjepa: Command, root: Path) -> None:
    dry = auxjepa("data", "cache", "rm", "--older-than", "30d", "--dry-run")
    assert f"would remove {RAW}: 20 clips of 4x6x6" in dry.out and JPEG not in dry.out and (root / RAW).exists()
    assert dry.out.splitlines()[-1].startswith("would free ")
    assert f"removed {RAW}" in auxjepa("data", "cache", "rm", "--older-than", "30d").out and not (root / RAW).exists()
    assert auxjepa("data", "cache", "rm", "--partial").out == "freed 0 bytes\n" and (root / JPEG).exists()
    assert f"removed {JPEG}" in auxjepa("data", "cache", "rm", JPEG).out and not (root / JPEG).exists()
    fill(root)
    assert f"removed {RAW}" in auxjepa("data", "cache", "rm", "--all").out and not (root / RAW).exists()


def test_rm_refuses_what_it_should(auxjepa: Command, root: Path) -> None:
    assert "say which" in (nothing := auxjepa("data", "cache", "rm")).err and nothing.code == 2
    near = auxjepa("data", "cache", "rm", RAW[:-1] + "x")
    assert near.code == 2 and f"did you mean {RAW!r}?" in near.err
    assert "lists them" in auxjepa("data", "cache", "rm", "zzz").err
    assert "such as 30d" in auxjepa("data", "cache", "rm", "--older-than", "soon").err
    assert "did you mean 'verify'" in auxjepa("data", "cache", "verifi").err
    cache = open_cache(root, RAW)
    kept = auxjepa("data", "cache", "rm", RAW, JPEG)
    assert kept.code == 1 and f"kept (a living process reads it) {RAW}" in kept.out and "is in use" in kept.err
    assert not (root / JPEG).exists() and cache.clips[0].any()
    assert auxjepa("data", "cache", "rm", "--all").code == 0 and (root / RAW).exists()


def test_verify_finds_damage(auxjepa: Command, root: Path) -> None:
    sound = auxjepa("data", "cache", "verify")
    assert sound.code == 0 and sorted(sound.out.splitlines()) == sorted([f"{RAW} sound", f"{JPEG} sound"])
    assert auxjepa("data", "cache", "verify", JPEG).out == f"{JPEG} sound\n"
    data = bytearray((root / RAW / "clips.bin").read_bytes())
    data[0] ^= 1
    (root / RAW / "clips.bin").write_bytes(data)
    (root / JPEG / "index.npy").unlink()
    found = auxjepa("data", "cache", "verify")
    assert found.code == 1 and f"{RAW} 1 of 20 clips are damaged (0)" in found.out
    assert f"{JPEG} data/clips/{JPEG}/index.npy: is missing" in found.out
    assert "2 of 2 are damaged" in found.err and "auxjepa data cache rm" in found.err


def test_verify_has_nothing_to_read_in_a_partial_cache(auxjepa: Command, root: Path) -> None:
    (root / RAW).rename(root / f"{RAW}.partial")
    assert RAW not in auxjepa("data", "cache", "verify").out
    named = auxjepa("data", "cache", "verify", RAW)
    assert named.code == 1 and "is partial" in named.err
    assert "partial" in auxjepa("data", "cache", "ls").out
    assert f"removed {RAW}" in auxjepa("data", "cache", "rm", "--partial").out and (root / JPEG).exists()


def test_help(auxjepa: Command) -> None:
    assert "ls|rm|verify" in auxjepa("data", "cache", "--help").out
    for action in ("ls", "rm", "verify"):
        assert f"usage: auxjepa data cache {action}" in auxjepa("data", "cache", action, "--help").out
