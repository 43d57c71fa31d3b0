"""The report as Markdown (report.md): the numbers and sentences of the page, without its figures."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.analyses.frozen_encoders import describe_frozen
from auxjepa.evidence.analyses.results import Line, Results
from auxjepa.evidence.study_evidence import StudyEvidence
from auxjepa.evidence.study_folder.folder import Registered
from auxjepa.report import (
    ablation_section,
    domains_section,
    frozen_section,
    grade_section,
    hypotheses_section,
    ledger_section,
    limitations,
    margins_section,
    overall_section,
    parts_section,
    pooling_section,
    registration_section,
    robustness_section,
    sentences,
    similarity_section,
    tables,
    tuning_section,
    unit_words,
    variance_section,
)
from auxjepa.report.health_section import describe_health
from auxjepa.report.references import REFERENCES
from auxjepa.report.tables import CellText


def markdown(evidence: StudyEvidence) -> str:
    """Return the numbers and sentences of the page as Markdown.

    Args:
        evidence: the evidence on the study.
    """
    study, results = evidence.study, evidence.results
    text = [f"# {_md(study.name)}", _md(study.question)]
    text += ["## Answer", _paragraph(hypotheses_section.answer(evidence.outcomes))]
    text += [_paragraph(sentences.answer(study, results))]
    text += [_md(unit_words.answer_units(results))] if not results.is_in_percent else []
    text += [_paragraph(sentences.against_random(results)), _md(limitations.permission(study, results))]
    text += [_md(describe_health(study.runs, evidence.unhealthy_runs))]
    if study.remarks:
        text += ["## How the scores are read", _bullets(study.remarks)]
    if evidence.notes:
        text += ["## What is missing", _bullets(evidence.notes)]
    if study.registered:
        text += ["## Hypotheses", *_registered(study.registered)]
        body = hypotheses_section.rows(evidence.outcomes)
        text += [_table(hypotheses_section.HEAD, body)] if body else []
    text += _results(evidence)
    text += ["## Statistics", _table(tables.STATISTICS, tables.statistics_rows(results))]
    if margins := margins_section.rows(study, results):
        text += ["## Margins of equivalence", _table(margins_section.HEAD, margins)]
    text += _tuning(evidence)
    text += _estimates(evidence)
    if evidence.ablation:
        text += ["## Ablation", _table(ablation_section.HEAD, ablation_section.rows(evidence.ablation))]
    if evidence.robustness:
        rows = robustness_section.rows(evidence.robustness, results)
        text += ["## Out of distribution", _table(robustness_section.HEAD, rows)]
        for title, head, body in robustness_section.kind_tables(evidence.robustness, results):
            text += [f"### {_md(title)}", _table(head, body)]
    text += _domains(evidence)
    if evidence.score_parts:
        text += ["## Parts of scores"]
        for title, head, body in parts_section.tables(evidence.score_parts):
            text += [f"### {_md(title)}", _table(head, body)]
    if evidence.overall:
        text += [
            "## Overall",
            _md(overall_section.excluded(results)),
            _table(overall_section.head(results), overall_section.rows(evidence.overall)),
        ]
    if evidence.claims:
        body = ledger_section.rows(evidence.claims)
        parts = [ledger_section.summary(evidence.claims), *([ledger_section.explain(study)] if body else [])]
        text += ["## Claims", _md(" ".join(part for part in parts if part))]
        text += [_table(ledger_section.HEAD, body)] if body else []
    grades = evidence.grades
    text += ["## Grade", _md(grade_section.sentence(grades))]
    text += [_table(grade_section.head(grades), grade_section.rows(grades))]
    if study.runs:
        text += ["## Cost", _table(tables.COSTS, tables.cost_rows(evidence.costs))]
    if frozen := describe_frozen(study):
        text += ["## Frozen encoders", _md(frozen_section.sentence(frozen))]
        text += [_table(frozen_section.HEAD, frozen_section.rows(frozen))]
    text += ["## Benchmarks and protocols", _table(tables.BENCHMARKS, tables.benchmark_rows(results))]
    text += ["## Limitations", _bullets(limitations.limitations(study, results))]
    text += ["## References", _bullets([f"{reference.text} Here: {reference.what}." for reference in REFERENCES])]
    if study.command:
        fence = "````"
        text += ["## Repeat it", f"{fence}\n{study.command}\n{fence}"]
    return "\n\n".join(part for part in text if part) + "\n"


def _results(evidence: StudyEvidence) -> list[str]:
    results = evidence.results
    body = []
    for line in results.lines:
        name = f"{line.name} (reference)" if line.reference else f"{line.name} (control)" if line.control else line.name
        body.append([name, *(_cell(text) for text in _texts(line, results))])
    about = (
        f"Mean score {unit_words.unit_words(results)} ± standard deviation over seeds, then the paired difference from "
        f"{evidence.study.reference or 'the reference'} with its 95 % t interval. △ ▽ screen: up and down. "
        "▲ ▼ registered hypothesis, decided: up and down. ◇ registered hypothesis, flagged: significant, but it does "
        "not decide it. ○ no clear difference, or a registered hypothesis without a decision. ° not shown to be above "
        "the random-init encoder."
    )
    heads = (f"{c.title}, {c.unit}" if c.unit not in ("", "%") else c.title for c in results.columns)
    controls = [_bullets(evidence.order_sentences)] if evidence.order_sentences else []
    ceilings = [_md(results.ceiling_note)] if results.ceiling_note else []
    return ["## Results", _md(about), _table(["", *heads], body), *ceilings, *controls]


def _texts(line: Line, results: Results) -> list[CellText]:
    pairs = zip(line.cells, results.columns, strict=True)
    return [tables.cell_text(cell, line, column.decimals) for cell, column in pairs]


def _tuning(evidence: StudyEvidence) -> list[str]:
    content = tuning_section.section(evidence, {})
    if content is None:
        return []
    text = ["## Tuning", _md(" ".join(content["sentences"])), _md(" ".join(content["reading_sentences"]))]
    names = ("readings", "choices", "recipes", "budgets", "stages", "sensitivity")
    return text + [_table(*content[name]) for name in names if content[name][1]]


def _estimates(evidence: StudyEvidence) -> list[str]:
    text = []
    if evidence.pooled is not None:
        text += ["## Partial pooling", _md(" ".join(pooling_section.sentences(evidence.pooled)))]
        text += [_table(*pooling_section.hypotheses(evidence.pooled))] if evidence.pooled.outcomes else []
        text += [_table(*pooling_section.effects(evidence.pooled))]
    if evidence.variance is not None:
        text += ["## Sources of variance", _md(" ".join(variance_section.sentences(evidence.variance)))]
        text += [_table(*variance_section.benchmarks(evidence.variance))]
        text += [_table(*variance_section.lines(evidence.variance))]
    return text


def _domains(evidence: StudyEvidence) -> list[str]:
    domains, similarity = evidence.domains, evidence.study.similarity
    text = [] if domains is None and similarity is None else ["## Domains"]
    if domains is not None:
        text += [_paragraph(domains_section.answer(domains)), _paragraph(domains_section.ranks(domains))]
        text += [_table(*domains_section.transfer_rows(domains, evidence.study))] if domains.cells else []
        text += [_bullets(domains.refusals)] if domains.standings else []
        titled = (
            ("Ranks and worst domains", domains_section.STANDINGS, domains_section.standing_rows(domains)),
            ("Best regimes", domains_section.BESTS, domains_section.best_rows(domains)),
            ("Mixed against single", domains_section.MIXED, domains_section.mixing_rows(domains)),
        )
        text += [part for title, head, body in titled if body for part in (f"### {title}", _table(head, body))]
    if similarity is not None:
        text += ["### Similarity of encoders (CKA)"]
        text += [_paragraph(similarity_section.sentences(similarity, evidence.largest_gap))]
        text += [_table(similarity_section.HEAD, similarity_section.rows(similarity))]
    return text


def _registered(registered: Registered) -> list[str]:
    text = [_paragraph([sentence]) for sentence in registration_section.statement(registered)]
    text += [_paragraph([sentence]) for sentence in registration_section.unchanged(registered)]
    if registered.deviations:
        text += [f"### {registration_section.DEVIATIONS}", _bullets(registered.deviations)]
    return text


def _cell(cell: CellText) -> str:
    score = f"{cell.score} {cell.spread}".strip() + ("°" if cell.not_above_random else "")
    return f"{score} · {cell.sign} {cell.difference}".replace("  ", " ") if cell.sign else score


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    if not body:
        return "Nothing yet."
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_md(str(cell)) for cell in line) + " |" for line in lines)


def _paragraph(pieces: Sequence[sentences.Sentence]) -> str:
    strong = sentences.Strong
    escaped = [[strong(_escaped(p)) if isinstance(p, strong) else _escaped(p) for p in s] for s in pieces]
    return sentences.plain_text(escaped, bold="**")


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_md(line)}" for line in lines)


def _md(text: str) -> str:
    return " ".join(_escaped(text).split())


def _escaped(text: str) -> str:
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
