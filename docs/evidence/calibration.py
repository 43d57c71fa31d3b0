"""Coverage, false positives and power of the package's intervals and test on simulated paired differences.

python docs/evidence/calibration.py        prints the table of docs/evidence/effects.md (40 CPU-seconds)
"""

from __future__ import annotations

import sys

import numpy as np

from auxjepa.evidence.intervals import bca_interval, t_interval
from auxjepa.evidence.significance import sign_flip_p

TRIALS = 4000
EFFECT = 1.0  # in standard deviations of a difference


def differences(kind: str, seeds: int) -> np.ndarray:
    """Trials x seeds differences of mean 0 and standard deviation 1: normal, t with 3 degrees of freedom, skewed."""
    rng = np.random.default_rng(seeds)
    if kind == "normal":
        return rng.normal(size=(TRIALS, seeds))
    if kind == "heavy tails":
        return rng.standard_t(3, (TRIALS, seeds)) / np.sqrt(3)
    return rng.exponential(size=(TRIALS, seeds)) - 1


def covered(interval: tuple[float, float]) -> bool:
    """Whether the interval holds the true mean."""
    return interval[0] <= 0 <= interval[1]


def main() -> None:
    """Print the table."""
    sys.stdout.write("| seeds | differences | t covers, % | BCa covers, % | false positives, % | power at 1 sd, % |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- |\n")
    for seeds in (3, 5, 6, 10, 12):
        for kind in ("normal", "heavy tails", "skewed"):
            rows = [row.tolist() for row in differences(kind, seeds)]
            t = np.mean([covered(t_interval(row)) for row in rows])
            bca = np.mean([covered(bca_interval(row, resamples=1999)) for row in rows])
            false = np.mean([sign_flip_p(row) <= 0.05 for row in rows])
            power = np.mean([sign_flip_p([x + EFFECT for x in row]) <= 0.05 for row in rows])
            cells = " | ".join(f"{100 * share:.1f}" for share in (t, bca, false, power))
            sys.stdout.write(f"| {seeds} | {kind} | {cells} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
