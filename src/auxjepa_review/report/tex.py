"""review.tex: the same sections as a LaTeX document that compiles as it is, and review.bib beside it."""

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
WIDEST = 0.94


def render(outcome: Outcome, sections: Sequence[Section]) -> str:
    """The whole document."""
    lines = [HEAD, f"\\title{{{text(outcome.question)}}}", f"\\author{{AuxJEPA review}}\\date{{{text(meta(outcome))}}}"]
    lines += ["\\begin{document}", "\\maketitle"]
    for section in sections:
        if section.id == "abstract":
            lines += ["\\begin{abstract}", *(written(b) for b in section.blocks), "\\end{abstract}"]
        else:
            lines += [f"\\section{{{text(section.title)}}}", *(written(b) for b in section.blocks)]
    return "\n\n".join([*lines, "\\end{document}"]) + "\n"


def bib(outcome: Outcome) -> str:
    """BibTeX of the documents that were read; ids that come to one key are numbered."""
    made: dict[str, str] = {}
    for document in outcome.documents:
        plain = key = re.sub(r"[^A-Za-z0-9]+", "-", document.id).strip("-") or "work"
        while key in made:
            key = f"{plain}-{len(made) + 1}"
        made[key] = _entry(key, document.work)
    return "\n".join(made.values())


def written(block: Block) -> str:
    """A block as LaTeX."""
    if isinstance(block, Prose):
        return coded(block.text)
    if isinstance(block, Bullets):
        items = "\n".join(f"\\item {{}}{coded(item)}" for item in block.items)  # {}: a bracket would be its label
        return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
    if isinstance(block, Code):
        return f"\\texttt{{{text(block.text)}}}"
    if isinstance(block, Picture):
        told = [line[2:] for line in block.text.splitlines() if line.startswith("- ")]  # its tables stand beside it
        return written(Bullets(tuple(re.sub(r"\\(.)", r"\1", line) for line in told)))
    if isinstance(block, Fold):
        word = f" ({block.word})" if block.word else ""
        return "\n\n".join([f"\\paragraph{{{text(block.title)}{word}}}", *(written(b) for b in block.blocks)])
    return _table(block)


def _table(grid: Grid) -> str:
    """A table that breaks over pages; columns with long cells share the width by their longest cells."""
    longest = [max(len(cell) for cell in column) for column in zip(grid.head, *grid.body, strict=True)]
    total = sum(min(n, 60) + 3 for n in longest)
    spec = "".join(
        f">{{\\raggedright\\arraybackslash}}p{{{WIDEST * (min(n, 60) + 1) / total:.3f}\\linewidth}}" for n in longest
    )
    head = " & ".join(f"\\textbf{{{text(cell)}}}" for cell in grid.head)
    # {}: a row that begins with [ or * would be an argument of the \\ before it
    rows = ["{}" + " & ".join(text(cell) for cell in row) + " \\\\" for row in grid.body]
    top = f"\\toprule\n{head} \\\\\n\\midrule\n\\endhead"
    body = "\n".join(rows)
    return (
        f"{coded(grid.caption)}\n\n{{\\footnotesize\n\\begin{{longtable}}{{{spec}}}\n{top}\n{body}\n\\bottomrule\n"
        "\\end{longtable}}"
    )


def coded(words: str) -> str:
    """Text with what stands between backticks as code."""
    pieces = re.split(r"`([^`]+)`", " ".join(words.split()))
    return "".join(f"\\texttt{{{_signs(p)}}}" if i % 2 else _signs(p) for i, p in enumerate(pieces))


def text(words: str) -> str:
    """Escaped; a sign that the fonts lack becomes its nearest plain one, or a question mark."""
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
    lines = [f"  {name} = {{{text(value)}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"
