"""Media: from one video file or picture to exact frames.

Everything here opens, checks, lists and decodes single files, and chooses the frames of a clip. Folders of files,
labels and batches belong to the rooms above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.data.media.frame_index import FrameIndex
    from auxjepa.data.media.open import MOVING, STILLS, is_still, open_media, probe_media
    from auxjepa.data.media.sampling import Sample
    from auxjepa.data.media.still import Still
    from auxjepa.data.media.video import Video, VideoInfo, probe, read_frames

__all__ = [
    "MOVING",
    "STILLS",
    "FrameIndex",
    "Sample",
    "Still",
    "Video",
    "VideoInfo",
    "is_still",
    "open_media",
    "probe",
    "probe_media",
    "read_frames",
]

_MODULES = {
    "auxjepa.data.media.frame_index": ("FrameIndex",),
    "auxjepa.data.media.open": ("MOVING", "STILLS", "is_still", "open_media", "probe_media"),
    "auxjepa.data.media.sampling": ("Sample",),
    "auxjepa.data.media.still": ("Still",),
    "auxjepa.data.media.video": ("Video", "VideoInfo", "probe", "read_frames"),
}
"""Module: its public names. They are imported on first use, because PyAV and Pillow take long to import."""

__getattr__ = import_on_use(__name__, _MODULES)
