"""HTML, Markdown, text and their encodings; and the format of a file from its first bytes."""

from __future__ import annotations

import time

import pytest

from auxjepa_review.reading.formats import html, markdown, sniff, text

PAGE = """<!DOCTYPE html><html><head><title>On  Motion</title><meta charset="utf-8">
<meta name="citation_author" content="Ada Writer"><meta name="citation_doi" content="10.1000/ab.1">
<style>p { color: red }</style><script>document.write("never")</script></head>
<body onload="alert(1)"><h1>On Motion</h1><p>It gains <b>5.92</b>&nbsp;points &lt;on&gt; a
benchmark &#8211; <a href="https://arxiv.org/abs/2605.17165v1">as said</a>.<br>Next line.</p>
<noscript>never</noscript><svg><text>never</text></svg><template>never</template>
<table><tr><th>Claim</th><th>Verified</th><th>Confidence</th></tr>
<tr><td><p>It gains
5.92 points.</p></td><td>✓</td><td>0.35</td></tr><tr><td>No.<td>×<td>0.1</table>
<p>After &amp;bomb; &lol9;</body></html>"""


def test_html_keeps_the_visible_text() -> None:
    raw = html.read(PAGE.encode())
    assert raw.pages == [
        "# On Motion\n\nIt gains 5.92\u00a0points <on> a benchmark – as said.\nNext line.\n\n"
        "Claim\tVerified\tConfidence\n\nIt gains 5.92 points.\t✓\t0.35\n\nNo.\t×\t0.1\n\nAfter &bomb; &lol9;"
    ]
    assert (raw.title, raw.authors, raw.doi) == ("On Motion", ["Ada Writer"], "10.1000/ab.1")
    assert raw.links == ["https://arxiv.org/abs/2605.17165v1"]


def test_html_entities_that_would_multiply_stay_text() -> None:
    bomb = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><html><body><p>&b;&b; end</p></html>'
    (page,) = html.read(bomb.encode()).pages
    assert "aaaaa" not in page.partition("]>")[2]
    assert page.endswith("&b;&b; end")


@pytest.mark.parametrize("part", ["<div>", "<table><tr><td>", "<a href='x'>", "&amp", "<!--", "<", "</p", "<script>"])
def test_html_that_repeats_without_end_takes_bounded_time(part: str) -> None:
    start = time.process_time()
    html.read(b"<html>" + part.encode() * 4_000)
    assert time.process_time() - start < 5


def test_html_of_a_declared_encoding() -> None:
    assert html.read('<meta charset="iso-8859-2"><p>Łódź'.encode("iso-8859-2")).pages == ["Łódź"]


def test_markdown_is_converted_to_the_common_form() -> None:
    source = (
        '---\ntitle: "On Motion"\nauthors:\n  - Ada Writer\n  - Ben Reader\ndate: 2026-06-12\n'
        "a: &a [x, x]\nb: [*a, *a]\n---\n"
        "Head\n====\n<!-- never -->\nIt **gains** _5.92_ points on snake_case_names [here](https://doi.org/10.1/x).\n\n"
        "| Claim | Verified | Confidence |\n|---|:-:|---|\n| It gains a\\|b. | ✓ | 0.35 |\n"
    )
    raw = markdown.read(source.encode())
    assert raw.pages == [
        "# Head\n\nIt gains 5.92 points on snake_case_names here.\n\n"
        "Claim\tVerified\tConfidence\nIt gains a|b.\t✓\t0.35\n"
    ]
    assert (raw.title, raw.authors, raw.date) == ("On Motion", ["Ada Writer", "Ben Reader"], "2026-06-12")
    assert raw.links == ["https://doi.org/10.1/x"]


@pytest.mark.parametrize("part", ["<!--", "[a](", "**a", "_a", "| a ", "---\n", "![", "*", "[", "a: b\n"])
def test_markdown_that_repeats_without_end_takes_bounded_time(part: str) -> None:
    start = time.process_time()
    markdown.read(b"---\n" + part.encode() * 8_000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(name: str) -> None:
    sentence = "It gains 2.5–2.9 points – naïve"
    mark = b"\xff\xfe" if name == "utf-16-le" else b""
    assert text.decode(mark + sentence.encode(name)) == sentence


def test_single_bytes_that_are_no_utf8_are_lost_characters() -> None:
    assert text.decode("2.5–2.9, 40–45 and ✓ ".encode() + b"\xff") == "2.5–2.9, 40–45 and ✓ \ufffd"


def test_form_feeds_separate_the_pages_of_text() -> None:
    assert text.read(b"one\n\ftwo\f\f").pages == ["one\n", "two"]


@pytest.mark.parametrize(
    ("head", "ending", "kind"),
    [
        (b"%PDF-1.7", ".txt", "pdf"),
        (b"junk\n%PDF-1.4", ".pdf", "pdf"),
        (b"<!DOCTYPE html><p>", ".txt", "html"),
        (b'<?xml version="1.0"?><html xmlns="x">', ".md", "html"),
        (b"# Title", ".md", "markdown"),
        (b"# Title", ".txt", "text"),
        (b"anything", "", "text"),
        ("é".encode("utf-16"), ".txt", "text"),
    ],
)
def test_content_determines_the_format(head: bytes, ending: str, kind: str) -> None:
    assert sniff(head, ending) == kind


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"PK\x03\x04../../etc/passwd", "archives aren't unpacked"),
        (b"\x1f\x8b\x08", "archives aren't unpacked"),
        (b"\0" * 257 + b"ustar", "archives aren't unpacked"),
        (b"\x7fELF", "a program"),
        (b"%!PS-Adobe", "PostScript"),
        (b"text\0text", "binary data"),
        (b'<?xml version="1.0"?><!DOCTYPE lolz []><lolz>', "XML that isn't a web page"),
    ],
)
def test_the_type_of_a_file_that_is_no_document_is_named(head: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sniff(head, ".txt")
