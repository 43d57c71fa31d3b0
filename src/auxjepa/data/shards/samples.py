"""From the members of a shard to its samples.

WebDataset's convention is that consecutive members whose names agree up to the first dot of the last part are a sample.
Names of clips hold dots of their own, as ``v_12.5-10.0.mp4`` does, and then several samples agree up to the first dot.
So the members that agree are looked at together. Each video or picture with another name is a sample, and a label
belongs to those whose names begin with its own. Where names hold no further dots, this is the convention.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.manifest.walk import HIDDEN
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.shards.headers import Member, TarError

TEXTS = ("cls", "txt", "json")
LONGEST_NAME = 4096
MEMBERS = 5_000_000
CONTENT = 1 << 31
"""Bytes of all names and texts of a shard, which are held in memory."""
_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)", re.DOTALL)
_TORN = "its key came before in this shard: members of a sample must be consecutive"
Read = Callable[[Member, str], str]
"""The content of a text member of a kind; raises ValueError where it has none of use."""


@dataclass
class Sample:
    """A video or picture with what is written about it.

    Args:
        media: the member that holds it.
        texts: contents of its ``cls``, ``txt`` and ``json``, where it has them.
    """

    media: Member
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class Leftovers:
    """What is no part of a sample.

    Args:
        defects: member (or "" for the shard) and what is wrong with it.
        unread: how many members aren't read for a reason, and the first one's name, by reason.
    """

    defects: list[tuple[str, str]] = field(default_factory=list)
    unread: dict[str, tuple[int, str]] = field(default_factory=dict)

    def leave(self, name: str, reason: str) -> None:
        """Count a member that isn't read."""
        count, first = self.unread.get(reason, (0, name))
        self.unread[reason] = count + 1, first


@dataclass
class _Group:
    """Consecutive members that agree up to the first dot.

    Args:
        key: what they agree in.
        again: another group had it before.
        members: by name.
        suffixes: behind the first dot.
        texts: contents of text members, by name.
        useless: what is wrong with those that have none of use.
    """

    key: str
    again: bool
    members: dict[str, Member] = field(default_factory=dict)
    suffixes: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    useless: dict[str, str] = field(default_factory=dict)


class _Held:
    """What is held of a shard; more than any real one has ends it."""

    def __init__(self) -> None:
        self.members = self.bytes = 0

    def add(self, count: int) -> None:
        self.bytes += count
        if self.members > MEMBERS or self.bytes > CONTENT:
            raise TarError(f"has more than {MEMBERS:,} members, or {CONTENT >> 30} GiB of names and texts")


def find_samples(members: Iterable[Member], read: Read, leftovers: Leftovers) -> Iterator[Sample]:
    """Samples that are surely complete.

    Args:
        members: of a shard, in order.
        leftovers: where everything else is noted.
    """
    keys: set[str] = set()
    stems: set[str] = set()
    group: _Group | None = None
    labelled, held = False, _Held()
    try:
        for member, key, suffix in _usable(members, leftovers, held):
            if group is None or group.key != key:
                if group is not None:
                    labelled = labelled or bool(group.texts)
                    yield from _samples(group, stems, leftovers)
                group = _Group(key, key in keys)
                keys.add(key)
            if _add(group, member, suffix, read, leftovers):
                held.add(member.bytes)
    except TarError as error:
        leftovers.defects.append(("", f"{error}; what follows is lost"))
        if group is not None:
            yield from _surely_whole(group, stems, labelled or bool(group.texts))
        return
    if group is not None:
        yield from _samples(group, stems, leftovers)


def _usable(members: Iterable[Member], leftovers: Leftovers, held: _Held) -> Iterator[tuple[Member, str, str]]:
    """Members with names of samples: the member, its name up to the first dot and what is behind that."""
    for member in members:
        name = member.name.removeprefix("./")
        held.members += 1
        held.add(min(len(name), LONGEST_NAME))
        if member.kind == "directory" or not name:
            continue
        wrong = _wrong(name, member)
        parts = _NAME.fullmatch(name)
        if wrong:
            leftovers.defects.append((name[:LONGEST_NAME], wrong))
        elif parts is None or (name.startswith("__") and name.endswith("__")):
            hidden = name.rpartition("/")[2].startswith(".")
            leftovers.leave(name, HIDDEN if hidden else "not of a sample by its name")
        else:
            yield replace(member, name=name), parts[1], parts[2].lower()


def _wrong(name: str, member: Member) -> str | None:
    if member.kind != "file":
        return f"is a {member.kind}: only plain files are read"
    if len(name) > LONGEST_NAME:
        return f"the name has {len(name):,} characters"
    why = unsafe(name)
    return f"the name {why}" if why else None


def _add(group: _Group, member: Member, suffix: str, read: Read, leftovers: Leftovers) -> bool:
    """Add a member to its group; whether its content is held, as that of a text is."""
    if suffix in group.suffixes:
        what = "the sample has a member of this name already; the first one is used"
        leftovers.defects.append((member.name, what))
        return False
    group.suffixes.add(suffix)
    group.members[member.name] = member
    if _ending(member.name) not in TEXTS:
        return False
    try:
        group.texts[member.name] = read(member, _ending(member.name))
    except ValueError as error:
        group.useless[member.name] = str(error)
    return member.name in group.texts


def _samples(group: _Group, stems: set[str], leftovers: Leftovers) -> list[Sample]:
    """The samples of a group, the rest of it noted; ``stems`` are those of samples before, and are added to."""
    media = _Media(group)
    samples, used = _with_texts(group, media)
    torn = stems & media.by_stem.keys()
    for stem in sorted(torn):
        leftovers.defects.append((samples.pop(stem).media.name, _TORN))
    stems.update(media.by_stem)
    lost: dict[str, list[str]] = {}
    for name in group.members:
        stem, is_text = _stem(name), _ending(name) in TEXTS
        if name in used:
            if stem in torn and is_text:
                leftovers.defects.append((name, _TORN))
        elif name in group.useless and media.owners(name):
            leftovers.defects.append((name, f"{group.useless[name]}; the sample goes without it"))
        elif media.owners(name) or media.above(stem) or (media.by_stem and not is_text):
            leftovers.leave(name, f"beside the video or picture of a sample (.{_ending(name)})")
        elif group.again and not media.by_stem:
            leftovers.defects.append((name, _TORN))
        else:
            lost.setdefault(stem, []).append(name)
    texts = {stem for stem, names in lost.items() if any(_ending(name) in TEXTS for name in names)}
    if len(texts) < 2 and not media.by_stem:  # one sample without its video, as the convention has it
        lost = {group.key: [name for names in lost.values() for name in names]} if lost else {}
    for stem, names in lost.items():
        endings = ", ".join(sorted(name.removeprefix(f"{stem}.").lower() for name in names))
        leftovers.defects.append((stem, f"no video or picture among its members ({endings})"))
    return list(samples.values())


def _surely_whole(group: _Group, stems: set[str], labelled: bool) -> list[Sample]:
    """The samples of a group in which the shard ends that can't lack a member: all before the last one, and where
    samples have labels, those that have one."""
    samples, _ = _with_texts(group, _Media(group))
    last = _stem(next(reversed(group.members))) if group.members else ""
    before = [(stem, sample) for stem, sample in list(samples.items())[:-1] if stem not in stems and stem != last]
    return [sample for _, sample in before if sample.texts or not labelled]


class _Media:
    """The video or picture of each sample of a group.

    A picture counts where its sample has no video; one whose name goes on behind a sample's, such as ``a.mask.png``
    beside ``a.mp4``, is no sample.

    Args:
        by_stem: member by its name without suffix.
    """

    def __init__(self, group: _Group) -> None:
        found: dict[str, Member] = {}
        for name, member in group.members.items():
            if _ending(name) in MOVING or _ending(name) in STILLS:
                stem = _stem(name)
                if stem not in found or (_is_picture(found[stem].name) and not _is_picture(name)):
                    found[stem] = member
        self.by_stem = {
            stem: member
            for stem, member in found.items()
            if not (_is_picture(member.name) and any(above in found for above in _above(stem)))
        }
        self._by_name = {member.name: stem for stem, member in self.by_stem.items()}
        self._below: dict[str, list[str]] = {}
        for stem in self.by_stem:
            for above in _above(stem):
                self._below.setdefault(above, []).append(stem)

    def owners(self, name: str) -> list[str]:
        """The samples that a text belongs to: that of its own name (``a.json`` or ``a.mp4.json``), else all whose names
        begin with its own; by their stems."""
        stem = _stem(name)
        own = stem if stem in self.by_stem else self._by_name.get(stem)
        return [own] if own is not None else self._below.get(stem, [])

    def above(self, stem: str) -> bool:
        """Whether a name goes on behind a sample's."""
        return any(above in self.by_stem for above in _above(stem))


def _with_texts(group: _Group, media: _Media) -> tuple[dict[str, Sample], set[str]]:
    """The samples by their stem, and the names of the members that are used.

    The nearest text of a kind counts; objects in JSON are laid over those further away.
    """
    samples = {stem: Sample(member) for stem, member in media.by_stem.items()}
    used = {(stem, ""): [member.name] for stem, member in media.by_stem.items()}
    for name in sorted(group.texts, key=lambda name: len(_stem(name))):  # the nearest comes last
        kind, text = _ending(name), group.texts[name]
        for stem in media.owners(name):
            texts, names = samples[stem].texts, used.setdefault((stem, kind), [])
            if kind == "json" and names:
                texts[kind] = json.dumps(json.loads(texts[kind]) | json.loads(text))
                names.append(name)
            else:
                texts[kind], used[stem, kind] = text, [name]
    return samples, {name for names in used.values() for name in names}


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _above(stem: str) -> Iterator[str]:
    """The names that a name goes on behind: ``a.b`` and ``a`` for ``a.b.c``."""
    folder, slash, own = stem.rpartition("/")
    parts = own.split(".")
    for count in range(len(parts) - 1, 0, -1):
        yield folder + slash + ".".join(parts[:count])


def _is_picture(name: str) -> bool:
    return _ending(name) in STILLS or _ending(name) == "gif"
