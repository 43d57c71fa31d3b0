"""review.md: the same sections as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from auxjepa_review.outcome import Outcome
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Picture, Prose, Section
from auxjepa_review.report.html import meta

CODE = re.compile(r"((?<!`)`[^`]+`(?!`))")
"""Code for a reader of Markdown too: to it, marks that stand doubled open something else."""
SIGNS = re.compile(r"([\\*_\[\]|#<>])")


def render(outcome: Outcome, sections: Sequence[Section]) -> str:
    """The whole text."""
    text = [f"# {plain(outcome.question)}", plain(meta(outcome))]
    for number, section in enumerate(sections):
        text.append(f"## {number} {section.title}" if number else f"## {section.title}")
        text += [written(block) for block in section.blocks]
    return "\n\n".join(text) + "\n"


def written(block: Block, level: int = 3) -> str:
    """A block as Markdown."""
    if isinstance(block, Prose):
        return plain(block.text)
    if isinstance(block, Bullets):
        return "\n".join(f"- {plain(item)}" for item in block.items)
    if isinstance(block, Code):
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    if isinstance(block, Picture):
        return block.text.strip()  # Markdown already
    if isinstance(block, Fold):
        word = f" ({block.word})" if block.word else ""
        return "\n\n".join(
            [f"{'#' * level} {plain(block.title)}{word}", *(written(b, level + 1) for b in block.blocks)]
        )
    return f"{plain(block.caption)}\n\n{_table(block)}"


def _table(grid: Grid) -> str:
    lines: list[Sequence[str]] = [grid.head, ["---"] * len(grid.head), *grid.body]
    return "\n".join(f"| {' | '.join(cell if cell == '---' else _cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """A stroke parts cells even within code."""
    return "".join(p.replace("|", r"\|") if i % 2 else p for i, p in enumerate(CODE.split(plain(text))))


def plain(text: str) -> str:
    """On one line, signs that mean something to Markdown (and HTML in it) escaped; code between backticks stays."""
    pieces = CODE.split(" ".join(text.split()))
    return "".join(p if i % 2 else SIGNS.sub(r"\\\1", p).replace("\\<", "&lt;") for i, p in enumerate(pieces))
