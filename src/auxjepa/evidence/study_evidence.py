"""All evidence on a study folder, computed once for every form of the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from auxjepa.evidence.analyses.ablation import Ablation, study_ablation
from auxjepa.evidence.analyses.domains import Domains, study_domains
from auxjepa.evidence.analyses.order_controls import OrderControl, order_sentences, study_order_controls
from auxjepa.evidence.analyses.overall import Overall, study_overall
from auxjepa.evidence.analyses.pooled_effects import PooledEffects, study_pooled_effects
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.robustness import Robustness, study_robustness
from auxjepa.evidence.analyses.score_parts import ScoreParts, study_score_parts
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.trade_off import TradeOff, trade_off
from auxjepa.evidence.analyses.training import (
    Cost,
    CurveBand,
    UnhealthyRuns,
    step_time_shares,
    study_costs,
    training_curves,
    unhealthy_runs,
)
from auxjepa.evidence.analyses.tuning_readings import Reading, study_readings
from auxjepa.evidence.analyses.tuning_results import TuningResults, study_tuning
from auxjepa.evidence.analyses.variance_shares import Variance, study_variance
from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.grade.grade import Grade, grade_study
from auxjepa.evidence.grade.grade_published import grade_published
from auxjepa.evidence.ledger import claims, published
from auxjepa.evidence.ledger.entry import Entry
from auxjepa.evidence.ledger.ledger import verify_study
from auxjepa.evidence.study_folder.folder import Study, load
from auxjepa.evidence.study_folder.similarity import LargestGap, largest_gap
from auxjepa.evidence.study_folder.tuning import REFERENCE


@dataclass(frozen=True)
class StudyEvidence:
    """A study and the evidence that follows from it.

    Args:
        study: content of the study folder.
        results: the table of results.
        outcomes: outcomes of the registered hypotheses.
        ablation: factorials of the ablation.
        robustness: results under shift.
        order_controls: comparisons of encoders with their controls of one frame and of shuffled frames.
        domains: results of several pretraining regimes on several benchmarks; None with one regime.
        variance: sources of the variance of scores; None without marks of several seeds.
        claims: verdicts on the claims of the ledger.
        grades: grade of the study and grade of the published table.
    """

    study: Study
    results: Results
    outcomes: list[Outcome]
    ablation: list[Ablation]
    robustness: list[Robustness]
    order_controls: list[OrderControl]
    domains: Domains | None
    variance: Variance | None
    claims: list[Entry]
    grades: list[Grade]

    @cached_property
    def order_sentences(self) -> list[str]:
        """Sentences on benchmarks that can be read without motion or order, from controls with changed frames."""
        return order_sentences(self.order_controls)

    @cached_property
    def overall(self) -> list[Overall]:
        """Every variant over all benchmarks."""
        return study_overall(self.results)

    @cached_property
    def pooled(self) -> PooledEffects | None:
        """Effects of all variants and benchmarks, estimated together; None with fewer than 2 seeds."""
        return study_pooled_effects(self.study, self.results)

    @cached_property
    def tuning(self) -> TuningResults | None:
        """Results of the search of recipes; None without one."""
        recorded = self.study.tuning.settings.get(REFERENCE, "") if self.study.tuning else ""
        return study_tuning(self.study.tuning, self.study.reference or str(recorded))

    @cached_property
    def readings(self) -> list[Reading]:
        """Both readings of every tuned variant: at its own best recipe, and at the recipe of the reference."""
        return study_readings(self.results, self.study.tuning.chosen) if self.study.tuning else []

    @cached_property
    def trade_offs(self) -> list[TradeOff]:
        """Trade-offs between the capabilities of each pretraining regime."""
        figures = (trade_off(self.results, across, up) for across, up in self.results.axes)
        return [figure for figure in figures if figure is not None]

    @cached_property
    def score_parts(self) -> list[ScoreParts]:
        """Parts of scores, without the benchmarks that have a separate section."""
        return study_score_parts(self.study, self.results, [record.benchmark for record in self.robustness])

    @cached_property
    def largest_gap(self) -> LargestGap | None:
        """The two regimes after which encoders of one variant differ most; None where nothing was compared."""
        return largest_gap(self.study.similarity) if self.study.similarity else None

    @cached_property
    def curves(self) -> dict[str, dict[str, CurveBand]]:
        """Training curves over seeds, by metric and variant."""
        return training_curves(self.study.runs, self._scored_variants)

    @cached_property
    def step_shares(self) -> dict[str, tuple[float, ...]]:
        """Percentage of a step's time by part, by variant."""
        return step_time_shares(self.study.runs, self._scored_variants)

    @cached_property
    def costs(self) -> list[Cost]:
        """Mean cost of a run of each variant."""
        return study_costs(self.study)

    @cached_property
    def unhealthy_runs(self) -> list[UnhealthyRuns]:
        """Runs that shrank or collapsed."""
        return unhealthy_runs(self.study.runs)

    @property
    def notes(self) -> list[str]:
        """Missing or damaged content, one line each."""
        return [*self.study.notes, *self.results.notes]

    @property
    def _scored_variants(self) -> list[str]:
        return [line.name for line in self.results.variants]


def collect_evidence(folder: Path) -> StudyEvidence:
    """Read a study folder, or any folder with a ``rows.jsonl``, and compute its evidence.

    Args:
        folder: the folder.

    Raises:
        FileNotFoundError: when there is no such folder.
    """
    study = load(folder)
    results, domains = collect_results(study), study_domains(study)
    # The sentences of all sections are one family, so each section counts the comparisons of the others.
    if domains is not None:
        domains = replace(domains, comparisons_elsewhere=results.sentence_family)
        results.comparisons_elsewhere = len(domains.sentence_effects)
    return StudyEvidence(
        study=study,
        results=results,
        outcomes=study.outcomes,
        ablation=study_ablation(results),
        robustness=study_robustness(study),
        order_controls=study_order_controls(study, folder),
        domains=domains,
        variance=study_variance(study, results, folder),
        claims=verify_study(study),
        grades=[grade_study(study), grade_published(published.load(), claims.load())],
    )
