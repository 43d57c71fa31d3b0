from __future__ import annotations

from auxjepa.data.sets.prepared_set import number_classes


def test_class_numbers() -> None:
    assert number_classes(["b", "a"]) == {"b": 0, "a": 1}
    assert number_classes(["7", "03"]) == {"7": 7, "03": 3}
