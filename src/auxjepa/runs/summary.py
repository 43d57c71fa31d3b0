"""``summary.json``: the file that a run writes last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from auxjepa.config import Typed
from auxjepa.files import write_json
from auxjepa.sealed import read_sealed, seal

FILE = "summary.json"
MISSING = f"{FILE}: missing"
SEAL = "summary_digest"
COLLAPSED_STD, COLLAPSED_RANK = 0.02, 1.5
"""Spread (in units of the features' size) and effective rank below which features have collapsed."""
MOST = 10**15
"""Largest number in a summary; larger numbers are damage."""


class SummaryError(ValueError):
    """A summary that is missing, damaged, or of another version; the message is one line."""


class Summary(Typed):
    """``summary.json`` of a finished run."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {
        "version": 1,
        "encoder_digest": "",
        "finished": "",
        "summary_digest": "",
    }

    version: Literal[1] = 1
    variant: str
    regime: str
    seed: int = Field(ge=0)
    hash: str = Field(description="content hash of the run's configuration")
    steps: int = Field(ge=1)
    parameters: int = Field(ge=0, le=MOST, description="number of trained parameters")
    seconds: float = Field(ge=0, le=MOST)
    cpu_seconds: float = Field(ge=0, le=MOST)
    peak_memory_mb: float = Field(ge=0, le=MOST)
    milliseconds_per_step: float = Field(ge=0, le=MOST)
    verdict: str = Field(description="verdict of the monitor")
    shares: dict[str, float] = Field(description="shares of the timed parts of a step")
    checkpoint: str = Field(default="", description="the checkpoint to evaluate, relative to the run's folder")
    encoder_digest: str = Field(default="", description="of the weights of the student in that checkpoint")
    finished: str = Field(default="", description="time of the last step, UTC to the second")
    summary_digest: str = Field(default="", description="of everything above")


def write_summary(folder: Path, summary: Summary) -> None:
    """Write ``summary.json`` with its digest, and wait until it is on the disk."""
    content = summary.model_dump(mode="json", exclude={SEAL})
    write_json(folder / FILE, seal(content, SEAL), durable=True)


def read_summary(folder: Path) -> Summary:
    """Return the summary of a run folder.

    Raises:
        SummaryError: if there is none, or it is damaged.
    """
    try:
        return read_sealed(folder / FILE, SEAL, Summary)
    except FileNotFoundError:
        raise SummaryError(MISSING) from None
    except ValueError as error:
        raise SummaryError(f"{FILE}: {error}") from None
