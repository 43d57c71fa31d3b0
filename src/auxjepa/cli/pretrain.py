"""``auxjepa pretrain``: one run, from flags, a YAML file or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from auxjepa import plugins, regimes, variants
from auxjepa.cli.flags import UsageError, merge, overrides, show_help, validate, wants_help
from auxjepa.config import ConfigError, RunConfig, Typed, read_yaml
from auxjepa.data.errors import printable
from auxjepa.files import refuse_odd_bytes

if TYPE_CHECKING:
    from auxjepa.data.manifest.manifest import Manifest

SHORT = {"data": "data.source", "tensorboard": "log.tensorboard"}
"""``--data folder:PATH`` is short for ``--data.source folder:PATH``, ``--tensorboard`` for ``--log.tensorboard``."""


class Command(RunConfig):
    """Pretrain an encoder. What --regime brings comes first, then --config, then the terms of --variant, then flags.

    A run that was killed goes on when the same command is given again. Several clips are cut from each video when
    data.clips is above the number of videos.
    """

    config: Path | None = Field(default=None, description="YAML of a run, such as a finished one's config.yaml")
    out: Path | None = Field(default=None, description="run folder; out/VARIANT-HASH when unset")
    device: str = Field(default="cpu", description="'cpu', 'cuda', 'cuda:1' …")
    threads: int = Field(
        default=0, ge=0, le=4096, description="CPU threads; 0: one a core at most (bits depend on the number)"
    )


class Own(Typed):
    """Settings of the command that are none of the run."""

    config: Path | None
    out: Path | None
    device: str
    threads: int


def resolve(argv: list[str]) -> tuple[RunConfig, Own]:
    """The run that flags describe, and the command's own settings."""
    flags = overrides(Command, argv, short=SHORT)
    content: dict[str, Any] = RunConfig().model_dump(mode="json")
    if "regime" in flags:
        content = merge(content, regimes.settings(str(flags["regime"])))
    if flags.get("config"):
        content = _written(Path(str(flags["config"])), content)
    name = flags.get("variant")
    if name is not None and ("objectives" not in flags or str(name) in variants.VARIANTS):
        content = variants.apply(str(name), validate(RunConfig, content)).model_dump(mode="json")
    full = validate(Command, merge(content, flags))
    own = set(Own.model_fields)
    return RunConfig.model_validate(full.model_dump(exclude=own)), Own.model_validate(full.model_dump(include=own))


def _written(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """``content`` with a YAML file laid over it; terms and masks of the file replace those there as a whole.

    As with flags, a variant's name brings its terms, unless the file says which terms there are (as a finished run's
    config.yaml does): then it is only a name.
    """
    written = read_yaml(path)
    if not written:
        raise UsageError(f"{path}: holds no settings of a run")
    refuse_flags(path, written, Own)
    try:
        config = validate(RunConfig, {**merge(content, written), **_whole(written)})
        if "variant" in written and "objectives" not in written:
            config = variants.apply(config.variant, config)
    except ConfigError as error:
        raise UsageError(f"{path}: {error}") from None
    return config.model_dump(mode="json")


def refuse_flags(path: Path | str, written: dict[str, Any], own: type[Typed]) -> None:
    """Nothing, if a file holds no setting that only the command has.

    Raises:
        UsageError: naming the flag that takes its place.
    """
    for name in own.model_fields:
        if name in written:
            raise UsageError(f"{path}: {name!r} belongs to the command, not to a file: give --{name.replace('_', '-')}")


def _whole(written: dict[str, Any]) -> dict[str, Any]:
    return {key: written[key] for key in ("objectives", "masks") if key in written}


def says_which_videos(flags: dict[str, Any], path: Path | None) -> bool:
    """Whether flags or the YAML file say which videos of a divided folder are read. So does a run's ``config.yaml``
    about its own data: it means what it meant when it was written."""
    asked = [flags.get("data"), read_yaml(path).get("data") if path is not None else None]
    by_flag, written = (set(data) if isinstance(data, dict) else set() for data in asked)
    own = path is not None and path.read_text(encoding="utf-8").startswith("# content hash")
    return "split" in by_flag | written or (own and not by_flag & {"source", "mixture"})


def train_on_training_folders(config: RunConfig) -> tuple[RunConfig, dict[str, Manifest], list[str]]:
    """The run with ``data.split: train`` for every folder (or shards of one) that is divided into train/ and val/ or
    test/, where nothing was said about it; the manifests of all of them, and a line for people on each that is divided.

    Raises:
        ManifestError: see :func:`auxjepa.data.manifest.manifest.open_source`.
    """
    from auxjepa.data.manifest.split import TRAIN
    from auxjepa.data.manifest.split_folders import split_folders_of, training_part
    from auxjepa.data.open import FOLDER_KINDS, open_manifest

    data, manifests, notes = config.data, {}, []
    for name, one in data.sources.items():
        part = data.mixture.get(name)
        if one.source.partition(":")[0] not in FOLDER_KINDS or (part is not None and part.split is not None):
            continue
        manifests[name] = open_manifest(one)
        folders = split_folders_of(manifests[name])
        if folders is None:
            continue
        every, manifests[name] = len(manifests[name]), training_part(manifests[name], one.source)
        kept = len(manifests[name])
        notes.append(
            f"{one.source}: pretraining on the {kept:,} videos of {folders.named(TRAIN)}; the other {every - kept:,} "
            "are left out, so that they can be tested on (--data.split all reads them too)"
        )
        if part is None:
            data = data.model_copy(update={"split": "train"})
        else:
            mixture = {**data.mixture, name: part.model_copy(update={"split": "train"})}
            data = data.model_copy(update={"mixture": mixture})
    return config.model_copy(update={"data": data}), manifests, notes


def main(argv: list[str]) -> None:
    """Run the command."""
    if wants_help(argv):
        show_help(Command, "auxjepa pretrain")
    config, own = resolve(argv)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from auxjepa.data.open import open_feed
    from auxjepa.devices import open_device
    from auxjepa.objectives import OBJECTIVES
    from auxjepa.start import check_folder
    from auxjepa.study.display import Display
    from auxjepa.threads import use_threads
    from auxjepa.train.checks import check_run
    from auxjepa.train.loop import Run
    from auxjepa.train.resume import check_owner

    use_threads(own.threads)
    console = Console(stderr=True, markup=False)
    opened: dict[str, Manifest] = {}
    if not says_which_videos(overrides(Command, argv, short=SHORT), own.config):
        config, opened, notes = train_on_training_folders(config)
        for note in notes:
            console.print(printable(note), highlight=False, soft_wrap=True)
    folder = own.out or Path("out") / f"{config.variant}-{config.content_hash()}"
    refuse_odd_bytes(folder.absolute(), "out")
    # Whatever can be refused is refused before clips are decoded and before the folder is made.
    device = open_device(own.device)
    check_folder(folder, "--out")
    check_owner(folder, config)
    check_run(config, device, folder)
    names = {term.name or key for key, term in config.objectives.items()}
    for note in plugins.shadowed(plugins.OBJECTIVES, names & {*OBJECTIVES}):
        console.print(printable(note), highlight=False, soft_wrap=True)
    feed = open_feed(config.data, opened=opened)
    run = Run(config, feed, folder.absolute(), device)
    for note in run.notes:
        console.print(printable(note), highlight=False, soft_wrap=True)
    shown = len(run.notes)
    if run.step:
        console.print(f"going on from step {run.step}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar, steps = Progress(*columns, TextColumn("{task.fields[loss]}")), config.optim.steps
    task = bar.add_task(config.variant, total=steps, completed=run.step, loss="")
    with Display(console) as display:

        def on_step(step: int, line: dict[str, Any]) -> None:
            bar.update(task, completed=step, loss=f"loss {line['loss']:.4f}, waiting {line['waiting']:.0%}")
            display.show(lambda: bar, lambda: f"step {step} of {steps}, loss {line['loss']:.4f}", now=step == steps)

        summary = run.train(on_step)
    for note in run.notes[shown:]:
        console.print(printable(note), highlight=False, soft_wrap=True)
    console.print(
        f"{summary.variant}: {summary.steps} steps in {summary.seconds:.0f} s "
        f"({summary.milliseconds_per_step:.0f} ms a step), features {summary.verdict}"
    )
    print(folder)
