"""``auxjepa claims``: lists the claims about the study and verifies them against results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed, hint
from auxjepa.console import stderr_console, table_console
from auxjepa.files import write_text
from auxjepa.start import check_file

if TYPE_CHECKING:
    from auxjepa.evidence.ledger.claims import Claim
    from auxjepa.evidence.ledger.entry import Anomaly, Entry
    from auxjepa.evidence.ledger.ledger import Facts

PUBLISHED = "published"
USAGE = """usage: auxjepa claims list [--match WORD]
       auxjepa claims verify --results published|DIR [--execute] [--json-file FILE] [--csv-file FILE]"""
PIPE_WIDTH = 2000  # so wide that no line breaks in a pipe
COLOURS = {
    "supported": "green",
    "refuted": "bold red",
    "flagged": "magenta",
    "inconclusive": "yellow",
    "not testable": "",
}


class List(Typed):
    """List the claims: statement, kind, what the documents themselves think of it."""

    match: str = Field(default="", description="only claims whose id or statement contains this")
    json_lines: bool = Field(default=False, description="one JSON object a line instead of a table")


class Verify(Typed):
    """Verify every claim against results, and list the anomalies inside a published table."""

    results: str = Field(default=PUBLISHED, description="'published' (the paper's table), or a study folder")
    match: str = Field(default="", description="only claims whose id or statement contains this")
    regime: str = Field(default="", description="pretraining regime of a study that has several")
    execute: bool = Field(default=False, description="build networks and audit variants for structural claims (30 s)")
    json_file: Path | None = Field(default=None, description="write everything here as JSON too")
    csv_file: Path | None = Field(default=None, description="write one line a claim here")
    full: bool = Field(default=False, description="list every claim, even if the study can test none of them")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"list": _list, "verify": _verify}
    run_action("auxjepa claims", argv, actions, lambda: USAGE)


def _list(argv: list[str]) -> None:
    args = parse(List, argv, "auxjepa claims list")
    matches = _chosen(args.match)
    if args.json_lines:
        for claim in matches:
            print(json.dumps(claim.model_dump(mode="json", exclude_defaults=True)))
        return
    from rich.table import Table

    table = Table("claim", "statement", "kind", "regime", "documents say", box=None, pad_edge=False)
    for claim in matches:
        verdict = claim.verdicts or (f"question of {claim.document}" if claim.document else "released code")
        table.add_row(claim.id, claim.statement, claim.kind, claim.regime, verdict)
    out = table_console(PIPE_WIDTH)
    out.print(table)
    split = [claim.id for claim in matches if claim.is_disputed]
    if split:
        out.print(f"\ndocuments contradict each other on {', '.join(split)}")


def _verify(argv: list[str]) -> None:
    args = parse(Verify, argv, "auxjepa claims verify")
    check_file(args.json_file, "--json-file")
    check_file(args.csv_file, "--csv-file")
    from auxjepa.evidence.ledger import anomalies, ledger, published
    from auxjepa.evidence.ledger.entry import describe_untested, tally
    from auxjepa.evidence.ledger.study_claims import study_scores
    from auxjepa.evidence.study_folder.folder import load

    chosen = {claim.id for claim in _chosen(args.match)}
    table_anomalies: list[Anomaly] = []
    left_out: list[str] = []
    if args.results == PUBLISHED:
        if args.regime:
            raise UsageError("--regime chooses among the regimes of a study; the published table is read whole")
        results = published.load()
        table_anomalies = anomalies.find_anomalies(results) if not args.match else []
    else:
        folder = Path(args.results)
        if not folder.is_dir():
            raise UsageError(
                f"no study folder {args.results!r}{hint(args.results, [PUBLISHED], listing=False)} (or 'published')"
            )
        study = load(folder)
        results = study_scores(study, args.regime or None)
        left_out = [*study.left_out, *results.notes]
    # All claims are verified even if only some are shown: a selection must not lower the corrected p.
    everything = ledger.verify(_chosen(""), results, _facts() if args.execute else None)
    entries = [entry for entry in everything if entry.claim.id in chosen]
    untested = "" if args.full or args.match or args.results == PUBLISHED else describe_untested(everything)
    if untested:
        print(f"{args.results}: {untested} --full lists each with its reason.")
    else:
        _show(entries, table_anomalies)
    for line in left_out:
        print(line)
    if args.json_file is not None:
        content = {
            "results": args.results,
            "summary": tally(entries),
            **({"left_out": left_out} if left_out else {}),
            "entries": [entry.model_dump(mode="json", exclude_defaults=True) for entry in entries],
            "anomalies": [anomaly.model_dump(mode="json", exclude_defaults=True) for anomaly in table_anomalies],
        }
        write_text(args.json_file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    if args.csv_file is not None:
        from auxjepa.report.export import csv_text

        write_text(args.csv_file, csv_text([entry.flat() for entry in entries]))


def _chosen(match: str) -> list[Claim]:
    from auxjepa.evidence.ledger.claims import load

    claims = load().claims
    matches = [c for c in claims if match.lower() in f"{c.id} {c.statement}".lower()]
    if not matches:
        raise UsageError(f"no claim contains {match!r}{hint(match, [c.id for c in claims], listing=False)}")
    return matches


def _facts() -> Facts:
    from auxjepa.audit.structure import facts

    with stderr_console().status("executing") as status:
        return facts(on_fact=lambda name: status.update(f"executing {name}"))


def _show(entries: Sequence[Entry], table_anomalies: Sequence[Anomaly]) -> None:
    from rich.table import Table
    from rich.text import Text

    from auxjepa.evidence.ledger.entry import tally

    out = table_console(PIPE_WIDTH)
    table = Table("claim", "verdict", "arithmetic", "documents say", "why", box=None, pad_edge=False)
    for entry in entries:
        word = Text(entry.word, style=COLOURS[entry.word])
        why = entry.sentence.removeprefix(entry.word.capitalize()).lstrip(": ")
        table.add_row(entry.claim.id, word, entry.arithmetic, entry.claim.verdicts, why)
    out.print(table)
    out.print("\n" + ", ".join(f"{n} {word}" for word, n in tally(entries).items()))
    if table_anomalies:
        out.print("\nWhat the table alone shows:")
    for anomaly in table_anomalies:
        place = " ".join(part for part in (anomaly.regime, anomaly.benchmark) if part)
        out.print(f"  {anomaly.rule.replace('_', ' ')}{f' ({place})' if place else ''}: {anomaly.message}")
