"""Claims against evidence: what was checked, what passages say, a word, and a calibrated probability."""
