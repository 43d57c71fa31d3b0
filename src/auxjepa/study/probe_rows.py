"""Names of a probe's measurements, and its rows before they are measured."""

from __future__ import annotations

from typing import Any

from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.changed_frames import CHANGES, Change
from auxjepa.config import DataConfig, RunConfig
from auxjepa.data.errors import printable
from auxjepa.rows import Control, Row
from auxjepa.runs.record import Chosen
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.score_rows import empty_row, with_changed_frames, without_encoder

WITHOUT_HEAD = ("regression", "same_video")
"""Suites whose measurement has no head that another one can replace."""


def as_configured(config: ProbeConfig, benchmark: Benchmark) -> tuple[Benchmark, list[str]]:
    """Return a benchmark with the head and the features of a probe in its protocol, and a description of each change.

    Args:
        config: settings of the probe.
        benchmark: the benchmark with its own protocol.
    """
    protocol = benchmark.protocol
    has_head = config.head is not None and benchmark.suite not in WITHOUT_HEAD
    update: dict[str, Any] = {"head": config.head, "name": config.head} if has_head else {}
    if config.channels is not None:
        update["channels"] = config.channels
    reading: dict[str, Any] = {} if config.level is None else {"level": config.level}
    if config.role == "teacher":
        reading["role"] = config.role
    update["reading"] = protocol.reading.model_copy(update=reading)
    changed = protocol.model_copy(update=update)
    words = [changed.name] if changed.name != protocol.name else []
    words += [f"{changed.channels} channels"] if changed.channels != protocol.channels else []
    words += [f"level {changed.reading.level}"] if changed.reading.level != protocol.reading.level else []
    words += [changed.reading.role] if changed.reading.role != protocol.reading.role else []
    words += [f"probe seed {config.seed}"] if config.seed else []
    return benchmark.model_copy(update={"protocol": changed}), words


def empty_rows(
    chosen: Chosen,
    config: ProbeConfig,
    registered: Benchmark,
    benchmark: Benchmark,
    data: DataConfig,
    differences: list[str],
) -> dict[str, Row]:
    """Return the empty rows of a probe on one benchmark, by the name of the scored encoder or control.

    A measurement that differs from the registered one has a separate name, so that the two are never compared.

    Args:
        chosen: the checkpoint.
        config: settings of the probe.
        registered: the benchmark with its own protocol.
        benchmark: the benchmark with the probe's protocol.
        data: how clips are cut.
        differences: descriptions of the changes between the two.
    """
    run, steps = chosen.state.config, chosen.state.config.optim.steps
    part = f"@step-{chosen.state.step:06d}" if chosen.caution and chosen.state.step != steps else ""
    column, protocol = protocol_words(registered, benchmark, differences)
    common: dict[str, Any] = {
        "benchmark": column,
        "benchmark_hash": registered.hash_on(data),
        "protocol": protocol,
        "regime": printable_name(run.regime),
    }

    def row(key: str, variant: str, control: Control | None = None) -> Row:
        empty = empty_row(run.model_copy(update={"data": data}), benchmark, run=key, control=control)
        return empty.model_copy(update={**common, "variant": variant})

    untrained = row(
        f"random-{RunConfig(model=run.model, seed=run.seed).content_hash()}", "random_init", control="random_init"
    )
    rows = {"encoder": row(run.content_hash() + part, printable_name(config.name or run.variant + part))}
    if config.role == "random_init":
        rows["encoder"] = untrained
    elif config.controls:
        rows["random_init"] = untrained
    if config.controls:
        changed: list[Change] = [change for change in CHANGES if change in benchmark.controls]
        names: tuple[Control, ...] = ("raw_pixels", "majority", "chance") if changed else ("majority", "chance")
        rows |= {name: without_encoder(untrained, name, benchmark) for name in names if name in benchmark.controls}
        if config.role != "random_init":
            rows |= {change: with_changed_frames(rows["encoder"], change) for change in changed}
    return rows


def protocol_words(registered: Benchmark, benchmark: Benchmark, differences: list[str]) -> tuple[str, str]:
    """Return the names of a measurement's column and protocol.

    A measurement that differs from the registered one has a separate name, so that the two are never compared.

    Args:
        registered: the benchmark with its own protocol.
        benchmark: the benchmark with the probe's protocol.
        differences: descriptions of the changes between the two.
    """
    column = printable_name(registered.name + (f" ({', '.join(differences)})" if differences else ""))
    words = [word for word in differences if not word.startswith("probe seed") and word != benchmark.protocol.name]
    return column, ", ".join([benchmark.protocol.name, *words])


def printable_name(name: str) -> str:
    """Return a name in which every character can be printed, because rows need printable names."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in printable(name))
