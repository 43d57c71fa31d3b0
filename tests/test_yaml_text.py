"""YAML: what a person means or one line that names the place; never a trace, never without end."""

from __future__ import annotations

import codecs
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.config import ConfigError, read_yaml
from auxjepa.yaml_text import MOST_BYTES, YamlError, decode, dump, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.inf", -math.inf),
        ("0x1F", 31),
        ("0o17", 15),
        ("+1", 1),
        ("0", 0),
        ("=", "="),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
    ],
)
def test_a_word_means_what_yaml_1_2_says(text: str, value: object) -> None:
    read = load(text)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "variant: {{7*7}}",
            "line 1: a key must be a word or a number, not a list or a mapping; {{ … }} is a template",
        ),
        ("a: 1\n? [x]\n: y", "line 2: a key must be a word or a number"),
        ("seed: !!timestamp 2020", "line 1: the tag !!timestamp isn't used here"),
        ("a: !!binary aGk=", "the tag !!binary isn't used here"),
        ("a: !!set {x}", "the tag !!set isn't used here"),
        ("a: !mine 1", "the tag !mine isn't used here"),
        ("a: !!python/name:os.system", "the tag !!python/name:os.system isn't used here"),
        ("foo: &a [*a]", "an alias is inside the value that it repeats"),
        ("foo: &a {b: {c: *a}}", "an alias is inside the value that it repeats"),
        ("a: *b", "found undefined alias 'b'"),
        ("seed: 010", "line 1: 010 is octal to some programs: write 10, or '010' in quotes"),
        ("seed: -007", "write -7"),
        ("a: 08.5", "write 8.5"),
        ("a: " + "9" * 400, "a number of 400 digits"),
        ("a: !!int x", "'x' is no whole number"),
        ("a: !!int {b: c}", "expected a scalar node"),
        ("a: !!float x", "'x' is no number"),
        ("a: !!bool maybe", "'maybe' is neither true nor false"),
        ("a:\n\t- 1", "line 2: found character '\\t' that cannot start any token; indent with spaces"),
        ("a: 1\nb: 2\na: 3", "line 3: 'a' is set twice"),
        ("{a: {b: 1, b: 1}}", "'b' is set twice"),
        ("1: a\n0x1: b", "line 2: '0x1' is set twice"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins here"),
        ("a: 'x", "found unexpected end of stream"),
        ("a: \x07", "the character U+0007 isn't allowed"),
        ("a: \ud800", "the character U+D800 isn't allowed"),
        ("[" * 70 + "]" * 70, "more than 64 deep"),
        ("[" * 100_000, "more than 64 deep"),
        ("{a: " * 100_000, "more than 64 deep"),
    ],
)
def test_what_cannot_be_used_is_one_line(text: str, words: str) -> None:
    with pytest.raises(YamlError) as caught:
        load(text)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("link", ["[{}]", "{{<<: [{}]}}"])
def test_aliases_do_not_unfold_without_end(link: str) -> None:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} " + link.format(", ".join([f"*a{n - 1}"] * 10)) for n in range(1, 40)]
    with pytest.raises(YamlError, match="aliases make this"):
        load("\n".join(lines))


def test_aliases_and_merged_keys_are_used_as_written() -> None:
    text = "base: &b {lr: 1, steps: 2}\nrun: {<<: *b, lr: 3}\nlist: [*b, *b]"
    assert load(text)["run"] == {"lr": 3, "steps": 2} and load(text)["list"] == [{"lr": 1, "steps": 2}] * 2


def test_a_long_list_without_aliases_is_read() -> None:
    assert len(load(f"seeds: [{','.join(['1'] * 120_000)}]")["seeds"]) == 120_000


@pytest.mark.parametrize(
    "data",
    [
        b"seed: 1\n",
        codecs.BOM_UTF8 + b"seed: 1\n",
        codecs.BOM_UTF16_LE + "seed: 1\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "seed: 1\n".encode("utf-16-be"),
    ],
)
def test_utf8_and_marked_utf16_are_read(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_bytes(data)
    assert read_yaml(tmp_path / "run.yaml") == {"seed": 1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("ä: 1".encode("latin-1"), "not a text file in UTF-8"),
        ("seed: 1".encode("utf-16-le"), "the character U+0000 isn't allowed"),
        (b"\x00" * 10, "the character U+0000 isn't allowed"),
        (b"x" * (MOST_BYTES + 1), "more than 4 MB"),
    ],
)
def test_other_bytes_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_yaml(tmp_path / "run.yaml")
    assert words in str(caught.value) and "run.yaml" in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigError, match="more than 4 MB"):
        read_yaml(Path("/dev/zero"))


TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["no", "1:30", "010", "0o17", "1e5", ".nan", "~", "<<", "=", "", "2020-01-01", "x\x85y", "a: b"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | TEXT,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXT, one, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(content=st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_again(content: dict[str, object]) -> None:
    assert load(dump(content)) == content


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60) | st.text("{}[]:,&*!<-? \n\t'\"#|>%@`a1.0", max_size=40).map(str.encode))
def test_any_bytes_are_a_value_or_one_line(data: bytes) -> None:
    try:
        load(decode(data))
    except YamlError as error:
        assert "\n" not in str(error)
