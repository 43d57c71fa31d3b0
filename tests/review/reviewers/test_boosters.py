"""Words that claim more certainty than numbers give, and the same words in ordinary use."""

from __future__ import annotations

import pytest

from auxjepa_review.reviewers.boosters import find_booster


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("LD clearly improves SSv2.", "clearly"),
        ("LD undoubtedly gains on SSv2.", "undoubtedly"),
        ("LD is undeniably better on SSv2.", "undeniably"),
        ("LD gains, as nobody can deny, on SSv2.", "nobody can deny"),
        ("No one could seriously dispute that LD gains on SSv2.", "No one could seriously dispute"),
        ("It cannot be denied that LD gains on SSv2.", "cannot be denied"),
        ("There is no doubt that LD gains on SSv2.", "no doubt"),
        ("LD gains on SSv2 without any doubt.", "without any doubt"),
        ("LD is beyond question the best on SSv2.", "beyond question"),
        ("LD gains beyond all reasonable doubt.", "beyond all reasonable doubt"),
        ("The gain of LD is incontrovertible.", "incontrovertible"),
        ("This conclusively settles that LD gains on SSv2.", "conclusively"),
        ("LD is definitively better.", "definitively"),
        ("Of course, LD gains on SSv2.", "Of course"),
        ("Obviously LD gains on SSv2.", "Obviously"),
        ("It goes without saying that LD gains on SSv2.", "goes without saying"),
        ("It is evident that LD gains on SSv2.", "is evident that"),
        ("+5.02 proves that LD models time.", "proves"),
        ("It is a proven fact that LD helps.", "proven"),
        ("This confirms that LD works.", "confirms"),
        ("Latent prediction guarantees better temporal reasoning.", "guarantees better"),
        ("LD always improves SSv2.", "always improves"),
        ("LD never hurts ImageNet.", "never hurts"),
        ("LD invariably outperforms the baseline.", "invariably outperforms"),
        ("LD improves SSv2 in all circumstances.", "in all circumstances"),
        ("LD improves SSv2, without exception.", "without exception"),
        ("Across the board, LD is better.", "Across the board, LD is better"),
        ("The embedding must simultaneously encode objects and motion.", "must"),
    ],
)
def test_a_booster_is_recognised(text: str, word: str) -> None:
    assert find_booster(text) == word


@pytest.mark.parametrize(
    "text",
    [
        "LD gains 5.02 points on SSv2.",
        "Training with LD proves difficult below 100 clips.",
        "The schedule has proven to be unstable.",
        "LD always uses seed 0.",
        "The teacher never sees the masked tokens.",
        "Labels are never read, and LD gains 5.02 points on SSv2.",
        "LD is not always better than the baseline.",
        "LD does not necessarily prove useful.",
        "One seed doesn't prove that LD gains.",
        "It is not clear that LD gains; a single seed can't prove it.",
        "A gain of one seed guarantees nothing.",
        "The fixed seed guarantees the same split.",
        "There is no guarantee that LD gains elsewhere.",
        "The files must be read before training.",
        "All tables are clearly labelled.",
        "Over the course of training the rate falls.",
        "The trainer always keeps the best checkpoint.",
        "In all cases we use seed 0.",
        "We never claim that LD improves SSv2.",
        "It remains to be proven that LD gains.",
        "Whether LD clearly helps is open.",
        "A certain share of clips is dropped to make sure that memory suffices.",
        "The proof of Theorem 2 is in the appendix.",
        "There is some doubt that LD gains.",
        "LD loses 1.73 points on Diving-48 without hard weighting.",
        "Under the same conditions LD gains 5.02 points.",
    ],
)
def test_ordinary_uses_are_no_boosters(text: str) -> None:
    assert find_booster(text) == ""
