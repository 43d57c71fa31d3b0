"""The report as Markdown."""

from __future__ import annotations

import re

import pytest

from auxjepa_review.outcome import Outcome
from auxjepa_review.report import markdown
from auxjepa_review.report.blocks import Bullets, Code, Fold, Grid, Prose
from auxjepa_review.report.contents import sections


def bars(line: str) -> int:
    """Return the number of bars that separate cells."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))


@pytest.mark.parametrize("cell", ["a | b", "a\nb", "a\r\n\r\nb", "`a|b` c", "a \\| b", "``a|b`", "|||"])
def test_a_row_stays_one_row_with_its_cells(cell: str) -> None:
    lines = markdown.write_block(Grid(("x", "y"), ((cell, "z"),), "c")).splitlines()
    assert len(lines) == 5 and [bars(line) for line in lines[2:]] == [3, 3, 3], lines[-1]


@pytest.mark.parametrize("text", ["<script>x</script>", "``<b>`", "`a``<b>`", "[a](b:c)", "# x", "*a* _b_", "\\<i>"])
def test_signs_of_markdown_and_html_are_escaped(text: str) -> None:
    plain = markdown.escape_text(text)
    assert not re.search(r"(?<!\\)[<\[*_#]", plain) and "<" not in plain


def test_code_between_backticks_stays() -> None:
    assert markdown.escape_text("run `auxjepa review <x> | y` *now*") == r"run `auxjepa review <x> | y` \*now\*"
    assert markdown.write_block(Code("one\ntwo")) == "    one\n    two"


def test_headings_of_folds_are_below_their_section() -> None:
    text = markdown.write_block(
        Fold("i", "Title", "supported", (Prose("p"), Fold("j", "Inner", "", (Bullets(("b",)),))))
    )
    assert text == "### Title (supported)\n\np\n\n#### Inner\n\n- b"


def test_every_table_of_a_hostile_review_is_a_table(outcome: Outcome) -> None:
    text = markdown.render(outcome, sections(outcome))
    lines = text.splitlines()
    rules = [i for i, line in enumerate(lines) if re.fullmatch(r"\|( ?-+ ?\|)+", line)]
    assert len(rules) > 5
    for i in rules:
        end = next(j for j in range(i, len(lines)) if not lines[j].startswith("|"))
        assert len({bars(line) for line in lines[i - 1 : end]}) == 1, lines[i - 1]
    outside = [line for line in lines if not line.startswith("    ")]  # the command is a block of code
    assert not re.search(r"(?<!\\)<(script|b)\b", re.sub(r"(?<!`)`[^`]+`(?!`)", "", "\n".join(outside)))


def test_a_review_of_nothing_is_written(empty: Outcome) -> None:
    text = markdown.render(empty, sections(empty))
    assert text.startswith("# Is it?\n") and "The question stays open" in text
