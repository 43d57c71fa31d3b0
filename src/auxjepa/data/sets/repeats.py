"""Merge examples whose paths are links to one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.sets.data_set import Example, Problem
from auxjepa.data.sets.unique_examples import UniqueExamples


def merge_links(
    split: str, examples: Sequence[Example], files: Mapping[str, Scanned], root: Path, problems: list[Problem]
) -> tuple[Example, ...]:
    """Return the examples of a split with one example for all links to a file.

    Links to one file with different labels contradict each other, so their examples are left out. Separate copies of a
    file are separate examples.

    Args:
        split: name of the split, for messages.
        examples: examples of the split.
        files: scanned file by path.
        root: root of the data set.
        problems: list that receives a problem for each example that is left out.
    """
    same_content: dict[tuple[str, float | None, float | None], set[str]] = {}
    for example in examples:
        file = files[example.path]
        if not file.defect:
            same_content.setdefault((file.hash, example.start, example.stop), set()).add(example.path)
    links: dict[Path, list[str]] = {}
    for path in {path for group in same_content.values() if len(group) > 1 for path in group}:
        links.setdefault((root / path).resolve(), []).append(path)
    # The name of the file is preferred to the names of its links.
    preferred = {
        path: min(paths, key=lambda name: ((root / name).is_symlink(), name))
        for paths in links.values()
        for path in paths
        if len(paths) > 1
    }
    if not preferred:
        return tuple(examples)
    unique = UniqueExamples(problems)
    order: list[Example | str] = []
    for example in examples:
        path = preferred.get(example.path)
        if path is None:
            order.append(example)
            continue
        key = f"{path} {example.start} {example.stop}"
        if key not in unique:
            order.append(key)
        renamed = Example(path, example.labels, example.start, example.stop, example.texts)
        unique.add(key, f"{split}, {example.path}", renamed, f"{path}, also by a link,")
    merged = {key: example for key, (_, example) in unique.entries().items()}
    candidates = (merged.get(item) if isinstance(item, str) else item for item in order)
    return tuple(example for example in candidates if example is not None)
