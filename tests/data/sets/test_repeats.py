from __future__ import annotations

from pathlib import Path

from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.sets.data_set import Example, Problem
from auxjepa.data.sets.repeats import merge_links


def test_links_to_one_file_count_once_and_not_with_two_labels(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "copy.mp4", "other.mp4"):
        (tmp_path / name).touch()
    for name, target in {"A.mp4": "a.mp4", "B.mp4": "b.mp4", "z.mp4": "a.mp4"}.items():
        (tmp_path / name).symlink_to(target)
    names = ("A.mp4", "B.mp4", "a.mp4", "b.mp4", "copy.mp4", "other.mp4", "z.mp4")
    same = {"other.mp4": "1"}
    files = {name: Scanned(name, 1, 1, same.get(name, "0"), None, frames=5) for name in names}
    labels = {"B.mp4": "1", "b.mp4": "2"}
    examples = [Example(name, {"label": labels.get(name, "7")}) for name in names]
    problems: list[Problem] = []
    kept = merge_links("train", examples, files, tmp_path, problems)
    assert [e.path for e in kept] == ["a.mp4", "copy.mp4", "other.mp4"], "copies stay, links count once"
    assert [(p.where, p.what.split(":")[0]) for p in problems] == [
        ("train, a.mp4", "a.mp4, also by a link, is listed twice"),
        ("train, B.mp4", "b.mp4, also by a link, is listed twice with different content (label 1 and 2)"),
        ("train, b.mp4", "b.mp4, also by a link, is listed twice with different content (label 1 and 2)"),
        ("train, z.mp4", "a.mp4, also by a link, is listed twice"),
    ]
