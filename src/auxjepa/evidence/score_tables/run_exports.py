"""Turns exports of runs of Weights & Biases and MLflow into entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import digits

from auxjepa.evidence.score_tables.cells import is_empty, text
from auxjepa.evidence.score_tables.columns import NAMES, Entries, Entry, normalised, recognise, unused
from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.table_file import Line, Table
from auxjepa.evidence.score_tables.wide_tables import check_benchmarks, is_number, line_entries
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa.metric_words import is_score

WANDB_COLUMNS = ("state", "notes", "user", "tags", "created", "runtime", "sweep", "id", "end_time", "hostname")
"""Columns of the export of a table of runs of Weights & Biases, in small letters."""
STEPS = ("step", "global_step", "epoch", "relative_time_wall", "relative_time_process", "wall_time", "_step")
"""Columns with the horizontal axis in the export of a panel of Weights & Biases."""
FINISHED = ("finished", "")
SEED_WORDS = ("seed", "s")
"""Words before a seed in the name of a run."""


def is_mlflow(table: Table) -> bool:
    """Check whether a table is the export of ``mlflow.search_runs``."""
    return any(name.startswith("metrics.") for name in table.columns)


def is_wandb_panel(table: Table) -> bool:
    """Check whether a table is the export of a panel of Weights & Biases: a step, and columns ``run - metric``."""
    return normalised(table.columns[0]) in STEPS and any(" - " in name for name in table.columns)


def is_wandb_runs(table: Table) -> bool:
    """Check whether a table is the export of a table of runs of Weights & Biases."""
    names = {normalised(name) for name in table.columns}
    return "name" in names and len(names & set(WANDB_COLUMNS)) >= 2


def mlflow_entries(table: Table, options: ReadingOptions) -> Entries:
    """Return the entries of runs of MLflow: columns ``metrics.`` are scores; ``params.`` and ``tags.`` are settings.

    Args:
        table: the table.
        options: settings of the reading.

    Raises:
        TableError: if no column names the variants or no metric is a score.
    """
    names = {name: name.removeprefix("metrics.") for name in table.columns if name.startswith("metrics.")}
    fields = _fields_below(table, options, ("params.", "tags."))
    run_name = next((name for name in table.columns if name in ("tags.mlflow.runName", "run_name")), None)
    lines, notes = _finished(table, "status", "MLflow")
    notes.insert(0, "The table is read as an export of MLflow's runs: metrics are benchmarks.")
    return _runs(table, lines, options, fields, run_name, names, notes)


def wandb_entries(table: Table, options: ReadingOptions) -> Entries:
    """Return the entries of a table of runs of Weights & Biases; its settings and results have no separate marks.

    Args:
        table: the table.
        options: settings of the reading.

    Raises:
        TableError: if no column names the variants or no column is a score.
    """
    fields = recognise(table, options)
    fields |= _fields_below(table, options, ("config.", "config/"))
    fields = {key: column for key, column in fields.items() if key not in ("benchmark", "score")}
    bookkeeping = {name for name in table.columns if normalised(name) in (*WANDB_COLUMNS, "name", "group", "job_type")}
    names = {name: name for name in table.columns if name not in bookkeeping and name not in fields.values()}
    run_name = next(name for name in table.columns if normalised(name) == "name")
    lines, notes = _finished(table, "state", "Weights & Biases")
    notes.insert(0, "The table is read as an export of runs of Weights & Biases: logged values are benchmarks.")
    return _runs(table, lines, options, fields, run_name, names, notes)


def panel_entries(table: Table, options: ReadingOptions) -> Entries:
    """Return the entries of a panel of Weights & Biases: columns ``run - metric``; the last value of each counts.

    Args:
        table: the table.
        options: settings of the reading.

    Raises:
        TableError: if no column has a value.
    """
    entries, pairs, used = [], [], {table.columns[0]}
    for column in table.columns[1:]:
        run, separator, metric = column.rpartition(" - ")
        if not separator or metric.endswith(("__MIN", "__MAX")):
            continue
        used.add(column)
        metric = metric.strip()
        if options.benchmarks and metric not in options.benchmarks:
            continue
        line = next((line for line in reversed(table.lines) if not is_empty(line.cells.get(column))), None)
        if line is not None:
            pairs.append((run.strip(), metric, line, column))
    if not pairs:
        raise table.error(None, "no column 'run - metric' has a value" + _benchmarks_hint(options))
    runs = {run: variant_of_run(run) for run, *_ in pairs}
    for run, metric, line, column in pairs:
        variant, seed = runs[run]
        cells = {"variant": variant, "seed": seed, "benchmark": metric, "score": line.cells[column], "run": run}
        entries.append(Entry(line, cells, {"score": column, "benchmark": column, "variant": column, "seed": column}))
    notes = [
        "The table is read as an export of a panel of Weights & Biases: columns 'run - metric', the last value of each "
        "column counts.",
        *_seed_notes(runs),
        *unused(table, used, " (least and largest values of a step)"),
    ]
    return Entries(entries, notes, any(seed is not None for _, seed in runs.values()))


def _runs(
    table: Table,
    lines: Sequence[Line],
    options: ReadingOptions,
    fields: dict[str, str],
    run_name: str | None,
    names: Mapping[str, str],
    notes: list[str],
) -> Entries:
    """Return the entries of runs with logged values.

    Args:
        table: the table.
        lines: the lines that are read.
        options: settings of the reading.
        fields: column of each field; without a variant, the name of the run gives variant and seed.
        run_name: column with names of runs.
        names: name of the logged value of each column that may be a benchmark.
        notes: what was noted so far.
    """
    check_benchmarks(table, options, [*names, *names.values()])
    numeric = [c for c in names if any(is_number(line.cells.get(c)) for line in lines) and c not in fields.values()]
    if options.benchmarks:
        columns = [c for c in names if c in options.benchmarks or names[c] in options.benchmarks]
    else:
        columns = [c for c in numeric if is_score(names[c])]
    if not columns:
        raise table.error(
            None,
            f"no logged value is known to be a score; name them with --benchmarks: {', '.join(numeric) or '-'}",
        )
    fields = {
        key: column for key, column in fields.items() if column not in columns and key not in ("score", "correct")
    }
    labels = {c: names[c] for c in columns}
    left_out = [names[c] for c in numeric if c not in columns]
    notes = [*notes, f"Benchmarks: {shorten_list(list(labels.values()), 8)}."]
    notes += (
        [f"Not taken as benchmarks (name them with --benchmarks): {shorten_list(left_out, 8)}."] if left_out else []
    )
    if "variant" in fields:
        entries = [e for line in lines for e in line_entries(line, fields, labels)]
        return Entries(entries, notes, "seed" in fields)
    if run_name is None:
        raise table.error(None, f"no column names the variant; name it --variant-column: {', '.join(table.columns)}")
    runs = {run: variant_of_run(run) for run in (text(line.cells.get(run_name)) for line in lines)}
    with_seed = "seed" in fields
    entries = []
    for line in lines:
        variant, seed = runs[text(line.cells.get(run_name))]
        for entry in line_entries(line, fields, labels):
            entry.cells["variant"] = variant
            entry.columns["variant"] = run_name
            if not with_seed:
                entry.cells["seed"] = seed
                entry.columns["seed"] = run_name
            entries.append(entry)
    return Entries(entries, notes + _seed_notes(runs), with_seed or any(seed is not None for _, seed in runs.values()))


def _fields_below(table: Table, options: ReadingOptions, starts: Sequence[str]) -> dict[str, str]:
    """Return the column of each field, from columns whose names begin with a prefix."""
    fields = {}
    for key in ("variant", "seed", "regime", "n_test", "n_classes", "protocol"):
        candidates = [f"{start}{name}" for name in NAMES[key] for start in starts]
        column = next((c for name in candidates for c in table.columns if c.lower() == name), None)
        if column is not None:
            fields[key] = column
    explicit = recognise(table, options)
    for key, named in (("variant", options.variant_column), ("seed", options.seed_column)):
        if named:
            fields[key] = explicit[key]
    return fields


def _finished(table: Table, column_name: str, tool: str) -> tuple[list[Line], list[str]]:
    """Return the lines of finished runs, and a note on the other ones."""
    column = next((name for name in table.columns if normalised(name) == column_name), None)
    if column is None:
        return list(table.lines), []
    lines = [line for line in table.lines if text(line.cells.get(column)).lower() in FINISHED]
    left_out = [line for line in table.lines if line not in lines]
    if not lines:
        raise table.error(None, "no run is finished", column)
    names = [f"{table.word} {line.number} ({text(line.cells.get(column))})" for line in left_out]
    return lines, [
        f"{format_count(len(left_out), 'unfinished run')} of {tool} left out: {shorten_list(names, 6)}."
    ] if left_out else []


def _benchmarks_hint(options: ReadingOptions) -> str:
    return f" (--benchmarks {' '.join(options.benchmarks)})" if options.benchmarks else ""


def variant_of_run(run: str) -> tuple[str, str | None]:
    """Return the variant and the seed in the name of a run, for example 'ld' and '3' of 'ld-seed3' and 'ld_s3'."""
    stem = run.rstrip(digits)
    head, seed = stem.rstrip(" \t_-=:"), run[len(stem) :]
    for word in SEED_WORDS if seed else ():
        before = head[: -len(word)]
        is_apart = not (before[-1:].isalpha() or (word == "seed" and before[-1:].isdigit()))
        variant = before.rstrip(" \t_-./=,")
        if head.lower().endswith(word) and is_apart and variant:
            return variant, seed
    return run, None


def _seed_notes(runs: Mapping[str, tuple[str, str | None]]) -> list[str]:
    with_seed = [run for run, (_, seed) in runs.items() if seed is not None]
    if not with_seed:
        return []
    first = with_seed[0]
    line = f"Variant and seed come from the name of a run: {first} is {runs[first][0]} with seed {runs[first][1]}."
    without = [run for run in runs if run not in with_seed]
    return [line, *([f"Names of runs without a seed count as seed 0: {shorten_list(without, 6)}."] if without else [])]
