"""Benchmarks of diagnostics on a folder of videos, with notes for the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.diagnostics.diagnostic import CLIPS_EACH, DIAGNOSTICS, MOST_CLIPS, find_diagnostic
from auxjepa.benchmarks.diagnostics.opening import open_diagnostic
from auxjepa.benchmarks.opened import CLASS_CONTROLS, OTHER_CONTROLS, OpenedBenchmark
from auxjepa.benchmarks.requested import RIDGE, RequestedBenchmark
from auxjepa.config import ConfigError, DataConfig, hint
from auxjepa.probes.protocol import Protocol

ATTENTIVE = Protocol(name="attentive_diagnostic", head="attentive", epochs=40, batch=64, learning_rates=(1e-3, 3e-3))
"""Protocol of diagnostics with classes. It has more steps than that of the world, because folders may be small."""
PROTOCOLS = {
    "diagnostic": ATTENTIVE,
    "regression": RIDGE,
    "same_video": Protocol(name="retrieval", head="knn"),
}
"""Protocol of each suite."""
METRICS = {"regression": "r2"}
CONTROLS = {"diagnostic": CLASS_CONTROLS, "regression": OTHER_CONTROLS, "same_video": OTHER_CONTROLS}
"""Controls of each suite."""


ALL_DIAGNOSTICS = "diagnostics"
"""Name that requests all diagnostics."""


def request(
    name: str,
    source: str,
    data: DataConfig,
    *,
    benchmark_name: str = "",
    clips: int | None = None,
    each: int | None = None,
    seed: int = 0,
    workers: int = 2,
    progress: bool = True,
) -> RequestedBenchmark:
    """Return the benchmark of a diagnostic on a folder of videos.

    Args:
        name: name of the diagnostic.
        source: ``folder:PATH`` or ``shards:URL``.
        data: data configuration of the encoder's run.
        benchmark_name: name of the benchmark; the diagnostic and the source when "".
        clips: largest number of clips of all videos.
        each: largest number of clips of a video.
        seed: seed of positions and labels.
        workers: processes that decode.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if the source isn't a folder or shards.
        ConfigError: if :func:`auxjepa.benchmarks.diagnostics.opening.open_diagnostic` raises it.
    """
    diagnostic = find_diagnostic(name)
    if ":" not in source:
        raise ConfigError(f"{name} is made from videos: give folder:PATH or shards:URL, not {source!r}")
    limits = {"clips": MOST_CLIPS if clips is None else clips, "each": CLIPS_EACH if each is None else each}
    own = data.model_copy(update={"source": source, "mixture": {}})
    args = {"diagnostic": name, **limits, "seed": seed}
    opened = open_diagnostic(args, own, workers=workers, progress=progress)
    record = opened.record
    sizes = {split: record[split]["clips"] for split in ("train", "validation", "test")}
    plain = benchmark_of(
        name, source, sizes, benchmark_name=benchmark_name, args=args, test_videos=record["test"]["videos"]
    )
    benchmark = OpenedBenchmark.of(opened, own, plain.model_dump())
    return RequestedBenchmark(
        benchmark, own, opened.notes(data), {"division": record, "reference": diagnostic.reference}
    )


def benchmark_of(
    name: str,
    source: str,
    sizes: dict[str, int],
    *,
    benchmark_name: str = "",
    args: dict[str, Any] | None = None,
    test_videos: int = 0,
) -> Benchmark:
    """Return the record of a diagnostic, which a study can write and a worker can open later.

    Args:
        name: name of the diagnostic.
        source: ``folder:PATH`` or ``shards:URL``.
        sizes: number of clips of each split.
        benchmark_name: name of the benchmark; the diagnostic and the source when "".
        args: settings, see :func:`auxjepa.benchmarks.diagnostics.opening.open_diagnostic`.
        test_videos: number of test videos, for the retrieval of moments.
    """
    diagnostic = find_diagnostic(name)
    is_retrieval = diagnostic.suite == "same_video"
    classes = diagnostic.classes or max(1, test_videos)
    return Benchmark.model_validate(
        {
            "name": benchmark_name or f"{name} {source}",
            "version": diagnostic.version,
            "title": diagnostic.title + (f" ({classes})" if classes > 1 else ""),
            "capability": diagnostic.capability,
            "source": source,
            "label": name,
            "classes": classes,
            "train": sizes["train"],
            "validation": sizes["validation"],
            "test": max(1, test_videos) if is_retrieval else sizes["test"],
            "protocol": PROTOCOLS[diagnostic.suite],
            "suite": diagnostic.suite,
            "args": args or {"diagnostic": name, "clips": MOST_CLIPS, "each": CLIPS_EACH, "seed": 0},
            "metric": METRICS.get(diagnostic.suite, "top1"),
            "controls": CONTROLS[diagnostic.suite],
        }
    )


def request_diagnostics(
    names: Sequence[str], source: str, data: DataConfig, clips: int | None = None, *, progress: bool = True
) -> list[RequestedBenchmark]:
    """Return the benchmarks of several diagnostics on a folder of videos.

    If all are requested, the diagnostics that these videos can't have are left out, and a note names the reason.

    Args:
        names: names of diagnostics, or ``diagnostics`` for all.
        source: ``folder:PATH`` or ``shards:URL``.
        data: data configuration of the encoder's run.
        clips: largest number of clips of all videos.
        progress: whether progress is shown on standard error.

    Raises:
        ConfigError: if a name is no diagnostic.
        ConfigError: if a named diagnostic can't be made from these videos, or none can.
    """
    for name in names:
        if name not in (ALL_DIAGNOSTICS, *DIAGNOSTICS):
            raise ConfigError(
                f"give --benchmark or --data, not both: {name} has its own clips. Only diagnostics are made from --data"
                f"{hint(name, DIAGNOSTICS)} (known: {', '.join(DIAGNOSTICS)}; {ALL_DIAGNOSTICS} for all)"
            )
    if ALL_DIAGNOSTICS not in names:
        return _without_repeated_notes([request(n, source, data, clips=clips, progress=progress) for n in names])
    requested: list[RequestedBenchmark] = []
    omitted: list[str] = []
    for name in DIAGNOSTICS:
        try:
            requested.append(request(name, source, data, clips=clips, progress=progress))
        except ConfigError as error:
            omitted.append(f"{name} is left out: {error}")
    if not requested:
        raise ConfigError("; ".join(omitted))
    first = requested[0]
    return _without_repeated_notes([first._replace(notes=[*omitted, *first.notes]), *requested[1:]])


def _without_repeated_notes(requested: list[RequestedBenchmark]) -> list[RequestedBenchmark]:
    """Return benchmarks whose notes name each fact about the folder once."""
    seen: set[str] = set()
    out = []
    for one in requested:
        notes = [note for note in one.notes if note not in seen]
        seen.update(notes)
        out.append(one._replace(notes=notes))
    return out
