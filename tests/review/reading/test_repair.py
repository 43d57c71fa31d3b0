"""Damaged words are repaired if exactly one word fits, and stay otherwise."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auxjepa_review.reading.repair import LOST, Lexicon, clean, has_lost_ligatures, repair


def repaired_text(text: str, *others: str) -> str:
    page = clean(text)
    return repair([page], Lexicon([page, *map(clean, others)]))[0]


@pytest.mark.parametrize(
    ("damaged", "repaired"),
    [
        ("Diving-48 (\ufffdne-grained motion)", "Diving-48 (fine-grained motion)"),
        ("material and veri\ufffded against", "material and verified against"),
        ("Con\ufffddence", "Confidence"),
        ("the HW coe\ufffdcient", "the HW coefficient"),
        ("scores re\ufffdect", "scores reflect"),
        ("a \ufffdxed embedding", "a fixed embedding"),
        ("di\ufffderent and e\ufffdcient o\ufffd", "different and efficient off"),
        ("degrade by 2.5\ufffd2.9 points", "degrade by 2.5–2.9 points"),
        ("a +40\ufffd\n45 point improvement", "a +40–45\npoint improvement"),
        ("between 3\ufffd\ufffd\ufffd5% of clips", "between 3–5% of clips"),
        ("the model\ufffds head", "the model’s head"),
        ("ﬁne ﬂow, eﬃcient", "fine flow, efficient"),
        ("2.5â€“2.9 points, NaÃ¯ve, donâ€™t", "2.5–2.9 points, Naïve, don’t"),
        ("soft\u00adware and hy\u00ad\nphens", "software and hyphens\n"),
        ("veri\x01ed coe\x03cients", "verified coefficients"),
        ("a\u00a0b\u200bc\r\nd", "a bc\nd"),
    ],
)
def test_damage_that_one_word_explains(damaged: str, repaired: str) -> None:
    assert repaired_text(damaged) == repaired


@pytest.mark.parametrize(
    "text",
    [
        "32\ufffd32 pixels",  # a multiplication sign, perhaps
        "0.5\ufffd0.1 points",  # plus or minus
        "2.5\ufffd2.9",  # without a unit
        "the \ufffdxyzzy of it",
        "it was \ufffd said",
        "Âge, Ça va",
    ],
)
def test_damage_without_an_explanation_stays(text: str) -> None:
    assert repaired_text(text) == text


def test_if_two_words_fit_the_damage_stays() -> None:
    damaged = "a \ufffdat was issued"
    assert repaired_text(damaged, "a fiat", "the plain") == damaged  # the package's word list has flat
    assert repaired_text(damaged, "a fiat and a flat") == damaged
    assert repaired_text("the stu\ufffd", "stufi", "stuff") == "the stu\ufffd"


def test_words_of_other_documents_count() -> None:
    assert repaired_text("the zyg\ufffdex", "a zygflex and its zygflexes") == "the zygflex"
    assert repaired_text("the zyg\ufffdex") == "the zyg\ufffdex"


@pytest.mark.parametrize(
    ("parted", "joined"),
    [
        ("the be-\nhavior of it", "the behavior\nof it"),
        ("on ImageNet-\n100 in mixed", "on ImageNet-100\nin mixed"),
        ("boosts Im-\nageNet by", "boosts ImageNet\nby"),
        ("by FWM-HW-\nLD alone", "by FWM-HW-LD\nalone"),
        ("a self-\nsupervised way", "a self-supervised\nway"),
        ("Something-\nSomething V2).", "Something-Something\nV2)."),
        ("veri\ufffd-\ncation, then", "verification,\nthen"),
        ("no parts - \nhere", "no parts - \nhere"),
        ("ends in mid-", "ends in mid-"),
    ],
)
def test_words_separated_at_line_ends(parted: str, joined: str) -> None:
    assert repaired_text(parted) == joined


def test_a_hyphen_stays_where_the_corpus_writes_it() -> None:
    assert repaired_text("a frame-\nwise loss", "frame-wise and frame-wise") == "a frame-wise\nloss"
    assert repaired_text("a frame-\nwise loss", "framewise and framewise") == "a framewise\nloss"


def test_ligatures_without_a_mark_are_restored_in_a_text_that_has_none() -> None:
    plain = "the probe reads the tokens and says how much was learned about motion in the video " * 12
    vocabulary = "verified confident define verified confident define"
    assert has_lost_ligatures(clean(plain))
    assert repaired_text(plain + "it was veried and con dent", vocabulary).endswith("it was verified and confident")
    assert repaired_text("it was veried", vocabulary) == "it was veried"  # the text is too short
    assert repaired_text(plain + "first, it was veried", vocabulary).endswith("veried")  # the text has ligatures


@example("\u00c3\u00e2\u20ac\u201c")  # misread twice
@example("\u00e2\u20ac\u20ac")  # an en quad that was misread
@given(st.text(st.sampled_from("af il-\n \t\ufffd25.–-éâ€“Ã"), max_size=60))
def test_repairing_is_stable_and_never_fails(text: str) -> None:
    once = repaired_text(text)
    assert repaired_text(clean(text)) == once


def test_words_without_damage_never_change() -> None:
    text = "FWM-HW-LD gains +5.92 points (–0.30 on Diving-48) at 2.5–2.9; see self-supervised e.g. ½ × 3 ✓\n\n\tx\ty"
    assert repaired_text(text) == text


@pytest.mark.parametrize("letter", ["a", LOST, "-", " ", "\n", "1", "a-\n", "\t ", "a\ufffd", "Ã", "1\ufffd"])
def test_time_grows_with_length_only(letter: str) -> None:
    text = letter * (50_000 // len(letter))
    start = time.process_time()
    repaired_text(text)
    assert time.process_time() - start < 5
