"""Division of examples without classes into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from auxjepa.benchmarks.division import divide_officially, groups_of
from auxjepa.benchmarks.division_notes import count_of
from auxjepa.benchmarks.near_duplicate_division import close_pairs, leave_out_similar
from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.order import hash_ranks
from auxjepa.data.manifest.reserved_columns import group_keys, official_split_of
from auxjepa.data.manifest.split import NONE, SHARES, SPLITS, TEST, TRAIN, VALIDATION, group_names
from auxjepa.data.near_duplicates import NearDuplicates, join_groups


@dataclass(frozen=True)
class UnlabelledDivision:
    """Split of each example.

    Args:
        split: split of each example, an index into ``SPLITS``; ``NONE`` for an example that is left out.
        groups: group number of each example; no group of related examples is in two splits.
        notes: notes for the user, one line each.
        record: the notes as values for JSON.
    """

    split: Int[np.ndarray, " n"]
    groups: Int[np.ndarray, " n"]
    notes: tuple[str, ...]
    record: dict[str, Any]


def divide_unlabelled(
    manifest: Manifest, source: str, group_rule: str = "", near: NearDuplicates | None = None
) -> UnlabelledDivision:
    """Divide examples by the official split of their folders, or 60 / 20 / 20 by groups if there is no official split.

    Groups of equal size are divided in an order that follows from file names alone. Groups may differ in size: the
    largest ones are placed first, so that each split gets its share of examples as far as groups allow.

    Args:
        manifest: the examples.
        source: source of the examples, for errors and notes.
        group_rule: rule on names that gives groups.
        near: near-duplicates among the examples; None if they aren't searched.

    Raises:
        ConfigError: if there are fewer than three independent videos.
        ConfigError: if a split has no usable video.
    """
    keys = group_keys(manifest, group_rule)
    groups = groups_of(manifest.entries, *([] if keys is None else [keys]))
    paths, notes = list(manifest.video_names), []
    folders = official_split_of(manifest)
    close = close_pairs(near, np.arange(len(manifest)), groups, notes)
    if folders is not None:
        split = np.full(len(manifest), NONE, dtype=np.int64)
        inside = np.flatnonzero(folders.split != NONE)
        names, labels = [paths[number] for number in inside.tolist()], np.zeros(len(inside), dtype=np.int64)
        official = leave_out_similar(folders.split, close, paths, source, notes)[inside].astype(np.int64)
        split[inside] = divide_officially(folders, official, names, groups[inside], labels, source, notes)
        outside = len(manifest) - len(inside)
        notes += [f"{count_of(outside, 'video')} in no folder of a split: left out"] if outside else []
    else:
        joined = join_groups(groups, close)
        is_joined = keys is None and len(close) > 0 and len(np.unique(joined)) >= len(SPLITS)
        groups = joined if is_joined else groups
        if is_joined:
            files = len(np.unique(close))
            notes.append(f"{count_of(files, 'video')} look like others: near-duplicates share a split")
        count = len(np.unique(groups))
        if count < len(SPLITS):
            raise ConfigError(
                f"{source}: {count_of(count, 'independent video')}; three are the fewest that can be divided into "
                "training, validation and test"
            )
        split = _divide_groups(np.bincount(groups), hash_ranks(group_names(paths, groups), 8))[groups]
        if not is_joined:
            split = leave_out_similar(split, close, paths, source, notes)
    record: dict[str, Any] = {"official": folders is not None}
    for place, name in enumerate(SPLITS):
        members = np.flatnonzero(split == place)
        record[name] = {"groups": len(np.unique(groups[members])), "videos": len({paths[n] for n in members.tolist()})}
    return UnlabelledDivision(split, groups, tuple(f"{source}: {note}" for note in notes), record)


def _divide_groups(sizes: Int[np.ndarray, " G"], ranks: Int[np.ndarray, " G"]) -> Int[np.ndarray, " G"]:
    """Return the split of each group. Each group goes to the split that lacks most examples; no split stays empty."""
    split = np.full(len(sizes), NONE, dtype=np.int64)
    missing = np.array(SHARES) * sizes.sum()
    order = np.lexsort((ranks, -sizes))
    for place, group in enumerate(order.tolist()):
        empty = [one for one in (TRAIN, TEST, VALIDATION) if not (split == one).any()]
        candidates = empty if len(empty) >= len(order) - place else (TRAIN, TEST, VALIDATION)
        split[group] = max(candidates, key=lambda one: round(float(missing[one]), 9))
        missing[split[group]] -= sizes[group]
    return split
