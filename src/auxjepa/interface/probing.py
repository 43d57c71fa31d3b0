"""Probes from Python and from the command line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.console import print_note
from auxjepa.devices import open_device
from auxjepa.encoders.foreign import is_foreign, path_of_run
from auxjepa.rows import Row
from auxjepa.runs.record import choose
from auxjepa.sealed import first_line
from auxjepa.start import check_folder
from auxjepa.study.probe import probe_encoder
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.probe_frozen import probe_frozen
from auxjepa.study.probe_measure import Measured
from auxjepa.threads import use_threads


def probe(
    run: str | Path,
    data: str | None = None,
    *,
    benchmark: str | tuple[str, ...] | list[str] = (),
    out: str | Path | None = None,
    device: str = "cpu",
    progress: bool = True,
    **settings: Any,
) -> list[Row]:
    """Score a frozen encoder and its controls, and return one row for each score.

    Args:
        run: run folder or checkpoint (also ``run:DIR``), or an encoder from elsewhere: ``hf:NAME_OR_FOLDER``,
            ``timm:NAME``, ``python:MODULE:FUNCTION``.
        data: a prepared data set, ``folder:PATH`` or ``shards:URL`` of labelled videos; the four benchmarks of the
            synthetic world when neither ``data`` nor ``benchmark`` is given.
        benchmark: name or names of registered benchmarks.
        out: folder for the rows, to which further probes add; nothing is written when None.
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.
        progress: whether notes and progress are shown on standard error.
        settings: other fields of :class:`auxjepa.study.probe_config.ProbeConfig`: ``label``, ``clips``,
            ``allow_padding``, ``frames``, ``size``, ``stride``, ``fps``, ``head``, ``channels``, ``level``, ``role``,
            ``controls``, ``seed``, ``name``, ``probe_version``.

    Raises:
        ConfigError: if settings, data, a device or a folder cannot be used.
        CheckpointError: if there is no checkpoint, it is damaged, or the run has no such role.
        DataError: if videos or caches cannot be used.
    """
    names = (benchmark,) if isinstance(benchmark, str) else tuple(benchmark)
    try:
        config = ProbeConfig.model_validate({"data": data, "benchmark": names, **settings})
    except ValidationError as error:
        raise ConfigError(first_line(error)) from None
    folder = None if out is None else Path(out)
    measured = run_probe(str(run), config, folder=folder, device=open_device(device), progress=progress)
    return [row for one in measured for row in one.rows]


def run_probe(
    source: str, config: ProbeConfig, *, folder: Path | None, device: torch.device, progress: bool
) -> list[Measured]:
    """Score a frozen encoder and its controls on each benchmark.

    Args:
        source: run folder or checkpoint, or encoder from elsewhere.
        config: what is measured.
        folder: folder for the rows; nothing is written when None.
        device: where features are computed.
        progress: whether notes and progress are shown on standard error.

    Raises:
        ConfigError: if settings, data or a folder cannot be used.
        CheckpointError: if there is no checkpoint, it is damaged, or the run has no such role.
    """
    tell = partial(print_note, quiet=not progress)
    if folder is not None:
        check_folder(folder, "--out")
    if is_foreign(source):
        use_threads()
        return list(probe_frozen(source, config, device=device, folder=folder, progress=progress, tell=tell))
    chosen = choose(path_of_run(source))
    if chosen.caution:
        tell(chosen.caution)
    use_threads()
    return list(probe_encoder(chosen, config, device=device, folder=folder, progress=progress, tell=tell))
