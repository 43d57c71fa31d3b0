"""Studies from Python and from the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from rich.console import Console

from auxjepa import report
from auxjepa.config import ConfigError
from auxjepa.console import print_note, stderr_console
from auxjepa.devices import open_device
from auxjepa.evidence.decisions.registration import Registration
from auxjepa.evidence.decisions.sequential import describe_looks
from auxjepa.files import refuse_odd_bytes
from auxjepa.interface.tuning import tune_first
from auxjepa.sealed import first_line
from auxjepa.start import Start, check_folder
from auxjepa.study import scales
from auxjepa.study.actual_cost import compare_with_plan
from auxjepa.study.added_seeds import Added, Scope, choose_seeds
from auxjepa.study.checks import check_study, check_workers, count_runs
from auxjepa.study.design_warnings import design_warnings
from auxjepa.study.needs import data_root
from auxjepa.study.own_study import resolve_study
from auxjepa.study.plan import StudyConfig
from auxjepa.study.presets import read_study_content
from auxjepa.study.register import check_registrable, met_before, register
from auxjepa.study.run import check_claim, check_shared, claim, execute, share_runs, side_by_side
from auxjepa.study.training_notes import training_notes
from auxjepa.study.versions import versions_of, with_versions

WRITTEN = ("study.yaml", "registration.json", "benchmarks.json", "protocols.json", "samples.npz", "runs")
"""Names that a study writes into its folder before its first run starts."""


def study(
    config: StudyConfig | Mapping[str, Any] | str | Path,
    *,
    out: str | Path | None = None,
    scale: str | None = None,
    root: str | Path | None = None,
    workers: int = 0,
    device: str = "cpu",
    runs: str | Path | None = None,
    add_seeds: Added = None,
    progress: bool = True,
) -> Path:
    """Run a study and return its report page. Finished scores are not repeated.

    Args:
        config: name of a preset, path of a YAML file, a nested mapping as in YAML, or a ``StudyConfig``.
        out: study folder; ``out/NAME`` when None.
        scale: size of the study, such as ``laptop`` or ``gpu``; the file's own when None.
        root: folder of prepared sets, generated data and decoded clips; ``OUT/data`` when None, or ``data`` where the
            study reads prepared sets.
        workers: runs side by side; one per core when 0.
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.
        runs: folder of pretraining runs that studies share.
        add_seeds: number of seeds to add to the study in the folder; ``"next"`` for those up to its next look.
        progress: whether notes and progress are shown on standard error.

    Raises:
        ConfigError: if a study, folder or device cannot be used.
        RunError: if runs failed; finished work is kept and reported.
    """
    console = stderr_console(quiet=not progress)
    tell = partial(print_note, quiet=not progress)
    folder, shared, data = (None if path is None else Path(path) for path in (out, runs, root))
    place = data or (None if folder is None else folder / "data")
    resolved = read_study_settings(config, scale, place, tell, folder=folder)
    folder = folder or Path("out") / resolved.name
    name = str(config) if isinstance(config, str | Path) else ""
    words = ["auxjepa", "study", "run", name, *(["--scale", scale] if scale else []), "--out", str(folder)]
    command = shlex.join(words) if name else f"auxjepa.study(..., out={str(folder)!r})"
    resolved = tune_first(
        resolved, folder, action="run", root=data, workers=workers, device=device, console=console, tell=tell
    )
    scope = choose_scope(resolved, folder, add_seeds, workers, device)
    place = check_start(scope.study, folder, action="run", root=data, workers=workers, device=device, runs=shared)
    return run_study(
        scope,
        folder,
        command=command,
        root=data,
        workers=workers,
        device=place,
        runs=shared,
        console=console,
        tell=partial(print_note, quiet=not progress),
    )


def read_study_settings(
    config: StudyConfig | Mapping[str, Any] | str | Path,
    scale: str | None = None,
    root: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
    *,
    folder: Path | None = None,
) -> StudyConfig:
    """Return the study that Python code describes.

    Args:
        config: name of a preset, path of a YAML file, a nested mapping as in YAML, or a ``StudyConfig``.
        scale: size of the study; the file's own when None.
        root: folder of scans of own videos.
        tell: receives one line for each fact about own videos.
        folder: study folder, whose study keeps its versions; ``out/NAME`` when None.

    Raises:
        ConfigError: if there is no such study or scale, or it cannot be used.
        TypeError: if ``config`` is none of these.
    """
    if isinstance(config, StudyConfig):
        if scale not in (None, config.scale):
            raise ConfigError("scale is for presets, files and mappings: a StudyConfig has one size")
        versions = versions_of(folder or Path("out") / config.name)
        config = config.model_copy(update={k: v for k, v in versions.items() if k not in config.model_fields_set})
        return config.with_plugins()
    if isinstance(config, str | Path):
        content, name = read_study_content(config), str(config)
    elif isinstance(config, Mapping):
        content, name = dict(config), str(config.get("name", "the study"))
    else:
        raise TypeError(f"config must be a name, a path, a mapping or a StudyConfig, got {type(config).__name__}")
    try:
        content = scales.resolve(content, scale, name)
        content = with_versions(content, folder or Path("out") / str(content.get("name", "study")))
        return resolve_study(content, {}, StudyConfig.model_validate, root=root, tell=tell)
    except ValidationError as error:
        raise ConfigError(f"{name}: {first_line(error)}") from None


def choose_scope(study: StudyConfig, folder: Path, add_seeds: Added, workers: int, device: str) -> Scope:
    """Return the part of a study that is run now (:func:`auxjepa.study.added_seeds.choose_seeds`).

    Args:
        study: the requested study.
        folder: study folder.
        add_seeds: seeds to add to those in the folder.
        workers: runs side by side; one per core when 0.
        device: name of the device.

    Raises:
        ConfigError: if the folder cannot be used, or seeds cannot be added.
    """
    refuse_odd_bytes(folder.absolute(), "out")
    check_folder(folder, "--out")
    return choose_seeds(study, folder, add_seeds, side_by_side(workers, device))


def check_start(
    study: StudyConfig,
    folder: Path,
    *,
    action: Literal["run", "register"],
    root: Path | None,
    workers: int,
    device: str,
    runs: Path | None,
) -> str:
    """Check whether a study can be run or registered, and return the name of its device. Nothing is written.

    Args:
        study: the study.
        folder: study folder; it need not exist.
        action: the action to check.
        root: folder of data.
        workers: runs side by side; one per core when 0.
        device: name of the device.
        runs: folder of shared runs.

    Raises:
        ConfigError: if the study cannot be run or registered.
    """
    refuse_odd_bytes(folder.absolute(), "out")
    check_folder(folder, "--out")
    check_claim(study, folder)
    place = open_device(device)
    if study.phase == "confirm" or action == "register":
        check_registrable(study, folder)
    if action == "run":
        check_workers(side_by_side(workers, str(place)), count_runs(study))
        for path, flag in ((runs, "--runs"), (root, "--root")):
            if path is not None:
                check_folder(path, flag)
        if runs is not None:
            check_shared(folder, runs)
    check_study(study, place if action == "run" else None, folder if action == "run" else None, root)
    return str(place)


def run_study(
    scope: Scope,
    folder: Path,
    *,
    command: str,
    root: Path | None,
    workers: int,
    device: str,
    runs: Path | None,
    console: Console,
    tell: Callable[[str], None],
) -> Path:
    """Run a study that :func:`check_start` accepts, write its report and return the page.

    Args:
        scope: the study, and the part of it that is run now.
        folder: study folder.
        command: command that runs the study, for its readers.
        root: folder of data.
        workers: runs side by side; one per core when 0.
        device: name of the device.
        runs: folder of shared runs.
        console: where progress is shown.
        tell: receives the registration, the cost against the plan, and the head of the report.

    Raises:
        RunError: if runs failed; finished work is kept and reported.
    """
    study, start, lines = scope.study, Start(folder, WRITTEN), list[str]()
    begun, failure = False, None
    for line in (*design_warnings(study), *training_notes(study)):
        tell(line)

    def begin() -> None:
        nonlocal begun
        begun = True
        start.keep()
        for line in lines:
            tell(line)

    with start.withdrawn_on_error():
        claim(study, folder, command)
        if study.phase == "confirm":
            registration = register(study, folder, runs)
            lines.append(describe_registration(registration))
            lines.extend(describe_looks(registration.rule, registration.hypotheses))
            if runs is not None and (note := met_before(registration, runs)) and not (folder / "runs").exists():
                lines.append(note)
        lines.extend(scope.lines)
        if runs is not None:
            share_runs(folder, runs)
        place = data_root(study, root)
        try:
            execute(scope.part, folder, root=place, workers=workers, device=device, console=console, on_start=begin)
        except RuntimeError as error:
            if not begun:
                raise
            failure = error  # finished work is reported in any case
    try:
        if line := compare_with_plan(study, folder):
            tell(line)
        page = report.build(folder)
    except OSError as error:
        raise failure or error from error
    # Title, question and the answer in one paragraph; everything else is in the report.
    text = (page.parent / "report.md").read_text(encoding="utf-8")
    tell(_unescape("\n## ".join(text.split("\n## ")[:2]).strip()))
    tell(f"\n{page}")
    if failure is not None:
        raise failure
    return page


def describe_registration(registration: Registration) -> str:
    """Return one line about a registration: its time, its size and its hash.

    Args:
        registration: the registration.
    """
    count, runs = len(registration.hypotheses), len(registration.runs)
    noun = "hypothesis" if count == 1 else "hypotheses"
    earlier = f" ({len(registration.earlier_runs)} trained before)" if registration.earlier_runs else ""
    return f"registered {registration.created}: {count} {noun}, {runs} runs{earlier}, sha256 {registration.hash}"


def _unescape(markdown: str) -> str:
    """Return Markdown as people read it in a terminal, without the backslashes before punctuation."""
    return re.sub(r"\\(?=[^A-Za-z0-9\s])", "", markdown)
