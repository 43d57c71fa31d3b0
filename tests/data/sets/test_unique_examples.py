from __future__ import annotations

from auxjepa.data.sets.data_set import Example, Problem
from auxjepa.data.sets.unique_examples import UniqueExamples


def test_equal_entries_count_once_and_conflicts_are_left_out() -> None:
    problems: list[Problem] = []
    unique = UniqueExamples(problems)
    unique.add("a", "l:1", Example("a", {"x": "1"}, texts=("one",)))
    unique.add("b", "l:2", Example("b", {"x": "1"}))
    unique.add("a", "l:3", Example("a", {"x": "1"}, texts=("two", "one")))
    unique.add("b", "l:4", Example("b", {"x": "2"}))
    unique.add("b", "l:5", Example("b", {"x": "1"}))
    unique.add("c", "l:6", Example("c", {}, start=1.0))
    assert len(unique) == 2 and "b" in unique
    assert [(e.path, e.texts) for e in unique.examples()] == [("a", ("one", "two")), ("c", ())]
    assert [(p.where, p.what) for p in problems[:3]] == [
        ("l:3", "a is listed twice"),
        ("l:2", "b is listed twice with different content (x 1 and 2): left out"),
        ("l:4", "b is listed twice with different content (x 1 and 2): left out"),
    ]
    unique.add("c", "l:7", Example("c", {}, start=2.0))
    assert "1.0 … None s and 2.0 … None s" in problems[-1].what and len(unique) == 1
