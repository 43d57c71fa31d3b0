"""Random configurations and command lines, the same ones for the same seed, and what becomes of each."""

from .cases import KINDS, Case, make
from .judge import ENDS, Verdict, judge

__all__ = ["ENDS", "KINDS", "Case", "Verdict", "judge", "make"]
