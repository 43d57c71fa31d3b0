"""From the rows of a study to its table of results: pairing, families of comparisons, verdicts, pooled effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from auxjepa.evidence.analyses.control_labels import CONTROL_LABELS
from auxjepa.evidence.analyses.frozen_encoders import FROZEN
from auxjepa.evidence.analyses.results import Cell, Column, Line, Results
from auxjepa.evidence.decisions.decision import find_outcome
from auxjepa.evidence.decisions.verdicts import decide
from auxjepa.evidence.statistics.effects import adjust, check_comparable, compare, paired_effect
from auxjepa.evidence.statistics.hierarchical import crossed_interval, paired_marks
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.statistics.records import ComparisonError, Effect
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.units import NEGATED, UNIT, decimals, unit_of
from auxjepa.evidence.wording import MINUS
from auxjepa.rows import Row

NAMED = (None, FROZEN)
"""Values of ``control`` in rows whose lines have the name of the variant."""
ENCODERS = (None, "random_init", FROZEN)
"""Values of ``control`` in rows of encoders. Every other control has no encoder."""
NO_REGIME = "no regime"
"""Text in headings for rows whose pretraining regime is empty."""
NO_CAPABILITY = ("", "other")
"""Capabilities of benchmarks that measure no named capability."""
EFFECTIVE_SIZE = "effective"
"""Part of a score: the number of independent examples
(:func:`~auxjepa.evidence.statistics.intervals.effective_size`)."""
RowsByCell = dict[tuple[str | None, str, int], list[Row]]
"""Control and name of a line, index of a column: the rows of the cell."""


def collect_results(study: Study) -> Results:
    """Return every comparison that the rows allow; what cannot be compared is left out and noted.

    Args:
        study: the study.
    """
    notes: list[str] = []
    rows = current_rows(study, notes)
    columns = _columns(study, rows)
    names = [v for v in study.variants if any(r.variant == v and r.control is None for r in rows)]
    lines = [Line(name, reference=name == study.reference) for name in names]
    frozen = dict.fromkeys(row.variant for row in rows if row.control == FROZEN)
    lines += [Line(name, control=FROZEN) for name in frozen]
    lines += [Line(label, control=key) for key, label in CONTROL_LABELS.items() if any(r.control == key for r in rows)]
    cell_rows: RowsByCell = {}
    grouped: dict[tuple[str, str, str | None, str], list[Row]] = {}
    for row in rows:
        variant = row.variant if row.control in NAMED else ""
        grouped.setdefault((row.benchmark, row.metric, row.control, variant), []).append(row)
    for line in lines:
        for i, column in enumerate(columns):
            variant = line.name if line.control in NAMED else ""
            candidates = grouped.get((column.benchmark, column.metric, line.control, variant), [])
            selected = _select(candidates, line, column, notes)
            cell_rows[line.control, line.name, i] = selected
            line.cells.append(_cell(selected, study.marks_clips))
    results = Results(columns, lines, list(dict.fromkeys(c.capability for c in columns)), {}, {}, notes)
    reference = results.reference
    untrained = next((line for line in lines if line.control == "random_init"), None)
    for i in range(len(columns)):
        if reference:
            _compare_with_reference(study, results, reference, i, cell_rows)
        if untrained:
            effects = _effects(study, results.variants, untrained, i, cell_rows, note_refusals=False)
            for line, effect in _family(effects, lambda line: True):
                line.cells[i].over_random = effect
    if reference:
        results.pooled = _pool(results, reference, [v for v in results.variants if v is not reference])
    if untrained:
        results.pooled_over_random = _pool(results, untrained, results.variants)
    _insert_decisions(study, results)
    notes += sorted({cell.refusal for line in lines for cell in line.cells if cell.refusal})
    return results


def _compare_with_reference(study: Study, results: Results, reference: Line, i: int, cell_rows: RowsByCell) -> None:
    compared = [line for line in results.lines if line is not reference and line.control in ENCODERS]
    effects = _effects(study, compared, reference, i, cell_rows, note_refusals=True)
    # Encoders that are controls are shown next to the variants, but they are not hypotheses that Holm corrects for.
    for kind in ENCODERS:
        for line, effect in _family(effects, lambda line, kind=kind: line.control == kind):
            line.cells[i].effect = effect
            line.cells[i].verdict = decide(effect, "screen")
            line.cells[i].crossed = _crossed(
                study, cell_rows[line.control, line.name, i], cell_rows[None, reference.name, i]
            )


def _insert_decisions(study: Study, results: Results) -> None:
    """Replace the verdict of a screen in the cells that a registered hypothesis is about, where the study decides."""
    for line in results.lines if study.decides else ():
        sides = (line.control or line.name, study.reference)
        for cell, column in zip(line.cells, results.columns, strict=True):
            outcome = find_outcome(study.outcomes, sides, column.benchmark, column.regime)
            if cell.effect is not None and outcome is not None:
                cell.verdict, cell.registered = outcome.verdict, True


def _columns(study: Study, rows: Sequence[Row]) -> list[Column]:
    scored = [r for r in rows if r.control is None] or [r for r in rows if r.control in ENCODERS] or list(rows)
    keys = dict.fromkeys((r.regime, r.benchmark, r.protocol, r.metric) for r in scored)
    first = {(r.regime, r.benchmark, r.protocol, r.metric): r for r in reversed(scored)}
    values: dict[str, list[float]] = {}
    for row in scored:
        values.setdefault(row.benchmark, []).append(row.score)
    regimes = len({k[0] for k in keys})
    columns = []
    for key in sorted(keys, key=lambda k: (study.benchmarks.index(k[1]), k)):
        regime, benchmark, protocol, metric = key
        info = study.benchmark_info.get(benchmark, {})
        name = str(info.get("title") or benchmark)
        same_benchmark = [k for k in keys if k[0] == regime and k[1] == benchmark]
        title = name if len(same_benchmark) == 1 else f"{name} · {protocol} · {metric}"
        title += "" if regimes == 1 else f" · {regime or NO_REGIME}"
        kind = str(info.get("capability") or "")
        # Nothing says that two benchmarks without a capability measure the same, so they are not pooled.
        titles = [str(study.benchmark_info.get(b, {}).get("title") or b) for b in {k[1] for k in keys}]
        kind = (name if titles.count(name) == 1 else benchmark) if kind in NO_CAPABILITY else kind
        row, unit = first[key], unit_of(info, metric.removeprefix(NEGATED))
        columns.append(
            Column(
                regime,
                benchmark,
                protocol,
                metric,
                title,
                kind,
                row.n_test,
                row.n_classes,
                row.benchmark_hash,
                row.protocol_hash,
                kind=kind,
                unit=unit,
                decimals=decimals(unit, values[benchmark]) if UNIT in info else 1,
            )
        )
    return [replace(column, capability=_capability(column, columns, regimes)) for column in columns]


def _capability(column: Column, columns: Sequence[Column], regimes: int) -> str:
    """Return the capability of a column. Only columns with the same unit and direction have the same one."""
    same = [c for c in columns if (c.regime, c.kind) == (column.regime, column.kind)]
    name = column.kind
    if len({c.benchmark for c in same}) > 1 and not column.unit:
        name = f"{name}, {column.title.split(' · ')[0]}"  # scores without a known unit have no common mean
    elif len({(c.unit, c.metric.startswith(NEGATED)) for c in same}) > 1:
        name += f" in {MINUS if column.metric.startswith(NEGATED) else ''}{column.unit}"
    return name if regimes == 1 else f"{name} ({column.regime or NO_REGIME})"


def _select(rows: list[Row], line: Line, column: Column, notes: list[str]) -> list[Row]:
    """Return one row a seed, of a line's rows on a benchmark.

    Only encoders are probed by the column's protocol. A control without a score for the column's regime
    uses that of another regime.
    """
    if line.control is None or any(row.regime == column.regime for row in rows):
        rows = [row for row in rows if row.regime == column.regime]
    by_seed: dict[int, Row] = {}
    for row in rows:
        if line.control in ENCODERS and row.protocol != column.protocol:
            continue
        if row.seed in by_seed:
            note = f"{line.name} was scored more than once on {column.benchmark}: the last score of a seed counts"
            notes += [note] if note not in notes else []
        by_seed[row.seed] = row
    return [by_seed[seed] for seed in sorted(by_seed)]


def _cell(rows: list[Row], marks_clips: Callable[[Row], bool]) -> Cell:
    """Return scores by seed; a binomial interval over test clips only where the score is a share of these clips."""
    try:
        check_comparable(rows)
    except ComparisonError as error:
        return Cell(refusal=str(error))
    cell = Cell({row.seed: row.score for row in rows})
    share = None if cell.mean is None else cell.mean / 100
    if share is not None and rows[0].metric == "top1" and marks_clips(rows[0]):
        # Several clips of one video determine a share less precisely than independent clips do.
        n = min(row.parts.get(EFFECTIVE_SIZE, row.n_test) for row in rows)
        if n >= 1:
            low, high = wilson(share, min(n, rows[0].n_test))
            cell.test_interval = (100 * low, 100 * high)
    return cell


def _effects(
    study: Study, lines: Sequence[Line], base: Line, i: int, cell_rows: RowsByCell, note_refusals: bool
) -> list[tuple[Line, Effect]]:
    effects = []
    for line in lines:
        pair = cell_rows[line.control, line.name, i], cell_rows[base.control, base.name, i]
        if not pair[0] or not pair[1]:
            continue
        try:
            effects.append((line, compare(*pair, correct=study.correct, names=(line.name, base.name))))
        except ComparisonError as error:
            if note_refusals:
                line.cells[i].refusal = str(error)
    return effects


def _crossed(study: Study, rows: list[Row], reference_rows: list[Row]) -> tuple[float, float] | None:
    """Return the interval over seeds and test examples; None without marks, and where the marks never differ."""
    try:
        low, high = crossed_interval(*paired_marks(rows, reference_rows, study.correct))
    except ComparisonError:
        return None
    return (low, high) if low < high else None


def _family(effects: list[tuple[Line, Effect]], is_member: Callable[[Line], bool]) -> list[tuple[Line, Effect]]:
    members = [(line, effect) for line, effect in effects if is_member(line)]
    return list(zip([line for line, _ in members], adjust([effect for _, effect in members]), strict=True))


def _pool(results: Results, base: Line, lines: Sequence[Line]) -> dict[tuple[str, str], Effect]:
    """Return effects on each capability: per-seed differences of the mean over its benchmarks, Holm over the lines."""
    pooled: dict[tuple[str, str], Effect] = {}
    for capability in results.capabilities:
        base_scores = results.mean_over(base, capability)
        effects = []
        for line in lines:
            scores = results.mean_over(line, capability)
            is_refused = any(cell.refusal for cell in results.cells_of(line, capability))
            if scores.keys() & base_scores.keys() and not is_refused:
                effects.append(
                    paired_effect(scores, base_scores, variant=line.name, reference=base.name, benchmark=capability)
                )
        for effect in adjust(effects):
            pooled[effect.variant, capability] = effect
    return pooled
