"""Building blocks of a report in every format."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest
from markupsafe import Markup

from auxjepa_review.outcome import Outcome
from auxjepa_review.report import html, markdown, tex
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Picture, Prose, Section

EACH: dict[type, Block] = {
    Prose: Prose("some words"),
    Bullets: Bullets(("some words",)),
    Grid: Grid(("head",), (("some words",),), "caption"),
    Picture: Picture(Markup("<svg><text>some words</text></svg>"), "caption", "- some words"),
    Code: Code("some words"),
    Fold: Fold("a", "title", "supported", (Prose("some words"),)),
}


@pytest.mark.parametrize("kind", get_args(Block))
def test_every_block_is_shown_in_every_format(kind: type, empty: Outcome) -> None:
    section = [Section("s", "Section", (EACH[kind],))]
    for render in (html.render, markdown.render, tex.render):
        assert "some words" in render(empty, section), render.__module__


def test_blocks_are_values() -> None:
    assert Prose("a") == Prose("a") and hash(Bullets(("a",))) == hash(Bullets(("a",)))
    with pytest.raises(FrozenInstanceError):
        Prose("a").text = "b"  # type: ignore[misc]
    assert html.block_record(Prose("a", lead=True)) == {"kind": "Prose", "text": "a", "lead": True}
