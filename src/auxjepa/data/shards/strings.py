"""A column of strings as two flat arrays, because a million Python strings take much more memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8


@dataclass(frozen=True)
class Strings:
    """A column of strings that can be indexed and iterated.

    Args:
        data: all strings in UTF-8, uint8 ``[bytes]``.
        ends: end of each string in ``data``, int64 ``[n]``.
    """

    data: UInt8[np.ndarray, " bytes"]
    ends: Int64[np.ndarray, " n"]

    @classmethod
    def encode(cls, strings: Sequence[str]) -> Strings:
        """Return the column of a list of strings."""
        encoded = [text.encode("utf-8", "surrogateescape") for text in strings]
        data = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(data, np.cumsum([len(text) for text in encoded], dtype=np.int64))

    @classmethod
    def concatenate(cls, columns: Sequence[Strings]) -> Strings:
        """Return the strings of several columns as one column."""
        if not columns:
            return cls.encode([])
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
