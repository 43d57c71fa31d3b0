"""report.html: one self-contained page from a study folder, and report.md beside it."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from auxjepa.evidence.folder import Study, load
from auxjepa.report import audit, curves, plots, tables, words
from auxjepa.report.results import Results, collect
from auxjepa.report.svg import DASHES, mark


def build(folder: Path) -> Path:
    """Write ``folder/report.html`` and ``folder/report.md`` (atomically) and return the path of the page.

    Raises:
        FileNotFoundError: when the folder doesn't exist.
    """
    study = load(folder)
    results = collect(study)
    page = folder / "report.html"
    _write(page, render(study, results))
    _write(folder / "report.md", tables.markdown(study, results))
    return page


def render(study: Study, results: Results) -> str:
    """The page as text; every string of the study is escaped."""
    environment = Environment(
        loader=PackageLoader("auxjepa.report"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["strong"] = lambda piece: isinstance(piece, words.Strong)
    environment.filters["numeric"] = _numeric
    colours = plots.series(results)
    columns = range(len(results.columns))
    ups = [c for c in results.capabilities if c != _across(results)]
    return environment.get_template("report.html").render(
        study=study,
        results=results,
        subtitle=tables.subtitle(study, results),
        answer=words.answer(study, results),
        untrained=words.against_random(study, results),
        permission=words.permission(study, results),
        missing=[*study.notes, *results.notes],
        limitations=words.limitations(study, results),
        shown=lambda cell, line: tables.shown(cell, line, study.phase),
        forests=_drawn(plots.forest(results, i, study.phase) for i in columns),
        tradeoffs=_drawn(plots.tradeoff(results, _across(results), up) for up in ups),
        losses=curves.losses(study.runs, colours),
        collapse=curves.collapse(study.runs, colours),
        health=curves.describe(study.runs),
        legend=_legend(colours),
        shares=curves.shares(study.runs, colours),
        clips=_clips(study),
        audits=audit.show(study.audits),
        audit_head=audit.HEAD,
        statistics=(tables.STATISTICS, tables.statistics_rows(results, study.phase)),
        cost=(tables.COST, tables.cost_rows(study)),
        benchmarks=(tables.BENCHMARKS, tables.benchmark_rows(results)),
        versions=study.rows[-1].versions if study.rows else {},
        source=lambda name: Markup(environment.loader.get_source(environment, name)[0]),  # type: ignore[union-attr]
        written=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _across(results: Results) -> str:
    """The capability of the trade-off's horizontal axis: appearance, or else the first."""
    return "appearance" if "appearance" in results.capabilities else (results.capabilities or [""])[0]


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


def _numeric(text: str) -> bool:
    """Whether a table cell is set to the right."""
    return text[:1].isdigit() or text[:1] in "+\N{MINUS SIGN}[<>–"


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
