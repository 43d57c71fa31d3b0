"""Write review.tex: the same sections as a LaTeX document that compiles without changes; and review.bib next to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from auxjepa.report.references import latex
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Work
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Picture, Prose, Section
from auxjepa_review.report.html import meta

HEAD = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp,amssymb,booktabs,longtable,array}
\usepackage[margin=2.4cm]{geometry}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{.5em}\setlength{\emergencystretch}{3em}
"""
SIGNS = {"✓": r"$\checkmark$", "✗": r"$\times$", "“": "``", "”": "''", "‘": "`", "’": "'", "—": "---", "…": r"\ldots{}",
         "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "→": r"$\to$", "·": r"$\cdot$", "\u2011": "-",
         "�": "?"}  # fmt: skip
WIDTH = 0.94


def render(outcome: Outcome, sections: Sequence[Section]) -> str:
    """Return the whole document.

    Args:
        outcome: the review.
        sections: sections of the report.
    """
    lines = [
        HEAD,
        f"\\title{{{escape(outcome.question)}}}",
        f"\\author{{AuxJEPA review}}\\date{{{escape(meta(outcome))}}}",
    ]
    lines += ["\\begin{document}", "\\maketitle"]
    for section in sections:
        if section.id == "abstract":
            lines += ["\\begin{abstract}", *(write_block(b) for b in section.blocks), "\\end{abstract}"]
        else:
            lines += [f"\\section{{{escape(section.title)}}}", *(write_block(b) for b in section.blocks)]
    return "\n\n".join([*lines, "\\end{document}"]) + "\n"


def bib(outcome: Outcome) -> str:
    """Return BibTeX entries of the documents that were read. Equal keys get a number."""
    entries: dict[str, str] = {}
    for document in outcome.documents:
        base = key = re.sub(r"[^A-Za-z0-9]+", "-", document.id).strip("-") or "work"
        while key in entries:
            key = f"{base}-{len(entries) + 1}"
        entries[key] = _entry(key, document.work)
    return "\n".join(entries.values())


def write_block(block: Block) -> str:
    """Return a block as LaTeX."""
    if isinstance(block, Prose):
        return format_code(block.text)
    if isinstance(block, Bullets):
        # {}: LaTeX would read a bracket at the start as the label of the item.
        items = "\n".join(f"\\item {{}}{format_code(item)}" for item in block.items)
        return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
    if isinstance(block, Code):
        return f"\\texttt{{{escape(block.text)}}}"
    if isinstance(block, Picture):
        # The tables of the text are shown next to the picture.
        items = [line[2:] for line in block.text.splitlines() if line.startswith("- ")]
        return write_block(Bullets(tuple(re.sub(r"\\(.)", r"\1", line) for line in items)))
    if isinstance(block, Fold):
        word = f" ({block.word})" if block.word else ""
        return "\n\n".join([f"\\paragraph{{{escape(block.title)}{word}}}", *(write_block(b) for b in block.blocks)])
    return _table(block)


def _table(grid: Grid) -> str:
    """Return a table that breaks over pages. Columns share the width in proportion to their longest cells."""
    longest = [max(len(cell) for cell in column) for column in zip(grid.head, *grid.body, strict=True)]
    total = sum(min(n, 60) + 3 for n in longest)
    spec = "".join(
        f">{{\\raggedright\\arraybackslash}}p{{{WIDTH * (min(n, 60) + 1) / total:.3f}\\linewidth}}" for n in longest
    )
    head = " & ".join(f"\\textbf{{{escape(cell)}}}" for cell in grid.head)
    # {}: LaTeX would read [ or * at the start of a row as an argument of the \\ before it.
    rows = ["{}" + " & ".join(escape(cell) for cell in row) + " \\\\" for row in grid.body]
    top = f"\\toprule\n{head} \\\\\n\\midrule\n\\endhead"
    body = "\n".join(rows)
    return (
        f"{format_code(grid.caption)}\n\n{{\\footnotesize\n\\begin{{longtable}}{{{spec}}}\n{top}\n{body}\n\\bottomrule\n"
        "\\end{longtable}}"
    )


def format_code(words: str) -> str:
    """Return an escaped text, with parts between backticks as code."""
    pieces = re.split(r"`([^`]+)`", " ".join(words.split()))
    return "".join(f"\\texttt{{{_signs(p)}}}" if i % 2 else _signs(p) for i, p in enumerate(pieces))


def escape(words: str) -> str:
    """Return an escaped text. A sign that the fonts lack becomes the nearest plain sign, or a question mark."""
    return _signs(" ".join(words.split()))


def _signs(words: str) -> str:
    return "".join(SIGNS.get(sign) or _plain(sign) for sign in words)


def _plain(sign: str) -> str:
    escaped = latex(sign)
    if escaped != sign or ord(sign) < 0x180:
        return escaped
    return "".join(c for c in unicodedata.normalize("NFKD", sign) if ord(c) < 0x80) or "?"


def _entry(key: str, work: Work) -> str:
    fields = {
        "title": work.title,
        "author": " and ".join(work.authors),
        "year": str(work.year or ""),
        "journal": work.venue,
        "doi": work.doi,
        "eprint": work.arxiv,
        "url": work.url,
    }
    lines = [f"  {name} = {{{escape(value)}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"
