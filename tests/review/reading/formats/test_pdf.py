"""PDF: columns, tables, ligatures and marks; and hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pypdfium2")

from auxjepa_review.reading.corpus import Corpus, read_corpus
from auxjepa_review.reading.formats.pdf import read
from auxjepa_review.reading.limits import Limits
from written_pdf import Set, column, ligated, mark, objects, stream, write_objects, write_pdf

SMALL = Limits(memory=256 << 20, cpu_seconds=5, seconds=30)


def lines(side: str, count: int = 20) -> list[str]:
    return [f"{side}{i:02d} frozen features of a linear probe, each" for i in range(count)]


def reason_of(path: Path, limits: Limits = SMALL) -> str:
    corpus: Corpus = read_corpus([path], limits=limits)
    assert not corpus.documents
    return corpus.refused[0].reason


def test_text_across_columns_is_read_first_and_then_one_column_after_the_other(tmp_path: Path) -> None:
    both = [
        piece for pair in zip(column(lines("L"), 50, 700), column(lines("R"), 310, 700), strict=True) for piece in pair
    ]
    head = [Set(80, 780, "Two Columns and a Fine Title", 18), Set(200, 755, "Ada Writer, Ben Reader", 11)]
    stamp = Set(20, 300, "arXiv:2601.01234v2 [cs.CV] 5 Jan 2026", 14, turned=True)
    (document,) = read_corpus([write_pdf(tmp_path / "a.pdf", [[*head, *both, stamp]])]).documents
    read_in_order = [line[:3] for line in document.pages[0].split("\n") if line[:1] in "LR" and line[1:3].isdigit()]
    assert read_in_order == [line[:3] for line in lines("L") + lines("R")]
    work = document.work
    assert (work.title, work.authors, work.arxiv) == (
        "Two Columns and a Fine Title",
        ("Ada Writer", "Ben Reader"),
        "2601.01234",
    )


def test_a_table_of_claims_with_marks_on_the_first_line_of_a_row(tmp_path: Path) -> None:
    page = [Set(50, 700, "5 Extracted Claims", 12), Set(50, 670, "Claim"), Set(420, 670, ligated("Verified"))]
    page += [Set(480, 670, ligated("Confidence")), Set(50, 650, "Motion-Guided Masking gains 0.30 points.")]
    page += [
        mark(430, 650, True),
        Set(490, 650, "0.17"),
        Set(50, 638, ligated("Kinematic variants lose 2.5–2.9 points,")),
    ]
    page += [mark(430, 638, False), Set(490, 638, "0.12"), Set(50, 626, ligated("and the fixed ones too."))]
    page += [Set(50, 614, "FWM-HW-LD gains +5.92 points."), mark(430, 614, True), Set(490, 614, "0.35")]
    page += [Set(50, 580, "References", 12), Set(50, 560, "arXiv:2605.17165v1")]
    (document,) = read_corpus([write_pdf(tmp_path / "a.pdf", [page])]).documents
    assert [(row.text, row.verified, row.confidence) for row in document.rows] == [
        ("Motion-Guided Masking gains 0.30 points.", True, 0.17),
        ("Kinematic variants lose 2.5–2.9 points, and the fixed ones too.", False, 0.12),
        ("FWM-HW-LD gains +5.92 points.", True, 0.35),
    ]
    assert document.references == ("arxiv:2605.17165",)
    assert document.work.arxiv == ""


@pytest.mark.parametrize("mapped", [True, False])
def test_ligatures_are_restored_with_and_without_the_fonts_mapping(tmp_path: Path, mapped: bool) -> None:
    sentences = ["The verified coefficients reflect fine-grained motion by 2.5–2.9 points, and auxil-", "iary terms."]
    (document,) = read_corpus(
        [write_pdf(tmp_path / "a.pdf", [column(list(map(ligated, sentences)), 50, 700)], mapped=mapped)]
    ).documents
    assert " ".join(document.text.split()) == (
        "The verified coefficients reflect fine-grained motion by 2.5–2.9 points, and auxiliary terms."
    )


def test_metadata_of_the_file_is_used_if_the_page_has_none(tmp_path: Path) -> None:
    about = {"Title": "On Motion", "Author": "Ada Writer", "CreationDate": "D:20260612093000Z"}
    file = write_pdf(tmp_path / "a.pdf", [column(lines("L"), 50, 700), column(lines("M"), 50, 700)], about=about)
    raw = read(file, 10)
    assert (raw.title, raw.authors, raw.date, len(raw.pages)) == ("On Motion", ["Ada Writer"], "2026-06-12", 2)


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    parts, _ = objects([column(lines("L", 1), 50, 700)])
    parts[2] = f"<< /Type /Pages /Count 10000 /Kids [{'10 0 R ' * 10000}] >>".encode()
    assert reason_of(write_objects(tmp_path / "a.pdf", parts)) == "has 10000 pages, at most 1000 are read"


def test_a_stream_that_grows_beyond_memory_is_refused(tmp_path: Path) -> None:
    parts, _ = objects([column(lines("L", 1), 50, 700)])
    parts[11] = stream(b" " * (320 << 20), deflate=True)
    assert "memory" in reason_of(write_objects(tmp_path / "a.pdf", parts)) or "died" in reason_of(tmp_path / "a.pdf")


def test_a_page_tree_that_contains_itself_is_refused(tmp_path: Path) -> None:
    parts, _ = objects([column(lines("L", 1), 50, 700)])
    parts[2] = b"<< /Type /Pages /Count 3 /Kids [2 0 R 2 0 R 10 0 R] /Parent 2 0 R >>"
    corpus = read_corpus([write_objects(tmp_path / "a.pdf", parts)], limits=SMALL)
    assert len(corpus.documents) + len(corpus.refused) == 1


def test_scripts_and_launches_are_never_run(tmp_path: Path) -> None:
    parts, _ = objects([column(lines("L", 3), 50, 700)])
    parts[1] = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (/bin/touch) /Win << /F (x) >> >> >>"
    parts[9] = b"<< /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\)) >>"
    (document,) = read_corpus([write_objects(tmp_path / "a.pdf", parts)]).documents
    assert document.text.startswith("L00 frozen features")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\n" + b"\0\xff" * 500, "damaged: PDFium can't open it"),
        (b"%PDF-1.7\n", "damaged: PDFium can't open it"),
        (b"no pdf at all", "named .pdf, but there is no PDF header in it"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    assert reason_of(tmp_path / "a.pdf") == reason


def test_pictures_of_pages_hold_no_text(tmp_path: Path) -> None:
    assert reason_of(write_pdf(tmp_path / "a.pdf", [[], []])) == "no text on 2 pages: scanned pictures, perhaps"
