"""report.md: the page's numbers and words without its figures."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.folder import Registered
from auxjepa.report import ablation, alike, domains, grade, hypotheses, ledger, overall, robustness, tables, words
from auxjepa.report.curves import describe
from auxjepa.report.parts import Parts
from auxjepa.report.references import REFERENCES
from auxjepa.report.tables import Shown


def markdown(parts: Parts) -> str:
    """report.md: the page's numbers and words without its figures."""
    study, results = parts.study, parts.results
    text = [f"# {_md(study.name)}", _md(study.question)]
    text += ["## Answer", _paragraph(hypotheses.answer(parts.hypotheses)), _paragraph(words.answer(study, results))]
    text += [_paragraph(words.against_random(study, results)), _md(words.permission(study, results))]
    text += [_md(describe(study.runs))]
    if parts.notes:
        text += ["## What is missing", _bullets(parts.notes)]
    if study.registered:
        text += ["## Hypotheses", _registered(study.registered)]
        text += [_table(hypotheses.HEAD, hypotheses.rows(parts.hypotheses))]
    head = ["", *(c.title for c in results.columns)]
    body = []
    for line in results.lines:
        cells = [tables.shown(cell, line) for cell in line.cells]
        name = f"{line.name} (reference)" if line.reference else f"{line.name} (control)" if line.control else line.name
        body.append([name, *(_cell(c) for c in cells)])
    about = (
        "Mean score in percent ± standard deviation over seeds; below it the paired difference from "
        f"{study.reference or 'the reference'} with its 95 % t interval. △ ▽ screen up and down, "
        "▲ ▼ registered and decided, ○ unclear, ° not shown to be above the random-init encoder."
    )
    text += ["## Results", _md(about), _table(head, body)]
    text += ["## Statistics", _table(tables.STATISTICS, tables.statistics_rows(results))]
    if parts.ablation:
        text += ["## Ablation", _table(ablation.HEAD, ablation.rows(parts.ablation))]
    if parts.robustness:
        text += ["## Out of distribution", _table(robustness.HEAD, robustness.rows(parts.robustness, results))]
        for title, kinds, found in robustness.tables(parts.robustness, results):
            text += [f"### {_md(title)}", _table(kinds, found)]
    text += _domains(parts)
    if parts.suites:
        text += ["## Parts of scores"]
        for title, columns, found in parts.suites:
            text += [f"### {_md(title)}", _table(columns, found)]
    if parts.overall:
        text += ["## Overall", _table(overall.head(results), parts.overall)]
    if parts.claims:
        text += ["## Claims", _md(ledger.summary(parts.claims)), _table(ledger.HEAD, ledger.rows(parts.claims))]
    text += ["## Grade", _md(grade.sentence(parts.grades)), _table(grade.head(parts.grades), grade.rows(parts.grades))]
    if study.runs:
        text += ["## Cost", _table(tables.COST, tables.cost_rows(study))]
    text += ["## Benchmarks and protocols", _table(tables.BENCHMARKS, tables.benchmark_rows(results))]
    text += ["## Limitations", _bullets(words.limitations(study, results))]
    text += ["## References", _bullets([f"{reference.text} Here: {reference.what}." for reference in REFERENCES])]
    if study.command:
        fence = "````"
        text += ["## Repeat it", f"{fence}\n{study.command}\n{fence}"]
    return "\n\n".join(part for part in text if part) + "\n"


def _domains(parts: Parts) -> list[str]:
    found, similar = parts.domains, parts.study.similarity
    text = [] if found is None and similar is None else ["## Domains"]
    if found is not None:
        text += [_paragraph(domains.answer(found)), _paragraph(domains.ranked(found))]
        text += [_table(*domains.transfer_rows(found, parts.study))] if found.cells else []
        text += [_bullets(found.refusals)] if found.standings else []
        named = (
            ("Ranks and worst domains", domains.STANDINGS, domains.standing_rows(found)),
            ("Best regimes", domains.BESTS, domains.best_rows(found)),
            ("Mixed against single", domains.MIXED, domains.mixing_rows(found)),
        )
        text += [part for title, head, body in named if body for part in (f"### {title}", _table(head, body))]
    if similar is not None:
        text += ["### Similarity of encoders (CKA)", _paragraph(alike.sentences(similar))]
        text += [_table(alike.HEAD, alike.rows(similar))]
    return text


def _registered(registered: Registered) -> str:
    made = registered.registration
    lines = [
        f"Registered {made.created} under SHA-256 {registered.hash} ({made.rule.correction}, {made.rule.alpha:g})."
    ]
    found = registered.deviations
    lines += [f"Deviation: {line}." for line in found] or ["No deviation from what was registered."]
    return "\n\n".join(_md(line) for line in lines)


def _cell(cell: Shown) -> str:
    score = f"{cell.score} {cell.spread}".strip() + ("°" if cell.below_random else "")
    return f"{score} · {cell.mark} {cell.difference}".replace("  ", " ") if cell.mark else score


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    if not body:
        return "Nothing yet."
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_md(str(cell)) for cell in line) + " |" for line in lines)


def _paragraph(sentences: Sequence[words.Sentence]) -> str:
    pieces = [[words.Strong(_escaped(p)) if isinstance(p, words.Strong) else _escaped(p) for p in s] for s in sentences]
    return words.plain(pieces, bold="**")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_md(line)}" for line in lines)


def _md(text: str) -> str:
    return " ".join(_escaped(text).split())


def _escaped(text: str) -> str:
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
