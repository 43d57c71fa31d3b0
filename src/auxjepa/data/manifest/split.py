"""Divides examples into training, validation and test so that related examples are in the same split.

All functions are pure functions of names, groups and labels. The reasons why examples are related (one file, equal
content, a group column or near-duplicates) are the keys of :func:`group_related`. All other functions use the numbers
of the groups only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from jaxtyping import Bool, Int

from auxjepa.config import ConfigError
from auxjepa.data.manifest.order import hash_ranks

SPLITS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)
NONE = -1
"""Replaces the number of a split for an example that is in no split."""
SHARES = (0.6, 0.2, 0.2)
EDGES = (0.6, 0.8)
VALIDATION_SHARE = 0.1
"""Share of the training examples that hyperparameters are chosen on, if there is no validation split."""
ATTEMPTS = 50
"""Number of orders in which groups of several classes are divided, until each class is in each split."""
EXHAUSTIVE_UP_TO = 8
"""Number of groups of several classes up to which every division is tried."""
_COVERED_FIRST = (TRAIN, TEST, VALIDATION)
"""Priority of splits for a class that can't be in every split: it is trained on first, then tested."""
_COST_OF_GAP = (1e6, 1.0, 1e3)
"""Cost of a class that is missing in training, validation, test."""


def group_related(*keys: Sequence[Hashable]) -> Int[np.ndarray, " n"]:
    """Return the number of the group of every example. Examples that share a key, directly or through others, are in
    one group.

    Args:
        keys: for each reason to be related, the key of every example. None and "" relate an example to nothing.
    """
    count = len(keys[0])
    parent = list(range(count))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for column in keys:
        first: dict[Hashable, int] = {}
        for number, key in enumerate(column):
            if key not in (None, ""):
                parent[root(number)] = root(first.setdefault(key, number))
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(root(example), len(numbers)) for example in range(count)], dtype=np.int64)


def group_names(names: Sequence[str], groups: Int[np.ndarray, " n"]) -> list[str]:
    """Return the name of every group: the alphabetically first name of its examples."""
    out: dict[int, str] = {}
    for name, group in zip(names, groups.tolist(), strict=True):
        out[group] = min(out.get(group, name), name)
    return [out[group] for group in range(len(out))]


def divide(
    names: Sequence[str],
    groups: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    classes: Sequence[str],
    source: str,
) -> tuple[Int[np.ndarray, " n"], bool]:
    """Divide examples 60 / 20 / 20 by groups and class by class, in an order that follows from names alone.

    A group of several classes counts as one of its rarest class. If too few groups count as one of a class, all groups
    are divided together so that each class is in each split as far as its groups allow.

    Args:
        names: of the videos, ``[n]``.
        groups: group numbers 0 … G - 1, ``[n]``.
        labels: class numbers 0 … C - 1, ``[n]``.
        classes: names of the classes.
        source: name of the data, for errors.

    Returns:
        The split of every example, and whether all groups were divided together.

    Raises:
        ConfigError: when there is only one class, or a class is in fewer than three groups.
    """
    if len(classes) < 2:
        raise ConfigError(f"{source}: only one class ({', '.join(classes)}): there is nothing to tell apart")
    member = np.zeros((int(groups.max()) + 1, len(classes)), bool)
    member[groups, labels] = True
    for number, name in enumerate(classes):
        _check_supply(
            name, int(member[:, number].sum()), {n for n, c in zip(names, labels, strict=True) if c == number}, source
        )
    ranks = hash_ranks(group_names(names, groups), 8)
    frequency = np.bincount(labels, minlength=len(classes))
    rarest = np.full(len(member), NONE)
    for example in np.argsort(-frequency[labels], kind="stable"):  # the rarest class is written last
        rarest[groups[example]] = labels[example]
    if np.bincount(rarest, minlength=len(classes)).min() < len(SPLITS):
        return stratify(member, ranks)[groups], True
    split = np.empty(len(member), dtype=np.int64)
    for number in range(len(classes)):
        members = np.flatnonzero(rarest == number)
        # Each split gets at least one group of every class. The shares divide the other groups.
        cuts = np.clip(np.round(np.array(EDGES) * len(members)), [1, 2], [len(members) - 2, len(members) - 1])
        split[members] = np.searchsorted(cuts, np.argsort(np.argsort(ranks[members])), side="right")
    return split[groups], False


def _check_supply(name: str, groups: int, videos: set[str], source: str) -> None:
    if groups >= len(SPLITS):
        return
    noun = f"video{'s' * (groups != 1)}"
    supply = (
        f"{groups} {noun}"
        if len(videos) == groups
        else f"{groups} independent {noun} (its {len(videos)} files hold equal content or parts of one another)"
    )
    raise ConfigError(
        f"{source}: class {name} has {supply}; three are the fewest that can be divided into training, validation and "
        "test"
    )


def stratify(member: Bool[np.ndarray, "G C"], ranks: Int[np.ndarray, " G"]) -> Int[np.ndarray, " G"]:
    """Return the split of every group of one or several classes: about 60 / 20 / 20, with each class in each split as
    far as its groups allow.

    A class that can't be in all splits is in training first, then in test. For few groups the best of all divisions is
    used. Otherwise the division is iterative stratification after a first round in which every class gets a group in
    every split; several orders are tried until one leaves no gap. scikit-learn's StratifiedGroupKFold doesn't ensure
    that a class is in each split.

    Args:
        member: whether a group has examples of a class.
        ranks: rank of each group in the order of the division.

    Source: Sechidis et al. 2011.
    """
    ranked = np.argsort(ranks)
    best, fewest = np.empty(len(member), dtype=np.int64), np.inf
    if len(member) <= EXHAUSTIVE_UP_TO:
        best[ranked] = _best_of_all(member[ranked])
        return best
    for attempt in range(ATTEMPTS):
        order = ranked if not attempt else np.random.default_rng(attempt).permutation(ranked)
        split = _stratified(member, order)
        covered = np.stack([member[split == number].any(axis=0) for number in range(len(SPLITS))])
        gaps = float(((member.any(axis=0) & ~covered).sum(axis=1) * _COST_OF_GAP).sum())
        if gaps < fewest:
            best, fewest = split, gaps
        if not gaps:
            break
    return best


def _best_of_all(member: Bool[np.ndarray, "G C"]) -> Int[np.ndarray, " G"]:
    """Return the division with the fewest gaps, then the best shares, then the most test groups."""
    splits = np.indices((len(SPLITS),) * len(member)).reshape(len(member), -1).T
    counts = np.stack([(splits == number).astype(np.int64) @ member for number in range(len(SPLITS))], axis=1)
    gaps = ((counts == 0) & member.any(axis=0)).sum(axis=2) @ np.array(_COST_OF_GAP)
    missed = np.square(counts - np.array(SHARES)[:, None] * member.sum(axis=0)).sum(axis=(1, 2))
    return splits[np.lexsort((-(splits == TEST).sum(axis=1), np.round(missed, 6), gaps))[0]]


def _stratified(member: Bool[np.ndarray, "G C"], order: Int[np.ndarray, " G"]) -> Int[np.ndarray, " G"]:
    member = np.asarray(member[order])
    split = np.full(len(member), NONE)
    missing = np.repeat(member.any(axis=0, keepdims=True).T, len(SPLITS), axis=1)
    while True:  # every class gets a group in every split, the scarcest class first
        free = member[split == NONE].sum(axis=0)
        slack = np.where(missing.any(axis=1) & (free > 0), free - missing.sum(axis=1), np.iinfo(np.int64).max)
        scarcest = int(slack.argmin())
        if slack[scarcest] == np.iinfo(np.int64).max:
            break
        into = next(number for number in _COVERED_FIRST if missing[scarcest, number])
        candidates = np.flatnonzero(member[:, scarcest] & (split == NONE))
        gained = member[candidates] & missing[:, into]
        lost = (member[candidates] & ~missing[:, into]) / np.maximum(1, free)
        chosen = candidates[np.lexsort((lost.sum(axis=1), -gained.sum(axis=1)))[0]]
        split[chosen] = into
        missing[member[chosen], into] = False
    quota = member.sum(axis=0)[:, None] * np.array(SHARES)
    for number in range(len(SPLITS)):
        quota[:, number] -= member[split == number].sum(axis=0)
    while (split == NONE).any():
        free = member[split == NONE].sum(axis=0)
        scarcest = int(np.where(free > 0, free, np.iinfo(np.int64).max).argmin())
        for group in np.flatnonzero(member[:, scarcest] & (split == NONE)):
            total = quota[member[group]].sum(axis=0)
            # Ties go to test before validation, because the score is computed on test.
            into = max(_COVERED_FIRST, key=lambda number: (round(quota[scarcest, number], 9), round(total[number], 9)))
            split[group] = into
            quota[member[group], into] -= 1
    out = np.empty_like(split)
    out[order] = split
    return out


def keep_apart(split: Int[np.ndarray, " n"], groups: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Return the given splits without the examples that would put a group into two splits.

    The test split keeps all its examples. Training keeps those that aren't related to a test example, and validation
    those that are related to neither. The other examples are in no split.
    """
    out = split.copy()
    for first, later in ((TEST, (TRAIN, VALIDATION)), (TRAIN, (VALIDATION,))):
        in_group_of_first = np.isin(groups, groups[out == first])
        out[in_group_of_first & np.isin(out, later)] = NONE
    return out


def choose(
    split: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], order: Int[np.ndarray, " n"], count: int
) -> Int[np.ndarray, " k"]:
    """Return the numbers of ``count`` examples that represent every class in every split in which it occurs; none if
    ``count`` is too small.

    Args:
        split: of every example.
        labels: class numbers.
        order: preference within a class and split, lowest first.
        count: number of examples.
    """
    cells, place = np.unique(np.stack([split, labels]), axis=1, return_inverse=True)
    sizes = np.bincount(place.ravel())
    if count < cells.shape[1]:
        return np.empty(0, dtype=np.int64)
    more = (sizes - 1) * (count - len(sizes)) / max(1, int((sizes - 1).sum()))
    quota = 1 + np.floor(more).astype(np.int64)
    quota[np.argsort(np.floor(more) - more, kind="stable")[: count - int(quota.sum())]] += 1
    chosen = [np.flatnonzero(place.ravel() == cell) for cell in range(len(sizes))]
    return np.sort(
        np.concatenate([c[np.argsort(order[c], kind="stable")][:q] for c, q in zip(chosen, quota, strict=True)])
    )


def hold_out(names: Sequence[str], labels: Int[np.ndarray, " n"], *, whole: bool) -> Bool[np.ndarray, " n"]:
    """Return which training examples are used for validation. Groups or videos are held out together, in an order that
    follows from names.

    If each group belongs to one class, the share ``VALIDATION_SHARE`` of every class is held out (at least one group,
    of two or more). If groups span classes, as participants do, that share of all examples is held out. A class always
    keeps examples to train on.

    Args:
        names: group of every training example.
        labels: class numbers.
        whole: whether all examples of a group stay in training when a class needs that group; otherwise only the
            examples of that class stay.
    """
    classes: dict[str, set[int]] = {}
    for name, number in zip(names, labels.tolist(), strict=True):
        classes.setdefault(name, set()).add(number)
    held: set[str] = set()
    if any(len(numbers) > 1 for numbers in classes.values()):
        _hold(list(names), held)
    else:
        for number in np.unique(labels).tolist():
            _hold([names[int(n)] for n in np.flatnonzero(labels == number)], held)
    chosen = np.array([name in held for name in names], bool)
    if not whole:
        return chosen & np.isin(labels, labels[~chosen])
    while (lost := np.setdiff1d(labels, labels[~chosen])).size:
        held.remove(min(name for name in held if lost[0] in classes[name]))
        chosen = np.array([name in held for name in names], bool)
    return chosen


def _hold(names: list[str], held: set[str]) -> None:
    """Add names to ``held`` until they cover ``VALIDATION_SHARE`` of the examples; at least one name of two or more."""
    sizes, quota, held_examples = Counter(names), max(1, round(VALIDATION_SHARE * len(names))), 0
    distinct = list(sizes)
    order = np.argsort(hash_ranks(distinct, 64))
    for name in (distinct[number] for number in order[:-1]):
        if held_examples >= quota:
            break
        held.add(name)
        held_examples += sizes[name]
