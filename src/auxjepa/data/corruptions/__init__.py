"""Corrupted clips for tests of robustness: functions of a clip, a severity and a seed.

Corruptions of pixels, frames and codecs belong here. Augmentations of training clips belong to
:mod:`auxjepa.data.loading`.
"""

from __future__ import annotations

from auxjepa.data.corruptions.corruption import SEVERITIES, Corruption
from auxjepa.data.corruptions.kinds import CORRUPTIONS, corrupt
from auxjepa.data.corruptions.lost_frames import FrameDropout, choose_lost_frames, drop

__all__ = ["CORRUPTIONS", "SEVERITIES", "Corruption", "FrameDropout", "choose_lost_frames", "corrupt", "drop"]
