"""Extract claims from text with transparent rules and a lexicon of names, and merge equal claims into statements.

The room reads sentences and compares claims with each other. It uses no language model, and it compares no claim with
results: that is the task of `verify`.
"""

from __future__ import annotations

from auxjepa_review.claims.extract import extract, standard_lexicon
from auxjepa_review.claims.lexicon import Lexicon, load_lexicon
from auxjepa_review.claims.merge import merge

__all__ = ["Lexicon", "extract", "load_lexicon", "merge", "standard_lexicon"]
