"""The published table (arXiv 2605.17165) as typed rows, each with its number of correct examples."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import Field, ValidationError, model_validator
from scipy import stats

from auxjepa import variants
from auxjepa.config import ConfigError, Count, Typed

TABLE = Path(__file__).parent / "data" / "published.csv"
DECIMALS = 2
"""Number of decimals of the percentages in the table."""
COLUMNS = {
    "regime": "regime",
    "variant": "variant",
    "pretrain_seed": "seed",
    "benchmark": "benchmark",
    "probe_head": "head",
    "probe_epochs": "epochs",
    "n_train": "n_train",
    "n_test": "n_test",
    "n_classes": "classes",
    "top1_percent": "top1",
}
"""Column of the table: field of :class:`PublishedScore`."""


class PublishedScore(Typed):
    """One score of a results table: a variant that was pretrained once and probed once."""

    regime: str
    variant: str
    seed: int = Field(description="seed of pretraining")
    benchmark: str
    head: str
    epochs: Count = Field(description="epochs of the probe")
    n_train: Count
    n_test: Count
    classes: Count
    top1: float = Field(ge=0, le=100, description="percent, two decimals")

    @model_validator(mode="after")
    def _countable(self) -> PublishedScore:
        low, high = self.counts
        if low > high:
            raise ValueError(f"no number of {self.n_test} examples gives {self.top1:.{DECIMALS}f} %")
        return self

    @property
    def counts(self) -> tuple[int, int]:
        """Fewest and most correct examples that print as ``top1``; both are equal for a small test set."""
        half, n = 0.5 * 10**-DECIMALS, self.n_test
        return math.ceil((self.top1 - half) * n / 100 - 1e-9), math.floor((self.top1 + half) * n / 100 + 1e-9)

    @property
    def correct(self) -> int:
        """Number of correct examples: the whole number that is nearest to the score."""
        return round(self.top1 * self.n_test / 100)

    @property
    def name(self) -> str:
        """``regime/variant``, the form of ``Variant.paper``."""
        return f"{self.regime}/{self.variant}"


def load(path: Path = TABLE) -> list[PublishedScore]:
    """Return the scores of a results table.

    Args:
        path: the CSV file; the package's when unset.

    Raises:
        ConfigError: when the file is wrong; one line names the fault and its place.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"{path}: column {missing[0]!r} is missing (needed: {', '.join(COLUMNS)})")
            scores = [_score(path, reader.line_num, record) for record in reader]
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not a CSV file ({error})") from error
    repeated = [key for key, n in Counter(map(_key, scores)).items() if n > 1]
    if repeated:
        raise ConfigError(f"{path}: {' '.join(map(str, repeated[0]))} is scored twice")
    return scores


def main_heads(scores: Iterable[PublishedScore]) -> list[PublishedScore]:
    """Return the scores of the head that most scores of their regime and benchmark share; the others compare heads.

    Args:
        scores: scores of a results table.
    """
    scores = list(scores)
    heads: dict[tuple[str, str], Counter[str]] = {}
    for score in scores:
        heads.setdefault((score.regime, score.benchmark), Counter())[score.head] += 1
    return [s for s in scores if s.head == heads[s.regime, s.benchmark].most_common(1)[0][0]]


@cache
def untrained_rows() -> frozenset[str]:
    """Return ``regime/variant`` of the rows whose probed network no training step changed.

    As released, these variants switch the EMA teacher off and are then scored on that teacher.
    """
    released = [variants.find(name) for name in variants.VARIANTS if name.endswith("_released")]
    return frozenset(
        v.paper for v in released if v.evaluates == "teacher" and v.teacher is not None and not v.teacher.enabled
    )


class QuotedDifference(Typed):
    """A variant next to its reference on one benchmark, as a table has them; several seeds are pooled."""

    variant: str
    benchmark: str
    top1: float
    against: float = Field(description="score of the reference, in percent")
    correct: tuple[int, int] = Field(description="correct examples of variant and reference, over their seeds")
    n: tuple[int, int] = Field(description="test examples of variant and reference, over their seeds")
    exact: bool = Field(description="whether a single number of examples gives each score")
    seeds: tuple[int, ...]
    reference_seeds: tuple[int, ...]
    epochs: tuple[tuple[int, ...], tuple[int, ...]] = Field(description="probe epochs of variant and reference")
    same_seed: float | None = Field(description="mean difference over seeds that both have; None without one")

    @property
    def difference(self) -> float:
        """Variant minus reference, in points."""
        return self.top1 - self.against

    @property
    def examples(self) -> int:
        """Difference as a number of examples, for a test set of equal size on both sides."""
        return self.correct[0] - self.correct[1]

    @property
    def p(self) -> float:
        """Fisher's exact two-sided p for two shares; the test sets count as independent samples."""
        return two_shares_p(self.correct, self.n)


def two_shares_p(correct: tuple[int, int], n: tuple[int, int]) -> float:
    """Return Fisher's exact two-sided p for "two shares of examples are equal"; it does not cover seeds.

    Args:
        correct: correct examples of both sides.
        n: test examples of both sides.
    """
    table = [[k, total - k] for k, total in zip(correct, n, strict=True)]
    p: Any = stats.fisher_exact(table)[1]
    return float(p)


def quote(
    variant: Sequence[PublishedScore], reference: Sequence[PublishedScore], reference_seed: int | None = None
) -> QuotedDifference | None:
    """Return the two sides of a difference on one benchmark; None where either side has no score.

    Args:
        variant: scores of the variant, one a seed.
        reference: scores of the reference, one a seed.
        reference_seed: seed of the quoted reference; all of its seeds when unset.
    """
    quoted = [s for s in reference if reference_seed in (None, s.seed)]
    if not variant or not quoted:
        return None
    by_seed = {s.seed: s.top1 for s in reference}
    paired = [s.top1 - by_seed[s.seed] for s in variant if s.seed in by_seed]
    return QuotedDifference(
        variant=variant[0].variant,
        benchmark=variant[0].benchmark,
        top1=fmean(s.top1 for s in variant),
        against=fmean(s.top1 for s in quoted),
        correct=(sum(s.correct for s in variant), sum(s.correct for s in quoted)),
        n=(sum(s.n_test for s in variant), sum(s.n_test for s in quoted)),
        exact=all(s.counts[0] == s.counts[1] for s in (*variant, *quoted)),
        seeds=tuple(sorted(s.seed for s in variant)),
        reference_seeds=tuple(sorted(s.seed for s in quoted)),
        epochs=(_epochs(variant), _epochs(quoted)),
        same_seed=fmean(paired) if paired else None,
    )


def _score(path: Path, line: int, record: dict[str, str]) -> PublishedScore:
    try:
        return PublishedScore.model_validate({field: record[name] for name, field in COLUMNS.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{first['loc'][0]}: " if first["loc"] else ""
        raise ConfigError(f"{path}: line {line}: {where}{first['msg'].removeprefix('Value error, ')}") from None


def _key(score: PublishedScore) -> tuple[str, str, int, str, str]:
    return score.regime, score.variant, score.seed, score.benchmark, score.head


def _epochs(scores: Sequence[PublishedScore]) -> tuple[int, ...]:
    return tuple(sorted({s.epochs for s in scores}))
