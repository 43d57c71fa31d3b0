"""Write review.html: one self-contained page in the style of a study's report. Every string of a document is
escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from auxjepa.evidence.wording import format_count
from auxjepa.report.html import numeric
from auxjepa.report.svg import slug
from auxjepa_review.outcome import Outcome
from auxjepa_review.report.blocks import Block, Section

CODE = re.compile(r"`([^`]+)`")


def render(outcome: Outcome, sections: Sequence[Section]) -> str:
    """Return the page.

    Args:
        outcome: the review.
        sections: sections of the report.
    """
    loader = ChoiceLoader([PackageLoader("auxjepa_review.report"), PackageLoader("auxjepa.report")])
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"numeric": numeric, "slug": slug, "marked": mark_code, "block": block_record}
    environment.tests["strong"] = lambda _: False
    return environment.get_template("review.html").render(
        title=outcome.question,
        meta=meta(outcome),
        sections=sections,
        written=outcome.created.replace("T", " "),
        source=lambda name: Markup(loader.get_source(environment, name)[0]),
    )


def meta(outcome: Outcome) -> str:
    """Return the numbers of documents and statements, and the date, on one line."""
    documents, statements = (
        format_count(len(outcome.documents), "document"),
        format_count(len(outcome.findings), "statement"),
    )
    return f"{documents} · {statements} · {outcome.created[:10]}"


def mark_code(text: str) -> Markup:
    """Return the escaped text, with parts between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def block_record(block: Block) -> dict[str, Any]:
    """Return the kind and the fields of a block."""
    return {"kind": type(block).__name__} | {f.name: getattr(block, f.name) for f in fields(block)}
