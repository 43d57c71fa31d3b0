"""Error, power and number of seeds of sequential designs, by simulated studies: ``python docs/evidence/sequential.py``.

It prints the tables of docs/evidence/sequential.md. Every decision is made by the functions of the package.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats

from auxjepa.evidence.statistics.looks import Spending, spending
from auxjepa.evidence.statistics.sequential import SequentialTest, correction_levels
from auxjepa.evidence.statistics.significance import holm, sign_flip_p

ALPHA, LOOKS = 0.05, (6, 8, 10)
KINDS: tuple[Spending, ...] = ("pocock", "obrien_fleming")
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

SHAPES: dict[str, Draw] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "heavy tails (t, 2 degrees of freedom)": lambda rng, size: rng.standard_t(2, size),
    "one seed in ten is far off (10 sd)": lambda rng, size: rng.normal(size=size) * (1 + 9 * (rng.random(size) < 0.1)),
    "variance of a seed differs (1 to 100)": lambda rng, size: rng.normal(size=size) * 10 ** rng.random(size),
    "whole points, many ties": lambda rng, size: np.round(rng.normal(size=size)),
}


def differences(draw: Draw, rng: np.random.Generator, hypotheses: int, seeds: int) -> np.ndarray:
    """Return differences of variants against one common reference, hypotheses x seeds, with an sd of about 1."""
    if hypotheses == 1:
        return draw(rng, (1, seeds))
    scores = draw(rng, (hypotheses + 1, seeds)) / math.sqrt(2)
    return scores[1:] - scores[0]


def decide(d: np.ndarray, kind: Spending = "pocock") -> np.ndarray:
    """Return the look that decides each hypothesis, from 1; 0 for none. The looks are tested one after the other."""
    levels, shares = correction_levels(len(d), ALPHA, "holm"), spending(LOOKS, ALPHA, kind)
    p = np.ones((len(d), len(LOOKS)))
    for line, values in zip(d, p, strict=True):
        test = SequentialTest(list(line), LOOKS, shares)
        for level in reversed(levels):
            first = test.first_rejection(level)
            if first is None:
                break
            is_next = values[first - 1 :] == 1 if level == levels[-1] else values[first - 1 :] < 1
            values[first - 1 :][is_next] = level
    decided = np.zeros(len(d), int)
    for look in range(len(LOOKS)):
        adjusted = holm(list(p[:, look]))
        decided[(decided == 0) & (np.array(adjusted) <= ALPHA * (1 + 1e-9))] = look + 1
    return decided


def rejects_at(d: np.ndarray, seeds: int) -> np.ndarray:
    """Return whether the fixed design with this number of seeds rejects each hypothesis."""
    return np.array(holm([sign_flip_p(list(line[:seeds])) for line in d])) <= ALPHA


def rate(hits: int, n: int) -> str:
    """Return a rate in percent with its Monte Carlo error."""
    return f"{100 * hits / n:.1f} ± {196 * math.sqrt(hits / n * (1 - hits / n) / n):.1f}"


def errors(studies: int) -> Iterator[str]:
    """Yield the table of family-wise errors line by line."""
    yield (
        "| differences | hypotheses | fixed, 10 seeds | tested again at 6, 8, 10 seeds | registered again on 6, 8, 10 "
        "fresh seeds | sequential | sequential, O'Brien-Fleming |"
    )
    yield "|---|---|---|---|---|---|---|"
    for name, draw in SHAPES.items():
        for hypotheses in (1, 4):
            rng = np.random.default_rng(hypotheses)
            fixed = again = fresh = looked = late = 0
            number = studies if hypotheses == 1 else studies // 4
            for _ in range(number):
                d = differences(draw, rng, hypotheses, LOOKS[-1])
                by_look = [rejects_at(d, seeds).any() for seeds in LOOKS]
                fixed, again = fixed + by_look[-1], again + any(by_look)
                fresh += any(rejects_at(differences(draw, rng, hypotheses, n), n).any() for n in LOOKS)
                looked += (decide(d) > 0).any()
                late += (decide(d, "obrien_fleming") > 0).any()
            rates = " | ".join(rate(hits, number) for hits in (fixed, again, fresh, looked, late))
            yield f"| {name} | {hypotheses} | {rates} |"


def power(studies: int) -> Iterator[str]:
    """Yield the table of power, number of seeds, and interval at the decision line by line."""
    yield (
        "| effect, sd | hypotheses | power fixed | power sequential | power, O'Brien-Fleming | seeds, sequential | "
        "seeds, O'Brien-Fleming | effect where decided, sequential | covered |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for effect in (0.5, 1.0, 1.5, 2.0):
        for hypotheses in (1, 4):
            fixed = np.zeros(2, int)
            found = {"pocock": 0, "obrien_fleming": 0}
            seeds = {"pocock": 0, "obrien_fleming": 0}
            means, covered = list[float](), 0
            for kind in KINDS:
                rng = np.random.default_rng(10 + hypotheses)
                for _ in range(studies):
                    d = differences(SHAPES["normal"], rng, hypotheses, LOOKS[-1]) + effect
                    look = decide(d, kind)
                    found[kind] += int((look > 0).sum())
                    seeds[kind] += LOOKS[-1] if (look == 0).any() else LOOKS[look.max() - 1]
                    if kind == "obrien_fleming":
                        continue
                    fixed += (int(rejects_at(d, LOOKS[-1]).sum()), hypotheses)
                    for line, number in zip(d, look, strict=True):
                        own = line[: LOOKS[number - 1] if number else LOOKS[-1]]
                        half = stats.t.ppf(0.975, len(own) - 1) * own.std(ddof=1) / math.sqrt(len(own))
                        covered += abs(own.mean() - effect) <= half
                        if number:
                            means.append(float(own.mean()))
            n = hypotheses * studies
            yield (
                f"| {effect} | {hypotheses} | {rate(fixed[0], n)} | {rate(found['pocock'], n)} | "
                f"{rate(found['obrien_fleming'], n)} | {seeds['pocock'] / studies:.1f} | "
                f"{seeds['obrien_fleming'] / studies:.1f} | "
                f"{np.mean(means):.2f} | {100 * covered / n:.1f} % |"
            )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10_000)
    arguments = parser.parse_args()
    for line in [*errors(arguments.studies), "", *power(arguments.studies // 10)]:
        print(line, flush=True)


if __name__ == "__main__":
    main()
