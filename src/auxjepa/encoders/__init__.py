"""Frozen encoders, ready for videos: decoding, cutting and normalising are included.

Code that turns a checkpoint into features belongs here; encoders from elsewhere are in ``foreign``. Networks are in
``models``. Code that scores features is in ``probes`` and ``benchmarks``.
"""

from auxjepa.encoders.encoder import Encoder, open_encoder
from auxjepa.encoders.foreign import check, open_frozen
from auxjepa.encoders.loaded import LoadedEncoder, open_loaded
from auxjepa.encoders.video_encoder import VideoEncoder, VideoFeatures

__all__ = [
    "Encoder",
    "LoadedEncoder",
    "VideoEncoder",
    "VideoFeatures",
    "check",
    "open_encoder",
    "open_frozen",
    "open_loaded",
]
