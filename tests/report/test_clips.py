"""Figures of sample clips."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np

from auxjepa.evidence.study_folder.folder import load
from auxjepa.report.clips import clip_figure, png


def test_exactly_the_hidden_tokens_are_hatched(study: Path) -> None:
    samples = load(study).samples
    assert samples is not None
    svg = str(clip_figure(samples, 0))
    tubelet = 2
    assert svg.count('fill="url(#hatch-0)"') == tubelet * int(samples.hidden[0].sum())
    assert svg.count("<image ") == 8 and "25 % of the tokens are hidden" in svg


def test_png_has_exactly_the_same_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    with av.open(io.BytesIO(png(pixels))) as file:
        decoded = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(decoded, pixels)


def test_png_of_a_transposed_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8).transpose(1, 0, 2)
    with av.open(io.BytesIO(png(pixels))) as file:
        decoded = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(decoded, pixels)
