"""Pretraining from Python and from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from auxjepa import plugins
from auxjepa.config import RunConfig
from auxjepa.console import print_note, stderr_console
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.open import open_feed
from auxjepa.devices import open_device
from auxjepa.files import refuse_odd_bytes
from auxjepa.objectives import OBJECTIVES
from auxjepa.objectives.plugin_source import stamp_plugins
from auxjepa.runs.health import NARROW, latest_word
from auxjepa.start import check_folder
from auxjepa.study.display import Display
from auxjepa.threads import use_threads
from auxjepa.train.checks import check_run
from auxjepa.train.loop import Run
from auxjepa.train.resume import check_owner, holds_run
from auxjepa.train.run_settings import read_run_settings
from auxjepa.train.teacher_advice import advise_teacher, describe_unused
from auxjepa.train.training_folders import train_on_training_folders


def pretrain(
    config: RunConfig | Mapping[str, Any] | str | Path,
    *,
    out: str | Path | None = None,
    device: str = "cpu",
    threads: int = 0,
    progress: bool = True,
) -> Path:
    """Pretrain an encoder and return its run folder. A run that was killed resumes when it is called again.

    Args:
        config: settings of the run: a nested mapping as in YAML, the path of a YAML file, or a ``RunConfig``. The name
            of a variant brings the variant's terms, unless ``objectives`` are set.
        out: run folder; ``out/VARIANT-HASH`` when None.
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.
        threads: CPU threads; at most one per core when 0.
        progress: whether notes and progress are shown on standard error.

    Raises:
        ConfigError: if settings, data or a device cannot be used.
        TrainingError: if training fails, or the folder holds another run.
        DataError: if videos or caches cannot be used.
    """
    run, names_videos = read_run_settings(config)
    folder = None if out is None else Path(out)
    return run_pretraining(run, folder, device=device, threads=threads, names_videos=names_videos, progress=progress)


def run_pretraining(
    config: RunConfig, out: Path | None, *, device: str, threads: int, names_videos: bool, progress: bool
) -> Path:
    """Check a run, pretrain it and return its folder. All checks run before clips are decoded.

    Args:
        config: the run.
        out: run folder; ``out/VARIANT-HASH`` when None.
        device: name of the device.
        threads: CPU threads; at most one per core when 0.
        names_videos: whether the configuration says which videos of a divided folder are read; its training folders
            are read otherwise.
        progress: whether notes and progress are shown on standard error.

    Raises:
        ConfigError: if settings, data or a device cannot be used.
        TrainingError: if training fails, or the folder holds another run.
    """
    console, tell = stderr_console(quiet=not progress), partial(print_note, quiet=not progress)
    use_threads(threads)
    manifests: dict[str, Manifest] = {}
    if not names_videos:
        config, manifests, notes = train_on_training_folders(config)
        for note in notes:
            tell(note)
    stamped = stamp_plugins(config)
    if out is None or not holds_run(out, config):  # a run that began without the digests of plug-ins resumes
        config = stamped
    folder = out or Path("out") / f"{config.variant}-{config.content_hash()}"
    refuse_odd_bytes(folder.absolute(), "out")
    place = open_device(device)
    check_folder(folder, "--out")
    check_owner(folder, config)
    check_run(config, place, folder)
    names = {term.name or key for key, term in config.objectives.items()}
    for note in plugins.shadowed(plugins.OBJECTIVES, names & {*OBJECTIVES}):
        tell(note)
    run = Run(config, open_feed(config.data, opened=manifests, progress=progress), folder.absolute(), place)
    for line in (advise_teacher(config), *describe_unused(config)):
        if line:
            tell(line)
    for note in run.notes:
        tell(note)
    shown = len(run.notes)
    if run.step:
        console.print(f"resuming at step {run.step}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar, steps = Progress(*columns, TextColumn("{task.fields[loss]}")), config.optim.steps
    task = bar.add_task(config.variant, total=steps, completed=run.step, loss="")
    with Display(console) as display:

        def on_step(step: int, line: dict[str, Any]) -> None:
            bar.update(task, completed=step, loss=f"loss {line['loss']:.4f}, waiting {line['waiting']:.0%}")
            display.show(lambda: bar, lambda: f"step {step} of {steps}, loss {line['loss']:.4f}", now=step == steps)

        summary = run.train(on_step)
    for note in run.notes[shown:]:
        tell(note)
    word = latest_word(folder, summary.verdict)
    meaning = " (their rank is low: a note, see docs/evidence/health.md)" if word == NARROW else ""
    console.print(
        f"{summary.variant}: {summary.steps} steps in {summary.seconds:.0f} s "
        f"({summary.milliseconds_per_step:.0f} ms a step), features {word}{meaning}"
    )
    return folder
