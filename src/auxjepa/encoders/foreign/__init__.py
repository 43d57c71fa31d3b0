"""Frozen encoders from elsewhere: transformers, timm, a Python function, and other runs.

Code that opens such an encoder and reads its preprocessing belongs here. An encoder keeps the interface
:class:`auxjepa.probes.frozen.FrozenEncoder`.
"""

from auxjepa.encoders.foreign.contract import EncoderContractError, check
from auxjepa.encoders.foreign.encoder_record import EncoderRecord, InputFormat
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder
from auxjepa.encoders.foreign.source import is_foreign, open_frozen, path_of_run, short_name

__all__ = [
    "EncoderContractError",
    "EncoderRecord",
    "ForeignEncoder",
    "InputFormat",
    "check",
    "is_foreign",
    "open_frozen",
    "path_of_run",
    "short_name",
]
