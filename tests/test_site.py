"""The documentation site is complete: navigation, links, anchors, reference pages and the generated map."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ_ON_THEIR_OWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", flags=re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^()\s]+)\)")


def prose(page: Path) -> str:
    """Text of a page without code."""
    return CODE.sub("``", FENCE.sub("", page.read_text(encoding="utf-8")))


def entries(navigation: list | dict | str) -> Iterator[str]:
    """Every page of a navigation, in order."""
    if isinstance(navigation, str):
        yield navigation
    else:
        for part in navigation.values() if isinstance(navigation, dict) else navigation:
            yield from entries(part)


def anchors(page: Path, slug) -> set[str]:
    """Anchors of a page's headings."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(heading) for heading in re.findall(r"^#+ +(.+?) *$", text, flags=re.M)}


def site_slug(heading: str) -> str:
    """Anchor of a heading on the site, as Python-Markdown makes it."""
    text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def repository_slug(heading: str) -> str:
    """Anchor of a heading where the repository shows the page."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def test_every_page_is_in_the_navigation_once_and_every_entry_exists() -> None:
    listed = Counter(entries(CONFIG["nav"]))
    assert [entry for entry, count in listed.items() if count > 1] == []
    assert set(listed) == {page.relative_to(DOCS).as_posix() for page in PAGES}


@pytest.mark.parametrize("page", [*PAGES, *READ_ON_THEIR_OWN], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_anchors_resolve(page: Path) -> None:
    wrong = []
    for link in LINK.findall(prose(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            wrong.append(f"{link}: no such file")
        elif page.is_relative_to(DOCS) and not target.is_relative_to(DOCS):
            wrong.append(f"{link}: the site holds only what is in docs")
        elif anchor and not all(anchor in anchors(target, slug) for slug in (site_slug, repository_slug)):
            wrong.append(f"{link}: no such heading")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_has_one_title_and_is_no_mere_pointer(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert len(re.findall(r"^# ", text, flags=re.M)) == 1
    assert len(text.splitlines()) >= 5


def test_reference_pages_name_modules_that_exist() -> None:
    names = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"^::: ([\w.]+)$", page.read_text(encoding="utf-8"), flags=re.M)
    }
    assert len(names) > 20
    for _, name in sorted(names):
        pkgutil.resolve_name(name)


def test_the_map_is_that_of_the_present_files() -> None:
    path = DOCS / "build_map.py"
    spec = importlib.util.spec_from_file_location("build_map", path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = script.text()
    assert "### auxjepa/objectives/" in text and "- `latent_dynamics.py`: " in text
    assert script.PAGE.read_text(encoding="utf-8") == text, "run `python -m docs.build map`"


def test_the_site_loads_nothing_from_other_servers() -> None:
    assert CONFIG["theme"]["font"] is False
    assert not any("://" in str(value) for value in [*CONFIG.get("extra_css", []), *CONFIG.get("extra_javascript", [])])
