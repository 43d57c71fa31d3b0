"""``auxjepa study``: run a study, or see how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from auxjepa.cli.flags import UsageError, explain, merge, nearest, overrides, parse, show_help, validate, wants_help
from auxjepa.config import ConfigError, Typed, read_yaml
from auxjepa.study.plan import StudyConfig

PRESETS = Path(__file__).parent.parent / "study" / "presets"


class Execution(Typed):
    """How a study is carried out; nothing here changes a number."""

    study: str = Field(description="name of a preset, or a YAML file")
    out: Path | None = Field(default=None, description="study folder; out/NAME when unset")
    root: Path | None = Field(default=None, description="generated data and decoded caches; OUT/data when unset")
    workers: int = Field(default=0, ge=0, description="runs side by side; one a core when 0")
    device: str = "cpu"


class Run(StudyConfig, Execution):
    """Run a study: what has no finished row yet is done, the rest is left. Every field of the study is a flag too."""


class Status(Typed):
    """How far a study is."""

    folder: Path = Field(description="study folder")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"run": _run, "status": _status}
    if not argv or argv[0] in ("-h", "--help"):
        names = ", ".join(sorted(path.stem for path in PRESETS.glob("*.yaml")))
        print(f"usage: auxjepa study run PRESET|FILE.yaml --out DIR\n       auxjepa study status DIR\npresets: {names}")
        return
    if argv[0] not in actions:
        raise UsageError(f"no action {argv[0]!r}{nearest(argv[0], actions)} (known: {', '.join(actions)})")
    actions[argv[0]](argv[1:])


def load(name: str) -> dict[str, Any]:
    """The content of a preset or of a study file.

    Raises:
        ConfigError: when there is neither.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return read_yaml(path)
    known = {path.stem: path for path in PRESETS.glob("*.yaml")}
    if name not in known:
        raise UsageError(
            f"no preset {name!r}{nearest(name, known)} (known: {', '.join(sorted(known))}; or a .yaml file)"
        )
    return read_yaml(known[name])


def resolve(argv: list[str]) -> tuple[StudyConfig, Execution]:
    """The study that flags describe, and how to carry it out."""
    flags = overrides(Run, argv, ("study",))
    if "study" not in flags:
        raise UsageError("which study? Give the name of a preset or a YAML file (auxjepa study --help)")
    own = {key: flags.pop(key) for key in list(Execution.model_fields) if key in flags}
    content = load(str(own["study"]))
    content.pop("command", None)
    return validate(StudyConfig, merge(content, flags)), validate(Execution, own)


def _run(argv: list[str]) -> None:
    if wants_help(argv):
        show_help(Run, "auxjepa study run", ("study",))
    study, how = resolve(argv)
    from auxjepa import report
    from auxjepa.study.run import claim, execute

    folder = how.out or Path("out") / study.name
    claim(study, folder, " ".join(["auxjepa study run", *argv]))
    execute(study, folder, root=how.root, workers=how.workers, device=how.device)
    page = report.build(folder)
    print((page.parent / "report.md").read_text().split("\n## ")[0].strip())
    print(f"\n{page}")


def _status(argv: list[str]) -> None:
    args = parse(Status, argv, "auxjepa study status", ("folder",))
    from pydantic import ValidationError
    from rich.console import Console

    from auxjepa.study.run import status, status_table

    content = read_yaml(args.folder / "study.yaml")
    content.pop("command", None)
    try:
        study = StudyConfig.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{args.folder}/study.yaml: {explain(StudyConfig, error)}") from None
    Console().print(status_table(status(study, args.folder)))
