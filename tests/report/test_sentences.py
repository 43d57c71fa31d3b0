from __future__ import annotations

import dataclasses
import re
import shutil

import numpy as np
import pytest

from auxjepa.evidence.analyses.directions import undecided_effects
from auxjepa.evidence.analyses.results import Cell, Column, Line, Results
from auxjepa.evidence.analyses.study_results import _pool, collect_results
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.registration import Hypothesis
from auxjepa.evidence.decisions.verdicts import Verdict
from auxjepa.evidence.study_folder.folder import Study, load
from auxjepa.report import limitations, sentences
from auxjepa.rows import RowStore
from written_study import register


@pytest.fixture(scope="session")
def screen(study):
    loaded = load(study)
    return loaded, collect_results(loaded)


def test_the_answer_of_a_screen(screen):
    text = sentences.plain_text(sentences.answer(*screen))
    assert text.startswith(
        "This is a screen on 3 seeds and not a confirmation: ld scores higher than baseline on order (+2"
    )
    assert "; it leans higher on motion (+" in text and "fwm leans lower than baseline on motion (−" in text
    assert text.count("scores higher") == 3 and "scores lower" not in text
    assert "10 of 12 intervals exclude zero alone; 0.6 would by chance." in text
    assert "hold for all 27 comparisons of this page together" in text
    assert "on appearance and order there is no clear difference" in text
    assert "3 seeds can screen but not confirm" in limitations.permission(*screen)


def test_the_answer_gives_the_number_of_seeds(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    rows = [r for r in RowStore(folder) if not (r.variant == "ld" and r.seed == 1)]
    (folder / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in rows))
    loaded = load(folder)
    results = collect_results(loaded)
    assert sentences.answer(loaded, results)[0] == ["This is a screen on 2 to 3 seeds and not a confirmation:"]
    assert any(
        "some seeds are missing for ld on world_appearance" in line for line in limitations.limitations(loaded, results)
    )


def test_random_init_is_part_of_the_answer(screen):
    text = sentences.plain_text(sentences.against_random(screen[1]))
    assert "the reference baseline leans lower on order (−" in text and "has no clear difference on motion (−" in text
    assert "On order only ld_only screens above random init (2 more lean above it)." in text


def test_a_confirmation_decides_its_hypotheses_and_explores_everything_else(tmp_path, write_study):
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    loaded = load(folder)
    results = collect_results(loaded)
    text = sentences.plain_text(sentences.answer(loaded, results))
    assert text.startswith("Beyond the hypotheses this is an exploration on 10 seeds and not a claim: ld scores higher")
    assert "at 0.05 after Holm over all of them" in limitations.permission(loaded, results)
    # Two hypotheses are about ld on order and fwm on appearance. Motion has a second benchmark, so fwm stays there.
    exploration = {name: text.partition(f" {name} scores ")[2].partition(". ")[0] for name in ("ld", "fwm", "ld_only")}
    assert "order" not in exploration["ld"] and "appearance" in exploration["ld"]
    assert "appearance" not in exploration["fwm"] and "motion" in exploration["fwm"]
    assert "order" in exploration["ld_only"] and "appearance" in exploration["ld_only"]


def test_registered_comparisons_are_no_exploration(screen, monkeypatch):
    loaded, results = screen
    hypotheses = [
        Hypothesis(id=f"{variant}-{column.benchmark}", variant=variant, claim="above", reference=reference,
                   benchmark=column.benchmark)
        for column in results.columns
        for variant, reference in (("ld", "baseline"), ("baseline", "fwm"))
    ]  # fmt: skip
    decided = [Outcome(h, None, Verdict("not testable", "no score")) for h in hypotheses]
    registered = dataclasses.replace(loaded, phase="confirm")
    registered.outcomes = decided
    monkeypatch.setattr(Study, "decides", True)
    left = undecided_effects(registered, results)
    assert {variant for variant, _ in left} == {"ld_only", "fwm_hw_ld"}
    lines = [line for line in results.lines if line.name in ("ld", "fwm")]
    bare = dataclasses.replace(results, pooled={})
    assert sentences._by_capability(registered, bare, lines, undecided_effects(registered, bare)) == []


def test_a_confirmation_without_registration_is_a_screen(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=10, steps=4, phase="confirm"))
    results = collect_results(loaded)
    assert sentences.answer(loaded, results)[0] == ["This is a screen on 10 seeds and not a confirmation:"]
    assert not any(cell.decided for line in results.lines for cell in line.cells)


def test_a_screen_with_many_seeds_makes_no_claim(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=8, steps=4))
    results = collect_results(loaded)
    assert "makes no claim until new seeds confirm it" in limitations.permission(loaded, results)
    assert {c.verdict.word for line in results.variants for c in line.cells if c.verdict} == {"not testable"}


def test_the_sentence_of_the_study_is_filled_in(tmp_path, write_study):
    loaded = load(write_study(tmp_path, steps=4, answer_template="LD moves order by {ld.order}; {un.known} stays."))
    text = sentences.answer(loaded, collect_results(loaded))[0][0]
    assert text.startswith("LD moves order by +2") and text.endswith("{un.known} stays.")


def test_only_limitations_that_apply_are_listed(screen, tmp_path):
    text = " ".join(limitations.limitations(*screen))
    assert "A laptop study: 700 steps" in text
    assert "12 of 16 intervals in the table exclude zero; about 0.8 would exclude zero by chance alone" in text
    assert "With 3 seeds the t interval" in text
    assert "these results say nothing about natural video" in text
    assert "0.18 M parameters and are trained for 60 steps" in text
    assert "No control" not in text and "collapsed" not in text and "validation" not in text
    bare = load(tmp_path)
    assert limitations.limitations(bare, collect_results(bare)) == [
        "No control was scored, so a variant above the reference may still be below an untrained encoder."
    ]


@pytest.mark.parametrize(
    ("unhealthy", "reference", "variant"),
    [((), False, False), (("ld",), False, True), (("baseline",), True, False), (("baseline", "ld"), True, True)],
)
def test_unhealthy_runs_of_the_reference_flatter_the_variants(screen, unhealthy, reference, variant):
    loaded, results = screen
    runs = [
        dataclasses.replace(run, summary=run.summary | ({"verdict": "collapsed"} if run.variant in unhealthy else {}))
        for run in loaded.runs
    ]
    text = " ".join(limitations.limitations(dataclasses.replace(loaded, runs=runs), results))
    assert ("Without them their variant would look better" in text) == variant
    assert ("the other variants look better here than they may be" in text) == reference


def test_many_variants_are_grouped_by_capability(screen):
    loaded, results = screen
    lines = [line for line in results.variants if not line.reference]
    written = sentences._by_capability(loaded, results, lines, undecided_effects(loaded, results))
    assert [pieces[0] for pieces in written] == [sentences.Strong(c.capitalize()) for c in results.capabilities]
    text = sentences.plain_text(written)
    assert "Order: 3 of 4 variants score higher than baseline: ld_only (+" in text
    assert "Motion: " in text and "1 of 4 variants lean lower than baseline: fwm (" in text
    assert "1 shows no clear difference" in text


def test_equal_differences_have_no_sentence_and_no_mark(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    base = {(r.seed, r.benchmark): r.score for r in RowStore(folder) if r.variant == "baseline"}
    rows = [r for r in RowStore(folder) if r.variant in ("baseline", "ld") and r.control is None]
    shifted = [
        r if r.variant == "baseline" else r.model_copy(update={"score": base[r.seed, r.benchmark] + 5}) for r in rows
    ]
    (folder / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in shifted))
    loaded = load(folder)
    results = collect_results(loaded)
    text = sentences.plain_text(sentences.answer(loaded, results))
    assert "ld shows no clear difference from baseline on any capability." in text and "exclude" not in text
    assert {cell.direction for line in results.variants for cell in line.cells} == {"unclear"}
    assert any("4 comparisons have equal differences" in line for line in limitations.limitations(loaded, results))


def test_pages_without_effects_rarely_have_a_sentence(make_results):
    pages = [make_results(np.random.default_rng(page)) for page in range(60)]
    texts = [sentences.plain_text(sentences.answer(*page) + sentences.against_random(page[1])) for page in pages]
    found = sum(re.search(r"scores (higher|lower)|only [a-e]\b", text) is not None for text in texts)
    leaning = sum("leans" in text for text in texts)
    assert found <= 8 and leaning > 25, "5 % of 60 pages are 3; single intervals lean on most pages"


@pytest.fixture
def make_results():
    def make(rng):
        columns = [
            Column("world", name, "p", "top1", name, name, 100, 8, "b", "p") for name in ("looks", "motion", "order")
        ]
        names = ["baseline", "a", "b", "c", "d", "e", "random-init encoder"]
        lines = [
            Line(
                name,
                control="random_init" if name.startswith("random") else None,
                reference=name == "baseline",
                cells=[Cell({s: float(v) for s, v in enumerate(rng.normal(50, 1, 3))}) for _ in columns],
            )
            for name in names
        ]
        results = Results(columns, lines, [c.capability for c in columns], {}, {}, [])
        results.pooled = _pool(results, lines[0], lines[1:6])
        results.pooled_over_random = _pool(results, lines[6], lines[:6])
        return Study(name="null", variants=names[:6], reference="baseline", seeds=[0, 1, 2]), results

    return make


@pytest.mark.parametrize(("unhealthy", "expected"), [(("baseline",), True), (("ld",), False), ((), False)])
def test_the_answer_names_an_unhealthy_reference(screen, unhealthy, expected):
    loaded, results = screen
    runs = [
        dataclasses.replace(
            run, summary=run.summary | {"verdict": "shrinking" if run.variant in unhealthy else "healthy"}
        )
        for run in loaded.runs
    ]
    text = sentences.plain_text(sentences.answer(dataclasses.replace(loaded, runs=runs), results))
    assert ("3 of 3 runs of the reference baseline shrank or collapsed" in text) is expected
