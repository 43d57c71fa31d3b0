"""Writes a plain folder of short clips with a ``labels.csv``, one episode after another. A killed script can resume."""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from auxjepa.files import replacing, write_json, write_text

Row = dict[str, str | float]
"""Values of one clip: its path in the folder, labels, and measured values (see :func:`terciles`)."""


def arguments(description: str, clips: int, size: int = 64) -> argparse.Namespace:
    """Return the parsed arguments of a script that writes a folder of clips.

    Args:
        description: first line of the help.
        clips: default number of clips.
        size: default height, pixels.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; it must not exist")
    parser.add_argument("--clips", type=int, default=clips, help="number of clips (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="all random numbers follow from it (default: 0)")
    parser.add_argument("--size", type=int, default=size, help="height in pixels (default: %(default)s)")
    parsed = parser.parse_args()
    if parsed.clips < 1 or parsed.size < 16 or parsed.size % 2:
        parser.error("--clips is at least 1, and --size is an even number of at least 16 pixels")
    if parsed.out.exists():
        parser.error(f"{parsed.out} exists: remove it or choose another --out")
    return parsed


def write_clip(path: Path, frames: np.ndarray, rate: int) -> None:
    """Write frames as an H.264 file. The file is complete or absent.

    Args:
        path: the file, ending in .mp4.
        frames: pixels, uint8 [frames height width 3].
        rate: frames a second.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, av.open(str(part), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        # Without these parameters, x264 gives a few frames other grey levels from run to run.
        exact = "threads=1:lookahead-threads=1:sync-lookahead=0"
        options = {"crf": "18", "preset": "veryfast", "x264-params": exact, "flags": "+bitexact"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "yuv420p"
        stream.thread_count = 1
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def write_folder(
    out: Path,
    settings: Mapping[str, object],
    episodes: Sequence[str],
    record: Callable[[str, Path], list[Row]],
    finish: Callable[[list[Row]], list[dict[str, str]]],
) -> None:
    """Write the clips of all episodes and then their labels. A second call with equal settings resumes a killed one.

    Args:
        out: the folder; it appears when it is complete. Until then, ``<out>.partial`` holds the finished episodes.
        settings: all values that the clips depend on; an unfinished folder of other settings is an error.
        episodes: names of the episodes. The clips of one depend on the settings and its name only.
        record: writes the clips of an episode into a folder and returns their rows.
        finish: returns the rows of ``labels.csv`` for the rows of all episodes.

    Raises:
        SystemExit: the unfinished folder was written with other settings.
    """
    partial, rows = out.with_name(out.name + ".partial"), out.with_name(out.name + ".rows")
    stamp = rows / "settings.json"
    if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) != json.loads(json.dumps(settings)):
        raise SystemExit(f"{partial} was begun with other settings: remove it and {rows}, or repeat those settings")
    rows.mkdir(parents=True, exist_ok=True)
    partial.mkdir(parents=True, exist_ok=True)
    write_json(stamp, settings)
    collected: list[Row] = []
    for number, episode in enumerate(episodes, start=1):
        file = rows / f"{episode}.json"
        if not file.exists():
            write_json(file, record(episode, partial))
        collected += json.loads(file.read_text(encoding="utf-8"))
        sys.stderr.write(f"\r{number} of {len(episodes)} episodes, {len(collected):,} clips")
        sys.stderr.flush()
    sys.stderr.write("\n")
    write_text(partial / "labels.csv", table(finish(collected)))
    partial.rename(out)
    shutil.rmtree(rows)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as the text of a CSV file; all rows have the columns of the first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def terciles(values: Sequence[float | None], within: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return which third of its own group each value belongs to; "" for None.

    Args:
        values: measured values.
        within: group of each value. Thirds are of the values of one group, so that they don't reveal the group.
        names: names of the thirds, lowest first.
    """
    out = [""] * len(values)
    for group in dict.fromkeys(within):
        measured = [n for n, value in enumerate(values) if within[n] == group and value is not None]
        for place, number in enumerate(sorted(measured, key=lambda n: (values[n], n))):
            out[number] = names[place * len(names) // len(measured)]
    return out


def generator(seed: int, *key: object) -> np.random.Generator:
    """Return the random numbers of a seed and a key, independent of those of other keys."""
    return np.random.default_rng([seed, *(zlib.crc32(str(part).encode()) for part in key)])


def deal(total: int, names: Iterable[str], largest: int) -> dict[str, int]:
    """Return the number of clips of each episode, by the episode's name ``<name>_<number>``.

    Args:
        total: number of clips, divided as evenly as possible among the names.
        names: names of games or bodies.
        largest: largest number of clips of an episode.
    """
    names = list(names)
    counts = {name: total // len(names) + (place < total % len(names)) for place, name in enumerate(names)}
    return {
        f"{name}_{episode:03}": min(largest, count - episode * largest)
        for name, count in counts.items()
        for episode in range(-(-count // largest))
    }
