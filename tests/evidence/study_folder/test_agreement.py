"""Expected and actual differences of marks: independent networks, networks with common difficult clips, copies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from auxjepa.evidence.study_folder.agreement import Network, agreements
from auxjepa.rows import Row


def reader(marks: dict[str, np.ndarray]) -> Callable[[Row], np.ndarray]:
    return lambda row: marks[row.run]


def test_difficult_clips_make_no_copies_of_independent_networks(make_row: Callable[..., Row]) -> None:
    rng = np.random.default_rng(0)
    for spread in (0.0, 0.2, 0.4):  # the probability of a right answer by clip, from equal to almost certain
        easy = np.clip(0.5 + spread * rng.choice([-1, 1], 400) + rng.normal(0, 0.05, 400), 0.02, 0.98)
        rows = [make_row("ld", seed, n_test=400) for seed in range(12)]
        marks = {row.run: rng.random(400) < easy for row in rows}
        rows = [row.model_copy(update={"score": 100 * float(marks[row.run].mean())}) for row in rows]
        by_network = {Network.of(row): [row] for row in rows}
        assert not agreements(list(by_network), by_network, reader(marks), {}, set())
        marks[rows[3].run] = marks[rows[7].run]
        (pair,) = agreements(list(by_network), by_network, reader(marks), {}, set())
        assert (pair.first, pair.second, pair.is_copy) == (3, 7, True)
