"""Commands that take the flags of a run in addition to their own (``audit``, ``masks``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, create_model

from auxjepa.cli import pretrain
from auxjepa.cli.flags import overrides, show_help, wants_help
from auxjepa.config import RunConfig, Typed


class RunFlags(RunConfig):
    """The fields of a run, and the YAML file that the run is read from."""

    config: Path | None = Field(default=None, description="YAML of a run, such as a finished one's config.yaml")


def read_flags(
    own: type[Typed], argv: list[str], prog: str, positional: tuple[str, ...] = (), short: dict[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of a command's own flags and those of the run's flags; ``--help`` prints help and exits.

    Args:
        own: fields of the command; they hide fields of a run with the same name.
        argv: words of the command line.
        prog: name of the command, for help.
        positional: fields of the command that may be given without a flag.
        short: other names of flags.

    Raises:
        UsageError: see :func:`auxjepa.cli.flags.overrides`.
    """
    both, names = _both(own), {**pretrain.SHORT, **(short or {})}
    if wants_help(argv):
        show_help(both, prog, positional, names)
    flags = overrides(both, argv, positional, names)
    own_flags = {name: flags.pop(name) for name in own.model_fields if name in flags}
    return own_flags, flags


def _both(own: type[Typed]) -> type[BaseModel]:
    """Return a record type with the fields of a command and of a run. It is only used to look up flags."""
    fields = {**own.model_fields, **{k: v for k, v in RunFlags.model_fields.items() if k not in own.model_fields}}
    return create_model(own.__name__, __doc__=own.__doc__, **{k: (v.annotation, v) for k, v in fields.items()})  # type: ignore[call-overload]
