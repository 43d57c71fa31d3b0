"""The section on sources of variance: what makes scores and differences uncertain, and what would reduce it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auxjepa.evidence.analyses.variance_shares import BenchmarkShares, StandardDeviation, Variance
from auxjepa.evidence.wording import DASH, format_interval, format_number, format_percent

BENCHMARKS = (
    "benchmark",
    "seeds × clips",
    "difference: seeds",
    "clips",
    "seed by clip",
    "score: seeds",
    "clips ",
    "seed by clip ",
)
LINES = ("benchmark", "of", "seeds × clips", "seeds", "clips", "seed by clip")
PROBE = ("probe", "encoders with repeated probes")
LARGE = 0.5
"""Share of the variance from which the page names the source that would be worth increasing."""
Table = tuple[tuple[str, ...], list[list[str]]]


def benchmarks(variance: Variance) -> Table:
    """Return heading and rows of the table of shares, one row a benchmark.

    Args:
        variance: sources of variance of the study.
    """
    return BENCHMARKS, [
        [
            record.column,
            _size(record.n_seeds, record.n_clips),
            *_shares(record.of_differences),
            *_shares(record.of_scores),
        ]
        for record in variance.benchmarks
    ]


def lines(variance: Variance) -> Table:
    """Return heading and rows of the table of standard deviations, one row a variant or difference and benchmark.

    Args:
        variance: sources of variance of the study.
    """
    head = (*LINES, *PROBE) if variance.has_probes else LINES
    body = []
    for line in variance.lines:
        name = f"difference of {line.variant}" if line.is_difference else f"score of {line.variant}"
        cells = [_deviation(line.deviations[source]) for source in ("seed", "clip", "rest")]
        if variance.has_probes:
            cells += [DASH, "0"] if line.probe is None else [_deviation(line.probe), str(line.repeats)]
        body.append([line.column, name, _size(line.n_seeds, line.n_clips), *cells])
    return head, body


def sentences(variance: Variance) -> list[str]:
    """Return what the shares mean for the next study, in sentences.

    Args:
        variance: sources of variance of the study.
    """
    out = []
    seeds = [record.column for record in variance.benchmarks if _of(record).get("seed", 0.0) >= LARGE]
    clips = [record.column for record in variance.benchmarks if _of(record).get("clip", 0.0) >= LARGE]
    if seeds:
        out.append(f"More seeds would reduce most of the uncertainty on {', '.join(seeds)}.")
    if clips:
        out.append(f"More test clips would reduce most of the uncertainty on {', '.join(clips)}; more seeds would not.")
    out.append(
        "The part of the seeds contains initial weights, data order, augmentation, masks and probe together: one seed "
        "fixes them all, so this study can estimate only their sum."
    )
    if variance.has_probes:
        out.append(
            "Repeated probes of the same encoders show the probe's part, which is contained in that of the seeds."
        )
    else:
        out.append("auxjepa study repeat-probes measures the probe's part with the finished encoders.")
    out += [f"{note}." for note in variance.notes]
    return out


def section(variance: Variance | None) -> dict[str, Any] | None:
    """Return the content of the section; None where nothing can be estimated.

    Args:
        variance: sources of variance of the study.
    """
    if variance is None:
        return None
    return {"sentences": sentences(variance), "benchmarks": benchmarks(variance), "lines": lines(variance)}


def _of(record: BenchmarkShares) -> Mapping[str, float]:
    return record.of_differences or record.of_scores


def _shares(shares: Mapping[str, float]) -> list[str]:
    return [format_percent(shares[source]) if shares else DASH for source in ("seed", "clip", "rest")]


def _deviation(deviation: StandardDeviation) -> str:
    return f"{format_number(deviation.value, 2)} {format_interval(deviation.interval, 2)}"


def _size(seeds: int, clips: int) -> str:
    return f"{seeds} × {clips:,}"
