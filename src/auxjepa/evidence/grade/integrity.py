"""Criteria on the integrity of a study folder: marks, health, distinct networks, records without contradictions."""

from __future__ import annotations

from auxjepa.evidence.analyses.training import UNHEALTHY
from auxjepa.evidence.grade.contradictions import list_contradictions
from auxjepa.evidence.grade.criteria import share_of
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.lists import shorten_list
from auxjepa.rows import Row


def grade_marks(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "test examples kept".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    n = sum(study.correct(row) is not None for row in scored)
    return share_of(n, len(scored)), f"kept for {n} of {len(scored)} scores"


def grade_collapse(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "collapse counted".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    verdicts = {run.hash: run.health for run in study.runs}
    names = {row.run for row in scored}
    monitored = [name for name in names if verdicts.get(name)]
    unhealthy = {name for name, verdict in verdicts.items() if verdict in UNHEALTHY}
    reason = f"{len(monitored)} of {len(names)} runs were monitored, {len(unhealthy)} shrinking or collapsed"
    unscored = unhealthy - names
    reason += f", {len(unscored)} of these without a score" if unscored else ", all of them counted"
    return share_of(len(monitored), len(names | unhealthy)), reason


def grade_distinct(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "networks distinct".

    Networks whose marks and weights are both missing are not shown to be distinct.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    copies = study.copies
    if copies.copies:
        lines = shorten_list([copy.line for copy in copies.copies], 2, "; ")
        return 0.0, f"{len(copies.copies)} of {copies.compared} networks are copies: {lines}"
    if copies.suspects:
        return 0.0, f"{len(copies.suspects)} pairs agree more than two trainings do: {copies.suspects[0]}"
    runs = {row.run for row in scored}
    shown = {row.run for row in scored if row.run in copies.weighed or study.marks(row) is not None}
    reason = f"{len(shown)} of {len(runs)} networks were compared by weights or marks, and none is a copy"
    return share_of(len(shown), len(runs)), reason


def grade_records(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "records agree": nothing is earned with a contradiction.

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    if not scored:
        return 0.0, "no score yet"
    contradictions = list_contradictions(study)
    if contradictions:
        return 0.0, shorten_list(contradictions, 3, "; ")
    recorded = {run.hash for run in study.runs}
    n = sum(row.run in recorded for row in scored)
    return share_of(n, len(scored)), f"no contradiction; the runs of {n} of {len(scored)} scores have a summary"


def grade_audited(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "terms audited".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    names = {row.variant for row in scored}
    findings: dict[str, int] = {}
    for audit in study.audits:
        if audit.variant in names:
            findings[audit.variant] = findings.get(audit.variant, 0) + len(audit.findings)
    clean = sum(n == 0 for n in findings.values())
    if not findings:
        return 0.0, "no variant was audited (auxjepa audit --study DIR)"
    with_findings = ", ".join(sorted(name for name, n in findings.items() if n))
    reason = f"{len(findings)} of {len(names)} variants audited, {clean} without a finding"
    return share_of(clean, len(names)), reason + (f" (findings: {with_findings})" if with_findings else "")


def grade_repeatable(study: Study, scored: list[Row]) -> tuple[float, str]:
    """Return share and reason of "repeatable".

    Args:
        study: the study.
        scored: scores of trained encoders.
    """
    versions = sum(bool(row.versions) for row in scored)
    share = 0.5 * bool(study.command) + 0.5 * share_of(versions, len(scored))
    command = "the command is recorded" if study.command else "no command is recorded"
    return share, f"{command}; {versions} of {len(scored)} scores have their versions"
