"""Measure the effect of storing features in float16: ``python -m speed.float16 STUDY [--root DATA] [--seeds 3]``.

The script scores trained encoders of a study (``--variant`` and ``--reference``, its first seeds in its first regime)
with features in float16 and in float32 and with the same probe seed. It prints the difference of each encoder's scores,
the number of test clips that are correct with only one precision, and the paired effect for each precision. It writes
nothing to the study. Without a study it scores nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from auxjepa.benchmarks import get
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import RunConfig, read_yaml
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.rows import RowStore
from auxjepa.train.checkpoint import digest, load_encoder, resolve

BENCHMARKS = ("world_appearance", "world_direction", "world_fine_motion", "world_order")
PRECISIONS = ("float16", "float32")


class Scored(NamedTuple):
    """Accuracy in percent, correctness of each test clip, and the settings that validation clips selected."""

    score: float
    correct: np.ndarray
    selected: dict[str, float | int | str]


def score(run: Path, names: list[str], root: Path | None) -> dict[tuple[str, str], Scored]:
    """Return one encoder's scores by benchmark and precision.

    Args:
        run: folder of the run.
        names: names of the benchmarks.
        root: folder of generated data; the run's own if None.
    """
    config = RunConfig.model_validate(read_yaml(run / "config.yaml"))
    data = config.data if root is None else config.data.model_copy(update={"root": root})
    encoder, _ = load_encoder(resolve(run), "student")
    weights, out = digest(encoder.state_dict()), {}
    with tempfile.TemporaryDirectory(prefix="auxjepa-float16-") as place:
        for precision in PRECISIONS:
            scorer = Scorer(
                encoder, weights, config.model, data, seed=config.seed, features=Path(place), precision=precision
            )
            for name in names:
                result = scorer.score(get(name))
                if result.correct is None:
                    raise SystemExit(f"{name} has no marks of single clips; choose benchmarks of one probe")
                out[name, precision] = Scored(result.test, result.correct, result.selected)
    return out


def main() -> None:
    """Score every encoder twice, print each result, and print the effects at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, nargs="?")
    parser.add_argument("--root", type=Path, help="generated data; where the runs say when unset")
    parser.add_argument("--variant", default="ld")
    parser.add_argument("--reference", default="baseline")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--benchmarks", nargs="+", default=list(BENCHMARKS))
    args = parser.parse_args()
    if args.study is None:
        print("no study named, so nothing to score: python -m speed.float16 STUDY")
        return
    torch.set_num_threads(1)
    rows = [row for row in RowStore(args.study) if row.control is None]
    of_regime = [row for row in rows if row.regime == rows[0].regime]
    seeds = sorted({row.seed for row in of_regime})[: args.seeds]
    runs = {(row.variant, row.seed): args.study / "runs" / row.run for row in of_regime}
    scores: dict[tuple[str, int, str, str], Scored] = {}
    begin = time.process_time()
    print(f"{'encoder':<16} {'benchmark':<20} {'float16':>8} {'float32':>8} {'differ':>7} {'clips':>6}  chosen alike")
    for variant, seed in product((args.reference, args.variant), seeds):
        if (variant, seed) not in runs:
            raise SystemExit(f"{args.study}: no run of {variant} with seed {seed}")
        for (name, precision), result in score(runs[variant, seed], args.benchmarks, args.root).items():
            scores[variant, seed, name, precision] = result
        for name in args.benchmarks:
            in_half, in_full = (scores[variant, seed, name, precision] for precision in PRECISIONS)
            print(
                f"{variant + ' ' + str(seed):<16} {name:<20} {in_half.score:8.1f} {in_full.score:8.1f} "
                f"{in_half.score - in_full.score:+7.1f} {int((in_half.correct != in_full.correct).sum()):6}  "
                f"{'yes' if in_half.selected == in_full.selected else 'no'}",
                flush=True,
            )
    print(f"\n{args.variant} over {args.reference}, {len(seeds)} seeds, t interval of 95 %")
    for name, precision in product(args.benchmarks, PRECISIONS):
        gains = [
            scores[args.variant, s, name, precision].score - scores[args.reference, s, name, precision].score
            for s in seeds
        ]
        low, high = t_interval(gains) if len(gains) > 1 else (float("nan"), float("nan"))
        print(f"{name:<20} {precision}  {np.mean(gains):+6.2f} [{low:+.2f}, {high:+.2f}]")
    print(f"{time.process_time() - begin:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
