"""Rows of frozen encoders from elsewhere, in probes and in studies."""

from __future__ import annotations

from auxjepa.benchmarks import Benchmark
from auxjepa.config import DataConfig, RunConfig
from auxjepa.encoders.foreign import EncoderRecord, short_name
from auxjepa.rows import Row
from auxjepa.study.probe_rows import printable_name
from auxjepa.study.score_rows import empty_row


def frozen_row(
    record: EncoderRecord, name: str, benchmark: Benchmark, data: DataConfig, *, seed: int, regime: str = ""
) -> Row:
    """Return the row that a frozen encoder will fill on a benchmark.

    Its task is that of all encoders on these clips, so that rows can be compared.

    Args:
        record: what the encoder is.
        name: name of the encoder in tables.
        benchmark: the benchmark.
        data: settings with which the clips of the study are cut; not those with which the encoder reads them.
        seed: seed of the probe.
        regime: pretraining regime of the study's rows on these clips; '' in a probe means the default one.
    """
    config = RunConfig(variant="frozen", data=data, seed=seed)
    row = empty_row(config, benchmark, run=record.run, control="frozen")
    return row.model_copy(update={"variant": printable_name(name), "regime": regime or config.regime})


def name_in_rows(source: str) -> str:
    """Return the name of an encoder in rows if the user gives none.

    Args:
        source: source of the encoder.
    """
    return printable_name(short_name(source))
