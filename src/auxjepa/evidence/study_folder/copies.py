"""Copies of networks: one network that is filed under several seeds or variants counts once.

Two networks are copies if they have the same weights, the same run under several seeds, or marks that agree more than
the marks of two trainings can (:mod:`auxjepa.evidence.study_folder.agreement`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from auxjepa.evidence.study_folder.agreement import MarksOf, Network, agreements
from auxjepa.lists import shorten_list
from auxjepa.rows import Row
from auxjepa.runs.record import read_run
from auxjepa.runs.weights import encoder_digest

CHANGED_FRAMES = ("one_frame", "shuffled")
"""Controls that read the encoder of another row."""
MOST_SHOWN = 4


@dataclass(frozen=True)
class Copy:
    """A network that is a copy of another one.

    Args:
        network: the copy; its scores are left out.
        original: the network of which it is a copy; its scores are kept.
        evidence: what the two have in common.
    """

    network: Network
    original: Network
    evidence: str

    @property
    def line(self) -> str:
        """Return the copy in words."""
        return f"{self.network.name} is {self.original.name} ({self.evidence})"


@dataclass(frozen=True)
class Copies:
    """The copies in a study.

    Args:
        copies: every network that is left out.
        suspects: pairs of networks that agree on most benchmarks, but not on all; one line each. They are kept.
        suspect_runs: runs of these networks; a hypothesis about them is not decided.
        compared: number of networks that were compared.
        weighed: runs of which the digest of the weights is known.
    """

    copies: tuple[Copy, ...] = ()
    suspects: tuple[str, ...] = ()
    compared: int = 0
    weighed: frozenset[str] = frozenset()
    suspect_runs: frozenset[str] = frozenset()

    @property
    def notes(self) -> list[str]:
        """Return one line on the copies and one on the suspects, for the notes of a study."""
        notes = []
        if self.copies:
            what = "1 network is a copy" if len(self.copies) == 1 else f"{len(self.copies)} networks are copies"
            lines = shorten_list([copy.line for copy in self.copies], MOST_SHOWN, "; ")
            notes.append(f"copies: {what} of another and left out, because a copied network counts once: {lines}")
        if self.suspects:
            lines = shorten_list(list(self.suspects), MOST_SHOWN, "; ")
            notes.append(f"copies: {len(self.suspects)} pairs of networks agree more than two trainings do: {lines}")
        return notes


def read_weights_digests(runs: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the digest of each run's encoder, without the runs that have no readable weights and no record of them.

    Args:
        runs: folder of the runs.
        names: names of the runs.
    """
    digests = {name: encoder_digest(read_run(runs / name)) for name in names if _is_name(name, runs)}
    return {name: digest for name, digest in digests.items() if digest}


def find_copies(
    rows: Sequence[Row],
    order: Sequence[str],
    marks: MarksOf,
    weights: Mapping[str, str],
    records: Mapping[str, Mapping[str, Any]],
    *,
    runs_are_hashes: bool = True,
) -> Copies:
    """Return the copies among the networks of a study.

    Of several copies, the first one is kept: random init, then the variants in ``order``, then the lowest seed.

    Args:
        rows: all scores.
        order: names of the variants, the reference first.
        marks: reads the marks of a row.
        weights: digest of the encoder, by run.
        records: record of each benchmark in ``benchmarks.json``.
        runs_are_hashes: whether the name of a run is the hash of its content, so that no two seeds have the same one.
    """
    place = {name: i for i, name in enumerate(dict.fromkeys(order))}

    def rank(network: Network) -> tuple[bool, int, str, int, str, str]:
        position = place.get(network.variant, len(place))
        return (network.control is None, position, network.variant, network.seed, network.regime, network.run)

    by_network: dict[Network, list[Row]] = {}
    for row in rows:
        if row.control in (None, "random_init"):
            by_network.setdefault(Network.of(row), []).append(row)
    networks = sorted(by_network, key=rank)
    evidence: dict[tuple[int, int], str] = {}
    if runs_are_hashes:
        _add_groups(evidence, networks, lambda network: network.run, "the same run")
    _add_groups(evidence, networks, lambda network: weights.get(network.run, ""), "the same weights")
    suspects = []
    for pair in agreements(networks, by_network, marks, records, set(weights)):
        if pair.is_copy:
            evidence.setdefault((pair.first, pair.second), pair.words)
        else:
            suspects.append((pair.first, pair.second, pair.words))
    first = _first_of_group(len(networks), evidence)
    copies = tuple(
        Copy(networks[i], networks[first[i]], evidence.get((first[i], i), _any_evidence(evidence, i)))
        for i in range(len(networks))
        if first[i] != i
    )
    suspects = [(a, b, words) for a, b, words in suspects if first[a] != first[b]]
    lines = [f"{networks[a].name} and {networks[b].name} ({words})" for a, b, words in suspects]
    runs = frozenset(networks[i].run for pair in suspects for i in pair[:2])
    return Copies(copies, tuple(lines), len(networks), frozenset(weights), runs)


def without_copies(rows: Sequence[Row], copies: Copies) -> list[Row]:
    """Return the rows of networks that are no copies, and the rows without a trained or initial network.

    Args:
        rows: all scores.
        copies: the copies among their networks.
    """
    if not copies.copies:
        return list(rows)
    networks = {copy.network for copy in copies.copies}
    encoders = {(n.run, n.seed, n.regime) for n in networks if n.control is None}
    remaining = {(n.run, n.seed, n.regime) for n in map(Network.of, rows) if n.control is None and n not in networks}
    return [
        row
        for row in rows
        if Network.of(row) not in networks
        and not (row.control in CHANGED_FRAMES and (row.run, row.seed, row.regime) in encoders - remaining)
    ]


def _add_groups(
    evidence: dict[tuple[int, int], str], networks: Sequence[Network], key: Callable[[Network], str], words: str
) -> None:
    """Add the pairs of networks with an equal key, except those that are one network with a right to its key."""
    groups: dict[str, list[int]] = {}
    for i, network in enumerate(networks):
        if key(network):
            groups.setdefault(key(network), []).append(i)
    for members in groups.values():
        for a, b in combinations(members, 2):
            if not networks[a].is_same_training(networks[b]):
                evidence.setdefault((a, b), words)


def _first_of_group(size: int, pairs: Collection[tuple[int, int]]) -> list[int]:
    """Return the lowest member of each member's group, where pairs join groups."""
    first = list(range(size))

    def root(i: int) -> int:
        while first[i] != i:
            i = first[i]
        return i

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        first[high] = low
    return [root(i) for i in range(size)]


def _any_evidence(evidence: Mapping[tuple[int, int], str], member: int) -> str:
    return next(words for pair, words in evidence.items() if member in pair)


def _is_name(name: str, runs: Path) -> bool:
    """Check whether a run's name is a folder of the runs, and no path to another place."""
    return bool(name) and Path(name).name == name and (runs / name).is_dir()
