"""An audit as text: tables for a terminal or a pipe, with findings in red at the end."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auxjepa.audit.records import Audit, Term

PIPE_WIDTH = 180  # columns, if the output has no width


def show(audit: Audit, out: Console) -> None:
    """Print an audit."""
    where = f"checkpoint {audit.checkpoint}" if audit.checkpoint else "at initialisation"
    out.print(
        f"audit of {audit.variant} ({audit.regime}), {where}, step {audit.step}; means of {audit.batches} batches of "
        f"{audit.config.optim.batch} clips",
        markup=False,
    )
    out.print(_terms(audit))
    out.print(_blocks(audit))
    if len(audit.terms) > 1:
        out.print(_cosines(audit))
    out.print(_views(audit))
    if audit.unreached:
        out.print(f"no term reaches: {', '.join(audit.unreached)}", markup=False)
    for finding in audit.findings:
        line = Text(f"FINDING {finding.number}  {finding.title}: {finding.message}", style="bold red")
        out.print(line, soft_wrap=True)
    if not audit.findings:
        out.print(Text("no finding", style="green"))


def _terms(audit: Audit) -> Table:
    table = _table("Terms at the peak of their weight; gradients are norms of the weighted term's", 1)
    head = "term|weight|mean weight|off %|value|share of loss %|student|predictor|own head|cos. to prediction"
    head += "|max/mean|defined on %|ms|x prediction|MB"
    for name in head.split("|"):
        table.add_column(name, justify="left" if name in ("term", "defined on %") else "right", overflow="fold")
    base = next((t.forward_ms + t.backward_ms for t in audit.terms if t.name == "prediction"), None)
    for t in audit.terms:
        spent = t.forward_ms + t.backward_ms
        table.add_row(
            Text(t.name, style="" if t.parameters else "bold red"),
            *(f"{t.weight:g}", f"{t.mean_weight:.3g}", f"{100 * t.off:.0f}", f"{t.value:.4g}", f"{100 * t.share:.1f}"),
            *(_norm(t.student), _norm(t.predictor), _norm(t.heads)),
            _signed(t.cosine.get("prediction")) if t.name != "prediction" else "1",
            f"{t.spread.max_over_mean:.2f}" if t.spread else "",
            _defined(t),
            *(f"{spent:.1f}", f"{spent / base:.1f}" if base else "", f"{t.memory_mb:.0f}"),
        )
    return table


def _defined(term: Term) -> str:
    parts = (("visible", term.visible), ("hidden", term.hidden), ("targets", term.targets))
    return ", ".join(f"{100 * share:.0f} {name}" for name, share in parts if share) or "nothing"


def _blocks(audit: Audit) -> Table:
    parts = list(audit.terms[0].blocks) if audit.terms else []
    table = _table("Gradient norm, part by part of the student; direct gradient at features, level by level", 1)
    table.add_column("term")
    levels = len(audit.terms[0].levels) if audit.terms else 0
    for name in [*parts, *(f"level {i}" for i in range(levels))]:
        table.add_column(name, justify="right", overflow="fold")
    for term in audit.terms:
        table.add_row(term.name, *(_norm(term.blocks.get(part)) for part in parts), *map(_norm, term.levels))
    return table


def _cosines(audit: Audit) -> Table:
    table = _table("Cosine of the terms' gradients at the student", 1)
    table.add_column("term")
    names = [term.name for term in audit.terms]
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for term in audit.terms:
        table.add_row(term.name, *("" if name == term.name else _signed(term.cosine.get(name)) for name in names))
    return table


def _views(audit: Audit) -> Table:
    table = _table("Masks: shares in %", 1)
    for name in ("mask", "visible", "hidden", "pairs both visible", "sites visible throughout", "visible at each time"):
        table.add_column(name, justify="right" if name != "mask" else "left", overflow="fold")
    for view in audit.views:
        shares = (view.visible, view.hidden, view.pairs, view.full_time_sites)
        steps: Sequence[float] = view.visible_by_time
        table.add_row(view.mask, *(f"{100 * s:.1f}" for s in shares), " ".join(f"{100 * s:.0f}" for s in steps))
    return table


def _table(title: str, padding: int) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, padding), pad_edge=False, show_edge=False)


def _norm(value: float | None) -> str:
    return "" if value is None else "0" if value == 0 else f"{value:.2g}"


def _signed(value: float | None) -> str:
    return "none" if value is None else f"{value:+.2f}"
