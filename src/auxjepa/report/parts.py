"""Everything a report shows, computed once for all its forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from auxjepa.evidence import claims, published
from auxjepa.evidence.decision import Outcome
from auxjepa.evidence.domains import Domains
from auxjepa.evidence.entry import Entry
from auxjepa.evidence.folder import Study, load
from auxjepa.evidence.grade import Grade, grade_study
from auxjepa.evidence.grade_published import grade_published
from auxjepa.evidence.robustness import Robustness
from auxjepa.report import ablation, domains, ledger, overall, robustness, suites
from auxjepa.report.ablation import Ablation
from auxjepa.report.results import Results, collect


@dataclass(frozen=True)
class Parts:
    """A study and what evidence makes of it."""

    study: Study
    results: Results
    hypotheses: list[Outcome]
    ablation: list[Ablation]
    robustness: list[Robustness]
    claims: list[Entry]
    grades: list[Grade]

    @cached_property
    def overall(self) -> list[list[str]]:
        """Rows of the table of all benchmarks at once."""
        return overall.rows(self.results)

    @cached_property
    def suites(self) -> list[suites.Table]:
        """What scores are made of, but for those that have a section of their own."""
        return suites.tables(self.study, self.results, [one.benchmark for one in self.robustness])

    @cached_property
    def domains(self) -> Domains | None:
        """What several pretraining regimes do on several benchmarks; None with one regime."""
        return domains.collect(self.study)

    @property
    def notes(self) -> list[str]:
        """What is missing."""
        return [*self.study.notes, *self.results.notes]


def gather(folder: Path) -> Parts:
    """All parts of the report on a study folder.

    Raises:
        FileNotFoundError: when there is no such folder.
    """
    study = load(folder)
    results = collect(study)
    grades = [grade_study(study), grade_published(published.load(), claims.load())]
    shifted = robustness.collect(study)
    return Parts(study, results, study.outcomes, ablation.collect(results), shifted, ledger.collect(study), grades)
