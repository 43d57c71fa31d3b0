from __future__ import annotations

from auxjepa.data.sets.kinetics_classes import compare_classes, normalise_class


def test_classes_of_two_editions_are_compared_by_name() -> None:
    old = ["abseiling", "massaging person's head", "passing American football (in game)", "zumba", "strumming guitar"]
    new = ["Abseiling", "massaging_persons_head", "passing american football (in game)", "zumba", "alligator wrestling"]
    overlap = compare_classes(old, new)
    assert overlap.shared == dict(zip(old[:4], new[:4], strict=True))
    assert overlap.added == ("alligator wrestling",) and overlap.dropped == ("strumming guitar",)
    assert normalise_class("  passing_American football  (in game)") == "passing american football in game"
    other = normalise_class("passing american football (not in game)")
    assert other != normalise_class("passing american football (in game)")
