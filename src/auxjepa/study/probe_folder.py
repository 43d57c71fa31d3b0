"""The folder that ``auxjepa probe --out`` writes: the files of a study folder without a plan.

``rows.jsonl``, ``correct/``, ``benchmarks.json`` and ``protocols.json`` are as in a study folder, so that ``auxjepa
report`` reads them. ``scores.json`` holds the details of each probe. Several probes may write into one folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, DataConfig
from auxjepa.evidence.study_folder import study_file
from auxjepa.files import read_json, write_json
from auxjepa.rows import ENCODER_CONTROLS, Row, RowStore
from auxjepa.study.descriptions import BENCHMARKS, PROTOCOLS, benchmark_record, protocol_record

SCORES = "scores.json"
ENCODERS = (None, "random_init", "frozen")
"""Values of ``control`` in rows of encoders. Every other control has no encoder."""
SAME_PLACE = ("variant", "regime", "seed", "control", "benchmark")
"""Fields that define the cell of a score in a table. Two rows with equal fields would be in one cell."""


class ProbeFolder:
    """Rows of probes in one folder. Several processes may write them.

    Args:
        folder: the folder; it need not exist.

    Raises:
        ConfigError: if it is the folder of a study.
        ValueError: if rows cannot be appended to its ``rows.jsonl``.
    """

    def __init__(self, folder: Path) -> None:
        if (folder / study_file.FILE).exists():
            raise ConfigError(f"--out {folder} holds a study, and only `auxjepa study run` adds scores to it")
        self.folder = folder
        self.store = RowStore(folder)
        self.store.check_encoding()

    def check(self, rows: Iterable[Row]) -> None:
        """Check whether the folder has room for rows: no other score may be in the same cell of a table.

        Args:
            rows: rows to measure.

        Raises:
            ConfigError: if the folder holds the score of another run, or under another protocol, in the same cell.
        """
        there = list(self.store)
        for row in rows:
            if row.control not in ENCODERS:
                continue
            for other in there:
                if other.id != row.id and all(getattr(other, name) == getattr(row, name) for name in SAME_PLACE):
                    fields = ("run", "benchmark_hash", "protocol_hash", "metric")
                    name = next(name for name in fields if getattr(other, name) != getattr(row, name))
                    raise ConfigError(
                        f"{self.folder} holds another score of {row.name}: its {name} is {getattr(other, name)}, not "
                        f"{getattr(row, name)}; choose another --out"
                        + (
                            ", or name this encoder with --name"
                            if name == "run" and row.control in (None, "frozen")
                            else " or --probe-version 1"
                            if name == "protocol_hash"
                            else ""
                        )
                    )

    def describe(self, row: Row, benchmark: Benchmark, data: DataConfig) -> tuple[str, list[str]]:
        """Write the description of a row's benchmark and protocol.

        Args:
            row: empty row of the encoder.
            benchmark: the benchmark.
            data: how clips are cut.

        Returns:
            The name of the protocol in this folder, which differs from the row's if another protocol already has that
            name, and a line for each benchmark that the folder describes differently under this name.
        """
        notes = []
        with self._lock():
            records_of_benchmarks, protocols = self._read(BENCHMARKS), self._read(PROTOCOLS)
            record = benchmark_record(benchmark, data) | {"hash": row.benchmark_hash}
            if records_of_benchmarks.setdefault(row.benchmark, record).get("hash") != row.benchmark_hash:
                notes.append(
                    f"{self.folder}: {row.benchmark} was measured before on clips that are cut in another way; the "
                    "report does not compare these scores"
                )
            record = protocol_record(benchmark.protocol)
            name = row.protocol
            if protocols.setdefault(name, record).get("hash") != record["hash"]:
                name = f"{name} {record['hash'][:6]}"
                protocols[name] = record
            write_json(self.folder / BENCHMARKS, records_of_benchmarks)
            write_json(self.folder / PROTOCOLS, protocols)
        return name, notes

    def append(
        self,
        rows: Iterable[Row],
        marks: Mapping[str, np.ndarray | None],
        record: dict[str, Any],
        *,
        is_sample: bool,
    ) -> list[str]:
        """Write rows that the folder does not hold; return a line for each that it holds with another score.

        Args:
            rows: measured rows, the encoder's first.
            marks: marks of each row by its id; None if it has no marks.
            record: details of the probe for ``scores.json``.
            is_sample: whether the marks of the encoder's row are independent of each other.
        """
        notes = []
        with self._lock():
            there = {row.id: row for row in self.store}
            for row in rows:
                before = there.get(row.id) or next((r for r in there.values() if _is_same_control(r, row)), None)
                other = next((r for r in there.values() if _is_of_another_encoder(r, row)), None)
                if before is None and other is not None:
                    notes.append(
                        f"{self.folder} holds the control {row.control} of another encoder on {row.benchmark}: the "
                        "first one is kept, and scores.json has this one"
                    )
                elif before is None:
                    self.store.append(row, marks[row.id])
                elif before.score != row.score:
                    notes.append(
                        f"{self.folder} holds {before.score:.6g} for {row.name}, and this probe measured "
                        f"{row.score:.6g}: the first score is kept (were weights or videos changed?)"
                    )
            records_of_benchmarks = self._read(BENCHMARKS)
            for row in rows:
                if not is_sample and row.benchmark in records_of_benchmarks:
                    records_of_benchmarks[row.benchmark]["marks_each_clip"] = False
            write_json(self.folder / BENCHMARKS, records_of_benchmarks)
            path = self.folder / SCORES
            try:
                records = read_json(path) if path.exists() else []
            except (OSError, ValueError) as error:
                raise ConfigError(f"{path}: cannot be read ({error}); remove it") from None
            valid_records = [one for one in records if isinstance(one, dict)] if isinstance(records, list) else []
            if record["row"] not in there:
                valid_records.append(record)
            write_json(path, valid_records)
        return notes

    def _lock(self) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / ".probe.lock")

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            content = read_json(path) if path.exists() else {}
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: cannot be read ({error}); remove it") from None
        if not isinstance(content, dict):
            raise ConfigError(f"{path}: holds no keys and values; remove it")
        return {key: value for key, value in content.items() if isinstance(value, dict)}


def _is_same_control(first: Row, second: Row) -> bool:
    """Check whether two rows belong to one control without an encoder. Such a control has one score for all seeds."""
    names = ("control", "regime", "benchmark", "benchmark_hash", "metric")
    return first.control not in (None, *ENCODER_CONTROLS) and all(
        getattr(first, name) == getattr(second, name) for name in names
    )


def _is_of_another_encoder(first: Row, second: Row) -> bool:
    """Check whether two rows are of one control with changed frames, and of two encoders, in one cell of a table."""
    return (
        first.control in ("one_frame", "shuffled")
        and first.run != second.run
        and all(getattr(first, name) == getattr(second, name) for name in (*SAME_PLACE, "benchmark_hash", "metric"))
    )
