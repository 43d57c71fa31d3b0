"""``auxjepa probe``: score the frozen encoder of a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, DataConfig, Natural, Typed
from auxjepa.data.errors import printable
from auxjepa.probes.protocol import Head

if TYPE_CHECKING:
    from auxjepa.benchmarks import Benchmark
    from auxjepa.benchmarks.asked import Asked
    from auxjepa.models.vit import Encoder
    from auxjepa.probes.fit import Score


class Command(Typed):
    """Score a frozen encoder on benchmarks, on a prepared data set (--data ucf101), or on labelled videos of your own
    (--data folder:PATH --label COLUMN, or --data shards:URL).

    Probe hyperparameters are chosen on validation clips; the test clips are scored once.
    """

    run: Path = Field(description="run folder or checkpoint")
    benchmark: tuple[str, ...] = Field(default=(), description="names of benchmarks; the four world ones when unset")
    data: str | None = Field(
        default=None, description="a prepared data set, folder:PATH or shards:URL of labelled videos"
    )
    label: str = Field(default="folder", description="a label column; 'folder': names of subfolders, a data set's own")
    clips: Count | None = Field(default=None, description="clips cut from the videos; one a video when unset")
    allow_padding: bool = Field(default=False, description="score clips even if most are mostly repeated frames")
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
    from rich.console import Console
    from rich.table import Column, Table

    from auxjepa.benchmarks.score import score_encoder, score_majority
    from auxjepa.devices import open_device
    from auxjepa.files import write_json
    from auxjepa.runs.record import choose
    from auxjepa.start import check_file
    from auxjepa.study.worker import initial_encoder
    from auxjepa.threads import use_threads
    from auxjepa.train.checkpoint import digest, load_encoder

    device = open_device(args.device)
    check_file(args.out, "--out")
    chosen = choose(args.run)
    if chosen.caution:
        Console(stderr=True).print(chosen.caution, markup=False, highlight=False, soft_wrap=True)
    checkpoint, config = chosen.path, chosen.state.config
    encoder = initial_encoder(config) if args.role == "random_init" else load_encoder(checkpoint, args.role)[0]
    encoder.to(device)
    use_threads()
    weights = digest(encoder.state_dict())
    # The random-init network is its own control; it needn't be scored twice.
    beside_it = args.controls and args.role != "random_init"
    untrained = initial_encoder(config).to(device) if beside_it else encoder
    kept = _kept(checkpoint, config.data.root)
    controls = ("random init %", "majority %") if args.controls else ()
    interval_of_sample = Column("95 % interval of the sample", no_wrap=True)
    table = Table("benchmark", "top-1 %", interval_of_sample, *controls, "chance %", "validation %", "chosen")
    scores = []
    err = Console(stderr=True)
    for benchmark, data, notes, record in _benchmarks(args, config.data):
        for note in notes:
            err.print(printable(note), markup=False, highlight=False, soft_wrap=True)

        def scored(network: Encoder, weights: str, benchmark: Benchmark = benchmark, data: DataConfig = data) -> Score:
            return score_encoder(
                benchmark, network, weights, config.model, data, seed=args.seed, features=kept, progress=True
            )

        score = scored(encoder, weights)
        beside: dict[str, float] = {}
        if args.controls:
            control = scored(untrained, digest(untrained.state_dict())) if beside_it else score
            beside = {"random_init": control.test}
            if "majority" in benchmark.controls:
                beside["majority"] = score_majority(benchmark, data).test
        correct, chance = score.correct, score.parts.get("chance", 100 / benchmark.classes)
        interval = _interval(score, benchmark.suite)
        table.add_row(
            benchmark.name,
            f"{score.test:.1f}",
            ""
            if interval is None
            else f"{interval[0]:.1f} … {interval[1]:.1f} (n = {_sample(score, benchmark, data)})",
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
                "checkpoint": {"step": chosen.state.step, "of": config.optim.steps},
                "top1": score.test,
                "interval": interval,
                "n": _counts(score),
                "classes": benchmark.classes,
                "controls": {**beside, "chance": chance},
                "validation": score.validation,
                "selected": score.selected,
                "parts": score.parts,
                "correct": None if correct is None else correct.astype(int).tolist(),
                "notes": list(notes),
                **record,
            }
        )
    console = Console(markup=False)
    if not console.is_terminal:  # a pipe has no width: rows stay whole
        console.width = 160
    console.print(table)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_json(args.out, scores)


def _kept(checkpoint: Path, root: Path) -> Path:
    """Where features are kept: in the run's folder or, where nothing can be written there, below the root of data."""
    run = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint
    if os.access(run, os.W_OK):
        return run / "features"
    print(printable(f"{run} can't be written: features are kept in {root / 'features'}"), file=sys.stderr)
    return root / "features"


def _interval(score: Score, suite: str) -> list[float] | None:
    """95 % interval of the sample in percent, over independent videos (or groups, or clips); None where marks are no
    sample of them, as those of episodes."""
    import numpy as np

    from auxjepa.evidence.statistics.intervals import clustered_wilson
    from auxjepa.evidence.study_folder.clip_marks import CLIP_SUITES

    if score.correct is None or (score.units is None and suite not in CLIP_SUITES):
        return None
    units = np.arange(len(score.correct)) if score.units is None else score.units
    return [100 * end for end in clustered_wilson(score.correct, units)]


def _counts(score: Score) -> dict[str, int] | None:
    """How many independent videos (or groups, or clips) a score rests on, how many marks they have, and clips."""
    import numpy as np

    if score.correct is None:
        return None
    marks = len(score.correct)
    independent = marks if score.units is None else len(np.unique(score.units))
    return {"independent": independent, "marks": marks, "clips": score.clips or marks}


def _sample(score: Score, benchmark: Benchmark, data: DataConfig) -> str:
    """The same in words."""
    from auxjepa.benchmarks.official import GROUPS
    from auxjepa.data.sets.prepared_set import read_set
    from auxjepa.data.synthetic import PREFIX

    counts = _counts(score)
    assert counts is not None
    if benchmark.source == "world" or benchmark.source.startswith(PREFIX):
        return f"{counts['independent']:,} clips"
    prepared = None if ":" in benchmark.source else read_set(benchmark.source.partition("/")[0], data.root)
    word = "group" if prepared is not None and set(GROUPS) & set(prepared.classes) else "video"
    plurals = (
        f"{counts[key]:,} {noun}{'s' * (counts[key] != 1)}" for key, noun in (("independent", word), ("clips", "clip"))
    )
    return ", ".join(plurals)


def _benchmarks(args: Command, data: DataConfig) -> list[Asked]:
    """The benchmarks asked for, with the head asked for, and how their clips are cut."""
    from auxjepa import benchmarks
    from auxjepa.benchmarks.asked import ask_own_videos, ask_prepared_set, ask_registered
    from auxjepa.benchmarks.world import WORLD

    if args.data is None:
        if args.clips is not None:
            raise UsageError("--clips is for --data: benchmarks have sizes of their own")
        names = args.benchmark or tuple(one.name for one in WORLD)
        chosen = [ask_registered(benchmarks.get(name), data) for name in names]
    elif args.benchmark:
        raise UsageError("give --benchmark or --data, not both")
    elif ":" in args.data:
        chosen = [ask_own_videos(args.data, args.label, data, args.clips, allow_padding=args.allow_padding)]
    elif args.clips is not None:
        raise UsageError("--clips is for folders: official splits are read whole")
    else:
        chosen = [ask_prepared_set(args.data, args.label, data, allow_padding=args.allow_padding)]
    return [one._replace(benchmark=_read_as(args, one.benchmark)) for one in chosen]


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
