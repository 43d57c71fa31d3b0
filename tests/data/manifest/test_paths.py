from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.errors import UnsafePathError
from auxjepa.data.manifest.paths import inside


@pytest.mark.parametrize(
    "name", ["", ".", "/etc/passwd", "../up.mp4", "a/../../up.mp4", "a\\..\\up.mp4", "C:\\x.mp4", "\\\\host\\x", "a\0b"]
)
def test_names_that_would_leave_the_root_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafePathError, match=r"names must stay within"):
        inside(tmp_path, name)


@pytest.mark.parametrize("name", ["a.mp4", "a b/ö动.mp4", "a..b/c...mp4", "./a.mp4"])
def test_odd_but_harmless_names_pass(tmp_path: Path, name: str) -> None:
    assert inside(tmp_path, name) == tmp_path / name


def test_links_may_stay_within_the_root_but_not_leave_it(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    (root / "real").mkdir(parents=True)
    out.mkdir()
    (root / "within").symlink_to("real")
    (root / "away").symlink_to(out)
    assert inside(root, "within/a.mp4") == root / "within/a.mp4"
    with pytest.raises(UnsafePathError, match=r"through a link; --follow-links"):
        inside(root, "away/a.mp4")
    assert inside(root, "away/a.mp4", links=True) == root / "away/a.mp4"
    (tmp_path / "alias").symlink_to(root)
    assert inside(tmp_path / "alias", "real/a.mp4") == tmp_path / "alias/real/a.mp4"


def test_a_link_to_itself_is_refused_like_any_unsafe_name(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnsafePathError, match="goes through a link that leads to itself"):
        inside(tmp_path, "loop/a.mp4")
