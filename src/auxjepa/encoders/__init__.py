"""Frozen encoders, ready for videos: decoding, cutting and normalising are included.

Code that turns a checkpoint into features belongs here. Networks are in ``models``. Code that scores features
is in ``probes`` and ``benchmarks``.
"""

from auxjepa.encoders.encoder import Encoder, VideoFeatures, open_encoder

__all__ = ["Encoder", "VideoFeatures", "open_encoder"]
