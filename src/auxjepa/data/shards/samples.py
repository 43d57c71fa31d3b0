"""Group the members of a shard into samples.

By the convention of WebDataset, consecutive members whose names are equal up to the first dot of the last part are one
sample. Names of clips may hold more dots, as ``v_12.5-10.0.mp4`` does, and then several samples are equal up to the
first dot. So the members with an equal beginning are compared with each other: each video or picture with another name
is a sample, and a label belongs to the samples whose names begin with its name. For names without further dots, the
result is that of the convention.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.manifest.walk import HIDDEN
from auxjepa.data.shards.headers import Member, TarError
from auxjepa.data.shards.sample_media import GroupMedia, MemberGroup, stem, suffix

TEXTS = ("cls", "txt", "json")
LONGEST_NAME = 4096
MEMBERS = 5_000_000
CONTENT = 1 << 31
"""Bytes of all names and texts of a shard, which are in memory."""
_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)", re.DOTALL)
_TORN = "an earlier sample of this shard has its key: members of a sample must be consecutive"
ReadText = Callable[[Member, str], str]
"""Function from a text member and its kind to its content. It raises ValueError if the content isn't useful."""


@dataclass
class Sample:
    """A video or picture with its texts.

    Args:
        media: member with the video or picture.
        texts: content of its ``cls``, ``txt`` and ``json`` by kind; kinds may be missing.
    """

    media: Member
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class Leftovers:
    """Members that are no part of a sample.

    Args:
        defects: name of each defective member ("" for the shard) and what is wrong with it.
        unread: number and first name of the members that are not read, by reason.
    """

    defects: list[tuple[str, str]] = field(default_factory=list)
    unread: dict[str, tuple[int, str]] = field(default_factory=dict)

    def count_unread(self, name: str, reason: str) -> None:
        """Count a member that is not read."""
        count, first = self.unread.get(reason, (0, name))
        self.unread[reason] = count + 1, first


class _Budget:
    """Limit of the names and texts of a shard in memory, so that a malicious shard can't fill it."""

    def __init__(self) -> None:
        self.members = self.bytes = 0

    def add(self, count: int) -> None:
        """Add bytes.

        Raises:
            TarError: if the shard exceeds the limit.
        """
        self.bytes += count
        if self.members > MEMBERS or self.bytes > CONTENT:
            raise TarError(f"has more than {MEMBERS:,} members, or {CONTENT >> 30} GiB of names and texts")


def find_samples(members: Iterable[Member], read: ReadText, leftovers: Leftovers) -> Iterator[Sample]:
    """Yield the samples of a shard that are certainly complete.

    Args:
        members: members of the shard, in order.
        read: function that reads a text member.
        leftovers: receives all members that are no part of a sample.
    """
    keys: set[str] = set()
    stems: set[str] = set()
    group: MemberGroup | None = None
    has_texts, budget = False, _Budget()
    try:
        for member, key, ending in _select_members(members, leftovers, budget):
            if group is None or group.key != key:
                if group is not None:
                    has_texts = has_texts or bool(group.texts)
                    yield from _group_samples(group, stems, leftovers)
                group = MemberGroup(key, key in keys)
                keys.add(key)
            if _add(group, member, ending, read, leftovers):
                budget.add(member.bytes)
    except TarError as error:
        leftovers.defects.append(("", f"{error}; the rest of the shard is lost"))
        if group is not None:
            yield from _complete_samples(group, stems, has_texts or bool(group.texts))
        return
    if group is not None:
        yield from _group_samples(group, stems, leftovers)


def _select_members(
    members: Iterable[Member], leftovers: Leftovers, budget: _Budget
) -> Iterator[tuple[Member, str, str]]:
    """Yield the members with names of samples: member, its name up to the first dot, and the part after that dot."""
    for member in members:
        name = member.name.removeprefix("./")
        budget.members += 1
        budget.add(min(len(name), LONGEST_NAME))
        if member.kind == "directory" or not name:
            continue
        fault = _find_fault(name, member)
        parts = _NAME.fullmatch(name)
        if fault:
            leftovers.defects.append((name[:LONGEST_NAME], fault))
        elif parts is None or (name.startswith("__") and name.endswith("__")):
            hidden = name.rpartition("/")[2].startswith(".")
            leftovers.count_unread(name, HIDDEN if hidden else "not of a sample by its name")
        else:
            yield replace(member, name=name), parts[1], parts[2].lower()


def _find_fault(name: str, member: Member) -> str | None:
    """Return why a member can't be read, or None."""
    if member.kind != "file":
        return f"is a {member.kind}: only plain files are read"
    if len(name) > LONGEST_NAME:
        return f"the name has {len(name):,} characters"
    why = unsafe(name)
    return f"the name {why}" if why else None


def _add(group: MemberGroup, member: Member, ending: str, read: ReadText, leftovers: Leftovers) -> bool:
    """Add a member to its group, and return whether its content is now in memory."""
    if ending in group.suffixes:
        what = "the sample has a member of this name already; the first one is used"
        leftovers.defects.append((member.name, what))
        return False
    group.suffixes.add(ending)
    group.members[member.name] = member
    if suffix(member.name) not in TEXTS:
        return False
    try:
        group.texts[member.name] = read(member, suffix(member.name))
    except ValueError as error:
        group.faults[member.name] = str(error)
    return member.name in group.texts


def _group_samples(group: MemberGroup, stems: set[str], leftovers: Leftovers) -> list[Sample]:
    """Return the samples of a group.

    Args:
        group: the group.
        stems: stems of the samples of earlier groups; those of this group are added.
        leftovers: receives the members that are no part of a sample.
    """
    media = GroupMedia(group)
    samples, used = _attach_texts(group, media)
    torn = stems & media.by_stem.keys()
    for key in sorted(torn):
        leftovers.defects.append((samples.pop(key).media.name, _TORN))
    stems.update(media.by_stem)
    lost: dict[str, list[str]] = {}
    for name in group.members:
        key, is_text = stem(name), suffix(name) in TEXTS
        if name in used:
            if key in torn and is_text:
                leftovers.defects.append((name, _TORN))
        elif name in group.faults and media.owners(name):
            leftovers.defects.append((name, f"{group.faults[name]}; its sample is used without it"))
        elif media.owners(name) or media.extends_sample(key) or (media.by_stem and not is_text):
            leftovers.count_unread(name, f"next to the video or picture of a sample (.{suffix(name)})")
        elif group.is_repeated and not media.by_stem:
            leftovers.defects.append((name, _TORN))
        else:
            lost.setdefault(key, []).append(name)
    texts = {key for key, names in lost.items() if any(suffix(name) in TEXTS for name in names)}
    if len(texts) < 2 and not media.by_stem:  # by the convention, this is one sample without its video
        lost = {group.key: [name for names in lost.values() for name in names]} if lost else {}
    for key, names in lost.items():
        endings = ", ".join(sorted(name.removeprefix(f"{key}.").lower() for name in names))
        leftovers.defects.append((key, f"no video or picture among its members ({endings})"))
    return list(samples.values())


def _complete_samples(group: MemberGroup, stems: set[str], has_texts: bool) -> list[Sample]:
    """Return the samples of the last group of a damaged shard that can't lack a member.

    These are all samples before the last one. If the samples of the shard have texts, a sample without one is left out.

    Args:
        group: the group in which the shard ends.
        stems: stems of the samples of earlier groups.
        has_texts: whether samples of the shard have texts.
    """
    samples, _ = _attach_texts(group, GroupMedia(group))
    last = stem(next(reversed(group.members))) if group.members else ""
    earlier = [(key, sample) for key, sample in list(samples.items())[:-1] if key not in stems and key != last]
    return [sample for _, sample in earlier if sample.texts or not has_texts]


def _attach_texts(group: MemberGroup, media: GroupMedia) -> tuple[dict[str, Sample], set[str]]:
    """Return the samples of a group by stem, and the names of the members that they use.

    If several texts of a kind belong to a sample, the one with the longest common name is used. JSON objects are
    merged, and the values of that one replace equal keys.
    """
    samples = {key: Sample(member) for key, member in media.by_stem.items()}
    used = {(key, ""): [member.name] for key, member in media.by_stem.items()}
    for name in sorted(group.texts, key=lambda name: len(stem(name))):  # the longest name comes last
        kind, text = suffix(name), group.texts[name]
        for key in media.owners(name):
            texts, names = samples[key].texts, used.setdefault((key, kind), [])
            if kind == "json" and names:
                texts[kind] = json.dumps(json.loads(texts[kind]) | json.loads(text))
                names.append(name)
            else:
                texts[kind], used[key, kind] = text, [name]
    return samples, {name for names in used.values() for name in names}
