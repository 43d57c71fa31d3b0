"""From draws to pixels: real files of every difficult kind, pictures, segments, and what happens when files break."""

from __future__ import annotations

import ctypes
import gc
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auxjepa.data.errors import VideoError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.examples import TRIES, Examples, substitutes
from auxjepa.data.loading.loader import Loader
from auxjepa.data.loading.mixture import Mixture, Part
from auxjepa.data.loading.reader import ArrayReader, ClipReader
from auxjepa.data.loading.worker import share, unshare
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Entry, Manifest, scan
from auxjepa.data.manifest.scan import Scanned, scan_files
from auxjepa.data.media.video import Video


def draw(*clips: tuple[int, int, int, float]) -> Draw:
    part, index, visit, offset = zip(*clips, strict=True)
    return Draw(np.array(part), np.array(index), np.array(visit), np.array(offset, float))


def lone(folder: Path, *names: str) -> Manifest:
    scanned = scan_files(folder, names, folder / "own.jsonl", workers=1, progress=False)
    return Manifest(folder, tuple(Entry(one, 0, one.frames) for one in scanned.values()), {}, {}, ())


@pytest.fixture
def folder(tmp_path: Path, videos: dict[str, Path]) -> Path:
    """Twelve intact videos of the difficult kinds, as one part."""
    root = tmp_path / "videos"
    root.mkdir()
    for name in ("bframes", "open_gop", "vp9", "avi", "mpeg2", "hevc", "variable", "edit_list", "ffv1", "odd"):
        shutil.copy(videos[name], root / f"{name}{videos[name].suffix}")
    for copy in ("one", "two"):
        shutil.copy(videos["bframes"], root / f"{copy}.mp4")
    return root


@pytest.mark.parametrize(
    "cut",
    [Cut(6, 24), Cut(6, 24, stride=3), Cut(6, 24, fps=9.0), Cut(5, 24, where="uniform")],
    ids=["stride 1", "stride 3", "9 fps", "uniform"],
)
def test_the_clips_of_a_draw_are_the_frames_that_the_cut_names(folder: Path, cut: Cut) -> None:
    manifest = scan(folder, workers=1, progress=False)
    reader = ClipReader([(manifest, cut)])
    wanted = draw(*((0, index, 0, offset) for index in range(len(manifest)) for offset in (0.0, 0.63)))
    assert reader.shape(wanted) == (24, cut.frames, 24, 24, 3)
    for _ in range(2):  # with the frame list from the file, and from memory
        clips, failures = reader.read(wanted)
        assert clips.shape == reader.shape(wanted) and clips.dtype == np.uint8 and not failures
        for number in range(24):
            entry = manifest.entries[wanted.index[number]]
            with Video(folder / entry.file.path) as video:
                sample = cut.sample(entry, video.times, video.info.duration, wanted.offset[number])
                assert (clips[number] == video.read(sample.indices, size=24)).all(), entry.name


def test_segments_pictures_and_names_that_are_not_utf8(tmp_path: Path, videos: dict[str, Path]) -> None:
    root = tmp_path / "mixed"
    root.mkdir()
    odd = root / b"caf\xe9.mp4".decode("utf-8", "surrogateescape")
    shutil.copy(videos["bframes"], odd)
    shutil.copy(videos["bframes"], root / "long.mp4")
    (root / "labels.csv").write_text("path,start,stop\nlong.mp4,10,20\nlong.mp4,30,50\n")
    moving = scan(root, workers=1, progress=False)
    assert [entry.frames for entry in moving.entries] == [50, 10, 20]
    Image.fromarray(np.arange(30 * 40 * 3, dtype=np.uint8).reshape(30, 40, 3)).save(root / "still.png")
    stills = lone(root, "still.png")
    reader = ClipReader([(moving, Cut(4, 24)), (stills, Cut(4, 24))])
    clips, failures = reader.read(draw((0, 0, 0, 0.5), (0, 1, 0, 0.99), (0, 2, 0, 0.0), (1, 0, 0, 0.7)))
    assert not failures
    with Video(root / "long.mp4") as video:
        assert (clips[1] == video.read(range(16, 20), size=24)).all()
        assert (clips[2] == video.read(range(30, 34), size=24)).all()
    assert clips[0].std() > 5 and (clips[3] == clips[3][0]).all() and clips[3].std() > 5
    assert reader.name(0, 1) == "long.mp4[10:20]" and reader.name(1, 0) == "still.png"


def break_(path: Path, how: str) -> None:
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-900])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "noise":  # of the same length: only decoding notices
        path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "unreadable":
        path.unlink()
        path.symlink_to(path)


@pytest.mark.parametrize("how", ["gone", "cut", "empty", "noise", "folder", "unreadable", "another"])
def test_a_broken_file_is_replaced_reported_and_changes_no_other_clip(
    folder: Path, how: str, videos: dict[str, Path]
) -> None:
    manifest = scan(folder, workers=1, progress=False)
    mixture = Mixture([Part("one", len(manifest))], 5)
    reader = ClipReader([(manifest, Cut(4, 16))])
    before = [reader.read(mixture.draw(step, 6))[0] for step in range(6)]
    bad = next(n for n, entry in enumerate(manifest.entries) if entry.file.path == "one.mp4")
    if how == "another":
        shutil.copy(videos["hevc"], folder / "one.mp4")
    else:
        break_(folder / "one.mp4", how)
    failures = []
    for fresh in (reader, ClipReader([(manifest, Cut(4, 16))])):  # whatever a reader remembers of a file
        failures.clear()
        for step in range(6):
            drawn = mixture.draw(step, 6)
            clips, failed = fresh.read(drawn)
            failures += failed
            sound = drawn.index != bad
            assert (clips[sound] == before[step][sound]).all()
            for clip, visit, offset in zip(clips[~sound], drawn.visit[~sound], drawn.offset[~sound], strict=True):
                instead = substitutes(0, bad, int(visit), len(manifest))[0]
                assert (clip == fresh.read(draw((0, instead, 0, offset)))[0][0]).all()
        assert len(failures) == 3 and {failure.name for failure in failures} == {"one.mp4"}
        assert all(failure.reason and "\n" not in str(failure) for failure in failures)
        assert len({failure.replaced_by for failure in failures}) > 1  # not always the same substitute
    with Loader(reader, lambda step: mixture.draw(step, 6), workers=2, stop=6) as loader:
        assert [failure for batch in loader for failure in batch.failures] == failures


def test_several_broken_files_and_no_substitute(folder: Path) -> None:
    manifest = scan(folder, workers=1, progress=False)
    reader = ClipReader([(manifest, Cut(4, 16))])
    order = substitutes(0, 3, 0, len(manifest))
    paths = [folder / manifest.entries[n].file.path for n in (3, *order)]
    for path in paths[:3]:
        path.unlink()
    _, failures = reader.read(draw((0, 3, 0, 0.5)))
    assert [failure.name for failure in failures] == [path.name for path in paths[:3]]
    assert {failure.replaced_by for failure in failures} == {paths[3].name}
    for path in paths[3:]:
        path.unlink()
    with pytest.raises(
        VideoError, match=rf"{TRIES} substitutes cannot be read either: scan the folder again"
    ) as raised:
        reader.read(draw((0, 3, 0, 0.5)))
    assert paths[0].name in str(raised.value) and "\n" not in str(raised.value)


def test_a_single_example_has_no_substitute(tmp_path: Path, videos: dict[str, Path]) -> None:
    shutil.copy(videos["bframes"], tmp_path / "only.mp4")
    reader = ClipReader([(lone(tmp_path, "only.mp4"), Cut(4, 16))])
    (tmp_path / "only.mp4").unlink()
    with pytest.raises(VideoError, match=r"only.mp4: the file is gone since the scan: scan the folder again"):
        reader.read(draw((0, 0, 0, 0.5)))


def test_substitutes_differ_from_the_example_and_from_each_other() -> None:
    for size in (1, 2, 3, 7, 100):
        for index in range(size):
            result = substitutes(1, index, 4, size)
            assert index not in result and len(set(result)) == len(result) == min(TRIES, size - 1)
    assert substitutes(0, 5, 0, 100) != substitutes(0, 5, 1, 100) != substitutes(1, 5, 1, 100)


def test_a_million_examples_are_megabytes_once_for_all_processes() -> None:
    files = [
        Scanned(f"kinetics/class {n % 400:03d}/{n:08d}_000010_000020.mp4", 99, 1, "", None, 300) for n in range(500)
    ]
    entries = tuple(Entry(file, start, start + 100) for file in files for start in (0, 100, 200))
    examples = Examples(Manifest(Path("/data"), entries, {}, {}, ()))
    path = len(files[0].path)
    assert examples.nbytes == len(entries) * 12 + len(files) * (20 + path)
    assert [examples.entry(n).name for n in (0, 4, 1499)] == [entries[n].name for n in (0, 4, 1499)]
    reader = ClipReader([(Manifest(Path("/data"), entries, {}, {}, ()), Cut(4, 16))])
    skeleton = pickle.dumps(reader, protocol=5, buffer_callback=lambda _: None)
    assert len(skeleton) < 2500  # the arrays travel in shared memory
    memory = share(reader)
    opened = unshare(memory.fd)
    memory.close()
    assert opened.name(0, 1499) == entries[1499].name


class MallInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena a b c mapped d e used f g".split()]  # noqa: SIM905


def allocated() -> int:
    """Bytes in use in the C heap, also those that Python doesn't track."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        pytest.skip("needs glibc's mallinfo2")
    libc.mallinfo2.restype = MallInfo
    gc.collect()
    info = libc.mallinfo2()
    return info.used + info.mapped


@pytest.mark.parametrize("name", ["bframes", "avi", "ffv1", "vp8_hidden"])
def test_reading_a_clip_leaks_no_memory(tmp_path: Path, videos: dict[str, Path], name: str) -> None:
    """PyAV leaks a packet of 150 bytes whenever its generators are dropped before their end."""
    file = f"one{videos[name].suffix}"
    shutil.copy(videos[name], tmp_path / file)
    reader = ClipReader([(lone(tmp_path, file), Cut(4, 16))])

    def read(times: int) -> int:
        for _ in range(times):
            reader.read(draw((0, 0, 0, 0.5)))
        return allocated()

    before = read(30)
    assert (read(120) - before) / 120 < 60


def test_wrong_parts(folder: Path) -> None:
    manifest = scan(folder, workers=1, progress=False)
    with pytest.raises(ValueError, match=r"clips of one size, got \[16, 24\]"):
        ClipReader([(manifest, Cut(4, 16)), (manifest, Cut(4, 24))])
    with pytest.raises(ValueError, match="at least one part"):
        ClipReader([])
    reader = ClipReader([(manifest, Cut(4, 16)), (manifest, Cut(1, 16))])
    with pytest.raises(ValueError, match=r"clips of one length, got \[1, 4\]"):
        reader.read(draw((0, 0, 0, 0.0), (1, 0, 0, 0.0)))


def test_arrays_give_their_clips() -> None:
    first, second = (np.random.default_rng(n).integers(0, 256, (9, 2, 4, 4, 3), np.uint8) for n in range(2))
    reader = ArrayReader([first, second], [[f"a{n}" for n in range(9)], [f"b{n}" for n in range(9)]])
    clips, failures = reader.read(draw((1, 3, 0, 0.1), (0, 8, 5, 0.2)))
    assert (clips == np.stack([second[3], first[8]])).all() and not failures
    assert reader.name(1, 3) == "b3"
    with pytest.raises(ValueError, match="one size"):
        ArrayReader([first, first[:, :, :2]])
