"""Write docs/map.md, the list of all rooms and files of the package: ``python -m docs.build_map``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src"
PAGE = ROOT / "docs" / "map.md"
INTRODUCTION = """\
<!-- `python -m docs.build map` writes this page from the docstrings. Do not edit it here. -->

# Map of the code

A *room* is a folder of the package. The first line of a room comes from the docstring of its `__init__.py`, and the
line of a file from the file's docstring. Imports run one way, and `make check` verifies this: `cli` imports `study`,
`study` imports `train` and `benchmarks`, these import `probes`, and so on down to `step`, `tokens` and `config`.
`report` and `evidence` do not import torch.

`tests/` has the same layout as `src/`. `docs/` has one page for each concept. Scripts that measure speed are in a
separate folder at the root, and `make bench` runs them.
"""


def packages() -> list[Path]:
    """Return the folders of ``src`` that are Python packages."""
    return sorted(path.parent for path in SOURCES.glob("*/__init__.py"))


def rooms(package: Path) -> Iterator[Path]:
    """Yield the package and every folder below it that holds files, in the order of their paths."""
    folders = [package, *(path for path in package.rglob("*") if path.is_dir())]
    for folder in sorted(folders):
        if folder.name != "__pycache__" and files(folder):
            yield folder


def files(folder: Path) -> list[Path]:
    """Return the files of a room except its ``__init__.py``, hidden files and ``py.typed``."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in paths if path.name not in ("__init__.py", "py.typed") and not path.name.startswith(".")]


def summary(path: Path) -> str:
    """Return one line that describes a file.

    Args:
        path: a Python file (first sentence of its docstring), a YAML file (its question, else its first comment), or
            another file (no description).
    """
    if path.suffix == ".yaml":
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        question = content.get("question") if isinstance(content, dict) else None
        return one_line(question or text.splitlines()[0].removeprefix("#"))
    if path.suffix != ".py" or not path.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return one_line(docstring.split("\n\n")[0]).split(". ")[0].rstrip(".")


def one_line(text: str) -> str:
    """Return the text without line breaks, as Markdown (single backticks, no HTML)."""
    return " ".join(text.split()).replace("``", "`").replace("<", "&lt;")


def described(name: str, description: str) -> str:
    """Return a Markdown list item for a file."""
    return f"- `{name}`: {description}" if description else f"- `{name}`"


def text() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for package in packages():
        for room in rooms(package):
            level = "##" if room == package else "###"
            description = summary(room / "__init__.py")
            parts.append(f"{level} {room.relative_to(SOURCES).as_posix()}/\n")
            if description:
                parts.append(f"{description}.\n")
            parts.append("\n".join(described(path.name, summary(path)) for path in files(room)) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
