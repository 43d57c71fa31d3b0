"""The figures of results: forest plot of paired differences, trade-off plot, sample clips with their masks."""

from __future__ import annotations

import base64
import statistics
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from markupsafe import Markup

from auxjepa.evidence import pareto
from auxjepa.evidence.artifacts import Samples
from auxjepa.evidence.effects import Effect
from auxjepa.evidence.intervals import t_interval
from auxjepa.evidence.verdicts import bracket, count, signed
from auxjepa.report.results import Line, Results
from auxjepa.report.svg import SERIES, Drawing, Scale, spread
from auxjepa.report.words import join

ROW = 34
MOST_NAMED = 20  # points of a trade-off plot whose labels find room


def series(results: Results) -> dict[str, int]:
    """Index of colour, marker and dash of every variant, in the order of the table."""
    return {line.name: i for i, line in enumerate(results.variants)}


@dataclass(frozen=True)
class Entry:
    """One line of a forest plot. ``solid``: decided by a corrected test; else the mark is hollow."""

    label: str
    effect: Effect
    solid: bool
    tone: str
    shape: int


def forest(results: Results, i: int) -> Markup | None:
    """Paired differences from the reference in column ``i``; None where nothing is compared."""
    column = results.columns[i]
    reference = next((line.name for line in results.lines if line.reference), "")
    colours = series(results)
    entries = []
    for line in results.lines:
        effect = line.cells[i].effect
        if effect is None:
            continue
        tone = "control" if line.control else f"s{colours[line.name] % SERIES}"
        entries.append(Entry(line.name, effect, line.cells[i].decided, tone, 0 if line.control else colours[line.name]))
    under = f"{column.capability} · points, variant minus {reference}"
    return panel(f"forest-{i}", column.title, under, f"{column.title}: difference from {reference}", entries)


def panel(name: str, head: str, under: str, title: str, entries: Sequence[Entry]) -> Markup | None:
    """A forest plot: mean, 95 % t interval and single seeds of every entry; None without an entry."""
    if not entries:
        return None
    said, spans = [], [0.0]
    for entry in entries:
        effect = entry.effect
        spans += [*effect.differences, *(effect.interval or ())]
        interval = f" {bracket(effect.interval)}" if effect.interval else ""
        said.append(f"{entry.label} {signed(effect.mean)}{interval}")
    bottom = 44 + ROW * len(entries)
    draw = Drawing(430, bottom + 30, name, title, f"Mean paired differences in points. {'; '.join(said)}.")
    x = Scale(spans, 130, 368, zero=True)
    draw.text(0, 14, head, "strong", room=426)
    draw.text(0, 31, under, "quiet", room=426)
    for value, label in x.ticks(5):
        draw.line(x(value), 42, x(value), bottom, "grid")
        draw.text(x(value), bottom + 16, label, "tick", "middle")
    draw.line(x(0.0), 38, x(0.0), bottom + 3, "zero")
    for j, entry in enumerate(entries):
        effect, y = entry.effect, 44 + ROW * (j + 0.5)
        draw.text(0, y + 4, entry.label, "quiet" if entry.tone == "control" else "", room=124)
        if effect.interval:
            draw.line(x(effect.interval[0]), y, x(effect.interval[1]), y, f"whisker {entry.tone}")
        for value in effect.differences:
            draw.add("circle", cx=x(value), cy=y + 10, r=2.0, class_=f"seed {entry.tone}")
        draw.mark(entry.shape, x(effect.mean), y, f"{'mark' if entry.solid else 'hollow'} {entry.tone}")
        draw.text(428, y + 4, signed(effect.mean), "value", "end")
    return draw.render()


def tradeoff(results: Results, across: str, up: str) -> Markup | None:
    """Mean scores on two capabilities with 95 % t intervals over seeds; controls are marked and named.

    Of many variants only those on the Pareto front of the means, and the reference, are named and have intervals.
    """
    if across == up or not {across, up} <= set(results.capabilities):
        return None
    points: list[tuple[Line, dict[int, float], dict[int, float]]] = []
    for line in results.lines:
        xs, ys = results.mean_over(line, across), results.mean_over(line, up)
        if xs and ys:
            points.append((line, xs, ys))
    if not points:
        return None
    said = "; ".join(f"{p.name} {_mean(xs):.1f} and {_mean(ys):.1f}" for p, xs, ys in points)
    trained = {line.name: (xs, ys) for line, xs, ys in points if line.control is None}
    means = {name: (_mean(xs), _mean(ys)) for name, (xs, ys) in trained.items()}
    best = pareto.front(means)
    said += f". No other variant has higher means on both than {join(best)}" if best else ""
    shown = [p for p in points if len(points) <= MOST_NAMED or p[0].control or p[0].reference or p[0].name in best]
    faint = [point for point in points if point not in shown]
    spans_x = [v for _, xs, _ in shown for v in (*xs.values(), *_interval(xs))] + [_mean(xs) for _, xs, _ in faint]
    spans_y = [v for _, _, ys in shown for v in (*ys.values(), *_interval(ys))] + [_mean(ys) for _, _, ys in faint]
    title = f"{up} against {across}"
    draw = Drawing(440, 380, f"tradeoff-{up}", title, f"Mean scores in percent, {across} first, then {up}: {said}.")
    x, y = Scale(spans_x, 40, 296), Scale(spans_y, 330, 34)
    draw.axes(x, y, f"{across}, % correct →", f"↑ {up}, % correct")
    colours = series(results)
    if len(best) > 1:
        draw.polyline([(x(means[name][0]), y(means[name][1])) for name in best], "front", "5 4")
    for line, xs, ys in faint:
        draw.mark(colours[line.name], x(_mean(xs)), y(_mean(ys)), f"mark faint s{colours[line.name] % SERIES}", 4)
    places = spread([y(_mean(ys)) for _, _, ys in shown], 15, 40, 328)
    for (line, xs, ys), place in zip(shown, places, strict=True):
        tone = "control" if line.control else f"s{colours[line.name] % SERIES}"
        cx, cy = x(_mean(xs)), y(_mean(ys))
        draw.line(cx, cy, 306, place, "leader")
        for axis, values in ((x, xs), (y, ys)):
            low, high = _interval(values)
            ends = (axis(low), cy, axis(high), cy) if axis is x else (cx, axis(low), cx, axis(high))
            draw.line(*ends, f"whisker thin {tone}")
        for seed in sorted(xs.keys() & ys.keys()) if len(xs) > 1 else ():
            draw.add("circle", cx=x(xs[seed]), cy=y(ys[seed]), r=2.0, class_=f"seed {tone}")
        shape = 3 if line.control else colours[line.name]
        draw.mark(shape, cx, cy, f"{'hollow' if line.control else 'mark'} {tone}", 5.5)
        draw.text(309, place + 4, line.name, "quiet" if line.control else "", room=130)
    return draw.render()


def clip(samples: Samples, k: int) -> Markup:
    """Frames of one clip in a row, hidden tokens shaded and hatched."""
    frames, hidden = samples.clips[k], samples.hidden[k]
    count_f, height, width, _ = frames.shape
    tubes, rows, columns = hidden.shape
    side, gap = 88.0, 6.0
    tall = side * height / width
    share = 100 * float(hidden.mean())
    title = f"Clip {k + 1}: {samples.captions[k]}"
    said = f"{count(count_f, 'frame')} in a row; {share:.0f} % of the tokens are hidden from the student (hatched)."
    draw = Drawing(count_f * (side + gap) - gap, tall + 18, f"clip-{k}", title, said)
    draw.parts.append(
        f'<defs><pattern id="hatch-{k}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" class="veil"/>'
        f'<line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>'
    )
    for f in range(count_f):
        left = f * (side + gap)
        data = base64.b64encode(png(frames[f])).decode()
        draw.add("image", x=left, y=0.0, width=side, height=tall, class_="pixels", href=f"data:image/png;base64,{data}")
        for r, c in np.argwhere(hidden[f * tubes // count_f]).tolist():
            box = {"x": left + c * side / columns, "y": r * tall / rows, "width": side / columns, "height": tall / rows}
            draw.add("rect", **box, fill=f"url(#hatch-{k})")
        draw.text(left + side / 2, tall + 14, f"frame {f + 1}", "tick", "middle")
    return draw.render()


def png(pixels: UInt8[np.ndarray, "X Y 3"]) -> bytes:
    """An 8-bit RGB picture as PNG (ISO/IEC 15948: header, one zlib stream of unfiltered rows, end)."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _mean(scores: dict[int, float]) -> float:
    return statistics.fmean(scores.values())


def _interval(scores: dict[int, float]) -> tuple[float, float]:
    values = list(scores.values())
    return t_interval(values) if len(values) > 1 else (values[0], values[0])
