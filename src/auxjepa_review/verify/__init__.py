"""Claims against evidence: what was checked, what passages say, a word, and a calibrated probability."""

from auxjepa_review.verify.typed import by_row, from_ledger, probability, recorded, together
from auxjepa_review.verify.verdict import Results, verify

__all__ = ["Results", "by_row", "from_ledger", "probability", "recorded", "together", "verify"]
