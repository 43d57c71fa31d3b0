"""Studies: variants x regimes x seeds x benchmarks, planned, run and never run twice."""
