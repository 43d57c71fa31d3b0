"""Looping pictures of features: each sample clip next to the principal components of its tokens."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from auxjepa.evidence.study_folder.feature_pictures import FeaturePictures
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import format_percent

MOST_CLIPS = 4
MOST_FRAMES = 16
"""Largest number of frames of a loop."""
LONGEST_SIDE = 96
"""Largest width and height of a picture in pixels; the page enlarges smaller pictures."""
CLIP_BYTES, TOKEN_BYTES = 30_000, 6_000
"""Largest loop of a clip and of its features in the page; a loop above it is stored with loss."""
SECONDS_PER_FRAME = 0.16


@dataclass(frozen=True)
class Loop:
    """Frames of a looping picture, one below the other.

    Args:
        label: description for readers who do not see it.
        data: the frames as a data address.
        frames: number of frames.
        seconds: duration of the loop.
        ratio: height of a frame divided by its width.
        is_reduced: whether the frames were made smaller, so that the page shows no single pixels.
    """

    label: str
    data: str
    frames: int
    seconds: float
    ratio: float
    is_reduced: bool


@dataclass(frozen=True)
class FeatureSection:
    """Loops of the sample clips.

    Args:
        head: names of the columns: the clip, then the encoders.
        rows: caption and loops of each clip.
        seed: seed of the encoders.
        regime: regime of the encoders; empty if the study has one regime.
        shares: share of the variance that the colours show, in words, one text an encoder.
    """

    head: list[str]
    rows: list[tuple[str, list[Loop]]]
    seed: int
    regime: str
    shares: list[str]


def feature_section(study: Study) -> FeatureSection | None:
    """Return the loops of a study; None if it has no feature pictures.

    Args:
        study: the study.
    """
    samples, features = study.samples, study.features
    if samples is None or features is None:
        return None
    record = features.record
    names = [encoder.name for encoder in record.encoders]
    rows = [
        (caption, [_clip_loop(samples.clips[k], f"clip {k + 1}"), *_token_loops(features, k, samples.clips[k])])
        for k, caption in enumerate(samples.captions[:MOST_CLIPS])
    ]
    return FeatureSection(
        head=["clip", *names],
        rows=rows,
        seed=record.seed,
        regime=record.regime if len(study.regimes) > 1 else "",
        shares=[f"{format_percent(encoder.share)} for {encoder.name}" for encoder in record.encoders],
    )


def loop(frames: Any, seconds: float, ratio: float, label: str, most_bytes: int) -> Loop:
    """Return frames as a loop. It is lossless if it is small enough, and loses detail otherwise.

    Args:
        frames: uint8 ``[F X Y 3]``; frames are left out above ``MOST_FRAMES``, and large frames are reduced.
        seconds: duration of the loop.
        ratio: height of a frame divided by its width.
        label: description for readers who do not see it.
        most_bytes: largest number of bytes; the lowest quality may exceed it.
    """
    frames = frames[:: -(-len(frames) // MOST_FRAMES)]
    count, height, width, _ = frames.shape
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    rows, columns = max(1, round(scale * height)), max(1, round(scale * width))
    strip = Image.new("RGB", (columns, rows * count))
    for place, frame in enumerate(frames):
        picture = Image.fromarray(frame.copy())
        smaller = picture if scale == 1 else picture.resize((columns, rows), Image.Resampling.LANCZOS)
        strip.paste(smaller, (0, rows * place))
    content = _webp(strip, lossless=True, quality=80)
    for quality in (80, 60, 40, 20):
        if len(content) <= most_bytes:
            break
        content = _webp(strip, lossless=False, quality=quality)
    data = f"data:image/webp;base64,{base64.b64encode(content).decode()}"
    return Loop(label, data, count, seconds, ratio, is_reduced=scale < 1)


def _clip_loop(clip: Any, label: str) -> Loop:
    frames, height, width, _ = clip.shape
    return loop(clip, _seconds(frames), height / width, label, CLIP_BYTES)


def _token_loops(features: FeaturePictures, k: int, clip: Any) -> list[Loop]:
    frames, height, width, _ = clip.shape
    labels = [f"features of {encoder.name} for clip {k + 1}" for encoder in features.record.encoders]
    return [
        loop(tokens, _seconds(frames), height / width, label, TOKEN_BYTES)
        for label, tokens in zip(labels, features.pictures[:, k], strict=True)
    ]


def _seconds(frames: int) -> float:
    return round(SECONDS_PER_FRAME * min(frames, 2 * MOST_FRAMES), 2)


def _webp(picture: Image.Image, *, lossless: bool, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=lossless, quality=quality, method=6)
    return buffer.getvalue()
