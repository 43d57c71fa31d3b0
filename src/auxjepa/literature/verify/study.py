"""The study of this package that would decide a claim, as a command."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import auxjepa
from auxjepa.config import read_yaml
from auxjepa.evidence.claims import WORLD, Claim, known_as

PRESETS = Path(auxjepa.__file__).parent / "study" / "presets"


@cache
def presets() -> dict[str, dict[str, Any]]:
    """The contents of the presets by name."""
    return {path.stem: read_yaml(path) for path in sorted(PRESETS.glob("*.yaml"))}


def command(claim: Claim) -> str:
    """What to run: a study, an execution, or the arithmetic of the ledger; empty where nothing decides it.

    Of several presets that have the variants and the benchmarks of the claim, one that confirms on fresh seeds comes
    first, then one with more seeds, then the smaller one.
    """
    if claim.answered_by is not None:
        return _run(claim.answered_by.preset) if claim.answered_by.preset else ""
    if claim.kind == "structural":
        return "auxjepa claims verify --execute" if claim.fact else ""
    if claim.about == "table":
        return "auxjepa claims verify --results published"
    wanted = [known_as(claim.regime, v)[0] for v in (*claim.variants, *claim.among) if v != claim.reference]
    roles = [WORLD.get(b, b) for b in claim.benchmarks]
    fitting = [name for name, content in presets().items() if _has(content, [*wanted, claim.reference], roles)]
    return _run(min(fitting, key=_rank)) if fitting and roles else ""


def published(name: str, claim: Claim) -> bool:
    """Whether the preset, at the scale of the paper, asks a claim about these variants on the published benchmarks."""
    content = presets().get(name, {})
    paper = (content.get("scales") or {}).get("paper")
    if not isinstance(paper, dict):
        return False
    wanted = [known_as(claim.regime, v)[0] for v in claim.variants if v != claim.reference]
    return _has({**content, **paper}, wanted, list(claim.benchmarks))


def preset(line: str) -> str:
    """The preset of a command that :func:`command` gave."""
    words = line.split()
    return words[3] if words[:3] == ["auxjepa", "study", "run"] else ""


def _run(name: str) -> str:
    return f"auxjepa study run {name} --out out/{name}"


def _has(content: dict[str, Any], variants: list[str], benchmarks: list[str]) -> bool:
    return set(variants) <= set(content.get("variants", [])) and set(benchmarks) <= set(content.get("benchmarks", []))


def _rank(name: str) -> tuple[bool, int, int]:
    content = presets()[name]
    return content.get("phase") != "confirm", -len(content.get("seeds", [])), len(content.get("variants", []))
