"""A small drawing surface: inline SVG with escaped text, linear scales, ticks and series marks.

Colours come from the page's CSS (classes ``s0`` to ``s7``, ``quiet``, ``rule`` …), so that a figure follows the light,
dark and print schemes. Every series also has a marker shape and a dash pattern: colour is never the only sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from markupsafe import Markup, escape

Number = int | float
Point = tuple[Number, Number]

SERIES = 8
DASHES = ("none", "6 3", "2 2.5", "9 3 2 3", "12 4", "4 2 1 2 1 2", "1.5 3.5", "14 3 3 3")


def number(value: Number) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def slug(text: str) -> str:
    """A text as part of an id, another for every text: signs but letters, digits, ``_``, ``.``, ``-`` by their code."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda sign: f"~{ord(sign[0]):x}~", text)


class Scale:
    """A linear map from ``low..high`` to pixels ``start..end``, with round ticks."""

    def __init__(
        self, values: Sequence[Number], start: Number, end: Number, pad: Number = 0.06, zero: bool = False
    ) -> None:
        low, high = min(values), max(values)
        if zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if high - low < 1e-9 * max(1.0, abs(high)):
            low, high = low - 0.5, high + 0.5
        margin = pad * (high - low)
        self.low, self.high, self.start, self.end = low - margin, high + margin, start, end

    def __call__(self, value: Number) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, wanted: int = 5) -> list[tuple[float, str]]:
        """About ``wanted`` round values inside the range, with their labels."""
        raw = (self.high - self.low) / wanted
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        digits = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if round(step / power, 1) == 2.5 else 0)
        return [(i * step, _label(i * step, digits)) for i in range(first, last + 1)]


def _label(value: Number, digits: int) -> str:
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


class Drawing:
    """One figure. ``title`` names it, ``description`` says in words what is seen (the alternative text)."""

    def __init__(self, width: Number, height: Number, name: str, title: str, description: str) -> None:
        self.width, self.height, self.name = width, height, slug(name)
        self.title, self.description = title, description
        self.parts: list[str] = []

    def add(self, tag: str, text: object = None, **attributes: object) -> None:
        """An element; attribute names lose a trailing ``_`` and turn other ``_`` into ``-``."""
        inside = "".join(f' {k.rstrip("_").replace("_", "-")}="{_value(v)}"' for k, v in attributes.items())
        self.parts.append(f"<{tag}{inside}/>" if text is None else f"<{tag}{inside}>{escape(str(text))}</{tag}>")

    def line(self, x1: Number, y1: Number, x2: Number, y2: Number, class_: str = "rule", **more: object) -> None:
        """A straight line."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, **more)

    def text(self, x: Number, y: Number, text: str, class_: str = "", anchor: str = "start", room: Number = 0) -> None:
        """Text; cut to ``room`` pixels where given (the whole of it stays as a tooltip)."""
        shown = text
        fits = int(room / 6.2) if room else len(text)
        if len(text) > max(fits, 3):
            shown = text[: max(fits, 3) - 1] + "…"
        inner = f"{escape(shown)}<title>{escape(text)}</title>" if shown != text else str(escape(text))
        self.parts.append(
            f'<text x="{number(x)}" y="{number(y)}" class="{class_}" text-anchor="{anchor}">{inner}</text>'
        )

    def polyline(self, points: Sequence[Point], class_: str, dash: str = "none") -> None:
        """An open line through the points."""
        data = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.add("polyline", points=data, class_=class_, stroke_dasharray=dash)

    def band(self, upper: Sequence[Point], lower: Sequence[Point], class_: str) -> None:
        """The area between two lines."""
        points = " ".join(f"{number(x)},{number(y)}" for x, y in [*upper, *reversed(lower)])
        self.add("polygon", points=points, class_=class_)

    def mark(self, index: int, x: Number, y: Number, class_: str, size: Number = 5) -> None:
        """The marker shape of series ``index``."""
        self.parts.append(mark(index, x, y, class_, size))

    def axes(self, x: Scale, y: Scale, x_label: str, y_label: str, x_ticks: int = 5, y_ticks: int = 5) -> None:
        """Grid lines, tick labels and axis titles (the y title lies above the axis, unrotated)."""
        top, bottom = min(y.start, y.end), max(y.start, y.end)
        for value, label in y.ticks(y_ticks):
            self.line(x.start, y(value), x.end, y(value), "grid")
            self.text(x.start - 6, y(value) + 4, label, "tick", "end")
        for value, label in x.ticks(x_ticks):
            self.line(x(value), bottom, x(value), bottom + 4)
            self.text(x(value), bottom + 17, label, "tick", "middle")
        self.line(x.start, bottom, x.end, bottom)
        self.text(x.end, bottom + 33, x_label, "label", "end")
        self.text(x.start - 34, top - 10, y_label, "label")

    def render(self) -> Markup:
        """The finished element, safe to put into a page."""
        head = (
            f'<svg viewBox="0 0 {number(self.width)} {number(self.height)}" role="img" '
            f'aria-labelledby="{self.name}-t {self.name}-d" style="max-width:{number(1.15 * self.width)}px">'
            f'<title id="{self.name}-t">{escape(self.title)}</title>'
            f'<desc id="{self.name}-d">{escape(self.description)}</desc>'
        )
        return Markup(head + "".join(self.parts) + "</svg>")


def _turned(points: list[Point]) -> list[Point]:
    """The points and their turns by 90, 180 and 270 degrees: an outline with four equal arms."""
    outline = list(points)
    for _ in range(3):
        points = [(-b, a) for a, b in points]
        outline += points
    return outline


_OUTLINES = {
    2: [(0, -1.2), (1.1, 0.9), (-1.1, 0.9)],
    3: [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
    4: [(0, 1.2), (1.1, -0.9), (-1.1, -0.9)],
    5: _turned([(-0.4, -1.2), (0.4, -1.2), (0.4, -0.4)]),
    6: [(-1.3, -0.6), (1.3, -0.6), (1.3, 0.6), (-1.3, 0.6)],
    7: _turned([(-0.7, -1.2), (0, -0.5), (0.7, -1.2)]),
}


def mark(index: int, x: Number, y: Number, class_: str, size: Number = 5) -> str:
    """Marker ``index``: circle, square, triangle, diamond, triangle down, plus, bar, cross (then again)."""
    s, shape = size, index % SERIES
    if shape == 0:
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(s)}" class="{class_}"/>'
    if shape == 1:
        side = 1.8 * s
        return (
            f'<rect x="{number(x - side / 2)}" y="{number(y - side / 2)}" width="{number(side)}" '
            f'height="{number(side)}" class="{class_}"/>'
        )
    points = " ".join(f"{number(x + s * a)},{number(y + s * b)}" for a, b in _OUTLINES[shape])
    return f'<polygon points="{points}" class="{class_}"/>'


def spread(wanted: Sequence[Number], gap: Number, low: Number, high: Number) -> list[float]:
    """Positions near ``wanted`` that lie at least ``gap`` apart within ``low..high`` (for labels)."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [float(value) for value in wanted]
    for before, i in zip([None, *order], order, strict=False):
        placed[i] = max(placed[i], float(low) if before is None else placed[before] + gap)
    ceiling = float(high)
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def _value(value: object) -> str:
    return number(value) if isinstance(value, int | float) else str(escape(str(value)))
