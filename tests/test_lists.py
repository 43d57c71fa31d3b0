"""Long lists in one line."""

from __future__ import annotations

import pytest

from auxjepa.lists import shorten_list


@pytest.mark.parametrize(
    ("names", "options", "text"),
    [
        ("", {}, ""),
        ("ab", {}, "a, b"),
        ("abcdef", {}, "a, b, c, d, e, f"),
        ("abcdefgh", {}, "a, b, c, d, e, f and 2 more"),
        ("abc", {"most": 2, "separator": "; "}, "a; b; and 1 more"),
        ("ab", {"most": 2, "separator": "; "}, "a; b"),
    ],
)
def test_long_lists_are_shortened(names: str, options: dict, text: str) -> None:
    assert shorten_list([*names], **options) == text
