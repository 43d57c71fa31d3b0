"""``auxjepa probe``: score the frozen encoder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.config import Count, DataConfig, Typed

if TYPE_CHECKING:
    from auxjepa.benchmarks import Benchmark


class Command(Typed):
    """Score a frozen encoder on benchmarks, or on labelled videos of your own (--data folder:PATH --label COLUMN).

    Probe hyperparameters are chosen on validation clips; the test clips are scored once.
    """

    run: Path = Field(description="run folder or checkpoint")
    benchmark: tuple[str, ...] = Field(default=(), description="names of benchmarks; the four world ones when unset")
    data: str | None = Field(default=None, description="folder:PATH of labelled videos, in place of benchmarks")
    label: str = Field(default="folder", description="column of labels.csv, or 'folder' for names of subfolders")
    clips: Count | None = Field(default=None, description="clips cut from the videos; one a video when unset")
    head: Literal["linear", "attentive", "knn"] | None = Field(default=None, description="in place of the protocol's")
    role: Literal["student", "teacher", "random_init"] = "student"
    seed: int = Field(default=0, ge=0, description="of the probe")
    device: str = "cpu"


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa probe", ("run",))
    from rich.console import Console
    from rich.table import Table

    from auxjepa.benchmarks.score import score_encoder
    from auxjepa.evidence.intervals import wilson
    from auxjepa.study.worker import initial_encoder
    from auxjepa.train.checkpoint import digest, load_encoder, read_state, resolve

    checkpoint = resolve(args.run)
    state = read_state(checkpoint)
    config = state.config
    encoder = initial_encoder(config) if args.role == "random_init" else load_encoder(checkpoint, args.role)[0]
    encoder.to(args.device)
    data = config.data if args.clips is None else config.data.model_copy(update={"clips": args.clips})
    table = Table("benchmark", "top-1 %", "95 % interval of the sample", "chance %", "validation %", "chosen")
    for benchmark in _benchmarks(args, data):
        score = score_encoder(
            benchmark,
            encoder,
            digest(encoder.state_dict()),
            config.model,
            data,
            seed=args.seed,
            features=checkpoint.parent.parent / "features",
        )
        low, high = wilson(float(score.correct.mean()), len(score.correct))
        table.add_row(
            benchmark.name,
            f"{score.test:.1f}",
            f"{100 * low:.1f} … {100 * high:.1f} (n = {len(score.correct)})",
            f"{100 / benchmark.classes:.1f}",
            f"{score.validation:.1f}",
            ", ".join(f"{name} {value:g}" for name, value in score.selected.items()),
        )
    Console().print(table)


def _benchmarks(args: Command, data: DataConfig) -> list[Benchmark]:
    """The benchmarks asked for, with the head asked for."""
    from auxjepa import benchmarks

    if args.data is not None:
        chosen = [_own(args, data)]
    else:
        chosen = [benchmarks.get(name) for name in args.benchmark or benchmarks.BENCHMARKS]
    if args.head is None:
        return chosen
    changed = [b.protocol.model_copy(update={"head": args.head, "name": args.head}) for b in chosen]
    return [b.model_copy(update={"protocol": protocol}) for b, protocol in zip(chosen, changed, strict=True)]


def _own(args: Command, data: DataConfig) -> Benchmark:
    from auxjepa.benchmarks import Benchmark, folder
    from auxjepa.benchmarks.world import ATTENTIVE

    assert args.data is not None
    own = data.model_copy(update={"source": args.data})
    labels = [folder.open_split(own, args.label, split)[1] for split in folder.SHARES]
    return Benchmark(
        name=args.data,
        title=f"{args.label} in {args.data}",
        capability="other",
        source=args.data,
        label=args.label,
        classes=int(max(part.max() for part in labels)) + 1,
        train=len(labels[0]),
        validation=len(labels[1]),
        test=len(labels[2]),
        protocol=ATTENTIVE,
    )
