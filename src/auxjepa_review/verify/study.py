"""Find the study of this package that would decide a claim, as a command."""

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
    """Return the contents of the presets by name."""
    return {path.stem: read_yaml(path) for path in sorted(PRESETS.glob("*.yaml"))}


def command(claim: Claim) -> str:
    """Return the command that decides a claim: a study, an execution, or the ledger's arithmetic; '' if none decides
    it.

    A study that confirms on fresh seeds is preferred to one that screens, the synthetic world to the published
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
    variants = {package_names(claim.regime, v)[0] for v in (*claim.variants, *claim.among) if v != claim.reference}
    candidates = [name for name in presets() if _measures(name, variants | {claim.reference}, claim.benchmarks)]
    candidates += [f"{name} --scale paper" for name in presets() if published(name, claim)]
    return _run(min(candidates, key=_rank)) if candidates else ""


def published(name: str, claim: Claim) -> bool:
    """Check whether the preset, at the paper's scale, measures a claim's variants on the published benchmarks.

    Args:
        name: name of the preset.
        claim: the claim.
    """
    paper = _scaled(name)
    variants = {package_names(claim.regime, v)[0] for v in (*claim.variants, *claim.among)} | {claim.reference}
    return (
        paper is not None and variants <= set(paper["variants"]) and set(claim.benchmarks) <= set(paper["benchmarks"])
    )


def _measures(name: str, variants: set[str], benchmarks: Sequence[str]) -> bool:
    content = presets()[name]
    roles = {WORLD_BENCHMARKS.get(b, b) for b in benchmarks}
    return variants <= set(content["variants"]) and roles <= set(content["benchmarks"])


def _scaled(name: str) -> dict[str, Any] | None:
    """Return the preset at the paper's scale; None if it has no such scale."""
    content = presets().get(name, {})
    paper = (content.get("scales") or {}).get("paper")
    return {**content, **paper} if isinstance(paper, dict) else None


def screens(line: str) -> bool:
    """Check whether the study of a command only screens, so that it decides nothing."""
    return bool(preset(line)) and presets()[preset(line)].get("phase") != "confirm"


def preset(line: str) -> str:
    """Return the preset of a command that :func:`command` returned."""
    words = line.split()
    return words[3] if words[:3] == ["auxjepa", "study", "run"] else ""


def _run(what: str) -> str:
    return f"auxjepa study run {what} --out out/{what.replace(' --scale ', '-')}"


def _rank(what: str) -> tuple[bool, bool, int, int]:
    name, _, scale = what.partition(" --scale ")
    content = presets()[name]
    return content.get("phase") != "confirm", bool(scale), -len(content.get("seeds", [])), len(content["variants"])
