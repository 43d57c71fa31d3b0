"""``auxjepa study``: registers a study, runs it, compares or watches it, or shows its progress."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, merge, overrides, parse, show_help, validate, wants_help
from auxjepa.cli.pretrain import refuse_flags
from auxjepa.config import Natural, Typed, read_yaml
from auxjepa.console import print_note, table_console
from auxjepa.study import scales
from auxjepa.study.own_study import resolve_study
from auxjepa.study.plan import StudyConfig
from auxjepa.study.presets import PRESETS, read_study_content
from auxjepa.study.study_yaml import read_study
from auxjepa.study.versions import with_versions

if TYPE_CHECKING:
    from auxjepa.study.added_seeds import Scope


class Execution(Typed):
    """Settings of the execution of a study. They change no number."""

    study: str = Field(description="name of a preset, or a YAML file")
    out: Path | None = Field(default=None, description="study folder; out/NAME when unset")
    root: Path | None = Field(
        default=None,
        description="prepared sets, generated data and decoded caches; when unset OUT/data, "
        "or data where prepared sets are read",
    )
    workers: Natural = Field(default=0, description="runs side by side; one a core when 0")
    device: str = "cpu"
    runs: Path | None = Field(
        default=None, description="folder of pretraining runs that studies share; equal runs are trained once"
    )
    add_seeds: int | Literal["next"] | None = Field(
        default=None,
        description="seeds to add to the study in its folder: a number, or 'next' for those up to the next "
        "registered look",
    )

    @field_validator("add_seeds", mode="before")
    @classmethod
    def _is_count(cls, value: Any) -> Any:
        if value in (None, "next") or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        raise ValueError("should be a number of seeds such as 2, or 'next'")


class Run(StudyConfig, Execution):
    """Run a study: what has no finished row yet is done, the rest is left. Every field of the study is a flag too."""

    UNUSED: ClassVar[tuple[str, ...]] = (
        "base.data",
        "base.seed",
        "base.variant",
        "base.regime",
        "definitions",
        "own_benchmarks",
        "added_seeds",
        "recipes",
        "tuning_digest",
        "tune",
        "terms",
    )
    """Fields without a flag: the study sets them, or, as ``tune``, they are too long for a command line."""


class Status(Typed):
    """Show the progress of a study."""

    folder: Path = Field(description="study folder")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {
        "run": _run,
        "plan": _plan,
        "status": _status,
        "register": _register,
        "tune": _tune,
        "compare": _compare,
        "repeat-probes": _repeat_probes,
        "watch": _watch,
    }
    run_action("auxjepa study", argv, actions, _usage)


def _usage() -> str:
    """Return the usage: the actions, and the presets with their scales."""
    names = "\n".join(
        f"  {path.stem:16} {', '.join(scales.names(read_yaml(path)))}" for path in sorted(PRESETS.glob("*.yaml"))
    )
    return (
        "usage: auxjepa study run PRESET|FILE.yaml [--scale SCALE] --out DIR\n"
        "       auxjepa study plan PRESET|FILE.yaml [--scale SCALE] [--out DIR]\n"
        "       auxjepa study tune PRESET|FILE.yaml [--scale SCALE] --out DIR\n"
        "       auxjepa study register PRESET|FILE.yaml [--scale SCALE] --out DIR\n"
        "       auxjepa study compare DIR\n"
        "       auxjepa study repeat-probes DIR [--repeats N]\n"
        "       auxjepa study watch DIR [--port PORT] [--every SECONDS]\n"
        f"       auxjepa study status DIR\npresets and their scales:\n{names}"
    )


def resolve(argv: list[str]) -> tuple[StudyConfig, Execution]:
    """Return the study that flags describe, and the settings of its execution.

    Args:
        argv: words of the command line.
    """
    flags = overrides(Run, argv, ("study",))
    if "study" not in flags:
        raise UsageError("which study? Give the name of a preset or a YAML file (auxjepa study --help)")
    own = {key: flags.pop(key) for key in list(Execution.model_fields) if key in flags}
    content = read_study_content(str(own["study"]))
    refuse_flags(own["study"], content, Execution)
    scale = flags.pop("scale", None)
    content = scales.resolve(content, scale, str(own["study"]))
    called = f"{own['study']} at scale {scale}" if scale else own["study"]
    how = validate(Execution, own)
    begun = False

    def validated(record: Any) -> StudyConfig:
        nonlocal begun
        try:
            return validate(StudyConfig, record)
        except UsageError as error:
            raise error if begun else UsageError(f"{called}: {error}") from None
        finally:
            begun = True

    name = str(flags.get("name") or content.get("name") or "study")
    folder = how.out or Path("out") / name
    content, root = with_versions(content, folder), how.root or folder / "data"
    study = resolve_study(content, flags, validated, merge=merge, root=root, tell=print_note)
    return study, how


def _check(action: Literal["run", "register"], argv: list[str]) -> tuple[Scope, Execution, Path]:
    """Return what flags describe after every check: the study and its part to run, the execution, and the folder."""
    if wants_help(argv):
        show_help(Run, f"auxjepa study {action}", ("study",), base="the study")
    study, how = resolve(argv)
    if action == "register" and how.add_seeds is not None:
        raise UsageError("--add-seeds adds seeds to a study that was run: it is a flag of `auxjepa study run`")
    from auxjepa.console import stderr_console
    from auxjepa.interface.studies import check_start, choose_scope
    from auxjepa.interface.tuning import tune_first

    folder = how.out or Path("out") / study.name
    searching = how.model_dump(include={"root", "workers", "device"})
    study = tune_first(study, folder, action=action, console=stderr_console(), tell=print_note, **searching)
    scope = choose_scope(study, folder, how.add_seeds, how.workers, how.device)
    settings = how.model_dump(include={"root", "workers", "device", "runs"})
    device = check_start(scope.study, folder, action=action, **settings)
    return scope, how.model_copy(update={"device": device}), folder


def _tune(argv: list[str]) -> None:
    from auxjepa.cli.tune import main

    main(argv)


def _run(argv: list[str]) -> None:
    scope, how, folder = _check("run", argv)
    from auxjepa.console import stderr_console
    from auxjepa.interface.studies import run_study

    settings = how.model_dump(include={"root", "workers", "device", "runs"})
    command = shlex.join(["auxjepa", "study", "run", *repeat_words(argv, scope.study)])
    run_study(scope, folder, command=command, console=stderr_console(), tell=print, **settings)


def repeat_words(argv: list[str], study: StudyConfig) -> list[str]:
    """Return the words that repeat a study, in its folder or in another: its seeds instead of the flag that adds some.

    Args:
        argv: words of the command line.
        study: the study.
    """
    words, skips = list[str](), False
    for word in argv:
        if skips or word.startswith(("--add-seeds", "--add_seeds")):
            skips = not skips and "=" not in word
            continue
        words.append(word)
    return [*words, "--seeds", *map(str, study.seeds)] if study.added_seeds else words


def _plan(argv: list[str]) -> None:
    """Print the estimated cost of a study on this machine. ``--out`` stores it for comparison with the actual cost."""
    if wants_help(argv):
        show_help(Run, "auxjepa study plan", ("study",), base="the study")
    study, how = resolve(argv)
    from auxjepa.cli import planned
    from auxjepa.devices import open_device
    from auxjepa.evidence.decisions.sequential import describe_looks
    from auxjepa.files import write_json
    from auxjepa.start import check_folder
    from auxjepa.study.actual_cost import PLANNED
    from auxjepa.study.checks import check_study
    from auxjepa.study.design_warnings import describe_power, design_warnings
    from auxjepa.study.estimate import estimate
    from auxjepa.study.needs import STORE, data_root, missing_sets
    from auxjepa.study.run import side_by_side
    from auxjepa.study.training_notes import training_notes

    device = str(open_device(how.device))
    if how.out is not None:
        check_folder(how.out, "--out")
    if how.add_seeds is not None:
        from auxjepa.interface.studies import choose_scope

        scope = choose_scope(study, how.out or Path("out") / study.name, how.add_seeds, how.workers, device)
        print("\n".join(scope.lines))
        return
    check_study(study, None, None, how.root)
    looks = describe_looks(study.rule, study.hypotheses)
    for line in (*design_warnings(study), *looks, *describe_power(study), *training_notes(study)):
        print(line)
    expected = estimate(study, workers=side_by_side(how.workers, device), device=device)
    for line in planned.lines(study, expected, missing_sets(study, data_root(study, how.root) or STORE)):
        print(line)
    if how.out is not None:
        how.out.mkdir(parents=True, exist_ok=True)
        write_json(how.out / PLANNED, expected.model_dump(mode="json"))


def _compare(argv: list[str]) -> None:
    from auxjepa.cli.compare import main

    main(argv)


def _repeat_probes(argv: list[str]) -> None:
    from auxjepa.cli.repeat_probes import main

    main(argv)


def _watch(argv: list[str]) -> None:
    from auxjepa.cli.watch import main

    main(argv)


def _register(argv: list[str]) -> None:
    """Write study.yaml and registration.json without running anything, so that the hash can be published first."""
    scope, _, folder = _check("register", argv)
    from auxjepa.evidence.decisions.sequential import describe_looks
    from auxjepa.interface.studies import WRITTEN, describe_registration
    from auxjepa.start import Start
    from auxjepa.study.design_warnings import design_warnings
    from auxjepa.study.register import register
    from auxjepa.study.run import claim
    from auxjepa.study.training_notes import training_notes

    for line in (*design_warnings(scope.study), *training_notes(scope.study)):
        print_note(line)
    with Start(folder, WRITTEN).withdrawn_on_error():
        claim(scope.study, folder, shlex.join(["auxjepa", "study", "run", *argv]))
        registration = register(scope.study, folder)
        print(
            "\n".join([describe_registration(registration), *describe_looks(registration.rule, scope.study.hypotheses)])
        )


def _status(argv: list[str]) -> None:
    args = parse(Status, argv, "auxjepa study status", ("folder",))
    from collections import Counter

    from auxjepa.evidence.study_folder.seed_steps import describe_steps
    from auxjepa.rows import RowStore
    from auxjepa.study.added_seeds import count_begun, describe_look
    from auxjepa.study.status import status, status_table

    study = read_study(args.folder)
    planned = status(study, args.folder)
    begun = set(study.seeds[: count_begun(study, args.folder, planned)])
    states = [state for state in planned if state.run.config.seed in begun]
    table_console(120).print(status_table(states))
    counts = Counter(state.words for state in states)
    print(", ".join(f"{count} {words}" for words, count in counts.items()))
    for line in (describe_look(study, args.folder, planned), *describe_steps(study.seeds, study.added_seeds)):
        if line:
            print(line)
    for note in RowStore(args.folder).notes():
        print(note)
