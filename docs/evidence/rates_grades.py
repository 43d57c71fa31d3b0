"""Grades of studies that deserve them and of studies that do not, for rates.py."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rates_scores import CHANCE, SD, UNTRAINED, normal
from rates_studies import AFTER_RUNS, REGIME, SimulatedMarks, make_study, write_folder
from rates_table import PERCENT, Rate, streams

from auxjepa.evidence.grade.grade import Grade, grade_study
from auxjepa.evidence.grade.grade_published import grade_published
from auxjepa.evidence.ledger import claims, published
from auxjepa.evidence.study_folder.folder import Study, load
from auxjepa.rows import Row

CONFIRM = Path(__file__).resolve().parent / "confirm"
CONTROLS = ("raw_pixels", "majority", "chance")
BENCHMARKS = ("world_appearance", "world_order")


def grades(scale: float) -> Iterator[Rate]:
    """Yield the grades of the published table, of the study in ``confirm`` and of simulated studies.

    Args:
        scale: below 0.01 the study in ``confirm`` is left out, because it takes seconds.
    """
    yield _rate("published", "the published table", "low", grade_published(published.load(), claims.load()))
    if scale >= 0.01:
        yield _rate("confirm", "docs/evidence/confirm", "what it deserves", grade_study(load(CONFIRM)))
    cases = {
        "honest": ("simulated study of 10 seeds, healthy and complete", "close to 100 %"),
        "copied": ("the same study with one network of each variant filed under all seeds", "fails"),
        "fabricated": ("the same study with invented controls, which have equal scores and no marks", "fails"),
        "collapsed": ("the same study with a collapsed reference", "fails"),
    }
    for case, (text, target) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            yield _rate(case, text, target, _grade(case, Path(folder) / "study"))


def _grade(case: str, folder: Path) -> Grade:
    rng = next(streams("grades", 1))
    scores = {name: normal(rng, 10, 2) for name in ("v0", "v1", "baseline")}
    scores["random_init"] = normal(rng, 10, 2, mean=UNTRAINED)
    verdicts = {}
    if case == "collapsed":
        scores["baseline"] = normal(rng, 10, 2, mean=CHANCE + 3)
        verdicts = {"baseline": "collapsed"}
    if case == "fabricated":
        scores["random_init"] = np.full((10, 2), 20.0)
    claims_ = [("v0", "above", "baseline", 0), ("v1", "above", "baseline", 1)]
    copied = ("v0", "v1", "baseline") if case == "copied" else ()
    study = make_study(scores, claims_, rng, benchmarks=BENCHMARKS, verdicts=verdicts, copied=copied)
    study.command = "auxjepa study run simulated --out study"
    _add_controls(study, rng, case != "fabricated")
    write_folder(study, folder)
    for variant in study.variants:
        audit = {"variant": variant, "terms": [{"name": "prediction"}], "findings": []}
        (folder / f"audit-{variant}.json").write_text(json.dumps(audit), encoding="utf-8")
    return grade_study(load(folder))


def _add_controls(study: Study, rng: np.random.Generator, are_measured: bool) -> None:
    """Add controls without an encoder; invented ones have equal scores and no marks."""
    reader = study.correct
    assert isinstance(reader, SimulatedMarks)
    for control in CONTROLS:
        for benchmark in BENCHMARKS:
            clips = study.rows[0].n_test
            drawn = CHANCE + (SD * rng.standard_normal() if are_measured and control == "raw_pixels" else 0.0)
            row = Row(
                run=control,
                variant=control,
                regime=REGIME,
                seed=0,
                control=control,
                benchmark=benchmark,
                benchmark_hash=f"b-{benchmark}",
                protocol=control,
                protocol_hash=f"p-{control}",
                score=100 * round(drawn * clips / 100) / clips,
                validation=CHANCE,
                n_test=clips,
                n_classes=8,
                created=AFTER_RUNS,
            )
            study.rows.append(row)
            if are_measured:
                reader.add(row)
    if not are_measured:
        for row in study.rows:
            if row.control == "random_init":
                reader.marks.pop((row.variant, row.seed, row.benchmark))
    study.rows = [row.model_copy(update={"versions": {"auxjepa": "0.1.0", "torch": "2.13.0"}}) for row in study.rows]


def _rate(name: str, text: str, target: str, grade: Grade) -> Rate:
    note = f"{grade.earned:.1f} of {grade.possible}"
    return Rate(f"Grades/{name}", text, target, grade.percent, 0.0, 1, PERCENT, note)
