"""Error, power and number of seeds of sequential designs, by simulated studies: ``python docs/evidence/sequential.py``.

It prints the tables of docs/evidence/sequential.md. The tests are computed for many studies together. The first ones
are compared with the functions of the package.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy import stats

from auxjepa.evidence.statistics.looks import Spending, spending
from auxjepa.evidence.statistics.sequential import SequentialTest, correction_levels
from auxjepa.evidence.statistics.significance import sign_flip_p

ALPHA, LOOKS = 0.05, (6, 8, 10)
CHECKED = 20
"""Number of hypotheses that are compared with the functions of the package."""
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

SHAPES: dict[str, Draw] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "heavy tails (t, 2 degrees of freedom)": lambda rng, size: rng.standard_t(2, size),
    "one score in ten is far off (10 sd)": lambda rng, size: rng.normal(size=size) * (1 + 9 * (rng.random(size) < 0.1)),
    "sd of a score differs (1 to 10)": lambda rng, size: rng.normal(size=size) * 10 ** rng.random(size),
    "whole points, many ties": lambda rng, size: np.round(rng.normal(size=size)),
}


def differences(draw: Draw, rng: np.random.Generator, studies: int, hypotheses: int, seeds: int) -> np.ndarray:
    """Return differences of variants against one common reference, studies x hypotheses x seeds."""
    if hypotheses == 1:
        return draw(rng, (studies, 1, seeds))
    scores = draw(rng, (studies, hypotheses + 1, seeds)) / math.sqrt(2)
    return scores[:, 1:] - scores[:, :1]


def signs(seeds: int) -> np.ndarray:
    """Return all sign patterns whose first sign is +, patterns x seeds. Those of fewer seeds come in the same order."""
    bits = np.arange(2 ** (seeds - 1))[:, None] >> np.arange(seeds - 1)[None, :] & 1
    return np.hstack([np.ones((len(bits), 1)), 1.0 - 2.0 * bits])


def p_values(d: np.ndarray, seeds: int) -> np.ndarray:
    """Return the sign-flip p of each line with its first seeds."""
    sums = np.abs(d[:, :seeds] @ signs(seeds).T)
    near = np.abs(d[:, :seeds].sum(axis=1)) - 1e-9 * np.abs(d[:, :seeds]).sum(axis=1)
    return (sums >= near[:, None]).mean(axis=1)


def first_rejections(d: np.ndarray, level: float, shares: Sequence[float]) -> np.ndarray:
    """Return the first look that rejects each line at a level over all looks, from 1; 0 for none."""
    size, decided = len(d), np.zeros(len(d), int)
    rejected = np.zeros((size, 1), bool)
    observed_bits = (np.sign(d[:, 1:]) * np.where(d[:, :1] < 0, -1, 1)) < 0
    for number, (seeds, share) in enumerate(zip(LOOKS, shares, strict=True), start=1):
        patterns = 2 ** (seeds - 1)
        rejected = np.tile(rejected, (1, patterns // rejected.shape[1]))
        sums = np.abs(np.abs(d[:, :seeds]) @ signs(seeds).T)
        sums[rejected] = -1.0
        most = math.floor(level * share * patterns + 1e-9) - rejected.sum(axis=1)
        descending = -np.sort(-sums, axis=1)
        next_sum = descending[np.arange(size), np.minimum(most, patterns - 1)]
        rejected |= sums > next_sum[:, None] + 1e-9 * np.abs(d[:, :seeds]).sum(axis=1)[:, None]
        index = (observed_bits[:, : seeds - 1] * 2 ** np.arange(seeds - 1)).sum(axis=1)
        decided[(decided == 0) & rejected[np.arange(size), index]] = number
    return decided


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p values of each study, studies x hypotheses."""
    order = np.argsort(p, axis=1, kind="stable")
    steps = np.take_along_axis(p, order, 1) * np.arange(p.shape[1], 0, -1)
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.maximum.accumulate(steps, axis=1), 1)
    return out


def rejects_at(d: np.ndarray, seeds: int) -> np.ndarray:
    """Return whether the fixed design with this number of seeds rejects each hypothesis, studies x hypotheses."""
    return holm(p_values(d.reshape(-1, d.shape[2]), seeds).reshape(d.shape[:2])) <= ALPHA


def decide(d: np.ndarray, kind: Spending = "pocock") -> np.ndarray:
    """Return the look that decides each hypothesis, from 1; 0 for none: studies x hypotheses."""
    lines, shares = d.reshape(-1, d.shape[2]), spending(LOOKS, ALPHA, kind)
    p = np.ones((len(lines), len(LOOKS)))
    by_now = np.ones(p.shape, bool)  # whether all larger levels reject by a look
    for level in reversed(correction_levels(d.shape[1], ALPHA, "holm")):
        first = first_rejections(lines, level, shares)
        check_against_package(lines, level, shares, first)
        by_now &= (first[:, None] > 0) & (first[:, None] <= np.arange(1, len(LOOKS) + 1))
        p[by_now] = level * (1 - 1e-12)
    decided = np.zeros(d.shape[:2], int)
    for look in range(len(LOOKS)):
        adjusted = holm(p[:, look].reshape(d.shape[:2]))
        decided[(decided == 0) & (adjusted <= ALPHA)] = look + 1
    return decided


def check_against_package(lines: np.ndarray, level: float, shares: Sequence[float], first: np.ndarray) -> None:
    """Stop if the package decides one of the first lines differently."""
    for line, number in zip(lines[:CHECKED], first[:CHECKED], strict=True):
        assert (SequentialTest(list(line), LOOKS, shares).first_rejection(level) or 0) == number
        assert math.isclose(p_values(line[None], LOOKS[-1])[0], sign_flip_p(list(line)))


def rate(hits: np.ndarray) -> str:
    """Return a rate in percent with its Monte Carlo error (95 %)."""
    share = float(hits.mean())
    return f"{100 * share:.1f} ± {196 * math.sqrt(share * (1 - share) / hits.size):.1f}"


def errors(studies: int) -> Iterator[str]:
    """Yield the table of family-wise errors line by line."""
    yield (
        "| differences | hypotheses | fixed, 10 seeds | tested again at 6, 8, 10 seeds | registered again on 6, 8, 10 "
        "fresh seeds | looks at 6, 8, 10 (pocock) | looks (obrien_fleming) |"
    )
    yield "|---|---|---|---|---|---|---|"
    for name, draw in SHAPES.items():
        for hypotheses in (1, 4):
            rng, number = np.random.default_rng(hypotheses), studies if hypotheses == 1 else studies // 4
            d = differences(draw, rng, number, hypotheses, LOOKS[-1])
            by_look = [rejects_at(d, seeds).any(axis=1) for seeds in LOOKS]
            fresh = [rejects_at(differences(draw, rng, number, hypotheses, n), n).any(axis=1) for n in LOOKS]
            hits = [by_look[-1], np.any(by_look, axis=0), np.any(fresh, axis=0)]
            hits += [(decide(d, kind) > 0).any(axis=1) for kind in ("pocock", "obrien_fleming")]
            yield f"| {name} | {hypotheses} | {' | '.join(map(rate, hits))} |"


def power(studies: int) -> Iterator[str]:
    """Yield the table of power, number of seeds, and effect and interval where a hypothesis is decided."""
    yield (
        "| effect, sd | hypotheses | power, fixed | pocock | obrien_fleming | seeds, pocock | seeds, obrien_fleming | "
        "mean effect where decided, fixed | pocock | intervals that cover, fixed | pocock |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for effect in (0.5, 1.0, 1.5, 2.0):
        for hypotheses in (1, 4):
            rng, number = np.random.default_rng(10 + hypotheses), studies if hypotheses == 1 else studies // 4
            d = differences(SHAPES["normal"], rng, number, hypotheses, LOOKS[-1]) + effect
            fixed = rejects_at(d, LOOKS[-1])
            looks = {kind: decide(d, kind) for kind in ("pocock", "obrien_fleming")}
            seeds = {}
            for kind, look in looks.items():
                last = np.where((look == 0).any(axis=1), len(LOOKS), look.max(axis=1))
                seeds[kind] = np.array([0, *LOOKS])[last].mean()
            whole = np.full(look.shape, len(LOOKS))
            means, covers = at_look(d, whole, effect)
            own = np.where(looks["pocock"] == 0, len(LOOKS), looks["pocock"])
            early_means, early_covers = at_look(d, own, effect)
            decided = looks["pocock"] > 0
            yield (
                f"| {effect} | {hypotheses} | {rate(fixed)} | {rate(decided)} | {rate(looks['obrien_fleming'] > 0)} | "
                f"{seeds['pocock']:.1f} | {seeds['obrien_fleming']:.1f} | {means[fixed].mean():.2f} | "
                f"{early_means[decided].mean():.2f} | {100 * covers.mean():.1f} % | {100 * early_covers.mean():.1f} % |"
            )


def at_look(d: np.ndarray, look: np.ndarray, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of each hypothesis with the seeds of its look, and whether its t interval contains the effect."""
    means, covers = np.zeros(look.shape), np.zeros(look.shape, bool)
    for number, seeds in enumerate(LOOKS, start=1):
        mean = d[..., :seeds].mean(axis=2)
        half = stats.t.ppf(0.975, seeds - 1) * d[..., :seeds].std(axis=2, ddof=1) / math.sqrt(seeds)
        means = np.where(look == number, mean, means)
        covers = np.where(look == number, np.abs(mean - effect) <= half, covers)
    return means, covers


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=20_000)
    studies = parser.parse_args().studies
    for line in errors(studies):
        print(line, flush=True)
    print()
    for line in power(studies // 2):
        print(line, flush=True)


if __name__ == "__main__":
    main()
