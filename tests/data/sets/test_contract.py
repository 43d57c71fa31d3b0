"""Check every registered data set, also with damaged annotation files.

About 15 s: every annotation file of every miniature is damaged in many ways, each with a seed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.errors import AnnotationError, DataError, MissingFilesError
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.sets import SETS, Listing
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.sets.prepared_set import number_classes

DAMAGES = 24
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>404</body></html>\n"
ODD = [
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"'", b"\n", b"\r", b"\r\n", b",", b";", b" ", b"\t", b"\\", b"/", b"../"),
    *(b"[", b"]", b"{", b"}", b"null", b"-1", b"1e999", b"NaN", b"9" * 30, b"9" * 5_000, b"\\ud800", b"::", b"#"),
    *("٣".encode(), "é".encode(), "\u2028".encode(), b"<html>", b"C:\\", b"/etc/passwd ", b"0"),
]
VALUES: list[Any] = [None, True, -1, 0, 10**30, 1e308, float("nan"), "", " ", "x", "../x", "/x", "\0", [], {}, [[]]]


@pytest.fixture(scope="session", params=SETS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def original(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return builder(name)(tmp_path_factory.mktemp(name) / "original")


@pytest.fixture
def root(name: str, original: Path, tmp_path: Path) -> Path:
    """Return a copy of the miniature with hard links to its media and copies of its annotation files."""
    official = {str(file) for file in SETS[name].read(original).annotations}

    def place(source: str, target: str) -> None:
        (shutil.copy2 if source in official else os.link)(source, target)

    return Path(shutil.copytree(original, tmp_path / "root", copy_function=place))


def builder(name: str) -> Callable[[Path], Path]:
    """Return the builder of the data set's miniature, ``tests/miniatures/NAME.py``."""
    return import_module(f"miniatures.{'kinetics' if name.startswith('kinetics') else name}").build


def check_listing(listing: Listing) -> None:
    """Check the properties that every listing must have for any content of its files."""
    assert listing.splits and any(listing.splits.values())
    for values in listing.classes.values():
        assert values and all(values) and len(set(number_classes(values).values())) == len(values)
    allowed = {column: set(values) for column, values in listing.classes.items()}
    for examples in listing.splits.values():
        for example in examples:
            assert example.path and all(example.texts)
            assert all(value in allowed[column] for column, value in example.labels.items())
            assert (example.start or 0.0) < (float("inf") if example.stop is None else example.stop)
    for problem in listing.problems:
        assert problem.where and problem.what and "\n" not in problem.where


def read_or_refuse(name: str, root: Path) -> Listing | AnnotationError:
    """Return a valid listing, or an error of one line that names the file; nothing else may happen."""
    try:
        listing = SETS[name].read(root)
    except AnnotationError as error:
        assert str(root) in str(error) and "\n" not in str(error)
        return error
    check_listing(listing)
    return listing


def test_the_card_is_complete(name: str, original: Path) -> None:
    data_set = SETS[name]
    card, listing = data_set.card, SETS[name].read(original)
    texts = (card.title, card.about, card.obtain, card.licence, card.cite, card.layout, *card.defects)
    assert all(texts) and all(part.strip() == part for part in texts)
    for part in texts:
        assert not any(place in part for place in ("/home/", "/root/", "/work/", "/tmp/", "/Users/", "C:\\"))
    assert set(card.sizes) <= set(listing.splits) and all(size > 0 for size in card.sizes.values())
    assert data_set.name == name and (data_set.generic or data_set.split in listing.splits)
    assert card.label is None or card.label in listing.classes
    assert data_set.generic or "http" in card.obtain


def test_the_listing_is_sound_and_always_the_same(name: str, original: Path) -> None:
    listing = SETS[name].read(original)
    check_listing(listing)
    assert listing == SETS[name].read(original)
    for examples in listing.splits.values():
        assert examples and all(unsafe(example.path) is None for example in examples)
    assert all(file.is_file() and file.is_relative_to(original) for file in listing.annotations)


def test_it_can_be_prepared_from_a_relative_root(
    name: str, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(original.parent)
    there = Path(original.name)
    assert {s: len(e) for s, e in SETS[name].read(there).splits.items()} == {
        s: len(e) for s, e in SETS[name].read(original).splits.items()
    }
    prepared = prepare_set(name, there, tmp_path, name="mine", workers=1, progress=False)
    assert sum(coverage.usable for coverage in prepared.splits.values()) > 0


def test_media_may_be_in_another_format_under_the_same_name(name: str, root: Path) -> None:
    if SETS[name].generic:
        pytest.skip("a format whose lists are the user's own")
    before = SETS[name].read(root)
    there = {e.path for examples in before.splits.values() for e in examples if (root / e.path).is_file()}
    other = {".mp4": ".MKV", ".avi": ".mp4", ".webm": ".mp4", ".jpeg": ".png"}
    for path in there:
        (root / path).rename((root / path).with_suffix(other[Path(path).suffix.lower()]))
    after = SETS[name].read(root)
    for split, examples in before.splits.items():
        assert len(after.splits[split]) == len(examples)
        for old, new in zip(examples, after.splits[split], strict=True):
            assert old.labels == new.labels and Path(old.path).with_suffix("") == Path(new.path).with_suffix("")
            assert (root / new.path).is_file() or old.path not in there


def test_the_official_format_comes_first(name: str, root: Path) -> None:
    if SETS[name].generic:
        pytest.skip("a format whose lists are the user's own")
    before = SETS[name].read(root)
    there = {e.path for examples in before.splits.values() for e in examples if (root / e.path).is_file()}
    for path in there:
        for suffix in (".3gp", ".gif", ".wmv"):
            (root / path).with_suffix(suffix).write_bytes(b"another file of this name")
    assert {split: [e.path for e in examples] for split, examples in SETS[name].read(root).splits.items()} == {
        split: [e.path for e in examples] for split, examples in before.splits.items()
    }


def test_a_missing_annotation_file_is_named_or_may_be_missing(name: str, root: Path) -> None:
    for file in SETS[name].read(root).annotations:
        content = file.read_bytes()
        file.unlink()
        try:
            listing = SETS[name].read(root)
            assert file not in listing.annotations
            check_listing(listing)
        except MissingFilesError as error:
            # Without its list of classes, a copy lacks folders of the default classes.
            expected = (file.name, "no list here", "a classes.txt in the root can list")
            assert any(words in str(error) for words in expected)
        file.write_bytes(content)


@pytest.mark.parametrize("content", [PAGE, b"", b"\0" * 4_096, b"\xff\xd8\xff\xe0 no text", b"PK\3\4"])
def test_another_file_in_an_annotation_files_place_is_noticed(name: str, root: Path, content: bytes) -> None:
    for file in SETS[name].read(root).annotations:
        before = file.read_bytes()
        file.write_bytes(content)
        result = read_or_refuse(name, root)
        assert isinstance(result, AnnotationError) or result.problems
        file.write_bytes(before)


def test_a_mark_and_other_line_ends_make_no_difference(name: str, root: Path) -> None:
    listing = SETS[name].read(root)
    for file in listing.annotations:
        if b'"' not in file.read_bytes() or file.suffix == ".json":  # line ends within quotes are part of the value
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert SETS[name].read(root) == listing


def test_damaged_annotation_files_are_refused_or_read(name: str, root: Path) -> None:
    for file in SETS[name].read(root).annotations:
        before = file.read_bytes()
        for what, content in damaged(before, f"{name} {file.name}", as_json=file.suffix == ".json"):
            file.write_bytes(content)
            try:
                read_or_refuse(name, root)
            except DataError as error:
                assert isinstance(error, MissingFilesError), what
            except Exception as error:
                raise AssertionError(f"{file.name} {what}: {content[:300]!r}") from error
        file.write_bytes(before)


def damaged(content: bytes, seed: str, as_json: bool) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of the content: cut short, bytes changed, removed, doubled or added, values exchanged."""
    for number in range(DAMAGES):
        rng = random.Random(f"{seed} {number}")
        out = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = rng.randrange(len(out) + 1)
            end = min(len(out), at + rng.choice((1, 2, 8, 40)))
            kind = rng.randrange(6)
            if kind == 0:
                del out[at:]
            elif kind == 1:
                out[at:end] = rng.randbytes(end - at)
            elif kind == 2:
                del out[at:end]
            elif kind == 3:
                out[at:at] = out[at:end] * 2
            elif kind == 4:
                out[at:at] = rng.choice(ODD)
            else:
                out[at:end] = rng.choice(ODD)
        yield f"damage {number}", bytes(out)
        if as_json:
            tree = json.loads(content)
            for _ in range(rng.choice((1, 3))):
                exchange(tree, rng)
            yield f"exchange {number}", json.dumps(tree).encode()
        else:
            lines = content.splitlines(keepends=True)
            for _ in range(3):
                at = rng.randrange(len(lines))
                cells = lines[at].split(b",")
                cells[rng.randrange(len(cells))] = rng.choice([*ODD, b"", *cells])
                lines[at] = b",".join(cells)
            rng.shuffle(lines[: rng.choice((0, len(lines)))])
            yield f"cells {number}", b"".join(lines)


def exchange(tree: Any, rng: random.Random) -> None:
    """Replace or remove one value of the tree at random."""
    while isinstance(tree, dict | list) and tree:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        key = rng.choice(keys)
        if isinstance(tree[key], dict | list) and tree[key] and rng.random() < 0.8:
            tree = tree[key]
        elif rng.random() < 0.3:
            del tree[key]
            return
        else:
            tree[key] = deepcopy(rng.choice(VALUES))
            return
