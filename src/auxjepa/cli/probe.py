"""``auxjepa probe``: score the frozen encoder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, DataConfig, Natural, Typed
from auxjepa.probes.protocol import Head

if TYPE_CHECKING:
    from auxjepa.benchmarks import Benchmark
    from auxjepa.models.vit import Encoder
    from auxjepa.probes.fit import Score


class Command(Typed):
    """Score a frozen encoder on benchmarks, on a prepared data set (--data ucf101), or on labelled videos of your own
    (--data folder:PATH --label COLUMN).

    Probe hyperparameters are chosen on validation clips; the test clips are scored once.
    """

    run: Path = Field(description="run folder or checkpoint")
    benchmark: tuple[str, ...] = Field(default=(), description="names of benchmarks; the four world ones when unset")
    data: str | None = Field(default=None, description="a prepared data set, or folder:PATH of labelled videos")
    label: str = Field(default="folder", description="a label column; 'folder': names of subfolders, a data set's own")
    clips: Count | None = Field(default=None, description="clips cut from the videos; one a video when unset")
    head: Head | None = Field(default=None, description="in place of the protocol's")
    channels: Literal["all", "appearance", "dynamics"] | None = Field(default=None, description="which half is read")
    level: int | None = Field(default=None, description="which of the encoder's levels is read; -1 is the last")
    role: Literal["student", "teacher", "random_init"] = "student"
    controls: bool = Field(default=True, description="score the random-init encoder and the majority class beside it")
    seed: Natural = Field(default=0, description="of the probe")
    out: Path | None = Field(default=None, description="write the scores as JSON too")
    device: str = "cpu"


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa probe", ("run",))
    from math import nan

    from rich.console import Console
    from rich.table import Table

    from auxjepa.benchmarks.score import score_encoder, score_majority
    from auxjepa.devices import open_device
    from auxjepa.evidence.intervals import wilson
    from auxjepa.files import write_json
    from auxjepa.start import check_file
    from auxjepa.study.worker import initial_encoder
    from auxjepa.train.checkpoint import digest, load_encoder, read_state, resolve

    device = open_device(args.device)
    check_file(args.out, "--out")
    checkpoint = resolve(args.run)
    config = read_state(checkpoint).config
    encoder = initial_encoder(config) if args.role == "random_init" else load_encoder(checkpoint, args.role)[0]
    encoder.to(device)
    weights = digest(encoder.state_dict())
    # The random-init network is its own control; it needn't be scored twice.
    beside_it = args.controls and args.role != "random_init"
    untrained = initial_encoder(config).to(device) if beside_it else encoder
    kept = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint
    controls = ("random init %", "majority %") if args.controls else ()
    table = Table(
        "benchmark", "top-1 %", "95 % interval of the sample", *controls, "chance %", "validation %", "chosen"
    )
    scores = []
    for benchmark, data in _benchmarks(args, config.data):

        def scored(network: Encoder, weights: str, benchmark: Benchmark = benchmark, data: DataConfig = data) -> Score:
            where = kept / "features"
            return score_encoder(
                benchmark, network, weights, config.model, data, seed=args.seed, features=where, progress=True
            )

        score = scored(encoder, weights)
        beside: dict[str, float] = {}
        if args.controls:
            control = scored(untrained, digest(untrained.state_dict())) if beside_it else score
            beside = {"random_init": control.test}
            if "majority" in benchmark.controls:
                beside["majority"] = score_majority(benchmark, data).test
        correct, chance = score.correct, score.parts.get("chance", 100 / benchmark.classes)
        low, high = (nan, nan) if correct is None else wilson(float(correct.mean()), len(correct))
        table.add_row(
            benchmark.name,
            f"{score.test:.1f}",
            "" if correct is None else f"{100 * low:.1f} … {100 * high:.1f} (n = {len(correct)})",
            *(f"{beside[name]:.1f}" if name in beside else "" for name in ("random_init", "majority") if args.controls),
            f"{chance:.1f}",
            "" if score.validation is None else f"{score.validation:.1f}",
            ", ".join(
                f"{name} {value}" if isinstance(value, str) else f"{name} {value:g}"
                for name, value in score.selected.items()
            ),
        )
        scores.append(
            {
                "benchmark": benchmark.name,
                "benchmark_hash": benchmark.hash_on(data),
                "protocol": benchmark.protocol.model_dump(mode="json"),
                "role": args.role,
                "weights": weights,
                "top1": score.test,
                "interval": None if correct is None else [100 * low, 100 * high],
                "controls": {**beside, "chance": chance},
                "validation": score.validation,
                "selected": score.selected,
                "parts": score.parts,
                "correct": None if correct is None else correct.astype(int).tolist(),
            }
        )
    console = Console()
    if not console.is_terminal:  # a pipe has no width: rows stay whole
        console.width = 160
    console.print(table)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_json(args.out, scores)


def _benchmarks(args: Command, data: DataConfig) -> list[tuple[Benchmark, DataConfig]]:
    """The benchmarks asked for, with the head asked for, and how their clips are cut."""
    from auxjepa import benchmarks
    from auxjepa.benchmarks.world import WORLD

    if args.data is not None:
        if args.benchmark:
            raise UsageError("give --benchmark or --data, not both")
        chosen = [_own(args, data)]
    else:
        if args.clips is not None:
            raise UsageError("--clips is for --data: benchmarks have sizes of their own")
        chosen = [(benchmarks.get(name), data) for name in args.benchmark or (one.name for one in WORLD)]
    return [(_read_as(args, benchmark), own) for benchmark, own in chosen]


def _read_as(args: Command, benchmark: Benchmark) -> Benchmark:
    """The benchmark with the head and the network that were asked for in its protocol, and so in its hash."""
    protocol = benchmark.protocol
    update: dict[str, Any] = {} if args.head is None else {"head": args.head, "name": args.head}
    if args.channels is not None:
        update["channels"] = args.channels
    reading: dict[str, Any] = {} if args.level is None else {"level": args.level}
    if args.role == "teacher":
        reading["role"] = args.role
    update["reading"] = protocol.reading.model_copy(update=reading)
    return benchmark.model_copy(update={"protocol": protocol.model_copy(update=update)})


def _own(args: Command, data: DataConfig) -> tuple[Benchmark, DataConfig]:
    """The user's own labelled videos as a benchmark; one clip a video (or segment) unless told otherwise."""
    from auxjepa.benchmarks import Benchmark, folder
    from auxjepa.benchmarks.world import ATTENTIVE
    from auxjepa.data.manifest import open_source

    assert args.data is not None
    if ":" not in args.data:
        return _official(args, data)
    own = data.model_copy(update={"source": args.data, "clips": args.clips or len(open_source(args.data, data.root))})
    # The scan has just listed what is left out; it need not be listed again.
    labels = [folder.open_split(own, args.label, split, progress=False)[1] for split in folder.SPLITS]
    benchmark = Benchmark(
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
    return benchmark, own


def _official(args: Command, data: DataConfig) -> tuple[Benchmark, DataConfig]:
    """A prepared data set on its official splits, one clip spread over each video."""
    from auxjepa.benchmarks import Benchmark, official
    from auxjepa.benchmarks.recognition import ATTENTIVE, CONTROLS

    assert args.data is not None
    if args.clips is not None:
        raise UsageError("--clips is for folders: official splits are read whole")
    own = data.model_copy(update={"source": args.data, "mixture": {}})
    opened = {name: official.official_split(own, args.label, name) for name in ("train", "validation", "test")}
    manifest, label = opened["train"]
    benchmark = Benchmark(
        name=args.data,
        title=f"{label} in {args.data}",
        capability="other",
        source=args.data,
        label=label,
        classes=1 + max(int(part.labels[label].max()) for part, _ in opened.values()),
        train=len(manifest),
        validation=len(opened["validation"][0]),
        test=len(opened["test"][0]),
        protocol=ATTENTIVE,
        suite="recognition",
        controls=CONTROLS,
    )
    return benchmark, own
