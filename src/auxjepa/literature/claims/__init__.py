"""Claims from text by transparent rules, with a lexicon of names and no language model: ``extract``, ``merge``."""

from __future__ import annotations

from auxjepa.literature.claims.extract import extract, standard
from auxjepa.literature.claims.lexicon import Lexicon
from auxjepa.literature.claims.lexicon import load as load_lexicon
from auxjepa.literature.claims.merge import merge

__all__ = ["Lexicon", "extract", "load_lexicon", "merge", "standard"]
