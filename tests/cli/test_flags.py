"""Flags and YAML go through one door: same names, same values, same errors."""

from __future__ import annotations

import re
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
    level: int = 0
    pair: tuple[int, int] = (0, 1)


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


READ = {"run": "out/run"}


@pytest.mark.parametrize(
    ("words", "tree"),
    [
        ("--tokens out/run walk.mp4", {"tokens": True, **READ, "videos": ["walk.mp4"]}),
        ("out/run --tokens walk.mp4", {"tokens": True, **READ, "videos": ["walk.mp4"]}),
        ("out/run --no-tokens walk.mp4", {"tokens": False, **READ, "videos": ["walk.mp4"]}),
        ("out/run walk.mp4 --tokens", {"tokens": True, **READ, "videos": ["walk.mp4"]}),
        ("--tokens false out/run walk.mp4", {"tokens": "false", **READ, "videos": ["walk.mp4"]}),
        ("--tokens=false out/run walk.mp4", {"tokens": "false", **READ, "videos": ["walk.mp4"]}),
        ("--tokens NO out/run", {"tokens": "NO", **READ}),
        ("--tokens -- true", {"tokens": True, "run": "true"}),
        ("--tokens --level -1 out/run", {"tokens": True, "level": -1, **READ}),
        ("--counts 1 2 -- out/run a.mp4", {"counts": [1, 2], **READ, "videos": ["a.mp4"]}),
        ("--counts 1 2 --tokens out/run a.mp4", {"counts": [1, 2], "tokens": True, **READ, "videos": ["a.mp4"]}),
        ("--counts=1 out/run a.mp4", {"counts": [1], **READ, "videos": ["a.mp4"]}),
        ("--counts [1,2] out/run a.mp4", {"counts": [1, 2], **READ, "videos": ["a.mp4"]}),
        ("--pair 1 2 out/run a.mp4", {"pair": [1, 2], **READ, "videos": ["a.mp4"]}),
        ("--pair [1,2] out/run", {"pair": [1, 2], **READ}),
        ("--names [x] out/run", {"names": ["x"], **READ}),
        ("--counts=[1,2] out/run", {"counts": [1, 2], **READ}),
        ("--note x out/run", {"note": "x", **READ}),
        ("--note None out/run", {"note": None, **READ}),
        ("--run out/run a.mp4", {**READ, "videos": ["a.mp4"]}),
        ("a.mp4 --run out/run", {**READ, "videos": ["a.mp4"]}),
        ("-- --tokens --names", {"run": "--tokens", "videos": ["--names"]}),
        ("-- -x", {"run": "-x"}),
    ],
)
def test_a_flag_takes_no_positional_word(words: str, tree: dict[str, Any]) -> None:
    read = overrides(Example, words.split(), ("run", "videos"))
    if isinstance(tree.get("tokens"), str):
        tree = {**tree, "tokens": validate(Example, {"run": "x", "tokens": tree["tokens"]}).tokens}
        read = {**read, "tokens": validate(Example, {"run": "x", "tokens": read["tokens"]}).tokens}
    assert read == tree


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--counts 1 out/run", "run is required; --counts takes all words up to the next flag or --"),
        ("out/run -x", "no flag '-x': flags begin with --"),
        ("out/run --no-tokens false", "--no-tokens takes no value, got 'false'"),
        ("out/run --no-tokens=true", "--no-tokens takes no value, got 'true'"),
        ("out/run --names", "--names needs a value"),
        ("out/run --note --tokens", "--note needs a value"),
        ("out/run --tokns", "unknown field 'tokns'; did you mean 'tokens'?"),
        ("out/run --no-tokns", "unknown field 'no_tokns'; did you mean 'tokens'?"),
        ("out/run --no-level", "unknown field 'no_level'; did you mean 'level'?"),
        ("out/run --counts.x 1", "unknown field 'counts.x'"),
    ],
)
def test_words_that_cannot_be_read_are_one_line(words: str, line: str) -> None:
    with pytest.raises(UsageError, match=re.escape(line)):
        validate(Example, overrides(Example, words.split(), ("run", "videos")))


def test_a_word_after_a_switch_is_explained() -> None:
    with pytest.raises(UsageError, match=r"what is 'maybe'\? .*a switch takes its value as --data.flip=VALUE"):
        overrides(RunConfig, ["--data.flip", "maybe"])


def test_a_short_switch_has_its_opposite() -> None:
    short = {"tensorboard": "log.tensorboard"}
    assert overrides(RunConfig, ["--no-tensorboard"], short=short) == {"log": {"tensorboard": False}}
    assert overrides(RunConfig, ["--tensorboard"], short=short) == {"log": {"tensorboard": True}}
    assert overrides(RunConfig, ["--no-data.flip"]) == {"data": {"flip": False}}
    with pytest.raises(UsageError, match=r"did you mean 'log\.tensorboard'"):
        overrides(RunConfig, ["--tensorbord"], short=short)


def test_a_value_does_not_replace_its_parts_silently() -> None:
    with pytest.raises(UsageError, match=r"--optim would replace --optim\.lr, which was given before"):
        overrides(RunConfig, ["--optim.lr", "1", "--optim", "{steps: 3}"])
    words = ["--optim", "{steps: 3}", "--optim.lr", "1"]
    assert overrides(RunConfig, words) == {"optim": {"steps": 3, "lr": 1}}
