"""review.html: one self-contained page in the look of a study's report; every string of a document is escaped."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from auxjepa.literature.outcome import Outcome
from auxjepa.literature.report.blocks import Block
from auxjepa.literature.report.contents import sections
from auxjepa.report.html import numeric
from auxjepa.report.svg import slug

CODE = re.compile(r"`([^`]+)`")


def render(outcome: Outcome) -> str:
    """The page as text."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("auxjepa.literature.report"), PackageLoader("auxjepa.report")]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"numeric": numeric, "slug": slug, "marked": marked, "block": record}
    environment.tests["strong"] = lambda _: False
    return environment.get_template("review.html").render(
        title=outcome.question,
        meta=meta(outcome),
        sections=sections(outcome),
        written=outcome.created.replace("T", " "),
        source=lambda name: Markup(environment.loader.get_source(environment, name)[0]),  # type: ignore[union-attr]
    )


def meta(outcome: Outcome) -> str:
    """What was read and found, on one line."""
    return f"{len(outcome.documents)} documents · {len(outcome.findings)} statements · {outcome.created[:10]}"


def marked(text: str) -> Markup:
    """Text escaped; what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def record(block: Block) -> dict[str, Any]:
    """A block's fields and its kind."""
    return {"kind": type(block).__name__} | {f.name: getattr(block, f.name) for f in fields(block)}
