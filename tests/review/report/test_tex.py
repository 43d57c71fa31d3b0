"""The report as LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from markupsafe import Markup

from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Work
from auxjepa_review.report import tex
from auxjepa_review.report.blocks import Bullets, Code, Fold, Grid, Picture, Prose, Section
from auxjepa_review.report.contents import sections

HOSTILE = r"% & _ # $ { } ~ ^ \ | < > [x] * ` “q” ≤ é 中 � \input{/etc/passwd} \write18{rm} ^^5c"


def compile_text(folder: Path, text: str) -> str:
    """Compile a document, which must succeed, and return LaTeX's output."""
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex isn't installed")
    (folder / "a.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert finished.returncode == 0 and (folder / "a.pdf").exists(), finished.stdout[-1500:]
    return finished.stdout


def test_every_sign_with_a_meaning_is_escaped() -> None:
    assert tex.escape("% & _ # $ { }") == r"\% \& \_ \# \$ \{ \}"
    assert tex.escape("~ ^ \\") == r"\textasciitilde{} \textasciicircum{} \textbackslash{}"
    commands = set(re.findall(r"\\[A-Za-z]+", tex.escape(HOSTILE)))
    assert commands <= {"\\textbackslash", "\\textasciitilde", "\\textasciicircum", "\\leq"}
    assert tex.escape("a\n\nb") == "a b" and tex.escape("中") == "?" and tex.escape("é") == "é"


def test_code_is_set_as_code_and_escaped() -> None:
    assert tex.format_code("run `a_b` now") == r"run \texttt{a\_b} now"


def test_hostile_blocks_compile(tmp_path: Path, outcome: Outcome) -> None:
    rows = (("[Retracted] " + HOSTILE, HOSTILE), ("[2cm]", "*"), ("*", HOSTILE))
    blocks = (
        Prose(HOSTILE, lead=True),
        Bullets(("[one] " + HOSTILE, HOSTILE)),
        Code(HOSTILE),
        Grid(("[a]", HOSTILE), rows, HOSTILE),
        Picture(Markup("<svg/>"), HOSTILE, "- one\n- two \\*\n\n| a |\n|---|\n| b |"),
        Fold("f", HOSTILE, "not found", (Prose("x"),)),
    )
    changed = outcome.model_copy(update={"question": HOSTILE})
    compile_text(tmp_path, tex.render(changed, [Section("results", HOSTILE, blocks)]))


def test_a_complete_review_compiles(tmp_path: Path, outcome: Outcome) -> None:
    compile_text(tmp_path, tex.render(outcome, sections(outcome)))


def test_a_review_of_nothing_compiles(tmp_path: Path, empty: Outcome) -> None:
    compile_text(tmp_path, tex.render(empty, sections(empty)))


def test_rows_and_items_that_begin_with_a_bracket_are_no_arguments() -> None:
    table = tex.write_block(Grid(("a", "b"), (("x", "y"), ("[1cm]", "z")), "c"))
    assert "\n[" not in table and "\n{}[1cm] & z" in table
    assert "\\item {}[one]" in tex.write_block(Bullets(("[one]",)))


def test_a_picture_is_its_sentences() -> None:
    text = tex.write_block(
        Picture(Markup("<svg/>"), "c", "- 4 found.\n- a\\_b is c.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    )
    assert text.splitlines() == ["\\begin{itemize}", "\\item {}4 found.", "\\item {}a\\_b is c.", "\\end{itemize}"]


def test_keys_of_bibtex_are_unique(outcome: Outcome) -> None:
    work = Work(title="T {x} \\y", authors=("A B", "C D"), year=2026, doi="10.1/x_y", arxiv="2605.1")
    ids = ("a b", "a_b", "a-b", "中", "文", "work", "a-b-2")
    documents = tuple(Document(id=i, work=work, pages=("x",)) for i in ids)
    text = tex.bib(outcome.model_copy(update={"documents": documents}))
    keys = re.findall(r"@misc\{([^,]+),", text)
    assert len(keys) == len(set(keys)) == len(ids) and all(re.fullmatch(r"[A-Za-z0-9-]+", k) for k in keys)
    assert "author = {A B and C D}" in text and r"10.1/x\_y" in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
