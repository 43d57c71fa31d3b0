"""A slice of the fuzz of configurations (``python -m speed.fuzz_config`` does the whole): never a trace."""

from __future__ import annotations

from collections import Counter

import pytest

from fuzzed import ENDS, KINDS, Verdict, judge, make

SLICE = 16


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_case_is_refused_in_one_line_or_does_what_it_says(kind: str) -> None:
    verdicts = {seed: judge(make(kind, seed)) for seed in range(SLICE)}
    assert {seed: one for seed, one in verdicts.items() if one.end == "trace"} == {}
    assert all(one.end in ENDS for one in verdicts.values())
    refused = [one.line for one in verdicts.values() if one.end in ("refused", "stopped")]
    assert all(line and len(line) < 1000 and "pydantic" not in line for line in refused)


@pytest.mark.slow
def test_odd_runs_are_trained_as_well_as_refused() -> None:
    ends = Counter(judge(make("odd run", seed)).end for seed in range(40))
    assert ends["trained"] > 5 and ends["refused"] > 5 and not ends["trace"]


def test_a_case_follows_from_its_seed() -> None:
    assert make("odd run", 3) == make("odd run", 3) != make("odd run", 4)


def test_a_trace_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("boom")

    case = make("mutated run", 0)
    monkeypatch.setattr("auxjepa.cli.pretrain.resolve", fail)
    assert judge(case) == Verdict("trace", "'boom'", judge(case).trace) and "KeyError" in judge(case).trace
