"""Docstrings, comments and messages are plain English: a short list of constructions must not appear in them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"

BANNED = {
    r"\banew\b": "again",
    r"\b(go|goes|went|going) on\b": "continue, resume",
    r"\b(stand|stands|stood|standing) (in )?for\b": "mean, replace",
    r"\bas it stands\b": "unchanged",
    r"\b(nobody|somebody|whoever|whatever|nought)\b": "name the thing or the person",
    r"\b(told|tells|said|heard)\b": "return, print, report",
    r"\b(asked for|asks for|is asked|was asked|asked)\b": "requested",
    r"\bof (its|his|their|one's|our|yours?) own\b": "own, separate",
    r"\b(what|whatever) (is|was) (left(?! out\b)|there)\b": "remaining, existing",
    r"\bwhat it had\b": "name the values",
    r"\bthat (is|are|was) there\b": "existing, available",
    r"\b(is|be|was) had\b|\bcan be had\b": "is available",
    r"\bat once\b": "immediately, together",
    r"\bby (itself|themselves)\b": "automatically, separately",
    r"\bbeside\b": "next to, in addition to",
    r"\b(lie|lies|lay|lying)\b": "is in, is at",
    r"\b(mend|mends|mended)\b": "fix, repair",
    r"\b(twin|twins|belie|belies|reckon|reckons|reckoned)\b": "use the usual word",
    r"\bspeaks?\b": "name, mention",
    r"\bin front of\b": "before",
    r"\bover and over\b": "repeatedly",
    r"\b(tried|try) out\b": "try",
    r"\ba word for\b": "name",
    r"\bwhose .{1,60} is .{1,40} how\b": "two sentences",
}
"""Pattern of a construction that readers must read twice, and words to use instead."""

ALLOWED = {
    ("auxjepa/study/estimate.py", "reckoned"),  # a field of files that `auxjepa study plan` wrote
    ("auxjepa_review/evaluation/defects.py", "nobody"),  # a phrase that is planted into documents
}
"""File and text of exceptions."""

BAD_START = re.compile(r"^(To|Of|What|Whose|Where|Those|Nothing|That|Whatever|Whether|How|Which)\b")
"""First words of a docstring that make it a fragment."""


def rooms() -> list[str]:
    """Return every room of the source tree."""
    folders = sorted(
        path.parent.relative_to(SRC).as_posix()
        for package in ("auxjepa", "auxjepa_review")
        for path in (SRC / package).glob("*/__init__.py")
    )
    return ["auxjepa/*.py", "auxjepa_review/*.py", *folders]


def files_of(room: str) -> list[Path]:
    """Return the Python files of a room."""
    return sorted(SRC.glob(room) if room.endswith(".py") else (SRC / room).rglob("*.py"))


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring, comment and other text of several words."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def starts_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and first line of the docstring of every module, class and function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text.splitlines()[0]


def faults_of(source: str, name: str) -> list[str]:
    """Return one line for each banned construction in a file."""
    faults = []
    for line, text in texts_of(source):
        flat = " ".join(re.sub(r"``[^`]*``", "", text).split())
        for pattern, instead in BANNED.items():
            match = re.search(pattern, flat, re.IGNORECASE)
            if match and (name, match.group().lower()) not in ALLOWED:
                faults.append(f"{name}:{line}: {match.group()!r} (write: {instead}) in {flat[:100]!r}")
    for line, text in starts_of(source):
        if BAD_START.match(text):
            faults.append(f"{name}:{line}: a docstring must say what the object is or does: {text!r}")
    return faults


@pytest.mark.parametrize("room", rooms())
def test_text_is_plain(room: str) -> None:
    files = files_of(room)
    assert files
    faults = [
        fault
        for path in files
        for fault in faults_of(path.read_text(encoding="utf-8"), path.relative_to(SRC).as_posix())
    ]
    assert not faults, "\n".join(faults)


def test_every_exception_is_used() -> None:
    for name, text in sorted(ALLOWED):
        assert any(text in flat.lower() for _, flat in texts_of((SRC / name).read_text(encoding="utf-8"))), (name, text)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('"""Return the sum.\n\nIt goes on with the rest."""', "goes on"),
        ("x = 1  # begins anew", "anew"),
        ('raise ValueError(f"{x}: a file that lies below {y}")', "lies"),
        ('def f():\n    """Whether it is one."""', "must say what"),
        ('"""What is left of it."""', "must say what"),
    ],
)
def test_banned_constructions_are_detected(source: str, fault: str) -> None:
    assert any(fault in line for line in faults_of(source, "x.py"))


def test_plain_text_and_code_pass() -> None:
    source = 'def told(asked: str = "anew") -> str:\n    """Return the ``told`` text."""\n    return asked  # resumes\n'
    assert faults_of(source, "x.py") == []
