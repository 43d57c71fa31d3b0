"""Digest of an encoder's weights, from the safetensors file of a checkpoint. Imports no torch."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from auxjepa.runs.record import RunRecord
from auxjepa.runs.state import WEIGHTS

STUDENT = "student."
"""Start of the names of the tensors of the encoder that studies score."""
LARGEST_HEADER = 100 << 20
CHEAP = 256 << 20
"""Number of bytes up to which a file of weights is read even if the summary has a digest."""
_BLOCK = 1 << 20


def encoder_digest(record: RunRecord) -> str:
    """Return the digest of the student of a finished run; '' where neither weights nor a record of them can be read.

    Weights are more reliable than the record of them in the summary. So the record counts only where the checkpoint is
    missing, or is so large that reading it takes long.

    Args:
        record: state of the run.
    """
    recorded = record.summary.encoder_digest if record.summary is not None else ""
    checkpoint = record.best or record.last
    if checkpoint is None:
        return recorded
    path = checkpoint / WEIGHTS
    try:
        status = path.stat()
        if recorded and status.st_size > CHEAP:
            return recorded
        return _digest(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return recorded


def digest_file(path: Path) -> str:
    """Return the digest of the student in a file of weights: names, types, shapes and every bit of its tensors.

    Args:
        path: the file, in safetensors format.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is damaged, or holds no student.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= LARGEST_HEADER:
            raise ValueError(f"{path}: damaged, its header cannot have {length} bytes")
        header: dict[str, Any] = json.loads(file.read(length))
        tensors = {name: header[name] for name in sorted(header) if name.startswith(STUDENT)}
        if not tensors:
            raise ValueError(f"{path}: holds no student")
        total = hashlib.sha256()
        for name, tensor in tensors.items():
            total.update(f"{name} {tensor['dtype']} {tensor['shape']}\n".encode())
            first, last = tensor["data_offsets"]
            file.seek(8 + length + first)
            remaining = last - first
            while remaining > 0:
                block = file.read(min(_BLOCK, remaining))
                if not block:
                    raise ValueError(f"{path}: damaged, it ends within {name}")
                total.update(block)
                remaining -= len(block)
    return total.hexdigest()[:16]


@lru_cache(maxsize=4096)
def _digest(path: Path, modified: int, size: int) -> str:
    """Return the digest of a file; time and size make the result of a changed file another one."""
    return digest_file(path)
