"""Notes on a division of labelled examples: its groups, the examples without a split or a label, and equal contents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from auxjepa.data.manifest.manifest import Entry
from auxjepa.data.manifest.split import NONE
from auxjepa.data.manifest.split_folders import SplitFolders

SHOWN = 3
"""Largest number of examples that a note names."""


def describe_groups(groups: Int[np.ndarray, " n"], keys: list[list[str | None]]) -> str:
    """Return a note on the groups that are kept together."""
    if not keys:
        return "there is no column 'group' and no rule for groups, so each video is a separate group"
    alone = sum(key in (None, "") for key in keys[0])
    line = f"{count_of(len(np.unique(groups)), 'group')}; the examples of a group are in one split"
    return line + (f"; {count_of(alone, 'example')} without a group" if alone else "")


def left_out(labels: Int[np.ndarray, " n"], folders: SplitFolders | None, column: str, notes: list[str]) -> int:
    """Add notes on examples outside split folders and on examples without a label. Return the number of the latter."""
    outside = np.zeros(len(labels), bool) if folders is None else folders.split == NONE
    unlabelled = ~outside & (labels < 0)
    lost, missing = int(outside.sum()), int(unlabelled.sum())
    if folders is not None and not column and lost + missing:
        notes.append(f"{count_of(lost + missing, 'video')} in no class folder of a split: left out")
        return missing
    if lost:
        notes.append(f"{count_of(lost, 'video')} in no folder of a split: left out")
    if missing:
        label = f"{column} label" if column else "label"
        notes.append(f"{missing:,} of {count_of(len(labels), 'example')} without a {label}: left out")
    return missing


def count_copies(
    entries: Sequence[Entry], labels: Int[np.ndarray, " n"], classes: Sequence[str], notes: list[str]
) -> dict[str, int]:
    """Return how many contents several files share, how many files these are, and how many labels contradict each
    other."""
    files: dict[str, set[str]] = {}
    labelled: dict[tuple[str, int, int], dict[int, str]] = {}
    for entry, label in zip(entries, labels.tolist(), strict=True):
        content = entry.file.hash or entry.file.path
        files.setdefault(content, set()).add(entry.file.path)
        labelled.setdefault((content, entry.start, entry.stop), {}).setdefault(label, entry.name)
    shared = [paths for paths in files.values() if len(paths) > 1]
    copies = {"groups": len(shared), "files": sum(map(len, shared))}
    if shared:
        some = ", ".join(sorted(shared[0])[:SHOWN]) + (" …" if len(shared[0]) > SHOWN else "")
        notes.append(
            f"{copies['files']:,} files hold {count_of(copies['groups'], 'content')} ({some}): files of equal content "
            "share a split and count once"
        )
    against = [one for one in labelled.values() if len(one) > 1]
    copies["contradictory"] = len(against)
    if against:
        some = ", ".join(f"{name} is {classes[label]}" for label, name in sorted(against[0].items())[:SHOWN])
        notes.append(f"{count_of(len(against), 'content')} with contradictory labels ({some})")
    return copies


def count_of(number: int, noun: str) -> str:
    """Return a number and its noun, such as ``2 classes``.

    Args:
        number: the number.
        noun: the noun in singular.
    """
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number:,} {noun if number == 1 else plural}"
