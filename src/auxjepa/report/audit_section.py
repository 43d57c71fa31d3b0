"""The audit section: for each variant a heat map of gradients by term, its findings, and the numbers as a table.

Audits are plain JSON files, written by ``auxjepa audit``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from auxjepa.evidence.study_folder.artifacts import Audit, finite
from auxjepa.evidence.wording import DASH, MINUS
from auxjepa.report.svg import Drawing

ROW, LEFT, RIGHT = 26, 132, 8
"""Height of a row, and margins, in pixels."""
HEAD = ("term", "weight", "off", "value", "share of loss", "cosine to prediction", "hard-region max/mean", "ms", "MB")


@dataclass(frozen=True)
class AuditContent:
    """One audit as the page shows it.

    Args:
        title: variant and step.
        figure: the heat map.
        findings: one sentence a finding.
        rows: one row a term (columns: ``HEAD``).
    """

    title: str
    figure: Markup
    findings: list[str]
    rows: list[list[str]]


def audit_contents(audits: Sequence[Audit]) -> list[AuditContent]:
    """Return every audit of a study as the page shows it.

    Args:
        audits: audits of the study.
    """
    return [_content(audit, i) for i, audit in enumerate(audits)]


def heat_map(terms: list[dict[str, Any]], title: str, name: str) -> Markup:
    """Return terms by parts of the networks: the norm of the weighted term's gradient, darker for larger (log scale).

    A part without gradient is an empty cell with a 0. A row says in words if its term has no gradient at all.

    Args:
        terms: terms of the audit.
        title: title of the figure.
        name: id of the figure on the page.
    """
    parts = list(dict.fromkeys(part for term in terms for part in _dict(term.get("blocks"))))
    columns = [*parts, "predictor", "own head"]
    grid = [_cells(term, parts) for term in terms]
    sizes = [math.log10(value) for row in grid for value in row if value]
    low, high = (min(sizes), max(sizes)) if sizes else (0.0, 1.0)
    wide = 52
    draw = Drawing(
        LEFT + wide * len(columns) + RIGHT,
        44 + ROW * len(terms),
        name,
        f"Gradients by term: {title}",
        _description(terms),
    )
    for j, column in enumerate(columns):
        short = column.removeprefix("block ") if column.startswith("block ") else column
        draw.text(LEFT + wide * (j + 0.5), 34, short.replace("own ", ""), "tick", "middle")
    blocks = [j for j, column in enumerate(columns) if column.startswith("block ")]
    if blocks:
        draw.text(LEFT + wide * (blocks[0] + blocks[-1] + 1) / 2, 15, "student, block", "label", "middle")
        draw.line(LEFT + wide * blocks[0] + 4, 20, LEFT + wide * (blocks[-1] + 1) - 4, 20)
    for i, (term, row) in enumerate(zip(terms, grid, strict=True)):
        y = 42 + ROW * i
        draw.text(0, y + 17, str(term.get("name", "")), "", room=LEFT - 8)
        if not any(row):
            draw.add("rect", x=LEFT, y=y + 1, width=wide * len(columns) - 2, height=ROW - 3, class_="dead")
            text = "no gradient at any trainable parameter"
            draw.text(LEFT + wide * len(columns) / 2, y + 17, text, "dead-text", "middle")
            continue
        for j, value in enumerate(row):
            box = {"x": LEFT + wide * j, "y": y + 1, "width": wide - 2, "height": ROW - 3}
            if value is None:
                continue
            strength = 0.0 if not value else 0.12 + 0.78 * (math.log10(value) - low) / max(high - low, 1e-9)
            draw.add("rect", **box, class_="heat" if value else "untouched", fill_opacity=strength)
            tone = "on-dark" if strength > 0.65 else "on-light"
            draw.text(LEFT + wide * (j + 0.5) - 1, y + 17, _norm(value), f"heat-text {tone}", "middle")
    return draw.render()


def _content(audit: Audit, i: int) -> AuditContent:
    content = audit.content
    terms = [term for term in _list(content.get("terms")) if isinstance(term, dict)]
    where = "at initialisation" if content.get("checkpoint") is None else f"after step {content.get('step')}"
    title = f"{content.get('variant', 'variant')}, {where}"
    findings = [f"Finding {f.get('number')}, {f.get('title')}: {f.get('message')}." for f in audit.findings]
    return AuditContent(title, heat_map(terms, title, f"audit-{i}"), findings, [_row(term) for term in terms])


def _cells(term: dict[str, Any], parts: list[str]) -> list[float | None]:
    blocks = _dict(term.get("blocks"))
    values = [finite(value) for value in [*map(blocks.get, parts), term.get("predictor"), term.get("heads")]]
    return [None if value is None else abs(value) for value in values]


def _description(terms: list[dict[str, Any]]) -> str:
    """Return the heat map in words."""
    parts = []
    for term in terms:
        norms = [
            f"{label} {_norm(abs(value))}"
            for label, key in (("student", "student"), ("predictor", "predictor"), ("own head", "heads"))
            if (value := finite(term.get(key)))
        ]
        parts.append(f"{term.get('name')}: {', '.join(norms) or 'no gradient'}")
    return f"Gradient norms of the weighted terms. {'; '.join(parts)}."


def _row(term: dict[str, Any]) -> list[str]:
    times = [finite(term.get(key)) for key in ("forward_ms", "backward_ms")]
    spread = finite(_dict(term.get("spread")).get("max_over_mean"))
    cosine = finite(_dict(term.get("cosine")).get("prediction"))
    return [
        str(term.get("name", "")),
        _number(term.get("weight"), "{:g}"),
        _number(term.get("off"), "{:.0%}").replace("%", " %"),
        _number(term.get("value"), "{:.4g}"),
        _number(term.get("share"), "{:.0%}").replace("%", " %"),
        DASH if cosine is None else f"{cosine:+.2f}".replace("-", MINUS),
        _number(spread, "{:.2f}"),
        f"{sum(t for t in times if t is not None):.1f}" if any(t is not None for t in times) else DASH,
        _number(term.get("memory_mb"), "{:.0f}"),
    ]


def _number(value: Any, form: str) -> str:
    number = finite(value)
    return DASH if number is None else form.format(number)


def _norm(value: float) -> str:
    return "0" if not value else f"{value:.2g}" if value >= 0.001 else f"{value:.0e}".replace("e-0", "e-")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
