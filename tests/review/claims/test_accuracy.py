"""Accuracy of extraction on the seed documents, and on sentences that were typed before the rules were fitted to
them."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa_review.claims import extract, merge
from auxjepa_review.claims.accuracy import Accuracy, measure_documents, measure_sentences
from auxjepa_review.reading.corpus import read_corpus

DATA = Path(__file__).parent / "data"


def test_seed_documents(shared: Path) -> None:
    accuracy = measure_documents(read_corpus([shared / "seeds"]).documents)
    assert accuracy.total.wrong == 0
    assert accuracy.total.recall > 0.94
    # What is missed was cut out of the documents: "while remaining close to", "are particularly we".
    assert {e.split(":")[0] for e in accuracy.errors} == {f"{d}.{r}" for d in ("000", "002", "004") for r in (3, 5)}


def test_seed_documents_contradict_each_other_on_the_ledgers_claims(shared: Path) -> None:
    statements = merge([m for d in read_corpus([shared / "seeds"]).documents for m in extract(d)])
    contradicted = {s.claim.id for s in statements if s.disagreements}
    assert contradicted == {"mgm_ssv2", "kinematic_diving48", "kinematic_imagenet100", "ld_ssv2"}


@pytest.mark.parametrize("name", ["heldout.yaml", "heldout2.yaml"])
def test_typed_sentences(name: str) -> None:
    accuracy = measure_sentences(DATA / name)
    assert accuracy.total.precision > 0.95 and accuracy.total.recall > 0.95


def test_a_wrong_claim_counts_against_precision_and_a_missed_one_against_recall(tmp_path: Path) -> None:
    file = tmp_path / "typed.yaml"
    file.write_text(
        "near:\n"
        "  - text: LD-JEPA gains 5.02 points on SSv2.\n"
        "    claims: [{kind: difference, regime: mixed, variants: [ld], benchmarks: [ssv2], expected: 5.03}]\n"
        "  - text: FWM loses 1.39 points on SSv2.\n"
        "    claims: [{kind: difference, regime: mixed, variants: [fwm], benchmarks: [ssv2], expected: -1.39}]\n"
    )
    total = measure_sentences(file).total
    assert (total.right, total.wrong, total.missed) == (1, 1, 1)
    assert (total.precision, total.recall) == (0.5, 0.5)
    assert "| all | 2 | 2 | 1 | 0.500 | 0.500 |" in measure_sentences(file).table()
    assert Accuracy().total.recall == 1


def test_an_invalid_claim_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "typed.yaml"
    file.write_text("near:\n  - {text: A., claims: [{kind: difference, variants: [ld]}]}\n")
    with pytest.raises(ConfigError, match="near 1"):
        measure_sentences(file)
