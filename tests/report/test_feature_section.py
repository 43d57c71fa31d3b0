"""Looping pictures of clips and features."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build
from auxjepa.report.feature_section import CLIP_BYTES, LONGEST_SIDE, MOST_FRAMES, Loop, feature_section, loop


def decode(picture: Loop) -> np.ndarray:
    content = base64.b64decode(picture.data.removeprefix("data:image/webp;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_each_clip_is_next_to_the_features_of_each_encoder(study: Path) -> None:
    loaded = load(study)
    section = feature_section(loaded)
    assert section is not None and loaded.samples is not None and loaded.features is not None
    assert section.head == ["clip", "baseline", "ld_only", "random init"]
    assert [caption for caption, _ in section.rows] == loaded.samples.captions
    assert section.shares == ["42 % for baseline", "61 % for ld_only", "50 % for random init"]
    clip, reference, *_ = section.rows[1][1]
    assert np.array_equal(decode(clip), loaded.samples.clips[1].reshape(-1, 32, 3))
    assert np.array_equal(decode(reference), loaded.features.pictures[0, 1].reshape(-1, 4, 3))
    assert (clip.frames, reference.frames) == (8, 4) and clip.seconds == reference.seconds


def test_a_large_clip_of_noise_stays_small_and_keeps_its_form() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 112, 224, 3), dtype=np.uint8)
    picture = loop(noise, 2.0, 0.5, "noise", CLIP_BYTES)
    strip = decode(picture)
    assert picture.frames == 14 <= MOST_FRAMES and picture.is_reduced  # every third of 40 frames
    assert strip.shape == (14 * LONGEST_SIDE // 2, LONGEST_SIDE, 3)
    assert len(picture.data) < 1.4 * CLIP_BYTES


def test_a_page_without_pictures_has_one_note(study: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(study, tmp_path / "copy")
    (copy / "features.npz").unlink()
    text = build(copy).read_text()
    assert '<span class="loop' not in text and text.count("There are no feature pictures.") == 1
