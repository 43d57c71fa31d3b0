"""``auxjepa data``: the synthetic world as files, folders of videos, public data sets, caches."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from auxjepa.cli import cache, sets
from auxjepa.cli.flags import UsageError, nearest, parse
from auxjepa.config import Count, Positive, Typed


class World(Typed):
    """Write clips of the synthetic factor world as H.264 files with labels.csv."""

    out: Path = Field(description="folder to write to")
    split: Literal["pretrain", "train", "validation", "test"] = "train"
    role: Literal["mixture", "motion", "order", "images"] = "mixture"
    count: Count = 100
    seed: int = Field(default=0, ge=0)
    frames: Count = 8
    size: Count = 32
    workers: Count = 2


class Scan(Typed):
    """Look through a folder of videos: what is there, and what is broken."""

    folder: Path = Field(description="folder of videos, searched recursively")
    check: bool = Field(default=True, description="decode every frame; without it only packets and the first frame")
    frames: Count = Field(default=8, description="of a clip: videos that are too short for one are counted")
    stride: Count = Field(default=1, description="source frames per clip frame")
    fps: Positive | None = Field(default=None, description="clips by time at this rate instead of by stride")
    workers: Count = 2


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {
        "list": sets.list_sets,
        "prepare": sets.prepare,
        "check": sets.check,
        "cache": cache.main,
        "scan": _scan,
        "world": _world,
    }
    if not argv or argv[0] in ("-h", "--help"):
        print(f"usage: auxjepa data {'|'.join(actions)} [...]   (auxjepa data prepare --help lists the flags)")
        return
    if argv[0] not in actions:
        raise UsageError(f"no action {argv[0]!r}{nearest(argv[0], actions)} (known: {', '.join(actions)})")
    actions[argv[0]](argv[1:])


def _world(argv: list[str]) -> None:
    args = parse(World, argv, "auxjepa data world", ("out",))
    from auxjepa.data.world import write_videos

    print(write_videos(args.out, args.split, args.count, args.seed, args.frames, args.size, args.workers, args.role))


def _scan(argv: list[str]) -> None:
    args = parse(Scan, argv, "auxjepa data scan", ("folder",))
    from auxjepa.data.cache import Cut
    from auxjepa.data.manifest import scan
    from auxjepa.data.padding import padding_of
    from auxjepa.data.split_folders import split_folders_of

    manifest = scan(args.folder, workers=args.workers, check=args.check)
    seconds = sum(entry.frames / max(entry.file.fps, 1e-9) for entry in manifest.entries)
    print(f"{len(manifest)} examples, {seconds:.0f} s of video, {len(manifest.defects)} files left out")
    contents = {entry.file.path: entry.file.hash for entry in manifest.entries}
    copies = len(contents) - len(set(contents.values()))
    if copies:
        print(f"{copies:,} files are copies of others: a probe keeps equal files in one split and counts them once")
    folders = split_folders_of(manifest)
    if folders is not None:
        named = ", ".join(
            f"{folders.named(split)} {int((folders.split == split).sum()):,}" for split in folders.folders
        )
        print(f"folders name a split: {named}")
    summary = padding_of(manifest, Cut(args.frames, 1, args.stride, args.fps)).summary()
    how = f"at stride {args.stride}" if args.fps is None else f"at {args.fps:g} frames a second"
    print(f"clips of {args.frames} frames {how}: {summary or 'no video is too short'}")
