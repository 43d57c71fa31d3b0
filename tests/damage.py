"""Ways in which files are damaged."""

from __future__ import annotations

import random
import re


def damage(data: bytes, chance: random.Random) -> bytes:
    """One of the ways in which files are damaged: bits, bytes, lines, blocks, ends, neighbours."""
    at, end = sorted(chance.randrange(len(data)) for _ in range(2))
    kind = chance.randrange(8)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + bytes([chance.choice(b"0123456789")]) + data[at + 1 :]
    if kind == 2:
        return data[:at]
    if kind == 3:
        return data[:at] + bytes(end - at) + data[end:]
    if kind == 4:
        return data[:at] + data[end:]
    if kind == 5:
        return data[:end] + data[at:]
    lines = data.split(b"\n")
    if kind == 6:
        del lines[chance.randrange(len(lines))]
        return b"\n".join(lines)
    numbers = list(re.finditer(rb"\d+(\.\d+)?", data))
    one = chance.choice(numbers)
    return data[: one.start()] + str(chance.choice([0, -1, 7, 10**9, 0.5])).encode() + data[one.end() :]
