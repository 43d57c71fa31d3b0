"""Clips of bytes as the input of an encoder from elsewhere: its number of frames, its size, its normalisation."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from auxjepa.encoders.foreign.encoder_record import InputFormat


def frame_places(present: int, needed: int) -> Int[np.ndarray, " needed"]:
    """Return which frames of a clip become the frames of an encoder's input: the nearest ones, evenly spread.

    Args:
        present: frames of the clip.
        needed: frames of the input. Frames repeat if this is more.
    """
    return (np.arange(needed) * 2 + 1) * present // (2 * needed)


def frames_note(present: int, needed: int) -> str:
    """Return a sentence if an encoder does not read the frames of a clip one to one; '' if it does.

    Args:
        present: frames of the clip.
        needed: frames of the encoder's input; 0 if it reads any number.
    """
    if needed in (0, present):
        return ""
    if needed > present:
        return f"it reads {needed} frames, so frames of the clips of {present} frames are repeated"
    return f"it reads {needed} frames, evenly spread over the clips of {present} frames"


def resample(clips: UInt8[np.ndarray, "B F X Y 3"], frames: int) -> UInt8[np.ndarray, "B G X Y 3"]:
    """Return clips with another number of frames.

    Args:
        clips: clips as uint8.
        frames: frames of the result; 0 keeps them.
    """
    if frames in (0, clips.shape[1]):
        return clips
    return clips[:, frame_places(clips.shape[1], frames)]


def resize(frames: Float[Tensor, "n 3 X Y"], size: int) -> Float[Tensor, "n 3 size size"]:
    """Return frames at another size, bilinear and antialiased.

    Args:
        frames: pictures.
        size: pixel rows and columns of the result.
    """
    if frames.shape[-2:] == (size, size):
        return frames
    smaller = size < min(frames.shape[-2:])
    return F.interpolate(frames, (size, size), mode="bilinear", align_corners=False, antialias=smaller)


def prepare_clips(
    clips: UInt8[np.ndarray, "B F X Y 3"], form: InputFormat, device: torch.device
) -> Float[Tensor, "B G 3 S S"]:
    """Return clips as the input of an encoder, float32.

    Args:
        clips: clips as uint8.
        form: how the encoder reads pixels.
        device: device of the result.
    """
    chosen = np.array(resample(clips, form.frames))  # a copy: torch warns about memory that is only mapped
    pixels = torch.from_numpy(chosen).to(device).permute(0, 1, 4, 2, 3).float()
    sized = resize(pixels.flatten(0, 1), form.size)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (form.mean, form.std))
    return ((sized * form.scale + form.offset - mean) / std).unflatten(0, pixels.shape[:2])
