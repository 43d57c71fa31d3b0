"""``auxjepa evidence meta``: combines the comparisons of several studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed
from auxjepa.console import table_console
from auxjepa.files import write_json
from auxjepa.start import check_file

if TYPE_CHECKING:
    from auxjepa.evidence.analyses.meta_studies import CombinedComparison, Meta

PIPE_WIDTH = 400


class MetaCommand(Typed):
    """Combine the differences from the reference over several study folders. A pair of networks counts once."""

    studies: tuple[Path, ...] = Field(default=(), description="study folders, at least 2")
    json_file: Path | None = Field(default=None, description="write the combined differences here as JSON too")


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(MetaCommand, argv, "auxjepa evidence meta", ("studies",))
    check_file(args.json_file, "--json-file")
    from rich.table import Table

    from auxjepa.evidence.analyses.meta_studies import combine_studies
    from auxjepa.evidence.study_folder.folder import load
    from auxjepa.rows import RowStore

    if len(args.studies) < 2:
        raise UsageError("a meta-analysis needs at least 2 study folders")
    for folder in args.studies:
        if not folder.is_dir():
            raise UsageError(f"no study folder {str(folder)!r}")
        if not (rows := RowStore(folder).path).exists():
            raise UsageError(f"{folder} has no scores to combine: {rows.name} is missing")
    if repeated := [str(one) for i, one in enumerate(args.studies) if one.resolve() in _resolved(args.studies[:i])]:
        raise UsageError(f"{repeated[0]} is given twice")
    studies = [load(folder) for folder in args.studies]
    names = [study.name for study in studies]
    for study, folder in zip(studies, args.studies, strict=True):
        if names.count(study.name) > 1:
            study.name = f"{study.name} ({folder})"
    meta = combine_studies(studies)
    out = table_console(PIPE_WIDTH)
    if meta.comparisons:
        table = Table(
            "variant",
            "reference",
            "benchmark",
            "studies",
            "pairs",
            "networks",
            "shared",
            "over networks",
            "over studies",
            "tau",
            "I²",
            "Q, p",
            box=None,
            pad_edge=False,
        )
        for one in meta.comparisons:
            table.add_row(*_cells(one))
        out.print(table)
        out.print()
    out.print(meta.sentence, soft_wrap=True, markup=False)
    for line in [*explain(meta), *meta.notes]:
        out.print(line, soft_wrap=True, markup=False)
    if args.json_file is not None:
        write_json(args.json_file, record(meta))


def explain(meta: Meta) -> list[str]:
    """Return what the columns mean, where there is something to explain.

    Args:
        meta: the combined studies.
    """
    if not meta.comparisons:
        return ["The studies have no comparison with their references."]
    lines = [
        "Over networks: mean over distinct pairs of networks, for further networks of these studies. "
        "Over studies: mean with random effects, for further studies. "
        "Brackets are 95 % intervals, and no value is corrected for the number of comparisons."
    ]
    if all(one.result is None or one.result.tau is None for one in meta.comparisons):
        lines.append("Heterogeneity (tau, I², Q) needs at least 3 studies with separate pairs of networks.")
    if all(one.result is None or one.result.random is None for one in meta.comparisons):
        lines.append("There is no mean over studies: no comparison has 2 studies with separate pairs of networks.")
    return lines


def record(meta: Meta) -> dict[str, object]:
    """Return the combined studies as a JSON record.

    Args:
        meta: the combined studies.
    """
    from dataclasses import asdict

    return {
        "studies": meta.studies,
        "networks": meta.networks,
        "shared_networks": meta.shared,
        "sentence": meta.sentence,
        "notes": meta.notes,
        "comparisons": [
            {
                **asdict(one.comparison),
                "pairs_by_study": dict(one.pairs_by_study),
                "refusal": one.refusal,
                "result": None if one.result is None else asdict(one.result),
            }
            for one in meta.comparisons
        ],
    }


def _cells(one: CombinedComparison) -> list[str]:
    from auxjepa.evidence.wording import DASH, format_number, format_p, format_percent, format_signed
    from auxjepa.evidence.wording import format_signed_interval as interval

    comparison, result = one.comparison, one.result
    benchmark = f"{comparison.benchmark} ({comparison.regime})" if comparison.regime else comparison.benchmark
    first = [comparison.variant, comparison.reference, benchmark]
    if result is None:
        return [*first, str(len(one.pairs_by_study)), *[DASH] * 3, one.refusal, *[DASH] * 4]
    digits = 1 if comparison.unit == "%" else 3
    fixed = format_signed(result.fixed, digits)
    fixed += f" {interval(result.fixed_interval, digits)}" if result.fixed_interval else ""
    random = DASH if result.random is None else format_signed(result.random, digits)
    random += f" {interval(result.random_interval, digits)}" if result.random_interval else ""
    return [
        *first,
        str(result.studies),
        str(result.pairs),
        str(result.networks),
        str(result.shared),
        fixed,
        random,
        DASH if result.tau is None else format_number(result.tau, digits),
        DASH if result.i2 is None else format_percent(result.i2),
        DASH if result.q is None or result.p is None else f"{format_number(result.q, 1)}, p {format_p(result.p)}",
    ]


def _resolved(folders: tuple[Path, ...]) -> list[Path]:
    return [folder.resolve() for folder in folders]
