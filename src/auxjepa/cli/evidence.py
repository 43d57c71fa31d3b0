"""``auxjepa evidence``: grades how reliable results are, and combines studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed, hint
from auxjepa.console import table_console
from auxjepa.files import write_json
from auxjepa.start import check_file

if TYPE_CHECKING:
    from auxjepa.evidence.grade.grade import Grade

PUBLISHED = "published"
USAGE = (
    "usage: auxjepa evidence grade [published] [DIR ...] [--json-file FILE]\n"
    "       auxjepa evidence meta DIR DIR [DIR ...] [--json-file FILE]"
)
PIPE_WIDTH = 400


class GradeCommand(Typed):
    """Grade results by a checklist whose weights are shown: each point lost has its reason."""

    results: tuple[str, ...] = Field(
        default=(PUBLISHED,), description="'published' (the paper's table) and study folders, side by side"
    )
    json_file: Path | None = Field(default=None, description="write the grades here as JSON too")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"grade": _grade, "meta": _meta}
    run_action("auxjepa evidence", argv, actions, lambda: USAGE)


def _grade(argv: list[str]) -> None:
    args = parse(GradeCommand, argv, "auxjepa evidence grade", ("results",))
    check_file(args.json_file, "--json-file")
    from rich.table import Table

    from auxjepa.evidence.grade.criteria import VERSION, WEIGHTS

    grades = [_graded(name) for name in args.results]
    table = Table("criterion", "weight", *(grade.subject for grade in grades), box=None, pad_edge=False)
    for i, (name, weight) in enumerate(WEIGHTS.items()):
        cells = [f"{grade.criteria[i].earned:.3g}: {grade.criteria[i].reason}" for grade in grades]
        table.add_row(name, str(weight), *cells)
    out = table_console(PIPE_WIDTH)
    out.print(table)
    out.print()
    out.print(f"Checklist {VERSION}.")
    for grade in grades:
        out.print(f"{grade.subject}: {grade.sentence}", soft_wrap=True)
        for line in grade.left_out:
            out.print(f"{grade.subject}: {line}", soft_wrap=True, markup=False)
    if args.json_file is not None:
        write_json(args.json_file, [_record(grade) for grade in grades])


def _meta(argv: list[str]) -> None:
    from auxjepa.cli.meta import main

    main(argv)


def _graded(name: str) -> Grade:
    from auxjepa.evidence.grade.grade import grade_study
    from auxjepa.evidence.grade.grade_published import grade_published
    from auxjepa.evidence.ledger import claims, published
    from auxjepa.evidence.study_folder.folder import load
    from auxjepa.rows import RowStore

    if name == PUBLISHED:
        return grade_published(published.load(), claims.load())
    if not Path(name).is_dir():
        raise UsageError(f"no study folder {name!r}{hint(name, [PUBLISHED], listing=False)} (or 'published')")
    if not (rows := RowStore(Path(name)).path).exists():
        raise UsageError(f"{name} has no scores to grade: {rows.name} is missing")
    return grade_study(load(Path(name)))


def _record(grade: Grade) -> dict[str, object]:
    criteria = [{"name": c.name, "weight": c.weight, "earned": c.earned, "reason": c.reason} for c in grade.criteria]
    from auxjepa.evidence.grade.criteria import VERSION

    record: dict[str, object] = {
        "checklist": VERSION,
        "subject": grade.subject,
        "passes": grade.passes,
        "earned": grade.earned,
        "possible": grade.possible,
        "criteria": criteria,
    }
    return record | ({"left_out": list(grade.left_out)} if grade.left_out else {})
