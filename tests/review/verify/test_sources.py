"""Sources of documents: which documents are second-hand, and which rest on one source."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Work
from auxjepa_review.verify.sources import find_origin, group_sources

GAIN = "FancyNet improves CIFAR-10 accuracy by 2.1 percentage points over the baseline."


def document(name: str, text: str, arxiv: str = "") -> Document:
    return Document(id=name, work=Work(title=name, arxiv=arxiv), pages=(text,))


def test_a_synthesis_rests_on_what_it_shares_and_a_paper_on_nothing() -> None:
    origins = {
        "paper": find_origin(document("paper", GAIN, arxiv="2001.00001")),
        "review": find_origin(document("review", "A systematic litera-\nture review, arXiv:2001.00001v2.")),
        "survey": find_origin(document("survey", "This survey, with arXiv:2001.00001.")),
        "rival": find_origin(document("rival", "We build on arXiv:2001.00001.")),
    }
    sources = group_sources(["review", "survey", "paper", "rival"], origins)
    assert sources.second_hand == {"review", "survey"}
    assert sources.primary == ("arXiv 2001.00001",)
    assert sources.groups == (("paper", "review", "rival", "survey"),)
    alone = group_sources(["paper", "rival"], origins)
    assert (alone.independent, alone.primary) == (2, ())
    assert group_sources(["paper", "stranger"], {"paper": origins["paper"]}).primaries == ["paper"]


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("A meta-analysis by others exists. FancyNet gains.", False),
        ("Unlike an earlier literature review, we train models.", False),
        ("We train models.\fThis survey of ours is another paper.", False),
        ("This paper presents a systematic literature review of masking.", True),
        ("This meta-analysis pools ten studies.", True),
        ("We conducted a systematic review of video pretraining.", True),
        ("This report is a machine-generated literature synthesis.", True),
        ("Masking.\n  A systematic review of masking.", True),
        ("Masking.\nSystematic literature search across four databases.", True),
    ],
)
def test_a_work_describes_itself_as_second_hand(text: str, second: bool) -> None:
    pages = tuple(text.split("\f"))
    assert find_origin(Document(id="d", work=Work(title="A work"), pages=pages)).second_hand is second


def test_title_and_abstract_are_read_too() -> None:
    assert find_origin(Document(id="d", work=Work(title="Video pretraining: a survey"), pages=("x",))).second_hand
    assert find_origin(
        Document(id="d", work=Work(title="x", abstract="We survey the literature."), pages=("x",))
    ).second_hand
    assert not find_origin(Document(id="d", work=Work(title="Code review by networks"), pages=("x",))).second_hand


def test_the_seeds_are_second_hand(shared: Path) -> None:
    assert [find_origin(d).second_hand for d in read_corpus([shared / "seeds"]).documents] == [True] * 5
