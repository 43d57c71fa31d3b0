"""No text makes a regular expression of the package slow: each is tried with the strings that could."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

import regexes
from regexes import Use, attack

BAD = (
    r"(\d+)\s+papers?",
    r"(a+)+b",
    r"\s*,?\s*and",
    r"^\s*(?:#{1,6}\s+)?abstract",
    r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$",
    r"(?<![A-Za-z0-9])[A-Za-z]+(?:-[A-Za-z]+)*-?\d+",
    r"\b(?:[A-Z][\w+]*-?\d)",
    r"\bpaired\b[^.]*seeds?",
    r"\b\d[\d,]*\s+test",
    r"question\s*:\s*([^?]+)\?",
    r"\bmust\b.*\bhold\b",
    r"(?:\d{1,3}(?:,\d{3})+|\d+)\s+layers",
)
"""Patterns that are quadratic or worse, most of them once ours."""


@pytest.mark.parametrize("pattern", BAD)
def test_the_attacks_find_what_is_slow(pattern: str) -> None:
    assert attack(Use(pattern, re.I | re.M, "search", "here"))


@pytest.mark.slow
def test_no_pattern_of_the_package_is_slow_on_any_attack() -> None:
    done = subprocess.run([sys.executable, regexes.__file__], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["unseen"] == [], "patterns that this test doesn't see being built"
    assert told["uses"] > 250
    assert told["slow"] == []
