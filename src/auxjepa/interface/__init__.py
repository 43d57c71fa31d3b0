"""The Python interface: the functions that ``import auxjepa`` offers. The command line calls the same functions.

Functions that users call from Python belong here, with plain arguments and without flags. The other rooms contain
their implementation.
"""

from auxjepa.interface.loading import load
from auxjepa.interface.pretraining import pretrain
from auxjepa.interface.probing import probe
from auxjepa.interface.stored_rows import read_rows
from auxjepa.interface.studies import study

__all__ = ["load", "pretrain", "probe", "read_rows", "study"]
