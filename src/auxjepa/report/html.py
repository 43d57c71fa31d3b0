"""The report as one self-contained page (report.html), and its other forms next to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from auxjepa.evidence.analyses.frozen_encoders import describe_frozen
from auxjepa.evidence.analyses.trade_off import explain_trade_offs
from auxjepa.evidence.study_evidence import StudyEvidence
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import MINUS
from auxjepa.files import write_text
from auxjepa.report import (
    ablation_section,
    audit_section,
    curves,
    domains_section,
    export,
    feature_section,
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
    tables,
    tuning_section,
    unit_words,
    variance_section,
)
from auxjepa.report.clips import clip_figure
from auxjepa.report.forest import forest
from auxjepa.report.health_section import describe_health
from auxjepa.report.markdown import markdown
from auxjepa.report.references import REFERENCES
from auxjepa.report.series import legend, series_index
from auxjepa.report.svg import slug
from auxjepa.report.trade_off_figure import trade_off_figure

LONGEST_NUMBER = 36
"""Length in letters up to which a table cell can be a number."""


def write(evidence: StudyEvidence, folder: Path) -> Path:
    """Write ``report.html``, ``report.md`` and ``export/`` into a folder, atomically, and return the page's path.

    Args:
        evidence: the evidence on the study.
        folder: the folder.
    """
    page = write_text(folder / "report.html", render(evidence))
    write_text(folder / "report.md", markdown(evidence))
    export.export(evidence.study, evidence.results, folder / "export")
    return page


def render(evidence: StudyEvidence, progress: str = "") -> str:
    """Return the page as text; every string of the study is escaped.

    Args:
        evidence: the evidence on the study.
        progress: a line on the progress of a running study; empty in the report of a folder.
    """
    study, results = evidence.study, evidence.results
    environment = _environment()
    frozen = describe_frozen(study)
    colours = series_index(results)
    columns = range(len(results.columns))
    return environment.get_template("report.html").render(
        study=study,
        progress=progress,
        results=results,
        subtitle=tables.subtitle(study, results),
        decided=hypotheses_section.answer(evidence.outcomes),
        answer=sentences.answer(study, results),
        hypotheses=(hypotheses_section.HEAD, hypotheses_section.rows(evidence.outcomes)),
        registration=registration_section if study.registered else None,
        hypotheses_figure=hypotheses_section.figure(evidence.outcomes),
        untrained=sentences.against_random(results),
        permission=limitations.permission(study, results),
        missing=evidence.notes,
        limitations=limitations.limitations(study, results),
        cell_text=tables.cell_text,
        column_label=unit_words.column_label,
        unit_words=unit_words.unit_words(results),
        marks_by_chance=tables.marks_by_chance(results),
        units=unit_words.answer_units(results),
        forests=_without_none(forest(results, i) for i in columns),
        tradeoffs=[trade_off_figure(trade_off, colours) for trade_off in evidence.trade_offs],
        tradeoffs_missing=explain_trade_offs(results),
        ablation=(ablation_section.HEAD, ablation_section.rows(evidence.ablation)),
        ablation_figures=ablation_section.figures(evidence.ablation),
        order_sentences=evidence.order_sentences,
        robustness=(robustness_section.HEAD, robustness_section.rows(evidence.robustness, results)),
        robustness_figures=robustness_section.figures(evidence.robustness, results),
        robustness_kinds=robustness_section.kind_tables(evidence.robustness, results),
        domains=domains_section.section(evidence, colours),
        tuning=tuning_section.section(evidence, colours),
        pooling=pooling_section.section(evidence.pooled),
        variance=variance_section.section(evidence.variance),
        parts=parts_section.tables(evidence.score_parts),
        overall_excluded=overall_section.excluded(results),
        overall=(overall_section.head(results), overall_section.rows(evidence.overall)),
        profiles=overall_section.profiles(evidence.overall, colours),
        claims=(ledger_section.HEAD, ledger_section.rows(evidence.claims)),
        claims_summary=ledger_section.summary(evidence.claims),
        claims_about=ledger_section.explain(study),
        claim_facets=ledger_section.FACETS,
        grade=(grade_section.head(evidence.grades), grade_section.rows(evidence.grades)),
        grade_sentence=grade_section.sentence(evidence.grades),
        losses=curves.losses(evidence.curves, colours),
        collapse=curves.collapse(evidence.curves, colours),
        health=describe_health(study.runs, evidence.unhealthy_runs),
        legend=legend(colours),
        shares=curves.shares(evidence.step_shares),
        clips=_clips(study),
        features=feature_section.feature_section(study),
        audits=audit_section.audit_contents(study.audits),
        audit_head=audit_section.HEAD,
        margins=(margins_section.HEAD, margins_section.rows(study, results)),
        statistics=(tables.STATISTICS, tables.statistics_rows(results)),
        cost=(tables.COSTS, tables.cost_rows(evidence.costs)),
        frozen=(frozen_section.HEAD, frozen_section.rows(frozen)),
        frozen_sentence=frozen_section.sentence(frozen),
        benchmarks=(tables.BENCHMARKS, tables.benchmark_rows(results)),
        references=REFERENCES,
        versions=study.rows[-1].versions if study.rows else {},
        source=_source(environment),
        written=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def render_progress(study: Study, progress: str) -> str:
    """Return the page of a study without a score.

    Args:
        study: the study.
        progress: a line on its progress.
    """
    environment = _environment()
    template = environment.get_template("progress.html")
    return template.render(study=study, progress=progress, source=_source(environment))


def numeric(text: str) -> bool:
    """Check whether a table cell is aligned to the right: numbers are, sentences that begin with a number are not.

    Args:
        text: text of the cell.
    """
    return 0 < len(text) <= LONGEST_NUMBER and (text[:1].isdigit() or text[:1] in f"+{MINUS}[<>–")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("auxjepa.report"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["strong"] = lambda piece: isinstance(piece, sentences.Strong)
    environment.filters["numeric"] = numeric
    environment.filters["slug"] = slug
    return environment


def _source(environment: Environment) -> Callable[[str], Markup]:
    """Return a function that inserts a file of the templates unchanged."""
    return lambda name: Markup(environment.loader.get_source(environment, name)[0])  # type: ignore[union-attr]


def _without_none(figures: Iterable[Markup | None]) -> list[Markup]:
    return [figure for figure in figures if figure is not None]


def _clips(study: Study) -> list[tuple[str, Markup]]:
    samples = study.samples
    return [(caption, clip_figure(samples, k)) for k, caption in enumerate(samples.captions)] if samples else []
