"""One measurement of a probe: the scores of an encoder and its controls on one benchmark, as rows and as a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.changed_frames import CHANGES, ChangedBenchmark
from auxjepa.benchmarks.probe_versions import at_version
from auxjepa.benchmarks.requested import RequestedBenchmark
from auxjepa.benchmarks.score import score_majority, score_raw_pixels
from auxjepa.config import DataConfig
from auxjepa.evidence.statistics.intervals import clustered_wilson
from auxjepa.evidence.study_folder.grid_edges import describe_edges
from auxjepa.probes.fit import Score
from auxjepa.rows import Row
from auxjepa.study.order_notes import describe_order_controls
from auxjepa.study.probe_config import ProbeConfig
from auxjepa.study.probe_folder import ProbeFolder
from auxjepa.study.probe_rows import as_configured
from auxjepa.study.score_rows import Cost, filled, filled_by_chance, with_changed_frames


@dataclass(frozen=True)
class Measured:
    """Scores on one benchmark.

    Args:
        benchmark: the benchmark, with the chosen head and features.
        data: how its clips are cut.
        score: score of the encoder.
        chance: expected score of a guess, in percent.
        interval: ends of the 95 % interval of the sample, in percent; None if marks are not a sample of clips.
        controls: scores of the measured controls, in percent, by name. Chance is separate.
        rows: rows of the encoder and of its controls, the encoder's first.
        record: the same content for JSON.
    """

    benchmark: Benchmark
    data: DataConfig
    score: Score
    chance: float
    interval: list[float] | None
    controls: dict[str, float]
    rows: list[Row]
    record: dict[str, Any]


@dataclass(frozen=True)
class Probed:
    """The encoder of a probe.

    Args:
        rows: returns the empty rows on a benchmark by the name of the encoder or control, from the registered
            benchmark, the benchmark with the probe's protocol, the settings of its clips, and descriptions of changes.
        scores: functions that score ``encoder`` and, if it is measured, ``random_init``.
        identity: what the encoder is, for the record.
    """

    rows: Callable[[Benchmark, Benchmark, DataConfig, list[str]], dict[str, Row]]
    scores: Mapping[str, Callable[[Benchmark, DataConfig], Score]]
    identity: dict[str, Any]


def measure(
    requested: RequestedBenchmark,
    probed: Probed,
    config: ProbeConfig,
    store: ProbeFolder | None,
    tell: Callable[[str], None],
    task: DataConfig | None = None,
) -> Measured:
    """Score an encoder and its controls on one benchmark, and write the rows.

    Args:
        requested: the benchmark.
        probed: the encoder.
        config: settings of the probe.
        store: folder of the rows; None if they are not written.
        tell: receives one line for each fact that the reader must know.
        task: settings of the clips for hashes; those of ``requested`` if None.
    """
    for note in requested.notes:
        tell(note)
    registered, data = at_version(requested.benchmark, config.probe_version), requested.data
    task = data if task is None else task
    benchmark, differences = as_configured(config, registered)
    rows = probed.rows(registered, benchmark, task, differences)
    if store is not None:
        name, notes = store.describe(rows["encoder"], benchmark, task)
        for line in notes:
            tell(line)
        rows = {k: r if r.protocol == r.control else r.model_copy(update={"protocol": name}) for k, r in rows.items()}
        store.check(rows.values())
    filled_rows, marks = [], {}

    def keep(row: Row, score: Score | None) -> None:
        filled_rows.append(row)
        marks[row.id] = None if score is None else score.correct

    def timed(key: str) -> tuple[Score, Cost]:
        with Cost() as cost:
            return probed.scores[key](benchmark, data), cost

    score, cost = timed("encoder")
    keep(filled(rows["encoder"], score, cost), score)
    controls: dict[str, float] = {}
    if config.controls:
        if config.role == "random_init":
            controls["random_init"] = score.test
        elif "random_init" in rows:
            control, cost = timed("random_init")
            controls["random_init"] = control.test
            keep(filled(rows["random_init"], control, cost), control)
        if "raw_pixels" in rows:
            with Cost() as cost:
                control = score_raw_pixels(benchmark, data, seed=config.seed)
            controls["raw_pixels"] = control.test
            keep(filled(rows["raw_pixels"], control, cost), control)
        for change in CHANGES if config.role != "random_init" and rows["encoder"].control is None else ():
            if change in benchmark.controls:
                with Cost() as cost:
                    control = probed.scores["encoder"](ChangedBenchmark.of(benchmark, change), data)
                controls[change] = control.test
                keep(filled(with_changed_frames(rows["encoder"], change), control, cost), control)
        if "majority" in benchmark.controls:
            with Cost() as cost:
                control = score_majority(benchmark, data)
            controls["majority"] = control.test
            keep(filled(rows["majority"], control, cost), control)
    chance = score.parts.get("chance", measurement_of(benchmark).chance(benchmark))
    if "chance" in rows:
        keep(filled_by_chance(rows["chance"], chance), None)
    verdicts = describe_order_controls(filled_rows, marks, benchmark, score)
    edges = describe_edges(benchmark.name, score.selected, benchmark.protocol.model_dump(mode="json"))
    verdicts += [edges] if edges else []
    for line in verdicts:
        tell(line)
    interval = _interval(score, benchmark)
    record = {
        "row": filled_rows[0].id,
        "benchmark": benchmark.name,
        "benchmark_hash": registered.hash_on(task),
        "protocol": benchmark.protocol.model_dump(mode="json"),
        **probed.identity,
        "top1": score.test,
        "interval": interval,
        "n": count_sample(score),
        "classes": benchmark.classes,
        "controls": {**controls, "chance": chance},
        "validation": score.validation,
        "selected": score.selected,
        "parts": score.parts,
        "correct": None if score.correct is None else score.correct.astype(int).tolist(),
        "units": None if score.units is None or score.correct is None else score.units.tolist(),
        "notes": [*requested.notes, *verdicts],
        **requested.record,
    }
    if store is not None:
        independent = score.units is None or len(np.unique(score.units)) == len(score.units)
        for line in store.append(filled_rows, marks, record, is_sample=independent or ":" not in benchmark.source):
            tell(line)
    return Measured(benchmark, data, score, chance, interval, controls, filled_rows, record)


def count_sample(score: Score) -> dict[str, int] | None:
    """Return the number of independent videos (groups, clips), of marks and of clips; None if there are no marks.

    Args:
        score: result of a measurement.
    """
    values = score.units if score.correct is None else score.correct
    if values is None:
        return None
    marks = len(values)
    independent = marks if score.units is None else len(np.unique(score.units))
    return {"independent": independent, "marks": marks, "clips": score.clips or marks}


def _interval(score: Score, benchmark: Benchmark) -> list[float] | None:
    """Return the 95 % interval of the sample in percent, over independent videos (groups, clips).

    None if marks are not a sample of them, such as marks of episodes. A regression has an interval among its parts.
    """
    if "low" in score.parts and "high" in score.parts:
        return [score.parts["low"], score.parts["high"]]
    if score.correct is None or (score.units is None and not benchmark.marks_each_clip):
        return None
    units = np.arange(len(score.correct)) if score.units is None else score.units
    return [100 * end for end in clustered_wilson(score.correct, units)]
