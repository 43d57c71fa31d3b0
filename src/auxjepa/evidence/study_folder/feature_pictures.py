"""Pictures of the features of a study's encoders on its sample clips, as ``features.npz`` holds them.

``auxjepa study run`` writes the file when all runs are finished. Reading it needs no torch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from auxjepa.config import Typed
from auxjepa.evidence.study_folder.artifacts import Samples

FILE = "features.npz"


class PicturedEncoder(Typed):
    """One encoder of the pictures."""

    name: str = Field(description="variant, or 'random init'")
    share: float = Field(ge=0, le=1, description="share of the variance of its tokens in the three components")


class PicturesRecord(Typed):
    """Text part of ``features.npz``."""

    clips: str = Field(description="digest of the sample clips")
    regime: str
    seed: int
    encoders: tuple[PicturedEncoder, ...] = Field(min_length=1, description="the reference is the first")


@dataclass(frozen=True)
class FeaturePictures:
    """Feature pictures of the sample clips.

    Args:
        record: what the pictures show.
        pictures: three principal components of every token as red, green and blue, by encoder and clip.
    """

    record: PicturesRecord
    pictures: UInt8[np.ndarray, "e k T H W 3"]


def digest_clips(clips: UInt8[np.ndarray, "k F X Y 3"]) -> str:
    """Return the digest of sample clips, 16 hex digits.

    Args:
        clips: the clips.
    """
    content = f"{clips.shape} ".encode() + np.ascontiguousarray(clips).tobytes()
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def read_feature_pictures(path: Path, samples: Samples | None, notes: list[str]) -> FeaturePictures | None:
    """Return the feature pictures of the sample clips; None where there are none.

    Args:
        path: ``features.npz`` of the study folder.
        samples: the sample clips; without them nothing is shown.
        notes: receives a line when the file is damaged or belongs to other clips.
    """
    if samples is None or not path.exists():
        return None
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            pictures = file["pictures"]
            record = PicturesRecord.model_validate_json(str(file["record"]))
    except Exception as error:  # a damaged archive raises any error of zip, npy and JSON
        notes.append(f"{FILE}: cannot be read ({type(error).__name__}), so no feature pictures are shown")
        return None
    expected = (len(record.encoders), len(samples.clips))
    fits = pictures.ndim == 6 and pictures.dtype == np.uint8 and 0 not in pictures.shape
    if not fits or pictures.shape[-1] != 3 or pictures.shape[:2] != expected:
        notes.append(f"{FILE}: pictures {pictures.shape} ({pictures.dtype}) do not fit the clips and encoders")
        return None
    if record.clips != digest_clips(samples.clips):
        notes.append(f"{FILE}: made of other clips than samples.npz, so no feature pictures are shown")
        return None
    return FeaturePictures(record, pictures)
