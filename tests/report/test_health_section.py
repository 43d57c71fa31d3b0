"""Sentences on the health of runs."""

from __future__ import annotations

from auxjepa.evidence.analyses.training import unhealthy_runs
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.report.health_section import describe_health


def run(variant: str, ranks: list[float], seed: int = 0, version: int = 1, **summary: object) -> Run:
    steps = [float(i) for i in range(len(ranks))]
    return Run(f"{variant}{seed}", variant, seed, summary, {"rank/student": (steps, ranks)}, version)


def describe(runs: list[Run]) -> str:
    return describe_health(runs, unhealthy_runs(runs))


def test_unhealthy_runs_are_named_by_seed() -> None:
    assert describe([run("a", [40.0, 30.0], verdict="healthy")]) == "All 1 run ended healthy."
    runs = [run("a", [40.0, 30.0], verdict="healthy"), run("b", [40.0, 30.0], 2, verdict="collapsed")]
    assert describe(runs) == "1 of 2 runs did not stay healthy: b seed 2 (collapsed)."
    text = describe([run(f"v{i}", [40.0, 30.0], seed, verdict="shrinking") for i in range(12) for seed in (0, 1)])
    assert "24 of 24 runs did not stay healthy: v0 seeds 0, 1 (shrinking); v1" in text
    assert "v7 seeds 0, 1 (shrinking); and 4 more, in Cost. The study recorded" in text
    assert describe([]) == ""


def test_unhealthy_runs_of_several_regimes_are_counted() -> None:
    regimes = [
        run("a", [40.0, 30.0], seed, verdict=how) for seed in (0, 1) for how in ("healthy", "shrinking", "collapsed")
    ]
    assert describe(regimes).startswith(
        "4 of 6 runs did not stay healthy: a in 2 of 6 (shrinking); a in 2 of 6 (collapsed). "
    )


def test_version_1_is_recorded_and_version_2_is_shown() -> None:
    runs = [run("a", [40.0, 12.0], verdict="shrinking"), run("b", [40.0, 90.0, 30.0], verdict="shrinking")]
    assert describe(runs) == (
        "2 of 2 runs did not stay healthy: a seed 0 (shrinking); b seed 0 (shrinking). The study recorded version 1 of "
        "the rule on health; version 2 has other words: 1 healthy, 1 narrow."
    )


def test_version_2_is_recorded_and_version_1_is_shown() -> None:
    runs = [
        run("a", [40.0, 12.0], version=2, verdict="shrinking"),
        run("b", [40.0, 39.0], version=2, verdict="healthy"),
    ]
    assert describe(runs) == (
        "None of 2 runs collapsed. Narrow runs (a note, no fault: the rank is below 47 % of its value before training, "
        "docs/evidence/health.md): a 1 of 1. The study recorded version 2 of the rule on health; version 1 has other "
        "words: 1 shrinking."
    )
    healthy = [run("a", [40.0, 39.0], version=2, verdict="healthy")]
    assert describe(healthy) == "All 1 run ended healthy."
    collapsed = [run("a", [40.0, 1.2], version=2, verdict="collapsed")]
    assert describe(collapsed) == "1 of 1 run did not stay healthy: a seed 0 (collapsed)."
