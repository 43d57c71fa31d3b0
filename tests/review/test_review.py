"""A whole review."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Work
from auxjepa_review.review import find_deciding_study, make_dossier, run_review


def test_every_step_leaves_its_part(outcome: Outcome) -> None:
    assert [d.id for d in outcome.documents] == ["a_b", "a b"]
    assert [(r.path.name, r.reason) for r in outcome.refused] == [("empty.md", "empty")]
    assert outcome.protocol is not None and outcome.protocol.flow.included == 2
    words = {f.statement.claim.id: f.word for f in outcome.findings}
    assert words["mgm_diving48"] == "supported" and "contradicted" in words.values()
    assert [q.document for q in outcome.panel.qualities] == ["a_b", "a b"]
    assert list(outcome.seconds) == ["reading", "search", "claims", "index", "verification", "reviewers"]
    assert set(outcome.versions) == {"auxjepa", "python"} and outcome.evidence.startswith("the published table")


def test_documents_that_disagree_are_named(outcome: Outcome) -> None:
    disagreements = [d for f in outcome.findings for d in f.statement.disagreements]
    assert any(d.startswith("a b: ") for d in disagreements) and any(d.startswith("a_b: ") for d in disagreements)


def test_a_reviewer_sees_what_its_document_states(outcome: Outcome) -> None:
    first, second = outcome.documents
    assert (
        len(make_dossier(first, outcome.findings).findings) == 2
        and len(make_dossier(second, outcome.findings).findings) == 1
    )
    assert all(f.stated_in(first.id) for f in make_dossier(first, outcome.findings).findings)


def test_the_papers_table_is_used_only_if_a_document_rests_on_it(tmp_path: Path) -> None:
    text = "# T\n\nMotion-Guided Masking of Video-JEPA improves Diving-48 accuracy by 0.30 percentage points.\n"
    (tmp_path / "a.md").write_text(text)
    question = "Does Motion-Guided Masking help on Diving-48?"
    assert run_review(question, [tmp_path]).evidence == "the passages of the corpus"
    assert run_review(question, [tmp_path], results="published").evidence.startswith("the published table")
    (tmp_path / "a.md").write_text(f"{text}\n## References\n\n- arXiv:2605.17165v1\n")
    assert run_review(question, [tmp_path]).evidence.startswith("the published table")
    assert run_review(question, [tmp_path], results="none").evidence == "the passages of the corpus"


def test_every_step_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# T\n\nV-JEPA on Diving-48.\n")
    lines: list[str] = []
    run_review("Does V-JEPA work on Diving-48?", [tmp_path], progress=lines.append)
    assert lines[0] == "reading 1 of 1: a.md" and "local corpus: 1 documents" in lines
    assert any(line.startswith("claims 1 of 1") for line in lines) and lines[-1].startswith("verifying")


def test_an_empty_review_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("")
    for corpus, line in (
        ([], "nothing to review: give --corpus"),
        ([tmp_path], r"nothing could be read: .*a\.md: empty"),
        ([tmp_path / "none"], "nothing could be read: .*no such file or folder"),
    ):
        with pytest.raises(ConfigError, match=line) as error:
            run_review("Is it so?", corpus)
        assert "\n" not in str(error.value)


def test_the_full_text_of_an_online_work_is_what_fetch_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    import loopback
    from auxjepa_review.search.sources.client import SourceError

    work_found = Work(
        title="V-JEPA again", arxiv="2605.10001", abstract="V-JEPA on Diving-48 with an auxiliary objective."
    )

    def gone(work: Work) -> Document | None:
        raise SourceError("it is gone")

    def full_text(work: Work) -> Document | None:
        return Document(id="whole", work=work, pages=(work.abstract * 2,))

    with loopback.serve(lambda request: loopback.arxiv([work_found], request)) as server:
        monkeypatch.setenv("AUXJEPA_ARXIV_URL", server.url)
        for fetch, id, note in ((full_text, "whole", ""), (gone, "abstract of arxiv:2605.10001", "it is gone")):
            outcome = run_review("Does V-JEPA work on Diving-48?", online=True, sources=("arxiv",), fetch=fetch)
            assert [d.id for d in outcome.documents] == [id] and outcome.protocol is not None
            assert outcome.protocol.decisions[0].note == note


def test_the_study_of_the_same_question_is_named(shared: Path) -> None:
    others = (
        "What do bakers eat on Sundays?",
        "Does dropout improve language models?",
        "Do objectives generalize?",
        "Do vision transformers improve video action recognition?",
        "Does BarlowMix improve ImageNet-100 and CIFAR-10 accuracy?",
    )
    assert [find_deciding_study(question) for question in others] == [""] * len(others)
    first_question = (
        "Is contrastive training of Video-JEPA better than reconstructive objectives for few-shot recognition"
    )
    assert "fewshot" in find_deciding_study(f"{first_question} of unseen actions on EPIC-Kitchens-100?")
    from auxjepa.evidence.ledger import claims as ledger

    claim_set = ledger.load()
    questions = {
        c.id: claim_set.documents[c.document].question for c in claim_set.claims if c.kind == "question" and c.document
    }
    assert questions
    for question in dict.fromkeys(questions.values()):
        if question:
            assert find_deciding_study(question).startswith("auxjepa study run"), question
