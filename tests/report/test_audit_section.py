from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build
from auxjepa.report.audit_section import _row, audit_contents, heat_map

EVIL = '<script>alert("x")</script>'


def term(name: str, blocks: tuple[float, ...], predictor: float = 0.0, heads: float | None = None, **more) -> dict:
    cells = dict(zip(("embed", "block 0", "block 1", "norms"), blocks, strict=True))
    student = sum(b**2 for b in blocks) ** 0.5
    base = {"name": name, "weight": 1.0, "off": 0.0, "value": 0.9, "share": 0.5, "student": student, "levels": [1.0]}
    cost = {"forward_ms": 1.25, "backward_ms": 2.0, "memory_mb": 12.4, "cosine": {"prediction": -0.25}, "spread": None}
    return {**base, **cost, "blocks": cells, "predictor": predictor, "heads": heads, **more}


def audit(variant: str = "fwm_hw_ld_released") -> dict:
    spread = {"max_over_mean": 1.04, "top_tenth": 0.1, "effective": 1.0}
    terms = [
        term("prediction", (0.3, 0.2, 0.1, 0.01), 1.3, cosine={}),
        term("static_appearance", (0.02, 0.01, 0.0, 0.0), spread=spread),
        term("latent_dynamics", (0.0, 0.0, 0.0, 0.0), heads=0.0, cosine={"prediction": None}),
    ]
    finding = {
        "number": 1,
        "title": "a term without gradient",
        "message": "latent_dynamics reaches nothing",
        "terms": [],
    }
    return {"variant": variant, "checkpoint": "runs/x", "step": 700, "terms": terms, "findings": [finding]}


@pytest.fixture
def folder(study: Path, tmp_path: Path) -> Path:
    shutil.copytree(study, tmp_path / "study")
    return tmp_path / "study"


def test_audits_of_a_study_and_of_its_runs_are_read_and_damaged_audits_are_noted(folder: Path) -> None:
    (folder / "audit-b.json").write_text(json.dumps(audit("b")))
    run = next((folder / "runs").iterdir())
    (run / "audit.json").write_text(json.dumps(audit("c") | {"checkpoint": None}))
    (folder / "audit-broken.json").write_text("{")
    (folder / "audit-empty.json").write_text("[]")
    study = load(folder)
    contents = audit_contents(study.audits)
    assert [a.title for a in contents] == ["b, after step 700", "c, at initialisation"]
    assert study.notes == ["audit-broken.json: cannot be read (JSONDecodeError)", "audit-empty.json: contains no terms"]
    assert contents[0].findings == ["Finding 1, a term without gradient: latent_dynamics reaches nothing."]


def test_the_heat_map_has_cells_and_a_description() -> None:
    svg = str(heat_map(audit()["terms"], "v", "n"))
    assert svg.count('class="heat"') == 4 + 1 + 2  # prediction (and predictor), static_appearance
    assert svg.count('class="untouched"') == 3 and svg.count('class="dead"') == 1
    assert "no gradient at any trainable parameter" in svg
    words = svg.split("<desc")[1].split("</desc>")[0]
    assert "prediction: student 0.37, predictor 1.3" in words and "latent_dynamics: no gradient" in words


def test_darker_is_larger() -> None:
    svg = str(heat_map([term("a", (1.0, 0.1, 0.01, 0.001))], "v", "n"))
    strength = [float(part.split('"')[1]) for part in svg.split("fill-opacity=")[1:]]
    assert strength[:4] == sorted(strength[:4], reverse=True) and strength[0] == 0.9 and strength[3] == 0.12


def test_numbers_of_a_term() -> None:
    assert _row(audit()["terms"][1]) == ["static_appearance", "1", "0 %", "0.9", "50 %", "−0.25", "1.04", "3.2", "12"]
    assert _row({"name": "x"}) == ["x", *["–"] * 8]


def test_the_page_has_the_section_only_with_an_audit(folder: Path) -> None:
    assert 'id="audit"' not in build(folder).read_text()
    (folder / "audit.json").write_text(json.dumps(audit()))
    page = build(folder).read_text()
    assert page.count('id="audit"') == 1 and '<a href="#audit">Audit</a>' in page
    assert page.index('id="grade"') < page.index('id="audit"') < page.index('id="training"')
    assert "latent_dynamics reaches nothing." in page and 'aria-labelledby="audit-0-t audit-0-d"' in page


def test_texts_of_an_audit_are_escaped(folder: Path) -> None:
    evil = audit(EVIL)
    evil["terms"][0]["name"] = evil["findings"][0]["message"] = EVIL
    evil["terms"][0]["blocks"] = {EVIL: 1.0}
    (folder / "audit.json").write_text(json.dumps(evil))
    text = build(folder).read_text()
    assert text.count("<script>") == 1 and "&lt;script&gt;" in text


def test_wrong_types_in_an_audit_do_not_stop_the_report(folder: Path) -> None:
    nonsense = {"terms": [{"name": None, "blocks": 3, "predictor": "x", "heads": True, "spread": [], "cosine": 1}]}
    (folder / "audit.json").write_text(json.dumps(nonsense | {"findings": 7}))
    assert "variant, at initialisation" in build(folder).read_text()
