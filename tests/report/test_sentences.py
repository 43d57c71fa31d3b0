from __future__ import annotations

import dataclasses
import shutil

import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.registration import Hypothesis
from auxjepa.evidence.decisions.verdicts import Verdict
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import sentences
from auxjepa.report.exploration import unregistered_results
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
    assert "fwm scores lower than baseline on motion (−" in text
    assert "on appearance and order there is no clear difference" in text
    assert "3 seeds can screen but not confirm" in sentences.permission(*screen)


def test_the_answer_gives_the_number_of_seeds(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    rows = [r for r in RowStore(folder) if not (r.variant == "ld" and r.seed == 1)]
    (folder / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in rows))
    loaded = load(folder)
    results = collect_results(loaded)
    assert sentences.answer(loaded, results)[0] == ["This is a screen on 2 to 3 seeds and not a confirmation:"]
    assert any(
        "some seeds are missing for ld on world_appearance" in line for line in sentences.limitations(loaded, results)
    )


def test_random_init_is_part_of_the_answer(screen):
    text = sentences.plain_text(sentences.against_random(screen[1]))
    assert "lower on order (−" in text
    assert "On order only ld, ld_only and fwm_hw_ld screen above random init." in text


def test_a_confirmation_decides_its_hypotheses_and_explores_everything_else(tmp_path, write_study):
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    loaded = load(folder)
    results = collect_results(loaded)
    text = sentences.plain_text(sentences.answer(loaded, results))
    assert text.startswith("Beyond the hypotheses this is an exploration on 10 seeds and not a claim: ld scores higher")
    assert "at 0.05 after Holm over all of them" in sentences.permission(loaded, results)
    # Two hypotheses are about ld on order and fwm on appearance. Motion has a second benchmark, so fwm stays there.
    exploration = {name: text.partition(f" {name} scores ")[2].partition(". ")[0] for name in ("ld", "fwm", "ld_only")}
    assert "order" not in exploration["ld"] and "appearance" in exploration["ld"]
    assert "appearance" not in exploration["fwm"] and "motion" in exploration["fwm"]
    assert "order" in exploration["ld_only"] and "appearance" in exploration["ld_only"]


def test_registered_comparisons_are_no_exploration(screen):
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
    left = unregistered_results(registered, results).pooled
    assert {variant for variant, _ in left} == {"ld_only", "fwm_hw_ld"}
    lines = [line for line in results.lines if line.name in ("ld", "fwm")]
    assert sentences._by_capability(registered, dataclasses.replace(results, pooled={}), lines) == []


def test_a_confirmation_without_registration_is_a_screen(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=10, steps=4, phase="confirm"))
    results = collect_results(loaded)
    assert sentences.answer(loaded, results)[0] == ["This is a screen on 10 seeds and not a confirmation:"]
    assert not any(cell.decided for line in results.lines for cell in line.cells)


def test_a_screen_with_many_seeds_makes_no_claim(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=8, steps=4))
    results = collect_results(loaded)
    assert "makes no claim until new seeds confirm it" in sentences.permission(loaded, results)
    assert {c.verdict.word for line in results.variants for c in line.cells if c.verdict} == {"not testable"}


def test_the_sentence_of_the_study_is_filled_in(tmp_path, write_study):
    loaded = load(write_study(tmp_path, steps=4, answer_template="LD moves order by {ld.order}; {un.known} stays."))
    text = sentences.answer(loaded, collect_results(loaded))[0][0]
    assert text.startswith("LD moves order by +2") and text.endswith("{un.known} stays.")


def test_only_limitations_that_apply_are_listed(screen, tmp_path):
    text = " ".join(sentences.limitations(*screen))
    assert "A laptop study: 700 steps" in text
    assert "about 1 would exclude zero by chance" in text
    assert "With 3 seeds the t interval" in text
    assert "these results say nothing about natural video" in text
    assert "0.18 M parameters and are trained for 60 steps" in text
    assert "No control" not in text and "collapsed" not in text and "validation" not in text
    bare = load(tmp_path)
    assert sentences.limitations(bare, collect_results(bare)) == [
        "No control was scored, so a variant above the reference may still be below an untrained encoder."
    ]


def test_many_variants_are_grouped_by_capability(screen):
    loaded, results = screen
    lines = [line for line in results.variants if not line.reference]
    written = sentences._by_capability(loaded, results, lines)
    assert [pieces[0] for pieces in written] == [sentences.Strong(c.capitalize()) for c in results.capabilities]
    text = sentences.plain_text(written)
    assert "Order: 3 of 4 variants score higher than baseline: ld_only (+" in text
    assert "Motion: " in text and "1 of 4 variants score lower than baseline: fwm (" in text
    assert "1 shows no clear difference" in text
