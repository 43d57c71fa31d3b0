"""Files, modules and scripts that code and documentation cite exist."""

from __future__ import annotations

import pkgutil
import re
import subprocess
from pathlib import Path

from auxjepa.cli import GROUP

ROOT = Path(__file__).resolve().parents[1]
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
)
FILES = sorted(name for name in TRACKED.stdout.splitlines() if (ROOT / name).is_file())
FOLDERS = {parent.as_posix() for name in FILES for parent in Path(name).parents}
TEXT = [
    name for name in FILES if Path(name).suffix in (".py", ".md", ".yaml", ".yml", ".toml") or name in ("Makefile",)
]
# A run of path characters that begins with a folder of the repository's root.
PATH = re.compile(r"(?<![\w./{-])((?:docs|src|tests)/[\w./-]*[\w/])(?![\w*{<])")
# A source file in backticks, named from any folder of the package.
SOURCE = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|yaml))[:`]")
SCRIPT = re.compile(r"python3? -m ((?:docs|benchmarks|speed|auxjepa)[\w.]*\w)")
MODULE = re.compile(r"(?<![\w./\"-])(auxjepa(?:_review)?(?:\.[A-Za-z_]\w*)+)(?![\w*])")
# What the worked example in CONTRIBUTING.md adds, and paths that a test makes up.
EXAMPLES = ("jerk", "NAME", "docs/nothing")


def cited(text: str, pattern: re.Pattern[str]) -> set[str]:
    """What a text cites, without the examples."""
    return {match for match in pattern.findall(text) if not any(example in match for example in EXAMPLES)}


def test_the_checkout_is_seen() -> None:
    assert len(FILES) > 500 and "docs" in FOLDERS


def test_cited_paths_exist() -> None:
    missing = {
        f"{name}: {path}"
        for name in TEXT
        for path in cited((ROOT / name).read_text(encoding="utf-8"), PATH)
        if not (ROOT / path).exists()
    }
    assert missing == set()


def test_only_documents_of_this_repository_are_cited() -> None:
    known = {Path(name).name for name in FILES if name.endswith(".md")}
    wrong = {
        f"{name}: {document}"
        for name in TEXT
        for document in re.findall(r"\b[A-Z]{4,}\.md\b", (ROOT / name).read_text(encoding="utf-8"))
        if document not in known
    }
    assert wrong == set()


def test_documentation_cites_source_files_that_exist() -> None:
    missing = {
        f"{name}: {path}"
        for name, text in documentation().items()
        for path in cited(text, SOURCE)
        if not any(file == path or file.endswith(f"/{path}") for file in FILES)
    }
    assert missing == set()


def test_documentation_cites_scripts_that_exist() -> None:
    scripts = {(name, script) for name, text in documentation().items() for script in cited(text, SCRIPT)}
    assert len(scripts) > 10
    assert {f"{name}: {script}" for name, script in scripts if module_file(script) is None} == set()


def test_documentation_cites_names_that_can_be_imported() -> None:
    names = {(module, name) for name, text in documentation().items() for module in cited(text, MODULE)}
    assert len(names) > 50
    assert {f"{name}: {module}" for module, name in sorted(names) if module != GROUP and not resolves(module)} == set()


def documentation() -> dict[str, str]:
    """Text of every documentation page except the generated map."""
    pages = [name for name in FILES if name.endswith(".md") and name != "docs/map.md"]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in pages}


def module_file(module: str) -> str | None:
    """File of a module or package, None if there is none."""
    for folder in ("", "src/"):
        stem = folder + module.replace(".", "/")
        for file in (f"{stem}.py", f"{stem}/__init__.py"):
            if file in FILES:
                return file
    return None


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True
