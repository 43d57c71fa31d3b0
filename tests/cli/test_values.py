"""What a text means for a field: the same in a flag and in a configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from auxjepa.cli import pretrain
from auxjepa.cli.flags import UsageError, overrides, validate
from auxjepa.cli.study import PRESETS, resolve
from auxjepa.config import Count, Natural, Number, Typed, Whole, read_yaml
from auxjepa.yaml_text import dump


class Example(Typed):
    """A record with one field of every kind."""

    whole: Whole = 7
    count: Count | None = 7
    number: Number = 0.5
    rate: Number | None = 0.5
    switch: bool = False
    text: str = "x"
    label: str | None = "x"
    path: Path = Path("x")
    file: Path | None = Path("x")
    word: Literal["none", "on", "010"] = "on"
    half: Literal["a", "b"] | None = "a"
    numbers: tuple[Natural, ...] = ()
    texts: tuple[str, ...] = ()
    inner: dict[str, Any] = Field(default={})


NULLABLE = ("count", "rate", "label", "file", "half")
ACCEPTED = [
    ("whole", "10", 10),
    ("whole", "+3", 3),
    ("whole", "-3", -3),
    ("whole", "0", 0),
    ("whole", "0x10", 16),
    ("whole", "0o17", 15),
    ("whole", "1_000", 1000),
    ("whole", "1e3", 1000),
    ("whole", "5.", 5),
    ("whole", "5.0", 5),
    ("number", ".5", 0.5),
    ("number", "5.", 5.0),
    ("number", "-.5e-1", -0.05),
    ("number", "+3", 3.0),
    ("number", "1e-3", 1e-3),
    ("number", "1_000.5", 1000.5),
    *(
        (name, word, None)
        for name in ("count", "rate", "label", "file", "half")
        for word in ("None", "null", "Null", "~")
    ),
    *(("switch", word, True) for word in ("true", "True", "yes", "YES", "on", "1")),
    *(("switch", word, False) for word in ("false", "FALSE", "no", "No", "off", "0")),
    ("text", "None", "None"),
    ("text", "1:30", "1:30"),
    ("text", "no", "no"),
    ("path", "None", Path("None")),
    ("word", "none", "none"),
    ("word", "on", "on"),
    ("numbers", "[1, 0x10]", (1, 16)),
    ("texts", "[ld, baseline]", ("ld", "baseline")),
]
REFUSED = [
    ("whole", "010", "write 10"),
    ("whole", "-007", "write -7"),
    ("number", "010", "write 10"),
    ("number", "00.5", "write 0.5"),
    ("whole", "1:30", "integer"),
    ("number", "1:30", "number"),
    ("whole", "0b11", "integer"),
    ("whole", "1.5", "integer"),
    ("whole", "1e400", "finite"),
    ("whole", "1e30", "exceeded maximum size"),
    ("whole", "1e18.5", "integer"),
    ("whole", "9223372036854775808", "less than or equal"),
    ("whole", "nan", "integer"),
    ("whole", "true", "not true"),
    ("number", "NaN", "finite"),
    ("number", ".nan", "finite"),
    ("number", "inf", "finite"),
    ("number", "-.inf", "finite"),
    ("number", "1e999", "finite"),
    ("number", "no", "number"),
    ("number", "yes", "number"),
    ("number", "true", "not true"),
    ("number", "1,5", "number"),
    ("whole", "None", "integer"),
    ("number", "None", "number"),
    ("switch", "maybe", "boolean"),
    ("switch", "2", "boolean"),
    ("switch", "None", "boolean"),
    ("word", "None", "did you mean 'none'"),
    ("numbers", "[1:30]", "integer"),
    ("numbers", "[010]", "write 10"),
]


def from_flag(field: str, text: str) -> Example:
    return validate(Example, overrides(Example, [f"--{field}={text}"]))


def from_file(field: str, text: str, folder: Path) -> Example:
    file = folder / "example.yaml"
    file.write_text(f"{field}: {text}\n")
    return validate(Example, read_yaml(file))


@pytest.mark.parametrize(("field", "text", "value"), ACCEPTED)
def test_a_text_is_the_same_value_in_a_flag_and_in_a_file(field: str, text: str, value: Any, tmp_path: Path) -> None:
    read = getattr(from_flag(field, text), field)
    assert read == value and type(read) is type(value)
    assert getattr(from_file(field, text, tmp_path), field) == read


@pytest.mark.parametrize(("field", "text", "words"), REFUSED)
def test_a_text_is_refused_in_a_flag_and_in_a_file(field: str, text: str, words: str, tmp_path: Path) -> None:
    for read in (lambda: from_flag(field, text), lambda: from_file(field, text, tmp_path)):
        with pytest.raises(ValueError, match=words) as refused:
            read()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("field", ["whole", "count", "rate", "switch", "path", "file", "word", "numbers", "inner"])
@pytest.mark.parametrize("form", ["joined", "separate"])
def test_an_empty_value_is_refused_where_it_is_no_text(field: str, form: str) -> None:
    words = [f"--{field}="] if form == "joined" or field == "switch" else [f"--{field}", ""]
    with pytest.raises(UsageError, match=f"--{field} needs a value"):
        overrides(Example, words)


def test_an_empty_text_is_a_text() -> None:
    assert from_flag("text", "").text == "" and from_flag("label", "").label == ""


@pytest.mark.parametrize("text", ["null", "Null", "~"])
def test_null_of_a_file_is_no_text(text: str, tmp_path: Path) -> None:
    """YAML has quotes for a text of this spelling; a flag has none, and takes the word as text."""
    with pytest.raises(UsageError, match="text: input should be a valid string"):
        from_file("text", text, tmp_path)
    assert from_file("text", f"'{text}'", tmp_path).text == from_flag("text", text).text == text


def test_none_within_lists_and_records_of_a_file(tmp_path: Path) -> None:
    class Outer(Typed):
        many: dict[str, Example] = Field(default={})
        listed: tuple[Example, ...] = ()

    file = tmp_path / "outer.yaml"
    file.write_text("many: {a: {count: None, text: None}}\nlisted: [{rate: None}]\n")
    outer = validate(Outer, read_yaml(file))
    assert outer.many["a"].count is None and outer.many["a"].text == "None" and outer.listed[0].rate is None


def test_content_of_a_users_own_mapping_stays(tmp_path: Path) -> None:
    assert from_file("inner", "{a: None, b: [no, 1e3]}", tmp_path).inner == {"a": "None", "b": ["no", 1000.0]}


def test_none_in_the_files_of_runs_and_studies(tmp_path: Path) -> None:
    run, study = tmp_path / "run.yaml", tmp_path / "study.yaml"
    run.write_text("data: {fps: None}\noptim: {clip: None}\n")
    config = pretrain.resolve(["--config", str(run)])[0]
    assert config == pretrain.resolve(["--data.fps", "null", "--optim.clip", "None"])[0] and config.optim.clip is None
    study.write_text(dump({**read_yaml(PRESETS / "quick.yaml"), "sizes": {"train": "None"}}))
    assert resolve([str(study), "--root", "None"])[0].sizes.train is None
