from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.evidence.statistics.pareto import front_stability, pareto_front


def test_the_front_of_a_small_picture() -> None:
    points = {"low": (1.0, 9.0), "inside": (1.5, 4.0), "middle": (2.0, 5.0), "high": (7.0, 1.0), "middle 2": (2.0, 5.0)}
    assert pareto_front(points) == ["low", "middle", "middle 2", "high"]
    assert pareto_front({}) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_no_name_on_the_front_is_beaten_and_every_other_name_is(values: list[tuple[int, int]]) -> None:
    points = {str(i): (float(x), float(y)) for i, (x, y) in enumerate(values)}
    on_front = set(pareto_front(points))

    def beaten(name: str) -> bool:
        x, y = points[name]
        return any((a >= x and b > y) or (a > x and b >= y) for a, b in points.values())

    assert on_front == {name for name in points if not beaten(name)}


def test_stability_is_certain_where_seeds_agree_and_even_where_they_do_not() -> None:
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 3, 40)
    best = {s: 50 + luck[s] for s in range(40)}
    scores = {
        "best": (best, best),
        "worse": ({s: v - 5 for s, v in best.items()}, {s: v - 5 for s, v in best.items()}),
        "coin": ({s: 50 + v for s, v in enumerate(rng.normal(0, 3, 40))}, {s: v - 9 for s, v in best.items()}),
    }
    result = front_stability(scores)
    assert result["best"] == 1.0 and result["worse"] == 0.0 and 0.05 < result["coin"] < 0.95
    assert front_stability(scores) == result


def test_only_common_seeds_are_drawn() -> None:
    ones, twos = dict.fromkeys(range(6), 1.0), dict.fromkeys(range(1, 6), 2.0)
    assert front_stability({"a": (ones, ones), "b": (twos, twos | {9: 9.0})}) == {"a": 0.0, "b": 1.0}
    assert front_stability({"a": (ones, ones), "b": ({7: 2.0}, {7: 2.0})}) == {} and front_stability({}) == {}


def test_one_point_per_axis_pair_is_enough() -> None:
    five = dict.fromkeys(range(5), 1.0)
    assert front_stability({"a": (five, five)}) == {"a": pytest.approx(1.0)}


def test_fewer_than_5_seeds_have_no_share() -> None:
    four = dict.fromkeys(range(4), 1.0)
    assert front_stability({"a": (four, four)}) == {}
