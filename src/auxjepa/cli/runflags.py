"""Commands that take the flags of a run beside their own: the run's go through ``pretrain``'s door, unchanged."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pydantic import BaseModel

from auxjepa.cli import pretrain
from auxjepa.config import RunConfig, to_yaml


def split(model: type[BaseModel], argv: list[str], free: bool = False) -> tuple[list[str], list[str]]:
    """The words of ``argv`` that belong to the fields of ``model``, and the rest.

    Args:
        free: whether words in front of the first flag belong to ``model`` too.
    """
    own: list[str] = []
    rest: list[str] = []
    side = own if free else rest
    for word in argv:
        if word.startswith("--"):
            name = word[2:].partition("=")[0].partition(".")[0].replace("-", "_").removeprefix("no_")
            side = own if name in model.model_fields else rest
        side.append(word)
    return own, rest


def resolve(argv: list[str], base: RunConfig | None = None) -> RunConfig:
    """The run that flags describe, laid over ``base`` where they name no ``--config`` of their own."""
    if base is None or any(word.partition("=")[0] == "--config" for word in argv):
        return pretrain.resolve(argv)[0]
    with tempfile.TemporaryDirectory(prefix="auxjepa-") as place:
        path = Path(place) / "base.yaml"
        path.write_text(to_yaml(base))
        return pretrain.resolve(["--config", str(path), *argv])[0]
