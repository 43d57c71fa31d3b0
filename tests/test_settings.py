"""Settings come in the types that a function declares, or with one line that says what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from auxjepa.config import ConfigError
from auxjepa.settings import parameters_of, validated

if TYPE_CHECKING:
    from nowhere import Strange  # type: ignore[import-not-found]


def draw(
    request: Any,
    *,
    share: float | int = 0.5,
    count: int = 3,
    word: str = "clip",
    flag: bool = True,
    more: Mapping[str, Any] | None = None,
    free=0.5,
    open_ended=None,
) -> None: ...


def needs(*, size: int) -> None: ...


def strange(*, odd: Strange, on=False) -> None: ...


def takes_any(**settings: Any) -> None: ...


def checked(function: Any, **settings: Any) -> dict[str, Any]:
    return validated(function, settings, title="it", omit=("request",), noun="setting")


def test_names_and_defaults() -> None:
    assert parameters_of(needs, ()).keys() == {"size"}
    assert list(parameters_of(draw, ("request",)))[:3] == ["share", "count", "word"]


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("share", 1, 1),
        ("share", 0.25, 0.25),
        ("count", 4.0, 4),
        ("flag", "no", False),
        ("flag", False, False),
        ("more", {"a": [1]}, {"a": [1]}),
        ("more", None, None),
        ("free", 2, 2),
        ("open_ended", {"x": 1}, {"x": 1}),
        ("open_ended", "None", None),
        ("more", "None", None),
        ("word", "None", "None"),
    ],
)
def test_values_are_brought_to_their_type(name: str, value: Any, result: Any) -> None:
    read = checked(draw, **{name: value})[name]
    assert read == result and type(read) is type(result)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("share", "abc", "it: share: input should be a valid"),
        ("share", True, "it: share: input should not be true (got True)"),
        ("share", float("nan"), "input should be a finite number"),
        ("share", float("inf"), "input should be a finite number"),
        ("share", None, "it: share: input should be a valid"),
        ("count", 2.5, "it: count: input should be a valid integer"),
        ("count", 10**30, "whole numbers have 64 bits"),
        ("word", 3, "it: word: input should be a valid string (got 3)"),
        ("flag", "perhaps", "it: flag: input should be a valid boolean"),
        ("more", 3, "it: more: input should be a valid"),
        ("free", "x", "it: free: input should be a valid"),
        ("shar", 1, "it has no setting 'shar'; did you mean 'share'?; it takes share, count, word"),
    ],
)
def test_other_values_are_one_line(name: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(draw, **{name: value})
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_setting_without_default_is_needed() -> None:
    assert checked(needs, size=3) == {"size": 3}
    with pytest.raises(ConfigError, match="it needs a value of its setting 'size'"):
        checked(needs)


def test_types_that_cannot_be_read_take_what_the_default_is() -> None:
    assert checked(strange, odd=object, on="yes") == {"odd": object, "on": True}
    assert checked(takes_any, x=1, y="z") == {"x": 1, "y": "z"}
