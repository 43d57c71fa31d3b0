"""Folders and files become documents. Files that cannot be read are refused in a line, and links are not followed."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from auxjepa_review.reading.corpus import Corpus, read_corpus, read_file
from auxjepa_review.reading.limits import Limits, UnreadableError
from auxjepa_review.records import Work

PAPER = """# On Motion in Video

Ada Writer, Ben Reader*

June 12, 2026 doi:10.1000/AB.1

## Abstract

It gains 5.92 points. See https://arxiv.org/abs/2605.17165v1 and https://doi.org/10.1000/cd(2).
"""


def reasons(corpus: Corpus) -> dict[str, str]:
    return {refused.path.name: refused.reason for refused in corpus.refused}


def test_a_folder_is_read_with_its_subfolders(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "b.md").write_text(PAPER)
    (tmp_path / "deep" / "er" / "a.txt").write_text("On Rest\n\nIt is fine.\n")
    (tmp_path / "deep" / "page.html").write_text("<html><body><h1>On Pages</h1><p>So it is.</p></body></html>")
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / ".hidden.md").write_text("no")
    lines: list[str] = []
    corpus = read_corpus([tmp_path], progress=lambda number, total, path: lines.append(f"{number}/{total} {path.name}"))
    assert [document.id for document in corpus.documents] == ["b", "a", "page"]
    assert [document.work.title for document in corpus.documents] == ["On Motion in Video", "On Rest", "On Pages"]
    assert corpus.refused == ()
    assert lines == ["0/3 b.md", "1/3 a.txt", "2/3 page.html"]
    assert corpus == read_corpus([tmp_path, tmp_path / "b.md"])


def test_the_front_matter_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAPER)
    (document,) = read_corpus([tmp_path / "a.md"]).documents
    work = document.work
    assert (work.authors, work.year, work.date, work.doi) == (
        ("Ada Writer", "Ben Reader"),
        2026,
        "2026-06-12",
        "10.1000/ab.1",
    )
    assert work.file == tmp_path / "a.md"
    assert work.arxiv == ""
    assert document.references == ("arxiv:2605.17165", "doi:10.1000/cd(2)")


def test_a_title_may_take_two_lines_and_a_date_may_lack_its_day(tmp_path: Path) -> None:
    title = "Latent Dynamics for Video:\nan empirical study of objectives\n"
    head = title + "Jane Q. Doe1, Max van Dyck2\n1University\n\nMay 2026\n"
    (tmp_path / "a.txt").write_text(head + "\nAbstract\n\nIt moves, since 1999.\n")
    (document,) = read_corpus([tmp_path]).documents
    work = document.work
    assert work.title == "Latent Dynamics for Video: an empirical study of objectives"
    assert (work.authors, work.year, work.date) == (("Jane Q. Doe", "Max van Dyck"), 2026, "")


def test_an_arxiv_id_is_read_from_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "2605.17165v2.txt").write_text("Abstract\n\nIt moves.\n")
    (document,) = read_corpus([tmp_path]).documents
    assert (document.id, document.work.arxiv, document.work.title) == ("2605.17165v2", "2605.17165", "2605.17165v2")


def test_ids_are_unique(tmp_path: Path) -> None:
    for name in ("a.md", "a.txt", "b/a.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Words of {name}\n")
    ids = [document.id for document in read_corpus([tmp_path]).documents]
    assert len(set(ids)) == 4
    (tmp_path / "b" / "a.txt").unlink()
    assert [document.id for document in read_corpus([tmp_path]).documents] == ["a.md", "a.txt", "c.txt"]


def test_files_that_are_no_documents_are_refused_in_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.md").write_text(" \n\t\n")
    (tmp_path / "binary.txt").write_bytes(b"ab\0cd" * 100)
    (tmp_path / "large.txt").write_text("word " * 3000)
    (tmp_path / "pages.txt").write_text("page\f" * 12)
    (tmp_path / "same1.txt").write_text("the same")
    (tmp_path / "same2.txt").write_text("the same")
    with zipfile.ZipFile(tmp_path / "archive.txt", "w") as archive:
        archive.writestr("../../outside.txt", "never")
    (tmp_path / "bomb.html").write_text('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "&a;&a;">]><l>&a;</l>')
    corpus = read_corpus([tmp_path, tmp_path / "nowhere"], limits=Limits(bytes=10_000, pages=10))
    assert [document.id for document in corpus.documents] == ["same1"]
    assert reasons(corpus) == {
        "empty.txt": "empty",
        "blank.md": "no text in it",
        "binary.txt": "binary data, no text",
        "large.txt": "15000 bytes, at most 10000 are read",
        "pages.txt": "12 pages, 48 characters: at most 10 and 8000000 are read",
        "same2.txt": f"the same bytes as {tmp_path / 'same1.txt'}",
        "archive.txt": "a zip archive (or an office file): archives aren't unpacked",
        "bomb.html": "XML that isn't a web page: its schema isn't known here",
        "nowhere": "no such file or folder",
    }
    assert not (tmp_path.parent.parent / "outside.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "corpus"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("secret words")
    (inside / "a.txt").write_text("fine words")
    (inside / "again.txt").symlink_to(inside / "a.txt")
    (inside / "out.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "round.txt").symlink_to(inside / "round.txt")
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe.txt")
    corpus = read_corpus([inside])
    assert [document.id for document in corpus.documents] == ["a"]
    assert set(reasons(corpus)) == {"out.txt", "round.txt", "pipe.txt"}
    assert reasons(corpus)["out.txt"] == "a link that leads out of the folder"
    assert reasons(corpus)["pipe.txt"] == "no regular file"


def test_folders_have_bounds(tmp_path: Path) -> None:
    for i in range(6):
        (tmp_path / f"{i}.txt").write_text(f"words {i}")
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "x.txt").write_text("deep words")
    few = read_corpus([tmp_path], limits=Limits(files=4))
    assert len(few.documents) == 4
    assert reasons(few) == {tmp_path.name: "holds more than 4 files, the rest isn't read"}
    shallow = read_corpus([tmp_path], limits=Limits(depth=1))
    assert len(shallow.documents) == 6
    assert reasons(shallow) == {"d": "folders more than 1 deep aren't read"}


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow.sh").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "slow.sh").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "slow.sh"))  # a real child may be faster than a busy parent
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.html").write_text("<html><p>words</p></html>")
    assert reasons(read_corpus([tmp_path / "own"], limits=Limits(seconds=0.1))) == {
        "a.html": "took longer than 0.1 s to read"
    }


def test_a_document_is_looked_up_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words of a")
    corpus = read_corpus([tmp_path])
    assert corpus.document("a") is corpus.documents[0]
    with pytest.raises(KeyError):
        corpus.document("b")


def test_a_download_keeps_the_record_of_its_work(tmp_path: Path) -> None:
    file, work = tmp_path / "text.md", Work(title="Known before", doi="10.1/x")
    file.write_text(PAPER)
    document = read_file(file, "doi:10.1/x", work)
    assert document.id == "doi:10.1/x" and document.work == work and "arxiv:2605.17165" in document.references
    file.write_text("")
    with pytest.raises(UnreadableError, match="empty"):
        read_file(file, "it", work)


@pytest.mark.skipif(sys.platform != "linux", reason="names that aren't UTF-8 exist on Linux only")
def test_names_that_cannot_be_printed_are_refused_and_other_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "good\u202fname.md").write_text(PAPER)
    for name in (b"bad\xff.md", b"red\x1b[31m.md", b"two\nlines.md"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(PAPER)
    corpus = read_corpus([tmp_path])
    assert [d.id for d in corpus.documents] == ["good\u202fname"]
    assert set(reasons(corpus)) == {"bad?.md", "red?[31m.md", "two?lines.md"}
    assert all("rename it" in reason for reason in reasons(corpus).values()) and corpus.model_dump_json()
