"""report.html: one self-contained page from a study folder, and report.md beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from auxjepa.evidence.folder import Study
from auxjepa.files import write_text
from auxjepa.report import (
    ablation,
    audit,
    curves,
    domains,
    export,
    grade,
    hypotheses,
    ledger,
    overall,
    plots,
    robustness,
    tables,
    words,
)
from auxjepa.report.markdown import markdown
from auxjepa.report.parts import Parts, gather
from auxjepa.report.references import REFERENCES
from auxjepa.report.svg import DASHES, mark, slug

LONGEST_NUMBER = 36


def build(folder: Path) -> Path:
    """Write ``folder/report.html``, ``folder/report.md`` and ``folder/export/`` (atomically); return the page's path.

    Raises:
        FileNotFoundError: when the folder doesn't exist.
    """
    parts = gather(folder)
    page = folder / "report.html"
    write_text(page, render(parts))
    write_text(folder / "report.md", markdown(parts))
    export.export(parts.study, parts.results, folder / "export")
    return page


def render(parts: Parts) -> str:
    """The page as text; every string of the study is escaped."""
    study, results = parts.study, parts.results
    environment = Environment(
        loader=PackageLoader("auxjepa.report"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["strong"] = lambda piece: isinstance(piece, words.Strong)
    environment.filters["numeric"] = numeric
    environment.filters["slug"] = slug
    colours = plots.series(results)
    columns = range(len(results.columns))
    return environment.get_template("report.html").render(
        study=study,
        results=results,
        subtitle=tables.subtitle(study, results),
        decided=hypotheses.answer(parts.hypotheses),
        answer=words.answer(study, results),
        hypotheses=(hypotheses.HEAD, hypotheses.rows(parts.hypotheses)),
        hypotheses_figure=hypotheses.figure(parts.hypotheses),
        untrained=words.against_random(study, results),
        permission=words.permission(study, results),
        missing=parts.notes,
        limitations=words.limitations(study, results),
        shown=lambda cell, line: tables.shown(cell, line),
        forests=_drawn(plots.forest(results, i) for i in columns),
        tradeoffs=_drawn(plots.tradeoff(results, across, up) for across, up in results.axes),
        ablation=(ablation.HEAD, ablation.rows(parts.ablation)),
        ablation_figures=ablation.figures(parts.ablation),
        robustness=(robustness.HEAD, robustness.rows(parts.robustness, results)),
        robustness_figures=robustness.figures(parts.robustness, results),
        robustness_kinds=robustness.tables(parts.robustness, results),
        domains=domains.section(parts.domains, study, colours),
        suites=parts.suites,
        overall=(overall.head(results), parts.overall),
        profiles=overall.profiles(results),
        claims=(ledger.HEAD, ledger.rows(parts.claims)),
        claims_summary=ledger.summary(parts.claims),
        claim_facets=ledger.FACETS,
        grade=(grade.head(parts.grades), grade.rows(parts.grades)),
        grade_sentence=grade.sentence(parts.grades),
        losses=curves.losses(study.runs, colours),
        collapse=curves.collapse(study.runs, colours),
        health=curves.describe(study.runs),
        legend=_legend(colours),
        shares=curves.shares(study.runs, colours),
        clips=_clips(study),
        audits=audit.show(study.audits),
        audit_head=audit.HEAD,
        statistics=(tables.STATISTICS, tables.statistics_rows(results)),
        cost=(tables.COST, tables.cost_rows(study)),
        benchmarks=(tables.BENCHMARKS, tables.benchmark_rows(results)),
        references=REFERENCES,
        versions=study.rows[-1].versions if study.rows else {},
        source=lambda name: Markup(environment.loader.get_source(environment, name)[0]),  # type: ignore[union-attr]
        written=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _drawn(figures) -> list[Markup]:
    return [figure for figure in figures if figure is not None]


def _clips(study: Study) -> list[tuple[str, Markup]]:
    samples = study.samples
    return [(caption, plots.clip(samples, k)) for k, caption in enumerate(samples.captions)] if samples else []


def _legend(colours: dict[str, int]) -> list[tuple[str, Markup]]:
    """Name and sign (line with its dash, and marker) of every variant."""
    signs = []
    for name, i in colours.items():
        tone = f"s{i % len(DASHES)}"
        line = f'<line x1="1" y1="8" x2="37" y2="8" class="curve {tone}" stroke-dasharray="{DASHES[i % len(DASHES)]}"/>'
        sign = f'<svg width="38" height="16" viewBox="0 0 38 16" aria-hidden="true">{line}'
        signs.append((name, Markup(f"{sign}{mark(i, 19, 8, f'mark {tone}')}</svg>")))
    return signs


def numeric(text: str) -> bool:
    """Whether a table cell is set to the right: numbers are, sentences that begin with one aren't."""
    return 0 < len(text) <= LONGEST_NUMBER and (text[:1].isdigit() or text[:1] in "+\N{MINUS SIGN}[<>–")
