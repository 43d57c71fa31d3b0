"""Labels, cases and tables of the verifier's accuracy. All tests share one reading of the sentences, which takes 10
s."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.ledger import claims
from auxjepa_review.claims import extract, merge
from auxjepa_review.verify import (
    accuracy,
    calibrate,
    cases,
    combine_words,
    group_by_row,
    labels,
    load_ledger_documents,
    verify,
)
from auxjepa_review.verify.cases import Case
from auxjepa_review.verify.figure import bins

Both = tuple[list[Case], list[Case]]


@pytest.fixture(scope="session")
def both() -> Both:
    return cases.typed_cases(), cases.sentence_cases()


def test_every_row_is_labelled_once_with_the_claims_that_cite_it() -> None:
    claim_set = claims.load()
    cited: dict[str, set[str]] = {}
    for claim in claim_set.claims:
        for source in claim.sources:
            if source.row is not None:
                cited.setdefault(f"{source.document}.{source.row}", set()).add(claim.id)
    labelled = {row: set(label.parts) for label in labels.load() for row in label.rows}
    assert labelled == cited and len(labelled) == 69
    assert labels.label_claims(labels.load()).keys() == {name for names in cited.values() for name in names}


def test_no_claim_is_in_two_groups_and_rows_that_share_one_are_together() -> None:
    of = labels.group_claims(labels.load())
    for label in labels.load():
        assert len({of[name] for name in label.parts}) == 1
    assert of["kinematic_diving48"] == of["kinematic_imagenet100"] != of["mgm_ssv2"]


def test_a_label_that_disagrees_with_another_is_refused(tmp_path: Path) -> None:
    entry = "{rows: ['0.1'], label: supported, rule: supported, eye: supported, reason: r, parts: {a: supported}}"
    path = tmp_path / "labels.yaml"
    path.write_text(f"labels:\n  - {entry}\n  - {entry}\n")
    with pytest.raises(ConfigError, match=r"0\.1 is labelled twice"):
        labels.load(path)
    second = tmp_path / "other.yaml"
    second.write_text(
        f"labels:\n  - {entry}\n  - {entry.replace('0.1', '0.2').replace('a: supported', 'a: not found')}\n"
    )
    with pytest.raises(ConfigError, match=r"0\.2: a is labelled not found, elsewhere supported"):
        labels.label_claims(labels.load(second))


def test_verdicts_on_rows_and_on_sentences_in_the_documents_manner(both: Both) -> None:
    """Lower bounds below the measured numbers (68, 61, 24) and above the documents' number (43)."""
    read, written = both
    assert sum(c.right for c in read) >= 66
    assert sum(c.right for c in written if c.kind == "plain") >= 59
    assert sum(c.right for c in written if c.kind == "free") >= 22
    assert sum(c.own_verdict_is_right for c in read) == 43
    assert not [c.place for c in (*read, *written) if c.word == "supported" and c.label == "contradicted"]


def test_rows_read_from_text_are_judged_as_labelled() -> None:
    """One document has rows broken over lines, and one has rows with several claims."""
    documents = [d for d in load_ledger_documents()[0] if d.id in ("001", "002")]
    words = {
        place: combine_words(f.word for f in parts)
        for place, parts in group_by_row(verify(merge([m for d in documents for m in extract(d)]))).items()
    }
    expected = {place: label.label for label in labels.load() for place in label.places if place[0] in ("001", "002")}
    wrong = [place for place, label in expected.items() if words.get(place) != label]
    assert len(expected) == 30 and len(wrong) <= 2 and ("001", 10) in wrong


def test_probabilities_beat_the_documents_and_the_base_rate(both: Both) -> None:
    read, written = both
    held_out = accuracy.held_out(read, written)
    true = [c for c in read if c.true is not None]
    ours = calibrate.brier([held_out["claim"][c.place] for c in true], [bool(c.true) for c in true])
    theirs = calibrate.brier([c.confidence or 0 for c in true], [bool(c.true) for c in true])
    assert ours < 0.1 < 0.16 < theirs


def test_the_saved_model_is_the_fit_on_the_labels(both: Both, tmp_path: Path) -> None:
    """The tolerance is wide, because rules of extraction may improve between two fits."""
    fitted, saved = accuracy.fit(*both), calibrate.model()
    assert fitted.intercept == pytest.approx(saved.intercept, abs=0.6)
    assert fitted.weights["outcome"] == pytest.approx(saved.weights["outcome"], abs=0.6)
    path = tmp_path / "calibration.json"
    accuracy.save(fitted, *both, path)
    assert '"command": "python -m auxjepa_review.verify.accuracy --fit"' in path.read_text(encoding="utf-8")


def test_the_page_holds_the_tables_between_its_marks(
    both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, written = both
    monkeypatch.setattr(cases, "row_cases", lambda *_, **__: read)
    monkeypatch.setattr(cases, "sentence_cases", lambda: written)
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- accuracy -->\nstale\n<!-- end of accuracy -->\nafter\n")
    accuracy.main(["--page", str(path)])
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert "43 of 69, 62 % [51, 73]" in text and "McNemar" in text
    root = ElementTree.fromstring(path.with_suffix(".svg").read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")
    with pytest.raises(ConfigError, match="--page needs a path"):
        accuracy.main(["--page"])


def test_bins_hold_every_case_once(both: Both) -> None:
    read, _ = both
    all_bins = bins(read, lambda c: c.confidence or 0)
    assert sum(b.n for b in all_bins) == 69 and all(0 <= b.true <= b.n for b in all_bins)
