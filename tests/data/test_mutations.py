"""A seeded sample of ``python -m speed.mutations``: reading a damaged file never crashes or hangs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.cache.build import build_cache
from auxjepa.data.manifest import scan as scanned
from auxjepa.data.manifest.manifest import scan
from auxjepa.processes import jobs as parallel
from deadly import Deadly
from mutants import MAIN, RANDOM, Mutant, encode_bases, mutants, write
from mutants.judge import Verdict, judge, outcome


@pytest.fixture(scope="session")
def bases(natural: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return encode_bases(natural / "carphone_pristine.mp4", tmp_path_factory.mktemp("sound"), frames=14)


@pytest.fixture(scope="session")
def judged(bases: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Mutant, Verdict, str]]:
    """Mutants, the verdict on each, and its name. All tests share one judge."""
    root, selected = tmp_path_factory.mktemp("judged"), mutants(bases)
    drawn, sure = [m for m in selected if m.kind in RANDOM], [m for m in selected if m.kind not in RANDOM]
    rng = np.random.default_rng(0)
    some = [drawn[n] for n in rng.permutation(len(drawn))[:30]] + [sure[n] for n in rng.permutation(len(sure))[:24]]
    must = ("script_of_itself.mkv", "script_of_a_file.mp4", "pipe.mp4", "samples_30_million-h264.mp4")
    some += [m for m in sure if m.name in (*must, "trun_20_million-fragments.mp4") and m not in some]
    for name in MAIN:
        (root / name).write_bytes(bases[name])
    sound, *verdicts = judge([root / "h264.mp4", *(write(mutant, root, bases) for mutant in some)])
    assert (sound.checked, sound.quick, sound.read, len(sound.frames)) == ("sound", "sound", "sound", 14)
    return [(m, v, outcome(v, None)) for m, v in zip(some, verdicts, strict=True)]


def test_nothing_crashes_hangs_or_exhausts_memory(judged: list[tuple[Mutant, Verdict, str]]) -> None:
    assert len(judged) > 55
    assert [(m.name, end) for m, _, end in judged if end not in ("reported", "other frames")] == []


def test_invalid_and_cut_videos_are_always_reported(judged: list[tuple[Mutant, Verdict, str]]) -> None:
    ends = {m.name: v for m, v, _ in judged if m.kind in ("references", "no regular file") or "samples_" in m.name}
    ends |= {m.name: v for m, v, _ in judged if m.kind == "truncation"}
    assert len(ends) > 12
    assert {name: v.checked for name, v in ends.items() if v.checked in ("", "sound")} == {}
    words = {m.name: v.reason for m, v, _ in judged}
    assert words["pipe.mp4"] == "is a named pipe, not a video file"
    assert words["samples_30_million-h264.mp4"].startswith("declares 30,000,000 frames or samples")
    assert words["script_of_a_file.mp4"] == "not a video: its content has no supported format"


def test_files_that_pass_the_check_can_be_read(judged: list[tuple[Mutant, Verdict, str]]) -> None:
    read = [v for _, v, _ in judged if v.checked == "sound"]
    assert len(read) > 5 and all(v.quick == v.read == "sound" and v.frames for v in read)


def test_mutants_are_the_same_every_time(bases: dict[str, bytes], tmp_path: Path) -> None:
    first, second = (
        [write(m, tmp_path, bases).read_bytes() for m in mutants(bases, seed=seed)[:60]] for seed in (3, 3)
    )
    assert first == second
    other = [write(m, tmp_path, bases).read_bytes() for m in mutants(bases, seed=4)[:60]]
    assert sum(a != b for a, b in zip(first, other, strict=True)) > 50


def test_broken_files_change_nothing_about_the_others(bases: dict[str, bytes], tmp_path: Path) -> None:
    selected = [m for m in mutants(bases, seed=1) if m.kind in (*RANDOM, "wrong extension", "no regular file")]
    built = []
    for name, broken in (("alone", []), ("among", selected[:: len(selected) // 40])):
        folder = tmp_path / name
        folder.mkdir()
        for base, data in bases.items():
            (folder / f"m_{base}").write_bytes(data)
        for mutant in broken:
            write(mutant, folder, bases)
        found = scan(folder, tmp_path / f"{name}.jsonl", progress=False)
        cache = build_cache(found, root=tmp_path / name, frames=4, size=16, seed=3, progress=False)
        ours = [n for n, called in enumerate(cache.names) if called.startswith("m_")]
        records = [e.file for e in found.entries if e.file.path.startswith("m_")]
        built.append((found, [cache.names[n] for n in ours], cache.indices[ours], np.array(cache.clips)[ours], records))
    (alone, *_), (among, *_) = built
    assert len(alone.defects) == 0 and len(among.defects) >= 20
    assert built[0][1] == built[1][1] == [f"m_{name}" for name in sorted(bases)]
    assert np.array_equal(built[0][2], built[1][2]) and np.array_equal(built[0][3], built[1][3])
    assert [(r.hash, r.frames) for r in built[0][4]] == [(r.hash, r.frames) for r in built[1][4]]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_kills_its_reader_is_a_defect(
    workers: int, bases: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (tmp_path / f"{number}.mp4").write_bytes(bases["h264.mp4"])
    Deadly("auxjepa.data.manifest.scan._scan_file", "'3.mp4'").install(monkeypatch)
    found = scan(tmp_path, workers=workers, progress=False)
    assert [(one.path, one.defect) for one in found.defects] == [
        ("3.mp4", "the process that reads it dies (SIGKILL, out of memory?)")
    ]
    assert [entry.name for entry in found.entries] == [f"{n}.mp4" for n in (0, 1, 2, 4, 5)]
    monkeypatch.setattr(scanned, "run_jobs", lambda *args, **how: pytest.fail("scanned again"))
    assert scan(tmp_path, progress=False) == found


def test_a_build_whose_worker_is_killed_ends_with_the_same_clips(
    bases: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.mp4").write_bytes(bases["h264.mp4"])
    found = scan(folder, check=False, progress=False)
    sound = build_cache(found, root=tmp_path / "sound", frames=4, size=16, progress=False)
    monkeypatch.setattr(parallel, "ALONE_SECONDS", 0.0)
    Deadly("auxjepa.data.cache.build._render", "path='25.mp4'", tmp_path / "flag").install(monkeypatch)
    built = build_cache(found, root=tmp_path / "built", frames=4, size=16)
    assert (tmp_path / "flag").exists() and np.array_equal(built.clips, sound.clips) and built.names == sound.names
    assert "decoding clips: a worker died (SIGKILL" in " ".join(capsys.readouterr().err.split())
