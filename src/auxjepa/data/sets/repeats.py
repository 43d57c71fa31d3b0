"""Examples of a split that are one file under several names: each counts once, and not at all with different labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from auxjepa.data.manifest.scan import Scanned
from auxjepa.data.sets.data_set import Example, Once, Problem


def without_repeats(
    split: str, examples: Sequence[Example], files: Mapping[str, Scanned], root: Path, problems: list[Problem]
) -> tuple[Example, ...]:
    """The examples of a split, those that links make one file once.

    Copies of a file, which have places of their own, stay.

    Args:
        files: what is in each file, by path.
        problems: where examples that are left out are noted.
    """
    alike: dict[tuple[str, float | None, float | None], set[str]] = {}
    for example in examples:
        one = files[example.path]
        if not one.defect:
            alike.setdefault((one.hash, example.start, example.stop), set()).add(example.path)
    places: dict[Path, list[str]] = {}
    for path in {path for group in alike.values() if len(group) > 1 for path in group}:
        places.setdefault((root / path).resolve(), []).append(path)
    # A file's own name comes before its links.
    own_names = {
        path: min(paths, key=lambda name: ((root / name).is_symlink(), name))
        for paths in places.values()
        for path in paths
        if len(paths) > 1
    }
    if not own_names:
        return tuple(examples)
    once = Once(problems)
    kept: list[Example | str] = []
    for example in examples:
        own = own_names.get(example.path)
        if own is None:
            kept.append(example)
            continue
        key = f"{own} {example.start} {example.stop}"
        if key not in once:
            kept.append(key)
        renamed = Example(own, example.labels, example.start, example.stop, example.texts)
        once.add(key, f"{split}, {example.path}", renamed, f"{own}, also by a link,")
    left = {key: example for key, (_, example) in once.listed().items()}
    found = (left.get(one) if isinstance(one, str) else one for one in kept)
    return tuple(example for example in found if example is not None)
