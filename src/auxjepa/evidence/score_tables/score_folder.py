"""Writes the scores of a table as a folder of rows, which every command that reads results can read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.evidence.score_tables.benchmark_facts import BenchmarkFacts
from auxjepa.evidence.score_tables.scores import Score, ScoreTable
from auxjepa.evidence.score_tables.table_file import TableError
from auxjepa.evidence.study_folder import study_file
from auxjepa.files import read_json, remove_folder, write_bytes, write_json, write_text
from auxjepa.metric_words import is_error
from auxjepa.rows import Row
from auxjepa.sealed import first_line

MARKER = "table.json"
"""File that names the table of a folder. Only folders with this file are written again."""
PROTOCOL = "as reported"
"""Name of the protocol where a table names none."""


def default_folder(path: Path) -> Path:
    """Return the folder for the report of a table: ``scores-report`` next to ``scores.csv``."""
    return path.with_name(f"{path.stem}-report")


def write_folder(table: ScoreTable, folder: Path, command: str = "") -> Path:
    """Write rows, marks, benchmarks, protocols and settings of a table into a folder and return the folder.

    Args:
        table: the scores.
        folder: a new or empty folder, or one that this function wrote.
        command: the command of the user, for the page.

    Raises:
        ConfigError: if the folder holds other files, or a score is no possible row.
    """
    check_folder(folder)
    rows = [(_row(table, score), score) for score in table.scores]
    data = table.path.read_bytes()
    write_json(folder / MARKER, {"table": str(table.path), "sha256": hashlib.sha256(data).hexdigest()})
    remove_folder(folder / "correct")
    for row, score in rows:
        if score.marks is not None:
            write_bytes(folder / "correct" / f"{row.id}.bin", np.packbits(score.marks).tobytes())
    write_json(folder / "benchmarks.json", {name: _record(fact) for name, fact in table.benchmarks.items()})
    protocols = dict.fromkeys(row.protocol for row, _ in rows)
    write_json(folder / "protocols.json", {name: _protocol(name) for name in protocols})
    lines = [json.dumps(row.model_dump(mode="json")) for row, _ in rows]
    write_text(folder / "rows.jsonl", "".join(f"{line}\n" for line in lines))
    _write_settings(table, [row for row, _ in rows], folder, command)
    return folder


def check_folder(folder: Path) -> None:
    """Check that a report of a table may be written into a folder.

    Args:
        folder: the folder; it need not exist.

    Raises:
        ConfigError: if it holds files of something else, such as a study.
    """
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        is_ours = isinstance(read_json(folder / MARKER), dict)
    except (OSError, ValueError):
        is_ours = False
    if not is_ours:
        raise ConfigError(f"{folder} holds other files, and the report of a table needs a folder: choose another --out")


def _row(table: ScoreTable, score: Score) -> Row:
    fact = table.benchmarks[score.benchmark]
    protocol = score.protocol or PROTOCOL
    n_test = fact.n_test if score.marks is None else len(score.marks)
    try:
        return Row(
            run=score.run or f"{score.variant} seed {score.seed}",
            variant=score.variant,
            regime=score.regime,
            seed=score.seed,
            control=score.control,
            benchmark=score.benchmark,
            benchmark_hash=_hash(fact),
            protocol=protocol,
            protocol_hash=_protocol(protocol)["hash"],
            metric=fact.metric,
            score=_scaled(score.value, fact.factor),
            validation=None if score.validation is None else _scaled(score.validation, fact.factor),
            n_test=n_test,
            n_classes=fact.n_classes,
        )
    except ValidationError as error:
        raise TableError(f"{table.path} line {score.line.number}: {first_line(error)}") from None


def _scaled(value: float, factor: float) -> float:
    """Return a value times a factor, without the digits that the product of floating-point numbers adds."""
    return value if factor == 1 else float(f"{value * factor:.12g}")


def _record(fact: BenchmarkFacts) -> dict[str, Any]:
    record: dict[str, Any] = {
        "title": fact.title,
        "capability": fact.capability,
        "marks_each_clip": fact.metric == "top1",
        "hash": _hash(fact),
        "unit": fact.unit,
        "controls": [],
    }
    has_usual_direction = fact.higher_is_better and not is_error(fact.metric)
    return record if has_usual_direction else record | {"higher_is_better": fact.higher_is_better}


def _hash(fact: BenchmarkFacts) -> str:
    content = [fact.name, fact.metric, fact.unit, fact.n_test, fact.n_classes, fact.higher_is_better]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _protocol(name: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"table: {name}".encode()).hexdigest()[:16]
    return {"hash": digest, "record": {"name": name, "measured": "elsewhere"}}


def _write_settings(table: ScoreTable, rows: Sequence[Row], folder: Path, command: str) -> None:
    trained = [row for row in rows if row.control is None]
    names = list(dict.fromkeys(row.variant for row in trained))
    content = {
        "name": table.path.stem,
        "reference": table.reference,
        "variants": [table.reference, *(name for name in names if name != table.reference)],
        "seeds": sorted({row.seed for row in trained}),
        "benchmarks": list(dict.fromkeys(row.benchmark for row in rows)),
        "phase": "screen",
        "command": command,
        "source": table.path.name,
        "remarks": [*table.notes, *_pairing(trained)],
    }
    text = study_file.hash_line(content) + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    write_text(folder / study_file.FILE, text)


def _pairing(rows: Sequence[Row]) -> list[str]:
    if len({row.seed for row in rows}) < 2:
        return []
    return [
        "Scores are paired by seed. This is right if a seed fixes the same data order and initialisation for all "
        "variants; if it does not, the pairs are arbitrary, and the intervals are still valid but wider than needed."
    ]
