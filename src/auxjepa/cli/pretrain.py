"""``auxjepa pretrain``: pretrains one run, from flags, a YAML file or both."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from auxjepa import regimes, variants
from auxjepa.cli.flags import UsageError, merge, overrides, show_help, validate, wants_help
from auxjepa.config import ConfigError, RunConfig, Threads, Typed, read_yaml
from auxjepa.train.run_settings import is_run_record, lay_settings

SHORT = {"data": "data.source", "tensorboard": "log.tensorboard"}
"""Short names of flags: ``--data`` for ``--data.source``, ``--tensorboard`` for ``--log.tensorboard``."""


class Command(RunConfig):
    """Pretrain an encoder. Settings of --regime come first, then --config, then the terms of --variant, then flags.

    If a run was killed, the same command resumes it. Several clips are cut from each video when data.clips is above the
    number of videos.
    """

    config: Path | None = Field(default=None, description="YAML of a run, such as a finished one's config.yaml")
    out: Path | None = Field(default=None, description="run folder; out/VARIANT-HASH when unset")
    device: str = Field(default="cpu", description="'cpu', 'cuda', 'cuda:1' …")
    threads: Threads = Field(default=0, description="CPU threads; 0: one a core at most (bits depend on the number)")


class Own(Typed):
    """Settings of the command that are not settings of the run."""

    config: Path | None
    out: Path | None
    device: str
    threads: int


def resolve(argv: list[str]) -> tuple[RunConfig, Own]:
    """Return the run that flags describe, and the settings of the command.

    Args:
        argv: words of the command line.
    """
    full = _resolve(overrides(Command, argv, short=SHORT), None)
    own = set(Own.model_fields)
    return RunConfig.model_validate(full.model_dump(exclude=own)), Own.model_validate(full.model_dump(include=own))


def resolve_flags(flags: dict[str, Any], base: RunConfig | None = None) -> RunConfig:
    """Return the run that flags describe.

    Args:
        flags: values of the run's fields by name, nested; ``config`` names a YAML file.
        base: the run that flags change if they name no file; the default run when None.

    Raises:
        ConfigError: if the flags describe no run.
    """
    full = _resolve(flags, base)
    return RunConfig.model_validate(full.model_dump(include=set(RunConfig.model_fields)))


def _resolve(flags: dict[str, Any], base: RunConfig | None) -> Command:
    content: dict[str, Any] = RunConfig().model_dump(mode="json")
    if "regime" in flags:
        content = merge(content, regimes.settings(str(flags["regime"])))
    if flags.get("config"):
        content = _lay_file(Path(str(flags["config"])), content)
    elif base is not None:
        content = base.model_dump(mode="json")
    name = flags.get("variant")
    if name is not None and ("objectives" not in flags or str(name) in variants.VARIANTS):
        content = variants.apply(str(name), validate(RunConfig, content)).model_dump(mode="json")
    return validate(Command, merge(content, flags))


def _lay_file(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Return ``content`` with the settings of a YAML file. Terms and masks of the file replace those of ``content``.

    As with flags, the name of a variant brings the variant's terms. If the file lists terms (as ``config.yaml`` of a
    finished run does), the name brings nothing.
    """
    written = read_yaml(path)
    if not written:
        raise UsageError(f"{path}: holds no settings of a run")
    refuse_flags(path, written, Own)
    try:
        config = lay_settings(written, content, partial(validate, RunConfig))
    except ConfigError as error:
        raise UsageError(f"{path}: {error}") from None
    return config.model_dump(mode="json")


def refuse_flags(path: Path | str, written: dict[str, Any], own: type[Typed]) -> None:
    """Check that a file holds no setting that belongs only to the command.

    Args:
        path: the file.
        written: content of the file.
        own: settings of the command.

    Raises:
        UsageError: if it holds one; the message names the flag to use.
    """
    for name in own.model_fields:
        if name in written:
            raise UsageError(f"{path}: {name!r} belongs to the command, not to a file: give --{name.replace('_', '-')}")


def says_which_videos(flags: dict[str, Any], path: Path | None) -> bool:
    """Check whether flags or the YAML file select the videos of a divided folder.

    The ``config.yaml`` of a run always selects the videos of its data, so that it keeps its meaning.

    Args:
        flags: values of the run's fields by name, nested.
        path: the YAML file; None without one.
    """
    settings_of_data = [flags.get("data"), read_yaml(path).get("data") if path is not None else None]
    by_flag, written = (set(data) if isinstance(data, dict) else set() for data in settings_of_data)
    own = path is not None and is_run_record(path)
    return "split" in by_flag | written or (own and not by_flag & {"source", "mixture"})


def main(argv: list[str]) -> None:
    """Run the command."""
    if wants_help(argv):
        show_help(Command, "auxjepa pretrain", short=SHORT)
    config, own = resolve(argv)
    from auxjepa.interface.pretraining import run_pretraining

    names_videos = says_which_videos(overrides(Command, argv, short=SHORT), own.config)
    folder = run_pretraining(
        config, own.out, device=own.device, threads=own.threads, names_videos=names_videos, progress=True
    )
    print(folder)
