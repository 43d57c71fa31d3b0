"""The measurements of an audit: the gradients of every term on a few training batches, averaged into records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auxjepa.audit.cost import Cost, cost, leaves
from auxjepa.audit.records import Term, ViewStats
from auxjepa.audit.weights import pools, spread
from auxjepa.objectives import Objective, evaluate
from auxjepa.objectives.evaluation import failures_named
from auxjepa.objectives.subspaces import Subspaces
from auxjepa.step import Step
from auxjepa.train import checkpoint as checkpoints
from auxjepa.train import schedule
from auxjepa.train.loop import Run

SCHEDULE_POINTS = 1001


def step_of(run: Run, step: int) -> Step:
    """Return the input of objectives at training step ``step``."""
    pixels = run.batch_at(step)
    done = min(schedule.progress(step, run.config.optim.steps), 1.0)
    return run.model(pixels, run.masks_at(step, pixels), done, run.reconstruct)


def values_of(run: Run, offered: Step) -> dict[str, Tensor]:
    """Return the unweighted value of every term.

    Raises:
        ObjectiveError: if an objective fails; the message names it.
    """
    terms = ((name, term) for name, term in run.objectives.items() if isinstance(term, Objective))
    return {name: evaluate(name, objective, offered) for name, objective in terms}


def weights_over_training(run: Run, name: str) -> np.ndarray:
    """Return the weight of a term at evenly spaced points of training."""
    term = run.config.objectives[name]
    points = np.linspace(0, 1, SCHEDULE_POINTS)
    return np.array([term.weight * schedule.factor(term.schedule, float(p)) for p in points])


def peak_weight(run: Run, name: str) -> float:
    """Return the largest weight of a term over training."""
    return float(weights_over_training(run, name).max())


class Measurements:
    """The measurements of several batches, which become records at the end."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.named = checkpoints.named_parameters(run.model, run.objectives)
        self.names: list[str] = list(run.objectives)
        self.numbers: dict[str, dict[str, list[float]]] = {n: defaultdict(list) for n in self.names}
        self.blocks: dict[str, dict[str, list[float]]] = {n: defaultdict(list) for n in self.names}
        self.levels: dict[str, list[list[float]]] = {n: [] for n in self.names}
        self.cosines: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.reached: dict[str, set[str]] = {n: set() for n in self.names}
        self.weights: dict[str, list[Tensor]] = {n: [] for n in self.names}
        self.costs: dict[str, Cost] = {}
        self.views: list[dict[str, list[Any]]] = [defaultdict(list) for _ in run.config.masks]

    def add_batch(self, step: int, on_term: Callable[[str], None]) -> None:
        """Measure one batch.

        Args:
            step: training step of the batch.
            on_term: called with the name of each term before it is measured.
        """
        run = self.run
        with torch.autocast(run.device.type, torch.bfloat16, enabled=run.config.optim.precision == "bf16"):
            offered = step_of(run, step)
            values = values_of(run, offered)
        self._geometry(offered)
        rows: dict[str, Tensor] = {}
        for name, value in values.items():
            on_term(name)
            self.numbers[name]["value"].append(float(value.detach()))
            objective = self._objective(name)
            with failures_named(name, objective):
                rows[name] = self._parameters(name, value)
                self._features(name, offered)
                self.weights[name] += pools(objective, offered)
                if name not in self.costs:
                    self.costs[name] = cost(objective, offered)
        for a in self.names:
            for b in self.names:
                size = float(rows[a].norm() * rows[b].norm())
                if size > 0:
                    self.cosines[a, b].append(min(1.0, max(-1.0, float(rows[a] @ rows[b]) / size)))

    def _objective(self, name: str) -> Objective:
        objective = self.run.objectives[name]
        assert isinstance(objective, Objective)
        return objective

    def _parameters(self, name: str, value: Tensor) -> Tensor:
        """Measure the gradient norms of the weighted term by network and block; return the student's gradient, flat."""
        parameters = [p for _, p in self.named]
        if value.requires_grad:
            weighted = peak_weight(self.run, name) * value
            gradients = torch.autograd.grad(weighted, parameters, retain_graph=True, allow_unused=True)
        else:
            gradients = [None] * len(parameters)
        squares: dict[str, float] = defaultdict(float)
        student = []
        for (key, parameter), gradient in zip(self.named, gradients, strict=True):
            square = 0.0 if gradient is None else float(gradient.double().square().sum())
            if square > 0:
                self.reached[name].add(key)
            squares[network(key)] += square
            if key.startswith("student."):
                squares[block(key)] += square
                student.append(torch.zeros_like(parameter).flatten() if gradient is None else gradient.flatten())
        for part in ("student", "predictor", f"objectives.{name}"):
            self.numbers[name][part].append(squares[part] ** 0.5)
        for part in dict.fromkeys(block(key) for key, _ in self.named if key.startswith("student.")):
            self.blocks[name][part].append(squares[part] ** 0.5)
        return torch.cat(student).detach().double()

    def _features(self, name: str, offered: Step) -> None:
        """Measure the term's direct gradient at features: norm by level, and the share of tokens that it reaches."""
        copy, inputs = leaves(offered)
        value = self._objective(name)(copy)
        gradients: Sequence[Tensor | None] = [None] * len(inputs)
        if value.requires_grad and inputs:
            gradients = torch.autograd.grad(peak_weight(self.run, name) * value, inputs, allow_unused=True)
        squares = torch.zeros(offered.target.shape[2], dtype=torch.float64)
        for gradient in gradients:
            if gradient is not None:
                squares += gradient.double().square().sum(dim=(0, 1, 3)).cpu()
        self.levels[name].append(squares.sqrt().tolist())
        by_tensor = {id(x): gradient for x, gradient in zip(inputs, gradients, strict=True)}

        def share(*tensors: Tensor | None) -> float:
            return _share_of_tokens([by_tensor.get(id(x)) for x in tensors])

        self.numbers[name]["visible"].append(_mean([share(view.context, view.reconstructed) for view in copy.views]))
        self.numbers[name]["hidden"].append(_mean([share(view.predicted) for view in copy.views]))
        self.numbers[name]["targets"].append(share(copy.target))

    def _geometry(self, offered: Step) -> None:
        g = offered.grid
        for view, sums in zip(offered.views, self.views, strict=True):
            valid = offered.dense(view).valid
            sums["visible"].append(view.context_index.shape[1] / g.N)
            sums["hidden"].append(view.target_index.shape[1] / g.N)
            sums["pairs"].append(float(offered.pairs(view).where.float().mean()) if g.T > 1 else 0.0)
            sums["full_time_sites"].append(float(valid.all(dim=1).float().mean()))
            sums["visible_by_time"].append(valid.float().mean(dim=(0, 2, 3)).tolist())

    def view_stats(self) -> list[ViewStats]:
        """Return one record per mask."""
        kinds = [mask.kind for mask in self.run.config.masks]
        return [
            ViewStats(mask=kind, **{key: _mean(values) for key, values in sums.items()})
            for kind, sums in zip(kinds, self.views, strict=True)
        ]

    def unreached(self) -> list[str]:
        """Return the parts of networks (two names deep) in which no term reaches a parameter."""
        reached = {_part(key) for keys in self.reached.values() for key in keys}
        return [part for part in dict.fromkeys(_part(key) for key, _ in self.named) if part not in reached]

    def terms(self) -> list[Term]:
        """Return one record per term."""
        peaks = {name: peak_weight(self.run, name) for name in self.names}
        sizes = {name: abs(peaks[name] * _mean(self.numbers[name]["value"])) for name in self.names}
        return [self._term(name, peaks[name], sizes[name] / (sum(sizes.values()) or 1.0)) for name in self.names]

    def _cosine(self, name: str, other: str) -> float | None:
        cosines = self.cosines.get((name, other), [])
        return _mean(cosines) if cosines else None

    def _term(self, name: str, peak: float, share: float) -> Term:
        objective, numbers = self._objective(name), self.numbers[name]
        parameters = {key for key, _ in self.named if key.startswith(f"objectives.{name}.")}
        inert = {f"objectives.{name}.{parameter}" for parameter in objective.inert}
        factors = weights_over_training(self.run, name)
        term_cost = self.costs[name]
        return Term(
            name=name,
            objective=self.run.config.objectives[name].name or name,
            weight=peak,
            mean_weight=float(factors.mean()),
            off=float((factors == 0).mean()),
            value=_mean(numbers["value"]),
            share=share,
            student=_mean(numbers["student"]),
            predictor=_mean(numbers["predictor"]),
            heads=_mean(numbers[f"objectives.{name}"]) if parameters else None,
            blocks={part: _mean(values) for part, values in self.blocks[name].items()},
            levels=_mean(self.levels[name]),
            parameters=len(self.reached[name]),
            idle=sorted(key.removeprefix(f"objectives.{name}.") for key in parameters - self.reached[name] - inert),
            visible=_mean(numbers["visible"]),
            hidden=_mean(numbers["hidden"]),
            targets=_mean(numbers["targets"]),
            cosine={other: self._cosine(name, other) for other in self.names if other != name},
            spread=spread(self.weights[name]),
            appearance=appearance_by_level(objective),
            forward_ms=term_cost.forward_ms,
            backward_ms=term_cost.backward_ms,
            memory_mb=term_cost.memory_mb,
        )


def network(key: str) -> str:
    """Return the network of a parameter: student, predictor, or ``objectives.NAME``."""
    first, second, *_ = key.split(".")
    return f"objectives.{second}" if first == "objectives" else first


def block(key: str) -> str:
    """Return the student's part that holds a parameter: ``block 3``, or the name of another part."""
    words = key.split(".")
    return f"block {words[words.index('blocks') + 1]}" if "blocks" in words else words[1]


def appearance_by_level(objective: Objective) -> list[float] | None:
    """Return the share of appearance channels in each level; None if the objective doesn't divide channels."""
    division = getattr(objective, "subspaces", None)
    if not isinstance(division, Subspaces) or getattr(objective, "channels", "divided") == "all":
        return None
    level = torch.arange(objective.levels, dtype=torch.float32)[:, None].expand(objective.levels, objective.dim)
    counts = division.appearance(level).long().bincount(minlength=objective.levels)
    return (counts.double() / objective.dim).tolist()


def _part(key: str) -> str:
    return ".".join(key.split(".")[:2])


def _share_of_tokens(gradients: Sequence[Tensor | None]) -> float:
    """Return the share of tokens with a gradient other than 0 in any of the gradients (each ``B K L D``)."""
    reached = [(g != 0).flatten(2).any(2) for g in gradients if g is not None]
    return float(torch.stack(reached).any(0).float().mean()) if reached else 0.0


def _mean(values: Sequence[Any]) -> Any:
    """Return the mean of numbers or the element-wise mean of lists; 0 without values."""
    return np.mean(values, axis=0).tolist() if len(values) else 0.0
