"""Flags and YAML go through one door: same names, same values, same errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.cli.flags import UsageError, merge, overrides, validate
from auxjepa.config import Count, RunConfig, Typed


class Example(Typed):
    """A record with one field of every kind."""

    run: Path
    videos: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    tokens: bool = True
    note: str | None = None


@pytest.mark.parametrize(
    ("words", "tree"),
    [
        ("--optim.lr 1e-3", {"optim": {"lr": 1e-3}}),
        ("--optim.lr=1e-3", {"optim": {"lr": 1e-3}}),
        ("--data.crop-area 0.5 1", {"data": {"crop_area": [0.5, 1]}}),
        ("--data.crop-area [0.5,1]", {"data": {"crop_area": [0.5, 1]}}),
        ("--data.flip", {"data": {"flip": True}}),
        ("--data.no-flip", {"data": {"flip": False}}),
        ("--data.flip false", {"data": {"flip": False}}),
        ("--data.fps null", {"data": {"fps": None}}),
        ("--masks.0.scale 0.3", {"masks": {"0": {"scale": 0.3}}}),
        ("--objectives.ltc.args.margin 1", {"objectives": {"ltc": {"args": {"margin": 1}}}}),
        ("--objectives.my-term.name delta", {"objectives": {"my-term": {"name": "delta"}}}),
        ("--data.source no", {"data": {"source": "no"}}),
        ("--variant 007", {"variant": "007"}),
        ("--seed 1 --seed 2", {"seed": 2}),
        ("--masks []", {"masks": []}),
        ("--masks [{'scale':0.3}]", {"masks": [{"scale": 0.3}]}),
        ("--masks {'scale':0.3} {'scale':0.7}", {"masks": [{"scale": 0.3}, {"scale": 0.7}]}),
        ("--masks.0 {'scale':0.3}", {"masks": {"0": {"scale": 0.3}}}),
        ("--optim {'lr':1e-3}", {"optim": {"lr": 1e-3}}),
    ],
)
def test_a_flag_is_a_path_and_a_value(words: str, tree: dict[str, Any]) -> None:
    assert overrides(RunConfig, words.split()) == tree


def test_words_without_a_flag_fill_the_positional_fields() -> None:
    words = ["run", "a.mp4", "b.mp4", "--no-tokens", "--names", "x", "1", "--counts", "3"]
    read = validate(Example, overrides(Example, words, ("run", "videos")))
    assert read == Example(
        run=Path("run"), videos=(Path("a.mp4"), Path("b.mp4")), tokens=False, names=("x", "1"), counts=(3,)
    )


def test_a_short_flag_stands_for_a_long_one_in_any_order() -> None:
    short = {"data": "data.source"}
    expected = {"data": {"source": "folder:x", "clips": 5}}
    assert overrides(RunConfig, ["--data", "folder:x", "--data.clips", "5"], short=short) == expected
    assert overrides(RunConfig, ["--data.clips", "5", "--data", "folder:x"], short=short) == expected


def test_a_value_and_a_part_of_it_contradict() -> None:
    with pytest.raises(UsageError, match="optim was given a single value before"):
        overrides(RunConfig, ["--optim", "x", "--optim.lr", "1"])


@settings(max_examples=50, deadline=None)
@given(
    steps=st.integers(1, 10**6),
    lr=st.floats(1e-9, 10, allow_nan=False),
    scale=st.floats(0, 1),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
        lambda s: not s.startswith("-")
    ),
    flip=st.booleans(),
)
def test_flags_say_what_yaml_says(steps: int, lr: float, scale: float, name: str, flip: bool) -> None:
    text = yaml.safe_dump(
        {
            "optim": {"steps": steps, "lr": lr},
            "masks": [{"scale": scale}],
            "data": {"source": name, "flip": flip},
        },
        allow_unicode=True,
    )
    words = [f"--optim.steps={steps}", "--optim.lr", repr(lr), "--masks.0.scale", repr(scale)]
    words += ["--data.source", name, "--data.flip", str(flip).lower()]
    base = RunConfig().model_dump(mode="json")
    from_flags = validate(RunConfig, merge(base, overrides(RunConfig, words)))
    assert from_flags == RunConfig.model_validate(yaml.safe_load(text))


def test_merging_reaches_into_lists_and_adds_to_their_end() -> None:
    base = {"masks": [{"scale": 0.1, "blocks": 2}]}
    assert merge(base, {"masks": {"0": {"scale": 0.3}}}) == {"masks": [{"scale": 0.3, "blocks": 2}]}
    assert merge(base, {"masks": {"1": {"scale": 0.3}}})["masks"][1] == {"scale": 0.3}
    assert merge(base, {"masks": [{}]}) == {"masks": [{}]}
    assert base == {"masks": [{"scale": 0.1, "blocks": 2}]}


def test_several_problems_are_counted() -> None:
    with pytest.raises(UsageError, match=r"optim\.steps.*\(and 1 more\)"):
        validate(RunConfig, {"optim": {"steps": 0, "batch": 0}})
