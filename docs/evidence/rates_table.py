"""Records of measured rates, and the table of rates before and after, for rates.py."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

PERCENT = "%"


@dataclass(frozen=True)
class Rate:
    """One measured number of a scenario.

    Args:
        id: name, unique in the table.
        text: what was simulated and counted.
        target: what an honest rule gives, in words.
        value: the number; None where these sources lack what is measured.
        error: Monte Carlo standard error, in the unit of the value.
        studies: number of simulated studies.
        unit: unit of the value.
        note: reason why there is no number, or a remark on it.
    """

    id: str
    text: str
    target: str
    value: float | None
    error: float = 0.0
    studies: int = 0
    unit: str = PERCENT
    note: str = ""


def share(name: str, text: str, target: str, hits: Sequence[bool], note: str = "") -> Rate:
    """Return the share of studies with a property, in percent.

    The standard error at 0 or 100 % is that of one study more with the other outcome.

    Args:
        name: name of the rate.
        text: what was simulated and counted.
        target: what an honest rule gives.
        hits: whether each study has the property.
        note: a remark on the number.
    """
    n = len(hits)
    if not n:
        return Rate(name, text, target, None, note=note or "no study")
    part = sum(hits) / n
    smoothed = min(max(part, 1 / (n + 2)), 1 - 1 / (n + 2))
    return Rate(name, text, target, 100 * part, 100 * math.sqrt(smoothed * (1 - smoothed) / n), n, note=note)


def average(name: str, text: str, target: str, values: Sequence[float], unit: str, note: str = "") -> Rate:
    """Return the mean of a number over studies.

    Args:
        name: name of the rate.
        text: what was simulated and measured.
        target: what an honest rule gives.
        values: one value a study.
        unit: unit of the values.
        note: a remark on the number.
    """
    if not len(values):
        return Rate(name, text, target, None, unit=unit, note=note or "no study")
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Rate(name, text, target, float(np.mean(values)), error, len(values), unit, note)


def absent(name: str, text: str, target: str, note: str, unit: str = PERCENT) -> Rate:
    """Return a rate without a number.

    Args:
        name: name of the rate.
        text: what would be simulated.
        target: what an honest rule gives.
        note: what these sources lack.
        unit: unit of the missing number.
    """
    return Rate(name, text, target, None, unit=unit, note=note)


def streams(scenario: str, studies: float) -> Iterator[np.random.Generator]:
    """Yield one random generator for each study; the same ones for every version of the package.

    Args:
        scenario: name of the scenario.
        studies: number of studies; at least 1 is simulated.
    """
    for i in range(max(1, round(studies))):
        yield np.random.default_rng([zlib.crc32(scenario.encode()), i])


def read_rates(path: Path) -> dict[str, Rate]:
    """Return the rates of a file by name; empty where there is no file.

    Args:
        path: a file of :func:`write_rates`.
    """
    if not path.exists():
        return {}
    return {record["id"]: Rate(**record) for record in json.loads(path.read_text(encoding="utf-8"))}


def write_rates(path: Path, rates: Mapping[str, Rate]) -> None:
    """Write rates as JSON, one record a line.

    Args:
        path: the file.
        rates: the rates by name.
    """
    lines = []
    for rate in rates.values():
        record = asdict(rate)
        rounded = {k: None if record[k] is None else round(record[k], 2) for k in ("value", "error")}
        lines.append(json.dumps(record | rounded, ensure_ascii=False))
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def table(before: Mapping[str, Rate], after: Mapping[str, Rate]) -> str:
    """Return the Markdown tables of all rates, one for each group of names.

    Args:
        before: rates of the old sources.
        after: rates of the new sources.
    """
    parts: list[str] = []
    group = ""
    for name in dict.fromkeys([*before, *after]):
        rate = after.get(name) or before[name]
        if name.split("/")[0] != group:
            group = name.split("/")[0]
            parts += [
                "",
                f"### {group}",
                "",
                "| simulated and counted | before | after | target | studies |",
                "|" + " --- |" * 5,
            ]
        n = max(side[name].studies for side in (before, after) if name in side)
        cells = [rate.text, _cell(before.get(name)), _cell(after.get(name)), rate.target, f"{n:,}" if n else "—"]
        parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts).strip()


def _cell(rate: Rate | None) -> str:
    if rate is None:
        return "not measured"
    if rate.value is None:
        return rate.note
    decimals = 1 if rate.unit == PERCENT else 2
    error = f" ± {rate.error:.{decimals}f}" if rate.error else ""
    text = f"{rate.value:.{decimals}f}{error}{f' {rate.unit}' if rate.unit else ''}"
    return f"{text} ({rate.note})" if rate.note else text
