"""Records of an encoder from elsewhere: its description, and how it reads pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from auxjepa.config import Count, Natural, Positive, Typed

READING = 1
"""Version of the code between clips and networks. It increases if the same encoder gives other features."""
Triple = tuple[float, float, float]


class InputFormat(Typed):
    """Preprocessing of an encoder. A byte ``b`` becomes ``(scale * b + offset - mean) / std``."""

    frames: Natural = Field(description="frames of a clip; 0 for an image encoder, which reads frames one by one")
    size: Count = Field(description="pixel rows and columns")
    mean: Triple
    std: tuple[Positive, Positive, Positive]
    scale: Positive = 1 / 255
    offset: float = 0.0
    rate: Positive | None = Field(default=None, description="frames per second of its processor; for information")


class TokenLayout(Typed):
    """Layout of the tokens of a clip, in raster order with time first."""

    steps: Natural = Field(description="time steps; 0 for one a frame")
    rows: Count
    columns: Count


class EncoderRecord(Typed):
    """Description of an encoder from elsewhere. ``encoders.json`` in a folder of rows holds one for each name."""

    source: str = Field(description="as on the command line: hf:…, timm:…, python:… or run:…")
    network: str = Field(description="class or name of the network")
    parameters: Natural
    dim: Count
    levels: Count
    weights: str = Field(description="digest of the weights")
    input: InputFormat
    tokens: TokenLayout
    pretraining: str = Field(default="", description="data of its pretraining, if its card names them")
    versions: Mapping[str, str] = {}

    UNREAD: ClassVar[set[str]] = {"source", "parameters", "pretraining", "versions", "weights"}
    """Fields that don't change features, or that other parts of a key hold."""

    @property
    def form(self) -> str:
        """Digest of everything without weights that changes features."""
        return f"{self.digest(exclude=self.UNREAD)} reading {READING}"

    @property
    def run(self) -> str:
        """Name in rows instead of the hash of a run: a digest of weights and reading."""
        return f"frozen-{hashlib.sha256(f'{self.weights} {self.form}'.encode()).hexdigest()[:16]}"

    def content(self) -> dict[str, Any]:
        """Return the record for JSON."""
        return self.model_dump(mode="json")
