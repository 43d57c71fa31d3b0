"""``auxjepa audit``: shows which term of a variant reaches which network, how strongly, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from auxjepa import variants
from auxjepa.cli.flags import UsageError, validate
from auxjepa.cli.pretrain import resolve_flags
from auxjepa.cli.runflags import read_flags
from auxjepa.config import Count, RunConfig, Threads, Typed
from auxjepa.console import print_note, stderr_console, table_console
from auxjepa.runs.record import choose, read_run

if TYPE_CHECKING:
    from auxjepa.audit import Audit


class AuditFailed(RuntimeError):
    """Error of ``--strict``: the audit has findings."""


class Command(Typed):
    """Audit a variant, a trained run, or every variant of a study, and print what is wrong with it in red.

    Every flag of ``auxjepa pretrain`` is taken too and laid over the base run.
    """

    variant: str | None = Field(default=None, description="name of a variant; the checkpoint's own when unset")
    base: Literal["auto", "described", "released"] = Field(
        default="auto",
        description="the paper's regime in small, context term on throughout or ramped as released; auto: as released "
        "for variants called NAME_released. Without effect next to --config and --checkpoint",
    )
    checkpoint: Path | None = Field(default=None, description="run folder or checkpoint whose weights are audited")
    study: Path | None = Field(
        default=None, description="study folder: the first seed of each variant, for the study's report"
    )
    evaluates: Literal["student", "teacher"] | None = Field(
        default=None, description="network that will be probed; what the paper probes when unset"
    )
    batches: Count = Field(default=2, description="training batches to average over")
    json_file: Path | None = Field(default=None, description="write the audit here as JSON too")
    strict: bool = Field(default=False, description="exit with 1 when there is a finding")
    device: str = "cpu"
    threads: Threads | None = Field(default=None, description="CPU threads; torch's own number when unset")


def main(argv: list[str]) -> None:
    """Run the command."""
    own, run = read_flags(Command, argv, "auxjepa audit", ("variant",), {"json": "json_file"})
    args = validate(Command, own)
    from auxjepa.audit.show import PIPE_WIDTH, show
    from auxjepa.devices import open_device
    from auxjepa.files import write_json
    from auxjepa.start import check_file

    open_device(args.device)
    if args.threads is not None:
        from auxjepa.threads import use_threads

        use_threads(args.threads)
    check_file(args.json_file, "--json-file")
    out = table_console(PIPE_WIDTH)
    problems = 0
    for target, result in _audits(args, run):
        show(result, out)
        problems += len(result.findings)
        if target is not None:
            write_json(target, result.model_dump(mode="json"))
    if args.strict and problems:
        raise AuditFailed(f"{problems} finding(s)")


def _audits(args: Command, flags: dict[str, Any]) -> Iterator[tuple[Path | None, Audit]]:
    """Yield each requested audit with the file that it is written to; None if it is not written."""
    if args.study is not None:
        if args.variant or args.checkpoint or flags:
            raise UsageError(
                "--study audits the runs as they are: give no variant, checkpoint or flag of a run with it"
            )
        for run in first_runs(args.study):
            yield run / "audit.json", _one(_trained(run), args, run)
        return
    if args.checkpoint is not None:
        base = _trained(args.checkpoint)
        if args.variant not in (None, base.variant):
            base = variants.apply(str(args.variant), base)
        yield args.json_file, _one(resolve_flags(flags, base), args, args.checkpoint)
        return
    if args.variant is None:
        raise UsageError("name a variant (auxjepa variants lists them), or give --checkpoint RUN or --study DIR")
    variants.find(args.variant)
    from auxjepa.audit import paper

    released = args.base == "released" or (args.base == "auto" and args.variant.endswith("_released"))
    base = paper("released" if released else "described")
    yield args.json_file, _one(resolve_flags({**flags, "variant": args.variant}, base), args, None)


def _trained(path: Path) -> RunConfig:
    chosen = choose(path)
    if chosen.caution:
        print_note(chosen.caution)
    return chosen.state.config


def first_runs(study: Path) -> list[Path]:
    """Return the finished run with the lowest seed for each variant and regime of a study.

    Args:
        study: study folder.

    Raises:
        UsageError: if the study has no finished run.
    """
    best: dict[tuple[str, str], tuple[int, Path]] = {}
    for path in sorted((study / "runs").glob("*/")):
        record = read_run(path)
        if record.summary is None or not record.finished:
            continue
        key, seed = (record.summary.variant, record.summary.regime), record.summary.seed
        if key not in best or seed < best[key][0]:
            best[key] = (seed, path)
    if not best:
        raise UsageError(f"{study}: no finished run here (expected runs/HASH/summary.json and its last checkpoint)")
    return [run for _, run in best.values()]


def _one(config: RunConfig, args: Command, checkpoint: Path | None) -> Audit:
    from auxjepa.audit import audit
    from auxjepa.data.open import open_feed
    from auxjepa.devices import open_device
    from auxjepa.train.checks import check_run

    variant_of_run = variants.VARIANTS.get(config.variant)
    evaluates = args.evaluates or (variant_of_run().evaluates if variant_of_run else None)
    if evaluates is None:
        evaluates = "teacher" if config.regime == "paper, released" else "student"
    check_run(config, open_device(args.device))
    console = stderr_console()
    clips = open_feed(config.data, progress=console.is_terminal)
    with console.status(config.variant) as status:
        return audit(
            config,
            clips,
            evaluates=evaluates,
            checkpoint=checkpoint,
            batches=args.batches,
            device=args.device,
            on_term=lambda name: status.update(f"{config.variant}: {name}"),
        )
