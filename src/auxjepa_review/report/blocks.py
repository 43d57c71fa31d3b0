"""What a report is made of, whatever it is written in: sections of paragraphs, lists, tables, pictures, folds."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Prose:
    """A paragraph; ``lead`` for the one that answers."""

    text: str
    lead: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table. With a ``name`` its rows can be searched and linked to, and chosen by the columns of ``facets``."""

    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    caption: str
    name: str = ""
    facets: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing, and what it shows in words for formats without it."""

    svg: Markup
    caption: str
    text: str


@dataclass(frozen=True)
class Code:
    """A command."""

    text: str


@dataclass(frozen=True)
class Fold:
    """Something to open: closed in the page, a subsection elsewhere. ``word`` is a verdict, shown beside the title."""

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
