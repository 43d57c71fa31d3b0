"""Table of horizons.md: do screens of few steps rank variants as long runs do? ``python docs/evidence/horizons.py``."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

from scipy.stats import spearmanr

FOLDER = Path(__file__).parent / "horizons"
BENCHMARKS = ("world_appearance", "world_direction", "world_fine_motion", "world_order")
SHORT, LONG = 250, 4000
Means = dict[tuple[str, str], float]


def means(steps: int) -> Means:
    """Return the mean score over seeds by variant and benchmark.

    Args:
        steps: training steps of the study.
    """
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in (FOLDER / f"{steps}.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["control"] in (None, "random_init"):
            scores[row["control"] or row["variant"], row["benchmark"]].append(row["score"])
    return {key: fmean(values) for key, values in scores.items()}


def table() -> str:
    """Return the Markdown table, with the rank correlation over the trained variants in its last line."""
    short, long = means(SHORT), means(LONG)
    names = [name for name, benchmark in long if benchmark == BENCHMARKS[-1]]
    lines = ["| variant | " + " | ".join(one.removeprefix("world_").replace("_", " ") for one in BENCHMARKS) + " |"]
    lines.append("|---|" + "---|" * len(BENCHMARKS))
    for name in names:
        cells = [f"{short[name, one]:.1f} → {long[name, one]:.1f}" for one in BENCHMARKS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    trained = [name for name in names if name != "random_init"]
    cells = []
    for one in BENCHMARKS:
        correlation: Any = spearmanr([short[name, one] for name in trained], [long[name, one] for name in trained])
        cells.append(f"{correlation.statistic:+.2f}")
    lines.append(f"| **Spearman, {len(trained)} variants** | " + " | ".join(f"**{cell}**" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
