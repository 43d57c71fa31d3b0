"""A set of shards as a manifest: each sample fetched once, decoded, and what is found written down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from pathlib import Path
from typing import TextIO

import numpy as np

from auxjepa.data.errors import ManifestError, VideoError
from auxjepa.data.manifest.manifest import Entry, Manifest, tell, unlabelled
from auxjepa.data.manifest.scan import READING, Scanned, settled
from auxjepa.data.media.open import probe_media
from auxjepa.data.shards.headers import Blocks
from auxjepa.data.shards.journal import append, open_journal, read_journal
from auxjepa.data.shards.placed import write_list
from auxjepa.data.shards.shardset import ShardSet, index_shards, lend
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import PIECE, WHOLE, Shard
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

_BYTES_PER_JOB, _MEMBERS_PER_JOB = 64 << 20, 64


@dataclass(frozen=True)
class _Run:
    """Members of a shard to be scanned: name, where it begins, its bytes."""

    shard: Shard
    members: tuple[tuple[str, int, int], ...]


def open_shards(
    source: str | list[str],
    root: Path,
    *,
    workers: int = 2,
    check: bool = True,
    limit: int = WHOLE,
    progress: bool = True,
) -> Manifest:
    """The manifest of a set of shards: indexed, and each sample scanned, where that hasn't been done.

    Its files are not in its folder: :func:`auxjepa.data.shards.placed.placed` fetches them.

    Args:
        source: see :func:`auxjepa.data.shards.urls.expand`.
        root: of all data; shards are kept in ``root/shards``.
        workers: processes, 0 for one per core.
        check: decode every frame of every new sample.
        limit: bytes of a shard that must be downloaded whole, because its server gives no ranges or no size, at most.

    Raises:
        ShardError: when a shard can't be reached or read.
        ManifestError: when there is no sound sample.
        ValueError: when the notation of the shards is wrong.
    """
    found = index_shards(source, root, workers=workers, limit=limit, progress=progress)
    urls = "\n".join(shard.url for shard in found.shards)
    folder = found.root / "sets" / hashlib.blake2b(urls.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    scanned = _scan(found, workers=workers, check=check, progress=progress)
    try:
        write_list(found, folder)
    except OSError as error:
        raise ManifestError(folder, f"cannot be written: {error.strerror}; choose another data.root") from error
    defects = [Scanned(name, 0, 0, "", why) for name, why in found.defects]
    defects += [one for one in scanned if one.defect]
    sound = np.array([one.defect is None for one in scanned], bool)
    entries = tuple(Entry(one, 0, one.frames) for one in scanned if one.defect is None)
    labels, classes = found.numbered(sound)
    texts = tuple(compress(found.texts, sound.tolist()))
    texts = texts if any(texts) else ()
    manifest = Manifest(
        folder,
        entries,
        labels,
        classes,
        tuple(defects),
        len(defects),
        texts,
        notes=tuple(unlabelled(labels)),
        unread=found.unread,
        places=tuple(compress(found.places, sound.tolist())),
    )
    if progress:
        tell(manifest)
    if not entries:
        raise ManifestError(folder, f"no sound sample in these shards ({len(defects)} defects)")
    return manifest


def _scan(found: ShardSet, *, workers: int, check: bool, progress: bool) -> list[Scanned]:
    """What is in each sample, in the order of the set; the path is ``SHARD/MEMBER``."""
    if any(_missing(found, check)):
        try:
            with locked(found.root / "scan.lock", "scans shards", progress=progress), ExitStack() as files:
                runs = list(_missing(found, check))  # the other process may have done some
                journals: dict[str, TextIO] = {}
                work = partial(_scan_run, found.root, found.keep, check)
                died = partial(_each_alone, work)
                for run, results in run_jobs(work, runs, workers, "scanning shards", died=died, progress=progress):
                    if run.shard.place not in journals:
                        journals[run.shard.place] = files.enter_context(open_journal(found.root, run.shard))
                    for one in results:
                        append(journals[run.shard.place], one)
        except OSError as error:
            raise ManifestError(found.root, f"cannot be written: {error.strerror}; choose another data.root") from error
    known = [read_journal(found.root, shard) for shard in found.shards]
    labels = [shard.label for shard in found.shards]
    return [
        replace(known[shard][name], path=f"{labels[shard]}/{name}")
        for shard, name in zip(found.shard.tolist(), found.names, strict=True)
    ]


def _missing(found: ShardSet, check: bool) -> Iterator[_Run]:
    """The samples that no journal knows, those of a job side by side."""
    members: list[tuple[str, int, int]] = []
    known: dict[str, Scanned] = {}
    before, filled = -1, 0
    columns = zip(found.shard.tolist(), found.names, found.offset.tolist(), found.bytes.tolist(), strict=True)
    for shard, name, start, size in columns:
        full = filled + size > _BYTES_PER_JOB or len(members) == _MEMBERS_PER_JOB
        if members and (shard != before or full):
            yield _Run(found.shards[before], tuple(members))
            members, filled = [], 0
        if shard != before:
            known, before = read_journal(found.root, found.shards[shard]), shard
        one = known.get(name)
        if one is None or not settled(one) or not (one.checked or not check):
            members.append((name, start, size))
            filled += size
    if members:
        yield _Run(found.shards[before], tuple(members))


def _scan_run(root: Path, keep: int, check: bool, run: _Run) -> list[Scanned]:
    spill = Spill(root / "files", keep)
    _, start, size = run.members[-1]
    blocks = Blocks(run.shard.read, start + size, PIECE)  # one request for many small members
    return [_scan_member(spill, run.shard, blocks, check, *member) for member in run.members]


def _each_alone(work: Callable[[_Run], list[Scanned]], run: _Run, how: str) -> list[Scanned]:
    """The records of a run of members that kills its process: the member that does it is a defect."""
    if len(run.members) == 1:
        name, _, size = run.members[0]
        return [Scanned(name, size, 0, "", f"the process that reads it dies ({how})", version=READING)]
    alone = [_Run(run.shard, (member,)) for member in run.members]
    done = run_jobs(work, alone, 1, "scanning shards", died=partial(_each_alone, work), progress=False)
    found = {one.path: one for _, results in done for one in results}
    return [found[name] for name, _, _ in run.members]


def _scan_member(spill: Spill, shard: Shard, blocks: Blocks, check: bool, name: str, start: int, size: int) -> Scanned:
    one = Scanned(name, size, 0, "", None, checked=check, version=READING)
    with lend(spill, shard, name, start, size, read=lambda a, b: blocks.get(a, b - a)) as path:
        try:
            info = probe_media(path, check=check)
        except VideoError as error:
            return replace(one, defect=error.reason)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))  # type: ignore[arg-type]
        modified = path.stat().st_mtime_ns
    shape = {"height": info.height, "width": info.width, "codec": info.codec, "hash": digest.hexdigest()}
    shape |= {"frames": info.frames, "fps": info.fps, "duration": info.duration, "reading": info.reading}
    return replace(one, modified=modified, **shape)
