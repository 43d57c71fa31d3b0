"""Open a set of shards as a manifest. Each sample is fetched and decoded once, and the results are stored."""

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
from auxjepa.data.manifest.manifest import Entry, Manifest, print_omissions, unlabelled
from auxjepa.data.manifest.scan import READING, Scanned, is_current
from auxjepa.data.media.open import probe_media
from auxjepa.data.shards.headers import Blocks
from auxjepa.data.shards.journal import append_record, open_journal, read_journal
from auxjepa.data.shards.local_files import write_shard_list
from auxjepa.data.shards.shardset import ShardSet, index_shards, lend_member
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import DOWNLOAD_LIMIT, PIECE, Shard
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

_BYTES_PER_JOB, _MEMBERS_PER_JOB = 64 << 20, 64


@dataclass(frozen=True)
class _Job:
    """Members of one shard that one job scans.

    Args:
        shard: the shard.
        members: name, first byte and size of each member.
    """

    shard: Shard
    members: tuple[tuple[str, int, int], ...]


def open_shards(
    source: str | list[str],
    root: Path,
    *,
    workers: int = 2,
    check: bool = True,
    limit: int = DOWNLOAD_LIMIT,
    progress: bool = True,
) -> Manifest:
    """Return the manifest of a set of shards. New shards are indexed, and new samples are scanned.

    The manifest's files are not in its folder. :func:`auxjepa.data.shards.local_files.local_file` fetches them.

    Args:
        source: see :func:`auxjepa.data.shards.urls.expand`.
        root: folder of all data; files about shards are in ``root/shards``.
        workers: number of processes, 0 for one per core.
        check: decode every frame of every new sample.
        limit: largest size in bytes of a shard that is downloaded completely, which is necessary if its server sends
            no ranges or no size.
        progress: show the progress on standard error.

    Raises:
        ShardError: if a shard can't be reached or read.
        ManifestError: if there is no sound sample.
        ValueError: if the notation of the shards is wrong.
    """
    shards = index_shards(source, root, workers=workers, limit=limit, progress=progress)
    urls = "\n".join(shard.url for shard in shards.shards)
    folder = shards.root / "sets" / hashlib.blake2b(urls.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    samples = _scan(shards, workers=workers, check=check, progress=progress)
    try:
        write_shard_list(shards, folder)
    except OSError as error:
        raise ManifestError(folder, f"cannot be written: {error.strerror}; choose another data.root") from error
    defects = [Scanned(name, 0, 0, "", why) for name, why in shards.defects]
    defects += [sample for sample in samples if sample.defect]
    sound = np.array([sample.defect is None for sample in samples], bool)
    entries = tuple(Entry(sample, 0, sample.frames) for sample in samples if sample.defect is None)
    labels, classes = shards.select_labels(sound)
    texts = tuple(compress(shards.texts, sound.tolist()))
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
        unread=shards.unread,
        places=tuple(compress(shards.places, sound.tolist())),
    )
    if progress:
        print_omissions(manifest)
    if not entries:
        raise ManifestError(folder, f"no sound sample in these shards ({len(defects)} defects)")
    return manifest


def _scan(shards: ShardSet, *, workers: int, check: bool, progress: bool) -> list[Scanned]:
    """Return the scan of each sample in the order of the set; its path is ``SHARD/MEMBER``."""
    if any(_list_jobs(shards, check)):
        try:
            with locked(shards.root / "scan.lock", "scans shards", progress=progress), ExitStack() as files:
                jobs = list(_list_jobs(shards, check))  # another process may have scanned samples before the lock
                journals: dict[str, TextIO] = {}
                work = partial(_scan_job, shards.root, shards.keep, check)
                died = partial(_scan_one_by_one, work)
                for job, members in run_jobs(work, jobs, workers, "scanning shards", died=died, progress=progress):
                    key = job.shard.address_hash
                    if key not in journals:
                        journals[key] = files.enter_context(open_journal(shards.root, job.shard))
                    for member in members:
                        append_record(journals[key], member)
        except OSError as error:
            why = f"cannot be written: {error.strerror}; choose another data.root"
            raise ManifestError(shards.root, why) from error
    scans = [read_journal(shards.root, shard) for shard in shards.shards]
    labels = [shard.label for shard in shards.shards]
    return [
        replace(scans[shard][name], path=f"{labels[shard]}/{name}")
        for shard, name in zip(shards.shard.tolist(), shards.names, strict=True)
    ]


def _list_jobs(shards: ShardSet, check: bool) -> Iterator[_Job]:
    """Yield jobs for the samples that no journal has; the members of a job are neighbours in their shard."""
    members: list[tuple[str, int, int]] = []
    scans: dict[str, Scanned] = {}
    current, filled = -1, 0
    columns = zip(shards.shard.tolist(), shards.names, shards.offset.tolist(), shards.bytes.tolist(), strict=True)
    for shard, name, start, size in columns:
        full = filled + size > _BYTES_PER_JOB or len(members) == _MEMBERS_PER_JOB
        if members and (shard != current or full):
            yield _Job(shards.shards[current], tuple(members))
            members, filled = [], 0
        if shard != current:
            scans, current = read_journal(shards.root, shards.shards[shard]), shard
        scan = scans.get(name)
        if scan is None or not is_current(scan) or not (scan.checked or not check):
            members.append((name, start, size))
            filled += size
    if members:
        yield _Job(shards.shards[current], tuple(members))


def _scan_job(root: Path, keep: int, check: bool, job: _Job) -> list[Scanned]:
    spill = Spill(root / "files", keep)
    _, start, size = job.members[-1]
    blocks = Blocks(job.shard.read, start + size, PIECE)  # one request reads many small members
    return [_scan_member(spill, job.shard, blocks, check, *member) for member in job.members]


def _scan_one_by_one(work: Callable[[_Job], list[Scanned]], job: _Job, how: str) -> list[Scanned]:
    """Scan each member of a job in a separate process after the job's process died.

    The member that kills its process gets a defect; the other members are scanned.

    Args:
        work: function that scans a job.
        job: the job that killed its process.
        how: how the process died, for the message.
    """
    if len(job.members) == 1:
        name, _, size = job.members[0]
        return [Scanned(name, size, 0, "", f"the process that reads it dies ({how})", version=READING)]
    jobs = [_Job(job.shard, (member,)) for member in job.members]
    results = run_jobs(work, jobs, 1, "scanning shards", died=partial(_scan_one_by_one, work), progress=False)
    scans = {member.path: member for _, members in results for member in members}
    return [scans[name] for name, _, _ in job.members]


def _scan_member(spill: Spill, shard: Shard, blocks: Blocks, check: bool, name: str, start: int, size: int) -> Scanned:
    scan = Scanned(name, size, 0, "", None, checked=check, version=READING)
    with lend_member(spill, shard, name, start, size, read=lambda a, b: blocks.get(a, b - a)) as path:
        try:
            info = probe_media(path, check=check)
        except VideoError as error:
            return replace(scan, defect=error.reason)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))  # type: ignore[arg-type]
        modified = path.stat().st_mtime_ns
    shape = {"height": info.height, "width": info.width, "codec": info.codec, "hash": digest.hexdigest()}
    shape |= {"frames": info.frames, "fps": info.fps, "duration": info.duration, "reading": info.reading}
    return replace(scan, modified=modified, **shape)
