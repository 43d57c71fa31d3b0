from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.report.svg import SERIES, Drawing, Scale, mark, spread

reals = st.floats(-1e4, 1e4, allow_nan=False)


@given(st.lists(reals, min_size=1, max_size=5))
def test_ticks_are_round_inside_and_in_order(values: list[float]):
    scale = Scale(values, 0, 100)
    ticks = [v for v, _ in scale.ticks(5)]
    assert ticks == sorted(set(ticks)) and 1 <= len(ticks) <= 7
    assert all(-1e-6 <= scale(v) <= 100 + 1e-6 for v in ticks)
    assert len({label for _, label in scale.ticks(5)}) == len(ticks)


def test_tick_labels():
    assert [label for _, label in Scale([-0.5, 1.0], 0, 1, pad=0).ticks(3)] == ["−0.5", "0.0", "0.5", "1.0"]
    assert [label for _, label in Scale([0, 10], 0, 1, pad=0).ticks(4)] == ["0.0", "2.5", "5.0", "7.5", "10.0"]
    assert Scale([0, 30_000], 0, 1, pad=0).ticks(3)[-1][1] == "30k"


@given(st.lists(st.floats(0, 300), min_size=1, max_size=9))
def test_spread_labels_keep_their_distance_and_order(positions: list[float]):
    moved = spread(positions, 15, 0, 300)
    order = sorted(range(len(positions)), key=lambda i: moved[i])
    assert [positions[i] for i in order] == sorted(positions)
    assert all(moved[b] - moved[a] >= 15 - 1e-9 for a, b in itertools.pairwise(order))
    assert max(moved) <= 300 + 1e-9


def test_every_series_has_another_shape():
    assert len({mark(i, 0, 0, "m") for i in range(SERIES)}) == SERIES


def test_text_is_escaped_and_the_full_text_is_a_tooltip():
    draw = Drawing(10, 10, "x", "<b>", 'a "quote" & more')
    draw.text(0, 0, "<script>alert(1)</script>", room=60)
    svg = str(draw.render())
    assert "<script" not in svg and "&lt;script&gt;alert(1)&lt;/script&gt;" in svg
    assert 'role="img"' in svg and "&lt;b&gt;" in svg and "…" in svg


def test_attributes_are_escaped():
    draw = Drawing(1, 1, "x", "t", "d")
    draw.add("rect", class_='a"b', stroke_dasharray="1 2", x=1.23456)
    assert '<rect class="a&#34;b" stroke-dasharray="1 2" x="1.23"/>' in str(draw.render())


def test_a_scale_of_one_value_is_not_empty():
    assert Scale([3.0], 0, 10)(3.0) == pytest.approx(5.0)
