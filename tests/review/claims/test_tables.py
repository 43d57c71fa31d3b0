"""Differences in results tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa_review.claims import extract
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Work

TABLE = """# Results

| method | SSv2 | ImageNet-100 | params (M) |
| --- | ---: | --- | --- |
| baseline | 8.39 | 24.86 | 86 |
| LD-JEPA | **13.41** | 22.8 ± 0.3 | 87 |
| FWM | 7.00 % | n/a | 86 |
"""


def document(text: str, title: str = "Auxiliary Objectives for Video JEPA") -> Document:
    return Document(id="t", work=Work(title=title), pages=(text,))


def test_rows_are_compared_with_the_baseline() -> None:
    source = document(TABLE)
    mentions = extract(source)
    assert [(m.claim.variants, m.claim.benchmarks, m.claim.regime, m.claim.expected) for m in mentions] == [
        (("ld",), ("ssv2",), "mixed", 5.02),
        (("ld",), ("imagenet100",), "mixed", -2.06),
        (("fwm",), ("ssv2",), "mixed", -1.39),
    ]
    assert mentions[0].span.text == "| LD-JEPA | **13.41** | 22.8 ± 0.3 | 87 |"
    assert source.pages[0][mentions[0].span.start : mentions[0].span.end] == mentions[0].span.text
    assert mentions[0].inferred[0] == "difference: 13.41 against 8.39 in the row 'baseline'"
    assert mentions[1].claim.tolerance == pytest.approx(0.1)  # 22.8 is printed to a tenth


def test_tabs_and_names_as_written() -> None:
    text = "method\tCIFAR-10\tSVHN\nBaseline\t93.1\t95.0\nMixup\t94.0\t95.4\n"
    claims = [m.claim for m in extract(document(text, "Augmentation"))]
    assert [(c.variants, c.benchmarks, c.expected) for c in claims] == [
        (("mixup",), ("cifar_10",), 0.9),
        (("mixup",), ("svhn",), 0.4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("baseline", "AC-JEPA"),
        "| method | SSv2 |\n| --- | --- |\n| baseline | 8.39 |\n",
        "| step | seconds |\n| --- | --- |\n| baseline | 8.39 |\n| LD-JEPA | 9.1 |\n",
        "| method | SSv2 |\n| --- | --- |\n| baseline | 839 |\n| LD-JEPA | 910 |\n",
    ],
)
def test_tables_without_claims(text: str) -> None:
    assert extract(document(text)) == []


def test_tables_of_files_that_are_read(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in (("baseline", 8.39), ("LD-JEPA", 13.41)))
    body = f"<h1>Video-JEPA</h1><p>Scores.</p><table><tr><th>method</th><th>SSv2</th></tr>{rows}</table><p>End.</p>"
    (tmp_path / "a.html").write_text(f"<html><body>{body}</body></html>")
    (tmp_path / "b.md").write_text(f"# Video-JEPA\n\n{TABLE}")
    for source in read_corpus([tmp_path]).documents:
        mentions = extract(source)
        assert (mentions[0].claim.variants, mentions[0].claim.expected) == (("ld",), 5.02)
        assert all(source.pages[m.span.page - 1][m.span.start : m.span.end] == m.span.text for m in mentions)
