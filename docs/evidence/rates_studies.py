"""Simulated studies with known truth, for rates.py. No generator here is code of the package.

A study is an object of the package (``Study``) with scores, marks of single clips, verdicts on runs and a registration,
as a real study folder gives it. So every rule that decides a real study decides a simulated study.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from auxjepa.evidence.decisions import registration as registrations
from auxjepa.evidence.decisions.registration import Hypothesis, Measure, Registration, Rule, run_name
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.evidence.study_folder.folder import Registered, Study
from auxjepa.rows import Row, RowStore

CLIPS = 1000
REGIME, PROTOCOL = "world", "attentive"
SUMMARY = {
    "regime": REGIME,
    "steps": 60,
    "parameters": 170_000,
    "seconds": 25.0,
    "cpu_seconds": 25.5,
    "peak_memory_mb": 612.0,
    "milliseconds_per_step": 420.0,
    "shares": {"data": 0.1, "student": 0.9},
}
"""Fields of the summary of a run that no scenario changes."""
BEFORE_RUNS, AFTER_RUNS = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"
Claim = tuple[str, str, str, int] | tuple[str, str, str, int, float]
"""Variant, claim, reference, index of the benchmark, and a margin for an equivalence."""
Scores = Mapping[str, np.ndarray]
"""Name of a variant or of 'random_init': scores in percent, seeds by benchmarks. NaN is a missing score."""


class SimulatedMarks:
    """Marks of single clips, with as many right answers as the score says.

    Clips have a difficulty that all encoders share, so the marks of two encoders are correlated as real marks are.

    Args:
        rng: source of randomness.
        clips: number of test clips of each benchmark.
    """

    def __init__(self, rng: np.random.Generator, clips: int) -> None:
        self._rng, self._clips = rng, clips
        self._difficulties: dict[str, np.ndarray] = {}
        self.marks: dict[tuple[str, int, str], np.ndarray] = {}

    def copy(self, row: Row, changed: float) -> Row:
        """Repeat the marks of seed 0 for another seed and return the row with its score.

        Args:
            row: the row of the other seed.
            changed: share of the marks that are changed, at random clips.
        """
        marks = self.marks[row.variant, 0, row.benchmark].copy()
        places = self._rng.permutation(self._clips)[: round(changed * self._clips)]
        marks[places] = ~marks[places]
        self.marks[row.variant, row.seed, row.benchmark] = marks
        return row.model_copy(update=dict.fromkeys(("score", "validation"), 100 * float(marks.mean())))

    def add(self, row: Row) -> None:
        """Draw the marks of a row.

        Args:
            row: the row.
        """
        if row.benchmark not in self._difficulties:
            self._difficulties[row.benchmark] = self._rng.standard_normal(self._clips)
        hardness = self._difficulties[row.benchmark] + self._rng.standard_normal(self._clips)
        right = round(row.score * self._clips / 100)
        marks = np.zeros(self._clips, bool)
        if right:
            marks[np.argpartition(hardness, right - 1)[:right]] = True
        self.marks[row.variant, row.seed, row.benchmark] = marks

    def __call__(self, row: Row) -> np.ndarray | None:
        """Return the marks of a row, or None.

        Args:
            row: one score.
        """
        return self.marks.get((row.variant, row.seed, row.benchmark))


def make_study(
    scores: Scores,
    claims: Sequence[Claim],
    rng: np.random.Generator,
    *,
    benchmarks: Sequence[str] = (),
    clips: int = CLIPS,
    verdicts: Mapping[str, str] | None = None,
    rule: Rule | None = None,
    registered_seeds: int | None = None,
    copied: Sequence[str] = (),
    changed: float = 0.0,
    with_marks: bool = True,
    phase: str = "confirm",
) -> Study:
    """Return a study in memory.

    Args:
        scores: scores of every encoder.
        claims: registered claims; a study without claims is not registered.
        rng: source of randomness for the marks.
        benchmarks: names of the benchmarks.
        clips: number of test clips.
        verdicts: verdict on the runs of a variant; 'healthy' where none is named.
        rule: registered rule.
        registered_seeds: number of registered seeds; the number of scored seeds when unset.
        copied: variants with one network that is filed under every seed; they need marks.
        changed: share of the marks that are changed in each copy.
        with_marks: whether the marks of single clips are kept.
        phase: phase of the study.
    """
    width = next(iter(scores.values())).shape[1]
    names = list(benchmarks) or [f"bench_{k}" for k in range(width)]
    seeds = registered_seeds or max(len(values) for values in scores.values())
    reader, rows = SimulatedMarks(rng, clips), []
    for variant, values in scores.items():
        for (seed, k), score in np.ndenumerate(values):
            if np.isnan(score):
                continue
            percent = 100 * round(float(np.clip(score, 0, 100)) * clips / 100) / clips
            template = _template(variant, seed, names[k], clips)
            row = template.model_copy(update=dict.fromkeys(("score", "validation"), percent))
            if variant in copied and seed > 0:
                row = reader.copy(row, changed)
            elif with_marks:
                reader.add(row)
            rows.append(row)
    variants = [name for name in scores if name != "random_init"]
    health = verdicts or {}
    runs = [
        Run(
            _run_of(name, seed),
            name,
            seed,
            {"variant": name, "seed": seed, "hash": _run_of(name, seed), "verdict": health.get(name, "healthy")},
            {},
        )
        for name in variants
        for seed in range(len(scores[name]))
    ]
    study = Study(
        name="simulated",
        reference="baseline",
        variants=variants,
        seeds=list(range(seeds)),
        benchmarks=names,
        phase=phase,
        rows=rows,
        runs=runs,
        regimes={REGIME: {}},
        protocols={PROTOCOL: {"hash": "p1", "record": {"name": PROTOCOL}}},
        benchmark_info={
            name: {"title": name, "capability": name, "hash": f"b-{name}", "n_test": clips, "n_classes": 8}
            for name in names
        },
        correct=reader,
        has_plan=True,
    )
    if claims:
        study.registered = _register(claims, names, [*variants, "random_init"], seeds, rule or Rule())
    return study


def write_folder(study: Study, folder: Path) -> Path:
    """Write a study in memory as a study folder and return the folder.

    Args:
        study: a study of :func:`make_study` with marks.
        folder: an empty folder.
    """
    store = RowStore(folder)
    (folder / "correct").mkdir(parents=True)
    for row in study.rows:
        marks = study.correct(row)
        if marks is not None:
            (folder / "correct" / f"{row.id}.bin").write_bytes(np.packbits(marks).tobytes())
    store.path.write_text("".join(f"{row.model_dump_json()}\n" for row in study.rows), encoding="utf-8")
    settings: dict[str, Any] = {
        "name": study.name,
        "reference": study.reference,
        "variants": study.variants,
        "seeds": study.seeds,
        "benchmarks": study.benchmarks,
        "phase": study.phase,
        "command": study.command,
        "regimes": {REGIME: {}},
    }
    if study.registered is not None:
        record = study.registered.registration
        settings["hypotheses"] = [h.model_dump(mode="json", exclude_none=True) for h in record.hypotheses]
        (folder / registrations.FILE).write_text(json.dumps(registrations.to_json(record)), encoding="utf-8")
    # JSON is YAML too.
    (folder / "study.yaml").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "protocols.json").write_text(json.dumps(study.protocols), encoding="utf-8")
    (folder / "benchmarks.json").write_text(json.dumps(study.benchmark_info), encoding="utf-8")
    for run in study.runs:
        (folder / "runs" / run.hash).mkdir(parents=True)
        summary = {**SUMMARY, **run.summary}
        (folder / "runs" / run.hash / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


@lru_cache(maxsize=4096)
def _template(variant: str, seed: int, benchmark: str, clips: int) -> Row:
    return Row(
        run=_run_of(variant, seed),
        variant=variant,
        regime=REGIME,
        seed=seed,
        control="random_init" if variant == "random_init" else None,
        benchmark=benchmark,
        benchmark_hash=f"b-{benchmark}",
        protocol=PROTOCOL,
        protocol_hash="p1",
        score=0.0,
        n_test=clips,
        n_classes=8,
        created=AFTER_RUNS,
    )


def _register(
    claims: Sequence[Claim], benchmarks: Sequence[str], encoders: Sequence[str], seeds: int, rule: Rule
) -> Registered:
    hypotheses = tuple(
        Hypothesis.model_validate(
            {
                "id": f"h{i}",
                "variant": variant,
                "claim": claim,
                "reference": reference,
                "benchmark": benchmarks[k],
                "margin": margin[0] if margin else None,
            }
        )
        for i, (variant, claim, reference, k, *margin) in enumerate(claims)
    )
    record = Registration(
        name="simulated",
        hypotheses=hypotheses,
        rule=rule,
        seeds=tuple(range(seeds)),
        measures={REGIME: {b: Measure(benchmark_hash=f"b-{b}", protocol_hash="p1") for b in benchmarks}},
        runs={run_name(name, seed, REGIME): _run_of(name, seed) for name in encoders for seed in range(seeds)},
        design={},
        created=BEFORE_RUNS,
    )
    return Registered(record, record.hash, [])


def _run_of(variant: str, seed: int) -> str:
    return f"{variant}-{seed:03d}"
