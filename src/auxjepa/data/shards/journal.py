"""The journal of a shard's scan: one JSON line for each sample.

Each line is appended as soon as its sample is scanned, so a killed scan resumes after the last line.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TextIO

from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.shards.storage import Shard

_VERSION = 1
_FIELDS = {each.name for each in fields(Scanned)}


def journal_file(root: Path, shard: Shard) -> Path:
    """Return the path of a shard's journal.

    Args:
        root: folder of all files about shards.
        shard: the shard.
    """
    return root / "scans" / f"{shard.address_hash}.jsonl"


def read_journal(root: Path, shard: Shard) -> dict[str, Scanned]:
    """Return the scanned members of a shard by name; empty if the journal belongs to another archive.

    A line that is damaged, or that a killed process didn't finish, is ignored.

    Args:
        root: folder of all files about shards.
        shard: the shard.
    """
    try:
        lines = journal_file(root, shard).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return {}
    members: dict[str, Scanned] = {}
    for number, line in enumerate(lines):
        try:
            content = json.loads(line)
            if number == 0:
                if content != _header(shard):
                    return {}
                continue
            member = Scanned(**{key: value for key, value in content.items() if key in _FIELDS})
            members[member.path] = member
        except (ValueError, TypeError, AttributeError):
            if number == 0:
                return {}
    return members


def append_record(file: TextIO, member: Scanned) -> None:
    """Append the record of one member to an open journal."""
    file.write("\n" + json.dumps(asdict(member)))  # the line feed comes first, because the last line may be cut short
    file.flush()


def open_journal(root: Path, shard: Shard) -> TextIO:
    """Open a shard's journal for :func:`append_record`. A journal of another archive is replaced.

    Args:
        root: folder of all files about shards.
        shard: the shard.
    """
    path = journal_file(root, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not read_journal(root, shard)
    file = path.open("w" if fresh else "a", encoding="utf-8", errors="surrogateescape")
    if fresh:
        file.write(json.dumps(_header(shard)))
    return file


def _header(shard: Shard) -> dict[str, str | int]:
    return {"format": "auxjepa-scan", "version": _VERSION, "shard": shard.id}
