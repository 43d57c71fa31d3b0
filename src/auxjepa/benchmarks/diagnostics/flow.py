"""Measures the change and the optical flow of clips, and stores these measurements next to the decoded clips.

Source: Farnebäck 2003, "Two-Frame Motion Estimation Based on Polynomial Expansion", as implemented by OpenCV.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from auxjepa.config import ConfigError
from auxjepa.data.cache.clip_cache import ClipCache
from auxjepa.files import replacing

VERSION = 1
DIRECTIONS = ("right", "right-down", "down", "left-down", "left", "left-up", "up", "right-up")
"""Directions of flow by class number."""
CHANGE = 8
"""Smallest change of a pixel between consecutive frames, in grey levels of 255, that isn't noise of a codec."""
SMALLEST_FLOW = 5e-4
"""Smallest mean flow of a clip with motion, in sides of the frame per frame."""
LARGEST_SIDE = 128
"""Side of the pictures, in pixels, to which larger ones are reduced before their flow is computed."""
SETTINGS = {"pyr_scale": 0.5, "levels": 3, "winsize": 9, "iterations": 3, "poly_n": 5, "poly_sigma": 1.1, "flags": 0}
"""Settings of OpenCV's function."""
CLIPS_AT_ONCE = 32


class Flow(NamedTuple):
    """Optical flow of clips.

    Args:
        direction: class number of the direction in which most flow points.
        magnitude: mean length of the flow, in sides of the frame per frame.
    """

    direction: Int[np.ndarray, " n"]
    magnitude: Float[np.ndarray, " n"]

    @property
    def is_moving(self) -> np.ndarray:
        """Check whether each clip has enough motion for a direction."""
        return self.magnitude >= SMALLEST_FLOW


def largest_change(clips: Any) -> Int[np.ndarray, " n"]:
    """Return the largest change of a pixel between consecutive frames of each clip, in grey levels.

    Args:
        clips: clips as uint8 ``[n F X Y 3]``.
    """
    out = np.zeros(len(clips), dtype=np.int64)
    for start in range(0, len(clips), CLIPS_AT_ONCE):
        part = np.asarray(clips[start : start + CLIPS_AT_ONCE])
        for before, after in pairwise(part.swapaxes(0, 1)):
            change = np.maximum(before, after) - np.minimum(before, after)
            out[start : start + len(part)] = np.maximum(out[start : start + len(part)], change.max(axis=(1, 2, 3)))
    return out


def optical_flow(clips: Any) -> Flow:
    """Return the dominant direction and the mean length of the optical flow of each clip.

    Lengths of all flow vectors are added for each of eight directions. The direction with the largest sum dominates.

    Args:
        clips: clips as uint8 ``[n F X Y 3]``.

    Raises:
        ConfigError: if OpenCV isn't installed.
    """
    cv2 = open_cv2()
    direction, magnitude = np.zeros(len(clips), dtype=np.int64), np.zeros(len(clips))
    for number in range(len(clips)):
        grey = [_grey(cv2, frame) for frame in np.asarray(clips[number])]
        sums, total = np.zeros(len(DIRECTIONS)), 0.0
        for before, after in pairwise(grey):
            if np.array_equal(before, after):  # the algorithm finds a small flow there
                continue
            flow = cv2.calcOpticalFlowFarneback(before, after, None, **SETTINGS).astype(np.float64)
            length = np.hypot(flow[..., 0], flow[..., 1]) / before.shape[0]
            octant = np.round(np.arctan2(flow[..., 1], flow[..., 0]) / (np.pi / 4)).astype(np.int64) % len(DIRECTIONS)
            sums += np.bincount(octant.ravel(), weights=length.ravel(), minlength=len(DIRECTIONS))
            total += float(length.mean())
        direction[number] = int(sums.argmax())
        magnitude[number] = total / max(1, len(grey) - 1)
    return Flow(direction, magnitude)


def open_cv2() -> Any:
    """Return the module of OpenCV.

    Raises:
        ConfigError: if it isn't installed.
    """
    try:
        return importlib.import_module("cv2")
    except ImportError:
        raise ConfigError("optical flow needs OpenCV: pip install 'auxjepa[flow]'") from None


def stored_change(cache: ClipCache, root: Path) -> Int[np.ndarray, " n"]:
    """Return :func:`largest_change` of the clips of a cache. It is computed once and stored.

    Args:
        cache: the clips.
        root: folder of generated data.
    """
    return _stored(root, cache, "change", lambda: {"change": largest_change(cache.clips)})["change"]


def stored_flow(cache: ClipCache, root: Path) -> Flow:
    """Return :func:`optical_flow` of the clips of a cache. It is computed once and stored.

    Args:
        cache: the clips.
        root: folder of generated data.

    Raises:
        ConfigError: if OpenCV isn't installed.
    """
    arrays = _stored(root, cache, "flow", lambda: optical_flow(cache.clips)._asdict())
    return Flow(arrays["direction"], arrays["magnitude"])


def _stored(
    root: Path, cache: ClipCache, name: str, measure: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    path = root / "diagnostics" / f"{cache.key}-{name}-v{VERSION}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            content = dict(arrays)
        if content and all(len(array) == len(cache) for array in content.values()):
            return content
    except (OSError, ValueError, EOFError, KeyError):  # missing or damaged: it is computed again
        pass
    content = measure()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, **content)  # type: ignore[arg-type]
    return content


def _grey(cv2: Any, frame: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
    if grey.shape[0] <= LARGEST_SIDE:
        return grey
    return cv2.resize(grey, (LARGEST_SIDE, LARGEST_SIDE), interpolation=cv2.INTER_AREA)
