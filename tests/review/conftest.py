"""One small review for the tests of the report: hostile strings, two documents that disagree, and a refused file."""

from __future__ import annotations

import pytest

from auxjepa_review.outcome import Outcome
from auxjepa_review.review import run_review
from auxjepa_review.reviewers.quality import Panel

EVIL = "<script>alert(1)</script>"
SIGNS = r"50% & more_or {less} #1 $x ~y ^2 \end | `a|b` ``<b>`"
QUESTION = f"Does Motion-Guided Masking improve Diving-48 accuracy? {EVIL} {SIGNS}"

FIRST = f"""# Masking {EVIL} {SIGNS}

Ada Writer, Ben Reader

## Abstract

Motion-Guided Masking improves Diving-48 accuracy by 0.30 percentage points in the UCF-101 pretraining setting {EVIL}.
LD-JEPA achieves a +9.99 percentage point gain on SSv2 in mixed-dataset pretraining {EVIL}.

It is {SIGNS}.

## References

- <http://arxiv.org/abs/2605.17165v1>

Auxiliary objectives for Video-JEPA.
"""
SECOND = """# Masking again

## Results

Motion-Guided Masking improves Diving-48 accuracy by 4.20 percentage points in the UCF-101 pretraining setting.
Factorized Latent Dynamics for Video-JEPA (arXiv 2605.17165) has the scores.
"""


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Return the review of the small corpus, which is compared with the paper's table."""
    folder = tmp_path_factory.mktemp("small")
    off = {"[c]": "# [Retracted] Bread\n\nWe bake.", "d": "# [*] Soup\n\nWe cook.", "empty": ""}
    for name, text in ({"a_b": FIRST, "a b": SECOND} | off).items():
        (folder / f"{name}.md").write_text(text)
    return run_review(QUESTION, [folder], command=f"auxjepa review '{QUESTION}' --corpus small")


@pytest.fixture
def empty() -> Outcome:
    """Return a review without any results."""
    return Outcome(
        question="Is it?",
        command="",
        created="2026-11-24T12:00:00+00:00",
        evidence="nothing",
        panel=Panel(qualities=()),
    )
