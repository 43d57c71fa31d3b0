"""One walk over the fields of a record serves the parser, the help and the suggestions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from auxjepa.cli.fields import Kind, fixed_length, flags_of, kind_at, kind_of, path_of, suggestion
from auxjepa.config import Count, Typed


class Inner(Typed):
    """An inner record."""

    flip_it: bool = False
    pair: tuple[float, int] = (0.0, 0)


class Outer(Typed):
    """An outer record."""

    UNUSED: ClassVar[tuple[str, ...]] = ("hidden.pair",)

    name: str | None = None
    inner: Inner = Inner()
    hidden: Inner = Inner()
    listed: tuple[Inner, ...] = ()
    named: dict[str, Inner] = Field(default={})
    free: dict[str, Any] = Field(default={})


def test_the_walk_opens_records_lists_and_mappings() -> None:
    assert [flag.name for flag in flags_of(Outer)] == [
        *("name", "inner", "hidden", "listed", "named", "free", "free.NAME", "inner.flip-it", "inner.pair"),
        *("hidden.flip-it", "listed.N.flip-it", "listed.N.pair", "named.NAME.flip-it", "named.NAME.pair"),
    ]


def test_a_field_belongs_to_the_group_of_the_records_that_it_holds() -> None:
    groups = {flag.name: flag.group for flag in flags_of(Outer)}
    assert groups["listed"] == groups["listed.N.pair"] == "listed.N" and groups["name"] == groups["free.NAME"] == ""
    assert {flag.name: flag.no_name for flag in flags_of(Outer)}["inner.flip-it"] == "inner.no-flip-it"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("name", Kind(str, True)),
        ("inner.flip-it", Kind(bool)),
        ("inner.pair.1", Kind(int)),
        ("listed.3.flip-it", Kind(bool)),
        ("named.a-b.flip-it", Kind(bool)),
        ("free.a.b", Kind(Any)),
        ("listed.x", None),
        ("name.x", None),
        ("nothing", None),
    ],
)
def test_the_type_at_a_path(name: str, kind: Kind | None) -> None:
    assert kind_at(Outer, path_of(Outer, name)) == kind


def test_dashes_of_a_users_own_key_stay() -> None:
    assert path_of(Outer, "named.a-b.flip-it") == ["named", "a-b", "flip_it"]


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (Count | None, Kind(int, True)),
        (Annotated[Path | None, "x"], Kind(Path, True)),
        (Literal["a"] | None, Kind(Literal["a"], True)),
        (int | str, Kind(int | str)),
    ],
)
def test_a_type_without_its_metadata_and_none(annotation: Any, kind: Kind) -> None:
    assert kind_of(annotation) == kind


def test_the_length_of_a_tuple() -> None:
    assert fixed_length(tuple[int, int]) == 2 and fixed_length(tuple[int, ...]) is fixed_length(list[int]) is None


@pytest.mark.parametrize(
    ("path", "short", "words"),
    [
        (["inner", "fip_it"], {}, "; did you mean 'inner.flip_it'?"),
        (["flip_it"], {}, "; did you mean 'hidden.flip_it'?"),
        (["jsn"], {"json": "name"}, "; did you mean 'json'?"),
        (["inner", "zzz"], {}, " (known here: flip_it, pair)"),
        (["zzz", "zzz"], {}, ""),
    ],
)
def test_the_nearest_field(path: list[str], short: dict[str, str], words: str) -> None:
    assert suggestion(Outer, path, short) == words
