"""The preprocessing of an encoder in the layout of transformers, read from the JSON file of its processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.encoder_record import InputFormat
from auxjepa.files import read_json
from auxjepa.sealed import first_line

IMAGE_FILES = (("preprocessor_config.json", ""), ("processor_config.json", "image_processor"))
VIDEO_FILES = (
    ("video_preprocessor_config.json", ""),
    ("preprocessor_config.json", ""),
    ("processor_config.json", "video_processor"),
    ("processor_config.json", "image_processor"),
)
"""Files that may hold the settings, in order, and the key in the file under which they are."""


def read_input_format(folder: Path, frames: int) -> InputFormat:
    """Return how an encoder reads pixels.

    Args:
        folder: folder of the encoder.
        frames: frames of its clips; 0 for an image encoder.

    Raises:
        ConfigError: if there is no such file, it cannot be read, or it lacks a setting.
    """
    path, content = _settings(folder, VIDEO_FILES if frames else IMAGE_FILES)
    does_normalise, does_rescale = content.get("do_normalize", True), content.get("do_rescale", True)
    mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if does_normalise:
        mean, std = _triple(path, content, "image_mean"), _triple(path, content, "image_std")
    offset = -1.0 if does_rescale and _has_offset(content) else 0.0
    fields = {
        "frames": frames,
        "size": _size(path, content),
        "mean": mean,
        "std": std,
        "scale": content.get("rescale_factor", 1 / 255) if does_rescale else 1.0,
        "offset": offset,
        "rate": content.get("fps"),
    }
    try:
        return InputFormat.model_validate(fields)
    except ValidationError as error:
        raise ConfigError(f"{path}: {first_line(error)}") from None


def _settings(folder: Path, files: tuple[tuple[str, str], ...]) -> tuple[Path, Mapping[str, Any]]:
    for name, key in files:
        path = folder / name
        if not path.is_file():
            continue
        try:
            content = read_json(path)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: can't be read ({' '.join(str(error).split())})") from None
        content = content.get(key) if key and isinstance(content, dict) else content
        if isinstance(content, dict):
            return path, content
        if not key:
            raise ConfigError(f"{path}: holds no keys and values, which a processor's file has")
    names = ", ".join(dict.fromkeys(name for name, _ in files))
    raise ConfigError(f"{folder}: the processor's file is missing (one of {names}), which has size, mean and deviation")


def _has_offset(content: Mapping[str, Any]) -> bool:
    """Check whether rescaled pixels are shifted by -1: processors of ViViT do so, unless their file says no."""
    kind = str(content.get("video_processor_type") or content.get("image_processor_type") or "")
    return bool(content.get("offset", kind.startswith("Vivit")))


def _triple(path: Path, content: Mapping[str, Any], name: str) -> Any:
    value = content.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (value,) * 3
    if not isinstance(value, list) or len(value) != 3:
        raise ConfigError(f"{path}: {name} must be three numbers, got {value!r}")
    return value


def _size(path: Path, content: Mapping[str, Any]) -> int:
    """Return the side of the pixels that the network reads: of the crop, or of the resized picture without a crop."""
    crops = content.get("do_center_crop", "crop_size" in content)
    name = "crop_size" if crops and content.get("crop_size") is not None else "size"
    value = content.get(name)
    if isinstance(value, Mapping):
        sides: list[Any] = [value[key] for key in ("height", "width", "shortest_edge") if value.get(key) is not None]
    else:
        sides = [value]
    if not sides or any(isinstance(side, bool) or not isinstance(side, int) or side < 1 for side in sides):
        raise ConfigError(f"{path}: {name} must be a number of pixels, got {value!r}")
    if len(set(sides)) > 1:
        raise ConfigError(f"{path}: {name} is {' x '.join(map(str, sides))}, and clips here are square")
    return sides[0]
