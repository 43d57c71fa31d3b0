from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auxjepa.data.shards import samples as module
from auxjepa.data.shards.headers import Member, TarError
from auxjepa.data.shards.samples import Leftovers, Sample, find_samples


def read(member: Member, kind: str) -> str:
    """Every text says its own name."""
    if "bad" in member.name:
        raise ValueError("isn't UTF-8")
    return json.dumps({member.name: 1}) if kind == "json" else member.name


def find(names: Sequence[str], cut: bool = False) -> tuple[list[Sample], Leftovers]:
    def members():
        for place, name in enumerate(names):
            yield Member(name, "file", place, 1)
        if cut:
            raise TarError("cut short")

    left = Leftovers()
    return list(find_samples(members(), read, left)), left


def texts_of(names: Sequence[str]) -> dict[str, dict[str, str]]:
    return {sample.media.name: sample.texts for sample in find(names)[0]}


DOTTED = ["v_12.5-10.0.cls", "v_12.5-10.0.mp4", "v_12.5-11.0.cls", "v_12.5-11.0.mp4"]


def test_names_with_more_dots() -> None:
    assert texts_of(DOTTED) == {name: {"cls": name.replace(".mp4", ".cls")} for name in DOTTED[1::2]}
    assert find(DOTTED)[1] == Leftovers()
    for names in (["v.1.mp4", "v.1.json", "v.2.mp4", "v.2.json"], ["a.b/c.d.mp4", "a.b/c.d.txt", "a.b/c.e.f.avi"]):
        samples = texts_of(names)
        assert list(samples) == [name for name in names if name.endswith(("mp4", "avi"))]
        assert [list(texts) for texts in samples.values()] == [["json"], ["json"]] or list(samples["a.b/c.d.mp4"]) == [
            "txt"
        ]


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["a.mp4", "a.mp4.json", "a.cls"], {"a.mp4": ["json", "cls"]}),
        (["a.left.mp4", "a.right.mp4", "a.cls"], {"a.left.mp4": ["cls"], "a.right.mp4": ["cls"]}),
        (["a.cls", "a.1.mp4", "a.1.txt", "a.2.mp4"], {"a.1.mp4": ["cls", "txt"], "a.2.mp4": ["cls"]}),
        (["a.jpg", "a.mp4", "a.txt"], {"a.mp4": ["txt"]}),
        (["a.mp4", "a.thumb.jpg", "a.mask.png", "a.cls"], {"a.mp4": ["cls"]}),
        (["a.jpg", "a.mask.png"], {"a.jpg": []}),
        (["a.1.jpg", "a.2.jpg"], {"a.1.jpg": [], "a.2.jpg": []}),
        (["a.mp4", "a.1.mp4"], {"a.mp4": [], "a.1.mp4": []}),
        (["a.mp4", "a.caption.txt", "a.bad.json"], {"a.mp4": []}),
        (["v.1.mp4", "w.1.mp4", "v.2.mp4", "v.2.cls"], {"v.1.mp4": [], "w.1.mp4": [], "v.2.mp4": ["cls"]}),
        (["A.B.MP4", "A.B.CLS"], {"A.B.MP4": ["cls"]}),
    ],
)
def test_which_members_are_a_sample(names: list[str], texts: dict[str, list[str]]) -> None:
    assert {name: sorted(own) for name, own in texts_of(names).items()} == {n: sorted(t) for n, t in texts.items()}
    assert find(names)[1].defects == []


def test_the_nearest_text_is_used_and_objects_are_merged() -> None:
    samples = texts_of(["a.json", "a.1.json", "a.1.mp4", "a.2.mp4", "a.cls", "a.1.cls"])
    assert samples["a.1.mp4"]["cls"] == "a.1.cls" and samples["a.2.mp4"]["cls"] == "a.cls"
    assert json.loads(samples["a.1.mp4"]["json"]) == {"a.json": 1, "a.1.json": 1}
    assert json.loads(samples["a.2.mp4"]["json"]) == {"a.json": 1}
    _, left = find(["a.cls", "a.1.cls", "a.1.mp4"])
    assert left.unread == {"next to the video or picture of a sample (.cls)": (1, "a.cls")}


def test_unused_members_are_counted() -> None:
    names = [
        "a.mp4",
        "a.wav",
        "a.jpg",
        "b.mp4",
        "b.wav",
        "c.x.txt",
        ".h.mp4",
        "README",
        "__meta__.x__",
        "d.1.json",
        "d.2.json",
    ]
    names += ["e.1.mp4", "e.2.json", "f.bad.cls", "f.bad.mp4"]
    samples, left = find(names)
    assert [sample.media.name for sample in samples] == ["a.mp4", "b.mp4", "e.1.mp4", "f.bad.mp4"]
    assert left.unread == {
        "next to the video or picture of a sample (.wav)": (2, "a.wav"),
        "next to the video or picture of a sample (.jpg)": (1, "a.jpg"),
        "hidden (the name begins with a dot)": (1, ".h.mp4"),
        "not of a sample by its name": (2, "README"),
    }
    assert left.defects == [
        ("c", "no video or picture among its members (x.txt)"),
        ("d.1", "no video or picture among its members (json)"),
        ("d.2", "no video or picture among its members (json)"),
        ("e.2", "no video or picture among its members (json)"),
        ("f.bad.cls", "isn't UTF-8; its sample is used without it"),
    ]


def test_members_that_are_not_consecutive_are_defects() -> None:
    samples, left = find(["v.1.mp4", "w.mp4", "v.1.cls", "w.mp4", "v.1.mp4"])
    assert [sample.media.name for sample in samples] == ["v.1.mp4", "w.mp4"]
    assert [name for name, _ in left.defects] == ["v.1.cls", "w.mp4", "v.1.mp4"]
    assert all("an earlier sample of this shard has its key" in why for _, why in left.defects)


@pytest.mark.parametrize("kept", range(1, 5))
def test_only_complete_samples_of_a_cut_shard_are_used(kept: int) -> None:
    samples, left = find(DOTTED[:kept], cut=True)
    assert [sample.media.name for sample in samples] == (["v_12.5-10.0.mp4"] if kept == 4 else [])
    assert left.defects == [("", "cut short; the rest of the shard is lost")]


def test_a_shard_over_the_limits_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMBERS", 4)
    samples, left = find([*DOTTED, "x.mp4"])
    assert [sample.media.name for sample in samples] == ["v_12.5-10.0.mp4"] and "more than 4 members" in left.defects[
        0
    ][1]
    monkeypatch.setattr(module, "MEMBERS", 100)
    monkeypatch.setattr(module, "CONTENT", 40)
    assert "GiB of names and texts" in find(DOTTED)[1].defects[0][1]


_PARTS = st.lists(st.sampled_from(["a", "b", "1", "2.5"]), min_size=1, max_size=3).map(".".join)
_ENDINGS = st.sets(st.sampled_from(["mp4", "webm", "cls", "json", "txt"]), min_size=1)


@given(st.dictionaries(_PARTS, _ENDINGS, min_size=1, max_size=6))
def test_no_video_is_lost_and_every_member_is_accounted_for(endings_of: dict[str, set[str]]) -> None:
    names = [f"{stem}.{ending}" for stem in sorted(endings_of) for ending in sorted(endings_of[stem])]
    samples, left = find(names)
    torn = {name for name, why in left.defects if "earlier sample" in why}
    for stem, endings in endings_of.items():
        videos = {f"{stem}.{ending}" for ending in endings & {"mp4", "webm"}}
        used_samples = [sample for sample in samples if sample.media.name in videos]
        assert len(used_samples) == bool(videos - torn)
        for sample in used_samples:
            assert {kind for kind in endings & {"cls", "json", "txt"} if f"{stem}.{kind}" not in torn} <= set(
                sample.texts
            )
    used = {sample.media.name for sample in samples}
    for sample in samples:
        for kind, text in sample.texts.items():
            used |= json.loads(text).keys() if kind == "json" else {text}
    unread = sum(count for count, _ in left.unread.values())
    lost = sum(why.count(",") + 1 for _, why in left.defects if why.startswith("no video"))
    assert len(used - torn) + unread + lost + len(torn) == len(names)
