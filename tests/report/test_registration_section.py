"""Registration, hypotheses and claims: report.md says what report.html says, whether the study decides or not."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.decisions import registration
from auxjepa.evidence.decisions.registration import Rule
from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import limitations, registration_section, sentences
from auxjepa.report.html import render
from auxjepa.report.markdown import markdown
from written_study import register

TAGS = re.compile(r"<[^>]+>")
BLOCKS = re.compile(r"<(p|li|h3)\b[^>]*>(.*?)</\1>", re.DOTALL)
TABLE = re.compile(r'<table class="sortable worded".*?</table>', re.DOTALL)
CELLS = re.compile(r'<(?:th scope="row"|td)[^>]*>(.*?)</t[hd]>', re.DOTALL)
ONLY_ON_THE_PAGE = "Brackets are 95 % t intervals"
"""Part of the paragraph that explains the numbers of the page."""
FEW = ("baseline", "ld", "fwm", "random_init")


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    folder = write_study(tmp_path_factory.mktemp("registered"), seeds=10, steps=2)
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(line for line in lines if json.loads(line)["variant"] in FEW))
    shutil.rmtree(folder / "runs")
    for name in ("samples.npz", "features.npz"):
        (folder / name).unlink()
    register(folder)
    return folder


@pytest.mark.parametrize("kind", ["complete", "incomplete", "edited", "screen"])
def test_both_forms_say_the_same(registered: Path, tmp_path: Path, kind: str) -> None:
    folder = shutil.copytree(registered, tmp_path / "s")
    _change(folder, kind)
    evidence = collect_evidence(folder)
    page, text = render(evidence), markdown(evidence)
    for name in ("answer", "hypotheses", "claims"):
        on_page, in_text = _page_section(page, name), _text_section(text, name.capitalize())
        assert on_page == in_text, (kind, name)
    claims = " ".join(_page_section(page, "claims")[0])
    assert ("39 not testable" in claims) == (kind != "complete")
    assert ("Only comparisons that are registered hypotheses are decided" in claims) == (
        kind in ("complete", "incomplete")
    )
    assert ("Nothing is decided" in page) == ("Nothing is decided" in text) == (kind in ("edited", "screen"))


def test_the_registered_correction_is_named(registered: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(registered, tmp_path / "s")
    filed = registration.read(folder)
    assert filed is not None
    changed = filed.registration.model_copy(update={"rule": Rule(correction="benjamini_hochberg"), "hypotheses": ()})
    (folder / registration.FILE).write_text(json.dumps(registration.to_json(changed)))
    study = load(folder)
    assert study.registered is not None
    text = sentences.plain_text(registration_section.statement(study.registered))
    assert "corrected together (Benjamini and Hochberg, alpha 0.05)" in text
    permission = limitations.permission(study, collect_results(study))
    assert "at 0.05 after Benjamini and Hochberg over all of them" in permission


def _change(folder: Path, kind: str) -> None:
    settings, path = folder / "study.yaml", folder / registration.FILE
    if kind == "incomplete":
        lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
        (folder / "rows.jsonl").write_text("".join(line for line in lines if json.loads(line)["seed"] < 8))
    elif kind == "edited":
        path.write_text(path.read_text().replace('"margin": 2.0', '"margin": 9.0'))
    elif kind == "screen":
        settings.write_text(settings.read_text().replace("phase: confirm", "phase: screen"))


def _page_section(page: str, name: str) -> tuple[list[str], list[list[str]]]:
    """Return the paragraphs and the table of a section of report.html."""
    section = page.partition(f'<section id="{name}"')[2].partition("</section>")[0]
    section = section.partition('<aside class="missing" aria-labelledby="missing-h">')[0]
    bare = TABLE.sub("", section)
    paragraphs = [_plain(match[2]) for match in BLOCKS.finditer(bare)]
    rows = [[_plain(cell[1]) for cell in CELLS.finditer(row)] for row in section.split("<tr ")[1:]]
    return [p for p in paragraphs if p and ONLY_ON_THE_PAGE not in p], rows


def _text_section(text: str, title: str) -> tuple[list[str], list[list[str]]]:
    """Return the paragraphs and the table of a section of report.md."""
    section = f"\n{text}".partition(f"\n## {title}\n")[2].partition("\n## ")[0].replace("**", "")
    section = re.sub(r"\\(.)", r"\1", section)
    lines = [html.unescape(line) for line in section.splitlines() if line]
    rows = [line[2:-2].split(" | ") for line in lines if line.startswith("| ")][2:]
    paragraphs = [line.removeprefix("### ").removeprefix("- ") for line in lines if not line.startswith("| ")]
    return [" ".join(p.split()) for p in paragraphs], [[" ".join(cell.split()) for cell in row] for row in rows]


def _plain(markup: str) -> str:
    return " ".join(html.unescape(TAGS.sub("", markup)).split())
