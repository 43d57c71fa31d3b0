"""Benchmarks of other packages: clips and labels that a class of a plug-in returns.

A package registers a subclass of :class:`Task` under the entry point ``auxjepa.benchmarks``. The name of the entry
point is the name of the benchmark. docs/plugin.md has an example, and :func:`check` tests a class against the contract.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Int, UInt8

from auxjepa import plugins
from auxjepa.config import ConfigError, DataConfig, hint

PREFIX = "python:"
"""Prefix of the source of such a benchmark."""
SPLITS = ("train", "validation", "test")


class Task(ABC):
    """Clips and labels of a benchmark.

    Attributes:
        title: name in tables.
        capability: ``appearance``, ``motion``, ``order`` or ``other``.
        classes: number of classes C.
        version: increases when clips or labels change.
    """

    title: ClassVar[str]
    capability: ClassVar[str] = "other"
    classes: ClassVar[int]
    version: ClassVar[int] = 1

    @abstractmethod
    def open(self, split: str, frames: int, size: int) -> tuple[UInt8[np.ndarray, "n F X Y 3"], Int[np.ndarray, " n"]]:
        """Return the clips and labels of a split. The same arguments give the same arrays.

        Args:
            split: ``train``, ``validation`` or ``test``.
            frames: frames F of a clip.
            size: rows X and columns Y of a clip, in pixels.
        """

    def groups(self, split: str) -> Int[np.ndarray, " n"] | None:
        """Return the group of related clips (of one video) of each clip; None if all clips are independent.

        Args:
            split: ``train``, ``validation`` or ``test``.
        """
        return None


class TaskError(ConfigError):
    """A benchmark of a plug-in that breaks the contract; the message names the plug-in and the fault."""


def find_task(name: str) -> tuple[Task, str]:
    """Return the task that is registered under a name, and package, version and source digest of its plug-in.

    Args:
        name: name of the entry point.

    Raises:
        ConfigError: if no plug-in has this name, or its class can't be used.
    """
    entries = plugins.installed(plugins.BENCHMARKS)
    if name not in entries:
        raise ConfigError(f"no plug-in has the benchmark {name!r}{hint(name, entries)}")
    entry = plugins.entry_of(name, entries)
    kind, title = plugins.load(entry), f"benchmark {name!r} ({plugins.origin(entry)})"
    if not (isinstance(kind, type) and issubclass(kind, Task)):
        raise ConfigError(f"{title} is not a subclass of auxjepa.benchmarks.Task")
    try:
        task = kind()
    except BaseException as error:
        if plugins.interrupted_by_user(error):
            raise
        raise ConfigError(f"{title} can't be made: {plugins.reason(error)}") from error
    return task, plugins.describe_source(entry)


def open_task(
    name: str, data: DataConfig, split: str
) -> tuple[UInt8[np.ndarray, "n F X Y 3"], Int[np.ndarray, " n"], str, Int[np.ndarray, " n"] | None]:
    """Return clips, labels, a key of the clips, and groups of a split of a task.

    Args:
        name: name of the task.
        data: settings with which clips are cut.
        split: ``train``, ``validation`` or ``test``.

    Raises:
        TaskError: if the task raises an error, or returns arrays that break the contract.
    """
    task, source = find_task(name)
    try:
        opened, groups = task.open(split, data.frames, data.size), task.groups(split)
    except BaseException as error:
        if plugins.interrupted_by_user(error):
            raise
        raise TaskError(f"benchmark {name!r} ({source}), {split}: {plugins.reason(error)}") from error
    if fault := find_fault(opened, groups, task.classes, data.frames, data.size):
        raise TaskError(f"benchmark {name!r} ({source}), {split}: {fault}")
    clips, labels = np.asarray(opened[0]), np.asarray(opened[1]).astype(np.int64)
    content = hashlib.blake2b(np.ascontiguousarray(clips).tobytes(), digest_size=12).hexdigest()
    return clips, labels, f"{PREFIX}{name} {source} {split} {content}", groups


def find_fault(opened: object, groups: object, classes: int, frames: int, size: int) -> str:
    """Return what is wrong with the arrays of a split; "" if nothing is.

    Args:
        opened: what the task returned.
        groups: groups that the task returned.
        classes: number of classes.
        frames: requested frames.
        size: requested rows and columns.
    """
    if not isinstance(opened, tuple) or len(opened) != 2:
        return f"open must return clips and labels, it returned {type(opened).__name__}"
    clips, labels = np.asarray(opened[0]), np.asarray(opened[1])
    expected = (frames, size, size, 3)
    if clips.dtype != np.uint8 or clips.ndim != 5 or clips.shape[1:] != expected or not len(clips):
        shape = " x ".join(map(str, clips.shape))
        return f"clips must be uint8 of n x {' x '.join(map(str, expected))}, they are {clips.dtype} of {shape}"
    if labels.shape != (len(clips),) or not np.issubdtype(labels.dtype, np.integer):
        return f"labels must be {len(clips):,} integers, they are {labels.dtype} of shape {labels.shape}"
    if labels.min() < 0 or labels.max() >= classes:
        return f"labels must be 0 … {classes - 1}, they are {labels.min()} … {labels.max()}"
    if groups is not None and np.asarray(groups).shape != (len(clips),):
        return f"groups must be {len(clips):,} integers or None"
    return ""


def check(name: str, *, frames: int = 8, size: int = 32) -> None:
    """Check a benchmark of a plug-in against the contract.

    Every split has clips of the requested size and valid labels. Two calls give equal arrays. No clip and no group is
    in two splits. Every class has training clips.

    Args:
        name: name of the benchmark.
        frames: frames of the clips for the check.
        size: rows and columns of the clips for the check.

    Raises:
        ConfigError: if there is no such benchmark.
        TaskError: if it breaks the contract; the message names the fault.
    """
    task, source = find_task(name)
    title = f"benchmark {name!r} ({source})"
    for field, kind in (("title", str), ("classes", int), ("version", int)):
        if not isinstance(getattr(task, field, None), kind):
            raise TaskError(f"{title}: the attribute {field} must be of type {kind.__name__}")
    if task.classes < 2:
        raise TaskError(f"{title}: a benchmark has two classes or more, and this one {task.classes}")
    data = DataConfig(frames=frames, size=size)
    clips_by_split: dict[str, set[bytes]] = {}
    groups_by_split: dict[str, set[int]] = {}
    for split in SPLITS:
        clips, labels, key, groups = open_task(name, data, split)
        again = open_task(name, data, split)
        if key != again[2] or not np.array_equal(labels, again[1]):
            raise TaskError(f"{title}: two calls of open({split!r}) give other clips or labels")
        if split == "train" and len(np.unique(labels)) < task.classes:
            missing = np.setdiff1d(np.arange(task.classes), labels)
            raise TaskError(f"{title}: class {int(missing[0])} has no training clip")
        clips_by_split[split] = {hashlib.blake2b(clip.tobytes()).digest() for clip in clips}
        groups_by_split[split] = set() if groups is None else set(np.asarray(groups).tolist())
    for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
        shared = len(clips_by_split[first] & clips_by_split[second])
        if shared:
            raise TaskError(f"{title}: {shared:,} clips are in {first} and in {second}")
        if groups_by_split[first] & groups_by_split[second]:
            raise TaskError(f"{title}: a group is in {first} and in {second}")
