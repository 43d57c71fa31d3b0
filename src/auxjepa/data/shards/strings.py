"""A column of strings as two flat arrays, so that a million of them are bytes and not objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8


@dataclass(frozen=True)
class Strings:
    """Strings that can be indexed and iterated.

    Args:
        data: all of them in UTF-8.
        ends: where each ends in ``data``.
    """

    data: UInt8[np.ndarray, " bytes"]
    ends: Int64[np.ndarray, " n"]

    @classmethod
    def of(cls, strings: Sequence[str]) -> Strings:
        """The column of these strings."""
        encoded = [one.encode("utf-8", "surrogateescape") for one in strings]
        data = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(data, np.cumsum([len(one) for one in encoded], dtype=np.int64))

    @classmethod
    def joined(cls, columns: Sequence[Strings]) -> Strings:
        """One column behind the other."""
        if not columns:
            return cls.of([])
        begins = np.cumsum([0, *(len(column.data) for column in columns[:-1])])
        ends = [column.ends + begin for column, begin in zip(columns, begins, strict=True)]
        return cls(np.concatenate([column.data for column in columns]), np.concatenate(ends))

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.data.nbytes + self.ends.nbytes

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int) -> str:
        begin = int(self.ends[index - 1]) if index else 0
        return self.data[begin : self.ends[index]].tobytes().decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        data, begin = self.data.tobytes(), 0
        for end in self.ends.tolist():
            yield data[begin:end].decode("utf-8", "surrogateescape")
            begin = end
