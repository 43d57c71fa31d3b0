"""The suffixes that are read, that such files can be decoded, and the reasons for other files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from auxjepa.data.manifest.manifest import scan
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.media.kinds import why_unread
from auxjepa.data.media.open import MOVING, STILLS, probe_media
from auxjepa.data.media.video import Video

Make = Callable[..., Path]
Pattern = Callable[..., np.ndarray]

WRITTEN = {  # suffix that FFmpeg writes a container by, codec, and the endings under which it is met
    ("mp4", "libx264"): "3g2 3gp 3gpp f4v insv ismv lrv m4v mp4 mp4v mqv qt",
    ("mkv", "libx264"): "mk3d mkv",
    ("webm", "libvpx-vp9"): "webm",
    ("avi", "mpeg4"): "avi divx xvid",
    ("ts", "libx264"): "m2t m2ts mts tod tp trp ts",
    ("mpg", "mpeg2video"): "evo m2p mod mpe mpeg mpg vob vro",
    ("m2v", "mpeg2video"): "m2v mpv",
    ("h264", "libx264"): "264 avc h264",
    ("hevc", "libx265"): "265 h265 hevc",
    ("ivf", "libvpx-vp9"): "ivf",
    ("mjpeg", "mjpeg"): "mjpeg mjpg",
    ("y4m", "rawvideo"): "y4m",
    ("wmv", "wmv2"): "asf dvr-ms wmv",
    ("wtv", "mpeg2video"): "wtv",
    ("flv", "libx264"): "flv f4v",
    ("ogv", "libvpx"): "ogm ogv ogx",
    ("rm", "rv20"): "rm rmvb",
    ("mxf", "mpeg2video"): "mxf",
    ("nut", "ffv1"): "nut",
    ("apng", "apng"): "apng",
    ("gif", "gif"): "gif",
}
PIXELS = {"mjpeg": "yuvj420p", "ffv1": "bgr0", "apng": "rgb24", "gif": "rgb8"}


@pytest.mark.parametrize(("form", "codec"), WRITTEN)
def test_every_ending_is_read(form: str, codec: str, tmp_path: Path, make_video: Make, make_pattern: Pattern) -> None:
    how = {"options": {"x265-params": "log-level=none"}} if codec == "libx265" else {}
    source = make_video(
        tmp_path / f"source.{form}",
        make_pattern(6, 144, 176),
        codec=codec,
        pix_fmt=PIXELS.get(codec, "yuv420p"),
        **how,
    )
    folder = tmp_path / "videos"
    folder.mkdir()
    endings = WRITTEN[form, codec].split()
    for ending in endings:
        assert ending in MOVING
        shutil.copy(source, folder / f"a.{ending.upper()}")
    manifest = scan(folder, progress=False)
    assert [(one.path, one.defect) for one in manifest.defects] == []
    assert [entry.frames for entry in manifest.entries] == [6] * len(endings)


def test_a_tape_of_digital_video(tmp_path: Path, make_video: Make, make_pattern: Pattern) -> None:
    source = make_video(tmp_path / "a.dv", make_pattern(3, 576, 720), codec="dvvideo")
    shutil.copy(source, tmp_path / "a.dif")
    assert [probe_media(tmp_path / name, check=True).frames for name in ("a.dv", "a.dif")] == [3, 3]


@pytest.mark.parametrize("ending", sorted(STILLS))
def test_every_ending_of_pictures_is_read(ending: str, tmp_path: Path, make_pattern: Pattern) -> None:
    picture = Image.fromarray(make_pattern(1, 40, 56)[0])
    grey = picture.convert("L")
    if ending == "pfm":
        grey = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    picture = {"pgm": grey, "pfm": grey, "pbm": grey.convert("1")}.get(ending, picture)
    picture.save(tmp_path / f"a.{ending}", format="PPM" if ending == "pnm" else None)
    (one,) = scan_files(tmp_path, [f"a.{ending}"], tmp_path / "own.jsonl", progress=False).values()
    assert (one.defect, one.frames, one.height, one.width) == (None, 1, 40, 56)


def test_an_animated_png_is_read_as_pillow_shows_it(tmp_path: Path, make_pattern: Pattern) -> None:
    first, *others = (Image.fromarray(pixels) for pixels in make_pattern(6, 40, 56))
    path, times = tmp_path / "a.apng", [100, 200, 100, 50, 40, 300]
    for disposal in (0, 1, 2):
        first.save(path, "PNG", save_all=True, append_images=others, duration=times, disposal=disposal)
        with Video(path) as video, Image.open(path) as shown:
            assert video.info.frames == 6 and np.diff(video.times) * 1000 == pytest.approx(times[:-1])
            pixels = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(shown)]
            assert np.array_equal(video.read(range(6)), np.stack(pixels))


def test_the_reasons_for_files_that_are_not_read(tmp_path: Path, videos: dict[str, Path]) -> None:
    def reason(name: str, source: Path | None = None) -> str:
        path = tmp_path / name
        shutil.copy(source, path) if source else path.write_text("some words")
        return why_unread(path, "a video")

    assert reason("a.webp") == (
        "not a video by its name (.webp): a picture, which `auxjepa data prepare image_folder` reads"
    )
    assert why_unread(tmp_path / "b.F4V", "a picture").startswith("not a picture by its name (.f4v): a video, which")
    for name, words in (
        ("a.HEIC", "not a video by its name (.heic): a kind of picture that isn't read; save it as PNG or JPEG"),
        ("a.mp3", "not a video by its name (.mp3): sound"),
        ("a.braw", "not a video by its name (.braw): raw film of a camera; export it as a video"),
        ("a.yuv", "not a video by its name (.yuv): pixels without a size; store them as .y4m or another video"),
        ("a.m3u8", "not a video by its name (.m3u8): a play list; use the videos that it names"),
        ("a.mp4.part", "not a video by its name (.part): an incomplete download"),
        ("a.zip", "not a video by its name (.zip): an archive; unpack it, or read tar files as shards:URL"),
        ("a.txt", "not a video by its name (.txt)"),
        ("README", "not a video by its name (no suffix)"),
    ):
        assert reason(name) == words
    for kind, ending in (("bframes", "mp4"), ("vp9", "mkv"), ("avi", "avi"), ("transport", "ts"), ("mpeg2", "mpg")):
        words = f"holds a video, as .{ending} files do, but has another name (.video): rename it"
        assert reason(f"{kind}.video", videos[kind]) == words
        assert reason(kind, videos[kind]) == words.replace("(.video)", "(no suffix)")
    assert reason("a.csv", videos["bframes"]) == "not a video by its name (.csv)"  # tables aren't opened
    assert why_unread(tmp_path / "none.xyz", "a video") == "not a video by its name (.xyz)"
    (tmp_path / "folder.xyz").mkdir()
    assert why_unread(tmp_path / "folder.xyz", "a video") == "not a video by its name (.xyz)"


def test_no_ending_is_of_two_kinds() -> None:
    assert not MOVING & STILLS and all(ending == ending.lower() for ending in MOVING | STILLS)
    videos = {ending for ending in MOVING | STILLS if "picture, which" not in why_unread(Path(f"a.{ending}"), "x")}
    assert all("a video, which" in why_unread(Path(f"a.{ending}"), "x") for ending in videos)
