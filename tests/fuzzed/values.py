"""Values that no field expects, and changes to nested mappings."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

WRONG: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 3, 7, 64, 10**6, 10**9, 10**18, 2**63 - 1, 2**63, 10**26, -(10**26), 10**400),
    *(0.5, -0.5, 1.0, 1e-300, 1e-320, 1e300, 1e308, -1e308, float("nan"), float("inf"), -float("inf")),
    *("", " ", "no", "on", "1:30", "010", "1e3", "1e999", "0x10", "abc", "ä", "🙂", "a\nb", "\x00", "x" * 300, "../x"),
    *("/", "~", "null", "<<", "{{7*7}}", "${HOME}", "2020-01-01", "nan", "-", "--x", "a.b", "world", "prediction"),
    *([], [1], [1, 2], [2, 1], [[1]], [None], ["a"], [0.5, 0.5], [1e308, 1e308], [-1, 1], list(range(50)), [{}]),
    *({}, {"a": 1}, {"a": {"b": [1]}}, {1: 2}, {"": None}, {"weight": 1}, {None: 1}, {True: 1}, {1.5: 1}),
]


def nested(depth: int) -> Any:
    """A list in a list, ``depth`` times."""
    return [nested(depth - 1)] if depth else 1


def wrong_value(rng: random.Random) -> Any:
    """Some value of any type."""
    if rng.random() < 0.05:
        return nested(rng.choice((5, 30, 70)))
    if rng.random() < 0.1:
        return rng.choice((rng.uniform(-2, 2), 10 ** rng.uniform(-320, 308), rng.randrange(-5, 100)))
    return copy.deepcopy(rng.choice(WRONG))


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a tree of mappings and lists."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, value in items for place in places(value, (*path, key)))]


def mutated(tree: dict[str, Any], rng: random.Random, times: int) -> dict[str, Any]:
    """The tree with a few changes: other values, missing, added, exchanged and misspelt entries."""
    tree = copy.deepcopy(tree)
    for _ in range(times):
        rng.choice(CHANGES)(tree, rng)
    return tree


def _parent(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        tree = tree[key]
    return tree


def _some(tree: dict[str, Any], rng: random.Random) -> tuple[Any, Any]:
    """A random entry: what holds it, and its key there."""
    path = rng.choice(places(tree)[1:] or [("seed",)])
    return _parent(tree, path), path[-1]


def _replace(tree: dict[str, Any], rng: random.Random) -> None:
    holder, key = _some(tree, rng)
    holder[key] = wrong_value(rng)


def _remove(tree: dict[str, Any], rng: random.Random) -> None:
    holder, key = _some(tree, rng)
    if key in holder or isinstance(holder, list):
        del holder[key]


def _add(tree: dict[str, Any], rng: random.Random) -> None:
    holder, _ = _some(tree, rng)
    if isinstance(holder, dict):
        holder[rng.choice(("extra", "Seed", "steps", "weight", "args", "name", "kind", 1, None, "a.b", "ü"))] = (
            wrong_value(rng)
        )
    else:
        holder.append(wrong_value(rng))


def _exchange(tree: dict[str, Any], rng: random.Random) -> None:
    (a, first), (b, second) = _some(tree, rng), _some(tree, rng)
    if (first in a or isinstance(a, list)) and (second in b or isinstance(b, list)):
        one, other = copy.deepcopy(a[first]), copy.deepcopy(b[second])
        a[first], b[second] = other, one


def _misspell(tree: dict[str, Any], rng: random.Random) -> None:
    holder, key = _some(tree, rng)
    if isinstance(holder, dict) and isinstance(key, str) and key in holder:
        holder[key[:-1] or "x"] = holder.pop(key)


def _wrap(tree: dict[str, Any], rng: random.Random) -> None:
    holder, key = _some(tree, rng)
    if key in holder or isinstance(holder, list):
        holder[key] = rng.choice((lambda x: [x], lambda x: {"value": x}, lambda x: [x, x], str))(holder[key])


CHANGES: list[Callable[[dict[str, Any], random.Random], None]] = [
    *(_replace, _replace, _replace, _remove, _add, _exchange, _misspell, _wrap)
]
