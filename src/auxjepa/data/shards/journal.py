"""What scans have found in the samples of a shard: JSON lines, appended one by one, so that a killed scan goes on."""

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
    """Where a shard's journal is kept."""
    return root / "scans" / f"{shard.place}.jsonl"


def read_journal(root: Path, shard: Shard) -> dict[str, Scanned]:
    """What is known of a shard's members, by name; nothing where the journal is of another archive.

    A line that was cut by a kill, or is damaged, counts as not written.
    """
    try:
        lines = journal_file(root, shard).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return {}
    found: dict[str, Scanned] = {}
    for number, line in enumerate(lines):
        try:
            content = json.loads(line)
            if number == 0:
                if content != _header(shard):
                    return {}
                continue
            one = Scanned(**{key: value for key, value in content.items() if key in _FIELDS})
            found[one.path] = one
        except (ValueError, TypeError, AttributeError):
            if number == 0:
                return {}
    return found


def append(file: TextIO, one: Scanned) -> None:
    """Write a record."""
    file.write("\n" + json.dumps(asdict(one)))  # a new line first: the last one may have been cut
    file.flush()


def open_journal(root: Path, shard: Shard) -> TextIO:
    """A shard's journal, for :func:`append`; begun anew where it is of another archive."""
    path = journal_file(root, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not read_journal(root, shard)
    file = path.open("w" if fresh else "a", encoding="utf-8", errors="surrogateescape")
    if fresh:
        file.write(json.dumps(_header(shard)))
    return file


def _header(shard: Shard) -> dict[str, str | int]:
    return {"format": "auxjepa-scan", "version": _VERSION, "shard": shard.id}
