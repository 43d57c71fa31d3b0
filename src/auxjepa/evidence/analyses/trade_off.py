"""Trade-offs between two capabilities: mean scores with intervals, and the Pareto front of the means."""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.evidence.analyses.results import MOST_TRADE_OFFS, Line, Results
from auxjepa.evidence.statistics.intervals import mean_estimate
from auxjepa.evidence.statistics.pareto import pareto_front
from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.study_folder.units import PERCENT
from auxjepa.lists import shorten_list


@dataclass(frozen=True)
class TradeOffPoint:
    """One variant or control on two capabilities, in percent.

    Args:
        line: the variant or control.
        across: mean on the first capability, with its interval over seeds.
        up: mean on the second capability, with its interval over seeds.
        across_values: scores of single seeds on the first capability.
        up_values: scores of single seeds on the second capability.
        seeds: scores on both capabilities, one pair for each seed that has both; empty with one seed.
    """

    line: Line
    across: Estimate
    up: Estimate
    across_values: tuple[float, ...]
    up_values: tuple[float, ...]
    seeds: tuple[tuple[float, float], ...]

    @property
    def across_ends(self) -> tuple[float, float]:
        """Ends of the interval on the first capability; the mean itself without an interval."""
        return self.across.interval or (self.across.value, self.across.value)

    @property
    def up_ends(self) -> tuple[float, float]:
        """Ends of the interval on the second capability; the mean itself without an interval."""
        return self.up.interval or (self.up.value, self.up.value)


@dataclass(frozen=True)
class TradeOff:
    """All variants and controls on two capabilities.

    Args:
        across: name of the first capability.
        up: name of the second capability.
        points: one point for each variant and control that has both capabilities.
        front: variants on the Pareto front of the means, ordered by the first capability.
        across_unit: unit of the first capability; empty where it is not known.
        up_unit: unit of the second capability; empty where it is not known.
        across_decimals: number of decimals of the first capability.
        up_decimals: number of decimals of the second capability.
    """

    across: str
    up: str
    points: tuple[TradeOffPoint, ...]
    front: tuple[str, ...]
    across_unit: str = PERCENT
    up_unit: str = PERCENT
    across_decimals: int = 1
    up_decimals: int = 1


def trade_off(results: Results, across: str, up: str) -> TradeOff | None:
    """Return the trade-off of two capabilities; None where they are the same or no line has both.

    Args:
        results: the table of results.
        across: name of the first capability.
        up: name of the second capability.
    """
    if across == up or not {across, up} <= set(results.capabilities):
        return None
    points = []
    for line in results.lines:
        xs, ys = results.mean_over(line, across), results.mean_over(line, up)
        if xs and ys:
            seeds = tuple((xs[seed], ys[seed]) for seed in sorted(xs.keys() & ys.keys()))
            values = tuple(xs.values()), tuple(ys.values())
            points.append(TradeOffPoint(line, _estimate(xs), _estimate(ys), *values, seeds if len(xs) > 1 else ()))
    if not points:
        return None
    means = {p.line.name: (p.across.value, p.up.value) for p in points if p.line.control is None}
    units = results.unit_of(across), results.unit_of(up)
    digits = results.decimals_of(across), results.decimals_of(up)
    return TradeOff(across, up, tuple(points), tuple(pareto_front(means)), *units, *digits)


def explain_trade_offs(results: Results) -> str:
    """Return why there is no figure of a trade-off, or which ones are left out; empty where all are shown.

    Args:
        results: the table of results.
    """
    if not results.columns:
        return "There is no score yet."
    shown = [up for _, up in results.axes]
    if not shown:
        names = results.capabilities
        if len(results.columns) == 1:
            return f"There is one benchmark, {results.columns[0].title}, so there is no trade-off to show."
        return f"All benchmarks of this study measure {names[0]}, so there is no trade-off between capabilities."
    if all(trade_off(results, across, up) is None for across, up in results.axes):
        return "No variant has scores on all benchmarks of two capabilities."
    across = list(dict.fromkeys(across for across, _ in results.axes))
    missing = [name for name in results.capabilities if name not in (*shown, *across)]
    return (
        f"Not drawn, because there are more than {MOST_TRADE_OFFS} others: {shorten_list(missing, 8)}."
        if missing
        else ""
    )


def _estimate(scores: dict[int, float]) -> Estimate:
    return mean_estimate(list(scores.values()))
