"""Division of labelled examples into training, validation and test, with notes that describe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from auxjepa.benchmarks.division_notes import SHOWN, count_copies, count_of, describe_groups, left_out
from auxjepa.benchmarks.near_duplicate_division import close_pairs, divide_apart, leave_out_similar
from auxjepa.config import ConfigError
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.split import (
    NONE,
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    group_names,
    group_related,
    hold_out,
    keep_apart,
)
from auxjepa.data.manifest.split_folders import SplitFolders
from auxjepa.data.near_duplicates import NearDuplicates, join_groups


@dataclass(frozen=True)
class Division:
    """Examples that are used, and the split of each.

    Args:
        kept: indices of the used examples among all examples.
        split: split of each used example, an index into ``SPLITS``.
        labels: class numbers, 0 … C - 1.
        groups: group number of each used example; no group of related examples is in two splits.
        counted: number of each used example; examples with the same number (equal content, segment and label) count
            as one.
        classes: names of the classes.
        ordinary: whether version 1 of a folder's benchmark divided the examples in the same way.
        notes: notes for the user, one line each.
        record: the notes as values for JSON.
        parted: whether near-duplicates changed the division.
    """

    kept: Int[np.ndarray, " n"]
    split: Int[np.ndarray, " n"]
    labels: Int[np.ndarray, " n"]
    groups: Int[np.ndarray, " n"]
    counted: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    ordinary: bool
    notes: tuple[str, ...]
    record: dict[str, Any]
    parted: bool = False


def groups_of(entries: Sequence[Entry], *keys: Sequence[str | None]) -> Int[np.ndarray, " n"]:
    """Return the group number of every example. Examples of one file or of files of equal content are in one group.

    Args:
        entries: the examples.
        keys: keys for further reasons to be related, such as the group of each example.
    """
    return group_related([entry.file.path for entry in entries], [entry.file.hash for entry in entries], *keys)


def divide_examples(
    manifest: Manifest,
    labels: Int[np.ndarray, " n"],
    classes: Sequence[str],
    folders: SplitFolders | None,
    source: str,
    column: str = "",
    keys: Sequence[str | None] | None = None,
    near: NearDuplicates | None = None,
) -> Division:
    """Divide examples by the official split of their folders, or 60 / 20 / 20 if there is no official split.

    Args:
        manifest: the examples.
        labels: class number of every example; examples with -1 are left out.
        classes: names by number.
        folders: split folders of all examples, or None.
        source: source of the examples, for errors and notes.
        column: label column; "" if labels are the names of folders.
        keys: group of every example, such as its subject; None if each video is a separate group.
        near: near-duplicates among all examples; None if they aren't searched.

    Raises:
        ConfigError: if no example has a label.
        ConfigError: if there is only one class.
        ConfigError: if a class or a split has too few examples.
    """
    notes: list[str] = []
    inside = labels >= 0 if folders is None else (labels >= 0) & (folders.split != NONE)
    kept, unlabelled = np.flatnonzero(inside), left_out(labels, folders, column, notes)
    if not len(kept):
        where = "" if folders is None else " in the folders of splits"
        raise ConfigError(f"{source}: no video{where} has a label")
    numbers, labels = np.unique(labels[kept], return_inverse=True)
    names = tuple([classes[int(number)] for number in numbers])
    if len(names) < 2:
        raise ConfigError(f"{source}: only one class ({', '.join(names)}): there is nothing to tell apart")
    there, videos, together = [manifest.entries[number] for number in kept.tolist()], manifest.video_names, False
    paths = [videos[number] for number in kept.tolist()]
    keys_of_kept = [] if keys is None else [[keys[number] for number in kept.tolist()]]
    groups = groups_of(there, *keys_of_kept)
    own_groups, close = groups, close_pairs(near, kept, groups, notes)
    if folders is None:
        split, together, groups = divide_apart(paths, groups, labels, names, source, close, notes, join=keys is None)
        changed = groups is not own_groups or bool((split == NONE).any())
    else:
        official = leave_out_similar(folders.split[kept], close, paths, source, notes)
        in_training = close[(official[close] == TRAIN).all(axis=1)]  # they are held out together
        changed = bool((official != folders.split[kept]).any()) or len(in_training) > 0
        groups = join_groups(groups, in_training)
        split = divide_officially(folders, official, paths, groups, labels, source, notes)
    if together:
        notes.append(
            f"{'videos' if keys is None else 'groups'} hold several classes each: they are divided so that each split "
            "has every class if possible"
        )
    copies = count_copies(there, labels, names, notes)
    if keys_of_kept or folders is None:
        notes.append(describe_groups(groups, keys_of_kept))
    lacking = gaps({name: labels[split == place] for place, name in enumerate(SPLITS)}, names, source)
    used = np.flatnonzero(split != NONE)
    sizes = [count_of(len({paths[n] for n in np.flatnonzero(split == place)}), "video") for place in range(len(SPLITS))]
    some = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
    summary = (
        f"{count_of(len(names), 'class')} ({some}): {sizes[0]} to train on, {sizes[1]} to validate, {sizes[2]} to test"
    )
    contents = [(entry.file.hash or entry.file.path, entry.start, entry.stop) for entry in there]
    counted = group_related([(contents[n], int(labels[n])) for n in used.tolist()])
    record: dict[str, Any] = {"official": folders is not None, "classes": list(names), "copies": copies}
    record |= {"left_out": len(inside) - len(used), "unlabelled": unlabelled, "grouped": keys is not None}
    if len(close):
        record["near_duplicates"] = {"pairs": len(close), "files": len({paths[n] for n in np.unique(close).tolist()})}
    for place, name in enumerate(SPLITS):
        mine = np.flatnonzero(split == place)
        videos = len({paths[n] for n in mine.tolist()})
        record[name] = {"groups": len(np.unique(groups[mine])), "videos": videos, "examples": len(mine)}
    return Division(
        kept=kept[used],
        split=split[used],
        labels=labels[used],
        groups=groups[used],
        counted=counted,
        classes=names,
        ordinary=folders is None and not together and not copies["files"] and keys is None,
        notes=tuple(f"{source}: {note}" for note in (summary, *notes, *lacking)),
        record=record,
        parted=changed,
    )


def divide_officially(
    folders: SplitFolders,
    split: Int[np.ndarray, " n"],
    paths: Sequence[str],
    groups: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    source: str,
    notes: list[str],
) -> Int[np.ndarray, " n"]:
    """Return the official split of examples that are in folders of splits.

    If there is no validation folder, validation examples are taken from training.

    Args:
        folders: split folders.
        split: split that the folder of each example names.
        paths: name of the video of each example.
        groups: group number of each example.
        labels: class number of each example.
        source: source of the examples, for errors.
        notes: receives a line for each decision.

    Raises:
        ConfigError: if training or test has no usable example.
        ConfigError: if nothing can be held out for validation.
    """
    named = {one: folders.named(one) for one in folders.folders}
    if not (split == TEST).any():
        split = np.where(split == VALIDATION, TEST, split)
        named[TEST] = named.pop(VALIDATION, "")
        if TEST in folders.folders:
            notes.append(f"{folders.named(TEST)} has no usable video")
        notes.append(f"there is no test split: {named[TEST]} is the test set")
    for place in (TRAIN, TEST):
        if not (split == place).any():
            raise ConfigError(f"{source}: no usable, labelled video in {named[place] or SPLITS[place] + '/'}")
    apart = keep_apart(split, groups)
    for place, other in ((TRAIN, "test"), (VALIDATION, "training or test")):
        lost, all_of_them = int(((split == place) & (apart == NONE)).sum()), int((split == place).sum())
        if lost == all_of_them and place == TRAIN:
            raise ConfigError(
                f"{source}: all {lost:,} videos of {named[TRAIN]} have the content of test videos: nothing is left to "
                "train on"
            )
        if lost:
            notes.append(
                f"{lost:,} of the {all_of_them:,} videos of {named[place]} have the content of {other} videos: left out"
            )
    if not (apart == VALIDATION).any():
        train = np.flatnonzero(apart == TRAIN)
        by_group = group_names(paths, groups)
        is_validation = hold_out([by_group[group] for group in groups[train].tolist()], labels[train], whole=True)
        if not is_validation.any():
            raise ConfigError(
                f"{source}: no class has two videos in {named[TRAIN]}, so that none can be held out to choose "
                "hyperparameters on; add a val/ folder or more videos"
            )
        apart[train[is_validation]] = VALIDATION
        notes.append(f"{count_of(int(is_validation.sum()), 'example')} of {named[TRAIN]} held out for validation")
    uses = [f"{named[place]} for {'training' if place == TRAIN else SPLITS[place]}" for place in sorted(named)]
    notes.insert(0, f"official split by {folders.origin}: {', '.join(uses)}")
    return apart


def gaps(labels: Mapping[str, Int[np.ndarray, " _"]], classes: Sequence[str], source: str) -> list[str]:
    """Return a line for each split that lacks classes.

    Args:
        labels: class numbers of the examples of each split.
        classes: names by number.
        source: source of the examples, for errors.

    Raises:
        ConfigError: if no class of the test examples has training examples.
    """
    lines = []
    if not len(np.intersect1d(labels["train"], labels["test"])):
        raise ConfigError(f"{source}: no class of the test examples has training examples: nothing can be recognised")
    for split, there in labels.items():
        lacking = np.setdiff1d(np.arange(len(classes)), there)
        if not len(lacking):
            continue
        some = ", ".join(classes[int(number)] for number in lacking[:SHOWN]) + (" …" if len(lacking) > SHOWN else "")
        word = "training" if split == "train" else split
        line = f"no {word} example of {count_of(len(lacking), 'class')} of {len(classes):,} ({some})"
        lost = int(np.isin(labels["test"], lacking).sum())
        if split == "train" and lost:
            line += f": {count_of(lost, 'test example')} can only be recognised by luck"
        lines.append(line)
    return lines
