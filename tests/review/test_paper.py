"""Only claims of documents about the paper are compared with the paper's table."""

from __future__ import annotations

from auxjepa_review.claims import extract, merge
from auxjepa_review.paper import PAPER, documents_on_paper, rests_on_paper
from auxjepa_review.records import Document, Work
from auxjepa_review.verify import verify

CLAIM = "In mixed-dataset pretraining of Video-JEPA, LD-JEPA gains 9.99 percentage points on SSv2 over the baseline."


def document(name: str, text: str, *references: str, arxiv: str = "") -> Document:
    return Document(id=name, work=Work(title=name, arxiv=arxiv), pages=(text,), references=references)


def test_the_paper_itself_a_citation_and_a_shared_source():
    paper = document("paper", "Video-JEPA.", arxiv=PAPER)
    citing = document(
        "citing", f"This review looks at arXiv:{PAPER} and arXiv:2101.00001.", f"arxiv:{PAPER}", "arxiv:2101.00001"
    )
    sharing = document("beside", "This review looks at arXiv:2101.00001.")
    unrelated = document("other", "Video-JEPA without any source.")
    assert documents_on_paper([paper, citing, sharing, unrelated]) == {"paper", "citing", "beside"}
    assert documents_on_paper([sharing, unrelated]) == frozenset()


def test_claims_of_other_documents_are_not_compared_with_the_table():
    citing = document("citing", f"{CLAIM} arXiv:{PAPER}", f"arxiv:{PAPER}")
    unrelated = document("other", CLAIM.replace("9.99", "8.88"))
    statements = merge([*extract(citing), *extract(unrelated)])
    on_paper = rests_on_paper(statements, [citing, unrelated])
    assert sorted(on_paper) == [False, True]
    words = {f.statement.mentions[0].span.document: f for f in verify(statements, use_results=on_paper)}
    assert words["citing"].word == "contradicted" and words["citing"].entry is not None
    assert words["other"].word != "contradicted" and words["other"].entry is None
    alone = {f.statement.mentions[0].span.document: f.word for f in verify(statements)}
    assert alone["other"] == "contradicted"


def test_a_claim_of_two_documents_is_compared_if_either_rests_on_the_paper():
    both = [document("citing", CLAIM, f"arxiv:{PAPER}"), document("other", CLAIM)]
    assert rests_on_paper(merge([m for d in both for m in extract(d)]), both) == [True]
