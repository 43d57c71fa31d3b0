"""Write review.md: the same sections as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from auxjepa_review.outcome import Outcome
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Picture, Prose, Section
from auxjepa_review.report.html import meta

CODE = re.compile(r"((?<!`)`[^`]+`(?!`))")
"""Code between single backticks. For a reader of Markdown, double backticks open something else."""
SIGNS = re.compile(r"([\\*_\[\]|#<>])")


def render(outcome: Outcome, sections: Sequence[Section]) -> str:
    """Return the whole text.

    Args:
        outcome: the review.
        sections: sections of the report.
    """
    text = [f"# {escape_text(outcome.question)}", escape_text(meta(outcome))]
    for number, section in enumerate(sections):
        text.append(f"## {number} {section.title}" if number else f"## {section.title}")
        text += [write_block(block) for block in section.blocks]
    return "\n\n".join(text) + "\n"


def write_block(block: Block, level: int = 3) -> str:
    """Return a block as Markdown.

    Args:
        block: the block.
        level: level of its heading.
    """
    if isinstance(block, Prose):
        return escape_text(block.text)
    if isinstance(block, Bullets):
        return "\n".join(f"- {escape_text(item)}" for item in block.items)
    if isinstance(block, Code):
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    if isinstance(block, Picture):
        return block.text.strip()  # Markdown already
    if isinstance(block, Fold):
        word = f" ({block.word})" if block.word else ""
        return "\n\n".join(
            [f"{'#' * level} {escape_text(block.title)}{word}", *(write_block(b, level + 1) for b in block.blocks)]
        )
    return f"{escape_text(block.caption)}\n\n{_table(block)}"


def _table(grid: Grid) -> str:
    lines: list[Sequence[str]] = [grid.head, ["---"] * len(grid.head), *grid.body]
    return "\n".join(f"| {' | '.join(cell if cell == '---' else _cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """Escape bars, which separate cells even within code."""
    return "".join(p.replace("|", r"\|") if i % 2 else p for i, p in enumerate(CODE.split(escape_text(text))))


def escape_text(text: str) -> str:
    """Return a text on one line. Signs of Markdown and HTML are escaped, and code between backticks stays."""
    pieces = CODE.split(" ".join(text.split()))
    return "".join(p if i % 2 else SIGNS.sub(r"\\\1", p).replace("\\<", "&lt;") for i, p in enumerate(pieces))
