"""Statistics on scores: paired effects, intervals, exact tests, power, verdicts. Imports no torch."""
