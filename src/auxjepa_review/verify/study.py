"""The study of this package that would decide a claim, as a command."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import auxjepa
from auxjepa.config import read_yaml
from auxjepa.evidence.ledger.claims import WORLD_BENCHMARKS, Claim, package_names

PRESETS = Path(auxjepa.__file__).parent / "study" / "presets"


@cache
def presets() -> dict[str, dict[str, Any]]:
    """The contents of the presets by name."""
    return {path.stem: read_yaml(path) for path in sorted(PRESETS.glob("*.yaml"))}


def command(claim: Claim) -> str:
    """What to run: a study, an execution, or the arithmetic of the ledger; empty where nothing decides it.

    A study that confirms on fresh seeds comes before one that screens, the synthetic world before the published
    benchmarks (``--scale paper``), then more seeds, then fewer variants.
    """
    if claim.answered_by is not None:
        return _run(claim.answered_by.preset) if claim.answered_by.preset else ""
    if claim.kind == "structural":
        return "auxjepa claims verify --execute" if claim.fact else ""
    if claim.about == "table":
        return "auxjepa claims verify --results published"
    if not claim.benchmarks:
        return ""
    wanted = {package_names(claim.regime, v)[0] for v in (*claim.variants, *claim.among) if v != claim.reference}
    fitting = [name for name in presets() if _asks(name, wanted | {claim.reference}, claim.benchmarks)]
    fitting += [f"{name} --scale paper" for name in presets() if published(name, claim)]
    return _run(min(fitting, key=_rank)) if fitting else ""


def published(name: str, claim: Claim) -> bool:
    """Whether the preset, at the scale of the paper, asks a claim about these variants on the published benchmarks."""
    paper = _scaled(name)
    wanted = {package_names(claim.regime, v)[0] for v in (*claim.variants, *claim.among)} | {claim.reference}
    return paper is not None and wanted <= set(paper["variants"]) and set(claim.benchmarks) <= set(paper["benchmarks"])


def _asks(name: str, wanted: set[str], benchmarks: Sequence[str]) -> bool:
    content = presets()[name]
    roles = {WORLD_BENCHMARKS.get(b, b) for b in benchmarks}
    return wanted <= set(content["variants"]) and roles <= set(content["benchmarks"])


def _scaled(name: str) -> dict[str, Any] | None:
    """The preset at the scale of the paper; None where it has none."""
    content = presets().get(name, {})
    paper = (content.get("scales") or {}).get("paper")
    return {**content, **paper} if isinstance(paper, dict) else None


def screens(line: str) -> bool:
    """Whether the study of a command only screens: it would say where to look, and decide nothing."""
    return bool(preset(line)) and presets()[preset(line)].get("phase") != "confirm"


def preset(line: str) -> str:
    """The preset of a command that :func:`command` gave."""
    words = line.split()
    return words[3] if words[:3] == ["auxjepa", "study", "run"] else ""


def _run(what: str) -> str:
    return f"auxjepa study run {what} --out out/{what.replace(' --scale ', '-')}"


def _rank(what: str) -> tuple[bool, bool, int, int]:
    name, _, scale = what.partition(" --scale ")
    content = presets()[name]
    return content.get("phase") != "confirm", bool(scale), -len(content.get("seeds", [])), len(content["variants"])
