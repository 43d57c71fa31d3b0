"""Export of a study for other programs: scores and effects (CSV, Parquet), results (LaTeX), sources (BibTeX)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import format_count
from auxjepa.files import write_bytes, write_text
from auxjepa.report.references import REFERENCES, latex
from auxjepa.report.tables import cell_text
from auxjepa.report.unit_words import unit_words

Records = Sequence[dict[str, Any]]
INT64 = 2**63 - 1
"""Parquet's largest integer; a column with a larger one (a seed may have any number of digits) is text."""


def export(study: Study, results: Results, folder: Path) -> list[Path]:
    """Write ``scores``, ``effects``, ``results.tex`` and ``study.bib``, each atomically, and return their paths.

    Scores and effects are CSV files, and Parquet files too where pyarrow is installed.

    Args:
        study: the study.
        results: the table of results.
        folder: the folder to write into.
    """
    written = []
    for name, records in (("scores", scores(study)), ("effects", effects(results))):
        if records:
            written += [write_text(folder / f"{name}.csv", csv_text(records)), *_parquet(folder / name, records)]
    written.append(write_text(folder / "results.tex", tex(study, results)))
    return [*written, write_text(folder / "study.bib", bib(study))]


def scores(study: Study) -> list[dict[str, Any]]:
    """Return one record a score, with all fields of its row.

    Args:
        study: the study.
    """
    records = []
    for row in study.rows:
        record = row.model_dump(mode="json")
        for name in ("selected", "parts", "versions"):  # a row without parts has no such key
            record[name] = "; ".join(f"{key}={value}" for key, value in record.get(name, {}).items())
        records.append({"id": row.id, **record})
    return records


def effects(results: Results) -> list[dict[str, Any]]:
    """Return one record a comparison with the reference, with unrounded numbers; an interval is two columns.

    Args:
        results: the table of results.
    """
    records = []
    for line in results.lines:
        for cell, column in zip(line.cells, results.columns, strict=True):
            if cell.effect is None:
                continue
            e = cell.effect
            records.append(
                {
                    "variant": e.variant,
                    "reference": e.reference,
                    "regime": column.regime,
                    "benchmark": e.benchmark,
                    "control": line.control or "",
                    "unit": column.unit,
                    "pairs": e.n,
                    "mean": e.mean,
                    "median": e.median,
                    "sd": e.sd,
                    "t_low": e.interval[0] if e.interval else None,
                    "t_high": e.interval[1] if e.interval else None,
                    "bca_low": e.bca[0] if e.bca else None,
                    "bca_high": e.bca[1] if e.bca else None,
                    "crossed_low": cell.crossed[0] if cell.crossed else None,
                    "crossed_high": cell.crossed[1] if cell.crossed else None,
                    "p": e.p,
                    "p_adjusted": e.p_adjusted,
                    "comparisons": e.comparisons,
                    "probability_of_improvement": e.improvement,
                    "wins": e.wins,
                    "standardised": e.standardised,
                    "detectable": e.detectable,
                    "seeds_needed": e.seeds_needed,
                    "verdict": cell.label,
                    "differences": "; ".join(f"{seed}={d:.6g}" for seed, d in zip(e.seeds, e.differences, strict=True)),
                }
            )
    return records


def csv_text(records: Records) -> str:
    """Return records with the same keys as CSV (RFC 4180); None is empty.

    A text that a spreadsheet would run as a formula gets a leading apostrophe.

    Args:
        records: the records.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]))
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in record.items()} for record in records)
    return out.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _parquet(path: Path, records: Records) -> list[Path]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return []
    large = {key for one in records for key, value in one.items() if isinstance(value, int) and abs(value) > INT64}
    records = [{key: str(value) if key in large else value for key, value in one.items()} for one in records]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), buffer)
    return [write_bytes(path.with_suffix(".parquet"), buffer.getvalue())]


def tex(study: Study, results: Results) -> str:
    """Return the table of results for a paper, with a caption (packages booktabs and amssymb).

    Args:
        study: the study.
        results: the table of results.
    """
    columns = "l" + "r" * len(results.columns)
    head = " & ".join(["", *(latex(column.title) for column in results.columns)])
    lines = [
        "% needs \\usepackage{booktabs,amssymb}",
        "\\begin{table}\n\\centering",
        f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{head} \\\\\n\\midrule",
    ]
    for group in (results.variants, results.controls):
        for line in group:
            cells = [cell_text(cell, line, c.decimals) for cell, c in zip(line.cells, results.columns, strict=True)]
            texts = [f"{c.score} {c.spread} {c.sign} {c.difference if c.sign else ''}".split() for c in cells]
            lines.append(" & ".join([latex(line.name), *(latex(" ".join(text)) for text in texts)]) + " \\\\")
        if group is results.variants and results.controls:
            lines.append("\\midrule")
    seeds, unit = len(study.seeds), "in %" if results.is_in_percent else unit_words(results)
    caption = (
        f"{study.name}: mean score {unit} ± standard deviation over {format_count(seeds, 'seed')}, and the paired "
        f"difference from {study.reference} with its 95 % t interval. △ ▽: a screen and no claim. "
        "▲ ▼: a registered hypothesis, decided. ◇: flagged, the test passes but does not decide it. "
        "○: no clear difference, or a registered hypothesis without a decision."
    )
    label = "".join(sign if sign.isalnum() else "-" for sign in study.name)
    lines += ["\\bottomrule\n\\end{tabular}", f"\\caption{{{latex(caption)}}}", f"\\label{{tab:{label}}}"]
    return "\n".join([*lines, "\\end{table}"]) + "\n"


def bib(study: Study) -> str:
    """Return the BibTeX entries of the study itself and of the references of the report.

    Args:
        study: the study.
    """
    created = sorted(row.created for row in study.rows if row.created)
    year = created[-1][:4] if created else ""
    key = "auxjepa-" + "".join(sign if sign.isalnum() else "-" for sign in study.name)
    fields = {
        "title": f"AuxJEPA study: {study.name}",
        "howpublished": "AuxJEPA",
        "year": year,
        "note": study.command,
    }
    lines = [f"  {name} = {{{latex(value)}}}" for name, value in fields.items() if value]
    entry = f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"
    return "\n".join([entry, *(reference.bibtex for reference in REFERENCES)])
