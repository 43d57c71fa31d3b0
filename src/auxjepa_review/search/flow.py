"""Show the flow of a search (identified, screened, assessed, included; after PRISMA 2020) as a picture and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from markupsafe import Markup

from auxjepa.report.svg import Drawing, Number
from auxjepa_review.search.protocol import Protocol
from auxjepa_review.search.screen import Decision

WIDTH, EDGE, LEFT, MAIN, GAP, SIDE = 580, 10, 34, 254, 36, 246
LINE, PAD, BETWEEN, LETTER = 17, 11, 26, 7

# Inside a page the picture has the page's colours. As a separate file (svg is the root) it has the report's colours.
_STYLE = """<style>
svg.prisma:root { --paper: #fff; --ink: #1c2024; --quiet: #5c656e; --line: #c3cad1; --wash: #f6f7f9; --down: #a3420b;
  --accent: #14599c; --sans: system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif; }
@media (prefers-color-scheme: dark) { svg.prisma:root { --paper: #14171a; --ink: #e6e9ec; --quiet: #9aa4ad;
  --line: #48515a; --wash: #1c2024; --down: #f0a06a; --accent: #7db8f0; } }
.prisma .paper { fill: var(--paper); }
.prisma .box { fill: var(--wash); stroke: var(--line); }
.prisma .last { stroke: var(--accent); stroke-width: 2; }
.prisma .arrow { stroke: var(--quiet); fill: none; stroke-width: 1.3; }
.prisma .head { fill: var(--quiet); }
.prisma text { font: 12.5px var(--sans); fill: var(--ink); font-variant-numeric: tabular-nums; }
.prisma text.strong { font-weight: 600; font-size: 13.5px; }
.prisma text.failed { fill: var(--down); }
.prisma text.stage { fill: var(--quiet); font-size: 11.5px; letter-spacing: .06em; }
</style>"""

Lines = list[tuple[str, str]]
"""Class and text of each line of a box."""


def svg(protocol: Protocol) -> Markup:
    """Return the diagram. Inside a page it has the page's colours; as a separate file it includes its style."""
    rows = _rows(protocol)
    heights = [max(_height(main), _height(side), LETTER * len(stage) - BETWEEN + 6) for stage, main, side in rows]
    total = sum(heights) + BETWEEN * (len(rows) - 1) + 2 * EDGE
    draw = Drawing(WIDTH, total, "prisma-flow", "Flow of the search", " ".join(_sentences(protocol)))
    draw.add("rect", x=0, y=0, width=WIDTH, height=total, class_="paper")
    top = float(EDGE)
    for i, ((stage, main, side), height) in enumerate(zip(rows, heights, strict=True)):
        middle, last = top + height / 2, i == len(rows) - 1
        draw.add("rect", x=LEFT, y=top, width=MAIN, height=height, rx=5, class_="box last" if last else "box")
        _write(draw, LEFT + PAD, middle - _height(main) / 2, main)
        draw.add(
            "text",
            stage,
            x=0,
            y=0,
            class_="stage",
            text_anchor="middle",
            transform=f"translate(22 {middle:.1f}) rotate(-90)",
        )
        if side:
            x = LEFT + MAIN + GAP
            draw.add("rect", x=x, y=middle - _height(side) / 2, width=SIDE, height=_height(side), rx=5, class_="box")
            _write(draw, x + PAD, middle - _height(side) / 2, side)
            _arrow(draw, LEFT + MAIN, middle, x, middle)
        if not last:
            _arrow(draw, LEFT + MAIN / 2, top + height, LEFT + MAIN / 2, top + height + BETWEEN)
        top += height + BETWEEN
    text = str(draw.render()).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" class="prisma" ', 1)
    return Markup(text.replace("</desc>", f"</desc>{_STYLE}", 1))


def markdown(protocol: Protocol) -> str:
    """Return the numbers as a list, followed by a table of the searches and a table of the decisions."""
    searches = [
        _row(
            _cell(s.title),
            f"`{_code(s.query)}`",
            f"{s.date:%Y-%m-%d %H:%M}",
            f"{s.cached:%Y-%m-%d}" if s.cached else "",
            "" if s.reported is None else f"{s.reported:,}",
            str(s.returned),
            _cell(s.error),
        )
        for s in protocol.searches
    ]
    decisions = [
        _row(_cell(d.work), _cell(d.title), "in" if d.included else "out", d.basis, _cell(_reason(d)))
        for d in sorted(protocol.decisions, key=lambda d: (not d.included, d.stage == "screening"))
    ]
    merged = [
        f"- {_cell(d.merged)} ({_cell(d.source)}) is {_cell(d.kept)}, by {_SIGN[d.by]}" for d in protocol.duplicates
    ]
    parts = [
        *(f"- {sentence}" for sentence in _sentences(protocol)),
        "",
        "| source | query | date | from cache of | reported | returned | error |",
        "|---|---|---|---|---|---|---|",
        *searches,
        "",
        *([*merged, ""] if merged else []),
        "| work | title | in or out | basis | reason |",
        "|---|---|---|---|---|",
        *decisions,
    ]
    return "\n".join(parts) + "\n"


def _reason(decision: Decision) -> str:
    missing = f" (no full text: {decision.note})" if decision.note else ""
    return f"{decision.rule}: {decision.reason}{missing}"


_SIGN = {"doi": "its DOI", "arxiv": "its arXiv id", "title": "its title"}


def _rows(protocol: Protocol) -> list[tuple[str, Lines, Lines]]:
    flow = protocol.flow
    identified: Lines = [("strong", f"Records identified: {sum(flow.identified.values()):,}")]
    for s in protocol.searches:
        of = f" of {s.reported:,}" if s.reported is not None and s.reported != s.returned else ""
        identified.append(
            ("failed", f"{s.title}: {s.returned}{of}, failed") if s.error else ("", f"{s.title}: {s.returned}{of}")
        )
    not_judged = flow.not_retrieved - flow.assessed_abstracts
    missing: Lines = [("strong", f"No full text: {flow.not_retrieved}")]
    if flow.assessed_abstracts:
        missing.append(("", f"judged by their abstract: {flow.assessed_abstracts}"))
    if not_judged:
        missing.append(("", f"not judged: {not_judged}"))
    assessed = flow.assessed + flow.assessed_abstracts
    return [
        ("Identification", identified, [("strong", f"Duplicates removed: {flow.duplicates}")]),
        ("Screening", [("strong", f"Works screened: {flow.screened}")], _reasons("Excluded", flow.excluded)),
        ("Retrieval", [("strong", f"Full texts sought: {flow.sought}")], missing if flow.not_retrieved else []),
        (
            "Eligibility",
            [
                ("strong", f"Works assessed: {assessed}"),
                ("", f"in full text: {flow.assessed}"),
                ("", f"by their abstract: {flow.assessed_abstracts}"),
            ],
            _reasons("Not eligible", flow.ineligible),
        ),
        (
            "Included",
            [
                ("strong", f"Works included: {flow.included}"),
                ("", f"in full text: {flow.included - flow.included_abstracts}"),
                ("", f"by their abstract: {flow.included_abstracts}"),
            ],
            [],
        ),
    ]


def _reasons(head: str, counts: dict[str, int]) -> Lines:
    return [("strong", f"{head}: {sum(counts.values())}"), *(("", f"{rule}: {n}") for rule, n in counts.items())]


def _sentences(protocol: Protocol) -> list[str]:
    """Return the flow in words, for readers who do not see the picture."""
    flow = protocol.flow
    sources = ", ".join(f"{s.title} {s.returned}" + (" (failed)" if s.error else "") for s in protocol.searches)
    return [
        f"{sum(flow.identified.values()):,} records identified ({sources}); {flow.duplicates} duplicates removed.",
        f"{flow.screened} works screened{_out(flow.excluded, 'excluded')}.",
        f"{flow.sought} full texts sought, {flow.not_retrieved} not available.",
        f"{flow.assessed} works assessed in full text, {flow.assessed_abstracts} by their abstract"
        f"{_out(flow.ineligible, 'not eligible')}.",
        f"{flow.included} works included, {flow.included_abstracts} of them by their abstract only.",
    ]


def _out(counts: dict[str, int], word: str) -> str:
    return f", {sum(counts.values())} {word} ({', '.join(f'{k} {n}' for k, n in counts.items())})" if counts else ""


def _height(lines: Sequence[tuple[str, str]]) -> Number:
    return LINE * len(lines) + 2 * PAD - 5 if lines else 0


def _write(draw: Drawing, x: Number, top: Number, lines: Lines) -> None:
    for i, (class_, text) in enumerate(lines):
        draw.text(
            x, top + PAD + 9 + LINE * i, textwrap.shorten(text, 200, placeholder="…"), class_, room=MAIN - 2 * PAD
        )


def _arrow(draw: Drawing, x1: Number, y1: Number, x2: Number, y2: Number) -> None:
    draw.line(x1, y1, x2, y2, "arrow")
    is_horizontal = x1 != x2
    wings = (
        [(x2, y2), (x2 - 7, y2 - 4), (x2 - 7, y2 + 4)]
        if is_horizontal
        else [(x2, y2), (x2 - 4, y2 - 7), (x2 + 4, y2 - 7)]
    )
    draw.add("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in wings), class_="head")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Return a text for a table cell, with all Markdown signs escaped."""
    plain = " ".join(text.split())
    for sign in "\\`*_{}[]<>|":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _code(text: str) -> str:
    return " ".join(text.split()).replace("`", "'").replace("|", "\\|")
