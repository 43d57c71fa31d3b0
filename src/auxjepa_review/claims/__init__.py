"""Claims from text by transparent rules, with a lexicon of names and no language model: ``extract``, ``merge``."""

from __future__ import annotations

from auxjepa_review.claims.extract import extract, standard
from auxjepa_review.claims.lexicon import Lexicon
from auxjepa_review.claims.lexicon import load as load_lexicon
from auxjepa_review.claims.merge import merge

__all__ = ["Lexicon", "extract", "load_lexicon", "merge", "standard"]
