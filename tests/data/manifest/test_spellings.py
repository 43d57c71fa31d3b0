from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from auxjepa.data.manifest.spellings import Spellings

NAMES = ("red/a.mp4", "A.mp4", " b.mp4", "it's.mp4", "c\\d.mp4", unicodedata.normalize("NFD", "é.mp4"), "#1.mp4")


@pytest.fixture
def spellings(tmp_path: Path) -> Spellings:
    root = tmp_path / "root"
    for name in (*NAMES, "notes.txt", ".hidden.mp4"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "link.mp4").symlink_to("red/a.mp4")
    (tmp_path / "way").symlink_to(root)
    return Spellings(NAMES, root)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *((name, name) for name in NAMES),
        ("./red//a.mp4", "red/a.mp4"),
        ("blue/../red/a.mp4", "red/a.mp4"),
        ("red\\a.mp4", "red/a.mp4"),
        (".\\red\\a.mp4", "red/a.mp4"),
        ("'red/a.mp4'", "red/a.mp4"),
        ('"A.mp4"', "A.mp4"),
        ("b.mp4", " b.mp4"),
        ("é.mp4", NAMES[5]),
        ("link.mp4", "red/a.mp4"),
        ("a.mp4", None),
        ("a.MP4", None),
        ("../root/A.mp4", None),
        ("x\0.mp4", None),
        ("notes.txt", None),
    ],
)
def test_a_file_by_its_spellings(spellings: Spellings, path: str, name: str | None) -> None:
    assert spellings.find(path) == name


def test_absolute_paths_below_the_folder(spellings: Spellings, tmp_path: Path) -> None:
    assert spellings.find(f"{tmp_path}/root/red/a.mp4") == "red/a.mp4"
    assert Spellings(NAMES, tmp_path / "way").find(f"{tmp_path}/root/A.mp4") == "A.mp4"
    assert spellings.find(f"{tmp_path}/A.mp4") is None


def test_two_forms_of_one_name_are_two_files(tmp_path: Path) -> None:
    both = [unicodedata.normalize(form, "é.mp4") for form in ("NFC", "NFD")]
    spellings = Spellings(both, tmp_path)
    assert [spellings.find(name) for name in both] == both and spellings.find(f" {both[0]}") == both[0]
    assert spellings.find("É.mp4") is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("gone.mp4", "there is no such file"),
        ("a.mp4", r"there is no such file \(there is A\.mp4\)"),
        ("notes.txt", "its name isn't a video's"),
        (".hidden.mp4", "it is hidden"),
        ("../x.mp4", "steps up"),
        ("/etc/x.mp4", "is an absolute path"),
    ],
)
def test_the_reason_why_a_path_denotes_no_file(spellings: Spellings, path: str, why: str) -> None:
    import re

    assert re.search(why, spellings.why_not(path))
