"""Preprocessing in the official files of processors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.processor_file import read_input_format

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def write(folder: Path, name: str, **content: Any) -> None:
    (folder / name).write_text(json.dumps({"image_mean": MEAN, "image_std": STD, **content}))


@pytest.mark.parametrize(
    ("content", "size"),
    [
        ({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": True}, 224),
        ({"size": {"shortest_edge": 292}, "crop_size": 256}, 256),
        ({"size": {"height": 224, "width": 224}, "crop_size": None, "do_center_crop": None}, 224),
        ({"size": {"height": 384, "width": 384}, "do_center_crop": False, "crop_size": {"height": 9, "width": 9}}, 384),
        ({"size": 224, "feature_extractor_type": "VideoMAEFeatureExtractor"}, 224),
    ],
)
def test_size_is_that_of_the_crop_or_of_the_picture(tmp_path: Path, content: dict[str, Any], size: int) -> None:
    write(tmp_path, "preprocessor_config.json", **content)
    form = read_input_format(tmp_path, 0)
    assert (form.size, form.mean, form.offset) == (size, tuple(MEAN), 0.0)
    assert form.scale == pytest.approx(1 / 255)


def test_video_files_come_before_image_files(tmp_path: Path) -> None:
    write(tmp_path, "preprocessor_config.json", size=224)
    write(tmp_path, "video_preprocessor_config.json", size=256, fps=4)
    assert (read_input_format(tmp_path, 16).size, read_input_format(tmp_path, 16).rate) == (256, 4)
    assert read_input_format(tmp_path, 0).size == 224


def test_settings_inside_a_common_file_are_read(tmp_path: Path) -> None:
    inner = {"size": {"height": 64, "width": 64}, "image_mean": MEAN, "image_std": STD}
    (tmp_path / "processor_config.json").write_text(json.dumps({"video_processor": inner, "processor_class": "P"}))
    assert read_input_format(tmp_path, 8).size == 64
    with pytest.raises(ConfigError, match="processor's file is missing"):
        read_input_format(tmp_path, 0)


@pytest.mark.parametrize(
    ("content", "offset", "scale"),
    [
        ({"image_processor_type": "VivitImageProcessor", "offset": True, "rescale_factor": 1 / 127.5}, -1.0, 1 / 127.5),
        ({"video_processor_type": "VivitVideoProcessor", "rescale_factor": 1 / 127.5}, -1.0, 1 / 127.5),
        ({"image_processor_type": "VivitImageProcessor", "offset": False}, 0.0, 1 / 255),
        ({"do_rescale": False}, 0.0, 1.0),
    ],
)
def test_offset_and_scale(tmp_path: Path, content: dict[str, Any], offset: float, scale: float) -> None:
    write(tmp_path, "preprocessor_config.json", size=224, **content)
    form = read_input_format(tmp_path, 32)
    assert (form.offset, form.scale) == (offset, pytest.approx(scale))


def test_pixels_without_normalisation_keep_mean_and_deviation(tmp_path: Path) -> None:
    write(tmp_path, "preprocessor_config.json", size=224, do_normalize=False)
    assert read_input_format(tmp_path, 0).std == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"size": {"height": 224, "width": 448}}, "224 x 448, and clips here are square"),
        ({"size": None}, "size must be a number of pixels"),
        ({"size": 224, "image_mean": None}, "image_mean must be three numbers"),
        ({"size": 224, "image_std": [1, 0, 1]}, "std"),
        ({"size": True}, "size must be a number of pixels"),
        ({"size": 224, "rescale_factor": 0}, "scale"),
    ],
)
def test_settings_that_cannot_be_used_give_one_line(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    write(tmp_path, "preprocessor_config.json", **content)
    with pytest.raises(ConfigError, match=message) as error:
        read_input_format(tmp_path, 0)
    assert "\n" not in str(error.value)


def test_a_damaged_file_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text("{")
    with pytest.raises(ConfigError, match="can't be read"):
        read_input_format(tmp_path, 0)
