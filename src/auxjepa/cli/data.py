"""``auxjepa data``: the synthetic world as files, folders of videos, public data sets, caches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from auxjepa.cli import cache, sets
from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import parse
from auxjepa.config import Count, Natural, Positive, Typed
from auxjepa.console import print_note, printable
from auxjepa.files import write_json

if TYPE_CHECKING:
    from auxjepa.data.manifest.manifest import Manifest


class World(Typed):
    """Write clips of the synthetic factor world as H.264 files with labels.csv."""

    out: Path = Field(description="folder to write to")
    split: Literal["pretrain", "train", "validation", "test"] = "train"
    role: Literal["mixture", "motion", "order", "images", "pictures"] = "mixture"
    count: Count = 100
    seed: Natural = 0
    frames: Count = 8
    size: Count = 32
    workers: Count = 2


class Scan(Typed):
    """Examine a folder of videos: list usable videos, broken videos, and files that are not read."""

    folder: Path = Field(description="folder of videos, searched recursively; links are followed")
    check: bool = Field(default=True, description="decode every frame; without it only packets and the first frame")
    frames: Count = Field(default=8, description="of a clip: videos that are too short for one are counted")
    stride: Count = Field(default=1, description="source frames per clip frame")
    fps: Positive | None = Field(default=None, description="clips by time at this rate instead of by stride")
    workers: Count = 2
    store: Path = Field(default=Path("data"), description="keeps the manifest where the folder can't be written")
    json_file: Path | None = Field(default=None, description="write everything here as JSON too")


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
    run_action("auxjepa data", argv, actions)


def _world(argv: list[str]) -> None:
    args = parse(World, argv, "auxjepa data world", ("out",))
    from auxjepa.data.world import write_videos
    from auxjepa.start import check_folder

    check_folder(args.out, "--out")
    print(write_videos(args.out, args.split, args.count, args.seed, args.frames, args.size, args.workers, args.role))


def _scan(argv: list[str]) -> None:
    args = parse(Scan, argv, "auxjepa data scan", ("folder",), short={"json": "json_file"})
    from auxjepa.data.manifest.cut import Cut
    from auxjepa.data.manifest.manifest import print_omissions
    from auxjepa.data.manifest.padding import padding_of
    from auxjepa.data.manifest.reserved_columns import official_split_of

    manifest = _scanned(args)
    print_omissions(manifest, as_table=True)
    seconds = sum(entry.frames / max(entry.file.fps, 1e-9) for entry in manifest.entries)
    unread = sum(one.count for one in manifest.unread)
    left_out = f"{len(manifest.defects) + unread:,} files left out"
    why = f" ({len(manifest.defects):,} defective, {unread:,} not read)" if unread else ""
    print(f"{len(manifest):,} examples, {seconds:.0f} s of video, {left_out}{why}")
    contents = {entry.file.path: entry.file.hash for entry in manifest.entries}
    copies = len(contents) - len(set(contents.values()))
    if copies:
        print(f"{copies:,} files are copies of others: a probe keeps equal files in one split and counts them once")
    folders = official_split_of(manifest)
    splits: dict[str, int] = {}
    if folders is not None:
        splits = {folders.named(one): int((folders.split == one).sum()) for one in folders.folders}
        named = ", ".join(f"{name} {count:,}" for name, count in splits.items())
        print(printable(f"official split by {folders.origin}: {named}"))
    padding = padding_of(manifest, Cut(args.frames, 1, args.stride, args.fps))
    how = f"at stride {args.stride}" if args.fps is None else f"at {args.fps:g} frames a second"
    print(f"clips of {args.frames} frames {how}: {padding.summary() or 'no video is too short'}")
    if args.json_file:
        content = {
            "folder": str(manifest.folder),
            "examples": [entry.name for entry in manifest.entries],
            "seconds": seconds,
            "defects": {one.path: one.defect for one in manifest.defects},
            "unread": {one.reason: list(one.paths) for one in manifest.unread},
            "notes": list(manifest.notes),
            "copies": copies,
            "splits": splits,
            "padding": padding.record(),
        }
        write_json(args.json_file, content)


def _scanned(args: Scan) -> Manifest:
    """Return the manifest of the folder. It is in the folder, or in the store if the folder is read-only."""
    from auxjepa.data.errors import ManifestError
    from auxjepa.data.manifest.manifest import MANIFEST, manifest_file, scan

    file = manifest_file(args.folder.resolve(), args.store)
    how: dict[str, Any] = {"workers": args.workers, "check": args.check, "quiet": True}
    try:
        return scan(args.folder, begin=file, **how)
    except ManifestError:
        if not args.folder.is_dir() or os.access(args.folder, os.W_OK):
            raise
    print_note(f"{args.folder} can't be written: its manifest is kept in {file}")
    return scan(args.folder, file, begin=args.folder / MANIFEST, **how)
