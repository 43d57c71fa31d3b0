"""Building blocks of a report in any format: sections of paragraphs, lists, tables, pictures and folds."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Prose:
    """A paragraph. ``lead`` marks the paragraph with the answer."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table. If it has a ``name``, a page can search its rows, link to them, and filter them by the columns of
    ``facets``."""

    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    caption: str
    name: str = ""
    facets: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing, and its content in words for formats without pictures."""

    svg: Markup
    caption: str
    text: str


@dataclass(frozen=True)
class Code:
    """A command."""

    text: str


@dataclass(frozen=True)
class Fold:
    """A part that the page shows closed; a subsection in other formats. ``word`` is a verdict next to the title."""

    id: str
    title: str
    word: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Section:
    """A section and its heading."""

    id: str
    title: str
    blocks: tuple[Block, ...]


Block = Prose | Bullets | Grid | Picture | Code | Fold
