"""Registered hypotheses on the page and in sentences."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from auxjepa.evidence.decisions import registration
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build, hypotheses_section


def test_verdicts_on_planted_effects(confirmed: Path) -> None:
    outcomes = load(confirmed).outcomes
    assert [o.verdict.word for o in outcomes] == ["flagged", "refuted", "supported", "inconclusive"]
    table = hypotheses_section.rows(outcomes)
    assert all(len(row) == len(hypotheses_section.HEAD) for row in table)
    assert [row[5] == "–" for row in table] == [False, False, True, False]  # no sign-flip p of an equivalence
    text = " ".join("".join(s) for s in hypotheses_section.answer(outcomes))
    assert text.startswith("Of 4 registered hypotheses: 1 supported, 1 refuted, 1 flagged and 1 inconclusive.")
    assert "Flagged (the test is significant, but it does not decide the claim): ld is above baseline on" in text
    assert "): reference not above random init. Not decided: " in text
    assert "Refuted: fwm is above ld on world_order (−2" in text and text.count("Supported: ") == 1
    assert text.endswith("Not decided: fwm is above baseline on world_fine_motion.")


def test_the_page_begins_with_them(confirmed: Path) -> None:
    page = build(confirmed).read_text()
    assert page.index("Of 4 registered hypotheses") < page.index('id="hypotheses"') < page.index('id="results"')
    assert "<strong>No deviation</strong>" in page and load(confirmed).registered is not None
    assert 'id="hypothesis-ld-order"' in page and 'href="#hypothesis-ld-order"' in page
    text = (confirmed / "report.md").read_text()
    for part in ("registered hypotheses: 1 supported, 1 refuted, 1 flagged", "is not shown above random init"):
        assert part in text and part in page
    assert 'class="word-flagged"' in page.replace('" word', '"word') and "triangle: flagged" in page


def test_deviations_are_shown(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text(
        "".join(line for line in lines if '"fwm"' not in line or '"seed": 3' not in line)
    )
    page = build(folder).read_text()
    assert "Deviations from the registration" in page and "4 of 240 registered scores are missing" in page
    text = (folder / registration.FILE).read_text()
    (folder / registration.FILE).write_text(text.replace('"margin": 2.0', '"margin": 9.0'))
    page = build(folder).read_text()
    assert "edited after it was written" in page and "Nothing is decided: the registration was edited" in page
    assert {o.verdict.word for o in load(folder).outcomes} == {"not testable"}


def test_a_confirmation_without_registration_has_a_note(confirmed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(confirmed, tmp_path / "s")
    (folder / registration.FILE).unlink()
    page = build(folder).read_text()
    assert 'id="hypotheses"' not in page and "nothing shows that hypotheses came before results" in page
    (folder / registration.FILE).write_text(json.dumps({"hash": "x"}))
    assert "damaged, edited, or of another version" in build(folder).read_text()


def test_a_screen_has_none(study: Path) -> None:
    assert load(study).outcomes == [] and hypotheses_section.answer([]) == [] and hypotheses_section.figure([]) is None
