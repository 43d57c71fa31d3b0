"""Divides examples so that near-duplicates aren't in two splits: they share a split, or those outside test are left
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from auxjepa.config import ConfigError
from auxjepa.data.manifest.split import NONE, TEST, TRAIN, VALIDATION, divide
from auxjepa.data.near_duplicates import NearDuplicates, join_groups


class Apart(NamedTuple):
    """Division of examples.

    Args:
        split: split of each example, an index into ``SPLITS``; ``NONE`` for an example that is left out.
        together: whether groups hold several classes each.
        groups: group number of each example.
    """

    split: Int[np.ndarray, " n"]
    together: bool
    groups: Int[np.ndarray, " n"]


def divide_apart(
    paths: Sequence[str],
    groups: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    classes: Sequence[str],
    source: str,
    close: Int[np.ndarray, "p 2"],
    notes: list[str],
    *,
    join: bool = True,
) -> Apart:
    """Divide examples at random, with near-duplicates in one group.

    Near-duplicates form chains, which can join all videos of a class. If a class then has too few groups, groups stay
    as they are, and examples that are near-duplicates of test examples are left out.

    Args:
        paths: name of the video of each example.
        groups: group number of each example, 0 … G - 1.
        labels: class number of each example.
        classes: names by number.
        source: source of the examples, for errors.
        close: pairs of examples of different groups that are near-duplicates.
        notes: receives a line if there are any.
        join: whether near-duplicates form one group; not if the user gave the groups.

    Raises:
        ConfigError: if a class has too few groups.
    """
    if join and len(close):
        joined = join_groups(groups, close)
        try:
            split, together = divide(paths, joined, labels, classes, source)
        except ConfigError:
            pass
        else:
            members, sizes = np.unique(close), np.unique(joined[np.unique(close)])
            first = [str(paths[int(number)]) for number in members[joined[members] == sizes[0]]]
            files = len({paths[number] for number in members.tolist()})
            notes.append(
                f"{files:,} videos look like others, in {len(sizes):,} group{'s' * (len(sizes) != 1)} "
                f"({', '.join(first[:3])}{' …' * (len(first) > 3)}): near-duplicates share a split, and each counts"
            )
            return Apart(split, together, joined)
    split, together = divide(paths, groups, labels, classes, source)
    return Apart(leave_out_similar(split, close, paths, source, notes), together, groups)


def leave_out_similar(
    split: Int[np.ndarray, " n"],
    close: Int[np.ndarray, "p 2"],
    paths: Sequence[str],
    source: str,
    notes: list[str],
) -> Int[np.ndarray, " n"]:
    """Return the given splits without the examples that are near-duplicates of examples in another split.

    The test split keeps all its examples (the validation split if there is no test split). Training keeps those that
    aren't near-duplicates of test examples, and validation those that are near-duplicates of neither.

    Args:
        split: split of each example; ``NONE`` for an example that isn't used.
        close: pairs of examples that are near-duplicates.
        paths: name of the video of each example.
        source: source of the examples, for errors.
        notes: receives a line if an example is left out.

    Raises:
        ConfigError: if all training examples are near-duplicates of test examples.
    """
    out, example = split.copy(), ""
    tested = TEST if (split == TEST).any() else VALIDATION
    both_ways = np.concatenate([close, close[:, ::-1]])
    steps = ((TEST, (TRAIN, VALIDATION)), (TRAIN, (VALIDATION,))) if tested == TEST else ((VALIDATION, (TRAIN,)),)
    for first, later in steps:
        lost = both_ways[(out[both_ways[:, 0]] == first) & np.isin(out[both_ways[:, 1]], later)]
        if len(lost) and not example:
            example = f"{paths[int(lost[0, 1])]} looks like {paths[int(lost[0, 0])]}"
        out[lost[:, 1]] = NONE
    if (split == TRAIN).any() and not (out == TRAIN).any():
        raise ConfigError(
            f"{source}: all training videos are near-duplicates of test videos ({example}): nothing is left to train on"
        )
    count = int((out != split).sum())
    if count:
        notes.append(
            f"{count:,} training and validation example{'s' * (count != 1)} look{'s' * (count == 1)} like those of "
            f"another split ({example}): left out"
        )
    return out


def close_pairs(
    near: NearDuplicates | None, chosen: Int[np.ndarray, " n"], groups: Int[np.ndarray, " n"], notes: list[str]
) -> Int[np.ndarray, "p 2"]:
    """Return the pairs of near-duplicates of different groups among some examples, as positions among them.

    Args:
        near: near-duplicates of all examples; None if they aren't searched.
        chosen: numbers of the examples.
        groups: group number of each chosen example.
        notes: receives a line on videos that aren't compared.
    """
    if near is None:
        return np.empty((0, 2), dtype=np.int64)
    if near.obstacle:
        notes.append(near.obstacle)
    if near.uncompared:
        noun = "videos are" if near.uncompared > 1 else "video is"
        notes.append(f"{near.uncompared:,} {noun} nearly flat pictures: near-duplicates of them aren't searched")
    return near.among(chosen, groups)
