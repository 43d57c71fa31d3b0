"""Claims of sentences and documents: their content, their place, and what a rule added."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.ledger.claims import Claim
from auxjepa_review.claims import extract, load_lexicon
from auxjepa_review.records import ClaimRow, Document, Mention, Span, Work

NEAR = "Auxiliary Objectives for Video JEPA"


def document(*pages: str, title: str = NEAR, rows: tuple[ClaimRow, ...] = ()) -> Document:
    return Document(id="d", work=Work(title=title), pages=pages, rows=rows)


def read(text: str, title: str = NEAR) -> list[Claim]:
    return [m.claim for m in extract(document(text, title=title))]


def short(claim: Claim) -> tuple[object, ...]:
    number = claim.expected if claim.kind in ("difference", "cluster") else (claim.low, claim.high)
    return claim.kind, claim.variants, claim.benchmarks, number


def test_a_composite_sentence_gives_each_of_its_claims_and_none_for_the_part_that_was_cut() -> None:
    text = "FWM-HW-LD achieves +5.92 pp on ImageNet-100 and +3.21 percentage points on SSv2 while remaining close to"
    assert [short(c) for c in read(text)] == [
        ("difference", ("fwm_hw_ld",), ("imagenet100",), 5.92),
        ("difference", ("fwm_hw_ld",), ("ssv2",), 3.21),
    ]


def test_a_verb_of_loss_makes_a_number_negative() -> None:
    (claim,) = read("LD-JEPA lowers Diving-48 by 1.73 points.")
    assert claim.expected == -1.73
    (claim,) = read("Kinematic variants degrade D-48 by 2.5–2.9 points.")
    assert (claim.low, claim.high) == (-2.9, -2.5)


def test_levels_give_their_difference() -> None:
    (claim,) = read("DropBlock improves COCO from 68.2 % to 71.4 %.", "Detection")
    assert claim.expected == pytest.approx(3.2)


def test_bars_around_a_quantity_make_no_table() -> None:
    (claim,) = read("LD-JEPA lowers Diving-48 by 1.73 points, a medium effect (|d| = 0.8, |r| = 0.3).")
    assert claim.expected == -1.73
    assert read("LD-JEPA | lowers Diving-48 by 1.73 points | 0.8") == []


def test_a_relative_percentage_keeps_only_its_direction() -> None:
    (mention,) = extract(document("LD-JEPA improves SSv2 by 60 % relative."))
    assert (mention.claim.kind, mention.claim.direction) == ("direction", "up")
    assert "relative percent: direction only" in mention.inferred


def test_a_regime_is_inferred_only_if_one_is_possible_and_a_note_records_it() -> None:
    (mention,) = extract(document("LD-JEPA gains 5.02 points on SSv2."))
    assert mention.claim.regime == "mixed"
    assert mention.inferred == ("regime: ld has rows in mixed alone",)
    (mention,) = extract(document("Motion-Guided Masking gains 1.38 points on SSv2."))
    assert (mention.claim.regime, mention.inferred) == ("", ())
    (mention,) = extract(document("Motion-Guided Masking gains 1.38 points on SSv2 in the UCF-101 setting."))
    assert (mention.claim.regime, mention.inferred) == ("ucf101", ())


def test_ucf101_is_a_benchmark_or_a_regime() -> None:
    (claim,) = read("Kinematic-0.1 gains 1.38 points on UCF-101.")
    assert (claim.benchmarks, claim.regime) == (("ucf101",), "ucf101")


def test_a_group_means_its_members_that_the_table_scores() -> None:
    (claim,) = read("Kinematic variants gain 1.5 to 1.7 points on ImageNet-100.")
    assert set(claim.variants) == {"kinematic_1.0", "kinematic_0.1", "kinematic_accel", "kinematic_split"}


def test_the_papers_reference_seed_goes_with_its_regime() -> None:
    assert [c.reference_seed for c in read("LD-JEPA gains 5.02 points on SSv2.")] == [42]
    assert [c.reference_seed for c in read("LD-JEPA beats FWM-HW-LD on SSv2 by 1.81 points.")] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Does LD-JEPA improve SSv2?",
        "Research question: How does LD-JEPA improve SSv2 by 5 points compared to FWM?.",
        "We expect LD-JEPA to gain 5 points on SSv2.",
        "LD-JEPA does not improve SSv2.",
        "Removing HW from FWM-HW-LD costs 16 points on ImageNet-100.",
        "14 papers retrieved. 11 claims extracted; 10 independently verified. Quality review score: 8.4/10.",
        "LD-JEPA was trained for 300 epochs on SSv2 in 2024.",
        "Refuted: LD-JEPA gains 5 points on SSv2.",
        "```\nLD gains 5 points on SSv2\n```",
        "| LD | SSv2 | +5 points gain |",
    ],
)
def test_sentences_without_a_claim(text: str) -> None:
    assert read(text) == []


def test_names_of_another_paper_are_kept_as_written() -> None:
    text = (
        "RoBERTa-large improves SQuAD v2 F1 by 2.1 points over BERT-large. Label smoothing adds 0.4 points on CIFAR-10."
    )
    claims = read(text, "Language models")
    assert [(c.variants, c.benchmarks, c.reference, c.expected, c.regime) for c in claims] == [
        (("roberta_large",), ("squad_v2",), "bert_large", 2.1, ""),
        (("label_smoothing",), ("cifar_10",), "baseline", 0.4, ""),
    ]


def test_letters_of_the_study_mean_nothing_in_another_paper() -> None:
    (claim,) = read("The encoder of DRNet produces a 512-dimensional embedding.", "Depth estimation")
    assert (claim.expected, claim.fact) == (512, "")
    (claim,) = read("The encoder produces a 512-dimensional embedding.")
    assert (claim.expected, claim.fact) == (512, "base.embedding_dim")


def test_spans_match_the_pages_and_sections_are_read() -> None:
    pages = (
        "## 1 Introduction\n\nText first. LD-JEPA gains\n5.02 points on SS-\nv2.\n",
        "## 2 Results\n\n- FWM loses 1.39 points on SSv2.\n\n## References\n\nLD gains 5 points on SSv2.",
    )
    source = document(*pages)
    mentions = extract(source)
    assert [(m.span.page, m.section, m.claim.expected) for m in mentions] == [
        (1, "Introduction", 5.02),
        (2, "Results", -1.39),
    ]
    assert all(source.pages[m.span.page - 1][m.span.start : m.span.end] == m.span.text for m in mentions)
    assert mentions[0].span.text == "LD-JEPA gains\n5.02 points on SS-\nv2."


def test_a_pronoun_means_the_sentence_before() -> None:
    mentions = extract(document("LD-JEPA gains 5.02 points on SSv2. It loses 2.06 points on ImageNet-100."))
    assert [(m.claim.variants, m.claim.expected) for m in mentions] == [(("ld",), 5.02), (("ld",), -2.06)]
    assert "subject: of the sentence before" in mentions[1].inferred


def row(text: str, page: str, *, number: int = 1, cut: bool = False, verified: bool | None = True) -> ClaimRow:
    start = page.index(text)
    span = Span(document="d", page=1, start=start, end=start + len(text), text=text)
    return ClaimRow(number=number, span=span, text=text, verified=verified, confidence=0.3, cut=cut)


def test_a_row_goes_with_its_claim_and_is_read_once() -> None:
    page = "## Extracted Claims\n\nLD-JEPA gains 5.02 points on SSv2.\t✓\t0.30\n"
    text = "LD-JEPA gains 5.02 points on SSv2."
    (mention,) = extract(document(page, rows=(row(text, page),)))
    assert mention.row is not None and mention.span == mention.row.span and mention.section == "Extracted Claims"
    (source,) = mention.claim.sources
    assert (source.document, source.row, source.verdict, source.confidence) == ("d", 1, True, 0.3)


def test_a_name_that_was_cut_is_completed_if_one_fits() -> None:
    page = "Motion-Guided Masking improves all metrics (+0.30 pp D-48, +1.38 pp Something-Som"
    mentions = extract(document(page, rows=(row(page, page, cut=True),)))
    assert [c.benchmarks for c in map(claim_of, mentions)] == [("diving48",), ("ssv2",), ("diving48", "ssv2")]


def claim_of(mention: Mention) -> Claim:
    return mention.claim


def test_users_add_names(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("variants:\n  ld: {spellings: [dynamics head]}\nbenchmarks:\n  toy: {spellings: [the toy task]}\n")
    source = document("The dynamics head gains 2 points on the toy task.", title="Something else")
    (mention,) = extract(source, load_lexicon([file]))
    assert (mention.claim.variants, mention.claim.benchmarks) == (("ld",), ("toy",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("variant: {}\n", "variant: Extra inputs are not permitted"),
        ("facts:\n  - {topic: a, words: ['(']}\n", "is no regular expression"),
        ("variants:\n  a: {spelling: [b]}\n", "variants.a.spelling"),
        ("facts:\n  - {topic: a, words: [b], fact: c}\n", "fact 'a' needs number, direction or expected"),
        ('variants: {x: {spellings: [""]}}', "a spelling needs a letter or a digit"),
    ],
)
def test_a_wrong_lexicon_is_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError) as error:
        load_lexicon([file])
    assert message in str(error.value) and str(file) in str(error.value) and "\n" not in str(error.value)
