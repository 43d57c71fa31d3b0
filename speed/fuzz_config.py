"""Run random configurations and command lines: each is refused in one line, or accepted and trained for two steps.

Run it with ``python -m speed.fuzz_config [COUNT [SEED]]`` (8,000 cases by default, about twenty minutes). The cases are
those of ``tests/fuzzed`` and depend only on the seed: YAML files of runs and studies with wrong, missing, extra,
nested, huge and misspelt entries, runs with incompatible fields, damaged text, and flags of every command.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict

import torch
from tests.fuzzed import ENDS, KINDS, Case, Verdict, judge, make


def main(count: int = 8000, seed: int = 0) -> int:
    """Print the number of cases by kind and outcome, and every trace; return the number of traces.

    Args:
        count: number of cases.
        seed: seed of the first cases.
    """
    torch.set_num_threads(1)
    begin, kinds = time.monotonic(), [*KINDS]
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    traces: dict[str, list[tuple[Case, Verdict]]] = defaultdict(list)
    longest = ("", 0.0)
    for number in range(count):
        case = make(kinds[number % len(kinds)], seed + number // len(kinds))
        since = time.monotonic()
        verdict = judge(case)
        longest = max(longest, (f"{case.kind} {case.seed}", time.monotonic() - since), key=lambda pair: pair[1])
        ends[case.kind][verdict.end] += 1
        if verdict.end == "trace":
            traces[verdict.trace].append((case, verdict))
    seconds = f"{time.monotonic() - begin:.0f} s, the longest {longest[0]} {longest[1]:.1f} s"
    print(f"{count} cases from seed {seed} in {seconds}")
    print(f"{'kind':20s}" + "".join(f"{end:>12s}" for end in ("cases", *ENDS)))
    for kind, counted in [*ends.items(), ("all", sum(ends.values(), Counter()))]:
        cells = (counted.total(), *(counted[end] for end in ENDS))
        print(f"{kind:20s}" + "".join(f"{cell:12,d}" for cell in cells))
    for where, cases in sorted(traces.items(), key=lambda pair: -len(pair[1])):
        case, verdict = cases[0]
        print(f"TRACE {len(cases)} x {where}: {verdict.line} ({case.kind} {case.seed}: {' '.join(case.words)[:120]})")
    return sum(map(len, traces.values()))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
