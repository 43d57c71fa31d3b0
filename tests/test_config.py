"""Configuration: what changes numbers changes the hash, YAML goes there and back, errors are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from auxjepa.config import ConfigError, DataConfig, RunConfig, parse_yaml, read_yaml, to_yaml

CHANGES: list[dict[str, Any]] = [
    {"seed": 1},
    {"data": {"source": "folder:x"}},
    {"data": {"clips": 5}},
    {"data": {"frames": 4}},
    {"data": {"size": 16}},
    {"data": {"stride": 2}},
    {"data": {"fps": 3.0}},
    {"data": {"crop_area": [0.5, 1.0]}},
    {"data": {"crop_aspect": [1.0, 1.0]}},
    {"data": {"flip": True}},
    {"data": {"seed": 1}},
    {"data": {"mixture": {"ucf101": {}}}},
    {"data": {"cache": "none"}},
    {"data": {"split": "train"}},
    {"model": {"size": "tiny"}},
    {"model": {"tubelet": 1}},
    {"model": {"patch": 4}},
    {"model": {"levels": 2}},
    {"model": {"position": "sincos"}},
    {"model": {"rope": "tiled"}},
    {"model": {"rope_interpolate": 7}},
    {"model": {"modality_embedding": True}},
    {"model": {"predictor_dim": 32}},
    {"model": {"predictor_depth": 1}},
    {"masks": [{"scale": 0.2}]},
    {"masks": [{"args": {"strength": 2.0}}]},
    {"masks": [{}, {}]},
    {"objectives": {"delta": {}}},
    {"objectives": {"prediction": {"weight": 2.0}}},
    {"objectives": {"prediction": {"args": {"exponent": 2}}}},
    {"objectives": {"prediction": {"schedule": {"kind": "linear"}}}},
    {"teacher": {"enabled": False}},
    {"teacher": {"momentum": [0.9, 1.0]}},
    {"teacher": {"normalise": "position"}},
    {"teacher": {"schedule": "power"}},
    {"teacher": {"width": 0.1}},
    *({"optim": {k: v}} for k, v in {"steps": 1, "batch": 2, "lr": 1.0, "lr_start": 0.1, "lr_end": 0.1}.items()),
    *({"optim": {k: v}} for k, v in {"warmup": 0.0, "weight_decay": 0.0, "betas": [0.5, 0.5], "clip": None}.items()),
    {"optim": {"precision": "bf16"}},
    {"optim": {"balance": "upgrad"}},
    {"checkpoint": {"keep": "best"}},
]
SILENT: list[dict[str, Any]] = [
    {"variant": "x"},
    {"regime": "x"},
    {"data": {"root": "/elsewhere"}},
    {"data": {"workers": 0}},
    {"data": {"allow_padding": True}},
    {"data": {"shard_limit": 1}},
    {"log": {"monitor_every": 1}},
    {"log": {"tensorboard": True}},
    {"checkpoint": {"every": 3}},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_can_change_a_number_changes_the_hash(change: dict[str, Any]) -> None:
    assert RunConfig.model_validate(change).content_hash() != RunConfig().content_hash()


def test_fields_that_came_later_leave_old_hashes_as_they_were() -> None:
    """Published rows and registrations carry these."""
    assert RunConfig().content_hash() == "0a6776b5b0abf509"
    assert DataConfig().digest() == "883b91c4f724b26a" and "mixture" not in to_yaml(DataConfig())
    mixed = DataConfig.model_validate({"mixture": {"a": {"weight": 0.5}}, "workers": 7, "cache": "jpeg"})
    assert DataConfig.model_validate(parse_yaml(to_yaml(mixed))) == mixed


def test_a_mixture_is_several_sources_with_shares_of_the_pool() -> None:
    parts = {"ucf101": {"weight": 0.2}, "mine": {"weight": 0.8, "source": "folder:x", "frames": 1, "clips": 7}}
    config = DataConfig.model_validate({"mixture": parts, "clips": 100, "stride": 2})
    reported = {name: (one.source, one.clips, one.frames, one.stride) for name, one in config.sources.items()}
    assert reported == {"ucf101": ("ucf101", 20, 8, 2), "mine": ("folder:x", 7, 1, 2)}
    assert not any(one.mixture for one in config.sources.values())
    assert DataConfig().sources == {"world": DataConfig()}


def test_every_field_is_known_to_one_of_the_two_lists() -> None:
    """A new field must be put among those that change the hash, or among those that don't."""
    known = {name for change in CHANGES + SILENT for name in _leaves(change)}
    fields = set(_fields(RunConfig))
    assert fields - known <= {"checkpoint.metric"}, "fields that this file doesn't speak of"


def _leaves(change: dict[str, Any]) -> list[str]:
    ((name, value),) = change.items()
    if isinstance(value, dict) and name not in ("objectives",):
        return [f"{name}.{key}" for key in value]
    return [name]


def _fields(model: Any) -> list[str]:
    out = []
    for name, field in model.model_fields.items():
        own = getattr(field.annotation, "model_fields", None)
        out += [f"{name}.{key}" for key in own] if own else [name]
    return out


@pytest.mark.parametrize("change", SILENT, ids=str)
def test_names_places_and_logging_do_not_change_the_hash(change: dict[str, Any]) -> None:
    assert RunConfig.model_validate(change).content_hash() == RunConfig().content_hash()


def test_where_the_best_is_kept_the_distance_of_checkpoints_counts() -> None:
    best = [RunConfig.model_validate({"checkpoint": {"keep": "best", "every": n}}) for n in (10, 20)]
    assert best[0].content_hash() != best[1].content_hash()


@pytest.mark.parametrize("change", [{}, *CHANGES], ids=str)
def test_yaml_goes_there_and_back(tmp_path: Path, change: dict[str, Any]) -> None:
    config = RunConfig.model_validate(change)
    file = tmp_path / "run.yaml"
    file.write_text(to_yaml(config))
    again = RunConfig.model_validate(read_yaml(file))
    assert again == config and again.content_hash() == config.content_hash()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("-2E5", -2e5), ("1.5e+2", 150.0), (".5e1", 5.0), ("3", 3), ("1e", "1e"), ("e3", "e3")],
)
def test_numbers_with_an_exponent_are_numbers(text: str, value: object) -> None:
    read = parse_yaml(text)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- 1\n", "expected keys and values"),
        ("a: [1\n", "not YAML"),
        ("seed: 1\nseed: 2\n", "'seed' is set twice"),
        ("a: !!python/object/apply:os.system [ls]\n", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_yaml(file)
    assert words in str(caught.value) and "\n" not in str(caught.value) and str(file) in str(caught.value)


def test_missing_binary_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match="not a text file"):
        read_yaml(tmp_path / "binary.yaml")
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read_yaml(tmp_path / "empty.yaml") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"optim": {"steps": 0}},
        {"optim": {"lr": float("nan")}},
        {"masks": []},
        {"sed": 1},
        {"objectives": {"delta": {"schedule": {"start": 0.9, "end": 0.1}}}},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RunConfig.model_validate(change)


def test_records_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        RunConfig().seed = 3  # type: ignore[misc]
