"""Content hashes of every preset at every scale, every variant and every benchmark are those of finished studies.

``hashes.json`` was written by the version before the rooms were laid out. A hash that differs means that finished runs
and scores are no longer found. A change on purpose needs a new version of what is hashed, and a line in the CHANGELOG.
``python tests/study/test_hashes.py`` writes the file again.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import auxjepa
from auxjepa import variants
from auxjepa.benchmarks import BENCHMARKS
from auxjepa.config import RunConfig, read_yaml
from auxjepa.study import scales
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan

FILE = Path(__file__).with_name("hashes.json")
PRESETS = Path(auxjepa.__file__).parent / "study" / "presets"
EXPECTED: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}


def presets() -> list[tuple[str, str | None]]:
    """Return the name and the scale of every preset; a preset without scales has the scale None."""
    return [
        (path.stem, scale)
        for path in sorted(PRESETS.glob("*.yaml"))
        if path.stem != "own"  # its benchmarks depend on the user's videos
        for scale in scales.names(_content(path)) or [None]
    ]


def hash_of_preset(name: str, scale: str | None) -> str:
    """Return the digest of all runs, benchmarks and protocols of a preset."""
    study = StudyConfig.model_validate(scales.resolve(_content(PRESETS / f"{name}.yaml"), scale, name))
    runs = plan(study)
    data = runs[0].config.data
    record = {
        "runs": [f"{run.config.variant} {run.config.regime} {run.config.seed} {run.key}" for run in runs],
        "benchmarks": {one.name: [one.hash_on(data), one.protocol.digest()] for one in study.chosen_benchmarks()},
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


@cache
def _content(path: Path) -> dict[str, Any]:
    return read_yaml(path)


@pytest.mark.parametrize(("name", "scale"), presets())
def test_runs_benchmarks_and_protocols_of_a_preset(name: str, scale: str | None) -> None:
    assert hash_of_preset(name, scale) == EXPECTED["presets"][f"{name}@{scale}"]


def test_no_preset_is_lost() -> None:
    assert set(EXPECTED["presets"]) <= {f"{name}@{scale}" for name, scale in presets()}


@pytest.mark.parametrize("name", sorted(EXPECTED["variants"]))
def test_runs_of_a_variant(name: str) -> None:
    assert variants.apply(name, RunConfig()).content_hash() == EXPECTED["variants"][name]


@pytest.mark.parametrize("name", sorted(EXPECTED["benchmarks"]))
def test_scores_on_a_benchmark(name: str) -> None:
    benchmark = BENCHMARKS[name]
    assert [benchmark.hash_on(RunConfig().data), benchmark.protocol.digest()] == EXPECTED["benchmarks"][name]


def _write() -> None:
    record = {
        "presets": {f"{name}@{scale}": hash_of_preset(name, scale) for name, scale in presets()},
        "variants": {name: variants.apply(name, RunConfig()).content_hash() for name in variants.VARIANTS},
        "benchmarks": {
            name: [one.hash_on(RunConfig().data), one.protocol.digest()] for name, one in BENCHMARKS.items()
        },
    }
    FILE.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    _write()
