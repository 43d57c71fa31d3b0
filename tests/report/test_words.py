from __future__ import annotations

import shutil

import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import words
from auxjepa.report.results import collect
from auxjepa.rows import RowStore
from written_study import register


@pytest.fixture(scope="module")
def screen(study):
    loaded = load(study)
    return loaded, collect(loaded)


def test_the_answer_of_a_screen(screen):
    text = words.plain(words.answer(*screen))
    assert text.startswith("As a screen on 3 seeds, not a confirmation: ld scores higher than baseline on order (+2")
    assert "fwm scores lower than baseline on motion (−" in text
    assert "on appearance and order the two are not told apart" in text
    assert "3 seeds can screen, not confirm" in words.permission(*screen)


def test_the_answer_tells_how_many_seeds_there_are(study, tmp_path):
    folder = shutil.copytree(study, tmp_path / "s")
    rows = [r for r in RowStore(folder) if not (r.variant == "ld" and r.seed == 1)]
    (folder / "rows.jsonl").write_text("".join(r.model_dump_json() + "\n" for r in rows))
    loaded = load(folder)
    results = collect(loaded)
    assert words.answer(loaded, results)[0] == ["As a screen on 2 to 3 seeds, not a confirmation:"]
    assert any("some are missing for ld on world_appearance" in line for line in words.limitations(loaded, results))


def test_random_init_is_part_of_the_answer(screen):
    text = words.plain(words.against_random(*screen))
    assert "the reference baseline is below it on order (−" in text
    assert "On order only ld, ld_only and fwm_hw_ld screen above random init." in text


def test_a_confirmation_decides_its_hypotheses_and_explores_the_rest(tmp_path, write_study):
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    loaded = load(folder)
    results = collect(loaded)
    text = words.plain(words.answer(loaded, results))
    assert text.startswith("Beyond the hypotheses, explored on 10 seeds and not claimed: ld scores higher")
    assert "at 0.05 after Holm over all of them" in words.permission(loaded, results)
    ld, fwm = results.lines[1], results.lines[3]
    assert ld.cells[3].decided and ld.cells[3].verdict.word == "supported"
    # Not registered, however clear; and registered against another reference than the table's.
    assert not ld.cells[1].decided and ld.cells[1].verdict.word == "not testable"
    assert not fwm.cells[3].decided and not fwm.cells[2].decided


def test_a_confirmation_without_registration_is_told_as_a_screen(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=10, steps=4, phase="confirm"))
    results = collect(loaded)
    assert words.answer(loaded, results)[0] == ["As a screen on 10 seeds, not a confirmation:"]
    assert not any(cell.decided for line in results.lines for cell in line.cells)


def test_a_screen_with_many_seeds_still_claims_nothing(tmp_path, write_study):
    loaded = load(write_study(tmp_path, seeds=8, steps=4))
    results = collect(loaded)
    assert "claims nothing until fresh seeds confirm it" in words.permission(loaded, results)
    assert {c.verdict.word for line in results.variants for c in line.cells if c.verdict} == {"not testable"}


def test_the_studys_own_words_are_filled(tmp_path, write_study):
    loaded = load(write_study(tmp_path, steps=4, answer_template="LD moves order by {ld.order}; {no.thing} stays."))
    text = words.answer(loaded, collect(loaded))[0][0]
    assert text.startswith("LD moves order by +2") and text.endswith("{no.thing} stays.")


def test_limitations_are_those_that_apply(screen, tmp_path):
    text = " ".join(words.limitations(*screen))
    assert "A laptop study: 700 steps" in text
    assert "about 1 would leave out zero by chance" in text
    assert "With 3 seeds the t interval" in text
    assert "nothing here is about natural video" in text
    assert "0.18 M parameters and are trained for 60 steps" in text
    assert "No control" not in text and "collapsed" not in text and "validation" not in text
    bare = load(tmp_path)
    assert words.limitations(bare, collect(bare)) == [
        "No control was scored: a difference from the reference may still be below an untrained encoder."
    ]


def test_many_variants_are_told_by_capability(screen):
    loaded, results = screen
    lines = [line for line in results.variants if not line.reference]
    sentences = words._by_capability(loaded, results, lines)
    assert [sentence[0] for sentence in sentences] == [words.Strong(c.capitalize()) for c in results.capabilities]
    text = words.plain(sentences)
    assert "Order: 3 of 4 variants score higher than baseline: ld_only (+" in text
    assert "Motion: " in text and "1 of 4 variants score lower than baseline: fwm (" in text
    assert "1 are not told apart from it" in text


def test_small_words():
    assert [words.join(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [words.quantity(v) for v in (640, 4000, 170_000)] == ["640", "4,000", "0.17 M"]
