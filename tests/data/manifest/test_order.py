"""The order of names follows from the names alone."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from auxjepa.data.manifest.order import hash_ranks


@pytest.mark.parametrize("digest_size", [7, 8, 64])
def test_ranks_follow_the_digests(digest_size: int) -> None:
    names = [f"videos/{number}.mp4" for number in range(50)] + ["bad\udcff.mp4"]
    ranks = hash_ranks(names, digest_size)
    digests = [hashlib.blake2b(n.encode("utf-8", "surrogateescape"), digest_size=digest_size).digest() for n in names]
    assert [names[number] for number in np.argsort(ranks)] == [
        name for _, name in sorted(zip(digests, names, strict=True))
    ]


def test_ranks_do_not_depend_on_the_order_of_the_names() -> None:
    names = [str(number) for number in range(20)]
    assert (hash_ranks(names[::-1], 8)[::-1] == hash_ranks(names, 8)).all()
    assert (hash_ranks(names, 8) != hash_ranks(names, 64)).any()


def test_equal_names_keep_the_order_in_which_they_come() -> None:
    first, second = hash_ranks(["a", "a"], 8).tolist()
    assert (first, second) == (0, 1)
    assert hash_ranks([], 8).shape == (0,)
