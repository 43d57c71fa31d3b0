"""``python -m docs.build``: the tree in README.md, then every ``build_*.py`` in docs, which draws a page's pictures."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import shorten

import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "auxjepa"
BEGIN, END = "<!-- tree -->", "<!-- end of tree -->"
WIDTH = 108


def tree(folder: Path = PACKAGE, depth: int = 0) -> list[str]:
    """One line a file: its name and the first sentence of its docstring; folders take that of their ``__init__``."""
    lines = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.name.startswith((".", "__pycache__")) or path.name == "__init__.py":
            continue
        name = path.name + "/" * path.is_dir()
        about = summary(path / "__init__.py" if path.is_dir() else path)
        start = f"{'  ' * depth}{name:{24 - 2 * depth}} "
        lines.append((start + shorten(about, WIDTH - len(start), placeholder=" …")).rstrip())
        if path.is_dir():
            lines += tree(path, depth + 1)
    return lines


def summary(path: Path) -> str:
    """First sentence of a module's docstring, without full stop; the question of a study, or the first comment."""
    if path.suffix == ".yaml":
        text = path.read_text(encoding="utf-8")
        asked = yaml.safe_load(text).get("question") or text.splitlines()[0].removeprefix("#")
        return " ".join(asked.split())
    if path.suffix != ".py" or not path.exists():
        return ""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".").replace("``", "")


def write_tree(readme: Path) -> None:
    """Put the tree between its marks."""
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    content = "\n".join(tree())
    readme.write_text(f"{before}{BEGIN}\n```text\n{content}\n```\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Build everything; returns how many scripts failed."""
    write_tree(ROOT / "README.md")
    failed = 0
    for script in sorted((ROOT / "docs").rglob("build_*.py")):
        module = ".".join(script.relative_to(ROOT).with_suffix("").parts)
        print(module, flush=True)
        failed += subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
