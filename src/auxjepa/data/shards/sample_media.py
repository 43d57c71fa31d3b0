"""Consecutive members of a shard that share a key, and the videos and pictures among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.shards.headers import Member


@dataclass
class MemberGroup:
    """Consecutive members whose names are equal up to the first dot.

    Args:
        key: the equal part of their names.
        is_repeated: whether an earlier group has the same key.
        members: member by name.
        suffixes: parts of the names after the first dot.
        texts: content of text members by name.
        faults: what is wrong with text members without useful content, by name.
    """

    key: str
    is_repeated: bool
    members: dict[str, Member] = field(default_factory=dict)
    suffixes: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


class GroupMedia:
    """The video or picture of each sample of a group.

    A picture is used if its sample has no video. A picture whose name extends the name of a sample, such as
    ``a.mask.png`` next to ``a.mp4``, is not a sample.

    Args:
        group: the group.
    """

    def __init__(self, group: MemberGroup) -> None:
        candidates: dict[str, Member] = {}
        for name, member in group.members.items():
            if suffix(name) in MOVING or suffix(name) in STILLS:
                key = stem(name)
                if key not in candidates or (_is_picture(candidates[key].name) and not _is_picture(name)):
                    candidates[key] = member
        self.by_stem = {
            key: member
            for key, member in candidates.items()
            if not (_is_picture(member.name) and any(prefix in candidates for prefix in _prefixes(key)))
        }
        self._stem_by_name = {member.name: key for key, member in self.by_stem.items()}
        self._extensions: dict[str, list[str]] = {}
        for key in self.by_stem:
            for prefix in _prefixes(key):
                self._extensions.setdefault(prefix, []).append(key)

    def owners(self, name: str) -> list[str]:
        """Return the stems of the samples that a text belongs to.

        That is the sample with the name of the text (``a.json`` or ``a.mp4.json``), or else every sample whose name
        extends the name of the text.
        """
        key = stem(name)
        owner = key if key in self.by_stem else self._stem_by_name.get(key)
        return [owner] if owner is not None else self._extensions.get(key, [])

    def extends_sample(self, key: str) -> bool:
        """Check whether a stem extends the name of a sample."""
        return any(prefix in self.by_stem for prefix in _prefixes(key))


def stem(name: str) -> str:
    """Return a name up to its last dot."""
    return name.rpartition(".")[0]


def suffix(name: str) -> str:
    """Return the part of a name after its last dot, in small letters."""
    return name.rpartition(".")[2].lower()


def _prefixes(key: str) -> Iterator[str]:
    """Yield the names that a stem extends: ``a.b`` and ``a`` for ``a.b.c``."""
    folder, slash, name = key.rpartition("/")
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        yield folder + slash + ".".join(parts[:count])


def _is_picture(name: str) -> bool:
    return suffix(name) in STILLS or suffix(name) == "gif"
