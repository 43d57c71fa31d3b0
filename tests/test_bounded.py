from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from auxjepa.bounded import Body, DamagedError, TooLargeError


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), (" GZip", gzip.compress), ("deflate", zlib.compress)],
)
def test_a_body_comes_back_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    data = bytes(range(256)) * 100
    packed = pack(data)
    body = Body(coding, len(data))
    pieces = [body.take(packed[at : at + 100]) for at in range(0, len(packed), 100)]
    body.end()
    assert b"".join(pieces) == data and body.size == len(data)
    assert body.packed == (packed != data)


def test_what_goes_beyond_the_limit_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    assert len(bomb) < 250_000
    body = Body("gzip", 1_000_000)
    with pytest.raises(TooLargeError, match="an answer of more than 1,000,000 bytes"):
        for at in range(0, len(bomb), 1000):
            body.take(bomb[at : at + 1000])
    assert body.size <= 1_000_001
    plain = Body("", 10)
    plain.take(bytes(10))
    with pytest.raises(TooLargeError):
        plain.take(b"1")


def test_damage_and_other_codings_are_reported() -> None:
    with pytest.raises(DamagedError, match="damaged answer"):
        Body("gzip", 100).take(b"no gzip")
    body = Body("gzip", 100)
    body.take(gzip.compress(b"whole")[:-4])
    with pytest.raises(DamagedError, match="damaged answer"):
        body.end()
    with pytest.raises(DamagedError, match="an answer in the coding 'br', which the request does not accept"):
        Body("br", 100)
