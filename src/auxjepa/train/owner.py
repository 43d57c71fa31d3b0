"""Whose a run folder is."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from auxjepa.config import RunConfig, read_yaml
from auxjepa.train import checkpoint
from auxjepa.train.terms import TrainingError


def check_owner(folder: Path, config: RunConfig) -> None:
    """Nothing, where a run folder is nobody's yet or holds a run of this configuration. Nothing is made.

    ``config.yaml`` counts from the first moment: a run that was killed before its first checkpoint owns its folder too.

    Raises:
        TrainingError: when it holds another run, or one that can't be read. ConfigError: when its file is no YAML.
    """
    written, checkpoints = folder / "config.yaml", checkpoint.find(folder / "checkpoints")
    if not written.exists() and not checkpoints:
        return
    there = _read(written) if written.exists() else checkpoint.read_state(checkpoints[-1]).config
    own = config.content_hash()
    if there.content_hash() != own:
        raise TrainingError(
            f"{folder} holds run {there.content_hash()} ({there.variant}, seed {there.seed}), not {own} "
            f"({config.variant}, seed {config.seed}): choose another folder, or delete that one"
        )


def _read(path: Path) -> RunConfig:
    try:
        return RunConfig.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TrainingError(f"{path}: not a run of this version ({place}: {first['msg']})") from None
